# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP key chains over NETCONF: the same model, in the terms of Cisco-IOS-XE-crypto.

Source: Cisco-IOS-XE-crypto YANG 17.1.1 to 26.1.1. No operational data tells what a chain is used for, so what the CLI
beside the session says is taken along where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...engine import xmltree
from ...engine.device import NETCONF, DeviceFacts, Seen
from ...engine.feature import Feature, Intent, Violation
from ...engine.schema import Model
from ...engine.session import Beside
from ...engine.xmltree import Element, has, truth, value, walk, within
from ...platforms.cisco_iosxe import keys, times
from ...platforms.cisco_iosxe.netconf import CHAIN_FILTER, REFERENCE_FILTER, refuse_others
from . import schema
from .feature import CiscoTcpKeyChain

_NUMBERS = {"send-id": "send_id", "recv-id": "recv_id"}
_FLAGS = {"include-tcp-options": "include_tcp_options", "accept-ao-mismatch": "accept_ao_mismatch"}
_LIFETIMES = {"send-lifetime": "send_lifetime", "accept-lifetime": "accept_lifetime"}
_CHAIN = "native/key/chain"


class OverNetconf(CiscoTcpKeyChain):
    """Chains of type tcp and their keys, as XML."""

    language = NETCONF
    template = "netconf.xml.j2"

    def read(self, facts: DeviceFacts) -> list[str]:
        return [CHAIN_FILTER]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        more = super().read_more(text, intent)
        return [REFERENCE_FILTER, *(Beside(command) for command in more)] if more else []

    def parse(self, text: str) -> Model:
        roots = xmltree.tops(text)
        refuse_others(roots)
        chains = []
        for chain in within(roots, _CHAIN):
            if has(chain, "tcp"):
                entry: dict[str, Any] = {"name": value(chain, "name") or ""}
                found = [_key(key) for key in walk(chain, "key")]
                chains.append({**entry, "keys": found} if found else entry)
        return chains

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        """Those of the CLI, on the same facts; and what the YANG model is narrower about."""
        told = replace(seen, text=_as_lines(seen.text))
        return [*super().rules(have, target, intent, told), *_narrower(have, target), *_blind(have, target, seen)]


def _key(element: Element) -> dict[str, Any]:
    key: dict[str, Any] = {"id": int(value(element, "id") or 0)}
    for tag, field in _NUMBERS.items():
        number = value(element, tag)
        if number is not None:
            key[field] = int(number)
    for tag, field in _FLAGS.items():
        if truth(element, tag):
            key[field] = True
    for tag, field in _LIFETIMES.items():
        lifetime = _lifetime(element, f"{tag}/lifetime-group-v1")
        if lifetime:
            key[field] = lifetime
    algorithm = value(element, "cryptographic-algorithm-choice/tcp") or value(element, "cryptographic-algorithm")
    if algorithm:
        key["algorithm"] = algorithm
    text = value(element, "key-string/key")
    if text is not None:
        key["key_string"] = keys.from_config(f"{value(element, 'key-string/encryption') or 0} {text}")
    return key


def _lifetime(element: Element, path: str) -> dict[str, Any] | None:
    group = xmltree.first(element, path)
    start = None if group is None else _instant(group, "start")
    if group is None or start is None:
        return None
    lifetime: dict[str, Any] = {"start": start}
    end, duration = _instant(group, "end"), value(group, "duration")
    if has(group, "infinite"):
        lifetime["infinite"] = True
    elif duration is not None:
        lifetime["duration"] = int(duration)
    elif end:
        lifetime["end"] = end
    return {**lifetime, "local": True} if has(group, "local") else lifetime


def _instant(group: Element, which: str) -> str | None:
    parts = [value(group, f"{which}-{part}") for part in ("hh-mm-ss", "month", "day", "year")]
    return times.instant(" ".join(part for part in parts if part)) if all(parts) else None


def _as_lines(text: str) -> str:
    """What rules look at besides the model, in the lines that the CLI would have: types of chains, and their users."""
    roots = xmltree.tops(text)
    said = xmltree.beside(roots)
    lines = [f"key chain {value(chain, 'name')}{_type(chain)}" for chain in within(roots, _CHAIN)]
    for process in ("lisp", "lisp-list"):
        options = within(roots, f"native/router/{process}/tcp/auth-option")
        named = (f" tcp auth-option {value(option, 'name')}" for option in options)
        lines += [line for line in named if line not in said]
    return "\n".join(lines) + "\n" + said


def _type(chain: Element) -> str:
    return next((f" {word}" for word in ("tcp", "macsec") if has(chain, word)), "")


def _narrower(have: Model, target: Model) -> Iterator[Violation]:
    old = {chain["name"] for chain in have}
    for chain in target:
        if len(chain["name"]) > schema.LONGEST_MODEL_NAME and chain["name"] not in old:
            yield Violation(
                "cisco_tcp_key_chain/yang-name",
                "error",
                f"chain {chain['name'][:20]}... has {len(chain['name'])} characters in its name; over NETCONF the "
                f"device takes {schema.LONGEST_MODEL_NAME} at most. Choose a shorter name, or use the CLI.",
            )


def _blind(have: Model, target: Model, seen: Seen) -> Iterator[Violation]:
    """Without the CLI, BGP, LDP and SXP may use a chain unseen."""
    old = {chain["name"]: chain for chain in have}
    new = {chain["name"]: chain for chain in target}
    touched = sorted(name for name in old if old[name] != new.get(name))
    if touched and not xmltree.beside(xmltree.tops(seen.text)).strip():
        yield Violation(
            "cisco_tcp_key_chain/yang-users",
            "warning",
            f"Over NETCONF alone, only LISP's use of chain {', '.join(touched)} was looked for; BGP, LDP or SXP may "
            "use it too. Allow the CLI beside it (ansible_netconf_cli: auto) to have them looked at.",
        )


FEATURE: Feature = OverNetconf()
