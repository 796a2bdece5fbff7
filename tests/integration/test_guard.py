# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guarded peerings as their users have them: playbooks over real SSH, also when the controller is killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PlaybookRun, kill_playbook
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

KEY = "Guarded-Key-73"
ROUTER = """
  {name}:
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
       description to the neighbour
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
LAB = (
    "plugin: netops.peerguard.lab\nname: guarded\nclock: {speed: 10}\n"
    "defaults: {platform: huawei_vrp, username: netops, password: lab-pass}\ndevices:"
    + ROUTER.format(name="pe1", upper="PE1", lsr="10.255.7.1", other="10.255.7.2", address="10.77.12.1")
    + ROUTER.format(name="pe2", upper="PE2", lsr="10.255.7.2", other="10.255.7.1", address="10.77.12.2")
    + "links:\n  - [pe1:GigabitEthernet0/3/7, pe2:GigabitEthernet0/3/7]\n"
)
Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]
GUARD = """
- hosts: all
  gather_facts: false
  vars:
    rsvp_key: Guarded-Key-73
  tasks:
    - name: guard
      run_once: true
      netops.peerguard.guard:
        intent: "{{ peerings }}"
        verify: {timeout: 30, interval: 1, stable_for: 1}
        confirm_timeout: 3600  # lab seconds: ten to one of ours
        journal_dir: "{{ journal }}"
        lint: "{{ lint | default('enforce') }}"
        page: "{{ page | default(omit) }}"
        backup: "{{ backup | default(omit) }}"
        backup_options: {dir_path: "{{ journal }}/../backup", filename: "{{ backup_name | default(omit) }}"}
"""
RECOVER = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: recover
      netops.peerguard.guard:
        recover: true
        only: "{{ only | default(omit) }}"
        journal_dir: "{{ journal }}"
"""


def peerings(key: str = "{{ rsvp_key }}") -> list[dict[str, Any]]:
    ends = [{"host": host, "interface": "GigabitEthernet0/3/7"} for host in ("pe1", "pe2")]
    return [{"name": "core-link", "kind": "rsvp_handshake", "key": key, "ends": ends}]


def running(lab: LabHandle) -> dict[str, str]:
    """The running configurations as the lab holds them."""
    devices = lab.ask("save")["snapshot"]["devices"]
    return {name: state["device"]["running"] for name, state in devices.items()}


@pytest.fixture
def lab(start_lab: Start) -> LabHandle:
    return start_lab(LAB)


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, Any]:
    return {"peerings": peerings(), "journal": str(tmp_path / "journal")}


def test_both_ends_are_changed_proved_and_shown(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "peerings.html"
    named = {"backup": True, "backup_name": "before.cfg"}
    planned = playbook(GUARD, lab.path, "--check", "--diff", extra_vars=extra).expect(0).one(task="guard")
    assert planned["peerings"][0]["verdict"] == "planned"
    first = playbook(GUARD, lab.path, extra_vars={**extra, "page": str(page), **named}).expect(0)
    result = first.one(task="guard")
    assert result.changed
    assert result["summary"] == "1 converged"
    hosts = result["peerings"][0]["hosts"]
    assert {host: hosts[host]["commands"] for host in hosts} == {
        host: planned["peerings"][0]["hosts"][host]["commands"] for host in hosts
    }
    assert all(hosts[host]["saved"] for host in ("pe1", "pe2"))
    paths = {host: Path(hosts[host]["backup_path"]) for host in hosts}
    assert {host: path.name for host, path in paths.items()} == {"pe1": "pe1_before.cfg", "pe2": "pe2_before.cfg"}
    kept = {host: path.read_text() for host, path in paths.items()}
    assert all(f"sysname {host.upper()}" in text and "handshake" not in text for host, text in kept.items())
    html = page.read_text()
    assert "core-link" in html
    assert "<svg" in html
    second = playbook(GUARD, lab.path, extra_vars=extra).expect(0)
    assert not second.one(task="guard").changed
    assert second.one(task="guard")["summary"] == "1 unchanged"
    assert first.leaks([KEY]) == []
    assert list((tmp_path / "journal").glob("*.jsonl")) == []


def test_a_peering_that_does_not_converge_is_put_back_on_both_ends(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path
) -> None:
    before = running(lab)
    lab.fault("pe2", "fail_commit", text="Error: The commit failed.", times=1)
    result = playbook(GUARD, lab.path, extra_vars=extra).expect(2).one(task="guard")
    assert result["peerings"][0]["verdict"] in ("reverted", "failed")
    assert "pe2" in result["msg"]
    assert running(lab) == before


def test_a_peering_whose_ends_are_only_half_in_the_batch_is_refused(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path
) -> None:
    before = running(lab)
    result = playbook(GUARD, lab.path, "--limit", "pe1", extra_vars=extra).expect(2).one(task="guard")
    assert "pe2 is not among the hosts of this batch" in result["msg"]
    assert running(lab) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "slow"),
    [
        ('"pushing"', "authentication handshake$"),
        ('"pushing"', "^commit trial"),
        ('"confirming"', "^commit$"),
        ('"confirmed"', "^save$"),
    ],
)
def test_a_killed_controller_is_followed_by_a_rollback(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path, step: str, slow: str
) -> None:
    """SIGKILL while one end is at a command of the step that the journal announced: only what was confirmed stays."""
    before = running(lab)
    (tmp_path / "guard.yml").write_text(GUARD)
    lab.fault("pe1", "latency", seconds=60, matching=slow)
    arguments = ["-i", str(lab.path), "-e", json.dumps(extra), str(tmp_path / "guard.yml")]
    kill_playbook(tmp_path, arguments, lambda _said: lab.struck("pe1"))
    lab.heal("pe1")
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    assert step in journal.read_text()
    assert KEY not in journal.read_text()

    if step == '"pushing"':
        left = playbook(RECOVER, lab.path, extra_vars={**extra, "only": ["edge-link"]}).expect(0).one(task="recover")
        assert (left.changed, left["peerings"], len(left["journals"])) == (False, [], 1)
    result = playbook(RECOVER, lab.path, extra_vars=extra).expect(0).one(task="recover")
    assert result["journals"] == []
    after, kept = running(lab), step == '"confirmed"'
    assert ["handshake" in after[host] for host in ("pe1", "pe2")] == [kept, kept]
    assert kept or after == before
    playbook(GUARD, lab.path, extra_vars=extra).expect(0)
