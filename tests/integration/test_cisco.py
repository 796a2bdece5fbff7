# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco IOS XE: playbooks against a map server and an ETR over real SSH."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cisco_lab import ENABLE, ETR, KEY, MS, NEXT_KEY, SECRETS, SITE_KEY, lab
from harness import ROOT, PlaybookRun, TaskResult, kill_playbook
from lab_fixtures import LabHandle

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import unfinished

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


CHAIN_TEXT = f"""\
key chain KC-LISP-A tcp
 key 41
  send-id 41
  recv-id 41
  key-string 0 {KEY}
  send-lifetime 00:00:00 Mar 1 2024 {{end}}
  cryptographic-algorithm hmac-sha-1
!
"""
NEXT_TEXT = f"""\
 key 42
  send-id 42
  recv-id 42
  key-string 0 {NEXT_KEY}
  send-lifetime 00:00:00 Mar 1 2025 infinite
  cryptographic-algorithm hmac-sha-1
!
"""


def protected(text: str, peer: str, chain: str) -> str:
    """A configuration with TCP-AO already on."""
    option = f" tcp auth-option KC-LISP-A\n  peer {peer}\n  exit\n !\n service ipv4\n"
    return text.replace("interface Loopback0", f"{chain}interface Loopback0", 1).replace(" service ipv4\n", option, 1)


def ios_time(seconds: float) -> str:
    """That long after now, as IOS writes it."""
    when = time.gmtime(time.time() + seconds)
    return time.strftime("%H:%M:%S %b ", when) + f"{when.tm_mday} {when.tm_year}"


def rollover(start: str, end: str, journal: Path, **more: Any) -> dict[str, Any]:
    """Variables of the playbook: when the new key begins, and when the old one ends."""
    lifetimes = {41: {"start": "2024-03-01", "end": end}, 42: {"start": start, "infinite": True}}
    strings = {41: KEY, 42: NEXT_KEY}
    return {
        "peerings": [
            {
                "name": "campus",
                "kind": "lisp_tcp_ao",
                "key_chain": "KC-LISP-A",
                "keys": [
                    {"id": number, "algorithm": "hmac-sha-1", "key_string": strings[number], "send_lifetime": lifetime}
                    for number, lifetime in lifetimes.items()
                ],
                "ends": [
                    {"host": "ms1", "role": "map_server", "address": "192.0.2.1"},
                    {"host": "etr1", "role": "etr", "address": "203.0.113.12"},
                ],
            }
        ],
        "peerguard_journal_dir": str(journal),
        "tcp_ao_rollover_peering": "campus",
        "tcp_ao_rollover_old": 41,
        "tcp_ao_rollover_new": 42,
        "tcp_ao_rollover_wait": 40,
        "tcp_ao_rollover_interval": 1,
        "tcp_ao_rollover_verify": {"timeout": 30, "interval": 1, "stable_for": 0},
        **more,
    }


def both_keys(end: str) -> str:
    """A chain that has rolled over to key 42; key 41 ends then."""
    return CHAIN_TEXT.format(end=end).rstrip("!\n") + "\n" + NEXT_TEXT


def rolling(start_lab: Callable[..., LabHandle], chain: str) -> LabHandle:
    """Both ends protected with a chain."""
    return start_lab(lab(clock="real", ms=protected(MS, "accept", chain), etr=protected(ETR, "192.0.2.1", chain)))


@pytest.fixture
def before_lab(start_lab):
    """Both ends have key 41, for ever."""
    return rolling(start_lab, CHAIN_TEXT.format(end="infinite"))


PLAYBOOK = Path(ROOT / "playbooks" / "tcp_ao_rollover.yml")


STAGES = {
    "recover": "Stage 1: finish or put back what an interrupted run has left",
    "add": "Stage 2: add the new key on all ends, or on none",
    "behind": "Stage 3: refuse to go on where an end has not changed over",
    "retire": "Stage 4: retire the old key on all ends, or on none",
}


def running(served: LabHandle) -> dict[str, str]:
    """The running configurations as the lab holds them."""
    devices = served.ask("save")["snapshot"]["devices"]
    return {name: state["device"]["running"] for name, state in devices.items()}


def key_ids(served: LabHandle) -> dict[str, list[str]]:
    """The keys of the chain at each end."""
    return {name: re.findall(r"^ key (4\d)$", text, re.MULTILINE) for name, text in running(served).items()}


def verdicts(run: PlaybookRun, *stages: str) -> list[str]:
    return [run.one(task=STAGES[name])["peerings"][0]["verdict"] for name in stages]


@pytest.mark.slow
def test_a_rollover_replaces_the_key_on_both_ends_without_losing_the_session(playbook, before_lab, tmp_path):
    variables = rollover(ios_time(9), ios_time(12), tmp_path / "journal")
    predicted = playbook(PLAYBOOK, before_lab.path, check=True, extra_vars=variables).expect(rc=0)
    assert key_ids(before_lab) == {"ms1": ["41"], "etr1": ["41"]}
    done = playbook(PLAYBOOK, before_lab.path, extra_vars=variables).expect(rc=0)
    assert key_ids(before_lab) == {"ms1": ["42"], "etr1": ["42"]}
    assert verdicts(done, "add", "retire") == ["converged", "converged"]
    added, retired = (done.one(task=STAGES[name])["peerings"][0]["hosts"] for name in ("add", "retire"))
    foreseen = predicted.one(task=STAGES["add"])["peerings"][0]["hosts"]
    for host in ("ms1", "etr1"):
        assert foreseen[host]["commands"] == added[host]["commands"]
        sessions = retired[host]["observed"]["cisco_lisp_tcp_ao"]["sessions"]
        assert [entry["current_key"] for entry in sessions if entry["state"] == "Up"] == [42]
        assert retired[host]["commands"] == ["key chain KC-LISP-A tcp", " no key 41", " exit"]
        assert retired[host]["saved"]
    again = playbook(PLAYBOOK, before_lab.path, extra_vars=variables).expect(rc=0)
    assert verdicts(again, "add", "retire") == ["unchanged", "unchanged"]
    for run in (predicted, done, again):
        assert run.leaks(SECRETS) == []


