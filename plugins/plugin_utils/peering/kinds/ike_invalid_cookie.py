# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JunOSe responder that tells initiators of other makes when their phase 1 has gone stale.

Source: JUNOSe 11.0 IP Services Configuration Guide, "Enabling Notification of Invalid Cookies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.schema import Leaf, Node
from .. import ike
from ..ike import JUNOSE
from ..intent import End, Peering
from ..kind import Configs, Kind, KindBase, like, picked

FEATURE = ike.JUNOSE_FEATURE
_DPD = like(
    FEATURE, "dpd", "Dead peer detection on the responder, with which it finds its own stale phase 1.", default=None
)


class IkeInvalidCookie(KindBase):
    """Only the responder is configured: the initiators need nothing but to believe the notification."""

    name = "ike_invalid_cookie"
    title = "Invalid-cookie notification to stale initiators"
    ends: tuple[int, int | None] = (2, None)
    values: Mapping[str, Node] = {
        "dpd": _DPD,
        "nat_t": like(FEATURE, "nat_t", "NAT traversal on the responder.", default=None),
    }
    end: Mapping[str, Node] = {
        "role": Leaf(
            "str",
            choices=("responder", "initiator"),
            required=True,
            description="The responder sends the notification, the initiator drops its stale phase 1.",
        ),
        "platform": ike.PLATFORM,
        **ike.END,
        "virtual_router": like(
            FEATURE, "virtual_router", "The responder's transport virtual router.", default="default"
        ),
    }
    known: Mapping[str, Node] = {
        "tx_invalid_cookie": Leaf("bool", description="Whether an external responder sends the notification."),
        "honours_invalid_cookie": Leaf("bool", description="Whether an external initiator drops its phase 1 on it."),
        "dpd": _DPD,
    }

    def problems(self, peering: Peering) -> Iterator[str]:
        for role in ("responder", "initiator"):
            if not any(end.values.get("role") == role for end in peering.ends):
                yield f".ends: no end has the role {role}."
        for end in peering.inventory:
            platform = ike.platform_of(peering, end)
            if end.values.get("role") == "responder" and platform != JUNOSE:
                yield f".ends[{end.host}]: a responder is a {JUNOSE}, no {platform}; only that sends the notification."

    def compile(self, peering: Peering) -> Configs:
        return {
            end.host: {
                FEATURE: [
                    {
                        "virtual_router": router(end),
                        "tx_invalid_cookie": True,
                        **picked(peering.values, "dpd", "nat_t"),
                    }
                ]
            }
            for end in responders(peering)
        }

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """The responders, at once: each notification stands for itself."""
        hosts = [end.host for end in responders(peering)]
        return [hosts] if hosts else []


def responders(peering: Peering) -> list[End]:
    """The responders in the inventory."""
    return [end for end in peering.inventory if end.values.get("role") == "responder"]


def router(end: End) -> str:
    """The transport virtual router of a responder."""
    return str(end.values.get("virtual_router", ike.DEFAULT_ROUTER))


KIND: Kind = IkeInvalidCookie()
