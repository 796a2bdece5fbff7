# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IOS XE session: the privileged mode, errors and warnings, the timed rollback of the archive, saving.

Sources: IOS XE configuration rollback chapters ("Configuration Change Confirmation"); public session transcripts for
wordings. Lines take effect at once, so what a failed push leaves behind is taken back by the timer or by the rollback.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import ClassVar

from ...engine.channel import ChannelError, LoginRefused
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.session import CommandRejected, DeviceBusy, DeviceError, PushFailed, PushReport, Tentative
from ..base import Answer, CliSession, Dialogue, asked
from .text import clean, mask_keys
from .version import parse_version

CONFIG_NAME = 20
"""Characters of the host name that a configuration prompt shows."""
LONGEST_TIMER = 120
"""Minutes that `configure terminal revert timer` takes at most."""

_ARCHIVE, _TIMER = Tentative("show archive"), Tentative("show archive config rollback timer")
_SLOW = 120.0  # seconds: saving and rolling back a large box
_MESSAGE = r"%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?[0-7]-[A-Z0-9_]+:"  # a log message, as in %SYS-5-CONFIG_I:
_NOT_AN_ERROR = r"(?:WARNING|Warning|INFO|Info|NOTE|Note|NOTICE|SECURITY WARNING|INSECURE)\b"
_REMARK = re.compile(
    rf"^\s*(?:%\s*{_NOT_AN_ERROR}.*|(?:SECURITY WARNING|INSECURE DYNAMIC WARNING|WARNING|Warning)\b.*)$"
)
_LOCKED = re.compile(r"Configuration (?:mode )?(?:is )?locked|[Cc]onfig(?:uration)? mode cannot be entered", re.I)
_PASSWORD = Dialogue(re.compile(r"^.*[Pp]assword: ?"), "")
_LOG_LINE = Dialogue(re.compile(rf"^.*{_MESSAGE}.*"), "", "")
_NO_ROLLBACK = re.compile(
    r"No Rollback Confirmed Change pending|[Nn]ot enabled|Turn config archive on|Invalid input detected"
)
_NO_ARCHIVE_NOTE = (
    "The device keeps no configuration archive ('archive' with a 'path'), so it cannot take a change back by itself: "
    "if the session is lost for good in the middle of a change, nothing does. A change that fails is taken back by "
    "sending the computed rollback."
)
_TOO_LONG_NOTE = (
    f"The device can wait {LONGEST_TIMER} minutes for a confirmation at most, and verification may take longer, so it "
    "was not told to take the change back by itself."
)


