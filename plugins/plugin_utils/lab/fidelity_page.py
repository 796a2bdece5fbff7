# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all marks, made from the code, and the same for a terminal.

`python -m ansible_collections.netops.peerguard.plugins.plugin_utils.lab.fidelity_page > docs/fidelity.md`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from .fidelity import KEPT, Fact, Known, Sure, without_negatives
from .registry import device_class, known_platforms

if TYPE_CHECKING:
    from .device import Device

_TITLES = {
    "huawei_vrp": "Huawei VRP",
    "cisco_iosxe": "Cisco IOS XE",
    "h3c_comware": "H3C Comware",
    "juniper_junose": "Juniper JunOSe",
    "allied_alliedware": "Allied Telesis AlliedWare",
}
_HEAD = """# How true the lab is

<!-- Made from the code: python -m ansible_collections.netops.peerguard.plugins.plugin_utils.lab.fidelity_page -->

No emulator is the device. This page says, command by command, what the lab's behaviour rests on:

- **documented**: the vendor's own documentation or data model says so;
- **seen in code**: public code that talks to such devices expects it, or a published transcript shows it;
- **assumed**: neither was found. The lab does what the other sources suggest; a real device may differ.

*Words* is about the command itself, its place and its ranges. *Answer* is about what the device prints, `-` where it
prints nothing when all is well. What refuses a line for its meaning (not for its syntax) is always assumed, unless said
otherwise. Forms with `undo` and `no` are listed only where less is known of them than of the command itself.

Over NETCONF, *words* is about an operation or an element, its type and its conditions, and *answer* about what comes
back; a subtree stands for all that is below it.

The lab prints the same for all systems, for one of them, or for a device ([the lab](lab.md) says how):

```shell
python -m ansible_collections.netops.peerguard.plugins.plugin_utils.lab --fidelity huawei_vrp
```
"""


def page() -> str:
    """The page as Markdown."""
    out = [_HEAD]
    for platform in known_platforms():
        found = device_class(platform)
        out += _section(f"## {title(platform)}", found.facts(), "commands")
        out += _section(f"### {title(platform)} over NETCONF", found.netconf_facts(), "operations and subtrees")
    return "\n".join(out).rstrip() + "\n"


def title(platform: str) -> str:
    """The name of a system as its users write it."""
    return _TITLES.get(platform, platform)


def _section(heading: str, facts: list[Fact], things: str) -> list[str]:
    return [f"{heading}\n", *_summary(facts, things), *_table(facts)] if facts else []


def _summary(facts: list[Fact], things: str) -> Iterator[str]:
    words = [fact.known.words for fact in facts if fact.view and fact.known != KEPT]
    counts = ", ".join(f"{words.count(sure)} {sure.value}" for sure in Sure)
    yield f"{len(words)} {things}: {counts}.\n"


def _table(facts: list[Fact]) -> Iterator[str]:
    yield "| What | Where | Words | Answer | Note |"
    yield "|---|---|---|---|---|"
    for fact in _shown(facts):
        what = f"`{fact.what}`".replace("|", r"\|") if fact.view else fact.what
        yield f"| {what} | {_place(fact)} | {' | '.join(_marks(fact.known))} |"
    yield ""


def _shown(facts: list[Fact]) -> list[Fact]:
    """What people want to read: without repetitions, lines that are only kept gathered into one entry per place."""
    kept: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    shown: list[Fact] = []
    for fact in without_negatives(facts):
        if fact.known != KEPT:
            shown.append(replace(fact, what=_PARAMETER.sub(_parameter, fact.what)))
        elif not fact.what.startswith(("no ", "undo ")):
            words = _PARAMETER.sub("...", fact.what).replace("[ ... ]", "...")
            kept.setdefault((fact.view, fact.where), []).append("any other line" if words == "..." else words)
    gathered = [Fact(", ".join(dict.fromkeys(lines)), view, KEPT, where) for (view, where), lines in kept.items()]
    return shown + gathered


_PARAMETER = re.compile(r"<(\w+):[\w-]+(?:\((\d+-\d+)\))?>")


def _parameter(found: re.Match[str]) -> str:
    name, limits = found.groups()
    return f"<{name} {limits}>" if limits else f"<{name}>"


def _place(fact: Fact) -> str:
    return ", ".join(part for part in (fact.view, " and ".join(fact.where)) if part) or "session"


def _marks(known: Known) -> tuple[str, str, str]:
    return known.words.value, known.answer.value if known.answer else "-", known.note


def text(heading: str, facts: list[Fact]) -> str:
    """The same for a terminal: one line per fact."""
    rows = [(*_marks(fact.known)[:2], fact.what, _place(fact), fact.known.note) for fact in _shown(facts)]
    lines = [f"{heading}: words / answer, what, where"]
    lines += [
        f"  {f'{words} / {answer}':<27} {what}  ({place})" + (f"; {note}" if note else "")
        for words, answer, what, place, note in rows
    ]
    return "\n".join(lines) + "\n"


def of_platform(platform: str) -> str:
    """What is known of a system, in all its dialects."""
    found = device_class(platform)
    return _both(title(platform), found.facts(), found.netconf_facts())


def _both(name: str, facts: list[Fact], netconf: list[Fact]) -> str:
    return text(name, facts) + (text(f"{name} over NETCONF", netconf) if netconf else "")


def of_device(device: Device) -> str:
    """What is known of one device of a lab, in its own dialect."""
    name = f"{device.name} ({title(device.platform)} {device.os_version})"
    return _both(name, device.own_facts(), device.own_netconf_facts())


if __name__ == "__main__":
    print(page(), end="")
