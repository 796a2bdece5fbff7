# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CLI session of an IOS XE device: modes, prompts, carets, filters, questions (reference section 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...grammar import Failure, Match, Mode, Outcome
from ...shell import Ask, PagerStyle, Reply, Shell
from .commands import modes_of
from .config import EditError, IosConfig, WrongValue, begins
from .filters import apply_filter, split_filter

if TYPE_CHECKING:
    from ...terminal import Terminal
    from .device import IosDevice

PROMPT_NAME = 20  # characters of the host name in configuration prompts
_LISP_INSIDE = ("ao", "service", "iservice", "instance", "site", "locator-set", "dynamic-eid")
_UNKNOWN = "% Bad IP address or host name% Unknown command or computer name, or unable to find computer address\n"
# Abbreviated words count too; masking a little more than secrets is harmless.
_SECRETS = re.compile(
    r"((?:\bkey-s\w*|\bpass\w*|\bsecret|\bauthentication-k\w*|\bauth\w*-key|\bmap-s\w*\s+\S+\s+key"
    r"|\bconfig-key\s+\S+|\bcommunity|\bkey)\s+)(?!chain\b|config-key\b|\d+$)\S.*",
    re.I,
)


@dataclass(frozen=True)
class View:
    """A place in the CLI: ``path`` names the configuration section it edits."""

    mode: str
    prompt: str = ""
    path: tuple[str, ...] = ()


CONFIG = View("config", "config")


