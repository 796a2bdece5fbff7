# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault over every carrier: what a user's task says, that nothing is half done, and that a rerun finishes.

One playbook run per carrier meets all faults, each on a device of its own; the tests look at what came of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import PlaybookRun, run_playbook
from huawei_labs import AUTH, KEY, PORT, router, shake
from lab_fixtures import LabHandle

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.faults import KINDS
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

PASSWORD = "Lab-Login-Pass-1"

CARRIERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "mock": ({"connection": "mock"}, {}),
    "ssh": ({}, {"transports": ["ssh"]}),
    "telnet": ({}, {"transports": ["telnet"]}),
}
"""Carrier -> keys of the lab file and of its devices. A carrier that is added here meets all faults."""


@dataclass(frozen=True)
class Case:
    """A fault in lab-file words, what the task must end as, what it says, and whether the change arrived."""

    fault: dict[str, Any]
    status: str
    says: str = ""
    arrived: bool = False


AS_BEFORE = "the device is as it was before"
"""A session that is lost in the middle of a change is opened again, to take the change back and to prove that."""
AWAY = 600


def drop(**more: Any) -> dict[str, Any]:
    return {"kind": "drop_session", "times": 1, **more}


CASES = {
    "latency": Case({"kind": "latency", "seconds": 0.05}, "ok", arrived=True),
    "slow": Case({"kind": "slow_chunks", "size": 200, "pause": 0.01}, "ok", arrived=True),
    "garbage": Case(
        {"kind": "garbage_after_banner", "text": "<not> [~a] prompt> Error: \x1b[31m% \a\nUsername:\n"},
        "ok",
        arrived=True,
    ),
    "refused": Case({"kind": "refuse_login"}, "unreachable", "password"),
    "full": Case({"kind": "vty_full"}, "unreachable"),
    "dropped-reading": Case(drop(at_command=3), "unreachable"),
    "dropped-pushing": Case(drop(matching="authentication handshake", when="after"), "failed", AS_BEFORE),
    "dropped-before-commit": Case(drop(matching="^commit"), "failed", AS_BEFORE),
    "dropped-after-commit": Case(drop(matching="^commit", when="after"), "failed", AS_BEFORE),
    "locked": Case({"kind": "lock_candidate", "holder": 407}, "failed", "locked by other user"),
    "commit-fails": Case(
        {"kind": "fail_commit", "text": "Error: The slot has no memory left."}, "failed", "The slot has no memory left"
    ),
    "reboots": Case({"kind": "reboot", "matching": "authentication cipher", "times": 1}, "failed", AS_BEFORE),
    "reboots-and-stays-away": Case(
        {"kind": "reboot", "matching": "authentication cipher", "times": 1, "seconds": AWAY}, "unreachable"
    ),
}
ELSEWHERE = {"drop_ike", "lose_phase1"}
"""These are about messages between devices, not about a session: see the tests of IKE."""


def test_every_fault_has_a_case() -> None:
    assert {case.fault["kind"] for case in CASES.values()} | ELSEWHERE == set(KINDS)


@dataclass
class Story:
    """What happened over one carrier: the run with the faults, the devices afterwards, and the run without faults."""

    faulty: PlaybookRun
    between: dict[str, str]
    healed: PlaybookRun
    finally_: dict[str, str]


PLAY = yaml.safe_dump(
    [
        {
            "hosts": "huawei_vrp",
            "gather_facts": False,
            "tasks": [
                {"name": name, "netops.peerguard.huawei_rsvp_auth": {"config": shake("{{ rsvp_key }}", window_size=32)}}
                for name in ("change", "again")
            ],
        }
    ]
)


def lab_text(carrier: str) -> str:
    top, each = CARRIERS[carrier]
    devices = {name: {"faults": [case.fault], "config": router(1), **each} for name, case in CASES.items()}
    return yaml.safe_dump(
        {
            "plugin": "netops.peerguard.lab",
            "name": f"faults-{carrier}",
            "clock": "manual",
            "defaults": {"platform": "huawei_vrp", "username": "netops", "password": PASSWORD},
            "devices": devices,
            **top,
        }
    )


@pytest.fixture(scope="module", params=list(CARRIERS))
def story(request: pytest.FixtureRequest, _own_surroundings: None) -> Iterator[Story]:
    with tempfile.TemporaryDirectory(prefix="pg-faults-") as folder:
        path = Path(folder) / "faults.lab.yml"
        path.write_text(lab_text(request.param))
        handle = LabHandle(path, Lab.load(path))
        handle.lab.start()
        try:

            def run(name: str) -> PlaybookRun:
                (directory := Path(folder) / name).mkdir()
                arguments = ("--forks", "6")
                return run_playbook(directory, PLAY, path, *arguments, extra_vars={"rsvp_key": KEY}, verbosity=0)

            def running() -> dict[str, str]:
                devices = handle.ask("save")["snapshot"]["devices"]
                return {name: str(device["device"]["running"]) for name, device in devices.items()}

            faulty, between = run("faulty"), running()
            for name in CASES:
                handle.heal(name)
            handle.advance(AWAY)
            yield Story(faulty, between, run("healed"), running())
        finally:
            handle.lab.stop()


def wanted(text: str) -> list[bool]:
    """Whether each line of the change is on the device."""
    section = text.partition(f"interface {PORT}\n")[2].partition("\n#")[0]
    return [f"{AUTH} {words}" in section for words in ("cipher", "handshake", "window-size 32")]


@pytest.mark.parametrize("name", list(CASES))
def test_fault(story: Story, name: str) -> None:
    case = CASES[name]
    first, *rest = story.faulty.of(name)
    assert first.status == case.status, first.result
    assert case.says in first.result.get("msg", "")
    assert len(rest) == (case.status == "ok")
    # All of it or nothing of it.
    assert wanted(story.between[name]) == [case.arrived] * 3
    change, again = story.healed.expect().of(name)
    assert change.changed is not case.arrived
    assert not again.changed
    assert wanted(story.finally_[name]) == [True] * 3


def test_no_fault_spills_a_secret_or_a_traceback(story: Story) -> None:
    for run in (story.faulty, story.healed):
        assert run.leaks([KEY, PASSWORD]) == []
        assert "Traceback" not in run.stdout + run.stderr
