# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project of docs/molecule.md, in an empty folder, with molecule itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_pages import follow
from harness import ROOT
from lab_fixtures import lab_home

__all__ = ["lab_home"]

PAGE = ROOT / "docs" / "molecule.md"


@pytest.mark.usefixtures("lab_home")
def test_the_project_of_the_page_passes(tmp_path: Path, ansible_env: dict[str, str]) -> None:
    ran = follow(PAGE, tmp_path, {**ansible_env, "HOME": str(tmp_path), "ANSIBLE_CONFIG": ""})
    assert [block.commands.split()[1] for block in ran] == ["test", "create"]


@pytest.mark.usefixtures("lab_home")
def test_it_fails_when_the_playbook_does_not_do_its_work(tmp_path: Path, ansible_env: dict[str, str]) -> None:
    """A test that cannot fail would tell its reader nothing."""
    text = PAGE.read_text("utf-8").replace("Challenge: ENABLE", "Challenge: DISABLE", 1)
    broken = tmp_path / PAGE.name
    broken.write_text(text, "utf-8")
    (tmp_path / "project").mkdir()
    with pytest.raises(AssertionError, match=r"(?s)verify.*Failed"):
        follow(broken, tmp_path / "project", {**ansible_env, "HOME": str(tmp_path), "ANSIBLE_CONFIG": ""})
