# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CLI session of a VRP device: views, prompts, candidate handling, errors and questions."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...grammar import Failure, Match, Mode, Outcome
from ...shell import Ask, PagerStyle, Reply, Shell
from .commands import modes_of
from .commit import Candidate, CommitRefused, EditFunction
from .config import EditError, VrpConfig, WrongValue

if TYPE_CHECKING:
    from ...terminal import Terminal
    from .device import VrpDevice

_ERRORS = {
    Outcome.UNRECOGNIZED: "Unrecognized command",
    Outcome.INCOMPLETE: "Incomplete command",
    Outcome.AMBIGUOUS: "Ambiguous command",
    Outcome.WRONG_PARAMETER: "Wrong parameter",
    Outcome.TOO_MANY: "Too many parameters",
}
_UNCOMMITTED = {
    1: "Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:",
    2: "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? "
    "[Y(yes)/N(no)/C(cancel)]:",
}
# Abbreviated words count too; masking a little more than secrets is harmless.
_SECRETS = re.compile(
    r"((?:\bci\w*|\bpl\w*|\bkey-s\w*|\bpass\w*|\birrev\S*|\bauth\w*\s+[cp]\w*)\s+)"
    r"(?!ci\w*\s|pl\w*\s|irrev)\S.*",
    re.I,
)


@dataclass(frozen=True)
class View:
    """A place in the CLI: ``path`` names the configuration section it edits."""

    mode: str
    suffix: str = ""
    path: tuple[str, ...] = ()


USER, SYSTEM = View("user"), View("system")


