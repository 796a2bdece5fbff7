# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive, timed rollback (``configure terminal revert``) and ``configure replace`` (reference section 4).

The pending rollback belongs to the user who armed it, survives the session, and not a reload.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...world import Timer
from .config import EditError, IosConfig

if TYPE_CHECKING:
    from .device import IosDevice

NONE_PENDING = "%No Rollback Confirmed Change pending\n"
NO_ARCHIVE = "%Turn config archive on before using Rollback Confirmed Change\n"
WARNING_BEFORE = 60.0  # seconds
DEFAULT_MAXIMUM = 10


@dataclass
class Pending:
    """A rollback that happens unless somebody confirms; ``minutes`` after arming or, ``idle``, after the last line."""

    file: str
    user: str
    minutes: int
    idle: bool
    armed_at: float
    deadline: float
    warned: bool = False


class RollbackStore:
    """The archive of a device and its pending rollback."""

    def __init__(self, device: IosDevice) -> None:
        self.device = device
        self.pending: Pending | None = None
        self.archived: list[str] = []
        self.number = 0
        self._timer: Timer | None = None

    # -- archive --------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str | None:
        """Where archives go; None = the archive is off."""
        section = self.device.config.section("archive")
        return None if section is None else section.value("path")

    @property
    def maximum(self) -> int:
        section = self.device.config.section("archive")
        value = section.value("maximum") if section is not None else None
        return int(value) if value and value.isdigit() else DEFAULT_MAXIMUM

    def archive(self) -> str:
        """Save the running configuration as the next archive file; its name."""
        self.number += 1
        local = time.gmtime(self.device.world.time + self.device.zone.offset)
        day = f"{time.strftime('%b', local)}-{local.tm_mday:2d}".replace(" ", "-")  # May--4, Feb-15
        name = f"{self.path}-{day}-{time.strftime('%H-%M-%S', local)}.{self.number % 1000:03d}-{self.number}"
        self.device.files[name] = self.device.running
        self.archived.append(name)
        while len(self.archived) > self.maximum:
            self.device.files.pop(self.archived.pop(0), None)
        return name

    # -- confirmed change -----------------------------------------------------------------------------------------

    def arm(self, user: str, minutes: int, *, idle: bool) -> Pending:
        """Start the clock; EditError when the archive is off or a rollback is pending already."""
        if self.path is None:
            raise EditError(NO_ARCHIVE)
        if self.pending is not None:
            raise EditError("%Rollback Confirmed Change is already pending\n")  # [guess]
        now = self.device.world.time
        self.pending = Pending(self.archive(), user, minutes, idle, now, now + minutes * 60)
        self._log("BACKUP", f"Backing up current running config to {self.pending.file}")
        self._log(f"START_{self._word}", self._scheduled())
        self._schedule()
        return self.pending

    def _scheduled(self) -> str:
        pending = self._needed()
        when = f"in {pending.minutes} minutes" + (" of idle time" if pending.idle else "")
        return f"User: {pending.user}(Priv: 15, View: 0): Scheduled to rollback to config {pending.file} {when}"

    def confirm(self, user: str) -> None:
        pending = self._owned(user)
        self._stop()
        self._log("CONFIRM", f"User: {user}(Priv: 15, View: 0): Rollback Confirmed Change confirmed for {pending.file}")

    def reset(self, user: str, minutes: int, *, idle: bool) -> None:
        """``configure revert timer N``: count anew from now."""
        pending = self._owned(user)
        pending.minutes, pending.idle, pending.warned = minutes, idle, False
        pending.armed_at = self.device.world.time
        pending.deadline = pending.armed_at + minutes * 60
        self._log(f"RESET_{self._word}", self._scheduled())
        self._schedule()

    def revert(self, user: str) -> str:
        """``configure revert now``: what is printed."""
        self._owned(user)
        return self._roll_back()

    def seen(self, user: str) -> None:
        """The user typed something: an idle timer starts again."""
        if self.pending is not None and self.pending.idle and self.pending.user == user:
            self.pending.deadline = self.device.world.time + self.pending.minutes * 60
            self._schedule()

    def forget(self) -> None:
        """The device restarts: nothing is pending any more."""
        self._stop()

    def _needed(self) -> Pending:
        if self.pending is None:
            raise EditError(NONE_PENDING)
        return self.pending

    def _owned(self, user: str) -> Pending:
        pending = self._needed()
        if pending.user != user:
            raise EditError(f"%Rollback Confirmed Change belongs to user {pending.user}\n")  # [guess]
        return pending

    @property
    def _word(self) -> str:
        return "IDLETIMER" if self._needed().idle else "ABSTIMER"

    def _log(self, mnemonic: str, text: str) -> None:
        self.device.log(f"%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_{mnemonic}: {text}")

    def _schedule(self) -> None:
        self._cancel()
        pending = self._needed()
        at = pending.deadline if pending.warned else max(self.device.world.time, pending.deadline - WARNING_BEFORE)
        self._timer = self.device.world.schedule(at, self._due)

    def _due(self) -> None:
        pending = self._needed()
        if not pending.warned and pending.deadline > self.device.world.time:
            pending.warned = True
            self._tell(
                pending.user,
                "Rollback Confirmed Change: Rollback will begin in one minute.\n"
                'Enter "configure confirm" if you wish to keep what you\'ve configured',
            )
            self._log(
                f"WARNING_{self._word}",
                f'System will rollback to config {pending.file} in one minute. Enter "configure confirm" if you wish '
                "to keep what you've configured",
            )
            self._schedule()
            return
        self._tell(pending.user, self._roll_back().rstrip("\n"))

    def _tell(self, user: str, text: str) -> None:
        for terminal in list(self.device.sessions):
            if (terminal.session.user or self.device.username) == user:
                terminal.notify(text)

    def _roll_back(self) -> str:
        pending = self._needed()
        file, text = pending.file, self.device.files[pending.file]
        self._log("ROLLBACK_START", f"Start rolling to: {file}")
        self._stop()
        return f"Rollback Confirmed Change: rolling to:{file}\n{self.replace(text)}"

    def replace(self, text: str, *, listed: bool = False) -> str:
        """Make ``text`` the running configuration; what is printed. EditError when the configuration is locked."""
        device = self.device
        fault = device.faults.take("fail_commit")
        if fault is not None:
            words = fault.params.get("text", "no key chain BROKEN")
            stars = "*" * 8
            raise EditError(
                "The rollback configlet from the last pass is listed below:\n"
                f"{stars}\n{words}\n{stars}\n\nRollback aborted after 5 passes\n"
            )
        fresh = device.parse(text)
        commands = differences(device.config, fresh)
        device.set_config(fresh)
        device.changed_at = device.world.time
        shown = ""
        if listed and commands:
            body = "".join(f"{'no ' if mark == '-' else ''}{line.strip()}\n" for mark, line in commands if line)
            shown = f"!Pass 1\n!List of Rollback Commands:\n{body}end\n"
        passes = 1 if commands else 0
        return f"Rollback:Acquired Configuration lock.\n{shown}\nTotal number of passes: {passes}\nRollback Done\n\n"

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _stop(self) -> None:
        self._cancel()
        self.pending = None

    # -- state ----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        pending = None if self.pending is None else dict(vars(self.pending))
        return {"pending": pending, "archived": list(self.archived), "number": self.number}

    def load_state(self, state: dict[str, Any]) -> None:
        self._stop()
        self.archived, self.number = list(state["archived"]), int(state["number"])
        if state["pending"] is not None:
            self.pending = Pending(**state["pending"])
            self._schedule()


def differences(old: IosConfig, new: IosConfig) -> list[tuple[str, str]]:
    """(mark, line) with indentation, in configuration order: ``-`` only in old, ``+`` only in new, blank = context."""
    before, after = _paths(old), _paths(new)
    had, has = set(before), set(after)
    marked = [("-", path) for path in before if path not in has] + [("+", path) for path in after if path not in had]
    out: list[tuple[str, str]] = []
    shown: set[tuple[str, ...]] = set()
    for mark, path in marked:
        for depth in range(1, len(path)):
            parent = path[:depth]
            if parent not in shown and parent in had and parent in has:
                out.append((" ", " " * (depth - 1) + parent[-1]))
            shown.add(parent)
        out.append((mark, " " * (len(path) - 1) + path[-1]))
    return out


def _paths(config: IosConfig) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def collect(children: list[Any], path: tuple[str, ...]) -> None:
        for child in children:
            if child.text not in ("!", "") and not child.text.startswith("exit"):
                found.append((*path, child.text))
                collect(child.children, (*path, child.text))

    collect(config.tree.root.children, ())
    return found
