# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's login to a device of which nobody has said what it runs: up to what looks like a prompt, and no further."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any, ClassVar

try:
    from netmiko.base_connection import BaseConnection
    from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException
except ImportError:  # the sanity tests import every file without third-party packages
    BaseConnection = object  # type: ignore[misc,assignment]
    NetmikoAuthenticationException = NetmikoTimeoutException = Exception  # type: ignore[misc,assignment]

from ..engine.channel import SessionLost
from .lean import LeanLogin
from .recognition import Recognisable

_PATIENCE = 20.0  # seconds from the first byte to the first prompt
_READY = re.compile(r"^\S?[^\n]*[>#\]$%] ?\Z", re.MULTILINE)
_USER = re.compile(r"(?:user(?: ?name)?|login): ?\Z", re.IGNORECASE)
_PASSWORD = re.compile(r"password: ?\Z", re.IGNORECASE)


class UnknownDevice(LeanLogin, BaseConnection):
    """Answers what a login asks, once each, until something like a prompt stands there."""

    greetings: ClassVar[tuple[tuple[re.Pattern[str], str], ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # What a terminal's Enter key sends; to AlliedWare an LF after it would be a command of its own.
        kwargs["default_enter"] = kwargs.get("default_enter") or "\r"
        super().__init__(*args, **kwargs)
        self.TELNET_RETURN = self.RETURN

    def session_preparation(self) -> None:
        """SSH: the transport has let us in, the device may still ask."""
        if self.protocol == "ssh":
            self._reach_prompt()
        super().session_preparation()

    def telnet_login(self, *args: Any, **kwargs: Any) -> str:
        """Telnet: name and password are asked for in the conversation."""
        self.TELNET_RETURN = self.RETURN
        return self._reach_prompt()

    def _reach_prompt(self) -> str:
        """Raises NetmikoAuthenticationException when a question comes again, NetmikoTimeoutException, SessionLost."""
        questions = [(_USER, self.username or ""), (_PASSWORD, self.password or ""), *self.greetings]
        said, answered, deadline = "", set[re.Pattern[str]](), time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                fresh = self.read_channel()
            except EOFError:
                raise SessionLost(f"{self.host} closed the session during the login") from None
            said += fresh
            asked = next((entry for entry in questions if entry[0].search(said)), None) if said else None
            if asked is None:
                if said and not fresh and _READY.search(said):
                    return said
                time.sleep(0.02)
                continue
            if asked[0] in answered:
                raise NetmikoAuthenticationException(f"Authentication to {self.host} failed: it asked again")
            answered.add(asked[0])
            self.write_channel(asked[1] + self.RETURN)
            said = ""
        raise NetmikoTimeoutException(f"{self.host}: nothing like a prompt within {_PATIENCE:g} seconds after login")


def driver(known: Iterable[Recognisable]) -> type[UnknownDevice]:
    """The driver that knows the greetings of all these platforms."""
    greetings = tuple(entry for platform in known for entry in platform.recognition.greetings)
    return type("UnknownDevice", (UnknownDevice,), {"greetings": greetings})
