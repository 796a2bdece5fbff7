# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One `guard` run over many two-ended peerings: check mode, the change of all ends, the second run that finds nothing.

The lab is served over SSH by a process of its own and is counted apart.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INTERFACE = "GigabitEthernet0/3/7"
HEAD = """plugin: netops.peerguard.lab
name: guarded
defaults: {platform: huawei_vrp, username: netops, password: lab-pass}
devices:
"""
ROUTER = """  {name}:
    hostname: {upper}
    config: |
      #
      sysname {upper}
      #
      mpls lsr-id {lsr}
      #
      mpls
       mpls te
       mpls te cspf
       mpls rsvp-te
       mpls rsvp-te timer refresh 10
      #
      interface GigabitEthernet0/3/7
       undo shutdown
       ip address {address} 255.255.255.252
       mpls
       mpls te
       mpls rsvp-te
      #
      interface Tunnel1
       tunnel-protocol mpls te
       destination {other}
      #
      return
"""
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: guard
      run_once: true
      netops.peerguard.guard:
        intent: "{{ peerings }}"
        batch: {{ batch }}
        journal_dir: journal
        page: peerings.html
        verify: {timeout: 120, interval: 2}
"""
RUNS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "check": (("--check",), "planned"),
    "guard": ((), "converged"),
    "again": ((), "unchanged"),
}
"""What is run, with which arguments, and what must become of every peering."""


@dataclass
class Cost:
    """Of one playbook run with all its workers: seconds, seconds of CPU, MB of the largest process."""

    wall: float
    cpu: float
    memory: float


def measure(
    folder: Path, peerings: int, batch: int, environment: Mapping[str, str], lab_module: str
) -> dict[str, Cost]:
    """Start the lab, run the three plays, stop the lab. A run that leaves a peering in another state ends the bench."""
    lab = folder / "guarded.lab.yml"
    lab.write_text(lab_file(peerings))
    (folder / "peerings.json").write_text(json.dumps({"peerings": [_peering(n) for n in range(peerings)]}))
    (folder / "guard.yml").write_text(PLAY.replace("{{ batch }}", str(batch)))
    environment = {**environment, "ANSIBLE_STDOUT_CALLBACK": "default"}
    control = [sys.executable, "-m", lab_module]
    subprocess.run([*control, "start", str(lab)], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        return {
            name: _one(folder, lab, arguments, verdict, peerings, environment)
            for name, (arguments, verdict) in RUNS.items()
        }
    finally:
        subprocess.run([*control, "stop", str(lab)], env=environment, check=False, stdout=subprocess.DEVNULL)


def lab_file(peerings: int) -> str:
    """Pairs of linked routers between which RSVP-TE runs without authentication."""
    pairs = "".join(_router(n, 1) + _router(n, 2) for n in range(peerings))
    links = "".join(f"  - [r{n:04d}a:{INTERFACE}, r{n:04d}b:{INTERFACE}]\n" for n in range(peerings))
    return f"{HEAD}{pairs}links:\n{links}"


def _router(number: int, end: int) -> str:
    name = f"r{number:04d}{'ab'[end - 1]}"
    high, low = number // 250, number % 250 + 1
    return ROUTER.format(
        name=name,
        upper=name.upper(),
        lsr=f"10.{250 + end}.{high}.{low}",
        other=f"10.{253 - end}.{high}.{low}",
        address=f"10.{high}.{low}.{end}",
    )


def _peering(number: int) -> dict[str, object]:
    ends = [{"host": f"r{number:04d}{end}", "interface": INTERFACE} for end in "ab"]
    return {"name": f"link{number:04d}", "kind": "rsvp_handshake", "key": f"Bench-Key-{number}", "ends": ends}


def _one(
    folder: Path, lab: Path, arguments: tuple[str, ...], verdict: str, peerings: int, environment: Mapping[str, str]
) -> Cost:
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", str(lab), "-e", f"@{folder / 'peerings.json'}", *arguments, str(folder / "guard.yml")]
    start = time.monotonic()
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    text = output.decode(errors="replace")
    if status or len(re.findall(rf"^link\d+ .* {verdict}\b", text, re.MULTILINE)) != peerings:
        sys.exit(text[-3000:])
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def print_costs(costs: Mapping[str, Cost], peerings: int, batch: int) -> None:
    """One line per run."""
    print(f"guard: {peerings} two-ended peerings, batch {batch}")
    print(f"{'run':<12}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, cost in costs.items():
        print(f"{name:<12}{cost.wall:>8.2f}{cost.cpu:>8.2f}{cost.memory:>9.0f}")
