# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output filters: ``show … | include|exclude|begin|section|count REGEX`` (reference section 2)."""

from __future__ import annotations

import re
from collections.abc import Callable

KINDS = ("append", "begin", "count", "exclude", "format", "include", "redirect", "section", "tee")


def split_filter(line: str) -> tuple[str, str | None]:
    """A show line and what follows its first bar; only show and more have filters."""
    first = line.split(None, 1)[0].lower() if line.split() else ""
    if first == "do":
        _body, pipe = split_filter(line[line.lower().index("do") + 2 :])
        return (line[: len(line) - len(pipe) - 1].rstrip(), pipe) if pipe is not None else (line, None)
    if not first or not any(word.startswith(first) for word in ("show", "more")):
        return line, None
    found = re.search(r"\s\|", line)  # a bar inside a word belongs to the word
    if found is None:
        return line, None
    return line[: found.start()].rstrip(), line[found.end() :]


def apply_filter(pipe: str, text: str) -> str | int:
    """Filtered text, or the offset in ``pipe`` of the first character that is wrong (its length = incomplete)."""
    words = pipe.split(None, 1)
    if not words:
        return len(pipe)
    start = pipe.index(words[0])
    kinds = [kind for kind in KINDS if kind.startswith(words[0].lower())]
    if len(kinds) != 1 or kinds[0] not in _FILTERS:
        return start
    if len(words) < 2 or not words[1].strip():
        return len(pipe)
    kind, wanted = kinds[0], words[1].rstrip("\r\n")
    if kind == "section":
        mode, _blank, rest = wanted.partition(" ")
        if rest and len(mode) > 1 and "exclude".startswith(mode.lower()):
            kind, wanted = "section exclude", rest
        elif rest and len(mode) > 1 and "include".startswith(mode.lower()):
            wanted = rest
    try:
        pattern = re.compile(wanted.strip())
    except re.error:
        return pipe.rindex(wanted)
    return _FILTERS[kind](text.splitlines(keepends=True), pattern)


def _include(lines: list[str], pattern: re.Pattern[str]) -> str:
    return "".join(line for line in lines if pattern.search(line.rstrip("\n")))


def _exclude(lines: list[str], pattern: re.Pattern[str]) -> str:
    return "".join(line for line in lines if not pattern.search(line.rstrip("\n")))


def _begin(lines: list[str], pattern: re.Pattern[str]) -> str:
    start = next((index for index, line in enumerate(lines) if pattern.search(line.rstrip("\n"))), len(lines))
    return "".join(lines[start:])


def _count(lines: list[str], pattern: re.Pattern[str]) -> str:
    number = sum(1 for line in lines if pattern.search(line.rstrip("\n")))
    return f"Number of lines which match regexp = {number}\n"


def _section(lines: list[str], pattern: re.Pattern[str]) -> str:
    return "".join(line for line, inside in _in_sections(lines, pattern) if inside)


def _section_exclude(lines: list[str], pattern: re.Pattern[str]) -> str:
    return "".join(line for line, inside in _in_sections(lines, pattern) if not inside)


def _in_sections(lines: list[str], pattern: re.Pattern[str]) -> list[tuple[str, bool]]:
    """Each line with whether it matches or is indented deeper than the match before it."""
    out: list[tuple[str, bool]] = []
    depth: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and (indent <= depth or not line.strip()):
            depth = None
        if depth is None and pattern.search(line.rstrip("\n")):
            depth = indent
        out.append((line, depth is not None))
    return out


_FILTERS: dict[str, Callable[[list[str], re.Pattern[str]], str]] = {
    "include": _include,
    "exclude": _exclude,
    "begin": _begin,
    "count": _count,
    "section": _section,
    "section exclude": _section_exclude,
}
