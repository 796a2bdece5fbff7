# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How IOS XE lines are negated, overwritten, ordered and closed: hier_config rules as data.

Sources: IOS XE 17.x IP Routing guide, "LISP Support for TCP Authentication Option"; real configurations for the exit
markers. hier_config's own IOS driver has no rule for key chains and LISP: it would send `no exit-router-lisp`, and
`no send-lifetime` before the new one.
"""

from __future__ import annotations

import re

try:
    from hier_config.models import (
        IdempotentCommandsRule,
        MatchRule,
        NegationSubRule,
        OrderingRule,
        PerLineSubRule,
        SectionalExitingRule,
    )
    from hier_config.platforms.cisco_ios.driver import HConfigDriverCiscoIOS
    from hier_config.platforms.driver_base import HConfigDriverRules
except ImportError:  # the sanity tests import every file without third-party packages
    HConfigDriverCiscoIOS = object  # type: ignore[misc,assignment]

from ...engine.plan import TreePlanner

_CHAIN, _KEY = "^key chain ", r"^key \d+$"
_LISP = "^router lisp$"
_SERVICE, _SITE, _AUTH_OPTION = r"^service (?:ipv4|ipv6|ethernet)$", "^site ", "^tcp auth-option "

ONE_VALUE = (
    # one value each: the new line overwrites the old one; what the group captures says which lines are "one"
    (_CHAIN, _KEY, "^(send-id) "),
    (_CHAIN, _KEY, "^(recv-id) "),
    (_CHAIN, _KEY, "^(cryptographic-algorithm) "),
    (_CHAIN, _KEY, "^(send-lifetime) "),
    (_CHAIN, _KEY, "^(accept-lifetime) "),
    (_CHAIN, _KEY, "^(key-string) "),
    (_LISP, "^(map-server session passive-open) "),
    (_LISP, _SERVICE, r"^(etr map-server \S+ key) "),
    (_LISP, _SITE, "^(authentication-key) "),
    (_LISP, _SITE, r"^(eid-record (?:instance-id \d+ )?\S+)"),
)
_NO_WITHOUT_VALUE = (
    (_CHAIN,),
    (_CHAIN, _KEY, "^(?:send-id|recv-id|cryptographic-algorithm|send-lifetime|accept-lifetime|key-string) "),
    (_LISP, _SITE, "^authentication-key "),
)
_EXITS = (
    # (section, the line that leaves it); inside router lisp a word means another thing at every level, so none is left
    # to fall through to the level above
    ((_CHAIN,), "exit"),
    ((_CHAIN, _KEY), "exit"),
    ((_LISP,), "exit-router-lisp"),
    ((_LISP, _AUTH_OPTION), "exit"),
    ((_LISP, "^service ipv4$"), "exit-service-ipv4"),
    ((_LISP, "^service ipv6$"), "exit-service-ipv6"),
    ((_LISP, "^service ethernet$"), "exit-service-ethernet"),
    ((_LISP, _SITE), "exit-site"),
)
_ORDER = (
    # (line, weight), light goes first, 0 is neutral: what is referred to exists before and after its references
    ((_CHAIN,), -50),
    (("^no key chain ",), 50),
    ((_CHAIN, r"^no key \d+$"), 50),
    ((_CHAIN, _KEY, "^key-string "), 40),  # a key becomes usable with its last line, so its lifetime is there before
    ((_LISP, "^no tcp auth-option "), -20),
    ((_LISP, _AUTH_OPTION, "^no peer "), -10),
    ((_LISP, _AUTH_OPTION), -10),
    ((_LISP, "^no site "), 20),
)


def _match(patterns: tuple[str, ...]) -> tuple[MatchRule, ...]:
    return tuple(MatchRule(re_search=pattern) for pattern in patterns)


class IosXeDriver(HConfigDriverCiscoIOS):
    """hier_config's IOS driver plus the key chain and LISP rules it lacks."""

    @staticmethod
    def _instantiate_rules() -> HConfigDriverRules:
        rules = HConfigDriverCiscoIOS._instantiate_rules()
        # One blank per level, as the device prints it.
        rules = rules.model_copy(update={"indentation": 1})
        rules.per_line_sub.append(PerLineSubRule(search=r"^\s*exit(?:-\S+)?\s*$", replace=""))
        rules.idempotent_commands.extend(IdempotentCommandsRule(match_rules=_match(line)) for line in ONE_VALUE)
        rules.negation_sub.extend(
            NegationSubRule(match_rules=_match(line), search=r"^(no (?:key chain )?\S+) .*$", replace=r"\1")
            for line in _NO_WITHOUT_VALUE
        )
        rules.sectional_exiting.extend(
            SectionalExitingRule(match_rules=_match(section), exit_text=text) for section, text in _EXITS
        )
        rules.ordering.extend(OrderingRule(match_rules=_match(line), weight=weight) for line, weight in _ORDER)
        return rules


PLANNER = TreePlanner(
    IosXeDriver,
    # never `no router lisp`, never `no service …`: others have lines there
    borrowed=(re.compile(_LISP), re.compile(_SERVICE)),
)
