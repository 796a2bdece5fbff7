# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRP configuration text to model, in any of the layouts that VRP prints."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...engine.schema import Model, natural
from ...engine.secret import Secret
from ...platforms.huawei_vrp.text import configuration, sections
from . import schema

GLOBAL_LINES = ("mpls", "mpls te", "mpls rsvp-te")
INTERFACE_LINES = ("mpls", "mpls te", "mpls rsvp-te")
CSPF = "mpls te cspf"

_AUTHENTICATION = re.compile(r"^mpls rsvp-te authentication (?P<what>\S+)(?: (?P<value>.*\S))?\s*$")
_IP_ADDRESS = re.compile(r"^ip address (\d+(?:\.\d+){3}) (\d+(?:\.\d+){3})\b")  # not: unnumbered, dhcp-alloc …
_PEER = re.compile(r"^mpls rsvp-te peer (?P<address>\S+)$")
_TIMERS = {
    "refresh": re.compile(r"^mpls rsvp-te timer refresh (\d+)$"),
    "keep_multiplier": re.compile(r"^mpls rsvp-te keep-multiplier (\d+)$"),
    "challenge_lost": re.compile(r"^mpls rsvp-te challenge-lost (\d+)$"),
    "challenge_retransmit": re.compile(r"^mpls rsvp-te retrans-timer challenge (\d+)$"),
}


def parse(text: str) -> Model:
    """The model of a running configuration, or of lines filtered from one."""
    model: dict[str, Any] = {}
    for head, body in sections(configuration(text)):
        if head == "mpls":
            _mpls_view(body, model)
        elif head.startswith("interface "):
            entry = _interface_view(head, body)
            if len(entry) > 1:
                model.setdefault("interfaces", []).append(entry)
    return model


def _mpls_view(body: Iterable[str], model: dict[str, Any]) -> None:
    peer: dict[str, Any] | None = None
    enabled = model.setdefault("enabled", ["mpls"])
    for line in body:
        found = _PEER.match(line)
        if found:
            peer = {"address": found["address"]}
            model.setdefault("peers", []).append(peer)
        elif line in (*GLOBAL_LINES, CSPF):
            enabled.append(line)
        elif peer is not None and _AUTHENTICATION.match(line):
            # Not valid in the MPLS view itself: at any indentation it belongs to the peer above it.
            _authentication(line, peer)
        else:
            _timer(line, model)
    enabled.sort(key=natural)


def _timer(line: str, model: dict[str, Any]) -> None:
    for name, pattern in _TIMERS.items():
        found = pattern.match(line)
        if found:
            model.setdefault("timers", {})[name] = int(found[1])


def _interface_view(head: str, body: Iterable[str]) -> dict[str, Any]:
    name = head.split(None, 1)[1]
    entry: dict[str, Any] = {"name": schema.interface(name) if _is_interface(head) else name}
    enabled = []
    for line in body:
        if line in INTERFACE_LINES:
            enabled.append(line)
        else:
            _authentication(line, entry)
    return {**entry, "enabled": sorted(enabled, key=natural)} if enabled else entry


def _is_interface(head: str) -> bool:
    try:
        schema.interface(head.partition(" ")[2])
    except ValueError:
        return False
    return True


def _authentication(line: str, entry: dict[str, Any]) -> None:
    found = _AUTHENTICATION.match(line)
    if not found:
        return
    what, value = found["what"], found["value"] or ""
    if what in ("cipher", "plain"):
        # The letters say how the key is stored; a quoted key (VRP5) may hold blanks.
        text = value[1:-1] if len(value) > 2 and value[0] == value[-1] == '"' else value
        entry["authentication"] = {"mode": what, "key": Secret(text, schema.encoding(text))}
    elif what == "keychain":
        entry["authentication"] = {"mode": what, "keychain": value.strip('"').lower()}
    elif what == "handshake":  # an old upgrade-only form has a local secret behind it
        entry["handshake"] = True
    elif what == "lifetime":
        entry["lifetime"] = schema.duration(value)
    elif what == "window-size":
        entry["window_size"] = int(value)


@dataclass(frozen=True)
class Surroundings:
    """What rules need to know of the device besides the model."""

    interfaces: tuple[str, ...] = ()
    networks: tuple[ipaddress.IPv4Network, ...] = ()
    keychains: frozenset[str] = frozenset()
    lsr_id: str = ""
    addresses: dict[str, str] = field(default_factory=dict)


def surroundings(text: str) -> Surroundings:
    """Interfaces and their networks, keychains and the LSR ID, from the same text."""
    interfaces, networks, keychains, lsr_id = [], [], set(), ""
    addresses: dict[str, str] = {}
    for head, body in sections(configuration(text)):
        word, _blank, rest = head.partition(" ")
        if word == "interface" and _is_interface(head):
            name = schema.interface(rest)
            interfaces.append(name)
            for line in body:
                found = _IP_ADDRESS.match(line)
                if found:
                    addresses.setdefault(name, found[1])
                    networks.append(ipaddress.IPv4Network(f"{found[1]}/{found[2]}", strict=False))
        elif word == "keychain" and rest:
            keychains.add(rest.split()[0].strip('"').lower())
        elif head.startswith("mpls lsr-id "):
            lsr_id = head.split()[2]
    return Surroundings(tuple(interfaces), tuple(networks), frozenset(keychains), lsr_id, addresses)
