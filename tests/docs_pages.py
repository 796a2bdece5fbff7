# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader of a page does: save the files it shows, and type its commands, block by block.

A comment before a fenced block says what it is where that is not plain:

``<!-- file: NAME -->``    the block is saved as NAME, which may have folders
``<!-- skip: REASON -->``  the commands are not run here, and why
``<!-- fails: WORDS -->``  the last command fails, as the page tells, and says WORDS
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import ROOT

_CONTINUED = re.compile(r"\\\n\s*")
SHELLS = ("shell", "sh", "console", "bash")
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>file|skip|fails): (?P<value>[^\n]+?) -->\n+)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. `line` is where it is, for messages."""

    page: str
    line: int
    language: str
    text: str
    file: str | None = None
    skip: str | None = None
    fails: str | None = None

    @property
    def commands(self) -> str:
        """What is typed; empty for blocks that are no commands. A console shows prompts and answers too."""
        if self.language not in SHELLS:
            return ""
        if self.language != "console":
            return self.text
        return "".join(f"{line[2:]}\n" for line in self.text.splitlines() if line.startswith("$ "))

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def constant(path: Path, name: str) -> str:
    """A text at the top of a plugin, such as its EXAMPLES; empty where it has none."""
    for node in ast.parse(path.read_text("utf-8")).body:
        for statement in (node, *getattr(node, "body", ())):
            if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == name:
                return str(ast.literal_eval(statement.value))
    return ""


def pages() -> list[Path]:
    """Every page that a user reads."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "roles").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        mark = {match["mark"]: match["value"]} if match["mark"] else {}
        line = text.count("\n", 0, match.start("language")) + 1
        name = str(page.relative_to(ROOT) if page.is_relative_to(ROOT) else page)
        found.append(Block(name, line, match["language"], match["text"], **mark))
    return found


def follow(page: Path, folder: Path, env: Mapping[str, str], typed: str = "", timeout: float = 300) -> list[Block]:
    """Do in `folder` what the page says, from top to bottom, and give the blocks that were run.

    Each command is typed in a shell of its own, which remembers what the page has said with alias, cd and export.
    `typed`: what the reader answers to a question, such as a password. Raises AssertionError with what a command said.
    """
    done, remembered = [], "shopt -s expand_aliases\n"
    for block in blocks(page):
        if block.file:
            target = folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, "utf-8")
        if not block.commands or block.skip:
            continue
        lines = _CONTINUED.sub("", block.commands).splitlines()
        for number, line in enumerate(lines, 1):
            finished = subprocess.run(
                ["bash", "-eu", "-o", "pipefail", "-c", remembered + line],
                cwd=folder,
                env=dict(env),
                input=typed,
                capture_output=True,
                text=True,
                timeout=timeout,
                start_new_session=True,  # without a terminal of its own, a question is answered from stdin
                check=False,
            )
            said = finished.stdout + finished.stderr
            words = (block.fails or "") if number == len(lines) else ""
            if bool(finished.returncode) != bool(words) or words not in said:
                raise AssertionError(f"{block}: {line}\n{finished.stdout[-6000:]}\n{finished.stderr[-3000:]}")
            if line.startswith(("alias ", "cd ", "export ")):
                remembered += f"{line}\n"
        done.append(block)
    return done
