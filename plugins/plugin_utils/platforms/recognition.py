# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding out which operating system a device runs: its first prompt, then one harmless command or two.

What an OS looks like is data in its own folder. A guess is never good enough: an answer has to carry every mark of one
platform, no mark of a look-alike, and no other platform may claim it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..engine.channel import Channel, LoginRefused, NoAnswer

_LIKE_A_PROMPT = re.compile(r"^(?P<prompt>(?:\S[^\n]{0,120}?)?[>#\]$%]) ?\Z", re.MULTILINE)
_PAGER = re.compile(r"^\s*-{2,4} ?[Mm]ore ?-{2,4}.*\Z", re.MULTILINE)
_MOST_PAGES = 50
_MOST_PROMPTS = 4


@dataclass(frozen=True)
class Recognition:
    """How an operating system gives itself away.

    `prompt`: the whole of a prompt right after the login. `probe`: a command that any user may run and that changes
    nothing; its answer holds all of `marks`, and none of `look_alikes`, which are other systems by name.
    `greetings`: questions that a login may end in, with the answer that changes nothing.
    """

    prompt: re.Pattern[str]
    probe: str
    marks: tuple[re.Pattern[str], ...]
    look_alikes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    greetings: tuple[tuple[re.Pattern[str], str], ...] = ()


class Recognisable(Protocol):
    """As much of a platform as recognising it needs."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def recognition(self) -> Recognition: ...


def recognise(channel: Channel, known: Sequence[Recognisable]) -> str:
    """The name of the platform that the device at the other end runs.

    Raises LoginRefused where it is none of the known ones, or not certain.
    """
    prompt = _first_prompt(channel)
    fitting = [entry for entry in known if entry.recognition.prompt.fullmatch(prompt)]
    if not fitting:
        raise _unknown(channel, f"no known system has a prompt like '{prompt}'")
    for probe in dict.fromkeys(entry.recognition.probe for entry in fitting):
        text = _answer(channel, probe, prompt)
        asked = [entry for entry in fitting if entry.recognition.probe == probe]
        other = _look_alike(text, known)
        if other:
            raise _unknown(channel, f"it looks like {other}, which is not among the platforms of this collection")
        found = [entry for entry in asked if all(mark.search(text) for mark in entry.recognition.marks)]
        if len(found) > 1:
            raise _unknown(channel, f"it may be {' or '.join(entry.title for entry in found)}")
        if found:
            return found[0].name
    raise _unknown(channel, "its answers are those of no known system")


def _look_alike(text: str, known: Iterable[Recognisable]) -> str | None:
    named = {name: mark for entry in known for name, mark in entry.recognition.look_alikes.items()}
    return next((name for name, mark in named.items() if mark.search(text)), None)


def _unknown(channel: Channel, why: str) -> LoginRefused:
    return LoginRefused(
        f"ansible_network_os is not set, and the operating system of {channel.host} was not recognised: {why}; "
        "set ansible_network_os for this host"
    )


def _first_prompt(channel: Channel) -> str:
    """The prompt of the device: the end of two answers in a row to an empty line. Raises LoginRefused."""
    last = ""
    try:
        for _attempt in range(_MOST_PROMPTS):
            found = _LIKE_A_PROMPT.search(channel.ask("", _LIKE_A_PROMPT))
            prompt = found["prompt"] if found else ""
            if prompt and prompt == last:
                return prompt
            last = prompt
    except NoAnswer as problem:
        raise _unknown(channel, str(problem)) from None
    raise _unknown(channel, f"its prompt does not stay the same, the last was '{last}'")


def _answer(channel: Channel, probe: str, prompt: str) -> str:
    """All that the device says to the command. Raises LoginRefused."""
    ending = re.compile(rf"(?:^{re.escape(prompt)} ?\Z|{_PAGER.pattern})", re.MULTILINE)
    try:
        text = channel.ask(probe, ending)
        for _page in range(_MOST_PAGES):
            if not _PAGER.search(text):
                return text
            text += channel.ask(" ", ending, key=True)
    except NoAnswer as problem:
        raise _unknown(channel, str(problem)) from None
    raise _unknown(channel, f"'{probe}' does not come to an end")
