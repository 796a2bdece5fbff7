# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with what was written, before any protocol comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..finding import Breach, Group

_SOURCE = "netops.peerguard"
_GROUP = Group("intent")
RULES, KEPT = _GROUP.rules, _GROUP.kept


def _found_elsewhere(*_anything: Any) -> Iterator[Breach]:
    """Found while compiling and reading, before rules are judged."""
    yield from ()


_GROUP.rule(
    "contradiction",
    "Two peerings want different values for one thing of a host",
    scope="fleet",
    source=_SOURCE,
    text="Timers and options that a device has once are shared by all its peerings.",
    fix="A host has it once, so make them the same.",
)(_found_elsewhere)
_GROUP.rule(
    "invalid",
    "A configuration is not one that its module takes",
    scope="fleet",
    source=_SOURCE,
    text="What a module would refuse cannot be judged.",
    fix="",
)(_found_elsewhere)

CONTRADICTION, INVALID = RULES[0], RULES[1]
