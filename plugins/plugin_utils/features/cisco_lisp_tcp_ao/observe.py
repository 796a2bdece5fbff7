# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show lisp …`, `show key chain` and the TCP block say, and what of the intended is not there yet.

Layouts: the vendor page (17.2: `Auth type:`, no RTT) and captures of later releases (`Auth Type:`, also `None`). That a
LISP connection shows the same TCP block as a BGP one is assumed; where it does not, nothing is concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from ...engine.feature import Unmet, parse_table
from ...engine.schema import Model
from ...engine.session import Session, Tentative
from ...platforms.cisco_iosxe.chains import shown_chains
from ...platforms.cisco_iosxe.text import clean
from .schema import SESSION_PORT

_FOLDER = Path(__file__).parent
_AUTH = re.compile(r"^Auth type:\s+(?P<auth>\S+?)(?:,\s*keychain:\s*(?P<chain>\S+))?\s*$", re.IGNORECASE | re.MULTILINE)
_SESSIONS = re.compile(r"^(?=Peer address:)", re.MULTILINE)
_PEER = re.compile(r"Peer address:\s+(\S+)")
_FIELDS = {
    "local": re.compile(r"^Local address:\s+(\S+)", re.MULTILINE),
    "type": re.compile(r"^Session Type:\s+(\w+)", re.MULTILINE),
    "state": re.compile(r"^Session State:\s+(\w+)", re.MULTILINE),
}
_TCB_KEY = r"^TCP AO {which} Key:\s*\n\s*Id: (?P<id>\d+)[^\n]*(?:\n[^\n]*?)*?Accept AO Mismatch: (?P<mismatch>Yes|No)"
_CURRENT = re.compile(_TCB_KEY.format(which="Current"), re.MULTILINE)
_NEXT = re.compile(_TCB_KEY.format(which="Next"), re.MULTILINE)
_TCB_CHAIN = re.compile(r"^TCP AO Key chain: (\S+)", re.MULTILINE)

Observation: TypeAlias = dict[str, Any]
Entry: TypeAlias = dict[str, Any]


def observe(session: Session, want: Model) -> Observation:
    """The session table; where TCP-AO is intended, also what each of its sessions really uses."""
    sessions = parse_sessions(session.run([Tentative("show lisp session")])[0])
    options = want.get("tcp_auth_options", [])
    seen: Observation = {"sessions": sessions}
    if options:
        peers = sorted({entry["peer"] for entry in sessions if entry["state"] == "Up" and _concerns(entry, options)})
        _add_details(session, sessions, peers)
        seen["chains"] = _chains(session, {option["key_chain"] for option in options})
    if want.get("map_server", {}).get("sites") or any(option.get("accept") for option in options):
        seen["registrations"] = parse_site(session.run([Tentative("show lisp site")])[0])
    return seen


def _concerns(entry: Entry, options: list[Entry]) -> bool:
    peers = {peer for option in options for peer in option.get("peers", [])}
    return entry["peer"] in peers if to_map_server(entry) else any(option.get("accept") for option in options)


def to_map_server(entry: Entry) -> bool:
    """Whether this end is the ETR of a session; a map server sees its ETRs at ephemeral ports."""
    return bool(entry["port"] == SESSION_PORT)


def _add_details(session: Session, sessions: list[Entry], peers: list[str]) -> None:
    if not peers:
        return
    texts = session.run([Tentative(f"show lisp vrf default session {peer}") for peer in peers])
    details = {(d["peer"], d["port"]): d for text in texts for d in parse_details(text)}
    blocks = parse_brief(session.run([Tentative("show tcp brief numeric")])[0])
    for entry in sessions:
        if entry["peer"] in peers and entry["state"] == "Up":
            entry |= details.get((entry["peer"], entry["port"]), {"auth": None, "key_chain": None})
            tcb = blocks.get((entry["peer"], entry["port"]))
            if tcb:
                entry |= parse_block(session.run([Tentative(f"show tcp tcb {tcb}")])[0])


def _chains(session: Session, names: set[str]) -> dict[str, Any]:
    shown = shown_chains(session.run([Tentative("show key chain")])[0])
    return {name: shown[name].as_data() for name in sorted(names) if name in shown}


# -- texts ------------------------------------------------------------------------------------------------------------


def parse_sessions(text: str) -> list[Entry]:
    """`show lisp session`: one entry per row. `port` is None for a listener."""
    rows = []
    for row in parse_table(_FOLDER / "session.textfsm", clean(text)):
        peer, port = endpoint(row["peer"])
        numbers = {name: int(row[name]) if row[name] else None for name in ("received", "sent", "users", "rtt")}
        rows.append({"peer": peer, "port": port, "state": row["state"], "up_down": row["up_down"], **numbers})
    return rows


def endpoint(text: str) -> tuple[str, int | None]:
    """`A.B.C.D:port`, `X:X::X.port`, or an address alone."""
    mark = "." if text.count(":") > 1 else ":"
    address, found, port = text.rpartition(mark)
    return (address.lower(), int(port)) if found and port.isdigit() else (text.lower(), None)


def parse_details(text: str) -> Iterator[Entry]:
    """`show lisp vrf V session PEER`: one entry per session; `auth` is None without TCP-AO."""
    for block in _SESSIONS.split(clean(text)):
        found = _PEER.match(block)
        if not found:
            continue
        peer, port = endpoint(found[1])
        auth = _AUTH.search(block)
        protected = auth if auth and auth["auth"].lower() != "none" else None
        entry: Entry = {"peer": peer, "port": port}
        for name, pattern in _FIELDS.items():
            shown = pattern.search(block)
            entry[name] = shown[1] if shown else None
        yield {
            **entry,
            "auth": protected["auth"] if protected else None,
            "key_chain": protected["chain"] if protected else None,
        }


