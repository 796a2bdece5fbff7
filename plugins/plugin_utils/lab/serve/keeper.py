# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another process whose life is watched."""

from __future__ import annotations

import os
from pathlib import Path

from ..labfile import LabError


class Keeper:
    """A process by its number. Numbers are used again, so where the system tells it, its time of start counts too."""

    def __init__(self, pid: int) -> None:
        """Raises LabError when there is no such process."""
        self.pid = pid
        self._born = _born(pid)
        if not self.alive():
            raise LabError(f"there is no process {pid} that the lab could end with")

    def alive(self) -> bool:
        """Whether it is still there; one that has ended and was not reaped yet is not."""
        try:
            os.kill(self.pid, 0)
        except PermissionError:
            pass
        except (ProcessLookupError, OverflowError):
            return False
        return self._born == _born(self.pid) and self._born != _ENDED


_ENDED = "ended"


def _born(pid: int) -> str:
    """When a process started, in the system's own words; "" where the system does not tell (no /proc)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return _ENDED if fields[0] in ("Z", "X") else fields[19]
