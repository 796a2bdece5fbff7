# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comware over real SSH and Telnet: netmiko's own driver, playbooks on both generations, operations and faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from comware_labs import KEY, lab
from harness import PlaybookRun
from lab_fixtures import LabHandle

Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]

pytestmark = pytest.mark.lab

PASSWORD = "S3cret-of-the-lab"
# A lab that is fast enough for keepalives to be seen in seconds.
FAST = {"clock": {"speed": 60}}


def text(a: int = 5, b: int = 7, *, transports: tuple[str, ...] = ("ssh",), **more: Any) -> str:
    defaults = {"username": "netops", "password": PASSWORD, "transports": list(transports)}
    return lab(a, b, top={"defaults": defaults}, **more)


@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_netmikos_own_driver_shows_configures_and_saves(start_lab: Start, transport: str) -> None:
    from netmiko import ConnectHandler

    handle = start_lab(text(transports=("ssh", "telnet")))
    kind = "hp_comware" if transport == "ssh" else "hp_comware_telnet"
    for host, send in (("a", "ike sa keepalive-timer interval 20"), ("b", "ike keepalive interval 20")):
        with ConnectHandler(**handle.netmiko(host, kind)) as device:
            assert device.base_prompt == f"FW-{host.upper()}"
            assert "Comware" in device.send_command("display version")
            assert device.send_command("display current-configuration").rstrip().endswith("return")
            assert not device.check_config_mode()
            device.send_config_set([send], error_pattern=r"^\s*% ")
            assert send in device.send_command("display current-configuration | include keepalive")
            assert "saved to device successfully" in device.save_config()
            device.exit_config_mode()
            assert not device.check_config_mode()
            assert send in device.send_command("display saved-configuration | include keepalive")


@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_a_legal_banner_that_asks_to_continue(start_lab: Start, playbook: Play, transport: str) -> None:
    from netmiko import ConnectHandler

    handle = start_lab(text(transports=("ssh", "telnet"), options={"a": {"legal_banner": True}}))
    kind = "hp_comware" if transport == "ssh" else "hp_comware_telnet"
    with ConnectHandler(**handle.netmiko("a", kind)) as device:
        assert device.base_prompt == "FW-A"
    variables = {"ansible_netmiko_transport": transport, "ansible_port": handle.port("a", transport)}
    run = playbook(FAILING.format(hosts="a", more=""), handle.path, extra_vars=variables).expect(0)
    assert run.one("a", "set")["changed"]


PLAY = """
- hosts: b
  gather_facts: false
  tasks:
    - name: send
      netops.peerguard.h3c_ike_keepalive:
        config: {interval: 30}
        verify: {timeout: 20, interval: 1, stable_for: 1}

- hosts: a
  gather_facts: false
  tasks:
    - name: expect
      netops.peerguard.h3c_ike_keepalive:
        config: {timeout: 90}
        verify: {timeout: 20, interval: 1, stable_for: 3}

    - name: again
      netops.peerguard.h3c_ike_keepalive:
        config: {timeout: 90}

    - name: raw
      ansible.builtin.raw: display current-configuration | include keepalive

    - name: facts
      netops.peerguard.facts:
        gather_network_resources: [all]
"""


@pytest.mark.playbook
def test_playbook_on_both_generations(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(**FAST))
    check = playbook(PLAY, handle.path, check=True).expect(0)
    run = playbook(PLAY, handle.path).expect(0)
    for name, host in (("send", "b"), ("expect", "a")):
        assert run.one(host, name)["commands"] == check.one(host, name)["commands"] != []
        assert run.one(host, name)["converged"] is True
    assert run.one("a", "expect")["commands"] == ["ike sa keepalive-timer timeout 90"]
    assert run.one("b", "send")["commands"] == ["ike keepalive interval 30"]
    assert not run.one("a", "again")["changed"]
    assert "keepalive-timer timeout 90" in run.one("a", "raw")["stdout"]
    found = run.one("a", "facts")["ansible_facts"]
    assert found["ansible_network_resources"] == {"h3c_ike_keepalive": {"timeout": 90}}
    assert found["peerguard_observed"]["h3c_ike_keepalive"]["peers"][0]["name"] == "to-b"
    assert run.leaks([KEY, PASSWORD]) == []


FAILING = """
- hosts: {hosts}
  gather_facts: false
  tasks:
    - name: set
      netops.peerguard.h3c_ike_keepalive:
        config: {{interval: 20, timeout: 60}}
        {more}
"""


