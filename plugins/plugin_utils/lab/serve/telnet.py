# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Telnet carrier (RFC 854, 855, 857, 858, 1073): options, escaping, and nothing about devices."""

from __future__ import annotations

import asyncio
import codecs
import re
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from .pump import Pump

if TYPE_CHECKING:
    from .hub import Hub, Served

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_IP, _BRK, _AYT = 244, 243, 246
_ECHO, _SGA, _NAWS = 1, 3, 31
_SUBNEGOTIATION_MAX = 512
"""Octets of a subnegotiation that are kept; a client that never ends one must not fill the memory."""
_OPTION_REPLIES_MAX = 200
"""Option requests answered on one connection; more is a negotiation loop or a flood."""
_BARE_CR = re.compile(rb"\r(?!\n)")


def escape(text: str) -> bytes:
    """Characters as a Telnet peer must get them: 0xFF doubled, a carriage return that is not a new line as CR NUL."""
    return _BARE_CR.sub(b"\r\0", text.encode("utf-8", "replace")).replace(b"\xff", b"\xff\xff")


class Codec:
    """Takes octets from a client apart into characters and option talk. Knows nothing of sockets."""

    def __init__(self) -> None:
        self.reply = bytearray(bytes([_IAC, _WILL, _ECHO, _IAC, _WILL, _SGA, _IAC, _DO, _NAWS]))
        """Octets to send; whoever sends them clears it."""
        self.size: tuple[int, int] | None = None
        """Columns and rows, when the client has told them."""
        self._ours = {_ECHO, _SGA}
        self._theirs = {_NAWS}
        self._replies = 0
        self._state: Callable[[int], None] = self._data
        self._verb = 0
        self._sub = bytearray()
        self._after_cr = False
        self._out = bytearray()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def receive(self, octets: bytes) -> str:
        """The characters in `octets`; CR LF and CR NUL arrive as one CR."""
        if self._state == self._data and not self._after_cr and _IAC not in octets and 13 not in octets:
            return self._decode(octets)
        for octet in octets:
            self._state(octet)
        out, self._out = bytes(self._out), bytearray()
        return self._decode(out)

    def _data(self, octet: int) -> None:
        after_cr, self._after_cr = self._after_cr, octet == 13
        if octet == _IAC:
            self._state = self._command
        elif not (after_cr and octet in (0, 10)):
            self._out.append(octet)

    def _command(self, octet: int) -> None:
        self._state = self._data
        if octet == _IAC:
            self._out.append(_IAC)
        elif octet in (_DO, _DONT, _WILL, _WONT):
            self._verb = octet
            self._state = self._option
        elif octet == _SB:
            self._sub.clear()
            self._state = self._subnegotiation
        elif octet in (_IP, _BRK):
            self._out.append(3)  # the key that interrupts, on every one of our devices
        elif octet == _AYT:
            self.reply += b"\r\n[Yes]\r\n"

    def _option(self, option: int) -> None:
        self._state = self._data
        if self._verb == _DO and option not in self._ours:
            self._answer(_WONT, option)
        elif self._verb == _DONT and option in self._ours:
            self._ours.discard(option)
            self._answer(_WONT, option)
        elif self._verb == _WILL and option not in self._theirs:
            # A client that offers not to wait for go-aheads may; everything else is declined.
            self._answer(_DO if option == _SGA else _DONT, option)
            if option == _SGA:
                self._theirs.add(_SGA)
        elif self._verb == _WONT:
            self._theirs.discard(option)

    def _answer(self, verb: int, option: int) -> None:
        self._replies += 1
        if self._replies <= _OPTION_REPLIES_MAX:
            self.reply += bytes([_IAC, verb, option])

    def _subnegotiation(self, octet: int) -> None:
        if octet == _IAC:
            self._state = self._subnegotiation_command
        elif len(self._sub) < _SUBNEGOTIATION_MAX:
            self._sub.append(octet)

    def _subnegotiation_command(self, octet: int) -> None:
        self._state = self._subnegotiation
        if octet == _IAC:
            if len(self._sub) < _SUBNEGOTIATION_MAX:
                self._sub.append(_IAC)
        elif octet == _SE:
            self._state = self._data
            if len(self._sub) == 5 and self._sub[0] == _NAWS:
                self.size = int.from_bytes(self._sub[1:3]), int.from_bytes(self._sub[3:5])


async def listen(hub: Hub, served: Served, sock: socket.socket) -> asyncio.Server:
    """Serve one device on a bound socket."""
    return await asyncio.get_running_loop().create_server(lambda: _Connection(hub, served), sock=sock, backlog=128)


class _Connection(asyncio.Protocol):
    """One Telnet client; the terminal itself asks for user name and password."""

    def __init__(self, hub: Hub, served: Served) -> None:
        self._hub = hub
        self._served = served
        self._codec = Codec()
        self._pump: Pump | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self._hub.admit(self._served, self):
            self._transport.abort()
            return
        self._send_reply()
        peer = self._transport.get_extra_info("peername")
        self._pump = self._hub.open_pump(self._served, "telnet", None, peer[0] if peer else "?", self)
        if self._pump is None:
            self.hang_up()
        else:
            self._pump.start()

    def data_received(self, data: bytes) -> None:
        text = self._codec.receive(data)
        if self._codec.reply:
            self._send_reply()
        if self._pump is None:
            return
        if self._codec.size is not None:
            self._pump.resize(*self._codec.size)
            self._codec.size = None
        self._pump.feed(text)

    def eof_received(self) -> bool:
        if self._pump is not None:
            self._pump.end_of_input()
        return True  # we close, once everything has been said

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._hub.release(self._served, self)
        if self._pump is not None:
            self._hub.close_pump(self._served, self._pump)

    def pause_writing(self) -> None:
        if self._pump is not None:
            self._pump.client_full(True)

    def resume_writing(self) -> None:
        if self._pump is not None:
            self._pump.client_full(False)

    def _send_reply(self) -> None:
        if self._transport is None:  # asyncio connects before it delivers
            return
        self._transport.write(bytes(self._codec.reply))
        self._codec.reply.clear()

    # Link
    def write(self, text: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(escape(text))

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def hold_input(self, hold: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if hold:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
