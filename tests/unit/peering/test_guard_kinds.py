# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound peering of each kind, over five vendors: planned, changed, proved, saved, and left alone the second time."""

from __future__ import annotations

from pathlib import Path

import pytest
from guard_bench import ALL, KEY, KINDS, SITE_KEY, GuardBench, intent, job, jobs

CONFIGURING = ("system-view", "configure terminal", "commit", "set isakmp", "write", "save")


@pytest.mark.parametrize("kind", KINDS)
def test_a_peering_converges_is_saved_and_stays(tmp_path: Path, kind: str) -> None:
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    planned = bench.one(job(kind), check_mode=True)
    assert planned.verdict == "planned"
    assert planned.changed
    assert bench.all_running() == before
    assert not [line for line in bench.sent if line.startswith(CONFIGURING)]

    done = bench.one(job(kind))
    assert (done.verdict, done.reason, done.unmet) == ("converged", "", [])
    assert done.changed
    for host, entry in done.hosts.items():
        assert entry["commands"] == planned.hosts[host]["commands"]
        assert entry["diff"] == planned.hosts[host]["diff"]
        assert entry["saved"]
        assert bench.running(host) != before[host]
    untouched = set(before) - set(done.hosts)
    assert all(bench.running(host) == before[host] for host in untouched)

    after = bench.all_running()
    again = bench.one(job(kind))
    assert (again.verdict, again.changed) == ("unchanged", False)
    assert bench.one(job(kind), check_mode=True).verdict == "unchanged"
    assert bench.all_running() == after
    assert not [line for line in bench.sent if line.startswith(CONFIGURING)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_survives_a_restart(tmp_path: Path, kind: str) -> None:
    """Both ends: the configuration that a device starts with is the one that converged."""
    bench = GuardBench(tmp_path, kind)
    bench.one(job(kind))
    for host in job(kind).configs:
        bench.world.devices[host].reboot(60)
    bench.pass_time(600)
    again = bench.one(job(kind))
    assert again.verdict in ("unchanged", "no_traffic"), again
    assert not again.changed


@pytest.mark.parametrize("kind", KINDS)
def test_without_save_nothing_is_saved(tmp_path: Path, kind: str) -> None:
    bench = GuardBench(tmp_path, kind)
    outcome = bench.one(job(kind), save=False)
    assert outcome.verdict == "converged"
    assert not [host for host, entry in outcome.hosts.items() if entry["saved"]]


def test_five_vendors_in_one_run(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    outcomes = bench.run(*jobs(intent()))
    assert {outcome.peering: outcome.verdict for outcome in outcomes} == {
        peering["name"]: "converged" for peering in ALL
    }
    shown = str([outcome.__dict__ for outcome in outcomes]) + str(bench.said)
    assert KEY not in shown
    assert SITE_KEY not in shown
    assert [outcome.verdict for outcome in bench.run(*jobs(intent()))] == ["unchanged"] * len(ALL)


@pytest.mark.parametrize("kind", KINDS)
def test_verify_finds_drift_and_changes_nothing(tmp_path: Path, kind: str) -> None:
    bench = GuardBench(tmp_path, kind)
    before = bench.all_running()
    (drifted,) = bench.guard().verify([job(kind)])
    assert drifted.verdict == "failed"
    assert drifted.reason == "an end is not configured as intended"
    assert {entry["host"] for entry in drifted.unmet} == set(job(kind).configs)
    assert bench.all_running() == before
    assert KEY not in str(drifted)
    bench.one(job(kind))
    after = bench.all_running()
    (fine,) = bench.guard().verify([job(kind)])
    assert (fine.verdict, fine.changed) == ("converged", False)
    assert bench.all_running() == after
