# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All five systems over real sockets, and everything at once that clients should not do."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from pathlib import Path

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabFile, parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import LabState
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.supervisor import Supervisor

pytest.importorskip("asyncssh")

LEAKS = re.compile(rb"Traceback|\.py\b|Exception|object at 0x|RuntimeError")
DEVICES = {
    "vrp": ("huawei_vrp", b"Username:", b"<vrp>", b"display version", b"VRP (R)"),
    "xe": ("cisco_iosxe", b"Username: ", b"xe#", b"show clock", b" UTC "),
    "fw": ("h3c_comware", b"Username:", b"<fw>", b"display version", b"Comware"),
    "erx": ("juniper_junose", b"User: ", b"erx>", b"show version", b"ERX"),
    "aw": ("allied_alliedware", b" login: ", b"> ", b"show system", b"2.8.1"),
}
SESSIONS = 200


def lab(tmp_path: Path) -> LabFile:
    devices = {
        name: {"platform": platform, "options": {"max_sessions": 10_000}}
        for name, (platform, *_rest) in DEVICES.items()
    }
    devices["few"] = {"platform": "huawei_vrp"}
    defaults = {"transports": ["telnet", "ssh"], "password": "Flood-Pass-1"}
    made = parse_lab({"name": "flood", "defaults": defaults, "devices": devices}, tmp_path)
    made.path = tmp_path / "flood.lab.yml"
    return made


class Caller:
    """A Telnet client that remembers every octet it got."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.got = reader, writer, b""

    @classmethod
    async def at(cls, state: LabState, device: str, transport: str = "telnet") -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", state.devices[device].ports[transport]))

    async def hear(self, until: bytes) -> None:
        since = len(self.got)
        while until not in self.got[since:]:
            piece = await asyncio.wait_for(self.reader.read(65536), 20)
            if not piece:
                raise ConnectionResetError(self.got[-200:])
            self.got += piece

    async def log_in(self, device: str) -> None:
        _platform, user, prompt, _line, _words = DEVICES[device]
        for until, typed in ((user, b"netops\r"), (b"assword:", b"Flood-Pass-1\r"), (prompt, b"")):
            await self.hear(until)
            self.writer.write(typed)

    async def ask(self, device: str) -> None:
        _platform, _user, _prompt, line, words = DEVICES[device]
        self.writer.write(line + b"\r")
        await self.hear(words)


def served(tmp_path: Path, talk: object) -> None:
    async def main() -> None:
        supervisor = Supervisor(lab(tmp_path))
        ready: asyncio.Future[LabState] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(supervisor.run(ready.set_result))
        try:
            await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
            await talk(await ready)  # type: ignore[operator]
        finally:
            supervisor.stop()
            await task

    asyncio.run(asyncio.wait_for(main(), 90))


def test_two_hundred_sessions_on_one_device(tmp_path: Path, lab_home: Path) -> None:
    async def talk(state: LabState) -> None:
        callers = [await Caller.at(state, "vrp") for _number in range(SESSIONS)]
        await asyncio.gather(*(caller.log_in("vrp") for caller in callers))
        await asyncio.gather(*(caller.ask("vrp") for caller in callers))
        for caller in callers:
            caller.writer.close()

    served(tmp_path, talk)


def test_the_device_s_own_limit_is_told_and_ends(tmp_path: Path, lab_home: Path) -> None:
    async def talk(state: LabState) -> None:
        callers = [await Caller.at(state, "few") for _number in range(SESSIONS)]
        said = []
        for caller in callers[21:]:  # that many lines a VRP8 router has
            said.append(await asyncio.wait_for(caller.reader.read(), 10))
        assert all(b"All user interfaces are used" in text for text in said)
        for caller in callers:
            caller.writer.close()
        for _turn in range(100):
            again = await Caller.at(state, "few")
            if b"Username:" in (await asyncio.wait_for(again.reader.read(200), 10)):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("the lines were not given back")
        again.writer.close()

    served(tmp_path, talk)


@pytest.mark.parametrize("device", list(DEVICES))
def test_noise_beside_a_session_that_works(device: str, tmp_path: Path, lab_home: Path) -> None:
    dice = random.Random(device)
    starts = [
        b"", b"SSH-2.0-noise\r\n", b"SSH-1.5-old\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00",
        b"\xff\xfa\x1f", b"\xff" * 500, b"\xff\xfd" * 500, b"\xff\xfa\x18\x01" * 200, b"\x00" * 500,
        b"A" * 200_000, b"\x1b[" * 500,
        b"\r\n" * 2000, b"\x03\x1a\x04\x16" * 300, "\u20ac\U0001f600".encode() * 300, b"\xc3\x28" * 300,
    ]  # fmt: skip

    async def talk(state: LabState) -> None:
        good = await Caller.at(state, device)
        await good.log_in(device)
        noisy = []
        for transport in ("telnet", "ssh"):
            for start in starts:
                caller = await Caller.at(state, device, transport)
                caller.writer.write(start + dice.randbytes(3000))
                noisy.append(caller)
        inside = [await Caller.at(state, device) for _number in range(6)]
        for caller, start in zip(inside, starts[5:], strict=False):
            await caller.log_in(device)
            caller.writer.write(start + dice.randbytes(5000))
        await good.ask(device)
        for caller in noisy[::2]:
            caller.writer.transport.abort()
        for caller in (*noisy[1::2], *inside):
            caller.writer.write_eof()
            with contextlib.suppress(ConnectionError):
                caller.got += await asyncio.wait_for(caller.reader.read(), 20)
            caller.writer.close()
            assert not LEAKS.search(caller.got)
        await good.ask(device)
        assert not LEAKS.search(good.got)
        last = await Caller.at(state, device)
        await last.log_in(device)
        for caller in (good, last):
            caller.writer.close()

    served(tmp_path, talk)
    log = lab_home / next(lab_home.iterdir()).name / "flood" / "lab.log"
    assert not log.exists() or "internal" not in log.read_text()
