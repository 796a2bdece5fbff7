# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does to the TCP key chains of an emulated device that has other people's configuration too."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cisco_lab import KEY, NEXT_KEY, chain, key, lab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.schema import SCHEMA
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.tree import PLANNER

NAME = "cisco_tcp_key_chain"
START, LATER = "00:00:00 Mar 1 2031", "00:00:00 Jun 1 2031"
TWO = chain(key(41, KEY, START, "00:00:00 Sep 1 2031"), key(42, NEXT_KEY, LATER))
READING = ("show ", "terminal ")


def ok(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    assert not result.get("unreachable"), result["msg"]
    return result


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, lab())


def others(text: str) -> str:
    """A running configuration without TCP key chains."""
    kept, inside = [], False
    for line in text.splitlines():
        if not line.startswith(" "):
            inside = line.startswith("key chain ") and line.endswith(" tcp")
        if not inside:
            kept.append(line)
    return "\n".join(line for line in kept if line != "!")


@pytest.mark.parametrize("archive", [True, False])
def test_first_run_changes_second_does_not_and_check_mode_knows(tmp_path, archive):
    bench = Bench(tmp_path, lab(archive=archive))
    before = bench.running("ms1")
    predicted = ok(bench.task("ms1", NAME, check=True, config=TWO))
    assert bench.running("ms1") == before
    assert [line for line in bench.sent if not line.startswith(READING)] == []
    first = ok(bench.task("ms1", NAME, config=TWO, verify={"timeout": 10}))
    assert first["converged"]
    for item in ("changed", "commands", "rollback", "diff", "before", "after"):
        assert predicted[item] == first[item], item
    second = ok(bench.task("ms1", NAME, config=TWO, verify={"timeout": 10}))
    assert (second["changed"], second["commands"]) == (False, [])
    assert others(bench.running("ms1")) == others(before)
    assert bench.world.devices["ms1"].startup == bench.running("ms1")


def test_a_key_becomes_usable_with_its_last_line(bench):
    commands = ok(bench.task("ms1", NAME, check=True, config=chain()))["commands"]
    assert commands[0] == "key chain KC-LISP-A tcp"
    assert commands[-3:] == ["  key-string ********", "  exit", " exit"]


def test_results_hold_no_key(bench):
    results = [bench.task("ms1", NAME, config=TWO, backup=True, verify={}), bench.task("ms1", NAME, state="gathered")]
    results.append(bench.task("ms1", NAME, config=chain(key(41, "changed-key", START)), force_in_use=True))
    results.append(bench.task("ms1", NAME, config=TWO, state="rendered"))
    text = json.dumps(results, default=str) + "".join(path.read_text() for path in bench.folder.glob("backup/*"))
    assert not [word for word in (KEY, NEXT_KEY, "changed-key", "052F", "0822455D0A16") if word in text]
    assert results[2]["diff"]["after"].count("(new)") == 1


def test_states(bench):
    ok(bench.task("ms1", NAME, config=[*TWO, *chain(key(1, "x", START), name="B")]))
    replaced = ok(bench.task("ms1", NAME, config=chain(key(42, NEXT_KEY, LATER)), state="replaced"))
    assert replaced["commands"] == ["key chain KC-LISP-A tcp", " no key 41", " exit"]
    one_key = ok(bench.task("ms1", NAME, config=TWO))
    assert one_key["changed"]
    gone = ok(bench.task("ms1", NAME, config=[{"name": "KC-LISP-A", "keys": [{"id": 42}]}], state="deleted"))
    assert gone["commands"] == ["key chain KC-LISP-A tcp", " no key 42", " exit"]
    overridden = ok(bench.task("ms1", NAME, config=TWO, state="overridden"))
    assert overridden["commands"][-1] == "no key chain B", "chains are made before others are removed"
    assert ok(bench.task("ms1", NAME, state="gathered"))["gathered"][0]["name"] == "KC-LISP-A"
    deleted = ok(bench.task("ms1", NAME, state="deleted"))
    assert deleted["commands"] == ["no key chain KC-LISP-A"]
    assert "key chain OTHER" in bench.running("ms1")


def test_values_are_overwritten_not_removed_first(bench):
    ok(bench.task("ms1", NAME, config=chain(key(41, KEY, START))))
    changed = {**key(41, "other", LATER), "algorithm": "aes-128-cmac", "send_id": 9, "include_tcp_options": True}
    result = ok(bench.task("ms1", NAME, config=chain(changed)))
    assert not [line for line in result["commands"] if line.strip().startswith("no ")]
    back = ok(bench.task("ms1", NAME, config=chain({**key(41, KEY, START), "include_tcp_options": False})))
    assert [line.strip() for line in back["commands"] if line.strip().startswith("no ")] == ["no include-tcp-options"]


