# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions under TCP-AO between an emulated map server and ETR: rules, states, outcomes, rollback."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cisco_lab import ETR_AO, KEY, MS_AO, NEXT_KEY, SITE_KEY, chain, key, lab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.schema import SCHEMA
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.tree import PLANNER

NAME, CHAINS = "cisco_lisp_tcp_ao", "cisco_tcp_key_chain"
VERIFY = {"timeout": 60}
START = "00:00:00 Mar 1 2031"


def ok(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    assert not result.get("unreachable"), result["msg"]
    return result


def served(folder: Path, **more: Any) -> Bench:
    """Both ends up, without TCP-AO, each with the chain."""
    bench = Bench(folder, lab(**more))
    bench.pass_time(60)
    for device in ("ms1", "etr1"):
        ok(bench.task(device, CHAINS, config=chain()))
    return bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return served(tmp_path)


def protect(bench: Bench) -> None:
    ok(bench.task("ms1", NAME, config=MS_AO))
    assert ok(bench.task("etr1", NAME, config=ETR_AO, verify=VERIFY))["converged"]


def without_ao(text: str) -> list[str]:
    """A running configuration without `tcp auth-option` and what is below it."""
    kept, inside = [], False
    for line in text.splitlines():
        inside = line.startswith(" tcp auth-option") or (inside and line.startswith("  "))
        if not inside and line.strip() != "!":
            kept.append(line)
    return kept


# -- the way ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"archive": False},
        {"options": {"session_layout": "old", "auth_type": "type"}},
        {"options": {"lisp_exits": "plain", "ao_exit": "exit-tcp-ao", "ao_prompt": "tcp-auth-option"}},
        {"options": {"key_order": "sdwan", "keychain_prompt": "plain", "service_prompt": "router-lisp-serv"}},
    ],
    ids=["archive", "no archive", "old show layout", "other exits", "other prompts"],
)
def test_both_ends_are_protected_and_proved(tmp_path, more):
    bench = served(tmp_path, **more)
    before = {device: without_ao(bench.running(device)) for device in ("ms1", "etr1")}
    predicted = ok(bench.task("ms1", NAME, check=True, config=MS_AO))
    first = ok(bench.task("ms1", NAME, config=MS_AO))
    for item in ("changed", "commands", "rollback", "diff", "before", "after", "warnings"):
        assert (
            [x for x in predicted[item] if "archive" not in x] == [x for x in first[item] if "archive" not in x]
            if (item == "warnings")
            else predicted[item] == first[item]
        ), item
    protect(bench)
    for device, config in (("ms1", MS_AO), ("etr1", ETR_AO)):
        again = ok(bench.task(device, NAME, config=config, verify=VERIFY))
        assert (again["changed"], again["converged"]) == (False, True)
        (used,) = (row for row in again["observed"]["sessions"] if row["state"] == "Up")
        assert (used["key_chain"], used["current_key"], used["next_key"]) == ("KC-LISP-A", 41, 41)
        assert without_ao(bench.running(device)) == before[device]


def test_only_our_lines_are_sent(bench):
    result = ok(bench.task("ms1", NAME, config=MS_AO))
    assert result["commands"] == [
        "router lisp",
        " tcp auth-option KC-LISP-A",
        "  peer accept",
        "  exit",
        " exit-router-lisp",
    ]
    assert result["rollback"] == ["router lisp", " no tcp auth-option KC-LISP-A", " exit-router-lisp"]
    assert "will flap once" in result["warnings"][0]


def test_a_site_with_lines_of_others_is_emptied_not_removed(bench):
    config = {"map_server": {"sites": [{"name": "BRANCH-7"}]}}
    result = ok(bench.task("ms1", NAME, config=config, state="deleted"))
    assert [line.strip() for line in result["commands"]] == [
        "router lisp",
        "site BRANCH-7",
        "no authentication-key",
        "no eid-record instance-id 4101 198.51.100.0/24 accept-more-specifics",
        "exit-site",
        "exit-router-lisp",
    ]
    assert "  description the seventh" in bench.running("ms1")
    assert not ok(bench.task("ms1", NAME, config=config, state="deleted"))["changed"]


