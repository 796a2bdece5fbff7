# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long, as people write it."""

from __future__ import annotations

import re

from ..labfile import LabError

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")


def seconds(text: object) -> float:
    """Seconds in 90, "90", "90s", "5m" or "1h30m". Raises LabError."""
    plain = str(text).strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain)
    parts = _PART.findall(plain)
    if not parts or "".join(number + unit for number, unit in parts) != plain:
        raise LabError(f"'{text}' is not a duration: write seconds, or for instance 90s, 5m, 1h30m")
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))
