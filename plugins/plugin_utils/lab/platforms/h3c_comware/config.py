# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Comware running configuration: blocks between ``#`` lines that come out exactly as they went in.

System-view lines stand in blocks of their own with one leading blank; a view opens at column 0 and its lines are
indented (by one to three blanks on real boxes). Reference section 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .cipher import decrypt, encrypt

#: Order of system-view IKE lines; the manuals do not show it, so it is this emulator's own.
_IKE_ORDER = (
    "ike local-name", "ike next-payload", "ike sa keepalive-timer interval", "ike sa keepalive-timer timeout",
    "ike sa nat-keepalive-timer interval", "ike identity", "ike keepalive interval", "ike keepalive timeout",
    "ike nat-keepalive", "ike dpd interval", "ike invalid-spi-recovery", "ike limit", "ike signature-identity",
)  # fmt: skip
_VIEW_ORDER = ("interface", "ike proposal", "ike dpd", "ike peer", "ike profile", "ike keychain", "ipsec")
_KEY = re.compile(r"(\s*pre-shared-key (?:(?:address|hostname) .*? key )?)(?:(cipher|simple) )?(\S+)\s*$")


class EditError(Exception):
    """The device refuses a line with words of its own (printed as they are)."""


class WrongValue(Exception):
    """A value that the parser itself refuses (caret error at this text)."""