class VrpShell(Shell):
    """One session."""

    # Erase sequence [guess]: a residue of 42 blanks was seen in captures.
    pager = PagerStyle("  ---- More ----", "\x1b[42D" + " " * 42 + "\x1b[42D", quit_keys="\x03qQ", other_stops=True)
    device: VrpDevice

    def __init__(self, device: VrpDevice, terminal: Terminal) -> None:
        super().__init__(device, terminal)
        self.screen_length = int(device.options.get("screen_length", 24))
        self.default_screen_length = self.screen_length
        self.views: list[View] = [USER]
        self.immediate = not device.dialect.two_phase
        self.mmi_mode = False
        self.forward_upper = False
        self.candidate: Candidate | None = None
        self._shown_prompt = ""
        self._modes: dict[str, Mode] = modes_of(device.dialect)

    # -- identity -------------------------------------------------------------------------------------------------

    @property
    def session_id(self) -> int:
        """The number in ``[Session ID = 407]``."""
        return 400 + self.terminal.session.id

    @property
    def user(self) -> str:
        return self.terminal.session.user or self.device.username

    @property
    def view(self) -> View:
        return self.views[-1]

    @property
    def dirty(self) -> bool:
        return self.candidate is not None and bool(self.candidate.edits)

    @property
    def config(self) -> VrpConfig:
        """What this session edits: its candidate, else the running configuration. Read only."""
        return self.device.config if self.candidate is None else self.candidate.config

    # -- Shell ----------------------------------------------------------------------------------------------------

    def banner(self) -> str:
        device = self.device
        online = len(device.sessions)
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(device.world.time))
        text = ""
        if device.options.get("initial_password_warning"):
            text += "\nWarning: The initial password poses security risks.\n"
        if device.dialect.family == "vrp8":
            return text + (
                f"\nInfo: The max number of VTY users is {device.max_sessions}, the number of current VTY users online"
                f" is {online}, and total number of terminal users online is {online}.\n"
                f"      The current login time is {now}.\n"
            )
        return text + (
            f"\nInfo: The max number of VTY users is {device.max_sessions}, and the number\n"
            f"      of current VTY users on line is {online}.\n"
            f"      The current login time is {now}+00:00.\n"
        )

    def prompt(self) -> str:
        self._shown_prompt = self._make_prompt()
        return self._shown_prompt

    def _make_prompt(self) -> str:
        if self.view is USER:
            return f"<{self.device.hostname}>"
        mark = "" if self.immediate else "*" if self.dirty else "~"
        return f"[{mark}{self.device.hostname}{self.view.suffix}]"

    def execute(self, line: str) -> Reply:
        if not line.strip() or line.lstrip()[0] in "#!":
            return Reply()
        body, pipe = self._split_filter(line)
        found = self._match(body)
        if isinstance(found, Failure):
            return Reply(self._caret(found))
        if found is None:
            return Reply()
        try:
            result = found.command.handler(self, found)
        except EditError as error:
            return Reply(f"Error: {error}\n")
        except CommitRefused as refused:
            return Reply(str(refused))
        except WrongValue as wrong:
            at = max(0, line.rfind(str(wrong)))
            return Reply(self._caret(Failure(Outcome.WRONG_PARAMETER, at)))
        reply = result if isinstance(result, Reply) else Reply(result or "")
        if pipe is not None:
            return self._filtered(reply, pipe, line)
        return reply

    def _match(self, line: str) -> Match | Failure | None:
        found = self._modes[self.view.mode].match(line)
        if isinstance(found, Failure) and found.outcome is Outcome.UNRECOGNIZED and len(self.views) > 2:
            first = line.split()[0] if line.split() else ""
            # VRP5 jumps straight from one interface view to another; VRP8 only when told to forward.
            if self.forward_upper or (
                not self.device.dialect.two_phase and "interface".startswith(first.lower()) and len(first) > 2
            ):
                return self._match_upper(line, found)
        return found

    def _match_upper(self, line: str, failure: Failure) -> Match | Failure | None:
        for depth in range(len(self.views) - 1, 1, -1):
            found = self._modes[self.views[depth - 1].mode].match(line)
            if not isinstance(found, Failure):
                del self.views[depth:]
                return found
        return failure

    def help(self, line: str) -> str:
        found = self._modes[self.view.mode].help(line)
        if isinstance(found, Failure):
            return " " * (len(self._shown_prompt) + found.column) + f"^\n{self._error(found)}\n"
        if line and not line[-1].isspace():
            return "".join(f"  {item.symbol}\n" for item in found)
        width = max((len(item.symbol) for item in found), default=0)
        return "".join(f"  {item.symbol:<{width}}  {item.text}".rstrip() + "\n" for item in found)

    def complete(self, line: str) -> str:
        return self._modes[self.view.mode].complete(line)

    def control(self, key: str, line: str) -> Reply | None:
        if key == "\x1a":
            return Reply() if self.view is USER else self.leave(len(self.views) - 1)
        return None

    def mask(self, line: str) -> str:
        return _SECRETS.sub(r"\1********", line)

    def closed(self) -> None:
        self.candidate = None
        if self.device.commits.lock == self.session_id:
            self.device.commits.lock = None

    # -- errors and filters ---------------------------------------------------------------------------------------

    def _caret(self, failure: Failure) -> str:
        return " " * (len(self._shown_prompt) + failure.column) + f"^\n{self._error(failure)}\n"

    @staticmethod
    def _error(failure: Failure) -> str:
        return f"Error: {_ERRORS[failure.outcome]} found at '^' position."

    @staticmethod
    def _split_filter(line: str) -> tuple[str, str | None]:
        if not re.match(r"\s*dis", line, re.I):
            return line, None
        body, mark, pipe = line.partition("|")
        return (body.rstrip(), pipe) if mark else (line, None)

    def _filtered(self, reply: Reply, pipe: str, line: str) -> Reply:
        words = pipe.split(None, 1)
        start = line.find("|") + 1
        kinds = [
            kind for kind in ("include", "exclude", "begin", "section") if words and kind.startswith(words[0].lower())
        ]
        if len(kinds) != 1 or len(words) < 2:
            outcome = Outcome.UNRECOGNIZED if words and not kinds else Outcome.INCOMPLETE
            at = len(line.rstrip()) if outcome is Outcome.INCOMPLETE else start + len(pipe) - len(pipe.lstrip())
            return Reply(self._caret(Failure(outcome, at)))
        wanted = words[1].strip()
        if kinds[0] == "section" and wanted.lower().startswith("include "):
            wanted = wanted[8:].strip()
        try:
            pattern = re.compile(wanted)
        except re.error:
            return Reply(self._caret(Failure(Outcome.WRONG_PARAMETER, line.rfind(wanted))))
        return Reply(_filter(kinds[0], pattern, reply.text), reply.ask, reply.close)

    # -- questions ------------------------------------------------------------------------------------------------

    def confirm(self, question: str, then: Callable[[], Reply]) -> Reply:
        """Ask Y/N unless confirmations are off; ``then`` runs on Y."""
        off = self.config.section("configuration prevent-misoperation disable") is not None
        if self.mmi_mode or off:
            return then()

        def answer(line: str) -> Reply:
            word = line.strip().lower()
            if word in ("y", "yes"):
                try:
                    return then()
                except EditError as error:
                    return Reply(f"Error: {error}\n")
                except CommitRefused as refused:
                    return Reply(str(refused))
            if word in ("n", "no"):
                return Reply()
            return Reply(ask=Ask("Error: Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:", answer))

        return Reply(ask=Ask(question, answer))

    # -- views ----------------------------------------------------------------------------------------------------

    def enter(self, view: View) -> None:
        self.views.append(view)

    def leave(self, levels: int) -> Reply:
        """Go up; leaving the last configuration view with uncommitted lines asks first."""
        if len(self.views) - levels > 1 or not self.dirty:
            return self._left(levels)
        if self.mmi_mode:
            return self._commit_and_leave(levels)
        question = _UNCOMMITTED[2 if str(self.device.options.get("uncommitted_question", 1)) == "2" else 1]
        return Reply(ask=Ask(question, lambda line: self._uncommitted_answer(line, levels)))

    def _uncommitted_answer(self, line: str, levels: int) -> Reply:
        word = line.strip().lower()
        if word in ("y", "yes"):
            return self._commit_and_leave(levels)
        if word in ("n", "no"):
            self.candidate = None
            return self._left(levels)
        if word in ("c", "cancel"):
            return Reply()
        text = "Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:"
        return Reply(ask=Ask(text, lambda again: self._uncommitted_answer(again, levels)))

    def _commit_and_leave(self, levels: int) -> Reply:
        try:
            self.commit()
        except CommitRefused as refused:
            return Reply(str(refused))
        return self._left(levels)

    def _left(self, levels: int) -> Reply:
        if levels >= len(self.views):
            return Reply(close=True)
        del self.views[len(self.views) - levels :]
        if self.view is USER:
            self.candidate = None
            self.immediate = not self.device.dialect.two_phase
            if self.device.commits.lock == self.session_id:
                self.device.commits.lock = None
        return Reply()

    # -- edits ----------------------------------------------------------------------------------------------------

    def edit(self, match: Match, function: EditFunction) -> Reply:
        """Apply a configuration line: to the candidate, or at once in immediate mode."""
        device = self.device
        line = match.line.strip()
        if self.immediate:
            device.commits.check_free(self.session_id, self.user)
            fresh = device.config.copy()
            function(fresh)
            if fresh.text() != device.config.text():
                device.changed_by = self.user
                device.set_config(fresh)
            return Reply()
        if self.candidate is None:
            self.candidate = Candidate(device.config.copy(), device.version)
        self.candidate.edit(line, function)
        if not self.candidate.edits:
            self.candidate = None
        return Reply()

    def commit(self, *, trial: int | None = None, label: str = "", description: str = "") -> str:
        """Commit the candidate; the text the device prints. CommitRefused when it stays uncommitted."""
        device = self.device
        store = device.commits
        store.check_free(self.session_id, self.user)
        fault = device.faults.take("fail_commit") if self.dirty else None
        if fault is not None and self.candidate is not None:
            text = str(fault.params.get("text", "Error: Failed to commit the configuration."))
            raise CommitRefused(f"{self.candidate.edits[-1][0]}\n{text}\n")
        if self.candidate is None:
            if trial is None:  # a plain commit confirms
                store.end_trial()
            return ""
        self.candidate.rebase(device)
        before = device.config.text()
        device.changed_by = self.user
        store.record(self.candidate.config, self.user, f"VTY {self.terminal.session.id - 1}", "CLI", label, description)
        self.candidate = None
        if trial is None:
            store.end_trial()
            return ""
        store.start_trial(self.user, self.session_id, trial, before)
        return (
            "Committing..done.\n"
            "Info: The system enters the trial configuration mode.\n"
            "The system will revert to previous configuration if the trial configuration is not confirmed in "
            f"{trial} seconds.\n"
        )


def _filter(kind: str, pattern: re.Pattern[str], text: str) -> str:
    lines = text.splitlines(keepends=True)
    if kind == "include":
        return "".join(line for line in lines if pattern.search(line))
    if kind == "exclude":
        return "".join(line for line in lines if not pattern.search(line))
    if kind == "begin":
        start = next((index for index, line in enumerate(lines) if pattern.search(line)), len(lines))
        return "".join(lines[start:])
    sections: list[list[str]] = []
    for line in lines:
        if line[:1].isspace() and sections:
            sections[-1].append(line)
        else:
            sections.append([line])
    return "".join("".join(part) for part in sections if any(pattern.search(line) for line in part))
