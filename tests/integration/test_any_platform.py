# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One play for all five platforms over real sockets: what they are is found out, and native lines are sent to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import comware_labs
import pytest
import yaml
from allied_labs import branch
from cisco_lab import MS
from config_bench import SAMPLES
from harness import PlaybookRun
from huawei_labs import router
from junose_labs import EDGE, ENABLE
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]
PLATFORMS = {
    "vrp": "huawei_vrp",
    "xe": "cisco_iosxe",
    "fw": "h3c_comware",
    "erx": "juniper_junose",
    "aw": "allied_alliedware",
}
CONFIG = {
    "vrp": router(1),
    "xe": MS.replace("{archive}", ""),
    "fw": comware_labs.firewall("a", 7),
    "erx": EDGE,
    "aw": branch(),
}
LINES = {
    "vrp": SAMPLES[0].change,
    "xe": SAMPLES[1].change,
    "fw": {"parents": "interface Tunnel7", "lines": "description changed"},
    "erx": SAMPLES[3].change,
    "aw": SAMPLES[4].change,
}
NOBODY_SAYS = {"ansible_network_os": ""}


def lab_text(connection: str = "netmiko") -> str:
    data = {
        "plugin": "netops.peerguard.lab",
        "name": f"five-{connection}",
        "connection": connection,
        "defaults": {"username": "tester", "password": "Lab-Login-Pass-1", "transports": ["ssh", "telnet"]},
        "devices": {name: {"platform": PLATFORMS[name], "config": text} for name, text in CONFIG.items()},
    }
    data["devices"]["erx"]["enable_password"] = ENABLE  # type: ignore[index]
    data["devices"]["fw"]["os_version"] = comware_labs.V7  # type: ignore[index]
    return yaml.safe_dump(data, sort_keys=False)


PLAY = f"""
- hosts: all
  gather_facts: false
  vars:
    change: {LINES!r}
  tasks:
    - name: facts
      netops.peerguard.facts:
        gather_subset: all
    - name: change
      netops.peerguard.config: "{{{{ change[inventory_hostname] }}}}"
    - name: again
      netops.peerguard.config: "{{{{ change[inventory_hostname] }}}}"
    - name: template
      netops.peerguard.config:
        src: lines.j2
      when: inventory_hostname == 'xe'
    - name: wrong
      netops.peerguard.config:
        lines: [ping 192.0.2.1]
      ignore_errors: true
    - name: no template
      netops.peerguard.config:
        src: nowhere.j2
      ignore_errors: true
      when: inventory_hostname == 'xe'
    - name: no value
      netops.peerguard.config:
        src: unfilled.j2
      ignore_errors: true
      when: inventory_hostname == 'xe'
    - name: mode
      netops.peerguard.command:
        commands: [show clock, conf t]
      ignore_errors: true
      when: inventory_hostname == 'xe'
    - name: other platform's module
      netops.peerguard.h3c_ike_keepalive:
        config: {{interval: 20}}
      ignore_unreachable: true
      when: inventory_hostname == 'vrp'
"""
TEMPLATE = """\
{% for number in [8, 9] %}
interface Loopback{{ number }}
 description for {{ inventory_hostname }}
{% endfor %}
"""


def test_a_play_that_does_not_know_what_it_talks_to(start_lab: Start, playbook: Play, tmp_path: Path) -> None:
    lab = start_lab(lab_text())
    folder = tmp_path / "run1" / "inputs" / "templates"
    folder.mkdir(parents=True)
    (folder / "lines.j2").write_text(TEMPLATE)
    (folder / "unfilled.j2").write_text("interface {{ not_there }}\n")
    run = playbook(PLAY, lab.path, extra_vars=NOBODY_SAYS).expect(rc=0)
    for name, platform in PLATFORMS.items():
        facts = run.one(host=name, task="facts")["ansible_facts"]
        assert facts["ansible_net_system"] == platform
        assert facts["ansible_net_config"]
        change = run.one(host=name, task="change")
        assert change.changed, change.result
        assert change["saved"]
        assert f"ansible_network_os is not set and was found out: {name} runs netops.peerguard.{platform}." in "".join(
            change["warnings"]
        )
        assert not run.one(host=name, task="again").changed
        wrong = run.one(host=name, task="wrong")
        assert "is no configuration" in wrong["msg"]
    filled = run.one(task="template", host="xe")
    assert filled["commands"] == [
        line for n in (8, 9) for line in (f"interface Loopback{n}", " description for xe", " exit")
    ]
    assert run.one(task="no template", host="xe")["msg"].startswith("src: the template nowhere.j2 cannot be read: ")
    unfilled = run.one(task="no value", host="xe")["msg"]
    assert unfilled.startswith("src: the template unfilled.j2 cannot be filled in: ")
    assert "'not_there' is undefined" in unfilled
    mode = run.one(task="mode", host="xe")
    assert mode["msg"].startswith("commands: 'conf t' enters the configuration mode; use netops.peerguard.config")
    refused = run.one(task="other platform's module", host="vrp")
    assert refused.status == "unreachable"
    assert "this host is Huawei VRP" in refused["msg"]


FACTS = """
- hosts: all
  gather_facts: false
  tasks:
    - name: facts
      netops.peerguard.facts:
      vars:
        ansible_port: "{{ ports[inventory_hostname] }}"
"""


@pytest.mark.parametrize("way", ["telnet", "mock"])
def test_the_other_ways_find_out_too(way: str, start_lab: Start, playbook: Play) -> None:
    telnet = way == "telnet"
    lab = start_lab(lab_text("netmiko" if telnet else "mock"), start=telnet)
    ports = {name: lab.port(name, "telnet") if telnet else 0 for name in CONFIG}
    more = {"ansible_netmiko_transport": way} if telnet else {}
    run = playbook(FACTS, lab.path, extra_vars={**NOBODY_SAYS, **more, "ports": ports}).expect(rc=0)
    seen = {name: run.one(host=name, task="facts")["ansible_facts"]["ansible_net_system"] for name in CONFIG}
    assert seen == PLATFORMS


def odd_logins() -> str:
    """Devices that ask once more inside the session, and one that wants its banner to be agreed to."""
    erx = {"platform": "juniper_junose", "enable_password": ENABLE}
    styles = {"aaa": {"login": "aaa"}, "line": {"login": "line"}, "again": {"ssh_login_again": True, "nul_bytes": True}}
    devices = {
        name: {**erx, "config": EDGE.replace("edge7", f"{name}-7"), "options": style} for name, style in styles.items()
    }
    devices["legal"] = {"platform": "h3c_comware", "config": CONFIG["fw"], "options": {"legal_banner": True}}
    data = yaml.safe_load(lab_text())
    return yaml.safe_dump({**data, "name": "odd", "devices": devices}, sort_keys=False)


@pytest.mark.parametrize("way", ["ssh", "telnet"])
def test_logins_that_ask_more(way: str, start_lab: Start, playbook: Play) -> None:
    lab = start_lab(odd_logins())
    names = ("aaa", "line", "again", "legal")
    more = {"ansible_netmiko_transport": way, "ports": {name: lab.port(name, way) for name in names}}
    run = playbook(FACTS, lab.path, extra_vars={**NOBODY_SAYS, **more}).expect(rc=0)
    seen = [run.one(host=name, task="facts")["ansible_facts"]["ansible_net_system"] for name in names]
    assert seen == ["juniper_junose"] * 3 + ["h3c_comware"]
    assert run.leaks([ENABLE, "Lab-Login-Pass-1"]) == []
