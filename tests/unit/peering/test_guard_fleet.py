# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several peerings in one run: together where they share no device, one after the other where they do."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from guard_bench import COOKIE, KEEPALIVE, KINDS, LISP, OTHER, RSVP, GuardBench, feature_of, intent, job, jobs, with_end

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import transaction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.guard import Job, jobs_for
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.options import GUARD, VERIFY, judge
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome, Transaction

BROKEN = with_end(job("rsvp_handshake"), "pe2", job("rsvp_handshake", key=OTHER))


def timers(name: str, host: str, **values: int) -> Job:
    return Job(name, {host: {"huawei_rsvp_auth": {"timers": values}}}, [[host]])


def test_one_peering_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    before = bench.all_running()
    outcomes = bench.run(BROKEN, *jobs(intent("lisp_tcp_ao", "ike_keepalive", "ike_invalid_cookie", "isakmp_retry")))
    assert [outcome.verdict for outcome in outcomes] == ["reverted", *["converged"] * 4]
    assert {name for name, text in bench.all_running().items() if text != before[name]} == {
        *("ms1", "etr1", "a", "b", "edge7", "b12", "hq")
    }


@pytest.mark.parametrize(("limit", "expected"), [(0, ["reverted", "skipped", "skipped"]), (1, None), (None, None)])
def test_max_failures(tmp_path: Path, limit: int | None, expected: list[str] | None) -> None:
    bench = GuardBench(tmp_path)
    before = bench.all_running()
    work = [BROKEN, job("ike_keepalive"), job("ike_invalid_cookie")]
    outcomes = bench.run(*work, batch=1, max_failures=limit)
    assert [outcome.verdict for outcome in outcomes] == (expected or ["reverted", "converged", "converged"])
    assert (bench.all_running() == before) is (expected is not None)
    if expected:
        assert outcomes[1].reason == "1 peerings failed before it"
        assert not bench.sent_to("a") + bench.sent_to("edge7")


@pytest.fixture
def overlaps(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How many transactions ran at the same time at most, and whether two had a device in common."""
    seen: dict[str, Any] = {"most": 0, "shared": False, "order": []}
    running: list[Transaction] = []
    lock = threading.Lock()
    original = Transaction.run

    def run(self: Transaction) -> Outcome:
        with lock:
            seen["shared"] = seen["shared"] or any(set(self.ends) & set(other.ends) for other in running)
            running.append(self)
            seen["most"] = max(seen["most"], len(running))
            seen["order"].append(self.name)
        try:
            return original(self)
        finally:
            with lock:
                running.remove(self)

    monkeypatch.setattr(Transaction, "run", run)
    return seen


@pytest.mark.parametrize("batch", [1, 2, 20])
def test_batch_and_shared_devices(tmp_path: Path, overlaps: dict[str, Any], batch: int) -> None:
    bench = GuardBench(tmp_path)
    shared = [
        job("rsvp_handshake"),
        timers("lost", "pe1", challenge_lost=5),
        timers("multiplier", "pe1", keep_multiplier=5),
        timers("retransmit", "pe2", challenge_retransmit=2000),
    ]
    outcomes = bench.run(*shared, *jobs(intent("lisp_tcp_ao", "ike_keepalive")), batch=batch)
    assert [outcome.verdict for outcome in outcomes] == ["converged"] * 6
    assert [outcome.peering for outcome in outcomes[:4]] == [one.name for one in shared]
    assert not overlaps["shared"]
    assert overlaps["most"] <= batch
    assert "challenge-lost 5" in bench.running("pe1")
    assert "keep-multiplier 5" in bench.running("pe1")


def test_peerings_that_wait_for_a_device_hold_up_nobody(tmp_path: Path, overlaps: dict[str, Any]) -> None:
    """A hub with many peerings comes first in the intent; what has nothing to do with it goes on beside it."""
    bench = GuardBench(tmp_path)
    hub = [timers(f"hub{number}", "pe1", challenge_lost=number) for number in (4, 5, 6, 7)]
    outcomes = bench.run(*hub, job("ike_keepalive"), batch=2)
    assert [outcome.verdict for outcome in outcomes] == ["converged"] * 5
    assert overlaps["order"].index("hq-branch") <= 2


def test_what_a_feature_refuses_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    wrong = timers("wrong", "pe2", refresh=-1)
    for call in (lambda: bench.run(job("ike_keepalive"), wrong), lambda: bench.guard().verify([wrong])):
        with pytest.raises(InvalidInput, match=r"wrong: pe2 huawei_rsvp_auth"):
            call()
    assert bench.sent == []


def test_ends_that_take_too_long_one_after_the_other_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A neighbour is lost after three refresh periods: 30 s between these routers."""
    bench = GuardBench(tmp_path, "rsvp_handshake")
    before = bench.all_running()
    original = transaction.End.push

    def slowly(self: transaction.End, confirm_within: int | None) -> None:
        original(self, confirm_within)
        if self.host == "pe1":
            bench.pass_time(40)

    monkeypatch.setattr(transaction.End, "push", slowly)
    outcome = bench.one(job("rsvp_handshake", refresh=10))
    assert outcome.verdict == "reverted"
    assert outcome.reason == "the ends were changed 40 s apart; they must be within 30 s"
    assert bench.all_running() == before


@pytest.mark.parametrize("external", ["a", "b"])
def test_an_external_end_is_never_touched(tmp_path: Path, external: str) -> None:
    """The other firewall was configured by its own people."""
    bench = GuardBench(tmp_path, "ike_keepalive")
    bench.one(replace(job("ike_keepalive"), proof=0))
    other = "b" if external == "a" else "a"
    ends = [
        {**end, "external": True, "known": {"interval": 20, "timeout": 60}} if end["host"] == external else end
        for end in KEEPALIVE["ends"]
    ]
    before = bench.all_running()
    (found,) = jobs([{**KEEPALIVE, "ends": ends, "timeout": 80}])
    assert list(found.configs) == [other]
    outcome = bench.one(found)
    assert outcome.verdict == "converged"
    assert bench.sent_to(external) == []
    assert bench.running(external) == before[external]
    assert "timeout 80" in bench.running(other)


def test_an_unmanaged_peering_is_nobodys_job() -> None:
    assert jobs([{**peering, "managed": False} for peering in (RSVP, LISP, KEEPALIVE, COOKIE)]) == []
    mixed = load_intent([{**RSVP, "managed": False}, COOKIE])
    assert [found.name for found in jobs_for(mixed)] == ["edge-customer"]


def test_only_chooses_peerings(tmp_path: Path) -> None:
    options = judge(VERIFY, {"intent": intent(), "only": ["campus", "core-link"]}, tmp_path)
    assert [peering.name for peering in options.peerings] == ["core-link", "campus"]
    with pytest.raises(InvalidInput, match="only: there is no peering nowhere; the intent has core-link, campus"):
        judge(VERIFY, {"intent": intent(), "only": ["nowhere"]}, tmp_path)


def test_times_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="confirm_timeout: 60 s are over before verification can be"):
        judge(GUARD, {"intent": intent(), "confirm_timeout": 60, "verify": {"timeout": 100}}, tmp_path)
    assert judge(GUARD, {"intent": intent(), "confirm_timeout": 120, "verify": {"timeout": 100}}, tmp_path)


