# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``show tcp brief`` and TCP control blocks of LISP sessions (reference 3.7)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ...fidelity import CODE
from ...grammar import Match, Mode
from ...protocols.lisp import PORT, Lisp, Mkt, TcpView
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import IosShell


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    common = modes["common"]
    common.add("show tcp brief [ all ] [ numeric ]", _brief, CODE.prints(CODE))
    common.add("show tcp tcb <block:file>", _tcb, CODE.prints(CODE, "seen for BGP; the same block for LISP is assumed"))
    common.add("show tcp", _all, CODE.prints(CODE, "seen for BGP; the same block for LISP is assumed"))


def _views(shell: IosShell) -> list[TcpView]:
    return shell.device.world.protocol(Lisp).sessions(shell.device)


def _trying(view: TcpView) -> bool:
    """An ETR that connects in vain, or is about to connect."""
    return view.state == "Down" and view.session.registered_at is not None


def _port(shell: IosShell, view: TcpView) -> int:
    if view.local_port or not view.active:
        return view.local_port
    return shell.device.world.protocol(Lisp).port(view.session, view.session.connections + 1)


def block_of(shell: IosShell, view: TcpView) -> str:
    """The hexadecimal address of a view's control block."""
    text = f"{shell.device.name}/{view.local}/{_port(shell, view)}/{view.peer}/{view.peer_port}"
    return f"7F{hashlib.sha256(text.encode()).hexdigest()[:6].upper()}"


def _brief(shell: IosShell, match: Match) -> str:
    out = [f"{'TCB':<10}{'Local Address':<24}{'Foreign Address':<23}(state)"]
    for view in _views(shell):
        listening = view.state == "Listening"
        if (listening and "all" not in match.keywords) or (view.state == "Down" and not _trying(view)):
            continue
        local = f"{view.local}.{_port(shell, view)}"
        far = f"{view.peer}.*" if listening else f"{view.peer}.{view.peer_port}"
        state = "LISTEN" if listening else "ESTAB" if view.state == "Up" else "SYNSENT"
        out.append(f"{block_of(shell, view):<10}{local:<24}{far:<23}{state}")
    return "\n".join(out) + "\n"


def _tcb(shell: IosShell, match: Match) -> str:
    wanted = match.args["block"].upper().removeprefix("0X")
    for view in _views(shell):
        if block_of(shell, view) == wanted:
            return _text(shell, view)
    return "% No such TCB\n"  # [guess]


def _all(shell: IosShell, _match: Match) -> str:
    blocks = [view for view in _views(shell) if view.state == "Up"]
    return "\n".join(f"{_text(shell, view)}" for view in blocks)


def _text(shell: IosShell, view: TcpView) -> str:
    state = {"Up": "ESTAB", "Listening": "LISTEN"}.get(view.state, "SYNSENT")
    ao = view.chain is not None
    flags = "active open" if view.active else "passive open, gen tcbs"
    options = "win-scale, TCP AO" if ao else "win-scale"
    foreign = f"Foreign host: {view.peer}, Foreign port: {view.peer_port or PORT}"
    out = [
        f"Connection state is {state}, I/O status: 1, unread input bytes: 0",
        "Connection is ECN Disabled, Mininum incoming TTL 0, Outgoing TTL 255",
        f"Local host: {view.local}, Local port: {_port(shell, view)}",
        foreign,
        "Connection tableid (VRF): 0",
        "Maximum output segment queue size: 20",
        "",
        "Enqueued packets for retransmit: 0, input: 0  mis-ordered: 0 (0 bytes)",
        "",
        "SRTT: 1000 ms, RTTO: 1003 ms, RTV: 3 ms, KRTT: 0 ms",
        "minRTT: 1 ms, maxRTT: 1000 ms, ACK hold: 200 ms",
        f"Status Flags: {flags}",
        "Option Flags: nagle, path mtu capable, SACK option permitted",
        f"  {options}",
        "IP Precedence value : 6",
        "",
        "Datagrams (max data segment is 1460 bytes):",
    ]
    if ao:
        out += ["", f"TCP AO Key chain: {view.chain}"]
        out += ["", "TCP AO Current Key:", *_key(view.current), "", "TCP AO Next Key:", *_key(view.wanted)]
    return "\n".join(out) + "\n"


def _key(key: Mkt | None) -> list[str]:
    if key is None:
        return ["  Id: None"]  # [guess]
    return [
        f"  Id: {key.id}, Send-Id: {key.send_id}, Recv-Id: {key.recv_id}",
        f"  Include TCP Options: {'Yes' if key.include_options else 'No'}",
        f"  Accept AO Mismatch: {'Yes' if key.accept_mismatch else 'No'}",
    ]
