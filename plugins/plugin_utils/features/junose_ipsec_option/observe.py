# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show ipsec …` says, and what of the intended is not there yet.

No sample of these displays is published, so labels are matched by their meaning and rows by their shape. The
configuration text is the first witness; `show ipsec option` the second. That a notification was *sent* is counted
nowhere on the router: a completed phase 1 is the only evidence that peers get through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...engine.feature import Unmet, parse_table
from ...engine.schema import Model
from ...platforms.juniper_junose.text import clean
from .schema import DEFAULTS

_FOLDER = Path(__file__).parent
_LABELLED = re.compile(
    r"^\s*(?P<label>[A-Za-z][\w /()-]*?)\s*(?:[:.]+|\bis\b)\s*(?P<value>enabled|disabled|on|off)\b\.?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_MEANINGS = {
    "tx_invalid_cookie": re.compile(r"invalid.?cookie", re.IGNORECASE),
    "dpd": re.compile(r"dead.?peer|\bdpd\b", re.IGNORECASE),
    "nat_t": re.compile(r"\bnat\b|\bnat-?t\b", re.IGNORECASE),
}

OPTION = "show ipsec option"
SPELLINGS = ((OPTION,), ("show ipsec ike-sa", "show ike sa"), ("show ipsec tunnel detail", "show ipsec tunnel"))
"""Options, IKE SAs, tunnels: each as newer and as older releases spell it."""

Observation = dict[str, Any]


def parse_options(text: str) -> dict[str, bool]:
    """`show ipsec option`: the options that it lists, by field of the model; empty where nothing is recognised."""
    found = {}
    for match in _LABELLED.finditer(clean(text)):
        for name, meaning in _MEANINGS.items():
            if meaning.search(match["label"]):
                found[name] = match["value"].lower() in ("enabled", "on")
    return found


def parse_ike_sas(text: str) -> list[dict[str, Any]]:
    """`show ipsec ike-sa`: one entry per phase 1, `seconds` left to live; no rows means none."""
    rows = parse_table(_FOLDER / "ike_sa.textfsm", clean(text))
    return [
        {
            **row,
            "local_port": int(row["local_port"]),
            "remote_port": int(row["remote_port"]),
            "seconds": int(row["seconds"]),
        }
        for row in rows
    ]


def parse_tunnels(text: str) -> list[dict[str, str]]:
    """`show ipsec tunnel`, with or without `detail`: name, state, and the transport router where it is shown."""
    return parse_table(_FOLDER / "tunnel.textfsm", clean(text))


def done(sa: dict[str, Any]) -> bool:
    """Whether the phase 1 is complete."""
    return "DONE" in sa["state"].upper()


def unmet(want: Model, seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """What keeps the routers that were looked at from being as intended."""
    wanted = {entry["virtual_router"]: entry for entry in want}
    for name, entry in wanted.items():
        if len(entry) > 1 and name not in seen["virtual_routers"]:
            yield Unmet(f"virtual router {name}", "to exist", "it cannot be selected")
    for name, shown in seen["virtual_routers"].items():
        entry = wanted.get(name, {})
        yield from _options(f"virtual router {name}", entry, shown["options"])
        if entry.get("tx_invalid_cookie"):
            yield from _evidence(f"virtual router {name}", shown["ike_sas"])


def _options(where: str, entry: dict[str, Any], shown: dict[str, bool | None]) -> Iterator[Unmet]:
    if all(value is None for value in shown.values()):
        yield Unmet(where, f"'{OPTION}' to agree", "nothing that could be understood", "no_traffic")
        return
    for name, default in DEFAULTS.items():
        expected, value = entry.get(name, default), shown[name]
        if value is None and expected != default:
            yield Unmet(where, f"{name} {_word(expected)}", "an option that this release does not list")
        elif value is not None and value != expected:
            yield Unmet(where, f"{name} {_word(expected)}", f"{name} {_word(value)}")


def _word(value: bool) -> str:
    return "enabled" if value else "disabled"


def _evidence(where: str, sas: list[dict[str, Any]] | None) -> Iterator[Unmet]:
    """An IKE peer that gets through. That none does proves nothing against the option: it may be for any reason."""
    if sas and any(done(sa) for sa in sas):
        return
    expected = "a completed IKE phase 1"
    if sas is None:
        yield Unmet(where, expected, "IKE SAs that this release does not show", "no_traffic")
    elif not sas:
        yield Unmet(where, expected, "no IKE SA yet", "no_traffic")
    else:
        states = ", ".join(f"{sa['remote']} {sa['state']}" for sa in sas)
        yield Unmet(where, expected, states, "no_traffic")
