# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says while it is still running: from the process that runs it to the one that has the screen.

Whoever shows it calls `listen` before tasks are started; the processes that run them are forks and have the other end.
Where nobody listens, nothing is said.
"""

from __future__ import annotations

import contextlib
import os

_LONGEST = 400  # bytes; well below what a pipe takes in one piece
_sink: int | None = None


def listen() -> int:
    """The descriptor to read steps from, one per line."""
    global _sink
    source, _sink = os.pipe()
    os.set_blocking(_sink, False)  # a screen that is slow must not hold up a change
    return source


def stop() -> None:
    """Nobody listens any more; whoever reads comes to the end."""
    global _sink
    if _sink is not None:
        os.close(_sink)
        _sink = None


def say(text: str) -> None:
    """The first line of a step."""
    if _sink is not None:
        with contextlib.suppress(OSError):
            os.write(_sink, text.partition("\n")[0].encode("utf-8", "replace")[:_LONGEST] + b"\n")
