# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The round trips and lines of each job and platform, counted at emulated devices in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import round_trips
from round_trips import Costs


def count(folder: Path) -> Mapping[str, Costs]:
    """Per platform."""
    found = {}
    for platform, job in round_trips.JOBS.items():
        (folder / platform).mkdir(parents=True)
        found[platform] = round_trips.count(job, folder / platform)
    return found


def table(found: Mapping[str, Costs]) -> str:
    """One line per platform."""
    lines = [
        "round trips after the login (lines that the device thinks about)",
        f"  {'platform':<22}{'gather':>10}{'unchanged':>12}{'change + save':>16}",
    ]
    for name, seen in found.items():
        gather, unchanged, change = (f"{cost.waits} ({cost.lines})" for cost in seen)
        lines.append(f"  {name:<22}{gather:>10}{unchanged:>12}{change:>16}")
    return "\n".join(lines)
