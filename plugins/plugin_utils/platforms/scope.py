# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a configuration a change is about, so that taking it back leaves alone what others did meanwhile.

A configuration is the set of its lines, each with those that it stands below. They belong together in blocks: a line in
column 0 with all below it. What our lines say is known; what the OS did with them (overwrote a value, took lines along
elsewhere, shows a line in another form) is told by the words. In doubt a line that is gone was ours, because the damage
would be ours; a line that is new was somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Path = tuple[str, ...]
"""A line, and before it those that it stands below, outermost first."""

# "Gi0/1", "gigabitethernet 0/1": letters may be cut, numbers may not
_RUN = re.compile(r"[^\W\d_]+|\d+|\S")


@dataclass(frozen=True)
class Scope:
    """What leads from the lines `before` to `target` is about, as the device shows it `now`.

    `block`: the beginning of a path that says which block it belongs to. `negation`: the word that negates a line, with
    the blank behind it; a device may show a negated line as such.
    """

    before: frozenset[Path]
    target: frozenset[Path]
    now: frozenset[Path]
    block: Callable[[Path], Path]
    negation: str

    def blocks(self) -> frozenset[Path]:
        """The blocks to put back."""
        gone, come = self.before - self.target, self.target - self.before
        lost, appeared = self.before - self.now, self.now - self.before
        named = {self.block(line) for line in gone | come}
        named |= {(*line[:-1], self._opposite(line[-1])) for line in named}
        fallen = {self.block(line) for line in lost if any(self._took(ours, line) for ours in gone)}
        single = self._of_one_line()
        overwritten = {line for line in lost & single if any(_kin(ours, line) for ours in come & single)}
        hidden = {self.block(line) for line in come} - self.now
        alone = hidden & single
        reshaped = {
            block
            for block in {self.block(line) for line in lost | appeared}
            if any(_same_in_short(ours, block) for ours in hidden)
            or (block in single and any(_kin(ours, block) for ours in alone))
        }
        return frozenset(named | fallen | overwritten | reshaped)

    def _opposite(self, words: str) -> str:
        return words.removeprefix(self.negation) if words.startswith(self.negation) else f"{self.negation}{words}"

    def _took(self, ours: Path, line: Path) -> bool:
        """Whether a line elsewhere fell with one that we took away: it begins with it, or names a thing that went."""
        said, words = ours[-1].split(), line[-1].split()
        return words[: len(said)] == said or (ours == self.block(ours) and said[-1] in words)

    def _of_one_line(self) -> frozenset[Path]:
        """The blocks that are one line."""
        lines = self.before | self.target | self.now
        return frozenset(line for line in lines if line == self.block(line)) - {line[:-1] for line in lines}


def without(lines: Iterable[Path], known: Iterable[Path]) -> list[str]:
    """The lines that are not among the known ones, for people; of a whole section its first line."""
    left = set(lines) - set(known)
    return [" / ".join(path) for path in lines if path in left and path[:-1] not in left]


def _kin(one: Path, other: Path) -> bool:
    """Whether two lines begin alike: in two words, in one where there are no more than two."""
    words, others = one[-1].split(), other[-1].split()
    least = min(2, max(1, min(len(words), len(others)) - 1))
    return one[:-1] == other[:-1] and words[:least] == others[:least]


def _same_in_short(typed: Path, shown: Path) -> bool:
    """Whether the shown line may be the typed one with its words in full: `int gi0/1`."""
    runs, full = _RUN.findall(typed[-1].lower()), _RUN.findall(shown[-1].lower())
    alike = all(
        long == short or (short.isalpha() and long.startswith(short)) for short, long in zip(runs, full, strict=False)
    )
    return typed[:-1] == shown[:-1] and len(runs) <= len(full) and alike
