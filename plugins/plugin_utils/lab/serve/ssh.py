# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSH carrier: one set of options for all devices, one small server object per connection."""

from __future__ import annotations

import asyncio
import codecs
import hmac
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..terminal import Terminal
from .needs import ServerSession, SSHServer, asyncssh
from .pump import Pump, report

if TYPE_CHECKING:
    from .hub import Hub, Served

log = logging.getLogger("peerguard.lab")

# Cheap first: whatever a client shares with the first entries costs the least CPU on both sides. Post-quantum exchanges
# are left out on purpose (paramiko 5 and OpenSSH 10 would choose them); the end of each list is what old clients need.
_KEX = (
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
)
_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes128-ctr",
    "aes256-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "chacha20-poly1305@openssh.com",
    "aes128-cbc",
    "aes256-cbc",
    "3des-cbc",
)
_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha1",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-512",
)
_SIGNATURES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256", "rsa-sha2-512", "ssh-rsa")

_LOGIN_TIMEOUT = 60.0
"""Seconds a client may take to log in, so that half-open connections end."""


async def listen(
    hub: Hub, devices: dict[int, Served], sockets: list[socket.socket], keys: list[Any]
) -> list[asyncio.Server]:
    """Serve SSH on bound sockets. `devices` maps each local port to the device behind it."""
    options = await asyncssh.SSHServerConnectionOptions.construct(
        server_factory=lambda: _Login(hub, devices),
        server_host_keys=keys,
        kex_algs=_KEX,
        encryption_algs=_CIPHERS,
        mac_algs=_MACS,
        signature_algs=_SIGNATURES,
        compression_algs=None,
        gss_host=None,
        x11_forwarding=False,
        agent_forwarding=False,
        allow_scp=False,
        line_editor=False,
        encoding=None,
        server_version="peerguard-lab",
        login_timeout=_LOGIN_TIMEOUT,
        keepalive_interval=0,
    )
    loop = asyncio.get_running_loop()
    factory: Callable[[], asyncio.Protocol] = lambda: asyncssh.SSHServerConnection(loop, options)  # noqa: E731
    return [await loop.create_server(factory, sock=sock, backlog=512) for sock in sockets]


class _Login(SSHServer):
    """One connection until it is logged in."""

    def __init__(self, hub: Hub, devices: dict[int, Served]) -> None:
        self._hub = hub
        self._devices = devices
        self._served: Served | None = None
        self._connection: Any = None
        self._user = ""
        self._peer = ""
        self._port = 0

    def connection_made(self, conn: Any) -> None:
        self._connection = conn
        self._port = conn.get_extra_info("sockname")[1]
        self._served = self._devices.get(self._port)
        self._peer = conn.get_extra_info("peername")[0]
        if self._served is None or not self._hub.admit(self._served, self):
            self._served = None
            conn.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._served is not None:
            self._hub.release(self._served, self)
        if exc is not None and not isinstance(exc, (asyncssh.Error, OSError)):
            report(self._label, exc)

    @property
    def _label(self) -> str:
        return f"{self._served.name if self._served else '?'} ssh {self._peer}"

    def hang_up(self) -> None:
        """End the connection, with all its sessions."""
        self._connection.abort()

    # Authentication
    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._check(username, password)

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        del username, lang, submethods
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return len(responses) == 1 and self._check(username, responses[0])

    def public_key_auth_supported(self) -> bool:
        return self._served is not None and bool(self._served.authorized_keys)

    def validate_public_key(self, username: str, key: Any) -> bool:
        served = self._served
        if served is None or served.refuses_login or not served.knows_user(username):
            return False
        offered = key.export_public_key().split()[:2]
        return any(hmac.compare_digest(b" ".join(offered), known) for known in served.authorized_keys)

    def _check(self, username: str, password: str) -> bool:
        served = self._served
        accepted = served is not None and served.device.check_login(username, password)
        if not accepted:
            log.info("%s: login refused", self._label)
        return accepted

    # Sessions
    def session_requested(self) -> Any:
        if self._served is None:
            return False
        return _Session(self._hub, self._served, self._user, self._peer, self._connection, self._port)


