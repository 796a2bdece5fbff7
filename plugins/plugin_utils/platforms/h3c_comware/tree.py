# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Comware lines are negated, overwritten and ordered: hier_config rules as data.

Sources: H3C V7 IPsec command reference; HPE 3100 v2 and MSR V5 security command references (undo forms take no value).
"""

from __future__ import annotations

try:
    from hier_config.child import HConfigChild
    from hier_config.models import (
        IdempotentCommandsRule,
        MatchRule,
        NegationSubRule,
        OrderingRule,
        PerLineSubRule,
    )
    from hier_config.platforms.driver_base import HConfigDriverRules
    from hier_config.platforms.hp_comware5.driver import HConfigDriverHPComware5
except ImportError:  # the sanity tests import every file without third-party packages
    HConfigDriverHPComware5 = object  # type: ignore[misc,assignment]

from ...engine.plan import TreePlanner

ONE_VALUE = (
    # one value each: the new line overwrites the old one, and undo takes no value
    "ike sa keepalive-timer interval",
    "ike sa keepalive-timer timeout",
    "ike sa nat-keepalive-timer interval",
    "ike keepalive interval",
    "ike keepalive timeout",
    "ike nat-keepalive",
)
_ORDER = (
    # Sending harms nobody, expecting does: send first, and stop expecting before stopping to send.
    (r"^undo ike .*\btimeout$", -20),
    (r"^ike .*\binterval \d+$", -10),
    (r"^ike .*\btimeout \d+$", 10),
    (r"^undo ike .*\binterval$", 20),
)


class ComwareDriver(HConfigDriverHPComware5):
    """hier_config's Comware driver plus the rules it lacks: undo without values, `quit`, `#` between blocks."""

    def sectional_exit(self, config: HConfigChild) -> str | None:
        found = super().sectional_exit(config)
        return "quit" if found == "exit" else found

    @staticmethod
    def _instantiate_rules() -> HConfigDriverRules:
        rules = HConfigDriverHPComware5._instantiate_rules()
        rules.per_line_sub.append(PerLineSubRule(search=r"^\s*#.*", replace=""))
        rules.idempotent_commands.extend(
            IdempotentCommandsRule(match_rules=(MatchRule(re_search=f"^({words}) "),)) for words in ONE_VALUE
        )
        rules.negation_sub.extend(
            NegationSubRule(
                match_rules=(MatchRule(re_search=f"^{words} "),), search=r"^(undo .*\S) \S+$", replace=r"\1"
            )
            for words in ONE_VALUE
        )
        rules.ordering.extend(
            OrderingRule(match_rules=(MatchRule(re_search=pattern),), weight=weight) for pattern, weight in _ORDER
        )
        return rules


PLANNER = TreePlanner(ComwareDriver)
