# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP-TE authentication over NETCONF: the same model, in the terms of huawei-rsvp-interface and huawei-mpls-te.

Source: YANG 8.20.0 to 8.22.0. Handshake, lifetime and window size are below an authentication there, and cannot be said
without one; lifetimes are in seconds. What a device does with `authentication` when it shows configuration (keys
encrypted, values equal to defaults left out) is not documented: both are understood. What proves convergence is read
from the same models (state.py); the CLI beside is asked where a server does not show it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...engine import xmltree
from ...engine.device import NETCONF, DeviceFacts, Seen
from ...engine.feature import Feature, Intent, Violation
from ...engine.schema import Model, natural
from ...engine.secret import Secret
from ...engine.session import CommandRejected, Session
from ...engine.xmltree import Element, name, truth, value, walk, within
from ...platforms.huawei_vrp.netconf import (
    INTERFACE_FILTER,
    MPLS_FILTER,
    OPTIONAL_FILTERS,
    PUBLIC,
    RSVP_STATE_FILTER,
    refuse_others,
)
from . import rules, schema, state
from .feature import HuaweiRsvpAuth
from .observe import Observation
from .parse import CSPF, surroundings

_GLOBAL = {
    "mpls": "mpls/common/global/mpls-enable",
    "mpls te": "mpls/te/enable",
    "mpls rsvp-te": "mpls/te/rsvp/enable",
}
_TIMERS = {
    "refresh": "refresh-interval",
    "keep_multiplier": "keep-multiplier",
    "challenge_lost": "max-challenge-miss-times",
    "challenge_retransmit": "challenge-retransmission-interval",
}
_MODES = {"md5": "cipher", "md5-plain": "plain", "keychain": "keychain"}
_INSTANCE = "network-instance/instances/instance"
_UNKNOWN_LSR_ID = "unknown"
"""A device with MPLS on has one, wherever its model keeps it."""


class OverNetconf(HuaweiRsvpAuth):
    """Interfaces, RSVP-TE peers and timers, as XML."""

    language = NETCONF
    template = "netconf.xml.j2"

    def read(self, facts: DeviceFacts) -> list[str]:
        optional = [subtree for module, subtree in OPTIONAL_FILTERS.items() if module in facts.modules]
        return [MPLS_FILTER, INTERFACE_FILTER, *optional]

    def parse(self, text: str) -> Model:
        roots = xmltree.tops(text)
        refuse_others(roots)
        enabled = [line for line, path in _GLOBAL.items() if _on(roots, path)]
        model: dict[str, Any] = {"enabled": enabled} if enabled else {}
        timers = {field: _number(roots, f"mpls/te/rsvp/global/{leaf}") for field, leaf in _TIMERS.items()}
        model["timers"] = {field: number for field, number in timers.items() if number is not None}
        model["peers"] = [
            {"address": value(peer, "peer-ip-address") or "", **_view(peer)}
            for peer in within(roots, "mpls/te/rsvp/neighbors/neighbor")
        ]
        model["interfaces"] = _interfaces(roots)
        return model

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        told = replace(seen, text=_as_lines(seen, intent))
        prepared = super().prepare(target, intent, told)
        if CSPF in prepared.get("enabled", []):  # in no model that is known
            return {**prepared, "enabled": [line for line in prepared["enabled"] if line != CSPF]}
        return prepared

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        """Those of the CLI, on the same facts; what cannot be seen is a warning, what cannot be said an error."""
        told = replace(seen, text=_as_lines(seen, intent))
        with_cspf = {**target, "enabled": sorted({*target.get("enabled", []), CSPF})}
        found = super().rules(have, with_cspf, intent, told)
        return [*found, *_unseen(target, intent, seen, told.text), *_narrower(have, target)]

    def observe(self, session: Session, want: Model) -> Observation:
        """By what the models show, in one request; where a server does not show it, by the CLI beside."""
        if state.modelled(session.facts):
            with contextlib.suppress(CommandRejected):  # a server that knows no such nodes, or hides them
                found = state.parse(session.run([RSVP_STATE_FILTER])[0])
                if found is not None:
                    return found
        return super().observe(session, want)


def _on(roots: list[Element], path: str) -> bool:
    return any((leaf.text or "").strip() == "true" for leaf in within(roots, path))


def _number(roots: list[Element], path: str) -> int | None:
    return next((int(leaf.text) for leaf in within(roots, path) if (leaf.text or "").isdigit()), None)


def _view(element: Element) -> dict[str, Any]:
    """What an interface and a neighbour have in common."""
    authentication = xmltree.first(element, "authentication")
    if authentication is None or not truth(authentication, "enable"):
        return {}
    mode = _MODES.get(value(authentication, "type") or "md5", "cipher")
    view: dict[str, Any] = {"authentication": {"mode": mode}}
    key = value(authentication, "md5-key") or value(authentication, "md5-password")
    keychain = value(authentication, "keychain-name")
    if mode == "keychain" and keychain:
        view["authentication"]["keychain"] = keychain.lower()
    elif mode != "keychain" and key:
        view["authentication"]["key"] = Secret(key, schema.encoding(key))
    if truth(authentication, "handshake-enable"):
        view["handshake"] = True
    lifetime, window = value(authentication, "life-time"), value(authentication, "window-size")
    view |= {"lifetime": schema.duration(lifetime)} if lifetime else {}
    return {**view, "window_size": int(window)} if window else view


