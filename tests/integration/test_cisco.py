# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco IOS XE: playbooks against a map server and an ETR over real SSH."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from cisco_lab import ENABLE, ETR, KEY, MS, NEXT_KEY, SECRETS, SITE_KEY, lab
from harness import ROOT, PlaybookRun, TaskResult

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

ROLE = f"""
- hosts: cisco_iosxe
  gather_facts: false
  vars:
    ansible_become_password: {ENABLE}
  roles:
    - role: netops.peerguard.cisco_lisp_tcp_ao
      vars:
        cisco_lisp_tcp_ao_chain: KC-LISP-A
        cisco_lisp_tcp_ao_keys:
          - id: 41
            send_id: 41
            recv_id: 41
            algorithm: hmac-sha-1
            key_string: {KEY}
            send_lifetime: {{start: "2026-03-01 00:00:00", infinite: true}}
        cisco_lisp_tcp_ao_map_servers:
          - {{host: ms1, address: 192.0.2.1}}
        cisco_lisp_tcp_ao_sites:
          - name: BRANCH-7
            authentication_key: {SITE_KEY}
            eid_records:
              - {{instance_id: 4101, prefix: 198.51.100.0/24, accept_more_specifics: true}}
        cisco_lisp_tcp_ao_etrs:
          - {{host: etr1, site: BRANCH-7}}
        cisco_lisp_tcp_ao_verify: {{timeout: 40, interval: 1, stable_for: 2}}
"""
CHAIN, SERVER, CLIENT = (
    "Configure the key chain",
    "Configure map servers",
    "Configure ETRs, and prove that the sessions are protected",
)
PROOF = "Prove it on the map servers too"


def result(run: PlaybookRun, host: str, task: str) -> TaskResult:
    """The result of a task of the role."""
    return next(entry for entry in run.of(host) if entry.task.rpartition(" : ")[2] == task)


def test_the_role_protects_both_ends_and_proves_it(playbook, start_lab):
    served = start_lab(lab(clock="real", enable=True))
    predicted = playbook(ROLE, served.path, check=True, diff=True).expect(rc=0)
    first = playbook(ROLE, served.path, diff=True).expect(rc=0)
    again = playbook(ROLE, served.path, verbosity=1).expect(rc=0)
    for task, host in ((CHAIN, "ms1"), (CHAIN, "etr1"), (SERVER, "ms1"), (CLIENT, "etr1")):
        one, two, three = (result(run, host, task) for run in (predicted, first, again))
        assert one.changed, (task, host)
        assert two.changed, (task, host)
        assert one["commands"] == two["commands"], (task, host)
        assert not three.changed, (task, host)
    assert result(again, "etr1", CLIENT)["converged"]
    assert result(again, "ms1", PROOF)["converged"]
    for run in (predicted, first, again):
        assert run.leaks(SECRETS) == []
    assert not any(secret in served.log() for secret in SECRETS)


SPEED = 200  # seconds of the lab per second of the test
CHAIN_TEXT = f"""\
key chain KC-LISP-A tcp
 key 41
  send-id 41
  recv-id 41
  key-string 0 {KEY}
  send-lifetime 00:00:00 Mar 1 2024 infinite
  cryptographic-algorithm hmac-sha-1
!
"""


def protected(text: str, peer: str) -> str:
    """A configuration with TCP-AO already on."""
    option = f" tcp auth-option KC-LISP-A\n  peer {peer}\n  exit\n !\n service ipv4\n"
    return text.replace("interface Loopback0", f"{CHAIN_TEXT}interface Loopback0", 1).replace(
        " service ipv4\n", option, 1
    )


def ios_time(seconds_of_lab: float) -> str:
    """That long after now, as IOS writes it."""
    when = time.gmtime(time.time() + seconds_of_lab)
    return time.strftime("%H:%M:%S %b ", when) + f"{when.tm_mday} {when.tm_year}"


