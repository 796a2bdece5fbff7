# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VRP session: first against scripted answers that are hard to provoke, then against the emulated device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from huawei_labs import AUTH, KEY, PORT, V600, VRP5, VRP8, pair
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import NoAnswer, SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import (
    CommandRejected,
    DeviceBusy,
    DeviceError,
    PushFailed,
    PushReport,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.huawei_vrp.session import VrpSession

VERSION = "VRP (R) software, Version 8.200 (NE40E V800R012C10SPC300)\nHUAWEI NE40E uptime is 1 day\n"


class Script:
    """A channel that answers as told: a line's entry is its text and the prompt after it; others get the prompt."""

    host, enable_password = "pe1", None

    def __init__(self, prompt: str = "<PE1>", **answers: Any) -> None:
        self.prompt, self.sent = prompt, list[str]()
        self.answers: dict[str, Any] = {"display version": VERSION, **answers.pop("lines", {})}
        assert not answers

    def ask(self, line: str, until: re.Pattern[str], *, timeout: float | None = None, key: bool = False) -> str:
        self.sent.append(line)
        answer = self.answers.get(line, "")
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else ""
        if isinstance(answer, Exception):
            raise answer
        text, prompt = answer if isinstance(answer, tuple) else (answer, None)
        if (prompt and not prompt.endswith((":", "]", "----"))) or (prompt or "").startswith(("[~", "[*")):
            self.prompt = prompt
        said = ("" if key else f"{line}\n") + text + (prompt if prompt is not None else self.prompt)
        assert until.search(said), f"no prompt in {said!r}"
        return said

    def send_ahead(self, lines: Sequence[str]) -> None:
        """Each is answered when it is asked for."""

    def close(self) -> None:
        self.sent.append("(closed)")


def session(prompt: str = "<PE1>", **lines: Any) -> tuple[VrpSession, Script]:
    channel = Script(prompt, lines=dict(lines.pop("lines", {})))
    return VrpSession(channel, SecretBook()), channel


# -- prompts, questions, errors --------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt",
    [
        "<PE1>",
        "[~PE1]",
        "[*PE1-mpls]",
        "[PE1-GigabitEthernet0/3/7]",
        "HRP_M<PE1>",
        "HRP_S[PE1]",
        "[~PE1-mpls-rsvp-te-peer-10.0.0.1]",
    ],
)
def test_prompts(prompt: str) -> None:
    vrp, _channel = session(prompt, lines={"display clock": "2031-05-14 09:20:00\n"})
    assert vrp.run(["display clock"]) == ["2031-05-14 09:20:00"]
    assert vrp.hostname.startswith("PE1")


def test_text_that_looks_like_a_prompt_ends_nothing() -> None:
    text = "[V200R009C00SPC500]\n#\n<other>\n description [x]\n"
    vrp, _channel = session(lines={"display current-configuration": text})
    assert vrp.run(["display current-configuration"]) == [text.rstrip("\n")]
    assert vrp._ending.search(text) is None
    assert vrp._ending.search("[V200R009C00SPC500]") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "                 ^\nError: Unrecognized command found at '^' position.\n",
            "Unrecognized command found at '^' position.",
        ),
        ("Error: Incomplete command found at '^' position.\n", "Incomplete command found at '^' position."),
        ("Error: Please configure RSVP authentication first.\n", "Please configure RSVP authentication first."),
        ("Warning: x\nError:No such interface\n", "No such interface"),
    ],
)
def test_errors_name_command_and_reason(text: str, reason: str) -> None:
    vrp, _channel = session(lines={"display nothing": text})
    with pytest.raises(CommandRejected) as caught:
        vrp.run(["display nothing"])
    assert str(caught.value) == f"the device refused 'display nothing': {reason}"


@pytest.mark.parametrize(
    "text", ["Info: fine\n", " description Error: none\n", "Warning: careful\n", "Errors: 0\n", "CRC Error: 0\n"]
)
def test_what_is_no_error(text: str) -> None:
    vrp, _channel = session(lines={"display something": text})
    assert vrp.run(["display something"]) == [text.rstrip("\n")]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Are you sure to continue?[Y/N]", "N"),
        ("Warning: it hurts. Continue? [Y/N]:", "N"),
        ("System will reboot! Continue? [y/n]:", "N"),
        ("Proceed? [Yes/No]:", "No"),
        (
            (
                "Warning: Uncommitted configurations found. Are you sure to commit them before exiting?"
                " [Y(yes)/N(no)/C(cancel)]:"
            ),
            "N",
        ),
    ],
)
def test_questions_are_declined_outside_a_plan(question: str, answer: str) -> None:
    vrp, channel = session(lines={"reset it": ("", question)})
    assert vrp.run(["reset it"]) == [question]
    assert channel.sent[-1] == answer


