# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions under TCP-AO over NETCONF: the same model, in the terms of Cisco-IOS-XE-lisp.

Source: Cisco-IOS-XE-lisp YANG 17.12.1. It has no operational data about TCP-AO: convergence is judged over the CLI.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...engine import xmltree
from ...engine.device import NETCONF, DeviceFacts, Seen
from ...engine.feature import Feature, Intent, Violation
from ...engine.schema import Model
from ...engine.secret import Secret
from ...engine.xmltree import Element, has, name, value, walk, within
from ...platforms.cisco_iosxe import keys
from ...platforms.cisco_iosxe.netconf import CHAIN_FILTER, LISP_FILTER, refuse_others
from . import schema
from .feature import CiscoLispTcpAo

_SITE_LEAVES = ("sname", "authentication-key", "eid-record")
_TEXTS = {"unc-pwd": "0", "key-0": "0", "key-6": "6", "key-7": "7", "ak-0": "0", "ak-6": "6", "ak-7": "7"}
"""Leaves that hold a key, and how it is encoded."""


class OverNetconf(CiscoLispTcpAo):
    """The un-numbered LISP process, as XML."""

    language = NETCONF
    template = "netconf.xml.j2"

    def read(self, facts: DeviceFacts) -> list[str]:
        return [LISP_FILTER]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        return [CHAIN_FILTER] if super().read_more(text, intent) else []

    def parse(self, text: str) -> Model:
        roots = xmltree.tops(text)
        refuse_others(roots)
        model: dict[str, Any] = {}
        for process in within(roots, "native/router/lisp"):
            _process(process, model)
        return model

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        """Those of the CLI, on the same facts; and what the YANG model cannot say."""
        told = replace(seen, text=_as_lines(seen.text))
        return [*super().rules(have, target, intent, told), *_narrower(have, target)]


def _process(process: Element, model: dict[str, Any]) -> None:
    options = [_auth_option(option) for option in walk(process, "tcp/auth-option")]
    server: dict[str, Any] = {}
    resolvers: list[str] = []
    roles: list[dict[str, Any]] = []
    for service in (child for group in walk(process, "service") for child in group):
        family = name(service)
        if family not in schema.FAMILIES:
            continue
        if has(service, "map-server"):
            server.setdefault("services", []).append(family)
        if has(service, "map-resolver"):
            resolvers.append(family)
        roles += _etr(family, service)
    if resolvers and sorted(resolvers) == sorted(server.get("services", [])):
        server["map_resolver"] = True
    elif resolvers:
        server["resolvers"] = resolvers
    passive = value(process, "map-server/session/passive-open")
    sites = [_site(site) for site in walk(process, "site")]
    server |= {"passive_open": passive} if passive else {}
    server |= {"sites": sites} if sites else {}
    model |= {"tcp_auth_options": options} if options else {}
    model |= {"map_server": server} if server else {}
    model |= {"etr": {"services": roles}} if roles else {}


def _auth_option(element: Element) -> dict[str, Any]:
    option: dict[str, Any] = {"key_chain": value(element, "name") or ""}
    for peer in walk(element, "peer"):
        address = value(peer, "address") or ""
        if address == "accept":
            option["accept"] = True
        else:
            option.setdefault("peers", []).append(schema.address(address))
    return option


def _etr(family: str, service: Element) -> Iterator[dict[str, Any]]:
    servers = []
    for element in walk(service, "etr/map-server"):
        entry: dict[str, Any] = {"address": schema.address(value(element, "ip-addr") or "")}
        for typed in walk(element, "key"):
            key, used = _key(typed), next(typed.iter("{*}hash-function"), None)
            entry |= {"key": key} if key else {}
            entry |= {"hash_function": used.text} if used is not None else {}
        if "key" in entry:  # one without says something else of the map server, which is not ours
            servers.append(entry)
    enabled = has(service, "etr-enable/etr")
    if enabled or servers:
        yield {"afi": family, "map_servers": servers, **({} if enabled else {"disabled": True})}


def _key(element: Element) -> Secret | None:
    """The key below an element, however it is encoded."""
    for leaf in element.iter("{*}*"):
        if not len(leaf) and name(leaf) in _TEXTS:
            return keys.from_config(f"{_TEXTS[name(leaf)]} {leaf.text or ''}")
    return None


def _site(element: Element) -> dict[str, Any]:
    site: dict[str, Any] = {"name": value(element, "sname") or ""}
    key = next((_key(found) for found in walk(element, "authentication-key")), None)
    site |= {"authentication_key": key} if key else {}
    records = [_record(found) for path in _RECORD_LISTS for found in walk(element, f"eid-record/{path}")]
    records += [{"prefix": "any-mac"}] if has(element, "eid-record/any-mac") else []
    site |= {"eid_records": records} if records else {}
    if any(name(child) not in _SITE_LEAVES for child in element):
        site["others"] = True
    return site


_RECORD_LISTS = ("prefixes", "instance-id-cfg", "inst-id-any-mac/instance-id-cfg")


def _record(element: Element) -> dict[str, Any]:
    prefix, instance = value(element, "prefix"), value(element, "id")
    record: dict[str, Any] = {"prefix": "any-mac" if prefix is None else schema.prefix(prefix)}
    if instance is not None:
        record["instance_id"] = int(instance)
    if has(element, "accept-more-specifics") or has(element, "route-tag-options/accept-more-specifics"):
        record["accept_more_specifics"] = True
    tag = value(element, "route-tag-options/route-tag")
    return {**record, "route_tag": int(tag)} if tag else record


def _as_lines(text: str) -> str:
    """What rules look at besides the model, in the lines that the CLI would have: chains, and map servers of ETRs."""
    roots = xmltree.tops(text)
    lines = []
    for chain in within(roots, "native/key/chain"):
        kind = next((f" {word}" for word in ("tcp", "macsec") if has(chain, word)), "")
        lines.append(f"key chain {value(chain, 'name')}{kind}")
    for router in within(roots, "native/router"):
        for server in router.iter("{*}map-server"):
            address = value(server, "ip-addr")
            if address:
                lines.append(f" etr map-server {address}")
    return "\n".join(lines) + "\n"


def _narrower(have: Model, target: Model) -> Iterator[Violation]:
    """An any-mac record is an instance and nothing else."""
    old = {(site["name"], record["prefix"], record.get("instance_id")) for site, record in _records(have)}
    for site, record in _records(target):
        wanted = (site["name"], record["prefix"], record.get("instance_id"))
        if record["prefix"] == "any-mac" and {*record} - {"prefix", "instance_id"} and wanted not in old:
            yield Violation(
                "cisco_lisp_tcp_ao/yang-any-mac",
                "error",
                f"site {site['name']}: over NETCONF, an any-mac record takes nothing but its instance_id; leave the "
                "other options out, or use the CLI.",
            )


def _records(model: Model) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for site in model.get("map_server", {}).get("sites", []):
        for record in site.get("eid_records", []):
            yield site, record


FEATURE: Feature = OverNetconf()
