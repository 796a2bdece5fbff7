# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""H3C, JunOSe and AlliedWare side by side at -vvvv: no literal secret in any result, log, backup or session log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import ROOT, PlaybookRun
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

HOSTS = {"fw1": "h3c_comware", "fw2": "h3c_comware", "erx1": "juniper_junose", "branch12": "allied_alliedware"}
SECRETS = {
    "keys": ["Demo-Psk-1", "Demo-Psk-2", "Demo-Psk-3"],
    "logins": ["Pass-Of-The-Login", "Pass-For-Enable", "Wrong-For-Enable"],
    "task": ["Xauth-From-The-Task", "Xauth-On-The-Device", "Snmp-On-The-Device"],
}


def lab_text() -> str:
    """The demo's devices of these platforms, with every password that a device can have."""
    data = yaml.safe_load((ROOT / "playbooks" / "files" / "demo.lab.yml").read_text())
    devices = {name: data["devices"][name] for name in (*HOSTS, "fw3", "fw4")}
    devices["erx1"]["enable_password"] = "Pass-For-Enable"
    branch = devices["branch12"]
    branch["enable_password"] = "Pass-For-Enable"
    branch["options"]["security_mode"] = True
    branch["config"] = branch["config"].replace(
        "enable isakmp\n",
        'set isakmp pol="hq" xauthn="b12" xauthp="Xauth-On-The-Device"\n'
        'create enco key=1 type=general value="Demo-Psk-3"\n'
        "enable isakmp\n",
    )
    branch["config"] += "create snmp community=Snmp-On-The-Device access=read\n"
    links = [link for link in data["links"] if all(end.partition(":")[0] in devices for end in link)]
    defaults = {**data["defaults"], "password": "Pass-Of-The-Login"}
    return yaml.safe_dump({**data, "defaults": defaults, "devices": devices, "links": links}, sort_keys=False)


SHOWS = {
    "h3c_comware": "display current-configuration",
    "juniper_junose": "show configuration",
    "allied_alliedware": "show config dynamic",
}
TASKS = """
- hosts: all
  gather_facts: false
  tasks:
    - name: facts
      netops.peerguard.facts:
        gather_subset: [all]
        gather_network_resources: [all]
    - name: command
      netops.peerguard.command:
        commands: ["{{ shows[ansible_network_os.split('.')[-1]] }}"]
    - name: keepalive
      netops.peerguard.h3c_ike_keepalive:
        config: {interval: 20, timeout: 60}
        backup: true
        verify: {timeout: 20, interval: 1, stable_for: 1}
      when: "'h3c' in ansible_network_os"
    - name: option
      netops.peerguard.junose_ipsec_option:
        config: [{virtual_router: default, tx_invalid_cookie: true, dpd: true}]
        backup: true
        verify: {timeout: 20, interval: 1}
      when: "'junose' in ansible_network_os"
    - name: policy
      netops.peerguard.allied_isakmp_policy:
        config: [{name: hq, retry_ike_attempts: 2, xauth_password: "{{ xauth }}"}]
        backup: true
        verify: {timeout: 20, interval: 1}
      when: "'allied' in ansible_network_os"
    - name: raw text
      ansible.builtin.raw: "{{ shows[ansible_network_os.split('.')[-1]] }}"
      changed_when: false
    - name: raw
      ansible.builtin.raw: "{{ 'display' if 'h3c' in ansible_network_os else 'show' }} nonsense"
      ignore_errors: true
"""


@pytest.fixture
def lab(start_lab: Callable[..., LabHandle]) -> LabHandle:
    return start_lab(lab_text())


def leaks(run: PlaybookRun, lab: LabHandle) -> list[str]:
    literals = [literal for group in SECRETS.values() for literal in group]
    return run.leaks(literals, [lab.path]) + [f"lab log: {literal}" for literal in literals if literal in lab.log()]


def variables(lab: LabHandle, folder: Path) -> dict[str, Any]:
    telnet = {"branch12"}
    return {
        "shows": SHOWS,
        "xauth": "Xauth-From-The-Task",
        "ports": {name: lab.port(name, "telnet" if name in telnet else "ssh") for name in HOSTS},
        "ansible_netmiko_session_log": f"{folder}/session-{{{{ inventory_hostname }}}}.log",
    }


def test_no_secret_anywhere(lab: LabHandle, playbook: Callable[..., PlaybookRun], tmp_path: Path) -> None:
    limit = ("--limit", ",".join(HOSTS))
    check = playbook(TASKS, lab.path, *limit, check=True, diff=True, extra_vars=variables(lab, tmp_path)).expect(0)
    assert leaks(check, lab) == []
    run = playbook(TASKS, lab.path, *limit, diff=True, extra_vars=variables(lab, tmp_path)).expect(0)
    assert leaks(run, lab) == []
    logs = [path.read_text() for path in tmp_path.glob("session-*.log")]
    assert len(logs) == len(HOSTS)
    assert all("nonsense" in text for text in logs)
    for group in SECRETS.values():
        assert [literal for literal in group for text in logs if literal in text] == []
    for host, name in (("fw1", "keepalive"), ("fw2", "keepalive"), ("erx1", "option"), ("branch12", "policy")):
        assert run.one(host, name)["commands"] == check.one(host, name)["commands"] != []
        assert "********" in Path(run.one(host, name)["backup_path"]).read_text()
        found = run.one(host, "facts")["ansible_facts"]
        assert found["ansible_net_system"] == HOSTS[host]
        assert found["ansible_net_hostname"].lower() == host
        assert found["ansible_net_version"]
        assert found["ansible_net_model"]
        assert "********" in found["ansible_net_config"]
        assert found["peerguard_observed"]
        assert "********" in run.one(host, "raw text")["stdout"]
    again = playbook(TASKS, lab.path, *limit, extra_vars=variables(lab, tmp_path)).expect(0)
    assert all(again.stats[host]["changed"] == 1 for host in HOSTS), again.stats  # raw


def test_a_wrong_enable_password_is_not_shown(lab: LabHandle, playbook: Callable[..., PlaybookRun]) -> None:
    more = {**variables(lab, lab.path.parent), "ansible_become_password": "Wrong-For-Enable"}
    run = playbook(TASKS, lab.path, "--limit", "erx1,branch12", extra_vars=more)
    assert run.rc != 0
    for host in ("erx1", "branch12"):
        assert "ansible_become_password" in run.one(host, "facts")["msg"]
    assert leaks(run, lab) == []
