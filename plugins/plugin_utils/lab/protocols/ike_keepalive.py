# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE SA keepalives: one end sends at an interval, the other expects one within its timeout, both independent.

Where a timeout is set and nothing arrives, the first expiry tags the phase 1 SA (Comware V5) and the next expiry while
it is tagged deletes it with the phase 2 SAs that it negotiated; without tagging (V7) the first expiry deletes. A
keepalive that arrives restarts the timer and takes the tag away. One that arrives at the very moment of the expiry is
too late, so an interval equal to the timeout does not hold.

Assumed where the manuals are silent: the second expiry comes one timeout after the first; keepalives start one interval
after the SA or the setting is new; a deletion tells the peer, if it can still be reached.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from .ike import INFINITE, IkeExtension, Sa, Tunnel

TIMEOUT = "TIMEOUT"  # the tag of a phase 1 SA
_EPSILON = 1e-6


@dataclass
class Watch:
    """The timer of one end for one phase 1 SA; times are lab time in seconds."""

    pair: int  # of the SA
    since: float  # the last known sign of the far end, or the start of the timer
    begun: float  # when the far end's present rhythm began
    interval: float | None  # of the far end; None = nothing arrives
    timeout: float | None

    def heard(self, now: float) -> float:
        """The last sign of the far end up to ``now``."""
        if self.interval is None:
            return self.since
        count = math.floor((now - self.begun + _EPSILON) / self.interval)
        return max(self.since, self.begun + count * self.interval if count > 0 else self.since)

    def next_after(self, moment: float) -> float:
        """The first keepalive later than ``moment``."""
        if self.interval is None:
            return INFINITE
        count = max(1, math.floor((moment - self.begun + _EPSILON) / self.interval) + 1)
        return self.begun + count * self.interval

    def due(self, tagged: bool) -> float:
        """The next tag or deletion; with ``tagged`` also the keepalive that takes the tag away."""
        if self.timeout is None:
            return INFINITE
        if tagged:
            return min(self.since + 2 * self.timeout, self.next_after(self.since + self.timeout))
        if self.interval is None:
            return self.since + self.timeout
        last = self.since
        if self.next_after(last) >= last + self.timeout - _EPSILON:
            return last + self.timeout
        if self.interval < self.timeout - _EPSILON:
            return INFINITE
        return self.next_after(last) + self.timeout


class IkeKeepalive(IkeExtension):
    """Keepalives on every tunnel whose ends have timers; costs nothing while they arrive in time."""

    name = "keepalive"

    def established(self, tunnel: Tunnel, phase: int) -> None:
        self._follow(tunnel)

    def deleted(self, tunnel: Tunnel, index: int, sa: Sa, reason: str) -> None:
        if sa.phase == 1:
            self._follow(tunnel)

    def changed(self, tunnel: Tunnel) -> None:
        self._follow(tunnel)

    def next_event(self, tunnel: Tunnel) -> float:
        return min(self._due(tunnel, index) for index in (0, 1))

    def run(self, tunnel: Tunnel) -> None:
        for index in (0, 1):
            if self._due(tunnel, index) <= tunnel.now + _EPSILON:
                self._expire(tunnel, index)

    def _due(self, tunnel: Tunnel, index: int) -> float:
        watch, sa = self._watch(tunnel, index), tunnel.ends[index].sa(1)
        return INFINITE if watch is None or sa is None else watch.due(TIMEOUT in sa.tags)

    def _expire(self, tunnel: Tunnel, index: int) -> None:
        """What is due: the tag, its removal because a keepalive came after all, or the deletion."""
        end, watch = tunnel.ends[index], self._watch(tunnel, index)
        sa = end.sa(1)
        if sa is None or watch is None or watch.timeout is None or end.peer is None:
            return
        if TIMEOUT in sa.tags and watch.next_after(watch.since + watch.timeout) <= tunnel.now + _EPSILON:
            sa.tags.remove(TIMEOUT)
            watch.since = tunnel.now
            self._keep(tunnel, index, watch)
        elif end.peer.keepalive_tags and TIMEOUT not in sa.tags:
            sa.tags.append(TIMEOUT)
            watch.since = tunnel.now - watch.timeout  # the silence that this timer has measured
            self._keep(tunnel, index, watch)
        else:
            self.ike.drop_pair(tunnel, index, sa, "keepalive timeout")

    def _follow(self, tunnel: Tunnel) -> None:
        """Bring both timers in line with the SAs, the settings and the path as they are now."""
        for index in (0, 1):
            near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
            sa = near.sa(1)
            if sa is None:
                self.notes(tunnel).pop(str(index), None)
                continue
            arrives = tunnel.known_by_far(index, sa) and self.ike.reaches(tunnel, index ^ 1)
            interval = far.peer.keepalive_interval if far.peer is not None and arrives else None
            timeout = near.peer.keepalive_timeout if near.peer is not None else None
            watch = self._watch(tunnel, index)
            if watch is None:
                watch = Watch(sa.pair, tunnel.now, tunnel.now, interval, timeout)
            elif (watch.interval, watch.timeout) != (interval, timeout):
                since = tunnel.now if watch.timeout != timeout else watch.heard(tunnel.now)
                watch = Watch(sa.pair, since, tunnel.now, interval, timeout)
                if TIMEOUT in sa.tags and timeout is None:
                    sa.tags.remove(TIMEOUT)
            self._keep(tunnel, index, watch)

    def _watch(self, tunnel: Tunnel, index: int) -> Watch | None:
        """The timer for this end's most recent phase 1 SA."""
        saved = self.notes(tunnel).get(str(index))
        sa = tunnel.ends[index].sa(1)
        return Watch(**saved) if saved is not None and sa is not None and saved["pair"] == sa.pair else None

    def _keep(self, tunnel: Tunnel, index: int, watch: Watch) -> None:
        self.notes(tunnel)[str(index)] = asdict(watch)