def test_states(bench):
    site = {"name": "BRANCH-9", "authentication_key": "Demo-Site-9", "eid_records": [{"prefix": "10.9.0.0/16"}]}
    ok(bench.task("ms1", NAME, config={**MS_AO, "map_server": {"sites": [site], "services": ["ipv6"]}}))
    assert "  map-server\n  map-resolver\n  exit-service-ipv6" in bench.running("ms1")
    record = {"map_server": {"sites": [{"name": "BRANCH-9", "eid_records": [{"prefix": "10.9.0.0/16"}]}]}}
    gone = ok(bench.task("ms1", NAME, config=record, state="deleted"))
    assert "  no eid-record 10.9.0.0/16" in gone["commands"]
    only = {"map_server": {"services": ["ipv4"], "map_resolver": False}}
    overridden = ok(bench.task("ms1", NAME, config=only, state="overridden"))
    assert " no site BRANCH-9" in overridden["commands"]
    assert " no tcp auth-option KC-LISP-A" in overridden["commands"]
    gathered = ok(bench.task("ms1", NAME, state="gathered"))["gathered"]
    assert gathered == {"map_server": {"services": ["ipv4"], "sites": [{"name": "BRANCH-7"}]}}
    assert ok(bench.task("ms1", NAME, state="deleted"))["changed"]
    assert " locator-set RLOC-WLC\n" in bench.running("ms1")


def test_an_etr_loses_only_what_is_named(bench):
    more = {"etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.9", "key": "other"}]}]}}
    before = bench.running("etr1")
    ok(bench.task("etr1", NAME, config=more))
    gone = ok(bench.task("etr1", NAME, config=more, state="deleted"))
    assert [line.strip() for line in gone["commands"]][2] == "no etr map-server 192.0.2.9 key ********"
    assert bench.running("etr1") == before


def test_results_hold_no_key(bench):
    protect(bench)
    config = {"etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.1", "key": "Changed-1"}]}]}}
    results = [
        bench.task("etr1", NAME, config=config, verify={"timeout": 5}),
        bench.task("ms1", NAME, state="gathered"),
    ]
    results.append(bench.task("etr1", NAME, state="rendered", config=config))
    text = json.dumps(results, default=str)
    assert not [word for word in (KEY, SITE_KEY, "Changed-1", "03205E06") if word in text]


# -- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("archive", [True, False])
@pytest.mark.parametrize(
    ("device", "config", "item"),
    [
        ("etr1", ETR_AO, "session with 192.0.2.1"),  # the map server does not use TCP-AO: no session at all
        ("ms1", MS_AO, "unprotected session with 203.0.113.12"),  # the ETR does not: the session is up, unprotected
    ],
)
def test_one_end_alone_is_taken_back(tmp_path, archive, device, config, item):
    bench = served(tmp_path, archive=archive)
    before = bench.running(device)
    result = bench.task(device, NAME, config=config, verify=VERIFY)
    assert (result["failed"], result["changed"], result["reverted"]) == (True, False, True)
    assert item in result["unmet"][0]["item"]
    assert bench.running(device) == before
    assert ("configure revert now" in bench.sent) is archive


@pytest.mark.parametrize(
    "other",
    [
        key(41, "Another-Key", START),
        {**key(41, KEY, START), "algorithm": "aes-128-cmac"},
        {**key(41, KEY, START), "send_id": 7, "recv_id": 8},
        key(41, KEY, START, "00:00:00 Apr 1 2031"),
        {**key(41, KEY, START), "include_tcp_options": True},
    ],
    ids=["key", "algorithm", "ids crossed", "expired", "options"],
)
def test_keys_that_do_not_agree_are_noticed_on_both_ends(bench, other):
    ok(bench.task("etr1", CHAINS, config=chain(other)))
    ok(bench.task("ms1", NAME, config=MS_AO))
    before = bench.running("etr1")
    result = bench.task("etr1", NAME, config=ETR_AO, verify=VERIFY)
    assert result["reverted"]
    assert bench.running("etr1") == before
    ok(bench.task("etr1", NAME, config=ETR_AO))
    bench.pass_time(90)
    server = bench.task("ms1", NAME, config=MS_AO, verify={"timeout": 5})
    assert server["failed"]
    assert server["unmet"][0]["item"].startswith("session with 203.0.113.12")