class IosXeSession(CliSession):
    """What the engine needs of an IOS XE device, over its CLI."""

    prompt: ClassVar[str] = r"^{host}(?:\((?:config|cfg|ca-)[^()\s]*\))?[>#] ?"
    errors: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(rf"^\s*%+\s*(?!{_NOT_AN_ERROR})(?!{_MESSAGE[1:]})(?P<reason>[A-Za-z].*?)\s*$"),
        re.compile(r"^\S.*(?P<reason>% (?:Unknown|Invalid|Incomplete|Ambiguous|Unrecognized|Bad)\b.*?)\s*$"),
        re.compile(r"^\s*(?P<reason>(?:Command rejected|ERROR|Error|Rollback aborted after)\b.*?)\s*$"),
        re.compile(r"^\s*(?P<reason>Configuration (?:mode )?(?:is )?locked.*?)\s*$", re.IGNORECASE),
        re.compile(r"^\s*(?P<reason>.*[Cc]onfig(?:uration)? mode cannot be entered.*?)\s*$"),
    )
    preparation: ClassVar[tuple[str, ...]] = ("terminal length 0", "terminal width 0")
    show_running: ClassVar[str] = "show running-config"
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(
        r"^(?:Building configuration|Current configuration : |! Last configuration change|! NVRAM config last updated|"
        r"! No configuration change since|ntp clock-period |Load for |Time source is )"
    )
    dialogues: ClassVar[tuple[Dialogue, ...]] = (
        Dialogue(re.compile(r"^.* ?--More-- ?"), " ", " ", key=True),
        Dialogue(re.compile(r"^.*Destination filename \[[^\]]*\]\? ?"), "", ""),
        # What remains are confirmations of commands that the plan holds and that check mode has shown.
        Dialogue(re.compile(r"^.*\[confirm\] ?"), "", "n"),
        Dialogue(re.compile(r"^.*\[yes/no\](?: \[\w+\])?: ?|^.*\? ?\[(?:no|yes)\]: ?", re.IGNORECASE), "yes", "no"),
    )
    occasional: ClassVar[tuple[tuple[Dialogue, ...], ...]] = ((_PASSWORD,), (_LOG_LINE, *dialogues))

    _archive: bool | None = None

    @property
    def _names(self) -> tuple[str, ...]:
        """A configuration prompt shows only the beginning of a long host name."""
        return tuple(dict.fromkeys((name, name[:CONFIG_NAME]))) if (name := self.hostname) else ()

    def exchange(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> Answer:
        """As the base has it; key strings that a command prints in clear text go no further than here."""
        answer = super().exchange(line, timeout=timeout, answers=answers)
        return Answer(mask_keys(answer.text), answer.prompt)

    def remarks(self, text: str) -> list[str]:
        """Warnings of newer trains about weak or unencrypted secrets: no errors, but worth knowing."""
        return [self.book.scrub(line.strip()) for line in clean(text).splitlines() if _REMARK.match(line)]

    # -- login --------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Turn paging and wrapping off, and enter the privileged mode where the login did not."""
        if self._prepared:
            return
        self._prepared = True
        if self._tame().rstrip().endswith(">"):
            self._enable()

    def _enable(self) -> None:
        password = self.channel.enable_password
        words = password.reveal() if password else ""
        self.book.add(words)
        ending = self._ending_for((_PASSWORD,))
        said = self.channel.ask("enable", ending)
        tries = 0
        while asked(said, (_PASSWORD,)):
            tries += 1
            # Each question gets an answer, or the device would wait; but a password is not tried twice.
            said = self.channel.ask((words if tries == 1 else "") + "\r", ending, key=True)
        if said.rstrip().endswith("#"):
            return
        if not words:
            raise LoginRefused(
                f"the login on {self.channel.host} ends in user mode, and the privileged mode asks for a password; "
                "set ansible_become_password"
            )
        reason = self.reason(said) or "the prompt still ends in '>'"
        raise LoginRefused(f"{self.channel.host} refused the enable password (ansible_become_password): {reason}")

    def learn(self) -> DeviceFacts:
        text = self.run(["show version"])[0]
        try:
            return parse_version(clean(text), self.hostname)
        except ValueError as problem:
            raise DeviceError(f"{problem}; is ansible_network_os right?") from None

    # -- the timed rollback -------------------------------------------------------------------------------------------

    @property
    def can_arm(self) -> bool:
        """Only where `archive` has a path: a timed rollback goes back to an archived configuration."""
        if self._archive is None:
            said = self.run([_ARCHIVE])[0]
            self._archive = self.reason(said) is None and "feature not enabled" not in said
        return self._archive

    @property
    def trial_commands(self) -> Sequence[str]:
        return (*((_ARCHIVE,) if self._archive is None else ()), *((_TIMER,) if self._archive is not False else ()))

    def on_trial(self) -> bool:
        if not self.can_arm:
            return False
        said = self.run([_TIMER])[0]
        return bool(said.strip()) and not _NO_ROLLBACK.search(said)

    def confirm(self) -> None:
        self.prepare()
        try:
            self.command("configure confirm")
        except CommandRejected as rejected:
            if "No Rollback Confirmed Change pending" in rejected.reason:
                raise DeviceError(
                    "the time was over before the change could be confirmed, the device took it back"
                ) from None
            raise

    def abort(self) -> None:
        if self.on_trial():
            self.command("configure revert now", timeout=_SLOW)

    # -- configuration ------------------------------------------------------------------------------------------------

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        report.not_sent = list(plan.commands)
        if self._archive is False and confirm_within is None:
            report.notes.append(_NO_ARCHIVE_NOTE)
        if confirm_within and confirm_within > LONGEST_TIMER * 60:
            report.notes.append(_TOO_LONG_NOTE)
            confirm_within = None
        self._enter(confirm_within, report)
        try:
            self.send_lines(plan.commands, report)
        except CommandRejected as rejected:
            self._leave()
            raise PushFailed(str(rejected)) from None
        except ChannelError:
            raise
        except BaseException:
            self._leave()
            raise
        self._leave()

    def _enter(self, confirm_within: int | None, report: PushReport) -> None:
        self.prepare()
        line = "configure terminal"
        if confirm_within:
            line += f" revert timer {minutes(confirm_within)}"
        report.armed = bool(confirm_within)  # before it is sent: an answer that is lost may still have armed it
        answer = self.exchange(line, timeout=_SLOW, answers=(_LOG_LINE, *self.dialogues))
        reason = self.reason(answer.text)
        if reason is None and "(" not in answer.prompt:
            reason = "the prompt is not that of the configuration mode"
        if reason:
            report.armed = False
            locked = "is locked by somebody else" if _LOCKED.search(reason) else "cannot be entered"
            raise DeviceBusy(f"the configuration mode {locked}, nothing was changed: {reason}")

    def _leave(self) -> None:
        self._with_foreseen(["end"], answers=(_LOG_LINE, *self.dialogues))

    def save(self) -> None:
        self.prepare()
        said = self.command("write memory", timeout=_SLOW, answers=self.dialogues)
        if "[OK]" not in said:
            words = " ".join(self.book.scrub(said).split()) or "nothing"
            raise DeviceError(f"'write memory' did not end in [OK]; the device said: {words}")


_LOG_LINE = Dialogue(re.compile(rf"^.*{_MESSAGE}.*"), "", "")
"""Entering and leaving log messages, after the prompt where the terminal shows logs: an empty line brings it back."""


def minutes(seconds: int) -> int:
    """Seconds in whole minutes, rounded up."""
    return max(1, math.ceil(seconds / 60))
