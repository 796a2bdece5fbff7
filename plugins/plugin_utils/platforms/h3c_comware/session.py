# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Comware session: everything takes effect at once, so what a failed push has changed is computed and taken back.

`configuration replace file` (V7) is not used for that: it wants a file on the device, puts back the whole configuration
(with it everything that others have changed meanwhile), older builds take plain-text files only, and it keeps keys
only where the box can decrypt its own file. Taking back our own lines needs none of it and touches nothing else.

Sources: H3C fundamentals guides V5 and V7 (views, errors, save); captured sessions of MSR V5.20 and V7 boxes.
"""

from __future__ import annotations

import re
from typing import ClassVar

from ...engine.channel import ChannelError
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.session import CommandRejected, DeviceBusy, DeviceError, PushFailed, PushReport, Unsupported
from ..base import CliSession, Dialogue
from .text import clean
from .version import V7, parse_version

UNKNOWN = re.compile(r"Unrecognized command", re.IGNORECASE)
"""What a model says to a command that it does not have."""
_SAVED = re.compile(r"saved .*successfully|saved successfully", re.IGNORECASE)
_SLOW = 120.0  # seconds: saving on a slow flash


class ComwareSession(CliSession):
    """What the engine needs of a Comware device, over its CLI."""

    # The user view has the bare name: a name with dashes must not be taken for a name and a view.
    prompt: ClassVar[str] = (
        r"^\x07?(?:RBM_[PS])?(?:\([A-Z]\))?(?:(?P<user><)|\[){host}(?(user)>|(?:-[^\s\[\]<>]+)?\])\x07?"
    )
    errors: ClassVar[tuple[re.Pattern[str], ...]] = (
        # Log messages start with % too, but with a date right behind it.
        re.compile(r"^\s*% (?P<reason>\S.*?)\s*$"),
        re.compile(r"^\s*(?P<reason>Permission denied\.?.*?)\s*$"),
        re.compile(r"^\s*(?P<reason>The file name is invalid.*?)\s*$"),
    )
    preparation: ClassVar[tuple[str, ...]] = ("screen-length disable",)
    show_running: ClassVar[str] = "display current-configuration"
    dialogues: ClassVar[tuple[Dialogue, ...]] = (
        Dialogue(re.compile(r"^.*press the enter key\):\s*"), ""),
        # Confirmations of commands that the plan holds and that check mode has shown; anything else is declined.
        Dialogue(re.compile(r"^.*\[[Yy]/[Nn]\]\s?:?\s*"), "Y"),
        # Only where the user may not turn paging off.
        Dialogue(re.compile(r"^\s*-{2,4} ?[Mm]ore ?-{2,4}"), " ", refusal=" ", key=True),
    )

    @property
    def v7(self) -> bool:
        return self.facts.dialect == V7

    def learn(self) -> DeviceFacts:
        text = self.run(["display version"])[0]
        try:
            return parse_version(clean(text), self.hostname)
        except ValueError as problem:
            raise DeviceError(f"{problem}; is ansible_network_os right?") from None

    def running_config(self) -> str:
        return clean(super().running_config())

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        """One line at a time, each judged before the next: a line that asks would take the next one as its answer."""
        report.not_sent = list(plan.commands)
        self._enter_system_view()
        try:
            self.send_lines(plan.commands, report)
        except CommandRejected as rejected:
            self.exchange("return")
            if UNKNOWN.search(rejected.reason):
                raise Unsupported(
                    f"this model ({self._model}) does not support '{rejected.command}': {rejected.reason} "
                    "Hardware support of this command varies by model"
                ) from None
            raise PushFailed(str(rejected)) from None
        except ChannelError:
            raise
        except BaseException:
            self.exchange("return")
            raise
        self._with_foreseen(["return"])

    def _enter_system_view(self) -> None:
        self.prepare()
        answer = self.exchange("system-view")
        reason = self.reason(answer.text)
        if reason or "[" not in answer.prompt:
            raise DeviceBusy(
                f"the system view cannot be entered, nothing was changed: {reason or answer.text.strip()}. "
                "The user needs level 2 (V5) or the role network-admin (V7)"
            )

    @property
    def _model(self) -> str:
        return " ".join(filter(None, (self.facts.model, f"Comware {self.facts.version}")))

    def save(self) -> None:
        """`save force` asks nothing; its result line is the proof."""
        self.prepare()
        text = self.command("save force", timeout=_SLOW)
        if not _SAVED.search(text):
            words = clean(text).strip().splitlines()
            raise DeviceError(f"the device did not say that it saved: {words[-1] if words else 'no answer'}")
