# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading IOS XE text: clean it of terminal remains, refuse what is cut or of another OS, walk its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...engine.secret import MASK

_PAGER = re.compile(r" ?-{2,3} ?[Mm]ore ?-{2,3} ?(?:[\x08 ]*\x08)?")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_KEY_TEXT = re.compile(r'( -- text )".*"[ \t]*$', re.MULTILINE)
_EXIT = re.compile(r"^exit(?:-\S+)?$")
_RUBBED_OUT = re.compile(r"[\x08 ]*\x08")
_WHOLE = re.compile(r"^Current configuration : \d+ bytes|^Building configuration\.\.\.", re.MULTILINE)
_END = re.compile(r"^end\s*\Z", re.MULTILINE)
_OTHERS = (
    (re.compile(r"^(?:!Software Version V\d|sysname |#$)", re.MULTILINE), "Huawei VRP or H3C Comware"),
    (re.compile(r"^! Configuration script being generated", re.MULTILINE), "Juniper JunOSe"),
    (re.compile(r"^!Command: show running-config|^feature \S+$", re.MULTILINE), "Cisco NX-OS"),
    (re.compile(r"^!! IOS XR Configuration|^!! Last configuration change", re.MULTILINE), "Cisco IOS XR"),
)


def clean(text: str) -> str:
    """The text without CR, terminal control sequences and what a pager left in it; blanks at line ends stay."""
    text = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "").replace("\x00", ""))
    if "ore -" in text or "\x08" in text:
        text = _PAGER.sub("", text)
        text = _RUBBED_OUT.sub("", text)
    return text


def mask_keys(text: str) -> str:
    """`show key chain` without the key strings, which it prints in clear text."""
    return _KEY_TEXT.sub(rf'\1"{MASK}"', text)


def configuration(text: str) -> str:
    """A running configuration (or sections of one), cleaned. Raises ValueError if cut or not of IOS XE."""
    text = clean(text)
    for pattern, name in _OTHERS:
        if pattern.search(text):
            raise ValueError(f"this is a configuration of {name}, not of Cisco IOS XE")
    if _WHOLE.search(text) and not _END.search(text):
        raise ValueError("the configuration is cut: it does not end with 'end'")
    return text


@dataclass
class Section:
    """One line of a configuration and the lines below it. `raw`: with the blanks at its end (a key may end in one)."""

    raw: str
    indent: int = -1
    lines: list[Section] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.raw.rstrip()

    def named(self, head: str) -> Iterator[Section]:
        """The sections directly below whose line is `head`."""
        return (line for line in self.lines if line.text == head)


def tree(text: str) -> Section:
    """The configuration by indentation; comments and exit markers (`exit`, `exit-…`) left out."""
    root = Section("")
    path = [root]
    for line in text.splitlines():
        body = line.lstrip(" ")
        if not body.strip() or body[0] == "!" or _EXIT.match(body.rstrip()):
            continue
        indent = len(line) - len(body)
        while indent <= path[-1].indent:
            path.pop()
        section = Section(body, indent)
        path[-1].lines.append(section)
        path.append(section)
    return root
