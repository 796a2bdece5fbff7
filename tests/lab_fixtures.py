# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs for tests: written from YAML text, served by a real process, gone after the test.

A conftest.py takes them with ``from lab_fixtures import lab_home, start_lab``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab


@dataclass
class LabHandle:
    """A lab of a test. `path` is the lab file, which is the inventory too."""

    path: Path
    lab: Lab

    @property
    def inventory(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        return self.lab.file.name

    @property
    def pid(self) -> int:
        return int(self.lab.status()["pid"])

    def port(self, device: str, transport: str = "ssh") -> int:
        """The TCP port of a served device."""
        return int(self.lab.status()["devices"][device]["ports"][transport])

    def known_hosts(self, device: str | None = None) -> Path:
        """The file with the host keys of one device, or of all."""
        return self.lab.state.known_hosts_of(device) if device else self.lab.state.known_hosts

    def netmiko(self, device: str, device_type: str = "huawei_vrpv8", **more: Any) -> dict[str, Any]:
        """Arguments for netmiko.ConnectHandler, with the host key verified where there is one."""
        spec = self.lab.file.devices[device]
        arguments = {
            "device_type": device_type,
            "host": "127.0.0.1",
            "username": spec.username,
            "password": spec.password,
            "secret": spec.enable_password,
        }
        if "telnet" in device_type:
            arguments["port"] = self.port(device, "telnet")
        else:
            hosts = str(self.known_hosts(device))
            arguments |= {"port": self.port(device), "ssh_strict": True, "alt_host_keys": True, "alt_key_file": hosts}
        return arguments | more

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """Through the control socket (or the store): status, advance, fault_add, fault_remove, save, restore."""
        return self.lab.ask({"op": op, **request})

    def advance(self, seconds: float) -> None:
        """Let time pass in a lab with a manual clock."""
        self.ask("advance", seconds=seconds)

    def fault(self, device: str, kind: str, **parameters: Any) -> None:
        """Make a device misbehave from now on."""
        self.ask("fault_add", device=device, fault={"kind": kind, **parameters})

    def struck(self, device: str) -> bool:
        """Whether a fault of the device has made itself felt."""
        return any(fault["used"] for fault in self.ask("status")["faults"].get(device, []))

    def heal(self, device: str, kind: str | None = None) -> None:
        """Remove the faults of a kind, or all faults, from a device."""
        self.ask("fault_remove", device=device, kind=kind)

    def restart(self) -> None:
        """Fresh devices on the same ports."""
        self.lab.stop()
        self.lab.start()

    def log(self) -> str:
        """What the lab has logged."""
        return self.lab.state.log.read_text() if self.lab.state.log.exists() else ""


@pytest.fixture
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for the labs of this test, and of the processes it starts; never the user's."""
    home = tmp_path / "labs"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    return home


@pytest.fixture
def start_lab(tmp_path: Path, lab_home: Path) -> Iterator[Callable[..., LabHandle]]:
    """Start a lab from YAML text: ``start_lab(text) -> LabHandle``. With ``start=False`` only the file is made."""
    from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab

    counter = itertools.count(1)
    handles: list[LabHandle] = []

    def start(text: str, *, start: bool = True) -> LabHandle:
        path = tmp_path / f"test{next(counter)}.lab.yml"
        path.write_text(text)
        handle = LabHandle(path, Lab.load(path))
        handles.append(handle)
        if start:
            handle.lab.start()
        return handle

    yield start
    for handle in handles:
        handle.lab.stop()
