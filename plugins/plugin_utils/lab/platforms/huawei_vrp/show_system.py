# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Display commands about the system and the configuration text (reference 2, 3.7)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.rsvp import Rsvp, Tunnel
from .config import EditError, WrongValue, render
from .dialect import Dialect, software_version
from .rsvp_view import address

if TYPE_CHECKING:
    from .device import VrpDevice
    from .shell import VrpShell


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    common = modes["common"]
    common.add(
        "display current-configuration [ interface [ <name:interface> ] |"
        " configuration <type:word> [ <instance:word> ] | include-default ]",
        _current,
        DOC.prints(CODE, "that mpls is a TYPE is assumed"),
    )
    common.add("display saved-configuration", lambda shell, _match: shell.device.startup, GUESS.prints(GUESS))
    common.add("display this [ include-default ]", _this, DOC.prints(DOC))
    common.add("display version", _version, DOC.prints(DOC))
    common.add("display clock [ utc ]", _clock, GUESS.prints(GUESS))
    common.add("display startup", _startup, CODE.prints(GUESS))
    common.add("display interface brief", _interface_brief, CODE.prints(GUESS))
    common.add("display ip interface brief", _ip_brief, CODE.prints(GUESS))
    common.add("display interface <name:interface>", _interface, DOC.prints(GUESS))
    common.add("display users", _users, GUESS.prints(GUESS))


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime(moment))


def header(device: VrpDevice) -> str:
    """The volatile lines above a full configuration."""
    version = software_version(device.os_version)
    if device.options.get("bracket_header"):  # AR routers: looks like a prompt to careless clients
        return f"[{version}]\n"
    out = f"!Software Version {version}\n"
    if device.dialect.family != "vrp8":
        return out
    who = f" by {device.changed_by}" if device.changed_by else ""
    out += f"!Last configuration was updated at {_stamp(device.changed_at or device.booted_at)}{who}\n"
    if device.saved_at is not None:
        out += f"!Last configuration was saved at {_stamp(device.saved_at)}\n"
    return out


def _text(device: VrpDevice, lines: list[Line]) -> str:
    body = "".join("\n".join(render(line, device.peer_indent)) + "\n#\n" for line in lines)
    return f"#\n{body}return\n" if lines else ""


def _current(shell: VrpShell, match: Match) -> str:
    device = shell.device
    if "name" in match.args:
        section = device.config.section(f"interface {match.args['name']}")
        if section is None:
            raise WrongValue(match.line.split()[-1])
        return _text(device, [section])
    if "interface" in match.keywords:
        return _text(device, device.config.interfaces())
    if "type" in match.args:
        prefix = " ".join(part for part in (match.args["type"], match.args.get("instance")) if part)
        # That "mpls" is a valid type is [guess].
        return _text(device, [line for line in device.config.tree.sections(prefix) if line.indent == 0])
    return header(device) + device.running


def _this(shell: VrpShell, _match: Match) -> str:
    """``#``, section, ``#``, ``return``; nothing in the protocol sub-views of neighbors and keys (reference 2)."""
    path = shell.view.path
    if not path:
        lines = [block[0] for block in shell.device.config.blocks() if len(block) == 1 and not block[0].children]
        return _text(shell.device, lines)
    section = shell.device.config.section(*path)
    if section is None or len(path) > 1:
        return "#\nreturn\n"
    return _text(shell.device, [section])


