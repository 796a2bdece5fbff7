# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a conversation: one line out, one answer back. netmiko and the mock lab both look like this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from .secret import Secret, SecretBook


class ChannelError(Exception):
    """Something about the conversation itself, not about what the device thinks of a command."""


class SessionLost(ChannelError):
    """The device or the network closed the conversation."""


class NoAnswer(ChannelError):
    """Nothing that was expected arrived in time; the conversation may still be open."""


class LoginRefused(ChannelError):
    """The device does not let us in: wrong credentials, unknown host key, no free line."""


class Ending(Protocol):
    """What ends an answer: a regular expression, or something that searches as one does."""

    def search(self, text: str, pos: int = ..., endpos: int = ..., /) -> re.Match[str] | None:
        """The match at the end of the text between the two positions."""


class Channel(Protocol):
    """An open, logged-in conversation with the CLI of one device."""

    host: str
    enable_password: Secret | None
    """For the privileged mode, where the OS has one and the user gave a password for it."""

    def ask(self, line: str, until: Ending, *, timeout: float | None = None, key: bool = False) -> str:
        """Send one line and return what the device wrote, up to and including the last match of `until`.

        The text starts with the echo of the line; CR and terminal control sequences are gone. `key`: the line is a key
        that a pager waits for, so no line end is sent and nothing is echoed.
        `timeout` is in seconds (None = the carrier's own command timeout).
        Raises SessionLost when the conversation ended, NoAnswer when `until` did not show in time.
        """

    def send_ahead(self, lines: Sequence[str]) -> None:
        """Write lines in one go; `ask` is then called with each of them, in this order, and only waits for its answer.

        A carrier that has no wire to wait for does nothing here. Raises SessionLost.
        """

    def close(self) -> None:
        """End the conversation; never raises."""


class FreshChannel(Channel, Protocol):
    """A conversation that was opened before anybody knew with whom, and that a session then takes over."""

    def entrust(self, book: SecretBook) -> None:
        """From now on this book says what must not be seen; what was secret before is in it too."""
