# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault over every carrier: what a user's task says, that nothing is half done, and that a rerun finishes.

One playbook run per carrier meets all faults, each on a device of its own; the tests look at what came of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    "netconf": ({}, {"transports": ["netconf"]}),
}
"""Carrier -> keys of the lab file and of its devices. A carrier that is added here meets all faults."""


@dataclass(frozen=True)
class Case:
    """A fault in lab-file words, what the task must end as, what it says, and whether the change arrived."""

    fault: dict[str, Any]
    status: str
    says: str = ""
    arrived: bool = False
    patience: int = 60
    """Seconds that the task waits for an answer."""


AS_BEFORE = "the device is as it was before"
"""A session that is lost in the middle of a change is opened again, to take the change back and to prove that."""
AWAY = 600


def drop(**more: Any) -> dict[str, Any]:
    return {"kind": "drop_session", "times": 1, **more}


GARBAGE = "<not> [~a] prompt> Error: \x1b[31m% \a\nUsername:\n"
AT_THE_CLI = {
    "latency": Case({"kind": "latency", "seconds": 0.05}, "ok", arrived=True),
    "slow": Case({"kind": "slow_chunks", "size": 200, "pause": 0.01}, "ok", arrived=True),
    "garbage": Case({"kind": "garbage_after_banner", "text": GARBAGE}, "ok", arrived=True),
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
OVER_NETCONF = {
    **{name: AT_THE_CLI[name] for name in ("latency", "slow", "refused", "full")},
    "locked": Case({"kind": "lock_candidate", "holder": 407}, "failed", "locked by NETCONF session 407"),
    # What stands between the messages is no framing (RFC 6242 section 4.2): the session cannot go on.
    "garbage": Case(
        {"kind": "garbage_after_banner", "text": GARBAGE}, "unreachable", "did not answer over NETCONF", patience=4
    ),
    "dropped-at-first-rpc": Case(drop(at_command=1), "unreachable"),
    "dropped-reading": Case(drop(matching="^get-config running", when="after"), "unreachable"),
    "dropped-locking": Case(drop(matching="^lock candidate", when="after"), "failed", AS_BEFORE),
    "dropped-before-edit": Case(drop(matching="^edit-config candidate"), "failed", AS_BEFORE),
    "dropped-after-edit": Case(drop(matching="^edit-config candidate", when="after"), "failed", AS_BEFORE),
    "dropped-before-commit": Case(drop(matching="^commit"), "failed", AS_BEFORE),
    "dropped-after-commit": Case(drop(matching="^commit", when="after"), "failed", AS_BEFORE),
    "commit-fails": Case(
        {"kind": "fail_commit", "text": "The slot has no memory left."}, "failed", "The slot has no memory left"
    ),
    "reboots-with-edit": Case({"kind": "reboot", "matching": "^edit-config", "times": 1}, "failed", AS_BEFORE),
    "reboots-with-commit": Case({"kind": "reboot", "matching": "^commit", "times": 1}, "failed", AS_BEFORE),
    "reboots-after-commit": Case(
        {"kind": "reboot", "matching": "^commit", "when": "after", "times": 1}, "failed", AS_BEFORE
    ),
    "reboots-and-stays-away": Case(
        {"kind": "reboot", "matching": "^edit-config", "times": 1, "seconds": AWAY}, "unreachable"
    ),
}
CASES = {carrier: OVER_NETCONF if carrier == "netconf" else AT_THE_CLI for carrier in CARRIERS}
MEANINGLESS = {
    "drop_ike": "about messages between devices, which no session sees: the tests of IKE have it",
    "lose_phase1": "about what two devices know of each other: the tests of IKE have it",
}
"""Kinds that mean nothing over a carrier, and why. The same ones over each: all others strike a session."""


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_fault_has_a_case(carrier: str) -> None:
    met = {case.fault["kind"] for case in CASES[carrier].values()}
    assert met.isdisjoint(MEANINGLESS)
    assert met | set(MEANINGLESS) == set(KINDS)


@dataclass
class Story:
    """What happened over one carrier: the run with the faults, the devices afterwards, and the run without faults."""

    cases: dict[str, Case]
    faulty: PlaybookRun
    between: dict[str, str]
    healed: PlaybookRun
    finally_: dict[str, str]


PLAY = yaml.safe_dump(
    [
        {
            "hosts": "huawei_vrp",
            "gather_facts": False,
            "vars": {
                # Else a second session, with faults of its own, could help the one over NETCONF.
                "ansible_netconf_cli": "never",
                "ansible_command_timeout": "{{ patience[inventory_hostname] }}",
            },
            "tasks": [
                {"name": name, "netops.peerguard.huawei_rsvp_auth": {"config": shake("{{ rsvp_key }}", window_size=32)}}
                for name in ("change", "again")
            ],
        }
    ]
)


def lab_text(carrier: str) -> str:
    top, each = CARRIERS[carrier]
    cases = CASES[carrier].items()
    devices = {name: {"faults": [case.fault], "config": router(1), **each} for name, case in cases}
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


@contextmanager
def told(carrier: str) -> Iterator[Story]:
    with tempfile.TemporaryDirectory(prefix="pg-faults-") as folder:
        path = Path(folder) / "faults.lab.yml"
        path.write_text(lab_text(carrier))
        handle = LabHandle(path, Lab.load(path))
        handle.lab.start()
        try:

            def run(name: str, patience: dict[str, int]) -> PlaybookRun:
                (directory := Path(folder) / name).mkdir()
                extra = {"rsvp_key": KEY, "patience": patience}
                return run_playbook(directory, PLAY, path, "--forks", "6", extra_vars=extra, verbosity=0)

            def running() -> dict[str, str]:
                devices = handle.ask("save")["snapshot"]["devices"]
                return {name: str(device["device"]["running"]) for name, device in devices.items()}

            cases = CASES[carrier]
            faulty = run("faulty", {name: case.patience for name, case in cases.items()})
            between = running()
            for name in cases:
                handle.heal(name)
            handle.advance(AWAY)
            healed = run("healed", dict.fromkeys(cases, 60))
            yield Story(cases, faulty, between, healed, running())
        finally:
            handle.lab.stop()


def wanted(text: str) -> list[bool]:
    """Whether each line of the change is on the device."""
    section = text.partition(f"interface {PORT}\n")[2].partition("\n#")[0]
    return [f"{AUTH} {words}" in section for words in ("cipher", "handshake", "window-size 32")]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_faults(carrier: str) -> None:
    """One test for all faults, so that parallel workers do not each tell the same story."""
    wrong: list[str] = []
    with told(carrier) as story:
        for name in story.cases:
            try:
                _check(story, name)
            except AssertionError as problem:
                wrong.append(f"{name}: {problem}")
        for run in (story.faulty, story.healed):
            assert run.leaks([KEY, PASSWORD]) == []
            assert "Traceback" not in run.stdout + run.stderr
    assert not wrong, "\n\n".join(wrong)


def _check(story: Story, name: str) -> None:
    case = story.cases[name]
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
