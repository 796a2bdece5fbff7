# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Display commands about RSVP-TE (reference 3.1 to 3.5), in the VRP8 layout and the S600 one for other families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.rsvp import Counters, Neighbor, Rsvp, RsvpInterface, RsvpNode
from .config import EditError
from .dialect import Dialect

if TYPE_CHECKING:
    from .device import VrpDevice
    from .shell import VrpShell


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    if not dialect.rsvp:
        return
    common = modes["common"]
    layout = GUESS if dialect.family == "vrp5" else DOC  # nobody has published what VRP5 prints
    common.add("display mpls rsvp-te", _global, DOC.prints(layout))
    common.add("display mpls rsvp-te interface [ <name:interface> ]", _interfaces, DOC.prints(layout))
    common.add("display mpls rsvp-te peer [ interface <name:interface> | <address:ipv4> ]", _peers, DOC.prints(layout))
    common.add("display mpls rsvp-te statistics global", _statistics, DOC.prints(layout))
    common.add("display mpls rsvp-te statistics interface [ <name:interface> ]", _statistics, DOC.prints(GUESS))
    common.add("display default-parameter mpls rsvp-te", lambda _shell, _match: _DEFAULTS, DOC.prints(layout))


def _enabled(shell: VrpShell) -> RsvpNode:
    node = shell.device.rsvp_node()
    if not node.enabled:
        raise EditError("RSVP-TE is not enabled.")  # [guess]
    return node


def pair(left: str, right: str, column: int) -> str:
    """Two fields on one line, the second at ``column`` (0-based)."""
    return f"{left:<{column - 1}} {right}"


def _global(shell: VrpShell, _match: Match) -> str:
    node = _enabled(shell)
    return (
        f"LSR ID: {node.lsr_id}\n"
        "Resv Confirmation Request: DISABLE\n"
        "RSVP Hello Extension: DISABLE\n"
        "Hello interval: 3 sec                 Max Hello misses: 3\n"
        f"Path and Resv message refresh interval: {int(node.refresh)} sec\n"
        f"Path and Resv message refresh retries count: {node.keep_multiplier}\n"
        "Blockade Multiplier: 4\n"
        "Graceful-Restart Capability: None\n"
        "Soft Preemption Timeout: 30 sec\n"
        "Default Session Car: \n"
        " CIR(kbps): 75 CBS(bytes): 15000 PIR(kbps): 4000 PBS(bytes): 9000000\n"
    )


def _interfaces(shell: VrpShell, match: Match) -> str:
    node = _enabled(shell)
    name = match.args.get("name")
    ports = [port for port in node.interfaces.values() if port.enabled and name in (None, port.name)]
    if name is not None and not ports:
        raise EditError("RSVP-TE is not enabled on the interface.")  # [guess]
    neighbors = shell.device.world.protocol(Rsvp).neighbors(shell.device)
    modern = shell.device.dialect.family == "vrp8"
    # Whether a separator stands between blocks is unknown; a blank line is what the peer display has.
    return "\n".join(
        _interface(shell.device, port, [n for n in neighbors if n.interface == port.name and n.heard], modern)
        for port in ports
    )