def rollover(start: float, end: float, text: str = NEXT_KEY) -> dict[str, Any]:
    """Variables of the playbook: the new key begins, and the old one ends, that many seconds (of the test) from now."""
    return {
        "tcp_ao_rollover_chain": "KC-LISP-A",
        "tcp_ao_rollover_old": 41,
        "tcp_ao_rollover_old_end": ios_time(end * SPEED),
        "tcp_ao_rollover_new": {
            "id": 42,
            "send_id": 42,
            "recv_id": 42,
            "algorithm": "hmac-sha-1",
            "key_string": text,
            "send_lifetime": {"start": ios_time(start * SPEED), "infinite": True},
        },
        "tcp_ao_rollover_wait": 40,
        "tcp_ao_rollover_interval": 1,
        "tcp_ao_rollover_verify": {"timeout": 10, "interval": 1},
    }


@pytest.fixture
def fast_lab(start_lab):
    """Both ends protected with key 41, the session up."""
    # Without archive: a timer that counts the lab's minutes would be over at once.
    ms, etr = protected(MS, "accept"), protected(ETR, "192.0.2.1")
    served = start_lab(lab(archive=False, clock=f"{{speed: {SPEED}}}", ms=ms, etr=etr))
    time.sleep(1)
    return served


PLAYBOOK = Path(ROOT / "playbooks" / "tcp_ao_rollover.yml")


@pytest.mark.slow
def test_a_rollover_replaces_the_key_on_both_ends_without_losing_the_session(playbook, fast_lab):
    done = playbook(PLAYBOOK, fast_lab.path, extra_vars=rollover(9, 15)).expect(rc=0)
    for host in ("ms1", "etr1"):
        last = done.one(host=host, task="Check the sessions once more")
        sessions = [entry for entry in last["observed"]["sessions"] if entry["state"] == "Up"]
        assert [entry["current_key"] for entry in sessions] == [42], last.result
        assert list(last["observed"]["chains"]["KC-LISP-A"]["keys"]) == ["42"]
    assert done.leaks(SECRETS) == []


def test_a_rollover_that_one_end_refuses_is_taken_back_on_the_other(playbook, fast_lab):
    unusable = f"{{{{ 'not?allowed' if inventory_hostname == 'etr1' else '{NEXT_KEY}' }}}}"
    done = playbook(PLAYBOOK, fast_lab.path, extra_vars=rollover(60, 90, unusable)).expect(rc=2)
    after = playbook(GATHER, fast_lab.path, verbosity=1).expect(rc=0)
    for host in ("ms1", "etr1"):
        keys = after.one(host=host, task="Gather")["gathered"][0]["keys"]
        assert [(key["id"], key["send_lifetime"].get("infinite")) for key in keys] == [(41, True)]
    assert "taken back" in done.one(host="ms1", task="Stop when one host does not have the new key")["msg"]


GATHER = """
- hosts: cisco_iosxe
  gather_facts: false
  tasks:
    - name: Gather
      netops.peerguard.cisco_tcp_key_chain:
        state: gathered
"""


@pytest.mark.parametrize(
    ("given", "rc", "words"),
    [
        ({"ansible_become_password": ENABLE}, 0, ""),
        (
            {"ansible_become": True, "ansible_become_method": "netops.peerguard.enable", "ansible_become_pass": ENABLE},
            0,
            "",
        ),
        ({"ansible_become_password": "wrong"}, 4, "refused the enable password"),
        ({"ansible_become_password": ""}, 4, "set ansible_become_password"),
    ],
)
def test_the_privileged_mode(playbook, start_lab, given, rc, words):
    served = start_lab(lab(clock="real", enable=True))
    done = playbook(GATHER, served.path, "--limit", "ms1", verbosity=4, extra_vars=given).expect(rc=rc)
    assert words in done.one(host="ms1", task="Gather").result.get("msg", "")
    assert done.leaks([ENABLE]) == []
