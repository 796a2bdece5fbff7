# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every platform is made of: a description as data, and a CLI session that most of them only refine."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import Any, ClassVar

from ..engine.channel import Channel, NoAnswer
from ..engine.configuration import ConfigText
from ..engine.device import DeviceFacts
from ..engine.plan import Plan, Planner
from ..engine.secret import SecretBook
from ..engine.session import CommandRejected, PushReport, Tentative
from .netconf import NetconfPlatform
from .recognition import Recognition

MOST_QUESTIONS = 20
"""Questions that one command may ask before it is given up."""
MOST_AHEAD = 20
"""Lines that are typed before the answer to the first of them has come."""

_READS = re.compile(r"(?:show|display)\s")
"""What only shows asks nothing and changes nothing, so the line after it may be typed already."""
_NAME = "\0"
"""Stands for the device's name in prompts. No channel lets this character through, so no text has it."""


@dataclass(frozen=True)
class Platform:
    """One network operating system.

    `drivers`: per transport (`ssh`, `telnet`) the netmiko driver class that logs in.
    `session`: builds the engine's session from an open channel. `plan`: turns two canonical texts into commands.
    `recognition`: what gives the OS away. `text`: how its configuration text is read, compared and extended.
    `secrets`: where native text (configuration, show output) holds keys, each pattern with a group `secret`.
    `netconf`: what there is to know of its NETCONF server; None where devices are not reached that way.
    """

    name: str
    title: str
    drivers: Mapping[str, type[Any]]
    session: type[CliSession]
    plan: Planner
    recognition: Recognition
    text: ConfigText
    secrets: tuple[re.Pattern[str], ...] = ()
    netconf: NetconfPlatform | None = None


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


