# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a lab file says the same as it did when the lab was started."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from ..labfile import LabFile


def digest(lab: LabFile) -> str:
    """Changes when the lab file, or a configuration file that it names, changes. Take it before faults strike."""
    data = dataclasses.asdict(lab)
    data.pop("path")
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
