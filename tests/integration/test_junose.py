# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JunOSe over real sockets: the netmiko drivers, the same tests over SSH and Telnet, and playbooks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from harness import PlaybookRun
from junose_labs import EDGE, ENABLE, KEY, PASSWORD, ROUTERS
from lab_fixtures import LabHandle
from netmiko import ConnectHandler
from netmiko.exceptions import ConfigInvalidException, NetmikoAuthenticationException

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.platform import PLATFORM

pytestmark = pytest.mark.lab

assert PLATFORM.drivers  # importing the platform makes its drivers known to netmiko

DEVICE = {
    "platform": "juniper_junose",
    "username": "tester",
    "password": PASSWORD,
    "enable_password": ENABLE,
    "transports": ["ssh", "telnet"],
}
STYLES = {
    "aaa": {"login": "aaa"},
    "line": {"login": "line"},
    "again": {"ssh_login_again": True, "nul_bytes": True},
    "privileged": {"privileged": True},
}


def lab_text(name: str = "junose", **more: dict[str, Any]) -> str:
    devices = {
        style: {"config": EDGE.replace("edge7", f"{style}-7"), "options": options} for style, options in STYLES.items()
    }
    manual = EDGE.replace("!\nhostname", "!\nservice manual-commit\n!\nhostname")
    devices["manual"] = {"config": manual, "options": {"nvs_busy": 2}}
    data = {"plugin": "netops.peerguard.lab", "name": name, "defaults": DEVICE, "devices": {**devices, **more}}
    return yaml.safe_dump(data, sort_keys=False)


@pytest.fixture
def lab(start_lab: Callable[..., LabHandle]) -> LabHandle:
    return start_lab(lab_text())


