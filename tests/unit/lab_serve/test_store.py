# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab in a file, and conversations with its devices."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.mock import MockChannel, clean
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused, NoAnswer, SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.store import Store

PROMPT = re.compile(r"r\d> $")
Make = Callable[..., Any]


def channel(lab: Any, host: str = "r1", password: str | None = None, **more: Any) -> MockChannel:
    return MockChannel(Store(lab), host, "netops", password or "toy-pass", **more)


def test_a_question_and_its_answer(toy_lab: Make) -> None:
    one = channel(toy_lab({"r1": {}}))
    assert one.ask("show", PROMPT) == "show\nvalue none\nr1> "
    one.close()
    one.close()
    with pytest.raises(SessionLost):
        one.ask("show", PROMPT)


def test_two_processes_see_each_others_changes_and_keep_their_sessions(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}, "r2": {}})
    one, two = channel(lab), channel(lab, "r2")  # a store each, as in two workers
    for number in range(5):
        one.ask(f"set {number}", PROMPT)
        two.ask(f"set {number + 10}", PROMPT)
        assert f"value {number}" in channel(lab).ask("show", PROMPT)
        assert f"value {number + 10}" in two.ask("show", PROMPT)
        assert f"value {number}" in one.ask("show", PROMPT)


def test_state_outlives_sessions_until_the_lab_is_removed(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}})
    first = channel(lab)
    first.ask("set kept", PROMPT)
    first.close()
    assert "value kept" in channel(lab).ask("show", PROMPT)
    store = Store(lab)
    assert store.remove()
    assert not store.remove()
    assert "value none" in channel(lab).ask("show", PROMPT)


def test_another_lab_file_is_another_lab(toy_lab: Make) -> None:
    channel(toy_lab({"r1": {}})).ask("set old", PROMPT)
    assert "value none" in channel(toy_lab({"r1": {}, "r2": {}})).ask("show", PROMPT)


def test_a_damaged_store_is_reported(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}})
    channel(lab)
    store = Store(lab)
    store._state.world.write_text("{")
    with pytest.raises(LabError, match="damaged"):
        channel(lab)


def test_logins_that_fail(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}, "r2": {"faults": [{"kind": "vty_full"}]}})
    with pytest.raises(LoginRefused, match="user name or password"):
        channel(lab, password="wrong")
    with pytest.raises(LoginRefused, match="try later"):
        channel(lab, "r2")
    with pytest.raises(LabError, match="no device 'r9'"):
        channel(lab, "r9")


def test_a_session_that_breaks_off(toy_lab: Make) -> None:
    one = channel(toy_lab({"r1": {"faults": [{"kind": "drop_session", "at_command": 2}]}}))
    one.ask("show", PROMPT)
    with pytest.raises(SessionLost):
        one.ask("show", PROMPT)


def test_a_reboot_is_seen_by_everybody(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {"faults": [{"kind": "reboot", "at_command": 1, "seconds": 60, "times": 1}]}}, clock="manual")
    with pytest.raises(SessionLost):
        channel(lab).ask("set lost", PROMPT)
    with pytest.raises(SessionLost, match="does not answer"):
        channel(lab)
    Store(lab).ask({"op": "advance", "seconds": 61})
    assert "value none" in channel(lab).ask("show", PROMPT)


def test_an_answer_that_does_not_come(toy_lab: Make) -> None:
    one = channel(toy_lab({"r1": {}}))
    with pytest.raises(NoAnswer):
        one.ask("show", re.compile("never"), timeout=0.15)
    assert "value none" in one.ask("show", PROMPT)


def test_a_slow_device(toy_lab: Make) -> None:
    one = channel(toy_lab({"r1": {"faults": [{"kind": "latency", "seconds": 0.2}]}}))
    started = time.monotonic()
    one.ask("show", PROMPT)
    assert time.monotonic() - started >= 0.2
    with pytest.raises(NoAnswer):
        one.ask("show", PROMPT, timeout=0.05)
    assert one.ask("show", PROMPT).count("value") == 2  # the late answer comes first


def test_time_goes_on_between_processes(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}}, clock={"speed": 100})
    before = Store(lab).ask({"op": "status"})["clock"]["now"]
    for _turn in range(3):
        time.sleep(0.05)
        Store(lab).ask({"op": "status"})
    after = Store(lab).ask({"op": "status"})["clock"]["now"]
    assert after - before >= 14


def test_manual_time_stands_still(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}}, clock="manual")
    before = Store(lab).ask({"op": "status"})["clock"]["now"]
    assert Store(lab).ask({"op": "status"})["clock"]["now"] == before
    Store(lab).ask({"op": "advance", "seconds": 5})
    assert Store(lab).ask({"op": "status"})["clock"]["now"] == before + 5


def test_what_a_person_does_not_see_is_gone() -> None:
    assert clean("  ---- More ----\x1b[42D    \x1b[42Dabc\r\n") == "  ---- More ----    abc\n"
    assert clean("abX\b \bc") == "abc"
    assert clean("\b\bx") == "x"


@pytest.mark.parametrize(
    "request_",
    [
        {"op": "dance"},
        {},
        {"op": "advance"},
        {"op": "advance", "seconds": True},
        {"op": "advance", "seconds": 5},  # the clock is not manual
        {"op": "fault_add", "device": "r9", "fault": {"kind": "vty_full"}},
        {"op": "fault_add", "device": "r1", "fault": {"kind": "flood"}},
        {"op": "fault_add", "device": "r1", "fault": []},
        {"op": "restore", "snapshot": {}},
        {"op": "restore", "snapshot": None},
    ],
)
def test_requests_that_make_no_sense(toy_lab: Make, request_: dict[str, Any]) -> None:
    with pytest.raises(LabError):
        Store(toy_lab({"r1": {}})).ask(request_)


def test_a_fault_is_added_once_and_again_when_it_is_spent(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}})
    add = {"op": "fault_add", "device": "r1", "fault": {"kind": "refuse_login", "times": 1}}
    store = Store(lab)
    assert store.ask(add)["changed"]
    assert not store.ask(add)["changed"]
    with pytest.raises(LoginRefused):
        channel(lab)
    channel(lab).close()
    assert store.ask(add)["changed"]
    assert store.ask({"op": "fault_remove", "device": "r1"})["changed"]
    assert not store.ask({"op": "fault_remove", "device": "r1", "kind": "latency"})["changed"]


def test_save_and_restore(toy_lab: Make) -> None:
    lab = toy_lab({"r1": {}})
    one = channel(lab)
    one.ask("set early", PROMPT)
    saved = Store(lab).ask({"op": "save"})["snapshot"]
    one.ask("set late", PROMPT)
    Store(lab).ask({"op": "restore", "snapshot": saved})
    assert "value early" in channel(lab).ask("show", PROMPT)
