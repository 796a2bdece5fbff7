# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all rules, made from the code.

`python -m ansible_collections.netops.peerguard.plugins.plugin_utils.peering.rules_page > docs/rules.md`
"""

from __future__ import annotations

from collections.abc import Iterator

from . import registry
from .finding import Kept, Rule
from .reports import anchor

_TITLES = {
    "intent": "What was written",
    "rsvp": "RSVP-TE authentication and handshake (Huawei VRP)",
    "lisp": "LISP sessions with TCP-AO (Cisco IOS XE)",
    "ike": "IKE peers and keepalives (H3C Comware, any make)",
    "cookie": "Notification of invalid cookies (Juniper JunOSe)",
    "retry": "Retrying ISAKMP negotiations (Allied Telesis AlliedWare)",
}
_SCOPES = {
    "device": "one device",
    "peering": "the ends of a peering",
    "fleet": "all peerings together",
}
_HEAD = """# Rules

<!-- Made from the code: python -m ansible_collections.netops.peerguard.plugins.plugin_utils.peering.rules_page -->

What `netops.peerguard.lint` judges, and `netops.peerguard.guard` before it sends anything. An id never changes its
meaning. Numbers are those of the vendors' own pages where these can be counted; letters behind a number are variations.

An **error** stops `guard` and, by default, fails `lint`; a **warning** and a **note** do not. *Assumed* rules are not
stated clearly by a vendor; they are never errors.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    yield _HEAD
    rules, kept = registry.rules(), registry.kept()
    for prefix, title in _TITLES.items():
        of_group = [rule for rule in rules if _prefix(rule.id) == prefix]
        yield f"## {title}\n"
        yield from _table(of_group)
        for rule in of_group:
            yield from _rule(rule)
        yield from _kept([entry for entry in kept if _prefix(entry.id) == prefix])


def _prefix(rule: str) -> str:
    return rule.partition("/")[0]


def _table(rules: list[Rule]) -> Iterator[str]:
    yield "| Rule | Severity | What must hold |"
    yield "|---|---|---|"
    for rule in rules:
        yield f"| [{rule.id}](#{anchor(rule.id)}) | {rule.severity} | {rule.title} |"
    yield ""


def _rule(rule: Rule) -> Iterator[str]:
    assumed = ", assumed" if rule.assumed else ""
    yield f'<a id="{anchor(rule.id)}"></a>\n'
    yield f"### {rule.id}: {rule.title}\n"
    yield f"**{rule.severity.capitalize()}**{assumed}, judged on {_SCOPES[rule.scope]}. {rule.text}\n"
    if rule.fix:
        yield f"*Fix:* {rule.fix}\n"
    yield f"*Source:* {rule.source}\n"


def _kept(entries: list[Kept]) -> Iterator[str]:
    if entries:
        yield "Rules of the same sources that need no judging:\n"
        yield "| Rule | What it says | What keeps it |"
        yield "|---|---|---|"
        for entry in entries:
            yield f"| {entry.id} | {entry.title} | {entry.how} |"
        yield ""


if __name__ == "__main__":
    print(page(), end="")
