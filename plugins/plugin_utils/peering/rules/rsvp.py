# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP-TE authentication and handshake. Numbers as in the vendor's page "Configuring the Handshake Function"."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...engine.schema import Model
from ...engine.secret import Secret
from ...features.huawei_rsvp_auth.schema import DEFAULT_LIFETIME, DEFAULT_REFRESH, seconds
from ..finding import Breach, Group, compared, same_secret
from ..intent import End
from ..kinds.rsvp_handshake import FEATURE, REFRESH_PERIODS, authentication_mode, bare
from ..scene import Device, Fleet, Scene

_PAGE = "NE40E V800R012C10, (Optional) Configuring the Handshake Function"
_REFERENCE = "NE40E V800R012C10 command reference, MPLS TE"
_GUIDE = "NE40E V800R012C10 configuration guide, RSVP authentication"
_S600 = "CloudEngine S V600R024C10 configuration guide, MPLS"

KIND = "rsvp_handshake"
_NAMES = {"key": "a key", "keychain": "a keychain", "none": "none"}
_GROUP = Group("rsvp")
RULES, KEPT = _GROUP.rules, _GROUP.kept


@dataclass(frozen=True)
class Half:
    """What one end does towards the other; None = unknown. `form`: key, keychain or none. Times in seconds."""

    host: str
    where: str
    form: str | None = None
    key: Secret | None = None
    keychain: str | None = None
    handshake: bool | None = None
    lifetime: int | None = None
    refresh: int | None = None
    window: int | None = None


def half(scene: Scene, end: End) -> Half | None:
    """An end's effective settings on the link: neighbour's interface address before LSR ID before own interface."""
    if end.external:
        return _known(end)
    model = scene.model(end, FEATURE)
    if model is None:
        return None
    (other,) = scene.peering.others(end)
    candidates = entries(model, end, other)
    refresh = model.get("timers", {}).get("refresh", DEFAULT_REFRESH)
    if not candidates:
        return Half(end.host, "this link", form="none", handshake=False, refresh=refresh)
    where, entry = candidates[0]
    authentication = entry["authentication"]
    return Half(
        host=end.host,
        where=where,
        form=_form(authentication["mode"]),
        key=authentication.get("key"),
        keychain=authentication.get("keychain"),
        handshake=entry.get("handshake", False),
        lifetime=seconds(entry.get("lifetime", DEFAULT_LIFETIME)),
        refresh=refresh,
        window=entry.get("window_size", 1),
    )


def _known(end: End) -> Half:
    known = end.known
    told = known.get("mode") or known.get("key") or known.get("keychain")
    return Half(
        host=end.host,
        where="this link",
        form=_form(authentication_mode(known)) if told else None,
        key=known.get("key"),
        keychain=known.get("keychain"),
        handshake=known.get("handshake"),
        lifetime=seconds(known["lifetime"]) if "lifetime" in known else None,
        refresh=known.get("refresh"),
        window=known.get("window_size"),
    )


def _form(mode: str) -> str:
    """cipher and plain are the same on the wire (HMAC-MD5); they differ in how the device stores the key."""
    return "keychain" if mode == "keychain" else "key"


def entries(model: Model, end: End, other: End) -> list[tuple[str, dict[str, Any]]]:
    """The entries with an authentication that apply to the link, the one that takes effect first."""
    peers = {peer["address"]: peer for peer in model.get("peers", [])}
    interfaces = {entry["name"]: entry for entry in model.get("interfaces", [])}
    found: list[tuple[str, dict[str, Any]]] = []
    for address in (bare(other.values.get("address")), other.values.get("lsr_id")):
        if address in peers and f"peer {address}" not in dict(found):
            found.append((f"peer {address}", peers[address]))
    name = end.values.get("interface")
    if name in interfaces:
        found.append((f"interface {name}", interfaces[name]))
    return [(where, entry) for where, entry in found if "authentication" in entry]


