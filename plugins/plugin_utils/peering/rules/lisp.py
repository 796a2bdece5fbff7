# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions with TCP-AO. Numbers 1 to 19 hold on one device, 20 to 29 between them; M is the outcome matrix.

Sources are told rule by rule; what is "assumed" is the collection's own prudence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from ...engine.schema import natural
from ...engine.secret import Secret
from ...platforms.cisco_iosxe import times
from ..finding import Breach, Group, same_secret
from ..ike import OBSERVED
from ..intent import End, Peering
from ..kinds.lisp_tcp_ao import CHAINS, FEATURE, chain_name, etrs, map_servers, retired, site_name
from ..scene import Device, Fleet, Scene, numbers

_GUIDE = "IOS XE 17.x IP Routing guide, LISP Support for TCP Authentication Option"
_YANG = "Cisco-IOS-XE-crypto YANG, 17.5.1 and later"
_REFERENCE = "IOS IP Routing command reference"
_DEFECT = "Cisco defect CSCvx41293"
_OURS = "netops.peerguard"

KIND = "lisp_tcp_ao"
SINCE = (17, 2, 1)
LONGEST_MODEL_NAME = 236
OVERLAP = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)
Key: TypeAlias = Mapping[str, Any]
_GROUP = Group("lisp")
RULES, KEPT = _GROUP.rules, _GROUP.kept


# -- one device -------------------------------------------------------------------------------------------------------


def _chains(device: Device) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = device.models.get(CHAINS, [])
    return found


def _keys(device: Device) -> Iterator[tuple[str, Key]]:
    """Every key with its place."""
    for chain in _chains(device):
        for key in chain.get("keys", []):
            yield f"{device.host}, chain {chain['name']}, key {key['id']}", key


def _options(device: Device) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = device.models.get(FEATURE, {}).get("tcp_auth_options", [])
    return found


def _missing(device: Device, *names: str) -> Iterator[Breach]:
    for where, key in _keys(device):
        absent = [name for name in names if name not in key]
        if absent:
            yield Breach((device.host,), (f"no {', no '.join(absent)}",), f"{where}: {' and '.join(absent)} missing.")


@_GROUP.rule(
    "R1",
    "The key chain that TCP-AO uses must exist",
    scope="device",
    source=_GUIDE,
    text="Without it, no session is authenticated.",
    fix="Configure the chain with cisco_tcp_key_chain.",
)
def chain_exists(device: Device, fleet: Fleet) -> Iterator[Breach]:
    names = [chain["name"] for chain in _chains(device)]
    for option in _options(device) if CHAINS in device.models else ():
        if option["key_chain"] not in names:
            has = f"it has {', '.join(names)}" if names else "it has none"
            text = f"{device.host}: tcp auth-option uses key chain {option['key_chain']}, which is not there; {has}."
            yield Breach((device.host,), (option["key_chain"],), text)