def _uptime(seconds: float) -> str:
    minutes = max(0, int(seconds // 60))
    return f"{minutes // 1440} days, {minutes // 60 % 24} hours, {minutes % 60} minutes"


def _version(shell: VrpShell, _match: Match) -> str:
    device = shell.device
    uptime = device.world.time - device.booted_at + float(device.options.get("uptime", 0))
    vrp8 = device.dialect.family == "vrp8"
    owner = (
        "Copyright (C) 2012-2031 Huawei Technologies Co., Ltd."
        if vrp8
        else "Copyright (C) 2000-2031 HUAWEI TECH CO., LTD"
    )
    kind = "" if vrp8 else " Routing Switch"
    text = (
        "Huawei Versatile Routing Platform Software\n"
        f"VRP (R) software, Version {device.os_version}\n"
        f"{owner}\n"
        f"HUAWEI {device.model}{kind} uptime is {_uptime(uptime)}\n"
    )
    patch = device.options.get("patch")
    return text + (f"Patch Version: {patch}\n" if patch else "")


def _clock(shell: VrpShell, _match: Match) -> str:
    now = time.gmtime(shell.device.world.time)
    return time.strftime("%Y-%m-%d %H:%M:%S\n%A\nTime Zone(UTC) : UTC\n", now)


def _startup(shell: VrpShell, _match: Match) -> str:
    version = software_version(shell.device.os_version)
    rows = (
        ("Configured startup system software", f"cfcard:/{version}.cc"),
        ("Startup system software", f"cfcard:/{version}.cc"),
        ("Next startup system software", f"cfcard:/{version}.cc"),
        ("Startup saved-configuration file", "cfcard:/vrpcfg.zip"),
        ("Next startup saved-configuration file", "cfcard:/vrpcfg.zip"),
        ("Startup paf file", "default"),
        ("Next startup paf file", "default"),
        ("Startup patch package", "NULL"),
        ("Next startup patch package", "NULL"),
    )
    return "MainBoard:\n" + "".join(f"  {name + ':':<42}{value}\n" for name, value in rows)


def _name(line: Line) -> str:
    return line.text.split(None, 1)[1]


def _states(device: VrpDevice, line: Line) -> tuple[str, str]:
    """(physical, protocol) state of an interface."""
    name = _name(line)
    if line.find("shutdown") is not None:
        return "*down", "down"
    if name.startswith("Tunnel"):
        tunnel = Tunnel(name, line.value("destination") or "")
        up = bool(device.world.links_of(device)) and device.world.protocol(Rsvp).tunnel_up(device, tunnel)
        return ("up", "up") if up else ("up", "down")
    linked = [far for _link, own, far in device.world.links_of(device) if own.interface == name]
    for far in linked:
        node = getattr(far.device, "rsvp_node", None)
        port = node().interfaces.get(far.interface) if node is not None else None
        if port is not None and not port.up:
            return "down", "down"
    return "up", "up" if address(line) or name.startswith(("LoopBack", "NULL")) else "down"


_LEGEND = "PHY: Physical\n*down: administratively down\n^down: standby\n(l): loopback\n(s): spoofing\n"


def _interface_brief(shell: VrpShell, _match: Match) -> str:
    out = [_LEGEND + "InUti/OutUti: input utility/output utility"]
    out.append(f"{'Interface':<27} {'PHY':<7} {'Protocol':<10} {'InUti':>5} {'OutUti':>6}   inErrors  outErrors")
    for line in shell.device.config.interfaces():
        physical, protocol = _states(shell.device, line)
        out.append(f"{_name(line):<27} {physical:<7} {protocol:<10} {'0%':>5} {'0%':>6}          0          0")
    return "\n".join(out) + "\n"


def _ip_brief(shell: VrpShell, _match: Match) -> str:
    out = [f"{'Interface':<34}{'IP Address/Mask':<21}{'Physical':<11}Protocol"]
    for line in shell.device.config.interfaces():
        physical, protocol = _states(shell.device, line)
        parts = (line.value("ip address") or "").split()
        bits = sum(int(part).bit_count() for part in parts[1].split(".")) if len(parts) > 1 else 0
        shown = f"{parts[0]}/{bits}" if parts else "unassigned"
        out.append(f"{_name(line):<34}{shown:<21}{physical:<11}{protocol}")
    return "\n".join(out) + "\n"


def _interface(shell: VrpShell, match: Match) -> str:
    name = match.args["name"]
    line = shell.device.config.section(f"interface {name}")
    if line is None:
        raise EditError("The specified interface does not exist.")
    physical, protocol = _states(shell.device, line)
    word = {"up": "UP", "down": "DOWN", "*down": "Administratively DOWN"}[physical]
    out = [f"{name} current state : {word}", f"Line protocol current state : {protocol.upper()}"]
    out.append(f"Description: {line.value('description') or ''}")
    parts = (line.value("ip address") or "").split()
    if len(parts) > 1:
        bits = sum(int(part).bit_count() for part in parts[1].split("."))
        out.append(f"Route Port,The Maximum Transmit Unit is 1500\nInternet Address is {parts[0]}/{bits}")
    if line.value("destination"):
        out.append(f"Tunnel destination {line.value('destination')}\nTunnel protocol/transport MPLS/MPLS, ILM disabled")
    return "\n".join(out) + "\n"


def _users(shell: VrpShell, _match: Match) -> str:
    out = ["  User-Intf    Delay    Type   Network Address     AuthenStatus    AuthorcmdFlag"]
    for number, terminal in enumerate(shell.device.sessions):
        info = terminal.session
        mark = "+" if terminal is shell.terminal else " "
        out.append(
            f"{mark} {34 + number:<3} VTY {number:<3} 00:00:00  {info.transport.upper():<6} {info.peer:<28} "
            "pass        no\n"
            f"  Username : {info.user}"
        )
    return "\n".join(out) + "\n"