@pytest.fixture(params=["juniper_junose", "juniper_junose_telnet"])
def open_router(lab: LabHandle, request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Connect to a router of the lab over the transport of the test."""
    connections = []

    def connect(device: str, **more: Any) -> Any:
        connections.append(ConnectHandler(**lab.netmiko(device, request.param, **more)))
        return connections[-1]

    yield connect
    for connection in connections:
        connection.disconnect()


def test_driver_in_every_login_style(open_router: Callable[..., Any]) -> None:
    for style in STYLES:
        router = open_router(style)
        assert router.base_prompt == f"{style}-7"
        router.enable()
        assert "! End of generated configuration script." in router.send_command("show configuration")
        assert "\x00" not in router.send_command("show version")
        router.disconnect()


def test_driver_through_routers_and_modes(open_router: Callable[..., Any]) -> None:
    router = open_router("line")
    assert not router.check_enable_mode()
    router.enable()
    assert router.send_command("show privilege") == "Privilege level is 15"
    assert router.send_command("virtual-router vrRed").strip() == ""
    assert router.find_prompt() == "line-7:vrRed#"
    assert "disabled" in router.send_command("show ipsec option")
    router.send_config_set(["ipsec option tx-invalid-cookie", "ipsec option dpd"])
    assert not router.check_config_mode()
    assert "TX Invalid Cookie  : enabled" in router.send_command("show ipsec option")
    router.send_command("virtual-router default")
    assert "TX Invalid Cookie  : disabled" in router.send_command("show ipsec option")
    router.config_mode()
    assert router.check_config_mode()
    router.exit_config_mode()
    with pytest.raises(ConfigInvalidException):
        router.send_config_set(["ipsec option nonsense", "ipsec option dpd"])
    router.exit_config_mode()
    router.exit_enable_mode()
    assert router.find_prompt() == "line-7>"


def test_driver_saves_and_leaves(open_router: Callable[..., Any], lab: LabHandle) -> None:
    router = open_router("manual")
    router.enable()
    assert "Please wait" in router.save_config()
    router.config_mode()
    router.disconnect()
    automatic = open_router("line")
    automatic.enable()
    assert "automatic commit" in automatic.save_config()
    automatic.disconnect()
    deadline = time.monotonic() + 30  # the router notices a moment later that the line is closed
    while _sessions(lab) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _sessions(lab) == {}


def _sessions(lab: LabHandle) -> dict[str, int]:
    """Open sessions, by router."""
    devices = lab.lab.status()["devices"]
    return {name: entry["sessions"] for name, entry in devices.items() if entry.get("sessions")}


def test_driver_with_wrong_passwords(open_router: Callable[..., Any]) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        open_router("aaa", password="Wrong")
    router = open_router("aaa", secret="Wrong")
    with pytest.raises(ValueError, match="Failed to enter enable mode"):
        router.enable()


PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: first
      netops.peerguard.junose_ipsec_option: &task
        config:
          - {virtual_router: default, tx_invalid_cookie: true, dpd: true}
          - {virtual_router: vrRed, nat_t: false}
    - name: second
      netops.peerguard.junose_ipsec_option: *task
    - name: clear
      netops.peerguard.junose_ipsec_clear_sa:
        tunnel: red2hq
        phase: 2
        virtual_router: vrRed
    - name: facts
      netops.peerguard.facts:
        gather_subset: config
        gather_network_resources: all
    - name: role
      ansible.builtin.include_role:
        name: netops.peerguard.junose_tx_invalid_cookie
      vars:
        junose_tx_invalid_cookie_virtual_routers: [default, vrEmpty]
        junose_tx_invalid_cookie_nat_t: true
        junose_tx_invalid_cookie_verify: {timeout: 1, interval: 1}
"""


@pytest.mark.playbook
@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_playbook(start_lab: Callable[..., LabHandle], playbook: Callable[..., PlaybookRun], transport: str) -> None:
    lab = start_lab(lab_text(f"junose-{transport}"))
    limit = ("--limit", "line,manual,again" if transport == "ssh" else "aaa,line")
    variables: dict[str, Any] = {"ansible_become_password": ENABLE, "ansible_netmiko_transport": transport}
    if transport == "telnet":
        variables["ansible_port"] = "{{ telnet_ports[inventory_hostname] }}"
        variables["telnet_ports"] = {name: lab.port(name, "telnet") for name in ("aaa", "line")}
    check = playbook(PLAY, lab.path, *limit, extra_vars=variables, check=True, diff=True).expect(0)
    run = playbook(PLAY, lab.path, *limit, extra_vars=variables, diff=True).expect(0)
    for host in limit[1].split(","):
        first, second = run.one(host, "first"), run.one(host, "second")
        assert (first.changed, second.changed) == (True, False)
        assert first["commands"] == check.one(host, "first")["commands"]
        assert first["saved"]
        assert run.one(host, "clear").changed
        assert run.one(host, "clear")["commands"] == check.one(host, "clear")["commands"]
        facts = run.one(host, "facts")["ansible_facts"]
        assert facts["ansible_net_model"] == "ERX-310"
        assert facts["ansible_net_version"] == "11.2.1 patch-0.4"
        resources = facts["ansible_network_resources"]["junose_ipsec_option"]
        assert {"virtual_router": "vrRed", "nat_t": False} in resources
        shown = facts["peerguard_observed"]["junose_ipsec_option"]["virtual_routers"]
        assert shown["vrRed"]["options"]["nat_t"] is False
        routers = [line for line in facts["ansible_net_config"].splitlines() if line.startswith("virtual-router")]
        assert routers == [f"virtual-router {name}" for name in ROUTERS]
        (proved,) = [
            one for one in run.of(host) if one.task.endswith("of the transport virtual routers and prove them")
        ]
        assert [entry["virtual_router"] for entry in proved["after"]] == ["default", "vrBlue", "vrEmpty", "vrRed"]
        assert proved["convergence"] == "no_traffic"
    assert run.leaks([ENABLE, KEY, PASSWORD]) == []


@pytest.mark.playbook
def test_faults(start_lab: Callable[..., LabHandle], playbook: Callable[..., PlaybookRun]) -> None:
    cut = {"config": EDGE, "options": {"cut_configuration": True}}
    lost = {
        "config": EDGE,
        "faults": [{"kind": "drop_session", "matching": "^ipsec option dpd", "when": "after", "times": 1}],
    }
    wrong = {"config": EDGE, "vars": {"ansible_become_password": "Wrong-Enable"}}
    full = {"config": EDGE, "faults": [{"kind": "vty_full"}]}
    slow = {"config": EDGE, "faults": [{"kind": "slow_chunks", "size": 400, "pause": 0.01}]}
    old = {"config": EDGE, "options": {"lacks": ["tx-invalid-cookie"]}}
    lab = start_lab(lab_text("junose-faults", cut=cut, lost=lost, wrong=wrong, full=full, slow=slow, old=old))
    play = PLAY[: PLAY.index("    - name: second")]
    hosts = "all:!aaa:!line:!again:!privileged:!manual"
    inventory = lab.path.read_text()
    data = yaml.safe_load(inventory)
    for device in data["devices"].values():
        device.setdefault("vars", {}).setdefault("ansible_become_password", ENABLE)
    lab.path.write_text(yaml.safe_dump(data, sort_keys=False))
    run = playbook(play.replace("hosts: all", f"hosts: '{hosts}'"), lab.path)
    words = {
        "cut": "the configuration is cut",
        "lost": "the session was lost",
        "wrong": "refused privilege level 15",
        "old": "does not know 'ipsec option tx-invalid-cookie'",
    }
    for host, said in words.items():
        assert said in run.one(host, "first")["msg"]
    assert {host: run.one(host, "first").status for host in (*words, "slow", "full")} == {
        "cut": "failed",
        "lost": "failed",
        "wrong": "unreachable",
        "old": "failed",
        "slow": "ok",
        "full": "unreachable",
    }
    assert run.one("lost", "first")["reverted"]
    assert not run.one("lost", "first").changed
    again = playbook(play.replace("hosts: all", "hosts: lost"), lab.path).expect(0)
    assert again.one("lost", "first").changed
    assert run.leaks([ENABLE, "Wrong-Enable", KEY]) == []