def test_a_question_that_the_user_foresees_gets_his_answer() -> None:
    vrp, channel = session(lines={"reset it": ("", "Continue? [Y/N]:")})
    vrp.converse("reset it", [(r"Continue\?", "Y")])
    assert channel.sent[-1] == "Y"


def test_a_device_that_asks_for_ever_is_given_up() -> None:
    question = ("", "Error: Please choose 'YES' or 'NO'. [Yes/No]:")
    vrp, channel = session(lines={"reset it": question, "No": question})
    with pytest.raises(NoAnswer, match="asks the same again and again"):
        vrp.run(["reset it"])
    assert len(channel.sent) < 30


def test_pages_are_turned_where_paging_cannot_be_switched_off() -> None:
    more = "  ---- More ----"
    erase = "\x1b[42D" + " " * 42 + "\x1b[42D"
    vrp, channel = session(
        lines={
            "screen-length 0 temporary": " ^\nError: Unrecognized command found at '^' position.\n",
            "display current-configuration": ("!x\n#\nmpls\n", more),
            " ": [(f"{erase} mpls te\n", more), f"{erase} mpls rsvp-te\n#\nreturn\n"],
        }
    )
    assert vrp.running_config() == "#\nmpls\n mpls te\n mpls rsvp-te\n#\nreturn\n"
    assert channel.sent[-2:] == [" ", " "]


def test_another_system_is_told() -> None:
    vrp, _channel = session(lines={"display version": "Cisco IOS XE Software\n"})
    with pytest.raises(DeviceError, match="does not look like Huawei VRP; is ansible_network_os right"):
        _facts = vrp.facts


# -- scripted pushes -------------------------------------------------------------------------------

PLAN = Plan(("interface Vlanif7", "  mpls rsvp-te authentication handshake", "  quit"))


def pushed(within: int | None = None, **lines: Any) -> tuple[BaseException | None, Script, PushReport]:
    answers = {
        "system-view": ("Enter system view, return user view with return command.\n", "[~PE1]"),
        "return": ("", "<PE1>"),
    }
    vrp, channel = session(lines={**answers, **lines.pop("lines", {})})
    report = PushReport()
    try:
        vrp.push(PLAN, within, report)
    except DeviceError as error:
        return error, channel, report
    return None, channel, report


def test_a_push() -> None:
    error, channel, report = pushed()
    assert error is None
    assert channel.sent == [
        "screen-length 0 temporary",
        "system-view",
        "display version",
        "interface Vlanif7",
        "mpls rsvp-te authentication handshake",
        "quit",
        "commit",
        "return",
    ]
    assert (report.sent, report.not_sent, report.armed) == (list(PLAN.commands), [], False)


def test_an_armed_push() -> None:
    _error, channel, report = pushed(120)
    assert "commit trial 120" in channel.sent
    assert report.armed


def test_a_refused_line_drops_the_candidate() -> None:
    text = "      ^\nError: Wrong parameter found at '^' position.\n"
    error, channel, report = pushed(lines={"mpls rsvp-te authentication handshake": text})
    assert isinstance(error, PushFailed)
    assert error.clean
    assert (
        str(error)
        == "the device refused 'mpls rsvp-te authentication handshake': Wrong parameter found at '^' position."
    )
    assert channel.sent[-2:] == ["clear configuration candidate", "return"]
    assert "commit" not in channel.sent
    assert (report.sent, report.not_sent) == (list(PLAN.commands), [])  # the section went out in one go


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "mpls rsvp-te authentication handshake\nError: The key is missing.\n",
            "at 'mpls rsvp-te authentication handshake': The key is missing.",
        ),
        ("Error: Failed to commit the configuration.\n", "Failed to commit the configuration."),
        (
            (
                "Commit canceled, the configuration conflicted with other user, you can modify \nthe configuration and"
                " commit again.\n"
            ),
            "Commit canceled, the configuration conflicted with other user, you can modify",
        ),
    ],
)
@pytest.mark.parametrize("within", [None, 60])
def test_a_failed_commit_names_the_failing_line(text: str, told: str, within: int | None) -> None:
    line = "commit trial 60" if within else "commit"
    error, channel, report = pushed(within, lines={line: (text, "[*PE1]")})
    assert isinstance(error, PushFailed)
    assert str(error) == f"the device refused '{line}': {told}"
    assert channel.sent[-2:] == ["clear configuration candidate", "return"]
    assert not report.armed


