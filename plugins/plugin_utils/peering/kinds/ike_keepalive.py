# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE peers that find each other dead by IKE SA keepalives (H3C Comware V5 and V7).

Source: H3C SecPath F1000-E user manual, "Setting Keepalive Timers"; HP and H3C command references for the ranges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.schema import Leaf, Node
from .. import ike
from ..intent import End, Peering
from ..kind import Configs, Kind, KindBase, given, like

FEATURE = "h3c_ike_keepalive"
LONGEST = 28800
"""Seconds; the largest timeout."""
MARGIN = 5
"""Seconds after a timeout by which its effect is shown."""
LONGEST_PROOF = 600
"""Seconds that anybody is made to wait for a proof."""

_TIMERS: Mapping[str, Node] = {
    "interval": like(FEATURE, "interval", "Seconds between the keepalives that an end sends."),
    "timeout": like(
        FEATURE,
        "timeout",
        "Seconds without a keepalive after which the peer counts as dead. Left out: three times the peer's interval.",
    ),
}


class IkeKeepalive(KindBase):
    """Timers are global on the device: all its keepalive peerings share them."""

    name = "ike_keepalive"
    title = "IKE SA keepalives"
    values: Mapping[str, Node] = {
        **_TIMERS,
        "nat_interval": like(FEATURE, "nat_interval", "Seconds between NAT keepalives."),
    }
    end: Mapping[str, Node] = {"platform": ike.PLATFORM, **ike.END, **_TIMERS}
    known: Mapping[str, Node] = {
        "keepalive": Leaf("bool", description="With false, the end neither sends nor expects keepalives."),
        **_TIMERS,
    }

    def problems(self, peering: Peering) -> Iterator[str]:
        speakers = [end for end in peering.inventory if ike.platform_of(peering, end) == ike.H3C]
        if not speakers:
            yield ".ends: no end in the inventory is an h3c_comware, and no other platform has these keepalives."
        for end in speakers if peering.managed else ():
            if interval(peering, end) is None:
                yield f".ends[{end.host}]: interval is missing, here and in the peering."

    def compile(self, peering: Peering) -> Configs:
        return {
            end.host: {
                FEATURE: given(
                    interval=interval(peering, end),
                    timeout=timeout(peering, end),
                    nat_interval=peering.values.get("nat_interval"),
                )
            }
            for end in peering.inventory
            if ike.platform_of(peering, end) == ike.H3C
        }

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """All at once: whichever end were first would wait for the other's keepalives, or send to nobody."""
        hosts = [end.host for end in peering.inventory if ike.platform_of(peering, end) == ike.H3C]
        return [hosts] if hosts else []

    def window(self, peering: Peering) -> float | None:
        """The shortest timeout: an end that waits longer for the other's first keepalive tags or deletes a good SA."""
        return float(min(_timeouts(peering))) if _timeouts(peering) else None

    def proof(self, peering: Peering) -> float:
        """One timeout: before it is over, nobody misses a keepalive. Of very long ones ten minutes are watched."""
        return float(min(max(_timeouts(peering), default=0) + MARGIN, LONGEST_PROOF)) if _timeouts(peering) else 0.0


def _timeouts(peering: Peering) -> list[int]:
    return [seconds for end in peering.inventory if (seconds := timeout(peering, end))]


def interval(peering: Peering, end: End) -> int | None:
    """Seconds between an end's keepalives; None = it sends none, or it is not known."""
    if end.external:
        return end.known.get("interval")
    if ike.platform_of(peering, end) != ike.H3C:
        return None
    value: int | None = end.values.get("interval", peering.values.get("interval"))
    return value


def timeout(peering: Peering, end: End) -> int | None:
    """Seconds: as given, else three times the peer's interval if the peer is known to send (the vendor's advice)."""
    if ike.platform_of(peering, end) != ike.H3C:
        return None
    told: int | None = end.values.get("timeout", peering.values.get("timeout"))
    if told is not None:
        return told
    (other,) = peering.others(end)
    theirs = interval(peering, other)
    return min(3 * theirs, LONGEST) if theirs else None


KIND: Kind = IkeKeepalive()
