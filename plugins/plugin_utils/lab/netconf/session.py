# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One NETCONF session, without its transport: characters in, characters out, as a terminal does it.

The characters are bytes (latin-1), because RFC 6242 counts bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import RpcError, RpcErrors
from .framing import END, Framer, FramingError, frame
from .operations import Operations, label
from .xml import BASE, Node, XmlError, parse, to_text

if TYPE_CHECKING:
    from ..device import Device, SessionInfo
    from .store import Store

BASE_10 = "urn:ietf:params:netconf:base:1.0"
BASE_11 = "urn:ietf:params:netconf:base:1.1"
CAPABILITY = "urn:ietf:params:netconf:capability:"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class NetconfSession:
    """Transports call start, receive and close, and read closed, delay and waiting."""

    def __init__(self, device: Device, store: Store, info: SessionInfo, refused: bool = False) -> None:
        self.device = device
        self.session = info
        self.closed = False
        self.delay = 0.0
        self.waiting = False
        self.on_output: Callable[[str], None] | None = None
        self.on_closed: Callable[[], None] | None = None
        self._store = store
        self._operations = Operations(store, info.id, info.user or device.username)
        self._framer = Framer()
        self._greeted = False
        self._number = 0
        self._refused = refused
        if not refused:
            store.sessions[info.id] = self

    def start(self) -> str:
        """The server's hello; nothing when the device takes no session."""
        if self._refused:
            self.close()
            return ""
        garbage = self.device.faults.take("garbage_after_banner")
        tail = str(garbage.params["text"]) if garbage is not None else ""
        return self._out(frame(self._hello(), False) + tail.encode())

    def receive(self, text: str) -> str:
        """Whatever the client sends, in pieces of any size; as at a terminal, a slow request is the last of a call."""
        self.delay, self.waiting = 0.0, False
        if self.closed:
            return ""
        out = bytearray()
        with self.device.world.lock:
            self.device.world.tick()
            self._framer.feed(text.encode("latin-1", "replace"))
            try:
                while not self.closed and not self.delay and (message := self._framer.next()) is not None:
                    out += self._message(message)
            except FramingError:
                self.close()
        self.waiting = self.delay > 0
        return self._out(bytes(out))

    def resize(self, width: int, height: int) -> None:
        """There is no window."""
        del width, height

    def close(self) -> None:
        """End the session; everything of it is given back."""
        if self.closed:
            return
        self.closed = True
        with self.device.world.lock:
            self._store.closed(self.session.id)
        if self.on_closed is not None:
            self.on_closed()

    @staticmethod
    def _out(data: bytes) -> str:
        return data.decode("latin-1")

    # -- messages ----------------------------------------------------------------------------------------------------

    def _hello(self) -> bytes:
        hello = Node(BASE, "hello")
        listed = hello.new("capabilities")
        names = [BASE_10, BASE_11, *(CAPABILITY + name for name in self._store.agent.capabilities)]
        for name in [*names, *(module.capability for module in self._store.agent.model.modules)]:
            listed.new("capability", name)
        hello.new("session-id", str(self.session.id))
        return (_DECLARATION + to_text(hello)).encode()

    def _message(self, message: bytes) -> bytes:
        try:
            root = parse(message)
        except XmlError as error:
            return self._malformed(f"The message is not XML: {error}.")
        if not self._greeted:
            return self._greeting(root)
        if (root.ns, root.name) != (BASE, "rpc"):
            return self._malformed("The message is not an rpc.")
        return self._rpc(root)

    def _greeting(self, root: Node) -> bytes:
        """The client's hello decides about the framing; without one there is no session."""
        capabilities = {node.text.strip() for node in root.walk() if node.name == "capability"}
        if root.name != "hello" or not capabilities & {BASE_10, BASE_11} or root.find("session-id") is not None:
            self.close()
            return b""
        self._greeted = True
        self._framer.chunked = BASE_11 in capabilities
        return b""

    def _malformed(self, words: str) -> bytes:
        if not self._greeted:
            self.close()
            return b""
        return self._reply(Node(BASE, "rpc"), [RpcError("malformed-message", words, layer="rpc").to_node()])

    def _rpc(self, rpc: Node) -> bytes:
        line = label(rpc)
        self._number += 1
        self.session.commands.add(line)
        self.device.commands.add(line)
        if self._strike("before", line):
            return b""
        content = self._answer(rpc)
        if self._strike("after", line):
            return b""
        reply = self._reply(rpc, content)
        if self._operations.ended:
            self.close()
        return reply

    def _strike(self, when: str, line: str) -> bool:
        """What faults do to this request; True when the session is gone."""
        fate = self.device.faults.on_command(when, self._number, line)
        self.delay += fate.delay
        if fate.reboot is not None:
            self.device.reboot(fate.reboot)
        if fate.drop:
            self.close()
        return self.closed

    def _answer(self, rpc: Node) -> list[Node]:
        if ("", "message-id") not in rpc.attributes:
            info = {"bad-attribute": "message-id", "bad-element": "rpc"}
            return [RpcError("missing-attribute", "An rpc needs a message-id.", info=info).to_node()]
        try:
            return self._operations.run(rpc)
        except RpcError as error:
            return [error.to_node()]
        except RpcErrors as errors:
            return [error.to_node() for error in errors.errors]

    def _reply(self, rpc: Node, content: list[Node]) -> bytes:
        reply = Node(BASE, "rpc-reply", attributes=dict(rpc.attributes))
        for node in content or [Node(BASE, "ok")]:
            reply.add(node)
        return frame((_DECLARATION + to_text(reply)).encode(), self._framer.chunked)


__all__ = ["END", "NetconfSession"]
