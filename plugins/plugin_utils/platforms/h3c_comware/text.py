# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading Comware text: clean it of terminal remains, refuse what is cut or of another OS, walk its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..native import COMWARE, WHOLE_ENDS, clean, refuse_others

__all__ = ["clean", "configuration", "sections"]

_HEAD = re.compile(r"^ version \d+\.\d+", re.MULTILINE)


def configuration(text: str) -> str:
    """A running configuration (or lines filtered from one), cleaned. Raises ValueError if cut or not of Comware."""
    text = clean(text)
    refuse_others(text, COMWARE)
    if _HEAD.search(text) and not WHOLE_ENDS.search(text):
        raise ValueError("the configuration is cut: it does not end with 'return'")
    return text


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each view with its lines (stripped); lines of the system view come one by one, without lines below them.

    `#` ends a block: an indented line right behind it belongs to the system view. Views indent by one to three blanks.
    """
    head, body = "", list[str]()
    for line in text.splitlines():
        if not line.strip() or line == "return" or line.startswith("#"):
            if line.startswith("#") and head:
                yield head, body
                head = ""
        elif not line[0].isspace():
            if head:
                yield head, body
            head, body = line.strip(), []
        elif head:
            body.append(line.strip())
        else:
            yield line.strip(), []
    if head:
        yield head, body
