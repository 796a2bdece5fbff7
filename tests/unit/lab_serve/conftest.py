# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that is simpler than any real one, so that these tests are about carriers only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab_fixtures import lab_home

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab import labfile, world
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.device import Device
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabFile
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.shell import Reply, Shell

__all__ = ["lab_home", "toy_lab"]


class ToyShell(Shell):
    """`set X`, `show`, `lines N`, `boom`, `bye`."""

    device: Any

    def banner(self) -> str:
        return "Hello.\n"

    def prompt(self) -> str:
        return f"{self.device.hostname}> "

    def execute(self, line: str) -> Reply:
        verb, _space, rest = line.strip().partition(" ")
        if verb == "set":
            self.device.value = rest
        elif verb == "show":
            return Reply(f"value {self.device.value}\n")
        elif verb == "lines":
            return Reply("".join(f"line {number}\n" for number in range(int(rest))))
        elif verb == "boom":
            raise RuntimeError("a secret from the wire")
        elif verb == "bye":
            return Reply("See you.\n", close=True)
        return Reply()


class ToyDevice(Device):
    """Remembers one value."""

    value = "none"
    max_sessions = None

    @property
    def hostname(self) -> str:
        return self.spec.hostname

    @property
    def running(self) -> str:
        return self.value

    @property
    def startup(self) -> str:
        return ""

    def make_shell(self, terminal: Any) -> Shell:
        return ToyShell(self, terminal)

    def boot(self) -> None:
        self.value = "none"

    def state(self) -> dict[str, Any]:
        return {"value": self.value}

    def load_state(self, state: dict[str, Any]) -> None:
        self.value = state["value"]


@pytest.fixture
def toy_lab(monkeypatch: pytest.MonkeyPatch, lab_home: Path, tmp_path: Path) -> Callable[..., LabFile]:
    """Make a lab of toy devices: ``toy_lab({name: settings}, **top level keys)``."""
    monkeypatch.setattr(labfile, "known_platforms", lambda: ("toy",))
    monkeypatch.setattr(world, "device_class", lambda _platform: ToyDevice)

    def make(devices: dict[str, Any], **top: Any) -> LabFile:
        data = {"name": "toys", "defaults": {"platform": "toy", "password": "toy-pass"}, "devices": devices, **top}
        lab = labfile.parse_lab(data, tmp_path)
        lab.path = tmp_path / "toys.lab.yml"
        return lab

    return make
