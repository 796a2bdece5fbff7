# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ipsec clear sa`: what is typed, what is refused, what check mode says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from inprocess import Bench
from junose_labs import ENABLE, edge_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError, PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option import clear_sa
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.session import JunoseSession


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ({"all": True, "phase": 2}, "ipsec clear sa all phase 2"),
        ({"tunnel": "Aottawa2boca", "phase": 2}, "ipsec clear sa tunnel ipsec:Aottawa2boca phase 2"),
        ({"tunnel": "ipsec:Aottawa2boca", "phase": "1"}, "ipsec clear sa tunnel ipsec:Aottawa2boca phase 1"),
        ({"state": "down", "phase": 1, "all": False}, "ipsec clear sa state down phase 1"),
    ],
)
def test_line(args: dict[str, Any], line: str) -> None:
    assert clear_sa.judge(args).command == line


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"phase": 1}, "none is given"),
        ({"all": False, "phase": 1}, "none is given"),
        ({"all": True, "tunnel": "x", "phase": 1}, "all and tunnel are given"),
        ({"all": True}, "phase is missing"),
        ({"all": True, "phase": 3}, "use one of 1, 2"),
        ({"tunnel": "a b", "phase": 1}, "use the name of a tunnel"),
        ({"state": "not up", "phase": 1}, "use one word"),
        ({"tunnel": "x\nno virtual-router y", "phase": 1}, "use the name of a tunnel"),
    ],
)
def test_bad_input(args: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        clear_sa.judge(args)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, edge_lab())
    made.enable_password = ENABLE
    return made


def run(bench: Bench, check: bool, **args: Any) -> dict[str, Any]:
    bench.channels.clear()
    session = bench.session("edge7")
    assert isinstance(session, JunoseSession)
    return clear_sa.run(session, clear_sa.judge(args), PushReport(), check=check)


def test_check_says_what_would_be_cleared(bench: Bench) -> None:
    predicted = run(bench, True, tunnel="red2hq", phase=2, virtual_router="vrRed")
    assert not any("clear" in line for line in bench.sent)
    assert predicted["affected"] == {"tunnels": [{"name": "red2hq", "state": "down", "transport": "default"}]}
    assert predicted["warnings"] == []
    assert run(bench, False, tunnel="red2hq", phase=2, virtual_router="vrRed") == predicted
    assert predicted["commands"] == [
        "virtual-router vrRed",
        "configure terminal",
        "ipsec clear sa tunnel ipsec:red2hq phase 2",
        "end",
    ]
    assert [line for line in bench.sent if line in predicted["commands"]][-4:] == predicted["commands"]


def test_nothing_is_stored(bench: Bench) -> None:
    before = bench.world.devices["edge7"].running
    for _turn in range(2):
        assert run(bench, False, all=True, phase=1)["changed"]
    assert bench.world.devices["edge7"].running == before


def test_only_tunnels_in_the_state(bench: Bench) -> None:
    assert run(bench, True, state="up", phase=2, virtual_router="vrRed")["affected"]["tunnels"] == []
    assert len(run(bench, True, state="down", phase=2, virtual_router="vrRed")["affected"]["tunnels"]) == 1


def test_unknown_router_and_tunnel(bench: Bench) -> None:
    with pytest.raises(DeviceError, match="virtual router vrX does not exist"):
        run(bench, False, all=True, phase=1, virtual_router="vrX")
    assert "does not list tunnel nope" in run(bench, True, tunnel="nope", phase=1)["warnings"][0]
    with pytest.raises(DeviceError, match="Tunnel ipsec:nope does not exist"):
        run(bench, False, tunnel="nope", phase=1)
    assert bench.sent[-1] == "end"


@pytest.mark.parametrize(("matching", "cleared"), [("ipsec clear", True), ("configure", False)])
def test_a_lost_session_says_whether_sas_may_be_cleared(bench: Bench, matching: str, cleared: bool) -> None:
    bench.world.devices["edge7"].faults.add({"kind": "drop_session", "matching": matching, "times": 1})
    session, report = bench.session("edge7"), PushReport()
    assert isinstance(session, JunoseSession)
    with pytest.raises(SessionLost):
        clear_sa.run(session, clear_sa.judge({"all": True, "phase": 2}), report)
    assert ("ipsec clear sa all phase 2" in report.sent) is cleared
