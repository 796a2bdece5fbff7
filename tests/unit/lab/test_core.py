# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lab files, clocks, the grammar engine and the configuration tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.clock import AcceleratedClock, ManualClock, RealClock
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.config_tree import ConfigTree
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.errors import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.grammar import Failure, Grammar, Match, Outcome
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import load_lab, parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World


def lab(**extra: Any) -> dict[str, Any]:
    return {"name": "x", "devices": {"pe1": {"platform": "huawei_vrp"}, "pe2": {"platform": "huawei_vrp"}}, **extra}


def test_defaults_and_files(tmp_path: Path) -> None:
    (tmp_path / "pe1.cfg").write_text("#\nsysname FROM-FILE\n#\nreturn\n")
    path = tmp_path / "lab.yml"
    path.write_text(
        "plugin: netops.peerguard.lab\nname: x\nclock: {speed: 10}\n"
        "defaults: {username: u, options: {peer_indent: b}}\n"
        "devices:\n  pe1: {platform: huawei_vrp, config_file: pe1.cfg, os_version: 5.170, groups: [g]}\n"
    )
    loaded = load_lab(path)
    spec = loaded.devices["pe1"]
    assert (loaded.clock, loaded.speed) == ("accelerated", 10.0)
    assert (spec.username, spec.hostname, spec.os_version) == ("u", "pe1", "5.17")
    assert spec.options == {"peer_indent": "b"}
    assert World(loaded).devices["pe1"].hostname == "FROM-FILE"
    assert "lab-pass" not in repr(spec)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Bad Name"}, "lower-case"),
        ({"clock": "fast"}, "clock"),
        ({"clock": {"speed": 0}}, "clock"),
        ({"surprise": 1}, "surprise"),
        ({"devices": {}}, "no devices"),
        ({"devices": {"a": {"platform": "junos"}}}, "junos"),
        ({"devices": {"a": {"platform": "huawei_vrp", "prot": 1}}}, "prot"),
        ({"devices": {"a": {"platform": "huawei_vrp", "port": 70000}}}, "port"),
        ({"devices": {"a": {"platform": "huawei_vrp", "transports": ["http"]}}}, "transports"),
        ({"devices": {"a": {"platform": "huawei_vrp", "faults": [{"kind": "fire"}]}}}, "fire"),
        ({"devices": {"a": {"platform": "huawei_vrp", "faults": [{"kind": "latency"}]}}}, "seconds"),
        ({"devices": {"a": {"platform": "huawei_vrp", "faults": [{"kind": "reboot", "matching": "("}]}}}, "regular"),
        ({"links": [["pe1:X", "nobody:Y"]]}, "nobody"),
        ({"links": [["pe1:X", "pe1:X"]]}, "already used"),
        ({"links": [["pe1", "pe2:Y"]]}, "device:interface"),
        ({"connection": "paramiko"}, "connection"),
    ],
)
def test_one_sentence_per_mistake(change: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError, match=words) as caught:
        parse_lab(lab(**change))
    assert "\n" not in str(caught.value)


def test_clocks() -> None:
    manual = ManualClock(100.0)
    manual.advance(5)
    assert manual.now() == 105.0
    with pytest.raises(LabError):
        manual.advance(-1)
    with pytest.raises(LabError, match="manual"):
        RealClock().advance(1)
    fast = AcceleratedClock(1e6)
    first = fast.now()
    assert fast.now() >= first
    fast.set(50.0)
    assert fast.now() >= 50.0


def test_timers_run_in_order_at_their_own_time() -> None:
    world = World(parse_lab(lab(clock="manual")))
    seen: list[tuple[str, float]] = []
    start = world.time
    world.schedule(start + 20, lambda: seen.append(("b", world.time - start)))
    world.schedule(start + 10, lambda: seen.append(("a", world.time - start)))
    world.schedule(start + 15, lambda: seen.append(("never", 0))).cancel()
    world.advance(100)
    assert seen == [("a", 10.0), ("b", 20.0)]


def test_a_snapshot_of_another_lab_is_refused() -> None:
    with pytest.raises(LabError, match="does not belong"):
        World(parse_lab(lab())).restore({"format": 1, "devices": {}})


def outcome(found: Match | Failure | None) -> tuple[Outcome, int] | str | None:
    if isinstance(found, Failure):
        return found.outcome, found.column
    return None if found is None else found.command.pattern


def test_grammar() -> None:
    grammar = Grammar()
    mode = grammar.mode("m")
    for pattern in (
        "show version", "show vlan [ <id:int(1-4094)> ]", "set { a | b <n:int(1-9)> } [ x ]", "say <words:rest>",
        "key [ cipher ] <text:word(1-5)>",
    ):  # fmt: skip
        mode.add(pattern, lambda shell, match: None)
    assert outcome(mode.match("sh ver")) == "show version"
    assert outcome(mode.match("show v")) == (Outcome.AMBIGUOUS, 5)
    assert outcome(mode.match("show vlan 5000")) == (Outcome.WRONG_PARAMETER, 10)
    assert outcome(mode.match("show")) == (Outcome.INCOMPLETE, 4)
    assert outcome(mode.match("show version now")) == (Outcome.TOO_MANY, 13)
    assert outcome(mode.match("  nope")) == (Outcome.UNRECOGNIZED, 2)
    assert outcome(mode.match("set a x")) == "set { a | b <n:int(1-9)> } [ x ]"
    assert outcome(mode.match("set b")) == (Outcome.INCOMPLETE, 5)
    assert mode.match("") is None
    found = mode.match("say  one  two ")
    assert isinstance(found, Match)
    assert found.args == {"words": "one  two"}
    found = mode.match("key cipher")
    assert isinstance(found, Failure)
    found = mode.match('key "a b"')
    assert isinstance(found, Match)
    assert found.args == {"text": "a b"}
    with pytest.raises(ValueError, match="twice"):
        mode.add("show version", lambda shell, match: None)


@given(st.lists(st.tuples(st.integers(0, 4), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=8))))
def test_tree_gives_back_what_it_got(items: list[tuple[int, str]]) -> None:
    text = "".join(" " * indent + body + "\n" for indent, body in items)
    assert ConfigTree.parse(text).text() == text
