# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the connection plugins share: a platform, a session per task, and ansible.builtin.raw."""

from __future__ import annotations

import typing as t
from abc import abstractmethod

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

from .. import registry
from ..engine.channel import Channel, ChannelError
from ..engine.secret import SecretBook, scrub_native
from ..engine.session import CommandRejected, DeviceError, Session
from ..platforms.base import Platform


class SessionConnection(ConnectionBase):
    """A connection that the engine opens sessions with, as often as it needs (after a lost session, again)."""

    has_pipelining = False
    has_native_async = False
    always_pipeline_modules = False
    default_user: t.ClassVar[str | None] = None

    _session: Session | None = None

    @abstractmethod
    def open_channel(self, book: SecretBook) -> Channel:
        """Log in and return the conversation. Raises a ChannelError with the reason."""

    def platform(self) -> Platform:
        """The platform that ansible_network_os names."""
        name = self.get_option("network_os")
        if not name:
            names = ", ".join(f"{registry.COLLECTION}.{entry}" for entry in registry.platforms())
            raise AnsibleConnectionFailure(f"ansible_network_os is not set for this host; use one of {names}.")
        try:
            return registry.platform(str(name))
        except KeyError as problem:
            raise AnsibleConnectionFailure(f"ansible_network_os: {problem.args[0]}.") from None

    def enable_password(self) -> str | None:
        """The password of the privileged mode: the connection's own option, else what a become plugin was given."""
        given = self.get_option("become_password")
        if given is None and self.become is not None:
            given = self.become.get_option("become_pass")
        return None if given is None else str.__str__(str(given))

    def open_session(self, book: SecretBook) -> Session:
        """A session of the engine over a fresh channel."""
        return self.platform().session(self.open_channel(book), book)

    # -- what Ansible wants of a connection ---------------------------------------------------------------------------

    def _connect(self) -> SessionConnection:
        self._opened()
        return self

    def _opened(self) -> Session:
        if self._session is None:
            try:
                self._session = self.open_session(SecretBook())
            except ChannelError as problem:
                raise AnsibleConnectionFailure(f"{problem}.") from None
        self._connected = True
        return self._session

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """One CLI command, for ansible.builtin.raw, with keys masked: rc 1 and the device's words where it refuses."""
        try:
            return 0, scrub_native(self._opened().run([cmd])[0], self.platform().secrets).encode(), b""
        except CommandRejected as rejected:
            return 1, b"", str(rejected).encode()
        except DeviceError as problem:
            return 1, b"", str(problem).encode()
        except ChannelError as problem:
            raise AnsibleConnectionFailure(f"{problem}.") from None

    def put_file(self, in_path: str, out_path: str) -> None:
        raise AnsibleConnectionFailure("A network device takes no files over this connection.")

    def fetch_file(self, in_path: str, out_path: str) -> None:
        raise AnsibleConnectionFailure("A network device gives no files over this connection.")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        self._connected = False
