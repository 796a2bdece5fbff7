# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ISAKMP policies with retry and back-off on AlliedWare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation, template
from ...engine.schema import Model, Node
from ...engine.session import Session
from . import observe as looking
from . import rules
from .observe import Observation
from .parse import bound, displays, ipsec_policies, parse
from .schema import FIELDS, SCHEMA, UNCERTAIN, parameter, spoken


class AlliedIsakmpPolicy(FeatureBase):
    """ISAKMP policies; the IPsec policies that use them are read, never written."""

    name = "allied_isakmp_policy"
    platform = "allied_alliedware"
    folder = Path(__file__).parent
    schema: Node = SCHEMA

    def read(self, facts: DeviceFacts) -> list[str]:
        # One listing: the ISAKMP policies, and the IPsec policies that use them. Listing one module is not documented.
        return ["show config dynamic"]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        """Ask for the effective values of options that are wanted, not listed, and without a documented default."""
        if intent.state == "deleted" or not any(_open(entry, {}) for entry in intent.config or []):
            return []
        try:
            listed = {entry["name"]: entry for entry in parse(text)}
        except ValueError:  # whoever parses the text next says so
            return []
        return [
            looking.show("policy", entry["name"])
            for entry in intent.config or []
            if entry["name"] in listed and _open(entry, listed[entry["name"]])
        ]

    def parse(self, text: str) -> Model:
        return parse(text)

    def render(self, model: Model, facts: DeviceFacts | None = None) -> str:
        return template(self.folder / "config.j2").render(policies=[_words(entry) for entry in model])

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        """Without policies that go, without values that the device shows to be its own defaults, with their users."""
        users, shown = ipsec_policies(seen.text), displays(seen.text)
        listed = {entry["name"]: entry for entry in parse(seen.text)}
        kept = []
        for entry in target:
            if _goes(entry["name"], intent):
                continue
            have, display = listed.get(entry["name"]), shown.get(entry["name"], {})
            if have is not None:
                entry = {
                    option: value
                    for option, value in entry.items()
                    if option not in _open(entry, have) or display.get(option) != value
                }
            kept.append({**entry, "ipsec": [user.name for user in bound(entry, users)]})
        return kept

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(have, target, intent, seen))

    def settled(self, after: Model, target: Model, seen: Seen) -> Model:
        """A value that the device took and does not list is its own default, unless it displays another one."""
        listed, shown = {entry["name"]: entry for entry in after}, displays(seen.text)
        return [
            {
                option: value
                for option, value in entry.items()
                if option not in _open(entry, listed.get(entry["name"], entry))
                or shown.get(entry["name"], {}).get(option, value) != value
            }
            for entry in target
        ]

    def concern(self, target: Model, intent: Intent) -> Model:
        """The policies that the task names: the device may have others whose peers are not there."""
        if intent.state == "deleted":
            return []
        names = {entry["name"] for entry in intent.config or []}
        return [entry for entry in target if entry["name"] in names]

    def computed(self, target: Model, intent: Intent) -> dict[str, Any]:
        """Retransmission times, the length of an exchange and of all retries, per policy, in seconds."""
        return {entry["name"]: rules.figures_of(entry) for entry in self.concern(target, intent)}

    def observe(self, session: Session, want: Model) -> Observation:
        return looking.look(session, want)

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(looking.unmet(want, seen, before))


def _goes(name: str, intent: Intent) -> bool:
    """Whether the task removes this policy (what the engine carries along must not keep it)."""
    named = name in {entry["name"] for entry in intent.config or []}
    if intent.state == "deleted":
        return named or not intent.config
    return intent.state == "overridden" and not named


def _open(want: Mapping[str, Any], listed: Mapping[str, Any]) -> list[str]:
    """Options that are wanted, not listed, and without a documented default: they may or may not be the default."""
    return [option for option in UNCERTAIN if option in want and option not in listed]


def _words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One policy for the template."""
    said = [parameter(option).word(spoken(option, entry[option])) for option in FIELDS if option in entry]
    peer = said.pop(0) if "peer" in entry else ""
    return {"name": entry["name"], "peer": peer, "words": [*said, *entry.get("other", [])]}


FEATURE: Feature = AlliedIsakmpPolicy()
