# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - configuration lines stay whole
"""VRP plans: undo forms, order, what is closed and what is never touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan, planner_for
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.huawei_vrp.platform import PLATFORM

AUTH = "mpls rsvp-te authentication"
PORT = "interface Vlanif7"


def plan(before: str, after: str, dialect: str = "vrp8") -> Plan:
    return planner_for(PLATFORM.plan, DeviceFacts("huawei_vrp", dialect=dialect))(before, after)


def view(*lines: str, head: str = PORT) -> str:
    return f"{head}\n" + "".join(f" {line}\n" for line in lines)


def inside(lines: tuple[str, ...]) -> list[str]:
    """The stripped lines of the only section of a plan."""
    assert lines[0] == PORT
    assert lines[-1].strip() == "quit"
    return [line.strip() for line in lines[1:-1]]


@pytest.mark.parametrize(
    ("line", "vrp8", "immediate"),
    [
        (f"{AUTH} cipher abc", f"undo {AUTH}", f"undo {AUTH}"),
        (f"{AUTH} plain abc", f"undo {AUTH}", f"undo {AUTH}"),
        (f"{AUTH} keychain abc", f"undo {AUTH} keychain", f"undo {AUTH}"),
        (f"{AUTH} handshake", f"undo {AUTH} handshake", f"undo {AUTH} handshake"),
        (f"{AUTH} lifetime 00:40:00", f"undo {AUTH} lifetime", f"undo {AUTH} lifetime"),
        (f"{AUTH} window-size 8", f"undo {AUTH} window-size", f"undo {AUTH} window-size"),
    ],
)
def test_undo_takes_no_value(line: str, vrp8: str, immediate: str) -> None:
    assert inside(plan(view(line), view()).commands) == [vrp8]
    assert inside(plan(view(), view(line)).rollback) == [vrp8]
    for dialect in ("vrp5", "v600"):
        assert inside(plan(view(line), view(), dialect).commands) == [immediate]


@pytest.mark.parametrize(
    "line", ["timer refresh 45", "keep-multiplier 5", "challenge-lost 7", "retrans-timer challenge 2000"]
)
def test_timers(line: str) -> None:
    text = f"mpls\n mpls te\n mpls rsvp-te {line}\n"
    bare = "mpls\n mpls te\n"
    undo = f"  undo mpls rsvp-te {line.rpartition(' ')[0]}"
    assert plan(text, bare).commands == ("mpls", undo, "  quit")
    assert plan(bare, text).commands == ("mpls", f"  mpls rsvp-te {line}", "  quit")
    other = text.replace(line, f"{line.rpartition(' ')[0]} 9")
    assert plan(text, other).commands == ("mpls", f"  mpls rsvp-te {line.rpartition(' ')[0]} 9", "  quit")


def test_a_new_form_overwrites_the_old_one_without_a_gap() -> None:
    commands = inside(plan(view(f"{AUTH} cipher abc", f"{AUTH} handshake"), view(f"{AUTH} keychain k", f"{AUTH} handshake")).commands)  # fmt: skip
    assert commands == [f"{AUTH} keychain k", f"{AUTH} handshake"]


def test_an_interface_is_never_created_or_removed() -> None:
    text = view(f"{AUTH} cipher abc")
    for one, other in ((text, ""), ("", text)):
        both = plan(one, other)
        assert not [line for line in (*both.commands, *both.rollback) if line.startswith("undo interface")]
    assert plan("interface Vlanif7\n", "").commands == ()


def test_order() -> None:
    after = view(f"{AUTH} window-size 8", f"{AUTH} handshake", f"{AUTH} cipher abc", "mpls rsvp-te", "mpls te", "mpls")
    both = plan("", after)
    assert inside(both.commands) == ["mpls", "mpls te", "mpls rsvp-te", f"{AUTH} cipher abc", f"{AUTH} handshake", f"{AUTH} window-size 8"]  # fmt: skip
    back = inside(both.rollback)
    assert back.index(f"undo {AUTH} handshake") < back.index(f"undo {AUTH}") < back.index("undo mpls rsvp-te")
    assert back[-3:] == ["undo mpls rsvp-te", "undo mpls te", "undo mpls"]


def test_a_view_that_is_entered_with_nothing_to_say_is_left_again() -> None:
    text = "mpls\n mpls te\n mpls rsvp-te peer 10.0.0.1\n mpls rsvp-te peer 10.0.0.2\n  mpls rsvp-te authentication handshake\n"
    assert plan("mpls\n mpls te\n", text).commands == (
        "mpls",
        "  mpls rsvp-te peer 10.0.0.1",
        "    quit",
        "  mpls rsvp-te peer 10.0.0.2",
        f"    {AUTH} handshake",
        "    quit",
        "  quit",
    )
    assert plan("", "mpls\n").commands == ("mpls", "  quit")
    assert inside(plan(view(), view("mpls")).commands) == ["mpls"]  # in an interface it opens nothing


LINES = st.lists(
    st.sampled_from([f"{AUTH} cipher a", f"{AUTH} handshake", f"{AUTH} lifetime 00:40:00", f"{AUTH} window-size 8", "mpls", "mpls te"]),
    unique=True,
).map(sorted)  # fmt: skip


@given(LINES, LINES, st.sampled_from(["vrp8", "vrp5"]))
def test_equal_texts_need_nothing_and_rollback_is_the_plan_back(one: list[str], other: list[str], dialect: str) -> None:
    assert not plan(view(*one), view(*one), dialect)
    there, back = plan(view(*one), view(*other), dialect), plan(view(*other), view(*one), dialect)
    assert (there.rollback, back.rollback) == (back.commands, there.commands)
