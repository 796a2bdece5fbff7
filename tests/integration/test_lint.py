# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lint` and the filter in real plays: no device, one run for all hosts, reports on disk, no secret anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import comware_labs
import huawei_labs
import pytest
import yaml
from harness import PlaybookRun
from lab_fixtures import LabHandle
from peering_intents import KEY, SITE_KEY, sound

pytestmark = pytest.mark.playbook

HOSTS = ("pe1", "pe2", "ms1", "etr1", "etr2", "fw1", "fw2", "fw3", "erx1", "rtr12", "fw-hq")
INVENTORY = yaml.safe_dump(
    {"all": {"hosts": {host: {} for host in HOSTS}, "children": {"core": {"hosts": {"pe1": {}}}}}}
)
Playbook = Callable[..., PlaybookRun]


def play(*tasks: dict[str, Any], hosts: str = "all") -> str:
    return yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}])


def lint(name: str = "lint", **options: Any) -> dict[str, Any]:
    ignore = options.pop("ignore_errors", False)
    return {"name": name, "netops.peerguard.lint": options, "ignore_errors": ignore}


def test_a_sound_intent_passes_once_for_all_hosts_also_in_check_mode(playbook: Playbook) -> None:
    for check in (False, True):
        run = playbook(
            play(lint(intent="{{ peerings }}", report={"format": "sarif", "path": "reports/lint.sarif"})),
            INVENTORY,
            extra_vars={"peerings": sound()},
            check=check,
        ).expect()
        result = run.one(task="lint")
        assert (result["passed"], result["changed"], result["findings"]) == (True, False, [])
        report = json.loads((run.directory / "inputs" / "reports" / "lint.sarif").read_text("utf-8"))
        assert report["version"] == "2.1.0"
        assert run.leaks([KEY, SITE_KEY]) == []


def test_findings_fail_the_task_as_asked_and_are_shown(playbook: Playbook) -> None:
    peerings = sound()
    peerings[2]["timeout"] = 20
    tasks = [
        lint("by default", intent=peerings, ignore_errors=True, report={"format": "junit", "path": "lint.xml"}),
        lint("never", intent=peerings, fail_on="never"),
        lint("ignored", intent=peerings, fail_on="warning", ignore=["ike/R6"]),
    ]
    run = playbook(play(*tasks), INVENTORY, verbosity=0).expect()
    failed = run.one(task="by default")
    assert failed.status == "failed"
    assert failed["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert [finding["hosts"] for finding in failed["findings"]] == [["fw1", "fw2"], ["fw2", "fw1"]]
    assert failed["findings"][0]["values"] == ["timeout 20 s", "interval 20 s"]
    assert run.one(task="never")["passed"] is True
    assert run.one(task="ignored")["findings"] == []
    assert "error  ike/R6  hq-branch  fw1, fw2  fw1 waits 20 s, fw2 sends every 20 s." in run.stdout
    words = (run.directory / "inputs" / "lint.xml").read_text("utf-8")
    assert ElementTree.fromstring(words).attrib["failures"] == "2"  # noqa: S314 - a report that was just made


def test_written_and_gathered_configurations_are_judged_against_each_other(playbook: Playbook) -> None:
    intent = [{**sound()[0], "managed": False}]
    for name in ("key", "lifetime", "window_size"):
        intent[0].pop(name)
    view = {"name": "GigabitEthernet0/3/7", "authentication": {"mode": "cipher", "key": "********"}, "handshake": True}
    facts = {"ansible_network_resources": {"huawei_rsvp_auth": {"interfaces": [view]}}}
    tasks = [
        {
            "name": "as facts does",
            "ansible.builtin.set_fact": {**facts, "cacheable": True},
            "when": "inventory_hostname == 'pe1'",
        },
        lint(
            intent=intent,
            gathered=["core"],
            host_configs={
                "pe2": {
                    "huawei_rsvp_auth": {"interfaces": [{**view, "name": "GigabitEthernet0/3/1", "handshake": False}]}
                }
            },
            ignore_errors=True,
        ),
        lint("nothing there", gathered=["pe2"], ignore_errors=True),
    ]
    run = playbook(play(*tasks), INVENTORY).expect()
    findings = {finding["rule"]: finding for finding in run.one(task="lint")["findings"]}
    assert findings["rsvp/R10"]["hosts"] == ["pe1", "pe2"]
    assert findings["rsvp/R10"]["origins"] == ["host_vars", "gathered"]
    assert "rsvp/R11" not in findings
    assert run.one(task="nothing there")["msg"].startswith(
        "gathered: nothing was gathered from pe2; run netops.peerguard.facts"
    )


RSVP_ENDS = [{"host": host, "interface": huawei_labs.PORT} for host in ("pe1", "pe2")]
RSVP = [{"name": "link", "kind": "rsvp_handshake", "managed": False, "ends": RSVP_ENDS}]
IKE_ENDS = [{"host": host, "address": address} for host, address in comware_labs.ADDRESSES.items()]
IKE = [{"name": "tunnel", "kind": "ike_keepalive", "managed": False, "ends": IKE_ENDS}]
KEYED = f"{huawei_labs.AUTH} plain {huawei_labs.KEY}"


@pytest.mark.lab
@pytest.mark.parametrize(
    ("lab", "intent", "rules"),
    [
        (
            huawei_labs.pair(
                {"interface": (KEYED, f"{huawei_labs.AUTH} handshake")}, {"interface": (KEYED,)}, clock="real"
            ),
            RSVP,
            {"rsvp/R9": ["pe2"], "rsvp/R10": ["pe1", "pe2"]},
        ),
        (
            comware_labs.lab(
                clock="real",
                config={
                    "a": {"timers": {"timeout": 60}, "peer": ("remote-name fw-b",)},
                    "b": {"peer": ("id-type name", "local-name fw-two", "exchange-mode aggressive")},
                },
            ),
            IKE,
            {"ike/R1": ["a", "b"], "ike/R13": ["a", "b"]},
        ),
    ],
    ids=["huawei", "comware"],
)
def test_what_facts_gather_from_devices_is_judged(
    playbook: Playbook, start_lab: Callable[..., LabHandle], lab: str, intent: Any, rules: dict[str, list[str]]
) -> None:
    tasks = [
        {"name": "facts", "netops.peerguard.facts": {"gather_network_resources": ["all"]}},
        lint(intent=intent, gathered=["all"], ignore_errors=True),
    ]
    run = playbook(play(*tasks), start_lab(lab).path).expect()
    findings = run.one(task="lint")["findings"]
    assert {finding["rule"]: finding["hosts"] for finding in findings} == rules
    assert {origin for finding in findings for origin in finding["origins"]} == {"gathered"}
    assert run.leaks([huawei_labs.KEY, comware_labs.KEY]) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "there is nothing to judge; give intent, host_configs or gathered."),
        (
            {"intent": [], "fail_on": "sometimes"},
            "task.fail_on: 'sometimes' is not allowed; use one of error, warning, never.",
        ),
        ({"intent": [{"name": "x"}]}, "peerings[x].kind: it is missing; use one of "),
        ({"intent": sound(), "ignore": ["rsvp/R99"]}, "ignore: rsvp/R99 is not a rule; docs/rules.md lists them all."),
        ({"host_configs": {"pe1": []}}, "host_configs[pe1]: expected a dictionary of hosts, each with "),
        ({"intent": sound(), "report": {"format": "sarif"}}, "task.report: path is missing."),
    ],
)
def test_options_that_cannot_be_meant(playbook: Playbook, options: dict[str, Any], sentence: str) -> None:
    run = playbook(play(lint(**options)), INVENTORY).expect(2)
    assert run.one(task="lint")["msg"].startswith(sentence)


