# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers of the lab's tests: small labs and a client that types lines."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.terminal import Terminal
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

PE = """#
sysname PE{n}
#
isis 7
 network-entity 49.0001.0000.0000.000{n}.00
  odd  spacing   kept
#
mpls lsr-id 10.255.7.{n}
#
mpls
 mpls te
 mpls te cspf
 mpls rsvp-te
{mpls}#
interface GigabitEthernet0/3/7
 undo shutdown
 ip address 10.77.12.{n} 255.255.255.252
 mpls
 mpls te
 isis enable 7
 mpls rsvp-te
{interface}#
{tunnel}return
"""
TUNNEL = """interface Tunnel1
 tunnel-protocol mpls te
 destination 10.255.7.{m}
#
"""
AUTH = "mpls rsvp-te authentication"


def lines(*items: str, indent: int = 1) -> str:
    return "".join(" " * indent + item + "\n" for item in items)


def config(n: int, *, interface: str = "", mpls: str = "", tunnel: bool = True) -> str:
    text = TUNNEL.format(m=3 - n) if tunnel else ""
    return PE.format(n=n, interface=interface, mpls=mpls, tunnel=text)


def pair(a: str = "", b: str = "", **kwargs: Any) -> World:
    """Two linked PEs; ``a`` and ``b`` are extra interface lines, or pass whole texts as config_a/config_b."""
    device: dict[str, Any] = {"platform": "huawei_vrp", **kwargs.get("device", {})}
    data = {
        "name": "two-routers",
        "clock": "manual",
        "devices": {
            "pe1": {**device, "config": kwargs.get("config_a") or config(1, interface=a)},
            "pe2": {**device, "config": kwargs.get("config_b") or config(2, interface=b)},
        },
        "links": [["pe1:GigabitEthernet0/3/7", "pe2:GigabitEthernet0/3/7"]],
    }
    return World(parse_lab(data))


class Client:
    """Types lines at a device and gives back what came, without the echo and with plain line ends."""

    def __init__(self, world: World, device: str = "pe1", user: str = "netops") -> None:
        self.world = world
        self.terminal: Terminal = world.devices[device].open_session("ssh", user)
        self.welcome = self.terminal.start()
        self.prompt = self.welcome.rsplit("\n", 1)[-1]
        self.run("screen-length 0 temporary")

    def raw(self, line: str) -> str:
        return self.terminal.receive(line + "\r").replace("\r\n", "\n")

    def run(self, *items: str) -> str:
        """The output of the last line; ``prompt`` is the prompt after it."""
        output = ""
        for item in items:
            _echo, _newline, rest = self.raw(item).partition("\n")
            output, newline, self.prompt = rest.rpartition("\n")
            output += newline
        return output

    def counters(self) -> dict[str, int]:
        """Counters of ``display mpls rsvp-te statistics global`` by name."""
        words = self.run("display mpls rsvp-te statistics global").split()
        return {
            word.removesuffix("Counter:"): int(words[index + 1])
            for index, word in enumerate(words)
            if word.endswith("Counter:")
        }

    def peer(self) -> dict[str, str]:
        """Fields of the first block of ``display mpls rsvp-te peer``."""
        text = self.run("display mpls rsvp-te peer").split("\n\n")[0]
        fields: dict[str, str] = {}
        for line in text.splitlines():
            for part in (line[:40], line[40:]) if len(line) > 40 else (line,):
                name, colon, value = part.partition(":")
                if colon:
                    fields[name.strip()] = value.strip()
        return fields
