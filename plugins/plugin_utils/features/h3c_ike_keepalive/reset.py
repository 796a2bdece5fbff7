# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clearing SAs: an operation, not a state. IPsec SAs go first, as long as an IKE SA is there to tell the peer.

Sources: HP FW R3721 and MSR V5 command references, V7 IPsec command reference and MSR V7 (syntax, order and reason).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.device import DeviceFacts
from ...engine.schema import Group, InvalidInput, Leaf, Node, argument_spec, validate
from ...engine.session import CommandRejected, PushReport, Session
from ...platforms.h3c_comware.version import V7
from .observe import TABLE, parse_sas

ALL = ("reset ipsec sa", "reset ike sa")
"""Both phases, all peers; the same words on both generations."""


def address(value: Any) -> str:
    """An IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(str(value)))
    except ValueError:
        raise ValueError("use an IPv4 address such as 203.0.113.9") from None


def policy(value: Any) -> str:
    """An IPsec policy name."""
    text = str(value)
    if not 1 <= len(text) <= 63 or not text.isprintable() or " " in text or "?" in text:
        raise ValueError("use 1 to 63 printable characters without blanks and question marks")
    return text


OPTIONS: Mapping[str, Node] = {
    "phase": Leaf("str", choices=("both", "ipsec", "ike"), default="both"),
    "remote": Leaf("str", normal=address),
    "policy": Leaf("str", normal=policy),
    "sequence": Leaf("int", range=(1, 65535)),
    "connection_id": Leaf("int", range=(1, 2_000_000_000)),
}


@dataclass(frozen=True)
class Request:
    """What to clear: `phase` both, ipsec or ike; all of it, or what belongs to a peer, a policy or a connection id."""

    phase: str = "both"
    remote: str | None = None
    policy: str | None = None
    sequence: int | None = None
    connection_id: int | None = None


def spec() -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    return {name: argument_spec(node) for name, node in OPTIONS.items()}


def judge(args: Mapping[str, Any]) -> Request:
    """Raw task arguments as a Request. Raises InvalidInput with one sentence per problem."""
    plain = validate(Group(OPTIONS), {name: value for name, value in args.items() if value is not None}, where="task")
    request = Request(**plain)
    problems = []
    chosen = [name for name in ("remote", "policy", "connection_id") if name in plain]
    if len(chosen) > 1:
        problems.append(f"task: {' and '.join(chosen)} are given together; use one of them.")
    if request.sequence is not None and request.policy is None:
        problems.append("task: sequence needs policy; name the policy it belongs to.")
    if request.policy is not None and request.phase != "ipsec":
        problems.append("task.policy: an IKE SA belongs to no policy; use phase: ipsec with policy.")
    if request.connection_id is not None and request.phase != "ike":
        problems.append("task.connection_id: it names an IKE SA; use phase: ike with connection_id.")
    if problems:
        raise InvalidInput(problems)
    return request


Step = tuple[str, ...]
"""One command in the spellings to try, the documented one first."""


def steps(request: Request, facts: DeviceFacts, sas: list[dict[str, Any]]) -> list[Step]:
    """The commands, IPsec before IKE; `sas` is the table of IKE SAs, where one peer's ids are looked up."""
    found: list[Step] = []
    if request.phase != "ike":
        found.append((_ipsec(request),))
    if request.phase != "ipsec":
        found += _ike(request, facts.dialect == V7, sas)
    return found


def _ipsec(request: Request) -> str:
    if request.remote:
        return f"{ALL[0]} remote {request.remote}"
    if request.policy:
        return f"{ALL[0]} policy {request.policy}" + (f" {request.sequence}" if request.sequence else "")
    return ALL[0]


def _ike(request: Request, v7: bool, sas: list[dict[str, Any]]) -> list[Step]:
    if request.connection_id is not None:
        return [_one(request.connection_id, v7)]
    if request.remote is None:
        return [(ALL[1],)]
    return [_one(row["connection_id"], v7) for row in sas if row["phase"] == 1 and row["remote"] == request.remote]


def _one(number: int, v7: bool) -> Step:
    """V5 takes the bare number. V7's syntax has a keyword, its example has none: the keyword first."""
    bare = f"{ALL[1]} {number}"
    return (f"{ALL[1]} connection-id {number}", bare) if v7 else (bare,)


def run(session: Session, request: Request, report: PushReport, *, check: bool = False) -> dict[str, Any]:
    """Clear, or in check mode say what would be sent. Raises CommandRejected, ChannelError."""
    before = parse_sas(session.run([TABLE])[0])
    wanted = steps(request, session.facts, before)
    if check:
        return _result([spellings[0] for spellings in wanted], before)
    for spellings in wanted:
        _send(session, spellings, report)
    return _result(report.sent, before) | {"after": parse_sas(session.run([TABLE])[0])}


def _send(session: Session, spellings: Step, report: PushReport) -> None:
    """One step, in the first spelling that the device takes. Raises CommandRejected for the last."""
    for command in spellings:
        report.sent.append(command)  # before: a command whose answer is lost may have arrived
        try:
            session.run([command])
            return
        except CommandRejected:
            report.sent.pop()
            if command == spellings[-1]:
                raise


def _result(commands: list[str], before: list[dict[str, Any]]) -> dict[str, Any]:
    return {"changed": bool(commands), "commands": commands, "before": before}
