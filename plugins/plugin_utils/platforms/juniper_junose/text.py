# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading JunOSe text: clean it of terminal remains, refuse what is cut or of another OS, walk it router by router."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..native import JUNOSE, refuse_others

DEFAULT_VR = "default"

_PAGER = re.compile(r" ?--More-- ?(?:\x08* {10}\x08*)?")  # what erases it is as wide as it is; indentation follows
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SCRIPT = re.compile(r"^! Configuration script being generated", re.MULTILINE)
# Nothing but a prompt follows: a banner may say "! End of" as well.
_END = re.compile(r"^! [Ee]nd of\b.*\s*(?:^\S+[>#][ \t]*)?\Z", re.MULTILINE)
_ROUTER = re.compile(r"^virtual-router (?P<name>\S+)$")
_OPTION = re.compile(r"\s+(?:no )?ipsec option ")
_SNIPPET = re.compile(r"^\s*(?:!|virtual-router \S+|(?:no )?ipsec option \S+)?\s*$")
_VR_LISTED = re.compile(r"^\s*Virtual[ -]Router\s*:\s*(?P<name>\S+)\s*$", re.MULTILINE | re.IGNORECASE)


def clean(text: str) -> str:
    """The text without CR, NUL, terminal control sequences and what a pager left in it."""
    text = text.replace("\r\n", "\n").replace("\r", "").replace("\x00", "")
    lines = []
    for line in text.split("\n"):
        if "ore--" in line or "\x1b" in line or "\b" in line:
            line = _ANSI.sub("", _PAGER.sub("", line)).replace("\b", "")
        lines.append(line.rstrip())
    return "\n".join(lines)


def configuration(text: str) -> str:
    """A whole configuration (or a snippet of nothing but IPsec options), cleaned.

    Raises ValueError where it is cut or of another OS: what is not shown would be taken for what is not configured.
    """
    text = clean(text)
    refuse_others(text, JUNOSE)
    if not _END.search(text) and not _is_snippet(text):
        raise ValueError("the configuration is cut: it does not end with '! End of generated configuration script.'")
    begin = _SCRIPT.search(text)
    return text[begin.start() :] if begin else text


def _is_snippet(text: str) -> bool:
    """Hand-written or rendered lines: nothing but routers and options, and at least one option."""
    lines = text.splitlines()
    return all(_SNIPPET.match(line) for line in lines) and any("ipsec option" in line for line in lines)


def before_configuration(text: str) -> str:
    """What other show commands said ahead of the configuration script."""
    text = clean(text)
    begin = _SCRIPT.search(text)
    return text[: begin.start()] if begin else text


@dataclass(frozen=True)
class Entry:
    """A configuration command of a virtual router with the (stripped) lines of its sub-mode."""

    router: str
    head: str
    body: tuple[str, ...] = ()


def entries(text: str) -> Iterator[Entry]:
    """Every command in column 0, with the virtual router whose section it stands in; routers themselves too.

    Commands ahead of the first `virtual-router` line belong to the whole router and are given under `default`.
    """
    router, head, body = DEFAULT_VR, "", list[str]()
    for line in text.splitlines():
        if not line.strip() or line.startswith("!") or line.strip().strip(".") == "":
            continue
        if line[0] == " " and head:
            if line.strip() != "!" and not _belongs_to_router(head, line):
                body.append(line.strip())
                continue
            if line.strip() == "!":
                continue
        if head:
            yield Entry(router, head, tuple(body))
        head, body = line.strip(), []
        found = _ROUTER.match(head)
        if found:
            router = found["name"]
    if head:
        yield Entry(router, head, tuple(body))


def _belongs_to_router(head: str, line: str) -> bool:
    """An indented line right below `virtual-router X` is a command of that router, not of a sub-mode."""
    return bool(_ROUTER.match(head)) or bool(_OPTION.match(line))


def routers(text: str) -> tuple[str, ...]:
    """The virtual routers that a configuration has sections for, in its order."""
    found = (_ROUTER.match(entry.head) for entry in entries(text))
    return tuple(dict.fromkeys(match["name"] for match in found if match))


def listed_routers(text: str) -> tuple[str, ...]:
    """The names in `show virtual-router`."""
    return tuple(dict.fromkeys(found["name"] for found in _VR_LISTED.finditer(clean(text))))
