# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule between devices that one end can break: lint finds it, and guard, told to go on, puts both ends back.

Rules whose breach does no harm while guard looks are here too: that lint alone finds them, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import allied_labs
import cisco_lab
import comware_labs
import guard_bench
import huawei_labs
import junose_labs
import pytest
import yaml
from guard_bench import COOKIE, INTENTS, KEEPALIVE, LISP, OTHER, RETRY, RSVP, GuardBench, edited, job, jobs, tweaked
from guard_bench import with_end as one_end

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.guard import Job

Change = Callable[[dict[str, Any]], Any]
RSVP_KIND, LISP_KIND, IKE_KIND, COOKIE_KIND, RETRY_KIND = (peering["kind"] for peering in guard_bench.ALL)


@dataclass(frozen=True)
class Case:
    """A rule, broken on one end: by a config that only this end gets, or by what it had beforehand (`lab`)."""

    rule: str
    kind: str
    work: Job
    lab: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    verdict: str = "reverted"
    also: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.rule}-{self.also}" if self.also else self.rule


def rsvp(host: str = "pe2", timers: dict[str, Any] | None = None, **view: Any) -> Change:
    def change(configs: dict[str, Any]) -> None:
        model = configs["huawei_rsvp_auth"]
        model["interfaces"][0].update(view)
        model.update({"timers": timers} if timers else {})

    return change


def keychain(name: str) -> dict[str, Any]:
    return {"mode": "keychain", "keychain": name}


def lisp_key(**values: Any) -> Job:
    """The ETR has another key than the map server."""
    return one_end(job(LISP_KIND), "etr1", job(LISP_KIND, keys=[{**LISP["keys"][0], **values}]))


def without_ao(configs: dict[str, Any]) -> None:
    del configs["cisco_lisp_tcp_ao"]["tcp_auth_options"]


def keepalive(**timers: int) -> Change:
    def change(configs: dict[str, Any]) -> None:
        configs["h3c_ike_keepalive"] = timers

    return change


def option(**values: Any) -> Change:
    return lambda configs: configs["junose_ipsec_option"][0].update(values)


def policy(**values: Any) -> Change:
    return lambda configs: configs["allied_isakmp_policy"][0].update(values)


def with_ends(peering: dict[str, Any], *changes: dict[str, Any]) -> dict[str, Any]:
    """The peering with its ends changed, in their order."""
    ends = [{**end, **change} for end, change in zip(peering["ends"], changes, strict=True)]
    return {**deepcopy(peering), "ends": ends}


def single(peering: dict[str, Any]) -> Job:
    (found,) = jobs([peering])
    return found


HIDDEN = (
    "mpls te",
    "mpls te cspf",
    "mpls rsvp-te",
    "mpls rsvp-te peer 10.77.12.2",
    " mpls rsvp-te authentication cipher Hidden-Key-1",
    " mpls rsvp-te authentication handshake",
)
OTHER_CHAIN = edited(huawei_labs.pair(), "pe2", "kc-core", "kc-edge")
OTHER_KEYS = edited(OTHER_CHAIN, "pe2", "Chain-Of-A-Test", "Chain-Of-B-Test")
CHAINS = tweaked(
    tweaked(job(RSVP_KIND), "pe1", rsvp(authentication=keychain("kc-core"))),
    "pe2",
    rsvp(authentication=keychain("kc-edge")),
)
FAR = with_ends({**RSVP, "view": "neighbor_address"}, {}, {"address": "10.77.99.2/30"})
SLOW = with_ends({**RSVP, "lifetime": "00:00:20"}, {}, {"refresh": 60})
NETWORKS = with_ends(RSVP, {}, {"address": "10.77.99.2/30"})
NOT_COUNTED = {"start": "2026-01-01", "infinite": True, "local": True}


def second_etr(ao: bool) -> str:
    """A lab whose site has two ETRs; the second one has TCP-AO already, or not, and is nobody's to change."""
    lab = yaml.safe_load(cisco_lab.lab())
    twin = deepcopy(lab["devices"]["etr1"])
    for old, new in (("203.0.113.12", "203.0.113.13"), ("10.77.9.2", "10.77.8.2"), ("10.77.9.1", "10.77.8.1")):
        twin["config"] = twin["config"].replace(old, new)
    lab["devices"]["etr2"] = twin
    server = lab["devices"]["ms1"]
    server["config"] = (
        server["config"]
        .replace(
            "router lisp\n",
            "interface GigabitEthernet0/0/1\n ip address 10.77.8.1 255.255.255.252\n no shutdown\n!\nrouter lisp\n",
        )
        .replace("ip route 203", "ip route 203.0.113.13 255.255.255.255 10.77.8.2\nip route 203")
    )
    lab["links"].append(["ms1:GigabitEthernet0/0/1", "etr2:GigabitEthernet0/0/0"])
    return guard_bench.merged_lab(yaml.safe_dump(lab, sort_keys=False))