def _interface(device: VrpDevice, port: RsvpInterface, neighbors: list[Neighbor], modern: bool) -> str:
    state = "UP" if port.up else "DOWN"
    # What the neighbor view sets is not an interface setting, except that its neighbor is served by it: show what is
    # in force towards the neighbor, as documents show the display right after configuring either view.
    auth = port.auth or next((n.auth for n in neighbors if n.auth is not None), None)
    rows = [
        f"Interface: {port.name}",
        f" Interface Address: {port.address or '--'}",
        pair(f" Interface state: {state}", f"Interface Index: 0x{device.number(port.name, 8):x}", 46),
        pair(" Total-BW: 0", "Used-BW: 0", 46),
        pair(" Hello configured: NO", f"Num of Neighbors: {len(neighbors)}", 46),
        pair(" SRefresh feature: DISABLE", "SRefresh Interval: 30 sec", 46),
        pair(" Mpls Mtu: 1500", "Retransmit Interval: 5000 msec", 46),
        " Increment Value: 1",
        f" Authentication: {'ENABLE' if auth else 'DISABLE'}",
    ]
    if auth is not None:
        high, low = neighbors[0].next_sequence if neighbors else (int(device.booted_at) % 2**31, 1)
        key_id = f"0x{device.number('key-id/' + port.name, 48):012x}"
        rows.append(pair(f" Challenge: {'ENABLE' if auth.handshake else 'DISABLE'}", f"WindowSize: {auth.window}", 46))
        if modern:
            rows.append(pair(f" Next Seq # to be sent: {high} {low}", f"Key ID: {key_id}", 46))
        else:
            rows.append(f" Next Seq # to be sent:{high} {low} Key ID: {key_id}")
    bfd = ("10", "10", "3") if modern else ("1000", "1000", "3")
    rows += [
        pair(" Bfd Enabled: DISABLE", f"Bfd Min-Tx: {bfd[0]}", 46),
        pair(f" Bfd Min-Rx: {bfd[1]}", f"Bfd Detect-Multi: {bfd[2]}", 46),
    ]
    if modern:
        rows.append(" RSVP instance name: RSVP0")
    return "\n".join(rows) + "\n"


def _peers(shell: VrpShell, match: Match) -> str:
    node = _enabled(shell)
    device = shell.device
    modern = device.dialect.family == "vrp8"
    wanted, name = match.args.get("address"), match.args.get("name")
    adjacent = device.world.protocol(Rsvp).neighbors(device)
    seen = [n for n in adjacent if n.heard or n.address in node.peers]
    blocks = [
        (f"Interface {n.interface}" if modern else f"Interface: {n.interface}") + "\n" + _peer(device, n, modern)
        for n in seen
        if name in (None, n.interface) and wanted in (None, n.address)
    ]
    for address, auth in node.peers.items():
        if address in [n.address for n in adjacent] or name is not None or wanted not in (None, address):
            continue
        remote = Neighbor("", address, address, "", False, False, auth, 0, 0, None, (0, 0))
        blocks.append(("" if modern else " ") + "Remote Node id Neighbor\n" + _peer(device, remote, modern))
    return "\n".join(blocks)


def _peer(device: VrpDevice, neighbor: Neighbor, modern: bool) -> str:
    column = 40 if modern else 33
    instance = f"0x{device.number('instance'):08X}"
    sequence = "NULL" if neighbor.last_sequence is None else "{} {}".format(*neighbor.last_sequence)
    rows = [
        f" Neighbor Addr: {neighbor.address or '-----'}",
        pair(f" SrcInstance: {instance}", "NbrSrcInstance: 0x0", column),
        pair(f" PSB Count: {neighbor.psb}", f"RSB Count: {neighbor.rsb}", column),
    ]
    if modern:
        rows.append(pair(" Hello Type Sent: NONE", "Neighbor Hello Extension: DISABLE", column))
        rows.append(" SRefresh Enable: NO")
        rows.append(f" Authentication: {'ENABLE' if neighbor.auth else 'DISABLE'}")
        if neighbor.auth is not None:
            rows.append(f" WindowsSize: {neighbor.auth.window}")
        rows.append(f" Last Valid Seq # rcvd: {sequence}")
    else:
        rows += [" Hello Type Sent: NONE", " SRefresh Enable: NO", f" Last valid seq # rcvd: {sequence}"]
    return "\n".join(rows) + "\n"


