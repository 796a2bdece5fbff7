# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""Proof and failure: verification, what is taken back, and every place where a session can break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huawei_labs import AUTH, KEY, OTHER_KEY, PORT, SPARE, V600, VRP5, VRP8, pair, shake
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport

NAME = "huawei_rsvp_auth"
FAMILIES = (VRP8, VRP5, V600)
VIEW = {"authentication": {"mode": "cipher", "key": KEY}, "handshake": True}
VERIFY = {"timeout": 60, "interval": 5}


def bench(tmp_path: Path, version: str = VRP8, **more: Any) -> Bench:
    device = {"os_version": version, **more.pop("device", {})}
    return Bench(tmp_path, pair(device=device, **more))


def ok(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    assert not result.get("unreachable"), result["msg"]
    return result


def settled(lab: Bench, device: str = "pe1") -> None:
    """Nothing of ours is left open: no candidate, no trial, no session."""
    found: Any = lab.world.devices[device]
    assert found.sessions == []
    assert found.commits.trial is None
    assert found.commits.lock is None


# -- proof -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", FAMILIES)
def test_both_ends_converge(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    ok(lab.task("pe2", NAME, config=shake(window_size=32)))
    result = ok(lab.task("pe1", NAME, config=shake(window_size=32), verify={**VERIFY, "stable_for": 15}))
    assert (result["converged"], result["convergence"], result["unmet"]) == (True, "converged", [])
    assert result["observed"]["statistics"]["receive_response"] >= 1
    settled(lab)
    lab.pass_time(10_000)  # no trial is left that would take it back
    again = ok(lab.task("pe2", NAME, config=shake(window_size=32), verify=VERIFY))
    assert (again["changed"], again["converged"]) == (False, True)
    assert KEY not in json.dumps(result)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (None, "no authenticated message received"),
        (shake(OTHER_KEY), "no authenticated message received"),
        ({"interfaces": [{"name": PORT, "authentication": VIEW["authentication"]}]}, "a completed challenge and response"),
    ],
    ids=["other end not configured", "another key", "one-sided handshake"],
)  # fmt: skip
@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_what_does_not_converge_is_taken_back_and_proved(
    tmp_path: Path, version: str, other: dict[str, Any] | None, words: str
) -> None:
    lab = bench(tmp_path, version)
    if other:
        ok(lab.task("pe2", NAME, config=other))
    before, saved = lab.running("pe1"), lab.world.devices["pe1"].startup
    result = lab.task("pe1", NAME, config=shake(), verify=VERIFY)
    assert (result["failed"], result["changed"], result["reverted"], result["saved"]) == (True, False, True, False)
    assert "not converged within 60 s: interface GigabitEthernet0/3/7" in result["msg"]
    assert result["msg"].endswith("the device is as it was before (read again)")
    assert words in result["msg"]
    assert {"item", "expected", "seen", "kind"} == set(result["unmet"][0])
    assert result["unmet"][0]["item"].startswith("interface GigabitEthernet0/3/7")
    assert lab.running("pe1") == before
    assert lab.world.devices["pe1"].startup == saved
    assert ("abort trial" in lab.sent) is (version == VRP8)
    assert (f"undo {AUTH}" in lab.sent) is (version == VRP5)
    settled(lab)


@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_a_key_that_was_there_comes_back_with_the_rest(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    for device in ("pe1", "pe2"):
        ok(lab.task(device, NAME, config=shake(window_size=8), verify=VERIFY if device == "pe2" else None))
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake(OTHER_KEY, window_size=16), update_secrets="always", verify=VERIFY)
    assert (result["failed"], result["reverted"]) == (True, True), result["msg"]
    assert lab.running("pe1") == before
    lab.pass_time(60)
    assert ok(lab.task("pe1", NAME, config=shake(window_size=8), verify=VERIFY))["converged"]


def test_no_traffic_is_neither_success_nor_failure(tmp_path: Path) -> None:
    lab = bench(tmp_path, tunnel=False)
    result = ok(lab.task("pe1", NAME, config=shake(), verify={"timeout": 20, "interval": 5}))
    assert (result["changed"], result["converged"], result["convergence"]) == (True, False, "no_traffic")
    assert [entry["kind"] for entry in result["unmet"]] == ["no_traffic"]
    assert any("there was no traffic yet that could prove it" in warning for warning in result["warnings"])
    settled(lab)
    lab.pass_time(1000)
    assert f"{AUTH} handshake" in lab.running("pe1")  # confirmed, not left to the trial timer


