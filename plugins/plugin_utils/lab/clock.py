# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks of a lab: everything in the lab that takes time asks one of these, so tests can move time.

All values are seconds since the Unix epoch (UTC), as float.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

from .errors import LabError

#: Where a manual clock starts: a fixed moment, so that two runs of one test print the same dates.
MANUAL_START = 1936516800.0  # 2031-05-14 09:20:00 UTC


class Clock(ABC):
    """A source of "now"; never runs backwards."""

    kind = "abstract"

    @abstractmethod
    def now(self) -> float:
        """Seconds since the epoch."""

    def advance(self, seconds: float) -> None:
        """Move time forward by ``seconds``; only manual clocks can (LabError otherwise)."""
        raise LabError(f"The clock of this lab is '{self.kind}', only a manual clock can be advanced.")

    @abstractmethod
    def set(self, now: float) -> None:
        """Continue from ``now`` (used when a saved lab is restored)."""


class RealClock(Clock):
    """Wall time, with an offset after a restore."""

    kind = "real"

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        return time.time() + self._offset

    def set(self, now: float) -> None:
        self._offset = now - time.time()


class AcceleratedClock(Clock):
    """Wall time that runs ``speed`` times faster."""

    kind = "accelerated"

    def __init__(self, speed: float) -> None:
        if speed <= 0:
            raise LabError(f"The clock speed must be greater than 0, not {speed}.")
        self.speed = speed
        self._base = time.time()
        self._origin = time.monotonic()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._origin) * self.speed

    def set(self, now: float) -> None:
        self._base, self._origin = now, time.monotonic()


class ManualClock(Clock):
    """Stands still until somebody advances it."""

    kind = "manual"

    def __init__(self, start: float = MANUAL_START) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise LabError(f"Time cannot run backwards: advance by {seconds} s was refused.")
        self._now += seconds

    def set(self, now: float) -> None:
        self._now = now


def make_clock(kind: str, speed: float = 1.0) -> Clock:
    """The clock named in a lab file: ``real``, ``manual`` or ``accelerated`` with ``speed``."""
    if kind == "real":
        return RealClock()
    if kind == "manual":
        return ManualClock()
    if kind == "accelerated":
        return AcceleratedClock(speed)
    raise LabError(f"Unknown clock '{kind}': use real, manual or {{speed: N}}.")
