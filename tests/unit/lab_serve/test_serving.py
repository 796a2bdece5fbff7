# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH and Telnet over real sockets, in this process, with clients that behave and clients that do not."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve import control
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import LabState
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.supervisor import Supervisor

asyncssh = pytest.importorskip("asyncssh")

Make = Callable[..., Any]


def served(lab: Any, talk: Callable[[LabState, Supervisor], Awaitable[None]]) -> None:
    """Run `talk` while the lab is served, and see that it is still alive and well afterwards."""

    async def main() -> None:
        supervisor = Supervisor(lab)
        ready: asyncio.Future[LabState] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(supervisor.run(ready.set_result))
        try:
            await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            await talk(ready.result(), supervisor)
            name = next(iter(lab.devices))
            if "ssh" in lab.devices[name].transports:
                async with connect(ready.result(), name) as connection:
                    assert "value" in (await connection.run("show")).stdout
        finally:
            supervisor.stop()
            await task
        assert not any(device.pumps or device.callers for device in supervisor.hub.devices.values())
        assert not supervisor.state.held()

    asyncio.run(asyncio.wait_for(main(), 60))


def connect(state: LabState, device: str = "r1", **more: Any) -> Any:
    home = Path(os.environ["XDG_RUNTIME_DIR"]) / f"peerguard-lab-{os.getuid()}" / state.name
    arguments = {
        "username": "netops",
        "password": "toy-pass",
        "known_hosts": str(home / "known_hosts"),
        "client_keys": None,
        "agent_path": None,
        "config": None,
    }
    return asyncssh.connect("127.0.0.1", state.devices[device].ports["ssh"], **(arguments | more))


async def until(stream: Any, end: str) -> str:
    return str(await asyncio.wait_for(stream.readuntil(end), 10))


def test_a_shell_with_and_without_pty(toy_lab: Make) -> None:
    async def talk(state: LabState, supervisor: Supervisor) -> None:
        async with connect(state) as connection:
            for pty in (True, False):
                process = await connection.create_process(request_pty=pty, term_type="vt100", term_size=(100, 40))
                assert "Hello." in await until(process.stdout, "r1> ")
                process.stdin.write("show\n")
                assert "value none" in await until(process.stdout, "r1> ")
                pump = next(iter(supervisor.hub.devices["r1"].pumps))
                assert (pump.terminal.width, pump.terminal.height) == ((100, 40) if pty else (80, 24))
                if pty:
                    process.change_terminal_size(132, 50)
                    await asyncio.sleep(0.05)
                    assert (pump.terminal.width, pump.terminal.height) == (132, 50)
                    process.close()
                    await process.wait_closed()
                    break
        async with connect(state) as connection:
            result = await connection.run(input="show\nbye\n")
            assert result.exit_status == 0
            assert result.stdout.rstrip().endswith("See you.")
            await asyncio.wait_for(connection.wait_closed(), 5)  # as on the devices: no session, no connection

    served(toy_lab({"r1": {}}), talk)


def test_one_command(toy_lab: Make) -> None:
    async def talk(state: LabState, _supervisor: Supervisor) -> None:
        async with connect(state) as connection:
            assert (await connection.run("lines 100")).stdout.split("\n")[:2] == ["line 0\r", "line 1\r"]
        async with connect(state) as connection:
            assert (await connection.run("lines 100")).stdout.count("\n") == 100

    served(toy_lab({"r1": {}}), talk)


def test_ways_to_log_in(toy_lab: Make, tmp_path: Path) -> None:
    key, other = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "keys").write_text("# mine\n" + key.export_public_key("openssh").decode())
    devices = {"r1": {"options": {"authorized_keys": "keys"}}, "r2": {"faults": [{"kind": "refuse_login", "times": 1}]}}

    async def talk(state: LabState, _supervisor: Supervisor) -> None:
        for way in ("password", "keyboard-interactive"):
            async with connect(state, preferred_auth=way):
                pass
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(state, preferred_auth=way, password="wrong")
        async with connect(state, client_keys=[key], password=None):
            pass
        for bad in ({"client_keys": [other]}, {"client_keys": [key], "username": "root"}, {}):
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(state, **({"password": None} | bad))
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(state, "r2", preferred_auth="password")
        async with connect(state, "r2"):
            pass

    served(toy_lab(devices), talk)