class ComwareConfig:
    """A configuration that commands edit. A block is a list of raw lines; nothing in it is ever reformatted."""

    def __init__(self, blocks: list[list[str]]) -> None:
        self.blocks = blocks

    @classmethod
    def load(cls, text: str) -> ComwareConfig:
        """From native text; ``return`` at the end and surplus separators are dropped."""
        blocks: list[list[str]] = [[]]
        for raw in text.splitlines():
            line = raw.rstrip()
            if line == "#":
                blocks.append([])
            elif line and line != "return":
                blocks[-1].append(line)
        return cls([block for block in blocks if block])

    def copy(self) -> ComwareConfig:
        return ComwareConfig([list(block) for block in self.blocks])

    def text(self) -> str:
        """Native text with its final ``return``."""
        return "#\n" + "".join("\n".join(block) + "\n#\n" for block in self.blocks) + "return\n"

    # -- reading --------------------------------------------------------------------------------------------------

    def system_lines(self) -> list[str]:
        """Lines of the system view, without indentation."""
        return [line.strip() for block in self.blocks for line in _leading(block)]

    def system_value(self, prefix: str) -> str | None:
        """What follows ``prefix`` in the system view."""
        return _value(self.system_lines(), prefix)

    def views(self, prefix: str) -> Iterator[tuple[str, list[str]]]:
        """(head line, its lines without indentation) of every view whose head starts with these words."""
        for block in self.blocks:
            for at, line in enumerate(block):
                if not line.startswith(" ") and (line == prefix or line.startswith(prefix + " ")):
                    yield line, [child.strip() for child in block[at + 1 : _end(block, at)]]

    def view(self, head: str) -> list[str] | None:
        """The lines of one view, or None when it does not exist."""
        return next((lines for found, lines in self.views(head) if found == head), None)

    def view_value(self, head: str, prefix: str) -> str | None:
        return _value(self.view(head) or [], prefix)

    @property
    def sysname(self) -> str:
        return self.system_value("sysname") or "H3C"

    # -- editing --------------------------------------------------------------------------------------------------

    def set_system(self, prefix: str, text: str) -> None:
        """Make ``text`` the one system-view line that starts with ``prefix``."""
        for block in self.blocks:
            for at in range(len(_leading(block))):
                if _starts(block[at].strip(), prefix):
                    block[at] = f" {text}"
                    return
        block = self._system_block(text)
        rank = _rank(_IKE_ORDER, text)
        at = next((n for n, line in enumerate(block) if _rank(_IKE_ORDER, line.strip()) > rank), len(block))
        block.insert(at, f" {text}")

    def _system_block(self, text: str) -> list[str]:
        """The block that holds lines of this kind, made behind the name of the device if there is none."""
        word = text.split()[0]
        for block in self.blocks:
            if any(_starts(line.strip(), word) for line in _leading(block)):
                return block
        at = next((n for n, block in enumerate(self.blocks) if any(_starts(s.strip(), "sysname") for s in block)), -1)
        self.blocks.insert(at + 1, [])
        return self.blocks[at + 1]

    def drop_system(self, prefix: str) -> None:
        """Remove system-view lines that are ``prefix`` or continue it."""
        for block in self.blocks:
            own = len(_leading(block))
            block[:own] = [line for line in block[:own] if not _starts(line.strip(), prefix)]
        self.blocks = [block for block in self.blocks if block]

    def add_view(self, head: str) -> None:
        """Open a view; an existing one stays as it is."""
        if self.view(head) is not None:
            return
        rank = _rank(_VIEW_ORDER, head)
        at = len(self.blocks)
        for number, block in enumerate(self.blocks):
            if not block[0].startswith(" ") and _rank(_VIEW_ORDER, block[0]) > rank:
                at = number
                break
        self.blocks.insert(at, [head])

    def drop_view(self, head: str) -> None:
        for block in self.blocks:
            for at, line in enumerate(block):
                if line == head:
                    del block[at : _end(block, at)]
                    break
        self.blocks = [block for block in self.blocks if block]

    def set_child(self, head: str, prefix: str, text: str) -> None:
        """Make ``text`` the one line of the view that starts with ``prefix``."""
        block, at = self._place(head)
        for number in range(at + 1, _end(block, at)):
            if _starts(block[number].strip(), prefix):
                block[number] = f" {text}"
                return
        block.insert(_end(block, at), f" {text}")

    def drop_child(self, head: str, prefix: str) -> None:
        block, at = self._place(head)
        end = _end(block, at)
        block[at + 1 : end] = [line for line in block[at + 1 : end] if not _starts(line.strip(), prefix)]

    def _place(self, head: str) -> tuple[list[str], int]:
        for block in self.blocks:
            for at, line in enumerate(block):
                if line == head:
                    return block, at
        raise EditError("The object of this view does not exist any more.")

    def encrypt_keys(self, device_key: bytes, *, v5: bool) -> None:
        """Pre-shared keys given in clear become cipher text, as a device stores them (reference section 2)."""
        for block in self.blocks:
            for at, line in enumerate(block):
                found = _KEY.match(line)
                if found and (found[2] != "cipher" or decrypt(found[3], device_key) is None):
                    block[at] = f"{found[1]}cipher {encrypt(found[3], device_key, v5=v5)}"


def key_of(line: str, device_key: bytes) -> str | None:
    """The clear key of a ``pre-shared-key`` line; a cipher text of another device stands for itself."""
    found = _KEY.match(line)
    if not found:
        return None
    return decrypt(found[3], device_key) or found[3]


def _leading(block: list[str]) -> list[str]:
    """The system-view lines at the start of a block."""
    out: list[str] = []
    for line in block:
        if not line.startswith(" "):
            break
        out.append(line)
    return out


def _end(block: list[str], at: int) -> int:
    """The index behind the view that opens at ``at``."""
    end = at + 1
    while end < len(block) and block[end].startswith(" "):
        end += 1
    return end


def _starts(line: str, prefix: str) -> bool:
    return line == prefix or line.startswith(prefix + " ")


def _value(lines: Iterable[str], prefix: str) -> str | None:
    return next((line[len(prefix) :].strip() for line in lines if _starts(line, prefix)), None)


def _rank(order: tuple[str, ...], text: str) -> int:
    return next((number for number, prefix in enumerate(order) if _starts(text, prefix)), len(order))


EditFunction = Callable[[ComwareConfig], None]