class _Session(ServerSession):
    """One channel: a shell, one command, or the NETCONF subsystem."""

    def __init__(self, hub: Hub, served: Served, user: str, peer: str, connection: Any, port: int) -> None:
        self._hub = hub
        self._served = served
        self._connection = connection
        self._port = port
        self._encoding = "utf-8"
        self._user = user
        self._peer = peer
        self._transport = "ssh"
        self._command: str | None = None
        self._size = (0, 0)
        self._chan: Any = None
        self._pump: Pump | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def connection_made(self, chan: Any) -> None:
        self._chan = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Any) -> bool:
        del term_type, term_modes
        self._size = term_size[:2]
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        del pixwidth, pixheight
        if self._pump is not None:
            self._pump.resize(width, height)

    def shell_requested(self) -> bool:
        return self._served.has_shell(self._port)

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return self._served.has_shell(self._port)

    def subsystem_requested(self, subsystem: str) -> bool:
        self._transport = subsystem
        self._encoding = "latin-1"  # bytes pass as they are: NETCONF counts them
        self._decode = codecs.getincrementaldecoder(self._encoding)().decode
        return subsystem == "netconf" and self._served.has_netconf(self._port)

    def session_started(self) -> None:
        pump = self._pump = self._hub.open_pump(self._served, self._transport, self._user, self._peer, self)
        if pump is None:
            self.hang_up()
            return
        if self._command is not None:
            self._run(pump, self._command)
            return
        pump.resize(*self._size)
        pump.start()

    def _run(self, pump: Pump, command: str) -> None:
        """One command without a conversation: no banner, echo or prompt in what the client gets."""
        try:
            text = run_one(pump.terminal, command) if isinstance(pump.terminal, Terminal) else ""
        except Exception as error:  # noqa: BLE001 - whatever breaks, it breaks this conversation only
            report(pump.label, error)
            text = ""
        self.write(text)
        pump.close()
        self._chan.exit(0)

    # What the client sends
    def data_received(self, data: bytes, datatype: Any) -> None:
        del datatype
        if self._pump is not None and self._command is None:
            self._pump.feed(self._decode(data))

    def eof_received(self) -> bool:
        if self._pump is not None and self._command is None:
            self._pump.end_of_input()
        return True  # we close, once everything has been said

    def signal_received(self, signal: str) -> None:
        if signal == "INT" and self._pump is not None:
            self._pump.feed("\x03")

    def break_received(self, msec: int) -> bool:
        del msec
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        del exc
        if self._pump is not None:
            self._hub.close_pump(self._served, self._pump)
            # As the devices do: without its session the connection has no purpose.
            asyncio.get_running_loop().call_soon(self._connection.close)

    def pause_writing(self) -> None:
        if self._pump is not None:
            self._pump.client_full(True)

    def resume_writing(self) -> None:
        if self._pump is not None:
            self._pump.client_full(False)

    # Link
    def write(self, text: str) -> None:
        if not self._chan.is_closing():
            self._chan.write(text.encode(self._encoding, "replace"))

    def hang_up(self) -> None:
        if not self._chan.is_closing():
            self._chan.exit(0)

    def hold_input(self, hold: bool) -> None:
        if hold:
            self._chan.pause_reading()
        else:
            self._chan.resume_reading()


def run_one(terminal: Terminal, command: str) -> str:
    """Run one command on a fresh terminal, without paging, and keep only its output."""
    greeting = terminal.start()
    if terminal.closed:
        return greeting
    terminal.shell.screen_length = 0
    text = terminal.receive(command.replace("\r", " ").replace("\n", " ") + "\r")
    lines = text.replace("\r\n", "\n").split("\n")[1:-1]  # the echo is the first line, the prompt the last
    return "".join(f"{line}\r\n" for line in lines)
