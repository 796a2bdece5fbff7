# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `display ike …` and `display ipsec sa` say, in the layouts of V5 and V7, and what is not as it should be.

Layouts: the V5 table's texts are documented (MSR R2511, FW R3721), its columns are not, so rows are read by the names
in the header; both V7 tables, V7 verbose, V7 proposals and V7 IPsec SAs are device captures; V5 verbose, peer, DPD,
IPsec are assumed and read by their labels, whatever the spacing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from ...engine.feature import Unmet
from ...engine.session import CommandRejected, DeviceError, Session, Tentative, Unsupported
from ...platforms.h3c_comware.session import UNKNOWN
from ...platforms.h3c_comware.text import clean
from ...platforms.h3c_comware.version import V7
from .peers import COMMAND as PEERS
from .peers import IkeConfig, parse_ike

Observation: TypeAlias = dict[str, Any]

TABLE = "display ike sa"
VERBOSE = "display ike sa verbose"
PROPOSALS = "display ike proposal"
IPSEC = "display ipsec sa"
V5_ONLY = ("display ike peer", "display ike dpd")

READY, REPLACED, FADING, TIMED_OUT = "RD", "RL", "FD", "TO"

_HUAWEI = re.compile(r"^\s*Conn-ID\s+.*(?:Flag\(s\)|Phase)|HRT--|--HEARTBEAT|\bNEG--", re.MULTILINE)
_HEADER = re.compile(r"^\s*connection-id\s+(?P<columns>.*\bflags?\b.*)$", re.MULTILINE | re.IGNORECASE)
_TOTAL = re.compile(r"^\s*total (?:phase-1|IKE) SAs?:\s*(\d+)", re.MULTILINE | re.IGNORECASE)
_ROW = re.compile(r"^\s*(\d+)\s+(\S.*)$")
_PROPOSAL = re.compile(r"^\s*(\d+|default)\s+(\S+)\s+(\S+)\s+(\S+)\s+(Group \d+|\S+)\s+(\d+)\s*$", re.IGNORECASE)
_DIRECTION = re.compile(r"^\s*\[(inbound|outbound) \S+ SAs?\]", re.IGNORECASE)
_REFUSAL = re.compile(r"^\s*% ", re.MULTILINE)
_NO_OUTPUT = re.compile(r"\s*(?:\^|% )")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_FLAGS = re.compile(r"(?:[A-Z]{2}(?:\|[A-Z]{2})*|Unknown|NONE)")


# -- reading a device ----------------------------------------------------------------------------------------------


def look(session: Session) -> Observation:
    """Only what convergence is judged by: one short command."""
    return {"ike_sas": _table(session)}


def look_around(session: Session) -> Observation:
    """Everything there is to see of IKE; what a release does not know is left out."""
    seen: Observation = {"ike_sas": _table(session), "peers": []}
    commands = [VERBOSE, PROPOSALS, IPSEC, PEERS]
    if session.facts.dialect != V7:
        commands += V5_ONLY
    said = dict(zip(commands, session.run([Tentative(line) for line in commands]), strict=True))
    known = {line: clean(text) for line, text in said.items() if not _REFUSAL.search(text)}
    if VERBOSE in known:
        seen["ike_sas_verbose"] = parse_verbose(known[VERBOSE])
    if PROPOSALS in known:
        seen["ike_proposals"] = parse_proposals(known[PROPOSALS])
    if IPSEC in known:
        seen["ipsec_sas"] = parse_ipsec(known[IPSEC])
    if PEERS in known:
        seen |= parse_ike(known[PEERS]).shown()
    if V5_ONLY[0] in known:
        seen["shown_peers"] = parse_objects(known[V5_ONLY[0]], "IKE Peer")
    if V5_ONLY[1] in known:
        seen["shown_dpd"] = parse_objects(known[V5_ONLY[1]], "IKE dpd")
    return seen


def read_peers(text: str) -> IkeConfig:
    """The peers in what was read for the plan; nothing where the device could not filter."""
    return parse_ike("\n".join(line for line in text.splitlines() if not _NO_OUTPUT.match(line)))


