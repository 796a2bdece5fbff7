# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the original of what an emulator does is known. Every command carries its mark where it is declared.

This is the data; `fidelity_page` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .grammar import Mode


class Sure(Enum):
    """What stands behind a fact, the strongest first."""

    DOCUMENTED = "documented"
    SEEN = "seen in code"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Known:
    """How sure the words of a command are, and the answer; ``answer`` None: nothing is printed when all is well."""

    words: Sure
    answer: Sure | None = None
    note: str = ""

    def prints(self, like: Known, note: str = "") -> Known:
        """The same command with an answer that is as sure as the words of ``like``."""
        return Known(self.words, like.words, note or self.note)


DOC = Known(Sure.DOCUMENTED)
"""The vendor's documentation, or its published data model."""
CODE = Known(Sure.SEEN)
"""Public code that talks to such devices, or a published transcript of a session."""
GUESS = Known(Sure.ASSUMED)
"""Neither: what the sources suggest."""
KEPT = Known(Sure.ASSUMED, note="kept as typed, without a meaning")


@dataclass(frozen=True)
class Fact:
    """One line of the page. ``where``: the dialects that have it, none = all of the system's."""

    what: str
    view: str
    known: Known
    where: tuple[str, ...] = ()


def facts_of(grammars: Mapping[str, Mapping[str, Mode]]) -> list[Fact]:
    """Every command of a system, given the modes of its dialects by name; what several dialects have is one fact."""
    found: dict[tuple[str, str, Known], list[str]] = {}
    for dialect, modes in grammars.items():
        for mode in modes.values():
            for command in mode.commands:
                dialects = found.setdefault((mode.title, command.pattern, command.known or GUESS), [])
                if dialect not in dialects:
                    dialects.append(dialect)
    return [
        Fact(pattern, view, known, () if len(dialects) == len(grammars) else tuple(dialects))
        for (view, pattern, known), dialects in found.items()
    ]


_NEGATIVE = re.compile(r"(?:undo|no) (.*)")


def without_negatives(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without the ``undo`` and ``no`` forms that say no more than the command that they take back."""
    facts = list(facts)
    positive = [fact for fact in facts if not _NEGATIVE.fullmatch(fact.what)]
    return [fact for fact in facts if not _repeats(fact, positive)]


def _repeats(fact: Fact, positive: list[Fact]) -> bool:
    negative = _NEGATIVE.fullmatch(fact.what)
    if negative is None:
        return False
    head = re.split(r"[<\[{]", negative.group(1))[0].strip()
    return any(
        replace(fact, what=other.what) == other and (other.what == head or other.what.startswith(f"{head} "))
        for other in positive
    )
