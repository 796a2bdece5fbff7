# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading VRP text: clean it of terminal remains, refuse what is cut or of another OS, walk its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The pager's words, and the 42 blanks that erase them; what follows keeps its own indentation.
_PAGER = re.compile(r"\s*-{2,4} ?[Mm]ore ?-{2,4}(?:(?:\x1b\[\d+D)? {42}(?:\x1b\[\d+D)?|(?:\x1b\[\d+D)+)?")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_OTHERS = (
    (re.compile(r"^Current configuration : \d+ bytes|^Building configuration\.\.\.\s*$", re.MULTILINE), "Cisco IOS"),
    (re.compile(r"^ version [57]\.\d+(?:\.\d+)?, (?:Release|ESS|Alpha|Feature)", re.MULTILINE), "H3C Comware"),
    (re.compile(r"^! Configuration script being generated", re.MULTILINE), "Juniper JunOSe"),
)


def clean(text: str) -> str:
    """The text without CR, terminal control sequences and what a pager left in it."""
    text = re.sub(r"(?:\r\n?)|\x00", lambda found: "\n" if "\n" in found[0] else "", text)
    lines = []
    for line in text.split("\n"):
        if "ore --" in line or "\x1b" in line:
            line = _ANSI.sub("", _PAGER.sub("", line))
        lines.append(line.rstrip())
    return "\n".join(lines)


def configuration(text: str) -> str:
    """A running configuration (or lines filtered from one), cleaned. Raises ValueError if cut or not of VRP."""
    text = clean(text)
    for pattern, name in _OTHERS:
        if pattern.search(text):
            raise ValueError(f"this is a configuration of {name}, not of Huawei VRP")
    whole = re.search(r"^#$", text, re.MULTILINE) and re.search(
        r"^(?:!Software Version|\[V\d{3}R|sysname )", text, re.MULTILINE
    )
    if whole and not re.search(r"^return\s*\Z", text, re.MULTILINE):
        raise ValueError("the configuration is cut: it does not end with 'return'")
    return text


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each line of the system view with the lines indented below it (stripped; `#` and comments left out)."""
    head, body = "", list[str]()
    for line in text.splitlines():
        if not line.strip() or line.lstrip()[0] in "#!" or line == "return":
            continue
        if line[0] != " ":
            if head:
                yield head, body
            head, body = line.strip(), []
        elif head:
            body.append(line.strip())
    if head:
        yield head, body
