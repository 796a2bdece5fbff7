# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole tasks against emulated firewalls of both generations, in one process."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from comware_labs import KEY, V5, V7, WORDS, lab, line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import facts as engine_facts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import CommandRejected, PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive import reset
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive.feature import FEATURE

NAME = "h3c_ike_keepalive"
BOTH = pytest.mark.parametrize("major", [5, 7])
CONFIG = {"interval": 20, "timeout": 60, "nat_interval": 10}
VERIFY = {"timeout": 60, "interval": 5}


def bench(folder: Path, a: int = 5, b: int = 5, **more: Any) -> Bench:
    made = Bench(folder, lab(a, b, **more))
    made.newline = "\r"
    return made


@BOTH
def test_first_run_changes_second_does_not(tmp_path: Path, major: int) -> None:
    lab = bench(tmp_path, major, major)
    before = lab.running("a")
    check = lab.task("a", NAME, config=CONFIG, check=True)
    assert lab.running("a") == before
    assert not any(words in sent for sent in lab.sent for words in ("system-view", "save", "reset"))
    first = lab.task("a", NAME, config=CONFIG, verify=VERIFY)
    assert first["changed"]
    assert first["converged"]
    assert first["saved"]
    for key in ("commands", "rollback", "diff", "before", "after", "changed", "computed"):
        assert check[key] == first[key]
    assert lab.world.devices["a"].startup == lab.running("a")
    second = lab.task("a", NAME, config=CONFIG, verify=VERIFY)
    assert not second["changed"]
    assert second["commands"] == []
    assert second["converged"]
    assert not second["saved"]
    added = "".join(f" {line(major, option, CONFIG[option])}\n" for option in WORDS[major])
    assert lab.running("a").replace(added + "#\n", "") == before
    assert KEY not in str(first)


@BOTH
def test_every_state(tmp_path: Path, major: int) -> None:
    timers = {"a": {"timers": {"interval": 40, "timeout": 120}}}
    unrelated = bench(tmp_path, major, major).running("a")
    for state, config, left in (
        ("merged", {"interval": 30}, {"interval": 30, "timeout": 120}),
        ("replaced", {"interval": 30}, {"interval": 30, "timeout": 120}),
        ("overridden", {"interval": 30}, {"interval": 30}),
        ("deleted", {"interval": 99}, {"timeout": 120}),
        ("deleted", None, {}),
    ):
        made = bench(tmp_path, major, major, config=timers)
        result = made.task("a", NAME, state=state, config=config)
        assert (result["changed"], result["after"]) == (True, left), result
        again = made.task("a", NAME, state=state, config=config)
        assert not again["changed"]
        assert made.task("a", NAME, state="gathered")["gathered"] == left
    assert _without_key(made.running("a")) == _without_key(unrelated)


def _without_key(text: str) -> list[str]:
    return [row for row in text.splitlines() if "pre-shared-key" not in row]


def test_offline_states(tmp_path: Path) -> None:
    made = bench(tmp_path)
    refused = made.task("a", NAME, state="rendered", config=CONFIG)
    assert refused["failed"]
    assert "comware: 5 or comware: 7" in refused["msg"]
    for major in (5, 7):
        result = made.task("a", NAME, state="rendered", comware=major, config=CONFIG)
        assert result["rendered"].splitlines() == [line(major, option, CONFIG[option]) for option in WORDS[major]]
        parsed = made.task("a", NAME, state="parsed", running_config=result["rendered"])
        assert parsed["parsed"] == CONFIG
    assert made.channels == []
    assert "not allowed" in made.task("a", NAME, state="rendered", comware=6, config=CONFIG)["msg"]


def test_the_wrong_generation_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    made = bench(tmp_path, 7, 7)
    result = made.task("a", NAME, config=CONFIG, comware=5)
    assert result["failed"]
    assert result["rules"] == ["h3c_ike_keepalive/generation"]
    assert "system-view" not in made.sent


@BOTH
def test_an_unsupported_model_is_named_and_nothing_stays(tmp_path: Path, major: int) -> None:
    made = bench(tmp_path, major, major, options={"a": {"ike_keepalive": False}})
    before = made.running("a")
    result = made.task("a", NAME, config=CONFIG)
    assert result["failed"]
    assert not result["changed"]
    assert result["reverted"]
    assert "this model (SecPath" in result["msg"]
    assert "does not support 'ike" in result["msg"]
    assert made.running("a") == before


@BOTH
def test_a_timeout_without_a_peer_that_sends_is_taken_back(tmp_path: Path, major: int) -> None:
    made = bench(tmp_path, major, major)
    before = made.running("a")
    result = made.task("a", NAME, config={"timeout": 40}, verify={**VERIFY, "stable_for": 41})
    assert result["failed"]
    assert result["reverted"]
    assert not result["changed"]
    assert made.running("a") == before
    assert any(entry["item"] == "peer 192.0.2.2" for entry in result["unmet"])
    if major == 5:
        assert "tagged TO" in result["msg"]


