# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A transaction leaves both ends changed or both ends as they were, whatever fails and wherever."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Feature
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Planner
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.verify import Pace, Patience
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import journal as journals
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import transaction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.guard import Fleet, Guard, Job
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome, Terms

KEY = "Transaction-Key-73"
INTERFACE = "GigabitEthernet0/3/7"
LAB = """
name: pair
clock: manual
defaults: {platform: huawei_vrp, username: netops, password: lab-pass}
devices:
  pe1:
    hostname: PE1
    config: |
      #
      sysname PE1
      #
      mpls lsr-id 10.255.7.1
      #
      mpls
       mpls te
       mpls te cspf
       mpls rsvp-te
      #
      interface GigabitEthernet0/3/7
       undo shutdown
       description core link
       ip address 10.77.12.1 255.255.255.252
       mpls
       mpls te
       mpls rsvp-te
      #
      interface Tunnel1
       tunnel-protocol mpls te
       destination 10.255.7.2
      #
      return
  pe2:
    hostname: PE2
    config: |
      #
      sysname PE2
      #
      mpls lsr-id 10.255.7.2
      #
      mpls
       mpls te
       mpls te cspf
       mpls rsvp-te
      #
      interface GigabitEthernet0/3/7
       undo shutdown
       ip address 10.77.12.2 255.255.255.252
       mpls
       mpls te
       mpls rsvp-te
      #
      interface Tunnel1
       tunnel-protocol mpls te
       destination 10.255.7.1
      #
      return
links:
  - [pe1:GigabitEthernet0/3/7, pe2:GigabitEthernet0/3/7]
"""


def config(key: str = KEY) -> dict[str, Any]:
    entry = {"name": INTERFACE, "authentication": {"mode": "cipher", "key": key}, "handshake": True}
    return {"huawei_rsvp_auth": {"interfaces": [entry]}}


def job(**by_host: dict[str, Any]) -> Job:
    configs = {"pe1": config(), "pe2": config()} | by_host
    return Job("core-link", configs, [list(configs)], 90.0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path, LAB)
    found.pass_time(300)  # RSVP without authentication is up
    return found


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "RECONNECT", 0.2)


@pytest.fixture
def guard(bench: Bench) -> Callable[..., Guard]:
    def build(*, check_mode: bool = False, timeout: float = 200) -> Guard:
        terms = Terms(
            Patience(timeout, 5, 10), check_mode=check_mode, pace=Pace(bench.world.clock.now, bench.pass_time)
        )

        def reach(host: str) -> Callable[[SecretBook], Session]:
            return lambda book: bench.session(host, book)

        def feature_of(name: str) -> tuple[Feature, Planner]:
            return registry.feature(name), registry.platform("huawei_vrp").plan

        return Guard(reach, feature_of, Fleet(terms), lambda text: None)

    return build


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def both(bench: Bench) -> tuple[str, str]:
    return bench.running("pe1"), bench.running("pe2")


def one(outcomes: list[Outcome]) -> Outcome:
    assert len(outcomes) == 1
    return outcomes[0]


def test_both_ends_change_converge_and_are_saved(bench: Bench, guard: Callable[..., Guard], journal: Journal) -> None:
    before = both(bench)
    outcome = one(guard().run([job()], journal))
    journal.close()
    assert (outcome.verdict, outcome.changed, outcome.reason) == ("converged", True, "")
    for host, text in zip(("pe1", "pe2"), before, strict=True):
        assert "authentication handshake" in bench.running(host)
        assert bench.running(host) != text
        assert outcome.hosts[host]["saved"]
        assert "authentication handshake" in bench.world.devices[host].startup
    assert not journal.path.exists()
    assert KEY not in json.dumps(outcome.__dict__)


def test_a_second_run_changes_nothing_and_proves_again(
    bench: Bench, guard: Callable[..., Guard], tmp_path: Path
) -> None:
    guard().run([job()], Journal(tmp_path / "journal"))
    before = both(bench)
    outcome = one(guard().run([job()], Journal(tmp_path / "journal")))
    assert (outcome.verdict, outcome.changed) == ("unchanged", False)
    assert both(bench) == before


def test_check_mode_plans_both_ends_and_sends_nothing(bench: Bench, guard: Callable[..., Guard]) -> None:
    before = both(bench)
    outcome = one(guard(check_mode=True).run([job()], None))
    assert (outcome.verdict, outcome.changed) == ("planned", True)
    assert both(bench) == before
    assert not [line for channel in bench.channels for line in channel.sent if "system-view" in line]
    planned = outcome.hosts["pe2"]["commands"]
    assert one(guard().run([job()], None)).hosts["pe2"]["commands"] == planned