class IosShell(Shell):
    """One session. ``views`` is empty in exec mode."""

    pager = PagerStyle(" --More-- ", "\b" * 10 + " " * 10 + "\b" * 10, quit_keys="qQ\x03", other_stops=True)
    device: IosDevice

    def __init__(self, device: IosDevice, terminal: Terminal) -> None:
        super().__init__(device, terminal)
        self.screen_length = int(device.options.get("screen_length", 24))
        self.privilege = device.login_privilege
        self.views: list[View] = []
        self.edited = False
        self.monitor = bool(device.options.get("terminal_monitor", False))
        self._shown_prompt = ""
        self._modes: dict[str, Mode] = modes_of(device.dialect)

    # -- identity -------------------------------------------------------------------------------------------------

    @property
    def user(self) -> str:
        return self.terminal.session.user or self.device.username

    @property
    def line(self) -> str:
        return f"vty{(self.terminal.session.id - 1) % 16}"

    @property
    def view(self) -> View:
        return self.views[-1] if self.views else View("exec" if self.privilege >= 15 else "user")

    @property
    def config(self) -> IosConfig:
        """The running configuration. Read only."""
        return self.device.config

    # -- Shell ----------------------------------------------------------------------------------------------------

    def banner(self) -> str:
        return str(self.device.options.get("banner", "")) + "\n"

    def prompt(self) -> str:
        name = self.device.hostname
        if self.views:
            self._shown_prompt = f"{name[:PROMPT_NAME]}({self.view.prompt})#"
        else:
            self._shown_prompt = f"{name}{'#' if self.privilege >= 15 else '>'}"
        return self._shown_prompt

    def execute(self, line: str) -> Reply:
        if not line.strip() or line.lstrip()[0] == "!":
            return Reply()
        self.device.rollbacks.seen(self.user)
        body, pipe = split_filter(line)
        try:
            reply = self.run(body)
        except WrongValue as wrong:
            return Reply(self._caret(max(0, line.rfind(str(wrong)))))
        if pipe is None or reply.ask is not None:
            return reply
        filtered = apply_filter(pipe, reply.text)
        if isinstance(filtered, int):
            if filtered >= len(pipe.rstrip()):
                return Reply("% Incomplete command.\n\n")
            return Reply(self._caret(len(line) - len(pipe) + filtered))
        return Reply(filtered, None, reply.close)

    def run(self, line: str) -> Reply:
        """Match and run one line in the current mode."""
        found = self._match(line)
        if found is None:
            return Reply()
        if isinstance(found, Failure):
            return Reply(self._failure(found, line))
        try:
            result = found.command.handler(self, found)
        except EditError as error:
            return Reply(str(error))
        return result if isinstance(result, Reply) else Reply(result or "")

    def run_exec(self, line: str) -> Reply:
        """``do …``: an exec command from configuration mode."""
        found = self._modes["exec"].match(line)
        if found is None:
            return Reply()
        if isinstance(found, Failure):
            shift = found.column + self._typed_offset(line)
            return Reply(self._failure(Failure(found.outcome, shift, found.token), line))
        result = found.command.handler(self, found)
        return result if isinstance(result, Reply) else Reply(result or "")

    @staticmethod
    def _typed_offset(_line: str) -> int:
        return len("do ")

    def help(self, line: str) -> str:
        found = self._modes[self.view.mode].help(line)
        if isinstance(found, Failure):
            if found.outcome is Outcome.AMBIGUOUS:
                return f'% Ambiguous command:  "{line}"\n'
            return "% Unrecognized command\n"
        if line and not line[-1].isspace():
            return "  ".join(item.symbol for item in found) + "\n\n"
        width = max((len(item.symbol) for item in found), default=0)
        return "".join(f"  {item.symbol:<{width}}  {item.text}".rstrip() + "\n" for item in found) + "\n"

    def complete(self, line: str) -> str:
        return self._modes[self.view.mode].complete(line)

    def control(self, key: str, line: str) -> Reply | None:
        if key == "\x1a" and self.views:
            return self.leave(len(self.views))
        return None

    def interrupted(self) -> Reply | None:
        return Reply("\n")

    def mask(self, line: str) -> str:
        return _SECRETS.sub(r"\1********", line)

    def internal_error(self) -> str:
        return "% Internal error"

    def closed(self) -> None:
        if self.views:
            self._configured()

    # -- matching -------------------------------------------------------------------------------------------------

    def _match(self, line: str) -> Match | Failure | None:
        """The line in this mode, else in the modes around it: leaving modes without typing exit (a [guess])."""
        found = self._modes[self.view.mode].match(line)
        if not isinstance(found, Failure) or len(self.views) < 2:
            return found
        best = found
        for depth in range(len(self.views) - 1, 0, -1):
            view = self.views[depth - 1]
            if self._skipped(view):
                continue
            outer = self._modes[view.mode].match(line)
            if not isinstance(outer, Failure):
                del self.views[depth:]
                return outer
            if outer.column > best.column:
                best = outer
        return best

    def _skipped(self, view: View) -> bool:
        """Below router lisp a word means another thing on every level, so only the global mode is tried."""
        inside = self.view.mode in _LISP_INSIDE
        return inside and view.mode != "config" and not self.device.dialect.lisp_fall_through

    def _failure(self, failure: Failure, line: str) -> str:
        if failure.outcome is Outcome.INCOMPLETE:
            return "% Incomplete command.\n\n"
        if failure.outcome is Outcome.AMBIGUOUS:
            return f'% Ambiguous command:  "{line.strip()}"\n'
        words = line.split()
        if not self.views and len(words) == 1 and failure.column == line.find(words[0]):
            translating = self.device.options.get("translating", False)
            return (f'Translating "{words[0]}"...domain server (255.255.255.255)\n' if translating else "") + _UNKNOWN
        return self._caret(self._bad_character(failure, line))

    def _bad_character(self, failure: Failure, line: str) -> int:
        """The column of the first character that no keyword has there."""
        if failure.outcome is not Outcome.UNRECOGNIZED:
            return failure.column
        before, token = line[: failure.column], failure.token
        for length in range(len(token) - 1, 0, -1):
            for mode in {self.view.mode, *(view.mode for view in self.views)}:
                helps = self._modes[mode].help(before + token[:length])
                if not isinstance(helps, Failure):
                    return failure.column + length
        return failure.column

    def _caret(self, column: int) -> str:
        return " " * (len(self._shown_prompt) + column) + "^\n% Invalid input detected at '^' marker.\n\n"

    # -- questions ------------------------------------------------------------------------------------------------

    def confirm(self, question: str, then: Callable[[], Reply]) -> Reply:
        """``[confirm]``: Enter or y goes on, anything else stops."""

        def answer(line: str) -> Reply:
            return then() if line.strip().lower() in ("", "y", "ye", "yes") else Reply()

        return Reply(ask=Ask(question, answer))

    # -- views ----------------------------------------------------------------------------------------------------

    def enter(self, view: View) -> None:
        """Go into a section of the current one."""
        self.views.append(view)

    def leave(self, levels: int = 1) -> Reply:
        """Go up; leaving the configuration mode logs who was in it."""
        if not self.views:
            return Reply(close=True)
        del self.views[len(self.views) - levels :]
        if not self.views:
            self._configured()
        return Reply()

    def _configured(self) -> None:
        device = self.device
        if self.edited:
            device.changed_at, device.changed_by = device.world.time, self.user
        self.edited = False
        peer = self.terminal.session.peer
        device.log(f"%SYS-5-CONFIG_I: Configured from console by {self.user} on {self.line} ({peer})")

    # -- edits ----------------------------------------------------------------------------------------------------

    def edit(self, function: Callable[[IosConfig], object]) -> Reply:
        """Apply a configuration line; every line takes effect at once."""
        fresh = self.device.config.copy()
        function(fresh)
        self.edited = True
        if fresh.text() != self.device.config.text():
            self.device.set_config(fresh)
        return Reply()

    def open_section(self, mode: str, prompt: str, text: str) -> Reply:
        """Enter a section of the current view, making it when it is not there."""
        path = self.view.path
        reply = Reply() if self.config.section(*path, text) is not None else self.edit(lambda c: c.enter(path, text))
        self.enter(View(mode, prompt, (*path, text)))
        return reply

    def put(self, text: str, replaces: str | None = None) -> Reply:
        """A line of the current section; see IosConfig.put."""
        path = self.view.path
        return self.edit(lambda config: config.put(path, text, replaces))

    def drop(self, prefix: str) -> Reply:
        """``no``: lines of the current section that begin with these words."""
        path = self.view.path
        return self.edit(lambda config: config.drop_prefix(path, prefix))

    def drop_exact(self, text: str) -> Reply:
        """``no``: exactly this line, or its longer forms."""
        path = self.view.path
        return self.edit(lambda config: config.drop(path, lambda line: begins(line.text, text)))