def _table(session: Session) -> list[dict[str, Any]]:
    try:
        return parse_sas(session.run([TABLE])[0])
    except ValueError as problem:
        raise DeviceError(str(problem)) from None
    except CommandRejected as rejected:
        if UNKNOWN.search(rejected.reason):
            raise Unsupported(f"this model has no IKE: '{TABLE}' is not a command there ({rejected.reason})") from None
        raise


# -- tables --------------------------------------------------------------------------------------------------------


def parse_sas(text: str) -> list[dict[str, Any]]:
    """`display ike sa`: one entry per row with connection_id, remote, local (newer V7), flags, phase, doi, status.

    V7 shows phase 1 only, so phase is 1 there. Raises ValueError where the text is cut or Huawei's look-alike table.
    """
    text = clean(text)
    if not text.strip():
        return []
    if _HUAWEI.search(text):
        raise ValueError("this is the IKE table of Huawei VRP, not of H3C Comware")
    header = _HEADER.search(text)
    if header is None:
        raise ValueError(
            f"'{TABLE}' has no heading with connection-id and flag; the output is cut or of another system"
        )
    columns = header["columns"].lower().split()
    rows = [_ROW.match(line) for line in text[header.end() :].splitlines()]
    found = [_row(int(row[1]), row[2], columns) for row in rows if row]
    total = _TOTAL.search(text)
    if total and len([entry for entry in found if entry["phase"] == 1]) < int(total[1]):
        raise ValueError(f"'{TABLE}' announces {total[1]} phase 1 SAs and shows fewer; the output is cut")
    return found


def _row(number: int, text: str, columns: list[str]) -> dict[str, Any]:
    """Words are told apart by what they are: failover and VPN builds have more columns, and empty ones."""
    words = text.split()
    addresses = [word for word in words if _is_address(word)]
    names = [name for name in ("local", "peer", "remote") if name in columns]
    flag = next((word for word in words if _FLAGS.fullmatch(word)), "")
    behind = words[words.index(flag) + 1 :] if flag else []
    phase = next((int(word) for word in behind if word in ("1", "2")), 1) if "phase" in columns else 1
    entry: dict[str, Any] = {
        "connection_id": number,
        "remote": addresses[-1] if addresses else "",
        "flags": flag.split("|") if flag else [],
        "phase": phase,
        "doi": next((word for word in behind if word.upper() == "IPSEC"), ""),
    }
    if "local" in names and len(addresses) > 1:
        entry["local"] = addresses[0]
    status = next((word for word in behind if word.upper() in ("ACTIVE", "STANDBY")), "")
    return entry | ({"status": status.lower()} if status else {})


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def parse_verbose(text: str) -> list[dict[str, str]]:
    """`display ike sa verbose`: labels in lower case with underscores, one entry per SA."""
    found: list[dict[str, str]] = []
    for line in clean(text).splitlines():
        label, colon, value = line.partition(":")
        name = _name(label)
        if name == "connection_id" and colon:
            found.append({})
        if found and colon and name:
            found[-1][name] = value.strip()
    return found


def parse_objects(text: str, title: str) -> dict[str, dict[str, str]]:
    """`display ike peer` and `display ike dpd` (V5): entries by name; the key line is left out."""
    found: dict[str, dict[str, str]] = {}
    entry: dict[str, str] | None = None
    for line in clean(text).splitlines():
        label, colon, value = line.partition(":")
        if colon and label.strip().lower() == title.lower():
            entry = found.setdefault(value.strip(), {})
        elif entry is not None and colon and _name(label) not in ("", "pre_shared_key"):
            entry[_name(label)] = value.strip()
    return found


def parse_proposals(text: str) -> list[dict[str, Any]]:
    """`display ike proposal`: priority (None = the built-in one), method, authentication, encryption, dh, duration."""
    found = []
    for line in clean(text).splitlines():
        row = _PROPOSAL.match(line)
        if row:
            priority = None if row[1].lower() == "default" else int(row[1])
            names = ("priority", "method", "authentication", "encryption", "dh", "duration")
            found.append(dict(zip(names, (priority, *row.group(2, 3, 4, 5), int(row[6])), strict=True)))
    return found


