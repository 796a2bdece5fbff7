# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`show key chain`: what the device makes of its TCP key chains. Both features of this platform read it.

Field names and texts are those of a capture; indentation and order of the lines are assumed, so neither matters here.
Key strings never get this far (see the session).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .text import clean

_CHAIN = re.compile(r"^\s*Key-chain (?P<name>\S+?):\s*$")
_KEY = re.compile(r"^\s*key (?P<id>\d+) -- text\b")
_PREFERRED = re.compile(r"^\s*Preferred MKT id - (?P<id>\d+)\s*$")
_STATE = re.compile(
    r"^\s*MKT (?P<name>ready|preferred|in-use|alive \(send\)|alive \(recv\)) - (?P<value>true|false)\s*$"
)
_NAMES = {
    "ready": "ready",
    "preferred": "preferred",
    "in-use": "in_use",
    "alive (send)": "alive_send",
    "alive (recv)": "alive_receive",
}


@dataclass
class Shown:
    """One chain. `preferred`: the key that new traffic uses (None when there is none, or none is shown).

    `keys`: key id to `ready` (complete), `preferred`, `in_use` (some connection holds it), `alive_send`,
    `alive_receive` (inside its lifetime), as far as they are shown.
    """

    tcp: bool = False
    preferred: int | None = None
    keys: dict[int, dict[str, bool]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """For a result, whose keys are texts."""
        return {"preferred": self.preferred, "keys": {str(number): state for number, state in self.keys.items()}}


def shown_chains(text: str) -> dict[str, Shown]:
    """Chain name to what is shown of it; chains of other types too (`tcp` is false, no states)."""
    chains: dict[str, Shown] = {}
    chain: Shown | None = None
    key: dict[str, bool] | None = None
    for line in clean(text).splitlines():
        if found := _CHAIN.match(line):
            chain, key = chains.setdefault(found["name"], Shown()), None
        elif chain is None:
            continue
        elif found := _KEY.match(line):
            key = chain.keys.setdefault(int(found["id"]), {})
        elif found := _PREFERRED.match(line):
            chain.preferred = int(found["id"])
        elif "TCP key chain" in line:
            chain.tcp = True
        elif (found := _STATE.match(line)) and key is not None:
            key[_NAMES[found["name"]]] = found["value"] == "true"
    return chains
