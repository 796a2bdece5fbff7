# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a large lab costs: all five systems in one process, its start, its memory, and how fast it answers.

At the end one play gathers facts from every device through the collection, over SSH.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import load_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import LabState
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

NAMES = {
    "huawei_vrp": ("sysname {0}", "Username:", "<{0}>", "display clock"),
    "cisco_iosxe": ("hostname {0}", "Username: ", "{0}#", "show clock"),
    "h3c_comware": (" sysname {0}", "Username:", "<{0}>", "display clock"),
    "juniper_junose": ('hostname "{0}"', "User: ", "{0}>", "show privilege"),
    "allied_alliedware": ('set system name="{0}"', " login: ", "Manager {0}> ", "show config"),
}
"""Platform -> its line with the name, what it asks for first, its prompt, and a command of one line."""
SHARES = ("huawei_vrp",) * 2 + tuple(NAMES)
FACTS = "- hosts: all\n  gather_facts: false\n  tasks:\n    - netops.peerguard.facts:\n"


@dataclass
class Size:
    """The figures; seconds, KiB and commands per second."""

    devices: int
    start: float = 0.0
    idle_process: float = 0.0
    idle_per_device: float = 0.0
    used_per_device: float = 0.0
    emulator_rate: float = 0.0
    telnet_rate: float = 0.0
    snapshot: float = 0.0
    gather: float = 0.0
    gathered: int = 0
    stop: float = 0.0


def main() -> int:
    """Build the lab, measure it, print the figures."""
    parser = argparse.ArgumentParser(prog="make bench-lab", description=__doc__)
    parser.add_argument("--lab", type=int, default=1000, metavar="DEVICES")
    parser.add_argument("--sessions", type=int, default=200, help="Telnet sessions that ask at the same time")
    parser.add_argument("--forks", type=int, default=20, help="of the play that gathers")
    parser.add_argument("--no-gather", action="store_true", help="leave out the play")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pg-size-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = name
        found = measure(folder, options.lab, options.sessions, 0 if options.no_gather else options.forks)
    print_size(found, options.sessions, options.forks)
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=1) + "\n")
    return 0


def measure(folder: Path, devices: int, sessions: int, forks: int) -> Size:
    """All figures; `forks` 0 leaves the gathering out."""
    found = Size(devices)
    found.emulator_rate = emulator_rate(folder)
    one = memory_of_one(folder)
    lab = Lab.load(write(folder / "size.lab.yml", devices))
    begin = time.monotonic()
    lab.start()
    found.start = time.monotonic() - begin
    try:
        state = lab.state.running()
        if state is None:
            sys.exit("the lab does not run")
        found.idle_process = memory(state.pid)
        found.idle_per_device = (found.idle_process - one) / max(1, devices - 1)
        asyncio.run(talk(state, list(state.devices), 1))
        found.used_per_device = (memory(state.pid) - one) / max(1, devices - 1)
        some = list(state.devices)[:sessions]
        begin, times = time.monotonic(), 40
        asyncio.run(talk(state, some, times))
        found.telnet_rate = len(some) * times / (time.monotonic() - begin)
        begin = time.monotonic()
        lab.ask({"op": "save"})
        found.snapshot = time.monotonic() - begin
        if forks:
            found.gather, found.gathered = gather(folder, forks)
    finally:
        begin = time.monotonic()
        lab.stop()
        found.stop = time.monotonic() - begin
    return found


def write(path: Path, devices: int) -> Path:
    """A lab file with so many devices of all systems, each with a configuration of its own."""
    text = f"plugin: netops.peerguard.lab\nname: {path.name.partition('.')[0]}\n"
    text += "defaults: {transports: [ssh, telnet], password: lab-pass}\ndevices:\n"
    for number in range(devices):
        system = SHARES[number % len(SHARES)]
        line = NAMES[system][0].format(f"r{number:04d}")
        text += f"  r{number:04d}:\n    platform: {system}\n    config: |2\n      {line}\n"
    path.write_text(text)
    return path


def memory(pid: int) -> float:
    """KiB that a process has for itself."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(sum(int(row.split()[1]) for row in rows if row.startswith("Private_")))


def memory_of_one(folder: Path) -> float:
    """KiB of a lab with one device of each system: what a process costs whatever its size."""
    lab = Lab.load(write(folder / "one.lab.yml", len(SHARES)))
    lab.start()
    try:
        state = lab.state.running()
        if state is None:
            sys.exit("the lab does not run")
        asyncio.run(talk(state, list(state.devices), 1))
        return memory(state.pid)
    finally:
        lab.stop()


def emulator_rate(folder: Path) -> float:
    """Commands per second of the emulators alone, without a network: one after the other on all systems."""
    world = World(load_lab(write(folder / "alone.lab.yml", len(SHARES))))
    talks = []
    for device in world.devices.values():
        terminal = device.open_session("ssh", "netops")
        terminal.start()
        talks.append((terminal, NAMES[device.platform][3] + "\r"))
    count, begin = 0, time.monotonic()
    while time.monotonic() - begin < 2:
        for terminal, line in talks:
            terminal.receive(line)
        count += len(talks)
    return count / (time.monotonic() - begin)


async def talk(state: LabState, names: list[str], times: int) -> None:
    """One Telnet session with each of these devices, 200 at once, `times` commands in each."""
    gate = asyncio.Semaphore(200)

    async def one(name: str) -> None:
        device = state.devices[name]
        _config, user, prompt, line = NAMES[device.platform]
        end = prompt.format(name).encode()
        async with gate:
            reader, writer = await asyncio.open_connection(state.listen, device.ports["telnet"])
            for until, typed in ((user.encode(), "netops"), (b"assword:", "lab-pass")):
                await reader.readuntil(until)
                writer.write(typed.encode() + b"\r")
            await reader.readuntil(end)
            for _turn in range(times):
                writer.write(line.encode() + b"\r")
                await reader.readuntil(end)
            writer.close()

    await asyncio.gather(*(one(name) for name in names))


def gather(folder: Path, forks: int) -> tuple[float, int]:
    """Seconds of a play that gathers facts from all devices, and from how many it got them."""
    (folder / "facts.yml").write_text(FACTS)
    (folder / "ansible.cfg").touch()
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", ""),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", str(folder / "size.lab.yml"), "-f", str(forks), str(folder / "facts.yml")]
    begin = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    good = done.stdout.count(" | SUCCESS =>")
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return seconds, good


def print_size(found: Size, sessions: int, forks: int) -> None:
    """The figures for people."""
    print(f"{found.devices} devices in one process, {os.cpu_count()} cores, Python {platform.python_version()}")
    rows = [
        ("start, until all ports listen", f"{found.start:.2f} s"),
        ("memory of the process, idle", f"{found.idle_process / 1024:.0f} MiB"),
        ("memory per device, idle", f"{found.idle_per_device:.1f} KiB"),
        ("memory per device, after a session with each", f"{found.used_per_device:.1f} KiB"),
        ("commands per second, emulators alone", f"{found.emulator_rate:.0f}"),
        (f"commands per second, {min(sessions, found.devices)} Telnet sessions", f"{found.telnet_rate:.0f}"),
        ("saving the whole lab", f"{found.snapshot:.2f} s"),
        ("stop", f"{found.stop:.2f} s"),
    ]
    if found.gather:
        rate = f"{found.gathered} of {found.devices} devices in {found.gather:.1f} s"
        rows.append((f"facts of all devices over SSH, {forks} forks", rate))
    for what, value in rows:
        print(f"  {what:<52}{value:>30}")


if __name__ == "__main__":
    sys.exit(main())
