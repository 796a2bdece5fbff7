# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does to an emulated Huawei router that also has other configuration: every state, every family."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huawei_labs import AUTH, CE6800, KEY, OTHER_KEY, PORT, SPARE, V600, VRP5, VRP8, pair, shake, without_rsvp_auth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.change import Change
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.link import Link
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import MASK
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport

NAME = "huawei_rsvp_auth"
FEATURE = registry.feature(NAME)
FAMILIES = (VRP8, VRP5, V600)
VIEW = {"authentication": {"mode": "cipher", "key": KEY}, "handshake": True}
PEER = {"address": "10.77.12.2", **VIEW, "window_size": 32}
READING = ("display ", "screen-length 0 temporary")


def bench(tmp_path: Path, version: str = VRP8, *, interface: tuple[str, ...] = (), **more: Any) -> Bench:
    device = {"os_version": version, **more.pop("device", {})}
    return Bench(tmp_path, pair({"interface": interface}, device=device, **more))


def view_of(text: str, head: str = f"interface {PORT}") -> list[str]:
    """The RSVP lines of one section, without the words they have in common and with the keys masked."""
    found, inside = [], False
    for line in text.splitlines():
        inside = line == head if not line.startswith(" ") else inside
        if inside and line.strip().startswith(AUTH):
            words = line.strip().removeprefix(f"{AUTH} ").split()
            found.append(f"{words[0]} KEY" if words[0] in ("cipher", "plain") else " ".join(words))
    return sorted(found)


def ok(result: dict[str, Any]) -> dict[str, Any]:
    assert not result.get("failed"), result["msg"]
    assert not result.get("unreachable"), result["msg"]
    return result


