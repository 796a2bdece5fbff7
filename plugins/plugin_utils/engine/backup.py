# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the running configuration on the controller, before a change."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from .secret import scrub_native


@dataclass(frozen=True)
class BackupSettings:
    """Where a backup goes. `secrets`: keep the values of keys in the file (needed to restore from it)."""

    folder: Path
    filename: str | None = None
    secrets: bool = False


def write(settings: BackupSettings, host: str, text: str, patterns: tuple[re.Pattern[str], ...]) -> Path:
    """Write the file, readable by its owner alone, and give its path."""
    name = settings.filename or f"{host}_config.{time.strftime('%Y-%m-%d@%H:%M:%S')}"
    settings.folder.mkdir(parents=True, exist_ok=True)
    path = settings.folder / name
    content = text if settings.secrets else scrub_native(text, patterns)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return path
