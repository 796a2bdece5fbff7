# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artefact must have and must not have. Argument: its path."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import PurePosixPath
from typing import Any

WANTED = (
    "LICENSE",
    "LICENSES/GPL-3.0-or-later.txt",
    "README.md",
    "CHANGELOG.md",
    "awx/apply.yml",
    "awx/project/guard.yml",
    "bindep.txt",
    "docs/README.md",
    "execution-environment.yml",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "playbooks/demo.yml",
    "requirements.txt",
    "tests/config.yml",
)
UNWANTED = {".cache", ".ci", ".git", ".venv", "Makefile", "pyproject.toml", "__pycache__", ".ansible", ".hypothesis"}


def problems(names: set[str], manifest: dict[str, Any], licence: str) -> list[str]:
    """One sentence for each thing that is wrong."""
    found = [f"{name} is missing from the artefact." for name in WANTED if name not in names]
    found += [
        f"{name} has no place in the artefact." for name in sorted(names) if UNWANTED & {*PurePosixPath(name).parts}
    ]
    found += [
        f"{name} is a test and has no place in the artefact."
        for name in sorted(names)
        if name.startswith("tests/") and name != "tests/config.yml"
    ]
    info = manifest["collection_info"]
    if info["dependencies"]:
        found.append(f"The collection needs other collections: {', '.join(info['dependencies'])}.")
    found += [
        f"galaxy.yml: {name} is no https address."
        for name in ("repository", "documentation", "homepage", "issues")
        if not (info[name] or "").startswith("https://")
    ]
    if "GNU GENERAL PUBLIC LICENSE" not in licence or "Version 3" not in licence:
        found.append("LICENSE is not the text of the GPL 3.")
    return found


def main(path: str) -> int:
    with tarfile.open(path) as artefact:
        names = {member.name for member in artefact.getmembers() if not member.isdir()}

        def text(name: str) -> str:
            content = artefact.extractfile(name)
            return content.read().decode() if content else ""

        found = problems(names, json.loads(text("MANIFEST.json")), text("LICENSE"))
    print("\n".join(found) or f"{len(names)} files, as they should be.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