def parse_brief(text: str) -> dict[tuple[str, int], str]:
    """`show tcp brief numeric`: the control block of each established LISP connection by its foreign end."""
    blocks = {}
    for row in parse_table(_FOLDER / "brief.textfsm", clean(text)):
        ends = [row[name].rpartition(".") for name in ("local", "foreign")]
        ports = [int(port) for _address, _dot, port in ends if port.isdigit()]
        if row["state"] == "ESTAB" and len(ports) == len(ends) and SESSION_PORT in ports:
            blocks[ends[1][0].lower(), ports[1]] = row["tcb"]
    return blocks


def parse_block(text: str) -> Entry:
    """`show tcp tcb ADDR`: the chain and the keys that this connection uses; nothing where it does not say."""
    text = clean(text)
    current, following, chain = _CURRENT.search(text), _NEXT.search(text), _TCB_CHAIN.search(text)
    entry: Entry = {}
    if current:
        entry |= {"current_key": int(current["id"]), "accept_ao_mismatch": current["mismatch"] == "Yes"}
    if following:
        entry["next_key"] = int(following["id"])
    return {**entry, "tcp_key_chain": chain[1]} if chain else entry


def parse_site(text: str) -> list[Entry]:
    """`show lisp site`: one entry per record. `reliable`: registered over the TCP session, not only over UDP."""
    rows = []
    for row in parse_table(_FOLDER / "site.textfsm", clean(text)):
        registrar = None if row["registrar"] in ("", "--") else row["registrar"]
        rows.append(
            {
                "site": row["site"],
                "instance_id": int(row["instance"]) if row["instance"] else None,
                "prefix": row["prefix"],
                "up": row["up"].startswith("yes"),
                "reliable": row["up"] == "yes#",
                "registrar": registrar,
            }
        )
    return rows


# -- judgement --------------------------------------------------------------------------------------------------------


def unmet(want: Model, seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """A session that is up proves nothing: it must be under TCP-AO, with the intended chain and key."""
    accepting = [option["key_chain"] for option in want.get("tcp_auth_options", []) if option.get("accept")]
    if accepting:
        yield from _accepted(accepting, seen, before)
    for option in want.get("tcp_auth_options", []):
        for peer in option.get("peers", []):
            yield from _opened(peer, option["key_chain"], seen)


def _opened(peer: str, chain: str, seen: Observation) -> Iterator[Unmet]:
    """ETR: its session to a map server."""
    rows = [entry for entry in seen["sessions"] if entry["peer"] == peer and entry["port"] in (SESSION_PORT, None)]
    up = [entry for entry in rows if entry["state"] == "Up"]
    if not up:
        told = rows[0]["state"] if rows else "no session (has this ETR a local EID, and does the map server take it?)"
        yield Unmet(f"session with {peer}", "Up", told)
    for entry in up:
        yield from _protected(entry, [chain], seen)


def _accepted(chains: list[str], seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """Map server: the sessions of its ETRs."""
    rows = [entry for entry in seen["sessions"] if not to_map_server(entry)]
    up = [entry for entry in rows if entry["state"] == "Up"]
    were_up = {
        entry["peer"]
        for entry in (before or {"sessions": []})["sessions"]
        if entry["state"] == "Up" and not to_map_server(entry)
    }
    for entry in up:
        yield from _protected(entry, chains, seen)
    registering = {endpoint(record["registrar"])[0] for record in seen.get("registrations", []) if record["registrar"]}
    waiting = {entry["peer"]: entry for entry in rows if entry["state"] != "Up"}
    for peer in sorted({*waiting, *were_up} - {entry["peer"] for entry in up}):
        row = waiting.get(peer, {"state": "no session", "up_down": ""})
        if peer in registering:
            yield Unmet(f"session with {peer}", "Up", f"{row['state']}, though this ETR registers over UDP")
        elif peer in were_up or row["up_down"] != "never" or row["state"] != "Listening":
            yield Unmet(f"session with {peer}", "Up", row["state"])
        else:
            yield Unmet(f"session with {peer}", "Up", "Listening, never connected", "no_traffic")
    if not up and not waiting and not were_up:
        yield Unmet("sessions of ETRs", "at least one", "no ETR has connected yet", "no_traffic")


def _protected(entry: Entry, chains: list[str], seen: Observation) -> Iterator[Unmet]:
    where = f"session with {entry['peer']}:{entry['port']}"
    wanted = f"TCP-AO with key chain {' or '.join(chains)}"
    if not entry.get("auth"):
        yield Unmet(f"unprotected {where}", wanted, "up without TCP-AO: unprotected")
        return
    if entry.get("key_chain") not in chains:
        yield Unmet(where, wanted, f"{entry['auth']} with key chain {entry.get('key_chain') or '(none)'}")
        return
    if entry.get("accept_ao_mismatch"):
        yield Unmet(f"unprotected {where}", "a MAC that is checked", "accept-ao-mismatch is on: unprotected")
    yield from _rolled_over(where, entry, seen)


def _rolled_over(where: str, entry: Entry, seen: Observation) -> Iterator[Unmet]:
    """Where the TCP block shows it: the key in use is the one that is meant to be, and no other is about to follow."""
    if "current_key" not in entry:
        return
    following = entry.get("next_key", entry["current_key"])
    preferred = seen.get("chains", {}).get(entry["key_chain"], {}).get("preferred")
    wanted = entry["current_key"] if preferred is None else preferred
    if entry["current_key"] != wanted or following != wanted:
        yield Unmet(
            where, f"current and next key {wanted}", f"current key {entry['current_key']}, next key {following}"
        )
