# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every carrier does between characters that arrive and characters that leave, in one place.

A carrier (SSH, Telnet) has a `Link`; the pump feeds the device's terminal and writes the answer at the pace that the
terminal and the device's faults ask for. Usually the answer goes out in the same turn of the event loop; a task exists
only while something has to wait.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger("peerguard.lab")

_SLICE = 512
"""Characters handled at once. A flood gives way to the other devices' sessions after each slice."""
_BACKLOG = 256 * 1024
"""Characters waiting for a busy device before the link stops reading from the client."""


class Link(Protocol):
    """The carrier's end of one conversation."""

    def write(self, text: str) -> None:
        """Send text to the client."""

    def hang_up(self) -> None:
        """Close after what has been written is on its way."""

    def hold_input(self, hold: bool) -> None:
        """Stop (or go on) reading from the client."""


class Pacing(Protocol):
    """How a device's faults cut its output: pieces with the pause in seconds before each."""

    def __call__(self, text: str) -> list[tuple[float, str]]: ...


class Conversation(Protocol):
    """What answers on the device's side: a terminal, or a NETCONF session."""

    closed: bool
    delay: float
    """Seconds that pass before the answer of the last call goes out."""
    waiting: bool
    """Whether there is input that is handled only when the delay is over, by a call without new input."""
    on_output: Callable[[str], None] | None
    on_closed: Callable[[], None] | None

    def start(self) -> str: ...

    def receive(self, text: str) -> str: ...

    def resize(self, width: int, height: int) -> None: ...

    def close(self) -> None: ...


class Pump:
    """One conversation between a client and a device."""

    def __init__(self, terminal: Conversation, link: Link, label: str, pacing: Pacing) -> None:
        self.terminal = terminal
        self.label = label
        self.open = True
        self._link = link
        self._pacing = pacing
        self._in: deque[str] = deque()
        self._late: list[str] = []
        self._waiting = 0
        self._client_full = False
        self._last_word = False
        self._worker: asyncio.Task[None] | None = None
        terminal.on_output = self._unasked
        terminal.on_closed = self._ended

    def start(self) -> None:
        """Greet the client."""
        self._exchange(None)

    def feed(self, text: str) -> None:
        """Characters from the client."""
        if not self.open or not text:
            return
        if self._worker is None and len(text) <= _SLICE and not self._client_full:
            self._exchange(text)
            return
        self._in.append(text)
        self._waiting += len(text)
        if self._waiting > _BACKLOG:
            self._link.hold_input(True)
        self._work([])

    def resize(self, width: int, height: int) -> None:
        """Columns and rows of the client's window; nonsense is ignored."""
        if 0 < width <= 1024 and 0 < height <= 1024:
            self.terminal.resize(width, height)

    def end_of_input(self) -> None:
        """The client has said its last word; it gets the answers to what it said before."""
        if self._worker is None:
            self._finish()
        else:
            self._last_word = True

    def client_full(self, full: bool) -> None:
        """The client does not read what we write (or does so again): do not produce more for it."""
        self._client_full = full
        self._link.hold_input(full)
        if not full and self._unread:
            self._work([])

    def close(self) -> None:
        """Nothing more comes from or goes to this client."""
        if not self.open:
            return
        self.open = False
        if self._worker is not None:
            self._worker.cancel()
        self._in.clear()
        self.terminal.on_closed = self.terminal.on_output = None
        try:
            self.terminal.close()
        except Exception as error:  # noqa: BLE001 - whatever breaks, it breaks this conversation only
            report(self.label, error)

    def _unasked(self, text: str) -> None:
        """The device says something by itself; what it is still busy saying comes first."""
        if self._worker is None:
            self._link.write(text)
        else:
            self._late.append(text)

    def _ended(self) -> None:
        """The device ended the session; first let out what it is saying in this turn."""
        asyncio.get_running_loop().call_soon(self._check)

    def _check(self) -> None:
        if self.open and self.terminal.closed and self._worker is None:
            self._finish()

    def _exchange(self, text: str | None) -> None:
        pieces = self._answer(text)
        while pieces and pieces[0][0] <= 0:
            self._link.write(pieces.pop(0)[1])
        if pieces or self.terminal.waiting:
            self._work(pieces)
        elif self.terminal.closed:
            self._finish()

    def _answer(self, text: str | None) -> list[tuple[float, str]]:
        """What the terminal says to `text` (None: when the client arrives), cut into pieces."""
        try:
            out = self.terminal.start() if text is None else self.terminal.receive(text)
            delay = self.terminal.delay
            pieces = self._pacing(out) if out else []
        except Exception as error:  # noqa: BLE001 - whatever breaks, it breaks this conversation only
            report(self.label, error)
            self._finish()
            return []
        if delay > 0 and pieces:
            pieces[0] = (pieces[0][0] + delay, pieces[0][1])
        return pieces

    def _work(self, pieces: list[tuple[float, str]]) -> None:
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._drain(pieces))

    async def _drain(self, pieces: list[tuple[float, str]]) -> None:
        """Write `pieces` at their pace, then handle the input that came in the meantime."""
        try:
            while self.open:
                for pause, piece in pieces:
                    await asyncio.sleep(pause)
                    self._link.write(piece)
                if self.terminal.closed or not self._unread or self._client_full:
                    break
                pieces = self._answer("" if self.terminal.waiting else self._next_slice())
                if not pieces:
                    await asyncio.sleep(0)
        finally:
            self._worker = None
        while self._late and self.open:
            self._link.write(self._late.pop(0))
        if self._last_word and not self._unread:
            self._finish()
        self._check()

    @property
    def _unread(self) -> bool:
        """Whether something the client sent is still to be handled."""
        return bool(self._in) or self.terminal.waiting

    def _next_slice(self) -> str:
        text = self._in.popleft()
        if len(text) > _SLICE:
            self._in.appendleft(text[_SLICE:])
            text = text[:_SLICE]
        before = self._waiting
        self._waiting -= len(text)
        if before > _BACKLOG >= self._waiting:
            self._link.hold_input(False)
        return text

    def _finish(self) -> None:
        if not self.open:
            return
        self.close()
        self._link.hang_up()


def report(label: str, error: BaseException) -> None:
    """Log where something broke, without the message: it could quote what a client typed."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-6:]))
    log.error("%s: internal %s at %s", label, type(error).__name__, where)
