# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""The `command` module's task: what it is asked, and when its conditions hold."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import command
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput


class Script:
    """A session that answers from a list, in turn; `asked` is what was typed."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), list[Any]()

    def run(self, commands: list[str]) -> list[str]:
        self.asked += commands
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] for _command in commands]

    def converse(self, line: str, answers: list[tuple[str, str]]) -> str:
        self.asked.append((line, answers))
        return "conversed"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "commands: give at least one command to run."),
        ({"commands": []}, "commands: give at least one command to run."),
        ({"commands": [" "]}, "commands[0]: command is missing."),
        ({"commands": [{"prompt": "x"}]}, "commands[0]: command is missing."),
        ({"commands": [["a"]]}, "commands[0]: expected a dictionary, got a list."),
        ({"commands": [{"command": "a", "prompt": ["x", "y"], "answer": "z"}]}, "commands[0]: give one answer for each prompt."),
        ({"commands": [{"command": "a", "wait": 1}]}, "commands[0]: wait is not an option here; the options are command, prompt, answer."),
        ({"commands": ["a"], "retries": 0}, "task.retries: '0' is not allowed; use a whole number from 1 to 1000."),
        ({"commands": ["a"], "match": "none"}, "task.match: 'none' is not allowed; use one of all, any."),
        ({"commands": ["a"], "tries": 1}, "task: tries is not an option here; the options are wait_for, match, retries, interval."),
    ],
)  # fmt: skip
def test_bad_tasks(args: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        command.judge(args)
    assert caught.value.problems == [sentence]


@pytest.mark.parametrize(
    "text", ["result[1] contains a", "result contains a", "result[0] has a", "result[0] contains", "x"]
)
def test_bad_conditions(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a condition; use result"):
        command.judge({"commands": ["a"], "wait_for": [text]})


@pytest.mark.parametrize(
    "args",
    [
        {"commands": ["a"], "wait_for": "result[0] matches (up"},
        {"commands": [{"command": "a", "prompt": "[Y/N", "answer": "Y"}]},
    ],
)
def test_bad_regular_expressions_are_told_before_anything_is_sent(args: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="is not a regular expression: "):
        command.judge(args)


@pytest.mark.parametrize(
    ("condition", "output", "holds"),
    [
        ("result[0] contains up", "it is up", True),
        ("result[0] contains 'is up'", "it is up", True),
        ('result[0] contains "is  up"', "it is up", False),
        ("result[0] not contains up", "it is up", False),
        ("result[0] matches ^is", "it\nis up", True),
        ("result[0] not matches ^is", "it is up", True),
        ("result[0] eq 5", " 5 \n", True),
        ("result[0] neq 5", "5", False),
        ("result[0] gt 4.5", "5", True),
        ("result[0] ge 5", "5\n", True),
        ("result[0] lt 5", "5", False),
        ("result[0] le 5", "many", False),
    ],
)
def test_conditions(condition: str, output: str, holds: bool) -> None:
    task = command.judge({"commands": ["a"], "wait_for": condition, "retries": 1})
    assert (command.run(Script(output), task)[1] == []) is holds  # type: ignore[arg-type]


def test_commands_are_repeated_until_the_conditions_hold() -> None:
    naps: list[float] = []
    session = Script("down", "down", "up")
    task = command.judge({"commands": ["a"], "wait_for": ["result[0] contains up"], "retries": 5, "interval": 7})
    assert command.run(session, task, sleep=naps.append) == (["up"], [])  # type: ignore[arg-type]
    assert (len(session.asked), naps) == (3, [7, 7])


def test_giving_up_names_what_did_not_hold() -> None:
    conditions = ["result[0] contains up", "result[0] contains down"]
    args = {"commands": ["a"], "wait_for": conditions, "retries": 2, "interval": 0}
    session = Script("down")
    outputs, failed = command.run(session, command.judge(args), sleep=lambda _seconds: None)  # type: ignore[arg-type]
    assert (outputs, failed, len(session.asked)) == (["down"], conditions[:1], 2)
    assert command.run(Script("down"), command.judge({**args, "match": "any"}))[1] == []  # type: ignore[arg-type]


def test_without_conditions_commands_run_once() -> None:
    session = Script("x")
    assert command.run(session, command.judge({"commands": "a"})) == (["x"], [])  # type: ignore[arg-type]
    assert session.asked == ["a"]


def test_questions_that_the_user_foresees() -> None:
    session = Script("x")
    task = command.judge({"commands": [{"command": "reset", "prompt": [r"\[Y/N\]", "sure"], "answer": ["Y", 1]}]})
    assert command.run(session, task) == (["conversed"], [])  # type: ignore[arg-type]
    assert session.asked == [("reset", [(r"\[Y/N\]", "Y"), ("sure", "1")])]
