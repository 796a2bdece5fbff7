# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that go out in one write, and the stream that comes back, in whatever pieces the network makes of it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers import netmiko as carrier
from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import Login, NetmikoChannel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import NoAnswer
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook

PROMPT = re.compile(r"(?:^R1(?:\(config\))?[>#] ?|^.* ?--More-- ?)\Z", re.MULTILINE)
LINES = ("show clock", "show version", "show archive")
ANSWERS = {
    "show clock": "show clock\n*11:22:33 UTC\n",
    "show version": "show version\nR1 uptime is 1 day\nshow archive is a command\n> R1 is said here\n",
    "show archive": "show archive\n% not enabled\n",
}


class Wire:
    """What a netmiko connection is to the channel: pieces that come when their turn is."""

    RETURN = "\n"
    remote_conn = None

    def __init__(self, *pieces: str) -> None:
        self.pieces, self.written = list(pieces), list[str]()
        self._secrets_filter = SimpleNamespace(no_log={})

    def write_channel(self, text: str) -> None:
        self.written.append(text)

    def read_channel(self) -> str:
        return self.pieces.pop(0) if self.pieces else ""


def channel(wire: Wire, **login: Any) -> NetmikoChannel:
    return NetmikoChannel(wire, Login("r1", 22, command_timeout=0.5, **login), SecretBook())


def whole() -> str:
    return "".join(f"{ANSWERS[line]}R1#" for line in LINES)


@given(cuts=st.sets(st.integers(1, len(whole()) - 1)))
def test_each_answer_belongs_to_its_line_however_the_stream_is_cut(cuts: set[int]) -> None:
    text, places = whole(), [0, *sorted(cuts)]
    pieces = [text[start:end] for start, end in zip(places, [*places[1:], len(text)], strict=True)]
    wire = Wire(*pieces)
    talk = channel(wire)
    talk.send_ahead(LINES)
    assert wire.written == ["show clock\nshow version\nshow archive\n"]
    assert [talk.ask(line, PROMPT) for line in LINES] == [f"{ANSWERS[line]}R1#" for line in LINES]
    assert len(wire.written) == 1


def test_answers_that_nobody_asks_for_are_let_pass() -> None:
    wire = Wire(whole())
    talk = channel(wire)
    talk.send_ahead(LINES)
    talk.ask(LINES[0], PROMPT)
    wire.pieces.append("end\nR1#")
    assert talk.ask("end", PROMPT) == "end\nR1#"
    assert wire.written[-1] == "end\n"


def test_a_device_that_throws_it_away_is_asked_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "AHEAD_GRACE", 0.05)
    wire = Wire(f"{ANSWERS['show clock']}R1#")
    talk = channel(wire)
    talk.send_ahead(LINES)
    assert talk.ask(LINES[0], PROMPT) == f"{ANSWERS['show clock']}R1#"
    wire.pieces.append(f"{ANSWERS['show version']}R1#")
    assert talk.ask(LINES[1], PROMPT) == f"{ANSWERS['show version']}R1#"
    assert wire.written[1:] == ["show version\n"]
    talk.send_ahead(LINES)  # from now on each line waits
    assert wire.written[1:] == ["show version\n"]


def test_a_pager_that_ate_a_line_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "AHEAD_GRACE", 0.05)
    wire = Wire("show clock\nline 1\n --More-- ", "\nR1#how version\n  ^\n% Invalid\nR1#")
    talk = channel(wire)
    talk.send_ahead(LINES[:2])
    with pytest.raises(NoAnswer, match="ansible_netmiko_type_ahead"):
        talk.ask(LINES[0], PROMPT)


def test_it_can_be_turned_off() -> None:
    wire = Wire(f"{ANSWERS['show clock']}R1#")
    talk = channel(wire, type_ahead=False)
    talk.send_ahead(LINES)
    assert wire.written == []
    assert talk.ask(LINES[0], PROMPT).endswith("R1#")
    assert wire.written == ["show clock\n"]