# -- once and twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", FAMILIES)
def test_first_run_changes_second_does_not(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    before = without_rsvp_auth(lab.running("pe1"))
    config = {**shake(lifetime="00:40:00", window_size=32), "timers": {"keep_multiplier": 4}, "peers": [PEER]}
    first = ok(lab.task("pe1", NAME, config=config))
    assert first["changed"]
    assert view_of(lab.running("pe1")) == ["cipher KEY", "handshake", "lifetime 00:40:00", "window-size 32"]
    assert first["saved"]
    assert lab.world.devices["pe1"].startup == lab.running("pe1")
    after = lab.running("pe1")
    second = ok(lab.task("pe1", NAME, config=config))
    assert (second["changed"], second["commands"], second["saved"]) == (False, [], False)
    assert not [line for line in lab.sent if not line.startswith(READING)]
    assert lab.running("pe1") == after
    assert without_rsvp_auth(after) == before


@pytest.mark.parametrize("version", FAMILIES)
def test_check_mode_predicts_exactly_and_sends_nothing_but_reading(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version)
    before = lab.running("pe1")
    predicted = ok(lab.task("pe1", NAME, check=True, config=shake(), save_when="always", backup=True, verify={}))
    assert not [line for line in lab.sent if not line.startswith(READING)]
    assert lab.running("pe1") == before
    assert not (tmp_path / "backup").exists()
    real = ok(lab.task("pe1", NAME, config=shake()))
    for item in ("changed", "commands", "rollback", "diff", "before", "after"):
        assert predicted[item] == real[item], item


def test_commands_are_what_was_typed(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    result = ok(lab.task("pe1", NAME, config=shake()))
    typed = [line.replace(KEY, MASK) for line in lab.sent]
    start = typed.index("system-view") + 1
    assert typed[start : typed.index("commit")] == [line.strip() for line in result["commands"]]


def test_the_order_is_the_documented_one(tmp_path: Path) -> None:
    lab = bench(tmp_path, mpls=(), enabled=())
    config = {**shake(window_size=32), "peers": [PEER]}
    commands = ok(lab.task("pe1", NAME, config=config, prerequisites="add"))["commands"]
    order = ["mpls", "mpls te", "mpls rsvp-te", f"{AUTH} cipher {MASK}", f"{AUTH} handshake", f"{AUTH} window-size 32"]
    section = [line.strip() for line in commands[commands.index(f"interface {PORT}") + 1 :]]
    assert [line for line in section if line in order] == order
    assert commands.index("mpls") < commands.index(f"interface {PORT}")


def test_nothing_literal_in_results_and_a_readable_diff(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    first = ok(lab.task("pe1", NAME, config=shake()))
    text = json.dumps(first)
    assert KEY not in text
    assert "%^%#" not in text
    assert f" {AUTH} cipher {MASK} (new)\n {AUTH} handshake\n" in first["diff"]["after"]
    assert AUTH not in first["diff"]["before"]
    assert first["after"]["interfaces"] == [
        {"name": PORT, "authentication": {"mode": "cipher", "key": MASK}, "handshake": True}
    ]
    again = ok(lab.task("pe1", NAME, config=shake(OTHER_KEY), update_secrets="always"))
    assert again["diff"]["before"].count(MASK) == 1
    assert f"{MASK} (new)" in again["diff"]["after"]
    assert OTHER_KEY not in json.dumps(again)


# -- states ----------------------------------------------------------------------------------------

HAS = (f"{AUTH} cipher Old-Key-Of-A-Test", f"{AUTH} lifetime 00:50:00", f"{AUTH} handshake", f"{AUTH} window-size 40")


@pytest.mark.parametrize("version", FAMILIES)
@pytest.mark.parametrize(
    ("state", "config", "left"),
    [
        (
            "merged",
            {"interfaces": [{"name": PORT, "window_size": 8}]},
            ["cipher KEY", "handshake", "lifetime 00:50:00", "window-size 8"],
        ),
        (
            "merged",
            {"interfaces": [{"name": PORT, "window_size": 1, "lifetime": "00:30:00"}]},
            ["cipher KEY", "handshake"],
        ),
        (
            "merged",
            {"interfaces": [{"name": PORT, "handshake": False}]},
            ["cipher KEY", "lifetime 00:50:00", "window-size 40"],
        ),
        (
            "merged",
            {"interfaces": [{"name": PORT, "authentication": {"mode": "keychain", "keychain": "kc-core"}}]},
            ["handshake", "keychain kc-core", "lifetime 00:50:00", "window-size 40"],
        ),
        ("replaced", {"interfaces": [{"name": PORT, **VIEW}]}, ["cipher KEY", "handshake"]),
        ("replaced", {"timers": {"refresh": 20}}, ["cipher KEY", "handshake", "lifetime 00:50:00", "window-size 40"]),
        ("overridden", {"timers": {"refresh": 20}}, []),
        ("overridden", {"peers": [PEER]}, []),
        ("deleted", {"interfaces": [{"name": PORT}]}, []),
        (
            "deleted",
            {"interfaces": [{"name": SPARE}]},
            ["cipher KEY", "handshake", "lifetime 00:50:00", "window-size 40"],
        ),
        ("deleted", None, []),
    ],
)
def test_every_state_does_what_its_name_says(
    tmp_path: Path, version: str, state: str, config: Any, left: list[str]
) -> None:
    lab = bench(tmp_path, version, interface=HAS)
    before = without_rsvp_auth(lab.running("pe1"))
    was = view_of(lab.running("pe1"))
    assert len(was) == 4
    result = ok(lab.task("pe1", NAME, state=state, config=config))
    assert view_of(lab.running("pe1")) == left
    assert without_rsvp_auth(lab.running("pe1")) == before
    timer = "mpls rsvp-te timer refresh"
    if (
        state in ("overridden", "deleted")
        and config != {"interfaces": [{"name": PORT}]}
        and config != {"interfaces": [{"name": SPARE}]}
    ):
        kept = f"{timer} 20" if config and "timers" in config else None
        assert [line.strip() for line in lab.running("pe1").splitlines() if timer in line] == ([kept] if kept else [])
    again = ok(lab.task("pe1", NAME, state=state, config=config))
    assert not again["changed"], again["commands"]
    assert again["before"] == result["after"]


def test_peers_come_and_go(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    two = [
        {"address": "10.77.12.2", **VIEW},
        {"address": "10.255.7.9", "authentication": {"mode": "keychain", "keychain": "kc-core"}, "handshake": True},
    ]
    ok(lab.task("pe1", NAME, config={"peers": two}))
    text = lab.running("pe1")
    assert " mpls rsvp-te peer 10.255.7.9\n  mpls rsvp-te authentication keychain kc-core\n" in text
    ok(lab.task("pe1", NAME, state="deleted", config={"peers": [{"address": "10.255.7.9"}]}))
    assert "10.255.7.9" not in lab.running("pe1")
    assert " mpls rsvp-te peer 10.77.12.2\n" in lab.running("pe1")


@pytest.mark.parametrize("indent", ["a", "b", "c"])
def test_every_indentation_of_peers_is_read(tmp_path: Path, indent: str) -> None:
    lab = bench(tmp_path, device={"options": {"peer_indent": indent}})
    config = {"peers": [{"address": "10.77.12.2", **VIEW}, {"address": "10.255.7.9", **VIEW}]}
    ok(lab.task("pe1", NAME, config=config))
    assert not ok(lab.task("pe1", NAME, config=config))["changed"]
    assert len(ok(lab.task("pe1", NAME, state="gathered"))["gathered"]["peers"]) == 2


def test_gathered(tmp_path: Path) -> None:
    lab = bench(tmp_path, interface=HAS)
    result = ok(lab.task("pe1", NAME, state="gathered"))
    assert result["changed"] is False
    assert result["gathered"] == {
        "interfaces": [
            {
                "name": PORT,
                "authentication": {"mode": "cipher", "key": MASK},
                "handshake": True,
                "lifetime": "00:50:00",
                "window_size": 40,
            }
        ],
        "timers": {"refresh": 10},
    }
    assert not [line for line in lab.sent if not line.startswith(READING)]


def test_rendered_and_parsed_need_no_device(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    text = ok(lab.task("nowhere", NAME, state="rendered", config=shake(window_size=8)))["rendered"]
    assert text == f"interface {PORT}\n {AUTH} cipher {MASK}\n {AUTH} handshake\n {AUTH} window-size 8\n"
    parsed = ok(lab.task("nowhere", NAME, state="parsed", running_config=text))["parsed"]
    assert parsed == {
        "interfaces": [{"name": PORT, **VIEW, "authentication": {"mode": "cipher", "key": MASK}, "window_size": 8}]
    }
    assert lab.channels == []
    refused = lab.task("nowhere", NAME, state="parsed", running_config="Current configuration : 12 bytes\n!\n")
    assert (refused["failed"], refused["msg"]) == (
        True,
        "running_config: this is a configuration of Cisco IOS, not of Huawei VRP",
    )


# -- secrets that cannot be compared ---------------------------------------------------------------


def test_a_key_is_sent_on_creation_only_and_the_result_says_so(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    ok(lab.task("pe1", NAME, config=shake()))
    stored = lab.running("pe1")
    result = ok(lab.task("pe1", NAME, config=shake(OTHER_KEY)))
    assert (result["changed"], result["secrets_not_compared"]) == (
        False,
        [f"config.interfaces[{PORT}].authentication.key"],
    )
    assert any("Use update_secrets: always" in warning for warning in result["warnings"])
    assert lab.running("pe1") == stored


def test_on_request_it_is_sent_and_what_hangs_on_it_said_again(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    ok(lab.task("pe1", NAME, config=shake(window_size=8)))
    stored = lab.running("pe1")
    result = ok(lab.task("pe1", NAME, config=shake(OTHER_KEY, window_size=8), update_secrets="always"))
    assert result["changed"]
    assert [line.strip() for line in result["commands"]] == [
        f"interface {PORT}",
        f"{AUTH} cipher {MASK}",
        f"{AUTH} handshake",
        f"{AUTH} window-size 8",
        "quit",
    ]
    assert f"{AUTH} cipher {OTHER_KEY}" in lab.sent
    assert lab.running("pe1") != stored
    assert view_of(lab.running("pe1")) == ["cipher KEY", "handshake", "window-size 8"]


def test_plain_keys_are_compared(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    config = shake()
    config["interfaces"][0]["authentication"]["mode"] = "plain"
    ok(lab.task("pe1", NAME, config=config))
    assert not ok(lab.task("pe1", NAME, config=config))["changed"]
    config["interfaces"][0]["authentication"]["key"] = OTHER_KEY
    result = ok(lab.task("pe1", NAME, config=config))
    assert (result["changed"], result["secrets_not_compared"]) == (True, [])
    assert f" {AUTH} plain {OTHER_KEY}\n" in lab.running("pe1")


def test_another_mode_takes_the_key_that_was_given(tmp_path: Path) -> None:
    """Not the cipher text that the device shows, which would make that the key."""
    lab = bench(tmp_path)
    ok(lab.task("pe1", NAME, config=shake()))
    config = shake()
    config["interfaces"][0]["authentication"]["mode"] = "plain"
    ok(lab.task("pe1", NAME, config=config))
    assert f" {AUTH} plain {KEY}\n" in lab.running("pe1")


# -- prerequisites ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", FAMILIES)
def test_missing_prerequisites_are_an_error_that_names_them(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version, mpls=(), enabled=("mpls",))
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake())
    assert result["failed"]
    assert not result["changed"]
    assert "interface GigabitEthernet0/3/7 lacks 'mpls te', 'mpls rsvp-te'" in result["msg"]
    assert "the MPLS view lacks 'mpls', 'mpls te', 'mpls rsvp-te'" in result["msg"] or version == V600
    assert set(result["rules"]) == {"huawei_rsvp_auth/prerequisite"}
    assert lab.running("pe1") == before
    assert not [line for line in lab.sent if not line.startswith(READING)]


@pytest.mark.parametrize("version", FAMILIES)
def test_prerequisites_are_added_on_request_and_taken_back_with_the_rest(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, version, mpls=(), enabled=())
    before = lab.running("pe1")
    result = ok(lab.task("pe1", NAME, config=shake(), prerequisites="add"))
    text = lab.running("pe1")
    assert "#\nmpls\n mpls te\n mpls rsvp-te\n" in text
    assert view_of(text) == ["cipher KEY", "handshake"]
    lab.session("pe1").push(Plan(tuple(result["rollback"])), None, PushReport())
    assert lab.running("pe1") == before


def test_prerequisites_and_verification_of_a_router_that_knows_nothing_of_rsvp_yet(tmp_path: Path) -> None:
    lab = bench(tmp_path, mpls=(), enabled=())
    ok(lab.task("pe2", NAME, config=shake(), prerequisites="add"))
    result = ok(lab.task("pe1", NAME, config=shake(), prerequisites="add", verify={"timeout": 120}))
    assert result["convergence"] == "converged", result["unmet"]


# -- inputs that cannot be meant -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            shake("two words"),
            (
                "config.interfaces[GigabitEthernet0/3/7].authentication.key: the value is not allowed; use 1 to 255"
                " printable characters"
            ),
        ),
        (
            shake(lifetime="25:00:00"),
            "lifetime: '25:00:00' is not allowed; use HH:MM:SS (quoted) from 00:00:01 to 23:59:59.",
        ),
        (shake(window_size=65), "window_size: '65' is not allowed; use a whole number from 1 to 64."),
        ({"interfaces": []}, "config.interfaces: the list is empty; name at least one entry or leave the option out."),
        (
            {"peers": [PEER, PEER]},
            "config.peers[10.77.12.2]: address 10.77.12.2 is given twice; put all its settings into one entry.",
        ),
        ({"timers": {"refresh": 5}}, "config.timers.refresh: '5' is not allowed; use a whole number from 10 to 65535."),
        ({}, "config is empty; name what shall be configured, or leave config out."),
        (None, "config is missing; state: merged needs to know what to configure."),
        ("text", "config: expected a dictionary, got 'text'."),
    ],
)
def test_bad_input_gets_a_sentence_and_no_session(tmp_path: Path, config: Any, words: str) -> None:
    lab = bench(tmp_path)
    result = lab.task("pe1", NAME, config=config)
    assert (result["failed"], result["changed"]) == (True, False)
    assert words in result["msg"]
    assert len(result["problems"]) == 1
    assert lab.channels == []
    assert "two words" not in json.dumps(result)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"interfaces": [{"name": "GigabitEthernet0/3/77", **VIEW}]},
            "interface GigabitEthernet0/3/77 does not exist on this device; it has ",
        ),
        (
            {"interfaces": [{"name": PORT, "handshake": True}]},
            "handshake needs an authentication mode in the same view",
        ),
        (
            {"interfaces": [{"name": PORT, **VIEW, "lifetime": "00:00:10"}]},
            "lifetime 10 s must be greater than the refresh interval 10 s",
        ),
        ({"peers": [{"address": "10.255.7.1", **VIEW}]}, "peer 10.255.7.1 is this device's own address"),
    ],
)
def test_what_the_device_cannot_mean_is_told_before_anything_is_sent(tmp_path: Path, config: Any, words: str) -> None:
    lab = bench(tmp_path)
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=config)
    assert (result["failed"], result["changed"]) == (True, False)
    assert words in result["msg"]
    assert not [line for line in lab.sent if not line.startswith(READING)]
    assert lab.running("pe1") == before


