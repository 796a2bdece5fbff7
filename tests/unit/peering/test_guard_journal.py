# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a run: what a dead controller leaves is read rightly, or refused clearly, and never settled twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from guard_bench import KEY, OTHER, SITE_KEY, DyingJournal, GuardBench, Killed, intent, job, jobs, with_end

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import journal as journals
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import transaction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal, JournalError

MODELS = {"pe1": {"feature": ({"a": 1}, {"a": 2})}}


def interrupted(bench: GuardBench, folder: Path, kinds: Iterable[str], at: tuple[str, str]) -> Path:
    """The journal of a run that was killed after a step of one peering; peerings one after the other."""
    journal = DyingJournal(folder)
    journal.bench = bench
    original = transaction.Transaction._each

    def die(self: Any, step: str, hosts: Any, work: Callable[..., Any], **more: Any) -> Any:
        found = original(self, step, hosts, work, **more)
        if (self.name, step) == at:
            bench.dead = True
            raise Killed
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction.Transaction, "_each", die)
        with pytest.raises(Killed):
            bench.run(*jobs(intent(*kinds)), journal=journal, batch=1)
    bench.bury(journal)
    return journal.path


def recover(bench: GuardBench, path: Path) -> list[transaction.Outcome]:
    journal = Journal(path.parent, run=path.stem)
    try:
        return bench.guard().recover(journals.read(path), journal)
    finally:
        journal.close()


def test_of_two_peerings_only_the_open_one_is_settled(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    before = bench.all_running()
    kinds = ("rsvp_handshake", "isakmp_retry")
    path = interrupted(bench, tmp_path / "journal", kinds, ("hq-branch12", "verifying"))
    entries = {entry.peering: entry for entry in journals.read(path)}
    assert entries["core-link"].finished
    assert entries["hq-branch12"].touched == ["b12", "hq"]
    done = bench.all_running()
    outcomes = recover(bench, path)
    assert [(outcome.peering, outcome.verdict) for outcome in outcomes] == [("hq-branch12", "reverted")]
    after = bench.all_running()
    assert (after["pe1"], after["pe2"]) == (done["pe1"], done["pe2"]) != (before["pe1"], before["pe2"])
    assert (after["b12"], after["hq"]) == (before["b12"], before["hq"])
    assert not path.exists()


def test_two_open_peerings_each_go_their_way(tmp_path: Path) -> None:
    """One was confirmed and is kept; the other one was not and goes back."""
    bench = GuardBench(tmp_path)
    before = bench.all_running()
    path = interrupted(bench, tmp_path / "journal", ("lisp_tcp_ao",), ("campus", "saving"))
    second = interrupted(bench, tmp_path / "journal", ("ike_keepalive",), ("hq-branch", "pushing"))
    assert sorted(journals.unfinished(tmp_path / "journal")) == sorted([path, second])
    assert [outcome.verdict for outcome in (*recover(bench, path), *recover(bench, second))] == [
        "converged",
        "reverted",
    ]
    after = bench.all_running()
    assert all(after[host] != before[host] for host in ("ms1", "etr1"))
    assert all(after[host] == before[host] for host in ("a", "b"))
    assert bench.one(job("lisp_tcp_ao")).verdict == "unchanged"


@pytest.mark.parametrize("step", ["pushing", "saving"])
def test_recovering_twice_is_harmless(tmp_path: Path, step: str) -> None:
    bench = GuardBench(tmp_path, "lisp_tcp_ao")
    path = interrupted(bench, tmp_path / "journal", ("lisp_tcp_ao",), ("campus", step))
    kept = path.read_bytes()
    (first,) = recover(bench, path)
    after = bench.all_running()
    assert not path.exists()
    path.write_bytes(kept)  # as if the second one had read it before the first one was done
    (second,) = recover(bench, path)
    assert second.verdict == first.verdict
    assert bench.all_running() == after


def test_what_was_on_its_way_back_goes_back(tmp_path: Path) -> None:
    """One end was saved, the other one could not be: both go back, also when the controller dies over it."""
    bench = GuardBench(tmp_path, "rsvp_handshake")
    before = bench.all_running()
    bench.refusing["pe2"] = "^save"
    journal = DyingJournal(tmp_path / "journal")
    journal.bench = bench

    write = journal._write

    def written(**record: Any) -> None:
        write(**record)
        bench.dead = record["step"] == "reverting"

    journal._write = written  # type: ignore[method-assign]
    with pytest.raises(Killed):
        bench.run(job("rsvp_handshake"), journal=journal)
    bench.bury(journal)
    bench.refusing.clear()
    (entry,) = journals.read(journal.path)
    assert (entry.step, entry.saved) == ("reverting", ["pe1"])
    (outcome,) = recover(bench, journal.path)
    assert outcome.verdict == "reverted"
    for host in ("pe1", "pe2"):
        bench.world.devices[host].reboot(0)
    bench.pass_time(600)
    assert bench.all_running() == before


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_half_a_last_line_announces_nothing(tmp_path: Path, cut: int) -> None:
    """The controller died while it wrote: what the line announces was not begun. The journal can be gone on with."""
    bench = GuardBench(tmp_path, "rsvp_handshake")
    before = bench.all_running()
    path = interrupted(bench, tmp_path / "journal", ("rsvp_handshake",), ("core-link", "confirming"))
    text = path.read_text()
    path.write_text(text[:-cut])
    (entry,) = journals.read(path)
    assert entry.step in ("verified", "confirming")
    (outcome,) = recover(bench, path)
    assert outcome.verdict == "reverted"
    assert not path.exists()
    assert bench.all_running() == before


def test_damage_in_the_middle_is_no_matter_of_guessing(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path, "rsvp_handshake")
    path = interrupted(bench, tmp_path / "journal", ("rsvp_handshake",), ("core-link", "pushing"))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1][:-5], *lines[1:]]) + "\n")
    with pytest.raises(JournalError, match=r"\.jsonl is damaged in line 2"):
        journals.read(path)


