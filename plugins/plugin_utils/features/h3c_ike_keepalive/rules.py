# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold. Ids R1…R17 are the vendor page's notes and tables (SecPath F1000-E manual, p171) in their order.

`judge` looks at one device before anything is sent; `across` compares the two ends of a tunnel. Peers are configured
elsewhere, so what is wrong with them warns and does not stop a change of timers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from ...platforms.h3c_comware.version import V5, V7
from .observe import read_peers
from .peers import AGGRESSIVE, MAIN, IkeConfig, Peer
from .schema import ADVISED, SECONDS

GENERATIONS = {5: V5, 7: V7}


# -- one device ----------------------------------------------------------------------------------------------------


def judge(target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong, or may surprise, with what the task wants on this device."""
    given = intent.options.get("comware")
    if given is not None and GENERATIONS[given] != seen.facts.dialect:
        yield _error("generation", f"comware: {given} is given, but the device runs Comware {seen.facts.version}")
        return
    if intent.state == "deleted":
        return
    yield from _timers(target)
    ike = read_peers(seen.text)
    if seen.facts.dialect == V7 and (target.get("interval") or target.get("timeout")):
        yield from _dpd_beside(ike)
    for peer in ike.peers:
        yield from _peer(peer, ike, seen.facts)


def _timers(target: Model) -> Iterator[Violation]:
    """R6 as far as one end can tell: no peer's interval can be below the smallest one there is."""
    timeout = target.get("timeout")
    if timeout is not None and timeout <= SECONDS[0]:
        yield _warning(
            "R6",
            f"timeout {timeout} s must be longer than the peer's interval, and no Comware peer can send more often "
            f"than every {SECONDS[0]} s; use {ADVISED * SECONDS[0]} s or more",
        )


def _dpd_beside(ike: IkeConfig) -> Iterator[Violation]:
    if ike.global_dpd or any(peer.dpd for peer in ike.peers):
        yield _warning(
            "dpd", "dead peer detection is configured too; the vendor advises keepalives only for peers without it"
        )


def _peer(peer: Peer, ike: IkeConfig, facts: DeviceFacts) -> Iterator[Violation]:
    where = f"ike {peer.kind} {peer.name}"
    v5 = facts.dialect == V5
    if peer.remote_dynamic and peer.exchange_mode == MAIN and (v5 or peer.remote_name):
        yield _warning(
            "R8", f"{where}: the other end has no fixed address, so exchange-mode must be {AGGRESSIVE}; it is {MAIN}"
        )
    if v5 and peer.exchange_mode == MAIN and peer.id_type != "ip":
        yield _warning(
            "R9",
            f"{where}: in main mode with a pre-shared key only the ID type ip works; it is {peer.id_type}. "
            f"Use id-type ip or exchange-mode {AGGRESSIVE}",
        )
    if v5 and peer.dpd and peer.dpd not in ike.dpd:
        yield _warning("R15", f"{where}: dpd {peer.dpd} is applied, but no 'ike dpd {peer.dpd}' exists")
    for name in filter(None, (peer.local_name, peer.remote_name)):
        if peer.id_type == "name" and "@" in name:
            yield _warning("R17", f"{where}: {name} has an @, which belongs into names of type user-fqdn only")
        if peer.id_type == "user-fqdn" and "@" not in name:
            yield _warning("R17", f"{where}: a name of type user-fqdn has an @, {name} has none")


# -- two devices ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One end for `across`: its host, its timers (the feature's model), and what is known of its IKE."""

    host: str
    timers: Model = field(default_factory=dict)
    ike: IkeConfig = field(default_factory=IkeConfig)
    comware: int = 5


def across(here: Side, there: Side, mine: Peer | None = None, theirs: Peer | None = None) -> Iterator[Violation]:
    """Everything between two ends of one tunnel, both directions; `mine` and `theirs` are the peers of that tunnel."""
    yield from _expects(here, there)
    yield from _expects(there, here)
    if mine is None or theirs is None:
        return
    yield from _mirrored(here, mine, there, theirs)
    yield from _mirrored(there, theirs, here, mine)
    if mine.nat_traversal != theirs.nat_traversal:
        on, off = (here, there) if mine.nat_traversal else (there, here)
        yield _warning(
            "R14",
            f"{on.host} has NAT traversal for this tunnel, {off.host} has not; where an address translator is in "
            "between, both ends need it",
        )


def _expects(one: Side, other: Side) -> Iterator[Violation]:
    """R1, R2, R6: who expects keepalives needs a peer that sends them, more often than it waits."""
    timeout, interval = one.timers.get("timeout"), other.timers.get("interval")
    if timeout is None:
        return
    if interval is None:
        yield _error(
            "R1",
            f"{one.host} expects keepalives (timeout {timeout} s), but {other.host} sends none: its SAs will be "
            f"deleted although they are good; set interval on {other.host} to {max(SECONDS[0], timeout // ADVISED)} s",
        )
    elif timeout <= interval:
        yield _error(
            "R6",
            f"the timeout of {one.host} ({timeout} s) must be longer than the interval of {other.host} "
            f"({interval} s); the vendor advises {ADVISED} times as long, {ADVISED * interval} s",
        )
    elif timeout < ADVISED * interval:
        yield _warning(
            "R6",
            f"the timeout of {one.host} ({timeout} s) should be {ADVISED} times the interval of {other.host} "
            f"({interval} s), {ADVISED * interval} s: then a single lost keepalive does no harm",
        )


def _mirrored(one: Side, mine: Peer, other: Side, theirs: Peer) -> Iterator[Violation]:
    """R13: what this end calls the other is what the other calls itself; R8 and R9 with both ends known."""
    own_name = theirs.local_name or other.ike.local_name
    if mine.remote_name and theirs.id_type != "ip" and own_name and mine.remote_name != own_name:
        yield _error(
            "R13",
            f"{one.host} expects the name {mine.remote_name} of {other.host}, which calls itself {own_name}; "
            "they must be identical",
        )
    if theirs.own_address and mine.remote_address and not covers(mine, theirs.own_address):
        yield _error(
            "R13",
            f"{one.host} expects the address {mine.remote_address} of {other.host}, which uses {theirs.own_address}; "
            "they must be identical",
        )
    if one.comware < 7 and mine.remote_dynamic and mine.exchange_mode == MAIN and theirs.exchange_mode == MAIN:
        yield _error(
            "R8",
            f"{other.host} has no fixed address for {one.host}, so the tunnel's exchange mode must be {AGGRESSIVE}",
        )


def covers(peer: Peer, address: str) -> bool:
    """Whether `remote-address` of the peer names this address: exactly, or within its range; a host name may."""
    try:
        low, seen = ipaddress.ip_address(peer.remote_address), ipaddress.ip_address(address)
        high = ipaddress.ip_address(peer.remote_high) if peer.remote_high else low
    except ValueError:
        return True
    return int(low) <= int(seen) <= int(high)


def computed(target: Model) -> dict[str, Any]:
    """What follows from the timeout, in seconds of silence, and how long a look must last that proves anything.

    V5 tags an SA at the first expiry and deletes it at the second, V7 deletes it at the first.
    """
    timeout = target.get("timeout")
    if timeout is None:
        return {}
    return {"first_expiry": timeout, "second_expiry": 2 * timeout, "proof_needs_stable_for": timeout + 1}


def _error(rule: str, text: str) -> Violation:
    return Violation(f"h3c_ike_keepalive/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"h3c_ike_keepalive/{rule}", "warning", f"{text}.")