def test_a_refused_push_is_taken_back_to_the_very_text(bench):
    ok(bench.task("ms1", NAME, config=TWO))
    before = bench.running("ms1")
    bench.world.devices["ms1"].faults.add({"kind": "drop_session", "matching": "send-lifetime", "times": 1})
    result = bench.task("ms1", NAME, config=chain(key(43, "third", LATER), key(42, "fourth", LATER)))
    assert result["failed"]
    assert result["reverted"]
    assert bench.running("ms1") == before
    assert ok(bench.task("ms1", NAME, config=chain(key(43, "third", LATER))))["changed"]


def test_type_6_is_not_compared(tmp_path):
    """With a master key the device encrypts what it is given; only the task's own word can say it is the same."""
    bench = Bench(tmp_path, lab(options={"master_key": "Master-Key-1"}))
    session = bench.session("ms1")
    session.push(Plan(("password encryption aes",)), None, PushReport())
    ok(bench.task("ms1", NAME, config=chain()))
    assert "key-string 6 " in bench.running("ms1")
    again = ok(bench.task("ms1", NAME, config=chain()))
    assert not again["changed"]
    assert again["secrets_not_compared"] == ["config[KC-LISP-A].keys[41].key_string"]
    always = ok(bench.task("ms1", NAME, config=chain(), update_secrets="always"))
    assert [line.strip() for line in always["commands"]][2] == "key-string ********"


def test_verification_waits_for_the_rollover(bench):
    """A key that is preferred while sessions use another one: not converged yet."""
    observed = {
        "chains": {"A": {"preferred": 42, "keys": {"41": {"ready": True, "in_use": True}, "42": {"ready": True}}}}
    }
    want = [{"name": "A", "keys": [{"id": 41}, {"id": 42}]}, {"name": "B"}]
    unmet = [(entry.item, entry.seen) for entry in FEATURE.unmet(want, observed, None)]
    assert unmet == [("chain A", "they use key 41"), ("chain B", "not in 'show key chain'")]


def test_verification_names_what_is_not_ready():
    observed = {
        "chains": {"A": {"preferred": None, "keys": {"41": {"ready": False, "preferred": False, "alive_send": True}}}}
    }
    unmet = [
        (e.item, e.expected) for e in FEATURE.unmet([{"name": "A", "keys": [{"id": 41}, {"id": 42}]}], observed, None)
    ]
    assert unmet == [
        ("chain A, key 41", "ready"),
        ("chain A, key 42", "present"),
        ("chain A", "a preferred key among 41"),
    ]


# -- any change, on a device ------------------------------------------------------------------------------------------

_KEYS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 4),
        "send_id": st.integers(0, 255),
        "recv_id": st.integers(0, 255),
        "algorithm": st.sampled_from(["aes-128-cmac", "hmac-sha-1", "hmac-sha-256"]),
        "key_string": st.sampled_from(["demo", "7 up", "with blank ", "0 zero"]).map(keys.from_clear),
    },
    optional={
        "include_tcp_options": st.just(True),
        "accept_ao_mismatch": st.just(True),
        "send_lifetime": st.sampled_from(
            [
                {"start": START, "infinite": True},
                {"start": START, "end": LATER, "local": True},
                {"start": START, "duration": 86400},
            ]
        ),
        "accept_lifetime": st.just({"start": LATER, "infinite": True}),
    },
)
_MODELS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("ABC")},
        optional={"keys": st.lists(_KEYS, min_size=1, max_size=3, unique_by=lambda entry: entry["id"])},
    ),
    max_size=3,
    unique_by=lambda entry: entry["name"],
).map(lambda model: states.normal(SCHEMA, model))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_MODELS, other=_MODELS)
def test_any_plan_leads_there_and_back(one, other):
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder), lab())
        book = SecretBook()
        session = bench.session("ms1", book)

        def held() -> Any:
            return states.normal(SCHEMA, FEATURE.parse(bench.running("ms1")))

        def go(before: Any, after: Any) -> Plan:
            plan = PLANNER(FEATURE.render(book.seal_model(before)), FEATURE.render(book.seal_model(after)))
            session.push(plan, None, PushReport())
            return plan

        go([], one)
        assert held() == one
        text = bench.running("ms1")
        plan = go(held(), other)
        assert held() == other
        session.push(Plan(plan.rollback), None, PushReport())
        assert held() == one
        assert others(bench.running("ms1")) == others(text)
    assert registry.feature(NAME) is FEATURE
