# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules look at: devices with their models, the ends of one peering, all of them together.

The same for all inputs: compiled from the intent, written by hand into host_vars, or gathered from devices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ..engine.schema import Model
from .intent import End, Peering


@dataclass(frozen=True)
class Device:
    """One host: feature → canonical model. A feature that is not in `models` is unknown, an empty model is empty.

    `facts`: what the facts module found (`ansible_net_*`).
    """

    host: str
    models: Mapping[str, Model] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> tuple[int, ...]:
        """The release as numbers, for comparisons; empty = unknown."""
        return numbers(self.facts.get("ansible_net_version", ""))


def numbers(version: Any) -> tuple[int, ...]:
    """`17.03.04a` as (17, 3, 4)."""
    found = re.match(r"\D*(\d+(?:\.\d+)*)", str(version))
    return tuple(int(part) for part in found[1].split(".")) if found else ()


@dataclass(frozen=True)
class Scene:
    """One peering and its ends' devices; an end without a device is not known in this input."""

    peering: Peering
    fleet: Fleet

    def device(self, end: End) -> Device | None:
        """The end's device, None for an external end and one of which nothing was given."""
        return None if end.external else self.fleet.devices.get(end.host)

    def model(self, end: End, feature: str) -> Model | None:
        """The end's model of a feature, None = unknown."""
        device = self.device(end)
        return None if device is None else device.models.get(feature)

    def directions(self) -> Iterator[tuple[End, End]]:
        """Every ordered pair of ends."""
        for end in self.peering.ends:
            for other in self.peering.others(end):
                yield end, other


@dataclass(frozen=True)
class Fleet:
    """Everything that is judged together.

    `now` and `horizon` (days): the time for which keys must be there.
    """

    devices: Mapping[str, Device] = field(default_factory=dict)
    peerings: tuple[Peering, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    horizon: int = 30

    @cached_property
    def _of_host(self) -> dict[str, list[Scene]]:
        found: dict[str, list[Scene]] = {}
        for scene in self.scenes():
            for end in scene.peering.inventory:
                found.setdefault(end.host, []).append(scene)
        return found

    def of(self, host: str, kind: str) -> list[Scene]:
        """A host's peerings of a kind."""
        return [scene for scene in self._of_host.get(host, []) if scene.peering.kind == kind]

    def scenes(self, kind: str = "") -> Iterator[Scene]:
        """Every peering (of a kind) with its ends."""
        for peering in self.peerings:
            if not kind or peering.kind == kind:
                yield Scene(peering, self)
