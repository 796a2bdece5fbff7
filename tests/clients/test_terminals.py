# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSH's client, and a plain Telnet conversation typed by a script: what a person would see."""

from __future__ import annotations

import os
import pty
import select
import shutil
import socket
import subprocess
import time
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
