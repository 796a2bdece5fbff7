# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retrying ISAKMP negotiations. Numbers as in the vendor's release note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import ike
from ..finding import Breach, Group
from ..intent import End
from ..kinds.isakmp_retry import FEATURE
from ..scene import Device, Fleet, Scene

_NOTE = "AlliedWare Release Note 2.8.1 (C613-10477-00 REV B), pp. 170-171"

KIND = "isakmp_retry"
SINCE = (2, 8, 1)
_GROUP = Group("retry")
RULES, KEPT = _GROUP.rules, _GROUP.kept


def _policies(device: Device) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = device.models.get(FEATURE, [])
    return found


def _too_old(device: Device, option: str) -> Iterator[Breach]:
    if not device.version or device.version >= SINCE:
        return
    release = ".".join(map(str, device.version))
    for policy in _policies(device):
        if policy.get(option):
            text = f"{device.host}: policy {policy['name']} has {option}, but the software is {release}."
            yield Breach((device.host,), (f"software {release}",), text)


@_GROUP.rule(
    "R3",
    "msg_backoff needs software 2.8.1 or newer",
    scope="device",
    source=_NOTE,
    text="Older software does not know the parameter.",
    fix="Upgrade, or leave msg_backoff out.",
)
def backoff_is_known(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _too_old(device, "msg_backoff")


@_GROUP.rule(
    "R5",
    "Retrying needs software 2.8.1 or newer",
    scope="device",
    source=_NOTE,
    text="Older software attempts a negotiation once.",
    fix="Upgrade, or leave retry_ike_attempts out.",
)
def retry_is_known(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _too_old(device, "retry_ike_attempts")


def _retries(policy: Mapping[str, Any] | None) -> bool:
    return bool(policy and policy.get("retry_ike_attempts"))


@_GROUP.rule(
    "R8",
    "Retrying needs one specific peer address",
    scope="device",
    source=_NOTE,
    text="The parameter is only valid with a specific peer IP address.",
    fix="Name the peer's address, or set retry_ike_attempts to 0.",
)
def specific_peer(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for policy in _policies(device):
        if _retries(policy) and policy.get("peer") == "any":
            text = f"{device.host}: policy {policy['name']} retries, but its peer is any."
            yield Breach((device.host,), ("peer any",), text)


@_GROUP.rule(
    "R8a",
    "Retrying with a host name as peer is not documented",
    scope="device",
    severity="warning",
    assumed=True,
    source=_NOTE,
    text='The note says "a specific peer IP address"; whether a host name counts is not told.',
    fix="Name the peer's address.",
)
def peer_is_no_name(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for policy in _policies(device):
        peer = policy.get("peer", "any")
        if _retries(policy) and peer != "any" and not _is_address(peer):
            text = f"{device.host}: policy {policy['name']} retries, and its peer is the host name {peer}."
            yield Breach((device.host,), (f"peer {peer}",), text)


def _is_address(text: str) -> bool:
    try:
        return ike.address(text) != ike.DYNAMIC
    except ValueError:
        return False


def _settings(scene: Scene, end: End) -> Mapping[str, Any] | None:
    """What an AlliedWare end has for this peering; None = unknown."""
    if end.external:
        return end.known if "retry_ike_attempts" in end.known else None
    if ike.platform_of(scene.peering, end) != ike.ALLIED or scene.model(end, FEATURE) is None:
        return None
    return ike.policy(scene, end) or {}


def _retrying(scene: Scene) -> Iterator[tuple[End, Mapping[str, Any]]]:
    for end in scene.peering.ends if scene.peering.kind == KIND else ():
        settings = _settings(scene, end)
        if settings is not None:
            yield end, settings


@_GROUP.rule(
    "R8b",
    "The IPsec policy must name the same specific peer",
    scope="peering",
    source=_NOTE,
    text="The parameter is only valid with a specific peer IP address in both the ISAKMP and the IPsec policy.",
    fix="Set the peer's address in the IPsec policy.",
)
def ipsec_policy_agrees(scene: Scene) -> Iterator[Breach]:
    for end, settings in _retrying(scene):
        peer = end.values.get("ipsec_peer")
        (other,) = scene.peering.others(end)
        wanted = settings.get("peer") or other.values.get("address")
        if _retries(settings) and peer and (peer in ("any", ike.DYNAMIC) or (wanted and peer != wanted)):
            values = (f"IPsec policy {peer}, ISAKMP policy {wanted or 'unknown'}",)
            text = f"{end.host} retries towards {wanted or other.host}, but its IPsec policy has the peer {peer}."
            yield Breach((end.host,), values, text)


@_GROUP.rule(
    "R7",
    "Only one end retries",
    scope="peering",
    severity="note",
    source=_NOTE,
    text="A negotiation that the other end started and that failed is not tried again by that end.",
    fix="Set retry_ike_attempts on both ends, unless only one shall start negotiations.",
)
def both_retry(scene: Scene) -> Iterator[Breach]:
    found = list(_retrying(scene))
    if len(found) == 2 and _retries(found[0][1]) != _retries(found[1][1]):
        hosts = tuple(end.host for end, _settings in found)
        values = tuple(f"retry_ike_attempts {settings.get('retry_ike_attempts', 0)}" for _end, settings in found)
        yield Breach(hosts, values, f"{hosts[0]} has {values[0]}, {hosts[1]} has {values[1]}.")


@_GROUP.rule(
    "R11",
    "Message settings alone retry nothing",
    scope="peering",
    severity="warning",
    source=_NOTE,
    text="They repeat messages inside one exchange; a failed exchange is tried again only with retry_ike_attempts.",
    fix="Set retry_ike_attempts.",
)
def messages_are_not_retries(scene: Scene) -> Iterator[Breach]:
    found = list(_retrying(scene))
    if any(_retries(settings) for _end, settings in found):
        return
    for end, settings in found:
        text = f"{end.host}: retry_ike_attempts is 0, so failed negotiations are not tried again."
        tuned = [name for name in ("msg_backoff", "msg_retry_limit", "msg_timeout") if name in settings]
        if tuned:
            text = text.replace("retry_ike_attempts is 0", f"{', '.join(tuned)} set, but retry_ike_attempts is 0")
        yield Breach((end.host,), ("retry_ike_attempts 0",), text)


@_GROUP.rule(
    "R13",
    "Retrying is for permanent VPNs",
    scope="peering",
    severity="warning",
    source=_NOTE,
    text="A roaming peer is not there to be found again.",
    fix="Set retry_ike_attempts to 0 for this peer.",
)
def permanent_peer(scene: Scene) -> Iterator[Breach]:
    for end, settings in _retrying(scene):
        (other,) = scene.peering.others(end)
        if _retries(settings) and other.values.get("address") == ike.DYNAMIC:
            values = (f"retry_ike_attempts {settings['retry_ike_attempts']}", "dynamic address")
            text = f"{end.host} retries towards {other.host}, whose address is dynamic."
            yield Breach((end.host, other.host), values, text)


_GROUP.keeps("R1", "The incremental schedule", source=_NOTE, how="allied_isakmp_policy computes and reports it.")
_GROUP.keeps(
    "R2", "After the last copy the exchange has failed", source=_NOTE, how="allied_isakmp_policy reports that time."
)
_GROUP.keeps("R4", "Where back-off is shown", source=_NOTE, how="verify reads the display of the one policy.")
_GROUP.keeps("R6", "0 to 16 or continuous", source=_NOTE, how="Other values are refused (intent/invalid).")
_GROUP.keeps("R9", "What a retry is triggered by", source=_NOTE, how="The mock lab behaves so; tests hold it.")
_GROUP.keeps(
    "R10", "A Delete for an older SA triggers nothing", source=_NOTE, how="The mock lab behaves so; tests hold it."
)
_GROUP.keeps(
    "R12", "Equal values give no command", source=_NOTE, how="Defaults are values: running twice changes nothing."
)
