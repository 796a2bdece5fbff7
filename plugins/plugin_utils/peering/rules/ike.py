# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE peers: keepalives, and what lets two makes negotiate. Numbers as in the notes of the vendor's page.

The page is H3C's; what it says of modes and identities follows from IKE itself, so it is judged for every make, as an
error only where the vendor says "must".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from ...engine.schema import Model
from .. import ike
from ..finding import Breach, Group
from ..ike import H3C, KINDS, IkeEnd
from ..intent import End
from ..scene import Scene

_PAGE = "H3C SecPath F1000-E user manual, p. 171"
_COMMANDS = "HP 3100 v2 and 12900E security command references; H3C Comware 7 IKE command reference"
_NAMES = "HP High-End Firewalls VPN command reference R3721, p. 46"
_V7 = "H3C Comware 7 IKE command reference"

FEATURE = "h3c_ike_keepalive"
_GROUP = Group("ike")
RULES, KEPT = _GROUP.rules, _GROUP.kept


@dataclass(frozen=True)
class Timers:
    """Keepalives of one end: seconds, 0 = none, None = unknown. `speaks`: whether it has them at all."""

    host: str
    interval: int | None
    timeout: int | None
    speaks: bool = True


def timers(scene: Scene, end: End) -> Timers | None:
    """What an end sends and expects; None = nothing is known of it in this input."""
    if end.external:
        known = end.known
        if known.get("keepalive") is False or ike.platform_of(scene.peering, end) in (ike.ALLIED, ike.JUNOSE):
            return Timers(end.host, 0, 0, speaks=False)
        return Timers(end.host, known.get("interval"), known.get("timeout"))
    if ike.platform_of(scene.peering, end) != H3C:
        return Timers(end.host, 0, 0, speaks=False)
    model: Model | None = scene.model(end, FEATURE)
    if model is None:
        return None
    return Timers(end.host, model.get("interval", 0), model.get("timeout", 0))


def _expectations(scene: Scene) -> Iterator[tuple[Timers, Timers]]:
    """(who expects, who should send), for every direction."""
    if scene.peering.kind != "ike_keepalive":
        return
    for end, other in scene.directions():
        expecting, sending = timers(scene, end), timers(scene, other)
        if expecting and sending:
            yield expecting, sending


def _seconds(value: int | None) -> str:
    return "unknown" if value is None else f"{value} s" if value else "none"


def _pair(expecting: Timers, sending: Timers) -> tuple[tuple[str, str], tuple[str, str]]:
    values = (f"timeout {_seconds(expecting.timeout)}", f"interval {_seconds(sending.interval)}")
    return (expecting.host, sending.host), values


@_GROUP.rule(
    "R1",
    "An end that expects keepalives needs a peer that sends them",
    scope="peering",
    source=_PAGE,
    text="Without keepalives, the SA is deleted after the timeout (Comware V5: after two) though the peer is alive.",
    fix="Configure the interval on the peer, or remove the timeout.",
)
def expected_is_sent(scene: Scene) -> Iterator[Breach]:
    for expecting, sending in _expectations(scene):
        if expecting.timeout and sending.interval == 0:
            why = "sends none" if sending.speaks else "has no such keepalives at all"
            yield Breach(
                *_pair(expecting, sending),
                f"{expecting.host} expects a keepalive every {expecting.timeout} s, {sending.host} {why}.",
                "" if sending.speaks else "Remove the timeout and use DPD, which both makes have.",
            )


@_GROUP.rule(
    "R1a",
    "It is not known whether the external peer sends keepalives",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text="Without keepalives, the SA is deleted after the timeout (Comware V5: after two) though the peer is alive.",
    fix="Tell the peer's interval under known, or known: {keepalive: false}.",
)
def peer_is_unknown(scene: Scene) -> Iterator[Breach]:
    for expecting, sending in _expectations(scene):
        if expecting.timeout and sending.interval is None:
            text = (
                f"{expecting.host} expects a keepalive every {expecting.timeout} s; nothing is known of {sending.host}."
            )
            yield Breach(*_pair(expecting, sending), text)


@_GROUP.rule(
    "R6",
    "The timeout must be longer than the peer's interval",
    scope="peering",
    source=_COMMANDS,
    text="Otherwise the timeout ends before the next keepalive comes, and a good SA is deleted.",
    fix="Set the timeout to three times the peer's interval.",
)
def timeout_exceeds_interval(scene: Scene) -> Iterator[Breach]:
    for expecting, sending in _expectations(scene):
        if expecting.timeout and sending.interval and expecting.timeout <= sending.interval:
            text = f"{expecting.host} waits {expecting.timeout} s, {sending.host} sends every {sending.interval} s."
            yield Breach(*_pair(expecting, sending), text)


