# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP key chains (RFC 5925 master keys) on Cisco IOS XE."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation
from ...engine.schema import Leaf, Model, Node
from ...engine.session import Session, Tentative
from ...engine.states import CHANGING
from . import observe, rules
from .observe import Observation
from .parse import USERS, parse
from .schema import SCHEMA

_USE = (f"show running-config | include {USERS}", Tentative(observe.COMMAND))
_CLOCK = Tentative("show clock")


class CiscoTcpKeyChain(FeatureBase):
    """Chains of type tcp and their keys."""

    name = "cisco_tcp_key_chain"
    platform = "cisco_iosxe"
    folder = Path(__file__).parent
    schema: Node = SCHEMA
    options: Mapping[str, Leaf] = {"force_in_use": Leaf("bool", default=False)}

    def read(self, facts: DeviceFacts) -> list[str]:
        return ["show running-config | section ^key chain"]

    def ahead(self, facts: DeviceFacts, intent: Intent) -> list[str]:
        more = [*_USE, _CLOCK] if intent.state in CHANGING else []
        return [*self.read(facts), *more]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        """Before a change: who uses the chains, which keys are in use, and what time it is there."""
        if intent.state not in CHANGING:
            return []
        clock: list[str] = [_CLOCK] if intent.state != "deleted" else []
        return [*_USE, *clock] if self.parse(text) else clock

    def parse(self, text: str) -> Model:
        return parse(text)

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(have, target, intent, seen))

    def concern(self, target: Model, intent: Intent) -> Model:
        """The chains that the task names."""
        if intent.config is None:
            return target
        named = {chain["name"] for chain in intent.config}
        return [chain for chain in target if chain["name"] in named]

    def observe(self, session: Session, want: Model) -> Observation:
        return {"chains": observe.parse_chains(session.run([Tentative(observe.COMMAND)])[0])}

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(observe.unmet(want, seen))


FEATURE: Feature = CiscoTcpKeyChain()
