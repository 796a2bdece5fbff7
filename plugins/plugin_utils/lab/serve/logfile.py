# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a served lab: what happened and where, never what a client typed."""

from __future__ import annotations

import logging
import logging.handlers
import os
import traceback
from pathlib import Path
from typing import Any

_SIZE = 2_000_000
"""Octets per log file; one older file is kept."""


class _Formatter(logging.Formatter):
    """Formats exceptions as kind and place: their messages may quote input, and input may be a secret."""

    def formatException(self, ei: Any) -> str:
        kind, _error, trace = ei
        places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]
        return "\n".join([f"{getattr(kind, '__name__', kind)} at", *places])


def to_file(path: Path) -> None:
    """Log this process to `path`, readable by its owner only."""
    os.umask(0o077)
    _install(logging.handlers.RotatingFileHandler(path, maxBytes=_SIZE, backupCount=1, encoding="utf-8"))


def to_stderr() -> None:
    """Log to the terminal of a lab that runs in the foreground."""
    _install(logging.StreamHandler())


def _install(handler: logging.Handler) -> None:
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("peerguard.lab").setLevel(logging.INFO)
    # asyncssh tells user names and commands at lower levels, and asyncio whole buffers
    for name in ("asyncssh", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
