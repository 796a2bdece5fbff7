# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a lab in the background and ending it, from any process."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from ..labfile import LabError
from . import control
from .needs import require_asyncssh
from .state import LabState, StateDir, make_private, state_root

# The child may run where the collection is not on Python's path, and where the `ansible` package ships an
# `ansible_collections` of its own that would hide a directory of ours: so the parent package is given, not found. The
# second fork leaves the session that setsid() made, so that the lab can never get a terminal and is nobody's zombie.
_BOOT = """
import os, runpy, sys, types
if os.fork():
    os._exit(0)
package = types.ModuleType("ansible_collections")
package.__path__ = [sys.argv.pop(1)]
sys.modules["ansible_collections"] = package
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
_PACKAGE = __package__.rpartition(".")[0] if __package__ else ""
_POLL = 0.02


def start(path: Path, name: str, listen: str, patience: float = 60.0, keeper: int | None = None) -> LabState:
    """Serve the lab file in a process of its own; returns when all its ports listen.

    `patience` in seconds; the lab ends by itself with the process `keeper`. LabError with the reason when the lab
    cannot run; nothing is left behind then.
    """
    require_asyncssh()
    state = StateDir(name)
    make_private(state_root())
    receiver, sender = os.pipe()
    try:
        arguments = ["serve", "--background", str(sender), "--listen", listen, str(path.absolute())]
        if keeper is not None:
            arguments += ["--while", str(keeper)]
        forked = subprocess.run(
            [sys.executable, "-c", _BOOT, str(_collections()), _PACKAGE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            pass_fds=(sender,),
            start_new_session=True,
            check=False,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        os.close(receiver)
        raise LabError(f"lab {name} could not be started within {patience:g} s") from None
    finally:
        os.close(sender)
    with os.fdopen(receiver, "rb") as stream:
        message = _read(stream.fileno(), patience) if forked.returncode == 0 else b""
    if message is None:
        stop(name)
        raise LabError(f"lab {name} was not ready within {patience:g} s, see {state.log}")
    report = json.loads(message) if message else {"error": f"lab {name} ended while it started, see {state.log}"}
    if "error" in report:
        raise LabError(report["error"])
    return LabState.from_json(json.dumps(report))


def _collections() -> Path:
    """The directory `ansible_collections` that this code was loaded from."""
    here = Path(__file__).absolute()
    return next(parent for parent in here.parents if parent.name == "ansible_collections")


def _read(descriptor: int, patience: float) -> bytes | None:
    """What is written until the other end closes; None when that takes more than `patience` seconds."""
    deadline = time.monotonic() + patience
    chunks: list[bytes] = []
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return None


def stop(name: str, patience: float = 10.0) -> bool:
    """End a lab; True when it ran. Returns when its process is gone. Each step gets `patience` seconds."""
    state = StateDir(name)
    if not state.held():
        return False
    with contextlib.suppress(LabError):
        control.ask(state.control, {"op": "stop"}, timeout=patience)
        if _gone(state, patience):
            return True
    for number in (signal.SIGTERM, signal.SIGKILL):
        holder = state.holder()  # known to be the lab as long as the lock is held
        if holder is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(holder, number)
        if _gone(state, patience):
            return True
    raise LabError(f"lab {name} does not end (process {state.holder()})")


def _gone(state: StateDir, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while state.held():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True