@_GROUP.rule(
    "R2",
    "Names of key chains should have at most 236 characters",
    scope="device",
    severity="warning",
    source=_YANG,
    text="The CLI takes 256, the models since 17.5.1 only 236.",
    fix="Choose a shorter name.",
)
def chain_name_fits(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for chain in _chains(device):
        if len(chain["name"]) > LONGEST_MODEL_NAME:
            values = (f"{len(chain['name'])} characters",)
            yield Breach((device.host,), values, f"{device.host}: chain {chain['name'][:20]}… has {values[0]}.")


@_GROUP.rule(
    "R4",
    "Every key needs a send-id and a recv-id",
    scope="device",
    source=_GUIDE,
    text="They are what is on the wire; there are no defaults.",
    fix="Give both, from 0 to 255, preferably the same.",
)
def ids_present(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _missing(device, "send_id", "recv_id")


@_GROUP.rule(
    "R5",
    "No id may be used twice in a chain",
    scope="device",
    source=_GUIDE,
    text="The id in a segment must name one key.",
    fix="Give each key ids of its own.",
)
def ids_unique(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for chain in _chains(device):
        for field in ("send_id", "recv_id"):
            used = [key[field] for key in chain.get("keys", []) if field in key]
            for number in sorted({number for number in used if used.count(number) > 1}):
                ids = [str(key["id"]) for key in chain["keys"] if key.get(field) == number]
                text = f"{device.host}, chain {chain['name']}: keys {' and '.join(ids)} have the same {field} {number}."
                yield Breach((device.host,), (f"{field} {number}",), text)


@_GROUP.rule(
    "R6",
    "Every key needs an algorithm",
    scope="device",
    source=_GUIDE,
    text="aes-128-cmac, hmac-sha-1 or hmac-sha-256; without one the key is not usable.",
    fix="Give the algorithm.",
)
def algorithm_present(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _missing(device, "algorithm")


@_GROUP.rule(
    "R7",
    "Every key needs a key string",
    scope="device",
    source=_GUIDE,
    text="Traffic keys are derived from it.",
    fix="Give the key string.",
)
def key_string_present(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _missing(device, "key_string")


@_GROUP.rule(
    "R8",
    "A lifetime must end once, after its start",
    scope="device",
    source=_REFERENCE,
    text="Otherwise the device refuses it, or the key is never valid.",
    fix="Give one of end, duration and infinite, after the start.",
)
def lifetime_is_sound(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, key in _keys(device):
        for name in ("send_lifetime", "accept_lifetime"):
            lifetime = key.get(name)
            if lifetime is not None and _span(lifetime) is None:
                yield Breach((device.host,), (_words(lifetime),), f"{where}: {name} ({_words(lifetime)}) is not one.")


@_GROUP.rule(
    "R8a",
    "Every key should have a send lifetime",
    scope="device",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="Whether a TCP key without one is always valid or never is not documented.",
    fix="Give a start and an end, or infinite: true.",
)
def lifetime_present(device: Device, fleet: Fleet) -> Iterator[Breach]:
    yield from _missing(device, "send_lifetime")


Span: TypeAlias = tuple[datetime, datetime]


def _span(lifetime: Mapping[str, Any]) -> Span | None:
    """From and to, in the lifetime's own zone; None where it does not end once after its start."""
    if len([name for name in ("end", "duration", "infinite") if lifetime.get(name)]) != 1:
        return None
    start, end = times.start_of(lifetime), times.end_of(lifetime)
    return (start, end) if start < end else None


def _words(lifetime: Mapping[str, Any]) -> str:
    parts = [f"from {lifetime['start']}"]
    if lifetime.get("end"):
        parts.append(f"to {lifetime['end']}")
    if lifetime.get("duration"):
        parts.append(f"for {lifetime['duration']} s")
    if lifetime.get("infinite"):
        parts.append("for ever")
    return " ".join(parts) + (" local time" if lifetime.get("local") else "")


def _plans(device: Device) -> Iterator[tuple[str, list[tuple[datetime, datetime, int]]]]:
    """Chains of which all keys have a sound lifetime, with what is valid when; zones are taken for UTC."""
    for chain in _chains(device):
        keys = chain.get("keys", [])
        spans = [(_span(key["send_lifetime"]) if "send_lifetime" in key else None, key["id"]) for key in keys]
        if spans and all(span for span, _id in spans):
            yield f"{device.host}, chain {chain['name']}", sorted((*span, number) for span, number in spans if span)


def _now(fleet: Fleet) -> datetime:
    return fleet.now.astimezone(UTC).replace(tzinfo=None)


@_GROUP.rule(
    "R9",
    "At any time one key must be there to send with",
    scope="device",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="Without one, segments are lost and the session goes down.",
    fix="Let lifetimes follow each other without a gap, and add the next key in time.",
)
def keys_last(device: Device, fleet: Fleet) -> Iterator[Breach]:
    now, until = _now(fleet), _now(fleet) + timedelta(days=fleet.horizon)
    for where, spans in _plans(device):
        covered = spans[0][1]
        if spans[0][0] > now:
            yield _gap(device, where, now, spans[0][0])
        for start, end, _number in spans[1:]:
            if covered < start and now < start and covered < until:
                yield _gap(device, where, covered, start)
            covered = max(covered, end)
        if covered < until:
            word = "ended" if covered <= now else "ends"
            text = f"{where}: the last key {word} at {times.written(covered)} UTC."
            yield Breach((device.host,), (f"{word} {times.written(covered)} UTC",), text)


def _gap(device: Device, where: str, since: datetime, until: datetime) -> Breach:
    words = f"from {times.written(since)} to {times.written(until)} UTC"
    return Breach((device.host,), (f"no key {words}",), f"{where}: there is no key to send with {words}.")


@_GROUP.rule(
    "R10",
    "A key and its successor should overlap by 15 minutes",
    scope="device",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="Both ends must have switched before the old key ends; clocks differ.",
    fix="Start the new key 15 minutes before the old one ends.",
)
def keys_overlap(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, spans in _plans(device):
        for (_s, end, one), (start, later, other) in pairwise(spans):
            if later > end >= start and end - start < OVERLAP and end > _now(fleet):
                minutes = (end - start) // _MINUTE
                text = f"{where}: keys {one} and {other} are both valid for {minutes} minutes only."
                yield Breach((device.host,), (f"{minutes} minutes",), text)


@_GROUP.rule(
    "R10a",
    "A successor must outlive the key that it follows",
    scope="device",
    severity="warning",
    assumed=True,
    source=_GUIDE,
    text="Of the valid keys, the one with the longest send lifetime is used; sessions stay with the old key as long as "
    "it outlives the new one.",
    fix="Let the old key end before the new one does, or the new one later.",
)
def successor_outlives(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, spans in _plans(device):
        (started, longest, old), *later = spans
        for start, end, number in later:
            if start > started and _now(fleet) < end <= longest:
                text = f"{where}: key {number} does not outlive key {old}, so nothing rolls over to it."
                yield Breach((device.host,), (f"key {old} {_until(longest)}, key {number} {_until(end)}",), text)
            elif end > longest:
                started, longest, old = start, end, number


def _until(end: datetime) -> str:
    return "never ends" if end == datetime.max else f"ends {times.written(end)} UTC"


@_GROUP.rule(
    "R11",
    "send-id and recv-id should be equal",
    scope="device",
    severity="note",
    source=_GUIDE,
    text="The vendor recommends it unless separate key spaces are wanted; the peer must have them the other way round.",
    fix="Use one id for both.",
)
def ids_equal(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, key in _keys(device):
        if "send_id" in key and "recv_id" in key and key["send_id"] != key["recv_id"]:
            values = (f"send-id {key['send_id']}, recv-id {key['recv_id']}",)
            yield Breach((device.host,), values, f"{where}: {values[0]}.")


@_GROUP.rule(
    "R12",
    "accept-ao-mismatch switches the protection off",
    scope="device",
    severity="warning",
    source=_REFERENCE,
    text="Segments with a wrong digest are taken, and sessions of the key do not roll over.",
    fix="Remove accept_ao_mismatch.",
)
def mismatch_accepted(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, key in _keys(device):
        if key.get("accept_ao_mismatch"):
            yield Breach((device.host,), ("accept_ao_mismatch",), f"{where}: takes segments whose digest is wrong.")


@_GROUP.rule(
    "R13",
    "include-tcp-options can break sessions between IOS XE devices",
    scope="device",
    severity="warning",
    source=_DEFECT,
    text="SYN segments padded with trailing NOPs fail the check (%TCP-6-AOMISMATCH).",
    fix="Leave it off on both ends.",
)
def options_included(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for where, key in _keys(device):
        if key.get("include_tcp_options"):
            yield Breach((device.host,), ("include_tcp_options",), f"{where}: other TCP options are in the digest.")


@_GROUP.rule(
    "R14",
    "A map server should accept ETRs with one chain",
    scope="device",
    severity="warning",
    assumed=True,
    source=_GUIDE,
    text="It uses one common chain for all ETRs; which of several is used is not documented.",
    fix="Put all keys into one chain.",
)
def one_accepting_chain(device: Device, fleet: Fleet) -> Iterator[Breach]:
    names = [option["key_chain"] for option in _options(device) if option.get("accept")]
    if len(names) > 1:
        text = f"{device.host} accepts ETRs with the chains {' and '.join(names)}."
        yield Breach((device.host,), (", ".join(names),), text)


@_GROUP.rule(
    "R14a",
    "A map server without peer accept takes no TCP-AO session",
    scope="device",
    severity="warning",
    source=_GUIDE,
    text="Its chains are there, but it does not use them for ETRs.",
    fix="Set accept under the chain that its ETRs use.",
)
def server_accepts(device: Device, fleet: Fleet) -> Iterator[Breach]:
    options = _options(device)
    serves = device.models.get(FEATURE, {}).get("map_server", {}).get("services")
    if serves and options and not any(option.get("accept") or option.get("peers") for option in options):
        names = ", ".join(option["key_chain"] for option in options)
        yield Breach((device.host,), (f"{names} without accept",), f"{device.host} is a map server and accepts no ETR.")


def _etr_servers(device: Device) -> dict[str, list[Secret | None]]:
    """Map server address → keys, over all services; empty where no ETR is described."""
    found: dict[str, list[Secret | None]] = {}
    for service in device.models.get(FEATURE, {}).get("etr", {}).get("services", []):
        for server in service.get("map_servers", []):
            found.setdefault(server["address"], []).append(server.get("key"))
    return found


@_GROUP.rule(
    "R15",
    "An ETR's TCP-AO peers should be its map servers",
    scope="device",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="A peer that is no map server gets no session, so nothing is protected.",
    fix="Correct the peer's address, or configure the map server.",
)
def peers_are_map_servers(device: Device, fleet: Fleet) -> Iterator[Breach]:
    servers = _etr_servers(device)
    for option in _options(device) if servers else ():
        for peer in [peer for peer in option.get("peers", []) if peer not in servers]:
            text = f"{device.host}: TCP-AO peer {peer} is none of its map servers ({', '.join(sorted(servers))})."
            yield Breach((device.host,), (peer,), text)


@_GROUP.rule(
    "R15a",
    "A map server's address should be under one chain",
    scope="device",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="Which chain a session would use is not documented.",
    fix="Name the peer under one chain only.",
)
def peer_under_one_chain(device: Device, fleet: Fleet) -> Iterator[Breach]:
    chains: dict[str, list[str]] = {}
    for option in _options(device):
        for peer in option.get("peers", []):
            chains.setdefault(peer, []).append(option["key_chain"])
    for peer, names in chains.items():
        if len(names) > 1:
            text = f"{device.host}: peer {peer} is under the chains {' and '.join(names)}."
            yield Breach((device.host,), (", ".join(names),), text)


@_GROUP.rule(
    "R16",
    "Registration needs its key also with TCP-AO",
    scope="device",
    source=_GUIDE,
    text="The UDP registration comes first and is authenticated with the site's key; TCP-AO does not replace it.",
    fix="Give the site an authentication key, and the ETR the same key for its map server.",
)
def registration_key_present(device: Device, fleet: Fleet) -> Iterator[Breach]:
    for site in device.models.get(FEATURE, {}).get("map_server", {}).get("sites", []):
        if "authentication_key" not in site:
            yield Breach((device.host,), ("no key",), f"{device.host}: site {site['name']} has no authentication key.")
    for address, keys in _etr_servers(device).items():
        if None in keys:
            yield Breach((device.host,), ("no key",), f"{device.host}: there is no key for map server {address}.")


@_GROUP.rule(
    "R17",
    "TCP-AO for LISP needs IOS XE 17.2.1 or newer",
    scope="device",
    source=_GUIDE,
    text="Older releases know only the shared key.",
    fix="Upgrade the device.",
)
def release_knows_ao(device: Device, fleet: Fleet) -> Iterator[Breach]:
    if _options(device) and device.version and device.version < SINCE:
        release = ".".join(map(str, device.version))
        text = f"{device.host} runs {release}, and TCP-AO is configured for LISP."
        yield Breach((device.host,), (f"release {release}",), text)


# -- between devices --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ao:
    """TCP-AO of one end towards another; `on` None = unknown, `keys` None = unknown."""

    host: str
    on: bool | None
    chain: str = ""
    keys: tuple[Key, ...] | None = None


def _chain_keys(scene: Scene, end: End, chain: str) -> tuple[Key, ...] | None:
    model = scene.model(end, CHAINS)
    if model is None:
        return None
    return next((tuple(entry.get("keys", ())) for entry in model if entry["name"] == chain), None)


def _external(end: End) -> Ao:
    version = numbers(end.known.get("version", ""))
    old = bool(version) and version < SINCE
    return Ao(end.host, False if old else end.known.get("tcp_ao"))


def _ao(scene: Scene, end: End, peer: str | None) -> Ao | None:
    """An end's TCP-AO: of a map server what it accepts (`peer` None), of an ETR what it uses towards `peer`."""
    if end.external:
        return _external(end)
    model = scene.model(end, FEATURE)
    if model is None:
        return None
    for option in model.get("tcp_auth_options", []):
        if option.get("accept") if peer is None else peer in option.get("peers", []):
            return Ao(end.host, True, option["key_chain"], _chain_keys(scene, end, option["key_chain"]))
    return Ao(end.host, False)


def _sessions(scene: Scene) -> Iterator[tuple[Ao, Ao]]:
    """(ETR, map server) for every session of which both ends are known."""
    for etr, server in _pairs(scene):
        address = server.values.get("address")
        if address:
            one, other = _ao(scene, etr, address), _ao(scene, server, None)
            if one and other:
                yield one, other


def _pairs(scene: Scene) -> Iterator[tuple[End, End]]:
    if scene.peering.kind == KIND:
        for etr in etrs(scene.peering):
            for server in map_servers(scene.peering):
                yield etr, server


def _keyed(scene: Scene) -> Iterator[tuple[Ao, Ao, tuple[Key, ...], tuple[Key, ...]]]:
    """Sessions whose keys are known on both ends."""
    for etr, server in _sessions(scene):
        if etr.on and server.on and etr.keys is not None and server.keys is not None:
            yield etr, server, etr.keys, server.keys


def _mirrored(key: Key, keys: Sequence[Key]) -> Key | None:
    """R23: the other end's key for this one, found by the ids on the wire, never by the local number."""
    return next(
        (
            other
            for other in keys
            if other.get("send_id") == key.get("recv_id") and other.get("recv_id") == key.get("send_id")
        ),
        None,
    )


def _ids(key: Key) -> str:
    return f"send-id {key.get('send_id', 'none')}, recv-id {key.get('recv_id', 'none')}"


def _differing(one: Key, other: Key) -> list[str]:
    """In what two keys that belong together differ."""
    names = [name for name in ("algorithm", "include_tcp_options") if one.get(name) != other.get(name)]
    if same_secret(one.get("key_string"), other.get("key_string")) is False:
        names.append("key_string")
    if _apart(one.get("send_lifetime"), other.get("send_lifetime")):
        names.append("send_lifetime")
    return names


def _apart(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two lifetimes are different times; times of different zones cannot be told apart (see R20a)."""
    if one is None or other is None:
        return one is not other
    if one.get("local") or other.get("local"):
        return False
    return _span(one) != _span(other)


@_GROUP.rule(
    "R20",
    "A key must be the same on both ends",
    scope="peering",
    source=_GUIDE,
    text="Key string, algorithm, options and send lifetime make the digest and its time; else segments are refused.",
    fix="Make the key the same on both ends.",
)
def keys_agree(scene: Scene) -> Iterator[Breach]:
    for etr, server, mine, theirs in _keyed(scene):
        for key in mine:
            other = _mirrored(key, theirs)
            names = _differing(key, other) if other else []
            if other and names:
                values = (_shown(key, names), _shown(other, names))
                both = f"Key {key['id']} of {etr.host} and key {other['id']} of {server.host}"
                text = f"{both} differ in {', '.join(names)}."
                yield Breach((etr.host, server.host), values, text)


def _shown(key: Key, names: Sequence[str]) -> str:
    words = []
    for name in names:
        if name == "key_string":
            words.append("key strings differ")
        elif name == "send_lifetime":
            words.append(_words(key[name]) if name in key else "no send lifetime")
        else:
            words.append(f"{name} {key.get(name, 'off')}")
    return "; ".join(words)


@_GROUP.rule(
    "R20a",
    "Lifetimes in local time cannot be compared",
    scope="peering",
    severity="warning",
    source=_GUIDE,
    text="Without local, a time is UTC; with it, another time in every zone and across summer time.",
    fix="Give lifetimes in UTC, without local.",
)
def lifetimes_comparable(scene: Scene) -> Iterator[Breach]:
    for etr, server, mine, theirs in _keyed(scene):
        for key in mine:
            other = _mirrored(key, theirs)
            lifetimes = [entry.get("send_lifetime", {}) for entry in (key, other or {})]
            if other and any(lifetime.get("local") for lifetime in lifetimes):
                values = tuple(_words(lifetime) if lifetime else "no send lifetime" for lifetime in lifetimes)
                both = f"Key {key['id']} of {etr.host} and key {other['id']} of {server.host}"
                text = f"{both} have lifetimes in local time."
                yield Breach((etr.host, server.host), values, text)


@_GROUP.rule(
    "R21",
    "What one end sends, the other must receive",
    scope="peering",
    source=_GUIDE,
    text="The send-id of one end must be the recv-id of the other, both ways.",
    fix="Use the same id for both, or mirror them.",
)
def ids_mirrored(scene: Scene) -> Iterator[Breach]:
    for etr, server, mine, theirs in _keyed(scene):
        for key in mine:
            if _mirrored(key, theirs) is None:
                values = (_ids(key), "; ".join(_ids(other) for other in theirs) or "no keys")
                text = (
                    f"Key {key['id']} of {etr.host} ({values[0]}) has no mirrored key on {server.host} ({values[1]})."
                )
                yield Breach((etr.host, server.host), values, text)


@_GROUP.rule(
    "R22",
    "Names of chains and numbers of keys differ",
    scope="peering",
    severity="note",
    source=_GUIDE,
    text="They are local to a device and may differ, but make both ends harder to read.",
    fix="Use the same name and numbers on both ends.",
)
def names_alike(scene: Scene) -> Iterator[Breach]:
    for etr, server, mine, theirs in _keyed(scene):
        if etr.chain != server.chain:
            text = f"{etr.host} calls its chain {etr.chain}, {server.host} calls it {server.chain}."
            yield Breach((etr.host, server.host), (etr.chain, server.chain), text)
        for key in mine:
            other = _mirrored(key, theirs)
            if other and other["id"] != key["id"]:
                values = (f"key {key['id']}", f"key {other['id']}")
                yield Breach(
                    (etr.host, server.host), values, f"{etr.host} calls it {values[0]}, {server.host} {values[1]}."
                )


@_GROUP.rule(
    "R24",
    "An ETR must register with its site's key",
    scope="peering",
    source=_GUIDE,
    text="The map server authenticates the registration with the site's key; without that there is no session at all.",
    fix="Give the ETR the authentication key of its site.",
)
def registration_keys_agree(scene: Scene) -> Iterator[Breach]:
    for etr, server in _pairs(scene):
        mine, theirs = scene.model(etr, FEATURE), scene.model(server, FEATURE)
        if mine is None or theirs is None:
            continue
        keys = _registration(mine, str(server.values.get("address")))
        sites = theirs.get("map_server", {}).get("sites", [])
        name = site_name(scene.peering, etr)
        candidates = [site for site in sites if name in (None, site["name"])]
        answers = [same_secret(key, site.get("authentication_key")) for key in keys for site in candidates]
        if answers and all(answer is False for answer in answers):
            of = f"site {name}" if name else "any site"
            text = f"{etr.host} registers at {server.host} with another key than that of {of}."
            yield Breach((etr.host, server.host), ("differ", "differ"), text)


def _registration(model: Mapping[str, Any], address: str) -> list[Secret]:
    return [
        server["key"]
        for service in model.get("etr", {}).get("services", [])
        for server in service.get("map_servers", [])
        if server["address"] == address and "key" in server
    ]


@_GROUP.rule(
    "R25",
    "TCP-AO on an ETR needs TCP-AO on the map server",
    scope="peering",
    source=_GUIDE,
    text="Otherwise no TCP session is established between them.",
    fix="Configure tcp auth-option with peer accept on the map server, first.",
)
def server_has_ao(scene: Scene) -> Iterator[Breach]:
    for etr, server in _sessions(scene):
        if etr.on and server.on is False:
            text = f"{etr.host} uses TCP-AO towards {server.host}, which does not accept it."
            yield Breach((etr.host, server.host), ("TCP-AO", "no TCP-AO"), text)


@_GROUP.rule(
    "M1",
    "A map server with TCP-AO silently takes an ETR without",
    scope="peering",
    source=_GUIDE,
    text="The session comes up unprotected, and nothing says so but the missing auth type.",
    fix="Configure tcp auth-option with the map server as peer on the ETR.",
)
def etr_has_ao(scene: Scene) -> Iterator[Breach]:
    for etr, server in _sessions(scene):
        if server.on and etr.on is False:
            text = f"{server.host} accepts TCP-AO, {etr.host} does not use it: their session is unprotected."
            yield Breach((etr.host, server.host), ("no TCP-AO", "TCP-AO"), text)


@_GROUP.rule(
    "M2",
    "A passive-open locator set weakens TCP-AO",
    scope="peering",
    severity="warning",
    source=_GUIDE,
    text="Its listening sockets accept mismatches, for old ETRs' sake, so they do not enforce TCP-AO.",
    fix="Remove map-server session passive-open.",
)
def passive_open(scene: Scene) -> Iterator[Breach]:
    for server in map_servers(scene.peering) if scene.peering.kind == KIND else ():
        model = scene.model(server, FEATURE) or {}
        name = model.get("map_server", {}).get("passive_open")
        ao = _ao(scene, server, None)
        if name and ao and ao.on:
            text = f"{server.host} accepts TCP-AO and opens sessions for locator set {name}."
            yield Breach((server.host,), (f"passive-open {name}",), text)


@_GROUP.rule(
    "M3",
    "Neither end uses TCP-AO",
    scope="peering",
    severity="warning",
    source=_GUIDE,
    text="The session is authenticated by the shared key only, and spoofed TCP segments can end it.",
    fix="Configure tcp auth-option on the map server, then on the ETR.",
)
def somebody_has_ao(scene: Scene) -> Iterator[Breach]:
    for etr, server in _sessions(scene):
        if etr.on is False and server.on is False:
            text = f"Neither {etr.host} nor {server.host} uses TCP-AO for their session."
            yield Breach((etr.host, server.host), ("no TCP-AO", "no TCP-AO"), text)


@_GROUP.rule(
    "R26",
    "All ETRs of a multihomed site must use TCP-AO alike",
    scope="fleet",
    source=_GUIDE,
    text="TCP-AO on some ETRs of a site and not on others, towards one map server, is not supported.",
    fix="Configure TCP-AO on all ETRs of the site, or on none.",
)
def site_is_uniform(fleet: Fleet) -> Iterator[Breach]:
    members: dict[tuple[str, str], dict[str, bool]] = {}
    for scene in fleet.scenes(KIND):
        for etr, server in _pairs(scene):
            name, address = site_name(scene.peering, etr), server.values.get("address")
            ao = _ao(scene, etr, address) if address else None
            if name and ao and ao.on is not None:
                members.setdefault((name, server.host), {})[etr.host] = ao.on
    for (name, server_host), found in members.items():
        if len(set(found.values())) > 1:
            hosts = tuple(sorted(found, key=natural))
            values = tuple("TCP-AO" if found[host] else "no TCP-AO" for host in hosts)
            ways = {on: ", ".join(host for host in hosts if found[host] is on) for on in (True, False)}
            text = f"Site {name}, towards {server_host}: {ways[True]} with TCP-AO, {ways[False]} without."
            yield Breach(hosts, values, text)


@_GROUP.rule(
    "R28",
    "The map server's chain must have a key for every ETR",
    scope="peering",
    source=_GUIDE,
    text="It uses one common chain for all ETRs; an ETR with no key in common gets no session.",
    fix="Add the ETR's key to the map server's chain.",
)
def common_key(scene: Scene) -> Iterator[Breach]:
    for etr, server, mine, theirs in _keyed(scene):
        others = [(key, _mirrored(key, theirs)) for key in mine]
        if not any(other is not None and not _differing(key, other) for key, other in others):
            text = f"{etr.host} (chain {etr.chain}) and {server.host} (chain {server.chain}) have no key in common."
            yield Breach((etr.host, server.host), (etr.chain, server.chain), text)


# -- keys that go -----------------------------------------------------------------------------------------------------


def _all(scene: Scene) -> tuple[str, ...]:
    return tuple(end.host for end in scene.peering.inventory)


def _staying(peering: Peering) -> list[Key]:
    return [key for key in peering.values.get("keys", []) if key["id"] not in retired(peering)]


@_GROUP.rule(
    "R30",
    "A key is either there or retired",
    scope="peering",
    source=_OURS,
    text="A key under keys is added, one under retired_keys is removed; one under both would only be removed.",
    fix="Take the key out of one of the two lists.",
)
def key_here_or_gone(scene: Scene) -> Iterator[Breach]:
    present = {key["id"] for key in scene.peering.values.get("keys", [])}
    for number in [number for number in retired(scene.peering) if number in present]:
        text = f"Key {number} is under keys and under retired_keys."
        yield Breach(_all(scene), tuple("keys and retired_keys" for _host in _all(scene)), text)


@_GROUP.rule(
    "R31",
    "Where keys are retired, one that stays must be valid now",
    scope="peering",
    source=_GUIDE,
    text="Sessions need a key to send with; without one, segments are lost until the next key begins.",
    fix="Retire the old key when its successor has begun, or let the successor begin earlier.",
)
def valid_key_stays(scene: Scene) -> Iterator[Breach]:
    staying = _staying(scene.peering)
    if retired(scene.peering) and staying and not any(_valid(key, _now(scene.fleet)) for key in staying):
        lifetimes = "; ".join(f"key {key['id']} {_words(key['send_lifetime'])}" for key in staying)
        numbers = " and ".join(map(str, retired(scene.peering)))
        text = f"Key {numbers} shall go, and no key that stays is valid now ({lifetimes})."
        yield Breach(_all(scene), tuple(lifetimes for _host in _all(scene)), text)


def _valid(key: Key, now: datetime) -> bool:
    """Whether a key can be sent with; also where that cannot be told (another zone, no sound lifetime)."""
    lifetime = key.get("send_lifetime", {})
    span = _span(lifetime) if lifetime and not lifetime.get("local") else None
    return span is None or span[0] <= now < span[1]


@_GROUP.rule(
    "R32",
    "An external end must have a key that stays",
    scope="peering",
    source=_GUIDE,
    text="It is not configured here; without a key in common it loses its sessions when the retired key goes.",
    fix="Have one of the other keys added on the external end, then tell so in its known keys.",
)
def external_end_keeps_a_key(scene: Scene) -> Iterator[Breach]:
    staying = {key["id"] for key in _staying(scene.peering)}
    for end in _external_with_ao(scene):
        has = end.known.get("keys")
        if has is not None and not staying.intersection(has):
            values = (f"keys {', '.join(map(str, has)) or 'none'}",)
            text = f"{end.host} has only {values[0]}, and none of these stays."
            yield Breach((end.host,), values, text)


@_GROUP.rule(
    "R32a",
    "Which keys an external end has should be known before one is retired",
    scope="peering",
    severity="warning",
    assumed=True,
    source=_OURS,
    text="An end that has only the retired key loses its sessions.",
    fix="Ask, and tell it in known.keys of the external end.",
)
def external_keys_known(scene: Scene) -> Iterator[Breach]:
    for end in _external_with_ao(scene):
        if "keys" not in end.known:
            text = f"Which keys {end.host} has is not known, and a key is retired."
            yield Breach((end.host,), ("unknown keys",), text)


def _external_with_ao(scene: Scene) -> Iterator[End]:
    """External ends that may lose a key: none where nothing is retired."""
    for end in scene.peering.ends if retired(scene.peering) else ():
        if end.external and _external(end).on is not False:
            yield end


@_GROUP.rule(
    "R33",
    "A key that one peering retires must not be one that another peering uses",
    scope="fleet",
    source=_OURS,
    text="Peerings whose ends have the same chain share its keys; one would add what the other removes.",
    fix="Retire the key in all peerings of the chain, or in none.",
)
def nobody_else_needs_it(fleet: Fleet) -> Iterator[Breach]:
    scenes = list(fleet.scenes(KIND))
    users: dict[tuple[str, str | None, int], list[str]] = {}
    for scene in scenes:
        for end in scene.peering.inventory:
            for key in _staying(scene.peering):
                place = (end.host, chain_name(scene.peering, end), key["id"])
                users.setdefault(place, []).append(scene.peering.name)
    for scene in scenes:
        name = scene.peering.name
        for end in scene.peering.inventory:
            chain = chain_name(scene.peering, end)
            for number in retired(scene.peering):
                others = [other for other in users.get((end.host, chain, number), []) if other != name]
                if others:
                    used = " and ".join(others)
                    text = f"{end.host}, chain {chain}: {name} retires key {number}, which {used} uses."
                    yield Breach((end.host,), (f"retired by {name}, used by {used}",), text)


@_GROUP.rule(
    "R34",
    "A key that sessions use must not be retired",
    scope="peering",
    source=_GUIDE,
    text="Sessions that use a key, or would use it next because it is preferred, are lost without it.",
    fix="Wait until every end has rolled over to another key; see the page on key rollover.",
)
def retired_key_is_idle(scene: Scene) -> Iterator[Breach]:
    for end in scene.peering.inventory if retired(scene.peering) else ():
        device, chain = scene.device(end), chain_name(scene.peering, end)
        seen = device.facts.get(OBSERVED, {}).get(CHAINS, {}).get("chains", {}).get(chain, {}) if device else {}
        for number in retired(scene.peering):
            used = seen.get("keys", {}).get(str(number), {}).get("in_use")
            if used or seen.get("preferred") == number:
                values = ("in use" if used else "preferred",)
                text = f"{end.host}, chain {chain}: key {number} shall go, and is {values[0]} there."
                yield Breach((end.host,), values, text)


_GROUP.keeps("R3", "Key ids from 0 to 2147483647", source=_GUIDE, how="Other values are refused (intent/invalid).")
_GROUP.keeps(
    "R18", "The clock is synchronised", source=_OURS, how="cisco_tcp_key_chain warns where the device's clock is not."
)
_GROUP.keeps(
    "R19",
    "Keys in use change only their send lifetime",
    source=_GUIDE,
    how="cisco_tcp_key_chain refuses other changes, and the removal of what is in use or referred to.",
)
_GROUP.keeps(
    "R23", "Keys belong together by their ids on the wire", source=_GUIDE, how="Lint pairs them so (R20, R21, R28)."
)
_GROUP.keeps(
    "R27",
    "Different map servers and sites may differ",
    source=_GUIDE,
    how="Every session is judged for itself (R25, R26).",
)
_GROUP.keeps(
    "R29", "Enabling TCP-AO flaps the session", source=_GUIDE, how="guard waits until sessions are up again and stable."
)
