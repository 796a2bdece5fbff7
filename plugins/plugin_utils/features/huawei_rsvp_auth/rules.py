# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold on one device before anything is sent. Ids R1…R9 are those of the vendor page's procedure."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from ...engine.device import Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from . import schema
from .parse import CSPF, GLOBAL_LINES, INTERFACE_LINES, Surroundings, surroundings

# CloudEngine switches of these series have no RSVP-TE command at all (CE V300R023C00 command reference).
_WITHOUT_RSVP = re.compile(r"\bCE(?:5|6|7|8|9)\d{3}", re.IGNORECASE)


def judge(have: Model, target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong with what the task wants on this device."""
    product = f"{seen.facts.model} {seen.facts.version}"
    if _WITHOUT_RSVP.search(product):
        yield _error("no-rsvp-te", f"{seen.facts.model} has no RSVP-TE, so there is nothing to authenticate")
        return
    if intent.state == "deleted":
        return
    around = surroundings(seen.text)
    wanted = intent.config or {}
    for entry in _named(target, wanted, "interfaces", "name"):
        yield from _interface(entry, around)
        yield from _view(f"interface {entry['name']}", entry)
    for entry in _named(target, wanted, "peers", "address"):
        yield from _peer(entry, target, around)
        yield from _view(f"peer {entry['address']}", entry)
    for entry in _affected(have, target):
        yield from _lifetime(entry, target)
        yield from _keychain(entry, around)
    if wanted.get("interfaces") or wanted.get("peers"):
        yield from _enabled(target, around)


def _affected(have: Model, target: Model) -> list[dict[str, Any]]:
    """The entries that the task changes; all of them where it changes the refresh interval they are judged by."""
    entries = [*target.get("interfaces", []), *target.get("peers", [])]
    if target.get("timers", {}).get("refresh") != have.get("timers", {}).get("refresh"):
        return entries
    old = [*have.get("interfaces", []), *have.get("peers", [])]
    return [entry for entry in entries if entry not in old]


def _named(target: Model, wanted: Model, field: str, key: str) -> list[dict[str, Any]]:
    names = {entry[key] for entry in wanted.get(field, [])}
    return [entry for entry in target.get(field, []) if entry[key] in names]


def _view(where: str, entry: dict[str, Any]) -> Iterator[Violation]:
    """R1, R2: what hangs on an authentication needs one in the same view; R9: without handshake, replay is possible."""
    authentication = entry.get("authentication")
    if authentication is None:
        for name in ("handshake", "lifetime", "window_size"):
            if name in entry:
                yield _error("R1", f"{where}: {name} needs an authentication mode in the same view; add authentication")
        return
    mode, needed = authentication["mode"], "keychain" if authentication["mode"] == "keychain" else "key"
    if needed not in authentication:
        yield _error("R1", f"{where}: authentication mode {mode} needs {needed}")
    for other in {"key", "keychain"} - {needed}:
        if other in authentication:
            yield _error("R1", f"{where}: authentication mode {mode} does not take {other}; remove it")
    if mode == "plain":
        yield _warning("plain-key", f"{where}: the device stores a plain key readable in its configuration; use cipher")
    if "handshake" not in entry:
        yield _warning("R9", f"{where}: without handshake, recorded messages can be replayed")
        if "window_size" in entry:
            yield _warning("window-without-handshake", f"{where}: window_size has an effect only with handshake")
    elif where.startswith("interface Eth-Trunk") and entry.get("window_size", 1) < 32:
        yield _warning(
            "window-on-trunk", f"{where}: member links reorder messages; the vendor recommends window_size 32"
        )


def _lifetime(entry: dict[str, Any], target: Model) -> Iterator[Violation]:
    """R7: a relationship that no refresh message reaches in time is deleted, and the tunnel with it."""
    if "authentication" not in entry:
        return
    refresh = target.get("timers", {}).get("refresh", schema.DEFAULT_REFRESH)
    lifetime = schema.seconds(entry.get("lifetime", schema.DEFAULT_LIFETIME))
    where = f"interface {entry['name']}" if "name" in entry else f"peer {entry['address']}"
    if lifetime <= refresh:
        yield _error(
            "R7",
            f"{where}: lifetime {lifetime} s must be greater than the refresh interval {refresh} s, "
            "else the relationship is deleted between two refresh messages",
        )
    elif lifetime < 3 * refresh:
        yield _warning(
            "R7", f"{where}: lifetime {lifetime} s should be at least three times the refresh interval {refresh} s"
        )


def _keychain(entry: dict[str, Any], around: Surroundings) -> Iterator[Violation]:
    name = entry.get("authentication", {}).get("keychain")
    if name and name not in around.keychains:
        known = f"; it has {', '.join(sorted(around.keychains))}" if around.keychains else ""
        yield _error("keychain", f"keychain {name} does not exist on this device{known}. Create it first")


def _interface(entry: dict[str, Any], around: Surroundings) -> Iterator[Violation]:
    if entry["name"] not in around.interfaces:
        close = difflib.get_close_matches(entry["name"], around.interfaces, 3, 0.6)
        hint = f"; it has {' and '.join(close)}" if close else ""
        yield _error("interface", f"interface {entry['name']} does not exist on this device{hint}")
        return
    missing = [line for line in INTERFACE_LINES if line not in entry.get("enabled", [])]
    if missing:
        yield _error(
            "prerequisite",
            f"interface {entry['name']} lacks {_quoted(missing)}: RSVP-TE must be enabled there first; "
            "configure it or set prerequisites: add",
        )


def _peer(entry: dict[str, Any], target: Model, around: Surroundings) -> Iterator[Violation]:
    address = entry["address"]
    if address == around.lsr_id or address in around.addresses.values():
        yield _error("peer", f"peer {address} is this device's own address; give the neighbour's")
    elif is_lsr_id(address, around) and CSPF not in target.get("enabled", []):
        yield _error(
            "prerequisite",
            f"peer {address} is on no connected network, so it is taken as an LSR ID, and the MPLS view "
            f"lacks '{CSPF}'; configure it or set prerequisites: add",
        )


def is_lsr_id(address: str, around: Surroundings) -> bool:
    """R8: an address on a connected network is the neighbour's interface, any other its LSR ID (which needs CSPF)."""
    return not any(ipaddress.IPv4Address(address) in network for network in around.networks)


def _enabled(target: Model, around: Surroundings) -> Iterator[Violation]:
    missing = [line for line in GLOBAL_LINES if line not in target.get("enabled", [])]
    if missing:
        yield _error(
            "prerequisite",
            f"the MPLS view lacks {_quoted(missing)}: RSVP-TE must be enabled first; "
            "configure it or set prerequisites: add",
        )
    if not around.lsr_id:
        yield _error("prerequisite", "'mpls lsr-id' is not set; choose the device's LSR ID and configure it first")


def _quoted(lines: list[str]) -> str:
    return ", ".join(f"'{line}'" for line in lines)


def _error(rule: str, text: str) -> Violation:
    return Violation(f"huawei_rsvp_auth/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"huawei_rsvp_auth/{rule}", "warning", f"{text}.")
