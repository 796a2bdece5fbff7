# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command grammar of a CLI: modes and commands as data, matching with abbreviations and error positions.

A command is a pattern::

    "mpls rsvp-te authentication cipher <key:secret>"
    "display mpls rsvp-te peer [ interface <name:interface> | <address:ipv4> ]"
    "mpls rsvp-te timer refresh <seconds:int(10-65535)>"

Bare words are keywords, ``<name:type>`` is a typed parameter, ``[ a | b ]`` is optional, ``{ a | b }`` is a choice.
All commands of a mode form one graph that is walked token by token, so an error knows the token it happened at: each
system prints its caret from that. Nothing here knows a vendor; texts and carets are rendered by the platform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .fidelity import Known

MAX_TOKENS = 256


class Outcome(Enum):
    """Why a line did not match."""

    UNRECOGNIZED = "unrecognized"
    INCOMPLETE = "incomplete"
    AMBIGUOUS = "ambiguous"
    WRONG_PARAMETER = "wrong parameter"
    TOO_MANY = "too many parameters"


@dataclass(frozen=True)
class Token:
    """A word of a line: its text without quotes, where it starts, and the raw rest of the line from there."""

    text: str
    start: int
    rest: str
    quoted: bool = False


@dataclass(frozen=True)
class Failure:
    """A line that did not match; ``column`` counts characters from the start of the line (0-based)."""

    outcome: Outcome
    column: int
    token: str = ""


@dataclass
class Match:
    """A matched command with its parameters' values by name; ``keywords`` are the full words that were given, ``words``
    all words of the line in their order: keywords in full, parameters as their values."""

    command: Command
    args: dict[str, Any]
    keywords: tuple[str, ...]
    line: str
    words: tuple[str, ...] = ()


class _More(Exception):
    """A parameter needs another token than the line has."""


Parser = Callable[[Sequence[Token]], tuple[int, Any]]


@dataclass(frozen=True)
class Param:
    """A parameter type: ``parse`` gets the remaining tokens, returns (tokens used, value) and raises ValueError when
    they do not fit; ``symbol`` and ``help`` are what ``?`` shows."""

    parse: Parser
    symbol: str
    help: str = ""


def int_param(low: int, high: int) -> Param:
    """A decimal number within a range."""

    def parse(tokens: Sequence[Token]) -> tuple[int, Any]:
        text = tokens[0].text
        if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
            raise ValueError(text)
        return 1, int(text)

    return Param(parse, f"INTEGER<{low}-{high}>", "Integer value")


def pattern_param(regex: str, symbol: str, help_text: str = "", flags: int = 0) -> Param:
    """One token that matches a regular expression completely."""
    compiled = re.compile(regex, flags)

    def parse(tokens: Sequence[Token]) -> tuple[int, Any]:
        if not compiled.fullmatch(tokens[0].text):
            raise ValueError(tokens[0].text)
        return 1, tokens[0].text

    return Param(parse, symbol, help_text)


def word_param(low: int = 1, high: int = 255) -> Param:
    """One token of limited length (blanks only inside double quotes)."""

    def parse(tokens: Sequence[Token]) -> tuple[int, Any]:
        if not low <= len(tokens[0].text) <= high:
            raise ValueError(tokens[0].text)
        return 1, tokens[0].text

    return Param(parse, f"STRING<{low}-{high}>", "String value")


def rest_param(low: int = 1, high: int = 4096) -> Param:
    """Everything up to the end of the line, blanks included."""

    def parse(tokens: Sequence[Token]) -> tuple[int, Any]:
        text = tokens[0].rest.rstrip()
        if not low <= len(text) <= high:
            raise ValueError(text)
        return len(tokens), text

    return Param(parse, f"TEXT<{low}-{high}>", "Text")


def _ipv4(tokens: Sequence[Token]) -> tuple[int, Any]:
    text = tokens[0].text
    parts = text.split(".")
    if len(parts) != 4 or any(not re.fullmatch(r"[0-9]{1,3}", part) or int(part) > 255 for part in parts):
        raise ValueError(text)
    return 1, ".".join(str(int(part)) for part in parts)


