# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for TCP key chains on one device. Ids R2…R19 are those of the rules for the whole feature pair.

Sources: the vendor page for R3 to R6, R11 and the half of R19 about edits; the command reference for R12; defect
CSCvx41293 for R13; the product's own prudence for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ...engine.device import Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from ...engine.secret import CLEAR
from ...platforms.cisco_iosxe import times
from . import schema
from .parse import Surroundings, surroundings

OVERLAP = timedelta(minutes=15)
"""How long a key and its successor should both be valid."""
NOTICE = timedelta(days=14)
"""How long before the end of the last key it is worth a warning."""
_MINUTE = timedelta(minutes=1)
_NEEDED = ("send_id", "recv_id", "algorithm", "key_string")
_INSTEAD = (
    "add a key with other ids and let the sessions roll over to it, or detach the chain from its sessions first "
    "(force_in_use: true overrides this)"
)

Chain = dict[str, Any]


def judge(have: Model, target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong with what the task wants on this device."""
    around = surroundings(seen.text)
    forced = bool(intent.options.get("force_in_use"))
    yield from _in_use(have, target, around, forced=forced)
    yield from _gone(have, target, around)
    yield from _one_way(have, target)
    yield from _starts_now(have, target, around)
    if intent.state == "deleted":
        return
    named = {chain["name"] for chain in intent.config or []}
    for chain in target:
        if chain["name"] in named:
            yield from _chain(chain, around)
    if named and not around.synchronised:
        yield _warning("R18", "the device's clock is not synchronised, and key lifetimes depend on it; configure NTP")


def _chain(chain: Chain, around: Surroundings) -> Iterator[Violation]:
    where = f"chain {chain['name']}"
    if chain["name"] in around.others:
        yield _error(
            "R1", f"{where} exists, but not as a TCP key chain; choose another name, or remove that chain first"
        )
    if len(chain["name"]) > schema.LONGEST_MODEL_NAME:
        yield _warning(
            "R2",
            f"{where}: the name has {len(chain['name'])} characters; the CLI takes {schema.LONGEST_NAME}, the YANG "
            f"models of 17.5.1 and later only {schema.LONGEST_MODEL_NAME}",
        )
    keys = chain.get("keys", [])
    if not keys:
        yield _warning("no-keys", f"{where} has no keys, so it authenticates nothing")
    yield from _unique(where, keys)
    broken = False
    for key in keys:
        for violation in _key(f"{where}, key {key['id']}", key):
            broken = broken or violation.severity == "error"
            yield violation
    if keys and not broken:
        yield from _planning(where, keys, around)


def _unique(where: str, keys: list[dict[str, Any]]) -> Iterator[Violation]:
    """R5: an id on the wire names one key."""
    for field in ("send_id", "recv_id"):
        users: dict[int, list[int]] = {}
        for key in keys:
            if field in key:
                users.setdefault(key[field], []).append(key["id"])
        for number, ids in users.items():
            if len(ids) > 1:
                listed = " and ".join(map(str, ids))
                yield _error("R5", f"{where}: {field} {number} is used by keys {listed}; give each key its own")


def _key(where: str, key: dict[str, Any]) -> Iterator[Violation]:
    missing = [name for name in _NEEDED if name not in key]
    if missing:
        yield _error("R4", f"{where}: {', '.join(missing)} missing; without it the device cannot use the key")
    elif key["send_id"] != key["recv_id"]:
        yield _warning(
            "R11",
            f"{where}: send_id {key['send_id']} and recv_id {key['recv_id']} differ, so the peer must have them the "
            "other way round; the vendor recommends equal ids",
        )
    if key.get("algorithm", schema.ALGORITHMS[0]) not in schema.ALGORITHMS:
        yield _error("R6", f"{where}: algorithm {key['algorithm']} is not one of {', '.join(schema.ALGORITHMS)}")
    yield from _strength(where, key)
    for name in ("send_lifetime", "accept_lifetime"):
        if name in key:
            yield from _lifetime(f"{where}: {name}", key[name])
    if "send_lifetime" not in key:
        yield _warning(
            "R8",
            f"{where}: no send_lifetime; whether a TCP key without one is always valid or never is not documented. "
            "Give start and infinite: true for a key that is always valid",
        )


def _strength(where: str, key: dict[str, Any]) -> Iterator[Violation]:
    if "key_string" in key and _blank_at_an_end(key["key_string"].reveal()):
        yield _warning("R7", f"{where}: key_string begins or ends with a blank, which belongs to the key; intended?")
    if key.get("algorithm") == schema.WIDE_ALGORITHM:
        yield _warning(
            "R6",
            f"{where}: {schema.WIDE_ALGORITHM} leaves 4 of TCP's 40 option bytes, so window scaling, SACK and "
            "timestamps do not fit beside it; the other algorithms leave 24",
        )
    if key.get("accept_ao_mismatch"):
        yield _warning(
            "R12",
            f"{where}: accept_ao_mismatch takes segments whose MAC is wrong: the sessions of this key are unprotected, "
            "and they do not roll over to another key",
        )
    if key.get("include_tcp_options"):
        yield _warning(
            "R13",
            f"{where}: include_tcp_options between two IOS XE devices can make SYN segments fail the MAC check "
            "(CSCvx41293, log %TCP-6-AOMISMATCH); leave it off on both peers",
        )


def _blank_at_an_end(text: str) -> bool:
    return text != text.strip()


def _lifetime(where: str, lifetime: dict[str, Any]) -> Iterator[Violation]:
    """R8: one way of ending, after the start."""
    ways = [name for name in ("end", "duration", "infinite") if name in lifetime]
    if len(ways) != 1:
        given = f"{' and '.join(ways)} are given" if ways else "none is given"
        yield _error("R8", f"{where} takes one of end, duration and infinite: true; {given}")
    elif times.end_of(lifetime) <= times.start_of(lifetime):
        yield _error("R8", f"{where}: the end {lifetime['end']} is not after the start {lifetime['start']}")
    if lifetime.get("local"):
        yield _warning(
            "local",
            f"{where} is in the device's own zone (local): on a peer in another zone, or across a change of summer "
            "time, it is another time; use UTC",
        )


# -- over time --------------------------------------------------------------------------------------------------------


def _planning(where: str, keys: list[dict[str, Any]], around: Surroundings) -> Iterator[Violation]:
    """R9, R10: at any time one key can be sent with, and a key is joined by its successor before it ends."""
    windows = sorted((*_window(key["send_lifetime"], around), key["id"]) for key in keys if "send_lifetime" in key)
    if len(windows) < len(keys) or not windows:
        return  # a key without a lifetime may be valid at any time
    now = around.now or times.utc_now()
    covered, last = windows[0][1], windows[0][2]
    if windows[0][0] > now:
        yield _warning("R9", f"{where}: no key can be sent with before {times.written(windows[0][0])} UTC")
    for (_start, _end, _id), (start, end, number) in pairwise(windows):
        if start > covered:
            yield _warning(
                "R9",
                f"{where}: no key can be sent with from {times.written(covered)} UTC (key {last} ends) to "
                f"{times.written(start)} UTC (key {number} starts); sessions lose their segments meanwhile",
            )
        elif end > covered and covered - start < OVERLAP:
            yield _warning(
                "R10",
                f"{where}: keys {last} and {number} are both valid for {(covered - start) // _MINUTE} minutes only; "
                f"overlap them by {OVERLAP // _MINUTE} minutes for a rollover without loss",
            )
        if end > covered:
            covered, last = end, number
    if covered <= now:
        yield _warning("R9", f"{where}: the last key has ended at {times.written(covered)} UTC; add a valid one")
    elif covered != datetime.max and covered - now < NOTICE:
        yield _warning("R9", f"{where}: the last key ends at {times.written(covered)} UTC; add its successor in time")


def _window(lifetime: dict[str, Any], around: Surroundings) -> tuple[datetime, datetime]:
    """From and to in UTC."""
    shift = around.offset if lifetime.get("local") else timedelta(0)
    end = times.end_of(lifetime)
    return times.start_of(lifetime) - shift, end if end == datetime.max else end - shift


# -- in use -----------------------------------------------------------------------------------------------------------


def _in_use(have: Model, target: Model, around: Surroundings, *, forced: bool) -> Iterator[Violation]:
    """R19: of a key that a session uses, only the send lifetime may change."""
    wanted = {chain["name"]: {key["id"]: key for key in chain.get("keys", [])} for chain in target}
    for chain in have:
        keys = wanted.get(chain["name"])
        if keys is None:
            continue  # the chain goes as a whole, see _gone
        for key in chain.get("keys", []):
            edit = _edit(key, keys.get(key["id"]))
            state = _held(chain["name"], key["id"], around, gone=key["id"] not in keys) if edit else ""
            if not state:
                continue
            where = f"chain {chain['name']}, key {key['id']} {state}"
            if forced:
                yield _warning("R19", f"{where}; to {edit} may break its sessions (allowed by force_in_use)")
            else:
                yield _error("R19", f"{where}, so only its send_lifetime may change; to {edit}, {_INSTEAD}")


def _edit(old: dict[str, Any], new: dict[str, Any] | None) -> str:
    """What is done to a key that may not be done to one in use; empty when nothing."""
    if new is None:
        return "remove it"
    names = [name for name in {**old, **new} if name != "send_lifetime" and old.get(name) != new.get(name)]
    return f"change its {', '.join(names)}" if names else ""


def _held(chain: str, key: int, around: Surroundings, *, gone: bool) -> str:
    """Why a key may not be edited; empty when it may. `gone`: it is removed, so it must not be the next one either."""
    shown = around.shown.get(chain)
    if key_in_use(chain, key, around):
        return "is in use"
    waiting = gone and bool(around.references.get(chain)) and shown is not None and shown.preferred == key
    return "is what the next session would use (preferred)" if waiting else ""


def _one_way(have: Model, target: Model) -> Iterator[Violation]:
    """A key string that only the device can read comes back as the words that the device has printed."""
    left = {chain["name"]: {key["id"] for key in chain.get("keys", [])} for chain in target}
    for chain in have:
        for key in chain.get("keys", []):
            secret = key.get("key_string")
            if key["id"] not in left.get(chain["name"], ()) and secret is not None and secret.encoding != CLEAR:
                yield _warning(
                    "encrypted",
                    f"chain {chain['name']}, key {key['id']} goes, and its key string is known only as the device has "
                    "encrypted it; if it must be put back, that text is sent, and only this device can read it, with "
                    "the master key that it has now",
                )


def key_in_use(chain: str, key: int, around: Surroundings) -> bool:
    """What the device says; where it does not say, any key of a chain that something refers to counts as used."""
    shown = around.shown.get(chain)
    state = shown.keys.get(key, {}).get("in_use") if shown else None
    return bool(around.references.get(chain)) if state is None else state


def _starts_now(have: Model, target: Model, around: Surroundings) -> Iterator[Violation]:
    """The valid key with the longest send lifetime is used, so a new one may be used at once, on one end only."""
    now = around.now or times.utc_now()
    known = {chain["name"]: {key["id"] for key in chain.get("keys", [])} for chain in have}
    for chain in target:
        shown = around.shown.get(chain["name"])
        windows = {
            key["id"]: _window(key["send_lifetime"], around)
            for key in chain.get("keys", [])
            if "send_lifetime" in key and len({"end", "duration", "infinite"} & set(key["send_lifetime"])) == 1
        }
        preferred = shown.preferred if shown else None
        used = None if preferred is None else windows.get(preferred)
        for number, (start, end) in windows.items():
            if used and number not in known.get(chain["name"], ()) and start <= now < end and end > used[1]:
                yield _warning(
                    "rollover",
                    f"chain {chain['name']}, key {number} is valid already, and longer than key {preferred}, so "
                    "sessions roll over to it at once where the peer has it; start it later, when all ends have it",
                )


def _gone(have: Model, target: Model, around: Surroundings) -> Iterator[Violation]:
    """R19: what refers to a chain goes first."""
    left = {chain["name"] for chain in target}
    for chain in have:
        if chain["name"] in left:
            continue
        lines = around.references.get(chain["name"], [])
        shown = around.shown.get(chain["name"])
        if lines:
            quoted = ", ".join(f"'{line}'" for line in lines)
            yield _error("R19", f"chain {chain['name']} is still referred to by {quoted}; remove that first")
        elif shown and any(state.get("in_use") for state in shown.keys.values()):
            yield _error("R19", f"chain {chain['name']} is in use by a session; detach it first")


def _error(rule: str, text: str) -> Violation:
    return Violation(f"cisco_tcp_key_chain/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"cisco_tcp_key_chain/{rule}", "warning", f"{text}.")
