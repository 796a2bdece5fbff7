# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two linked Huawei routers with configuration that is none of our business, for the tests of the Huawei feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

PORT = "GigabitEthernet0/3/7"
SPARE = "GigabitEthernet0/3/8"
KEY = "Kx7-Literal-Of-A-Test"
OTHER_KEY = "Qz9-Another-Literal"
AUTH = "mpls rsvp-te authentication"

VRP8 = "8.200 (NE40E V800R012C10SPC300)"
VRP5 = "5.170 (S7700 V200R019C10SPC500)"
V600 = "8.240 (S6730 V600R024C10)"
CE6800 = "8.240 (CE6800 V300R023C00)"

ENABLED = ("mpls", "mpls te", "mpls rsvp-te")


def router(
    number: int,
    *,
    interface: tuple[str, ...] = (),
    mpls: tuple[str, ...] = ("mpls te", "mpls te cspf", "mpls rsvp-te"),
    enabled: tuple[str, ...] = ENABLED,
    tunnel: bool = True,
    refresh: int = 10,
) -> str:
    """The configuration of PE1 or PE2: ours in the middle of other people's."""
    other = 3 - number
    timer = (f"mpls rsvp-te timer refresh {refresh}",) if "mpls rsvp-te" in mpls and refresh != 30 else ()
    mpls_view = ["mpls", *(f" {line}" for line in (*mpls, *timer)), "#"] if mpls else []
    tunnel_view = [
        "interface Tunnel1",
        " ip address unnumbered interface LoopBack0",
        " tunnel-protocol mpls te",
        f" destination 10.255.7.{other}",
        "#",
    ]
    return "\n".join(
        [
            "#",
            f"sysname PE{number}",
            "#",
            "keychain kc-core mode absolute",
            " receive-tolerance 60",
            " #",
            " key-id 3",
            "  algorithm hmac-sha-256",
            "  key-string plain Chain-Of-A-Test",
            "  send-time 00:00 2031-01-01 to 23:59 2031-12-31",
            "  receive-time 00:00 2031-01-01 to 23:59 2031-12-31",
            "#",
            "isis 7",
            " is-level level-2",
            "  odd   spacing kept",
            "#",
            f"mpls lsr-id 10.255.7.{number}",
            "#",
            *mpls_view,
            f"interface {PORT}",
            " description to the other PE",
            " undo shutdown",
            f" ip address 10.77.12.{number} 255.255.255.252",
            " isis enable 7",
            *(f" {line}" for line in enabled),
            *(f" {line}" for line in interface),
            "#",
            f"interface {SPARE}",
            " description not ours",
            " ip address 10.77.13.1 255.255.255.252",
            "#",
            "interface LoopBack0",
            f" ip address 10.255.7.{number} 255.255.255.255",
            "#",
            *(tunnel_view if tunnel else []),
            "return",
            "",
        ]
    )


def pair(
    one: Mapping[str, Any] | None = None,
    two: Mapping[str, Any] | None = None,
    *,
    clock: str = "manual",
    name: str = "pair",
    device: Mapping[str, Any] | None = None,
    linked: bool = True,
    **common: Any,
) -> str:
    """A lab file. `one`, `two`, `common`: arguments of `router`; `device`: keys of both devices in the lab file."""
    data: dict[str, Any] = {
        "plugin": "netops.peerguard.lab",
        "name": name,
        "clock": clock,
        "defaults": {"platform": "huawei_vrp", "username": "tester", "password": "Lab-Login-Pass-1", **(device or {})},
        "devices": {
            "pe1": {"config": router(1, **{**common, **(one or {})})},
            "pe2": {"config": router(2, **{**common, **(two or {})})},
        },
        "links": [[f"pe1:{PORT}", f"pe2:{PORT}"]] if linked else [],
    }
    return yaml.safe_dump(data, sort_keys=False)


def shake(key: str = KEY, **more: Any) -> dict[str, Any]:
    """The config of one protected interface."""
    view = {"authentication": {"mode": "cipher", "key": key}, "handshake": True, **more}
    return {"interfaces": [{"name": PORT, **view}]}


def without_rsvp_auth(text: str) -> list[str]:
    """Native text without the lines that the feature owns and what carries a time."""
    owned = (AUTH, "mpls rsvp-te peer", "mpls rsvp-te timer", "mpls rsvp-te keep", "mpls rsvp-te challenge")
    return [
        line
        for line in text.splitlines()
        if not line.startswith("!") and not line.strip().startswith((*owned, "mpls rsvp-te retrans"))
    ]
