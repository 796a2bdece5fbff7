# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP map servers and ETRs (Cisco IOS XE) whose TCP sessions are authenticated with TCP-AO.

Source: IOS XE 17.x IP Routing guide, "LISP Support for TCP Authentication Option".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.schema import Items, Leaf, Node, Values
from ..ike import address
from ..intent import End, Peering
from ..kind import Configs, Kind, KindBase, given, group_like, like, picked

CHAINS = "cisco_tcp_key_chain"
FEATURE = "cisco_lisp_tcp_ao"
MAP_SERVER, ETR = "map_server", "etr"
LARGEST_WIRE_ID = 255
"""Key ids above it cannot stand for send and receive ids too."""
_LIFETIME = {
    "start": "When it begins, in UTC, for example 2026-03-01 00:00:00.",
    "end": "When it ends.",
    "duration": "Seconds that it lasts, instead of an end.",
    "infinite": "It never ends.",
    "local": "The times are in the device's own zone. Avoid it: the ends' zones may differ.",
}


def locator(value: Any) -> str:
    """An IPv4 or IPv6 address."""
    text = address(value)
    if text == "dynamic":
        raise ValueError("use an IP address such as 192.0.2.1")
    return text


KEYS = Items(
    "id",
    {
        "id": like(
            CHAINS, "keys.id", "Number of the key. Up to 255 it is also what is sent and received, unless told."
        ),
        "send_id": like(CHAINS, "keys.send_id", "What map servers send for the key, and ETRs receive."),
        "recv_id": like(CHAINS, "keys.recv_id", "What map servers receive for the key, and ETRs send."),
        "algorithm": like(CHAINS, "keys.algorithm", "How segments are authenticated."),
        "key_string": like(CHAINS, "keys.key_string", "The shared key. Refer to a vaulted variable."),
        "include_tcp_options": like(
            CHAINS, "keys.include_tcp_options", "Authenticate the other TCP options too (mind CSCvx41293)."
        ),
        "accept_ao_mismatch": like(
            CHAINS, "keys.accept_ao_mismatch", "Take segments whose digest is wrong: no protection, no rollover."
        ),
        "send_lifetime": group_like(CHAINS, "keys.send_lifetime", _LIFETIME),
        "accept_lifetime": group_like(CHAINS, "keys.accept_lifetime", _LIFETIME),
    },
)
SITES = Items(
    "name",
    {
        "name": like(FEATURE, "map_server.sites.name", "Name of the LISP site."),
        "authentication_key": like(
            FEATURE,
            "map_server.sites.authentication_key",
            "What an ETR of the site proves itself with when it registers (UDP). TCP-AO does not replace it.",
        ),
        "eid_records": Items(
            "prefix",
            {
                "prefix": like(FEATURE, "map_server.sites.eid_records.prefix", "EID prefix of the site."),
                "instance_id": like(FEATURE, "map_server.sites.eid_records.instance_id", "Instance of the prefix."),
                "accept_more_specifics": like(
                    FEATURE, "map_server.sites.eid_records.accept_more_specifics", "Take longer prefixes too."
                ),
            },
            beside=("instance_id",),
        ),
    },
)