def _hhmmss(tokens: Sequence[Token]) -> tuple[int, Any]:
    """Seconds of an HH:MM:SS time of day."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5]?[0-9]):([0-5]?[0-9])", tokens[0].text)
    if not found:
        raise ValueError(tokens[0].text)
    hours, minutes, seconds = (int(part) for part in found.groups())
    return 1, hours * 3600 + minutes * 60 + seconds


def _mac(tokens: Sequence[Token]) -> tuple[int, Any]:
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}([-.][0-9A-Fa-f]{1,4}){2}", tokens[0].text):
        raise ValueError(tokens[0].text)
    return 1, tokens[0].text.lower()


def interface_param(types: Iterable[str], numbered: str = r"[0-9]+(/[0-9]+){0,3}(:[0-9]+)?(\.[0-9]+)?") -> Param:
    """An interface name: type (unique prefix, any case) and number, with or without a blank between them.

    The value is the canonical name, type as listed and number without a blank.
    """
    names = list(types)
    whole = re.compile(rf"(.*?[A-Za-z])({numbered})")
    number = re.compile(numbered)

    def resolve(text: str) -> str:
        lowered = text.lower()
        exact = [name for name in names if name.lower() == lowered]
        if exact:
            return exact[0]
        found = [name for name in names if name.lower().startswith(lowered)]
        if not found:
            raise ValueError(text)
        return found[0]  # listed order decides, as "e" or "g" do on a router with one such kind of port

    def parse(tokens: Sequence[Token]) -> tuple[int, Any]:
        text = tokens[0].text
        found = whole.fullmatch(text)
        if found:
            return 1, resolve(found.group(1)) + found.group(2)
        name = resolve(text)
        if not number.fullmatch("0"):
            return 1, name
        if len(tokens) < 2:
            raise _More
        if not number.fullmatch(tokens[1].text):
            raise ValueError(tokens[1].text)
        return 2, name + tokens[1].text

    return Param(parse, "INTERFACE", "Interface type and number")


#: Types without arguments; a platform adds its own in its Grammar.
BASE_TYPES: dict[str, Param] = {
    "ipv4": Param(_ipv4, "X.X.X.X", "IPv4 address"),
    "hhmmss": Param(_hhmmss, "HH:MM:SS", "Time"),
    "mac": Param(_mac, "H-H-H", "MAC address"),
    "word": word_param(),
    "rest": rest_param(),
}
_TYPE_WITH_RANGE: dict[str, Callable[[int, int], Param]] = {"int": int_param, "word": word_param, "rest": rest_param}

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Command:
    """A pattern and what runs for it: ``handler(shell, match)``; ``known``: how sure it is that devices have it."""

    pattern: str
    handler: Handler
    known: Known | None = None


@dataclass
class _Node:
    """A place between tokens; ``skips`` lead on without a token."""

    keywords: dict[str, _Node] = field(default_factory=dict)
    params: list[tuple[str, Param, _Node]] = field(default_factory=list)
    skips: list[_Node] = field(default_factory=list)
    command: Command | None = None


@dataclass
class _State:
    node: _Node
    args: dict[str, Any]
    keywords: tuple[str, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Help:
    """One line of ``?`` help."""

    symbol: str
    text: str


CR = Help("<cr>", "")


class Mode:
    """A view of the CLI: its commands, and the modes whose commands it also has (``includes``)."""

    def __init__(self, name: str, grammar: Grammar, includes: Sequence[Mode] = (), title: str = "") -> None:
        """``title``: what people call it, the name when they call it that."""
        self.name = name
        self.title = title or name
        self.commands: list[Command] = []
        self._grammar = grammar
        self._root = _Node()
        for mode in includes:
            self._root.skips.append(mode._root)

    def add(self, pattern: str, handler: Handler, known: Known | None = None) -> Mode:
        """Declare a command; returns self, so declarations chain."""
        command = Command(pattern, handler, known)
        self._grammar.compile(pattern, self._root).command = command
        self.commands.append(command)
        return self

    # -- matching -------------------------------------------------------------------------------------------------

    def match(self, line: str) -> Match | Failure | None:
        """The command that ``line`` stands for, a Failure, or None for a blank line."""
        tokens = self._grammar.tokenize(line)
        if not tokens:
            return None
        frontier: dict[int, list[_State]] = {0: [_State(self._root, {}, ())]}
        failure: Failure | None = None
        for at in range(len(tokens)):
            states = frontier.pop(at, None)
            if not states:
                continue
            result = self._step(states, tokens, at, frontier)
            if result is not None and (failure is None or result.column >= failure.column):
                failure = result
        ends = [state for start in frontier.pop(len(tokens), []) for state in _closure([start])]
        done = next((state for state in ends if state.node.command is not None), None)
        if done is not None and done.node.command is not None:
            return Match(done.node.command, done.args, done.keywords, line, done.words)
        if ends:
            return Failure(Outcome.INCOMPLETE, len(line.rstrip()), tokens[-1].text)
        return failure or Failure(Outcome.UNRECOGNIZED, tokens[0].start, tokens[0].text)

    def _step(self, starts: list[_State], tokens: list[Token], at: int,
              frontier: dict[int, list[_State]]) -> Failure | None:  # fmt: skip
        """Follow every edge that token ``at`` fits; a Failure when none does."""
        token = tokens[at]
        states = _closure(starts)
        keywords = {} if token.quoted else _keyword_edges(states, self._grammar.fold(token.text), self._grammar.fold)
        if len(keywords) > 1:
            return Failure(Outcome.AMBIGUOUS, token.start, token.text)
        exact = False
        for word, found in keywords.items():
            exact = self._grammar.fold(word) == self._grammar.fold(token.text)
            for state, node in found:
                step = _State(node, state.args, (*state.keywords, word), (*state.words, word))
                frontier.setdefault(at + 1, []).append(step)
        if exact:
            return None
        try:
            wrong = self._param_edges(states, tokens, at, frontier)
        except _More:
            return Failure(Outcome.INCOMPLETE, tokens[0].start + len(tokens[0].rest.rstrip()), token.text)
        if any(index > at for index in frontier):
            return None
        return Failure(Outcome.WRONG_PARAMETER if wrong else self._surplus(states, at), token.start, token.text)

    @staticmethod
    def _param_edges(states: list[_State], tokens: list[Token], at: int, frontier: dict[int, list[_State]]) -> bool:
        """Follow parameters; True when there were some that did not fit."""
        wrong = False
        for state in states:
            for name, param, node in state.node.params:
                try:
                    used, value = param.parse(tokens[at:])
                except ValueError:
                    wrong = True
                else:
                    args, words = {**state.args, name: value}, (*state.words, str(value))
                    frontier.setdefault(at + used, []).append(_State(node, args, state.keywords, words))
        return wrong

    def _surplus(self, states: list[_State], at: int) -> Outcome:
        """The outcome for a word that nothing expects."""
        if not any(state.node.keywords or state.node.params for state in states):
            return Outcome.TOO_MANY
        complete = at > 0 and any(state.node.command for state in states)
        return self._grammar.after_complete if complete else Outcome.UNRECOGNIZED

    # -- help -----------------------------------------------------------------------------------------------------

    def help(self, line: str) -> list[Help] | Failure:
        """What could come at the end of ``line``: words that complete its last word, or a next word after a blank."""
        tokens = self._grammar.tokenize(line)
        partial = bool(tokens) and not line[-1:].isspace()
        before = tokens[:-1] if partial else tokens
        states: list[_State] = [_State(self._root, {}, ())]
        frontier: dict[int, list[_State]] = {0: states}
        for at in range(len(before)):
            current = frontier.pop(at, None)
            if not current:
                continue
            failure = self._step(current, before, at, frontier)
            if failure is not None:
                return failure
        states = _closure(frontier.get(len(before), []))
        prefix = self._grammar.fold(tokens[-1].text) if partial else ""
        found: dict[str, Help] = {}
        for state in states:
            for word in state.node.keywords:
                if self._grammar.fold(word).startswith(prefix):
                    found[word] = Help(word, self._grammar.helps.get(word, ""))
            for _name, param, _node in state.node.params:
                if not partial:
                    found[param.symbol] = Help(param.symbol, param.help)
        helps = sorted(found.values(), key=lambda item: (item.symbol.isupper(), item.symbol))
        if not partial and any(state.node.command for state in states):
            helps.append(CR)
        if not helps:
            where = tokens[-1] if tokens else Token("", 0, "")
            return Failure(Outcome.UNRECOGNIZED, where.start, where.text)
        return helps

    def complete(self, line: str) -> str:
        """What Tab adds: the rest of the only keyword that fits, and a blank."""
        if not line.strip() or line[-1:].isspace():
            return ""
        helps = self.help(line)
        last = self._grammar.tokenize(line)[-1].text
        if isinstance(helps, Failure) or len(helps) != 1:
            return ""
        return helps[0].symbol[len(last) :] + " "


class Grammar:
    """Parameter types, help texts and token rules shared by the modes of one system."""

    def __init__(self, types: dict[str, Param] | None = None, helps: dict[str, str] | None = None, *,
                 quotes: bool = True, case_sensitive: bool = False,
                 after_complete: Outcome = Outcome.TOO_MANY) -> None:  # fmt: skip
        """``after_complete``: the outcome for a surplus word where the command could also have gone on."""
        self.types = {**BASE_TYPES, **(types or {})}
        self.helps = helps or {}
        self.quotes = quotes
        self.case_sensitive = case_sensitive
        self.after_complete = after_complete

    def mode(self, name: str, includes: Sequence[Mode] = (), title: str = "") -> Mode:
        """A new mode (view)."""
        return Mode(name, self, includes, title)

    def fold(self, word: str) -> str:
        return word if self.case_sensitive else word.lower()

    def tokenize(self, line: str) -> list[Token]:
        """Words with their columns; a word that starts with a double quote runs to the closing one."""
        tokens: list[Token] = []
        pattern = _QUOTED_TOKEN if self.quotes else _TOKEN
        for found in pattern.finditer(line):
            raw = found.group()
            quoted = self.quotes and len(raw) > 1 and raw[0] == raw[-1] == '"'
            tokens.append(Token(raw[1:-1] if quoted else raw, found.start(), line[found.start() :], quoted))
            if len(tokens) >= MAX_TOKENS:
                break
        return tokens

    def param(self, spec: str) -> Param:
        """The type named in a pattern: ``ipv4``, ``int(1-64)``, ``word(1-47)``, …"""
        found = re.fullmatch(r"([\w-]+)\((\d+)-(\d+)\)", spec)
        if found:
            return _TYPE_WITH_RANGE[found.group(1)](int(found.group(2)), int(found.group(3)))
        return self.types[spec]

    def compile(self, pattern: str, root: _Node) -> _Node:
        """Add ``pattern`` to the graph at ``root``; returns the node where it ends."""
        parts = re.findall(r"<[^>]+>|[\[\]{}|]|[^\s\[\]{}|<>]+", pattern)
        node, rest = self._sequence(root, parts)
        if rest:
            raise ValueError(f"unbalanced pattern {pattern!r}")
        if node.command is not None:
            raise ValueError(f"pattern {pattern!r} is declared twice")
        return node

    def _sequence(self, node: _Node, parts: list[str]) -> tuple[_Node, list[str]]:
        while parts and parts[0] not in "]}|":
            head, parts = parts[0], parts[1:]
            if head in "[{":
                node, parts = self._group(node, parts, optional=head == "[")
            elif head.startswith("<"):
                name, _colon, spec = head[1:-1].partition(":")
                node = _param_edge(node, name, spec, self.param(spec))
            else:
                node = node.keywords.setdefault(head, _Node())
        return node, parts

    def _group(self, node: _Node, parts: list[str], *, optional: bool) -> tuple[_Node, list[str]]:
        after = _Node()
        while True:
            end, parts = self._sequence(node, parts)
            end.skips.append(after)
            closing, parts = parts[0], parts[1:]
            if closing != "|":
                break
        if optional:
            node.skips.append(after)
        return after, parts


_QUOTED_TOKEN = re.compile(r'"[^"]*"(?=\s|$)|\S+')
_TOKEN = re.compile(r"\S+")


def _param_edge(node: _Node, name: str, spec: str, param: Param) -> _Node:
    for known_name, known, target in node.params:
        if known_name == name and known.symbol == param.symbol and spec:
            return target
    target = _Node()
    node.params.append((name, param, target))
    return target


def _closure(states: list[_State]) -> list[_State]:
    """The states and all that are reached from them without a token, in order."""
    out: list[_State] = []
    seen: set[int] = set()
    stack = list(reversed(states))
    while stack:
        state = stack.pop()
        key = id(state.node)
        if key in seen:
            continue
        seen.add(key)
        out.append(state)
        stack.extend(_State(node, state.args, state.keywords, state.words) for node in reversed(state.node.skips))
    return out


def _keyword_edges(states: list[_State], typed: str,
                   fold: Callable[[str], str]) -> dict[str, list[tuple[_State, _Node]]]:  # fmt: skip
    """Keyword edges that ``typed`` names, by full keyword: the exact one alone, else all it is a prefix of."""
    found: dict[str, list[tuple[_State, _Node]]] = {}
    for state in states:
        for word, node in state.node.keywords.items():
            if fold(word).startswith(typed):
                found.setdefault(word, []).append((state, node))
    exact = [word for word in found if fold(word) == typed]
    return {exact[0]: found[exact[0]]} if exact else found
