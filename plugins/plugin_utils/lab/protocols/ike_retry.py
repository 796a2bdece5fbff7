# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retransmission and retry as AlliedWare does them: back-off within an exchange, four triggers for a new one.

Source: Release Note 2.8.1 pp. 170–171. With the defaults the copies of an unanswered message leave after 4, 12, 28,
52, 84, 124, 172 and 228 seconds. Assumed: after the last copy one more gap is waited, and a new exchange starts at
once after a time-out, a second after a refusal (an immediate one would be a storm).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .ike import TRAFFIC_GAP, IkeExtension, Sa, Trigger, Tunnel

TRIGGERS = (Trigger.REJECTED, Trigger.AUTHENTICATION, Trigger.TIMEOUT, Trigger.DELETED)
_BREATH = 1.0  # seconds before a new exchange that a refusal started


@dataclass(frozen=True)
class BackOff:
    """A device's policy towards one peer; ``attempts`` None = continuous. ``timeout`` and all results in seconds."""

    attempts: int | None = 0
    timeout: int = 4
    limit: int = 8
    incremental: bool = True
    waits_after_last: bool = True

    def gaps(self) -> Sequence[float]:
        """The wait after the message and after each copy; the first one is single, then 2, 4, 6 … times the timeout."""
        waits = list(self._gaps())
        if not self.waits_after_last and self.limit:
            waits[-1] = 0.0
        return waits

    def _gaps(self) -> Iterator[float]:
        step = 0.0
        for _copy in range(self.limit + 1):
            yield step or float(self.timeout)
            step += 2.0 * self.timeout if self.incremental else 0.0

    def allows(self, failures: int, trigger: Trigger) -> bool:
        """A retry follows: one of the four triggers, and the limit is not reached."""
        return trigger in TRIGGERS and (self.attempts is None or max(failures, 1) <= self.attempts)

    def again(self, failures: int, trigger: Trigger, phase: int) -> float | None:
        if trigger is Trigger.LOST:  # our own SA went: the next packet asks for a new one, which is no retry
            return TRAFFIC_GAP
        if not self.allows(failures, trigger):
            return None
        return 0.0 if trigger is Trigger.TIMEOUT else _BREATH

    def follows_traffic(self) -> bool:
        """It tries when it is configured or told to, and again only as often as ``attempts`` says."""
        return False


class IkeRetry(IkeExtension):
    """Counts what AlliedWare counts, per tunnel and device."""

    name: ClassVar[str] = "ike_retry"

    def counters(self, device: str) -> dict[str, int]:
        """``retry1``, ``retry2`` (exchanges started because one of that phase failed), ``timeout``, ``failed``, …"""
        total: dict[str, int] = {}
        for tunnel, index in self.ike.tunnels(self.ike.world.devices[device]):
            for name, value in self._of(tunnel, index)["counters"].items():
                total[name] = total.get(name, 0) + int(value)
        return total

    def _of(self, tunnel: Tunnel, index: int) -> dict[str, Any]:
        found: dict[str, Any] = self.notes(tunnel).setdefault(str(index), {"due": 0, "counters": {}})
        return found

    def _count(self, tunnel: Tunnel, index: int, name: str) -> None:
        counters = self._of(tunnel, index)["counters"]
        counters[name] = counters.get(name, 0) + 1

    def _policy(self, tunnel: Tunnel, index: int) -> BackOff | None:
        peer = tunnel.ends[index].peer
        return peer.retry if peer is not None and isinstance(peer.retry, BackOff) else None

    def sent(self, tunnel: Tunnel, index: int, phase: int, copy: int) -> None:
        if self._policy(tunnel, index) is None:
            return
        if copy:
            self._count(tunnel, index, "copies")
            return
        notes = self._of(tunnel, index)
        self._count(tunnel, index, f"started{phase}")
        if notes["due"]:
            self._count(tunnel, index, f"retry{notes['due']}")
            notes["due"] = 0

    def failed(self, tunnel: Tunnel, index: int, phase: int, trigger: Trigger) -> None:
        policy = self._policy(tunnel, index)
        if policy is None:
            return
        self._count(tunnel, index, "failed")
        if trigger is Trigger.TIMEOUT:
            self._count(tunnel, index, "timeout")
        if policy.allows(tunnel.ends[index].failures, trigger):
            self._of(tunnel, index)["due"] = phase

    def deleted(self, tunnel: Tunnel, index: int, sa: Sa, reason: str) -> None:
        """Only a Delete for the most recent SA is a trigger; one for an older SA is not."""
        policy, end = self._policy(tunnel, index), tunnel.ends[index]
        newer = [other for other in end.sas if other.phase == sa.phase and other.connection_id > sa.connection_id]
        if policy is None or reason != "notified":
            return
        self._count(tunnel, index, "deletes")
        if not newer and policy.allows(end.failures, Trigger.DELETED):
            self._of(tunnel, index)["due"] = sa.phase

    def established(self, tunnel: Tunnel, phase: int) -> None:
        for index in (0, 1):
            if self._policy(tunnel, index) is not None:
                self._count(tunnel, index, f"established{phase}")

    def changed(self, tunnel: Tunnel) -> None:
        """A changed configuration starts over."""
        for index in (0, 1):
            if self._policy(tunnel, index) is not None:
                self._of(tunnel, index)["due"] = 0
