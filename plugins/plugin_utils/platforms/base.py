# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every platform is made of: a description as data, and a CLI session that most of them only refine."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from ..engine.channel import Channel, NoAnswer
from ..engine.device import DeviceFacts
from ..engine.plan import Plan, Planner
from ..engine.secret import SecretBook
from ..engine.session import CommandRejected, PushReport, Tentative

MOST_QUESTIONS = 20
"""Questions that one command may ask before it is given up."""


@dataclass(frozen=True)
class Platform:
    """One network operating system.

    `drivers`: per transport (`ssh`, `telnet`) the netmiko driver class that logs in.
    `session`: builds the engine's session from an open channel. `plan`: turns two canonical texts into commands.
    `secrets`: where native text (configuration, show output) holds keys, each pattern with a group `secret`.
    """

    name: str
    title: str
    drivers: Mapping[str, type[Any]]
    session: type[CliSession]
    plan: Planner
    secrets: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the device wrote after one line: the text between echo and prompt, and the prompt."""

    text: str
    prompt: str


@dataclass(frozen=True)
class Dialogue:
    """A question the OS may ask in the middle of a command.

    `reply` is for commands of a plan, which check mode has shown; `refusal` for any other command. `key`: the reply is
    a key that is not echoed and that no line end follows (a pager's).
    """

    question: re.Pattern[str]
    reply: str
    refusal: str = "N"
    key: bool = False


class CliSession(ABC):
    """A session over a line-oriented CLI. Subclasses say how their OS prompts, errs, configures, saves.

    `prompt` is the regular expression of any prompt of the OS, with `{host}` where the device's name stands (a device
    prints many things that look like some prompt, few that carry its own name); `errors` match a line of output that
    is a refusal, with its words in group `reason`; `dialogues` are answered wherever they come up.
    """

    prompt: ClassVar[str]
    any_host: ClassVar[str] = r"[\w.\-@()/:]+?"
    errors: ClassVar[tuple[re.Pattern[str], ...]]
    dialogues: ClassVar[tuple[Dialogue, ...]] = ()
    preparation: ClassVar[tuple[str, ...]] = ()
    """Lines sent once after login (paging off); a refusal is ignored."""
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(r"\A\Z")
    """Lines of a running configuration that change without a change."""

    def __init__(self, channel: Channel, book: SecretBook) -> None:
        self.channel, self.book = channel, book
        self._facts: DeviceFacts | None = None
        self._prepared = False
        self.hostname = ""
        self._questions = {dialogue.question for dialogue in self.dialogues}
        self._ending = self._ending_for(self._host_pattern(), self.dialogues)

    @classmethod
    def warm_up(cls) -> None:
        """Compile what no device changes, once for all of Ansible's workers."""
        for dialogue in cls.dialogues:
            _at_end(dialogue.question)

    def _host_pattern(self) -> str:
        return re.escape(self.hostname) if self.hostname else f"(?P<host>{self.any_host})"

    def _ending_for(self, host: str, dialogues: Sequence[Dialogue]) -> re.Pattern[str]:
        endings = [self.prompt.replace("{host}", host), *(dialogue.question.pattern for dialogue in dialogues)]
        return re.compile("(?:" + "|".join(f"(?:{ending})" for ending in endings) + r")\Z", re.MULTILINE)

    def _recognise(self, prompt: str) -> None:
        """From the first prompt on, only this device's prompts end an answer."""
        found = self._ending.search(prompt)
        if found and found["host"]:
            self.hostname = found["host"]
            self._ending = self._ending_for(self._host_pattern(), self.dialogues)

    # -- the conversation ---------------------------------------------------------------------------------------------

    def exchange(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> Answer:
        """Send one (sealed) line, answer what it asks (`answers` before the OS's own dialogues), return the rest."""
        known = (*answers, *self.dialogues) if answers else self.dialogues
        asked_for = [dialogue for dialogue in known if dialogue.question not in self._questions]
        ending = self._ending_for(self._host_pattern(), [*asked_for, *self.dialogues]) if asked_for else self._ending
        said = ""
        reply: str | None = self.book.reveal(line)
        key, asked = False, 0
        while reply is not None:
            text = self.channel.ask(reply, ending, timeout=timeout, key=key)
            # The echo of an answer ends the line of its question; a pager's key has none.
            said += text if key else ("\n" if said else "") + _without_echo(text, reply)
            question = _asked(said, known)
            reply, key = (question.reply, question.key) if question else (None, False)
            asked += 0 if key else 1
            if asked > MOST_QUESTIONS:
                raise NoAnswer(f"{self.channel.host} asks the same again and again: {self.book.scrub(said)[-100:]!r}")
        body, _newline, prompt = said.rpartition("\n")
        if not self.hostname:
            self._recognise(prompt)
        return Answer(body, prompt)

    def reason(self, text: str) -> str | None:
        """The device's own words if the text is a refusal, else None."""
        for line in text.splitlines():
            for pattern in self.errors:
                found = pattern.search(line)
                if found:
                    return self.book.scrub(found["reason"].strip())
        return None

    def command(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> str:
        """Send one line and return its output. Raises CommandRejected with the device's words."""
        answer = self.exchange(line, timeout=timeout, answers=answers)
        reason = self.reason(answer.text)
        if reason:
            raise CommandRejected(self.book.scrub(line.strip()), reason)
        return answer.text

    def prepare(self) -> None:
        """Make the terminal fit for a program, once."""
        if not self._prepared:
            self._prepared = True
            for line in self.preparation:
                self.exchange(line)

    def run(self, commands: Sequence[str]) -> list[str]:
        self.prepare()
        return [self._output(line) for line in commands]

    def _output(self, line: str) -> str:
        if isinstance(line, Tentative):
            return self.exchange(line, answers=self._refusals).text
        return self.command(line, answers=self._refusals)

    def converse(self, command: str, answers: Sequence[tuple[str, str]]) -> str:
        """One exec command whose questions (regular expressions) are answered as the user says."""
        self.prepare()
        given = [Dialogue(re.compile(rf"^.*(?:{question}).*?"), answer) for question, answer in answers]
        return self.command(command, answers=(*given, *self._refusals))

    @property
    def _refusals(self) -> tuple[Dialogue, ...]:
        return tuple(replace(dialogue, reply=dialogue.refusal) for dialogue in self.dialogues)

    def running_config(self) -> str:
        text = self.run([self.show_running])[0]
        return "\n".join(line for line in text.splitlines() if not self.quiet_lines.search(line)) + "\n"

    @property
    def facts(self) -> DeviceFacts:
        if self._facts is None:
            self._facts = self.learn()
        return self._facts

    def close(self) -> None:
        self.channel.close()

    # -- what each OS does in its own way -----------------------------------------------------------------------------

    show_running: ClassVar[str]

    @abstractmethod
    def learn(self) -> DeviceFacts:
        """Read and parse the version display."""

    @property
    def can_arm(self) -> bool:
        return False

    @abstractmethod
    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None: ...

    def on_trial(self) -> bool:
        return False

    def confirm(self) -> None:
        """Nothing is ever armed."""

    def abort(self) -> None:
        """Nothing is ever armed."""

    @abstractmethod
    def save(self) -> None: ...

    # -- shared by the OSs --------------------------------------------------------------------------------------------

    def send_lines(self, lines: Sequence[str], report: PushReport) -> None:
        """Send configuration lines one after the other; the first refusal ends it. Raises CommandRejected."""
        report.not_sent = list(lines)
        for line in lines:
            report.sent.append(report.not_sent.pop(0))  # before: a line whose answer is lost may have arrived
            answer = self.exchange(line.strip())
            reason = self.reason(answer.text)
            if reason:
                raise CommandRejected(self.book.scrub(line.strip()), reason)
            report.notes += self.remarks(answer.text)

    def remarks(self, text: str) -> list[str]:
        """What the device says to a line that it takes, and that a person would want to know."""
        return []


def _asked(said: str, dialogues: Sequence[Dialogue]) -> Dialogue | None:
    """The question that the text ends in, if any."""
    tail = said.rpartition("\n")[2]
    return next((entry for entry in dialogues if _at_end(entry.question).search(tail)), None)


@cache
def _at_end(question: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{question.pattern})\Z")


def _without_echo(text: str, line: str) -> str:
    """Drop the echoed line, also where the terminal wrapped it: at a fixed column, in the middle of a word or a gap."""
    head, newline, rest = text.partition("\n")
    if not newline:
        return text
    wanted, echoed = "".join(line.split()), "".join(head.split())
    while rest and echoed and echoed != wanted and wanted.startswith(echoed):
        more, newline, rest_after = rest.partition("\n")
        joined = echoed + "".join(more.split())
        if not newline or not wanted.startswith(joined):
            break
        echoed, rest = joined, rest_after
    return rest
