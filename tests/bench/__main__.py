# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time plays against the mock lab, side by side with Ansible's floor: medians and ratios of one run.

Every job is a whole `ansible-playbook` process, seen from outside: wall seconds, CPU seconds of the process and all its
workers, peak memory of the largest. The lab runs beside it on the same machine and is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import guarded

HERE = Path(__file__).parent
LAB_MODULE = "ansible_collections.netops.peerguard.plugins.plugin_utils.lab"
HEAD = """plugin: netops.peerguard.lab
name: bench
defaults: {username: netops, password: lab-pass, platform: huawei_vrp}
devices:
"""
ROUTER = """  r{n:04d}:
    hostname: R{n:04d}
    config: |
      #
      sysname R{n:04d}
      #
      mpls lsr-id 10.255.{high}.{low}
      #
      mpls
       mpls te
       mpls te cspf
       mpls rsvp-te
      #
      keychain kc-core mode absolute
      #
      interface GigabitEthernet0/3/7
       undo shutdown
       ip address 10.{high}.{low}.1 255.255.255.252
       mpls
       mpls te
       mpls rsvp-te
       mpls rsvp-te authentication keychain kc-core
       mpls rsvp-te authentication handshake
      #
      return
"""
FLOOR = """
- hosts: huawei_vrp
  gather_facts: false
  vars:
    ansible_connection: local  # nothing is loaded for it, nothing is connected
  tasks:
    - floor:
"""
NOTHING = """
- hosts: huawei_vrp
  gather_facts: false
  tasks:
    - floor:
"""
UNCHANGED = """
- hosts: huawei_vrp
  gather_facts: false
  tasks:
    - netops.peerguard.huawei_rsvp_auth:
        config:
          interfaces:
            - name: GigabitEthernet0/3/7
              authentication: {mode: keychain, keychain: kc-core}
              handshake: true
"""
FACTS = """
- hosts: huawei_vrp
  gather_facts: false
  tasks:
    - netops.peerguard.facts:
"""
# "nothing" is the same no-op on the same inventory: there Ansible loads the connection plugin in every worker.
JOBS: Mapping[str, str] = {"floor": FLOOR, "nothing": NOTHING, "unchanged": UNCHANGED, "facts": FACTS}


@dataclass
class Figures:
    """What the runs of one job cost."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def main() -> int:
    """Run the jobs in turn and print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--forks", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--guard", type=int, metavar="PEERINGS", help="time guard over so many peerings instead")
    parser.add_argument("--batch", type=int, default=20, help="peerings that guard works on at the same time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peerguard-bench-") as folder:
        if options.guard:
            costs = guarded.measure(Path(folder), options.guard, options.batch, surroundings(Path(folder)), LAB_MODULE)
            guarded.print_costs(costs, options.guard, options.batch)
            return 0
        figures = run(Path(folder), options.hosts, options.forks, options.repeat)
    print_table(figures, options.hosts, options.forks, options.repeat)
    if options.json:
        options.json.write_text(json.dumps({name: vars(found) for name, found in figures.items()}, indent=1))
    return 0


def run(folder: Path, hosts: int, forks: int, repeat: int) -> dict[str, Figures]:
    """Start a lab, run every job once to warm up and then in turn, stop the lab."""
    environment = surroundings(folder)
    lab = folder / "bench.lab.yml"
    lab.write_text(lab_file(hosts))
    for name, play in JOBS.items():
        (folder / f"{name}.yml").write_text(play)
    subprocess.run(
        [sys.executable, "-m", LAB_MODULE, "start", str(lab)], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    try:
        found = {name: Figures() for name in JOBS}
        for turn in range(repeat + 1):
            for name in JOBS:
                measured = one(folder / f"{name}.yml", lab, forks, environment)
                if turn:
                    for figure, value in zip(
                        (found[name].wall, found[name].cpu, found[name].memory), measured, strict=True
                    ):
                        figure.append(value)
        return found
    finally:
        subprocess.run(
            [sys.executable, "-m", LAB_MODULE, "stop", str(lab)],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of the lab and of all runs: nothing of theirs is outside the folder."""
    folder.chmod(0o700)
    return {
        **os.environ,
        "XDG_RUNTIME_DIR": str(folder),
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
    }


def lab_file(hosts: int) -> str:
    """A lab of Huawei routers that are configured as the jobs want them."""
    return HEAD + "".join(ROUTER.format(n=n, high=n // 250, low=n % 250 + 1) for n in range(hosts))


def one(play: Path, lab: Path, forks: int, environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MB of one run; a failed run ends the bench."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(lab), "-f", str(forks), str(play)]
    start = time.monotonic()
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(output.decode(errors="replace")[-3000:])
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def print_table(figures: Mapping[str, Figures], hosts: int, forks: int, repeat: int) -> None:
    """Medians, and how they relate to the floor."""
    cores = os.cpu_count()
    print(f"{hosts} hosts, {forks} forks, {repeat} runs each, {cores} cores, Python {platform.python_version()}")
    print(f"{'job':<12}{'wall s':>8}{'x floor':>9}{'CPU s':>8}{'x floor':>9}{'peak MB':>9}{'min..max wall':>18}")
    floor = figures["floor"]
    for name, found in figures.items():
        wall, cpu = statistics.median(found.wall), statistics.median(found.cpu)
        print(
            f"{name:<12}{wall:>8.2f}{wall / statistics.median(floor.wall):>9.2f}{cpu:>8.2f}"
            f"{cpu / statistics.median(floor.cpu):>9.2f}{max(found.memory):>9.0f}"
            f"{f'{min(found.wall):.2f}..{max(found.wall):.2f}':>18}"
        )


if __name__ == "__main__":
    sys.exit(main())
