# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSH's client, and a plain Telnet conversation typed by a script: what a person would see."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from lab_fixtures import LabHandle

pytestmark = pytest.mark.lab

needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="no OpenSSH client on this machine")


def command(lab: LabHandle, device: str, key: Path, *more: str) -> list[str]:
    hosts = lab.known_hosts(device)
    options = [f"UserKnownHostsFile={hosts}", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "BatchMode=yes"]
    given = [part for option in options for part in ("-o", option)]
    port = str(lab.port(device))
    return ["ssh", "-F", "none", "-i", str(key), "-p", port, *given, *more[:1], "netops@127.0.0.1", *more[1:]]


@needs_ssh
@pytest.mark.parametrize(("device", "line", "said"), [("xe1", "show clock", "UTC"), ("vrp8", "display version", "VRP")])
def test_openssh_runs_one_command(lab: LabHandle, key: Path, device: str, line: str, said: str) -> None:
    done = subprocess.run(
        command(lab, device, key, "-T", line), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@needs_ssh
def test_openssh_in_a_terminal(lab: LabHandle, key: Path) -> None:
    """A pseudo-terminal with keys that people press: Tab, ?, arrow up, Ctrl-Z, the pager's space."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command(lab, "xe1", key, "-tt"), stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    try:
        assert "XE1>" in heard(leader, "XE1>")
        os.write(leader, b"ena\t\r")
        assert "enable" in heard(leader, "Password: ")
        os.write(leader, b"Enable-Pass-1\r")
        assert "Enable-Pass-1" not in heard(leader, "XE1#")
        os.write(leader, b"show lisp ?")
        assert "session" in heard(leader, "XE1#show lisp ")
        os.write(leader, b"\x15conf t\r")
        heard(leader, "XE1(config)#")
        os.write(leader, b"\x1a")
        heard(leader, "XE1#")
        os.write(leader, b"\x1b[A\r")
        heard(leader, "XE1(config)#")
        os.write(leader, b"end\rshow running-config\r")
        heard(leader, "--More-- ")
        os.write(leader, b"q")
        heard(leader, "XE1#")
        os.write(leader, b"exit\r")
        assert process.wait(10) in (0, 255)
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def heard(descriptor: int, until: str, seconds: float = 10.0) -> str:
    """All that comes until a text came."""
    text, end = "", time.monotonic() + seconds
    while until not in text:
        if not select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
            raise AssertionError(f"{until!r} did not come: {text!r}")
        text += os.read(descriptor, 4096).decode("utf-8", "replace")
    return text


# Device, first prompt, and what a person types: keys, and the text that has to come.
TYPED: dict[str, list[tuple[str, str]]] = {
    "vrp8": [
        ("dis ver\r", "VRP (R) software"), ("\r", "<vrp8>"), ("disp\tver\t\r", "display version"), ("\r", "<vrp8>"),
        ("display mpls rsvp-te ?", "statistics"), ("\x15sys\r", "[~vrp8]"), ("int lo 5\r", "[*vrp8-LoopBack5]"),
        ("\x1a", "[Y(yes)/N(no)/C(cancel)]"), ("n\r", "<vrp8>"), ("\x1b[A\x1b[A\r", "[~vrp8]"), ("ret\r", "<vrp8>"),
        ("screen-length 5 temporary\r", "<vrp8>"), ("display interface brief\r", "---- More ----"), ("\x03", "<vrp8>"),
        ("nonsense\r", "Unrecognized command"), ("\r", "<vrp8>"), ("half a line\x03", "<vrp8>"),
    ],
    "fw7": [
        ("dis ver\r", "Comware Software"), ("\r", "<FW-7>"), ("sys\r", "[FW-7]"), ("ike ?", "keepalive"),
        ("\x15ike keepa\tinterval 30\r", "ike keepalive interval 30"), ("\r", "[FW-7]"), ("\x1a", "<FW-7>"),
        ("\x10\x10\r", "[FW-7]"), ("undo ike keepalive interval\r", "[FW-7]"), ("quit\r", "<FW-7>"),
    ],
    "erx": [
        ("en\r", "Password: "), ("Enable-Pass-1\r", "erx#"), ("show ipsec ?", "option"),
        ("\x15conf t\r", "erx(config)#"), ("ipsec opt\ttx-invalid-cookie\r", "ipsec option tx-invalid-cookie"),
        ("\x1a", "erx#"), ("show ipsec option\r", "TX Invalid Cookie  : enabled"), ("\r", "erx#"),
    ],
    "aw": [
        ("sh sys\r", "2.8.1"), ("\r", "Manager"), ("show config dynamic\r", "> "),
        ("\x1b[A\x17\x17\x17sh sys\r", "2.8.1"),
    ],
}  # fmt: skip
FIRST = {"vrp8": "<vrp8>", "fw7": "<FW-7>", "erx": "erx>", "aw": "> "}


def type_keys(lab: LabHandle, device: str, leader: int) -> None:
    """Log in where the device asks, then type."""
    heard(leader, FIRST[device])
    for keys, until in TYPED[device]:
        os.write(leader, keys.encode())
        heard(leader, until)


@needs_ssh
@pytest.mark.parametrize("device", list(TYPED))
def test_openssh_feels_like_the_device(lab: LabHandle, device: str) -> None:
    """OpenSSH asks for the password on its terminal, as it does when a person is there."""
    options = ["UserKnownHostsFile=" + str(lab.known_hosts(device)), "PreferredAuthentications=password"]
    given = [part for option in options for part in ("-o", option)]
    typed = ["ssh", "-F", "none", "-tt", "-p", str(lab.port(device)), *given, "netops@127.0.0.1"]
    with at_a_terminal(typed) as leader:
        heard(leader, "password: ")
        os.write(leader, b"Lab-Pass-1\n")
        type_keys(lab, device, leader)


@pytest.mark.skipif(shutil.which("telnet") is None, reason="no telnet program on this machine")
@pytest.mark.parametrize("device", list(TYPED))
def test_telnet_program_feels_like_the_device(lab: LabHandle, device: str) -> None:
    user, password = {"erx": ("User: ", "Password: "), "aw": ("login: ", "password: ")}.get(
        device, ("Username:", "Password:")
    )
    with at_a_terminal(["telnet", "127.0.0.1", str(lab.port(device, "telnet"))]) as leader:
        heard(leader, user)
        os.write(leader, b"netops\r")
        heard(leader, password)
        os.write(leader, b"Lab-Pass-1\r")
        type_keys(lab, device, leader)


@contextmanager
def at_a_terminal(command_line: list[str]) -> Iterator[int]:
    """A program with a terminal of its own, which is given; it is gone afterwards."""
    process, leader = pty.fork()
    if process == 0:
        os.execvp(command_line[0], command_line)  # noqa: S606 - a list, and no shell to quote for
    try:
        yield leader
    finally:
        os.close(leader)  # as when a window is closed
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def test_telnet_typed_by_a_script(lab: LabHandle) -> None:
    with socket.create_connection(("127.0.0.1", lab.port("xe1", "telnet")), timeout=10) as line:
        for until, typed in [
            ("Username: ", "netops"), ("Password: ", "wrong"), ("Username: ", "netops"), ("Password: ", "Lab-Pass-1"),
            ("XE1>", "show clock"), ("UTC", "enable"), ("Password: ", "Enable-Pass-1"), ("XE1#", "exit"),
        ]:  # fmt: skip
            heard(line.fileno(), until)
            line.sendall(typed.encode() + b"\r\n")
        while line.recv(4096):
            pass
