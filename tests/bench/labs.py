# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The labs that are measured against: fleets of equal devices, configured as the unchanged jobs want them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import LabState

USER, PASSWORD = "netops", "lab-pass"
MODULE = "ansible_collections.netops.peerguard.plugins.plugin_utils.lab"
HEAD = """plugin: netops.peerguard.lab
name: bench
defaults:
  username: netops
  password: lab-pass
  platform: {platform}
{faults}devices:
"""
HUAWEI = """  r{n:04d}:
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
CISCO = """  r{n:04d}:
    hostname: R{n:04d}
    config: |
      hostname R{n:04d}
      !
      clock timezone UTC 0 0
      ntp server 203.0.113.250
      !
      key chain KC-SET tcp
       key 7
        send-id 7
        recv-id 7
        cryptographic-algorithm hmac-sha-1
        send-lifetime 00:00:00 Jan 1 2024 infinite
        key-string 0 Bench-Key-7
      !
      interface GigabitEthernet0/0/0
       description to the provider
       ip address 10.{high}.{low}.1 255.255.255.252
       no shutdown
      !
      end
"""
DEVICE: Mapping[str, str] = {"huawei_vrp": HUAWEI, "cisco_iosxe": CISCO}


@dataclass(frozen=True)
class Fleet:
    """A running lab: its file, which is the inventory, its process, and where each device listens."""

    file: Path
    pid: int
    ports: Mapping[str, int]


def fleet(platform: str, hosts: int, latency: float) -> str:
    """So many equal devices, each of which thinks `latency` seconds about every line."""
    faults = f"  faults: [{{kind: latency, seconds: {latency:g}}}]\n" if latency else ""
    devices = (DEVICE[platform].format(n=n, high=n // 250, low=n % 250 + 1) for n in range(hosts))
    return HEAD.format(platform=platform, faults=faults) + "".join(devices)


@contextmanager
def serving(folder: Path, text: str, environment: Mapping[str, str]) -> Iterator[Fleet]:
    """Serve the lab over SSH for as long as the context lasts."""
    folder.mkdir()
    name = text.partition("name: ")[2].split()[0]
    file = folder / "bench.lab.yml"
    file.write_text(text)
    control = [sys.executable, "-m", MODULE]
    subprocess.run([*control, "start", str(file)], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        (state,) = Path(environment["XDG_RUNTIME_DIR"]).glob(f"*/{name}/state.json")
        running = LabState.from_json(state.read_text())
        yield Fleet(file, running.pid, {name: device.ports["ssh"] for name, device in running.devices.items()})
    finally:
        subprocess.run([*control, "stop", str(file)], env=environment, check=False, stdout=subprocess.DEVNULL)
