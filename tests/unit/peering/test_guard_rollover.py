# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that peerings retire: gone on both ends, or on none, with everything that the device had put back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cisco_lab import lab
from guard_bench import LISP, DyingJournal, GuardBench, Killed, job, merged_lab
from harness import ROOT

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import journal as journals
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.guard import Job
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import judge

KIND = LISP["kind"]
NEXT_KEY = "Guard-Bench-Next-42"
OLD = {**LISP["keys"][0], "send_lifetime": {"start": "2026-01-01", "end": "2031-12-01"}}
NEW = {**OLD, "id": 42, "key_string": NEXT_KEY, "send_lifetime": {"start": "2026-02-01", "infinite": True}}
LATER = {**NEW, "send_lifetime": {"start": "2031-08-01", "infinite": True}}
ENDS = ("ms1", "etr1")
GONE = ["key chain KC-LISP tcp", " no key 41", " exit"]
MASTER = "key config-key password-encrypt Master-Key-1"


def adding(*keys: dict[str, Any]) -> Job:
    """Both keys."""
    return job(KIND, keys=list(keys))


def retiring(key: dict[str, Any] | None = None, *numbers: int) -> Job:
    """Key 42 alone."""
    return job(KIND, keys=[key or NEW], retired_keys=list(numbers or (41,)))


@pytest.fixture(scope="module")
def rolled_over(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, str]:
    """Lab files whose ends have both keys and use the new one; by whether they can revert by themselves."""
    found = {}
    for archive in (True, False):
        text = merged_lab(lab(archive=archive))
        bench = GuardBench(tmp_path_factory.mktemp("rolled"), lab=text)
        assert bench.one(adding(OLD, NEW)).verdict == "converged"
        data = yaml.safe_load(text)
        for name, device in data["devices"].items():
            device["config"] = bench.running(name)
        found[archive] = yaml.safe_dump(data, sort_keys=False)
    return found


@pytest.fixture
def bench(tmp_path: Path, rolled_over: dict[bool, str]) -> GuardBench:
    return GuardBench(tmp_path, lab=rolled_over[True])


def keys_at(bench: GuardBench, host: str) -> list[str]:
    return re.findall(r"^ key (4\d)$", bench.running(host), re.MULTILINE)


def test_a_retired_key_goes_on_both_ends_and_stays_away(bench: GuardBench) -> None:
    before = bench.all_running()
    planned = bench.one(retiring(), check_mode=True)
    assert (planned.verdict, planned.changed) == ("planned", True)
    assert bench.all_running() == before
    done = bench.one(retiring())
    assert (done.verdict, done.reason, done.unmet) == ("converged", "", [])
    for host in ENDS:
        assert planned.hosts[host]["commands"] == done.hosts[host]["commands"] == GONE
        assert planned.hosts[host]["diff"] == done.hosts[host]["diff"]
        assert "key 41" in done.hosts[host]["diff"]["before"]
        assert "key 41" not in done.hosts[host]["diff"]["after"]
        assert done.hosts[host]["saved"]
        assert keys_at(bench, host) == ["42"]
        assert "key 41" not in bench.world.devices[host].startup
    after = bench.all_running()
    again = bench.one(retiring())
    assert (again.verdict, again.changed) == ("unchanged", False)
    assert bench.one(retiring(NEW, 41, 7), check_mode=True).verdict == "unchanged"
    assert bench.all_running() == after


def test_keys_are_added_and_retired_in_one_plan(tmp_path: Path) -> None:
    """Where no session uses the chain yet, nothing needs the old key."""
    bench = GuardBench(tmp_path, KIND)
    only_chain = {
        host: {"cisco_tcp_key_chain": configs["cisco_tcp_key_chain"]} for host, configs in adding(OLD).configs.items()
    }
    assert bench.one(Job("chains", only_chain, [list(ENDS)])).verdict in ("converged", "no_traffic")
    done = bench.one(retiring())
    assert done.verdict == "converged", done.reason
    assert [keys_at(bench, host) for host in ENDS] == [["42"], ["42"]]


