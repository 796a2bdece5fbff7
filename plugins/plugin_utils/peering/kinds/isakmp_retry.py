# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permanent VPNs whose failed ISAKMP negotiations are tried again (Allied Telesis AlliedWare).

Source: Release Note Software Version 2.8.1 (C613-10477-00 REV B), pp. 170-171.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...engine.schema import Leaf, Node
from .. import ike
from ..intent import End, Peering
from ..kind import Configs, Kind, KindBase, given, like, picked

FEATURE = ike.ALLIED_FEATURE
SETTINGS = ("retry_ike_attempts", "msg_backoff", "msg_retry_limit", "msg_timeout")


def ipsec_peer(value: object) -> str:
    """An address, `any` or `dynamic`."""
    text = str(value).strip().lower()
    return text if text == "any" else ike.address(text)


_SETTINGS: Mapping[str, Node] = {
    "retry_ike_attempts": like(
        FEATURE, "retry_ike_attempts", "How often a failed exchange is tried again: 0 to 16, or continuous."
    ),
    "msg_backoff": like(FEATURE, "msg_backoff", "Whether the delay between copies of a message grows."),
    "msg_retry_limit": like(FEATURE, "msg_retry_limit", "Copies of a message before its exchange has failed."),
    "msg_timeout": like(FEATURE, "msg_timeout", "Seconds before the first copy of a message."),
}
_POLICY = like(FEATURE, "name", "Name of the ISAKMP policy.", default=None)


class IsakmpRetry(KindBase):
    """Only AlliedWare ends are configured; the other end may be of any make."""

    name = "isakmp_retry"
    title = "ISAKMP retry for permanent VPNs"
    values: Mapping[str, Node] = {"policy": _POLICY, **_SETTINGS}
    end: Mapping[str, Node] = {
        "platform": ike.PLATFORM,
        **ike.END,
        "policy": _POLICY,
        "ipsec_peer": Leaf(
            "str",
            normal=ipsec_peer,
            description="The peer that the end's IPsec policy names: an address, any or dynamic.",
        ),
    }
    known: Mapping[str, Node] = {
        **_SETTINGS,
        "peer": like(FEATURE, "peer", "The peer that an external end's ISAKMP policy names."),
    }

    def problems(self, peering: Peering) -> Iterator[str]:
        if peering.managed and "retry_ike_attempts" not in peering.values:
            yield ": retry_ike_attempts is missing; 0 to 16, or continuous."
        retrying = retriers(peering)
        if not retrying:
            yield ".ends: no end in the inventory is an allied_alliedware, and no other platform has these settings."
        for end in retrying if peering.managed else ():
            if ike.policy_name(peering, end) is None:
                yield f".ends[{end.host}]: policy is missing, here and in the peering."
            (other,) = peering.others(end)
            if "address" not in other.values:
                yield f".ends[{other.host}]: address is missing; {end.host} needs to know its peer."

    def compile(self, peering: Peering) -> Configs:
        return {end.host: {FEATURE: [self._policy(peering, end)]} for end in retriers(peering)}

    def _policy(self, peering: Peering, end: End) -> dict[str, object]:
        (other,) = peering.others(end)
        peer = other.values["address"]
        return given(
            name=ike.policy_name(peering, end),
            peer="any" if peer == ike.DYNAMIC else peer,
            **picked(peering.values, *SETTINGS),
        )

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """All at once: each end retries for itself, and settings do not touch SAs that stand."""
        hosts = [end.host for end in retriers(peering)]
        return [hosts] if hosts else []


def retriers(peering: Peering) -> list[End]:
    """The AlliedWare ends in the inventory."""
    return [end for end in peering.inventory if ike.platform_of(peering, end) == ike.ALLIED]


KIND: Kind = IsakmpRetry()
