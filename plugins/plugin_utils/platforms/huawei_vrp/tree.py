# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How VRP lines are negated, overwritten and ordered: hier_config rules as data.

Sources: NE40E V800R012C10 command reference (undo forms take no argument; MPLS TE before RSVP-TE; the authentication
mode before handshake, handshake before window-size).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

try:
    from hier_config.models import (
        IdempotentCommandsRule,
        MatchRule,
        NegationDefaultWithRule,
        NegationSubRule,
        OrderingRule,
    )
    from hier_config.platforms.driver_base import HConfigDriverRules
    from hier_config.platforms.huawei_vrp.driver import HConfigDriverHuaweiVrp
except ImportError:  # the sanity tests import every file without third-party packages
    HConfigDriverHuaweiVrp = object  # type: ignore[misc,assignment]

from ...engine.device import DeviceFacts
from ...engine.plan import Plan, Planner, Reassert, TreePlanner
from .version import VRP8

AUTHENTICATION = "mpls rsvp-te authentication"

ONE_VALUE = (
    # one value each: the new line overwrites the old one; what the group captures says which lines are "one"
    rf"^({AUTHENTICATION}) (?:cipher|plain|keychain) ",
    rf"^({AUTHENTICATION} lifetime) ",
    rf"^({AUTHENTICATION} window-size) ",
    "^(mpls rsvp-te timer refresh) ",
    "^(mpls rsvp-te keep-multiplier) ",
    "^(mpls rsvp-te challenge-lost) ",
    "^(mpls rsvp-te retrans-timer challenge) ",
)
_UNDO_WITHOUT_VALUE = (
    rf"^{AUTHENTICATION} (?:lifetime|window-size|keychain) ",
    "^mpls rsvp-te (?:timer refresh|keep-multiplier|challenge-lost|retrans-timer challenge) ",
)
_ORDER = (
    # (line, weight), light goes first, 0 is neutral: enablement, then the key, then what needs a key
    ("^mpls$", -90),
    ("^mpls te", -80),
    ("^mpls rsvp-te$", -70),
    (rf"^undo {AUTHENTICATION} (?:handshake|window-size|lifetime)", -50),
    (rf"^undo {AUTHENTICATION}(?: keychain)?$", -40),
    (rf"^{AUTHENTICATION} (?:cipher|plain|keychain) ", -30),
    (rf"^{AUTHENTICATION} handshake", -20),
    (rf"^{AUTHENTICATION} (?:lifetime|window-size) ", -10),
    # taking RSVP-TE away comes last, and in the opposite order of enabling it
    ("^undo mpls rsvp-te peer", 70),
    ("^undo mpls rsvp-te$", 80),
    ("^undo mpls te", 90),
    ("^undo mpls$", 100),
)
_DEPTHS = (1, 2, 3)


def _at_every_depth(pattern: str) -> list[tuple[MatchRule, ...]]:
    """The pattern for a line in the system view, in a view, and in a view of a view."""
    return [(*[MatchRule(startswith="")] * (depth - 1), MatchRule(re_search=pattern)) for depth in _DEPTHS]


class VrpDriver(HConfigDriverHuaweiVrp):
    """hier_config's VRP driver plus the MPLS and RSVP-TE rules it lacks."""

    _NEGATED_WITHOUT_FORM: ClassVar[str] = "cipher|plain"

    @classmethod
    def _instantiate_rules(cls) -> HConfigDriverRules:
        rules = HConfigDriverHuaweiVrp._instantiate_rules()
        rules.idempotent_commands.extend(
            IdempotentCommandsRule(match_rules=match) for pattern in ONE_VALUE for match in _at_every_depth(pattern)
        )
        rules.negate_with.extend(
            NegationDefaultWithRule(match_rules=match, use=f"undo {AUTHENTICATION}")
            for match in _at_every_depth(rf"^{AUTHENTICATION} (?:{cls._NEGATED_WITHOUT_FORM}) ")
        )
        rules.negation_sub.extend(
            NegationSubRule(match_rules=match, search=r"^(undo .*\S) \S+$", replace=r"\1")
            for pattern in _UNDO_WITHOUT_VALUE
            for match in _at_every_depth(pattern)
        )
        rules.ordering.extend(
            OrderingRule(match_rules=match, weight=weight)
            for pattern, weight in _ORDER
            for match in _at_every_depth(pattern)
        )
        return rules


class ImmediateVrpDriver(VrpDriver):
    """VRP5 and V600: one undo for all forms of authentication (S series command reference)."""

    _NEGATED_WITHOUT_FORM: ClassVar[str] = "cipher|plain|keychain"


def _planner(driver: type[VrpDriver]) -> TreePlanner:
    return TreePlanner(
        driver,
        borrowed=(re.compile(r"^interface \S"),),
        # a new key may make the device drop what hangs on the old one: say it again
        reassert=(
            Reassert(
                re.compile(rf"^{AUTHENTICATION} (?:cipher|plain|keychain) "),
                re.compile(rf"^{AUTHENTICATION} (?:handshake|lifetime|window-size)"),
            ),
        ),
        views=re.compile(r"^mpls$|^ +mpls rsvp-te peer \S+$"),
    )


@dataclass(frozen=True)
class VrpPlanner:
    """The planner of each family; two-phase VRP8 unless the device is known."""

    two_phase: TreePlanner = field(default_factory=lambda: _planner(VrpDriver))
    immediate: TreePlanner = field(default_factory=lambda: _planner(ImmediateVrpDriver))

    def __call__(self, before: str, after: str) -> Plan:
        return self.two_phase(before, after)

    def for_device(self, facts: DeviceFacts) -> Planner:
        return self.two_phase if facts.dialect in ("", VRP8) else self.immediate


PLANNER = VrpPlanner()
