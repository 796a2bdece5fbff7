# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that takes time on devices runs on the lab's clock: moved by hand, faster than ours, or over a save and restore.

What exactly happens, and when, is the business of each protocol's own tests. Here it is only that it happens, and not
before its time, whichever way time passes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from allied_labs import lab as allied
from comware_labs import lab as comware

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.clock import MANUAL_START, make_clock
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.desk import WorldDesk
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

from .labs import AUTH, config, lines

Data = dict[str, Any]


def typed(world: World, device: str, *items: str) -> str:
    """What the last of these lines says, in a session that is closed afterwards."""
    terminal = world.devices[device].open_session("ssh", "netops")
    terminal.start()
    said = [terminal.receive(item + "\r") for item in items][-1]
    terminal.close()
    return said


@dataclass
class Matter:
    """Something that happens ``seconds`` after ``begin``, and not ten seconds before that."""

    lab: Callable[[], Data]
    begin: Callable[[World], object]
    seconds: float
    happened: Callable[[World], bool]


def huawei(lifetime: str = "") -> Data:
    view = lines(f"{AUTH} plain Key-Of-A-Test", f"{AUTH} handshake")
    own = lines(lifetime) if lifetime else ""
    return {
        "devices": {
            name: {"platform": "huawei_vrp", "config": config(number, interface=view + (own if number == 1 else ""))}
            for number, name in enumerate(("pe1", "pe2"), 1)
        },
        "links": [["pe1:GigabitEthernet0/3/7", "pe2:GigabitEthernet0/3/7"]],
    }


def cisco() -> Data:
    text = "hostname R1\n!\narchive\n path flash:bk\n!\nkey chain KC tcp\n key 1\n  send-id 1\n  recv-id 1\n"
    text += "  cryptographic-algorithm hmac-sha-1\n  key-string Key-Of-A-Test\n"
    text += "  send-lifetime 09:00:00 May 14 2031 09:25:00 May 14 2031\n!\nend\n"
    return {"devices": {"r1": {"platform": "cisco_iosxe", "config": text, "options": {"privilege": 15}}}}


def firewalls() -> Data:
    """B expects within a minute that A tells it is alive, which A never does."""
    found: Data = yaml.safe_load(
        comware(config={"b": {"timers": {"timeout": 60}}}, options={"b": {"ike_traffic": False}})
    )
    return found


def branch() -> Data:
    data: Data = yaml.safe_load(allied(hq=None))
    return data


def shown(device: str, line: str, words: str, wanted: bool = True) -> Callable[[World], bool]:
    return lambda world: (words in typed(world, device, line)) is wanted


def full(world: World) -> bool:
    terminal = world.devices["r1"].open_session("ssh", "netops")
    terminal.start()
    refused = terminal.closed
    terminal.close()
    return refused


MATTERS = {
    "a trial commit is taken back": Matter(
        huawei,
        lambda world: typed(world, "pe1", "system-view", "sysname TRIAL", "commit trial 120"),
        120,
        lambda world: world.devices["pe1"].hostname == "PE1",
    ),
    "an authentication lifetime ends": Matter(
        lambda: huawei(f"{AUTH} lifetime 00:00:20"),
        lambda world: typed(world, "pe1", "display mpls rsvp-te peer"),
        20,
        shown("pe1", "display mpls rsvp-te peer", "RSB Count: 0"),
    ),
    "a revert timer runs out": Matter(
        cisco,
        lambda world: typed(world, "r1", "configure terminal revert timer 2", "hostname TRIAL", "end"),
        120,
        lambda world: world.devices["r1"].hostname == "R1",
    ),
    "a key is valid no longer": Matter(
        cisco,
        lambda world: typed(world, "r1", "show key chain"),
        300,
        shown("r1", "show key chain", "MKT alive (send) - false"),
    ),
    "keepalives are missed": Matter(
        firewalls, lambda world: typed(world, "b", "display ike sa"), 60.5, shown("b", "display ike sa", "RD|TO")
    ),
    "a message is sent again": Matter(
        branch,
        lambda world: typed(world, "b12", "show isakmp exchange"),
        28,
        shown("b12", "show isakmp counters=general", "retransmitted                   3"),
    ),
    "a device comes back": Matter(
        cisco, lambda world: world.devices["r1"].reboot(90), 90, lambda world: world.devices["r1"].reachable
    ),
    "a fault's moment comes": Matter(
        lambda: {"devices": {"r1": {"platform": "cisco_iosxe", "faults": [{"kind": "vty_full", "after": 45}]}}},
        lambda _world: None,
        45,
        full,
    ),
}


class Watch:
    """Our own time, as the accelerated clock reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.mark.parametrize("way", ["manual", "restored", "accelerated"])
@pytest.mark.parametrize("name", list(MATTERS))
def test_what_takes_time(name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    matter = MATTERS[name]
    watch = Watch(monkeypatch)
    clock: Any = {"speed": 60} if way == "accelerated" else "manual"
    file = parse_lab(
        {**{key: value for key, value in matter.lab().items() if key != "plugin"}, "name": "t", "clock": clock}
    )
    moved = make_clock(file.clock, file.speed)
    moved.set(MANUAL_START)  # the keys of the labs have dates
    world = World(file, moved)
    world.tick()
    matter.begin(world)

    def let(seconds: float) -> World:
        if way == "accelerated":
            watch.now += seconds / 60
            world.tick()
            return world
        WorldDesk(world).answer({"op": "advance", "seconds": seconds})
        if way == "manual":
            return world
        again = World(file)
        WorldDesk(again).answer({"op": "restore", "snapshot": WorldDesk(world).answer({"op": "save"})["snapshot"]})
        return again

    world = let(matter.seconds - 10)
    assert not matter.happened(world)
    world = let(10)
    assert matter.happened(world)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12, True, "90", None])
def test_a_clock_is_moved_by_sensible_amounts(seconds: Any) -> None:
    world = World(parse_lab({**cisco(), "name": "t", "clock": "manual"}))
    with pytest.raises(Exception, match="'seconds' must be a number"):
        WorldDesk(world).answer({"op": "advance", "seconds": seconds})
    assert world.clock.now() == world.started_at
