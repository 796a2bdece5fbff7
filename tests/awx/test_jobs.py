# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job template as AWX runs it, against mock routers over SSH and Telnet."""

from __future__ import annotations

import copy
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from awx_data import TEMPLATES
from conftest import ALL, ENABLING, KEYS, LOGIN, PASSWORD, PROTOCOL_KEYS, SECRETS, running
from controller import Custom, Job, Login, descendants
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Launch = Callable[..., Job]
CORE = {"peerguard_only": "core-link"}
ROLES = [name for name in TEMPLATES if "_" in name]


def test_facts(launch: Launch) -> None:
    outcome = launch("facts", credentials=(LOGIN, ENABLING), answers={"facts_gather_subset": "all"}).run().expect(0)
    names = {data["host"]: data["res"]["ansible_facts"]["ansible_net_hostname"] for data in outcome.results("ok")}
    assert names == {
        **{host: host.upper() for host in ("pe1", "pe2", "ms1", "etr1", "fw1", "fw2", "fw3", "fw4")},
        "erx1": "erx1",
        "branch12": "branch12",
    }
    assert outcome.saw_ansible
    assert outcome.leaks(SECRETS) == []


def test_lint_needs_no_device(launch: Launch, lab: LabHandle) -> None:
    lab.lab.stop()
    outcome = launch("lint", credentials=(PROTOCOL_KEYS,)).run().expect(0)
    assert outcome.stats["artifact_data"]["peerguard_lint_summary"].startswith("0 errors")
    assert outcome.leaks(SECRETS) == []


def test_lint_stops_a_workflow(launch: Launch, inventory: dict[str, Any]) -> None:
    inventory["all"]["vars"]["peerings"][0]["lifetime"] = "00:00:05"
    outcome = launch("lint", credentials=(PROTOCOL_KEYS,)).run().expect(2)
    (failed,) = outcome.results("failed")
    assert failed["res"]["counts"]["error"] > 0
    assert failed["res"]["peerings"]
    forgiven = launch("lint", credentials=(PROTOCOL_KEYS,), answers={"lint_fail_on": "never"}).run().expect(0)
    assert outcome.leaks(SECRETS) + forgiven.leaks(SECRETS) == []


def test_plan_then_change_then_proof(launch: Launch, lab: LabHandle) -> None:
    """What the workflow does, on all five vendors: nothing, everything, nothing."""
    before = running(lab)
    plan = launch("guard", check=True).run().expect(0)
    assert plan.stdout.count(" planned") == 5
    assert running(lab) == before
    change = launch("guard").run().expect(0)
    assert change.stats["artifact_data"]["peerguard_guard_summary"] == "5 converged"
    assert change.stdout.count(" converged") >= 5
    changed = [data for data in change.results("ok") if data["res"].get("peerings")]
    assert {outcome["verdict"] for outcome in changed[0]["res"]["peerings"]} == {"converged"}
    assert sum(change.stats["changed"].values()) == 1
    proof = launch("verify").run().expect(0)
    assert not any(proof.stats["changed"].values())
    for outcome in (plan, change, proof):
        assert outcome.saw_ansible
        assert outcome.leaks(SECRETS) == []


def test_a_survey_and_a_limit_choose_a_peering(launch: Launch, lab: LabHandle) -> None:
    before = running(lab)
    outcome = launch("guard", answers={**CORE, "guard_save": "false"}, limit="pe1:pe2", verbosity=4).run().expect(0)
    assert outcome.stats["artifact_data"]["peerguard_guard_summary"] == "1 converged"
    after = running(lab)
    assert {host for host in after if after[host] != before[host]} == {"pe1", "pe2"}
    assert outcome.leaks(SECRETS) == []


def test_a_limit_that_cuts_a_peering_is_refused(launch: Launch, lab: LabHandle) -> None:
    before = running(lab)
    outcome = launch("guard", answers=CORE, limit="pe1").run().expect(2)
    assert "pe2 is not among the hosts of this batch" in outcome.stdout.replace("\r\n", " ")
    assert running(lab) == before


@pytest.mark.parametrize("template", ["guard", "verify"])
def test_a_slice_is_refused(launch: Launch, lab: LabHandle, inventory: dict[str, Any], template: str) -> None:
    """A slice has every second host of the inventory; the other end of a peering is not external because of that."""
    before = running(lab)
    meta = {"awx_workflow_job_id": 6, "awx_workflow_job_name": f"PeerGuard {template}"}
    outcome = launch(template, inventory=sliced(inventory, 0, 2), variables=meta).run().expect(2)
    (failed,) = outcome.results("failed")
    (problem,) = [text for text in failed["res"]["problems"] if "core-link" in text]
    assert problem == (
        "peering core-link: pe2 is not in this inventory; this job is a slice of the template "
        f"PeerGuard {template}, and a slice has only a part of the inventory: set its job slicing to 1, "
        "or declare an end external that is in none."
    )
    assert running(lab) == before


