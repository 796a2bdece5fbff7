# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP-TE neighbours (Huawei VRP) that authenticate each other, with the handshake that stops replayed messages.

Source: NE40E V800R012C10 configuration guide, RSVP authentication (views, precedence, three refresh periods).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.schema import Leaf, Node
from ...features.huawei_rsvp_auth.schema import DEFAULT_LIFETIME, DEFAULT_REFRESH, seconds
from ..intent import End, Peering
from ..kind import Configs, Kind, KindBase, given, like, picked

FEATURE = "huawei_rsvp_auth"
VIEWS = {"interface": "interface", "neighbor_address": "address", "neighbor_lsr_id": "lsr_id"}
"""Where the authentication is configured, and what of which end that needs."""
REFRESH_PERIODS = 3
"""Refresh periods after which a neighbour without the new authentication is lost."""


def interface_address(value: Any) -> str:
    """An IPv4 address, with or without its prefix length."""
    text = str(value).strip()
    try:
        return str(ipaddress.IPv4Interface(text)) if "/" in text else str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError("use an IPv4 address such as 10.1.1.1, or with its prefix length, 10.1.1.1/30") from None


def bare(address: str | None) -> str | None:
    """The address without its prefix length."""
    return address.partition("/")[0] if address else None


_AUTHENTICATION: Mapping[str, Node] = {
    "mode": like(
        FEATURE,
        "interfaces.authentication.mode",
        "How messages are authenticated. Left out: keychain where a keychain is named, else cipher.",
    ),
    "key": like(FEATURE, "interfaces.authentication.key", "The shared key. Refer to a vaulted variable."),
    "keychain": like(FEATURE, "interfaces.authentication.keychain", "The keychain, which both ends must have, alike."),
    "handshake": like(FEATURE, "interfaces.handshake", "Challenge a neighbour before it is believed.", default=True),
    "lifetime": like(
        FEATURE, "interfaces.lifetime", "HH:MM:SS after which a silent neighbour must prove itself again."
    ),
    "window_size": like(
        FEATURE, "interfaces.window_size", "How far messages may arrive out of order; 32 or more over Eth-Trunks."
    ),
}
_REFRESH = like(FEATURE, "timers.refresh", "Seconds between refresh messages; one value per device.")


class RsvpHandshake(KindBase):
    """Both ends change at once: the neighbour is lost after three refresh periods without a valid message."""

    name = "rsvp_handshake"
    title = "RSVP-TE authentication and handshake"
    values: Mapping[str, Node] = {
        "view": Leaf(
            "str",
            choices=tuple(VIEWS),
            default="interface",
            description=(
                "Where it is configured: on the interface, for the neighbour's interface address, or for its LSR ID "
                "(all its interfaces)."
            ),
        ),
        **_AUTHENTICATION,
        "refresh": _REFRESH,
        "keep_multiplier": like(FEATURE, "timers.keep_multiplier", "Refresh messages that may be lost."),
        "challenge_lost": like(FEATURE, "timers.challenge_lost", "Challenges that may stay without an answer."),
        "challenge_retransmit": like(
            FEATURE, "timers.challenge_retransmit", "Milliseconds before a challenge is repeated."
        ),
    }
    end: Mapping[str, Node] = {
        "interface": like(FEATURE, "interfaces.name", "The interface of the link, for example GigabitEthernet0/3/7."),
        "address": Leaf(
            "str",
            normal=interface_address,
            description="The interface's address; with its prefix length, both ends are checked to share a network.",
        ),
        "lsr_id": like(FEATURE, "peers.address", "The device's LSR ID."),
        "refresh": _REFRESH,
    }
    known: Mapping[str, Node] = {**_AUTHENTICATION, "refresh": _REFRESH}

    def problems(self, peering: Peering) -> Iterator[str]:
        values = peering.values
        mode = authentication_mode(values)
        if values.get("key") and values.get("keychain"):
            yield ": key and keychain are both given; use one of them."
        elif peering.managed and not values.get("keychain" if mode == "keychain" else "key"):
            yield f": {'keychain' if mode == 'keychain' else 'key'} is missing; without it nothing is authenticated."
        view = values.get("view", "interface")
        for end in peering.inventory if peering.managed else ():
            if view == "interface" and "interface" not in end.values:
                yield f".ends[{end.host}]: interface is missing."
        if peering.managed and view != "interface":
            needed = VIEWS[view]
            yield from (
                f".ends[{end.host}]: {needed} is missing; with view: {view} the other end is configured for it."
                for end in peering.ends
                if needed not in end.values
            )

    def compile(self, peering: Peering) -> Configs:
        return {end.host: {FEATURE: self._config(peering, end)} for end in peering.inventory}

    def _config(self, peering: Peering, end: End) -> dict[str, Any]:
        values = peering.values
        (other,) = peering.others(end)
        mode = authentication_mode(values)
        entry = {
            "authentication": {"mode": mode, **picked(values, "keychain" if mode == "keychain" else "key")},
            "handshake": values.get("handshake", True),
            **picked(values, "lifetime", "window_size"),
        }
        timers = picked(values, "refresh", "keep_multiplier", "challenge_lost", "challenge_retransmit")
        config: dict[str, Any] = given(timers={**timers, **picked(end.values, "refresh")})
        view = values.get("view", "interface")
        if view == "interface":
            return {"interfaces": [{"name": end.values["interface"], **entry}], **config}
        return {"peers": [{"address": bare(other.values[VIEWS[view]]), **entry}], **config}

    def window(self, peering: Peering) -> float | None:
        """Three refresh periods of the faster end: 90 s by default (NE40E; also S600)."""
        return float(REFRESH_PERIODS * min(_refreshes(peering)))

    def proof(self, peering: Peering) -> float:
        """Two refresh periods where the lifetime is so short that a neighbour may be forgotten between them."""
        slowest = max(_refreshes(peering))
        lifetime = seconds(peering.values.get("lifetime", DEFAULT_LIFETIME))
        return 0.0 if lifetime > REFRESH_PERIODS * slowest else 2.0 * slowest


def _refreshes(peering: Peering) -> list[int]:
    return [end.values.get("refresh", peering.values.get("refresh", DEFAULT_REFRESH)) for end in peering.ends]


def authentication_mode(values: Mapping[str, Any]) -> str:
    """The mode that is given, or that follows from what is given."""
    return str(values.get("mode") or ("keychain" if values.get("keychain") else "cipher"))


KIND: Kind = RsvpHandshake()
