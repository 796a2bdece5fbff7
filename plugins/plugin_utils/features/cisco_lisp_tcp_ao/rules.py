# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for LISP sessions under TCP-AO on one device. Ids R1…R29 are those of the rules for the feature pair.

Sources: the vendor page for R1, R16, R17 and R29; the product's own prudence for R14 and R15.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...engine.device import Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from . import schema
from .parse import Surroundings, surroundings


def judge(have: Model, target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong with what the task wants on this device."""
    yield from _flaps(have, target)
    if intent.state == "deleted":
        return
    wanted, around = intent.config or {}, surroundings(seen.text)
    named = {option["key_chain"] for option in wanted.get("tcp_auth_options", [])}
    if named and seen.facts.numbers and seen.facts.numbers < schema.FIRST_RELEASE:
        first = ".".join(map(str, schema.FIRST_RELEASE))
        yield _error("R17", f"release {seen.facts.version} has no TCP-AO for LISP; it needs IOS XE {first} or later")
        return
    for option in target.get("tcp_auth_options", []):
        if option["key_chain"] in named:
            yield from _option(option, around, forgiving=intent.options.get("missing_chain") == "warn")
            yield from _peers(option, target, around)
    if named or wanted.get("map_server"):
        yield from _server(target)
    yield from _sites(target, wanted)
    yield from _map_servers(target, wanted)


def _option(option: dict[str, Any], around: Surroundings, *, forgiving: bool) -> Iterator[Violation]:
    """R1, R14: the chain is there, and somebody is to use it."""
    chain = option["key_chain"]
    where = f"tcp auth-option {chain}"
    if chain not in around.chains:
        known = sorted(name for name, kind in around.chains.items() if kind == "tcp")
        hint = f"; it has {', '.join(known)}" if known else ""
        text = f"{where}: the device has no such key chain{hint}. Create it first with cisco_tcp_key_chain"
        yield _warning("R1", text) if forgiving else _error("R1", text)
    elif around.chains[chain] != "tcp":
        yield _error("R1", f"{where}: key chain {chain} is not of type tcp; create one that is ('key chain NAME tcp')")
    if not option.get("accept") and not option.get("peers"):
        yield _error(
            "R14",
            f"{where} has neither accept nor peers; set accept on a map server, or name the map servers of an ETR",
        )


def _peers(option: dict[str, Any], target: Model, around: Surroundings) -> Iterator[Violation]:
    """R15: a peer is a map server of this ETR, under one chain."""
    known = set(around.map_servers)
    for service in target.get("etr", {}).get("services", []):
        known.update(entry["address"] for entry in service.get("map_servers", []))
    for peer in option.get("peers", []):
        if peer not in known:
            yield _error(
                "R15",
                f"tcp auth-option {option['key_chain']}: peer {peer} is no map server of this ETR; add it to "
                "etr.services, or check the address",
            )
        others = [
            other["key_chain"]
            for other in target.get("tcp_auth_options", [])
            if peer in other.get("peers", []) and other["key_chain"] != option["key_chain"]
        ]
        if others:
            yield _error(
                "R15", f"peer {peer} is under {option['key_chain']} and {' and '.join(others)}; one chain per session"
            )


def _server(target: Model) -> Iterator[Violation]:
    """R14: a map server takes TCP-AO sessions with one common chain, and none without."""
    options = target.get("tcp_auth_options", [])
    accepting = [option["key_chain"] for option in options if option.get("accept")]
    if len(accepting) > 1:
        yield _warning(
            "R14",
            f"accept is set under {' and '.join(accepting)}; a map server uses one common chain for all ETRs",
        )
    if options and not accepting and target.get("map_server", {}).get("services"):
        yield _warning(
            "R14", "this map server has tcp_auth_options but none with accept, so it takes no TCP-AO session of an ETR"
        )


def _sites(target: Model, wanted: Model) -> Iterator[Violation]:
    """R16: registrations over UDP are authenticated by the shared key, also with TCP-AO."""
    named = {site["name"] for site in wanted.get("map_server", {}).get("sites", [])}
    for site in target.get("map_server", {}).get("sites", []):
        if site["name"] in named and "authentication_key" not in site:
            yield _error(
                "R16",
                f"site {site['name']}: authentication_key is missing; TCP-AO does not replace it, it authenticates the "
                "map-register messages",
            )


def _map_servers(target: Model, wanted: Model) -> Iterator[Violation]:
    named = {service["afi"] for service in wanted.get("etr", {}).get("services", [])}
    for service in target.get("etr", {}).get("services", []):
        for entry in service.get("map_servers", []):
            if service["afi"] in named and "key" not in entry:
                yield _error(
                    "R16",
                    f"etr, service {service['afi']}, map server {entry['address']}: key is missing; TCP-AO does not "
                    "replace it, it authenticates the map-register messages",
                )


def _flaps(have: Model, target: Model) -> Iterator[Violation]:
    """R29: the vendor page says that adding or removing TCP-AO for a pair flaps its session."""
    before, after = _users(have), _users(target)
    for peer in sorted({*before, *after}):
        old, new = before.get(peer), after.get(peer)
        if old != new:
            what = f"goes from {old or 'no TCP-AO'} to {new or 'no TCP-AO'}"
            session = "the sessions of its ETRs" if peer == "accept" else f"the session with {peer}"
            end = "this map server" if peer == "accept" else "this end"
            yield _warning("R29", f"{session[0].upper()}{session[1:]} will flap once: {end} {what}")


def _users(model: Model) -> dict[str, str]:
    """Peer address, or `accept`, to the chain that is used with it."""
    users: dict[str, str] = {}
    for option in model.get("tcp_auth_options", []):
        for peer in (*(["accept"] if option.get("accept") else []), *option.get("peers", [])):
            users[peer] = option["key_chain"]
    return users


def _error(rule: str, text: str) -> Violation:
    return Violation(f"cisco_lisp_tcp_ao/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"cisco_lisp_tcp_ao/{rule}", "warning", f"{text}.")
