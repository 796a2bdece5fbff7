# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked of a lab while it runs. Served labs and labs in a file (mock) answer through the same desk.

A request is a mapping with `op`; an answer is a mapping, JSON-able. LabError says what was wrong with a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..faults import parse_fault
from ..labfile import LabError

if TYPE_CHECKING:
    from ..device import Device
    from ..world import World

_LONGEST = 315_360_000
"""Seconds that a clock is moved at once at most."""

Request = Mapping[str, Any]
Answer = dict[str, Any]


class WorldDesk:
    """Time, faults and snapshots of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ops: dict[str, Callable[[Request], Answer]] = {
            "status": self.status,
            "advance": self.advance,
            "fault_add": self.fault_add,
            "fault_remove": self.fault_remove,
            "save": self.save,
            "restore": self.restore,
        }

    def answer(self, request: Request) -> Answer:
        """Do what a request says. Raises LabError."""
        op = self._ops.get(str(request.get("op")))
        if op is None:
            raise LabError(f"a lab cannot do {request.get('op')!r}, only {', '.join(sorted(self._ops))}")
        return op(request)

    def status(self, request: Request) -> Answer:
        del request
        self.world.tick()
        return {
            "clock": {"kind": self.world.clock.kind, "now": self.world.clock.now()},
            "faults": {name: device.faults.as_list() for name, device in self.world.devices.items() if device.faults},
        }

    def advance(self, request: Request) -> Answer:
        """`seconds` of a manual clock pass, with everything that happens in them."""
        seconds = request.get("seconds")
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST:
            raise LabError(f"'seconds' must be a number from 0 to {_LONGEST} (ten years)")
        self.world.clock.advance(float(seconds))
        self.world.tick()
        return {"now": self.world.clock.now()}

    def fault_add(self, request: Request) -> Answer:
        """Add `fault` to `device`, unless exactly this one is there and has strikes left."""
        device = self._device(request)
        data = request.get("fault")
        if not isinstance(data, Mapping):
            raise LabError("'fault' must be a mapping with 'kind'")
        fault = parse_fault(data, f"Device {request['device']}")
        for there in device.faults:
            if (there.kind, there.params, there.times) == (fault.kind, fault.params, fault.times) and not there.spent:
                return {"changed": False, "faults": device.faults.as_list()}
        device.faults.add(fault)
        return {"changed": True, "faults": device.faults.as_list()}

    def fault_remove(self, request: Request) -> Answer:
        """Remove all faults of `kind` from `device`; all faults when there is no `kind`."""
        device, kind = self._device(request), request.get("kind")
        before = len(device.faults)
        if kind is None:
            device.faults.clear()
        else:
            device.faults.remove(str(kind))
        return {"changed": len(device.faults) != before, "faults": device.faults.as_list()}

    def save(self, request: Request) -> Answer:
        del request
        self.world.tick()
        return {"snapshot": self.world.snapshot()}

    def restore(self, request: Request) -> Answer:
        snapshot = request.get("snapshot")
        if not isinstance(snapshot, dict):
            raise LabError("this is not a saved lab")
        try:
            self.world.restore(snapshot)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise LabError("this saved lab does not fit the lab: other devices, or another version") from None
        return {}

    def _device(self, request: Request) -> Device:
        name = str(request.get("device"))
        if name not in self.world.devices:
            raise LabError(f"there is no device '{name}' in this lab, there are {', '.join(self.world.devices)}")
        return self.world.devices[name]