HOMED = {**deepcopy(LISP), "ends": [*LISP["ends"], {"host": "etr2", "role": "etr", "address": "203.0.113.13"}]}

BROKEN = [
    # RSVP-TE authentication and handshake
    Case("rsvp/R10", RSVP_KIND, tweaked(job(RSVP_KIND), "pe2", rsvp(handshake=False))),
    Case("rsvp/R10", RSVP_KIND, tweaked(job(RSVP_KIND), "pe1", rsvp(handshake=False)), also="other end"),
    Case("rsvp/R11", RSVP_KIND, one_end(job(RSVP_KIND), "pe2", job(RSVP_KIND, key=OTHER))),
    Case("rsvp/R11", RSVP_KIND, tweaked(job(RSVP_KIND), "pe2", rsvp(authentication=keychain("kc-core"))), also="form"),
    Case("rsvp/R11a", RSVP_KIND, CHAINS, lab=OTHER_KEYS),
    Case(
        "rsvp/R13",
        RSVP_KIND,
        tweaked(single(SLOW), "pe2", rsvp(lifetime="00:05:00")),
        told=SLOW,
    ),
    Case("rsvp/R14", RSVP_KIND, job(RSVP_KIND), lab=huawei_labs.pair(one={"mpls": HIDDEN})),
    Case("rsvp/R15", RSVP_KIND, single(FAR), told=FAR),
    # LISP with TCP-AO
    Case("lisp/R20", LISP_KIND, lisp_key(key_string=OTHER), also="key string"),
    Case("lisp/R20", LISP_KIND, lisp_key(algorithm="hmac-sha-256"), also="algorithm"),
    Case("lisp/R20", LISP_KIND, lisp_key(include_tcp_options=True), also="options"),
    Case("lisp/R20", LISP_KIND, lisp_key(send_lifetime={"start": "2034-01-01", "infinite": True}), also="lifetime"),
    Case("lisp/R21", LISP_KIND, lisp_key(send_id=1, recv_id=2), also="crossed"),
    Case("lisp/R21", LISP_KIND, lisp_key(id=42), also="other number"),
    Case(
        "lisp/R24",
        LISP_KIND,
        one_end(job(LISP_KIND), "etr1", job(LISP_KIND, sites=[{**LISP["sites"][0], "authentication_key": OTHER}])),
    ),
    Case("lisp/R25", LISP_KIND, tweaked(job(LISP_KIND), "ms1", without_ao)),
    Case("lisp/M1", LISP_KIND, tweaked(job(LISP_KIND), "etr1", without_ao)),
    Case("lisp/R26", LISP_KIND, tweaked(single(HOMED), "etr2", without_ao), lab=second_etr(False), told=HOMED),
    Case("lisp/R28", LISP_KIND, lisp_key(key_string=OTHER)),
    Case(
        "lisp/R28",
        LISP_KIND,
        one_end(single(HOMED), "etr2", single({**HOMED, "keys": [{**LISP["keys"][0], "key_string": OTHER}]})),
        lab=second_etr(False),
        told=HOMED,
        also="one of two ETRs",
    ),
    # IKE keepalives; `a` is a Comware V5, which tags first, `b` a V7, which deletes at once
    Case("ike/R1", IKE_KIND, tweaked(job(IKE_KIND), "b", keepalive(timeout=60)), also="a waits in vain"),
    Case("ike/R1", IKE_KIND, tweaked(job(IKE_KIND), "a", keepalive(timeout=60)), also="b waits in vain"),
    Case(
        "ike/R6", IKE_KIND, tweaked(job(IKE_KIND), "b", keepalive(interval=100, timeout=60)), also="a waits too short"
    ),
    Case(
        "ike/R6", IKE_KIND, tweaked(job(IKE_KIND), "a", keepalive(interval=100, timeout=60)), also="b waits too short"
    ),
    Case(
        "ike/R1a",
        IKE_KIND,
        single({**with_ends(KEEPALIVE, {}, {"external": True}), "timeout": 60}),
        told={**with_ends(KEEPALIVE, {}, {"external": True}), "timeout": 60},
    ),
]
REFUSED = [
    # What the device itself would refuse is refused by its feature before anything is sent to any end.
    Case("retry/R8", RETRY_KIND, tweaked(job(RETRY_KIND), "hq", policy(peer="any"))),
    Case(
        "retry/R8b",
        RETRY_KIND,
        job(RETRY_KIND),
        lab=edited(allied_labs.lab(), "hq", "bund=1 peer=203.0.113.12", "bund=1 peer=any"),
        told=with_ends(RETRY, {}, {"ipsec_peer": "any"}),
    ),
    Case(
        "retry/R8b",
        RETRY_KIND,
        job(RETRY_KIND),
        lab=edited(allied_labs.lab(), "hq", "bund=1 peer=203.0.113.12", "bund=1 peer=203.0.113.77"),
        told=with_ends(RETRY, {}, {"ipsec_peer": "203.0.113.77"}),
        also="another address",
    ),
]
IKE = {"initiates": True, "exchange_mode": "main", "authentication": "preshared", "id_type": "ip"}


