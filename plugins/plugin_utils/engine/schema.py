# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a model, as data: what a field may hold, what identifies a list entry, what the device's default is.

One description serves validation, the state algebra, comparison with defaults, argument specs and documentation tests.
A model is plain data (dicts, lists, str, int, bool, Secret) in the shape of a module's `config` option.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .secret import CLEAR, Secret

Kind = Literal["str", "int", "bool", "secret", "raw"]


@dataclass(frozen=True)
class Leaf:
    """One value.

    `default` is the device's own default: a value equal to it and an absent value mean the same.
    `normal` gives the canonical spelling, or raises ValueError with a text that completes "X is not allowed; use …".
    `encoding` tells for a secret in which encoding the given text is (`clear` unless told otherwise).
    """

    kind: Kind
    default: Any = None
    choices: tuple[Any, ...] = ()
    range: tuple[int, int] | None = None
    normal: Callable[[Any], Any] | None = None
    encoding: Callable[[str], str] = lambda text: CLEAR
    required: bool = False
    internal: bool = False  # read from the device and carried along, never given by or shown to the user
    description: str = ""  # only for features whose schema is published (the intent)


@dataclass(frozen=True)
class Group:
    """Named fields. `atomic`: given once, it replaces what was there instead of being merged into it."""

    fields: Mapping[str, Node]
    atomic: bool = False
    required: bool = False
    internal: bool = False


@dataclass(frozen=True)
class Items:
    """A list of entries, each identified by its field `key` (shown sorted by it).

    `owned`: the entry itself is configuration of the feature, so an entry with nothing but its key still exists, and
    deleting it removes it. Otherwise the entry is a place that others own too (an interface, a virtual router).
    `beside`: fields that identify an entry together with `key`, where one alone may come twice.
    """

    key: str
    fields: Mapping[str, Node]
    owned: bool = False
    required: bool = False
    internal: bool = False
    beside: tuple[str, ...] = ()

    def identity(self, entry: Mapping[str, Any]) -> Any:
        """What tells an entry from the others of its list."""
        if not self.beside:
            return entry[self.key]
        return (entry[self.key], *(entry.get(name) for name in self.beside))


@dataclass(frozen=True)
class Values:
    """A list of scalars without order or repetition."""

    leaf: Leaf = field(default_factory=lambda: Leaf("str"))
    required: bool = False
    internal: bool = False


Node: TypeAlias = Leaf | Group | Items | Values
Model: TypeAlias = Any