@_GROUP.rule(
    "R6a",
    "The timeout should be three times the peer's interval",
    scope="peering",
    severity="warning",
    source=_COMMANDS,
    text="One or two lost keepalives would end the SA; three in a row are rare.",
    fix="Set the timeout to three times the peer's interval.",
)
def timeout_has_margin(scene: Scene) -> Iterator[Breach]:
    for expecting, sending in _expectations(scene):
        if expecting.timeout and sending.interval and sending.interval < expecting.timeout < 3 * sending.interval:
            text = f"{expecting.host} waits {expecting.timeout} s, {sending.host} sends every {sending.interval} s."
            yield Breach(*_pair(expecting, sending), text)


@_GROUP.rule(
    "R6b",
    "Keepalives that nobody expects",
    scope="peering",
    severity="note",
    assumed=True,
    source="netops.peerguard",
    text="They do no harm, but a dead peer is not found by them.",
    fix="Set a timeout on the receiving end, or leave the interval out.",
)
def sent_is_expected(scene: Scene) -> Iterator[Breach]:
    for expecting, sending in _expectations(scene):
        if sending.interval and expecting.timeout == 0:
            text = f"{sending.host} sends a keepalive every {sending.interval} s, {expecting.host} expects none."
            yield Breach(*_pair(expecting, sending), text)


def _both_ways(scene: Scene) -> Iterator[tuple[IkeEnd, IkeEnd]]:
    if scene.peering.kind in KINDS:
        views = {end.host: ike.view(scene, end) for end in scene.peering.ends}
        for end, other in scene.directions():
            if scene.peering.kind != "ike_invalid_cookie" or end.values["role"] != other.values["role"]:
                yield views[end.host], views[other.host]


def _ends(scene: Scene) -> Iterator[IkeEnd]:
    if scene.peering.kind in KINDS:
        yield from (ike.view(scene, end) for end in scene.peering.ends)


def _needs_aggressive(scene: Scene) -> Iterator[tuple[IkeEnd, IkeEnd]]:
    """(who starts in main mode, who has a dynamic address)."""
    for one, other in _both_ways(scene):
        if one.exchange_mode == "main" and one.initiates is not False:
            yield from ((one, dynamic) for dynamic in (one, other) if dynamic.address == ike.DYNAMIC)


def _aggressive(found: tuple[IkeEnd, IkeEnd]) -> Breach:
    starts, dynamic = found
    text = f"{starts.host} starts in main mode, but the address of {dynamic.host} is dynamic."
    if starts.host == dynamic.host:
        return Breach((starts.host,), ("main mode, dynamic address",), text)
    return Breach((starts.host, dynamic.host), ("main mode", "dynamic address"), text)


@_GROUP.rule(
    "R8",
    "A dynamic address needs aggressive mode",
    scope="peering",
    source=_PAGE,
    text="In main mode a peer is told by its address, which is not known beforehand here.",
    fix="Set the exchange mode to aggressive.",
)
def dynamic_needs_aggressive(scene: Scene) -> Iterator[Breach]:
    yield from (_aggressive(found) for found in _needs_aggressive(scene) if found[0].comware5)


def _wrong_identities(scene: Scene) -> Iterator[IkeEnd]:
    for end in _ends(scene):
        if end.exchange_mode == "main" and end.authentication == "preshared" and end.id_type not in (None, "ip"):
            yield end


def _identity(end: IkeEnd) -> Breach:
    values = (f"main mode, pre-shared key, ID type {end.id_type}",)
    return Breach(
        (end.host,), values, f"{end.host} identifies itself by {end.id_type} in main mode with a pre-shared key."
    )


@_GROUP.rule(
    "R9",
    "Main mode with a pre-shared key needs the address as identity",
    scope="peering",
    source=_PAGE,
    text="The key is chosen before the identity is received, so only the address can choose it.",
    fix="Use ID type ip, or aggressive mode.",
)
def identity_in_main_mode(scene: Scene) -> Iterator[Breach]:
    yield from (_identity(end) for end in _wrong_identities(scene) if end.comware5)


@_GROUP.rule(
    "R11",
    "An initiator must know where its peer is",
    scope="peering",
    source=_PAGE,
    text="It needs a remote name or a remote address to find the peer; an end that only responds needs neither.",
    fix="Configure the remote address or name on the initiator.",
)
def initiator_knows_peer(scene: Scene) -> Iterator[Breach]:
    for end in _ends(scene):
        if end.told and end.initiates and not end.remote_name and end.remote_address in (None, "any"):
            values = (f"remote address {end.remote_address or 'not set'}, remote name not set",)
            yield Breach(
                (end.host,), values, f"{end.host} initiates, but has neither the name nor the address of its peer."
            )


@_GROUP.rule(
    "R13",
    "Each end must expect the name and address that the other has",
    scope="peering",
    source=_PAGE,
    text="Otherwise the peer is not recognised and the negotiation fails.",
    fix="Make the remote name or address of the one the local name or address of the other.",
)
def names_and_addresses_mirror(scene: Scene) -> Iterator[Breach]:
    for one, other in _both_ways(scene):
        hosts = (one.host, other.host)
        if one.remote_name and other.local_name and one.remote_name != other.local_name:
            values = (f"remote name {one.remote_name}", f"local name {other.local_name}")
            text = f"{one.host} expects the name {one.remote_name}, {other.host} has the name {other.local_name}."
            yield Breach(hosts, values, text)
        if one.remote_address and other.address and not _covers(one.remote_address, other.address):
            values = (f"remote address {one.remote_address}", f"address {other.address}")
            text = f"{one.host} expects its peer at {one.remote_address}, {other.host} is at {other.address}."
            yield Breach(hosts, values, text)


