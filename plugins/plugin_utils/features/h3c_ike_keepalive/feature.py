# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE SA keepalives on H3C Comware, V5 and V7."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation
from ...engine.schema import InvalidInput, Leaf, Model, Node
from ...engine.session import Session, Tentative
from . import observe, peers, reset, rules
from .observe import Observation
from .parse import parse
from .schema import SCHEMA

_LOOK, _RESET = "_look", "_reset"  # what verification adds to the model for `observe` and `unmet`


def _generation(value: Any) -> int:
    if str(value) not in ("5", "7"):
        raise ValueError("use 5 or 7")
    return int(str(value))


class H3cIkeKeepalive(FeatureBase):
    """The device-global timers: keepalives sent, keepalives expected, NAT keepalives."""

    name = "h3c_ike_keepalive"
    platform = "h3c_comware"
    folder = Path(__file__).parent
    schema: Node = SCHEMA
    options: Mapping[str, Leaf] = {
        "reset_sa": Leaf("str", choices=("never", "changed"), default="never"),
        "comware": Leaf("int", choices=(5, 7), normal=_generation),
    }

    def read(self, facts: DeviceFacts) -> list[str]:
        # Tunnel and BGP lines may say keepalive too; parse knows which lines are ours.
        return ["display current-configuration | include keepalive"]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        """The peers, for the rules; a build that cannot filter so is judged without them."""
        return [Tentative(peers.COMMAND)] if intent.state not in ("gathered", "deleted") else []

    def parse(self, text: str) -> Model:
        return parse(text)

    def offline_facts(self, intent: Intent) -> DeviceFacts | None:
        """Which generation to render for: no device tells."""
        generation = intent.options.get("comware")
        if generation is None:
            raise InvalidInput(
                ["comware is missing; state: rendered needs to know for which generation, comware: 5 or comware: 7."]
            )
        return DeviceFacts(self.platform, dialect=rules.GENERATIONS[generation])

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(target, intent, seen))

    def follow_up(self, intent: Intent, facts: DeviceFacts) -> list[str]:
        return list(reset.ALL) if intent.options.get("reset_sa") == "changed" else []

    def concern(self, target: Model, intent: Intent) -> Model:
        return {**target, _LOOK: True, _RESET: intent.options.get("reset_sa") == "changed"}

    def observe(self, session: Session, want: Model) -> Observation:
        """While waiting for convergence the table of SAs; for facts everything."""
        return observe.look(session) if want.get(_LOOK) else observe.look_around(session)

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(observe.unmet(want, seen, before))

    def unsettled(self, previous: Observation, seen: Observation) -> list[Unmet]:
        return list(observe.unsettled(previous, seen))

    def computed(self, target: Model, intent: Intent) -> dict[str, Any]:
        return rules.computed(target)


FEATURE: Feature = H3cIkeKeepalive()
