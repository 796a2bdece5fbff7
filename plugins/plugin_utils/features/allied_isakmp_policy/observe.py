# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show isakmp …` and `show ipsec …` say, and what of the intended is not there yet.

Documented: the fields of the exchange list, the columns of the IPsec SA list, the counters, "Message Back-off". All
other layouts are assumed: labels are searched by their words, and what is not found proves nothing either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...engine.feature import Unmet, parse_table
from ...engine.schema import Model
from ...engine.session import CommandRejected, Session
from ...platforms.allied_alliedware.text import clean, labels
from . import schedule, schema
from .parse import displays

_FOLDER = Path(__file__).parent
_SETTINGS = ("peer", "retry_ike_attempts", "msg_backoff", "msg_retry_limit", "msg_timeout")
_ENDED = ("UP", "DONE")
_NUMBERS = {
    "retry_counter": "packet retry counter",
    "retry_timer": "packet retry timer",
    "retry_limit": "retry limit",
}
"""What the detail display of an exchange adds, and what its labels say."""
_BACKOFF = re.compile(r"back-?off")
_RULE = re.compile(r"\s*-{10,}\s*")
_GAP = re.compile(r"\s{2,}")
_COUNTER = re.compile(r"\b([A-Za-z]\w+)\s+(\d+)\b")
_FAILURE = re.compile(r"fail|timed?out", re.IGNORECASE)
_RETRIES = ("retryIkeAttemptsPh1", "retryIkeAttemptsPh2")

Observation = dict[str, Any]


def show(noun: str, name: str = "", module: str = "isakmp") -> str:
    """A show command about all objects of a kind, or one."""
    if not name:
        return f"show {module} {noun}"
    return f'show {module} {noun}="{name}"' if " " in name else f"show {module} {noun}={name}"


def look(session: Session, want: Model) -> Observation:
    """Everything that tells of the policies in `want`. What is refused is empty; of the SAs, that is `refused`."""
    peers = {entry.get("peer") for entry in want}
    refused: list[str] = []
    exchanges = parse_exchanges(_ask(session, show("exchange"), refused))
    sas = parse_sas(_ask(session, show("sa"), refused))
    return {
        "policies": {
            name: values
            for entry in want
            for name, values in displays(_ask(session, show("policy", entry["name"]))).items()
        },
        "exchanges": [_detailed(session, "exchange", row) if row["peer"] in peers else row for row in exchanges],
        "sas": [_detailed(session, "sa", row) if row["peer"] in peers else row for row in sas],
        "counters": {kind: parse_counters(_ask(session, show("counters", kind))) for kind in ("general", "spd")},
        "ipsec_policies": parse_ipsec_policies(_ask(session, show("policy", module="ipsec"))),
        "ipsec_sas": parse_ipsec_sas(_ask(session, show("sa", module="ipsec"), refused)),
        "refused": refused,
    }


def _ask(session: Session, command: str, refused: list[str] | None = None) -> str:
    """The output, or nothing where the device refuses the command, which is then noted in `refused`."""
    try:
        return session.run([command])[0]
    except CommandRejected:
        if refused is not None:
            refused.append(command)
        return ""


def _detailed(session: Session, noun: str, row: dict[str, Any]) -> dict[str, Any]:
    """A list's row with what the detail display adds; it may be gone by now."""
    shown = labels(_ask(session, show(noun, str(row["id"]))))
    more: dict[str, Any] = {}
    for label, value in shown.items():
        name = next((name for name, words in _NUMBERS.items() if words in label), None)
        if name and value.isdigit():
            more[name] = int(value)
        elif _BACKOFF.search(label):
            more["backoff"] = value.lower()
    return {**row, **more}


# -- parsing ----------------------------------------------------------------------------------------------------------


def parse_exchanges(text: str) -> list[dict[str, Any]]:
    """`show isakmp exchange`: one entry per running exchange."""
    return [_typed(row) for row in parse_table(_FOLDER / "exchange.textfsm", clean(text))]


def parse_sas(text: str) -> list[dict[str, Any]]:
    """`show isakmp sa`: one entry per ISAKMP SA."""
    return [_typed(row) for row in parse_table(_FOLDER / "sa.textfsm", clean(text))]


def parse_ipsec_sas(text: str) -> list[dict[str, Any]]:
    """`show ipsec sa`: one entry per IPsec SA; `state` in lower case (`valid`, `creating`, `removing`, `undef`)."""
    rows = parse_table(_FOLDER / "ipsec_sa.textfsm", clean(text))
    return [{**_typed(row), "state": row["state"].lower()} for row in rows]