def told_ike(**second: Any) -> dict[str, Any]:
    return with_ends(KEEPALIVE, {"ike": IKE}, second)


ADVICE = [
    Case(
        "rsvp/R11a",
        RSVP_KIND,
        CHAINS,
        lab=OTHER_CHAIN,
        verdict="converged",
        why="keychains of different names may well hold the same keys, and here they do",
    ),
    Case(
        "rsvp/R15",
        RSVP_KIND,
        single(NETWORKS),
        told=NETWORKS,
        verdict="converged",
        also="interface view",
        why="the intent is wrong about an address that the interface view does not use",
    ),
    Case(
        "lisp/R20",
        LISP_KIND,
        lisp_key(send_lifetime={"start": "2026-02-01", "infinite": True}),
        verdict="converged",
        also="past start",
        why="both lifetimes have begun and neither ends, so the ends use the same key now and for ever",
    ),
    Case(
        "lisp/R20a",
        LISP_KIND,
        lisp_key(send_lifetime=NOT_COUNTED),
        verdict="converged",
        why="the zones of both devices are UTC, so the lifetimes are the same",
    ),
    Case(
        "lisp/R22",
        LISP_KIND,
        one_end(job(LISP_KIND), "etr1", job(LISP_KIND, key_chain="KC-OTHER")),
        verdict="converged",
        why="names are local",
    ),
    Case(
        "lisp/M2",
        LISP_KIND,
        single(with_ends(LISP, {"passive_open": "RLOC-WLC"}, {})),
        told=with_ends(LISP, {"passive_open": "RLOC-WLC"}, {}),
        verdict="no_traffic",
        why="the session that is up is protected; the locator set opens listeners, and nobody has come to them",
    ),
    Case(
        "ike/R6a",
        IKE_KIND,
        tweaked(job(IKE_KIND), "b", keepalive(interval=40, timeout=60)),
        verdict="converged",
        why="the margin is for keepalives that get lost, and none is",
    ),
    Case(
        "ike/R6b",
        IKE_KIND,
        tweaked(job(IKE_KIND), "b", keepalive(interval=20)),
        verdict="converged",
        why="keepalives that nobody waits for do no harm",
    ),
    Case(
        "ike/R13",
        IKE_KIND,
        job(IKE_KIND),
        lab=edited(comware_labs.lab(5, 7), "a", "192.0.2.2", "192.0.2.9"),
        told=told_ike(ike={"remote_address": "192.0.2.9"}),
        verdict="no_traffic",
        why="there was no SA before the change either, and keepalives are about those that stand",
    ),
    Case(
        "ike/R14",
        IKE_KIND,
        job(IKE_KIND),
        told=told_ike(ike={"nat_traversal": False, "behind_nat": True}),
        verdict="converged",
        why="the lab has no address translators; the peering does not configure NAT traversal",
    ),
    Case(
        "cookie/R3",
        COOKIE_KIND,
        tweaked(job(COOKIE_KIND), "edge7", option(virtual_router="vrRed")),
        verdict="no_traffic",
        why="each router is judged for itself: the option is on in vrRed, where no SA is",
    ),
    Case(
        "cookie/R5",
        COOKIE_KIND,
        tweaked(job(COOKIE_KIND), "edge7", option(tx_invalid_cookie=False)),
        verdict="unchanged",
        why="an option that is meant to be off is off: there is nothing to prove",
    ),
    Case(
        "cookie/R8",
        COOKIE_KIND,
        job(COOKIE_KIND),
        told=with_ends(COOKIE, {"ike": {"initiates": True}}, {}),
        verdict="converged",
        why="it shows only when the responder itself has a stale phase 1",
    ),
    Case(
        "cookie/R10",
        COOKIE_KIND,
        job(COOKIE_KIND),
        told=with_ends(COOKIE, {}, {"external": True, "known": {"honours_invalid_cookie": False}}),
        verdict="converged",
        why="it shows only when the initiator goes stale",
    ),
    Case(
        "cookie/R11",
        COOKIE_KIND,
        job(COOKIE_KIND),
        told=with_ends(COOKIE, {}, {"platform": "juniper_junose"}),
        verdict="converged",
        why="an initiator that does not listen does not disturb",
    ),
    Case(
        "retry/R7",
        RETRY_KIND,
        tweaked(job(RETRY_KIND), "hq", policy(retry_ike_attempts=0)),
        verdict="converged",
        why="one end that tries again is enough for this tunnel",
    ),
    Case(
        "retry/R11",
        RETRY_KIND,
        job(RETRY_KIND, retry_ike_attempts=0),
        verdict="converged",
        why="retries show only after a failed negotiation",
    ),
    Case(
        "retry/R13",
        RETRY_KIND,
        job(RETRY_KIND),
        told=with_ends(RETRY, {}, {"address": "dynamic"}),
        verdict="converged",
        why="here the peer stays where it is",
    ),
]
ELSEWHERE = {
    "rsvp/R9a": "guard never leaves both ends without authentication; only an unmanaged peering can",
    "lisp/M3": "guard never leaves both ends without TCP-AO; only an unmanaged peering can",
    "lisp/R30": "which keys are retired is told in the intent; see the tests of the rollover",
    "lisp/R31": "the device refuses to lose a key in use; see the tests of the rollover",
    "lisp/R32": "an external end is in no lab",
    "lisp/R32a": "an external end is in no lab",
    "lisp/R33": "found between peerings, before there is anything to carry out",
    "lisp/R34": "the device refuses it; see the tests of the rollover",
    "ike/R8": "exchange modes are told in the intent, the peering does not configure them",
    "ike/R9": "identities are told in the intent, the peering does not configure them",
    "ike/R11": "remote names are told in the intent, the peering does not configure them",
    "ike/R16": "proposals are told in the intent, the peering does not configure them",
    "ike/R17": "names are told in the intent, the peering does not configure them",
    "ike/R18": "modes and identities are told in the intent, the peering does not configure them",
    "cookie/R6": "as R11, with another initiator beside",
    "intent/contradiction": "found between peerings, before there is anything to carry out",
    "intent/invalid": "guard refuses it before anything is sent",
}
"""Rules between devices that no end of a lab can break, and why. Lint's own tests break them."""


