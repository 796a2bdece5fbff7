# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Native text, as far as OSs have it in common: what a terminal leaves in it, and what tells one OS from another."""

from __future__ import annotations

import re

# The pager's words, and the 42 blanks that erase them; what follows keeps its own indentation.
_PAGER = re.compile(
    r"\s*-{2,4} ?[Mm]ore ?-{2,4}(?:(?:\x1b\[\d+D)? {42}(?:\x1b\[\d+D)?|(?:\x1b\[\d+D)+)?|\x1b\[\d+D {42}\x1b\[\d+D"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

VRP, COMWARE, JUNOSE, ALLIEDWARE = "Huawei VRP", "H3C Comware", "Juniper JunOSe", "AlliedWare"
_MARKS = {
    "Cisco IOS": re.compile(r"^Current configuration ?: \d+ bytes|^Building configuration\.\.\.\s*$", re.MULTILINE),
    VRP: re.compile(r"^!Software Version|^sysname \S|^\[V\d{3}R", re.MULTILINE),
    COMWARE: re.compile(r"^ version [57]\.\d+(?:\.\d+)?, (?:Release|ESS|Alpha|Feature)", re.MULTILINE),
    JUNOSE: re.compile(r"^! Configuration script being generated", re.MULTILINE),
    "Juniper Junos": re.compile(
        r"^## Last (?:commit|changed)|^(?:system|interfaces|version [\w.-]+;) ?\{?$", re.MULTILINE
    ),
    ALLIEDWARE: re.compile(
        r"^# (?:Command Handler|ISAKMP) configuration|^(?:create|set|enable|add) \w+ ?=?\S*=",
        re.MULTILINE | re.IGNORECASE,
    ),
}
"""Lines that only one OS writes."""
WHOLE_ENDS = re.compile(r"^return\s*\Z", re.MULTILINE)
"""How VRP and Comware end a whole configuration."""


def clean(text: str) -> str:
    """VRP's or Comware's text without CR, BEL, NUL, terminal control sequences and what a pager left in it."""
    text = text.replace("\r", "").replace("\0", "").replace("\a", "")
    lines = []
    for line in text.split("\n"):
        if "ore --" in line or "\x1b" in line:
            line = _ANSI.sub("", _PAGER.sub("", line))
        lines.append(line.rstrip())
    return "\n".join(lines)


def refuse_others(text: str, own: str) -> None:
    """Raises ValueError when a configuration carries the mark of another OS than `own`."""
    for name, mark in _MARKS.items():
        if name != own and mark.search(text):
            raise ValueError(f"this is a configuration of {name}, not of {own}")