def test_a_session_that_accepts_any_code_is_not_protected(bench):
    loose = chain({**key(41, KEY, START), "accept_ao_mismatch": True})
    for device in ("ms1", "etr1"):
        ok(bench.task(device, CHAINS, config=loose))
    ok(bench.task("ms1", NAME, config=MS_AO))
    result = bench.task("etr1", NAME, config=ETR_AO, verify=VERIFY)
    assert "unprotected" in result["unmet"][0]["item"]


def test_a_rollover_is_waited_for_and_the_old_key_then_goes(bench):
    protect(bench)
    soon = {"start": "10:30:00 May 14 2031", "infinite": True}
    until = {"start": START, "end": "11:00:00 May 14 2031"}
    both = chain({**key(42, NEXT_KEY, START), "send_lifetime": soon}, {"id": 41, "send_lifetime": until})
    for device in ("ms1", "etr1"):
        added = ok(bench.task(device, CHAINS, config=both, verify=VERIFY))
        assert added["observed"]["chains"]["KC-LISP-A"]["preferred"] == 41
        refused = bench.task(device, CHAINS, config=[{"name": "KC-LISP-A", "keys": [{"id": 41}]}], state="deleted")
        assert refused["rules"] == ["cisco_tcp_key_chain/R19"]
    bench.pass_time(80 * 60)
    for device, config in (("ms1", MS_AO), ("etr1", ETR_AO)):
        rolled = ok(bench.task(device, NAME, config=config, verify=VERIFY))
        assert [row["current_key"] for row in rolled["observed"]["sessions"] if row["state"] == "Up"] == [42]
        gone = [{"name": "KC-LISP-A", "keys": [{"id": 41}]}]
        assert ok(bench.task(device, CHAINS, config=gone, state="deleted", verify=VERIFY))["converged"]


def test_a_lost_session_is_taken_back_from_a_new_one(bench):
    before = bench.running("ms1")
    bench.world.devices["ms1"].faults.add({"kind": "drop_session", "matching": "peer accept", "times": 1})
    result = bench.task("ms1", NAME, config=MS_AO, verify=VERIFY)
    assert result["reverted"], result
    assert bench.running("ms1") == before
    assert ok(bench.task("ms1", NAME, config=MS_AO))["changed"]


# -- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "config", "rule", "words"),
    [
        ("ms1", {"tcp_auth_options": [{"key_chain": "X", "accept": True}]}, "R1", "it has KC-LISP-A. Create it first"),
        ("ms1", {"tcp_auth_options": [{"key_chain": "OTHER", "accept": True}]}, "R1", "not of type tcp"),
        ("ms1", {"tcp_auth_options": [{"key_chain": "KC-LISP-A"}]}, "R14", "neither accept nor peers"),
        (
            "etr1",
            {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "peers": ["192.0.2.7"]}]},
            "R15",
            "peer 192.0.2.7 is no map server of this ETR",
        ),
        ("ms1", {"map_server": {"sites": [{"name": "NEW"}]}}, "R16", "authentication_key is missing"),
        (
            "etr1",
            {"etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.3"}]}]}},
            "R16",
            "map server 192.0.2.3: key is missing",
        ),
    ],
)
def test_rules(bench, device, config, rule, words):
    result = bench.task(device, NAME, config=config)
    assert result["rules"] == [f"cisco_lisp_tcp_ao/{rule}"]
    assert words in result["msg"]
    assert not [line for line in bench.sent if line.startswith("configure")]


def test_a_map_server_belongs_to_one_chain(bench):
    ok(bench.task("etr1", CHAINS, config=chain(name="B")))
    ok(bench.task("etr1", NAME, config=ETR_AO))
    second = {"tcp_auth_options": [{"key_chain": "B", "peers": ["192.0.2.1"]}]}
    assert "one chain per session" in bench.task("etr1", NAME, config=second)["msg"]
    moved = ok(bench.task("etr1", NAME, config=second, state="overridden", check=True))
    assert moved["commands"].index(" no tcp auth-option KC-LISP-A") < moved["commands"].index(" tcp auth-option B")


def test_a_map_server_has_one_common_chain(bench):
    ok(bench.task("ms1", CHAINS, config=chain(name="B")))
    ok(bench.task("ms1", NAME, config=MS_AO))
    result = ok(bench.task("ms1", NAME, config={"tcp_auth_options": [{"key_chain": "B", "accept": True}]}, check=True))
    assert any("R14" in warning for warning in result["warnings"])


