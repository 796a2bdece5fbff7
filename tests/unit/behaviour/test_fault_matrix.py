# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault on every system, in one process: how the task ends, that nothing is half done, and that a rerun finishes.

What the carriers make of a fault is tested with playbooks; this is about the systems, which have different ways to open
a session, to refuse a line and to take a change back. The login and the waiting are those of the mock connection.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import allied_labs
import cisco_lab
import comware_labs
import huawei_labs
import junose_labs
import pytest
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.mock import MockChannel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.faults import KINDS
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.shell import Reply
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

AS_BEFORE = "the device is as it was before (read again)"
AWAY = 600
"""Seconds that a device is away, longer than anybody waits."""


# -- a bench with logins ----------------------------------------------------------------------------------------------


class _Open:
    """A world for `MockChannel`, which else shares one with other processes."""

    def __init__(self, world: World) -> None:
        self._world = world

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        yield self._world


class LoginBench(Bench):
    """A bench whose sessions log in, and wait for a prompt."""

    def session(self, device: str, book: SecretBook | None = None) -> Session:
        book = book or SecretBook()
        spec = self.world.devices[device].spec
        store: Any = _Open(self.world)
        channel = MockChannel(store, device, spec.username, spec.password, 5.0, book.scrub)
        channel.enable_password = Secret(spec.enable_password) if spec.enable_password else None
        return registry.platform(spec.platform).session(channel, book)


# -- the systems ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What the device does, how the task must end, what it says, and whether the change arrived."""

    fault: Mapping[str, Any]
    status: str
    says: str = ""
    arrived: bool = False
    half: bool = False
    """Whether it may be half done, and the task says so: the device has kept each line, and has then stayed away."""
    saved: bool = True
    """Whether what arrived was saved too."""


@dataclass(frozen=True)
class System:
    """A system, a change of several lines on one of its devices, and what is particular to it."""

    lab: Callable[[], str]
    device: str
    feature: str
    config: Any
    line: str
    """A line in the middle of the change, as a regular expression."""
    refusal: str
    """How the system says no to a line that is right."""
    own: Mapping[str, Case] = field(default_factory=dict)
    """Faults that are not the same on all systems."""
    meaningless: Mapping[str, str] = field(default_factory=dict)
    """Kinds of faults that the system cannot have, and why."""
    stores_lines: bool = False
    """Each line is saved when it is accepted."""


_REASON = "The slot has no memory left."
_LOCK = {"kind": "lock_candidate", "holder": 407}
_NO_LOCK = {"lock_candidate": "several people may change the configuration at once, there is nothing to lock"}
_ELSEWHERE = {
    "drop_ike": "it is about messages between devices, see the tests of IKE",
    "lose_phase1": "it is about what two devices know of each other, see the tests of IKE",
}
_TIMERS = {"interval": 20, "timeout": 60, "nat_interval": 10}
_OPTIONS = [{"virtual_router": "default", "tx_invalid_cookie": True, "dpd": True}]
_POLICIES = [{"name": "hq", "msg_timeout": 3}, {"name": "roam", "msg_timeout": 5}]


def _unsaved(text: str, says: str = _REASON) -> Case:
    """There is no commit, so it is the save that fails: the change is in place, and the task says what is missing."""
    return Case({"kind": "fail_commit", "text": text}, "failed", says, arrived=True, saved=False)


def _allied() -> str:
    return allied_labs.lab(allied_labs.HQ_POLICY + 'create isakmp pol="roam" pe=any key=2 mod=agg\n')