class LispTcpAo(KindBase):
    """One chain for a map server and all its ETRs."""

    name = "lisp_tcp_ao"
    title = "TCP-AO between LISP map servers and ETRs"
    ends: tuple[int, int | None] = (2, None)
    values: Mapping[str, Node] = {
        "key_chain": like(CHAINS, "name", "Name of the TCP key chain.", default=None),
        "keys": KEYS,
        "retired_keys": Values(
            like(CHAINS, "keys.id", "Numbers of keys that no end shall have any longer; guard removes them.")
        ),
        "services": Values(
            Leaf("str", choices=("ipv4", "ipv6"), description="Address family of the EIDs. Left out: ipv4.")
        ),
        "map_resolver": like(FEATURE, "map_server.map_resolver", "The map servers are map resolvers too."),
        "sites": SITES,
    }
    end: Mapping[str, Node] = {
        "role": Leaf("str", choices=(MAP_SERVER, ETR), required=True, description="What the end is."),
        "address": Leaf(
            "str", normal=locator, description="The end's locator. A map server's is what ETRs connect to."
        ),
        "site": Leaf("str", description="Site of an ETR. Left out where there is one site only."),
        "key_chain": like(CHAINS, "name", "Name of the key chain on this end, where it differs.", default=None),
        "passive_open": like(
            FEATURE, "map_server.passive_open", "Locator set for which a map server opens sessions (see lisp/M2)."
        ),
    }
    known: Mapping[str, Node] = {
        "tcp_ao": Leaf("bool", description="Whether the end uses TCP-AO in this peering."),
        "keys": Values(like(CHAINS, "keys.id", "Which keys the end has, by the numbers that the intent gives them.")),
        "version": Leaf("str", description="IOS XE release of the end, for example 17.3.4."),
    }

    def problems(self, peering: Peering) -> Iterator[str]:
        for role in (MAP_SERVER, ETR):
            if not any(end.values.get("role") == role for end in peering.ends):
                yield f".ends: no end has the role {role}."
        sites = [site["name"] for site in peering.values.get("sites", [])]
        for end in etrs(peering):
            if end.values.get("site", site_name(peering, end)) not in (*sites, None) and sites:
                yield f".ends[{end.host}].site: {end.values['site']} is not among the sites ({', '.join(sites)})."
            elif len(sites) > 1 and "site" not in end.values:
                yield f".ends[{end.host}]: site is missing; there are {', '.join(sites)}."
        if peering.managed:
            yield from self._missing(peering)

    def _missing(self, peering: Peering) -> Iterator[str]:
        if not peering.values.get("keys"):
            yield ": keys is missing; without a key nothing is authenticated."
        for end in peering.inventory:
            if chain_name(peering, end) is None:
                yield f".ends[{end.host}]: key_chain is missing, here and in the peering."
        for end in map_servers(peering):
            if "address" not in end.values:
                yield f".ends[{end.host}]: address is missing; the ETRs connect to it."
        for key in peering.values.get("keys", []):
            for name in ("algorithm", "key_string", "send_lifetime"):
                if name not in key:
                    yield f".keys[{key['id']}]: {name} is missing."
            for name in ("send_id", "recv_id"):
                if name not in key and key["id"] > LARGEST_WIRE_ID:
                    yield f".keys[{key['id']}]: {name} is missing; the id is above {LARGEST_WIRE_ID} and cannot be it."

    def compile(self, peering: Peering) -> Configs:
        return {end.host: self._configs(peering, end) for end in peering.inventory}

    def removals(self, peering: Peering) -> Configs:
        """Single keys; the chain stays."""
        keys = [{"id": number} for number in retired(peering)]
        return {
            end.host: {CHAINS: [{"name": chain_name(peering, end), "keys": keys}]} for end in peering.inventory if keys
        }

    def _configs(self, peering: Peering, end: End) -> dict[str, Any]:
        mirrored = end.values["role"] == ETR
        chain = chain_name(peering, end)
        return {
            CHAINS: [{"name": chain, "keys": [_key(key, mirrored=mirrored) for key in peering.values["keys"]]}],
            FEATURE: _etr(peering, end, chain) if mirrored else _map_server(peering, end, chain),
        }

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """Map servers first: an ETR with AO gets no session from one without, the other way round it does, unprotected.

        The ETRs of one site follow together, because mixed ones are not supported. Back in reverse.
        """
        waves = [[end.host for end in ends if not end.external] for ends in (map_servers(peering), etrs(peering))]
        return [wave for wave in (reversed(waves) if removing else waves) if wave]


def _key(key: Mapping[str, Any], *, mirrored: bool) -> dict[str, Any]:
    """A key as one end has it: what a map server sends, an ETR receives."""
    sent, received = key.get("send_id", key["id"]), key.get("recv_id", key["id"])
    return {**key, "send_id": received if mirrored else sent, "recv_id": sent if mirrored else received}


def _map_server(peering: Peering, end: End, chain: str | None) -> dict[str, Any]:
    values = peering.values
    role: dict[str, Any] = {
        **picked(values, "services", "map_resolver", "sites"),
        **picked(end.values, "passive_open"),
    }
    if "sites" in role:
        role = {"services": services(peering), **role}
    return given(tcp_auth_options=[{"key_chain": chain, "accept": True}], map_server=role)


def _etr(peering: Peering, end: End, chain: str | None) -> dict[str, Any]:
    addresses = [server.values["address"] for server in map_servers(peering)]
    key = site_key(peering, end)
    role: dict[str, Any] = {}
    if key is not None:
        servers = [{"address": address, "key": key} for address in addresses]
        role = {"services": [{"afi": afi, "map_servers": servers} for afi in services(peering)]}
    return given(tcp_auth_options=[{"key_chain": chain, "peers": addresses}], etr=role)


def map_servers(peering: Peering) -> list[End]:
    """The map servers, external ones too."""
    return [end for end in peering.ends if end.values.get("role") == MAP_SERVER]


def etrs(peering: Peering) -> list[End]:
    """The ETRs, external ones too."""
    return [end for end in peering.ends if end.values.get("role") == ETR]


def services(peering: Peering) -> list[str]:
    """Address families."""
    return list(peering.values.get("services", ["ipv4"]))


def retired(peering: Peering) -> list[int]:
    """Numbers of the keys that shall go."""
    return list(peering.values.get("retired_keys", []))


def chain_name(peering: Peering, end: End) -> str | None:
    """The key chain's name on an end."""
    name: str | None = end.values.get("key_chain", peering.values.get("key_chain"))
    return name


def site_name(peering: Peering, end: End) -> str | None:
    """The site of an ETR: as told, or the only one there is; None = not known."""
    sites = peering.values.get("sites", [])
    name: str | None = end.values.get("site", sites[0]["name"] if len(sites) == 1 else None)
    return name


def site_key(peering: Peering, end: End) -> Any:
    """The registration key of an ETR's site, None if the intent does not give it."""
    name = site_name(peering, end)
    return next(
        (site.get("authentication_key") for site in peering.values.get("sites", []) if site["name"] == name), None
    )


KIND: Kind = LispTcpAo()