@dataclass(frozen=True)
class AnswerEnd:
    """A prompt or a question at the end of a text. They are apart because only the prompt has the device's name.

    `names`: what this device alone has in its prompts, once that is known. They are taken out of the text instead of
    being put into the expression, so that one expression, compiled once, serves all devices of an OS.
    """

    prompt: re.Pattern[str]
    questions: re.Pattern[str]
    names: tuple[str, ...] = ()

    def search(self, text: str, pos: int = 0, endpos: int = sys.maxsize, /) -> re.Match[str] | None:
        return self._prompted(text, pos, endpos) or self.questions.search(text, pos, endpos)

    def _prompted(self, text: str, pos: int, endpos: int) -> re.Match[str] | None:
        if not self.names:
            return self.prompt.search(text, pos, endpos)
        line = text[max(pos, text.rfind("\n", pos, endpos) + 1) : endpos]
        return next(
            filter(None, (self.prompt.search(bare) for name in self.names for bare in _without(name, line))), None
        )


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
    occasional: ClassVar[tuple[tuple[Dialogue, ...], ...]] = ()
    """What single commands may be asked, where it is something else than `dialogues`."""
    preparation: ClassVar[tuple[str, ...]] = ()
    """Lines sent once after login (paging off); a refusal is ignored."""
    types_ahead: ClassVar[bool] = True
    """Whether, with paging off, lines may be typed before the answer to the one before has come."""
    leaves: ClassVar[frozenset[str]] = frozenset(("exit", "quit"))
    """Configuration lines that leave a section that was entered: never refused, whatever comes next."""
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(r"\A\Z")
    """Lines of a running configuration that change without a change."""

    def __init__(self, channel: Channel, book: SecretBook) -> None:
        self.channel, self.book = channel, book
        self._facts: DeviceFacts | None = None
        self._prepared = False
        self._ahead = False
        self._foreseen: list[str] = []
        self._held: dict[str, Answer] = {}
        self._closing: list[str] = []
        self.hostname = ""
        self._questions = {dialogue.question for dialogue in self.dialogues}
        self._ending = self._ending_for(self.dialogues)

    @classmethod
    def warm_up(cls) -> None:
        """Compile, once for all of Ansible's workers, what no device changes."""
        for host in (_unknown(cls.any_host), _NAME):
            _prompt_at_end(cls.prompt.replace("{host}", host))
        for dialogues in (cls.dialogues, *cls.occasional):
            _any_at_end(dialogues)
            asked("", dialogues)

    @property
    def _names(self) -> tuple[str, ...]:
        """What stands in this device's prompts, as far as it is known."""
        return (self.hostname,) if self.hostname else ()

    def _host_pattern(self) -> str:
        return _NAME if self._names else _unknown(self.any_host)

    def _ending_for(self, dialogues: Sequence[Dialogue]) -> AnswerEnd:
        prompt = _prompt_at_end(self.prompt.replace("{host}", self._host_pattern()))
        return AnswerEnd(prompt, _any_at_end(tuple(dialogues)), self._names)

    def _recognise(self, prompt: str) -> None:
        """From the first prompt on, only this device's prompts end an answer."""
        found = self._ending.prompt.search(prompt)
        if found and found["host"]:
            self.hostname = found["host"]
            self._ending = self._ending_for(self.dialogues)

    # -- the conversation ---------------------------------------------------------------------------------------------

    def exchange(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> Answer:
        """Send one (sealed) line, answer what it asks (`answers` before the OS's own dialogues), return the rest."""
        known = (*answers, *self.dialogues) if answers else self.dialogues
        asked_for = [dialogue for dialogue in known if dialogue.question not in self._questions]
        ending = self._ending_for([*asked_for, *self.dialogues]) if asked_for else self._ending
        self._held = {}
        said = ""
        reply: str | None = self.book.reveal(line)
        key, questions = False, 0
        while reply is not None:
            text = self.channel.ask(reply, ending, timeout=timeout, key=key)
            # The echo of an answer ends the line of its question; a pager's key has none.
            said += text if key else ("\n" if said else "") + _without_echo(text, reply)
            question = asked(said, known)
            reply, key = (question.reply, question.key) if question else (None, False)
            questions += 0 if key else 1
            if questions > MOST_QUESTIONS:
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
            self._tame()

    def _tame(self) -> str:
        """Send the preparation and return the prompt. Where it is refused (a pager stays), nothing is typed ahead."""
        answers = self._together(self.preparation) if self.types_ahead else [*map(self.exchange, self.preparation)]
        self._ahead = self.types_ahead and not any(self.reason(answer.text) for answer in answers)
        return answers[-1].prompt if answers else ""

    # -- several lines in one round trip ------------------------------------------------------------------------------

    def _together(self, lines: Sequence[str], answers: Sequence[Dialogue] | None = None) -> list[Answer]:
        """Type all lines, then take their answers."""
        if len(lines) > 1:
            self.channel.send_ahead([self.book.reveal(line) for line in lines])
        return [self.exchange(line, answers=answers) for line in lines]

    def foresee(self, commands: Sequence[str]) -> None:
        self._foreseen = list(commands)

    def _with_foreseen(self, lines: Sequence[str], answers: Sequence[Dialogue] | None = None) -> list[Answer]:
        """The answers to the lines; what is foreseen is fetched in the same round trip, and held until it is wanted."""
        more = [line for line in dict.fromkeys(self._foreseen) if line not in lines and _READS.match(line)]
        self._foreseen = []
        if not self._ahead:
            return [self.exchange(line, answers=answers) for line in lines]
        found: list[Answer] = []
        wanted, first = [*self._closing, *lines, *more], len(self._closing)
        self._closing = []
        for start in range(0, len(wanted), MOST_AHEAD):
            found += self._together(wanted[start : start + MOST_AHEAD], answers)
        self._held = dict(zip(more, found[first + len(lines) :], strict=True))
        return found[first : first + len(lines)]

    def run(self, commands: Sequence[str]) -> list[str]:
        self.prepare()
        held = {line: self._held.pop(line) for line in commands if line in self._held}
        unknown = [line for line in dict.fromkeys(commands) if line not in held]
        if self._ahead and (self._foreseen or len(unknown) > 1) and all(map(_READS.match, unknown)):
            held |= zip(unknown, self._with_foreseen(unknown, self._refusals), strict=True)
        return [self._output(line, held.get(line)) for line in commands]

    def _output(self, line: str, held: Answer | None) -> str:
        if held is None and not isinstance(line, Tentative):
            return self.command(line, answers=self._refusals)
        answer = held or self.exchange(line, answers=self._refusals)
        reason = None if isinstance(line, Tentative) else self.reason(answer.text)
        if reason:
            raise CommandRejected(self.book.scrub(line.strip()), reason)
        return answer.text

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

    def describe(self) -> DeviceFacts:
        return self.facts

    def close(self) -> None:
        self.channel.close()

    @property
    def trial_commands(self) -> Sequence[str]:
        return ()

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

    def send_lines(self, lines: Sequence[str], report: PushReport, *, candidate: bool = False) -> None:
        """Send configuration lines; the first refusal ends it. Raises CommandRejected.

        Nothing that takes effect is typed before the line before it has been judged: only what leaves a section goes
        out together with the next line. In a `candidate`, which is dropped as a whole, so do the lines of a section.
        """
        report.not_sent, self._closing = list(lines), []
        pieces = in_pieces(lines, self.leaves, candidate=candidate) if self._ahead else [[line] for line in lines]
        for piece in pieces:
            report.sent += piece  # before: a line whose answer is lost may have arrived
            del report.not_sent[: len(piece)]
            typed = [line.strip() for line in piece]
            if not report.not_sent and self._ahead and self.leaves.issuperset(typed):
                self._closing = typed  # together with what leaves the configuration
                return
            if len(typed) > 1:
                self.channel.send_ahead([self.book.reveal(line) for line in typed])
            for line in typed:
                self._take(line, report)

    def _take(self, line: str, report: PushReport) -> None:
        answer = self.exchange(line)
        reason = self.reason(answer.text)
        if reason:
            raise CommandRejected(self.book.scrub(line), reason)
        report.notes += self.remarks(answer.text)

    def remarks(self, text: str) -> list[str]:
        """What the device says to a line that it takes, and that a person would want to know."""
        return []


def in_pieces(lines: Sequence[str], leaves: frozenset[str], *, candidate: bool) -> list[list[str]]:
    """Configuration lines in groups that may be typed in one go.

    A line that enters a section ends its group: were it refused, the next lines would be meant for another section.
    What removes something may ask whether it should, so it goes alone.
    """
    pieces: list[list[str]] = []
    piece: list[str] = []
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if piece and _REMOVES.match(line):
            pieces.append(piece)
            piece = []
        piece.append(line)
        leaving = line.strip() in leaves
        entering = _depth(following) > _depth(line) and not leaving
        alone = entering or _REMOVES.match(line) or len(piece) >= MOST_AHEAD
        if alone or not (candidate or leaving):
            pieces.append(piece)
            piece = []
    return [*pieces, piece] if piece else pieces


_REMOVES = re.compile(r"\s*(?:undo|no|delete|reset|clear)\s")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def asked(said: str, dialogues: Sequence[Dialogue]) -> Dialogue | None:
    """The question that the text ends in, if any."""
    tail = said.rpartition("\n")[2]
    return next((entry for entry in dialogues if _at_end(entry.question).search(tail)), None)


def _unknown(name: str) -> str:
    return f"(?P<host>{name})"


def _without(name: str, line: str) -> Iterator[str]:
    """The line with the name taken out, for each place where it stands."""
    at = line.find(name)
    while at >= 0:
        yield f"{line[:at]}{_NAME}{line[at + len(name) :]}"
        at = line.find(name, at + 1)


@cache
def _prompt_at_end(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})\Z", re.MULTILINE)


@cache
def _any_at_end(dialogues: tuple[Dialogue, ...]) -> re.Pattern[str]:
    questions = "|".join(f"(?:{dialogue.question.pattern})" for dialogue in dialogues)
    return re.compile(rf"(?:{questions or '(?!)'})\Z", re.MULTILINE)


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