def test_a_new_key_that_one_end_refuses_is_on_no_end(playbook, before_lab, tmp_path):
    before = running(before_lab)
    before_lab.fault("etr1", "drop_session", matching="key 42", times=1)
    done = playbook(PLAYBOOK, before_lab.path, extra_vars=rollover(ios_time(600), ios_time(1800), tmp_path)).expect(
        rc=2
    )
    assert verdicts(done, "add") == ["reverted"]
    assert running(before_lab) == before


def test_the_old_key_stays_where_an_end_has_not_changed_over(playbook, before_lab, tmp_path):
    variables = rollover(ios_time(600), ios_time(1800), tmp_path, tcp_ao_rollover_wait=1)
    done = playbook(PLAYBOOK, before_lab.path, extra_vars=variables).expect(rc=2)
    words = done.one(task=STAGES["behind"])["msg"]
    assert "etr1, ms1 did not change over to key 42 in time. Nothing was removed. Key 41 has the lifetime that" in words
    for text in running(before_lab).values():
        assert re.search(r"^ key 41\n(  .*\n)*?  send-lifetime 00:00:00 Mar 1 2024 infinite$", text, re.MULTILINE)
    assert key_ids(before_lab) == {"ms1": ["41", "42"], "etr1": ["41", "42"]}


def test_an_end_whose_old_key_could_not_get_its_lifetime_back_is_named(playbook, before_lab, tmp_path):
    before_lab.fault("etr1", "drop_session", matching="send-lifetime 00:00:00 Mar 1 2024 infinite")
    variables = rollover(ios_time(600), ios_time(1800), tmp_path, tcp_ao_rollover_wait=1)
    done = playbook(PLAYBOOK, before_lab.path, extra_vars=variables).expect(rc=2)
    assert "Key 41 could not be given its lifetime back at etr1: see to it" in done.one(task=STAGES["behind"])["msg"]
    assert key_ids(before_lab) == {"ms1": ["41", "42"], "etr1": ["41", "42"]}


def test_a_rollover_that_could_not_succeed_is_not_begun(playbook, before_lab, tmp_path):
    before = running(before_lab)
    variables = rollover(ios_time(600), ios_time(1800), tmp_path)
    variables["peerings"][0]["keys"][1]["send_lifetime"] = {"start": ios_time(600), "end": ios_time(1200)}
    done = playbook(PLAYBOOK, before_lab.path, extra_vars=variables).expect(rc=2)
    assert "key 42 does not outlive key 41" in done.stdout
    missing = playbook(PLAYBOOK, before_lab.path, extra_vars=variables | {"tcp_ao_rollover_new": 43}).expect(rc=2)
    assert "they are 41, 42" in missing.stdout
    assert running(before_lab) == before


def test_the_removal_is_predicted_and_may_be_left_out(playbook, start_lab, tmp_path):
    end = ios_time(-60)
    served = rolling(start_lab, both_keys(end))
    variables = rollover("2025-03-01", end, tmp_path)
    predicted = playbook(PLAYBOOK, served.path, check=True, extra_vars=variables).expect(rc=0)
    assert verdicts(predicted, "add", "retire") == ["unchanged", "planned"]
    kept = playbook(PLAYBOOK, served.path, extra_vars=variables | {"tcp_ao_rollover_retire": "false"}).expect(rc=0)
    assert "Key 41: left as it is" in kept.stdout
    assert "Warnings: none" in kept.stdout
    assert key_ids(served) == {"ms1": ["41", "42"], "etr1": ["41", "42"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "slow", "recovered"),
    [
        (None, "^no key 41$", []),
        ('"pushing"', "^no key 41$", ["reverted"]),
        ('"confirming"', "^configure confirm$", ["reverted"]),
        ('"confirmed"', "^write memory$", ["converged"]),
    ],
)
def test_a_rollover_that_was_killed_goes_on_when_it_is_run_again(playbook, start_lab, tmp_path, step, slow, recovered):
    """Between two stages, and within the removal of the old key: one end is at a slow command of the step."""
    soon = ios_time(3)
    served = rolling(start_lab, both_keys(soon))
    journal = tmp_path / "journal"
    variables = rollover("2025-03-01", soon, journal)

    def reached(said: str) -> bool:
        return served.struck("etr1") if step else "Stage 4: wait" in said

    served.fault("etr1", "latency", seconds=60, matching=slow)
    kill_playbook(tmp_path, ["-i", str(served.path), "-e", json.dumps(variables), str(PLAYBOOK)], reached)
    served.heal("etr1")
    written = "".join(path.read_text() for path in journal.glob("*.jsonl"))
    assert step in written if step else written == ""
    again = playbook(PLAYBOOK, served.path, extra_vars=variables).expect(rc=0)
    assert key_ids(served) == {"ms1": ["42"], "etr1": ["42"]}
    assert [entry["verdict"] for entry in again.one(task=STAGES["recover"])["peerings"]] == recovered
    assert unfinished(journal) == []
    assert again.leaks(SECRETS) == []


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
