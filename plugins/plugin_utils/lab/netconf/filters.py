# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subtree filters (RFC 6241 section 6)."""

from __future__ import annotations

from .schema import Container, Model
from .xml import BASE, Node


def select(data: Node, criteria: Node, model: Model) -> Node:
    """The parts of `data` that the element `<filter>` asks for; nothing for an empty filter."""
    made = Node(data.ns, data.name)
    _Selection(model).take(data, criteria, made)
    return made


class _Selection:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._whole: set[Node] = set()  # what was taken with all below it

    def take(self, data: Node, criteria: Node, made: Node) -> None:
        """Add to `made` what the children of `criteria` select among the children of `data`."""
        wanted = [child for child in criteria.children if not _is_match(child)]
        for child in data.children:
            for criterion in wanted:
                if _fits(child, criterion):
                    self._one(child, criterion, made)

    def _one(self, node: Node, criterion: Node, made: Node) -> None:
        matches = [child for child in criterion.children if _is_match(child)]
        if not all(_has(node, match) for match in matches):
            return
        target = self._taken(made, node)
        if target is not None and target in self._whole:
            return
        if len(matches) == len(criterion.children):  # nothing narrows it further: all of it
            if target is not None:
                made.remove(target)
            self._whole.add(made.add(node.copy()))
            return
        fresh = target is None
        if target is None:
            target = made.add(Node(node.ns, node.name))
            keys = self._keys(node)
            for child in node.children:
                if child.name in keys or any(_fits(child, match) for match in matches):
                    self._whole.add(target.add(child.copy()))
        self.take(node, criterion, target)
        if fresh and not matches and all(child.name in self._keys(node) for child in target.children):
            made.remove(target)

    def _keys(self, node: Node) -> tuple[str, ...]:
        spec = self._model.spec_of(node)
        return spec.keys if isinstance(spec, Container) else ()

    def _taken(self, made: Node, node: Node) -> Node | None:
        """What an earlier criterion already took of the same instance."""
        keys = self._keys(node)
        for child in made.children:
            if (child.ns, child.name) == (node.ns, node.name) and all(child.value(k) == node.value(k) for k in keys):
                return child
        return None


def _is_match(criterion: Node) -> bool:
    """A content match node: it has a value."""
    return not criterion.children and bool(criterion.text.strip())


def _fits(node: Node, criterion: Node) -> bool:
    return criterion.name == node.name and criterion.ns in (node.ns, "", BASE)


def _has(node: Node, match: Node) -> bool:
    return any(_fits(child, match) and child.text.strip() == match.text.strip() for child in node.children)
