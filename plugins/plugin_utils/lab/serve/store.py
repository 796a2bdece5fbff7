# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world in a file: devices without a process of their own, for the mock connection.

Every look at the world happens under a lock on one file and starts from what the last one left there, so any number of
processes talk to the same devices, one exchange at a time and nobody waits longer than one exchange.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..labfile import LabError, LabFile
from ..world import World
from .desk import Answer, Request, WorldDesk
from .digest import digest
from .state import StateDir, write_private

_FORMAT = 1


class Store:
    """The stored world of one lab file. One object per process; it keeps the world between two looks."""

    def __init__(self, file: LabFile) -> None:
        self._file = file
        self._state = StateDir(file.name)
        self._digest = digest(file)
        self._world: World | None = None
        self._seen: tuple[int, int, int] | None = None
        self._text = ""

    def exists(self) -> bool:
        return self._state.world.exists()

    def create(self) -> bool:
        """Make the file with the devices as the lab file has them; True when there was none."""
        if self.exists():
            return False
        with self.world():
            return True

    def remove(self) -> bool:
        """Forget the devices' state; True when there was some."""
        if not self.exists():
            return False
        with self._locked():
            self._world = self._seen = None
            self._state.world.unlink(missing_ok=True)
        return True

    def ask(self, request: Request) -> Answer:
        """Answer as the control socket of a served lab does."""
        with self.world() as world:
            return WorldDesk(world).answer(request)

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        """The world as it is now, for us alone; what is done to it is stored at the end, even after an error."""
        with self._locked():
            world = self._load()
            try:
                world.tick()
                yield world
            finally:
                self._save(world)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._state.create()
        descriptor = os.open(self._state.path / "world.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> World:
        path = self._state.world
        seen = _stamp(path)
        if self._world is None:
            self._world = World(self._file)
        elif seen is not None and seen == self._seen:
            return self._world
        if seen is None:
            return self._world
        text = path.read_text(encoding="utf-8")
        try:
            stored: dict[str, Any] = json.loads(text)
            if stored["format"] == _FORMAT and stored["digest"] == self._digest:
                _restore(self._world, stored["snapshot"], time.time() - float(stored["wall"]))
                self._text = text
        except (ValueError, KeyError, TypeError):
            raise LabError(f"{path} is damaged: remove it, and the lab starts afresh") from None
        self._seen = seen
        return self._world

    def _save(self, world: World) -> None:
        stored = {"format": _FORMAT, "digest": self._digest, "wall": time.time(), "snapshot": world.snapshot()}
        text = json.dumps(stored)
        if text != self._text or self._seen is None:
            write_private(self._state.world, text)
            self._text = text
            self._seen = _stamp(self._state.world)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Differs after each write: a write makes a new file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _restore(world: World, snapshot: dict[str, Any], age: float) -> None:
    """Take over what another process did, and keep our own open terminals.

    A snapshot has no sessions, and restoring one ends those that there are. Ours live in this process only and go on:
    they are put aside for the moment of the restoration. Unless somebody moves it by hand, the clock went on in the
    `age` seconds since the snapshot.
    """
    aside = {name: device.sessions for name, device in world.devices.items()}
    for device in world.devices.values():
        device.sessions = []
    try:
        world.restore(snapshot)
        if world.clock.kind != "manual":
            world.clock.set(world.time + max(0.0, age) * getattr(world.clock, "speed", 1.0))
    finally:
        for name, device in world.devices.items():
            device.sessions = aside[name]