@pytest.mark.parametrize("keys", [["nonsense"], "ssh-ed25519", "no/such/file"])
def test_keys_that_are_none(toy_lab: Make, keys: Any) -> None:
    with pytest.raises(LabError, match="authorized_keys"):
        Supervisor(toy_lab({"r1": {"options": {"authorized_keys": keys}}}))


def test_old_algorithms(toy_lab: Make) -> None:
    async def talk(state: LabState, _supervisor: Supervisor) -> None:
        old = {
            "kex_algs": ["diffie-hellman-group14-sha1"],
            "encryption_algs": ["aes128-cbc"],
            "mac_algs": ["hmac-sha1"],
            "server_host_key_algs": ["ssh-rsa"],
        }
        async with connect(state, **old) as connection:
            assert "value" in (await connection.run("show")).stdout

    served(toy_lab({"r1": {}}), talk)


def test_what_is_not_served_is_refused(toy_lab: Make) -> None:
    async def talk(state: LabState, _supervisor: Supervisor) -> None:
        async with connect(state) as connection:
            for attempt in ({"subsystem": "netconf"}, {"subsystem": "sftp"}):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await connection.create_process(**attempt)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", 22)

    served(toy_lab({"r1": {}}), talk)


def test_a_session_that_is_dropped(toy_lab: Make) -> None:
    async def talk(state: LabState, _supervisor: Supervisor) -> None:
        async with connect(state) as connection:
            process = await connection.create_process(term_type="vt100")
            await until(process.stdout, "r1> ")
            process.stdin.write("show\n")
            assert "value" not in await asyncio.wait_for(process.stdout.read(), 5)

    served(toy_lab({"r1": {"faults": [{"kind": "drop_session", "at_command": 1, "times": 1}]}}), talk)


def test_a_device_that_reboots_is_away(toy_lab: Make) -> None:
    async def talk(state: LabState, supervisor: Supervisor) -> None:
        supervisor.world.devices["r1"].reboot(30)
        with pytest.raises((asyncssh.Error, OSError)):
            await connect(state)
        reader, writer = await asyncio.open_connection("127.0.0.1", state.devices["r1"].ports["telnet"])
        with pytest.raises(ConnectionError):
            await telnet_until(reader, b":")
        writer.close()
        supervisor.world.advance(31)

    served(toy_lab({"r1": {"transports": ["ssh", "telnet"]}}, clock="manual"), talk)


async def telnet_until(reader: asyncio.StreamReader, end: bytes) -> bytes:
    text = b""
    while end not in text:
        piece = await asyncio.wait_for(reader.read(4096), 5)
        if not piece:
            raise ConnectionResetError
        text += piece
    return text


def test_telnet(toy_lab: Make) -> None:
    async def talk(state: LabState, supervisor: Supervisor) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", state.devices["r1"].ports["telnet"])
        assert (await telnet_until(reader, b"name:")).startswith(b"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f")
        writer.write(b"\xff\xfd\x01\xff\xfb\x1f\xff\xfa\x1f\x00\x64\x00\x28\xff\xf0netops\r\n")
        await telnet_until(reader, b"word:")
        writer.write(b"toy-pass\r\n")
        assert b"toy-pass" not in await telnet_until(reader, b"r1> ")
        assert next(iter(supervisor.hub.devices["r1"].pumps)).terminal.width == 100
        writer.write(b"show\r\nbye\r\n")
        assert b"See you" in await asyncio.wait_for(reader.read(-1), 5)
        writer.close()

    served(toy_lab({"r1": {"transports": ["telnet"]}}), talk)


