# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to one device for the length of a task: a session that is opened when needed, and again after it was lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .secret import SecretBook
from .session import Session


class Link:
    """One device, one session at a time, one book of secrets; several changes may share it."""

    def __init__(self, open_session: Callable[[SecretBook], Session], book: SecretBook | None = None) -> None:
        self.book = book or SecretBook()
        self.timings: dict[str, float] = {}
        self._open = open_session
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The open session; opened on first use, and on the first use after `close`. Raises ChannelError."""
        if self._session is None:
            with self.timed("connect"):
                self._session = self._open(self.book)
        return self._session

    def close(self) -> None:
        """Close the session, whatever its state."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the seconds of a step to `timings`."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.timings[step] = round(self.timings.get(step, 0.0) + time.monotonic() - start, 3)
