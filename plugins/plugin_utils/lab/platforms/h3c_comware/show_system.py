# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Display commands about the system and the configuration text (reference 2, 3.9)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from .config import WrongValue
from .dialect import Dialect
from .ike_view import interface_addresses

if TYPE_CHECKING:
    from .shell import ComwareShell


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    common = modes["common"]
    common.add(
        "display current-configuration [ interface [ <name:interface> ] | configuration [ <module:word> ] ]",
        _current,
        CODE.prints(CODE),
    )
    common.add("display saved-configuration", lambda shell, _match: shell.device.startup, GUESS.prints(GUESS))
    common.add("display this", _this, CODE.prints(CODE))
    common.add("display version", _version, CODE.prints(CODE))
    common.add("display clock", _clock, GUESS.prints(GUESS))
    common.add("display ip interface brief", _ip_brief, GUESS.prints(GUESS))
    if not dialect.v5:
        common.add("display diff current-configuration startup-configuration", _diff, DOC.prints(CODE))


def _sections(blocks: list[list[str]]) -> str:
    return "#\n" + "".join("\n".join(block) + "\n#\n" for block in blocks) + "return\n"


def _current(shell: ComwareShell, match: Match) -> str:
    device = shell.device
    if "name" in match.args:
        head = f"interface {match.args['name']}"
        if device.config.view(head) is None:
            raise WrongValue(match.line.split()[-1])
        return _sections([block for block in device.config.blocks if block[0] == head])
    if "interface" in match.keywords:
        return _sections([block for block in device.config.blocks if block[0].startswith("interface ")])
    if "configuration" in match.keywords:
        module = str(match.args.get("module", "")).replace("-", " ")
        wanted = [block for block in device.config.blocks if not block[0].startswith("interface ")]
        return _sections([block for block in wanted if not module or block[0].strip().startswith(module)])
    return device.running


def _this(shell: ComwareShell, _match: Match) -> str:
    config = shell.device.config
    if not shell.view.head:
        return _sections(
            [[line for line in block if line.startswith(" ")] for block in config.blocks if block[0][0] == " "]
        )
    children = [f" {line}" for line in config.view(shell.view.head) or []]
    return _sections([[shell.view.head, *children]])


def _uptime(seconds: float) -> tuple[int, int, int, int]:
    minutes = max(0, int(seconds // 60))
    return minutes // 10080, minutes // 1440 % 7, minutes // 60 % 24, minutes % 60


def _version(shell: ComwareShell, _match: Match) -> str:
    device = shell.device
    weeks, days, hours, minutes = _uptime(device.world.time - device.booted_at + float(device.options.get("uptime", 0)))
    if device.dialect.v5:
        return (
            "H3C Comware Platform Software\n"
            f"Comware Software, Version {device.os_version}\n"
            "Copyright (c) 2004-2010 Hangzhou H3C Tech. Co., Ltd. All rights reserved.\n"
            f"H3C {device.model} uptime is {weeks} week, {days} day, {hours} hours, {minutes} minutes\n"
        )
    return (
        f"H3C Comware Software, Version {device.os_version}\n"
        "Copyright (c) 2004-2031 New H3C Technologies Co., Ltd. All rights reserved.\n"
        f"H3C {device.model} uptime is {weeks} weeks, {days} days, {hours} hours, {minutes} minutes\n"
        "Last reboot reason : User reboot\n\n"
        "Boot image: flash:/boot.bin\n"
        f"System image version: {device.os_version}\n"
    )


def _clock(shell: ComwareShell, _match: Match) -> str:
    return time.strftime("%H:%M:%S UTC %a %m/%d/%Y\n", time.gmtime(shell.device.world.time))


def _ip_brief(shell: ComwareShell, _match: Match) -> str:
    device = shell.device
    out = ["*down: administratively down", "(s): spoofing", ""]
    out.append(f"{'Interface':<34}{'Physical':<9}{'Protocol':<9}{'IP Address':<16}Description")
    addresses = dict(interface_addresses(device.config))
    for head, lines in device.config.views("interface"):
        name = head.split(None, 1)[1]
        state = "*down" if "shutdown" in lines else "up"
        out.append(f"{name:<34}{state:<9}{state.lstrip('*'):<9}{addresses.get(name, 'unassigned'):<16}--")
    return "\n".join(out) + "\n"


def _diff(shell: ComwareShell, _match: Match) -> str:
    if shell.device.running == shell.device.startup:
        return ""
    return "--- Current configuration\n+++ Startup configuration\n"
