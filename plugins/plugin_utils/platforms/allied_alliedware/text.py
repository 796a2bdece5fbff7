# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading AlliedWare text: clean it of terminal remains, refuse what is cut or of another OS, read dotted labels."""

from __future__ import annotations

import re

from ..native import ALLIEDWARE, refuse_others

PAGER = r"--More--(?: +\(<space> = next page.*?\))?"
"""The pager's line, in column 0: `--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)`."""

_WIDTH = len("--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)")
_PAGER = re.compile(rf"^{PAGER}\r? {{0,{_WIDTH}}}\r?", re.MULTILINE)  # erased by CR, blanks, CR
_CUT = re.compile(rf"^{PAGER}\s*\Z", re.MULTILINE)
_LABEL = re.compile(r"^\s*(?P<label>\S.*?)\s*\.{2,}\s*(?P<value>.*?)\s*$")
_PLUS = re.compile(r"^(?:service password-encryption|hostname \S+|interface \S+|no \S+|!)\s*$", re.MULTILINE)


def clean(text: str) -> str:
    """The text without CR, NUL and what the pager left in it; every line without trailing blanks."""
    text = _PAGER.sub("", text.replace("\r\n", "\n").replace("\x00", ""))
    lines = (line.rpartition("\r")[2] if line.rpartition("\r")[2].strip() else line for line in text.split("\n"))
    return "\n".join(line.replace("\r", "").rstrip() for line in lines)


def configuration(text: str) -> str:
    """A `show config dynamic` listing, cleaned. Raises ValueError where it is cut or of another OS."""
    if _CUT.search(text):
        raise ValueError("the configuration is cut: it ends at the pager's prompt")
    text = clean(text)
    refuse_others(text, ALLIEDWARE)
    if _PLUS.search(text):
        raise ValueError("this is a configuration of AlliedWare Plus, not of AlliedWare")
    return text


def labels(text: str) -> dict[str, str]:
    """`Label ....... value` lines of a detail display, labels in lower case."""
    found: dict[str, str] = {}
    for line in clean(text).splitlines():
        match = _LABEL.match(line)
        if match:
            found[match["label"].lower()] = match["value"]
    return found
