# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket of a served lab: one JSON text per line, a request one way, an answer the other."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..labfile import LabError
from .desk import Answer, Request
from .pump import report

_LINE_MAX = 256 * 1024 * 1024
"""Octets. A snapshot of a thousand devices is one line."""


async def listen(path: Path, answer: Callable[[Request], Answer]) -> asyncio.Server:
    """Answer requests on a socket that only this user can reach (its directory has mode 0700)."""
    path.unlink(missing_ok=True)  # we hold the lock: whoever made it is gone

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(_reply(answer, line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError):
            pass  # the client went away, or sent a line without end
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, path, limit=_LINE_MAX)


def _reply(answer: Callable[[Request], Answer], line: bytes) -> Answer:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise LabError("a request is a JSON object")
        return {"ok": True, **answer(request)}
    except LabError as error:
        return {"ok": False, "error": str(error)}
    except ValueError:
        return {"ok": False, "error": "a request is one line of JSON"}
    except Exception as error:  # noqa: BLE001 - the lab outlives a request that breaks
        report("control", error)
        return {"ok": False, "error": f"internal error ({type(error).__name__}), see the lab's log"}


def ask(path: Path, request: Request, timeout: float = 30.0) -> dict[str, Any]:
    """Ask a served lab, from any process. `timeout` in seconds. Raises LabError when it refuses or does not answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout)
            sock.connect(str(path))
            sock.sendall(json.dumps(request).encode() + b"\n")
            with sock.makefile("rb") as stream:
                line = stream.readline()
        reply = json.loads(line)
    except (OSError, ValueError) as error:
        raise LabError(f"the lab does not answer on {path} ({error})") from error
    if not reply.pop("ok", False):
        raise LabError(str(reply.get("error")))
    return dict(reply)