def test_the_filter_gives_each_host_its_part(playbook: Playbook) -> None:
    show = "{{ peerings | netops.peerguard.peering_config(inventory_hostname) }}"
    of_one = "{{ peerings | netops.peerguard.peering_config(inventory_hostname, 'h3c_ike_keepalive') }}"
    tasks = [
        {"name": "all", "ansible.builtin.debug": {"msg": show}},
        {"name": "one", "ansible.builtin.debug": {"msg": of_one}},
        {
            "name": "rendered",
            "netops.peerguard.h3c_ike_keepalive": {"state": "rendered", "comware": 5, "config": of_one},
            "when": "inventory_hostname == 'fw1'",
        },
    ]
    run = playbook(play(*tasks, hosts="fw1,fw3"), INVENTORY, extra_vars={"peerings": sound()}).expect()
    timers = {"interval": 20, "timeout": 60}
    assert run.one("fw1", "all")["msg"] == {"h3c_ike_keepalive": timers}
    assert run.one("fw3", "all")["msg"] == {}
    assert run.one("fw1", "one")["msg"] == timers
    assert "ike sa keepalive-timer interval 20" in run.one("fw1", "rendered")["rendered"]


def test_the_filter_names_what_is_wrong_and_no_secret(playbook: Playbook) -> None:
    peerings = sound()
    peerings[0]["window_size"] = 99
    show = {
        "ansible.builtin.debug": {"msg": "{{ peerings | netops.peerguard.peering_config('pe1') }}"},
        "name": "wrong",
    }
    run = playbook(play(show, hosts="pe1"), INVENTORY, extra_vars={"peerings": peerings}).expect(2)
    assert "peerings[core-link].window_size: '99' is not allowed" in run.one(task="wrong")["msg"]
    assert run.leaks([KEY, SITE_KEY]) == []
