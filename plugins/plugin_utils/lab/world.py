# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab while it runs: devices, links, time, and the protocols between devices."""

from __future__ import annotations

import heapq
import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .clock import Clock, make_clock
from .errors import LabError
from .registry import device_class

if TYPE_CHECKING:
    from .device import Device
    from .labfile import LabFile

SNAPSHOT_FORMAT = 1


@dataclass(frozen=True)
class Endpoint:
    """One end of a link."""

    device: Device
    interface: str


@dataclass(frozen=True)
class Link:
    """A cable between two interfaces; ``id`` is its place in the lab file."""

    id: int
    a: Endpoint
    b: Endpoint

    def other(self, end: Endpoint) -> Endpoint:
        return self.b if end is self.a else self.a


class Timer:
    """Something due at a moment of lab time; cancel() makes it never happen."""

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class WorldProtocol(ABC):
    """Behaviour between devices. Made on first use, so a lab without it pays nothing.

    Implementations settle lazily: they compute what happened until ``world.time`` when somebody looks or when a
    configuration is about to change, and never by stepping.
    """

    name = ""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def before_change(self, device: Device) -> None:
        """``device`` is about to change what the protocol depends on: account for the time until now."""

    @abstractmethod
    def after_change(self, device: Device) -> None:
        """The change happened."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """JSON-able state."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Inverse of state()."""


P = TypeVar("P", bound=WorldProtocol)


class World:
    """All devices of one lab. ``time`` is the moment being processed: clock time, or a timer's own time in tick()."""

    def __init__(self, labfile: LabFile, clock: Clock | None = None) -> None:
        self.labfile = labfile
        self.name = labfile.name
        self.clock = clock or make_clock(labfile.clock, labfile.speed)
        self.lock = threading.RLock()
        self.time = self.clock.now()
        self.started_at = self.time
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._protocols: dict[str, WorldProtocol] = {}
        self._saved_protocols: dict[str, dict[str, Any]] = {}
        self.devices: dict[str, Device] = {
            spec.name: device_class(spec.platform)(spec, self) for spec in labfile.devices.values()
        }
        self.links: list[Link] = []
        self._links_of: dict[str, list[tuple[Link, Endpoint, Endpoint]]] = {}
        for number, spec in enumerate(labfile.links):
            link = Link(
                number, Endpoint(self.devices[spec.a[0]], spec.a[1]), Endpoint(self.devices[spec.b[0]], spec.b[1])
            )
            self.links.append(link)
            self._links_of.setdefault(link.a.device.name, []).append((link, link.a, link.b))
            self._links_of.setdefault(link.b.device.name, []).append((link, link.b, link.a))

    def links_of(self, device: Device) -> list[tuple[Link, Endpoint, Endpoint]]:
        """(link, the device's own end, the far end) in lab-file order."""
        return self._links_of.get(device.name, [])

    # -- time -----------------------------------------------------------------------------------------------------

    def schedule(self, at: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` when lab time reaches ``at``."""
        timer = Timer(at, action)
        heapq.heappush(self._timers, (at, next(self._order), timer))
        return timer

    def tick(self) -> None:
        """Bring everything up to the clock's now; due timers run in order, each at its own time."""
        with self.lock:
            now = self.clock.now()
            while self._timers and self._timers[0][0] <= now:
                at, _order, timer = heapq.heappop(self._timers)
                if timer.action is None:
                    continue
                self.time = max(self.time, at)
                action, timer.action = timer.action, None
                action()
            self.time = max(self.time, now)

    def advance(self, seconds: float) -> None:
        """Advance a manual clock and process what became due."""
        self.clock.advance(seconds)
        self.tick()

    # -- protocols ------------------------------------------------------------------------------------------------

    def protocol(self, kind: type[P]) -> P:
        """The lab's one instance of this protocol."""
        found = self._protocols.get(kind.name)
        if found is None:
            found = kind(self)
            saved = self._saved_protocols.pop(kind.name, None)
            if saved is not None:
                found.load_state(saved)
            self._protocols[kind.name] = found
        return cast(P, found)

    # -- save and restore -----------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """The whole lab as JSON-able data; open sessions are not part of it."""
        with self.lock:
            self.tick()
            protocols = dict(self._saved_protocols)
            protocols.update({name: protocol.state() for name, protocol in self._protocols.items()})
            return {
                "format": SNAPSHOT_FORMAT,
                "lab": self.name,
                "time": self.time,
                "started_at": self.started_at,
                "devices": {name: device.snapshot() for name, device in self.devices.items()},
                "protocols": protocols,
            }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Continue from a snapshot of the same lab; drops open sessions. LabError when it is not of this lab."""
        if snapshot.get("format") != SNAPSHOT_FORMAT or set(snapshot.get("devices", {})) != set(self.devices):
            raise LabError(f"This snapshot does not belong to the lab '{self.name}'.")
        with self.lock:
            self._timers.clear()
            self.clock.set(float(snapshot["time"]))
            self.time = float(snapshot["time"])
            self.started_at = float(snapshot["started_at"])
            self._protocols.clear()
            self._saved_protocols = dict(snapshot["protocols"])
            for name, device in self.devices.items():
                device.restore(snapshot["devices"][name])
