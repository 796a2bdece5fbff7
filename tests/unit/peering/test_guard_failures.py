# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever fails at whichever end and command: no peering is left half-changed, on five platforms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from guard_bench import KINDS, DyingJournal, GuardBench, Killed, job

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import journal as journals
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import transaction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome

ENDS = [(kind, host) for kind in KINDS for host in job(kind).configs]
PUSHING = {
    "rsvp_handshake": r"authentication handshake$",
    "lisp_tcp_ao": r"^\s*tcp auth-option",
    "ike_keepalive": r"keepalive.* timeout \d",
    "ike_invalid_cookie": r"^\s*ipsec option tx-invalid-cookie",
    "isakmp_retry": r"retryikeattempts=continuous",
}
SAVING = {
    "rsvp_handshake": r"^save",
    "lisp_tcp_ao": r"^(write|copy run)",
    "ike_keepalive": r"^save",
    "isakmp_retry": r"^create config",
}
LONG = 7200.0
"""Seconds after which everything that reverts by itself has done so."""


def settled(bench: GuardBench, before: dict[str, str], outcome: Outcome | None, where: object) -> None:
    """All ends as before, or all ends changed for good; nothing changes by itself later."""
    after = bench.all_running()
    if outcome is None or not outcome.good:
        assert after == before, where
        assert outcome is None or outcome.verdict in ("failed", "reverted"), (where, outcome)
        assert outcome is None or not outcome.changed
    else:
        assert all(after[host] != before[host] for host in outcome.hosts), (where, outcome)
    bench.pass_time(LONG)
    assert bench.all_running() == after, where


def indices(bench: GuardBench, kind: str, host: str) -> range:
    """The numbers of all commands that a whole run types at an end."""
    bench.one(job(kind))
    return range(1, len(bench.sent_to(host)) + 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_a_session_cut_at_any_command(tmp_path: Path, kind: str, host: str, when: str) -> None:
    reached = set()
    for number in indices(GuardBench(tmp_path, kind), kind, host):
        bench = GuardBench(tmp_path, kind)
        before = bench.all_running()
        fault = {"kind": "drop_session", "at_command": number, "when": when, "times": 1}
        bench.world.devices[host].faults.add(fault)
        outcome = bench.one(job(kind))
        settled(bench, before, outcome, (number, outcome.reason))
        reached.add(outcome.verdict)
    assert reached >= {"failed", "reverted"}


@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_a_refused_login(tmp_path: Path, kind: str, host: str) -> None:
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    bench.refused.add(host)
    outcome = bench.one(job(kind))
    assert outcome.verdict == "failed"
    assert f"{host} refused the login" in outcome.reason
    settled(bench, before, outcome, host)


@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_a_refused_command(tmp_path: Path, kind: str, host: str) -> None:
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    bench.refusing[host] = PUSHING[kind]
    outcome = bench.one(job(kind))
    assert f"pushing failed at {host}" in outcome.reason
    settled(bench, before, outcome, host)


@pytest.mark.parametrize(("kind", "host"), [(kind, host) for kind, host in ENDS if kind in SAVING])
def test_a_device_that_cannot_save(tmp_path: Path, kind: str, host: str) -> None:
    """What one end cannot save, no end keeps; what another one saved is saved as it was before.

    A JunOSe that commits every line by itself has nothing to save.
    """
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    bench.refusing[host] = SAVING[kind]
    outcome = bench.one(job(kind))
    assert f"saving failed at {host}" in outcome.reason
    assert outcome.verdict == "reverted"
    bench.refusing.clear()
    for name in job(kind).configs:
        bench.world.devices[name].reboot(0)
    bench.pass_time(600)
    assert bench.all_running() == before


@pytest.mark.parametrize("host", ["pe1", "pe2"])
def test_a_failed_commit(tmp_path: Path, host: str) -> None:
    bench = GuardBench(tmp_path, "rsvp_handshake")
    before = bench.all_running()
    bench.world.devices[host].faults.add({"kind": "fail_commit", "text": "Error: The commit failed.", "times": 1})
    outcome = bench.one(job("rsvp_handshake"))
    assert outcome.verdict == "reverted"
    settled(bench, before, outcome, host)


@pytest.mark.parametrize("host", ["pe1", "pe2"])
def test_a_candidate_that_somebody_else_holds(tmp_path: Path, host: str) -> None:
    bench = GuardBench(tmp_path, "rsvp_handshake")
    before = bench.all_running()
    bench.world.devices[host].faults.add({"kind": "lock_candidate", "holder": "somebody"})
    outcome = bench.one(job("rsvp_handshake"))
    assert outcome.verdict == "reverted"
    assert f"pushing failed at {host}" in outcome.reason
    settled(bench, before, outcome, host)


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make an end that never converges."""
    original = transaction.End.look
    never = transaction.Unmet("neighbour", "there", "not there")

    def make(host: str) -> None:
        def look(self: transaction.End) -> Any:
            return [*original(self), *([never] if self.host == host else [])]

        monkeypatch.setattr(transaction.End, "look", look)

    return make


@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_no_time_to_converge(tmp_path: Path, hopeless: Callable[[str], None], kind: str, host: str) -> None:
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    hopeless(host)
    outcome = bench.one(job(kind))
    assert outcome.verdict == "reverted"
    assert outcome.reason.startswith("not converged")
    settled(bench, before, outcome, host)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_a_session_cut_on_the_way_back(
    tmp_path: Path, hopeless: Callable[[str], None], kind: str, host: str, when: str
) -> None:
    """Also what takes the change back may be cut at any command; it goes on over a new session."""
    hopeless(host)
    probe = GuardBench(tmp_path, kind)
    probe.one(job(kind), timeout=1)
    sent = probe.sent_to(host)
    first = next(number for number, line in enumerate(sent, 1) if re.search(PUSHING[kind], line))
    for number in range(first + 1, len(sent) + 1):
        bench = GuardBench(tmp_path, kind)
        before = bench.all_running()
        bench.world.devices[host].faults.add({"kind": "drop_session", "at_command": number, "when": when, "times": 1})
        outcome = bench.one(job(kind), timeout=1)
        assert outcome.verdict == "reverted", (number, sent[number - 1], outcome.reason)
        settled(bench, before, outcome, (number, sent[number - 1]))


class Stopped(BaseException):
    """As KeyboardInterrupt, but nobody else's."""


STEPS = ("reading", "observing", "pushing", "reading back", "verifying", "confirming", "saving")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [Stopped, ZeroDivisionError])
def test_anything_unforeseen_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, step: str, error: type[BaseException]
) -> None:
    """Also a mistake of ours ends in a peering that is whole; the user's Ctrl-C goes on to end the run."""
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    original = transaction.Transaction._each

    def stumble(self: Any, name: str, hosts: Iterable[str], work: Callable[..., Any], **more: Any) -> Any:
        found = original(self, name, hosts, work, **more)
        if name == step:
            raise error("in the middle")
        return found

    monkeypatch.setattr(transaction.Transaction, "_each", stumble)
    journal = Journal(tmp_path / "journal")
    if error is Stopped:
        with pytest.raises(Stopped):
            bench.run(job(kind), journal=journal)
        outcome = None
    else:
        (outcome,) = bench.run(job(kind), journal=journal)
        assert "unexpected ZeroDivisionError: in the middle" in outcome.reason
    journal.close()
    assert journals.unfinished(tmp_path / "journal") == []
    settled(bench, before, outcome, step)


