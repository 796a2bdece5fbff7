# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for clients that we did not write; "make test-clients" runs these, in an environment of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_fixtures import LabHandle, lab_home, start_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab

__all__ = ["lab_home", "start_lab"]

LAB = """
plugin: netops.peerguard.lab
name: clients
defaults: {username: netops, password: Lab-Pass-1, transports: [ssh, telnet]}
devices:
  xe1:
    platform: cisco_iosxe
    enable_password: Enable-Pass-1
    options: {authorized_keys: KEY}
    config: |
      hostname XE1
      !
      ip domain name lab.example
      !
      archive
       path flash:bk
      !
      interface GigabitEthernet0/0/0
       description to the provider
       ip address 198.18.0.1 255.255.255.252
       negotiation auto
      !
      interface Loopback0
       ip address 192.0.2.1 255.255.255.255
      !
      router lisp
       service ipv4
        map-server
        exit-service-ipv4
       !
       exit-router-lisp
      !
      end
  xe2:
    platform: cisco_iosxe
    config: |
      hostname XE2
      !
      interface GigabitEthernet0/0/0
       ip address 198.18.0.2 255.255.255.252
      !
      end
  vrp8: {platform: huawei_vrp, options: {authorized_keys: KEY}}
  vrp5: {platform: huawei_vrp, os_version: "5.170 (S6730 V200R019C10SPC500)", model: S6730-H48X6C}
  fw5:
    platform: h3c_comware
    os_version: "5.20, Release 3721"
    config: |
      #
       sysname FW-5
      #
      return
  fw7:
    platform: h3c_comware
    os_version: "7.1.064, Release 9524"
    config: |
      #
       sysname FW-7
      #
      return
  erx: {platform: juniper_junose, enable_password: Enable-Pass-1}
  aw: {platform: allied_alliedware}
links:
  - ["xe1:GigabitEthernet0/0/0", "xe2:GigabitEthernet0/0/0"]
"""


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OpenSSH key pair that the lab's first devices accept; the private key's path."""
    path = tmp_path_factory.mktemp("keys") / "id"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "clients", "-f", str(path)]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        from asyncssh import generate_private_key

        made = generate_private_key("ssh-ed25519")
        made.write_private_key(str(path))
        made.write_public_key(f"{path}.pub")
    return path


@pytest.fixture(scope="session")
def lab(_own_surroundings: None, tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[LabHandle]:
    """The running lab, shared by all tests: each leaves the devices as it found them, or uses names of its own."""
    path = tmp_path_factory.mktemp("lab") / "clients.lab.yml"
    path.write_text(LAB.replace("KEY", f"{key}.pub"))
    handle = LabHandle(path, Lab.load(path))
    handle.lab.start()
    yield handle
    handle.lab.stop()
