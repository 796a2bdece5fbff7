# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show key chain` says of the intended chains, and what is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from ...engine.feature import Unmet
from ...engine.schema import Model
from ...platforms.cisco_iosxe.chains import shown_chains

COMMAND = "show key chain"

Observation: TypeAlias = dict[str, Any]


def parse_chains(text: str) -> dict[str, dict[str, Any]]:
    """Chain name to its preferred key and the state of its keys; TCP chains only."""
    return {name: chain.as_data() for name, chain in shown_chains(text).items() if chain.tcp or chain.preferred}


def unmet(want: Model, seen: Observation) -> Iterator[Unmet]:
    """Every key complete; a key to send with; and no session left on a key that is no longer preferred."""
    for chain in want:
        where = f"chain {chain['name']}"
        shown = seen["chains"].get(chain["name"])
        if shown is None:
            yield Unmet(where, "a TCP key chain", f"not in '{COMMAND}'")
            continue
        yield from _keys(where, chain, shown)
        yield from _sending(where, shown)


def _keys(where: str, chain: dict[str, Any], shown: dict[str, Any]) -> Iterator[Unmet]:
    for key in chain.get("keys", []):
        state = shown["keys"].get(str(key["id"]))
        if state is None:
            yield Unmet(f"{where}, key {key['id']}", "present", f"not in '{COMMAND}'")
        elif state.get("ready") is False:
            yield Unmet(f"{where}, key {key['id']}", "ready", "not ready")


def _sending(where: str, shown: dict[str, Any]) -> Iterator[Unmet]:
    """Whether there is a key to send with, and whether the sessions have rolled over to it."""
    preferred = shown["preferred"]
    alive = [number for number, state in shown["keys"].items() if state.get("alive_send")]
    if alive and preferred is None and any("preferred" in state for state in shown["keys"].values()):
        yield Unmet(where, f"a preferred key among {', '.join(alive)}", "none")
    used = [number for number, state in shown["keys"].items() if state.get("in_use")]
    if preferred is not None and used and str(preferred) not in used:
        yield Unmet(where, f"sessions use the preferred key {preferred}", f"they use key {', '.join(used)}")
