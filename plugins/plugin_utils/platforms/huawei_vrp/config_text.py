# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRP's configuration text, as the `config` module reads and extends it."""

from __future__ import annotations

import re

from ..outline import KNOWN_BY_NAME, LONG_TEXT, Line, OutlineText, cut, outline
from .text import configuration
from .tree import ONE_VALUE, PLANNER

_RETURN = re.compile("return")


def _read(native: str) -> list[Line]:
    return outline(configuration(native), "#!", _RETURN)


def _want(text: str) -> list[Line]:
    return outline(text, "#!")


TEXT = OutlineText(
    negation="undo ",
    leave="quit",
    plan=PLANNER,
    read=_read,
    want=_want,
    # "configuration" also begins configuration lines; what must not be reached by it is forbidden below
    leaving=(
        "abort", "clear", "commit", "compare", "copy", "debugging", "delete", "dir", "display", "format", "ftp",
        "mmi-mode", "mkdir", "move", "ping", "quit", "reboot", "refresh", "rename", "reset", "return", "rollback",
        "run", "save", "screen-length", "send", "startup", "system-view", "telnet", "tracert", "undelete", "xcommit",
    ),
    entering=re.compile(cut("system-view", 3)),
    forbidden=(
        (re.compile(f"^(?:undo )?{cut('sysname')}"), KNOWN_BY_NAME),
        (re.compile(f"^{cut('header')}"), LONG_TEXT),
        (re.compile(f"^{cut('configuration', 4)} (?:{cut('exclusive')}|{cut('checkpoint')})"), "it locks the device"),
        (re.compile(f"^undo {cut('mmi-mode')}"), "it changes how the session behaves"),
    ),
    single=(
        re.compile(r"^(description) "),
        re.compile(r"^(ip address) (?!.*\bsub$)"),
        re.compile(r"^(mtu) "),
        *map(re.compile, ONE_VALUE),
    ),
)  # fmt: skip
