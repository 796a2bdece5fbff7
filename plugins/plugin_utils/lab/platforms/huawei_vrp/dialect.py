# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VRP a device is: decided from the version text, never from the V-number (reference section 0)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_VERSION = "8.200 (NE40E V800R012C10SPC300)"
DEFAULT_MODEL = "NE40E-X8A"


@dataclass(frozen=True)
class Dialect:
    """Family traits. ``two_phase``: candidate and commit exist; ``rsvp``: the box has RSVP-TE at all."""

    family: str  # vrp8 | vrp5 | v600
    two_phase: bool
    rsvp: bool
    quoted_keys: bool  # blanks in keys inside double quotes (S series)


def dialect_of(os_version: str) -> Dialect:
    """The dialect of a version such as ``8.200 (NE40E V800R012C10SPC300)``."""
    rsvp = re.search(r"\bCE6[0-9]{3}", os_version) is None
    if re.search(r"V600R", os_version):
        return Dialect("v600", False, rsvp, True)
    if re.match(r"\s*5\.", os_version):
        return Dialect("vrp5", False, rsvp, True)
    return Dialect("vrp8", True, rsvp, False)


def software_version(os_version: str) -> str:
    """``V800R012C10SPC300`` of the full version text."""
    found = re.search(r"V[0-9]{3}R[0-9]{3}[A-Z0-9]*", os_version)
    return found.group() if found else os_version
