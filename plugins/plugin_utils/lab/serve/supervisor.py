# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves all devices of one lab from one asyncio process, from the lock on its directory to the last hung-up client."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from ..labfile import LabError, LabFile, load_lab
from ..world import World
from . import control, hostkey, ssh, telnet
from .desk import Answer, Request, WorldDesk
from .digest import digest
from .hub import Hub, Served
from .keeper import Keeper
from .needs import require_asyncssh
from .pump import report
from .state import DevicePorts, LabState, StateDir

log = logging.getLogger("peerguard.lab")

LOOPBACK = "127.0.0.1"
_BEAT = 1.0
"""Seconds between looks at the clock while nobody types: timers that fire unasked are this late at most."""


class Supervisor:
    """One served lab. `run` returns when it has been told to stop."""

    def __init__(self, lab: LabFile, listen: str = LOOPBACK) -> None:
        require_asyncssh()
        self.lab = lab
        self.listen = listen
        self.state = StateDir(lab.name)
        self.digest = digest(lab)
        self.world = World(lab)
        self.hub = Hub(self.world, lab.devices, lab.path.parent if lab.path else None)
        self._desk = WorldDesk(self.world)
        self._stop = asyncio.Event()
        self._servers: list[asyncio.Server] = []

    def stop(self) -> None:
        """End `run`. May be called from a signal handler of the event loop."""
        self._stop.set()

    async def run(
        self, ready: Callable[[LabState], None], *, to_the_end: bool = False, keeper: int | None = None
    ) -> None:
        """Serve until stopped. `ready` is called once all ports listen. LabError when that cannot be.

        `to_the_end`: this process ends after that, and the lab counts as running until then. The lab also stops when
        the process `keeper` has ended.
        """
        kept = Keeper(keeper) if keeper is not None else None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        loop.set_exception_handler(_unhandled)
        with self.state.hold(to_the_end=to_the_end):
            try:
                state = await self._open()
                log.info("lab %s serves %d devices", self.lab.name, len(self.hub.devices))
                ready(state)
                await self._beat_until_stopped(kept)
            finally:
                await self._close()

    async def _open(self) -> LabState:
        _allow_files(4 * len(self.hub.devices) + 4096)
        keys = hostkey.host_keys(self.state)
        last = self.state.last()
        ssh_sockets, by_port = [], {}
        for served in self.hub.devices.values():
            before = last.devices.get(served.name) if last and last.listen == self.listen else None
            for transport, sock in _bind_all(served, self.listen, before.ports if before else {}):
                if transport == "telnet":
                    self._servers.append(await telnet.listen(self.hub, served, sock))
                else:
                    ssh_sockets.append(sock)
                    by_port[sock.getsockname()[1]] = served
        self._servers += await ssh.listen(self.hub, by_port, ssh_sockets, keys)
        places: dict[str, list[int]] = {}
        for port, served in by_port.items():
            places.setdefault(served.name, []).append(port)
        hostkey.write_known_hosts(self.state, self.listen, places, keys)
        self._servers.append(await control.listen(self.state.control, self.answer))
        state = self._describe()
        self.state.remember(state)
        return state

    def answer(self, request: Request) -> Answer:
        """What the control socket answers. Raises LabError."""
        op = request.get("op")
        if op == "stop":
            asyncio.get_running_loop().call_soon(self.stop)
            return {}
        answer = self._desk.answer(request)
        if op == "status":
            answer["sessions"] = {name: len(served.pumps) for name, served in self.hub.devices.items() if served.pumps}
        return answer

    def _describe(self) -> LabState:
        devices = {
            served.name: DevicePorts(served.spec.platform, served.spec.hostname, served.spec.username, served.ports)
            for served in self.hub.devices.values()
        }
        path = str(self.lab.path.absolute()) if self.lab.path else ""
        return LabState(self.lab.name, os.getpid(), path, self.digest, self.listen, devices)

    async def _beat_until_stopped(self, keeper: Keeper | None) -> None:
        while not self._stop.is_set():
            if keeper is not None and not keeper.alive():
                log.info("process %d has ended, and lab %s with it", keeper.pid, self.lab.name)
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _BEAT)
            self.hub.beat()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        self.hub.hang_up()
        await asyncio.sleep(0)
        self.state.control.unlink(missing_ok=True)
        log.info("lab %s stopped", self.lab.name)


def _bind_all(served: Served, listen: str, before: dict[str, int]) -> list[tuple[str, socket.socket]]:
    """Bind one socket per transport; the first one gets the `port` of the lab file."""
    bound: list[tuple[str, socket.socket]] = []
    wanted = served.spec.port
    for transport in dict.fromkeys(served.spec.transports):
        sock = _bind(served.name, transport, listen, wanted, before.get(transport, 0))
        wanted = 0
        served.ports[transport] = sock.getsockname()[1]
        bound.append((transport, sock))
    return bound


def _bind(device: str, transport: str, listen: str, wanted: int, before: int) -> socket.socket:
    """A bound socket: on the wanted port or not at all, else on the port it had last time, else on any free one."""
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    for port in (wanted,) if wanted else dict.fromkeys((before, 0)):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((listen, port))
            sock.listen()
        except OSError as error:
            sock.close()
            if not port or port == wanted:
                what = os.strerror(error.errno) if error.errno else str(error)
                raise LabError(
                    f"Device {device}: cannot listen for {transport} on {listen} port {port} ({what}); "
                    "choose another 'port', or leave it out to get a free one."
                ) from None
        else:
            sock.setblocking(False)
            return sock
    raise AssertionError("the last port tried is 0, which either works or raises")


def _allow_files(count: int) -> None:
    """Room for all sockets, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))


def _unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """A callback failed. Log its kind and place; the message could quote a client."""
    del loop
    error = context.get("exception")
    if isinstance(error, BaseException):
        report("event loop", error)
    else:
        log.warning("event loop: %s", context.get("message"))


def serve(path: Path, listen: str, ready: Callable[[LabState], None], keeper: int | None = None) -> None:
    """Load a lab file and serve it in this process until it is told to stop, or the process `keeper` has ended."""
    lab = load_lab(path)

    async def main() -> None:
        await Supervisor(lab, listen).run(ready, to_the_end=True, keeper=keeper)

    asyncio.run(main())
