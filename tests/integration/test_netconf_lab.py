# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One scenario over both carriers: the same tasks on the same devices, once over the CLI and once over NETCONF.

Models, `changed`, idempotence, what check mode predicts and what a failure leaves behind must not depend on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cisco_lab
import huawei_labs
import pytest
import yaml
from harness import PlaybookRun, kill_playbook
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]

RSVP = "huawei_rsvp_auth"
FAST = {"speed": 10}
SERVED = {"transports": ["ssh", "netconf"]}
SECRETS = (*cisco_lab.SECRETS, huawei_labs.KEY, huawei_labs.OTHER_KEY)
VERIFY = {"timeout": 40, "interval": 1}
BRIEFLY = {"timeout": 4, "interval": 1}
AT_ONCE = {"timeout": 2, "interval": 1}
COMPARED = ("changed", "before", "after", "gathered", "converged", "convergence", "reverted", "saved", "failed")
"""What a task returns that must be the same whichever way it went."""


def step(name: str, module: str, **arguments: Any) -> dict[str, Any]:
    """A task; arguments that begin with an underscore are its keywords."""
    keywords = {key[1:]: value for key, value in arguments.items() if key.startswith("_")}
    given = {key: value for key, value in arguments.items() if not key.startswith("_")}
    return {"name": name, f"netops.peerguard.{module}": given, **keywords}


def huawei() -> tuple[str, list[dict[str, Any]], str]:
    """Protect a link, try another key at one end only, take it away."""
    module, keychain = "huawei_rsvp_auth", {"mode": "keychain", "keychain": "kc-core"}
    ours = huawei_labs.shake(window_size=32, lifetime="00:40:00")
    other = huawei_labs.shake(huawei_labs.OTHER_KEY)
    nowhere = {"interfaces": [{**ours["interfaces"][0], "name": "GigabitEthernet0/9/9"}]}
    chained = {"interfaces": [{"name": huawei_labs.PORT, "authentication": keychain}]}
    steps = [
        step("Empty", module, state="gathered"),
        step("Predict", module, config=ours, _check_mode=True),
        step("Configure", module, config=ours, verify=VERIFY),
        step("Again", module, config=ours, verify=VERIFY),
        step("Peer", module, config={"peers": [{"address": "10.77.12.9", "authentication": keychain}]}),
        step(
            "Other key",
            module,
            config=other,
            update_secrets="always",
            verify=BRIEFLY,
            _when="inventory_hostname == 'pe1'",
        )
        | {"ignore_errors": True},
        step("Kept", module, state="gathered"),
        step("Replace", module, config=chained, state="replaced"),
        step("Refused", module, config=nowhere, _ignore_errors=True),
        step("Remove", module, state="deleted"),
        step("Gone", module, state="gathered"),
        step("Facts", "facts", gather_network_resources=["all"]),
    ]
    return huawei_labs.pair(clock=FAST, device=SERVED), steps, "display current-configuration"


def cisco() -> tuple[str, list[dict[str, Any]], str]:
    """Protect the session of an ETR, key chain first; try a key that only one end has; take it away."""
    chains, lisp = "cisco_tcp_key_chain", "cisco_lisp_tcp_ao"
    ours = cisco_lab.chain(cisco_lab.key(41, cisco_lab.KEY, "00:00:00 Mar 1 2026"))
    binding = "{{ ao[inventory_hostname] }}"
    steps = [
        step("Empty", lisp, state="gathered"),
        step("Predict chain", chains, config=ours, _check_mode=True),
        step("Chain", chains, config=ours),
        step("Chain again", chains, config=ours),
        step("Predict", lisp, config=binding, _check_mode=True),
        step("Map server", lisp, config=binding, _when="inventory_hostname == 'ms1'"),
        step("ETR", lisp, config=binding, verify=VERIFY, _when="inventory_hostname == 'etr1'"),
        step("Again", lisp, config=binding, verify=VERIFY),
        step("In use", chains, state="deleted", _ignore_errors=True),
        step("Kept", chains, state="gathered"),
        step("Remove", lisp, state="deleted", config={"tcp_auth_options": [{"key_chain": "KC-LISP-A"}]}),
        step("Remove chain", chains, state="deleted"),
        step("Gone", chains, state="gathered"),
        step("Facts", "facts", gather_network_resources=["all"]),
    ]
    lab = yaml.safe_load(cisco_lab.lab(clock="real"))
    lab["clock"], lab["defaults"] = FAST, lab["defaults"] | SERVED
    return yaml.safe_dump(lab, sort_keys=False), steps, "show running-config"


