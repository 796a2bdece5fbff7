# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration text that is a tree of indented lines: read any of it, lay lines over it, say what is missing.

Lines are compared as they stand, blanks apart; a key that the device shows in another form than it was typed in (seals,
see `engine.secret`) is not compared. What is sent are the user's own lines; what takes them back is the planner's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed

from ..engine.configuration import How, Laid, mended, told
from ..engine.device import DeviceFacts
from ..engine.plan import Plan, Planner, planner_for
from ..engine.secret import same_but_for_secrets, same_secrets
from .scope import Path, Scope, without

KNOWN_BY_NAME = "the prompt is known by the device's name; change it by hand"
LONG_TEXT = "text of several lines cannot be sent line by line"
_NEGATED_TEXT = re.compile(r"^(\s*\S+ description) .*$")


@dataclass
class Line:
    """A line and the lines below it."""

    text: str
    lines: list[Line] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The line as it is compared."""
        return " ".join(self.text.split())

    def copy(self) -> Line:
        return Line(self.text, [line.copy() for line in self.lines])


def outline(text: str, comment: str = "", ends: re.Pattern[str] | None = None) -> list[Line]:
    """The lines of a text by their indentation.

    A line that begins with one of the characters `comment` is left out, and in column 0 it ends all sections; so is a
    line that matches `ends` as a whole.
    """
    root: list[Line] = []
    path: list[tuple[int, list[Line]]] = []
    for raw in text.splitlines():
        body = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        if not body or body[0] in comment or (ends and ends.fullmatch(body)):
            if body and not indent and body[0] in comment:
                path = []
            continue
        while path and indent <= path[-1][0]:
            path.pop()
        line = Line(body)
        (path[-1][1] if path else root).append(line)
        path.append((indent, line.lines))
    return root


def written(lines: Iterable[Line], depth: int = 0) -> Iterator[str]:
    """The tree as text, one blank for each level."""
    for line in lines:
        yield " " * depth + line.text
        yield from written(line.lines, depth + 1)


def cut(word: str, least: int = 2) -> str:
    """A regular expression of a whole word that may be cut to its first `least` letters."""
    return word[:least] + "".join(f"(?:{letter}" for letter in word[least:]) + ")?" * (len(word) - least) + r"\b"


def text_of(lines: Iterable[Line]) -> str:
    return "".join(f"{line}\n" for line in written(lines))


@dataclass(frozen=True)
class OutlineText:
    """The configuration text of an OS that has sections.

    `read` turns native text into the tree, and raises ValueError where it is cut or of another OS; `want` does so with
    lines that a user gives. `leaving`: first words of what is no configuration, and by which nothing may be reached
    (they may be cut to any beginning). `entering`: the exec command that leads into the configuration mode.
    `forbidden`: lines that are configuration and still not sent, with the reason.
    `single`: lines of which a section holds one; what the group captures says which. `typed`: from lines in sections to
    lines as they have to be typed. `plan`: what leads from one canonical text to another. `volatile`: lines whose key
    is shown in another form each time, so that it says nothing. `given`: sections that are entered, and never made.
    `part`: sections that are parts of the device, so that each line in them stands for itself.
    """

    negation: str
    leave: str
    plan: Planner
    read: Callable[[str], list[Line]]
    want: Callable[[str], list[Line]]
    leaving: tuple[str, ...]
    entering: re.Pattern[str]
    forbidden: tuple[tuple[re.Pattern[str], str], ...] = ()
    single: tuple[re.Pattern[str], ...] = ()
    typed: Callable[[Iterable[str]], Iterable[str]] = iter
    volatile: re.Pattern[str] | None = None
    given: re.Pattern[str] | None = None
    part: re.Pattern[str] | None = None

    def for_device(self, facts: DeviceFacts) -> OutlineText:
        return changed(self, plan=planner_for(self.plan, facts))

    def canonical(self, native: str) -> str:
        return text_of(self.read(native))

    def wanted(self, text: str) -> str:
        return text_of(self.want(text))

    # -- what may not be sent -----------------------------------------------------------------------------------------

    def refusals(self, text: str) -> Iterator[str]:
        """One sentence for each line that is no configuration, or none that could be proved."""
        for number, raw in enumerate(text.splitlines(), 1):
            line = " ".join(raw.split())
            first = line.partition(" ")[0].lower()
            word = next((word for word in self.leaving if first and word.startswith(first)), None)
            reason = next((reason for pattern, reason in self.forbidden if pattern.search(line.lower())), None)
            if word:
                shown = first if first == word else f"{first} ({word})"
                yield (
                    f"line {number}: '{shown}' is no configuration. The module enters and leaves the configuration "
                    "mode by itself, sections are indented, and for commands there is netops.peerguard.command."
                )
            elif reason:
                yield f"line {number}: '{line.partition(' ')[0]} …' is not sent: {reason}."

    def enters(self, command: str) -> bool:
        return self.entering.match(" ".join(command.lower().split())) is not None

    # -- what the lines lead to ---------------------------------------------------------------------------------------

    def lay(self, have: str, wanted: str, how: How) -> Laid:
        """`wanted` over `have`."""
        target, lines = outline(have), outline(wanted)
        laid = Laid()
        commands = list(self._lay(target, lines, laid, how, 0))
        laid.target, laid.commands = text_of(target), tuple(self.typed(commands))
        return laid

    def _lay(self, have: list[Line], wanted: list[Line], laid: Laid, how: How, depth: int) -> Iterator[str]:
        for line in wanted:
            if line.words.startswith(self.negation):
                yield from self._taken(have, line, laid, how, depth)
                continue
            twin = next((entry for entry in have if same_but_for_secrets(entry.words, line.words)), None)
            fresh = twin is None
            if twin is None:
                if self.given and self.given.search(line.words):
                    laid.missing.append(line.words)
                twin = self._added(have, line)
            elif not same_secrets(twin.words, line.words):
                if how.resend:
                    twin.text, fresh = line.text, True
                else:
                    laid.not_compared.append(line.words)
            below = list(self._lay(twin.lines, line.lines, laid, how, depth + 1))
            if fresh or below:
                yield " " * depth + line.text
                yield from below
                if line.lines:
                    yield " " * (depth + 1) + self.leave

    def _taken(self, have: list[Line], line: Line, laid: Laid, how: How, depth: int) -> Iterator[str]:
        """A negation takes what it names, with all that follows on the line; or it is shown itself."""
        named = line.words.removeprefix(self.negation)
        gone = [entry for entry in have if _begins(entry.words, named)]
        if gone:
            have[:] = [entry for entry in have if entry not in gone]
            yield " " * depth + line.text
        elif any(entry.words == line.words for entry in have):
            return
        elif how.negate_always:
            have.append(Line(line.text))
            yield " " * depth + line.text
        else:
            laid.absent.append(line.words)

    def _added(self, have: list[Line], line: Line) -> Line:
        one = self._identity(line.words)
        have[:] = [
            entry
            for entry in have
            if entry.words != f"{self.negation}{line.words}" and (one is None or self._identity(entry.words) != one)
        ]
        have.append(Line(line.text))
        return have[-1]

    def _identity(self, words: str) -> str | None:
        return next((found[1] for found in (pattern.search(words) for pattern in self.single) if found), None)

    # -- the way back -------------------------------------------------------------------------------------------------

    def between(self, before: str, after: str) -> Plan:
        """What leads from one canonical text to another, by the rules of the OS."""
        old, new = _differing(self._steadied(before, after), after)
        found = self.plan(old, new)
        return Plan(tuple(self._cautious(found.commands)), tuple(self._cautious(found.rollback)), old, new)

    def origin(self, before: str, target: str, now: str) -> tuple[str, list[str]]:
        """What taking back leads to, and what differs elsewhere and is left."""
        before, target = self._steadied(before, now), self._steadied(target, now)
        were, wanted, are = (_paths(outline(text)) for text in (before, target, now))
        ours = Scope(frozenset(were), frozenset(wanted), frozenset(are), self._block, self.negation).blocks()

        def touched(block: str) -> bool:
            return self._block(_paths(outline(block))[-1]) in ours

        blocks = mended(list(self._blocks(before)), list(self._blocks(now)), touched)
        goal = text_of(_joined(outline("".join(blocks))))
        kept = _paths(outline(goal))
        return goal if set(kept) != set(are) else now, told(without(were, kept), without(kept, were))

    def _block(self, path: Path) -> Path:
        return path[: 2 if self.part and self.part.search(path[0]) else 1]

    def _blocks(self, text: str) -> Iterator[str]:
        """Each line in column 0 with all below it; of a part of the device, each line in it."""
        for line in outline(text):
            if self.part and self.part.search(line.words) and line.lines:
                yield from (text_of([Line(line.text, [below])]) for below in line.lines)
            else:
                yield text_of([line])

    def _steadied(self, before: str, after: str) -> str:
        """`before` with the volatile keys of `after`, where nothing else of their lines differs."""
        volatile = self.volatile
        if volatile is None:
            return before

        def steady(old: list[Line], new: list[Line]) -> None:
            for line in old:
                twin = next((entry for entry in new if same_but_for_secrets(entry.words, line.words)), None)
                if twin:
                    line.text = twin.text if volatile.search(line.text) else line.text
                    steady(line.lines, twin.lines)

        lines = outline(before)
        steady(lines, outline(after))
        return text_of(lines)

    def _cautious(self, lines: tuple[str, ...]) -> Iterator[str]:
        """Free text negated by its first word alone, and no negation of what another line of the section overwrites."""
        set_again = {(head, self._identity(line.strip())) for head, line in _with_heads(lines)}
        for head, line in _with_heads(lines):
            words = line.strip()
            one = self._identity(words.removeprefix(self.negation)) if words.startswith(self.negation) else None
            if one is None or (head, one) not in set_again:
                yield _NEGATED_TEXT.sub(r"\1", line) if words.startswith(self.negation) else line


def _paths(lines: Iterable[Line], above: Path = ()) -> list[Path]:
    """Every line with those that it stands below."""
    found = list[Path]()
    for line in lines:
        found += [(*above, line.words), *_paths(line.lines, (*above, line.words))]
    return list(dict.fromkeys(found))


def _joined(lines: Iterable[Line]) -> list[Line]:
    """The same with every section once."""
    once: dict[str, Line] = {}
    for line in lines:
        once.setdefault(line.text, Line(line.text)).lines += line.lines
    return list(once.values())


def _begins(words: str, named: str) -> bool:
    return words == named or words.startswith(f"{named} ")


def _differing(before: str, after: str) -> tuple[str, str]:
    """Both texts without the blocks (a line in column 0 and all below it) that are the same in both."""
    old, new = outline(before), outline(after)
    kept_old, kept_new = {text_of([line]) for line in old}, {text_of([line]) for line in new}
    return (
        text_of(line for line in old if text_of([line]) not in kept_new),
        text_of(line for line in new if text_of([line]) not in kept_old),
    )


def _with_heads(lines: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each line with the lines that it stands below."""
    path: list[tuple[int, str]] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while path and indent <= path[-1][0]:
            path.pop()
        yield tuple(head for _indent, head in path), line
        path.append((indent, line.strip()))
