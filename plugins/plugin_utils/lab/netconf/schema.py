# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device's data model allows: a small part of YANG (RFC 6020) as Python data.

Conditions are functions of a node of the data tree; they look around through its parents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .xml import Node

Check = Callable[[str], str]
"""What is wrong with the text of a leaf; "" when nothing is."""
Condition = Callable[[Node], bool]


@dataclass(frozen=True)
class Leaf:
    """A leaf. ``choice`` is (choice, case): a value of one case removes those of the others."""

    name: str
    check: Check
    default: str | None = None
    when: Condition | None = None
    mandatory: bool = False
    ns: str = ""
    choice: tuple[str, str] | None = None
    must: tuple[tuple[Condition, str], ...] = ()
    blanks: bool = False
    """Blanks around the value belong to it."""


@dataclass(frozen=True)
class Container:
    """A container, or a list when it has ``keys``."""

    name: str
    children: tuple[Leaf | Container, ...] = ()
    ns: str = ""
    presence: bool = False
    keys: tuple[str, ...] = ()
    when: Condition | None = None
    must: tuple[tuple[Condition, str], ...] = ()
    choice: tuple[str, str] | None = None
    read_only: bool = False
    """The emulator shows it but cannot change it."""

    def child(self, ns: str, name: str, own_ns: str) -> Spec | None:
        """What the model says about a child element; ``own_ns`` is the namespace of this node."""
        return next((spec for spec in self.children if spec.name == name and (spec.ns or own_ns) == ns), None)


Spec = Leaf | Container


@dataclass(frozen=True)
class Model:
    """A whole data model. ``modules`` are (module, revision, namespace, prefix) as the hello lists them."""

    roots: tuple[Container, ...]
    modules: tuple[Module, ...] = field(default=())

    @property
    def top(self) -> Container:
        return Container("data", self.roots)

    def knows(self, ns: str) -> bool:
        return any(module.namespace == ns for module in self.modules)

    def prefix(self, ns: str) -> str:
        return next((module.prefix for module in self.modules if module.namespace == ns), "")

    def path(self, node: Node) -> str:
        """The instance path of a node of the data tree, with prefixes and keys."""
        steps: list[str] = []
        at: Node | None = node
        while at is not None and at.parent is not None:
            prefix = self.prefix(at.ns)
            lead = f"{prefix}:" if prefix else ""
            spec = self.spec_of(at)
            keys = spec.keys if isinstance(spec, Container) else ()
            steps.append(lead + at.name + "".join(f"[{lead}{key}='{at.value(key) or ''}']" for key in keys))
            at = at.parent
        return "/" + "/".join(reversed(steps))

    def spec_of(self, node: Node) -> Spec | None:
        """What the model says about a node of a data tree."""
        line: list[Node] = []
        at: Node | None = node
        while at is not None and at.parent is not None:
            line.append(at)
            at = at.parent
        spec: Spec | None = self.top
        own_ns = ""
        for step in reversed(line):
            spec = spec.child(step.ns, step.name, own_ns) if isinstance(spec, Container) else None
            own_ns = step.ns
        return spec


@dataclass(frozen=True)
class Module:
    """A YANG module as a hello lists it."""

    name: str
    revision: str
    namespace: str
    prefix: str

    @property
    def capability(self) -> str:
        return f"{self.namespace}?module={self.name}&revision={self.revision}"


def specs(container: Container, node: Node) -> Iterator[tuple[Spec, list[Node]]]:
    """Each child that the model knows, with the instances below ``node``."""
    for spec in container.children:
        ns = spec.ns or node.ns
        yield spec, [child for child in node.children if child.name == spec.name and child.ns == ns]


# -- types ------------------------------------------------------------------------------------------------------------


def text(low: int = 0, high: int = 65535, pattern: str = "", what: str = "") -> Check:
    """A string with a length and a pattern."""
    wanted = re.compile(pattern) if pattern else None

    def check(value: str) -> str:
        if not low <= len(value) <= high:
            return f"the length must be {low} to {high}"
        if wanted is not None and wanted.fullmatch(value) is None:
            return what or "the value does not fit the pattern"
        return ""

    return check


def number(low: int, high: int) -> Check:
    """A whole number within a range."""

    def check(value: str) -> str:
        if re.fullmatch(r"[+-]?\d{1,12}", value) is None:
            return "the value is not a whole number"
        return "" if low <= int(value) <= high else f"the value must be {low} to {high}"

    return check


def one_of(*words: str) -> Check:
    """An enumeration."""

    def check(value: str) -> str:
        return "" if value in words else f"the value is not one of {', '.join(words)}"

    return check


BOOLEAN = one_of("true", "false")


def empty(value: str) -> str:
    return "" if not value else "the element has no value"
