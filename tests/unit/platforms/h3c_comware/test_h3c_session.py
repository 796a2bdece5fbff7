# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Comware session: generations, prompts, wrapped echoes, errors, questions, saving."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from comware_labs import lab
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import CommandRejected
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware.drivers import ComwareSSH
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware.session import ComwareSession
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware.version import parse_version

V5 = (
    "H3C Comware Platform Software\nComware Software, Version 5.20, Release 2202\n"
    "Copyright (c) 2004-2010 Hangzhou H3C Tech. Co., Ltd. All rights reserved.\n"
    "H3C SecPath F1000-E uptime is 1 week, 0 day, 3 hours, 9 minutes\n"
)
HP = "HP Comware Platform Software\nComware Software, Version 5.20, Release 2209L22, RU\nHP A-MSR20 uptime is 0 week\n"
V7 = (
    "H3C Comware Software, Version 7.1.064, Release 9524\nCopyright (c) 2004-2017 New H3C Technologies\n"
    "H3C SecPath F5030 uptime is 0 weeks, 0 days, 3 hours, 9 minutes\nBoot image: flash:/boot.bin\n"
)


@pytest.mark.parametrize(
    ("text", "dialect", "version", "model"),
    [
        (V5, "comware5", "5.20, Release 2202", "SecPath F1000-E"),
        (HP, "comware5", "5.20, Release 2209L22", "A-MSR20"),
        (V7, "comware7", "7.1.064, Release 9524", "SecPath F5030"),
        ("Comware Software, Version 7.1.075, Alpha 7571\n", "comware7", "7.1.075, Alpha 7571", ""),
    ],
)
def test_generations(text: str, dialect: str, version: str, model: str) -> None:
    facts = parse_version(text, "FW-A")
    assert (facts.dialect, facts.version, facts.model) == (dialect, version, model)


@pytest.mark.parametrize(
    "text",
    ["Huawei Versatile Routing Platform Software\nVRP (R) software, Version 8.200 (NE40E V800R012C10)\n", ""],
)
def test_other_systems_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not look like H3C Comware"):
        parse_version(text)


def session(tmp_path: Path, **options: object) -> tuple[Bench, ComwareSession]:
    made = Bench(tmp_path, lab(options={"a": dict(options)}))
    made.newline = "\r"
    found = made.session("a")
    assert isinstance(found, ComwareSession)
    return made, found


def test_the_host_name_keeps_its_dashes(tmp_path: Path) -> None:
    _made, found = session(tmp_path)
    assert found.facts.hostname == "FW-A"
    _made, found = session(tmp_path, prompt_prefix="RBM_P")
    assert found.facts.hostname == "FW-A"


def test_a_wrapped_echo_is_no_output(tmp_path: Path) -> None:
    _made, found = session(tmp_path)
    found.prepare()
    for length in range(30, 130):  # the wrap comes in a word, in a gap, at the end
        command = "display current-configuration | include " + ("xy " * 60)[:length].rstrip()
        assert found.run([command]) == [""], length


def test_a_wide_output_after_a_wrapped_echo_is_whole(tmp_path: Path) -> None:
    _made, found = session(tmp_path)
    expression = "|".join(["sysname", *("never" + "x" * 20 for _name in range(4))])
    assert found.run([f"display current-configuration | include {expression}"])[0].strip() == "sysname FW-A"


def test_errors_name_the_command_and_the_words(tmp_path: Path) -> None:
    _made, found = session(tmp_path)
    with pytest.raises(CommandRejected, match="refused 'display nonsense': Unrecognized command found"):
        found.run(["display nonsense"])


def test_log_messages_are_no_errors() -> None:
    log = "%Nov 20 19:00:00:123 2031 FW-A SHELL/5/SHELL_LOGIN: netops logged in.\n"
    known = ComwareSession.errors
    assert not any(pattern.search(log) for pattern in known)
    for text in (" % Error: Unrecognized command", "Permission denied.", " % Wrong parameter found at '^' position."):
        assert any(pattern.search(text) for pattern in known)


def test_paging_that_cannot_be_turned_off_is_answered(tmp_path: Path) -> None:
    made, found = session(tmp_path, screen_length=10)
    found._prepared = True
    assert found.running_config() == made.running("a")


def test_questions_are_declined_outside_a_plan(tmp_path: Path) -> None:
    made, found = session(tmp_path)
    found.run(["save"])
    assert made.sent[-1] == "N"
    assert not made.world.devices["a"]._written  # type: ignore[attr-defined]
    found.converse("save", [(r"Are you sure\?", "y"), ("press the enter key", ""), ("overwrite", "y")])
    assert made.world.devices["a"]._written  # type: ignore[attr-defined]


def test_save_asks_nothing(tmp_path: Path) -> None:
    made, found = session(tmp_path)
    found.save()
    assert made.sent[-1] == "save force"
    assert made.world.devices["a"]._written


class Wire(ComwareSSH):
    """The driver with a scripted device instead of a network."""

    def __init__(self, said: str) -> None:
        self.said, self.typed, self.RETURN = said, [], "\n"  # type: ignore[misc]

    def read_until_pattern(self, pattern: str = "", **_more: object) -> str:
        found = re.search(f"({pattern})", self.said)  # netmiko puts it into a group
        assert found, self.said
        head, self.said = self.said[: found.end()], self.said[found.end() :]
        return head

    def write_channel(self, out_data: str) -> None:
        self.typed.append(out_data)


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("****\n* All rights reserved. > see [1]   *\n****\n\n<FW-A>", []),
        ("*** <legal> [1] ***\nPress Y or ENTER to continue, N to exit.\n\nRBM_P<FW-A>", ["\n"]),
        ("\n<FW-A>\x07", []),
    ],
)
def test_the_driver_reaches_the_first_prompt(said: str, typed: list[str]) -> None:
    wire = Wire(said)
    wire.session_preparation()
    assert (wire.typed, wire.said) == (typed, "")
