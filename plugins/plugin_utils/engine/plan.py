# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be sent and what would take it back, computed by hier_config from two canonical texts.

Both texts come from the same template, so they differ only where the models differ. Rules of an OS (how a line is
negated, which lines overwrite each other, in which order they go) are data: an `HConfigDriverRules` of its platform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeAlias, runtime_checkable

try:
    from hier_config import HConfig, HConfigChild, get_hconfig
    from hier_config.platforms.driver_base import HConfigDriverBase
except ImportError:  # the sanity tests import every file without third-party packages
    HConfig = HConfigChild = HConfigDriverBase = object  # type: ignore[misc,assignment]

from .device import NETCONF, DeviceFacts
from .secret import mask, mask_pair

Section: TypeAlias = HConfig | HConfigChild


@dataclass(frozen=True)
class Plan:
    """One change of one device, sealed (see `secret`).

    `commands` and `rollback` are lines a person could type in configuration mode, sections indented and closed.
    `before` and `after` are the canonical texts they lead between.
    """

    commands: tuple[str, ...] = ()
    rollback: tuple[str, ...] = ()
    before: str = ""
    after: str = ""

    def __bool__(self) -> bool:
        return bool(self.commands)

    def diff(self) -> dict[str, str]:
        """For --diff: both texts with masked secrets."""
        before, after = mask_pair(self.before, self.after)
        return {"before": before, "after": after}

    def shown(self) -> dict[str, list[str]]:
        """For a result: commands and rollback with masked secrets."""
        return {"commands": [mask(line) for line in self.commands], "rollback": [mask(line) for line in self.rollback]}


Planner = Callable[[str, str], Plan]


@runtime_checkable
class PlannerByDevice(Protocol):
    """A planner of an OS whose families negate differently."""

    def for_device(self, facts: DeviceFacts) -> Planner:
        """The planner for this very device."""


def planner_for(planner: Planner, facts: DeviceFacts) -> Planner:
    """The planner to use for a device."""
    return planner.for_device(facts) if isinstance(planner, PlannerByDevice) else planner


@dataclass(frozen=True)
class ByLanguage:
    """A platform's planners: commands for its CLI, an edit for its NETCONF server."""

    cli: Planner
    netconf: Planner

    def __call__(self, before: str, after: str) -> Plan:
        return self.cli(before, after)

    def for_device(self, facts: DeviceFacts) -> Planner:
        return planner_for(self.netconf if facts.language == NETCONF else self.cli, facts)


@cache
def _instance(driver: Callable[[], HConfigDriverBase]) -> HConfigDriverBase:
    """One driver per process: building its rules costs more than a plan, and so does compiling their expressions.

    hier_config gives them to `re` at every line, which keeps what it has compiled.
    """
    instance = driver()
    for expression in _expressions(instance):
        re.compile(expression)
    return instance


def _expressions(driver: HConfigDriverBase) -> Iterator[str]:
    rules = (rule for _kind, kind in driver.rules if isinstance(kind, list) for rule in kind)
    for rule in rules:
        yield from (match.re_search for match in getattr(rule, "match_rules", ()) if match.re_search)
        yield from (getattr(rule, name) for name in ("search", "start_expression") if hasattr(rule, name))


@dataclass(frozen=True)
class Reassert:
    """Where a line matching `trigger` is sent, the target's lines matching `follow` in that section are sent too."""

    trigger: re.Pattern[str]
    follow: re.Pattern[str]


@dataclass(frozen=True)
class TreePlanner:
    """`plan(before, after)` for an OS whose configuration is a tree of sections.

    `driver`: the OS's hier_config driver. `borrowed`: sections that belong to others too (an interface, the MPLS view);
    they are entered, never created or negated because a model mentions them or no longer does. `views`: lines (with the
    indentation they have in a plan) that enter a view even where nothing follows in it, and have to be left again.
    """

    driver: Callable[[], HConfigDriverBase]
    borrowed: tuple[re.Pattern[str], ...] = ()
    reassert: tuple[Reassert, ...] = ()
    views: re.Pattern[str] | None = None
    leave: str = "quit"

    def __call__(self, before: str, after: str) -> Plan:
        driver = _instance(self.driver)
        old, new = get_hconfig(driver, before), get_hconfig(driver, after)
        self._share_borrowed(old, new)
        self._share_borrowed(new, old)
        return Plan(self._lines(old, new), self._lines(new, old), before, after)

    def _share_borrowed(self, source: Section, target: Section) -> None:
        for child in source.children:
            if any(pattern.search(child.text) for pattern in self.borrowed):
                twin = target.children.get(child.text)
                if twin is None:
                    twin = target.add_child(child.text)
                self._share_borrowed(child, twin)

    def _lines(self, start: HConfig, goal: HConfig) -> tuple[str, ...]:
        remedy = start.config_to_get_to(goal)
        self._say_again(remedy, goal)
        return self._closed(remedy.set_order_weight().dump_simple(sectional_exiting=True))

    def _closed(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """hier_config leaves sections that it says something in; empty ones are left here."""
        if self.views is None or not lines:
            return lines
        closed: list[str] = []
        for line, following in zip(lines, (*lines, "")[1:], strict=True):
            closed.append(line)
            depth = len(line) - len(line.lstrip())
            if self.views.search(line) and len(following) - len(following.lstrip()) <= depth:
                closed.append(" " * (depth + 2) + self.leave)
        return tuple(closed)

    def _say_again(self, remedy: Section, target: Section) -> None:
        for section in remedy.children:
            twin = target.children.get(section.text)
            if twin is None:
                continue
            for rule in self.reassert:
                if any(rule.trigger.search(child.text) for child in section.children):
                    for line in twin.children:
                        if rule.follow.search(line.text):
                            section.add_child(line.text, return_if_present=True)
            self._say_again(section, twin)
