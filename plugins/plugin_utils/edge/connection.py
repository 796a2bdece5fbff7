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
from ..engine.channel import Channel, ChannelError, FreshChannel
from ..engine.secret import SecretBook, scrub_native
from ..engine.session import CommandRejected, DeviceError, Session
from ..platforms.base import Platform
from ..platforms.recognition import recognise


class SessionConnection(ConnectionBase):
    """A connection that the engine opens sessions with, as often as it needs (after a lost session, again)."""

    has_pipelining = False
    has_native_async = False
    always_pipeline_modules = False
    default_user: t.ClassVar[str | None] = None

    _session: Session | None = None
    _found: Platform | None = None
    _fresh: FreshChannel | None = None
    """The conversation in which the platform was found out, until a session takes it over."""

    @abstractmethod
    def open_channel(self, book: SecretBook) -> Channel:
        """Log in and return the conversation. Raises a ChannelError with the reason."""

    def open_unknown(self, book: SecretBook) -> FreshChannel:
        """Log in to a device of which nobody has said what it runs. Raises a ChannelError with the reason."""
        names = ", ".join(f"{registry.COLLECTION}.{entry}" for entry in registry.platforms())
        raise AnsibleConnectionFailure(f"ansible_network_os is not set for this host; use one of {names}.")

    @property
    def recognised(self) -> str | None:
        """What ansible_network_os should say, where it was found out."""
        return f"{registry.COLLECTION}.{self._found.name}" if self._found else None

    def _find_out(self) -> Platform:
        fresh = self.open_unknown(SecretBook())
        known = [registry.platform(name) for name in registry.platforms()]
        try:
            self._found = registry.platform(recognise(fresh, known))
        except BaseException:
            fresh.close()
            raise
        self._fresh = fresh
        return self._found

    def platform(self) -> Platform:
        """The platform that ansible_network_os names, or where it is not set, the one that the device shows to be."""
        name = self.get_option("network_os")
        if not name:
            return self._found or self._find_out()
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
        platform = self.platform()
        fresh, self._fresh = self._fresh, None
        if fresh is None:
            return platform.session(self.open_channel(book), book)
        fresh.entrust(book)
        return platform.session(fresh, book)

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
        if self._fresh is not None:
            self._fresh.close()
            self._fresh = None
        self._connected = False
