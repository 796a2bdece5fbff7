# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lab keeps what outlives a process: its directory, its lock, `state.json`.

A lab runs exactly while somebody holds the lock on the file `lock` of its directory. The kernel gives the lock back
when the process dies, however it dies, so a crash leaves no lab that only seems to run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..labfile import LabError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_SOCKET_PATH_MAX = 100
"""Bytes. Linux has 108 in `sun_path`, the BSDs 104, both with a closing NUL."""


@dataclass(frozen=True)
class DevicePorts:
    """TCP port per transport ("ssh", "telnet", "netconf") of one served device."""

    platform: str
    hostname: str
    user: str
    ports: dict[str, int]


@dataclass(frozen=True)
class LabState:
    """What `state.json` says about a running lab. No secret is in it."""

    name: str
    pid: int
    lab_file: str
    digest: str
    listen: str
    devices: dict[str, DevicePorts] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> LabState:
        """Raises ValueError, KeyError or TypeError when the text is not a state."""
        data: dict[str, Any] = json.loads(text)
        devices = {name: DevicePorts(**ports) for name, ports in data.pop("devices").items()}
        return cls(**data, devices=devices)


def state_root() -> Path:
    """The directory of all labs of this user; it need not exist."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"peerguard-lab-{os.getuid()}"  # noqa: S108


def make_private(path: Path) -> Path:
    """Create `path` (and parents) with mode 0700; refuse one that somebody else could have put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LabError(f"{path} is not a directory of this user: remove it, or set XDG_RUNTIME_DIR")
    if found.st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp creates with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class StateDir:
    """The directory of one lab, by the lab's name."""

    def __init__(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise LabError(
                f"lab name {name!r} is not usable as a directory name: letters, digits, '.', '_' and '-', at most 64"
            )
        self.name = name
        self.path = state_root() / name

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    @property
    def known_hosts(self) -> Path:
        return self.path / "known_hosts"

    def known_hosts_of(self, device: str) -> Path:
        """The host keys of one device."""
        return self.path / "known_hosts.d" / f"{device}.hosts"

    @property
    def log(self) -> Path:
        return self.path / "lab.log"

    @property
    def world(self) -> Path:
        """Where the mock connection keeps the devices of a lab that nobody serves."""
        return self.path / "world.json"

    @property
    def control(self) -> Path:
        """The control socket; elsewhere when the path is too long for a socket address."""
        usual = self.path / "control.sock"
        if len(os.fsencode(usual)) <= _SOCKET_PATH_MAX:
            return usual
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:24]
        return Path("/tmp") / f"peerguard-lab-{os.getuid()}" / f"{digest}.sock"  # noqa: S108

    def create(self) -> None:
        make_private(state_root())
        make_private(self.path)
        make_private(self.control.parent)

    def remember(self, state: LabState) -> None:
        write_private(self.state_file, state.to_json())

    def last(self) -> LabState | None:
        """The last state written, whether or not that lab still runs."""
        try:
            return LabState.from_json(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def running(self) -> LabState | None:
        """The state of the lab when it runs; None when not, and while it is still starting."""
        state = self.last()
        return state if state is not None and state.pid == self.holder() else None

    def held(self) -> bool:
        """Whether a process serves (or starts, or ends) this lab."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def holder(self) -> int | None:
        """Process id of the lab that holds the lock now."""
        if not self.held():
            return None
        with contextlib.suppress(OSError, ValueError):
            return int((self.path / "lock").read_text(encoding="ascii"))
        return None

    @contextlib.contextmanager
    def hold(self, patience: float = 1.0, *, to_the_end: bool = False) -> Iterator[None]:
        """Be the one process that serves this lab. `patience` in seconds outlasts somebody's brief look at the lock.

        With `to_the_end`, only the end of the process gives the lock back, so who waits for it waits for that.
        """
        self.create()
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, patience, self.name)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            yield
        finally:
            if not to_the_end:
                os.close(descriptor)


def _lock(descriptor: int, patience: float, name: str) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                raise LabError(f"lab {name} already runs: stop it first, or give this one another name") from None
            time.sleep(0.02)
        else:
            return


def known_labs() -> list[str]:
    """Names of all labs of this user that have ever run since the last boot."""
    root = state_root()
    return sorted(path.parent.name for path in root.glob("*/lock")) if root.is_dir() else []
