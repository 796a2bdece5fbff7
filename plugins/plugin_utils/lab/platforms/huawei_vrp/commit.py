# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two-phase configuration: private candidates, commit, commit list, trial, locks (reference 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .config import EditError, VrpConfig

if TYPE_CHECKING:
    from ...world import Timer
    from .device import VrpDevice

FIRST_COMMIT_ID = 1000000001
MAX_COMMITS = 80
CONFLICT = (
    "Commit canceled, the configuration conflicted with other user, you can modify \n"
    "the configuration and commit again.\n"
)

EditFunction = Callable[[VrpConfig], None]


class CommitRefused(Exception):
    """A commit did not happen; the text is what the device prints."""


@dataclass
class Candidate:
    """One session's uncommitted lines on top of the running configuration it started from."""

    config: VrpConfig
    base: int  # version of the running configuration
    edits: list[tuple[str, EditFunction]] = field(default_factory=list)

    def edit(self, line: str, function: EditFunction) -> bool:
        """Apply one line; True when it changed something. EditError leaves the candidate as it was."""
        before = self.config.text()
        function(self.config)
        if self.config.text() == before:
            return False
        self.edits.append((line, function))
        return True

    def rebase(self, device: VrpDevice) -> None:
        """Replay the lines on what others committed meanwhile; CommitRefused at the first that no longer fits."""
        if self.base == device.version:
            return
        fresh = device.config.copy()
        for line, function in self.edits:
            try:
                function(fresh)
            except EditError as error:
                raise CommitRefused(f"{line}\nError: {error}\n{CONFLICT}") from error
        self.config, self.base = fresh, device.version


@dataclass
class CommitPoint:
    """An entry of the commit list; ``text`` is the configuration after it, ``before`` the one it replaced."""

    id: int
    user: str
    line: str
    kind: str
    time: float
    label: str
    description: str
    before: str = field(repr=False)
    text: str = field(repr=False)


@dataclass
class Trial:
    """A commit on trial: ``before`` comes back at ``deadline`` unless the same user commits again."""

    user: str
    session: int
    deadline: float
    before: str = field(repr=False)
    timer: Timer | None = None


class CommitStore:
    """Commit list, trial and lock of one device."""

    def __init__(self, device: VrpDevice) -> None:
        self._device = device
        self.points: list[CommitPoint] = []  # oldest first
        self.trial: Trial | None = None
        self.lock: int | None = None  # session id of the holder
        self._next_id = FIRST_COMMIT_ID

    # -- checks ---------------------------------------------------------------------------------------------------

    def holder(self, session: int) -> int | None:
        """Who else holds the configuration: a session id, or the holder named by a lock_candidate fault."""
        fault = self._device.faults.take("lock_candidate")
        if fault is not None:
            holder = str(fault.params.get("holder", 407))
            return int(holder) if holder.isdigit() else 407
        return self.lock if self.lock not in (None, session) else None

    def check_free(self, session: int, user: str) -> None:
        """CommitRefused when another session locked the configuration or tries a commit."""
        holder = self.holder(session)
        if holder is not None:
            raise CommitRefused(f"Error: The configuration is locked by other user. [Session ID = {holder}]\n")
        if self.trial is not None and self.trial.user != user:
            raise CommitRefused("Error: The system is in the trial configuration mode of another user.\n")  # [guess]

    # -- commit ---------------------------------------------------------------------------------------------------

    def record(self, config: VrpConfig, user: str, line: str, kind: str = "CLI",
               label: str = "", description: str = "") -> None:  # fmt: skip
        """Make ``config`` the running configuration and remember the step."""
        device = self._device
        before = device.config.text()
        device.set_config(config)
        point = CommitPoint(
            self._next_id, user, line, kind, device.world.time, label, description, before, config.text()
        )
        self._next_id += 1
        self.points = [*self.points, point][-MAX_COMMITS:]

    def start_trial(self, user: str, session: int, seconds: int, before: str) -> None:
        """Arm (or extend) the automatic return to ``before``."""
        deadline = self._device.world.time + seconds
        if self.trial is not None:
            before = self.trial.before
        self.end_trial()
        self.trial = Trial(user, session, deadline, before)
        self.trial.timer = self._device.world.schedule(deadline, self.revert_trial)

    def end_trial(self) -> None:
        """Keep the configuration that is on trial."""
        if self.trial is not None and self.trial.timer is not None:
            self.trial.timer.cancel()
        self.trial = None

    def revert_trial(self) -> None:
        """Back to before the trial, whatever became of the session."""
        trial = self.trial
        if trial is None:
            return
        self.end_trial()
        self.record(VrpConfig.load(trial.before), trial.user, "VTY", "ROLLBACK")

    # -- save and restore -----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        trial = self.trial
        return {
            "points": [asdict(point) for point in self.points],
            "next_id": self._next_id,
            "trial": None if trial is None else [trial.user, trial.session, trial.deadline, trial.before],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.points = [CommitPoint(**point) for point in state["points"]]
        self._next_id = int(state["next_id"])
        self.lock = None
        self.end_trial()
        if state["trial"] is not None:
            user, session, deadline, before = state["trial"]
            self.trial = Trial(user, session, deadline, before)
            self.trial.timer = self._device.world.schedule(deadline, self.revert_trial)
