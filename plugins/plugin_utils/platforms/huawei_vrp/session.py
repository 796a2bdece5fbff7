# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VRP session: two-phase (VRP8) or immediate (VRP5, campus V600), its errors, questions, commit and save.

Sources: NE40E V800R012C10 and CloudEngine product documentation; public session transcripts for dialogue wordings.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from ...engine.channel import ChannelError
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.session import CommandRejected, DeviceBusy, DeviceError, PushFailed, PushReport, Tentative
from ..base import CliSession, Dialogue
from .text import clean
from .version import VRP8, parse_version

_LOCKED = re.compile(r"(?:locked by (?:an)?other user|system is busy in building configuration)", re.IGNORECASE)
_TRIAL = Tentative("display configuration trial status")
_STATUS = re.compile(r"Trial status:\s*(\w+)")
_SLOW = 120.0  # seconds: commit and save of a large box


class VrpSession(CliSession):
    """What the engine needs of a VRP device, over its CLI."""

    # The user view has the bare name: a name with dashes must not be taken for a name and a view.
    prompt: ClassVar[str] = r"^(?:HRP_[MS])?(?:(?P<user><)|\[[~*]?){host}(?(user)>|(?:-[^\s\[\]<>]+)?\])"
    errors: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"^\s*Error:\s*(?P<reason>.+?)\s*$"),
        re.compile(r"^\s*(?P<reason>Commit canceled.*?)\s*$"),
    )
    preparation: ClassVar[tuple[str, ...]] = ("screen-length 0 temporary",)
    show_running: ClassVar[str] = "display current-configuration"
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(r"^!")
    dialogues: ClassVar[tuple[Dialogue, ...]] = (
        # Leaving with uncommitted lines: never commit what is left over.
        Dialogue(re.compile(r"^.*[Uu]ncommitted configurations found.*\[Y\(yes\)/N\(no\)/C\(cancel\)\]:?\s*"), "N"),
        Dialogue(re.compile(r"^.*Please input the file name.*:\s*"), ""),
        Dialogue(re.compile(r"^.*\[Yes/No\]:?\s*"), "Yes", refusal="No"),
        # What remains are confirmations of commands that the plan holds and that check mode has shown.
        Dialogue(re.compile(r"^.*\[[Yy]/[Nn]\]:?\s*"), "Y"),
        # Only where the user may not turn paging off.
        Dialogue(re.compile(r"^\s*---- More ----"), " ", refusal=" ", key=True),
    )

    @property
    def two_phase(self) -> bool:
        return self.facts.dialect == VRP8

    @property
    def can_arm(self) -> bool:
        return self.two_phase

    def learn(self) -> DeviceFacts:
        text = self.run(["display version"])[0]
        try:
            return parse_version(clean(text), self.hostname)
        except ValueError as problem:
            raise DeviceError(f"{problem}; is ansible_network_os right?") from None

    def running_config(self) -> str:
        return clean(super().running_config())

    # -- configuration ------------------------------------------------------------------------------------------------

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        self._configure(plan.commands, confirm_within, report)

    def _configure(self, lines: Sequence[str], confirm_within: int | None, report: PushReport) -> None:
        report.not_sent = list(lines)
        self._enter_system_view()
        try:
            self.send_lines(lines, report, candidate=self.two_phase)
            if self.two_phase:
                self._commit(confirm_within, report)
        except CommandRejected as rejected:
            self._leave_system_view(drop=self.two_phase)
            if _LOCKED.search(rejected.reason):
                raise DeviceBusy(
                    f"the configuration is locked by somebody else, nothing was changed: {rejected.reason}"
                ) from None
            raise PushFailed(str(rejected), clean=self.two_phase) from None
        except ChannelError:
            raise
        except BaseException:
            self._leave_system_view(drop=self.two_phase)
            raise
        self._leave_system_view()

    def _enter_system_view(self) -> None:
        self.prepare()
        answer = self.exchange("system-view")
        reason = self.reason(answer.text)
        if reason:
            raise DeviceBusy(f"the system view cannot be entered, nothing was changed: {reason}")
        if answer.prompt.startswith("[*"):
            # Left as it is: any way out of the view would commit or drop what somebody else has typed.
            raise DeviceBusy(
                "the candidate already holds uncommitted changes that are not ours; commit or clear them on the "
                "device, then run again. Nothing was changed"
            )

    def _commit(self, confirm_within: int | None, report: PushReport) -> None:
        line = f"commit trial {confirm_within}" if confirm_within else "commit"
        report.armed = bool(confirm_within)  # before it is sent: an answer that is lost may still have armed it
        answer = self.exchange(line, timeout=_SLOW)
        reason = self.reason(answer.text)
        if reason is None and answer.prompt.startswith("[*"):
            reason = "the candidate is still uncommitted"
        if reason:
            report.armed = False
            raise CommandRejected(line, f"{self._failing_line(answer.text)}{reason}")

    def _failing_line(self, text: str) -> str:
        """A failed commit echoes the line it failed on before the error."""
        before = ""
        for line in text.splitlines():
            if self.reason(line):
                return f"at '{before}': " if before else ""
            before = self.book.scrub(line.strip())
        return ""

    def _leave_system_view(self, *, drop: bool = False) -> None:
        if drop:
            self.exchange("clear configuration candidate")
        self._with_foreseen(["return"])

    @property
    def trial_commands(self) -> Sequence[str]:
        return (_TRIAL,)

    def on_trial(self) -> bool:
        return self._trial_status() == "ACTIVE"

    def _trial_status(self) -> str:
        """ACTIVE or INACTIVE; empty where the release does not know the command."""
        found = _STATUS.search(self.run([_TRIAL])[0])
        return found[1] if found else ""

    def confirm(self) -> None:
        if self._trial_status() == "INACTIVE":  # a commit would say nothing and keep nothing
            raise DeviceError("the trial time was over before the change could be confirmed, the device took it back")
        self._in_system_view("commit")

    def abort(self) -> None:
        if not self.two_phase or not self.on_trial():
            return
        try:
            self._in_system_view("abort trial")
        except CommandRejected:
            # Only the session that started the trial may end it: then its timer does.
            self._wait_until(lambda: not self.on_trial())

    def _in_system_view(self, line: str) -> None:
        self.prepare()
        self.exchange("system-view")
        try:
            self.command(line, timeout=_SLOW)
        finally:
            self._leave_system_view()

    @staticmethod
    def _wait_until(done: Callable[[], bool]) -> None:
        while not done():
            time.sleep(1)

    def save(self) -> None:
        self.prepare()
        self.command("save", timeout=_SLOW)
