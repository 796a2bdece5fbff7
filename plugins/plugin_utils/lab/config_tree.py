# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running configuration as an ordered tree of lines that gives back exactly what it was given.

Nesting is read from indentation, which all systems with sections use; separators (``#``, ``!``) are lines like any
other. A line keeps its own indentation, so text that the emulator does not understand comes out byte-identical.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """A line, without its indentation, and the lines nested below it."""

    text: str
    indent: int = 0
    children: list[Line] = field(default_factory=list)

    def copy(self) -> Line:
        return Line(self.text, self.indent, [child.copy() for child in self.children])

    def find(self, text: str) -> Line | None:
        """The first child with exactly this text."""
        return next((child for child in self.children if child.text == text), None)

    def starting(self, prefix: str) -> list[Line]:
        """Children whose text is ``prefix`` or starts with it and a blank."""
        return [child for child in self.children if child.text == prefix or child.text.startswith(prefix + " ")]

    def first(self, prefix: str) -> Line | None:
        return next(iter(self.starting(prefix)), None)

    def value(self, prefix: str) -> str | None:
        """What follows ``prefix`` in the first child that starts with it."""
        found = self.first(prefix)
        return None if found is None else found.text[len(prefix) :].strip()

    def remove(self, gone: Callable[[Line], bool]) -> bool:
        """Drop matching children; True when there were any."""
        keep = [child for child in self.children if not gone(child)]
        changed = len(keep) != len(self.children)
        self.children = keep
        return changed

    def walk(self) -> Iterator[Line]:
        """This line and everything below, in text order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def render(self) -> Iterator[str]:
        """The text lines of this line and what is below it."""
        yield " " * self.indent + self.text
        for child in self.children:
            yield from child.render()


class ConfigTree:
    """A whole configuration; ``root`` is a line of its own that is not printed."""

    def __init__(self, root: Line | None = None) -> None:
        self.root = root or Line("", -1)

    @classmethod
    def parse(cls, text: str) -> ConfigTree:
        """A tree of ``text``; ``tree.text()`` gives the same lines back (a final line end is added)."""
        root = Line("", -1)
        stack = [root]
        for raw in text.splitlines():
            body = raw.lstrip(" ")
            line = Line(body, len(raw) - len(body))
            while len(stack) > 1 and (stack[-1].indent >= line.indent or not stack[-1].text):
                stack.pop()
            stack[-1].children.append(line)
            stack.append(line)
        return cls(root)

    def copy(self) -> ConfigTree:
        return ConfigTree(self.root.copy())

    def text(self) -> str:
        return "".join(line + "\n" for child in self.root.children for line in child.render())

    def section(self, *path: str) -> Line | None:
        """The line reached by exact texts from the top."""
        line: Line | None = self.root
        for text in path:
            if line is None:
                return None
            line = line.find(text)
        return line

    def sections(self, prefix: str) -> list[Line]:
        """Top-level lines that start with this word (or words)."""
        return self.root.starting(prefix)


def insert_ordered(parent: Line, line: Line, rank: Callable[[Line], int]) -> None:
    """Put ``line`` before the first child of higher rank, as systems print in their own order, not in typing order.

    Children of negative rank (unknown lines) keep their place and are never jumped over needlessly.
    """
    own = rank(line)
    at = len(parent.children)
    for index, child in enumerate(parent.children):
        if rank(child) > own:
            at = index
            break
    parent.children.insert(at, line)


def texts(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]
