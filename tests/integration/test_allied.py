# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare over real SSH and Telnet: the netmiko driver as others would use it, and playbooks."""

from __future__ import annotations

import netmiko
import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.netmiko_driver import (
    DEVICE_TYPE,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.platform import PLATFORM

pytestmark = pytest.mark.lab

assert PLATFORM.drivers  # importing the platform makes its drivers known to netmiko

LAB = """
plugin: netops.peerguard.lab
name: allied
clock: real
defaults: {platform: allied_alliedware, transports: [ssh, telnet], enable_password: officer-pass}
devices:
  b12:
    options: {keys: {1: lab-psk}, OPTIONS}
    config: |
      #
      # SYSTEM configuration
      #
      set system name="branch12"

      #
      # IP configuration
      #
      enable ip
      add ip int=eth0 ip=203.0.113.12 mask=255.255.255.0

      #
      # IPSEC configuration
      #
      create ipsec sas=1 key=isakmp prot=esp enc=aes128 hasha=sha
      create ipsec bund=1 key=isakmp string="1"
      create ipsec pol="ike" int=eth0 ac=permit
      set ipsec pol="ike" lp=500 tra=udp
      create ipsec pol="to-hq" int=eth0 ac=ipsec key=isakmp bund=1 peer=198.51.100.20
      enable ipsec

      #
      # ISAKMP configuration
      #
      create isakmp pol="hq" pe=198.51.100.20 enc=aes128 key=1
      set isakmp pol="hq" gro=2 sendn=true prene=true
      enable isakmp
  hq:
    options: {keys: {1: lab-psk}}
    config: |
      add ip int=eth0 ip=198.51.100.20 mask=255.255.255.0
      create ipsec pol="to-b" int=eth0 ac=ipsec key=isakmp bund=1 peer=203.0.113.12
      enable ipsec
      create isakmp pol="b12" pe=203.0.113.12 enc=aes128 key=1 gro=2
      enable isakmp
links:
  - ["b12:eth0", "hq:eth0"]
"""
PLAY = """
- hosts: b12
  gather_facts: false
  tasks:
    - name: retry
      netops.peerguard.allied_isakmp_policy:
        config:
          - {name: hq, retry_ike_attempts: 2, msg_timeout: 3, group: 2}
        verify: {timeout: 10, interval: 1}
      register: first
    - name: again
      netops.peerguard.allied_isakmp_policy:
        config:
          - {name: hq, retry_ike_attempts: 2, msg_timeout: 3, group: 2}
    - name: facts
      netops.peerguard.facts:
        gather_network_resources: [allied_isakmp_policy]
"""


@pytest.fixture(params=["ssh", "telnet"])
def transport(request):
    return request.param


def device_type(transport: str) -> str:
    return DEVICE_TYPE + ("_telnet" if transport == "telnet" else "")


def test_driver_logs_in_reads_paged_text_configures_and_saves(start_lab, transport):
    """What any netmiko user does, over either transport, with the pager on."""
    lab = start_lab(LAB.replace("OPTIONS", "screen_length: 6"))
    with netmiko.ConnectHandler(**lab.netmiko("b12", device_type(transport))) as device:
        assert device.base_prompt == "Manager branch12>"
        assert device.find_prompt() == "Manager branch12>"
        listing = device.send_command("show config dynamic")
        assert "--More--" not in listing
        assert listing.count('#\n# ISAKMP configuration\n#\ncreate isakmp pol="hq"') == 1
        assert listing.rstrip().endswith("enable isakmp")
        assert "  Name ........" in device.send_command("show isakmp policy=hq")
        said = device.send_config_set(['set isakmp pol="hq" msgt=7', 'set isakmp pol="hq" retry=2'])
        assert said.count("Operation successful") == 2
        with pytest.raises(netmiko.exceptions.ConfigInvalidException):
            device.send_config_set(['set isakmp pol="hq" retry=17'])
        assert "Operation successful" in device.save_config()
        assert device.check_config_mode()
    with netmiko.ConnectHandler(**lab.netmiko("b12", device_type(transport))) as device:
        assert "msgt=7" in device.send_command("show config dynamic=isakmp")


def test_driver_takes_slow_output_in_any_pieces(start_lab):
    lab = start_lab(LAB.replace("OPTIONS", "screen_length: 6"))
    lab.fault("b12", "slow_chunks", size=3, pause=0.001)
    with netmiko.ConnectHandler(**lab.netmiko("b12", device_type("ssh"))) as device:
        listing = device.send_command("show config dynamic", read_timeout=30)
    assert "--More--" not in listing
    assert "   " not in listing
    assert listing.rstrip().endswith("enable isakmp")


def test_driver_on_a_device_without_a_name(start_lab, transport):
    lab = start_lab(LAB.replace("OPTIONS", "x: 1"))
    with netmiko.ConnectHandler(**lab.netmiko("hq", device_type(transport))) as device:
        assert device.base_prompt == "Manager >"
        assert "AT-8748XL" in device.send_command("show system")
        assert "Valid" in device.send_command("show ipsec sa")


def test_driver_becomes_security_officer(start_lab, transport):
    lab = start_lab(LAB.replace("OPTIONS", "security_mode: true"))
    with netmiko.ConnectHandler(**lab.netmiko("b12", device_type(transport))) as device:
        assert "SECURITY OFFICER" in device.send_command("show config dynamic")
        assert not device.check_enable_mode()
        device.enable()
        assert device.check_enable_mode()
        assert "create isakmp" in device.send_command("show config dynamic", expect_string=r"> ?$")
        assert device.enable() == ""
    wrong = lab.netmiko("b12", device_type(transport), secret="not-it")
    with netmiko.ConnectHandler(**wrong) as device, pytest.raises(ValueError, match="refused"):
        device.enable()


def test_driver_tells_of_a_refused_login(start_lab, transport):
    lab = start_lab(LAB.replace("OPTIONS", "x: 1"))
    wrong = lab.netmiko("b12", device_type(transport), password="not-it")
    with pytest.raises(netmiko.exceptions.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**wrong)


@pytest.mark.playbook
def test_playbook_configures_proves_and_is_idempotent(start_lab, playbook, transport):
    lab = start_lab(LAB.replace("OPTIONS", "security_mode: true, screen_length: 6"))
    variables = {"ansible_netmiko_transport": transport, "ansible_port": lab.port("b12", transport)}
    run = playbook(PLAY, lab.path, extra_vars=variables).expect(0)
    first, again, facts = run.one(task="retry"), run.one(task="again"), run.one(task="facts")
    assert first["commands"] == ['set isakmp policy="hq" msgtimeout=3 retryikeattempts=2']
    assert (first["convergence"], first["saved"]) == ("converged", True)
    assert first["computed"]["hq"]["worst_case"] == [513, 657]
    assert not again.changed
    gathered = facts["ansible_facts"]["ansible_network_resources"]["allied_isakmp_policy"]
    assert gathered[0]["retry_ike_attempts"] == 2
    assert run.leaks(["officer-pass", "lab-psk"], [lab.path]) == []


@pytest.mark.playbook
def test_playbook_without_officer_password_says_what_to_do(start_lab, playbook):
    lab = start_lab(LAB.replace("OPTIONS", "security_mode: true").replace(", enable_password: officer-pass", ""))
    run = playbook(PLAY, lab.path)
    words = run.one(task="retry")["msg"]
    assert "security officer" in words
    assert "ansible_become_password" in words


ROLE = """
- hosts: all
  gather_facts: false
  roles:
    - role: netops.peerguard.allied_isakmp_retry
      vars:
        allied_isakmp_retry_policies: "{{ policies }}"
        allied_isakmp_retry_verify: {timeout: 10, interval: 1}
"""


@pytest.mark.playbook
def test_role_over_the_mock_connection(start_lab, playbook):
    """No sockets; both ends at once, with the pager and in security mode."""
    text = LAB.replace("OPTIONS", "security_mode: true, screen_length: 6").replace("clock: real", "connection: mock")
    for name, policy in (("b12", "hq"), ("hq", "b12")):
        more = f"    vars: {{policies: [{{name: {policy}, retry_ike_attempts: 1, msg_retry_limit: 3}}]}}\n"
        text = text.replace(f"  {name}:\n    options", f"  {name}:\n{more}    options")
    lab = start_lab(text, start=False)
    first = playbook(ROLE, lab.path).expect(0)
    assert {r.host for r in first.of(task="netops.peerguard.allied_isakmp_retry : Configure ISAKMP policies and prove "
                                     "their tunnels") if r.changed} == {"b12", "hq"}  # fmt: skip
    assert first.stats["b12"]["changed"] == first.stats["hq"]["changed"] == 1
    again = playbook(ROLE, lab.path).expect(0)
    assert again.stats["b12"]["changed"] == again.stats["hq"]["changed"] == 0