SYSTEMS = {
    "vrp8": System(
        huawei_labs.pair, "pe1", "huawei_rsvp_auth", huawei_labs.shake(window_size=32),
        "authentication handshake", f"Error: {_REASON}",
        {
            "locked": Case(_LOCK, "failed", "locked by other user"),
            "commit": Case({"kind": "fail_commit", "text": f"Error: {_REASON}"}, "failed", _REASON),
        },
    ),
    "vrp5": System(
        lambda: huawei_labs.pair(device={"os_version": huawei_labs.VRP5}), "pe1", "huawei_rsvp_auth",
        huawei_labs.shake(window_size=32), "authentication handshake", f"Error: {_REASON}",
        {"locked": Case(_LOCK, "failed", "locked by other user"), "save": _unsaved(f"Error: {_REASON}")},
    ),
    "iosxe": System(
        cisco_lab.lab, "ms1", "cisco_tcp_key_chain", cisco_lab.chain(), "send-lifetime", f"% {_REASON}",
        {
            "locked": Case(_LOCK, "failed", "the configuration mode is locked by somebody else, nothing was changed"),
            "save": _unsaved("startup-config file open failed (Not enough space)", "did not end in [OK]"),
        },
    ),
    "comware5": System(
        lambda: comware_labs.lab(5, 5), "a", "h3c_ike_keepalive", _TIMERS, comware_labs.WORDS[5]["timeout"],
        f" % {_REASON}", {"save": _unsaved(f" {_REASON}")}, _NO_LOCK,
    ),
    "comware7": System(
        lambda: comware_labs.lab(7, 7), "a", "h3c_ike_keepalive", _TIMERS, comware_labs.WORDS[7]["timeout"],
        f" % {_REASON}", {"save": _unsaved(f" {_REASON}")}, _NO_LOCK,
    ),
    "junose": System(
        junose_labs.edge_lab, "edge7", "junose_ipsec_option", _OPTIONS, "ipsec option dpd", f"% {_REASON}", {},
        {**_NO_LOCK, "fail_commit": "each line is saved when it is accepted, nothing is left to do"},
        stores_lines=True,
    ),
    "junose-manual": System(
        lambda: junose_labs.edge_lab(manual_commit=True), "edge7", "junose_ipsec_option", _OPTIONS, "ipsec option dpd",
        f"% {_REASON}", {"save": _unsaved(f"% {_REASON}")}, _NO_LOCK,
    ),
    "alliedware": System(
        _allied, "b12", "allied_isakmp_policy", _POLICIES, '^set isakmp policy="roam"', f"Error (3082021): {_REASON}",
        {"save": _unsaved(f"Error (3049041): {_REASON}")}, _NO_LOCK,
    ),
}  # fmt: skip


def cases(system: System) -> dict[str, Case]:
    """All faults of a system. `refuse` is none of the lab's kinds: the device says no to one line, once."""
    line = {"matching": system.line, "times": 1}
    garbage = "<not> [~a] prompt> % \x1b[31mError: no\n\a"
    return {
        "latency": Case({"kind": "latency", "seconds": 0.001}, "ok", arrived=True),
        "slow": Case({"kind": "slow_chunks", "size": 400, "pause": 0.001}, "ok", arrived=True),
        "garbage": Case({"kind": "garbage_after_banner", "text": garbage}, "ok", arrived=True),
        "login": Case({"kind": "refuse_login"}, "unreachable", "refuses user name or password"),
        "full": Case({"kind": "vty_full"}, "unreachable"),
        "cut-reading": Case({"kind": "drop_session", "at_command": 2, "times": 1}, "unreachable", "closed the session"),
        "cut-before": Case({"kind": "drop_session", "when": "before", **line}, "failed", AS_BEFORE),
        "cut-after": Case({"kind": "drop_session", "when": "after", **line}, "failed", AS_BEFORE),
        "refused": Case({"kind": "refuse", "text": system.refusal}, "failed", _REASON),
        "refused-oddly": Case({"kind": "refuse", "text": "Not today."}, "failed", AS_BEFORE),
        "reboot": Case({"kind": "reboot", "when": "before", **line}, "failed", AS_BEFORE),
        "reboot-after": Case({"kind": "reboot", "when": "after", **line}, "failed", AS_BEFORE),
        "away": Case(
            {"kind": "reboot", "seconds": AWAY, **line}, "unreachable",
            "the change may be half done; the old state was NOT proved", half=system.stores_lines,
        ),
        **system.own,
    }  # fmt: skip


