# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner for configuration in XML: two canonical texts become one edit, and the edit that takes it back.

Both texts come from the same template, so they hold what a model says and nothing else. The edit touches the list
entries and leaves that differ, by `nc:operation` (RFC 6241, 7.2), and leaves all else of the device alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from .plan import Plan
from .secret import mask
from .xmltree import NC, Element, etree, name, parse, value

_OPERATION = f"{{{NC}}}operation"


@dataclass(frozen=True)
class Shape:
    """What the planner has to know of an element, by its place in the tree.

    `keys`: the leaves that tell the entries of a list apart. `owned`: it is the model's, so it goes when the model no
    longer has it; else it is only a way to what is below it, and belongs to others too. `whole`: its leaves belong
    together and are always sent together (a date, a choice of leaves). `pivot`: the leaf that decides which others
    there may be, so that they are all sent anew when it changes.
    """

    children: Mapping[str, Shape] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    owned: bool = True
    whole: bool = False
    pivot: str = ""


LEAF = Shape()
WHOLE = Shape(whole=True)


def way(children: Mapping[str, Shape], *keys: str) -> Shape:
    """An element that is entered, never created or removed for its own sake."""
    return Shape(children, keys, owned=False)


def entry(children: Mapping[str, Shape], *keys: str) -> Shape:
    """A list entry that belongs to the model."""
    return Shape(children, keys)


@dataclass(frozen=True)
class XmlPlanner:
    """`plan(before, after)` for a device that is configured with NETCONF; `shape` is that of `<config>`."""

    shape: Shape

    def __call__(self, before: str, after: str) -> Plan:
        old, new = self._folded(before), self._folded(after)
        return Plan(self._lines(old, new), self._lines(new, old), before, after)

    def _folded(self, text: str) -> Element:
        """Fragments of several features as one tree, in which no two siblings are the same entry."""
        tree = parse(text)
        _fold(tree, self.shape)
        return tree

    def _lines(self, start: Element, goal: Element) -> tuple[str, ...]:
        edit = etree().Element(f"{{{NC}}}config", nsmap={"nc": NC})
        for child in _differences(start, goal, self.shape):
            edit.append(child)
        if not len(edit):
            return ()
        etree().cleanup_namespaces(edit, keep_ns_prefixes=["nc"])
        return tuple(etree().tostring(edit, encoding="unicode", pretty_print=True).splitlines())


def _below(shape: Shape, element: Element) -> Shape:
    return shape.children.get(name(element), LEAF)


def _identity(element: Element, shape: Shape) -> tuple[str, ...]:
    values = {name(child): child.text or "" for child in element if name(child) in shape.keys}
    return (element.tag, *(values.get(key, "") for key in shape.keys))


def _fold(parent: Element, shape: Shape) -> None:
    known: dict[tuple[str, ...], Element] = {}
    for child in list(parent):
        below = _below(shape, child)
        twin = known.setdefault(_identity(child, below), child)
        if twin is not child:
            for grandchild in list(child):
                if name(grandchild) not in below.keys:
                    twin.append(grandchild)
            parent.remove(child)
    for child in known.values():
        _fold(child, _below(shape, child))


def _differences(old: Element | None, new: Element | None, shape: Shape) -> list[Element]:
    """The edits that lead from the children of one element to those of the other; what is gone comes first."""
    before = {_identity(child, _below(shape, child)): child for child in ([] if old is None else old)}
    after = {_identity(child, _below(shape, child)): child for child in ([] if new is None else new)}
    identities = [*(found for found in before if found not in after), *after]
    edits = (
        _edit(before.get(found), after.get(found), _below(shape, before.get(found, after.get(found))))
        for found in identities
        if found[0] not in _key_tags(old, new, shape)
    )
    return [edit for edit in edits if edit is not None]


def _key_tags(old: Element | None, new: Element | None, shape: Shape) -> set[str]:
    parents = [parent for parent in (old, new) if parent is not None]
    return {child.tag for parent in parents for child in parent if name(child) in shape.keys}


def _edit(old: Element | None, new: Element | None, shape: Shape) -> Element | None:
    if new is None:
        if shape.owned:
            return _marked(_named(old, shape), "remove")
        return _with(_named(old, shape), _differences(old, None, shape))
    if old is None and shape.owned:
        return deepcopy(new)
    if old is not None and not len(old) and not len(new):
        return None if (old.text or "") == (new.text or "") else deepcopy(new)
    if shape.whole or (shape.pivot and old is not None and value(old, shape.pivot) != value(new, shape.pivot)):
        return None if _same(old, new) else _marked(deepcopy(new), "replace")
    return _with(_named(new, shape), _differences(old, new, shape))


def _same(old: Element | None, new: Element) -> bool:
    return old is not None and bool(etree().tostring(old) == etree().tostring(new))


def _named(element: Element, shape: Shape) -> Element:
    """The element with nothing in it but what identifies it; a leaf with its value, as its type may not allow none."""
    bare = etree().Element(element.tag, nsmap=element.nsmap)
    bare.text = element.text if not len(element) and mask(element.text or "") == (element.text or "") else None
    for child in element:
        if name(child) in shape.keys:
            bare.append(deepcopy(child))
    return bare


def _marked(element: Element, operation: str) -> Element:
    element.set(_OPERATION, operation)
    return element


def _with(element: Element, edits: list[Element]) -> Element | None:
    for edit in edits:
        element.append(edit)
    return element if edits else None
