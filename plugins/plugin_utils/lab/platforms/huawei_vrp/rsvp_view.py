# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a VRP configuration to what the RSVP protocol needs (the emulator's own reading of its own text)."""

from __future__ import annotations

import calendar
import re
import time

from ...config_tree import Line
from ...protocols.rsvp import INFINITE, Auth, Key, RsvpInterface, RsvpNode, Tunnel
from .cipher import decrypt, looks_encrypted
from .config import AUTH, PEER, RSVP, VrpConfig

DEFAULT_LIFETIME, DEFAULT_WINDOW = 1800, 1
DEFAULT_REFRESH, DEFAULT_KEEP, DEFAULT_LOST, DEFAULT_RETRANS = 30, 3, 3, 1000


def rsvp_node(config: VrpConfig, device_key: bytes, exists: bool) -> RsvpNode:
    """``exists`` False: a box without RSVP-TE."""
    mpls = config.section("mpls")
    if mpls is None or not exists:
        return RsvpNode(lsr_id=config.tree.root.value("mpls lsr-id") or "")
    globally = all(mpls.find(line) is not None for line in ("mpls te", RSVP))
    interfaces = {}
    for line in config.interfaces():
        name = line.text.split(None, 1)[1].replace(" ", "")
        chain = all(line.find(wanted) is not None for wanted in ("mpls", "mpls te", RSVP))
        interfaces[name] = RsvpInterface(
            name=name,
            address=address(line),
            enabled=chain,
            up=line.find("shutdown") is None,
            auth=read_auth(config, line, device_key),
        )
    return RsvpNode(
        lsr_id=config.tree.root.value("mpls lsr-id") or "",
        enabled=globally,
        cspf=mpls.find("mpls te cspf") is not None,
        refresh=number(mpls, f"{RSVP} timer refresh", DEFAULT_REFRESH),
        keep_multiplier=number(mpls, f"{RSVP} keep-multiplier", DEFAULT_KEEP),
        challenge_lost=number(mpls, f"{RSVP} challenge-lost", DEFAULT_LOST),
        retransmit=number(mpls, f"{RSVP} retrans-timer challenge", DEFAULT_RETRANS) / 1000,
        interfaces=interfaces,
        peers={line.text[len(PEER) :].strip(): read_auth(config, line, device_key) for line in mpls.starting(PEER)},
        tunnels=tuple(_tunnels(config)),
    )


def address(interface: Line) -> str:
    """The primary IPv4 address of an interface, or ""."""
    return (interface.value("ip address") or "").split(" ")[0]


def number(line: Line, prefix: str, default: int) -> int:
    value = line.value(prefix) or ""
    return int(value) if value.isdigit() else default


def lifetime(line: Line) -> int:
    """Seconds of the ``authentication lifetime`` line below ``line``."""
    parts = (line.value(f"{AUTH} lifetime") or "").split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return DEFAULT_LIFETIME
    return int(parts[0]) * 3600 + int(parts[1]) * 60 + int(parts[2])


def read_auth(config: VrpConfig, line: Line, device_key: bytes) -> Auth | None:
    """Authentication of an interface or peer section; None when there is no key."""
    keys: tuple[Key, ...] | None = None
    mode = "md5"
    for form in ("cipher", "plain"):
        value = line.value(f"{AUTH} {form}")
        if value is not None:
            secret = decrypt(value, device_key) if looks_encrypted(value) else value.strip('"')
            keys = (Key(f"hmac-md5:{secret}"),)
    chain = line.value(f"{AUTH} keychain")
    if chain is not None:
        mode = "keychain"
        section = config.keychain(chain)
        keys = () if section is None else tuple(keychain_keys(section, device_key))
    if keys is None:
        return None
    return Auth(
        keys=keys,
        handshake=line.first(f"{AUTH} handshake") is not None,
        lifetime=lifetime(line),
        window=number(line, f"{AUTH} window-size", DEFAULT_WINDOW),
        mode=mode,
    )


def keychain_keys(section: Line, device_key: bytes) -> list[Key]:
    """Usable keys of a keychain (both algorithm and key string), the default send key last."""
    tolerance = section.value("receive-tolerance") or "0"
    slack = INFINITE if tolerance == "infinite" else int(tolerance) * 60 if tolerance.isdigit() else 0
    keys: list[Key] = []
    fallback: list[Key] = []
    for line in section.starting("key-id"):
        algorithm, secret = line.value("algorithm"), key_string(line, device_key)
        if not algorithm or secret is None:
            continue
        material = f"{algorithm}:{line.text.split()[1]}:{secret}"
        send, receive = window(line, "send-time"), window(line, "receive-time")
        if receive is not None:
            receive = (receive[0] - slack, receive[1] + slack)
        keys.append(Key(material, send or _NEVER, receive or _NEVER))
        if line.find("default send-key-id") is not None:
            fallback.append(Key(material, (0.0, INFINITE), _NEVER))
    return keys + fallback


_NEVER = (0.0, 0.0)


def key_string(line: Line, device_key: bytes) -> str | None:
    """The clear key string of a ``key-id`` section."""
    value = line.value("key-string")
    if not value:
        return None
    form, _blank, text = value.partition(" ")
    if form == "plain":
        return text
    return decrypt(text, device_key) if looks_encrypted(text) else text


def window(line: Line, prefix: str) -> tuple[float, float] | None:
    """(start, end) in seconds of ``send-time HH:MM YYYY-MM-DD to HH:MM YYYY-MM-DD`` or ``duration MIN|infinite``.

    Lab devices keep UTC as local mean time.
    """
    value = line.value(prefix)
    if value is None:
        return None
    found = re.match(r"(\d+:\d+) (\d+-\d+-\d+) (?:to (\d+:\d+) (\d+-\d+-\d+)|duration (\S+))", value)
    if found is None:
        return None
    start = moment(found.group(1), found.group(2))
    if found.group(3):
        return start, moment(found.group(3), found.group(4)) + 60  # the last minute is part of the window
    length = found.group(5)
    return start, INFINITE if length == "infinite" else start + int(length) * 60


def moment(clock: str, date: str) -> float:
    """Seconds since the epoch of ``HH:MM`` and ``YYYY-MM-DD``; ValueError when there is no such time."""
    return float(calendar.timegm(time.strptime(f"{date} {clock}", "%Y-%m-%d %H:%M")))


def _tunnels(config: VrpConfig) -> list[Tunnel]:
    found = []
    for line in config.interfaces():
        name = line.text.split(None, 1)[1].replace(" ", "")
        if not name.startswith("Tunnel") or line.find("shutdown") is not None:
            continue
        is_te = line.find("tunnel-protocol mpls te") is not None or line.find("mpls te") is not None
        destination = line.value("destination")
        if is_te and destination:
            found.append(Tunnel(name, destination))
    return found
