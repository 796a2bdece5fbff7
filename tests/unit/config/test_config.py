# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""Native lines on all five platforms: sent once, proved, taken back, and nothing but configuration."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import huawei_labs
import pytest
import yaml
from cisco_lab import KEY, NEXT_KEY, SITE_KEY
from cisco_lab import lab as cisco_lab
from config_bench import SAMPLES, Sample, configure
from harness import ROOT
from inprocess import Bench, TerminalChannel
from junose_labs import KEY as JUNOSE_KEY

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport

each = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.platform)


def problems(bench: Bench, device: str, **args: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        configure(bench, device, **args)
    assert bench.sent == []
    return caught.value.problems


@each
def test_check_predicts_the_run_and_the_second_run_does_nothing(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    before = bench.running(sample.device)
    predicted = configure(bench, sample.device, check=True, **sample.change)
    assert predicted["changed"]
    assert bench.running(sample.device) == before
    done = configure(bench, sample.device, **sample.change)
    assert not done.get("failed"), done
    assert done["changed"]
    assert done["saved"]
    assert [done[name] for name in ("commands", "rollback", "diff")] == [
        predicted[name] for name in ("commands", "rollback", "diff")
    ]
    assert all(line in bench.running(sample.device) for line in sample.shows)
    assert {"before", "after", "secrets_not_compared"}.isdisjoint(done)
    again = configure(bench, sample.device, **sample.change)
    assert not again["changed"]
    assert again["commands"] == []
    assert not again["saved"]


@each
def test_the_rollback_that_is_shown_leads_back(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    before = bench.running(sample.device)
    done = configure(bench, sample.device, **sample.change)
    session = bench.session(sample.device)
    session.push(Plan(tuple(done["rollback"])), None, PushReport())
    assert sorted(significant(bench.running(sample.device))) == sorted(significant(before))


def significant(text: str) -> list[str]:
    return [
        line for line in text.splitlines() if line.strip(" !#") and "masked-key" not in line and "msgt=4" not in line
    ]


@each
def test_a_refused_line_takes_everything_back(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    before = significant(bench.running(sample.device))
    failed = configure(bench, sample.device, **sample.refused)
    assert failed["failed"]
    assert not failed["changed"]
    assert failed["reverted"]
    assert "the device is as it was before (read again)" in failed["msg"]
    assert failed["progress"]["sent"]
    assert sorted(significant(bench.running(sample.device))) == sorted(before)


@each
def test_what_is_no_configuration_is_refused_before_anything_is_sent(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    for line in sample.leaving:
        for place in ({"lines": [line]}, {"rendered": f"{line}\n"}, {"lines": f"  {line.upper()}"}):
            assert problems(bench, sample.device, **place), line


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "Give either lines or src: what shall be configured, as the device itself writes it."),
        ({"lines": ["a"], "rendered": "a"}, "Give either lines or src: what shall be configured, as the device itself writes it."),
        ({"lines": []}, "lines: there is no line in it."),
        ({"lines": ["  ", ""]}, "lines: there is no line in it."),
        ({"rendered": "\n\n"}, "src: there is no line in it."),
        ({"parents": "mpls", "rendered": "x"}, "parents: only lines have parents; in src, sections are written out."),
        ({"lines": [{"a": 1}]}, "lines: give a list of lines."),
        ({"lines": ["a\x03"]}, "The text holds the control character '\\x03'; a device would take it for a key."),
        ({"lines": ["description why?"]}, "line 1: a question mark asks the device for help wherever it stands; leave it out."),
        ({"lines": ["a"], "confirm_timeout": 5}, "task.confirm_timeout: '5' is not allowed; use a whole number from 60 to 65535."),
        (
            {"lines": ["a"], "state": "merged"},
            "task: state is not an option here; the options are save_when, backup, backup_options, confirm_timeout, "
            "update_secrets, negations.",
        ),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(args: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    assert problems(Bench(tmp_path, huawei_labs.pair()), "pe1", **args) == [sentence]


# -- sections --------------------------------------------------------------------------------------------------------


def test_sections_by_indentation_and_by_parents_are_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cisco_lab())
    written = {"rendered": "router lisp\n site BRANCH-7\n  description new\n"}
    given = {"parents": ["router lisp", "site BRANCH-7"], "lines": ["description new"]}
    one, other = (configure(bench, "ms1", check=True, **args) for args in (written, given))
    assert one["commands"] == other["commands"]
    assert one["commands"] == ["router lisp", " site BRANCH-7", "  description new", "  exit", " exit"]
    assert configure(bench, "ms1", **written)["changed"]
    assert "  description new" in bench.running("ms1")
    assert not configure(bench, "ms1", **given)["changed"]


def test_a_text_copied_from_the_device_changes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, huawei_labs.pair())
    text = "".join(
        f"{line}\n" for line in bench.running("pe1").splitlines() if line != "return" and "sysname" not in line
    )
    assert configure(bench, "pe1", rendered=text)["commands"] == []
    text = bench.running("pe1")
    assert any("return" in problem for problem in problems(bench, "pe1", rendered=text))


def test_an_indented_system_view_line_of_comware_is_no_section(tmp_path: Path) -> None:
    sample = SAMPLES[2]
    bench = sample.make(tmp_path)
    done = configure(
        bench, "a", rendered="#\n ike sa keepalive-timer interval 30\n ike sa keepalive-timer timeout 90\n#\n"
    )
    assert done["commands"] == ["ike sa keepalive-timer interval 30", "ike sa keepalive-timer timeout 90"]
    more = configure(bench, "a", lines=["ike sa keepalive-timer interval 40"])
    assert more["commands"] == ["ike sa keepalive-timer interval 40"]
    assert more["rollback"] == ["ike sa keepalive-timer interval 30"]
    assert "interval 30" not in more["diff"]["after"]


def test_lines_without_a_router_are_for_the_default_one(tmp_path: Path) -> None:
    bench = SAMPLES[3].make(tmp_path)
    done = configure(bench, "edge7", lines=["interface loopback 0", " ip address 198.51.100.10 255.255.255.255"])
    assert done["commands"] == [
        "virtual-router default",
        "configure terminal",
        "interface loopback 0",
        "ip address 198.51.100.10 255.255.255.255",
        "exit",
        "end",
    ]
    assert " ip address 198.51.100.10 255.255.255.255" in bench.running("edge7")


def test_a_router_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    bench = SAMPLES[3].make(tmp_path)
    args = {"parents": "virtual-router vrNew", "lines": "ip route 10.1.0.0 255.255.0.0 10.8.0.1"}
    for check in (True, False):
        failed = configure(bench, "edge7", check=check, **args)
        assert failed["failed"]
        assert "'virtual-router vrNew' does not exist on the device and is never created here" in failed["msg"]
        assert "configure terminal" not in bench.sent
    assert "vrNew" not in bench.running("edge7")


# -- negations -------------------------------------------------------------------------------------------------------


def test_a_negation_takes_what_it_names_with_its_value(tmp_path: Path) -> None:
    bench = Bench(tmp_path, huawei_labs.pair())
    args = {"parents": f"interface {huawei_labs.SPARE}", "lines": "undo description"}
    done = configure(bench, "pe1", **args)
    assert done["commands"] == [f"interface {huawei_labs.SPARE}", " undo description", " quit"]
    again = configure(bench, "pe1", **args)
    assert not again["changed"]
    assert again["already_absent"] == ["undo description"]
    always = configure(bench, "pe1", negations="always", **args)
    assert always["changed"]
    assert always["commands"] == done["commands"]


def test_words_are_whole_words(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cisco_lab())
    untouched = configure(bench, "ms1", lines=["no ntp serv"])
    assert untouched["already_absent"] == ["no ntp serv"]
    assert untouched["commands"] == []
    gone = configure(bench, "ms1", lines=["no ntp server"], check=True)
    assert gone["commands"] == ["no ntp server"]
    assert gone["rollback"] == ["ntp server 203.0.113.250"]


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_keys_are_masked_and_not_compared_unless_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cisco_lab())
    args = {"parents": ["key chain NEW", "key 1"], "lines": [f"key-string {KEY}"]}
    done = configure(bench, "ms1", backup=True, **args)
    assert done["changed"], done
    assert "  key-string ********" in done["commands"]
    again = configure(bench, "ms1", **{**args, "lines": [f"key-string {NEXT_KEY}"]})
    assert not again["changed"]
    assert "Use update_secrets: always" in again["warnings"][0]
    rotated = configure(bench, "ms1", update_secrets="always", **{**args, "lines": [f"key-string {NEXT_KEY}"]})
    assert rotated["changed"]
    assert "(new)" in rotated["diff"]["after"]
    texts = json.dumps([done, again, rotated]) + Path(done["backup_path"]).read_text()
    assert not [secret for secret in (KEY, NEXT_KEY, SITE_KEY, "03205E06094212455A0C5452") if secret in texts]


def test_a_negation_that_is_not_sent_is_masked_too(tmp_path: Path) -> None:
    told = configure(Bench(tmp_path, cisco_lab()), "ms1", lines=[f"no username x password {NEXT_KEY}"])
    assert told["already_absent"] == ["no username x password ********"]


def test_keys_that_look_different_each_time_are_no_change(tmp_path: Path) -> None:
    bench = SAMPLES[3].make(tmp_path)
    failed = configure(bench, "edge7", **SAMPLES[3].refused)
    assert failed["reverted"]
    assert JUNOSE_KEY not in json.dumps(failed)


# -- proof -----------------------------------------------------------------------------------------------------------


def test_a_line_that_the_device_takes_but_does_not_show_is_taken_back(tmp_path: Path) -> None:
    """Abbreviations and default values: nothing would prove them, and every run would send them again."""
    bench = Bench(tmp_path, huawei_labs.pair())
    before = bench.running("pe1")
    args = {"parents": f"interface {huawei_labs.SPARE}", "lines": ["desc short"]}
    failed = configure(bench, "pe1", **args)
    assert failed["failed"]
    assert failed["reverted"]
    assert "does not show the configuration it accepted" in failed["msg"]
    assert "desc short" in failed["unmet"][0]["expected"]
    assert significant(bench.running("pe1")) == significant(before)


def test_the_whole_configuration_is_the_proof(tmp_path: Path) -> None:
    """Lines elsewhere that fell with the ones that were sent come back too."""
    bench = Bench(tmp_path, huawei_labs.pair(device={"os_version": huawei_labs.VRP5}))
    before = significant(bench.running("pe1"))
    failed = configure(bench, "pe1", lines=["undo mpls", "no-such-command"])
    assert failed["reverted"], failed["msg"]
    assert sorted(significant(bench.running("pe1"))) == sorted(before)


# -- somebody else at the same time -----------------------------------------------------------------------------------

FOREIGN = {
    # what somebody else types, what the device then shows, what the warning says
    "huawei_vrp": (
        ["interface LoopBack0", " description foreign", " quit", "keychain kc-foreign mode absolute", " quit"],
        [" description foreign", "keychain kc-foreign mode absolute"],
        ["'interface LoopBack0 / description foreign' is new", "'keychain kc-foreign mode absolute' is new"],
    ),
    "cisco_iosxe": (
        ["interface GigabitEthernet0/0/0", " description foreign", " exit", "no ntp server 203.0.113.250"],
        [" description foreign"],
        [
            "'interface GigabitEthernet0/0/0 / description foreign' is new",
            "'interface GigabitEthernet0/0/0 / description to the branch' is gone",
            "'ntp server 203.0.113.250' is gone",
        ],
    ),
    "h3c_comware": (
        ["interface Tunnel7", " description foreign", " quit"],
        [" description foreign"],
        ["'interface Tunnel7 / description foreign' is new"],
    ),
    "juniper_junose": (
        ["virtual-router vrBlue", "configure terminal", "ipsec option tx-invalid-cookie", "end"],
        ["ipsec option tx-invalid-cookie"],
        ["'virtual-router vrBlue / ipsec option tx-invalid-cookie' is new"],
    ),
    "allied_alliedware": (
        ['create isakmp policy="foreign" peer=198.51.100.77 key=1', "disable ipsec"],
        ['pol="foreign"'],
        ['create isakmp policy="foreign" peer=198.51.100.77 key=1\' is new', "'enable ipsec' is gone"],
    ),
}


def meanwhile(bench: Bench, device: str, line: str, commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else types `commands` in a session of their own, right before ours first types `line`."""
    typed = TerminalChannel._type
    waiting = [commands]

    def intruded(channel: TerminalChannel, text: str, said: str) -> str:
        if waiting and said.strip() == line:
            session = bench.session(device)
            bench.channels.pop()
            session.push(Plan(tuple(waiting.pop())), None, PushReport())
            session.close()
        return typed(channel, text, said)

    monkeypatch.setattr(TerminalChannel, "_type", intruded)


@each
def test_what_somebody_else_changes_meanwhile_stays(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = sample.make(tmp_path)
    commands, shown, said = FOREIGN[sample.platform]
    twin = sample.make(tmp_path)
    session = twin.session(sample.device)
    session.push(Plan(tuple(commands)), None, PushReport())
    session.close()
    meanwhile(bench, sample.device, sample.refused["lines"][-1].strip(), commands, monkeypatch)
    failed = configure(bench, sample.device, **sample.refused)
    assert failed["failed"]
    assert failed["reverted"], failed
    assert not failed["changed"]
    assert "what this change touched is as it was before (read again)" in failed["msg"]
    running = bench.running(sample.device)
    assert [line for line in significant(running) if "cipher" not in line] == [
        line for line in significant(twin.running(sample.device)) if "cipher" not in line
    ]
    assert all(line in running for line in shown)
    (warning,) = [text for text in failed["warnings"] if "meanwhile" in text]
    assert warning.startswith("Something else was changed on the device meanwhile and was left as it is: ")
    assert all(words in warning for words in said), warning


def test_a_key_that_somebody_else_sets_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, cisco_lab())
    foreign = ["key chain OTHER", " key 2", f"  key-string {NEXT_KEY}"]
    meanwhile(bench, "ms1", "no-such-command", foreign, monkeypatch)
    failed = configure(bench, "ms1", **SAMPLES[1].refused)
    assert failed["reverted"], failed
    assert "'key chain OTHER / key 2' is new" in json.dumps(failed["warnings"])
    changed = ["key chain OTHER", " key 2", f"  key-string {KEY}"]
    monkeypatch.undo()
    meanwhile(bench, "ms1", "no-such-command", changed, monkeypatch)
    again = configure(bench, "ms1", **SAMPLES[1].refused)
    (warning,) = [text for text in again["warnings"] if "meanwhile" in text]
    assert "'key chain OTHER / key 2 / key-string ********' is new" in warning or "key-string 7 ********" in warning
    assert not [secret for secret in (KEY, NEXT_KEY) if secret in json.dumps([failed, again])]


def test_a_foreign_change_does_not_spoil_a_change_that_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = SAMPLES[1]
    bench = sample.make(tmp_path)
    meanwhile(bench, "ms1", "ip mtu 1400", ["interface Loopback0", " description foreign"], monkeypatch)
    done = configure(bench, "ms1", **sample.change)
    assert done["changed"], done
    assert not [text for text in done["warnings"] if "meanwhile" in text]
    assert " description foreign" in bench.running("ms1")


def test_in_the_section_that_is_ours_everything_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, cisco_lab())
    before = significant(bench.running("ms1"))
    meanwhile(bench, "ms1", "no-such-command", ["interface Loopback0", " ip mtu 1300"], monkeypatch)
    failed = configure(bench, "ms1", **SAMPLES[1].refused)
    assert failed["reverted"]
    assert "the device is as it was before (read again)" in failed["msg"]
    assert significant(bench.running("ms1")) == before


def test_a_removed_section_comes_back_and_the_foreign_change_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the OS took along elsewhere (MPLS on the interfaces) comes back too."""
    bench = Bench(tmp_path, huawei_labs.pair(device={"os_version": huawei_labs.VRP5}))
    before = significant(bench.running("pe1"))
    foreign = ["interface LoopBack0", " description foreign", " quit"]
    meanwhile(bench, "pe1", "no-such-command", foreign, monkeypatch)
    failed = configure(bench, "pe1", lines=["undo mpls", "no-such-command"])
    assert failed["reverted"], failed["msg"]
    assert sorted(significant(bench.running("pe1"))) == sorted([*before, " description foreign"])
    (warning,) = [text for text in failed["warnings"] if "meanwhile" in text]
    assert "mpls" not in warning


@pytest.mark.parametrize("index", [0, 1])
def test_a_device_that_can_is_armed(index: int, tmp_path: Path) -> None:
    sample = SAMPLES[index]
    bench = sample.make(tmp_path)
    done = configure(bench, sample.device, confirm_timeout=120, **sample.change)
    assert not done.get("failed"), done
    assert done["changed"]
    armed = ("commit trial 120", "configure terminal revert timer 2")[index]
    assert armed in bench.sent
    assert ("commit", "configure confirm")[index] in bench.sent
    bench.pass_time(600)
    assert all(line in bench.running(sample.device) for line in sample.shows)


@each
def test_a_session_that_is_lost_in_the_middle_leaves_the_old_state(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    before = significant(bench.running(sample.device))
    line = sample.change["lines"][-1]
    fault = {"kind": "drop_session", "matching": f"^{line}", "when": "after", "times": 1}
    bench.world.devices[sample.device].faults.add(fault)
    failed = configure(bench, sample.device, **sample.change)
    assert failed["reverted"], failed
    assert failed["failed"]
    assert "the session was lost" in failed["msg"]
    assert sorted(significant(bench.running(sample.device))) == sorted(before)


def test_nothing_is_saved_unless_asked(tmp_path: Path) -> None:
    sample = SAMPLES[2]
    bench = sample.make(tmp_path)
    assert not configure(bench, "a", save_when="never", **sample.change)["saved"]
    assert configure(bench, "a", save_when="always", **sample.change)["saved"]


# -- AlliedWare: one command per line --------------------------------------------------------------------------------


def test_a_listing_cuts_its_words(tmp_path: Path) -> None:
    bench = SAMPLES[4].make(tmp_path)
    lines = [
        'create isakmp policy="hq" peer=198.51.100.20 encalg=aes128',
        "add ip interface=eth0 ipaddress=203.0.113.12 mask=255.255.255.0",
        "enable isakmp",
        "create ipsec saspecification=1 keymanagement=isakmp protocol=esp",
    ]
    assert configure(bench, "b12", lines=lines)["commands"] == []


def test_what_nothing_could_take_back_is_said(tmp_path: Path) -> None:
    bench = SAMPLES[4].make(tmp_path)
    told = configure(
        bench, "b12", check=True, lines=["set snmp location=here", "disable ip", 'destroy isakmp policy="nobody"']
    )
    assert told["commands"] == ["set snmp location=here", "disable ip"]
    assert told["rollback"] == ["enable ip"]
    assert told["already_absent"] == ['destroy isakmp policy="nobody"']
    assert "nothing could take them back: set snmp location=here" in told["warnings"][0]


# -- documentation ---------------------------------------------------------------------------------------------------


def test_the_examples_of_the_module_work(tmp_path: Path) -> None:
    """Each on the platform that it is for; the one with a template runs in the integration tests."""
    tree = ast.parse((ROOT / "plugins" / "modules" / "config.py").read_text("utf-8"))
    text = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES"
    )
    tasks = [task["netops.peerguard.config"] for task in yaml.safe_load(text)]
    given = [arguments for arguments in tasks if "src" not in arguments]
    for index, arguments in zip((0, 3, 4), given, strict=True):
        sample = SAMPLES[index]
        bench = sample.make(tmp_path)
        done = configure(bench, sample.device, **arguments)
        assert done["changed"], done
        assert not configure(bench, sample.device, **arguments)["changed"]
