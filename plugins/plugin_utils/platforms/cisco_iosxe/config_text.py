# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration text of IOS XE, as the `config` module reads and extends it."""

from __future__ import annotations

import re

from ..outline import KNOWN_BY_NAME, LONG_TEXT, Line, OutlineText, cut, outline
from .text import configuration
from .tree import ONE_VALUE, PLANNER

_ENDS = re.compile(
    r"end|exit(?:-\S+)?|Building configuration\.\.\.|Current configuration ?: .*|ntp clock-period .*|Load for .*|"
    r"Time source is .*"
)
_EXITS = re.compile(r"exit-\S+")


def _read(native: str) -> list[Line]:
    return outline(configuration(native), "!", _ENDS)


def _want(text: str) -> list[Line]:
    return outline(text, "!", _EXITS)


TEXT = OutlineText(
    negation="no ",
    leave="exit",
    plan=PLANNER,
    read=_read,
    want=_want,
    leaving=(
        "clear", "configure", "copy", "debug", "delete", "dir", "disable", "do", "end", "erase", "exit", "format",
        "logout", "more", "ping", "quit", "reload", "show", "squeeze", "telnet", "terminal", "traceroute", "verify",
        "write",
    ),
    entering=re.compile(cut("configure", 4)),
    forbidden=(
        (re.compile(r"^enable$"), "it is no configuration"),
        (re.compile(f"^(?:no )?{cut('hostname')}"), KNOWN_BY_NAME),
        (re.compile(f"^{cut('banner')}"), LONG_TEXT),
        (re.compile(f"^{cut('crypto')} {cut('pki')} {cut('certificate', 3)}|^{cut('certificate', 3)}"), LONG_TEXT),
        (re.compile(f"^{cut('default', 3)}"), "what it leads to is not shown; write the lines out"),
        (re.compile(f"^(?:no )?{cut('configuration', 4)} {cut('mode')} {cut('exclusive')}"), "it locks the device"),
    ),
    single=(
        re.compile(r"^(description) "),
        re.compile(r"^(ip address) (?!.*\bsecondary\b)"),
        re.compile(r"^(mtu) "),
        *(re.compile(path[-1]) for path in ONE_VALUE),
    ),
)  # fmt: skip