def test_a_box_without_rsvp_te_is_refused(tmp_path: Path) -> None:
    lab = Bench(tmp_path, pair(device={"os_version": CE6800, "model": "CE6881-48S6CQ"}, mpls=(), enabled=()))
    for state in ("merged", "deleted"):
        result = lab.task("pe1", NAME, config=shake(), state=state, prerequisites="add")
        assert result["failed"]
        assert "CE6881-48S6CQ has no RSVP-TE, so there is nothing to authenticate" in result["msg"]
        assert not [line for line in lab.sent if not line.startswith(READING)]


def test_a_backup_is_masked_unless_asked_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    config = shake()
    config["interfaces"][0]["authentication"]["mode"] = "plain"
    ok(lab.task("pe1", NAME, config=config))
    result = ok(lab.task("pe1", NAME, config={"timers": {"refresh": 20}}, backup=True))
    path = Path(result["backup_path"])
    assert path.parent == tmp_path / "backup"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("utf-8")
    assert KEY not in text
    assert "Chain-Of-A-Test" not in text
    assert f" {AUTH} plain {MASK}\n" in text
    assert "timer refresh 10" in text  # from before the change
    whole = lab.task(
        "pe1", NAME, config={"timers": {"refresh": 10}}, backup=True, backup_options={"filename": "f", "secrets": True}
    )
    assert KEY in Path(whole["backup_path"]).read_text("utf-8")


