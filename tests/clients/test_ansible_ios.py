# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cisco.ios and ansible.netcommon, as their users run them: network_cli over paramiko and over libssh."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import PlaybookRun
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Play = Callable[..., PlaybookRun]
LIBSSH = pytest.param(
    "libssh",
    marks=pytest.mark.skipif(importlib.util.find_spec("pylibsshext") is None, reason="no ansible-pylibssh here"),
)
CHAIN = """\
        lines: [send-id 5, recv-id 5, key-string Top-Secret-5, cryptographic-algorithm hmac-sha-1]
        parents: [key chain KC-CLIENT tcp, key 5]
"""


@pytest.fixture
def control_path() -> Iterator[dict[str, str]]:
    """A short directory: the persistent connections are Unix sockets, whose names may have some 100 characters."""
    path = tempfile.mkdtemp(prefix="pg-")
    yield {"ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": path, "ANSIBLE_HOST_KEY_CHECKING": "false"}
    shutil.rmtree(path, ignore_errors=True)


def inventory(lab: LabHandle, kind: str, device: str = "xe1", **more: Any) -> str:
    spec = lab.lab.file.devices[device]
    values = {
        "ansible_connection": "ansible.netcommon.network_cli",
        "ansible_network_os": "cisco.ios.ios",
        "ansible_network_cli_ssh_type": kind,
        "ansible_host": "127.0.0.1",
        "ansible_port": lab.port(device),
        "ansible_user": spec.username,
        "ansible_password": spec.password,
        "ansible_become": True,
        "ansible_become_method": "enable",
        "ansible_become_password": spec.enable_password,
        **more,
    }
    return yaml.safe_dump({"all": {"hosts": {device: values}}})


def tasks(*items: str) -> str:
    return "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(items)


COMMAND = """\
    - name: command
      cisco.ios.ios_command:
        commands: [show version, show lisp session, show running-config | section ^router lisp]
"""
FACTS = """\
    - name: facts
      cisco.ios.ios_facts:
        gather_subset: [default, hardware, interfaces]
"""
CONFIG = """\
    - name: NAME
      cisco.ios.ios_config:
"""


@pytest.mark.parametrize("kind", ["paramiko", LIBSSH])
def test_command_facts_config(lab: LabHandle, playbook: Play, control_path: dict[str, str], kind: str) -> None:
    config = [CONFIG.replace("NAME", name) + CHAIN for name in ("first", "second")]
    gone = CONFIG.replace("NAME", "gone") + "        lines: no key chain KC-CLIENT\n        save_when: modified\n"
    run = playbook(tasks(COMMAND, FACTS, *config, gone), inventory(lab, kind), env=control_path).expect()
    said = run.one(task="command")["stdout"]
    assert "Cisco IOS XE Software" in said[0]
    assert said[1].startswith("Sessions for VRF default")
    assert said[2].startswith("router lisp")
    facts = run.one(task="facts")["ansible_facts"]
    assert facts["ansible_net_hostname"] == "XE1"
    assert facts["ansible_net_version"] == "17.09.04a"  # of the first line, as on devices
    assert facts["ansible_net_model"] == "C8500-12X"
    assert facts["ansible_net_iostype"] == "IOS-XE"
    assert facts["ansible_net_operatingmode"] == "autonomous"
    assert "192.0.2.1" in facts["ansible_net_all_ipv4_addresses"]
    assert facts["ansible_net_interfaces"]["GigabitEthernet0/0/0"]["description"] == "to the provider"
    assert run.one(task="first").changed
    assert not run.one(task="second").changed
    assert run.one(task="gone").changed


@pytest.mark.parametrize("kind", ["paramiko", LIBSSH])
def test_netcommon_command_config_backup(
    lab: LabHandle, playbook: Play, control_path: dict[str, str], kind: str, tmp_path: Path
) -> None:
    text = tasks(
        "    - name: ask\n      ansible.netcommon.cli_command:\n        command: show clock\n",
        "    - name: prompt\n      ansible.netcommon.cli_command:\n"
        "        command: copy running-config flash:client.cfg\n        prompt: client.cfg\n        answer: ''\n",
        "    - name: set\n      ansible.netcommon.cli_config:\n        config: |\n          interface Loopback77\n"
        "           description from netcommon\n",
        "    - name: again\n      ansible.netcommon.cli_config:\n        config: |\n          interface Loopback77\n"
        "           description from netcommon\n",
        "    - name: unset\n      ansible.netcommon.cli_config:\n        config: no interface Loopback77\n",
        "    - name: backup\n      ansible.netcommon.cli_config:\n        backup: true\n"
        f"        backup_options: {{dir_path: {tmp_path}, filename: xe1.cfg}}\n",
    )
    run = playbook(text, inventory(lab, kind), env=control_path).expect()
    assert "hostname XE1" in (tmp_path / "xe1.cfg").read_text()
    assert "UTC" in run.one(task="ask")["stdout"]
    assert "bytes copied" in run.one(task="prompt")["stdout"]
    assert run.one(task="set").changed
    assert not run.one(task="again").changed
    assert run.one(task="unset").changed


def test_a_wrong_line_is_reported_in_the_device_s_words(lab: LabHandle, playbook: Play,
                                                        control_path: dict[str, str]) -> None:  # fmt: skip
    wrong = CONFIG.replace("NAME", "wrong") + "        lines: cryptographic-algorithm md5\n"
    wrong += "        parents: [key chain KC-WRONG tcp, key 1]\n"
    after = CONFIG.replace("NAME", "after") + "        lines: no key chain KC-WRONG\n"
    text = tasks(wrong + "      ignore_errors: true\n", after)
    run = playbook(text, inventory(lab, "paramiko"), env=control_path).expect()
    assert "Invalid input detected" in run.one(task="wrong")["msg"]
    assert run.one(task="after").changed


def test_commit_confirm_of_cisco_ios(lab: LabHandle, playbook: Play, control_path: dict[str, str]) -> None:
    """cisco.ios arms the timer itself when it is told to; it looks at the archive first."""
    line = CONFIG.replace("NAME", "line") + "        lines: ip domain name other.example\n"
    back = CONFIG.replace("NAME", "back") + "        lines: ip domain name lab.example\n"
    more = {"ansible_ios_commit_confirm_timeout": 5, "ansible_ios_commit_confirm_immediate": True}
    run = playbook(tasks(line, back), inventory(lab, "paramiko", **more), env=control_path).expect()
    assert run.one(task="line").changed
    no_archive = playbook(tasks(line), inventory(lab, "paramiko", "xe2", **more), env=control_path)
    assert no_archive.rc != 0


def test_wrong_enable_password(lab: LabHandle, playbook: Play, control_path: dict[str, str]) -> None:
    hosts = inventory(lab, "paramiko", ansible_become_password="Wrong-Pass-1")
    run = playbook(tasks(COMMAND), hosts, env=control_path)
    assert run.rc != 0
    assert "privilege" in run.stdout + run.stderr