def test_keepalives_are_watched_for_a_timeout_unless_told_otherwise(tmp_path: Path) -> None:
    """Before a timeout is over, nobody misses a keepalive: converged would prove nothing."""
    assert job("ike_keepalive").proof > 60
    assert job("ike_keepalive", timeout=28800).proof == 600
    assert job("rsvp_handshake").proof == job("lisp_tcp_ao").proof == 0
    assert judge(GUARD, {"intent": intent()}, tmp_path).prove
    assert not judge(GUARD, {"intent": intent(), "verify": {"stable_for": 0}}, tmp_path).prove
    for prove, least in ((True, 60), (False, 0)):
        bench = GuardBench(tmp_path, "ike_keepalive")
        start = bench.world.clock.now()
        bench.one(job("ike_keepalive"), prove=prove, stable_for=0)
        assert (bench.world.clock.now() - start >= 60) is (least == 60)


def pushed(bench: GuardBench, host: str, feature: str, text: str, *, trial: int | None = None) -> None:
    """What somebody else types on a device."""
    session = bench.session(host)
    session.push(feature_of(feature)[1]("", text), trial, PushReport())
    session.close()


def test_verify_tells_a_peering_that_has_stopped_to_converge(tmp_path: Path) -> None:
    """Both ends are still configured as intended, but somebody has closed the interface between them."""
    bench = GuardBench(tmp_path)
    bench.run(*jobs(intent()))
    pushed(bench, "pe1", "huawei_rsvp_auth", "interface GigabitEthernet0/3/7\n shutdown\n")
    bench.pass_time(600)
    after = bench.all_running()
    outcomes = bench.guard().verify(jobs(intent()))
    assert [outcome.verdict for outcome in outcomes] == ["failed", *["converged"] * 4]
    assert outcomes[0].reason.startswith("not converged within")
    assert not outcomes[0].changed
    assert ("pe1", "interface up") in [(entry["host"], entry["expected"]) for entry in outcomes[0].unmet]
    assert bench.all_running() == after


@pytest.mark.parametrize(("kind", "host"), [(kind, host) for kind in KINDS for host in job(kind).configs])
def test_an_end_that_is_right_already_is_left_alone(tmp_path: Path, kind: str, host: str) -> None:
    """Its other ends are brought to it."""
    bench = GuardBench(tmp_path, kind)
    whole = job(kind)
    alone = replace(whole, configs={host: whole.configs[host]}, waves=[[host]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction.End, "look", lambda self: [])  # half a peering does not converge
        bench.one(alone)
    right = bench.running(host)
    outcome = bench.one(whole)
    others = [name for name in whole.configs if name != host]
    assert outcome.verdict == ("converged" if others else "unchanged"), outcome
    assert {name: entry["changed"] for name, entry in outcome.hosts.items()} == {
        **dict.fromkeys(others, True),
        host: False,
    }
    assert bench.running(host) == right


def test_a_trial_of_somebody_else_is_waited_for(tmp_path: Path) -> None:
    """What is read may be gone a moment later; nothing is sent to any end."""
    bench = GuardBench(tmp_path, "rsvp_handshake")
    pushed(bench, "pe2", "huawei_rsvp_auth", "interface GigabitEthernet0/3/7\n description on trial\n", trial=600)
    before = bench.all_running()
    outcome = bench.one(job("rsvp_handshake"))
    assert outcome.verdict == "failed"
    assert "pe2: a change on the device still waits for its confirmation" in outcome.reason
    assert bench.all_running() == before
    assert bench.one(job("rsvp_handshake"), check_mode=True).verdict == "planned"
