# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a fault strikes: at a command, at a moment of the lab's time, so many times, and after a restore."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.faults import KINDS, parse_fault
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError, parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.desk import WorldDesk
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.terminal import Terminal
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

PLATFORMS = ("huawei_vrp", "cisco_iosxe", "h3c_comware", "juniper_junose", "allied_alliedware")


def lab(*faults: dict[str, Any], platform: str = "huawei_vrp") -> World:
    data = {"name": "faults", "clock": "manual", "devices": {"r1": {"platform": platform, "faults": list(faults)}}}
    return World(parse_lab(data))


def session(world: World) -> Terminal:
    terminal = world.devices["r1"].open_session("ssh", "netops")
    terminal.start()
    return terminal


@pytest.mark.parametrize("kind", ["drop_session", "reboot"])
def test_at_a_moment_whatever_is_typed(kind: str) -> None:
    world = lab({"kind": kind, "after": 90})
    terminal = session(world)
    world.advance(89)
    assert "VRP" in terminal.receive("display version\r")
    world.advance(1)
    assert terminal.closed
    assert world.devices["r1"].faults.as_list()[0]["used"] == 1
    later = session(world)
    world.advance(1000)
    assert not later.closed  # a moment comes once


def test_a_reboot_at_a_moment_loses_what_was_not_saved_and_takes_its_time() -> None:
    world = lab({"kind": "reboot", "after": 10, "seconds": 30})
    terminal = session(world)
    for line in ("system-view immediately", "mpls lsr-id 10.9.9.9", "return"):
        terminal.receive(line + "\r")
    assert "10.9.9.9" in world.devices["r1"].running
    world.advance(10)
    assert "10.9.9.9" not in world.devices["r1"].running
    assert not world.devices["r1"].reachable
    world.advance(30)
    assert world.devices["r1"].reachable


def test_what_is_taken_away_before_its_moment_never_strikes() -> None:
    world = lab({"kind": "drop_session", "after": 10})
    terminal = session(world)
    WorldDesk(world).answer({"op": "fault_remove", "device": "r1"})
    world.advance(60)
    assert not terminal.closed


def test_asleep_until_its_moment() -> None:
    world = lab({"kind": "vty_full", "after": 60})
    assert not session(world).closed
    world.advance(60)
    assert session(world).closed


def test_live_counts_from_when_it_was_asked_for_and_survives_a_restore() -> None:
    world = lab()
    desk = WorldDesk(world)
    world.advance(500)
    fault = {"kind": "drop_session", "after": 60}
    assert desk.answer({"op": "fault_add", "device": "r1", "fault": fault})["changed"]
    assert not desk.answer({"op": "fault_add", "device": "r1", "fault": fault})["changed"]
    world.advance(40)
    saved = desk.answer({"op": "save"})["snapshot"]
    again = lab()
    WorldDesk(again).answer({"op": "restore", "snapshot": saved})
    terminal = session(again)
    again.advance(19)
    assert not terminal.closed
    again.advance(1)
    assert terminal.closed


def test_latency_of_some_commands_only() -> None:
    world = lab({"kind": "latency", "seconds": 2, "matching": "version", "times": 1})
    terminal = session(world)
    delays = []
    for line in ("display clock", "display version", "display version"):
        terminal.receive(line + "\r")
        delays.append(terminal.delay)
    assert delays == [0, 2, 0]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_at_the_nth_command_on_every_system(platform: str, when: str) -> None:
    world = lab({"kind": "drop_session", "at_command": 2, "when": when, "times": 1}, platform=platform)
    terminal = session(world)
    terminal.receive("\r")
    assert not terminal.closed
    terminal.receive("\r")
    assert terminal.closed
    assert not world.devices["r1"].sessions
    assert not session(world).closed  # it was meant for one session


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "flood"}, "unknown fault kind 'flood', known are"),
        ({"kind": "latency"}, "needs the parameter 'seconds'"),
        ({"kind": "reboot"}, "needs 'at_command', 'matching' or 'after'"),
        ({"kind": "drop_session", "matching": "("}, "not a regular expression"),
        ({"kind": "drop_session", "matching": "x", "when": "then"}, "'before' or 'after'"),
        ({"kind": "vty_full", "after": -1}, "must not be negative"),
        ({"kind": "vty_full", "after": "soon"}, "wrong type"),
        ({"kind": "vty_full", "size": 3}, "has no parameter 'size'"),
        ({"kind": "slow_chunks", "size": 0, "pause": 0}, "at least 1"),
        ({"kind": "vty_full", "times": 0}, "at least 1"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(fault: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError, match=words) as caught:
        lab(fault)
    assert str(caught.value).startswith("Device r1: ")


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back(kind: str) -> None:
    needed = {
        "latency": {"seconds": 1},
        "slow_chunks": {"size": 9, "pause": 0.5},
        "garbage_after_banner": {"text": "x"},
    }
    fault = parse_fault({"kind": kind, "after": 5, **needed.get(kind, {})})
    assert parse_fault(fault.as_dict()) == fault
