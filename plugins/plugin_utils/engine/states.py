# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State algebra: what a model becomes under merged, replaced, overridden and deleted. Pure functions of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .schema import Group, Items, Leaf, Model, Node, Values, natural
from .secret import Secret

ONLINE = ("merged", "replaced", "overridden", "deleted", "gathered")
OFFLINE = ("rendered", "parsed")
CHANGING = ("merged", "replaced", "overridden", "deleted")


def empty(node: Node) -> Model:
    """The model of a device on which nothing of the feature is configured."""
    return [] if isinstance(node, Items | Values) else {}


def target(node: Node, have: Model, want: Model | None, state: str, removals: Model | None = None) -> Model:
    """The model that the device shall have. `have` and `want` are canonical; so is the result.

    `removals`: what goes besides, named as for `deleted`; it outweighs `want`.
    """
    found = _target(node, have, want, state)
    return normal(node, deleted(node, found, removals)) if removals else found


def _target(node: Node, have: Model, want: Model | None, state: str) -> Model:
    if state == "deleted":
        return normal(node, deleted(node, have, want) if want else _internal_only(node, have))
    if state == "overridden":
        return normal(node, _keep_internal(node, have, want if want is not None else empty(node)))
    combine = {"merged": merged, "replaced": replaced}[state]
    return normal(node, have if want is None else combine(node, have, want))


def merged(node: Node, have: Any, want: Any) -> Any:
    """`want` laid over `have`: what `want` does not mention stays."""
    if have is None or isinstance(node, Leaf) or (isinstance(node, Group) and node.atomic):
        return want
    if isinstance(node, Values):
        return sorted({*have, *want}, key=natural)
    if isinstance(node, Group):
        return _merged_fields(node.fields, have, want)
    entries = {node.identity(entry): entry for entry in have}
    for entry in want:
        known = node.identity(entry)
        entries[known] = _merged_fields(node.fields, entries.get(known, {}), entry)
    return list(entries.values())


def _merged_fields(fields: Mapping[str, Node], have: Mapping[str, Any], want: Mapping[str, Any]) -> dict[str, Any]:
    return {**have, **{name: merged(fields[name], have.get(name), value) for name, value in want.items()}}


def replaced(node: Node, have: Any, want: Any) -> Any:
    """Every list entry or option that `want` names becomes exactly what `want` says; the others stay."""
    if isinstance(node, Group):
        return {
            **have,
            **{name: _replaced_field(node.fields[name], have.get(name), value) for name, value in want.items()},
        }
    return _replaced_field(node, have, want)


def _replaced_field(node: Node, have: Any, want: Any) -> Any:
    if not isinstance(node, Items):
        return want
    entries = {node.identity(entry): entry for entry in have or []}
    for entry in want:
        old = entries.get(node.identity(entry), {})
        entries[node.identity(entry)] = {**_internal_fields(node.fields, old), **entry}
    return list(entries.values())


def deleted(node: Node, have: Any, want: Any) -> Any:
    """Without the list entries and options that `want` names (the values given with them do not matter)."""
    if isinstance(node, Group):
        left = {name: value for name, value in have.items() if name not in want}
        for name in want:
            child = node.fields[name]
            if name in have and isinstance(child, Items | Group | Values) and not getattr(child, "atomic", False):
                left[name] = deleted(child, have[name], want[name])
        return left
    if isinstance(node, Items):
        named = {node.identity(entry): entry for entry in want}
        kept = (_deleted_entry(node, e, named[node.identity(e)]) if node.identity(e) in named else e for e in have)
        return [entry for entry in kept if entry]
    return [value for value in have if value not in want]