def parse_ipsec_policies(text: str) -> list[str]:
    """`show ipsec policy`: the names, first column below the rule."""
    lines = clean(text).splitlines()
    rule = next((index for index, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    rows = lines[rule + 1 :] if rule is not None else []
    return [_GAP.split(row.strip())[0] for row in rows if row.replace("-", "").strip()]


def parse_counters(text: str) -> dict[str, int]:
    """A counter page: two name and number pairs to a line."""
    return {name: int(number) for name, number in _COUNTER.findall(clean(text))}


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    typed: dict[str, Any] = dict(row)
    typed["id"] = int(row["id"])
    if "peer" in row:
        typed["peer"] = schema.understood("peer", row["peer"])
    return typed


# -- judging ----------------------------------------------------------------------------------------------------------


def unmet(want: Model, seen: Observation, before: Observation | None) -> Iterator[Unmet]:
    """What keeps the wanted policies from being proved: shown as intended, and a tunnel that stands."""
    for entry in want:
        yield from _settings(entry, seen)
        yield from _tunnel(entry, seen, before or {})


def _settings(entry: dict[str, Any], seen: Observation) -> Iterator[Unmet]:
    shown = seen["policies"].get(entry["name"], {})
    for option in _SETTINGS:
        expected = entry.get(option, schema.FIELDS[option][1].default)
        if option in shown and expected is not None and shown[option] != expected:
            yield Unmet(f"policy {entry['name']}", f"{option} {expected}", f"{option} {shown[option]}")


def _tunnel(entry: dict[str, Any], seen: Observation, before: Observation) -> Iterator[Unmet]:
    item, peer, users = f"policy {entry['name']}", entry.get("peer"), entry.get("ipsec", [])
    if not users:
        yield Unmet(item, "an IPsec policy that uses it", "none on this device")
        return
    missing = []
    if schema.is_address(peer) and not any(row["peer"] == peer for row in seen["sas"]):
        missing.append(f"an ISAKMP SA with {peer}")
    if not any(row["policy"] in users and row["state"] == "valid" for row in seen["ipsec_sas"]):
        missing.append(f"a valid IPsec SA of policy {' or '.join(users)}")
    if missing:
        yield Unmet(item, " and ".join(missing), *_why(entry, seen, before))


def _why(entry: dict[str, Any], seen: Observation, before: Observation) -> tuple[str, Any]:
    """What the device does instead of having a tunnel, and which kind of unmet that is."""
    peer = entry.get("peer")
    running = [row for row in seen["exchanges"] if row["peer"] == peer and row["state"] not in _ENDED]
    retried = _risen(seen, before, _RETRIES)
    if running:
        return _progress(entry, running[-1], retried, before), "in_progress"
    if seen["refused"]:
        return f"nothing, because the device refused '{seen['refused'][0]}'", "no_traffic"
    if retried:
        return f"no exchange any more after {retried} retries: the device has given up", "unmet"
    if _risen(seen, before, _failures(seen)):
        return "an exchange has failed and is not tried again", "unmet"
    if not schema.is_address(peer):
        return "no peer has connected yet", "no_traffic"
    if not before and any(seen["counters"]["general"].get(name) for name in (*_failures(seen), *_RETRIES)):
        return "no exchange is running, and some have failed before: the device may have given up", "unmet"
    return f"nothing has tried to connect {'since the change' if before else 'yet'}", "no_traffic"


def _progress(entry: dict[str, Any], row: Mapping[str, Any], retried: int, before: Observation) -> str:
    """The two mechanisms by name, and when they end at the latest."""
    others = {old["id"] for old in before.get("exchanges", []) if old["peer"] == row["peer"]}
    retrying = retried > 0 or (bool(others) and row["id"] not in others)
    what = "retrying" if retrying else "negotiating"
    start = f"{what}: exchange {row['id']} is in state {row['state']}"
    left = _left(entry, row)
    ends = f"this exchange ends in at most {left} s"
    attempts = entry.get("retry_ike_attempts", 0)
    if attempts == schedule.CONTINUOUS:
        return f"{start}; {ends}, and the device never gives up (continuous)"
    remaining = max(0, int(attempts) - retried)
    total = left + remaining * schedule.exchange_time(*_timing(entry))[1]
    return f"{start}; {ends}, and with {remaining} retries left the device gives up in at most {total} s"


def _left(entry: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    """Seconds that an exchange may still last, from the copies it has left; all of them when that is not shown."""
    timeout, limit, backoff = _timing(entry)
    done: int = limit - min(row.get("retry_counter", limit), limit)
    return schedule.exchange_time(timeout, limit, backoff)[1] - (0, *schedule.copies(timeout, limit, backoff))[done]


def _timing(entry: Mapping[str, Any]) -> tuple[int, int, str]:
    return (
        entry.get("msg_timeout", schedule.DEFAULT_TIMEOUT),
        entry.get("msg_retry_limit", schedule.DEFAULT_LIMIT),
        entry.get("msg_backoff", schedule.DEFAULT_BACKOFF),
    )


def _risen(seen: Observation, before: Observation, names: Sequence[str]) -> int:
    """By how much the counters have grown since the change; nothing without an observation from before."""
    if not before:
        return 0
    now, old = seen["counters"]["general"], before["counters"]["general"]
    return sum(max(0, now.get(name, 0) - old.get(name, 0)) for name in names)


def _failures(seen: Observation) -> list[str]:
    """Counters whose name says that something failed."""
    return [name for name in seen["counters"]["general"] if _FAILURE.search(name)]