def test_verification_without_a_change_can_fail_too(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    ok(lab.task("pe1", NAME, config=shake()))
    lab.pass_time(600)
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake(), verify={"timeout": 10, "interval": 5})
    assert (result["failed"], result["changed"], result["convergence"]) == (True, False, "unmet")
    assert "reverted" not in result
    assert lab.running("pe1") == before


def test_a_session_whose_counters_were_reset_is_still_proved(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    for device in ("pe2", "pe1"):
        ok(lab.task(device, NAME, config=shake()))
    lab.pass_time(60)
    lab.session("pe1").run(["reset mpls rsvp-te statistics global"])
    result = ok(lab.task("pe1", NAME, config=shake(), verify=VERIFY))
    assert (result["converged"], result["changed"]) == (True, False)


@pytest.mark.parametrize("version", FAMILIES)
def test_peers_by_lsr_id_converge(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    ok(lab.task("pe2", NAME, config={"peers": [{"address": "10.255.7.1", **VIEW}]}))
    result = ok(lab.task("pe1", NAME, config={"peers": [{"address": "10.255.7.2", **VIEW}]}, verify=VERIFY))
    assert result["converged"], result["unmet"]


def test_peers_by_lsr_id_that_disagree_are_taken_back(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config={"peers": [{"address": "10.255.7.2", **VIEW}]}, verify=VERIFY)
    assert (result["failed"], result["reverted"]) == (True, True)
    assert lab.running("pe1") == before


def test_verifying_longer_than_the_default_trial_time(tmp_path: Path) -> None:
    """The armed change outlives the verification, else the device would take back what is then called good."""
    lab = bench(tmp_path)
    ok(lab.task("pe2", NAME, config=shake()))
    result = ok(lab.task("pe1", NAME, config=shake(), verify={"timeout": 30, "interval": 10, "stable_for": 400}))
    assert result["converged"]
    lab.pass_time(10_000)
    assert f"{AUTH} handshake" in lab.running("pe1")


def test_a_trial_that_ended_too_early_is_noticed(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    ok(lab.task("pe2", NAME, config=shake()))
    before = lab.running("pe1")
    device: Any = lab.world.devices["pe1"]
    pass_time = lab.pass_time

    def pass_time_and_revert(seconds: float) -> None:
        pass_time(seconds)
        device.commits.revert_trial()

    lab.pass_time = pass_time_and_revert  # type: ignore[method-assign]
    result = lab.task("pe1", NAME, config=shake(), verify={"timeout": 30, "interval": 5, "stable_for": 5})
    assert result["failed"]
    assert (result["reverted"], result["changed"], result["saved"]) == (True, False, False)
    assert lab.running("pe1") == before


# -- refusals --------------------------------------------------------------------------------------


def test_a_failed_commit_names_the_line_and_leaves_nothing(tmp_path: Path) -> None:
    lab = bench(
        tmp_path, device={"faults": [{"kind": "fail_commit", "text": "Error: The key is too weak.", "times": 1}]}
    )
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake())
    assert (result["failed"], result["changed"], result["reverted"]) == (True, False, True)
    assert f"the device refused 'commit': at '{AUTH} handshake': The key is too weak." in result["msg"]
    assert [line.strip() for line in result["progress"]["sent"]] == [f"interface {PORT}", f"{AUTH} cipher ********", f"{AUTH} handshake", "quit"]  # fmt: skip
    assert result["progress"]["not_sent"] == []
    assert lab.running("pe1") == before
    settled(lab)
    assert ok(lab.task("pe1", NAME, config=shake()))["changed"]


def test_a_failed_commit_that_echoes_the_key_does_not_show_it(tmp_path: Path) -> None:
    lab = bench(tmp_path, device={"faults": [{"kind": "fail_commit", "text": f"Error: {KEY} is a bad key"}]})
    result = lab.task("pe1", NAME, config={"interfaces": [{"name": PORT, "authentication": VIEW["authentication"]}]})
    assert "at 'mpls rsvp-te authentication cipher ********': ******** is a bad key" in result["msg"]
    assert KEY not in json.dumps(result)


@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_a_locked_configuration_is_told(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version, device={"faults": [{"kind": "lock_candidate", "holder": 407}]})
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake())
    assert (result["failed"], result["changed"], result["reverted"]) == (True, False, True)
    assert "The configuration is locked by other user. [Session ID = 407]" in result["msg"]
    assert lab.running("pe1") == before
    settled(lab)


def test_a_lock_that_another_session_holds(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    other = lab.session("pe1")
    other.run(["configuration exclusive"])
    result = lab.task("pe1", NAME, config=shake())
    assert "locked by somebody else, nothing was changed" in result["msg"]
    other.close()
    assert ok(lab.task("pe1", NAME, config=shake()))["changed"]


def test_what_somebody_else_is_typing_is_never_committed_along(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    other: Any = lab.session("pe1")
    other.prepare()
    for line in ("system-view", f"interface {SPARE}", "description half a thought"):
        other.exchange(line)
    ok(lab.task("pe1", NAME, config=shake()))
    assert "half a thought" not in lab.running("pe1")
    other.exchange("commit")
    assert "half a thought" in lab.running("pe1")


def test_a_conflict_with_somebody_elses_commit(tmp_path: Path) -> None:
    """Between our reading and our commit, the interface loses RSVP-TE."""
    lab = bench(tmp_path)
    other: Any = lab.session("pe1")
    other.prepare()
    original = lab.session

    def session(device: str, book: Any = None) -> Any:
        ours: Any = original(device, book)
        send = ours.send_lines

        def send_lines(lines: Any, report: Any, **more: Any) -> None:
            send(lines, report, **more)
            for line in ("system-view", f"interface {PORT}", "undo mpls rsvp-te", "commit", "return"):
                other.exchange(line)

        ours.send_lines = send_lines
        return ours

    lab.session = session  # type: ignore[method-assign]
    result = lab.task("pe1", NAME, config=shake())
    assert result["failed"]
    assert "the device refused 'commit': at '" in result["msg"]
    assert AUTH not in lab.running("pe1")


def test_a_change_on_trial_is_not_confirmed_along(tmp_path: Path) -> None:
    """A plain commit in the window would confirm it, and what was read may go away."""
    lab = bench(tmp_path)
    lab.session("pe1").push(Plan((f"interface {SPARE}", "  description on trial", "  quit")), 300, PushReport())
    for config in (shake(), {"timers": {"refresh": 10}}):  # with and without something to change
        result = lab.task("pe1", NAME, config=config)
        assert (result["failed"], result["changed"]) == (True, False)
        assert "still waits for its confirmation" in result["msg"]
    assert ok(lab.task("pe1", NAME, config=shake(), check=True))["changed"]
    lab.pass_time(301)
    assert "on trial" not in lab.running("pe1")
    assert ok(lab.task("pe1", NAME, config=shake()))["changed"]


# -- broken sessions -------------------------------------------------------------------------------


def lines_typed(tmp_path: Path, version: str, verify: dict[str, Any] | None) -> int:
    """How many lines the task types when nothing goes wrong."""
    (tmp_path / "count").mkdir(exist_ok=True)
    lab = bench(tmp_path / "count", version)
    ok(lab.task("pe2", NAME, config=shake()))
    ok(lab.task("pe1", NAME, config=shake(), verify=verify))
    return len(lab.sent)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verify", [None, {"timeout": 60, "interval": 5}], ids=["plain", "armed"])
@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_cut_at_every_single_command(tmp_path: Path, version: str, verify: dict[str, Any] | None, when: str) -> None:
    cases = lines_typed(tmp_path, version, verify)
    assert cases >= 12
    for number in range(1, cases + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        lab = bench(folder, version)
        ok(lab.task("pe2", NAME, config=shake()))
        before = lab.running("pe1")
        fault = {"kind": "drop_session", "at_command": number, "when": when, "times": 1}
        lab.world.devices["pe1"].faults.add(fault)
        result = lab.task("pe1", NAME, config=shake(), verify=verify)
        where = f"{when} command {number}: {lab.channels[0].sent[-1]}: {result.get('msg')}"
        if not result.get("failed") and not result.get("unreachable"):
            continue  # cut when there was nothing more to do
        settled(lab)
        assert KEY not in json.dumps(result), where
        if result.get("unreachable"):
            in_place = f"{AUTH} handshake" in lab.running("pe1")
            if "not saved" in result["msg"]:
                assert in_place, where
                assert "Run again with save_when: always" in result["msg"]
            else:
                assert lab.running("pe1") == before, where
                assert not result["changed"], where
        else:
            assert result["reverted"], where
            assert not result["changed"], where
            assert lab.running("pe1") == before, where
            assert set(result["progress"]) == {"sent", "not_sent"}, where
            sent = [line.strip() for line in result["progress"]["sent"]]
            typed = [line.replace(KEY, "********") for line in lab.channels[0].sent]
            assert all(line in typed for line in sent), where
            assert len(sent) + len(result["progress"]["not_sent"]) in (0, 4), where
        # a rerun finishes the job
        again = ok(lab.task("pe1", NAME, config=shake(), verify=verify, save_when="always"))
        assert f"{AUTH} handshake" in lab.running("pe1"), where
        assert lab.world.devices["pe1"].startup == lab.running("pe1"), where
        assert again["saved"]
        settled(lab)


@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_a_device_that_does_not_come_back(tmp_path: Path, version: str) -> None:
    """Cut in the middle of the push, and no new session is possible: UNREACHABLE, with how far it came."""
    lab = bench(tmp_path, version)
    faults = lab.world.devices["pe1"].faults
    faults.add({"kind": "drop_session", "matching": "authentication handshake", "when": "after", "times": 1})
    original, opened = lab.session, []

    def session(device: str, book: Any = None) -> Any:
        if opened:
            raise SessionLost(f"{device} port 22 did not answer within 10 s")
        opened.append(device)
        return original(device, book)

    lab.session = session  # type: ignore[method-assign]
    result = lab.task("pe1", NAME, config=shake())
    assert (result["unreachable"], result["failed"], result["changed"]) == (True, False, True)
    assert "connecting again failed (pe1 port 22 did not answer within 10 s)" in result["msg"]
    assert "the change may be half done; the old state was NOT proved" in result["msg"]
    assert len(result["progress"]["sent"]) == (4 if version == VRP8 else 3)  # into a candidate, a section in one go
    lab.session = original  # type: ignore[method-assign]
    assert ok(lab.task("pe1", NAME, config=shake()))["changed"] is (version == VRP8)


def test_an_armed_change_whose_device_does_not_come_back_reverts_by_itself(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    before = lab.running("pe1")
    lab.world.devices["pe1"].faults.add(
        {"kind": "drop_session", "matching": "^commit trial", "when": "after", "times": 1}
    )
    original, opened = lab.session, []

    def session(device: str, book: Any = None) -> Any:
        if opened:
            raise SessionLost("no answer")
        opened.append(device)
        return original(device, book)

    lab.session = session  # type: ignore[method-assign]
    result = lab.task("pe1", NAME, config=shake(), verify=VERIFY)
    assert result["unreachable"]
    assert "the device reverts by itself when its timer runs out" in result["msg"]
    lab.session = original  # type: ignore[method-assign]
    assert f"{AUTH} handshake" in lab.running("pe1")
    # a run in the window must not take what is on trial for what is configured
    assert "still waits for its confirmation" in lab.task("pe1", NAME, config=shake())["msg"]
    lab.pass_time(121)
    assert lab.running("pe1") == before
    assert ok(lab.task("pe1", NAME, config=shake()))["changed"]


def test_a_save_that_fails_says_that_the_change_is_in_place(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    lab.world.devices["pe1"].faults.add({"kind": "drop_session", "matching": "^save", "when": "before", "times": 1})
    ok(lab.task("pe2", NAME, config=shake()))
    result = lab.task("pe1", NAME, config=shake(), verify=VERIFY)
    assert (result["unreachable"], result["changed"], result["saved"], result["converged"]) == (True, True, False, True)
    assert "in place, but not saved. Run again with save_when: always" in result["msg"]
    assert ok(lab.task("pe1", NAME, config=shake(), save_when="always"))["saved"]
    assert lab.world.devices["pe1"].startup == lab.running("pe1")


@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_a_task_that_is_interrupted_leaves_the_device_as_it_was(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    before = lab.running("pe1")

    def interrupt(_seconds: float) -> None:
        assert f"{AUTH} handshake" in lab.running("pe1")
        raise KeyboardInterrupt

    lab.pass_time = interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        lab.task("pe1", NAME, config=shake(), verify=VERIFY)
    assert lab.running("pe1") == before
    settled(lab)