_PAIRS = (
    "Packet", "CreatePath", "RefreshPath", "CreateResv", "RefreshResv", "ResvConf", "Hello", "Ack", "PathErr",
    "ResvErr", "PathTear", "ResvTear", "Srefresh", "AckMsg", "ChallengeMsg", "ResponseMsg", "ErrMsg", "RecoveryPathMsg",
    "GRPathMsg",
)  # fmt: skip
_RELIABLE = (
    "Packet", "Path", "Resv", "ResvConf", "PathErr", "ResvErr", "PathTear", "ResvTear", "Srefresh", "RecoveryPathMsg",
    "GRPathMsg", "NotifyMsg",
)  # fmt: skip


def _statistics(shell: VrpShell, match: Match) -> str:
    node = _enabled(shell)
    rsvp = shell.device.world.protocol(Rsvp)
    name = match.args.get("name")
    neighbors = [n for n in rsvp.neighbors(shell.device) if name in (None, n.interface) and n.heard]
    counters = rsvp.counters(shell.device, name)
    modern = shell.device.dialect.family == "vrp8"
    if "interface" in match.keywords:  # layout [guess]: same body, per interface
        names = [name] if name is not None else [port.name for port in node.interfaces.values() if port.enabled]
        return "\n".join(
            f"Interface: {each}\n" + _counter_lines(rsvp.counters(shell.device, each), modern) for each in names
        )
    own = len(node.tunnels)
    psb, rsb = sum(n.psb for n in neighbors), sum(n.rsb for n in neighbors)
    head = [
        pair(f" LSR ID: {node.lsr_id}", f"LSP Count: {psb + rsb}", 40),
        pair(f" PSB Count: {psb + own}", f"RSB Count: {rsb}", 40),
        " RFSB Count: " + ("-" if modern else "0"),
    ]
    if modern:
        rule = "-" * 74
        head = [rule, "                 RSVP-TE Global Statistic", rule, *head, "FRR statistics information:"]
        head += [
            pair(" PLR AvailLsps: 0", "PLR InuseLsps: 0", 40),
            pair(" MP AvailLsps: 0", "MP InuseLsps: 0", 40),
        ]
    else:
        head.append("")
    text = "\n".join(head) + "\n" + _counter_lines(counters, modern, len(neighbors))
    if modern:
        text += "Total reliable delivery Statistics Information:\n"
        text += "".join(pair(f" Retrans{word}Counter: 0", f"Rep{word}Counter: 0", 40) + "\n" for word in _RELIABLE)
    return text


def _counter_lines(counters: Counters, modern: bool, neighbors: int | None = None) -> str:
    half = counters.StateTimeout
    rows = [
        "Total Statistics Information:",
        pair(f" PSB CleanupTimeOutCounter: {half}", f"RSB CleanupTimeOutCounter: {half}", 40),
    ]
    for word in _PAIRS + (("NotifyMsg",) if modern else ()):
        sent, received = getattr(counters, f"Send{word}", 0), getattr(counters, f"Rec{word}", 0)
        rows.append(pair(f" Send{word}Counter: {sent}", f"Rec{word}Counter: {received}", 40))
    if modern:
        rows.append(" ResourceReqFaultCounter: 0            ")
    else:
        rows.append(pair(" ResourceReqFaultCounter: 0", "RecGRPathMsgFromLSPMCounter: 0", 40))
    if neighbors is not None:
        word = "RSVP" if modern else "Bfd"
        rows.append(pair(f" {word} neighbor count: {neighbors}", "Bfd session count: 0", 40))
    return "\n".join(rows) + "\n"


_DEFAULTS = """\
Global Default Configurations:
--------------------------------------
  RSVP-TE Feature                       : Disabled
  Path/Resv Message Refresh Interval    : 30000 ms
  Max Times Of Refresh Lost             : 3
  Challenge Retransmission Interval     : 1000 ms
  Max Times Of Challenge Lost           : 3
  Hello Interval                        : 3000 ms
  Max Times Of Hello Lost               : 3

Interface View Default Configurations:
--------------------------------------
  Authentication Feature    : Disabled
  Authentication Life Time                : 1800000 ms
  Summary Refresh           : Disabled
  Hello Extension           : Disabled
"""
