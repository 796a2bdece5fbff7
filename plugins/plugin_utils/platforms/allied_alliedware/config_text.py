# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare's configuration as the `config` module reads and extends it: commands, one per line, without sections.

Policies are folded to one line each, as their feature does it. Of other commands it is known what undoes `create`,
`add`, `enable` and `disable`; a `set` is undone by the `set` line that the listing had in its place, if it had one.
Listings cut their words, so a word also stands for any that it is the beginning of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...engine.configuration import How, Laid, mended, told
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.secret import same_but_for_secrets, same_secrets
from .flat import FlatPlanner, commands, expand, fold, other_word, tokens
from .text import configuration
from .vocabulary import KINDS

_UNDONE_BY = {"create": "destroy", "add": "delete", "enable": "disable", "disable": "enable"}
_VERBS = (*_UNDONE_BY, "destroy", "delete", "set")
_EXEC = (
    "activate", "copy", "deactivate", "dump", "edit", "finger", "flush", "help", "load", "login", "logoff", "logon",
    "logout", "mail", "ping", "purge", "reboot", "rename", "reset", "restart", "show", "ssh", "stop", "telnet", "trace",
    "upload",
)  # fmt: skip
_FILES = ("config", "file", "script", "install", "feature", "release", "time", "date")
"""What verbs of the configuration do to other things than the running configuration."""
_SHORTEST, _SHORTEST_MODULE = 2, 3  # "ip" is a module, and not the beginning of "ipsec"

Words = list[tuple[str, str | None]]
_PLAN = FlatPlanner(KINDS)


@dataclass(frozen=True)
class Command:
    """One line: its verb in full, what it is about, and its parameters."""

    line: str
    verb: str
    words: Words

    @property
    def module(self) -> str:
        return self.words[0][0] if self.words else ""

    @property
    def about(self) -> Words:
        """The words that name the object: the module, and the one or two after it that do."""
        return self.words[: 2 if len(self.words) < 2 or self.words[1][1] is not None else 3]

    def undone(self) -> str | None:
        """The command that takes this one back, where the words of it say so."""
        verb = _UNDONE_BY.get(self.verb)
        if verb is None:
            return None
        words = self.about if verb == "destroy" else self.words
        return " ".join([verb, *(other_word(word, value or "") for word, value in words)])


def _command(line: str) -> Command:
    words = tokens(line)
    verb = expand(words[0][0].lower(), _VERBS) or words[0][0].lower()
    return Command(line, verb, words[1:])


def _same_word(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower()
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) >= _SHORTEST or one == other)


def _holds(shown: Words, wanted: Words, *, values: bool = True) -> bool:
    """Whether the shown words begin with the same module and have every other wanted word, with its value."""
    if not shown or not wanted or not _same_module(shown[0], wanted[0]):
        return False
    shown, wanted = shown[1:], wanted[1:]
    return all(
        any(_same_word(word, name) and (not values or _same_value(value, known)) for name, known in shown)
        for word, value in wanted
    )


