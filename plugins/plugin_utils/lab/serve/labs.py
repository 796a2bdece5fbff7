# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab as a user has it: by its file, whether it is served over the network or kept for the mock connection."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..labfile import DEFAULT_PASSWORD, LabError, LabFile, load_lab
from . import control, daemon
from .desk import Answer, Request
from .digest import digest
from .state import LabState, StateDir, known_labs
from .store import Store

LOOPBACK = "127.0.0.1"


class Lab:
    """Start, stop and ask one lab. All methods raise LabError with one clear sentence."""

    def __init__(self, file: LabFile) -> None:
        self.file = file
        self.state = StateDir(file.name)
        self.digest = digest(file)
        self._store = Store(file) if file.connection == "mock" else None

    @classmethod
    def load(cls, path: Path) -> Lab:
        return cls(load_lab(path))

    @property
    def served(self) -> bool:
        """Whether devices listen on the network when the lab runs."""
        return self._store is None

    @property
    def running(self) -> bool:
        return self._store.exists() if self._store is not None else self.state.held()

    @property
    def outdated(self) -> bool:
        """Whether the lab runs from another text than its file has now."""
        state = None if self._store is not None else self.state.running()
        return state is not None and state.digest != self.digest

    def start(self, listen: str = LOOPBACK, patience: float = 60.0, keeper: int | None = None) -> bool:
        """Start the lab unless it runs; True when that was needed.

        `patience` in seconds; a served lab stops by itself when the process `keeper` has ended.
        """
        if self.running:
            return False
        if self._store is not None:
            return self._store.create()
        if self.file.path is None:
            raise LabError("only a lab that was loaded from a file can be started")
        try:
            daemon.start(self.file.path, self.file.name, listen, patience, keeper)
        except LabError:
            if not self._started_elsewhere(patience):
                raise
            return False
        return True

    def _started_elsewhere(self, patience: float) -> bool:
        """Whether another process was quicker to start this lab; waits until that one is ready."""
        deadline = time.monotonic() + patience
        while self.state.held() and time.monotonic() < deadline:
            if self.state.running() is not None:
                return True
            time.sleep(0.05)
        return False

    def stop(self, patience: float = 10.0) -> bool:
        """Stop the lab; True when it ran. Nothing of its devices' state is kept."""
        return self._store.remove() if self._store is not None else daemon.stop(self.file.name, patience)

    def ask(self, request: Request, timeout: float = 60.0) -> Answer:
        """See `desk`. `timeout` in seconds."""
        if not self.running:
            raise LabError(f"lab {self.file.name} is not running")
        if self._store is not None:
            return self._store.ask(request)
        return control.ask(self.state.control, request, timeout)

    def status(self) -> dict[str, Any]:
        """Plain facts for people and playbooks; no secret is in them."""
        found: dict[str, Any] = {"name": self.file.name, "running": self.running, "state_dir": str(self.state.path)}
        if not found["running"]:
            return {**found, "devices": {}, "reach": {}, "passwords": ""}
        state = self.state.running() if self.served else None
        ports = asdict(state)["devices"] if state is not None else {}
        answer = self.ask({"op": "status"})
        devices = {
            name: {
                "platform": spec.platform,
                "hostname": spec.hostname,
                "user": spec.username,
                "ports": ports.get(name, {}).get("ports", {}),
                "sessions": answer.get("sessions", {}).get(name, 0),
                "faults": answer["faults"].get(name, []),
            }
            for name, spec in self.file.devices.items()
        }
        found |= {"clock": answer["clock"], "devices": devices, "reach": reach(state) if state else {}}
        found["passwords"] = passwords(self.file)
        if state is not None:
            found |= {
                "pid": state.pid,
                "listen": state.listen,
                "known_hosts": str(self.state.known_hosts),
                "log": str(self.state.log),
                "outdated": self.outdated,
            }
        return found


def reach(state: LabState) -> dict[str, list[str]]:
    """For each device, the commands that a person can paste into a shell."""
    known_hosts = StateDir(state.name).known_hosts
    place = f"-o UserKnownHostsFile={known_hosts}"
    found: dict[str, list[str]] = {}
    for name, device in state.devices.items():
        user = f"{device.user}@{state.listen}"
        forms = {"ssh": f"ssh {place} -p {{}} {user}", "netconf": f"ssh {place} -p {{}} -s {user} netconf"}
        found[name] = [
            forms.get(transport, f"telnet {state.listen} {{}}").format(port) for transport, port in device.ports.items()
        ]
    return found


def passwords(file: LabFile) -> str:
    """Where a person finds the passwords. Only the one that every lab has by itself is told."""
    usual = [name for name, spec in file.devices.items() if spec.password == DEFAULT_PASSWORD]
    if len(usual) == len(file.devices):
        return f"Password: {DEFAULT_PASSWORD}"
    place = f"Passwords: as in {file.path}"
    return place + (f"; of {', '.join(usual)}: {DEFAULT_PASSWORD}" if usual else "")


def find(which: str | None) -> Lab:
    """The lab that a person means: a lab file, the name of a lab, or nothing when only one lab runs."""
    if which is not None and ("/" in which or which.endswith((".yml", ".yaml"))):
        return Lab.load(Path(which))
    names = [which] if which is not None else [name for name in known_labs() if StateDir(name).held()]
    if len(names) != 1:
        raise LabError(f"say which lab with --lab: {', '.join(names)} are running" if names else "no lab is running")
    state = StateDir(names[0]).last()
    if state is None:
        raise LabError(f"there is no lab named {names[0]}: name its file")
    return Lab.load(Path(state.lab_file))
