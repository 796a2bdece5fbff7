# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A conversation with a device of a stored lab: what a netmiko channel is, without a network in between.

It is here because it is where the lab and the engine meet; neither may know the other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..engine.channel import Ending, LoginRefused, NoAnswer, SessionLost
from ..engine.secret import Secret, SecretBook
from ..lab.labfile import LabError
from ..lab.serve.store import Store

if TYPE_CHECKING:
    from ..lab.terminal import Terminal
    from ..lab.world import World

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[@-~]|\x1b[()][A-Z0-9]|[\x00\x07\r]")
_ERASED = re.compile(r"[^\n\x08]\x08")
Scrub = Callable[[str], str]
_POLL = 0.1
"""Seconds between looks at a device that has not said what is waited for."""


class MockChannel:
    """An open, logged-in conversation, an `engine.channel.Channel`."""

    def __init__(
        self, store: Store, host: str, user: str, password: str, timeout: float = 30.0, scrub: Scrub = str
    ) -> None:
        """Log in to the device `host`. Raises LoginRefused, SessionLost, LabError.

        `timeout` in seconds; `scrub` takes secrets out of what is quoted in an error.
        """
        self.host = host
        self.enable_password: Secret | None = None
        self._store = store
        self._timeout = timeout
        self._scrub = scrub
        self._late = ""
        with store.world() as world:
            self._terminal = self._log_in(world, user, password)
            greeting = self._terminal.start()
        if self._terminal.closed:
            raise LoginRefused(clean(greeting).strip() or f"{host} does not answer")

    def _log_in(self, world: World, user: str, password: str) -> Terminal:
        device = world.devices.get(self.host)
        if device is None:
            raise LabError(f"there is no device '{self.host}' in the lab '{world.name}'")
        if not device.reachable:
            raise SessionLost(f"{self.host} does not answer")
        if not device.check_login(user, password):
            raise LoginRefused(f"{self.host} refuses user name or password")
        return device.open_session("ssh", user, "127.0.0.1")

    def ask(self, line: str, until: Ending, *, timeout: float | None = None, key: bool = False) -> str:
        """Send one line and return what the device wrote, once `until` shows in the last line of it."""
        limit = self._timeout if timeout is None else timeout
        deadline = time.monotonic() + limit
        raw, wait, manual = self._exchange(line if key else line + "\r")
        raw = self._late + raw
        self._late = ""
        if time.monotonic() + wait > deadline:
            self._late = raw
            time.sleep(max(0.0, deadline - time.monotonic()))
            raise NoAnswer(f"{self.host} gave no prompt within {limit:g} s")
        time.sleep(wait)
        while True:
            text = clean(raw)
            # The echo of the line always ends before an answer can: a prompt needs a line of its own.
            if "\n" in text and until.search(text, text.rindex("\n")):
                return text
            if self._terminal.closed:
                raise SessionLost(f"{self.host} closed the session")
            if manual or time.monotonic() > deadline:  # nobody else types here, so nothing more comes while time stands
                tail = self._scrub(text[-200:])
                raise NoAnswer(f"{self.host} gave no prompt within {limit:g} s; the last it said was {tail!r}")
            time.sleep(_POLL)
            raw += self._exchange("")[0]

    def entrust(self, book: SecretBook) -> None:
        self._scrub = book.scrub

    def send_ahead(self, lines: Sequence[str]) -> None:
        """There is no wire to wait for, so each line is typed when its answer is asked for."""

    def close(self) -> None:
        """End the conversation; never raises."""
        if self._terminal.closed:
            return
        try:
            with self._store.world():
                self._terminal.close()
        except (LabError, OSError):
            self._terminal.closed = True

    def _exchange(self, characters: str) -> tuple[str, float, bool]:
        """What comes back for `characters`, after how many seconds, and whether the lab's time stands still."""
        if self._terminal.closed:
            raise SessionLost(f"{self.host}: the session is closed")
        try:
            with self._store.world() as world:
                out = self._terminal.receive(characters)
                slow = self._terminal.device.faults.take("slow_chunks") if out else None
                manual = world.clock.kind == "manual"
        except (LabError, OSError) as error:
            raise SessionLost(f"{self.host} is lost: {error}") from error
        wait = self._terminal.delay
        if slow is not None:
            wait += float(slow.params["pause"]) * (len(out) // int(slow.params["size"]))
        return out, wait, manual


def clean(text: str) -> str:
    """Text as a person sees it: without control sequences, carriage returns and what was erased."""
    text = _CONTROL.sub("", text)
    while "\b" in text:
        shorter = _ERASED.sub("", text)
        if shorter == text:
            return text.replace("\b", "")
        text = shorter
    return text