def sliced(inventory: dict[str, Any], number: int, count: int) -> dict[str, Any]:
    """As AWX's `Inventory.get_script_data` cuts."""
    return only(inventory, sorted(inventory["_meta"]["hostvars"])[number::count])


def only(inventory: dict[str, Any], kept: list[str]) -> dict[str, Any]:
    """The inventory with these hosts."""
    part = copy.deepcopy(inventory)
    part["_meta"]["hostvars"] = {host: part["_meta"]["hostvars"][host] for host in kept}
    for group in part.values():
        if "hosts" in group:
            group["hosts"] = [host for host in group["hosts"] if host in kept]
    return part


def journal_lines(folder: Path) -> list[str]:
    """What the journals say, but for a line that is not yet (or was never) finished."""
    texts = [path.read_text() for path in (folder / "journal").glob("*.jsonl")]
    return [line for text in texts for line in text.splitlines(keepends=True) if line.endswith("\n")]


def test_a_cancelled_change_is_finished_by_rollback(
    launch: Launch, lab: LabHandle, inventory: dict[str, Any], tmp_path: Path
) -> None:
    before = running(lab)
    lab.fault("pe1", "latency", seconds=60, matching="authentication handshake$")
    process = launch("guard", answers=CORE).start()
    deadline = time.monotonic() + 300
    while not lab.struck("pe1"):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    for pid in [process.pid, *descendants(process.pid)]:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    lab.heal("pe1")
    left = journal_lines(tmp_path)
    assert '"pushing"' in left[-1]
    refused = launch("rollback", inventory=only(inventory, ["fw1", "fw2"])).run().expect(2)
    (failed,) = refused.results("failed")
    assert "peering core-link: pe" in failed["res"]["msg"]
    assert "not in this inventory; run this where all ends are" in failed["res"]["msg"]
    assert journal_lines(tmp_path) == left
    outcome = launch("rollback").run().expect(0)
    assert journal_lines(tmp_path) == []
    assert running(lab) == before
    assert outcome.leaks(SECRETS) == []


def test_rollback_has_nothing_to_do(launch: Launch) -> None:
    outcome = launch("rollback").run().expect(0)
    assert not any(outcome.stats["changed"].values())


def test_a_rollover(launch: Launch, lab: LabHandle, inventory: dict[str, Any]) -> None:
    """The new key on both ends, sessions over to it, the old one kept because the survey says so."""
    campus = next(peering for peering in inventory["all"]["vars"]["peerings"] if peering["name"] == "campus")
    now = datetime.now(UTC)
    old, new = campus["keys"][0], copy.deepcopy(campus["keys"][0])
    old["send_lifetime"] = {"start": "2026-01-01", "end": f"{now + timedelta(days=90):%Y-%m-%d}"}
    launch("guard", answers={"peerguard_only": "campus"}).run().expect(0)
    new |= {"id": 42, "send_lifetime": {"start": f"{now - timedelta(days=2):%Y-%m-%d}", "infinite": True}}
    campus["keys"].append(new)
    answers = {"tcp_ao_rollover_peering": "campus", "tcp_ao_rollover_old": 41, "tcp_ao_rollover_new": 42}
    before = running(lab)
    plan = launch("rollover", answers=answers, check=True).run().expect(0)
    assert running(lab) == before
    answers |= {"tcp_ao_rollover_wait": 60, "tcp_ao_rollover_retire": "false"}
    outcome = launch("rollover", answers=answers).run().expect(0)
    assert all(text in running(lab)[host] for host in ("ms1", "etr1") for text in ("key 41", "key 42"))
    assert plan.leaks(SECRETS) + outcome.leaks(SECRETS) == []


