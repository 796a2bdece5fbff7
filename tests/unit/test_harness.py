# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests' own way of running playbooks: what it reads back must be what happened."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.playbook

PLAY = """
- name: Play
  hosts: all
  gather_facts: false
  tasks:
    - name: Say
      ansible.builtin.debug:
        msg: "{{ word }}"
    - name: Skip
      ansible.builtin.debug:
        msg: no
      when: false
    - name: Loop
      ansible.builtin.debug:
        msg: "{{ item }}"
      loop: [1, 2]
    - name: Fail
      ansible.builtin.fail:
        msg: on purpose
      when: inventory_hostname == 'b'
"""
HOSTS = "all:\n  hosts:\n    a:\n    b:\n"


def test_results_are_read_back(playbook):
    run = playbook(PLAY, HOSTS, extra_vars={"word": "hunter2"}).expect(rc=2)
    assert run.one("a", "Say")["msg"] == "hunter2"
    assert run.one("a", "Skip").status == "skipped"
    assert [r["msg"] for r in run.results if r.item and r.host == "a"] == [1, 2]
    assert run.one("b", "Fail").status == "failed"
    assert run.one("b", "Fail")["msg"] == "on purpose"
    assert run.stats["a"]["failures"] == 0
    assert run.stats["b"]["failures"] == 1


def test_a_leak_is_found_in_every_artefact_but_the_inputs(playbook):
    run = playbook(PLAY, HOSTS, extra_vars={"word": "hunter2"})
    assert {leak.split(":")[0] for leak in run.leaks(["hunter2"])} == {"stdout", "ansible.log", "results.jsonl"}
    assert run.leaks(["not to be found"]) == []


def test_a_run_that_is_not_as_expected_shows_its_output(playbook):
    run = playbook(PLAY, HOSTS, extra_vars={"word": "x"})
    with pytest.raises(AssertionError, match="on purpose"):
        run.expect(rc=0)
    with pytest.raises(AssertionError, match="0 results for host='c'"):
        run.one("c", "Say")