def _halves(scene: Scene) -> Iterator[tuple[Half, Half]]:
    """Both ends, once, if something is known of both."""
    if scene.peering.kind == KIND:
        one, other = (half(scene, end) for end in scene.peering.ends)
        if one and other:
            yield one, other


def _both_ways(scene: Scene) -> Iterator[tuple[Half, Half]]:
    for one, other in _halves(scene):
        yield one, other
        yield other, one


def _views(device: Device) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every interface and peer of a device that has settings."""
    model = device.models.get(FEATURE, {})
    yield from ((f"interface {entry['name']}", entry) for entry in model.get("interfaces", []))
    yield from ((f"peer {entry['address']}", entry) for entry in model.get("peers", []))


def _needs_authentication(device: Device, kind: str) -> Iterator[Breach]:
    for where, entry in _views(device):
        if where.startswith(kind) and "authentication" not in entry:
            for name in [name for name in ("handshake", "lifetime", "window_size") if entry.get(name)]:
                yield Breach(
                    (device.host,),
                    (f"{where}: {name} without authentication",),
                    f"{device.host}, {where}: {name} is set, but no key and no keychain in the same view.",
                )


@_GROUP.rule(
    "R1",
    "Handshake in the interface view needs authentication there",
    scope="device",
    source=_PAGE,
    text="The device accepts the handshake only in a view that has a key or keychain, and ignores it elsewhere.",
    fix="Add authentication to the same interface.",
)
def interface_needs_authentication(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _needs_authentication(device, "interface")


@_GROUP.rule(
    "R2",
    "Handshake in the neighbour view needs authentication there",
    scope="device",
    source=_PAGE,
    text="The device accepts the handshake only in a view that has a key or keychain, and ignores it elsewhere.",
    fix="Add authentication to the same peer.",
)
def peer_needs_authentication(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _needs_authentication(device, "peer")


def _lifetimes(device: Device) -> Iterator[tuple[str, int, int]]:
    refresh = device.models.get(FEATURE, {}).get("timers", {}).get("refresh", DEFAULT_REFRESH)
    for where, entry in _views(device):
        if "authentication" in entry:
            yield where, seconds(entry.get("lifetime", DEFAULT_LIFETIME)), refresh


@_GROUP.rule(
    "R7",
    "Lifetime must be greater than the refresh interval",
    scope="device",
    source=_PAGE,
    text="Otherwise the relationship is deleted between two refresh messages, and the tunnel with it.",
    fix="Raise the lifetime or lower the refresh interval.",
)
def lifetime_exceeds_refresh(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, lifetime, refresh in _lifetimes(device):
        if lifetime <= refresh:
            values = (f"lifetime {lifetime} s, refresh {refresh} s",)
            yield Breach(
                (device.host,), values, f"{device.host}, {where}: lifetime {lifetime} s, refresh interval {refresh} s."
            )


@_GROUP.rule(
    "R7a",
    "Lifetime should be at least three refresh intervals",
    scope="device",
    severity="warning",
    source=_REFERENCE,
    text="Two lost refresh messages in a row would end the relationship.",
    fix="Raise the lifetime to three refresh intervals or more.",
)
def lifetime_has_margin(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, lifetime, refresh in _lifetimes(device):
        if refresh < lifetime < REFRESH_PERIODS * refresh:
            values = (f"lifetime {lifetime} s, refresh {refresh} s",)
            yield Breach(
                (device.host,), values, f"{device.host}, {where}: lifetime {lifetime} s, refresh interval {refresh} s."
            )


@_GROUP.rule(
    "R9",
    "A key without the handshake leaves replay possible",
    scope="device",
    severity="warning",
    source=_PAGE,
    text="A recorded message carries a valid digest; only the handshake tells it from a new one.",
    fix="Enable the handshake, on both ends.",
)
def key_without_handshake(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, entry in _views(device):
        if "authentication" in entry and not entry.get("handshake"):
            yield Breach(
                (device.host,), ("no handshake",), f"{device.host}, {where}: authenticated, but without handshake."
            )


@_GROUP.rule(
    "R9a",
    "Neither end authenticates",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text="Anybody on the link can send RSVP messages that both ends believe.",
    fix="Configure authentication and the handshake on both ends.",
)
def somebody_authenticates(scene: Scene) -> Iterator[Breach]:
    for one, other in _halves(scene):
        if one.form == other.form == "none":
            hosts = (one.host, other.host)
            yield Breach(hosts, ("none", "none"), f"Neither {one.host} nor {other.host} authenticates on this link.")


@_GROUP.rule(
    "R10",
    "The handshake must be configured on both ends",
    scope="peering",
    source=_PAGE,
    text="It takes effect only when both ends have it.",
    fix="Enable it on the other end too.",
)
def handshake_on_both_ends(scene: Scene) -> Iterator[Breach]:
    for one, other in _both_ways(scene):
        if one.handshake and other.handshake is False:
            yield Breach(
                (one.host, other.host),
                ("handshake", "no handshake"),
                f"{one.host} ({one.where}) challenges its neighbour, {other.host} ({other.where}) has no handshake.",
            )


@_GROUP.rule(
    "R11",
    "Authentication mode and key must be the same on both ends",
    scope="peering",
    source=_GUIDE,
    text="A message whose digest does not fit is discarded, so the neighbour and its tunnels are lost.",
    fix="Give both ends the same key or the same keychain.",
)
def same_authentication(scene: Scene) -> Iterator[Breach]:
    for one, other in _halves(scene):
        if one.form is None or other.form is None:
            continue
        hosts = (one.host, other.host)
        if one.form != other.form:
            values = (_NAMES[one.form], _NAMES[other.form])
            yield Breach(
                hosts,
                values,
                f"{one.host} ({one.where}) authenticates with {values[0]}, {other.host} ({other.where}): {values[1]}.",
            )
        elif one.form == "key" and same_secret(one.key, other.key) is False:
            text = f"{one.host} ({one.where}) and {other.host} ({other.where}) have different keys."
            yield Breach(hosts, compared(False), text)


@_GROUP.rule(
    "R11a",
    "Keychains of different names cannot be compared",
    scope="peering",
    severity="warning",
    source=_GUIDE,
    text="Algorithm, key ID, key and times of the active key must be the same; a name says nothing about them.",
    fix="Name the keychain alike on both ends, or make sure that their keys agree.",
)
def same_keychain(scene: Scene) -> Iterator[Breach]:
    for one, other in _halves(scene):
        if one.keychain and other.keychain and one.keychain != other.keychain:
            values = (one.keychain, other.keychain)
            text = f"{one.host} uses keychain {values[0]}, {other.host} uses keychain {values[1]}."
            yield Breach((one.host, other.host), values, text)


@_GROUP.rule(
    "R13",
    "Lifetime should be greater than the neighbour's refresh interval",
    scope="peering",
    severity="warning",
    assumed=True,
    source=_PAGE,
    text=(
        "It is the neighbour's messages that keep the relationship alive; the page says \"the interval at which RSVP "
        'update messages are sent" without saying whose.'
    ),
    fix="Raise the lifetime above the neighbour's refresh interval.",
)
def lifetime_exceeds_neighbours_refresh(scene: Scene) -> Iterator[Breach]:
    for one, other in _both_ways(scene):
        if one.lifetime is not None and other.refresh is not None and one.lifetime <= other.refresh:
            values = (f"lifetime {one.lifetime} s", f"refresh {other.refresh} s")
            yield Breach(
                (one.host, other.host),
                values,
                f"{one.host} ({one.where}) forgets its neighbour after {one.lifetime} s, {other.host} refreshes every "
                f"{other.refresh} s.",
            )


@_GROUP.rule(
    "R14",
    "A hidden setting differs from the one that takes effect",
    scope="peering",
    severity="warning",
    source=f"{_S600}; {_GUIDE}",
    text="The neighbour's interface address goes before its LSR ID, and that before the local interface.",
    fix="Remove the setting that has no effect, or make it the same.",
)
def hidden_setting(scene: Scene) -> Iterator[Breach]:
    if scene.peering.kind != KIND:
        return
    for end in scene.peering.inventory:
        (other,) = scene.peering.others(end)
        candidates = entries(scene.model(end, FEATURE) or {}, end, other)
        for where, entry in candidates[1:]:
            effective, first = candidates[0]
            names = ("authentication", "handshake", "lifetime", "window_size")
            differing = [name for name in names if entry.get(name) != first.get(name)]
            if differing:
                yield Breach(
                    (end.host,),
                    (", ".join(differing),),
                    f"{end.host}: {effective} takes effect on the link to {other.host} and hides {where}, "
                    f"which differs in {', '.join(differing)}.",
                )


@_GROUP.rule(
    "R15",
    "Both addresses of a link must be in one network",
    scope="peering",
    source=_PAGE,
    text="A neighbour view for an interface address takes effect only for that interface, on the shared link.",
    fix="Correct the addresses of the ends.",
)
def shared_network(scene: Scene) -> Iterator[Breach]:
    if scene.peering.kind != KIND:
        return
    one, other = (end.values.get("address", "") for end in scene.peering.ends)
    hosts = tuple(end.host for end in scene.peering.ends)
    if bare(one) and bare(one) == bare(other):
        yield Breach(hosts, (one, other), f"{hosts[0]} and {hosts[1]} have the same address {bare(one)}.")
    elif "/" in one and "/" in other:
        networks = [ipaddress.IPv4Interface(address).network for address in (one, other)]
        if networks[0] != networks[1]:
            yield Breach(
                hosts, (one, other), f"{hosts[0]} has {one}, {hosts[1]} has {other}: these are different networks."
            )


@_GROUP.rule(
    "R15a",
    "A neighbour view must name an address or the LSR ID of a neighbour",
    scope="device",
    severity="warning",
    source=_PAGE,
    text="A view for an address that no neighbour has protects nothing.",
    fix="Correct the address, or declare the neighbour as an end of a peering.",
)
def known_neighbour(device: Device, fleet: Fleet) -> Iterator[Breach]:
    others = [end for scene in fleet.of(device.host, KIND) for end in scene.peering.ends if end.host != device.host]
    if not others or not all({"address", "lsr_id"} <= set(end.values) for end in others):
        return  # an end whose addresses are not all told may be the one
    addresses = {value for end in others for value in (bare(end.values["address"]), end.values["lsr_id"])}
    for peer in device.models.get(FEATURE, {}).get("peers", []):
        if peer["address"] not in addresses:
            yield Breach(
                (device.host,),
                (peer["address"],),
                f"{device.host}: peer {peer['address']} is neither an address nor the LSR ID of a neighbour.",
            )


_GROUP.keeps(
    "R3",
    "Order of the procedure in the interface view",
    source=_PAGE,
    how="The plan sends authentication before handshake.",
)
_GROUP.keeps(
    "R4",
    "Order of the procedure in the neighbour view",
    source=_PAGE,
    how="The plan enters mpls, then the peer, then sends.",
)
_GROUP.keeps(
    "R5",
    "The interface is the one that carries the tunnel",
    source=_PAGE,
    how="huawei_rsvp_auth refuses an interface on which RSVP-TE is not enabled, unless told to enable it.",
)
_GROUP.keeps(
    "R6", "Nothing takes effect before the commit", source=_PAGE, how="A push ends with a commit, or is taken back."
)
_GROUP.keeps(
    "R8",
    "An interface address covers one link, an LSR ID all of them",
    source=_PAGE,
    how="Lint computes the effective setting of every link that way (see R14).",
)
_GROUP.keeps(
    "R12",
    "Both ends must change within three refresh periods",
    source=f"{_GUIDE}; {_S600}",
    how="guard pushes both ends together and takes both back when they were changed further apart.",
)
_GROUP.keeps(
    "R16",
    "Convergence is a completed challenge and response",
    source=_PAGE,
    how="verify reads the counters and the neighbours of both ends.",
)
