# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for convergence on a clock that only waiting moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Unmet
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.verify import (
    Outcome,
    Pace,
    Patience,
    settle,
    verdict,
)

WRONG = Unmet("a", "b", "c")
SILENT = Unmet("a", "b", "c", "no_traffic")


class Clock:
    """Time that passes in sleep only; `naps` are the sleeps."""

    def __init__(self) -> None:
        self.time, self.naps = 100.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.time, self.sleep)


def run(state: Callable[[float], list[Unmet]], patience: Patience) -> tuple[Outcome, Clock]:
    clock = Clock()
    return settle(lambda: state(clock.time - 100), patience, clock.pace), clock


def test_converged_at_once_takes_one_look_and_no_time() -> None:
    outcome, clock = run(lambda _now: [], Patience(60, 3, 0))
    assert (outcome.verdict, outcome.polls, clock.naps) == ("converged", 1, [])


def test_it_is_polled_until_it_converges() -> None:
    outcome, clock = run(lambda now: [] if now >= 10 else [WRONG], Patience(60, 3, 0))
    assert (outcome.verdict, outcome.polls, outcome.seconds, clock.naps) == ("converged", 5, 12, [3, 3, 3, 3])


def test_it_must_hold() -> None:
    outcome, _clock = run(lambda now: [] if now >= 10 else [WRONG], Patience(60, 3, 7))
    assert outcome.verdict == "converged"
    assert outcome.seconds == 12 + 7


def test_what_flaps_is_not_converged() -> None:
    outcome, _clock = run(lambda now: [] if int(now / 3) % 2 else [WRONG], Patience(20, 3, 5))
    assert (outcome.verdict, outcome.unmet) == ("unmet", (WRONG,))
    assert 20 <= outcome.seconds <= 25


def test_holding_at_the_timeout_goes_on_until_stable() -> None:
    outcome, _clock = run(lambda now: [] if now >= 19 else [WRONG], Patience(20, 3, 30))
    assert outcome.verdict == "converged"
    assert outcome.seconds <= 20 + 30


def test_the_last_look_is_at_the_timeout_not_before() -> None:
    outcome, _clock = run(lambda now: [] if now >= 20 else [WRONG], Patience(20, 7, 0))
    assert (outcome.verdict, outcome.seconds) == ("converged", 20)


def test_time_out() -> None:
    outcome, clock = run(lambda _now: [WRONG, SILENT], Patience(20, 7, 0))
    assert (outcome.verdict, outcome.unmet, outcome.seconds) == ("unmet", (WRONG, SILENT), 20)
    assert clock.naps == [7, 7, 6]


@pytest.mark.parametrize(
    ("unmet", "word"), [([], "converged"), ([SILENT], "no_traffic"), ([SILENT, WRONG], "unmet"), ([WRONG], "unmet")]
)
def test_no_traffic_is_a_state_of_its_own(unmet: list[Unmet], word: str) -> None:
    assert verdict(unmet) == word


@given(st.integers(1, 50), st.integers(1, 20), st.integers(0, 30), st.lists(st.integers(0, 80), max_size=6).map(sorted))
def test_it_always_ends_in_time(timeout: int, interval: int, stable: int, changes: list[int]) -> None:
    def state(now: float) -> list[Unmet]:
        return [] if sum(change <= now for change in changes) % 2 else [WRONG]

    outcome, _clock = run(state, Patience(timeout, interval, stable))
    assert outcome.seconds <= timeout + stable + 0.1
    if outcome.verdict == "unmet":
        assert outcome.seconds >= timeout
        assert outcome.unmet