def test_a_release_without_tcp_ao_is_refused(tmp_path):
    text = lab().replace("platform: cisco_iosxe\n", "platform: cisco_iosxe\n    os_version: 16.12.4\n")
    bench = Bench(tmp_path, text)
    result = bench.task("ms1", NAME, config=MS_AO)
    assert result["rules"] == ["cisco_lisp_tcp_ao/R17"]
    assert "17.2.1" in result["msg"]


def test_check_mode_of_a_play_that_would_make_the_chain(tmp_path):
    bench = Bench(tmp_path, lab())
    result = ok(bench.task("ms1", NAME, config=MS_AO, check=True, missing_chain="warn"))
    assert any("R1]" in warning for warning in result["warnings"])


# -- any change, on a device ------------------------------------------------------------------------------------------

_KEY = st.sampled_from(["demo", "other-9"]).map(keys.from_clear)
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {"prefix": st.sampled_from(["10.1.0.0/16", "10.2.0.0/16"]), "instance_id": st.sampled_from([1, 2])},
        optional={"accept_more_specifics": st.just(True)},
    ),
    max_size=3,
    unique_by=lambda entry: (entry["prefix"], entry["instance_id"]),
)


def _options(accept: set[str], chains: list[str | None]) -> list[dict[str, Any]]:
    """Options for the chains that accept, and for the chain (if any) of each of two peers."""
    peers = {name: [f"192.0.2.{n}" for n, used in enumerate(chains, 1) if used == name] for name in "AB"}
    entries = ({"key_chain": name, "accept": name in accept, "peers": peers[name]} for name in "AB")
    return [entry for entry in entries if entry["accept"] or entry["peers"]]


_OPTIONS = st.builds(
    _options, st.sets(st.sampled_from("AB")), st.lists(st.sampled_from(["A", "B", None]), min_size=2, max_size=2)
)
_SITES = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("XY"), "authentication_key": _KEY, "eid_records": _RECORDS}),
    max_size=2,
    unique_by=lambda entry: entry["name"],
)
_SERVERS = st.lists(
    st.fixed_dictionaries({"address": st.sampled_from(["192.0.2.1", "192.0.2.2"]), "key": _KEY}),
    max_size=2,
    unique_by=lambda entry: entry["address"],
)
_MODELS = st.fixed_dictionaries(
    {
        "tcp_auth_options": _OPTIONS,
        "map_server": st.fixed_dictionaries(
            {"services": st.sampled_from([["ipv4"], ["ipv6"], ["ipv4", "ipv6"]]), "sites": _SITES},
            optional={"map_resolver": st.just(True), "passive_open": st.just("SET")},
        ),
        "etr": st.fixed_dictionaries(
            {
                "services": st.lists(
                    st.fixed_dictionaries({"afi": st.sampled_from(["ipv4", "ipv6"]), "map_servers": _SERVERS}),
                    max_size=2,
                    unique_by=lambda entry: entry["afi"],
                )
            }
        ),
    }
).map(lambda model: states.normal(SCHEMA, model))
BARE = "hostname R1\n!\nrouter lisp\n locator-table default\n locator-set SET\n  203.0.113.50\n  exit-locator-set\n !\n"
BARE += " service ipv4\n  itr map-resolver 192.0.2.1\n  exit-service-ipv4\n !\n ipv4 source-locator Loopback0\n"
BARE += " exit-router-lisp\n!\n"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_MODELS, other=_MODELS)
def test_any_plan_leads_there_and_back(one, other):
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), lab(ms=BARE))
        book = SecretBook()
        session = bench.session("ms1", book)

        def held() -> Any:
            return states.normal(SCHEMA, FEATURE.parse(bench.running("ms1")))

        def go(before: Any, after: Any) -> Plan:
            plan = PLANNER(FEATURE.render(book.seal_model(before)), FEATURE.render(book.seal_model(after)))
            session.push(plan, None, PushReport())
            return plan

        go({}, one)
        assert held() == one
        plan = go(held(), other)
        assert held() == other
        session.push(Plan(plan.rollback), None, PushReport())
        assert held() == one
        assert "  itr map-resolver 192.0.2.1\n" in bench.running("ms1")
        go(one, {})
        assert [line for line in without_ao(bench.running("ms1")) if "site" in line or "map-server" in line] == []
