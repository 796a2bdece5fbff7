# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CLI session of a Comware device: views, prompts, immediate configuration, errors (reference 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...grammar import Failure, Match, Mode, Outcome
from ...shell import PagerStyle, Reply, Shell
from .commands import modes_of
from .config import ComwareConfig, EditError, EditFunction, WrongValue

if TYPE_CHECKING:
    from ...terminal import Terminal
    from .device import ComwareDevice

_ERRORS = {
    Outcome.UNRECOGNIZED: "Unrecognized command",
    Outcome.INCOMPLETE: "Incomplete command",
    Outcome.AMBIGUOUS: "Ambiguous command",
    Outcome.WRONG_PARAMETER: "Wrong parameter",
    Outcome.TOO_MANY: "Too many parameters",
}
_SECRETS = re.compile(
    r"((?:simple|cipher|pre-shared-key|password)\s+)(?!(?:simple|cipher|address|hostname)\b)\S+", re.I
)
_RULE = "*" * 78


@dataclass(frozen=True)
class View:
    """A place in the CLI: ``head`` names the view's line in the configuration."""

    mode: str
    suffix: str = ""
    head: str = ""


USER, SYSTEM = View("user"), View("system")


class ComwareShell(Shell):
    """One session. What is typed takes effect at once; nothing is printed on success."""

    pager = PagerStyle("  ---- More ----", "\x1b[42D" + " " * 42 + "\x1b[42D", quit_keys="\x03qQ", other_stops=True)
    wraps_echo = True
    device: ComwareDevice

    def __init__(self, device: ComwareDevice, terminal: Terminal) -> None:
        super().__init__(device, terminal)
        self.screen_length = int(device.options.get("screen_length", 24))
        self.default_screen_length = self.screen_length
        self.views: list[View] = [USER]
        self._shown_prompt = ""
        self._consent_due = bool(device.options.get("legal_banner"))
        self._modes: dict[str, Mode] = modes_of(device.dialect)

    # -- Shell ----------------------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        return self.views[-1]

    def banner(self) -> str:
        lines = (
            "Copyright (c) 2004-2031 Hangzhou H3C Tech. Co., Ltd. All rights reserved.",
            "Without the owner's prior written consent,",
            "no decompiling or reverse-engineering shall be allowed.",
        )
        question = "Press Y or ENTER to continue, N to exit.\n" if self._consent_due else ""
        return "\n".join([_RULE, *(f"* {line:<75}*" for line in lines), _RULE, "", question])

    def prompt(self) -> str:
        if self._consent_due:
            return ""
        prefix, name = str(self.device.options.get("prompt_prefix", "")), self.device.hostname
        self._shown_prompt = prefix + (f"<{name}>" if self.view is USER else f"[{name}{self.view.suffix}]")
        return self._shown_prompt

    def execute(self, line: str) -> Reply:
        if self._consent_due:
            self._consent_due = False
            return Reply(close=line.strip().lower().startswith("n"))
        if not line.strip() or line.lstrip()[0] == "#":
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
            return Reply(f"{error}\n")
        except WrongValue as wrong:
            return Reply(self._caret(Failure(Outcome.WRONG_PARAMETER, max(0, line.rfind(str(wrong))))))
        reply = result if isinstance(result, Reply) else Reply(result or "")
        return reply if pipe is None else self._filtered(reply, pipe, line)

    def _match(self, line: str) -> Match | Failure | None:
        """In a view, a command that opens another view leads there directly; the system view's other ones do not."""
        found = self._modes[self.view.mode].match(line)
        if isinstance(found, Failure) and len(self.views) > 2:
            opener = self._modes["openers"].match(line)
            if isinstance(opener, Match):
                del self.views[2:]
                return opener
        return found

    def help(self, line: str) -> str:
        found = self._modes[self.view.mode].help(line)
        if isinstance(found, Failure):
            return self._caret(found)
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

    def internal_error(self) -> str:
        return " % Error: The system is busy."

    # -- errors and filters ---------------------------------------------------------------------------------------

    def _caret(self, failure: Failure) -> str:
        at = " " * (len(self._shown_prompt) + failure.column)
        return f"{at}^\n % {_ERRORS[failure.outcome]} found at '^' position.\n"

    @staticmethod
    def _split_filter(line: str) -> tuple[str, str | None]:
        if not re.match(r"\s*dis", line, re.I):
            return line, None
        body, mark, pipe = line.partition("|")
        return (body.rstrip(), pipe) if mark else (line, None)

    def _filtered(self, reply: Reply, pipe: str, line: str) -> Reply:
        words = pipe.split(None, 1)
        kinds = [kind for kind in ("include", "exclude", "begin") if words and kind.startswith(words[0].lower())]
        if len(kinds) != 1 or len(words) < 2:
            outcome = Outcome.UNRECOGNIZED if words and not kinds else Outcome.INCOMPLETE
            at = len(line.rstrip()) if outcome is Outcome.INCOMPLETE else line.find(words[0], line.find("|"))
            return Reply(self._caret(Failure(outcome, at)))
        text = words[1].strip()
        if len(text) > 256:
            return Reply(self._caret(Failure(Outcome.WRONG_PARAMETER, line.rfind(text))))
        try:
            pattern = re.compile(text)
        except re.error:
            return Reply(self._caret(Failure(Outcome.WRONG_PARAMETER, line.rfind(text))))
        return Reply(_filter(kinds[0], pattern, reply.text), reply.ask, reply.close)

    # -- views and edits ------------------------------------------------------------------------------------------

    def leave(self, levels: int) -> Reply:
        """Go up; leaving the user view ends the session."""
        if levels >= len(self.views):
            return Reply(close=True)
        del self.views[len(self.views) - levels :]
        return Reply()

    def open_view(self, mode: str, suffix: str, head: str) -> Reply:
        """Enter a view, creating its line in the configuration if it is new."""
        if self.device.config.view(head) is None:
            self.edit(lambda config: config.add_view(head))
        self.views.append(View(mode, suffix, head))
        return Reply()

    def edit(self, function: EditFunction) -> Reply:
        """Apply an edit to the running configuration at once."""
        fresh: ComwareConfig = self.device.config.copy()
        function(fresh)
        if fresh.blocks != self.device.config.blocks:
            self.device.set_config(fresh)
        return Reply()

    def words_after(self, match: Match, prefix: str) -> str:
        """What was typed behind the keywords of ``prefix``, keywords written out."""
        tokens = match.line.split()[len(prefix.split()) :]
        full = list(match.keywords[len(prefix.split()) :])
        out: list[str] = []
        for token in tokens:
            spelled = next((word for word in full if word.startswith(token.lower())), None)
            if spelled is not None:
                full.remove(spelled)
            out.append(spelled or token)
        return " ".join(out)

    def set_child(self, match: Match, prefix: str) -> Reply:
        """Set a line of the current view as it was typed, keywords written out."""
        head, text = self.view.head, f"{prefix} {self.words_after(match, prefix)}".strip()
        return self.edit(lambda config: config.set_child(head, prefix, text))

    def drop_child(self, _match: Match, prefix: str) -> Reply:
        head = self.view.head
        return self.edit(lambda config: config.drop_child(head, prefix))


def _filter(kind: str, pattern: re.Pattern[str], text: str) -> str:
    lines = text.splitlines(keepends=True)
    if kind == "include":
        return "".join(line for line in lines if pattern.search(line.rstrip("\n")))
    if kind == "exclude":
        return "".join(line for line in lines if not pattern.search(line.rstrip("\n")))
    start = next((index for index, line in enumerate(lines) if pattern.search(line)), len(lines))
    return "".join(lines[start:])
