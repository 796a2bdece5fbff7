# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an ISAKMP message is sent again, when an exchange is given up, and when all retries are through.

Two mechanisms, not to be mixed up: *retransmission* of a message within one exchange (msgtimeout, msgretrylimit,
msgbackoff), and *retry* of an exchange that has failed (retryikeattempts). All times in seconds.

Source: Release Note for Software Version 2.8.1 (C613-10477-00 REV B) pp. 170–171. Its worked example for the defaults
has gaps of 4, 8, 16, 24, 32, 40, 48 and 56 s; its prose ("twice msgtimeout more each time"), taken literally from the
first gap on, does not give that. The example wins: the first gap is T, the n-th 2T(n − 1).
"""

from __future__ import annotations

from typing import Literal

Backoff = Literal["incremental", "none"]

DEFAULT_TIMEOUT = 4
DEFAULT_LIMIT = 8
DEFAULT_BACKOFF: Backoff = "incremental"
DEFAULT_ATTEMPTS = 0
CONTINUOUS = "continuous"


def gap(number: int, timeout: int, backoff: str = DEFAULT_BACKOFF) -> int:
    """Seconds between copy `number` (from 1) of a message and the copy before it (or the message itself)."""
    if backoff == "none" or number == 1:
        return timeout
    return 2 * timeout * (number - 1)


def copies(
    timeout: int = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT, backoff: str = DEFAULT_BACKOFF
) -> tuple[int, ...]:
    """When each copy of an unanswered message is sent, counted from the message itself.

    `copies()` is (4, 12, 28, 52, 84, 124, 172, 228); with incremental back-off copy n comes at T(1 + n(n − 1)).
    """
    moments, now = [], 0
    for number in range(1, limit + 1):
        now += gap(number, timeout, backoff)
        moments.append(now)
    return tuple(moments)


def exchange_time(
    timeout: int = DEFAULT_TIMEOUT, limit: int = DEFAULT_LIMIT, backoff: str = DEFAULT_BACKOFF
) -> tuple[int, int]:
    """When an unanswered exchange times out: at the earliest, at the latest.

    Documented is "after the last copy", not whether one more gap is waited: 228 or 292 s for the defaults.
    """
    last = (0, *copies(timeout, limit, backoff))[-1]
    return last, last + gap(limit + 1, timeout, backoff)


def worst_case(
    attempts: int | str,
    timeout: int = DEFAULT_TIMEOUT,
    limit: int = DEFAULT_LIMIT,
    backoff: str = DEFAULT_BACKOFF,
) -> tuple[int, int] | None:
    """When the device gives a silent peer up, all retries included: `(1 + attempts)` exchanges, earliest and latest.

    None for `continuous`: it never gives up.
    """
    if attempts == CONTINUOUS:
        return None
    earliest, latest = exchange_time(timeout, limit, backoff)
    return (1 + int(attempts)) * earliest, (1 + int(attempts)) * latest