@pytest.mark.parametrize("key", [LATER, NEW])
def test_a_key_in_use_is_retired_nowhere(tmp_path: Path, key: dict[str, Any]) -> None:
    """Neither before the new key begins, nor where the ends do not have it yet."""
    bench = GuardBench(tmp_path, KIND)
    bench.one(adding(OLD))
    before = bench.all_running()
    outcome = bench.one(retiring(key))
    assert (outcome.verdict, outcome.changed) == ("failed", False)
    assert all(f"{host}: chain KC-LISP, key 41 is in use" in outcome.reason for host in ENDS)
    assert bench.all_running() == before
    assert not [line for line in bench.sent if line.startswith("conf")]


def test_one_end_that_uses_the_key_stops_all(bench: GuardBench) -> None:
    """The ETR has lost the new key; the map server would let the old one go."""
    bench.session("etr1").push(Plan(("key chain KC-LISP tcp", " no key 42")), None, PushReport())
    bench.pass_time(60)
    before = bench.all_running()
    outcome = bench.one(retiring())
    assert outcome.verdict == "failed"
    assert "etr1: chain KC-LISP, key 41 is" in outcome.reason
    assert bench.all_running() == before


def test_a_preferred_key_is_kept_also_when_no_session_is_up(bench: GuardBench) -> None:
    for host in ENDS:
        bench.session(host).push(Plan(("key chain KC-LISP tcp", " no key 42")), None, PushReport())
    bench.world.devices["etr1"].reboot(3600)
    bench.pass_time(600)
    result = bench.task(
        "ms1", "cisco_tcp_key_chain", state="deleted", config=[{"name": "KC-LISP", "keys": [{"id": 41}]}]
    )
    assert result["failed"]
    assert "key 41 is" in result["msg"]
    assert keys_at(bench, "ms1") == ["41"]


def test_verify_tells_a_key_that_should_be_gone(bench: GuardBench) -> None:
    (drifted,) = bench.guard().verify([retiring()])
    assert drifted.reason == "an end is not configured as intended"
    assert {entry["host"]: entry["expected"] for entry in drifted.unmet} == {
        host: "; ".join(line.strip() for line in GONE) for host in ENDS
    }
    bench.one(retiring())
    (fine,) = bench.guard().verify([retiring()])
    assert fine.verdict == "converged"


@pytest.mark.parametrize("archive", [True, False])
@pytest.mark.parametrize("refused", ["no key 41", "^write"])
@pytest.mark.parametrize("host", ENDS)
def test_an_end_that_fails_keeps_the_key_on_both(
    tmp_path: Path, rolled_over: dict[bool, str], host: str, refused: str, *, archive: bool
) -> None:
    bench = GuardBench(tmp_path, lab=rolled_over[archive])
    before = bench.all_running()
    bench.refusing[host] = refused
    outcome = bench.one(retiring())
    assert (outcome.verdict, outcome.changed) == ("reverted", False)
    assert bench.all_running() == before
    bench.pass_time(7200)
    assert bench.all_running() == before
    bench.refusing.clear()
    assert bench.one(retiring()).verdict == "converged"


@pytest.mark.parametrize(("host", "when"), [("ms1", "after"), ("etr1", "before")])
def test_a_session_cut_at_any_command_keeps_the_key_on_both(
    tmp_path: Path, rolled_over: dict[bool, str], host: str, when: str
) -> None:
    probe = GuardBench(tmp_path, lab=rolled_over[False])
    probe.one(retiring())
    reached = set()
    for number in range(1, len(probe.sent_to(host)) + 1):
        bench = GuardBench(tmp_path, lab=rolled_over[False])
        before = bench.all_running()
        bench.world.devices[host].faults.add({"kind": "drop_session", "at_command": number, "when": when, "times": 1})
        outcome = bench.one(retiring())
        reached.add(outcome.verdict)
        if not outcome.good:
            assert bench.all_running() == before, (number, outcome)
    assert reached >= {"failed", "reverted"}


@pytest.mark.parametrize(("host", "archive"), [("ms1", False), ("etr1", True)])
def test_a_controller_killed_at_any_command_of_the_removal(
    tmp_path: Path, rolled_over: dict[bool, str], host: str, *, archive: bool
) -> None:
    """From its journal both ends get the key back, byte for byte, or have lost it for good."""
    probe = GuardBench(tmp_path, lab=rolled_over[archive])
    probe.one(retiring())
    reached = set()
    for number in range(1, len(probe.sent_to(host)) + 1):
        bench = GuardBench(tmp_path, lab=rolled_over[archive])
        before = bench.all_running()
        outcome = killed(bench, tmp_path / f"journal{number}", (host, number))
        reached.add(outcome)
        assert outcome != "stuck", number
        if outcome == "converged":
            assert [keys_at(bench, end) for end in ENDS] == [["42"], ["42"]]
        else:
            assert bench.all_running() == before, number
        bench.pass_time(7200)
        assert bench.one(retiring()).good
    assert reached == {None, "reverted", "converged"}