SCENARIOS: dict[str, Callable[[], tuple[str, list[dict[str, Any]], str]]] = {"huawei": huawei, "cisco": cisco}

FAILING = {"huawei": {"Other key", "Refused"}, "cisco": {"In use"}}
"""The tasks that must not succeed."""


def book(steps: list[dict[str, Any]], show: str, carrier: str) -> str:
    """A playbook of the steps, with the whole running configuration of each device at its end."""
    variables = {
        "ansible_connection": f"netops.peerguard.{carrier}",
        "ao": {"ms1": cisco_lab.MS_AO, "etr1": cisco_lab.ETR_AO},
    }
    play = {"hosts": "all", "gather_facts": False, "vars": variables}
    return yaml.safe_dump([{**play, "tasks": [*steps, step("Running", "command", commands=[show])]}], sort_keys=False)


def told(run: PlaybookRun) -> dict[tuple[str, str], dict[str, Any]]:
    """What each task returned, as far as it must not depend on the carrier."""
    return {
        (entry.host, entry.task): {name: entry.result[name] for name in COMPARED if name in entry.result}
        for entry in run.results
        if entry.status != "skipped" and entry.task != "Running"
    }


def resources(run: PlaybookRun, host: str) -> Any:
    return run.one(host, "Facts")["ansible_facts"]["ansible_network_resources"]


def configuration(run: PlaybookRun, host: str) -> list[str]:
    """Without what carries a time, or a key that is encrypted anew each time."""
    lines = run.one(host, "Running")["stdout"][0].splitlines()
    return [line for line in lines if not line.startswith("!") and "********" not in line]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_carriers_do_the_same(start_lab: Start, playbook: Play, scenario: str) -> None:
    text, steps, show = SCENARIOS[scenario]()
    runs = {}
    for carrier in ("netmiko", "netconf"):
        served = start_lab(text)
        runs[carrier] = playbook(book(steps, show, carrier), served.path, diff=True).expect(rc=0)
        assert runs[carrier].leaks(SECRETS) == []
        assert not any(secret in served.log() for secret in SECRETS)
        served.lab.stop()
    for run in runs.values():
        assert {entry.task for entry in run.results if entry.status == "failed"} == FAILING[scenario]
        for entry in run.results:
            if entry.status == "failed" and entry.task in ("Other key",):
                assert entry["reverted"]
    over_cli, over_netconf = (told(run) for run in runs.values())
    assert over_netconf.keys() == over_cli.keys()
    for task, result in over_cli.items():
        assert over_netconf[task] == result, task
    for host in {host for host, _task in over_cli}:
        assert resources(runs["netconf"], host) == resources(runs["netmiko"], host)
        assert configuration(runs["netconf"], host) == configuration(runs["netmiko"], host)
    for run in runs.values():
        for host in {host for host, _task in over_cli}:
            predicted, done = run.one(host, "Predict"), run.of(host, "Configure") or run.of(host, "Map server")
            for entry in (entry for entry in done if entry.status != "skipped"):
                assert entry["commands"] == predicted["commands"]
                assert entry["diff"] == predicted["diff"]
        assert not any(entry.changed for entry in run.results if entry.task.endswith("gain"))


# -- a transaction over ends that are reached in different ways -----------------------------------------------------

GUARD = """
- hosts: all
  gather_facts: false
  tasks:
    - name: guard
      run_once: true
      netops.peerguard.guard:
        intent: "{{ peerings }}"
        verify: {timeout: 30, interval: 1, stable_for: 1}
        confirm_timeout: 3600  # lab seconds: ten to one of ours
        journal_dir: "{{ journal }}"
        lint: warn
"""
RECOVER = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: recover
      netops.peerguard.guard: {recover: true, journal_dir: "{{ journal }}"}
"""
CARRIERS = """
all:
  hosts:
    pe1: {ansible_connection: netops.peerguard.netconf}
    pe2: {ansible_connection: netops.peerguard.%s}