EACH = [pytest.param(name, fault, id=f"{name}-{fault}") for name, system in SYSTEMS.items() for fault in cases(system)]


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_kind_of_fault_is_met_or_named(name: str) -> None:
    system = SYSTEMS[name]
    met = {case.fault["kind"] for case in cases(system).values()}
    unmet = {*system.meaningless, *_ELSEWHERE}
    assert met.isdisjoint(unmet)
    assert met | unmet == {*KINDS, "refuse"}


def test_no_platform_is_left_out() -> None:
    assert {registry.feature(system.feature).platform for system in SYSTEMS.values()} == set(registry.platforms())


@pytest.mark.parametrize(("name", "fault"), EACH)
def test_fault(tmp_path: Path, name: str, fault: str) -> None:
    system = SYSTEMS[name]
    case = cases(system)[fault]
    bench = LoginBench(tmp_path, system.lab())
    device = bench.world.devices[system.device]
    before, saved = bench.running(system.device), device.startup
    if case.fault["kind"] == "refuse":
        _refuse_once(device, system.line, case.fault["text"])
    else:
        device.faults.add(case.fault)

    result = bench.task(system.device, system.feature, config=system.config)
    assert _status(result) == case.status, result.get("msg")
    assert case.says in result.get("msg", "")
    if fault == "full":
        assert device.vty_full_text in result["msg"]
    if not case.half:
        assert (bench.running(system.device) != before) is case.arrived
        assert (device.startup != saved) is (case.arrived and case.saved)
    if case.status == "failed" and not case.arrived:
        assert (result["changed"], result["reverted"]) == (False, True)
        assert result["msg"].endswith(AS_BEFORE)
    assert device.sessions == []

    device.faults.clear()
    bench.pass_time(AWAY)  # no timer is left that would take anything back, or bring it
    again = bench.task(system.device, system.feature, config=system.config, save_when="always")
    assert _status(again) == "ok", again.get("msg")
    assert (again["changed"], again["saved"]) == (not case.arrived, True)
    assert device.startup == bench.running(system.device)
    assert not bench.task(system.device, system.feature, config=system.config)["changed"]


def _status(result: Mapping[str, Any]) -> str:
    return next((status for status in ("failed", "unreachable") if result.get(status)), "ok")


def _refuse_once(device: Any, pattern: str, words: str) -> None:
    """The device says no to a line, the first time that it is typed."""
    make_shell, typed = device.make_shell, itertools.count()

    def make(terminal: Any) -> Any:
        shell = make_shell(terminal)
        execute = shell.execute

        def answer(line: str) -> Any:
            if re.search(pattern, line) and next(typed) == 0:
                return Reply(f"{words}\n")
            return execute(line)

        shell.execute = answer
        return shell

    device.make_shell = make


def test_a_rollback_that_fails_on_ios_xe_is_made_line_by_line(tmp_path: Path) -> None:
    """There `fail_commit` also strikes the replacement of the configuration that the timed rollback ends in."""
    bench = LoginBench(tmp_path, cisco_lab.lab())
    for host in ("ms1", "etr1"):
        assert bench.task(host, "cisco_tcp_key_chain", config=cisco_lab.chain())["saved"]
    device, before = bench.world.devices["etr1"], bench.running("etr1")
    device.faults.add({"kind": "fail_commit"})
    result = bench.task("etr1", "cisco_lisp_tcp_ao", config=cisco_lab.ETR_AO, verify={"timeout": 10, "interval": 5})
    assert (_status(result), result["changed"], result["reverted"]) == ("failed", False, True), result["msg"]
    assert "not converged within 10 s" in result["msg"]
    assert any("could not take the change back as a whole" in warning for warning in result["warnings"])
    assert bench.running("etr1") == before
    device.faults.clear()
    bench.pass_time(AWAY)
    assert bench.running("etr1") == before
    assert _status(bench.task("ms1", "cisco_lisp_tcp_ao", config=cisco_lab.MS_AO)) == "ok"
    again = bench.task("etr1", "cisco_lisp_tcp_ao", config=cisco_lab.ETR_AO, verify={"timeout": 120, "interval": 5})
    assert (_status(again), again.get("converged")) == ("ok", True), again.get("msg")