def _covers(remote: str, address: str) -> bool:
    if remote == "any":
        return True
    if address == ike.DYNAMIC:
        return False
    low, _dash, high = remote.partition("-")
    first, last, wanted = (ipaddress.ip_address(text) for text in (low, high or low, address))
    return wanted.version == first.version and int(first) <= int(wanted) <= int(last)


@_GROUP.rule(
    "R14",
    "NAT between the ends needs NAT traversal on both",
    scope="peering",
    source=_PAGE,
    text="Without it on both ends, ESP packets do not get through the translator.",
    fix="Enable NAT traversal on both ends.",
)
def nat_traversal_on_both(scene: Scene) -> Iterator[Breach]:
    if scene.peering.kind not in KINDS:
        return
    ends = [ike.view(scene, end) for end in scene.peering.ends]
    hidden = [end for end in ends if end.behind_nat]
    for end in ends if hidden else ():
        if end.nat_traversal is False:
            behind = next((other for other in hidden if other.host != end.host), hidden[0])
            hosts = (end.host,) if end.host == behind.host else (end.host, behind.host)
            values = ("no NAT traversal", "behind NAT")[: len(hosts)]
            yield Breach(hosts, values, f"{behind.host} is behind NAT, and {end.host} has no NAT traversal.")


@_GROUP.rule(
    "R16",
    "A responder needs a system-view proposal that the initiator offers",
    scope="peering",
    source=_PAGE,
    text="Responding, an H3C device uses the proposals of the system view, whatever the peer view names.",
    fix="Add one of the initiator's proposals to those that the responder accepts.",
)
def common_proposal(scene: Scene) -> Iterator[Breach]:
    for one, other in _both_ways(scene):
        offered, accepted = set(one.proposals), set(other.system_proposals)
        if one.initiates is not False and offered and accepted and not offered & accepted:
            values = (f"offers {', '.join(one.proposals)}", f"accepts {', '.join(other.system_proposals)}")
            yield Breach(
                (one.host, other.host), values, f"{one.host} {values[0]}, {other.host} {values[1]}: nothing in common."
            )


@_GROUP.rule(
    "R17",
    "FQDN names have no @, user FQDN names have one",
    scope="peering",
    source=_NAMES,
    text="The kind of an identity is told by its form.",
    fix="Correct the name or the ID type.",
)
def form_of_names(scene: Scene) -> Iterator[Breach]:
    for end in _ends(scene):
        name = end.local_name or ""
        if name and end.id_type in ("fqdn", "user_fqdn") and ("@" in name) != (end.id_type == "user_fqdn"):
            values = (f"{end.id_type} {name}",)
            yield Breach((end.host,), values, f"{end.host} has ID type {end.id_type} and the name {name}.")


@_GROUP.rule(
    "R18",
    "Mode and identity should go together on other makes too",
    scope="peering",
    severity="warning",
    source=_V7,
    text="What Comware V5 demands (R8, R9), Comware 7 recommends; other makes differ.",
    fix="Use aggressive mode, or addresses that are fixed as identities.",
)
def recommended_mode(scene: Scene) -> Iterator[Breach]:
    yield from (_aggressive(found) for found in _needs_aggressive(scene) if not found[0].comware5)
    yield from (_identity(end) for end in _wrong_identities(scene) if not end.comware5)


_GROUP.keeps("R2", "Each direction is judged for itself", source=_PAGE, how="R1 and R6 are judged in both directions.")
_GROUP.keeps(
    "R3",
    "The first expiry only tags the SA",
    source=_PAGE,
    how="verify reports tagged SAs of Comware V5 as not converged.",
)
_GROUP.keeps(
    "R4",
    "An expiry while tagged deletes the SA",
    source=_PAGE,
    how="guard keeps the ends apart for less than one timeout.",
)
_GROUP.keeps(
    "R5", "Keepalives are off by default", source=_PAGE, how="Defaults are values: an absent timer is compared as off."
)
_GROUP.keeps(
    "R7",
    "A changed IKE peer needs its SAs reset",
    source=_PAGE,
    how="Timers are global and no peer setting; h3c_reset_sa resets SAs where it is needed, IPsec before IKE.",
)
_GROUP.keeps(
    "R10", "The responder follows the initiator's mode", source=_PAGE, how="Differing modes of the ends are no finding."
)
_GROUP.keeps("R12", "The local address is optional", source=_PAGE, how="Its absence is no finding.")
_GROUP.keeps("R15", "DPD on a peer is optional", source=_PAGE, how="Its absence is no finding.")