def parse_ipsec(text: str) -> list[dict[str, Any]]:
    """`display ipsec sa` of either generation: interface, policy, local, remote, inbound and outbound SPIs."""
    found: list[dict[str, Any]] = []
    interface, policy, direction = "", "", ""
    for line in clean(text).splitlines():
        label, colon, value = line.partition(":")
        name, value = _name(label), value.strip().strip('"')
        bracket = _DIRECTION.match(line)
        if name == "interface" and colon:
            interface = value
        elif name in ("ipsec_policy", "ipsec_policy_name", "ipsec_profile"):
            policy = value
        elif name == "local_address" and colon:
            found.append({"interface": interface, "policy": policy, "local": value, "inbound": [], "outbound": []})
        elif found and name == "remote_address" and colon:
            found[-1]["remote"] = value
        elif bracket:
            direction = bracket[1].lower()
        elif found and direction and name == "spi":
            found[-1][direction].append(int(value.split()[0]))
    return found


def _name(label: str) -> str:
    """A label as a key: `Remaining key duration(sec)` is remaining_key_duration_sec."""
    return _NO_WORD.sub("_", label.strip().lower()).strip("_")


# -- convergence ---------------------------------------------------------------------------------------------------


def phase1(seen: Observation) -> dict[str, list[dict[str, Any]]]:
    """Phase 1 rows by the address of the peer."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in seen["ike_sas"]:
        if row["phase"] == 1:
            found.setdefault(row["remote"], []).append(row)
    return found


def ready(row: dict[str, Any]) -> bool:
    """In use, not about to be replaced, and no keepalive missed."""
    return READY in row["flags"] and REPLACED not in row["flags"] and TIMED_OUT not in row["flags"]


def unmet(want: dict[str, Any], seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """Every peer with an SA has a ready one; a peer that had one before the change still has."""
    now = phase1(seen)
    for remote, rows in now.items():
        yield from _peer(remote, rows)
    lost = {remote for remote, rows in phase1(before or {"ike_sas": []}).items() if any(map(ready, rows))} - set(now)
    for remote in sorted(lost):
        if want.get("_reset"):
            yield Unmet(f"peer {remote}", "an IKE SA after the reset", "no traffic yet that asks for one", "no_traffic")
        else:
            yield Unmet(f"peer {remote}", "the IKE SA that was there before the change", "none")
    if not now and not lost:
        yield Unmet("IKE SAs", "a ready one that stays", "none: no traffic has asked for one yet", "no_traffic")


def _peer(remote: str, rows: list[dict[str, Any]]) -> Iterator[Unmet]:
    tagged = [row for row in rows if TIMED_OUT in row["flags"] and REPLACED not in row["flags"]]
    if tagged:
        shown = f"connection {tagged[-1]['connection_id']} tagged TO (TIMEOUT): none arrived"
        hint = "check that the peer sends them"
        yield Unmet(f"peer {remote}", "keepalives that arrive within the timeout", f"{shown}; {hint}")
    elif not any(map(ready, rows)):
        row = rows[-1]
        negotiating = row["flags"] in ([], ["Unknown"], ["NONE"])
        shown = f"connection {row['connection_id']}: {'|'.join(row['flags']) or 'no flag'}"
        yield Unmet(f"peer {remote}", "a ready IKE SA (RD)", shown, "in_progress" if negotiating else "unmet")


def unsettled(previous: Observation, seen: Observation) -> Iterator[Unmet]:
    """A ready SA that was replaced or went between two looks has not stayed."""
    now = phase1(seen)
    for remote, rows in phase1(previous).items():
        old = {row["connection_id"] for row in rows if ready(row)}
        new = {row["connection_id"] for row in now.get(remote, []) if ready(row)}
        if old and not old & new and (new or remote not in now):  # a tagged one is still there, and said so
            what = f"connection {', '.join(map(str, sorted(new)))} instead" if new else "gone"
            yield Unmet(
                f"peer {remote}", f"the same IKE SA (connection {min(old)})", f"it did not stay: {what}", "in_progress"
            )
