# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terminal behaviour that all systems share: editing, paging, login, faults, robustness."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.terminal import MAX_LINE

from .labs import AUTH, Client, lines, pair


def open_telnet(world):
    return world.devices["pe1"].open_session("telnet", None)


def test_telnet_login_hides_the_password() -> None:
    terminal = open_telnet(pair())
    assert terminal.start().endswith("Username:")
    assert terminal.receive("netops\r\n") == "netops\r\nPassword:"
    assert "lab-pass" not in (shown := terminal.receive("lab-pass\r\n"))
    assert shown.endswith("<PE1>")
    assert terminal.session.user == "netops"


def test_three_wrong_passwords_close() -> None:
    terminal = open_telnet(pair())
    terminal.start()
    for _attempt in range(3):
        assert not terminal.closed
        terminal.receive("netops\rwrong\r")
    assert terminal.closed


def test_line_editing() -> None:
    terminal = Client(pair()).terminal
    out = terminal.receive("display versiom\x7fn\x01\x05\r")
    assert "VRP (R) software" in out
    assert "VRP (R) software" in terminal.receive("display garbage\x17version\r")
    assert "VRP (R) software" in terminal.receive("nonsense\x15display version\r")
    assert "VRP (R) software" in terminal.receive("isplay version\x1b[H" + "d\r")
    assert "VRP (R) software" in terminal.receive("\x1b[A\r")
    assert terminal.receive("half a line\x03") == "half a line\r\n<PE1>"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\0"])
def test_line_ends(end: str) -> None:
    terminal = Client(pair()).terminal
    assert terminal.receive(f"undo screen-length temporary{end}").count("<PE1>") == 1


def test_long_lines_are_bounded() -> None:
    terminal = Client(pair()).terminal
    out = terminal.receive("x" * (3 * MAX_LINE))
    assert out.count("x") == MAX_LINE
    assert "Error: " in terminal.receive("\r")


def test_pager_keys() -> None:
    client = Client(pair())
    client.run("undo screen-length temporary")
    whole = Client(client.world).run("display current-configuration")
    first = client.terminal.receive("display current-configuration\r")
    assert first.endswith("  ---- More ----")
    assert first.count("\r\n") == 25
    line = client.terminal.receive("\r")
    erase = "\x1b[42D" + " " * 42 + "\x1b[42D"
    assert line.startswith(erase)
    assert line.count("\r\n") == 1
    rest = line + client.terminal.receive(" ")
    text = (first.partition("\r\n")[2] + rest).replace("  ---- More ----", "").replace(erase, "").replace("\r\n", "\n")
    assert text == whole + "<PE1>"
    client.terminal.receive("display current-configuration\r")
    assert client.terminal.receive("q").endswith("<PE1>")


def test_screen_length_counts_lines() -> None:
    client = Client(pair())
    client.run("screen-length 5 temporary")
    assert client.terminal.receive("display current-configuration\r").count("\r\n") == 6


def test_round_trips_are_counted_and_secrets_masked() -> None:
    world = pair()
    client = Client(world)
    client.run("system-view", "interface gi0/3/7", f"{AUTH} cipher Hidden-1")
    assert client.terminal.session.commands.count == 4
    assert len(world.devices["pe1"].commands) == 4
    assert list(client.terminal.session.commands)[-1] == f"{AUTH} cipher ********"


@pytest.mark.parametrize(
    "line",
    ["mpls rsvp auth c Hidden", "mpls rsvp-te authentication pl Hidden", "key-str ciph Hidden", "key-string Hidden x"],
)
def test_abbreviated_secrets_are_masked_too(line: str) -> None:
    client = Client(pair())
    client.run(line)
    assert "Hidden" not in list(client.terminal.session.commands)[-1]


def test_drop_session_fault_loses_the_candidate() -> None:
    world = pair()
    world.devices["pe1"].faults.add({"kind": "drop_session", "matching": "handshake", "when": "before", "times": 1})
    client = Client(world)
    client.run("system-view", "interface gi0/3/7", f"{AUTH} plain k", f"{AUTH} handshake")
    assert client.terminal.closed
    assert AUTH not in world.devices["pe1"].running
    again = Client(world)
    again.run("system-view", "interface gi0/3/7", f"{AUTH} plain k", f"{AUTH} handshake", "commit")
    assert "handshake" in world.devices["pe1"].running