def test_different_keys_do_not_converge_and_both_ends_are_put_back(
    bench: Bench, guard: Callable[..., Guard], journal: Journal
) -> None:
    before = both(bench)
    outcome = one(guard(timeout=60).run([job(pe2=config("Another-Key-9"))], journal))
    journal.close()
    assert outcome.verdict == "reverted"
    assert "not converged within 60 s" in outcome.reason
    assert {entry["host"] for entry in outcome.unmet} <= {"pe1", "pe2"}
    assert outcome.unmet
    assert both(bench) == before
    assert [outcome.hosts[host]["reverted"] for host in ("pe1", "pe2")] == [True, True]
    assert not journal.path.exists()


def test_a_broken_rule_at_one_end_sends_nothing_to_either(bench: Bench, guard: Callable[..., Guard]) -> None:
    wrong = {"huawei_rsvp_auth": {"interfaces": [{"name": "GigabitEthernet0/9/9", "handshake": True}]}}
    before = both(bench)
    outcome = one(guard().run([job(pe2=wrong)], None))
    assert outcome.verdict == "failed"
    assert "pe2: interface GigabitEthernet0/9/9 does not exist" in outcome.reason
    assert both(bench) == before
    assert not [line for channel in bench.channels for line in channel.sent if "system-view" in line]


def test_a_failed_commit_at_one_end_puts_the_other_back(bench: Bench, guard: Callable[..., Guard]) -> None:
    before = both(bench)
    bench.world.devices["pe2"].faults.add({"kind": "fail_commit", "text": "Error: The commit failed.", "times": 1})
    outcome = one(guard().run([job()], None))
    assert outcome.verdict == "reverted"
    assert "pe2" in outcome.reason
    assert both(bench) == before


@pytest.mark.parametrize("end", ["pe1", "pe2"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 31))
def test_a_session_cut_at_any_command_leaves_no_peering_half_changed(
    bench: Bench, guard: Callable[..., Guard], end: str, when: str, at: int
) -> None:
    before = both(bench)
    bench.world.devices[end].faults.add({"kind": "drop_session", "at_command": at, "when": when, "times": 1})
    outcome = one(guard().run([job()], None))
    after = both(bench)
    changed = tuple("authentication handshake" in text for text in after)
    if outcome.good:
        assert changed == (True, True)
    else:
        assert outcome.verdict in ("failed", "reverted")
        assert after == before
        retry = one(guard().run([job()], None))
        assert retry.verdict == "converged"


def test_peerings_that_share_a_device_wait_for_each_other(bench: Bench, guard: Callable[..., Guard]) -> None:
    timers = {"huawei_rsvp_auth": {"timers": {"challenge_lost": 5}}}
    other = Job("timers", {"pe1": timers}, [["pe1"]])
    outcomes = guard().run([job(), other], None)
    assert [outcome.verdict for outcome in outcomes] == ["converged", "converged"]
    assert "challenge-lost 5" in bench.running("pe1")


class Died(BaseException):
    """The controller is gone: nothing runs any more, not even what takes changes back."""


@pytest.mark.parametrize("dies_at", ["pushing", "reading back", "verifying", "confirming", "saving"])
def test_what_a_dead_controller_left_is_settled_from_its_journal(
    bench: Bench, guard: Callable[..., Guard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    before = both(bench)
    original = transaction.Transaction._each

    def die(self: Any, step: str, hosts: Any, work: Any, **more: Any) -> Any:
        result = original(self, step, hosts, work, **more)
        if step == dies_at:
            raise Died
        return result

    monkeypatch.setattr(transaction.Transaction, "_each", die)
    monkeypatch.setattr(transaction.Transaction, "_stop", lambda *args: None)
    dead = Journal(tmp_path / "journal")
    with pytest.raises(Died):
        guard().run([job()], dead)
    os.close(dead._file)
    monkeypatch.undo()
    monkeypatch.setattr(transaction, "RECONNECT", 0.2)

    (path,) = journals.unfinished(tmp_path / "journal")
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY not in path.read_text(encoding="utf-8")
    journal = Journal(tmp_path / "journal", run=path.stem)
    outcome = one(guard().recover(journals.read(path), journal))
    journal.close()
    assert outcome.verdict == ("converged" if dies_at == "saving" else "reverted")
    if dies_at == "saving":
        assert all("authentication handshake" in text for text in both(bench))
    else:
        assert both(bench) == before
    assert journals.unfinished(tmp_path / "journal") == []
