# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an IOS XE configuration to what the LISP protocol needs to know."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from ...config_tree import Line
from ...protocols.lisp import ALWAYS, INFINITE, LispNode, Mkt, Record, Site, Window
from .config import IosConfig, Vault
from .dialect import Dialect
from .zone import Zone, moment, zone_of

_MAP_SERVER = re.compile(r"(?:etr )?map-server (\S+) key (.+?)(?: hash-function \S+)?")
_LIFETIME = re.compile(
    r"(?P<local>local )?(?P<start>\S+) (?P<month>\w+) (?P<day>\d+) (?P<year>\d+) "
    r"(?P<end>infinite|duration (?P<seconds>\d+)|"
    r"(?P<end_clock>\S+) (?P<end_month>\w+) (?P<end_day>\d+) (?P<end_year>\d+))"
)


def lisp_node(config: IosConfig, vault: Vault, dialect: Dialect, options: dict[str, Any]) -> LispNode:
    """The LISP view of a configuration; empty but for addresses when there is no ``router lisp``."""
    addresses, down = _addresses(config)
    lisp = next((line for line in config.tree.sections("router lisp")), None)
    if lisp is None:
        return LispNode(tuple(addresses.values()), down)
    services = list(_services(lisp))
    ao = lisp.starting("tcp auth-option") if dialect.ao else []
    accepting = [line.text.split()[2] for line in ao if line.find("peer accept")]
    return LispNode(
        addresses=tuple(addresses.values()),
        down=down,
        rloc=_rloc(lisp, addresses),
        map_server=any(service.find("map-server") for _instance, service in services),
        map_resolver=any(service.find("map-resolver") for _instance, service in services),
        etr=any(service.find("etr") for _instance, service in services),
        itr=any(service.find("itr") for _instance, service in services),
        map_servers=_map_servers(services, vault),
        map_resolvers=_unique(line.text.split()[2] for _i, s in services for line in s.starting("itr map-resolver")),
        eids=tuple(_eids(services, options)),
        sites=tuple(_sites(lisp, vault)),
        accept_chain=accepting[0] if accepting else None,
        peer_chains=_peer_chains(ao),
        chains=key_chains(config, vault, options),
        passive=_passive(lisp),
        syslog=lisp.find("syslog session changes") is not None,
        flaps_all=bool(options.get("ms_ao_flaps_all", False)),
    )  # fmt: skip


def _peer_chains(ao: list[Line]) -> dict[str, str]:
    """Chain by map server; of two chains that name the same server the first counts (a [guess])."""
    found: dict[str, str] = {}
    for line in ao:
        for peer in line.starting("peer"):
            if peer.text != "peer accept":
                found.setdefault(peer.text.split()[1], line.text.split()[2])
    return found


