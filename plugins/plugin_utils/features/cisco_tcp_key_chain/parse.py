# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IOS XE configuration text to model, order-free, and what else the same text tells about the chains."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...engine.schema import Model
from ...platforms.cisco_iosxe import keys, times
from ...platforms.cisco_iosxe.chains import Shown, shown_chains
from ...platforms.cisco_iosxe.text import Section, clean, configuration, tree

_CHAIN = re.compile(r"^key chain (?P<name>\S+)(?: (?P<type>tcp|macsec))?$")
_KEY = re.compile(r"^key (?P<id>\d+)$")
_NUMBERS = {"send-id": "send_id", "recv-id": "recv_id"}
_FLAGS = {"include-tcp-options": "include_tcp_options", "accept-ao-mismatch": "accept_ao_mismatch"}
_LIFETIMES = {"send-lifetime": "send_lifetime", "accept-lifetime": "accept_lifetime"}

USERS = "tcp auth-option|tcp-ao|cts sxp default key-chain|neighbor .* ao|^clock timezone"
"""IOS filter for the lines that name a TCP key chain (LISP, BGP, LDP, SXP), and for the device's time zone."""
_REFERENCE = re.compile(
    r"^\s*(?P<line>(?:tcp auth-option|neighbor \S+ ao|cts sxp default key-chain|(?:\S+ )*?tcp-ao) (?P<name>\S+).*?)\s*$"
)


def parse(text: str) -> Model:
    """The TCP chains of a running configuration, or of sections of one; chains of other types are not looked at."""
    chains = []
    for section in tree(configuration(text)).lines:
        found = _CHAIN.match(section.text)
        if found and found["type"] == "tcp":
            entry: dict[str, Any] = {"name": found["name"]}
            entries = [key for key in (_key(line) for line in section.lines) if key]
            chains.append({**entry, "keys": entries} if entries else entry)
    return chains


def _key(section: Section) -> dict[str, Any] | None:
    found = _KEY.match(section.text)
    if not found:
        return None
    key: dict[str, Any] = {"id": int(found["id"])}
    for line in section.lines:
        word, _blank, rest = line.text.partition(" ")
        if word in _NUMBERS and rest.isdigit():
            key[_NUMBERS[word]] = int(rest)
        elif word in _FLAGS and not rest:
            key[_FLAGS[word]] = True
        elif word in _LIFETIMES:
            lifetime = times.lifetime(rest)
            if lifetime:
                key[_LIFETIMES[word]] = lifetime
        elif word == "cryptographic-algorithm":
            key["algorithm"] = rest.strip()
        elif word == "key-string":
            key["key_string"] = keys.from_config(line.raw.partition(" ")[2])
    return key


@dataclass(frozen=True)
class Surroundings:
    """What rules need to know of the device besides the model.

    `references`: chain name to the lines that use it. `shown`: what `show key chain` says. `others`: chains that are
    not of type tcp. `now`: the device's time in UTC (None when not read); `synchronised`: whether a time source vouches
    for it; `offset`: of the device's zone to UTC, without summer time.
    """

    references: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    now: datetime | None = None
    synchronised: bool = True
    offset: timedelta = timedelta(0)


def surroundings(text: str) -> Surroundings:
    """From the same text that the model is parsed from."""
    text = clean(text)
    references: dict[str, list[str]] = {}
    others: set[str] = set()
    for line in text.splitlines():
        found = _REFERENCE.match(line)
        if found:
            references.setdefault(found["name"], []).append(found["line"])
        chain = _CHAIN.match(line.rstrip())
        if chain and chain["type"] != "tcp":
            others.add(chain["name"])
    shown, offset = times.clock(text), times.zone_offset(text)
    return Surroundings(
        references=references,
        shown=shown_chains(text),
        others=frozenset(others),
        now=shown[0] - offset if shown else None,
        synchronised=shown[1] if shown else True,
        offset=offset,
    )
