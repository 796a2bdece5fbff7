# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE peers of a Comware device, read from its configuration text: V5 `ike peer`, V7 `ike profile`.

They are not configured here; rules judge them, facts show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from ...platforms.h3c_comware.text import configuration, sections

COMMAND = (
    "display current-configuration | include ^#|^ *ike |^interface |^ *ipsec |^ *sysname|^ *exchange-mode|^ *id-type|"
    "^ *remote-|^ *local-|^ *nat traversal|^ *dpd|^ *proposal|^ *match remote|^ *keychain|^ *ike-p|^ *ip address"
)
"""Everything about peers but their keys, which may hold any word; at most 256 characters, as the CLI takes."""

MAIN, AGGRESSIVE = "main", "aggressive"

_PROPOSAL = re.compile(r"ike proposal \d+")
_IPSEC_POLICY = re.compile(r"ipsec policy (\S+) \d+")


@dataclass(frozen=True)
class Peer:
    """One IKE peer as its end is configured; what the text leaves out has the vendor's default.

    kind: `peer` (V5) or `profile` (V7).
    exchange_mode: `main` or `aggressive`, used when this end initiates.
    id_type: `ip`, `name`, `user-fqdn` or `dn`: what this end calls itself by.
    local_address, local_name: this end; empty = the address of `interface`, the device's own name.
    remote_address: address, first address of a range, or host name; empty = any. remote_high: end of a range.
    remote_dynamic: the other end has no fixed address (a host name that is resolved each time, or no address at all).
    remote_name: what the other end must call itself; empty = not checked.
    nat_traversal: always true on V7, which negotiates it.
    dpd: name of the V5 object, or the words of the V7 line; empty = none.
    proposals: numbers used when initiating; empty = all. keychain: V7, the first one.
    policy, interface, interface_address: where it is applied; empty = nowhere.
    """

    name: str
    kind: str
    exchange_mode: str = MAIN
    id_type: str = "ip"
    local_address: str = ""
    local_name: str = ""
    remote_address: str = ""
    remote_high: str = ""
    remote_dynamic: bool = False
    remote_name: str = ""
    nat_traversal: bool = False
    dpd: str = ""
    proposals: tuple[int, ...] = ()
    keychain: str = ""
    policy: str = ""
    interface: str = ""
    interface_address: str = ""

    @property
    def own_address(self) -> str:
        """The address that the other end sees."""
        return self.local_address or self.interface_address


@dataclass(frozen=True)
class IkeConfig:
    """All that a device's configuration says of IKE besides the keepalive timers.

    local_name: `ike local-name` (V5), the name in `ike identity` (V7), else the device's name.
    dpd: V5 objects by name, seconds {interval, timeout}. global_dpd: V7 `ike dpd …`, empty = off.
    proposals: numbers configured in the system view.
    """

    peers: tuple[Peer, ...] = ()
    local_name: str = ""
    dpd: dict[str, dict[str, int]] = field(default_factory=dict)
    global_dpd: str = ""
    proposals: tuple[int, ...] = ()

    def shown(self) -> dict[str, Any]:
        """Plain data for facts; the keys are the fields above."""
        return asdict(self)


def parse_ike(text: str) -> IkeConfig:
    """IKE objects of a running configuration, or of what COMMAND filters from one. Raises ValueError as parse does."""
    known = list(sections(configuration(text)))
    system = [head for head, _body in known]
    name = _value(system, "ike local-name") or _named(_value(system, "ike identity")) or _value(system, "sysname")
    applied = list(_applied(known))
    peers = [_v5_peer(head.split()[2], body, applied) for head, body in known if _opens(head, "ike peer")]
    peers += [
        _v7_peer(head.split()[2], body, applied, _value(system, "ike identity"))
        for head, body in known
        if _opens(head, "ike profile")
    ]
    return IkeConfig(
        tuple(peers),
        name,
        {head.split()[2]: _dpd_object(body) for head, body in known if _is_dpd_object(head)},
        _value(system, "ike dpd interval") and f"interval {_value(system, 'ike dpd interval')}",
        tuple(int(head.split()[2]) for head, _body in known if _PROPOSAL.fullmatch(head)),
    )


def _opens(head: str, words: str) -> bool:
    return head.startswith(f"{words} ") and len(head.split()) == len(words.split()) + 1


def _is_dpd_object(head: str) -> bool:
    """V5 `ike dpd NAME`; V7's `ike dpd interval …` has more words."""
    return _opens(head, "ike dpd")