def test_a_backup_that_cannot_be_written_stops_the_task_first(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    (tmp_path / "backup").write_text("a file")
    before = lab.running("pe1")
    result = lab.task("pe1", NAME, config=shake(), backup=True)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "the backup could not be written, so nothing was sent" in result["msg"]
    assert lab.running("pe1") == before


@pytest.mark.parametrize(
    ("when", "saves"), [("never", [False, False]), ("changed", [True, False]), ("always", [True, True])]
)
def test_saving(tmp_path: Path, when: str, saves: list[bool]) -> None:
    lab = bench(tmp_path)
    assert [ok(lab.task("pe1", NAME, config=shake(), save_when=when))["saved"] for _run in range(2)] == saves


# -- any change, forth and back --------------------------------------------------------------------

keys = st.sampled_from([KEY, OTHER_KEY, "k3y-three"])
views = st.builds(
    lambda auth, more: {"authentication": auth, **more},
    st.one_of(
        st.builds(lambda mode, key: {"mode": mode, "key": key}, st.sampled_from(["cipher", "plain"]), keys),
        st.just({"mode": "keychain", "keychain": "kc-core"}),
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "handshake": st.booleans(),
            "lifetime": st.sampled_from(["00:30:00", "00:40:00", "01:00:00"]),
            "window_size": st.sampled_from([1, 32, 64]),
        },
    ),
)
configs = st.fixed_dictionaries(
    {},
    optional={
        "interfaces": st.lists(
            st.builds(lambda n, v: {"name": n, **v}, st.sampled_from([PORT, SPARE]), views),
            min_size=1,
            max_size=2,
            unique_by=lambda e: e["name"],
        ),
        "peers": st.lists(
            st.builds(
                lambda a, v: {"address": a, **v},
                st.sampled_from(["10.77.12.2", "10.255.7.2", "10.255.7.9"]),
                st.one_of(views, st.just({})),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda e: e["address"],
        ),
        "timers": st.fixed_dictionaries(
            {},
            optional={
                "refresh": st.sampled_from([10, 30, 60]),
                "keep_multiplier": st.sampled_from([3, 5]),
                "challenge_lost": st.sampled_from([3, 7]),
                "challenge_retransmit": st.sampled_from([1000, 2000]),
            },
        ),
    },
).filter(lambda config: config.get("timers") != {} and config)


def change_of(lab: Bench, config: Any, state: str) -> Change:
    """A change that has read and planned, with its session open."""
    want = validate(FEATURE.schema, config, partial=state == "deleted")
    intent = Intent(want, state, {"prerequisites": "add"})
    planner = registry.platform("huawei_vrp").plan
    change = Change(FEATURE, planner, Link(lambda book: lab.session("pe1", book)), intent, update_secrets="always")
    change.read()
    change.make_plan()
    return change


@pytest.mark.parametrize("version", [VRP8, VRP5])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=configs, second=configs, state=st.sampled_from(["merged", "replaced", "overridden", "deleted"]))
def test_any_plan_leads_there_and_its_rollback_leads_back(
    tmp_path: Path, version: str, first: Any, second: Any, state: str
) -> None:
    lab = bench(tmp_path, version)
    ok(lab.task("pe1", NAME, config=first, state="overridden", prerequisites="add"))
    text, foreign = lab.running("pe1"), without_rsvp_auth(lab.running("pe1"))
    change = change_of(lab, second, state)
    assert lab.running("pe1") == text  # planning sends nothing
    if change.plan:
        change.push(None)
    assert change.read_back() == []
    if SPARE not in str(second):
        assert without_rsvp_auth(lab.running("pe1")) == foreign
    after = change_of(lab, second, state)
    assert after.have == states.reconcile(FEATURE.schema, after.have, change.target, always=False)[0]
    if change.plan:
        change.session.push(Plan(change.plan.rollback), None, PushReport())
    # cipher texts too; a peer that comes again stands behind the others, which means nothing
    assert sorted(lab.running("pe1").splitlines()) == sorted(text.splitlines())
    assert change_of(lab, second, state).have == change.have