def test_a_commit_that_says_nothing_but_leaves_the_candidate_dirty_failed() -> None:
    """netmiko's own driver takes this for a success."""
    error, channel, _report = pushed(lines={"commit": ("", "[*PE1]")})
    assert str(error) == "the device refused 'commit': the candidate is still uncommitted"
    assert "clear configuration candidate" in channel.sent


@pytest.mark.parametrize(
    "text",
    [
        "Error: The configuration is locked by other user. [Session ID = 407]\n",
        "Error: The system is busy in building configuration. Please wait for a moment...\n",
    ],
)
def test_a_lock_is_told_as_such(text: str) -> None:
    error, channel, _report = pushed(lines={"commit": (text, "[*PE1]")})
    assert isinstance(error, DeviceBusy)
    assert "nothing was changed" in str(error)
    assert "clear configuration candidate" in channel.sent
    error, channel, _report = pushed(lines={"system-view": (text, "<PE1>")})
    assert isinstance(error, DeviceBusy)
    assert channel.sent[-1] == "system-view"


def test_somebody_elses_candidate_is_neither_committed_nor_dropped() -> None:
    error, channel, report = pushed(lines={"system-view": ("", "[*PE1]")})
    assert isinstance(error, DeviceBusy)
    assert "uncommitted changes that are not ours" in str(error)
    assert channel.sent[-1] == "system-view"
    assert not report.sent


def test_a_lost_session_leaves_a_true_report() -> None:
    vrp, channel = session(lines={"system-view": ("", "[~PE1]"), "quit": SessionLost("gone")})
    report = PushReport()
    with pytest.raises(SessionLost):
        vrp.push(PLAN, 60, report)
    assert (report.sent, report.not_sent, report.armed) == (list(PLAN.commands), [], False)
    assert channel.sent[-1] == "quit"  # nothing more is tried on a dead line


def test_a_lost_answer_to_the_commit_may_have_armed_it() -> None:
    vrp, _channel = session(lines={"system-view": ("", "[~PE1]"), "commit trial 60": SessionLost("gone")})
    report = PushReport()
    with pytest.raises(SessionLost):
        vrp.push(PLAN, 60, report)
    assert report.armed


def test_secrets_are_revealed_to_the_device_alone() -> None:
    text = f"                ^\nError: Wrong parameter '{KEY}' found at '^' position.\n"
    vrp, channel = session(lines={"system-view": ("", "[~PE1]"), f"{AUTH} cipher {KEY}": text})
    line = f"{AUTH} cipher {vrp.book.seal(Secret(KEY))}"
    report = PushReport()
    with pytest.raises(PushFailed) as caught:
        vrp.push(Plan((line,)), None, report)
    assert f"{AUTH} cipher {KEY}" in channel.sent
    assert (
        str(caught.value)
        == f"the device refused '{AUTH} cipher ********': Wrong parameter '********' found at '^' position."
    )
    assert KEY not in repr((caught.value, caught.value.__dict__, report))


def test_confirming_what_has_run_out_is_an_error() -> None:
    status = "Trial status: INACTIVE\nTrial time left (sec): 0\n"
    vrp, channel = session(lines={"display configuration trial status": status})
    with pytest.raises(DeviceError, match="the trial time was over"):
        vrp.confirm()
    assert "commit" not in channel.sent


@pytest.mark.parametrize(
    "text", ["Now saving all configuration to the slot 17\nInfo: Save the configuration successfully.\n"]
)
def test_the_first_save_asks_for_a_file_name(text: str) -> None:
    question = "Please input the file name(*.cfg, *.zip, *.dat):"
    vrp, channel = session(lines={"save": ("", "Are you sure to continue?[Y/N]"), "Y": ("", question), "": text})
    vrp.save()
    assert channel.sent[-3:] == ["save", "Y", ""]


def test_a_save_that_fails_is_an_error() -> None:
    vrp, _channel = session(lines={"save": ("", "Are you sure to continue?[Y/N]"), "Y": "Error: No space left.\n"})
    with pytest.raises(CommandRejected, match="refused 'save': No space left"):
        vrp.save()


# -- the emulated device ---------------------------------------------------------------------------


