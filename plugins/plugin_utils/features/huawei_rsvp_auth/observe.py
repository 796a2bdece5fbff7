# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `display mpls rsvp-te …` says, and what of the intended is not there yet (also where YANG says it, state.py).

Layouts: NE40E V800R012C10 (VRP8) and S600 V600R024C10. Columns differ between them, so labels are matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from ...engine.feature import Unmet, parse_table
from ...engine.schema import Model
from ...platforms.huawei_vrp.text import clean

_FOLDER = Path(__file__).parent
_LABELS = {
    "send_challenge": "SendChallengeMsgCounter",
    "receive_challenge": "RecChallengeMsgCounter",
    "send_response": "SendResponseMsgCounter",
    "receive_response": "RecResponseMsgCounter",
    "send_packets": "SendPacketCounter",
    "receive_packets": "RecPacketCounter",
    "psb": "PSB Count",
    "rsb": "RSB Count",
}
_COUNTERS = {name: re.compile(rf"\b{label}: +(\d+)") for name, label in _LABELS.items()}
COMMANDS = (
    "display mpls rsvp-te interface",
    "display mpls rsvp-te peer",
    "display mpls rsvp-te statistics global",
)

Observation: TypeAlias = dict[str, Any]


def parse_interfaces(text: str) -> dict[str, dict[str, Any]]:
    """`display mpls rsvp-te interface`: one entry per interface name."""
    rows = parse_table(_FOLDER / "interface.textfsm", clean(text))
    return {row.pop("interface"): _typed(row) for row in rows}


def parse_peers(text: str) -> list[dict[str, Any]]:
    """`display mpls rsvp-te peer`: one entry per neighbour; `interface` is empty for a remote node."""
    return [_typed(row) for row in parse_table(_FOLDER / "peer.textfsm", clean(text))]


def parse_statistics(text: str) -> dict[str, int]:
    """`display mpls rsvp-te statistics global`: the counters that tell of the handshake; absent ones are left out."""
    text = clean(text)
    found = {name: counter.search(text) for name, counter in _COUNTERS.items()}
    return {name: int(match[1]) for name, match in found.items() if match}


def _typed(row: dict[str, str]) -> dict[str, Any]:
    """Numbers as int, ENABLE/DISABLE as bool, what the layout does not show as None."""
    words = {"ENABLE": True, "DISABLE": False, "": None}
    return {
        name: int(value) if value.isdigit() and name != "key_id" else words.get(value, value)
        for name, value in row.items()
    }


def unmet(want: Model, seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """What keeps the authenticated neighbours of this device from being proved."""
    for entry in want.get("interfaces", []):
        if "authentication" in entry:
            yield from _interface(entry, seen, before)
    for entry in want.get("peers", []):
        if "authentication" in entry:
            yield from _evidence(
                f"peer {entry['address']}", entry, _neighbours(entry["address"], want, seen), seen, before
            )


def _neighbours(address: str, want: Model, seen: Observation) -> list[dict[str, Any]]:
    """The displayed neighbours that a peer entry is about.

    An LSR ID is displayed as a remote node without state, and its interfaces under their own addresses; no display says
    whose they are. So it is every authenticated neighbour that no other entry names.
    """
    named = [peer for peer in seen["peers"] if peer["address"] == address and peer["interface"]]
    others = {entry["address"] for entry in want["peers"]}
    return named or [
        peer
        for peer in seen["peers"]
        if peer["interface"] and peer["authentication"] is not False and peer["address"] not in others
    ]


def _interface(entry: dict[str, Any], seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    where = f"interface {entry['name']}"
    shown = seen["interfaces"].get(entry["name"])
    if shown is None:
        yield Unmet(where, "RSVP-TE running", "RSVP-TE does not run on it")
        return
    if shown["authentication"] is False:
        yield Unmet(where, "authentication enabled", "authentication disabled")
    if entry.get("handshake") and shown["authentication"] and not shown["challenge"]:
        yield Unmet(where, "handshake enabled", "handshake disabled")
    if shown["state"] and shown["state"] != "UP":
        yield Unmet(where, "interface up", f"interface {shown['state'].lower()}")
    neighbours = [peer for peer in seen["peers"] if peer["interface"] == entry["name"]]
    yield from _evidence(where, entry, neighbours, seen, before)


def _evidence(
    where: str, entry: dict[str, Any], neighbours: list[dict[str, Any]], seen: Observation, before: Observation | None
) -> Iterator[Unmet]:
    """A valid sequence number and reserved resources per neighbour; for the handshake, completed challenges."""
    if not neighbours or not _any_traffic(neighbours, seen, before):
        yield Unmet(where, "a neighbour that has proved itself", "no RSVP traffic yet", "no_traffic")
        return
    for peer in neighbours:
        name = f"{where}, neighbour {peer['address']}"
        if peer["last_seq"] == "NULL":
            yield Unmet(name, "a valid sequence number", "no authenticated message received")
        if not (peer["psb"] or 0) + (peer["rsb"] or 0):
            yield Unmet(name, "reserved resources (PSB or RSB)", "none")
        if entry.get("window_size") and peer["window_size"] not in (None, entry["window_size"]):
            yield Unmet(name, f"window size {entry['window_size']}", f"window size {peer['window_size']}")
    if entry.get("handshake"):
        yield from _handshake(where, *_counted(entry.get("name", ""), seen, before))


def _any_traffic(neighbours: list[dict[str, Any]], seen: Observation, before: Observation | None) -> bool:
    """Whether anything was exchanged that could have proved the authentication or broken it."""
    if any((peer["psb"] or 0) + (peer["rsb"] or 0) or peer["last_seq"] != "NULL" for peer in neighbours):
        return True
    statistics, old = seen["statistics"], (before or {}).get("statistics", {})
    return any(
        statistics.get(name, 0) > old.get(name, 0)
        for name in ("send_challenge", "receive_challenge", "receive_packets")
    )


def _counted(interface: str, seen: Observation, before: Observation | None) -> tuple[dict[str, int], dict[str, int]]:
    """The counters now and before: the interface's own where either look can tell them, else those of the device."""
    earlier = (before or {"interfaces": {}})["interfaces"].get(interface)
    own = seen["interfaces"].get(interface, {}).get("statistics")
    if not own or (earlier is not None and "statistics" not in earlier):
        return seen["statistics"], (before or {}).get("statistics", {})
    if before is None:
        return own, {}
    return own, dict.fromkeys(own, 0) if earlier is None else earlier["statistics"]


def _handshake(where: str, now: dict[str, int], before: dict[str, int]) -> Iterator[Unmet]:
    """The vendor's own success test: challenges and responses counted in both directions.

    Counters accumulate: a handshake that fails now shows as challenges that grow without responses. Where nothing was
    changed and somebody has reset the counters, the valid sequence numbers are the proof: without a relationship there
    are none.
    """
    if not before and not any(now.get(name) for name in ("send_challenge", "receive_response")):
        return
    missing = [name for name in ("send_challenge", "receive_response") if not now.get(name)]
    if missing:
        counts = ", ".join(f"{name} {now.get(name, 0)}" for name in ("send_challenge", "receive_response"))
        yield Unmet(where, "a completed challenge and response", counts)
        return
    sent = now["send_challenge"] - before.get("send_challenge", 0)
    answered = now["receive_response"] - before.get("receive_response", 0)
    if before and sent > 0 and not answered:
        yield Unmet(where, "an answer to the challenges sent since the change", f"{sent} sent, none answered")
