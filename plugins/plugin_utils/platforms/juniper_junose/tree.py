# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planning for JunOSe: lines in the order a person types them, grouped by virtual router.

JunOSe prints the commands of a virtual router unindented below its `virtual-router` line. For hier_config they are put
below it, and what comes out is turned into what has to be typed: the router is *selected* in Privileged Exec, where
that cannot create it, and only then configuration mode is entered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

try:
    from hier_config.platforms.generic.driver import HConfigDriverGeneric
except ImportError:  # the sanity tests import every file without third-party packages
    HConfigDriverGeneric = object  # type: ignore[misc,assignment]

from ...engine.plan import Plan, TreePlanner
from .text import DEFAULT_VR

SELECT = "virtual-router "
CONFIGURE, LEAVE = "configure terminal", "end"


# Negation is `no`; for plain options there is nothing else to know.
_TREE = TreePlanner(HConfigDriverGeneric, borrowed=(re.compile(rf"^{SELECT}\S"),))


def plan(before: str, after: str) -> Plan:
    """The change between two configurations in JunOSe's own flat text."""
    found = _TREE(nested(before), nested(after))
    return Plan(tuple(typed(found.commands)), tuple(typed(found.rollback)), before, after)


def nested(text: str) -> str:
    """The flat text with every command below the line of its virtual router."""
    lines, inside = list[str](), False
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("!"):
            continue
        if line.startswith(SELECT):
            inside = True
        elif not inside:
            lines.append(f"{SELECT}{DEFAULT_VR}")
            inside = True
        lines.append(line if line.startswith(SELECT) else f" {line}")
    return "\n".join(lines) + "\n"


def typed(lines: Iterable[str]) -> Iterator[str]:
    """hier_config's sections as lines to type, router by router."""
    for router, commands in grouped(lines):
        yield from typed_block(router, commands)


def typed_block(router: str | None, commands: Iterable[str]) -> Iterator[str]:
    """One router's commands: select, configure, leave. `router` None = wherever the session is."""
    if router is not None:
        yield f"{SELECT}{router}"
    yield CONFIGURE
    yield from commands
    yield LEAVE


def grouped(lines: Iterable[str]) -> list[tuple[str | None, list[str]]]:
    """The configuration lines of a plan by the virtual router that they are for; from sections, or from typed lines.

    What only leads in and out (`configure terminal`, `end`, a section's `exit`) is left out, and so is a router without
    any line.
    """
    groups: list[tuple[str | None, list[str]]] = []
    for line in lines:
        text = line.strip()
        if text.startswith(SELECT):  # wherever it stands: it is never left to be typed in configuration mode
            groups.append((text.removeprefix(SELECT).strip(), []))
        elif text in (CONFIGURE, LEAVE) or (text == "exit" and line.startswith(" ")):
            continue
        else:
            if not groups:
                groups.append((None, []))
            groups[-1][1].append(text)
    return [(router, commands) for router, commands in groups if commands]


PLANNER = plan