def bench(tmp_path: Path, **device: Any) -> Bench:
    return Bench(tmp_path, pair(device=device))


CHANGE = Plan((f"interface {PORT}", f"  {AUTH} cipher A-Session-Key", f"  {AUTH} handshake", "  quit"))


def has_handshake(lab: Bench) -> bool:
    return f"{AUTH} handshake" in lab.running("pe1")


@pytest.mark.parametrize("version", [VRP8, VRP5, V600])
def test_push_on_each_family(tmp_path: Path, version: str) -> None:
    lab = bench(tmp_path, os_version=version)
    vrp = lab.session("pe1")
    assert vrp.can_arm is (version == VRP8)
    vrp.push(CHANGE, None, PushReport())
    assert has_handshake(lab)
    assert ("commit" in lab.sent) is (version == VRP8)
    assert vrp.run(["display version"])[0].startswith("Huawei")  # back in the user view


def test_trial_confirm_and_abort(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    vrp = lab.session("pe1")
    vrp.push(CHANGE, 90, PushReport())
    assert has_handshake(lab)
    assert vrp.on_trial()
    vrp.abort()
    assert not has_handshake(lab)
    assert not vrp.on_trial()
    vrp.push(CHANGE, 90, PushReport())
    vrp.confirm()
    lab.pass_time(1000)
    assert has_handshake(lab)


def test_abort_from_a_new_session(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    lab.session("pe1").push(CHANGE, 90, PushReport())
    lab.channels[-1].close()
    lab.session("pe1").abort()
    assert not has_handshake(lab)
    lab.session("pe1").abort()  # nothing armed, nothing done
    assert "abort trial" not in lab.channels[-1].sent


def test_a_trial_that_ran_out(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    vrp = lab.session("pe1")
    vrp.push(CHANGE, 60, PushReport())
    lab.pass_time(61)
    assert not has_handshake(lab)
    with pytest.raises(DeviceError, match="trial time was over"):
        vrp.confirm()


@pytest.mark.parametrize("dialogue", ["ne40e", "classic"])
@pytest.mark.parametrize("version", [VRP8, VRP5])
def test_both_save_dialogues(tmp_path: Path, dialogue: str, version: str) -> None:
    lab = bench(tmp_path, os_version=version, options={"save_dialogue": dialogue})
    vrp = lab.session("pe1")
    vrp.push(CHANGE, None, PushReport())
    assert f"{AUTH} handshake" not in lab.world.devices["pe1"].startup
    vrp.save()
    assert f"{AUTH} handshake" in lab.world.devices["pe1"].startup


@pytest.mark.parametrize("wording", [1, 2])
def test_the_uncommitted_question_never_commits(tmp_path: Path, wording: int) -> None:
    lab = bench(tmp_path, options={"uncommitted_question": wording})
    vrp = lab.session("pe1")
    assert isinstance(vrp, VrpSession)
    vrp.prepare()
    for line in ("system-view", f"interface {PORT}", f"{AUTH} cipher x1y2z3"):
        vrp.exchange(line)
    assert vrp.exchange("return").prompt == "<PE1>"
    assert f"{AUTH}" not in lab.running("pe1")
    assert not lab.world.devices["pe1"].commits.points  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", [VRP8, VRP5])
@pytest.mark.parametrize("screen", [24, 3])
def test_paged_output_is_the_same(tmp_path: Path, version: str, screen: int) -> None:
    """A user who may not switch paging off."""
    lab = bench(tmp_path, os_version=version, options={"screen_length": screen})
    plain = lab.session("pe1").running_config()
    vrp = lab.session("pe1")
    assert isinstance(vrp, VrpSession)
    vrp._prepared = True
    assert vrp.running_config() == plain
    assert lab.channels[-1].sent.count(" ") >= 1


def test_running_config_has_no_volatile_lines(tmp_path: Path) -> None:
    lab = bench(tmp_path)
    text = lab.session("pe1").running_config()
    assert "!" not in text
    assert text == lab.running("pe1")
    lab = bench(tmp_path, os_version=VRP5, options={"bracket_header": True})
    assert lab.session("pe1").running_config().startswith("[V200R019C10SPC500]\n#\n")


def test_a_name_with_dashes_is_learnt_whole(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "name: t\nclock: manual\ndevices: {r: {platform: huawei_vrp, hostname: PE-NORTH-1}}\n")
    assert bench.session("r").facts.hostname == "PE-NORTH-1"
