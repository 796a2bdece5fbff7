# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exec commands with conditions on their output, for the `command` module."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .schema import Group, InvalidInput, Items, Leaf, Node, Values, argument_spec, validate
from .session import Session

_CONDITION = re.compile(
    r"result\[(?P<index>\d+)\]\s+(?P<negated>not\s+)?(?P<test>contains|matches|eq|neq|gt|ge|lt|le)\s+(?P<value>.+)",
    re.DOTALL,
)
_NUMERIC: Mapping[str, Callable[[float, float], bool]] = {
    "gt": lambda seen, value: seen > value,
    "ge": lambda seen, value: seen >= value,
    "lt": lambda seen, value: seen < value,
    "le": lambda seen, value: seen <= value,
}

OPTIONS: Mapping[str, Node] = {
    "wait_for": Values(Leaf("str")),
    "match": Leaf("str", choices=("all", "any")),
    "retries": Leaf("int", range=(1, 1000)),
    "interval": Leaf("int", range=(0, 3600)),
}
_COMMAND = Items("command", {"command": Leaf("str"), "prompt": Values(Leaf("raw")), "answer": Values(Leaf("raw"))})


@dataclass(frozen=True)
class Condition:
    """One test of `wait_for`, for example `result[0] contains ENABLE`."""

    text: str
    index: int
    negated: bool
    test: str
    value: str

    def holds(self, outputs: Sequence[str]) -> bool:
        """Whether the output that the condition names passes the test."""
        seen = outputs[self.index]
        return self._passes(seen) is not self.negated

    def _passes(self, seen: str) -> bool:
        if self.test == "contains":
            return self.value in seen
        if self.test == "matches":
            return re.search(self.value, seen, re.MULTILINE) is not None
        if self.test in ("eq", "neq"):
            return (seen.strip() == self.value) is (self.test == "eq")
        try:
            return _NUMERIC[self.test](float(seen.strip()), float(self.value))
        except ValueError:
            return False


@dataclass(frozen=True)
class CommandTask:
    """What the `command` module was asked to do."""

    commands: tuple[Mapping[str, Any], ...]
    conditions: tuple[Condition, ...] = ()
    match: str = "all"
    retries: int = 10
    interval: int = 1


def spec() -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    options = {name: argument_spec(node) for name, node in OPTIONS.items()}
    return {"commands": {"type": "list", "elements": "raw", "required": True}, **options}


def judge(args: Mapping[str, Any]) -> CommandTask:
    """Raw task arguments as a CommandTask. Raises InvalidInput with one sentence per problem."""
    given = {name: value for name, value in args.items() if name != "commands" and value is not None}
    wait_for = given.pop("wait_for", [])
    plain = validate(Group(OPTIONS), given, where="task")
    commands = _commands(args.get("commands"))
    texts = [wait_for] if isinstance(wait_for, str) else list(wait_for)
    conditions = tuple(_condition(str(text), len(commands)) for text in texts)
    return CommandTask(commands, conditions, **plain)


def _commands(given: Any) -> tuple[Mapping[str, Any], ...]:
    entries = [given] if isinstance(given, str) else given
    if not isinstance(entries, list) or not entries:
        raise InvalidInput(["commands: give at least one command to run."])
    plain = [{"command": entry} if isinstance(entry, str) else entry for entry in entries]
    for index, entry in enumerate(plain):
        validate(
            Group(_COMMAND.fields),
            {**entry, "prompt": _list(entry, "prompt"), "answer": _list(entry, "answer")}
            if isinstance(entry, Mapping)
            else entry,
            where=f"commands[{index}]",
        )
        if not str(entry.get("command") or "").strip():
            raise InvalidInput([f"commands[{index}]: command is missing."])
        if len(_list(entry, "prompt") or []) != len(_list(entry, "answer") or []):
            raise InvalidInput([f"commands[{index}]: give one answer for each prompt."])
        for prompt in _list(entry, "prompt") or []:
            _regular(f"commands[{index}].prompt", prompt)
    return tuple(
        {"command": str(e["command"]).strip(), "prompt": _list(e, "prompt") or [], "answer": _list(e, "answer") or []}
        for e in plain
    )


def _list(entry: Mapping[str, Any], name: str) -> list[str] | None:
    value = entry.get(name)
    if value is None:
        return None
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _condition(text: str, commands: int) -> Condition:
    found = _CONDITION.fullmatch(text.strip())
    if not found or int(found["index"]) >= commands:
        raise InvalidInput(
            [
                f"wait_for: '{text}' is not a condition; use result[N] followed by contains, matches, eq, neq, gt, ge, "
                f"lt or le (with 'not' before it to negate) and a value, where N is from 0 to {commands - 1}."
            ]
        )
    value = found["value"].strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    if found["test"] == "matches":
        _regular("wait_for", value)
    return Condition(text, int(found["index"]), bool(found["negated"]), found["test"], value)


def _regular(where: str, expression: str) -> None:
    try:
        re.compile(expression)
    except re.error as problem:
        raise InvalidInput([f"{where}: '{expression}' is not a regular expression: {problem}."]) from None


def run(
    session: Session, task: CommandTask, *, sleep: Callable[[float], None] = time.sleep
) -> tuple[list[str], list[str]]:
    """Run the commands until the conditions hold or the retries are used up: outputs, and failed conditions."""
    for attempt in range(task.retries if task.conditions else 1):
        if attempt:
            sleep(task.interval)
        outputs = [_run_one(session, entry) for entry in task.commands]
        failed = [condition.text for condition in task.conditions if not condition.holds(outputs)]
        if not failed or (task.match == "any" and len(failed) < len(task.conditions)):
            return outputs, []
    return outputs, failed


def _run_one(session: Session, entry: Mapping[str, Any]) -> str:
    if entry["prompt"]:
        return session.converse(entry["command"], list(zip(entry["prompt"], entry["answer"], strict=True)))
    return session.run([entry["command"]])[0]