def _dpd_object(body: list[str]) -> dict[str, int]:
    return {"interval": _number(body, "interval-time", 10), "timeout": _number(body, "time-out", 5)}


@dataclass(frozen=True)
class _Policy:
    """An IPsec policy entry and the interface it is applied to."""

    name: str
    lines: tuple[str, ...]
    interface: str = ""
    address: str = ""


def _applied(known: Iterable[tuple[str, list[str]]]) -> Iterator[_Policy]:
    """Every policy entry, once per interface it is applied to (or once without one)."""
    known = list(known)
    places: dict[str, list[tuple[str, str]]] = {}
    for head, body in known:
        if head.startswith("interface "):
            name = _value(body, "ipsec apply policy") or _value(body, "ipsec policy")
            address = _value(body, "ip address").partition(" ")[0]
            if name:
                places.setdefault(name, []).append((head.split(None, 1)[1], address))
    for head, body in known:
        found = _IPSEC_POLICY.match(head)
        for interface, address in places.get(found[1], [("", "")]) if found else ():
            yield _Policy(found[1] if found else "", tuple(body), interface, address)


def _place(applied: list[_Policy], word: str, name: str) -> _Policy:
    """Where a peer is applied; an interface beats none."""
    wanted = [policy for policy in applied if _value(policy.lines, word) == name]
    return next((policy for policy in wanted if policy.interface), wanted[0] if wanted else _Policy("", ()))


def _v5_peer(name: str, body: list[str], applied: list[_Policy]) -> Peer:
    place = _place(applied, "ike-peer", name)
    remote = _value(body, "remote-address").split()
    dynamic = not remote or "dynamic" in remote
    return Peer(
        name=name,
        kind="peer",
        exchange_mode=_value(body, "exchange-mode") or MAIN,
        id_type=_value(body, "id-type") or "ip",
        local_address=_value(body, "local-address"),
        local_name=_value(body, "local-name"),
        remote_address=remote[0] if remote else "",
        remote_high=remote[1] if len(remote) > 1 and remote[1] != "dynamic" else "",
        remote_dynamic=dynamic,
        remote_name=_value(body, "remote-name"),
        nat_traversal="nat traversal" in body,
        dpd=_value(body, "dpd"),
        proposals=_numbers(_value(body, "proposal")),
        policy=place.name,
        interface=place.interface,
        interface_address=place.address,
    )


def _v7_peer(name: str, body: list[str], applied: list[_Policy], identity: str) -> Peer:
    place = _place(applied, "ike-profile", name)
    kind, _blank, own = (_value(body, "local-identity") or identity or "address").partition(" ")
    expected = _value(body, "match remote identity").split()
    remote = _value(place.lines, "remote-address")
    if not remote and expected[:1] == ["address"] and expected[1:2] != ["range"] and len(expected) == 2:
        remote = expected[1]
    dpd = _value(body, "dpd interval")
    return Peer(
        name=name,
        kind="profile",
        exchange_mode=_value(body, "exchange-mode") or MAIN,
        id_type={"address": "ip", "fqdn": "name"}.get(kind, kind),
        local_address=_value(place.lines, "local-address") or (own if kind == "address" else ""),
        local_name=own if kind in ("fqdn", "user-fqdn") else "",
        remote_address=remote,
        remote_dynamic=not remote,
        remote_name=expected[1] if expected[:1] in (["fqdn"], ["user-fqdn"]) and len(expected) > 1 else "",
        nat_traversal=True,
        dpd=f"interval {dpd}" if dpd else "",
        proposals=_numbers(_value(body, "proposal")),
        keychain=_value(body, "keychain"),
        policy=place.name,
        interface=place.interface,
        interface_address=place.address,
    )


def _value(lines: Iterable[str], prefix: str) -> str:
    """What follows these words in the first line that starts with them; "" if none does."""
    return next((line[len(prefix) :].strip() for line in lines if line.startswith(f"{prefix} ")), "")


def _number(lines: Iterable[str], prefix: str, default: int) -> int:
    value = _value(lines, prefix)
    return int(value) if value.isdigit() else default


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split() if part.isdigit())


def _named(identity: str) -> str:
    """The name in `fqdn NAME` or `user-fqdn NAME`."""
    kind, _blank, name = identity.partition(" ")
    return name if kind in ("fqdn", "user-fqdn") else ""
