# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state directory: private, and honest about what runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.duration import seconds
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import (
    DevicePorts,
    LabState,
    StateDir,
    known_labs,
    make_private,
    state_root,
)


def test_directories_are_private(lab_home: Path) -> None:
    state = StateDir("one")
    with state.hold():
        assert state.path.stat().st_mode & 0o777 == 0o700
        assert state_root().stat().st_mode & 0o777 == 0o700
        assert state.path.is_relative_to(lab_home)


def test_a_directory_that_somebody_else_prepared_is_refused(lab_home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    state_root().symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LabError, match="not a directory of this user"):
        make_private(state_root())


def test_a_directory_that_is_too_open_is_closed(lab_home: Path) -> None:
    state_root().mkdir(mode=0o755)
    assert make_private(state_root()).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "x" * 65, ".hidden"])
def test_names_that_are_no_directory_names(name: str) -> None:
    with pytest.raises(LabError, match="not usable"):
        StateDir(name)


def test_one_process_holds_a_lab(lab_home: Path) -> None:
    state = StateDir("one")
    assert not state.held()
    with state.hold():
        assert state.held()
        assert state.holder() == os.getpid()
        with pytest.raises(LabError, match="already runs"), state.hold(patience=0):
            pass
    assert not state.held()
    assert known_labs() == ["one"]


def test_the_state_of_a_lab_that_crashed_is_not_believed(lab_home: Path) -> None:
    state = StateDir("one")
    with state.hold():
        described = LabState("one", os.getpid(), "/f", "d", "::1", {"r1": DevicePorts("toy", "r1", "u", {"ssh": 22})})
        state.remember(described)
        assert state.running() == described
    assert state.running() is None
    assert state.last() == described


def test_the_state_of_the_process_before_is_not_that_of_this_one(lab_home: Path) -> None:
    state = StateDir("one")
    with state.hold():
        state.remember(LabState("one", os.getpid() + 1, "/f", "d", "::1"))
        assert state.running() is None


def test_the_kernel_gives_the_lock_back(lab_home: Path) -> None:
    state = StateDir("one")
    state.create()
    script = (
        "import fcntl, os, sys\n"
        "d = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(d, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(state.path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert state.held()
        child.kill()
        child.wait()
    assert not state.held()


def test_a_damaged_state_file_is_no_state(lab_home: Path) -> None:
    state = StateDir("one")
    state.create()
    for text in ("", "[]", '{"name": 1}', "nonsense", '{"devices": {"x": 1}}'):
        state.state_file.write_text(text)
        assert state.last() is None


def test_the_control_socket_fits_into_a_socket_address(lab_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp/" + "x" * 90)
    assert len(os.fsencode(StateDir("one").control)) < 100
    assert StateDir("one").control != StateDir("two").control


@pytest.mark.parametrize(
    ("text", "expected"), [(90, 90), ("90", 90), ("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("2d", 172800)]
)
def test_durations(text: object, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "-5", "5 minutes", "m", "1h 30", None, "5m5"])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(LabError, match="duration"):
        seconds(text)
