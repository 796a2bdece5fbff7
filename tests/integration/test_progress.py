# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback `progress`: a line and a table on a terminal, Ansible's own output anywhere else.

The devices' platforms are not named either, so a transaction finds them out here.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import BIN, PlaybookRun, ansible_environment
from huawei_labs import KEY, PORT, pair
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Start = Callable[..., LabHandle]
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: plan
      run_once: true
      netops.peerguard.guard:
        intent: "{{ peerings }}"
        journal_dir: "{{ journal }}"
      check_mode: true
    - name: what runs
      netops.peerguard.facts:
"""
PEERING = {
    "name": "core-link",
    "kind": "rsvp_handshake",
    "key": KEY,
    "ends": [{"host": host, "interface": PORT} for host in ("pe1", "pe2")],
}
PROGRESS = {"ANSIBLE_STDOUT_CALLBACK": "netops.peerguard.progress"}
TABLE = ["peering    ends       state", "core-link  pe1 - pe2  planned", "1 planned"]


@pytest.fixture
def lab(start_lab: Start) -> LabHandle:
    text = pair(clock="real").replace("plugin: netops.peerguard.lab", "plugin: netops.peerguard.lab\nconnection: mock")
    return start_lab(text, start=False)


@pytest.fixture
def extra(tmp_path: Path) -> dict[str, Any]:
    return {"peerings": [PEERING], "journal": str(tmp_path / "journal"), "ansible_network_os": ""}


def on_terminal(folder: Path, inventory: Path, extra: dict[str, Any], **environment: str) -> str:
    """All that ansible-playbook writes to a terminal of 80 columns."""
    folder.mkdir()
    (folder / "play.yml").write_text(PLAY)
    (folder / "extra.json").write_text(json.dumps(extra))
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [
            str(BIN / "ansible-playbook"),
            "-i",
            str(inventory),
            "--forks=1",
            "-e",
            f"@{folder / 'extra.json'}",
            str(folder / "play.yml"),
        ],
        cwd=folder,
        env={**ansible_environment(folder / "home"), **environment, "TERM": "xterm", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    said = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # how a terminal says that nobody has it open any more
            break
        if not piece:
            break
        said += piece
    os.close(master)
    assert process.wait(60) == 0, said.decode("utf-8", "replace")
    return said.decode("utf-8", "replace")


def seen(raw: str) -> list[str]:
    """The lines as they stay on the screen."""
    lines = [line.rpartition("\x1b[K")[2] for line in raw.replace("\r\n", "\n").split("\n")]
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in lines]


def test_a_terminal_has_a_line_and_a_table(lab: LabHandle, extra: dict[str, Any], tmp_path: Path) -> None:
    raw = on_terminal(tmp_path / "tty", lab.path, extra, **PROGRESS)
    drawn = re.findall(r"\r\x1b\[K([^\r\n\x1b]*)", raw)
    assert any(re.match(r"plan: \d of \d done, \d+ s", line) for line in drawn), drawn
    assert any("core-link: " in line for line in drawn), drawn
    assert all(len(line) < 80 for line in drawn if " done, " in line)
    left = seen(raw)
    assert left[left.index(TABLE[0]) :][:3] != []
    last = len(left) - 1 - left[::-1].index(TABLE[0])
    assert left[last : last + 3] == TABLE
    assert any(line.startswith("PEERINGS *") for line in left[:last])
    assert not [line for line in left if re.search(r"\d of \d done", line)]
    assert KEY not in raw


def test_what_stays_on_the_screen_is_the_default_output(lab: LabHandle, extra: dict[str, Any], tmp_path: Path) -> None:
    quiet = {"PEERGUARD_PEERING_TABLE": "never"}
    ours = seen(on_terminal(tmp_path / "ours", lab.path, extra, **PROGRESS, **quiet))
    default = seen(on_terminal(tmp_path / "default", lab.path, extra))
    assert ours == default


def test_without_a_terminal_nothing_is_added(
    lab: LabHandle, extra: dict[str, Any], playbook: Callable[..., PlaybookRun]
) -> None:
    ours = playbook(PLAY, lab.path, "--forks=1", extra_vars=extra, verbosity=0, env=PROGRESS).expect()
    default = playbook(PLAY, lab.path, "--forks=1", extra_vars=extra, verbosity=0).expect()
    assert ours.stdout == default.stdout
    assert "\x1b" not in ours.stdout + ours.stderr
    plan = ours.one(task="plan", host="pe1")
    assert plan["peerings"][0]["verdict"] == "planned"
    assert "pe1 runs netops.peerguard.huawei_vrp, pe2 runs netops.peerguard.huawei_vrp" in "".join(plan["warnings"])
    always = playbook(
        PLAY,
        lab.path,
        "--forks=1",
        extra_vars=extra,
        verbosity=0,
        env={**PROGRESS, "PEERGUARD_PEERING_TABLE": "always"},
    ).expect()
    assert always.stdout.rstrip().split("\n")[-3:] == TABLE


def test_the_line_can_be_turned_off(lab: LabHandle, extra: dict[str, Any], tmp_path: Path) -> None:
    raw = on_terminal(tmp_path / "tty", lab.path, extra, **PROGRESS, PEERGUARD_PROGRESS_LINE="false")
    assert "\x1b[K" not in raw
    assert seen(raw)[-4:-1] == TABLE
