# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind of peering is: what an intent may say of it, and what follows for each end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from .. import registry as features
from ..engine.schema import Group, Leaf, Node, children

if TYPE_CHECKING:
    from .finding import Finding
    from .intent import Peering

Configs = dict[str, dict[str, Any]]
"""Inventory host → feature → the module's `config`."""


class Kind(Protocol):
    """One kind of peering; `kinds/<name>.py` exports it as KIND."""

    name: str
    title: str
    ends: tuple[int, int | None]
    """The least and the largest number of ends; None = no limit."""
    values: Mapping[str, Node]
    """What the ends share."""
    end: Mapping[str, Node]
    """What is each end's own."""
    known: Mapping[str, Node]
    """What may be known of an external end's configuration."""

    def problems(self, peering: Peering) -> Iterator[str]:
        """What cannot be meant, each as the rest of a sentence that begins with the peering's place."""

    def compile(self, peering: Peering) -> Configs:
        """What each inventory end shall have: raw module config, ready for the feature's own validation."""

    def removals(self, peering: Peering) -> Configs:
        """What each inventory end shall have no longer, named as for the modules' state `deleted`."""

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """Inventory hosts in the order they are pushed; those of one wave together. `removing`: the way back."""

    def window(self, peering: Peering) -> float | None:
        """Seconds within which all ends must have been pushed; None = no matter."""

    def proof(self, peering: Peering) -> float:
        """Seconds that a converged peering must hold before that proves anything."""

    def lint(self, peering: Peering) -> Iterator[Finding]:
        """What is wrong with the peering as it would be configured."""


class KindBase:
    """The parts that most kinds share."""

    name = ""
    title = ""
    ends: tuple[int, int | None] = (2, 2)
    values: Mapping[str, Node] = {}
    end: Mapping[str, Node] = {}
    known: Mapping[str, Node] = {}

    def problems(self, peering: Peering) -> Iterator[str]:
        yield from ()

    def removals(self, peering: Peering) -> Configs:
        return {}

    def waves(self, peering: Peering, *, removing: bool = False) -> list[list[str]]:
        """All ends at once."""
        hosts = [end.host for end in peering.inventory]
        return [hosts] if hosts else []

    def window(self, peering: Peering) -> float | None:
        return None

    def proof(self, peering: Peering) -> float:
        """What is wrong shows at once."""
        return 0.0

    def lint(self, peering: Peering) -> Iterator[Finding]:
        from .lint import judge  # the rules need the kinds

        yield from judge((peering,)).findings


def _find(feature: str, path: str) -> Node:
    node: Node = features.feature(feature).schema
    for name in path.split("."):
        node = children(node)[name]
    return node


def like(feature: str, path: str, description: str, **changes: Any) -> Leaf:
    """A value of a feature's own model (range, choices, spelling: one place), described for the intent.

    `path`: field names with dots, for example `interfaces.lifetime`.
    """
    node = _find(feature, path)
    if not isinstance(node, Leaf):
        raise TypeError(f"{feature}: {path} is no single value")
    return replace(node, **{"description": description, "required": False, **changes})


def group_like(feature: str, path: str, descriptions: Mapping[str, str]) -> Group:
    """A group of a feature's own model, its fields described for the intent."""
    fields = {name: like(feature, f"{path}.{name}", text) for name, text in descriptions.items()}
    node = _find(feature, path)
    required = {name for name, field in children(node).items() if field.required}
    return Group(
        {name: replace(leaf, required=name in required) for name, leaf in fields.items()},
        atomic=isinstance(node, Group) and node.atomic,
    )


def given(**values: Any) -> dict[str, Any]:
    """A model's fields without those that have no value."""
    return {name: value for name, value in values.items() if value not in (None, {}, [])}


def picked(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These fields of a mapping, as far as it has them."""
    return {name: source[name] for name in names if name in source}
