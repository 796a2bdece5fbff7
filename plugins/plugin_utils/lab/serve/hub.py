# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected to which device: the one place that carriers and the supervisor share."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..labfile import LabError
from .pump import Conversation, Link, Pump, report

if TYPE_CHECKING:
    from ..device import Device
    from ..labfile import DeviceSpec
    from ..world import World

log = logging.getLogger("peerguard.lab")

_CONNECTIONS_PER_DEVICE = 512
"""More than any device has lines (the emulator refuses those as its OS does), less than what exhausts the process."""


class Caller(Protocol):
    """A connection, before or after its login."""

    def hang_up(self) -> None: ...


@dataclass(eq=False)
class Served:
    """One device as the outside sees it."""

    name: str
    device: Device
    spec: DeviceSpec
    ports: dict[str, int] = field(default_factory=dict)
    authorized_keys: list[bytes] = field(default_factory=list)
    callers: set[Caller] = field(default_factory=set)
    pumps: set[Pump] = field(default_factory=set)

    @property
    def refuses_login(self) -> bool:
        return self.device.faults.peek("refuse_login") is not None

    def has_shell(self, port: int) -> bool:
        """Whether the command line answers on this local port."""
        return port == self.ports.get("ssh")

    def has_netconf(self, port: int) -> bool:
        """Whether the NETCONF subsystem answers on this local port."""
        store = self.device.netconf if "netconf" in self.ports else None
        return store is not None and (port == self.ports["netconf"] or store.agent.on_cli_port)

    def knows_user(self, user: str) -> bool:
        return user == self.spec.username

    def pace(self, text: str) -> list[tuple[float, str]]:
        """Output in the pieces that a `slow_chunks` fault asks for."""
        fault = self.device.faults.take("slow_chunks")
        if fault is None:
            return [(0.0, text)]
        size, pause = int(fault.params["size"]), float(fault.params["pause"])
        return [(pause if start else 0.0, text[start : start + size]) for start in range(0, len(text), size)]


class Hub:
    """All devices of a world and the conversations with them."""

    def __init__(self, world: World, specs: dict[str, DeviceSpec], base: Path | None = None) -> None:
        self.world = world
        self.devices = {
            name: Served(name, device, specs[name], authorized_keys=authorized_keys(specs[name], base))
            for name, device in world.devices.items()
        }

    def admit(self, served: Served, caller: Caller) -> bool:
        """Count a new connection; False when it has to go at once."""
        if not served.device.reachable:
            return False
        if len(served.callers) >= _CONNECTIONS_PER_DEVICE:
            log.warning("%s: more than %d connections, refused one", served.name, _CONNECTIONS_PER_DEVICE)
            return False
        served.callers.add(caller)
        return True

    def release(self, served: Served, caller: Caller) -> None:
        served.callers.discard(caller)

    def open_pump(self, served: Served, transport: str, user: str | None, peer: str, link: Link) -> Pump | None:
        """A terminal of the device behind a pump, or None when the device has nobody to answer."""
        label = f"{served.name} {transport} {peer}"
        try:
            device = served.device
            terminal: Conversation
            if transport == "netconf":
                terminal = device.open_netconf(user, peer)
            else:
                terminal = device.open_session(transport, user, peer)
        except Exception as error:  # noqa: BLE001 - whatever breaks, it breaks this conversation only
            report(label, error)
            return None
        pump = Pump(terminal, link, label, served.pace)
        served.pumps.add(pump)
        log.info("%s: session opened", label)
        return pump

    def close_pump(self, served: Served, pump: Pump) -> None:
        if pump in served.pumps:
            served.pumps.discard(pump)
            pump.close()
            log.info("%s: session closed", pump.label)

    def beat(self) -> None:
        """Let time pass on the devices, for what happens there although nobody types."""
        try:
            self.world.tick()
        except Exception as error:  # noqa: BLE001 - a device that cannot keep time must not stop the others' sessions
            report("world", error)

    def hang_up(self) -> None:
        """End all conversations."""
        for served in self.devices.values():
            for pump in list(served.pumps):
                pump.close()
            for caller in list(served.callers):
                caller.hang_up()


def authorized_keys(spec: DeviceSpec, base: Path | None) -> list[bytes]:
    """The device option `authorized_keys`: public keys in a list, in one text, or in the file that the text names."""
    given: Any = spec.options.get("authorized_keys")
    if not given:
        return []
    lines = given if isinstance(given, list) else _lines(str(given), spec.name, base)
    found = []
    for line in lines:
        words = str(line).split()
        start = next((number for number, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-", "sk-"))), None)
        if words and not words[0].startswith("#"):
            if start is None or start + 1 >= len(words):
                raise LabError(f"Device {spec.name}: an entry of 'authorized_keys' is not an OpenSSH public key.")
            found.append(f"{words[start]} {words[start + 1]}".encode())
    return found


def _lines(text: str, device: str, base: Path | None) -> list[str]:
    if "\n" in text or text.startswith(("ssh-", "ecdsa-", "sk-")):
        return text.splitlines()
    path = (base or Path()) / Path(text).expanduser()
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"Device {device}: cannot read 'authorized_keys' {path}: {error}.") from error
