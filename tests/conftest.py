# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the collection importable from the source tree, for tests and for the processes that they start."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import PlaybookRun, ansible_environment, link_source_tree, run_playbook
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(link_source_tree()))

# A loaded machine is no reason to fail, and a slow first import is no reason to complain. A gate says the same of the
# same tree each time, so its examples are always the same; whoever looks for new ones runs "thorough".
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("default"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and what they start, see this tree's collection, their own labs, and no Ansible settings of the user."""
    runtime = tmp_path_factory.mktemp("run")
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
            patch.delenv(name)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        for name, value in ansible_environment(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        yield
    _end_labs(runtime)


def _end_labs(runtime: Path) -> None:
    """End the labs that tests left running: their state is below ``runtime``, where only this session puts any."""
    for lock in runtime.glob("peerguard-lab-*/*/lock"):
        with contextlib.suppress(ValueError, ProcessLookupError):
            os.kill(int(lock.read_text("ascii")), signal.SIGTERM)


@pytest.fixture
def ansible_env(tmp_path: Path) -> dict[str, str]:
    """The environment for an Ansible command that a test runs itself."""
    return ansible_environment(tmp_path / "home")


@pytest.fixture
def playbook(tmp_path: Path) -> Callable[..., PlaybookRun]:
    """Run playbooks, each in a directory of its own; the arguments are those of ``harness.run_playbook``."""
    counter = itertools.count(1)

    def run(text: str | Path, inventory: str | Path, *arguments: str, **options: Any) -> PlaybookRun:
        return run_playbook(tmp_path / f"run{next(counter)}", text, inventory, *arguments, **options)

    return run
