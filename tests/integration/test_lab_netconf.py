# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF of a served lab as its users meet it: ports, inventory, OpenSSH's subsystem, faults and what stays after."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import ansible_environment
from lab_fixtures import LabHandle
from netconf_labs import cisco_lab, huawei_lab

pytestmark = pytest.mark.lab


def hostvars(lab: LabHandle, home: Path) -> dict[str, Any]:
    """The variables of all hosts as Ansible reads them from the lab file."""
    command = [str(Path(sys.prefix) / "bin" / "ansible-inventory"), "-i", lab.inventory, "--list"]
    run = subprocess.run(command, env=ansible_environment(home), capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(run.stdout, object_hook=lambda each: each.get("__ansible_unsafe", each))
    hosts: dict[str, Any] = found["_meta"]["hostvars"]
    return hosts


def hello(lab: LabHandle, device: str, transport: str) -> str:
    """What OpenSSH gets from the subsystem, with the host key checked; no password is typed, so it may be refused."""
    command = [
        "ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
        "-o", f"UserKnownHostsFile={lab.known_hosts(device)}", "-p", str(lab.port(device, transport)),
        "-i", str(lab.path.with_name("id")), "-o", "IdentitiesOnly=yes", "-s", "netops@127.0.0.1", "netconf",
    ]  # fmt: skip
    run = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=60)
    return run.stdout or run.stderr


def with_key(lab: str, path: Path) -> str:
    """The lab, with a key of this test's in the device's list."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return lab.replace("options: {", f"options: {{authorized_keys: {path}.pub, ", 1)


def test_ports_and_inventory(start_lab: Callable[..., LabHandle], tmp_path: Path) -> None:
    text = with_key(huawei_lab("    options: {peer_indent: a}\n"), tmp_path / "id")
    lab = start_lab(text.replace("clock: manual", "clock: real"))
    ports = lab.port("pe1", "ssh"), lab.port("pe1", "netconf")
    assert ports[0] != ports[1]
    variables = hostvars(lab, tmp_path)["pe1"]
    assert (variables["ansible_port"], variables["ansible_netconf_port"]) == ports
    assert variables["ansible_connection"] == "netops.peerguard.netmiko"
    known = Path(variables["ansible_netmiko_known_hosts_file"]).read_text()
    assert all(f"[127.0.0.1]:{port}" in known for port in ports)
    for transport in ("ssh", "netconf"):
        assert "<session-id>" in hello(lab, "pe1", transport)
    assert any("-s netops@127.0.0.1 netconf" in command for command in lab.lab.status()["reach"]["pe1"])
    lab.restart()
    assert (lab.port("pe1", "ssh"), lab.port("pe1", "netconf")) == ports


def test_netconf_only(start_lab: Callable[..., LabHandle], tmp_path: Path) -> None:
    text = with_key(cisco_lab("{netconf_candidate: true}"), tmp_path / "id")
    lab = start_lab(text.replace("transports: [ssh, netconf]", "transports: [netconf]"))
    variables = hostvars(lab, tmp_path)["r1"]
    assert variables["ansible_connection"] == "netops.peerguard.netconf"
    assert variables["ansible_netconf_port"] == lab.port("r1", "netconf")
    assert "ansible_port" not in variables
    assert "capability:candidate:1.0" in hello(lab, "r1", "netconf")
    lab.fault("r1", "garbage_after_banner", text="%%garbage%%", times=1)
    assert hello(lab, "r1", "netconf").endswith("%%garbage%%")
    lab.fault("r1", "vty_full", times=1)
    assert "<hello" not in hello(lab, "r1", "netconf")
    assert "internal" not in lab.log()