def test_drop_at_a_command_after_it_ran() -> None:
    world = pair()
    world.devices["pe1"].faults.add({"kind": "drop_session", "at_command": 4, "when": "after"})
    client = Client(world)
    client.run("system-view", "mpls", "mpls te")
    assert client.terminal.closed


def test_other_faults() -> None:
    world = pair()
    device = world.devices["pe1"]
    device.faults.add({"kind": "garbage_after_banner", "text": "#### maintenance ]>", "times": 1})
    device.faults.add({"kind": "latency", "seconds": 1.5})
    device.faults.add({"kind": "slow_chunks", "size": 3, "pause": 0.1})
    client = Client(world)
    assert "#### maintenance ]>" in client.welcome
    assert client.terminal.delay == 1.5
    assert client.terminal.slow_chunks == (3, 0.1)
    device.faults.clear()
    client.run("display version")
    assert client.terminal.delay == 0
    device.faults.add({"kind": "refuse_login", "times": 1})
    assert not device.check_login("netops", "lab-pass")
    assert device.check_login("netops", "lab-pass")
    device.faults.add({"kind": "vty_full", "times": 1})
    refused = device.open_session("ssh", "netops")
    assert "user interfaces are used" in refused.start()
    assert refused.closed
    device.faults.add({"kind": "reboot", "matching": "^display clock", "seconds": 30, "times": 1})
    client.run("display clock")
    assert client.terminal.closed
    assert not device.reachable
    world.advance(31)
    assert device.reachable


def test_two_hundred_sessions() -> None:
    world = pair()
    terminals = [world.devices["pe1"].open_session("ssh", "netops") for _number in range(200)]
    for terminal in terminals:
        terminal.start()
    assert sum(not terminal.closed for terminal in terminals) == 21


def test_an_internal_error_stays_inside(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(pair())
    monkeypatch.setattr(client.terminal.shell, "execute", lambda line: 1 / 0)
    out = client.raw("display version")
    assert "Error: " in out
    assert "Traceback" not in out
    assert "ZeroDivisionError" in caplog.text
    assert not client.terminal.closed


_SHAKE = lines(f"{AUTH} cipher k", f"{AUTH} handshake")
_VOCABULARY = (
    "system-view mpls te rsvp-te peer 10.0.0.1 interface gi0/3/7 undo authentication cipher handshake commit trial 60 "
    "display configuration candidate changes keychain a mode absolute key-id 3 quit return y n c \x1a \x03 | ? include "
    "rollback last 1 save abort current-configuration statistics global reset lifetime 00:00:10"
)
_WORDS = st.sampled_from(_VOCABULARY.split(" "))
_BYTES = st.binary(max_size=20).map(lambda raw: raw.decode("latin-1"))
_ANYTHING = st.one_of(st.text(max_size=40), _WORDS, st.just("\r"), _BYTES)


@settings(max_examples=60)
@given(st.lists(_ANYTHING, max_size=60))
def test_random_input_never_raises(parts: list[str]) -> None:
    client = Client(pair(_SHAKE, _SHAKE))
    for part in parts:
        out = client.terminal.receive(part)
        assert "Traceback" not in out
        assert "Error: The system is busy" not in out


@settings(max_examples=40)
@given(st.lists(st.lists(_WORDS, min_size=1, max_size=6).map(" ".join), max_size=25))
def test_random_commands_never_fail_inside(commands: list[str]) -> None:
    client = Client(pair(_SHAKE, _SHAKE))
    for command in commands:
        client.world.advance(7)
        assert "Error: The system is busy" not in client.terminal.receive(command + "\r")


def test_a_line_feed_on_its_own_is_enter_even_after_a_carriage_return() -> None:
    """netmiko ends some lines with CR and asks for the prompt with LF."""
    world = pair()
    terminal = world.devices["pe1"].open_session("ssh", "netops")
    terminal.start()
    assert terminal.receive("\r\n").count("<PE1>") == 1
    assert terminal.receive("\r").count("<PE1>") == 1
    assert terminal.receive("\n").count("<PE1>") == 1