def _interfaces(roots: list[Element]) -> list[dict[str, Any]]:
    """RSVP-TE runs on an interface when it has an entry of its own; the entry needs the two others before it."""
    entries: dict[str, dict[str, Any]] = {}

    def enabled(interface: str, line: str) -> dict[str, Any]:
        found = entries.setdefault(interface, {"name": interface, "enabled": []})
        found["enabled"] = sorted({*found["enabled"], line}, key=natural)
        return found

    for instance in within(roots, _INSTANCE):
        if value(instance, "name") not in (None, PUBLIC):
            continue
        for where in ("mpls/common/mpls-interfaces/mpls-interface", "mpls/mpls-interfaces/mpls-interface"):
            for element in walk(instance, where):
                enabled(value(element, "name") or "", "mpls")
        for element in walk(instance, "te/interfaces/interface"):
            if truth(element, "mpls-te-enable"):
                enabled(value(element, "name") or "", "mpls te")
        for element in walk(instance, "mpls/te/rsvp-interfaces/rsvp-interface"):
            enabled(value(element, "name") or "", "mpls rsvp-te").update(_view(element))
    return list(entries.values())


def _as_lines(seen: Seen, intent: Intent) -> str:
    """What rules look at besides the model, in the lines that the CLI would have.

    What the server has no model for is taken to be as the task says: the device itself refuses what is not so.
    """
    roots = xmltree.tops(seen.text)
    wanted = intent.config or {}
    lines = [f"mpls lsr-id {_lsr_id(roots)}"] if _lsr_id(roots) else []
    if "huawei-keychain" in seen.facts.modules:
        lines += [f"keychain {found}" for found in _names(roots, "keychain")]
    else:
        lines += [f"keychain {found}" for found in _wanted_keychains(wanted)]
    interfaces = list(within(roots, "ifm/interfaces/interface"))
    for interface in interfaces:
        lines.append(f"interface {value(interface, 'name')}")
        for address in interface.iter("{*}address"):
            ip, mask = value(address, "ip"), value(address, "mask")
            if ip and mask:
                lines.append(f" ip address {ip} {mask}")
    if not interfaces:
        known = {entry["name"] for entry in _interfaces(roots)} | {e["name"] for e in wanted.get("interfaces", [])}
        lines += [f"interface {entry}" for entry in sorted(known)]
    return "\n".join(lines) + "\n"


def _wanted_keychains(wanted: Model) -> list[str]:
    entries = [*wanted.get("interfaces", []), *wanted.get("peers", [])]
    names = {entry.get("authentication", {}).get("keychain") for entry in entries}
    return sorted(found for found in names if found)


def _names(roots: list[Element], tag: str) -> list[str]:
    found = (element for root in roots for element in root.iter(f"{{*}}{tag}"))
    return sorted({(value(element, "name") or "").lower() for element in found} - {""})


def _lsr_id(roots: list[Element]) -> str:
    """Wherever the model of MPLS keeps it; a device on which MPLS is on has one."""
    for root in roots:
        if name(root) == "mpls":
            for leaf in root.iter("{*}lsr-id"):
                if leaf.text and not len(leaf):
                    return str(leaf.text).strip()
    return _UNKNOWN_LSR_ID if _on(roots, _GLOBAL["mpls"]) else ""


def _unseen(target: Model, intent: Intent, seen: Seen, lines: str) -> Iterator[Violation]:
    """What the CLI would check and NETCONF does not show."""
    if intent.state == "deleted":
        return
    wanted = intent.config or {}
    if _wanted_keychains(wanted) and "huawei-keychain" not in seen.facts.modules:
        names = ", ".join(_wanted_keychains(wanted))
        yield _warning("yang-keychain", f"whether keychain {names} exists cannot be seen over NETCONF on this device")
    around = surroundings(lines)
    remote = [peer["address"] for peer in wanted.get("peers", []) if rules.is_lsr_id(peer["address"], around)]
    if remote and around.networks:
        yield _warning(
            "yang-cspf",
            f"peer {', '.join(remote)} is on no connected network, so it is taken as an LSR ID; whether the MPLS view "
            f"has '{CSPF}', which that needs, cannot be seen over NETCONF",
        )


def _narrower(have: Model, target: Model) -> Iterator[Violation]:
    """In YANG the window is a leaf below handshake: without, the device would drop it in silence."""
    old = {_where(entry): entry for entry in _entries(have)}
    for entry in _entries(target):
        if entry == old.get(_where(entry)):
            continue
        if "authentication" in entry and "window_size" in entry and not entry.get("handshake"):
            yield _error(
                "yang-window",
                f"{_where(entry)}: over NETCONF, window_size can be set only with handshake: true",
            )
        if "authentication" not in entry and {"handshake", "lifetime", "window_size"} & {*entry}:
            yield _error(
                "yang-authentication",
                f"{_where(entry)}: over NETCONF, nothing can be set without authentication",
            )


def _entries(model: Model) -> list[dict[str, Any]]:
    return [*model.get("interfaces", []), *model.get("peers", [])]


def _where(entry: dict[str, Any]) -> str:
    return f"interface {entry['name']}" if "name" in entry else f"peer {entry['address']}"


def _error(rule: str, text: str) -> Violation:
    return Violation(f"huawei_rsvp_auth/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"huawei_rsvp_auth/{rule}", "warning", f"{text[0].upper()}{text[1:]}.")


FEATURE: Feature = OverNetconf()