@pytest.mark.parametrize(("a", "b"), [(5, 5), (7, 7), (5, 7), (7, 5)])
def test_a_timeout_with_a_peer_that_sends_is_proved(tmp_path: Path, a: int, b: int) -> None:
    made = bench(tmp_path, a, b)
    assert made.task("b", NAME, config={"interval": 20}, verify=VERIFY)["converged"]
    result = made.task("a", NAME, config={"timeout": 60}, verify={**VERIFY, "stable_for": 130})
    assert result["converged"], result
    assert result["computed"]["proof_needs_stable_for"] == 61


def test_no_traffic_is_neither_success_nor_failure(tmp_path: Path) -> None:
    quiet = {name: {"ike_traffic": False} for name in "ab"}
    made = bench(tmp_path, options=quiet)
    result = made.task("a", NAME, config=CONFIG, verify=VERIFY)
    assert not result.get("failed")
    assert result["changed"]
    assert result["convergence"] == "no_traffic"
    assert not result["converged"]
    assert "no traffic" in result["warnings"][-1]


@BOTH
def test_reset_after_a_change(tmp_path: Path, major: int) -> None:
    made = bench(tmp_path, major, major)
    check = made.task("a", NAME, config={"interval": 30}, reset_sa="changed", check=True)
    result = made.task("a", NAME, config={"interval": 30}, reset_sa="changed", verify={**VERIFY, "stable_for": 20})
    assert check["follow_up"] == result["follow_up"] == ["reset ipsec sa", "reset ike sa"]
    at = made.sent.index("reset ipsec sa")
    assert made.sent[at - 1 : at + 2] == ["return", "reset ipsec sa", "reset ike sa"]
    assert result["convergence"] == "converged"
    assert {row["connection_id"] for row in result["observed"]["ike_sas"]} & {1, 2} == set()
    again = made.task("a", NAME, config={"interval": 30}, reset_sa="changed")
    assert "follow_up" not in again
    assert not any("reset" in sent for sent in made.sent)


@BOTH
def test_a_session_that_is_cut_in_the_middle(tmp_path: Path, major: int) -> None:
    for when in ("before", "after"):
        made = bench(tmp_path, major, major)
        before = made.running("a")
        made.world.devices["a"].faults.add(
            {"kind": "drop_session", "matching": WORDS[major]["timeout"], "when": when, "times": 1}
        )
        result = made.task("a", NAME, config=CONFIG)
        assert (result["failed"], result["reverted"]) == (True, True), result
        assert made.running("a") == before
        assert result["progress"]["sent"]
        assert made.task("a", NAME, config=CONFIG)["changed"]


