# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF messages in a stream of bytes (RFC 6242): the end mark of 1.0 and the chunks of 1.1."""

from __future__ import annotations

import re

END = b"]]>]]>"
MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of one message. The RFC allows chunks of 4 GB; nothing that a lab device holds is near this."""

_CHUNK = re.compile(rb"\n#(?:([1-9][0-9]{0,9})|(#))\n")
_PARTIAL = re.compile(rb"\n(?:#(?:[1-9][0-9]{0,9}|#)?)?")
_MAX_CHUNK = 4294967295


class FramingError(Exception):
    """The stream is not NETCONF any more; the session has to end (RFC 6242 section 4.2)."""


class Framer:
    """Takes bytes as they come and gives whole messages; `chunked` switches to 1.1 from the next message on."""

    def __init__(self) -> None:
        self.chunked = False
        self._waiting = bytearray()
        self._searched = 0
        self._message = bytearray()
        self._left = 0  # bytes of the current chunk that are still to come

    def feed(self, data: bytes) -> None:
        self._waiting += data

    def next(self) -> bytes | None:
        """The next whole message; None when it has not all come yet. FramingError when it never will."""
        return self._next_chunked() if self.chunked else self._next_marked()

    def _next_marked(self) -> bytes | None:
        at = self._waiting.find(END, max(0, self._searched - len(END)))
        if at < 0:
            self._searched = len(self._waiting)
            if self._searched > MAX_MESSAGE:
                raise FramingError("the message is too long")
            return None
        message = bytes(self._waiting[:at])
        del self._waiting[: at + len(END)]
        self._searched = 0
        return message

    def _next_chunked(self) -> bytes | None:
        while self._waiting:
            if self._left:
                part = self._waiting[: self._left]
                self._message += part
                self._left -= len(part)
                del self._waiting[: len(part)]
                continue
            found = _CHUNK.match(self._waiting)
            if found is None:
                if len(self._waiting) > 12 or _PARTIAL.fullmatch(self._waiting) is None:
                    raise FramingError("no chunk header where one has to be")
                return None
            size, last = found.group(1), found.group(2)
            del self._waiting[: found.end()]
            if last:
                if not self._message:
                    raise FramingError("a message without a chunk")
                message, self._message = bytes(self._message), bytearray()
                return message
            self._left = int(size)
            if self._left > _MAX_CHUNK or self._left + len(self._message) > MAX_MESSAGE:
                raise FramingError("the message is too long")
        return None


def frame(message: bytes, chunked: bool) -> bytes:
    """A message as it goes over the wire."""
    if not chunked:
        return message + END
    return b"\n#%d\n%b\n##\n" % (len(message), message)
