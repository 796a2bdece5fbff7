# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold on one device before anything is sent.

Ids R… are the numbered facts of the vendor's page: R6 range, R8 specific peers on both sides, R13 permanent VPNs only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...engine.device import Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from ...platforms.allied_alliedware.flat import Thing
from ...platforms.allied_alliedware.version import RETRY_SINCE
from . import schedule, schema
from .parse import bound, ipsec_policies

WORST_CASE_LIMIT = 900
"""Seconds. A tunnel that may stay down for more than a quarter of an hour before the device gives up is worth a word:
three retries with the default message parameters already exceed it."""

_OPEN_PEERS = ("any", "dynamic")


def judge(have: Model, target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong with what the task wants on this device."""
    wanted = {entry["name"]: entry for entry in intent.config or []}
    old = {entry["name"]: entry for entry in have}
    yield from _software(old, {entry["name"]: entry for entry in target}, wanted, intent, seen)
    yield from _used(old, {entry["name"] for entry in target})
    if intent.state == "deleted":
        return
    users = ipsec_policies(seen.text)
    for entry in target:
        if entry["name"] in wanted:
            yield from _policy(entry, old.get(entry["name"]), users)


def _used(old: Mapping[str, Any], left: set[str]) -> Iterator[Violation]:
    for name, entry in old.items():
        if name not in left and entry.get("ipsec"):
            yield _warning(
                "in-use",
                f"policy {name} goes away, but IPsec policy {' and '.join(entry['ipsec'])} negotiates with it; its "
                "tunnel will not come up again",
            )


def _policy(entry: dict[str, Any], old: dict[str, Any] | None, users: Sequence[Thing]) -> Iterator[Violation]:
    where = f"policy {entry['name']}"
    if "peer" not in entry:
        yield _error("peer", f"{where} does not exist yet, and a policy is created with its peer; give peer")
        return
    if entry.get("auth_type", "preshared") == "preshared" and "key" not in entry:
        yield _warning(
            "key", f"{where} authenticates by pre-shared key but names none; give key, the number of an ENCO key"
        )
    if entry.get("retry_ike_attempts", 0) != 0:
        yield from _retry_needs_addresses(where, entry, bound(entry, users))
        yield from _roaming(where, entry)
    yield from _worst_case(where, entry)
    if old is not None:
        yield from _unset(where, entry, old)


def _software(
    old: Mapping[str, Any], new: Mapping[str, Any], wanted: Mapping[str, Any], intent: Intent, seen: Seen
) -> Iterator[Violation]:
    """R5: before 2.8.1 ISAKMP negotiates once, and the message parameters had other defaults."""
    if not seen.facts.numbers or seen.facts.numbers >= RETRY_SINCE:
        return
    for name, entry in wanted.items():
        for option in schema.SINCE_RETRY:
            if option in entry and intent.state != "deleted":
                yield _error(
                    "software",
                    f"policy {name}: {option} needs software 2.8.1 or later, this device runs {seen.facts.version}; "
                    "upgrade it or leave the option out",
                )
    for name, entry in new.items():
        touched = {**old.get(name, {}), **wanted.get(name, {})}
        for option in schema.MESSAGE_DEFAULTS:
            if option in touched and (option in wanted.get(name, {}) or option not in entry):
                yield _error(
                    "software",
                    f"policy {name}: {option} had another default before software 2.8.1 (this device runs "
                    f"{seen.facts.version}), so it cannot be compared reliably; upgrade it or leave the option out",
                )


def _retry_needs_addresses(where: str, entry: dict[str, Any], users: Sequence[Thing]) -> Iterator[Violation]:
    """R8: valid only with a specific peer IP address in both the ISAKMP and the IPsec policy."""
    if entry["peer"] == schema.ANY:
        yield _error(
            "R8", f"{where}: retry_ike_attempts needs the IP address of one peer, but its peer is any; give the address"
        )
        return
    if not schema.is_address(entry["peer"]):
        yield _warning(
            "R8",
            f"{where}: retry_ike_attempts is documented for a peer's IP address; whether the name {entry['peer']} "
            "will do is not",
        )
    elif not users:
        yield _error(
            "R8",
            f"{where}: retry_ike_attempts needs an IPsec policy with the peer's address too, and none on this device "
            f'has isakmppolicy="{entry["name"]}" or peeraddress={entry["peer"]}; create it first',
        )
    for user in users:
        address = user.values.get("peeraddress")
        if address is None or address.lower() in _OPEN_PEERS:
            yield _error(
                "R8",
                f'{where}: retry_ike_attempts needs a specific peeraddress in IPsec policy "{user.name}" too, which '
                f'has {address or "none"}; set ipsec policy="{user.name}" peeraddress={entry["peer"]}',
            )
        elif schema.understood("peer", address) != entry["peer"]:
            yield _warning(
                "peers-differ",
                f'{where}: its peer is {entry["peer"]}, but IPsec policy "{user.name}", which uses it, has '
                f"peeraddress={address}",
            )


def _roaming(where: str, entry: dict[str, Any]) -> Iterator[Violation]:
    """R13: made for permanent VPNs; a roaming peer is not there to be retried."""
    signs = [
        sign
        for sign, present in (
            ("mode aggressive", entry.get("mode") == "aggressive"),
            ("xauth server", entry.get("xauth") == "server"),
        )
        if present
    ]
    if signs:
        yield _warning(
            "R13",
            f"{where}: retry_ike_attempts is meant for permanent VPNs; {' and '.join(signs)} looks like a roaming peer",
        )


def _worst_case(where: str, entry: dict[str, Any]) -> Iterator[Violation]:
    figures = figures_of(entry)
    retries = entry.get("retry_ike_attempts", 0)
    worst = figures["worst_case"]
    if worst is not None and worst[1] > WORST_CASE_LIMIT:
        yield _warning(
            "worst-case",
            f"{where}: an unreachable peer is given up only after {worst[0]} to {worst[1]} s "
            f"({1 + int(retries)} exchanges of {figures['exchange_time'][0]} to {figures['exchange_time'][1]} s; more "
            f"than {WORST_CASE_LIMIT} s); lower msg_timeout or msg_retry_limit along with raising retry_ike_attempts",
        )
    elif worst is None and figures["exchange_time"][1] > WORST_CASE_LIMIT:
        yield _warning(
            "worst-case",
            f"{where}: each exchange with an unreachable peer lasts up to {figures['exchange_time'][1]} s before the "
            f"next one starts (more than {WORST_CASE_LIMIT} s); lower msg_timeout or msg_retry_limit",
        )


def figures_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from a policy's message and retry parameters, in seconds (see `schedule`)."""
    timing = (
        entry.get("msg_timeout", schedule.DEFAULT_TIMEOUT),
        entry.get("msg_retry_limit", schedule.DEFAULT_LIMIT),
        entry.get("msg_backoff", schedule.DEFAULT_BACKOFF),
    )
    worst = schedule.worst_case(entry.get("retry_ike_attempts", schedule.DEFAULT_ATTEMPTS), *timing)
    return {
        "retransmissions": list(schedule.copies(*timing)),
        "exchange_time": list(schedule.exchange_time(*timing)),
        "worst_case": None if worst is None else list(worst),
    }


def _unset(where: str, entry: dict[str, Any], old: dict[str, Any]) -> Iterator[Violation]:
    """What goes away: back to a default that is only assumed, or by creating the policy again."""
    gone = [option for option in schema.FIELDS if option in old and option not in entry]
    without_default = [option for option in gone if schema.parameter(option).default is None]
    if without_default:
        yield _warning(
            "created-again",
            f"{where}: {', '.join(without_default)} cannot be unset, so the policy is destroyed and created again; "
            "what it has negotiated may go down",
        )
        return
    for option in gone:
        entry_parameter = schema.parameter(option)
        if not entry_parameter.certain:
            yield _warning(
                "assumed-default",
                f"{where}: {option} goes back to {entry_parameter.default}, which is assumed to be the device's "
                "default; if it is not, the change is taken back",
            )


def _error(rule: str, text: str) -> Violation:
    return Violation(f"allied_isakmp_policy/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"allied_isakmp_policy/{rule}", "warning", f"{text}.")
