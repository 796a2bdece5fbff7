# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The round trips of each job and platform, counted at emulated devices in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import round_trips
from round_trips import Trips


def count(folder: Path) -> Mapping[str, Trips]:
    """Per platform."""
    found = {}
    for platform, job in round_trips.JOBS.items():
        (folder / platform).mkdir(parents=True)
        found[platform] = round_trips.count(job, folder / platform)
    return found


def table(found: Mapping[str, Trips]) -> str:
    """One line per platform."""
    lines = ["round trips after the login", f"  {'platform':<22}{'gather':>8}{'unchanged':>11}{'change + save':>15}"]
    lines += [f"  {name:<22}{seen.gather:>8}{seen.unchanged:>11}{seen.change:>15}" for name, seen in found.items()]
    return "\n".join(lines)
