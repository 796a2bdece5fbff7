# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPsec options of Juniper JunOSe: answering stale initiators, dead peer detection, NAT traversal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation
from ...engine.schema import Model, Node
from ...engine.session import CommandRejected, Session, Tentative
from ...platforms.juniper_junose.session import JunoseSession
from . import observe, rules
from .observe import Observation
from .parse import parse
from .schema import OPTIONS, SCHEMA


class JunoseIpsecOption(FeatureBase):
    """`ipsec option tx-invalid-cookie`, `dpd` and `nat-t` of each transport virtual router."""

    name = "junose_ipsec_option"
    platform = "juniper_junose"
    folder = Path(__file__).parent
    schema: Node = SCHEMA

    def read(self, facts: DeviceFacts) -> list[str]:
        # The configuration is read whole: only its last line proves that nothing is missing.
        return ["show virtual-router", Tentative(observe.OPTION), "show configuration"]

    def parse(self, text: str) -> Model:
        return parse(text)

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        rules.require_support(intent, seen)
        return target

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(have, target, intent, seen))

    def concern(self, target: Model, intent: Intent) -> Model:
        """The routers that the task names, also those that end up with nothing but defaults."""
        if not intent.config:
            return target
        entries = {entry["virtual_router"]: entry for entry in target}
        names = [entry["virtual_router"] for entry in intent.config]
        return [entries.get(name, {"virtual_router": name}) for name in names]

    def observe(self, session: Session, want: Model) -> Observation:
        """Every router that has options of ours or that this session has configured; else the one of the login."""
        if not isinstance(session, JunoseSession):
            raise TypeError("the platform of this feature has no other session")
        names = sorted({entry["virtual_router"] for entry in want} | session.configured) or [session.home]
        shown = {name: _observe_router(session, name) for name in names}
        return {"virtual_routers": {name: entry for name, entry in shown.items() if entry is not None}}

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(observe.unmet(want, seen, before))


def _observe_router(session: JunoseSession, router: str) -> dict[str, Any] | None:
    """None where the virtual router cannot be selected (any more)."""
    try:
        options, sas, tunnels = _outputs(session, router)
    except CommandRejected:
        return None
    listed = observe.parse_options(options or "")
    return {
        "options": {field: listed.get(field) for field in OPTIONS},
        "ike_sas": None if sas is None else observe.parse_ike_sas(sas),
        "tunnels": None if tunnels is None else observe.parse_tunnels(tunnels),
    }


def _outputs(session: JunoseSession, router: str) -> list[str | None]:
    """What the router shows, in the first spelling that the release knows; None where it knows none."""
    texts = session.within(router, [Tentative(spellings[0]) for spellings in observe.SPELLINGS])
    return [
        _again(session, router, spellings[1:]) if session.reason(text) else text
        for text, spellings in zip(texts, observe.SPELLINGS, strict=True)
    ]


def _again(session: JunoseSession, router: str, spellings: Sequence[str]) -> str | None:
    for command in spellings:
        text = session.within(router, [Tentative(command)])[0]
        if session.reason(text) is None:
            return text
    return None


FEATURE: Feature = JunoseIpsecOption()