def _deleted_entry(node: Items, have: Mapping[str, Any], want: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of an entry: where `want` names entries of lists inside it, all but those; else nothing."""
    lists = {name: child for name, child in node.fields.items() if isinstance(child, Items | Values) and name in want}
    if not lists:
        return _internal_fields(node.fields, have, node)
    return {**have, **{name: deleted(child, have.get(name, []), want[name]) for name, child in lists.items()}}


def _internal_fields(fields: Mapping[str, Node], entry: Mapping[str, Any], node: Items | None = None) -> dict[str, Any]:
    """What the engine knows of an entry that is not the user's; with what identifies it if there is anything."""
    carried = {name: value for name, value in entry.items() if fields[name].internal}
    if node is None or not carried:
        return carried
    return {**{name: entry[name] for name in (node.key, *node.beside) if name in entry}, **carried}


def _internal_only(node: Node, have: Any) -> Any:
    return _keep_internal(node, have, empty(node))


def _keep_internal(node: Node, have: Any, want: Any) -> Any:
    """`want`, with the internal fields of `have` carried over (they are facts of the device, not intentions)."""
    if isinstance(node, Group):
        kept = {
            name: value
            if node.fields[name].internal
            else _keep_internal(node.fields[name], value, (want or {}).get(name))
            for name, value in have.items()
            if node.fields[name].internal or isinstance(node.fields[name], Group | Items)
        }
        return {**(want or {}), **{name: value for name, value in kept.items() if value is not None}}
    if isinstance(node, Items):
        entries = {node.identity(entry): entry for entry in want or []}
        for entry in have:
            carried = _internal_fields(node.fields, entry, node)
            if carried:
                entries[node.identity(entry)] = {**carried, **entries.get(node.identity(entry), {})}
        return list(entries.values())
    return want


def normal(node: Node, model: Any) -> Any:
    """The canonical form: defaults and empty groups left out, lists sorted by what identifies their entries."""
    if isinstance(node, Group):
        return _normal_fields(node.fields, model)
    if isinstance(node, Items):
        entries = (_normal_fields(node.fields, entry) for entry in model)
        kept = (entry for entry in entries if node.owned or len(entry) > 1)
        return sorted(kept, key=lambda entry: natural(node.identity(entry)))
    if isinstance(node, Values):
        return sorted(dict.fromkeys(model), key=natural)
    return model


def _normal_fields(fields: Mapping[str, Node], model: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for name, node in fields.items():
        value = model.get(name)
        if value is None:
            continue
        value = normal(node, value)
        if value in ({}, []) or (isinstance(node, Leaf) and value == node.default):
            continue
        result[name] = value
    return result


def reconcile(node: Node, have: Any, want: Any, *, always: bool, where: str = "config") -> tuple[Any, list[str]]:
    """Settle secrets that cannot be compared with what the device shows.

    Unless `always`, the device's own (irreversible) text stands in for the wanted one, so that nothing is sent.
    Returns the settled target and the places of the secrets that were not compared.
    """
    blind: list[str] = []

    def settle(node: Node, have: Any, want: Any, where: str) -> Any:
        if isinstance(want, Secret) and isinstance(have, Secret):
            if have.same_as(want) is not None:
                return want
            blind.append(where)
            return want if always else have
        if isinstance(node, Group) and isinstance(have, Mapping):
            if node.atomic and _differ_in_the_open(have, want):
                return want  # the secret is sent again anyway, and the device's text may mean nothing in the new form
            return {
                name: settle(node.fields[name], have.get(name), value, f"{where}.{name}")
                for name, value in want.items()
            }
        if isinstance(node, Items) and have:
            old = {node.identity(entry): entry for entry in have}
            return [
                {
                    name: settle(
                        node.fields[name],
                        old.get(node.identity(entry), {}).get(name),
                        value,
                        f"{where}[{entry[node.key]}].{name}",
                    )
                    for name, value in entry.items()
                }
                for entry in want
            ]
        return want

    return settle(node, have, want, where), blind


def _differ_in_the_open(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two groups differ in anything but secrets that both have."""
    return any(
        one.get(name) != other.get(name)
        for name in {*one, *other}
        if not (isinstance(one.get(name), Secret) and isinstance(other.get(name), Secret))
    )