def test_ports(toy_lab: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        async def nothing(_state: LabState, _supervisor: Supervisor) -> None:
            raise AssertionError("served on a port that was taken")

        with pytest.raises(LabError, match=rf"r2: cannot listen for ssh on 127.0.0.1 port {port} \(Address already"):
            served(toy_lab({"r1": {}, "r2": {"port": port}}), nothing)

    seen: list[int] = []

    async def look(state: LabState, _supervisor: Supervisor) -> None:
        assert state.devices["r2"].ports["ssh"] == port
        assert state.devices["r2"].ports["telnet"] != port
        seen.append(state.devices["r1"].ports["ssh"])

    for _turn in range(2):
        served(toy_lab({"r1": {}, "r2": {"port": port, "transports": ["ssh", "telnet"]}}), look)
    assert seen[0] == seen[1]  # free ports, but the same ones next time


def test_clients_that_do_not_behave(toy_lab: Make) -> None:
    noise = random.Random(4).randbytes

    async def talk(state: LabState, supervisor: Supervisor) -> None:
        ports = state.devices["r1"].ports
        writers = []
        for count in range(120):
            _reader, writer = await asyncio.open_connection("127.0.0.1", ports[("ssh", "telnet")[count % 2]])
            writers.append(writer)  # half-open: says nothing
        for port in ports.values():
            for start in (b"", b"SSH-2.0-fuzz\r\n", b"\xff\xfa\x1f", b"\x00" * 100, b"A" * 100_000):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(start + noise(30_000))
                writers.append(writer)
        for writer in writers[::3]:
            writer.transport.abort()
        async with connect(state) as connection:
            process = await connection.create_process(term_type="vt100", encoding=None)
            process.stdin.write(noise(50_000))
            shells = [await connection.create_process(term_type="vt100") for _number in range(60)]
            for shell in shells:
                assert "r1> " in await until(shell.stdout, "r1> ")
            shells[0].stdin.write("x" * 300_000 + "\n")
            shells[1].stdin.write("show\n")
            assert "value" in await until(shells[1].stdout, "r1> ")
            connection.abort()
        for writer in writers:
            writer.close()
        for _turn in range(50):
            if not supervisor.hub.devices["r1"].callers:
                break
            await asyncio.sleep(0.1)
        assert not supervisor.hub.devices["r1"].callers
        assert not supervisor.world.devices["r1"].sessions

    served(toy_lab({"r1": {"transports": ["ssh", "telnet"]}}), talk)


def test_more_connections_than_anybody_needs(toy_lab: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve import hub

    monkeypatch.setattr(hub, "_CONNECTIONS_PER_DEVICE", 5)

    async def talk(state: LabState, supervisor: Supervisor) -> None:
        pairs = [await asyncio.open_connection("127.0.0.1", state.devices["r1"].ports["ssh"]) for _number in range(20)]
        await asyncio.sleep(0.1)
        assert len(supervisor.hub.devices["r1"].callers) == 5
        for _reader, writer in pairs:
            writer.close()
        await asyncio.sleep(0.1)

    served(toy_lab({"r1": {}}), talk)


def test_a_client_that_never_reads(toy_lab: Make) -> None:
    async def talk(state: LabState, supervisor: Supervisor) -> None:
        sock = socket.create_connection(("127.0.0.1", state.devices["r2"].ports["telnet"]))
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, b"netops\r\ntoy-pass\r\n")
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):  # at some point the lab stops reading, instead of storing answers
            await asyncio.wait_for(loop.sock_sendall(sock, b"lines 20\r\n" * 4_000_000), 3)
        pump = next(iter(supervisor.hub.devices["r2"].pumps))
        assert pump._waiting < 2_000_000
        sock.close()

    served(toy_lab({"r1": {}, "r2": {"transports": ["telnet"]}}), talk)


def test_control_socket(toy_lab: Make) -> None:
    async def talk(state: LabState, supervisor: Supervisor) -> None:
        def ask(**request: Any) -> Any:
            return asyncio.to_thread(control.ask, supervisor.state.control, request, 5)

        assert (await ask(op="status"))["clock"]["kind"] == "manual"
        before = (await ask(op="status"))["clock"]["now"]
        assert (await ask(op="advance", seconds=30))["now"] == before + 30
        for bad in ({"op": "advance", "seconds": -1}, {"op": "x"}, {}):
            with pytest.raises(LabError):
                await ask(**bad)
        async with connect(state) as connection:
            await connection.run("set early")
        saved = (await ask(op="save"))["snapshot"]
        async with connect(state) as connection:
            await connection.run("set late")
        async with connect(state) as connection:
            process = await connection.create_process(term_type="vt100")
            await until(process.stdout, "r1> ")
            assert (await ask(op="status"))["sessions"] == {"r1": 1}
            await ask(op="restore", snapshot=saved)
            await asyncio.wait_for(process.stdout.read(), 5)  # restoring ends sessions
        async with connect(state) as connection:
            assert "value early" in (await connection.run("show")).stdout
        reader, writer = await asyncio.open_unix_connection(supervisor.state.control)
        writer.write(b"\xff\xfe\n[]\n{\n")
        for _line in range(3):
            assert b'"ok": false' in await reader.readline()
        writer.close()

    served(toy_lab({"r1": {}}, clock="manual"), talk)
