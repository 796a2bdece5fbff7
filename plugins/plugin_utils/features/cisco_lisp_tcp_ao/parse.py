# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IOS XE `router lisp` text to model, and what else the same text tells.

Understood besides the layouts of real configurations: `map-server A key K` (one page of the manual writes it without
`etr`), and `eid-prefix` (releases before `eid-record`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ...engine.schema import Model
from ...platforms.cisco_iosxe import keys
from ...platforms.cisco_iosxe.text import Section, clean, configuration, tree
from . import schema

_MAP_SERVER = re.compile(
    r"^(?:etr )?map-server (?P<address>\S+) key (?P<key>(?:[067] )?\S+)(?: hash-function (?P<hash>sha1|sha2))?$"
)
_EID = re.compile(
    r"^eid-(?:record|prefix) (?:instance-id (?P<instance>\d+) )?(?P<prefix>[\da-fA-F.:]+/\d+|any-mac)"
    r"(?P<more> accept-more-specifics)?(?: route-tag (?P<tag>\d+))?(?P<late> accept-more-specifics)?$"
)
_CHAIN = re.compile(r"^key chain (?P<name>\S+)(?: (?P<type>\S+))?\s*$", re.MULTILINE)
_REGISTERS_WITH = re.compile(r"^\s*(?:ipv[46] )?etr map-server (\S+)", re.MULTILINE)


def parse(text: str) -> Model:
    """The un-numbered LISP process of a running configuration, or of sections of one."""
    model: dict[str, Any] = {}
    for section in tree(configuration(text)).lines:
        if section.text in ("router lisp", "router lisp 0"):
            _process(section, model)
    return model


def _process(process: Section, model: dict[str, Any]) -> None:
    server: dict[str, Any] = {}
    resolvers: list[str] = []
    for line in process.lines:
        head, _blank, rest = line.text.partition(" ")
        if line.text.startswith("tcp auth-option "):
            model.setdefault("tcp_auth_options", []).append(_auth_option(line))
        elif head == "service" and rest in schema.FAMILIES:
            if any(line.named("map-server")):
                server.setdefault("services", []).append(rest)
            if any(line.named("map-resolver")):
                resolvers.append(rest)
            role = _etr(rest, line)
            if role:
                model.setdefault("etr", {"services": []})["services"].append(role)
        elif head == "site":
            server.setdefault("sites", []).append(_site(rest, line))
        elif line.text.startswith("map-server session passive-open "):
            server["passive_open"] = line.text.split()[-1]
    if resolvers and resolvers == server.get("services"):
        server["map_resolver"] = True
    elif resolvers:
        server["resolvers"] = resolvers
    if server:
        model["map_server"] = server


def _auth_option(section: Section) -> dict[str, Any]:
    option: dict[str, Any] = {"key_chain": section.text.split()[2]}
    for line in section.lines:
        word, _blank, peer = line.text.partition(" ")
        if line.text == "peer accept":
            option["accept"] = True
        elif word == "peer" and (address := _address(peer)):
            option.setdefault("peers", []).append(address)
    return option


def _etr(family: str, service: Section) -> dict[str, Any] | None:
    """The ETR role of a service; None when it has none."""
    servers = []
    for line in service.lines:
        found = _MAP_SERVER.match(line.text)
        address = _address(found["address"]) if found else None
        if found and address:
            entry = {"address": address, "key": keys.from_config(found["key"])}
            servers.append({**entry, "hash_function": found["hash"]} if found["hash"] else entry)
    enabled = any(service.named("etr"))
    if not enabled and not servers:
        return None
    role: dict[str, Any] = {"afi": family, "map_servers": servers}
    return role if enabled else {**role, "disabled": True}


def _site(name: str, section: Section) -> dict[str, Any]:
    site: dict[str, Any] = {"name": name}
    for line in section.lines:
        word, _blank, rest = line.text.partition(" ")
        record = _eid_record(line.text)
        if word == "authentication-key":
            site["authentication_key"] = keys.from_config(rest)
        elif record:
            site.setdefault("eid_records", []).append(record)
        else:
            site["others"] = True
    return site


def _eid_record(line: str) -> dict[str, Any] | None:
    found = _EID.match(line)
    if not found:
        return None
    try:
        record: dict[str, Any] = {"prefix": schema.prefix(found["prefix"])}
    except ValueError:
        return None
    if found["instance"]:
        record["instance_id"] = int(found["instance"])
    if found["more"] or found["late"]:
        record["accept_more_specifics"] = True
    if found["tag"]:
        record["route_tag"] = int(found["tag"])
    return record


@dataclass(frozen=True)
class Surroundings:
    """What rules need to know of the device besides the model.

    `chains`: type of each key chain by name (None = ordinary). `map_servers`: every address that some `etr map-server`
    line names, in whatever section.
    """

    chains: dict[str, str | None]
    map_servers: frozenset[str]


def surroundings(text: str) -> Surroundings:
    """From the same text that the model is parsed from."""
    text = clean(text)
    named = _REGISTERS_WITH.findall(text)
    return Surroundings(
        chains={found["name"]: found["type"] for found in _CHAIN.finditer(text)},
        map_servers=frozenset(address for address in map(_address, named) if address),
    )


def _address(word: str) -> str | None:
    """An address in its canonical form; None for anything else, which then is left alone."""
    try:
        return schema.address(word)
    except ValueError:
        return None