def _same_module(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    short = min(len(one[0]), len(other[0]))
    return one[0].lower() == other[0].lower() or (short >= _SHORTEST_MODULE and _same_word(one[0], other[0]))


def _same_value(one: str | None, other: str | None) -> bool:
    one, other = (one or "").lower(), (other or "").lower()
    return one == other or same_but_for_secrets(one, other)


def _of_a_kind(line: str) -> bool:
    """Whether the line is about a policy, which is folded."""
    return next(commands(line, KINDS), None) is not None


@dataclass(frozen=True)
class AlliedWareText:
    """`ConfigText` of AlliedWare."""

    def for_device(self, facts: DeviceFacts) -> AlliedWareText:
        return self

    def canonical(self, native: str) -> str:
        return _folded(_lines(configuration(native)))

    def wanted(self, text: str) -> str:
        return "".join(f"{line}\n" for line in _lines(text))

    def refusals(self, text: str) -> Iterator[str]:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                reason = _refused(line)
                if reason:
                    yield f"line {number}: {reason}."

    def enters(self, command: str) -> bool:
        """There is no configuration mode."""
        return False

    def lay(self, have: str, wanted: str, how: How) -> Laid:
        laid, lines, sent = Laid(), _lines(have), list[str]()
        for line in _lines(wanted):
            before = list(lines)
            lines = self._lay(lines, line, laid, how)
            if lines != before:
                sent.append(line)
        laid.target, laid.commands = _folded(lines), tuple(sent)
        return laid

    def _lay(self, lines: list[str], line: str, laid: Laid, how: How) -> list[str]:
        """The configuration with one more command."""
        if _of_a_kind(line):
            return _with_policy(lines, line, laid)
        wanted = _command(line)
        known = [_command(entry) for entry in lines]
        if wanted.verb in ("destroy", "delete"):
            verb = "create" if wanted.verb == "destroy" else "add"
            gone = [entry.line for entry in known if entry.verb == verb and _holds(entry.words, wanted.words)]
            if not gone:
                laid.absent.append(line)
            return [entry for entry in lines if entry not in gone]
        if wanted.verb in ("enable", "disable"):
            return _switched(lines, known, wanted, laid, how)
        if wanted.verb == "set":
            return _set(lines, known, wanted, laid, how)
        shown = [entry for entry in known if entry.verb == wanted.verb and _holds(entry.words, wanted.words)]
        return lines if shown else [*lines, line]

    def between(self, before: str, after: str) -> Plan:
        policies = _PLAN(before, after)
        there, back = _steps(before, after), _steps(after, before)
        return Plan(
            (*there[0], *policies.commands, *there[1]),
            (*back[0], *policies.rollback, *back[1]),
            _without(before, after),
            _without(after, before),
        )

    def origin(self, before: str, target: str, now: str) -> tuple[str, list[str]]:
        were, are = _lines(before), _lines(now)
        ours = [_command(line) for line in _lines(_without(before, target) + _without(target, before))]
        taken = [_command(line) for line in _lines(_without(before, target))]

        def touched(line: str) -> bool:
            shown = _command(line)
            lost = line not in are
            return any(_same_object(shown, said) for said in ours) or (lost and any(_names(shown, t) for t in taken))

        goal = mended(were, are, touched)
        gone, new = [line for line in were if line not in goal], [line for line in goal if line not in were]
        return "".join(f"{line}\n" for line in goal), told(gone, new)


def _same_object(shown: Command, said: Command) -> bool:
    """Whether two lines are about one object, or set the same."""
    if _alike(Command("", "", shown.about), Command("", "", said.about)):
        return True
    return shown.verb == said.verb == "set" and _only(shown.words, said.words)


def _names(shown: Command, taken: Command) -> bool:
    """Whether a line names the object that went with another one."""
    names = [value for _word, value in taken.about if value]
    return any(value and _same_value(value, name) for _word, value in shown.words for name in names)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _folded(lines: list[str]) -> str:
    """One line per policy, behind all others."""
    text = "\n".join(lines)
    kept = [line for line in lines if not _of_a_kind(line)]
    for thing in fold(text, KINDS).values():
        words = [
            entry.word(thing.values[entry.keyword]) for entry in thing.kind.parameters if entry.keyword in thing.values
        ]
        words += [other_word(word, value) for word, value in thing.other.items()]
        kept.append(" ".join([thing.kind.head("create", thing.name), *words]))
    return "".join(f"{line}\n" for line in kept)


def _with_policy(lines: list[str], line: str, laid: Laid) -> list[str]:
    verb, kind, name, _words = next(commands(line, KINDS))
    things = fold("\n".join(lines), KINDS)
    if verb == "destroy" and (kind.module, name) not in things:
        laid.absent.append(line)
        return lines
    old = things.get((kind.module, name))
    said = next(iter(fold(line, KINDS).values()), None)
    if verb == "create" and old and said and said.values.items() <= old.values.items():
        return lines
    new = _lines(_folded([*lines, line]))
    return lines if new == _lines(_folded(lines)) else new


def _switched(lines: list[str], known: list[Command], wanted: Command, laid: Laid, how: How) -> list[str]:
    if any(entry.verb == wanted.verb and _alike(entry, wanted) for entry in known):
        return lines
    opposite = [entry.line for entry in known if entry.verb == _UNDONE_BY[wanted.verb] and _alike(entry, wanted)]
    if wanted.verb == "enable" or (not opposite and how.negate_always):
        return [*(line for line in lines if line not in opposite), wanted.line]
    if not opposite:
        laid.absent.append(wanted.line)
    return [line for line in lines if line not in opposite]


def _set(lines: list[str], known: list[Command], wanted: Command, laid: Laid, how: How) -> list[str]:
    shown = [entry for entry in known if entry.verb in ("set", "create", "add") and _holds(entry.words, wanted.words)]
    if shown and (same_secrets(shown[0].line, wanted.line) or not how.resend):
        if not same_secrets(shown[0].line, wanted.line):
            laid.not_compared.append(wanted.line)
        return lines
    old = [entry.line for entry in known if entry.verb == "set" and _only(entry.words, wanted.words)]
    if not old:
        laid.forever.append(wanted.line)
    return [*(line for line in lines if line not in old), wanted.line]


def _only(shown: Words, wanted: Words) -> bool:
    """Whether a `set` line is about the same object and parameters, with other values."""
    return len(shown) == len(wanted) and _holds(shown, wanted, values=False)


def _alike(one: Command, other: Command) -> bool:
    return len(one.words) == len(other.words) and _holds(one.words, other.words)


def _steps(start: str, goal: str) -> tuple[list[str], list[str]]:
    """What has to go and what has to come, policies apart. A `set` goes by nothing but another `set`."""
    old, new = _others(start), _others(goal)
    gone = [_command(line).undone() for line in reversed(old) if line not in new]
    return [line for line in gone if line], [line for line in new if line not in old]


def _others(text: str) -> list[str]:
    return [line for line in _lines(text) if not _of_a_kind(line)]


def _without(text: str, other: str) -> str:
    known = set(_lines(other))
    return "".join(f"{line}\n" for line in _lines(text) if line not in known)


def _refused(line: str) -> str | None:
    """Why a line is not sent; None where it is."""
    try:
        command = _command(line)
    except ValueError as problem:
        return str(problem)
    verb = line.split()[0].lower()
    if command.verb not in _VERBS:
        word = next((word for word in _EXEC if word.startswith(verb)), None)
        hint = f" ({word})" if word and word != verb else ""
        return f"'{verb}'{hint} is no configuration; the commands are {', '.join(_VERBS)}"
    if not command.words:
        return f"'{verb}' says nothing about what"
    module = command.module.lower()
    if any(len(module) >= _SHORTEST and word.startswith(module) for word in _FILES):
        return f"'{verb} {module}' is about files or the clock, not the running configuration; it is not sent"
    if (
        command.verb == "set"
        and _same_word(module, "system")
        and any(_same_word(w, "name") for w, _v in command.words[1:])
    ):
        return "'set system name' is not sent: the prompt is known by the device's name; change it by hand"
    if command.verb in ("enable", "disable") and any(
        _same_word(word, "security_mode") for word, _value in command.words
    ):
        return "security mode is not switched by this module: switching it off destroys the stored keys"
    return None


TEXT = AlliedWareText()
