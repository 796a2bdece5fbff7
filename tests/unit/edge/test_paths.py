# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written goes beside the user's playbook, never into a collection."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.paths import base_folder


@pytest.mark.parametrize(
    ("playbooks", "stays"),
    [
        ("project", True),
        ("project/playbooks/branches", True),
        ("ansible_collections", True),
        ("ansible_collections/site.d", True),
        ("ansible_collections/netops/peerguard", False),
        ("collections/ansible_collections/netops/peerguard/playbooks", False),
        ("collections/ansible_collections/acme/network/playbooks/branches", False),
    ],
)
def test_where_relative_paths_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, playbooks: str, stays: bool
) -> None:
    folder, here = tmp_path / playbooks, tmp_path / "here"
    folder.mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    loader = DataLoader()
    loader.set_basedir(str(folder))
    assert base_folder(loader) == (folder if stays else here)


def test_without_a_playbook_they_begin_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with the command `ansible`."""
    monkeypatch.chdir(tmp_path)
    assert base_folder(DataLoader()) == tmp_path