def test_a_save_that_fails_is_said(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.world.devices["a"].faults.add({"kind": "fail_commit", "text": " The flash is full."})
    result = made.task("a", NAME, config=CONFIG)
    assert result["failed"]
    assert "did not say that it saved: " in result["msg"]


def test_peers_warn_and_do_not_stop(tmp_path: Path) -> None:
    made = bench(tmp_path, config={"a": {"peer": ("id-type name", "dpd nowhere")}})
    result = made.task("a", NAME, config={"interval": 20})
    assert result["changed"]
    assert [text.partition("[")[2] for text in result["warnings"]] == [
        "h3c_ike_keepalive/R9]",
        "h3c_ike_keepalive/R15]",
    ]


@BOTH
def test_facts(tmp_path: Path, major: int) -> None:
    made = bench(tmp_path, major, major, config={"a": {"timers": {"interval": 20}}})
    session = made.session("a")
    found = engine_facts.gather(session, {"min"}, [FEATURE], observe=True, warn=lambda text: None)
    assert found["ansible_net_version"] == (V7 if major == 7 else V5)
    assert found["ansible_net_hostname"] == "FW-A"
    assert found["ansible_network_resources"] == {NAME: {"interval": 20}}
    seen = found["peerguard_observed"][NAME]
    (peer,) = seen["peers"]
    assert (peer["name"], peer["remote_address"], peer["interface_address"]) == ("to-b", "192.0.2.2", "192.0.2.1")
    assert [row["flags"][0] for row in seen["ike_sas"]] == ["RD"] * len(seen["ike_sas"])
    assert seen["ike_sas_verbose"][0]["connection_id"] == "1"
    assert seen["ipsec_sas"][0]["remote"] == "192.0.2.2"
    assert len(seen["ipsec_sas"][0]["inbound"]) == 1
    assert seen["ike_proposals"][-1]["priority"] is None
    assert ("shown_peers" in seen) is (major == 5)
    assert KEY not in str(found)
    assert "cipher" not in str(found)


MODELS = st.fixed_dictionaries(
    {},
    optional={
        "interval": st.integers(20, 28800),
        "timeout": st.integers(20, 28800),
        "nat_interval": st.integers(5, 300),
    },
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(have=MODELS, want=MODELS, major=st.sampled_from([5, 7]))
def test_plan_gives_b_and_rollback_gives_a(have: dict[str, int], want: dict[str, int], major: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = bench(Path(folder), major, major, config={"a": {"timers": have}})
        before = made.task("a", NAME, state="gathered")["gathered"]
        text = made.running("a")
        result = made.task("a", NAME, state="overridden", config=want)
        assert made.task("a", NAME, state="gathered")["gathered"] == result["after"]
        session = made.session("a")
        for typed in ("system-view", *result["rollback"]):
            session.run([typed])
        assert made.task("a", NAME, state="gathered")["gathered"] == before
        if have.get("nat_interval") != 20:  # a lab file may hold the default, a device never shows it
            assert made.running("a") == text


# -- clearing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "major", "commands"),
    [
        ({}, 5, ["reset ipsec sa", "reset ike sa"]),
        ({}, 7, ["reset ipsec sa", "reset ike sa"]),
        ({"remote": "192.0.2.2"}, 5, ["reset ipsec sa remote 192.0.2.2", "reset ike sa 1"]),
        ({"remote": "192.0.2.2"}, 7, ["reset ipsec sa remote 192.0.2.2", "reset ike sa connection-id 1"]),
        ({"remote": "192.0.2.9"}, 5, ["reset ipsec sa remote 192.0.2.9"]),
        ({"phase": "ipsec", "policy": "vpn"}, 5, ["reset ipsec sa policy vpn"]),
        ({"phase": "ipsec", "policy": "vpn", "sequence": 10}, 7, ["reset ipsec sa policy vpn 10"]),
        ({"phase": "ike", "connection_id": 1}, 5, ["reset ike sa 1"]),
        ({"phase": "ike"}, 7, ["reset ike sa"]),
    ],
)
def test_reset(tmp_path: Path, args: dict[str, Any], major: int, commands: list[str]) -> None:
    made = bench(tmp_path, major, major)
    session = made.session("a")
    request = reset.judge(args)
    predicted = reset.run(session, request, PushReport(), check=True)
    assert predicted["commands"] == commands
    assert not any("reset" in sent for sent in made.sent)
    done = reset.run(session, request, PushReport())
    assert done["commands"] == commands
    assert done["changed"]
    gone = {row["phase"] for row in done["before"]} - {row["phase"] for row in done["after"]}
    assert gone == _cleared(args, major)


def _cleared(args: dict[str, Any], major: int) -> set[int]:
    """Phases that `display ike sa` no longer shows; V7 never shows phase 2."""
    if args.get("remote") == "192.0.2.9":
        return set()
    phases = {"ipsec": {2}, "ike": {1}}.get(args.get("phase", "both"), {1, 2})
    return phases if major == 5 else phases & {1}


def test_reset_falls_back_to_the_bare_number(tmp_path: Path) -> None:
    report = PushReport()
    reset._send(bench(tmp_path, 5, 5).session("a"), reset._one(1, v7=True), report)
    assert report.sent == ["reset ike sa 1"]


def test_a_reset_that_ends_half_way_says_what_was_cleared(tmp_path: Path) -> None:
    made, report = bench(tmp_path), PushReport()
    made.world.devices["a"].faults.add({"kind": "drop_session", "matching": "reset ike sa", "times": 1})
    with pytest.raises(SessionLost):
        reset.run(made.session("a"), reset.judge({}), report)
    assert report.sent == ["reset ipsec sa", "reset ike sa"]
    report = PushReport()
    with pytest.raises(CommandRejected):
        reset._send(made.session("a"), ("reset ike nonsense",), report)
    assert report.sent == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"remote": "gw"}, "use an IPv4 address"),
        ({"remote": "192.0.2.2", "connection_id": 3}, "remote and connection_id are given together"),
        ({"sequence": 10}, "sequence needs policy"),
        ({"policy": "vpn"}, "use phase: ipsec"),
        ({"connection_id": 1}, "use phase: ike"),
        ({"peer": "x"}, "peer is not an option here"),
    ],
)
def test_bad_reset_requests(args: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        reset.judge(args)


def test_round_trips_are_few(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.task("a", NAME, config=CONFIG)
    first = len(made.sent)
    made.task("a", NAME, config=CONFIG)
    assert (first, len(made.sent)) == (12, 4)
    assert len(list(itertools.filterfalse(str.strip, made.sent))) == 0
