# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's login without what comes after it.

netmiko types a newline after the login, waits, and asks for the prompt again. A session here learns the prompt from
its first answer and prepares the terminal itself, so a driver only has to reach the first prompt.
"""

from __future__ import annotations

from typing import Any, ClassVar

try:
    import paramiko
except ImportError:  # the sanity tests import every file without third-party packages
    paramiko = None

from ..carriers.known_hosts import KnownHosts
from ..engine.channel import SessionLost

_REMEMBERED = 500  # characters


class LeanLogin:
    """Mixin, to stand before a netmiko driver: the login dialogue is the driver's, nothing follows it."""

    example: ClassVar[str] = "a>"
    """A prompt that a login may end at, to rehearse it with."""
    ansi_escape_codes: bool
    host: str
    key_policy: Any
    remote_conn: Any
    _heard: str | None = ""
    """The end of what came during the login; None once it is over."""

    def _get_ssh_client_instance(self) -> Any:
        parent: Any = super()
        client = parent._get_ssh_client_instance()
        if isinstance(self.key_policy, paramiko.RejectPolicy):  # any other may save what it has loaded
            client._system_host_keys, client._host_keys = KnownHosts(), KnownHosts()
        return client

    def read_channel(self) -> str:
        """During the login, a device that hangs up ends the waiting, with its last words (netmiko would wait on)."""
        parent: Any = super()
        text: str = parent.read_channel()
        if self._heard is None:
            return text
        self._heard = (self._heard + text)[-_REMEMBERED:]
        remote = self.remote_conn
        gone = hasattr(remote, "recv_ready") and (remote.closed or remote.eof_received) and not remote.recv_ready()
        if gone and not text:
            words = self._heard.strip().rpartition("\n")[2].strip()
            raise SessionLost(f"{self.host} closed the session during the login" + (f": {words}" if words else ""))
        return text

    def _try_session_preparation(self, force_data: bool = False) -> None:
        # netmiko's own drivers override this hook the same way where a newline would disturb.
        parent: Any = super()
        parent._try_session_preparation(force_data=False)

    def session_preparation(self) -> None:
        """Nothing but this: strip terminal control sequences while reading."""
        self.ansi_escape_codes = True
        self._heard = None
