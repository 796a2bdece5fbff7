# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE peers of any make: what an intent may tell of an end beyond what our features configure, and what is known of it.

Identities, modes and proposals decide whether two makes understand each other. They are configured elsewhere; told
here, they are judged. The vocabulary is that of the IKE standards (RFC 2407, RFC 2409).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.schema import Group, Leaf, Node, Values
from .intent import End, Peering
from .scene import Scene

H3C, ALLIED, JUNOSE, OTHER = "h3c_comware", "allied_alliedware", "juniper_junose", "other"
PLATFORMS = (H3C, ALLIED, JUNOSE, OTHER)
DYNAMIC = "dynamic"
KINDS = ("ike_keepalive", "ike_invalid_cookie", "isakmp_retry")
"""Kinds of peerings whose ends are IKE peers."""
COMWARE_FEATURE = "h3c_ike_keepalive"
ALLIED_FEATURE = "allied_isakmp_policy"
JUNOSE_FEATURE = "junose_ipsec_option"
DEFAULT_ROUTER = "default"
OBSERVED = "peerguard_observed"
"""The fact under which the facts module shows what devices show."""


def address(value: Any) -> str:
    """An IPv4 or IPv6 address, or `dynamic`."""
    text = str(value).strip()
    if text.lower() == DYNAMIC:
        return DYNAMIC
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("use an IP address such as 192.0.2.1, or dynamic") from None


def remote_address(value: Any) -> str:
    """An address, a range LOW-HIGH, or `any`."""
    text = str(value).strip().lower()
    if text == "any":
        return text
    try:
        low, _dash, high = (part.strip() for part in text.partition("-"))
        one, other = ipaddress.ip_address(low), ipaddress.ip_address(high or low)
    except ValueError:
        raise ValueError("use an IP address, a range such as 192.0.2.1-192.0.2.9, or any") from None
    if one.version != other.version or int(one) > int(other):
        raise ValueError("use a range whose first address is the lower one")
    return f"{one}-{other}" if high else str(one)


PLATFORM = Leaf("str", choices=PLATFORMS, description="What the end is.")
END: Mapping[str, Node] = {
    "comware": Leaf("int", choices=(5, 7), description="Generation of an H3C end; where facts tell it, they go first."),
    "address": Leaf("str", normal=address, description="The end's own address towards its peer, or dynamic."),
    "ike": Group(
        {
            "initiates": Leaf("bool", description="The end starts negotiations."),
            "exchange_mode": Leaf("str", choices=("main", "aggressive"), description="Mode in which it starts them."),
            "authentication": Leaf(
                "str", choices=("preshared", "signature"), description="How the peers prove who they are."
            ),
            "id_type": Leaf("str", choices=("ip", "fqdn", "user_fqdn", "dn"), description="What it is identified by."),
            "local_name": Leaf("str", description="The name that it sends."),
            "remote_name": Leaf("str", description="The name that it expects."),
            "remote_address": Leaf(
                "str", normal=remote_address, description="The address, range or any that it expects."
            ),
            "nat_traversal": Leaf("bool", description="NAT traversal is enabled."),
            "behind_nat": Leaf("bool", description="An address translator is in front of it."),
            "proposals": Values(
                Leaf("str", description="A proposal it offers when it starts, in words alike on both ends.")
            ),
            "system_proposals": Values(Leaf("str", description="A proposal it accepts when the other end starts.")),
        }
    ),
}


@dataclass(frozen=True)
class IkeEnd:
    """What is known of one end as an IKE peer; None = unknown. `told`: the intent describes it."""

    host: str
    platform: str | None
    address: str | None
    told: bool = False
    initiates: bool | None = None
    exchange_mode: str | None = None
    authentication: str | None = None
    id_type: str | None = None
    local_name: str | None = None
    remote_name: str | None = None
    remote_address: str | None = None
    nat_traversal: bool | None = None
    behind_nat: bool | None = None
    proposals: tuple[str, ...] = ()
    system_proposals: tuple[str, ...] = ()
    version: tuple[int, ...] = ()

    @property
    def comware5(self) -> bool:
        """Comware V5, for all that is known: the generation that the vendor's stricter rules are written for."""
        return self.platform == H3C and self.version[:1] != (7,)