@pytest.mark.playbook
def test_what_does_not_converge_is_taken_back(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(5, 7, **FAST))
    more = "verify: {timeout: 4, interval: 1, stable_for: 3}"
    result = playbook(FAILING.format(hosts="b", more=more), handle.path).expect(2).one("b", "set")
    assert (result["reverted"], result["changed"]) == (True, False)
    assert "peer 192.0.2.1" in result["msg"]


@pytest.mark.playbook
def test_faults_over_ssh(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(5, 7, options={"b": {"ike_keepalive": False}}))
    handle.fault("a", "drop_session", matching="keepalive-timer timeout", times=1)
    run = playbook(FAILING.format(hosts="all", more="save_when: never"), handle.path).expect(2)
    assert run.one("a", "set")["reverted"] is True
    assert "does not support 'ike keepalive" in run.one("b", "set")["msg"]
    handle.fault("a", "refuse_login", times=1)
    run = playbook(FAILING.format(hosts="a", more=""), handle.path)
    assert run.one("a", "set")["unreachable"] is True
    assert playbook(FAILING.format(hosts="a", more=""), handle.path).expect(0).one("a", "set")["changed"]


@pytest.mark.playbook
def test_playbook_over_telnet(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(transports=("telnet",)))
    variables = {"ansible_netmiko_transport": "telnet", "ports": {name: handle.port(name, "telnet") for name in "ab"}}
    variables["ansible_port"] = "{{ ports[inventory_hostname] }}"
    run = playbook(FAILING.format(hosts="all", more="save_when: always"), handle.path, extra_vars=variables).expect(0)
    assert [run.one(host, "set")["saved"] for host in "ab"] == [True, True]


ROLE = """
- hosts: all
  gather_facts: false
  tasks:
    - name: keepalives
      ansible.builtin.include_role:
        name: netops.peerguard.h3c_ike_keepalive
      vars:
        h3c_ike_keepalive_interval: 20
        h3c_ike_keepalive_verify: {timeout: 10, interval: 1, stable_for: 0}

    - name: start over
      netops.peerguard.h3c_reset_sa:
        remote: "{{ '192.0.2.2' if inventory_hostname == 'a' else '192.0.2.1' }}"
      when: inventory_hostname == 'a' or not ansible_check_mode

    - name: what is left
      netops.peerguard.command:
        commands: [display ike sa]
"""


@pytest.mark.playbook
def test_role_and_reset(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(5, 5, options={"a": {"ike_traffic": False}}, clock="real"))
    check = playbook(ROLE, handle.path, check=True).expect(0)
    assert check.one("a", "start over")["commands"] == ["reset ipsec sa remote 192.0.2.2", "reset ike sa 1"]
    assert "RD" in check.one("a", "what is left")["stdout"][0]
    run = playbook(ROLE, handle.path, "--limit", "a").expect(0)
    assert run.one("a", "start over")["changed"]
    assert "total phase-1 SAs:  0" in run.one("a", "what is left")["stdout"][0]


HALF_WAY = """
- hosts: a
  gather_facts: false
  tasks:
    - name: start over
      netops.peerguard.h3c_reset_sa:
"""


@pytest.mark.playbook
def test_a_reset_that_ends_half_way_says_so(start_lab: Start, playbook: Play) -> None:
    handle = start_lab(text(5, 5))
    handle.fault("a", "drop_session", matching="reset ike sa", times=1)
    result = playbook(HALF_WAY, handle.path).expect(4).one("a", "start over")
    assert (result["unreachable"], result["changed"]) == (True, True)
    assert result["commands"] == ["reset ipsec sa", "reset ike sa"]


DEAD = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: die
      netops.peerguard.lab:
        file: "{{ lab_file }}"
        faults: [{device: b, kind: drop_ike}]

- hosts: a
  gather_facts: false
  tasks:
    - name: look
      netops.peerguard.command:
        commands: [display ike sa]
        wait_for: ["result[0] contains |TO"]
        retries: 20
        interval: 1
"""


@pytest.mark.playbook
def test_a_dead_peer_is_noticed(start_lab: Start, playbook: Play) -> None:
    timers = {"a": {"timers": {"timeout": 180}}, "b": {"timers": {"interval": 60}}}
    handle = start_lab(text(5, 7, config=timers, clock={"speed": 60}))
    run = playbook(DEAD, handle.path, extra_vars={"lab_file": str(handle.path)}).expect(0)
    assert "RD" in run.one("a", "look")["stdout"][0]
