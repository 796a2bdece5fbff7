# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comware configuration text to model, in the words of either generation."""

from __future__ import annotations

import re
from typing import Any

from ...engine.schema import Model
from ...platforms.h3c_comware.text import configuration

# Other features say "keepalive" too (tunnels, BGP): only these lines are ours.
_LINES = {
    "interval": re.compile(r"^\s*ike (?:sa keepalive-timer|keepalive) interval (\d+)$"),
    "timeout": re.compile(r"^\s*ike (?:sa keepalive-timer|keepalive) timeout (\d+)$"),
    "nat_interval": re.compile(r"^\s*ike (?:sa nat-keepalive-timer interval|nat-keepalive) (\d+)$"),
}


def parse(text: str) -> Model:
    """The model of a running configuration, or of lines filtered from one."""
    model: dict[str, Any] = {}
    for line in configuration(text).splitlines():
        for name, pattern in _LINES.items():
            found = pattern.match(line)
            if found:
                model[name] = int(found[1])
    return model