"""


def running(lab: LabHandle) -> dict[str, str]:
    """The running configurations as the lab holds them."""
    devices = lab.ask("save")["snapshot"]["devices"]
    return {name: state["device"]["running"] for name, state in devices.items()}


@pytest.fixture
def lab(start_lab: Start) -> LabHandle:
    return start_lab(huawei_labs.pair(clock=FAST, device=SERVED))


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, Any]:
    ends = [{"host": host, "interface": huawei_labs.PORT} for host in ("pe1", "pe2")]
    peering = {"name": "core-link", "kind": "rsvp_handshake", "key": huawei_labs.KEY, "ends": ends}
    return {"peerings": [peering], "journal": str(tmp_path / "journal")}


def carriers(tmp_path: Path, second: str) -> list[str]:
    """Arguments that lay a second inventory over the lab: which host is reached how."""
    path = tmp_path / "carriers.yml"
    path.write_text(CARRIERS % second, encoding="utf-8")
    return ["--inventory", str(path)]


def test_a_guarded_peering_over_both_carriers(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path
) -> None:
    before, ways = running(lab), carriers(tmp_path, "netmiko")
    for host in ("pe2", "pe1"):
        lab.fault(host, "fail_commit", text="Error: The commit failed.", times=1)
        failed = playbook(GUARD, lab.path, *ways, extra_vars=extra).expect(2).one(task="guard")
        assert failed["peerings"][0]["verdict"] in ("reverted", "failed")
        assert host in failed["msg"]
        assert running(lab) == before
        lab.heal(host)
    first = playbook(GUARD, lab.path, *ways, extra_vars=extra).expect(0)
    result = first.one(task="guard")
    assert result["summary"] == "1 converged"
    hosts = result["peerings"][0]["hosts"]
    assert hosts["pe1"]["commands"][0].startswith("<nc:config")
    assert hosts["pe2"]["commands"][0].startswith("interface")
    assert all(hosts[host]["saved"] for host in hosts)
    assert playbook(GUARD, lab.path, *ways, extra_vars=extra).expect(0).one(task="guard")["summary"] == "1 unchanged"
    assert first.leaks(SECRETS) == []


def test_a_killed_controller_is_followed_by_a_rollback(
    lab: LabHandle, playbook: Play, extra: dict[str, Any], tmp_path: Path
) -> None:
    """The persist-id of an armed commit is known to whoever recovers it."""
    before, ways = running(lab), carriers(tmp_path, "netconf")
    (tmp_path / "guard.yml").write_text(GUARD)
    lab.fault("pe1", "latency", seconds=60, matching="^commit$")
    arguments = ["-i", str(lab.path), *ways, "-e", json.dumps(extra), str(tmp_path / "guard.yml")]
    kill_playbook(tmp_path, arguments, lambda _said: lab.struck("pe1"))
    lab.heal("pe1")
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    assert '"confirming"' in journal.read_text().splitlines()[-1]
    assert huawei_labs.KEY not in journal.read_text()
    result = playbook(RECOVER, lab.path, *ways, extra_vars=extra).expect(0).one(task="recover")
    assert result["journals"] == []
    assert running(lab) == before


def test_what_is_not_for_netconf_says_so(lab: LabHandle, playbook: Play) -> None:
    alone = {"ansible_netconf_cli": "never"}
    steps = [
        step("Lines", "config", lines=["info-center enable"], _ignore_errors=True),
        step("Command", "command", commands=["display clock"], _ignore_errors=True, _vars=alone),
        step(
            "Nowhere", "huawei_rsvp_auth", state="gathered", _vars={"ansible_netconf_port": 1}, _ignore_unreachable=True
        ),
        step(
            "Other", "huawei_rsvp_auth", state="gathered", _vars={"ansible_network_os": "netops.peerguard.h3c_comware"}
        )
        | {"ignore_unreachable": True},
        step(
            "Not reached",
            "facts",
            _vars={"ansible_network_os": "netops.peerguard.juniper_junose"},
            _ignore_unreachable=True,
        ),
    ]
    before = running(lab)
    run = playbook(book(steps, "display current-configuration", "netconf"), lab.path, "--limit", "pe1").expect(0)
    said = {entry.task: (entry.status, str(entry.result.get("msg", ""))) for entry in run.results}
    assert "lines of the CLI" in said["Lines"][1]
    assert "ansible_netconf_cli: never" in said["Command"][1]
    assert said["Nowhere"][0] == "unreachable"
    assert "refused the connection" in said["Nowhere"][1]
    assert "this host is H3C Comware" in said["Other"][1]
    assert "Juniper JunOSe is not reached over NETCONF" in said["Not reached"][1]
    assert running(lab) == before


def test_huawei_is_verified_without_a_cli(start_lab: Start, playbook: Play) -> None:
    """Converged; an interface without traffic is kept, and it is said; the other end without handshake: taken back."""
    alone = {"ansible_netconf_cli": "never", "ansible_port": 1}
    ours, plain = huawei_labs.shake(), huawei_labs.shake(handshake=False)
    idle = {"interfaces": [{**ours["interfaces"][0], "name": huawei_labs.SPARE}]}
    both = [
        step("Configure", RSVP, config=ours, verify=VERIFY, _vars=alone),
        step("Again", RSVP, config=ours, verify=VERIFY, _vars=alone),
        step("Facts", "facts", gather_network_resources=["all"], _vars=alone),
        step("Idle", RSVP, config=idle, prerequisites="add", verify=AT_ONCE, _vars=alone),
        step("Remove", RSVP, state="deleted", _vars=alone),
        step("Other end", RSVP, config=plain, _vars=alone, _when="inventory_hostname == 'pe2'"),
        step("One end", RSVP, config=ours, verify=AT_ONCE, _vars=alone, _when="inventory_hostname == 'pe1'")
        | {"ignore_errors": True},
        step("Kept", RSVP, state="gathered", _vars=alone),
    ]
    lab = start_lab(huawei_labs.pair(clock=FAST, device=SERVED))
    run = playbook(book(both, "display current-configuration", "netconf"), lab.path).expect(0)
    for host in ("pe1", "pe2"):
        assert run.one(host, "Configure")["convergence"] == "converged"
        assert (run.one(host, "Again")["convergence"], run.one(host, "Again")["changed"]) == ("converged", False)
        assert (run.one(host, "Idle")["convergence"], run.one(host, "Idle")["changed"]) == ("no_traffic", True)
        assert [huawei_labs.SPARE in entry["item"] for entry in run.one(host, "Idle")["unmet"]] == [True]
        observed = run.one(host, "Facts")["ansible_facts"]["peerguard_observed"][RSVP]
        assert observed["statistics"]["receive_response"] > 0
    one_end = run.one("pe1", "One end")
    assert (one_end["convergence"], one_end["reverted"]) == ("unmet", True)
    assert run.one("pe1", "Kept")["gathered"].get("interfaces", []) in ([], [{"name": huawei_labs.PORT}])
    assert run.leaks(SECRETS) == []


CAMPUS = {
    "name": "campus",
    "kind": "lisp_tcp_ao",
    "key_chain": "KC-LISP",
    "keys": [cisco_lab.key(41, cisco_lab.KEY, "2026-01-01 00:00:00")],
    "map_resolver": True,
    "sites": [
        {
            "name": "BRANCH-7",
            "authentication_key": cisco_lab.SITE_KEY,
            "eid_records": [{"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True}],
        }
    ],
    "ends": [
        {"host": "ms1", "role": "map_server", "address": "192.0.2.1"},
        {"host": "etr1", "role": "etr", "address": "203.0.113.12"},
    ],
}


@pytest.mark.parametrize("options", [{}, {"netconf_candidate": True, "netconf_confirmed_commit": True}])
def test_key_chain_and_lisp_go_as_one_edit(
    start_lab: Start, playbook: Play, tmp_path: Path, options: dict[str, Any]
) -> None:
    """Running configuration or candidate: what the server offers decides, and a failure goes back to the letter."""
    text = yaml.safe_load(cisco_lab.lab(clock="real", options=options))
    text["clock"], text["defaults"] = FAST, text["defaults"] | SERVED
    lab = start_lab(yaml.safe_dump(text, sort_keys=False))
    extra = {
        "peerings": [CAMPUS],
        "journal": str(tmp_path / "journal"),
        "ansible_connection": "netops.peerguard.netconf",
    }
    before = running(lab)
    lab.fault("etr1", "drop_session", matching="^(edit-config running|commit)", times=1)
    failed = playbook(GUARD, lab.path, extra_vars=extra).expect(2).one(task="guard")
    assert failed["peerings"][0]["verdict"] == "reverted"
    assert running(lab) == before
    lab.heal("etr1")
    done = playbook(GUARD, lab.path, extra_vars=extra).expect(0)
    result = done.one(task="guard")["peerings"][0]
    assert result["verdict"] in ("converged", "no_traffic")
    assert "".join(result["hosts"]["ms1"]["commands"]).count("<native") == 1
    assert done.leaks(SECRETS) == []
