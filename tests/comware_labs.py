# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs with two linked Comware firewalls and configuration that is none of our business."""

from __future__ import annotations

from typing import Any

import yaml

V5 = "5.20, Release 3721"
V7 = "7.1.064, Release 9524"
KEY = "Kx7-Literal-Of-A-Test"
ADDRESSES = {"a": "192.0.2.1", "b": "192.0.2.2"}
WORDS = {
    5: {
        "interval": "ike sa keepalive-timer interval",
        "timeout": "ike sa keepalive-timer timeout",
        "nat_interval": "ike sa nat-keepalive-timer interval",
    },
    7: {"interval": "ike keepalive interval", "timeout": "ike keepalive timeout", "nat_interval": "ike nat-keepalive"},
}


def line(major: int, option: str, seconds: int) -> str:
    """A configuration line of a generation."""
    return f"{WORDS[major][option]} {seconds}"


def firewall(name: str, major: int, *, timers: dict[str, int] | None = None, peer: tuple[str, ...] = ()) -> str:
    """The configuration of FW-A or FW-B: a tunnel to the other one in the middle of other people's lines."""
    other = "b" if name == "a" else "a"
    lines = ["#", f" sysname FW-{name.upper()}", "#"]
    if timers:
        lines += [f" {line(major, option, timers[option])}" for option in WORDS[major] if option in timers] + ["#"]
    lines += ["acl number 3101", " rule 0 permit ip", "#", "interface GigabitEthernet0/1"]
    lines += [f" ip address {ADDRESSES[name]} 255.255.255.0"]
    if major == 5:
        lines += [" ipsec policy vpn", "#", "interface Tunnel7", "  keepalive 10 3", "#", f"ike peer to-{other}"]
        lines += [f" pre-shared-key simple {KEY}", f" remote-address {ADDRESSES[other]}", *(f" {row}" for row in peer)]
        lines += ["#", "ipsec policy vpn 10 isakmp", " security acl 3101", f" ike-peer to-{other}"]
    else:
        lines += [
            " ipsec apply policy vpn",
            "#",
            "interface Tunnel7",
            " keepalive 10 3",
            "#",
            f"ike profile to-{other}",
        ]
        lines += [" keychain k1", *(f" {row}" for row in peer), "#", "ike keychain k1"]
        lines += [f" pre-shared-key address {ADDRESSES[other]} 255.255.255.255 key simple {KEY}"]
        lines += ["#", "ipsec policy vpn 10 isakmp", " security acl 3101", f" remote-address {ADDRESSES[other]}"]
        lines += [f" ike-profile to-{other}"]
    return "\n".join([*lines, "#", "return", ""])


def lab(
    a: int = 5,
    b: int = 5,
    *,
    clock: Any = "manual",
    name: str = "comware",
    options: dict[str, dict[str, Any]] | None = None,
    config: dict[str, dict[str, Any]] | None = None,
    top: dict[str, Any] | None = None,
) -> str:
    """A lab file: FW-A and FW-B with the generations `a` and `b`; `config` are arguments of `firewall`."""
    devices = {
        host: {
            "platform": "h3c_comware",
            "os_version": V7 if major == 7 else V5,
            "hostname": f"FW-{host.upper()}",
            "config": firewall(host, major, **(config or {}).get(host, {})),
            "options": (options or {}).get(host, {}),
        }
        for host, major in (("a", a), ("b", b))
    }
    return yaml.safe_dump(
        {
            "plugin": "netops.peerguard.lab",
            "name": name,
            "clock": clock,
            "devices": devices,
            "links": [["a:GigabitEthernet0/1", "b:GigabitEthernet0/1"]],
            **(top or {}),
        }
    )
