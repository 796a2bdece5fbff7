# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat grammar `VERB MODULE OBJECT=name PARAMETER=value …`: read it, compare it, plan with it.

There is no tree, no mode and no negative form: an object is created, set, destroyed, and a parameter goes back to its
default by being set to it. Keywords may be cut to any unique prefix (Software Reference; configuration listings do it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...engine.plan import Plan

LINE_LIMIT = 120
"""Characters of a command line that are used at most. The device's own limit is not documented where we could read it;
its listings split an object over several lines well below this."""

_SHORTEST_MODULE = 3  # "isa" and "ips" are the shortest that no other module begins with
_WORD = re.compile(r'(?P<word>[^\s="]+)(?:=(?P<value>"[^"]*"|[^\s"]*))?(?=\s|\Z)')
_TO_QUOTE = re.compile(r"[\s=]")
_VERBS = ("create", "set", "destroy")
_SHORTEST_VERB = {"create": 2, "set": 3, "destroy": 3}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an object.

    `values`: the words it takes (where it takes any other text too, only these may be cut). `default`: what the device
    uses without it, and `certain` whether a document says so. `quoted`: a text that is written in quotation marks.
    """

    keyword: str
    values: tuple[str, ...] = ()
    default: str | None = None
    certain: bool = True
    quoted: bool = False

    def canonical(self, value: str) -> str:
        """The value in full and in lower case where it is a keyword, else as given."""
        text = value.lower()
        if self.values == ("true", "false"):
            text = {"on": "true", "off": "false"}.get(text, text)
        known = expand(text, self.values) if text else None
        return known or value

    def word(self, value: str) -> str:
        """`keyword=value`, as a person would type it."""
        needs_quotes = self.quoted or not value or _TO_QUOTE.search(value)
        return f'{self.keyword}="{value}"' if needs_quotes else f"{self.keyword}={value}"


@dataclass(frozen=True)
class ObjectKind:
    """A kind of object: `module` and `noun` are its first words (`isakmp policy`)."""

    module: str
    noun: str
    parameters: tuple[Parameter, ...]

    def parameter(self, typed: str) -> Parameter | None:
        """The parameter that a word stands for; None when it is none of ours. ValueError when it is ambiguous."""
        keyword = expand(typed.lower(), [entry.keyword for entry in self.parameters], typed)
        return next((entry for entry in self.parameters if entry.keyword == keyword), None)

    def head(self, verb: str, name: str) -> str:
        """The first words of a command about one object."""
        return f'{verb} {self.module} {self.noun}="{name}"'


@dataclass
class Thing:
    """One object as configured: known parameters by keyword, and the words we do not know, as they stand."""

    kind: ObjectKind
    name: str
    values: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)


Things = dict[tuple[str, str], Thing]
"""Objects by (module, name)."""


def expand(text: str, words: Iterable[str], shown: str | None = None) -> str | None:
    """The word that `text` is, or is the unique beginning of; None = none. Raises ValueError when several fit."""
    words = tuple(words)
    if text in words:
        return text
    fitting = [word for word in words if word.startswith(text)]
    if len(fitting) > 1:
        raise ValueError(f"'{shown or text}' is ambiguous, it may be {' or '.join(fitting)}")
    return fitting[0] if fitting else None


def tokens(line: str) -> list[tuple[str, str | None]]:
    """Words of a line with their values (None = no `=`), quotation marks removed. ValueError for an open quote."""
    found, at = [], 0
    stripped = line.strip()
    while at < len(stripped):
        match = _WORD.match(stripped, at)
        if match is None:
            raise ValueError(f"the line is cut or malformed at '{stripped[at:][:40]}'")
        value = match["value"]
        found.append((match["word"], value.strip('"') if value is not None else None))
        at = match.end()
        at += len(stripped[at:]) - len(stripped[at:].lstrip())
    return found


def commands(
    text: str, kinds: Sequence[ObjectKind]
) -> Iterator[tuple[str, ObjectKind, str, list[tuple[str, str | None]]]]:
    """Every command about objects of these kinds: verb, kind, name, and the words that follow. The rest is skipped."""
    for line in text.splitlines():
        verb, kind = _head(line, kinds)
        if verb is None or kind is None:
            continue
        words = tokens(line)
        noun, name = words[2]
        if name is not None and kind.noun.startswith(noun.lower()):
            yield verb, kind, name, words[3:]


def _head(line: str, kinds: Sequence[ObjectKind]) -> tuple[str | None, ObjectKind | None]:
    """Verb and module of a line; cheap, because most lines are about something else."""
    words = line.split(None, 2)
    if len(words) < 3 or words[0].startswith("#"):
        return None, None
    first, second = words[0].lower(), words[1].lower()
    verb = next((v for v in _VERBS if v.startswith(first) and len(first) >= _SHORTEST_VERB[v]), None)
    kind = next((k for k in kinds if k.module.startswith(second) and len(second) >= _SHORTEST_MODULE), None)
    return verb, kind


def fold(text: str, kinds: Sequence[ObjectKind]) -> Things:
    """The objects that a listing builds up: `create` and all `set` lines of one folded in order, later wins.

    Raises ValueError for a line that is cut or a word that is ambiguous.
    """
    things: Things = {}
    for verb, kind, name, words in commands(text, kinds):
        key = (kind.module, name)
        if verb == "destroy":
            things.pop(key, None)
            continue
        if verb == "create" or key not in things:
            things[key] = Thing(kind, name)
        _apply(things[key], words)
    return things


def _apply(thing: Thing, words: Iterable[tuple[str, str | None]]) -> None:
    for word, value in words:
        parameter = thing.kind.parameter(word)
        if parameter is None or value is None:
            thing.other[word] = "" if value is None else value
        else:
            thing.values[parameter.keyword] = parameter.canonical(value)


def other_word(word: str, value: str) -> str:
    """A word that we do not know, as it stood in the listing."""
    if not value:
        return word
    return f'{word}="{value}"' if _TO_QUOTE.search(value) else f"{word}={value}"


def lines(kind: ObjectKind, verb: str, name: str, words: Sequence[str], limit: int = LINE_LIMIT) -> list[str]:
    """One command, continued with `set` lines where it would be too long."""
    made = [kind.head(verb, name)]
    for word in words:
        if len(made[-1]) + 1 + len(word) > limit and made[-1] not in (
            kind.head("set", name),
            kind.head("create", name),
        ):
            made.append(kind.head("set", name))
        made[-1] += f" {word}"
    return made


@dataclass(frozen=True)
class FlatPlanner:
    """`plan(before, after)` for a flat configuration: destroy, create, set with only what changes."""

    kinds: Sequence[ObjectKind]

    def __call__(self, before: str, after: str) -> Plan:
        old, new = fold(before, self.kinds), fold(after, self.kinds)
        return Plan(tuple(_steps(old, new)), tuple(_steps(new, old)), before, after)


def _steps(start: Things, goal: Things) -> Iterator[str]:
    again = {key for key in start.keys() & goal.keys() if must_create_again(start[key], goal[key])}
    for key, thing in start.items():
        if key not in goal or key in again:
            yield thing.kind.head("destroy", thing.name)
    for key, thing in goal.items():
        if key not in start or key in again:
            yield from lines(thing.kind, "create", thing.name, _words(thing, thing.values))
        else:
            changed = changes(start[key], thing)
            if changed:
                yield from lines(thing.kind, "set", thing.name, _words(thing, changed, start[key].other))


def changes(old: Thing, new: Thing) -> dict[str, str]:
    """What has to be set, by keyword; what `new` no longer has goes back to the default."""
    changed = {keyword: value for keyword, value in new.values.items() if old.values.get(keyword) != value}
    for parameter in old.kind.parameters:
        if parameter.keyword in old.values and parameter.keyword not in new.values and parameter.default is not None:
            changed[parameter.keyword] = parameter.default
    return changed


def must_create_again(old: Thing, new: Thing) -> bool:
    """Whether something has to go that has no default to be set to: then only a fresh object is without it."""
    gone = old.values.keys() - new.values.keys()
    return any(parameter.keyword in gone and parameter.default is None for parameter in old.kind.parameters)


def _words(thing: Thing, values: Mapping[str, str], known: Mapping[str, str] | None = None) -> list[str]:
    """The words of a command, in the order of the reference; `known`: foreign words that need not be said again."""
    said = [entry.word(values[entry.keyword]) for entry in thing.kind.parameters if entry.keyword in values]
    if known is None:
        said += [other_word(word, value) for word, value in thing.other.items()]
    return said