def _unique(items: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _addresses(config: IosConfig) -> tuple[dict[str, str], frozenset[str]]:
    """Addresses of ports that are not shut, by ``name`` and ``name v6 n``; and the ports that are shut."""
    found: dict[str, str] = {}
    down: set[str] = set()
    for line in config.interfaces():
        name = line.text.split(None, 1)[1]
        if line.find("shutdown"):
            down.add(name)
            continue
        for number, child in enumerate(line.children):
            words = child.text.split()
            if words[:2] == ["ip", "address"] and len(words) >= 4:
                found[name if words[-1] != "secondary" else f"{name} secondary {number}"] = words[2]
            elif words[:2] == ["ipv6", "address"] and len(words) >= 3:
                found[f"{name} v6 {number}"] = words[2].partition("/")[0].lower()
    return found, frozenset(down)


def _rloc(lisp: Line, addresses: dict[str, str]) -> str | None:
    """The ETR's own locator: its default locator set, any locator set with a local port, the source locator."""
    default = lisp.value("locator default-set")
    sets = lisp.starting("locator-set")
    for line in sorted(sets, key=lambda each: each.text != f"locator-set {default}"):
        for child in line.children:
            words = child.text.split()
            if words[0] == "IPv4-interface" and words[1] in addresses:
                return addresses[words[1]]
            if words[0] in addresses.values():
                return words[0]
    source = lisp.value("ipv4 source-locator")
    if source in addresses:
        return addresses[source]
    return next(iter(addresses.values()), None)


def _services(lisp: Line) -> Iterator[tuple[int, Line]]:
    """(instance id, service section), the common ones with instance 0."""
    for service in lisp.starting("service"):
        yield 0, service
    for instance in lisp.starting("instance-id"):
        for service in instance.starting("service"):
            yield int(instance.text.split()[1]), service


def _map_servers(services: list[tuple[int, Line]], vault: Vault) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for _instance, service in services:
        for line in service.children:
            match = _MAP_SERVER.fullmatch(line.text)
            if match:
                found.setdefault(match.group(1), vault.read(match.group(2)))
    return found


def _eids(services: list[tuple[int, Line]], options: dict[str, Any]) -> Iterator[Record]:
    """``database-mapping`` prefixes, and the device option ``local_eids`` (``"4101 198.51.100.0/24"``)."""
    for instance, service in services:
        for line in service.walk():
            words = line.text.split()
            if words[0] == "database-mapping" and len(words) > 1:
                yield Record(instance, _prefix(words[1]))
    for text in options.get("local_eids", []):
        number, _blank, prefix = str(text).partition(" ")
        yield Record(int(number), _prefix(prefix))


def _prefix(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def _sites(lisp: Line, vault: Vault) -> Iterator[Site]:
    for line in lisp.starting("site"):
        records: list[Record] = []
        for child in line.children:
            found = re.match(r"eid-(?:record|prefix)(?: instance-id (\d+))? (\S+)(.*)", child.text)
            if found:
                more = "accept-more-specifics" in found.group(3).split()
                records.append(Record(int(found.group(1) or 0), _prefix(found.group(2)), more))
        key = line.value("authentication-key")
        yield Site(line.text.split()[1], None if key is None else vault.read(key), tuple(records))


def _passive(lisp: Line) -> frozenset[str]:
    """Members of the locator set named by ``map-server session passive-open``; an address stands for itself."""
    name = lisp.value("map-server session passive-open")
    if name is None:
        return frozenset()
    section = lisp.find(f"locator-set {name}")
    if section is None:
        return frozenset({name} if re.fullmatch(r"[0-9.]+|[0-9a-f:]+", name) else ())
    words = [child.text.split()[0] for child in section.children]
    return frozenset(word for word in words if re.match(r"[0-9]|[0-9a-f]*:", word))


# -- key chains -------------------------------------------------------------------------------------------------------


def key_chains(config: IosConfig, vault: Vault, options: dict[str, Any]) -> dict[str, tuple[Mkt, ...]]:
    """The keys of all TCP key chains; chains of other types are no use to TCP-AO."""
    zone = zone_of(config.value("clock timezone"))
    idle = None if options.get("no_send_lifetime", "inactive") == "inactive" else ALWAYS
    found: dict[str, tuple[Mkt, ...]] = {}
    for line in config.tree.sections("key chain"):
        words = line.text.split()
        if words[-1] == "tcp" and len(words) == 4:
            found[words[2]] = tuple(mkt(key, vault, zone, idle) for key in line.starting("key"))
    return found


def mkt(key: Line, vault: Vault, zone: Zone, no_send_lifetime: Window | None = None) -> Mkt:
    """One key; ``no_send_lifetime`` is what a key without a send lifetime has."""
    send_id, recv_id, text = key.value("send-id"), key.value("recv-id"), key.value("key-string")
    raw = next((child.text for child in key.starting("key-string")), None)
    send = lifetime(key, "send-lifetime", zone)
    return Mkt(
        id=int(key.text.split()[1]),
        send_id=None if send_id is None else int(send_id),
        recv_id=None if recv_id is None else int(recv_id),
        algorithm=key.value("cryptographic-algorithm"),
        secret=None if text is None or raw is None else vault.read(raw[len("key-string ") :]),
        include_options=key.find("include-tcp-options") is not None,
        accept_mismatch=key.find("accept-ao-mismatch") is not None,
        send=no_send_lifetime if send is None else send,
        accept=lifetime(key, "accept-lifetime", zone),
    )


def lifetime(key: Line, word: str, zone: Zone) -> Window | None:
    """The window of a lifetime line in seconds UTC; None without one."""
    found = _LIFETIME.fullmatch(key.value(word) or "")
    if found is None:
        return None
    offset = zone.offset if found["local"] else 0
    start = moment(found["start"], found["month"], found["day"], found["year"], offset)
    if found["seconds"]:
        return start, start + int(found["seconds"])
    if found["end"] == "infinite":
        return start, INFINITE
    return start, moment(found["end_clock"], found["end_month"], found["end_day"], found["end_year"], offset)


def is_local(key: Line, word: str) -> bool:
    """Whether a lifetime is given in the device's own time zone."""
    return (key.value(word) or "").startswith("local ")
