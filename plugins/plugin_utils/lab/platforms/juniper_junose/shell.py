# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CLI session of a JunOSe router: privilege levels, virtual routers, modes, errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...grammar import Failure, Match, Outcome
from ...shell import Ask, PagerStyle, Reply, Shell
from .commands import modes
from .config import DEFAULT, JunoseConfig

if TYPE_CHECKING:
    from ...terminal import Terminal
    from .device import JunoseDevice

MAX_LEVEL = 15
_SECRETS = re.compile(r"((?:^|\s)(?:masked-key|key|password|secret)\s+)\S.*", re.IGNORECASE)


class Refused(Exception):
    """A command that was understood but is not carried out; the text follows the ``%``."""


class WrongWord(Exception):
    """The word of the line that the caret points at."""


class JunoseShell(Shell):
    """One session: privilege ``level``, ``mode`` ("" = exec) and the virtual ``router`` whose context is active."""

    pager = PagerStyle(" --More-- ", "\r          \r")
    device: JunoseDevice

    def __init__(self, device: JunoseDevice, terminal: Terminal) -> None:
        super().__init__(device, terminal)
        self.level = MAX_LEVEL if device.options.get("privileged") else 1
        self.mode = ""
        self.router = DEFAULT
        self.section = ""  # text of the top-level line whose sub-mode this is
        self._shown_prompt = ""
        self._modes = modes()

    # -- Shell ----------------------------------------------------------------------------------------------------

    def banner(self) -> str:
        session = self.terminal.session
        via = "SSH" if session.transport == "ssh" else session.transport
        return (
            f"Logged in on vty {session.id - 1} via {via}.\n"
            "Copyright (c) 1999-2010 Juniper Networks, Inc.  All rights reserved.\n"
        )

    def prompt(self) -> str:
        router = f":{self.router}" if self.router != DEFAULT else ""
        mode = f"({self.mode})" if self.mode else ""
        self._shown_prompt = f"{self.device.hostname}{router}{mode}{'#' if self.level > 1 else '>'}"
        return ("\x00" if self.device.options.get("nul_bytes") else "") + self._shown_prompt

    def execute(self, line: str) -> Reply:
        if not line.strip() or line.lstrip()[0] == "!":
            return Reply()
        if self.mode:
            found = re.match(r"\s*(?:do|run)\s+(?=\S)", line)
            if found:
                return self._run("priv", line[found.end() :], found.end())
        return self._run(self.mode or ("priv" if self.level > 1 else "user"), line, 0)

    def _run(self, mode: str, line: str, offset: int) -> Reply:
        body, mark, pipe = line.partition("|") if re.match(r"\s*sh", line) else (line, "", "")
        found = self._modes[mode].match(body.rstrip())
        if found is None:
            return Reply()
        if isinstance(found, Failure):
            return Reply(self._error(found, offset))
        try:
            result = found.command.handler(self, found)
        except Refused as refused:
            return Reply(f"% {refused}\n")
        except WrongWord as wrong:
            at = max(0, body.rfind(str(wrong)))
            return Reply(self._error(Failure(Outcome.WRONG_PARAMETER, at), offset))
        reply = result if isinstance(result, Reply) else Reply(result or "")
        return self._filtered(reply, pipe, line, offset) if mark else reply

    def help(self, line: str) -> str:
        found = self._modes[self.mode or ("priv" if self.level > 1 else "user")].help(line)
        if isinstance(found, Failure):
            return self._error(found, 0)
        width = max((len(item.symbol) for item in found), default=0)
        return "".join(f"  {item.symbol:<{width}}  {item.text}".rstrip() + "\n" for item in found)

    def complete(self, line: str) -> str:
        return self._modes[self.mode or ("priv" if self.level > 1 else "user")].complete(line)

    def control(self, key: str, line: str) -> Reply | None:
        if key == "\x1a":
            self.leave()
            return Reply()
        return None

    def mask(self, line: str) -> str:
        return _SECRETS.sub(r"\1********", line)

    # -- errors and filters ---------------------------------------------------------------------------------------

    def _error(self, failure: Failure, offset: int) -> str:
        if failure.outcome is Outcome.INCOMPLETE:
            return "% Incomplete command\n"
        if failure.outcome is Outcome.AMBIGUOUS:
            return f'% Ambiguous command:  "{failure.token}"\n'
        return (
            " " * (len(self._shown_prompt) + offset + failure.column) + "^\n% Invalid input detected at '^' marker.\n"
        )

    def _filtered(self, reply: Reply, pipe: str, line: str, offset: int) -> Reply:
        words = pipe.split(None, 1)
        kinds = [kind for kind in ("include", "exclude", "begin") if words and kind.startswith(words[0].lower())]
        if not words or (kinds and len(words) < 2):
            return Reply("% Incomplete command\n")
        try:
            pattern = re.compile(words[1].strip() if len(words) > 1 else "(")
        except re.error:
            kinds = []
        if len(kinds) != 1:
            at = line.find("|") + 1 + len(pipe) - len(pipe.lstrip())
            return Reply(self._error(Failure(Outcome.UNRECOGNIZED, at), offset))
        lines = reply.text.splitlines(keepends=True)
        if kinds[0] == "begin":
            start = next((index for index, text in enumerate(lines) if pattern.search(text)), len(lines))
            return Reply("".join(lines[start:]))
        return Reply("".join(text for text in lines if bool(pattern.search(text)) == (kinds[0] == "include")))

    # -- modes and edits ------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """To exec mode."""
        self.mode, self.section = "", ""

    def enter(self, mode: str, section: str) -> None:
        self.mode, self.section = mode, section

    def raise_level(self, level: int) -> Reply:
        """To a privilege level, by way of the enable password if there is one."""
        if level <= self.level or not self.device.spec.enable_password:
            self.level = max(level, 1)
            return Reply()
        left = [2]

        def answer(line: str) -> Reply:
            if self.device.check_enable(line):
                self.level = level
                return Reply()
            left[0] -= 1
            ask = Ask("Password: ", answer, hidden=True, mask="*")
            return Reply("", ask=ask) if left[0] >= 0 else Reply("% Bad password\n")

        return Reply(ask=Ask("Password: ", answer, hidden=True, mask="*"))

    def edit(self, change: Callable[[JunoseConfig], object]) -> None:
        """Apply a change to the running configuration at once."""
        fresh = self.device.config.copy()
        change(fresh)
        if fresh.text() != self.device.config.text():
            self.device.set_config(fresh)

    def edit_section(self, change: Callable[[Line], object]) -> None:
        """Apply a change to the section whose sub-mode this is."""
        router: str | None = self.router if self.mode == "config-if" else None

        def inside(config: JunoseConfig) -> None:
            lines = config.section(router) if router else config.lines
            change(next(line for line in lines if line.text == self.section))

        self.edit(inside)


Handler = Callable[[JunoseShell, Match], "Reply | str | None"]