HANDSHAKE = {"name": "GigabitEthernet0/3/7", "handshake": True, "window_size": 32}
VARIABLES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "huawei_rsvp_handshake": (
        "pe1:pe2",
        {
            "huawei_rsvp_handshake_interfaces": [
                {**HANDSHAKE, "authentication": {"mode": "cipher", "key": "{{ peerguard_key.rsvp }}"}}
            ]
        },
        {},
    ),
    "cisco_lisp_tcp_ao": (
        "ms1:etr1",
        {
            "cisco_lisp_tcp_ao_chain": "KC-LISP",
            "cisco_lisp_tcp_ao_keys": [
                {
                    "id": 41,
                    "send_id": 41,
                    "recv_id": 41,
                    "algorithm": "hmac-sha-1",
                    "key_string": "{{ peerguard_key.ao }}",
                    "send_lifetime": {"start": "00:00:00 Jan 1 2026", "infinite": True},
                }
            ],
            "cisco_lisp_tcp_ao_map_servers": [{"host": "ms1", "address": "192.0.2.1"}],
            "cisco_lisp_tcp_ao_sites": [
                {
                    "name": "BRANCH-7",
                    "authentication_key": "{{ peerguard_key.site }}",
                    "eid_records": [{"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True}],
                }
            ],
            "cisco_lisp_tcp_ao_etrs": [{"host": "etr1", "site": "BRANCH-7"}],
        },
        {"cisco_lisp_tcp_ao_map_resolver": "true"},
    ),
    "h3c_ike_keepalive": (
        "fw1:fw2",
        {},
        {"h3c_ike_keepalive_interval": 20, "h3c_ike_keepalive_timeout": 60},
    ),
    "junose_tx_invalid_cookie": ("erx1", {}, {"junose_tx_invalid_cookie_dpd": "true"}),
    "allied_isakmp_retry": (
        "branch12",
        {"allied_isakmp_retry_policies": [{"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 2}]},
        {},
    ),
}


@pytest.mark.parametrize("template", ROLES)
def test_a_role(launch: Launch, lab: LabHandle, inventory: dict[str, Any], template: str) -> None:
    """In check mode nothing is sent; then every host of the limit is changed; then nothing is left to do."""
    limit, variables, answers = VARIABLES[template]
    assert set(TEMPLATES[template]["inventory"]) <= set(variables)
    inventory["all"]["vars"] |= variables
    before = running(lab)
    plan = launch(template, limit=limit, answers=answers, check=True).run().expect(0)
    assert running(lab) == before
    change = launch(template, limit=limit, answers=answers).run().expect(0)
    hosts = set(limit.split(":"))
    assert {host for host, text in running(lab).items() if text != before[host]} == hosts
    assert {host for host, count in change.stats["changed"].items() if count} == hosts
    again = launch(template, limit=limit, answers=answers).run().expect(0)
    assert not any(again.stats["changed"].values())
    for outcome in (plan, change, again):
        assert outcome.leaks(SECRETS) == []


def test_the_types_of_the_collection_log_in_too(launch: Launch) -> None:
    """With extra variables from files instead of prompts; a wrong password ends unreachable, and is not shown."""
    login = Custom("device login", {"username": "netops", "password": PASSWORD})
    fine = launch("facts", credentials=(login, ENABLING), limit="pe1:ms1:branch12").run().expect(0)
    wrong = Custom("device login", {"username": "netops", "password": "Wrong-Pass-91"})
    outcome = launch("facts", credentials=(wrong,), limit="pe1").run().expect(4)
    assert outcome.status == "failed"
    assert len(list(outcome.results("unreachable"))) == 1
    assert fine.leaks(SECRETS) + outcome.leaks(["Wrong-Pass-91"]) == []


def test_a_private_key_logs_in(launch: Launch, private_key: str) -> None:
    login = Custom("device login with key", {"username": "netops", "private_key": private_key})
    outcome = launch("facts", credentials=(login,), limit="pe1").run().expect(0)
    refused = launch("facts", credentials=(login,), limit="pe2").run().expect(4)
    lines = private_key.splitlines()[1:-1]
    assert outcome.leaks(lines) + refused.leaks(lines) == []


def test_a_job_of_another_node(launch: Launch, lab: LabHandle) -> None:
    """transmit | worker | process: what comes back over the wire has the outcome and no secret."""
    outcome = launch("guard", answers=CORE, elsewhere=True).run().expect(0)
    assert outcome.status == "successful"
    assert outcome.stats["artifact_data"]["peerguard_guard_summary"] == "1 converged"
    assert " converged" in outcome.stdout
    assert b'"event": "playbook_on_stats"' in outcome.stream
    assert outcome.leaks(SECRETS) == []
    assert all("handshake" in running(lab)[host] for host in ("pe1", "pe2"))


def test_every_template_is_run_here() -> None:
    """A template that is added must be added here."""
    assert set(TEMPLATES) - set(ROLES) == {"facts", "lint", "guard", "verify", "rollback", "rollover"}
    assert set(ROLES) == set(VARIABLES)
    assert isinstance(ALL[0], Login)
    assert KEYS
