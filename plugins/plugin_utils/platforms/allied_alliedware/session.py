# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AlliedWare session: no modes, replies with numbers, a security officer where security mode asks for one.

Sources: AR Series Router Reference Manual (prompts, privilege levels, security mode), public code for other tools
(pager text, saving); wordings of replies are assumed and only their shape is relied on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ...engine.channel import Channel, LoginRefused
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.secret import SecretBook
from ...engine.session import CommandRejected, DeviceError, PushFailed, PushReport
from ..base import Answer, CliSession, Dialogue, asked
from .text import PAGER, clean
from .version import boot_file, parse_system

OFFICER = "secoff"
"""The account of the security officer that `login` is tried with."""

_REMARK = re.compile(r"^\s*(Warning \(\d{6,7}\): .+?)\s*$", re.MULTILINE)
_UNPRIVILEGED = re.compile(r"privilege|security officer|not (?:authori[sz]ed|permitted|allowed)", re.IGNORECASE)
_SHOW_CONFIG = re.compile(r"\s*sh\w*\s+conf", re.IGNORECASE)
_UNKNOWN = re.compile(r"unknown command", re.IGNORECASE)
_PASSWORD = Dialogue(re.compile(r"^.*(?i:password): ?"), "")
_LOGIN = Dialogue(re.compile(r"^.*login: ?"), "")
_SLOW = 60.0  # seconds: writing a file to flash


class AlliedWareSession(CliSession):
    """What the engine needs of an AlliedWare device, over its CLI."""

    prompt: ClassVar[str] = r"^(?:(?:Manager|SecOff) )?{host} ?> ?"
    any_host: ClassVar[str] = r"[\w.\-]*?"
    errors: ClassVar[tuple[re.Pattern[str], ...]] = (re.compile(r"^\s*(?P<reason>Error \(\d{6,7}\): .+?)\s*$"),)
    dialogues: ClassVar[tuple[Dialogue, ...]] = (
        # C, continuous: one answer per command, however long the output is
        Dialogue(re.compile(rf"^{PAGER}\s*"), "c", "c", key=True),
        Dialogue(re.compile(r"^.*\([Yy]/[Nn]\)\s*\??:?\s*"), "y", "n"),
    )
    occasional: ClassVar[tuple[tuple[Dialogue, ...], ...]] = ((_PASSWORD,), (_LOGIN,))
    types_ahead: ClassVar[bool] = False  # the pager stays on, and would take the next line's first letter as its key
    show_running: ClassVar[str] = "show config dynamic"
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(r"^#.*\d\d:\d\d:\d\d")

    _nameless = False

    def __init__(self, channel: Channel, book: SecretBook) -> None:
        super().__init__(channel, book)
        self._remarks: list[str] = []

    # -- the conversation ---------------------------------------------------------------------------------------------

    def _host_pattern(self) -> str:
        return "(?P<host>)" if self._nameless else super()._host_pattern()

    def _recognise(self, prompt: str) -> None:
        super()._recognise(prompt)
        if not self.hostname and not self._nameless and self._ending.search(prompt):
            # `Manager >`: a device without a system name, so no other name ends an answer either
            self._nameless = True
            self._ending = self._ending_for(self.dialogues)

    def exchange(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> Answer:
        answer = super().exchange(line, timeout=timeout, answers=answers)
        text = clean(answer.text)
        self._remarks += [found[1] for found in _REMARK.finditer(text)]
        return Answer(text, answer.prompt)

    def command(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> str:
        answer = self.exchange(line, timeout=timeout, answers=answers)
        reason = self.reason(answer.text)
        if reason is None:
            return answer.text
        if not answer.prompt.startswith("SecOff") and _needs_officer(line, reason):
            self._become_officer(line, reason)
            return super().command(line, timeout=timeout, answers=answers)
        raise CommandRejected(self.book.scrub(line.strip()), reason)

    def _become_officer(self, line: str, reason: str) -> None:
        """Log in as security officer within the session. Raises CommandRejected, LoginRefused with what to do."""
        password = self.channel.enable_password
        if password is None:
            raise CommandRejected(
                self.book.scrub(line.strip()),
                f"{reason.rstrip('.')}. In security mode only a security officer may do that: log in as one "
                f"(ansible_user), or give the password of the account {OFFICER} (ansible_become_password)",
            )
        said = self.channel.ask(f"login {OFFICER}", self._ending_for((_PASSWORD,)))
        if asked(said, (_PASSWORD,)):
            said = self.channel.ask(password.reveal(), self._ending_for((_LOGIN,)))
        if not said.rpartition("\n")[2].startswith("SecOff"):
            raise LoginRefused(
                f"{self.channel.host} refused the login of the security officer {OFFICER}; check "
                "ansible_become_password, and whether the device lets security officers log in from this address "
                "(show user rso)"
            )

    def learn(self) -> DeviceFacts:
        text = self.run(["show system"])[0]
        try:
            return parse_system(text, self.hostname)
        except ValueError as problem:
            raise DeviceError(f"{problem}; is ansible_network_os right?") from None

    # -- configuration ------------------------------------------------------------------------------------------------

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        self._remarks.clear()
        try:
            self.send_lines(plan.commands, report)
        except CommandRejected as rejected:
            raise PushFailed(str(rejected)) from None
        finally:
            report.notes += [self.book.scrub(f"the device says: {text}") for text in self._remarks]

    def save(self) -> None:
        """Write to the file that the device starts from. Raises DeviceError when it names none."""
        name = boot_file(self.command("show config"))
        if name is None:
            raise DeviceError(
                "the device names no boot configuration file, so nothing was saved; choose one on the device "
                "(create config=<name>.cfg, set config=<name>.cfg) and run again with save_when: always"
            )
        self.command(f"create config={name}", timeout=_SLOW)


def _needs_officer(line: str, reason: str) -> bool:
    """Whether a refusal is about privilege. Such a command may also be answered as if unknown."""
    if _UNPRIVILEGED.search(reason):
        return True
    return bool(_UNKNOWN.search(reason)) and bool(_SHOW_CONFIG.match(line))
