# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the YANG models tell of neighbours and handshakes, in the shape that observe.py gives the show commands.

Source: huawei-mpls-te 2022-10-25 (`peer-infos` and `statistics`, both `config false`) and huawei-rsvp-interface. That a
neighbour without a valid message has no last valid sequence, or 0, is assumed: the show command prints NULL.
"""

from __future__ import annotations

from typing import Any

from ...engine import xmltree
from ...engine.device import DeviceFacts
from ...engine.xmltree import Element, truth, value, walk, within
from ...platforms.huawei_vrp.netconf import PUBLIC
from . import schema
from .observe import Observation

_MODULE, _SINCE = "huawei-mpls-te", "2020-01-03"
"""The revision that brought the statistics; the neighbours were there already."""
_COUNTERS = {
    "send_challenge": "send-challenge-msg-count",
    "receive_challenge": "receive-challenge-msg-count",
    "send_response": "send-response-msg-count",
    "receive_response": "receive-response-msg-count",
    "send_packets": "send-packet-count",
    "receive_packets": "receive-packet-count",
    "psb": "psb-count",
    "rsb": "rsb-count",
}
_PROOF = {"send_challenge", "receive_response"}
"""Without these, nothing tells whether a handshake was completed."""
_REMOTE = ("node-id", "config")
"""Types of neighbours that are on no interface."""


def modelled(facts: DeviceFacts) -> bool:
    """Whether the server's model has the state, as far as its hello tells; one that lists no modules may have it."""
    return (facts.modules.get(_MODULE) or _SINCE) >= _SINCE


def parse(text: str) -> Observation | None:
    """The reply to RSVP_STATE_FILTER as an observation; None where it cannot be judged by.

    That is a server on which RSVP-TE runs and that shows no counters of handshakes, or neighbours without their
    interfaces. Where RSVP-TE does not run there is nothing to show. Raises ValueError when the XML is cut.
    """
    roots = xmltree.tops(text)
    rsvp = next(within(roots, "mpls/te/rsvp"), None)
    if rsvp is None or not truth(rsvp, "enable"):
        return {"interfaces": {}, "peers": [], "statistics": {}}
    statistics = _statistics(rsvp)
    peers = [_peer(info) for info in walk(rsvp, "peer-infos/peer-info")]
    if not statistics.keys() >= _PROOF or any(peer["interface"] is None for peer in peers):
        return None
    interfaces = {
        _interface_name(entry, "name"): _interface(entry)
        for instance in within(roots, "network-instance/instances/instance")
        if value(instance, "name") in (None, PUBLIC)
        for entry in walk(instance, "mpls/te/rsvp-interfaces/rsvp-interface")
    }
    for name, shown in interfaces.items():
        shown["neighbours"] = sum(peer["interface"] == name for peer in peers)
    return {"interfaces": interfaces, "peers": peers, "statistics": statistics}


def _interface(entry: Element) -> dict[str, Any]:
    """Line state, addresses and sequence numbers to be sent are in other models, or in none."""
    protected = truth(entry, "authentication/enable")
    shown = {
        "address": None,
        "state": None,
        "authentication": protected,
        "challenge": truth(entry, "authentication/handshake-enable") if protected else None,
        "window_size": _number(entry, "authentication/window-size"),
        "next_seq": None,
        "key_id": None,
    }
    statistics = _statistics(entry)
    return {**shown, "statistics": statistics} if statistics.keys() >= _PROOF else shown


def _peer(info: Element) -> dict[str, Any]:
    """`interface` is empty for a remote node, and None where it should be told and is not."""
    remote = (value(info, "type") or "").strip() in _REMOTE
    high, low = (_number(info, f"last-valid-sequence-{half}") or 0 for half in "hl")
    enabled = value(info, "authentication-enable")
    return {
        "interface": _interface_name(info, "local-interface-name") or ("" if remote else None),
        "address": (value(info, "ip-address") or "").strip(),
        "psb": _number(info, "psb-count"),
        "rsb": _number(info, "rsb-count"),
        "authentication": None if enabled is None else enabled.strip() == "true",
        "window_size": _number(info, "window-size"),
        "last_seq": f"{high} {low}" if high or low else "NULL",
    }


def _statistics(element: Element) -> dict[str, int]:
    found = {counter: _number(element, f"statistics/{leaf}") for counter, leaf in _COUNTERS.items()}
    return {counter: number for counter, number in found.items() if number is not None}


def _number(element: Element, path: str) -> int | None:
    text = (value(element, path) or "").strip()
    return int(text) if text.isdecimal() else None


def _interface_name(element: Element, leaf: str) -> str:
    """As a task's config has it."""
    text = (value(element, leaf) or "").strip()
    try:
        return schema.interface(text)
    except ValueError:
        return text
