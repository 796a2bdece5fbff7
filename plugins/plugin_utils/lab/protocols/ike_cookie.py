# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stale phase 1 and the INVALID-COOKIE notification (RFC 2408 3.14.1; JUNOSe IP Services Configuration Guide, "IPSec").

A responder that has lost a phase 1 gets a message under it and does not know the cookie pair. If its option is on, it
answers with a notification that no key protects. An initiator may then drop its phase 1 and negotiate anew; one that
fears forged notifications (the E Series) ignores it and stays stale until dead peer detection or its lifetime.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from .ike import INFINITE, TRAFFIC_GAP, IkeExtension, Sa, Tunnel

if TYPE_CHECKING:
    from ..device import Device


class IkeCookie(IkeExtension):
    """Notes per tunnel: ``sent`` (by device), ``honoured`` and ``ignored`` (by device that received it), ``probed``."""

    name: ClassVar[str] = "ike-cookie"

    # -- what tests and show commands ask -------------------------------------------------------------------------

    def count(self, device: Device, what: str) -> int:
        """How often the device has ``sent``, ``honoured`` or ``ignored`` a notification."""
        return sum(
            int(self.notes(tunnel).get(what, {}).get(device.name, 0)) for tunnel, _index in self.ike.tunnels(device)
        )

    def refresh(self, device: Device, phase: int, peers: Collection[str]) -> int:
        """Reinitialise the SAs of these peers (by name): delete, tell the peer where possible, negotiate anew."""
        count = 0
        for tunnel, index in self.ike.tunnels(device):
            end = tunnel.ends[index]
            if end.peer is None or end.peer.name not in peers:
                continue
            for sa in [sa for sa in end.sas if sa.phase == phase]:
                if phase == 1:
                    self.ike.drop_pair(tunnel, index, sa, "cleared")
                else:
                    self.ike.delete(tunnel, index, sa, "cleared")
                count += 1
            self.ike.attempt_at(tunnel, index, tunnel.now + 1)
        return count

    # -- what happens -----------------------------------------------------------------------------------------------

    def unknown_cookie(self, tunnel: Tunnel, index: int) -> None:
        """End ``index`` used a phase 1 that the other end does not know."""
        near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        own = near.sa(1)
        if own is None or near.peer is None or far.peer is None or not far.peer.tx_invalid_cookie:
            return
        if not self.ike.reaches(tunnel, index ^ 1):
            return
        self._note(tunnel, "sent", far.device)
        if not near.peer.honours_invalid_cookie:
            self._note(tunnel, "ignored", near.device)
            return
        self._note(tunnel, "honoured", near.device)
        self.ike.drop_pair(tunnel, index, own, "invalid cookie", notify=False)
        self.ike.attempt_at(tunnel, index, tunnel.now + 1)

    def changed(self, tunnel: Tunnel) -> None:
        """With another configuration the same message may get another answer."""
        self.notes(tunnel).pop("next", None)

    def next_event(self, tunnel: Tunnel) -> float:
        """An end whose peer has lost phase 1 goes on talking under it: informational messages, as traffic goes."""
        return min(self._due(tunnel, index) for index in (0, 1))

    def run(self, tunnel: Tunnel) -> None:
        for index in (0, 1):
            if self._due(tunnel, index) <= tunnel.now:
                self.notes(tunnel).setdefault("next", {})[str(index)] = None
                self.ike.message_under_phase1(tunnel, index)

    def _due(self, tunnel: Tunnel, index: int) -> float:
        """When this end next uses a phase 1 that went stale; once per loss, since the answer stays the same."""
        waiting: dict[str, Any] = self.notes(tunnel).setdefault("next", {})
        stale = self._stale(tunnel, index)
        if stale is None:
            waiting.pop(str(index), None)
            return INFINITE
        at = waiting.setdefault(str(index), tunnel.now + TRAFFIC_GAP)
        return INFINITE if at is None else float(at)

    def _stale(self, tunnel: Tunnel, index: int) -> Sa | None:
        """The phase 1 of this end that the other one does not hold any more."""
        own = tunnel.ends[index].sa(1)
        if own is None or tunnel.known_by_far(index, own) or not self.ike.reaches(tunnel, index):
            return None
        return own

    def _note(self, tunnel: Tunnel, what: str, device: str) -> None:
        counts = self.notes(tunnel).setdefault(what, {})
        counts[device] = int(counts.get(device, 0)) + 1
