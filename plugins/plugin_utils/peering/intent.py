# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The intent: peerings, each written once with its ends and the values that they share.

Written by people, as YAML: a list of peerings (or a dictionary with that list under `peerings`). What every peering
has is described here, what a kind of peering adds in `kinds/<kind>.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..engine.schema import Group, InvalidInput, Items, Leaf, Node, natural, validate
from . import registry

COMMON: Mapping[str, Node] = {
    "name": Leaf("str", required=True, description="What the peering is called, in results and messages."),
    "kind": Leaf(
        "str", required=True, description="What kind of peering it is; decides which other options there are."
    ),
    "description": Leaf("str", description="For people; nothing is made of it."),
    "managed": Leaf(
        "bool",
        default=True,
        description=(
            "With false, only who peers with whom is told: nothing is configured, lint judges what the ends have."
        ),
    ),
}
END_COMMON: Mapping[str, Node] = {
    "host": Leaf("str", description="Inventory name of the end; of an external end, what to call it."),
    "external": Leaf(
        "bool",
        default=False,
        description="The end is not in the inventory: nothing is sent to it, it is taken as known.",
    ),
}


@dataclass(frozen=True)
class End:
    """One end of a peering. `host` is its inventory name, or what an external end is called."""

    host: str
    external: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> Mapping[str, Any]:
        """What is known of an external end's configuration; what is not in it is unknown, not absent."""
        known: Mapping[str, Any] = self.values.get("known", {})
        return known


@dataclass(frozen=True)
class Peering:
    """Two or more ends that must agree. `values` are those that they share, canonical, secrets as Secret."""

    name: str
    kind: str
    ends: tuple[End, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    managed: bool = True

    @property
    def inventory(self) -> tuple[End, ...]:
        """The ends that are in the inventory."""
        return tuple(end for end in self.ends if not end.external)

    def others(self, end: End) -> tuple[End, ...]:
        """All ends but this one."""
        return tuple(other for other in self.ends if other.host != end.host)


def load_intent(data: Any) -> tuple[Peering, ...]:
    """Peerings, in the order they were written. Raises InvalidInput with one sentence per problem."""
    problems: list[str] = []
    peerings: list[Peering] = []
    for index, raw in enumerate(_listed(data)):
        try:
            peerings.append(_peering(raw, f"peerings[{_label(raw, index)}]"))
        except InvalidInput as found:
            problems += found.problems
    names = [peering.name for peering in peerings]
    for name in sorted({name for name in names if names.count(name) > 1}, key=natural):
        problems.append(f"peerings[{name}]: the name is given twice; every peering needs a name of its own.")
    if problems:
        raise InvalidInput(problems)
    return tuple(peerings)


def _listed(data: Any) -> Sequence[Any]:
    if isinstance(data, Mapping):
        if set(data) != {"peerings"}:
            raise InvalidInput(
                ["peerings: expected a list of peerings, or a dictionary with that list under 'peerings'."]
            )
        data = data["peerings"]
    if not isinstance(data, list | tuple) or not data:
        raise InvalidInput(["peerings: expected a list with at least one peering."])
    return data


def _label(raw: Any, index: int) -> Any:
    return raw.get("name") or index if isinstance(raw, Mapping) else index


def _peering(raw: Any, where: str) -> Peering:
    if not isinstance(raw, Mapping):
        raise InvalidInput(
            [f"{where}: expected a dictionary with name, kind, ends and the values that the ends share."]
        )
    if raw.get("kind") not in registry.kinds():
        given = f"{raw.get('kind')!r} is not allowed" if raw.get("kind") else "it is missing"
        raise InvalidInput([f"{where}.kind: {given}; use one of {', '.join(registry.kinds())}."])
    kind = registry.kind(raw["kind"])
    raw = _with_names(raw)
    model = validate(schema(kind.name), raw, where=where)
    peering = Peering(
        name=model["name"],
        kind=kind.name,
        ends=_ends(raw, model["ends"]),
        values={name: value for name, value in model.items() if name in kind.values},
        managed=model.get("managed", True),
    )
    # A kind may rely on the number of ends.
    problems = _count(peering, kind.ends) or [*_external(peering), *kind.problems(peering)]
    if problems:
        raise InvalidInput([f"{where}{problem}" for problem in problems])
    return peering


def schema(kind: str) -> Group:
    """Everything that a peering of a kind may say."""
    of_kind = registry.kind(kind)
    known = {"known": Group(of_kind.known)} if of_kind.known else {}
    ends = Items("host", {**END_COMMON, **of_kind.end, **known}, required=True)
    return Group({**COMMON, **of_kind.values, "ends": ends})


def _with_names(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An external end needs no name of its own; it gets one."""
    ends = raw.get("ends")
    if not isinstance(ends, list | tuple):
        return dict(raw)
    named = []
    for index, end in enumerate(ends):
        nameless = isinstance(end, Mapping) and end.get("external") and not end.get("host")
        named.append({**end, "host": f"{raw.get('name')} end {index + 1}"} if nameless else end)
    return {**raw, "ends": named}


def _ends(raw: Mapping[str, Any], model: Sequence[Mapping[str, Any]]) -> tuple[End, ...]:
    """In the order they were written: the first end is named first in every message."""
    order = [str(end.get("host")) for end in raw["ends"]]
    own = [
        End(
            host=entry["host"],
            external=entry.get("external", False),
            values={name: value for name, value in entry.items() if name not in END_COMMON},
        )
        for entry in model
    ]
    return tuple(sorted(own, key=lambda end: order.index(end.host) if end.host in order else len(order)))


def _count(peering: Peering, allowed: tuple[int, int | None]) -> list[str]:
    least, most = allowed
    problems = []
    if len(peering.ends) < least or (most is not None and len(peering.ends) > most):
        wanted = f"{least} ends" if least == most else f"at least {least} ends"
        problems.append(f".ends: a peering of kind {peering.kind} has {wanted}, not {len(peering.ends)}.")
    if not peering.inventory:
        problems.append(".ends: all ends are external; at least one must be in the inventory.")
    return problems


def _external(peering: Peering) -> list[str]:
    return [
        f".ends[{end.host}].known: only of an external end something is known without being configured; "
        "set external: true or remove it."
        for end in peering.inventory
        if end.known
    ]