def platform_of(peering: Peering, end: End) -> str | None:
    """The end's platform: as told, else what the kind of peering takes it for."""
    told = end.values.get("platform")
    if told or end.external:
        return told
    if peering.kind == "ike_keepalive":
        return H3C
    if peering.kind == "isakmp_retry":
        return ALLIED
    return JUNOSE if end.values.get("role") == "responder" else None


def view(scene: Scene, end: End) -> IkeEnd:
    """Everything that intent and models tell of an end; the models go first, they are what the device does."""
    told: Mapping[str, Any] = end.values.get("ike", {})
    device = scene.device(end)
    known = {**told, **_allied(scene, end), **_junose(scene, end), **_comware(scene, end)}
    known["proposals"], known["system_proposals"] = (tuple(told.get(n, ())) for n in ("proposals", "system_proposals"))
    return IkeEnd(
        host=end.host,
        platform=platform_of(scene.peering, end),
        address=end.values.get("address") or known.pop("own_address", None),
        told=bool(told),
        version=(device.version if device else ()) or ((end.values["comware"],) if "comware" in end.values else ()),
        **{name: value for name, value in known.items() if name != "own_address"},
    )


def policy(scene: Scene, end: End) -> Mapping[str, Any] | None:
    """The AlliedWare policy of an end for this peering: by name, else by peer address; None = unknown or absent."""
    model = scene.model(end, ALLIED_FEATURE)
    name = policy_name(scene.peering, end)
    others = [other.values.get("address") for other in scene.peering.others(end)]
    for entry in model or []:
        if entry["name"] == name or (name is None and entry.get("peer") in others):
            found: Mapping[str, Any] = entry
            return found
    return None


def policy_name(peering: Peering, end: End) -> str | None:
    """The name of the end's ISAKMP policy, None if the intent does not tell it."""
    name: str | None = end.values.get("policy", peering.values.get("policy"))
    return name


def _allied(scene: Scene, end: End) -> dict[str, Any]:
    entry = policy(scene, end)
    if entry is None:
        return {}
    known: dict[str, Any] = {}
    peer = entry.get("peer", "")
    if peer == "any" or _is_address(peer):
        known["remote_address"] = peer
    for field, option in (("exchange_mode", "mode"), ("nat_traversal", "nat_traversal")):
        if option in entry:
            known[field] = entry[option]
    if "auth_type" in entry:
        known["authentication"] = {"preshared": "preshared", "rsasig": "signature"}[entry["auth_type"]]
    return known


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _junose(scene: Scene, end: End) -> dict[str, Any]:
    model = scene.model(end, JUNOSE_FEATURE)
    if model is None:
        return {}
    router = end.values.get("virtual_router", DEFAULT_ROUTER)
    entry: dict[str, Any] = next((entry for entry in model if entry["virtual_router"] == router), {})
    return {"nat_traversal": entry.get("nat_t", True)}


_COMWARE_IDS = {"ip": "ip", "name": "fqdn", "user-fqdn": "user_fqdn", "dn": "dn"}


def _comware(scene: Scene, end: End) -> dict[str, Any]:
    """What facts show of the H3C peer that is meant: the one with the other end's address, or the only one."""
    device = scene.device(end)
    seen = device.facts.get(OBSERVED, {}).get(COMWARE_FEATURE, {}) if device else {}
    peers = seen.get("peers", [])
    others = [other.values.get("address") for other in scene.peering.others(end)]
    matching = [peer for peer in peers if peer.get("remote_address") in others] or (peers if len(peers) == 1 else [])
    if not matching:
        return {}
    peer = matching[0]
    identity = _COMWARE_IDS.get(peer["id_type"])
    remote = peer["remote_address"]
    if peer["remote_high"]:
        remote = f"{remote}-{peer['remote_high']}"
    elif not _is_address(remote):
        remote = ""  # a host name
    found = {
        "exchange_mode": peer["exchange_mode"],
        "id_type": identity,
        "local_name": (peer["local_name"] or seen.get("local_name")) if identity in ("fqdn", "user_fqdn") else None,
        "remote_name": peer["remote_name"],
        "remote_address": remote,
        "nat_traversal": peer["nat_traversal"],
        "own_address": peer["local_address"] or peer["interface_address"],
    }
    return {name: value for name, value in found.items() if value not in (None, "")}
