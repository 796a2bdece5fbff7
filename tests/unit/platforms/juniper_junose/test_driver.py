# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The netmiko driver without a network: its patterns, its login, its registration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from netmiko.exceptions import ConnectionException, NetmikoAuthenticationException, NetmikoTimeoutException

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose import netmiko_driver

PROMPTS = ["edge7>", "edge7#", "edge7:vol>", "edge7:vol:vrf1#", "edge7(config)#", "edge7:vol(config-manual-key)#",
           "E320:vol(support)#", "pop-1.lab/2+a#"]  # fmt: skip


class Wire:
    """What a driver talks to: each answer to a written line is queued by the test."""

    closed = False

    def __init__(self, greeting: str, answers: Iterable[str]) -> None:
        self.incoming, self.answers = [greeting], list(answers)
        self.written: list[str] = []

    def close(self) -> None:
        self.closed = True


class Driver(netmiko_driver.JuniperJunoseSSH):
    """The driver over such a wire."""

    def __init__(self, wire: Wire, username: str = "tester", password: str = "Pass-1") -> None:
        self.remote_conn: Any = wire
        self.host, self.username, self.password, self.RETURN = "edge7", username, password, "\n"
        self.protocol = "wire"

    def read_channel(self) -> str:
        if not self.remote_conn.incoming:
            if self.remote_conn.answers is None:
                raise EOFError
            return ""
        return str(self.remote_conn.incoming.pop(0))

    def write_channel(self, out_data: str) -> None:
        self.remote_conn.written.append(out_data)
        self.remote_conn.incoming += self.remote_conn.answers[:1]
        del self.remote_conn.answers[:1]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_prompts(prompt: str) -> None:
    assert re.search(netmiko_driver.PROMPT, f"noise\n{prompt}")
    assert re.search(f"({netmiko_driver.PROMPT})", f"{prompt} ")  # netmiko wraps patterns in groups


@pytest.mark.parametrize("line", ["no prompt", "# comment", "hash # inside>", "(config)#", "a b#"])
def test_no_prompts(line: str) -> None:
    assert not re.search(netmiko_driver.PROMPT, line)


@pytest.mark.parametrize(
    ("greeting", "answers", "written"),
    [
        ("Logged in on vty 0 via SSH.\r\nedge7:vol>", [], []),
        ("\nTelnet password: ", ["******\nLogged in on vty 0 via telnet.\nedge7>"], ["Pass-1\n"]),
        ("banner\nUser: ", ["tester\nPassword: ", "******\nedge7#"], ["tester\n", "Pass-1\n"]),
        ("Password: ", ["******\n\nedge7:vrA#"], ["Pass-1\n"]),
        (
            "Telnet password: ",
            ["****\nUser: ", "tester\nPassword: ", "****\nedge7>"],
            ["Pass-1\n", "tester\n", "Pass-1\n"],
        ),
    ],
)
def test_login(greeting: str, answers: list[str], written: list[str]) -> None:
    driver = Driver(Wire(greeting, answers))
    driver.log_in()
    assert driver.remote_conn.written == written


@pytest.mark.parametrize("again", ["Password: ", "% Authentication failed\nPassword: "])
def test_a_question_that_comes_back_is_a_refusal(again: str) -> None:
    wire = Wire("Password: ", [f"******\n{again}"])
    with pytest.raises(NetmikoAuthenticationException, match="'password:' was asked again"):
        Driver(wire).log_in()
    assert wire.written == ["Pass-1\n"]
    assert wire.closed


def test_hanging_up() -> None:
    wire = Wire("No free lines\n", [])
    wire.answers = None  # type: ignore[assignment]
    with pytest.raises(ConnectionException, match="closed the connection before login"):
        Driver(wire).log_in()
    quiet = Wire("Password: ", [])
    driver = Driver(quiet)
    driver.write_channel = lambda _data: setattr(quiet, "closed", True)  # type: ignore[method-assign]
    with pytest.raises(NetmikoAuthenticationException, match="closed the connection"):
        driver.log_in()


def test_silence() -> None:
    with pytest.raises(NetmikoTimeoutException, match=r"no prompt within 0\.05 seconds"):
        Driver(Wire("", [])).log_in(timeout=0.05)


def test_a_banner_that_names_users_is_no_question() -> None:
    driver = Driver(Wire("Authorised User: only\nedge7>", []))
    driver.log_in()
    assert driver.remote_conn.written == []


@pytest.mark.parametrize(
    "text", ["% Invalid input detected at '^' marker.", "         ^", "command authorization failed"]
)
def test_error_pattern(text: str) -> None:
    assert re.search(netmiko_driver.ERROR, f"edge7(config)#x\n{text}\nedge7(config)#", re.MULTILINE)


def test_no_error() -> None:
    assert not re.search(netmiko_driver.ERROR, "Success rate = 100% (5/5)\nedge7#show x | include ^a\n", re.MULTILINE)