def test_a_journal_of_another_key_is_refused(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path, "rsvp_handshake")
    path = interrupted(bench, tmp_path / "journal", ("rsvp_handshake",), ("core-link", "pushing"))
    elsewhere = tmp_path / "elsewhere"
    Journal(elsewhere).close()
    (elsewhere / path.name).write_bytes(path.read_bytes())
    with pytest.raises(JournalError, match=r"was written with another key than .*elsewhere/key"):
        journals.read(elsewhere / path.name)
    with pytest.raises(JournalError, match="another key"):
        journals.unfinished(elsewhere)


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff\xfe"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(JournalError, match=r"the key of the journals, .*/key, cannot be used"):
        Journal(tmp_path)


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(JournalError, match=r"the key of the journals, .*/key, cannot be used"):
        Journal(tmp_path)


def test_a_folder_that_cannot_be_written_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path / "file")


def test_nothing_secret_and_nobody_else(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    path = interrupted(bench, tmp_path / "journal", ("lisp_tcp_ao",), ("campus", "pushing"))
    for file in (path, path.parent / "key"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert KEY not in path.read_text()
    assert SITE_KEY not in path.read_text()
    (entry,) = journals.read(path)
    ((_before, target),) = [entry.models["ms1"]["cisco_tcp_key_chain"]]
    chain = next(chain for chain in target if chain["name"] == "KC-LISP")
    assert chain["keys"][0]["key_string"].reveal() == KEY


def test_a_run_that_still_goes_on_is_not_recovered(tmp_path: Path) -> None:
    running = Journal(tmp_path)
    running.begin("core-link", [["pe1"]], MODELS)
    assert journals.unfinished(tmp_path) == []
    with pytest.raises(JournalError, match="belongs to a run that still goes on"):
        Journal(tmp_path, run=running.path.stem)
    os.close(running._file)
    assert journals.unfinished(tmp_path) == [running.path]


def test_hosts_of_an_interrupted_run_are_not_changed_again_before_it_is_recovered(tmp_path: Path) -> None:
    """Recovered later, the first run would take the second one's change back."""
    bench = GuardBench(tmp_path)
    path = interrupted(bench, tmp_path / "journal", ("rsvp_handshake",), ("core-link", "verifying"))
    journal = Journal(tmp_path / "journal")
    words = "pe1, pe2: peering core-link of another run was interrupted; recover it first"
    with pytest.raises(JournalError, match=words):
        bench.run(job("rsvp_handshake"), journal=journal)
    assert bench.sent == []
    (outcome,) = bench.run(job("ike_keepalive"), journal=journal)
    assert outcome.verdict == "converged"
    recover(bench, path)
    (outcome,) = bench.run(job("rsvp_handshake"), journal=journal)
    assert outcome.verdict == "converged"
    journal.close()
    assert list((tmp_path / "journal").glob("*.jsonl")) == []


def test_a_finished_run_leaves_nothing(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    broken = with_end(job("rsvp_handshake"), "pe2", job("rsvp_handshake", key=OTHER))
    journal = Journal(tmp_path / "journal")
    bench.run(broken, *jobs(intent("ike_keepalive")), journal=journal)
    steps = [json.loads(line)["step"] for line in journal.path.read_text().splitlines() if "core-link" in line]
    assert steps == ["begun", "pushing", "reverting", "reverted"]
    journal.close()
    assert list((tmp_path / "journal").glob("*.jsonl")) == []
