# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JunOSe's configuration text, as the `config` module reads and extends it: every line below its virtual router."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..outline import KNOWN_BY_NAME, LONG_TEXT, Line, OutlineText, cut, outline
from .text import DEFAULT_VR, configuration, entries
from .tree import PLANNER, SELECT, typed


def _read(native: str) -> list[Line]:
    """A configuration script, in which routers are headings and not sections."""
    routers: dict[str, Line] = {}
    for entry in entries(configuration(native)):
        router = routers.setdefault(entry.router, Line(f"{SELECT}{entry.router}"))
        if not entry.head.startswith(SELECT):
            router.lines.append(Line(entry.head, [Line(text) for text in entry.body]))
    return list(routers.values())


def _want(text: str) -> list[Line]:
    """A user's lines: below their router, or behind it as in a script; without one they are for the default router."""
    routers: dict[str, Line] = {}
    router = routers.setdefault(DEFAULT_VR, Line(f"{SELECT}{DEFAULT_VR}"))
    for line in outline(text, "!"):
        name = line.words.removeprefix(SELECT) if line.words.startswith(SELECT) else None
        if name is None:
            router.lines.append(line)
        else:
            router = routers.setdefault(name, Line(f"{SELECT}{name}"))
            router.lines += line.lines
    return [router for router in routers.values() if router.lines]


def _typed(lines: Iterable[str]) -> Iterator[str]:
    """Routers are selected before the configuration mode, so they are not left as their sections are."""
    return typed("exit" if line.strip() == "exit" else line for line in lines if line != " exit")


TEXT = OutlineText(
    negation="no ",
    leave="exit",
    plan=PLANNER,
    read=_read,
    want=_want,
    leaving=(
        "clear", "configure", "copy", "delete", "dir", "disable", "do", "enable", "end", "erase", "exit", "help",
        "macro", "ping", "quit", "reload", "rename", "run", "show", "sleep", "telnet", "terminal", "traceroute",
        "write",
    ),
    entering=re.compile(cut("configure", 4)),
    forbidden=(
        (re.compile(f"^no {cut('virtual-router')}"), "virtual routers are never made or removed here"),
        (re.compile(f"^(?:no )?{cut('hostname')}"), KNOWN_BY_NAME),
        (re.compile(f"^{cut('banner')}"), LONG_TEXT),
        (re.compile(f"^{cut('ipsec', 3)} {cut('clear')}"), "use netops.peerguard.junose_ipsec_clear_sa"),
    ),
    single=(re.compile(r"^(description) "), re.compile(r"^(ip address) (?!.*\bsecondary\b)"), re.compile(r"^(mtu) ")),
    typed=_typed,
    part=re.compile(rf"^{SELECT}"),
    given=re.compile(rf"^{SELECT}(?!{DEFAULT_VR}$)"),
    volatile=re.compile(r"^masked-key |\b(?:password|ftp|key) 8 "),
)  # fmt: skip