@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_a_controller_killed_at_any_command(tmp_path: Path, kind: str, host: str) -> None:
    """What it leaves is recovered from its journal: every end back, or, once confirmed, every end kept and saved."""
    reached = set()
    for number in indices(GuardBench(tmp_path, kind), kind, host):
        bench = GuardBench(tmp_path, kind)
        before = bench.all_running()
        bench.dies_at = (host, number)
        folder = tmp_path / f"journal{number}"
        dying = DyingJournal(folder)
        dying.bench = bench
        with pytest.raises(Killed):
            bench.run(job(kind), journal=dying)
        bench.bury(dying)
        outcome = None
        for path in journals.unfinished(folder):
            journal = Journal(folder, run=path.stem)
            (outcome,) = bench.guard().recover(journals.read(path), journal)
            assert bench.guard().recover(journals.read(path), journal) == []
            journal.close()
        assert journals.unfinished(folder) == []
        reached.add(outcome.verdict if outcome else None)
        assert outcome is None or outcome.verdict != "stuck", (number, outcome)
        settled(bench, before, outcome, (number, outcome))
    assert reached == {None, "reverted", "converged"}


@pytest.mark.parametrize(("kind", "host"), ENDS)
def test_an_end_that_stays_away_is_stuck_until_it_is_recovered(tmp_path: Path, kind: str, host: str) -> None:
    """Its journal remains; the other end is put back already, and recovery finds nothing more to do there."""
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    bench.world.devices[host].faults.add({"kind": "drop_session", "matching": PUSHING[kind], "when": "after"})
    original = bench.session

    def away(device: str, book: Any = None) -> Any:
        if device == host and any(channel.host == host for channel in bench.channels):
            raise transaction.ChannelError(f"{host} is away")
        return original(device, book)

    journal = Journal(tmp_path / "journal")
    bench.session = away  # type: ignore[method-assign]
    (outcome,) = bench.run(job(kind), journal=journal)
    journal.close()
    assert outcome.verdict == "stuck"
    assert f"{host} could not be put back: {host} is away" in outcome.reason
    assert outcome.changed
    others = [name for name in outcome.hosts if name != host]
    assert all(bench.running(name) == before[name] for name in others)

    bench.session = original  # type: ignore[method-assign]
    bench.world.devices[host].faults.clear()
    (path,) = journals.unfinished(tmp_path / "journal")
    journal = Journal(tmp_path / "journal", run=path.stem)
    (recovered,) = bench.guard().recover(journals.read(path), journal)
    journal.close()
    assert recovered.verdict == "reverted"
    assert journals.unfinished(tmp_path / "journal") == []
    settled(bench, before, recovered, host)
