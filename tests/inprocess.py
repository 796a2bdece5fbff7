# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from task arguments to an emulated device and back in one process: no sockets, no waiting.

The engine, platform and feature are the real ones, and so is the lab; only the wire between them is a function call.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.task import Runner
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.verify import Pace
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import load_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

_ONE_AT_A_TIME = threading.Lock()
"""A served lab runs in one thread; a transaction talks to its ends from several."""


class TerminalChannel:
    """An emulator's terminal as a channel. `sent` are the lines that were typed, secrets and all."""

    def __init__(self, world: World, device: str, newline: str = "\n", enable_password: str | None = None) -> None:
        self.host = device
        self.sent: list[str] = []
        self.trips = 0
        """How often was waited for an answer: what is typed ahead costs one wait together."""
        self._ahead: list[tuple[str, str | None]] = []
        self.newline = newline
        self.enable_password = None if enable_password is None else Secret(enable_password)
        spec = world.devices[device]
        with _ONE_AT_A_TIME:
            self.terminal = spec.open_session("ssh", "tester", "127.0.0.1")
            self.greeting = self.terminal.start()

    def ask(self, line: str, until: re.Pattern[str], *, timeout: float | None = None, key: bool = False) -> str:
        if self._ahead and self._ahead[0][0] == line:
            answer = self._ahead.pop(0)[1]
            if answer is None:
                raise SessionLost(f"{self.host} closed the session")
            said = answer
        else:
            self._ahead.clear()
            self.trips += 1
            said = self._type(line if key else line + self.newline, line)
        assert until.search(said), f"no prompt after {line!r}: {said[-300:]!r}"
        return said

    def send_ahead(self, lines: Sequence[str]) -> None:
        """The device has all the lines before anybody looks at its first answer."""
        if self.terminal.closed:
            raise SessionLost(f"{self.host} closed the session")
        self.trips += 1
        self._ahead = [(line, self._typed_ahead(line)) for line in lines]

    def _typed_ahead(self, line: str) -> str | None:
        """What the device says to it; None where the session ends, or has ended before."""
        if self.terminal.closed:
            self.sent.append(line)
            return None
        with contextlib.suppress(SessionLost):
            return self._type(line + self.newline, line)
        return None

    def _type(self, text: str, line: str) -> str:
        if self.terminal.closed:
            raise SessionLost(f"{self.host} closed the session")
        self.sent.append(line)
        with _ONE_AT_A_TIME:
            said = self.terminal.receive(text).replace("\r", "").replace("\x00", "")
        if self.terminal.closed:
            raise SessionLost(f"{self.host} closed the session")
        return said

    def close(self) -> None:
        with _ONE_AT_A_TIME:
            self.terminal.close()


class Bench:
    """A lab on a clock that moves only when the engine waits, and tasks against its devices."""

    def __init__(self, folder: Path, lab: str) -> None:
        path = folder / "test.lab.yml"
        path.write_text(lab, encoding="utf-8")
        self.world = World(load_lab(path))
        self.folder = folder
        self.channels: list[TerminalChannel] = []
        self.newline = "\n"
        self.enable_password: str | None = None

    def pass_time(self, seconds: float) -> None:
        """Let the lab's clock run; it must be `clock: manual`."""
        self.world.clock.advance(seconds)
        self.world.tick()

    def session(self, device: str, book: SecretBook | None = None) -> Session:
        """A fresh session with one device."""
        channel = TerminalChannel(self.world, device, self.newline, self.enable_password)
        self.channels.append(channel)
        platform = registry.platform(self.world.devices[device].platform)
        return platform.session(channel, book or SecretBook())

    def task(self, device: str, feature: str, *, check: bool = False, **args: Any) -> dict[str, Any]:
        """Run one resource module's task and give its result; `sent` then tells what was typed."""
        self.channels.clear()
        found = registry.feature(feature)
        platform = registry.platform(found.platform)
        runner = Runner(
            found,
            platform.plan,
            lambda book: self.session(device, book),
            host=device,
            check_mode=check,
            base_folder=self.folder,
            native_secrets=platform.secrets,
            pace=Pace(self.world.clock.now, self.pass_time),
        )
        return runner.run(args)

    @property
    def trips(self) -> int:
        """How often the last task waited for an answer."""
        return sum(channel.trips for channel in self.channels)

    @property
    def sent(self) -> list[str]:
        """Every line typed in the last task, over all of its sessions."""
        return [line for channel in self.channels for line in channel.sent]

    def running(self, device: str) -> str:
        """The running configuration as the device holds it."""
        return str(self.world.devices[device].running)
