# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP-TE authentication and handshake on Huawei VRP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation
from ...engine.schema import Leaf, Model, Node
from ...engine.session import Session
from ...platforms.huawei_vrp.text import clean
from . import observe, rules
from .observe import Observation
from .parse import CSPF, GLOBAL_LINES, INTERFACE_LINES, parse, surroundings
from .schema import SCHEMA


class HuaweiRsvpAuth(FeatureBase):
    """Both views that take RSVP authentication (interface, RSVP-TE peer) and the global RSVP timers."""

    name = "huawei_rsvp_auth"
    platform = "huawei_vrp"
    folder = Path(__file__).parent
    schema: Node = SCHEMA
    options: Mapping[str, Leaf] = {"prerequisites": Leaf("str", choices=("require", "add"), default="require")}

    def read(self, facts: DeviceFacts) -> list[str]:
        # One filtered read: everything about MPLS with the interface it stands in, addresses, and keychain names.
        return ["display current-configuration | include ^interface |^keychain |mpls|ip address"]

    def parse(self, text: str) -> Model:
        return parse(text)

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        """Add the missing enablement lines where the task asks for it."""
        wanted = intent.config or {}
        touched = wanted.get("interfaces", []) + wanted.get("peers", [])
        if intent.options.get("prerequisites") != "add" or intent.state == "deleted" or not touched:
            return target
        names = {entry["name"] for entry in wanted.get("interfaces", [])}
        around = surroundings(seen.text)
        cspf = [CSPF] if any(rules.is_lsr_id(peer["address"], around) for peer in wanted.get("peers", [])) else []
        return {
            **target,
            "enabled": sorted({*target.get("enabled", []), *GLOBAL_LINES, *cspf}),
            "interfaces": [
                _enabled(entry) if entry["name"] in names else entry for entry in target.get("interfaces", [])
            ],
        }

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(have, target, intent, seen))

    def observe(self, session: Session, want: Model) -> Observation:
        interfaces, peers, statistics = (clean(text) for text in session.run(observe.COMMANDS))
        return {
            "interfaces": observe.parse_interfaces(interfaces),
            "peers": observe.parse_peers(peers),
            "statistics": observe.parse_statistics(statistics),
        }

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(observe.unmet(want, seen, before))


def _enabled(entry: dict[str, Any]) -> dict[str, Any]:
    """The interface with the lines that RSVP-TE needs there."""
    return {**entry, "enabled": sorted({*entry.get("enabled", []), *INTERFACE_LINES})}


FEATURE: Feature = HuaweiRsvpAuth()