def killed(bench: GuardBench, folder: Path, at: tuple[str, int]) -> str | None:
    """What recovery makes of a removal that was killed at a command; None where there was nothing to recover."""
    bench.dies_at = at
    dying = DyingJournal(folder)
    dying.bench = bench
    with pytest.raises(Killed):
        bench.run(retiring(), journal=dying)
    bench.bury(dying)
    verdict = None
    for path in journals.unfinished(folder):
        assert NEXT_KEY not in path.read_text()
        journal = Journal(folder, run=path.stem)
        (outcome,) = bench.guard().recover(journals.read(path), journal)
        journal.close()
        verdict = outcome.verdict
    return verdict


# -- keys that only the device can read -------------------------------------------------------------------------------


def encrypt(bench: GuardBench) -> GuardBench:
    """Both ends show their keys as type 6."""
    for host in ENDS:
        bench.session(host).push(Plan((MASTER, "password encryption aes")), None, PushReport())
        assert re.findall(r"key-string (\d) \S+", bench.running(host))[-2:] == ["6", "6"]
    bench._asked.clear()  # commands are counted from here
    return bench


@pytest.fixture
def encrypted(tmp_path: Path, rolled_over: dict[bool, str]) -> GuardBench:
    return encrypt(GuardBench(tmp_path, lab=rolled_over[False]))


def test_an_encrypted_key_comes_back_as_it_was(encrypted: GuardBench) -> None:
    before = encrypted.all_running()
    encrypted.refusing["etr1"] = "^write"
    outcome = encrypted.one(retiring())
    assert outcome.verdict == "reverted"
    assert encrypted.all_running() == before
    for host in ENDS:
        (warning,) = [text for text in outcome.hosts[host]["warnings"] if "cisco_tcp_key_chain/encrypted" in text]
        assert "only this device can read it, with the master key that it has now" in warning
    encrypted.refusing.clear()
    assert encrypted.one(retiring()).verdict == "converged"


def test_an_encrypted_key_comes_back_from_the_journal(
    encrypted: GuardBench, tmp_path: Path, rolled_over: dict[bool, str]
) -> None:
    encrypted.one(retiring())
    gone = [line.strip() for line in encrypted.sent_to("etr1")].index("no key 41") + 1
    (tmp_path / "again").mkdir()
    bench = encrypt(GuardBench(tmp_path / "again", lab=rolled_over[False]))
    before = bench.all_running()
    assert killed(bench, tmp_path / "journal", ("etr1", gone + 3)) == "reverted"
    assert bench.all_running() == before


# -- the page ---------------------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "rollover.md").read_text("utf-8")
PLAYBOOK = (ROOT / "playbooks" / "tcp_ao_rollover.yml").read_text("utf-8")


def test_the_intent_on_the_page_is_sound_before_and_after() -> None:
    shown = re.search(r"^peerings:\n(?: .*\n)+", PAGE, re.MULTILINE)
    assert shown
    (peering,) = yaml.safe_load(re.sub(r"\{\{ (\w+) \}\}", r"\1", shown[0]))["peerings"]
    assert judge(load_intent([peering]), now=datetime(2026, 8, 20, tzinfo=UTC), horizon=365).findings == ()
    over = {**peering, "keys": peering["keys"][1:], "retired_keys": [41]}
    assert judge(load_intent([over]), now=datetime(2026, 9, 2, tzinfo=UTC)).findings == ()


def test_the_variables_on_the_page_are_those_of_the_playbook() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert documented == set(re.findall(r"\b(?:tcp_ao_rollover|peerguard)_(?!observed)\w+", PLAYBOOK)) | {"peerings"}


def test_every_rule_about_retired_keys_is_on_the_page() -> None:
    named = set(re.findall(r"lisp/R\d+a?", PAGE))
    assert named <= {rule.id for rule in registry.rules()}
    assert named >= {rule.id for rule in registry.rules() if rule.id.startswith("lisp/R3") and rule.id != "lisp/R3"}
