# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two Comware generations, told apart by the major version (reference 1.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_VERSION = "5.20, Release 3721"
DEFAULT_MODELS = {5: "SecPath F1000-E", 7: "SecPath F5030"}


@dataclass(frozen=True)
class Dialect:
    """Traits of a device: its generation, and whether this model has IKE keepalives at all."""

    major: int
    keepalive: bool = True

    @property
    def v5(self) -> bool:
        return self.major < 7


def dialect_of(os_version: str, keepalive: bool = True) -> Dialect:
    """The dialect of a version such as ``5.20, Release 3721`` or ``7.1.064, Release 9524``."""
    found = re.match(r"\s*(\d+)", os_version)
    return Dialect(7 if found and int(found.group(1)) >= 7 else 5, keepalive)
