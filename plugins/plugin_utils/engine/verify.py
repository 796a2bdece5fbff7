# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for convergence: poll until it holds, and has held for a while, or time is up. No fixed sleeps elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .feature import Unmet

Verdict = Literal["converged", "no_traffic", "unmet"]


@dataclass(frozen=True)
class Patience:
    """How long to look, in seconds: until `timeout`, every `interval`; converged counts once it held `stable_for`."""

    timeout: float = 60
    interval: float = 3
    stable_for: float = 0


@dataclass(frozen=True)
class Pace:
    """Whose time passes while waiting; a lab with a clock of its own brings its own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Outcome:
    """The last look: what was still unmet, how often was looked, how long it took (seconds)."""

    verdict: Verdict
    unmet: tuple[Unmet, ...]
    polls: int
    seconds: float


def verdict(unmet: list[Unmet]) -> Verdict:
    """`no_traffic` only when nothing but missing evidence is left."""
    if not unmet:
        return "converged"
    return "no_traffic" if all(entry.kind == "no_traffic" for entry in unmet) else "unmet"


def settle(look: Callable[[], list[Unmet]], patience: Patience, pace: Pace) -> Outcome:
    """Look until converged and stable, or until time is up; the last look always happens at or after the timeout."""
    start = pace.now()
    held_since: float | None = None
    polls = 0
    while True:
        unmet = look()
        polls += 1
        elapsed = pace.now() - start
        state = verdict(unmet)
        if state == "converged":
            held_since = elapsed if held_since is None else held_since
            if elapsed - held_since >= patience.stable_for:
                return Outcome(state, (), polls, elapsed)
            wait = min(patience.interval, patience.stable_for - (elapsed - held_since))
        else:
            held_since = None
            wait = patience.interval
        if elapsed >= patience.timeout and held_since is None:
            return Outcome(state, tuple(unmet), polls, elapsed)
        if held_since is None:
            wait = min(wait, max(patience.timeout - elapsed, 0))
        pace.sleep(max(wait, 0.01))