class InvalidInput(ValueError):
    """What was given cannot be meant; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def validate(node: Node, data: Any, *, where: str = "config", partial: bool = False) -> Model:
    """User data as a canonical model. `partial`: keys alone are enough (`state: deleted`).

    Raises InvalidInput naming every problem: where it is, what was given, what is allowed.
    """
    problems: list[str] = []
    model = _check(node, data, where, partial, problems)
    if problems:
        raise InvalidInput(problems)
    return model


def _check(node: Node, data: Any, where: str, partial: bool, problems: list[str]) -> Any:
    if isinstance(node, Leaf):
        return _check_leaf(node, data, where, problems)
    if isinstance(node, Group):
        return _check_fields(node.fields, data, where, partial, problems)
    if not isinstance(data, list):
        problems.append(f"{where}: expected a list, got {_shown(data)}.")
        return []
    if not data:
        problems.append(f"{where}: the list is empty; name at least one entry or leave the option out.")
    if isinstance(node, Values):
        values = [_check_leaf(node.leaf, value, f"{where}[{index}]", problems) for index, value in enumerate(data)]
        return sorted(dict.fromkeys(values), key=natural)
    return _check_items(node, data, where, partial, problems)


def _check_items(node: Items, data: list[Any], where: str, partial: bool, problems: list[str]) -> list[Any]:
    entries: dict[Any, Any] = {}
    for index, raw in enumerate(data):
        given = raw.get(node.key) if isinstance(raw, Mapping) else None
        place = f"{where}[{index if given is None else given}]"
        entry = _check_fields(node.fields, raw, place, partial, problems, key=node.key)
        if entry.get(node.key) is None:
            continue
        if node.identity(entry) in entries:
            problems.append(
                f"{place}: {node.key} {entry[node.key]} is given twice; put all its settings into one entry."
            )
        entries[node.identity(entry)] = entry
    return sorted(entries.values(), key=lambda entry: natural(node.identity(entry)))


def _check_fields(
    fields: Mapping[str, Node], data: Any, where: str, partial: bool, problems: list[str], key: str | None = None
) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        problems.append(f"{where}: expected a dictionary, got {_shown(data)}.")
        return {}
    public = [name for name, node in fields.items() if not node.internal]
    for name in data:
        if name not in public:
            problems.append(f"{where}: {name} is not an option here; the options are {', '.join(public)}.")
    model: dict[str, Any] = {}
    for name in public:
        node, value = fields[name], data.get(name)
        if value is not None:
            model[name] = _check(node, value, f"{where}.{name}", partial, problems)
        elif name == key or (node.required and not partial):
            problems.append(f"{where}: {name} is missing.")
    return model


def _check_leaf(leaf: Leaf, value: Any, where: str, problems: list[str]) -> Any:
    try:
        return _normal_leaf(leaf, value)
    except ValueError as problem:
        shown = "the value" if leaf.kind == "secret" else _shown(value)
        problems.append(f"{where}: {shown} is not allowed; {problem}.")
        return None


def _normal_leaf(leaf: Leaf, value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        raise ValueError("use a single value")
    if leaf.kind == "int":
        value = _integer(value, leaf.range)
    elif leaf.kind == "bool":
        value = _boolean(value)
    elif leaf.kind != "raw":
        value = value if isinstance(value, Secret) else str(value)
    if leaf.normal:
        value = leaf.normal(value)
    if leaf.choices and value not in leaf.choices:
        raise ValueError(f"use one of {', '.join(map(str, leaf.choices))}")
    if leaf.kind == "secret" and not isinstance(value, Secret):
        return Secret(value, leaf.encoding(value))
    return value


def printable(text: str, longest: int, *, blanks: bool = False) -> bool:
    """Whether a text is 1 to `longest` printable characters of ASCII, with blanks among them or without."""
    return 1 <= len(text) <= longest and text.isascii() and text.isprintable() and (blanks or " " not in text)


_INTEGER, _DIGITS = re.compile(r"[+-]?\d+"), re.compile(r"(\d+)")


def _integer(value: Any, allowed: tuple[int, int] | None) -> int:
    text = str(value).strip()
    hint = f"use a whole number from {allowed[0]} to {allowed[1]}" if allowed else "use a whole number"
    if isinstance(value, bool | float) or not _INTEGER.fullmatch(text):
        raise ValueError(hint)
    if allowed and not allowed[0] <= int(text) <= allowed[1]:
        raise ValueError(hint)
    return int(text)


_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _boolean(value: Any) -> bool:
    try:
        return _BOOLEANS[str(value).strip().lower()]
    except KeyError:
        raise ValueError("use true or false") from None


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(str(value)) if value != "" else "an empty value"


def natural(value: Any) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts GigabitEthernet0/3/10 after GigabitEthernet0/3/9."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(str(value)) if part)


def children(node: Node) -> Mapping[str, Node]:
    """The fields of a group or list entry; empty for scalars."""
    return node.fields if isinstance(node, Group | Items) else {}


def public(node: Node, model: Model) -> Model:
    """The model without the fields that only the engine carries, and without what then is empty."""
    if isinstance(node, Group):
        return _public_fields(node.fields, model)
    if isinstance(node, Items):
        entries = (_public_fields(node.fields, entry) for entry in model)
        return [entry for entry in entries if node.owned or len(entry) > 1]
    return model


def _public_fields(fields: Mapping[str, Node], model: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: public(fields[name], value) for name, value in model.items() if not fields[name].internal}
    return {name: value for name, value in shown.items() if value not in ({}, [])}


def secrets_in(node: Node, model: Model, where: str = "config") -> Iterator[tuple[str, Secret]]:
    """Every secret of a model with its place."""
    if isinstance(model, Secret):
        yield where, model
    elif isinstance(node, Group):
        for name, value in model.items():
            yield from secrets_in(node.fields[name], value, f"{where}.{name}")
    elif isinstance(node, Items):
        for entry in model:
            for name, value in entry.items():
                yield from secrets_in(node.fields[name], value, f"{where}[{entry[node.key]}].{name}")


def argument_spec(node: Node) -> dict[str, Any]:
    """The same shape in the vocabulary of Ansible's argument specs."""
    if isinstance(node, Leaf):
        spec: dict[str, Any] = {"type": "str" if node.kind == "secret" else node.kind}
        if node.choices:
            spec["choices"] = list(node.choices)
        if node.kind == "secret":
            spec["no_log"] = True
    elif isinstance(node, Values):
        spec = {"type": "list", "elements": node.leaf.kind}
        if node.leaf.choices:
            spec["choices"] = list(node.leaf.choices)
    else:
        options = {name: argument_spec(child) for name, child in node.fields.items() if not child.internal}
        spec = {"type": "dict", "options": options}
        if isinstance(node, Items):
            spec = {"type": "list", "elements": "dict", "options": options}
            options[node.key]["required"] = True
    if node.required:
        spec["required"] = True
    return spec
