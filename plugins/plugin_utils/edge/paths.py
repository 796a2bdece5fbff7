# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the relative paths of a task begin."""

from __future__ import annotations

import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from ansible.parsing.dataloader import DataLoader

_COLLECTIONS = "ansible_collections"


def base_folder(loader: DataLoader) -> Path:
    """The playbook's folder, as everywhere in Ansible; for a playbook out of a collection, the current folder.

    A collection may be read-only, is shared by everybody, and is replaced when it is upgraded: no place for reports.
    """
    folder = Path(loader.get_basedir()).absolute()
    return Path.cwd() if in_a_collection(folder) else folder


def in_a_collection(folder: Path) -> bool:
    """Whether a folder lies below `ansible_collections/NAMESPACE/NAME`."""
    return _COLLECTIONS in folder.parts[:-2]
