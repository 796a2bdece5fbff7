# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `lab` does, without Ansible: options in, changes to a lab out, or their prediction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..faults import parse_fault
from ..labfile import LabError
from .cli import read_snapshot
from .duration import seconds
from .labs import LOOPBACK, Lab
from .state import write_private


class LabTask:
    """One task. With `check`, nothing is changed and `changed` is a prediction."""

    def __init__(self, lab: Lab, options: Mapping[str, Any], *, check: bool) -> None:
        self.lab = lab
        self.changed = False
        self.warnings: list[str] = []
        self._options = options
        self._check = check
        self._will_run = lab.running

    def run(self) -> None:
        """Do what the options say. Raises LabError."""
        options = self._options
        faults = [_fault(given, self.lab) for given in options.get("faults") or []]
        elapse = seconds(options["advance"]) if options.get("advance") is not None else 0.0
        asked = bool(options.get("restore") or faults or elapse or options.get("save"))
        self._bring_to(str(options["state"]))
        if not asked:
            return
        if not self._will_run:
            raise LabError(f"lab {self.lab.file.name} is not running, so nothing can be done to its devices")
        if options.get("restore"):
            snapshot = read_snapshot(Path(options["restore"]))
            self._ask({"op": "restore", "snapshot": snapshot})
        for request in faults:
            self._set_fault(request)
        if elapse:
            self._advance(elapse)
        if options.get("save"):
            self._save(Path(options["save"]))

    def _bring_to(self, state: str) -> None:
        wait = float(self._options.get("wait") or 60)
        running = self.lab.running
        if state in ("stopped", "restarted") and running:
            self.changed = True
            if not self._check:
                self.lab.stop(wait)
            running = False
        if state in ("started", "restarted") and not running:
            self.changed = True
            if not self._check:
                keeper = None if self._options.get("outlive", True) else self._options.get("keeper")
                self.changed = self.lab.start(self._options.get("listen") or LOOPBACK, wait, keeper)
                self.changed |= state == "restarted"
        self._will_run = state in ("started", "restarted") or (state == "present" and running)
        if running and state == "started" and self.lab.outdated:
            self.warnings.append(
                f"the file of lab {self.lab.file.name} has changed since the lab was started: restart it to use that"
            )

    def _ask(self, request: dict[str, Any]) -> None:
        self.changed = True
        if not self._check:
            self.lab.ask(request)

    def _set_fault(self, request: dict[str, Any]) -> None:
        if not self._check:
            self.changed |= bool(self.lab.ask(request)["changed"])
            return
        there: list[dict[str, Any]] = []
        if self.lab.running:
            there = self.lab.ask({"op": "status"})["faults"].get(request["device"], [])
        if request["op"] == "fault_remove":
            kind = request.get("kind")
            self.changed |= any(kind in (None, fault["kind"]) for fault in there)
        else:
            self.changed |= not any(_same(fault, request["fault"]) for fault in there)

    def _advance(self, elapse: float) -> None:
        if self._check and self.lab.file.clock != "manual":
            raise LabError(f"the clock of lab {self.lab.file.name} is not manual, so it cannot be advanced")
        self._ask({"op": "advance", "seconds": elapse})

    def _save(self, path: Path) -> None:
        if self._check:
            self.changed = True
            return
        text = json.dumps(self.lab.ask({"op": "save"})["snapshot"])
        try:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                write_private(path, text)
                self.changed = True
        except OSError as error:
            raise LabError(f"cannot write {path}: {error.strerror}") from error


def _fault(given: Mapping[str, Any], lab: Lab) -> dict[str, Any]:
    """A request out of one entry of `faults`, checked before anything happens."""
    fault = {name: value for name, value in given.items() if value is not None}
    device, state = fault.pop("device"), fault.pop("state", "present")
    if device not in lab.file.devices:
        raise LabError(f"there is no device '{device}' in lab {lab.file.name}")
    if state == "absent":
        return {"op": "fault_remove", "device": device} | ({"kind": fault["kind"]} if "kind" in fault else {})
    parse_fault(fault, f"Device {device}")
    return {"op": "fault_add", "device": device, "fault": fault}


def _same(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a fault that is there is the wanted one, and can still strike."""
    spent = "times" in there and there["used"] >= there["times"]
    return not spent and {name: value for name, value in there.items() if name not in ("used", "since")} == dict(wanted)
