# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold. Ids R1…R17 are the vendor page's notes and tables (SecPath F1000-E manual, p171) in their order.

They are judged here as far as one device can tell; what takes both ends is judged by `lint` and `guard`. Peers are
configured elsewhere, so what is wrong with them warns and does not stop a change of timers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from ...platforms.h3c_comware.version import V5, V7
from .observe import read_peers
from .peers import AGGRESSIVE, MAIN, IkeConfig, Peer
from .schema import ADVISED, SECONDS

GENERATIONS = {5: V5, 7: V7}


def judge(target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong, or may surprise, with what the task wants on this device."""
    given = intent.options.get("comware")
    if given is not None and GENERATIONS[given] != seen.facts.dialect:
        yield _error("generation", f"comware: {given} is given, but the device runs Comware {seen.facts.version}")
        return
    if intent.state == "deleted":
        return
    yield from _timers(target)
    yield from _proof(target, intent.stable_for)
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


def _proof(target: Model, stable_for: float | None) -> Iterator[Violation]:
    """A ready SA at one moment proves nothing about keepalives (reference: it flaps, with a period of the timeout)."""
    needed = computed(target).get("proof_needs_stable_for")
    if needed is not None and stable_for is not None and stable_for < needed:
        yield _warning(
            "proof",
            f"verify.stable_for ({stable_for:g} s) is not longer than the timeout ({target['timeout']} s), so SAs that "
            f"are ready do not prove that keepalives arrive; use {needed} s or more",
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