def bench_of(case: Case, folder: Path) -> GuardBench:
    return GuardBench(folder, case.kind, lab=case.lab or None)


def found_by_lint(bench: GuardBench, case: Case) -> set[str]:
    return bench.lint(case.told or INTENTS[case.kind], case.work)


@pytest.mark.parametrize("kind", guard_bench.KINDS)
def test_lint_has_nothing_against_the_sound_peerings(tmp_path: Path, kind: str) -> None:
    bench = GuardBench(tmp_path, kind)
    severe = {rule.id for rule in registry.rules() if rule.severity == "error"}
    assert not bench.lint(INTENTS[kind], job(kind)) & severe


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_broken_rule_is_found_and_both_ends_go_back(tmp_path: Path, case: Case) -> None:
    bench = bench_of(case, tmp_path)
    before = bench.all_running()
    assert case.rule in found_by_lint(bench, case)
    outcome = bench.one(case.work)
    assert outcome.verdict == "reverted", outcome
    assert not outcome.changed
    assert outcome.unmet
    assert outcome.reason.startswith("not converged")
    assert bench.all_running() == before
    assert all(entry["reverted"] for entry in outcome.hosts.values() if entry["commands"])
    assert not [host for host, entry in outcome.hosts.items() if entry["saved"]]
    bench.pass_time(7200)
    assert bench.all_running() == before


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_the_device_would_refuse_is_sent_to_nobody(tmp_path: Path, case: Case) -> None:
    bench = bench_of(case, tmp_path)
    before = bench.all_running()
    assert case.rule in found_by_lint(bench, case)
    outcome = bench.one(case.work)
    assert outcome.verdict == "failed"
    assert "hq: policy b12: retry_ike_attempts needs" in outcome.reason
    assert bench.all_running() == before
    assert not [line for line in bench.sent if line.startswith(("set ", "create "))]


@pytest.mark.parametrize("case", ADVICE, ids=str)
def test_a_rule_that_is_advice_is_lints_alone(tmp_path: Path, case: Case) -> None:
    """Nothing is wrong while guard looks, so there is nothing to put back; each case tells why."""
    bench = bench_of(case, tmp_path)
    assert case.why
    assert case.rule in found_by_lint(bench, case)
    outcome = bench.one(case.work)
    assert outcome.verdict == case.verdict, (case.why, outcome)


def test_every_rule_between_devices_is_here() -> None:
    between = {rule.id for rule in registry.rules() if rule.scope != "device"}
    here = {case.rule for case in (*BROKEN, *REFUSED, *ADVICE)}
    assert between - here == set(ELSEWHERE)
    assert not here & set(ELSEWHERE)


def test_an_end_of_another_virtual_router_is_refused(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path, COOKIE_KIND, lab=guard_bench.merged_lab(junose_labs.mixed_lab()))
    outcome = bench.one(tweaked(job(COOKIE_KIND), "edge7", option(virtual_router="vrNone")))
    assert outcome.verdict == "failed"
    assert "virtual router vrNone does not exist" in outcome.reason
