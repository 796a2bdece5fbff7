# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading VRP text: clean it of terminal remains, refuse what is cut or of another OS, walk its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..native import VRP, WHOLE_ENDS, clean, refuse_others

__all__ = ["clean", "configuration", "sections"]

_HEAD = re.compile(r"^(?:!Software Version|\[V\d{3}R|sysname )", re.MULTILINE)


def configuration(text: str) -> str:
    """A running configuration (or lines filtered from one), cleaned. Raises ValueError if cut or not of VRP."""
    text = clean(text)
    refuse_others(text, VRP)
    whole = "\n#\n" in f"\n{text}\n" and _HEAD.search(text)
    if whole and not WHOLE_ENDS.search(text):
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
