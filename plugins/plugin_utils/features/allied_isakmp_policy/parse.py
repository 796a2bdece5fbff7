# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare configuration text to model: abbreviated or in full, in one line or split over several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...engine.schema import Model, natural
from ...platforms.allied_alliedware.flat import Thing, fold, other_word
from ...platforms.allied_alliedware.text import clean, configuration, labels
from ...platforms.allied_alliedware.vocabulary import KINDS
from . import schema

_OPTIONS = {keyword: option for option, (keyword, _leaf) in schema.FIELDS.items()}
_DISPLAY = re.compile(r"^ISAKMP Policy\s*$", re.MULTILINE)
_LABELS = {
    # option: regular expression of its label in `show isakmp policy=name`; only the back-off's is documented
    "retry_ike_attempts": r"(?=.*retry)(?=.*\bike)",
    "msg_backoff": r"back-?off",
    "msg_retry_limit": r"retry limit",
    "msg_timeout": r"(?=.*time-?out)(?=.*retry)",
    "peer": r"^peer (?:ip )?address",
    "src_interface": r"source interface",
    "auth_type": r"^authentication type",
    "xauth": r"^extended authentication$",
    "key": r"shared key",
    "mode": r"^mode$",
    "group": r"^(?:dh )?group$",
    "enc_alg": r"^encryption alg",
    "hash_alg": r"^hash alg",
    "expiry_kbytes": r"expiry k?bytes",
    "expiry_seconds": r"expiry seconds",
    "phase2_xchg_limit": r"phase ?2 exchange limit",
    "prenegotiate": r"pre-?negotiate",
    "send_notify": r"send notify",
    "send_deletes": r"send deletes?",
    "send_id_always": r"always send id",
    "set_commit_bit": r"commit bit",
    "delete_delay": r"delete delay",
    "heartbeat_mode": r"heartbeat mode",
    "dpd_mode": r"dpd mode",
    "rekey": r"^rekey",
    "nat_traversal": r"nat traversal",
}
_PATTERNS = {option: re.compile(words) for option, words in _LABELS.items()}


def parse(text: str) -> Model:
    """The policies of a `show config dynamic` listing (other outputs may follow it). Raises ValueError if cut."""
    things = fold(configuration(text), KINDS)
    return [_entry(thing, things.values()) for thing in things.values() if thing.kind.module == "isakmp"]


def _entry(thing: Thing, things: Iterable[Thing]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": thing.name}
    for keyword, value in thing.values.items():
        entry[_OPTIONS[keyword]] = schema.understood(_OPTIONS[keyword], value)
    if thing.other:
        entry["other"] = sorted((other_word(word, value) for word, value in thing.other.items()), key=natural)
    users = [user.name for user in bound(entry, things)]
    return {**entry, "ipsec": users} if users else entry


def ipsec_policies(text: str) -> list[Thing]:
    """The IPsec policies of the same listing."""
    return [thing for thing in fold(configuration(text), KINDS).values() if thing.kind.module == "ipsec"]


def bound(entry: Mapping[str, Any], things: Iterable[Thing]) -> list[Thing]:
    """The IPsec policies that negotiate with this ISAKMP policy, by name.

    `isakmppolicy=` binds one; without it, an equal peer address is assumed to.
    """
    found = [thing for thing in things if thing.kind.module == "ipsec" and _binds(thing, entry)]
    return sorted(found, key=lambda thing: natural(thing.name))


def _binds(thing: Thing, entry: Mapping[str, Any]) -> bool:
    if thing.values.get("action", "ipsec") != "ipsec" or thing.values.get("keymanagement", "isakmp") != "isakmp":
        return False
    named = thing.values.get("isakmppolicy")
    if named is not None:
        return named == str(entry["name"])
    address = thing.values.get("peeraddress")
    return address is not None and bool(schema.understood("peer", address) == entry.get("peer"))


def displays(text: str) -> dict[str, dict[str, Any]]:
    """Every `show isakmp policy=name` in a text: values by option, by policy name, as far as labels are known."""
    found: dict[str, dict[str, Any]] = {}
    for block in _DISPLAY.split(clean(text))[1:]:
        shown = labels(block)
        if "name" in shown:
            found.setdefault(shown["name"], _values(shown))
    return found


def _values(shown: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for label, value in shown.items():
        option = next((option for option, pattern in _PATTERNS.items() if pattern.search(label)), None)
        if option is None or option in values or value in ("", "-"):
            continue
        try:
            values[option] = schema.understood(option, value)
        except ValueError:
            continue
    return values
