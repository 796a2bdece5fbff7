# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An open conversation with one device, whatever carries it, and what can go wrong in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .device import DeviceFacts
from .plan import Plan
from .secret import SecretBook


class Tentative(str):
    """A show command that not every release knows: what the device says of it is its output, a refusal too."""

    __slots__ = ()


class Subtree(str):
    """A NETCONF subtree filter: as a command it asks for the running configuration below it, `<data>` as XML text."""

    __slots__ = ()


class Operational(str):
    """A NETCONF subtree filter: as a command it asks for configuration and state below it, `<data>` as XML text."""

    __slots__ = ()


class Beside(str):
    """A show command whose output helps where the session has a CLI beside it, and is missed nowhere else.

    Its output comes as an XML element `cli`, so that it may stand among configuration in XML.
    """

    __slots__ = ()


class DeviceError(Exception):
    """The device did not do what it was told. The text is one clear sentence with the device's own words."""


class CommandRejected(DeviceError):
    """The device refused one command."""

    def __init__(self, command: str, reason: str, *, context: str = "") -> None:
        where = f" (in {context})" if context else ""
        super().__init__(f"the device refused '{command}'{where}: {reason}")
        self.command, self.reason = command, reason


class Unsupported(DeviceError):
    """This model or release does not know the feature."""


class DeviceBusy(DeviceError):
    """Somebody else holds or has dirtied what we need (candidate, configuration lock); nothing was changed."""


@dataclass
class PushReport:
    """How far a push came, filled in as it goes. `armed`: the device reverts by itself unless confirmed in time."""

    sent: list[str] = field(default_factory=list)
    not_sent: list[str] = field(default_factory=list)
    armed: bool = False
    notes: list[str] = field(default_factory=list)


class PushFailed(DeviceError):
    """A push stopped half-way; `clean` tells that the device dropped all of it."""

    def __init__(self, message: str, *, clean: bool = False) -> None:
        super().__init__(message)
        self.clean = clean


class Session(Protocol):
    """What the engine needs of a device. Lines are sealed; a session reveals them only as it writes them."""

    book: SecretBook

    @property
    def facts(self) -> DeviceFacts:
        """Read once, on first use."""

    def describe(self) -> DeviceFacts:
        """The facts for people: as `facts`, and what takes longer to find out."""

    @property
    def can_arm(self) -> bool:
        """Whether the device can revert by itself (trial commit, revert timer)."""

    def run(self, commands: Sequence[str]) -> list[str]:
        """The output of each exec command, without echo and prompt; questions are declined. Raises CommandRejected."""

    def foresee(self, commands: Sequence[str]) -> None:
        """Exec commands that `run` will soon be called with: a hint, to fetch their outputs along with the next one.

        What was fetched so holds only until something else is typed.
        """

    @property
    def trial_commands(self) -> Sequence[str]:
        """The exec commands of `can_arm` and `on_trial`, for `foresee`."""

    def converse(self, command: str, answers: Sequence[tuple[str, str]]) -> str:
        """One exec command whose questions (regular expression, answer) the user foresaw. Raises CommandRejected."""

    def running_config(self) -> str:
        """The whole running configuration, native text, without volatile lines."""

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        """Send the plan's commands; with `confirm_within` (seconds) armed, if the device can.

        `report` is filled as it goes, so it is right whenever an exception ends the push.
        Raises PushFailed (after cleaning up what the OS lets us), DeviceBusy, ChannelError.
        """

    def on_trial(self) -> bool:
        """Whether an armed change, anybody's, waits for its confirmation on the device."""

    def confirm(self) -> None:
        """Keep an armed change. Raises DeviceError when it has been taken back already."""

    def abort(self) -> None:
        """Make an armed device revert now, also from a later session; nothing armed = nothing done."""

    def save(self) -> None:
        """Write the running configuration to where the device starts from."""

    def close(self) -> None:
        """Leave any configuration mode and end the conversation; never raises."""
