# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Session and system commands: views, screen, save, sysname, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.rsvp import Rsvp
from ...shell import Ask, Reply
from .config import VrpConfig
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import VrpShell

Modes = dict[str, Mode]


def declare(modes: Modes, dialect: Dialect) -> None:
    user, common, config, system = modes["user"], modes["common"], modes["config"], modes["system"]
    common.add("quit", _quit, DOC)
    config.add("return", lambda shell, _match: shell.leave(len(shell.views) - 1), DOC)
    user.add("system-view", _system_view, DOC.prints(DOC))
    if dialect.two_phase:
        user.add("system-view immediately", _system_view, DOC.prints(DOC))
    user.add("screen-length <lines:int(0-512)> temporary", _screen_length, DOC.prints(CODE))
    user.add("undo screen-length temporary", _undo_screen_length, DOC)
    user.add("mmi-mode enable", lambda shell, _match: _mmi(shell, True), DOC)
    user.add("undo mmi-mode enable", lambda shell, _match: _mmi(shell, False), GUESS)
    user.add("screen-width <columns:int(60-512)>", lambda _shell, _match: "", CODE)
    user.add("terminal command forward matched upper-view", lambda shell, _match: _forward(shell, True), DOC)
    user.add("undo terminal command forward matched upper-view", lambda shell, _match: _forward(shell, False), GUESS)
    user.add("terminal { monitor | debugging | logging | trapping }", lambda _shell, _match: "", GUESS)
    user.add("undo terminal { monitor | debugging | logging | trapping }", lambda _shell, _match: "", GUESS)
    user.add("save", _save, DOC.prints(DOC))
    user.add("reboot", _reboot, GUESS.prints(GUESS))
    system.add("sysname <name:word(1-246)>", _sysname, DOC)
    system.add("undo sysname", _undo_sysname, GUESS)
    system.add("configuration prevent-misoperation disable", _misoperation, DOC)
    system.add("undo configuration prevent-misoperation disable", _undo_misoperation, GUESS)
    if dialect.rsvp:
        user.add("reset mpls rsvp-te", _reset_rsvp, DOC)
        user.add("reset mpls rsvp-te statistics global", _reset_statistics, DOC)
        user.add("reset mpls rsvp-te statistics interface [ <name:interface> ]", _reset_statistics, DOC)


def _quit(shell: VrpShell, _match: Match) -> Reply:
    return shell.leave(1)


def _system_view(shell: VrpShell, match: Match) -> Reply:
    from .shell import SYSTEM

    shell.immediate = "immediately" in match.keywords or not shell.device.dialect.two_phase
    shell.enter(SYSTEM)
    return Reply("Enter system view, return user view with return command.\n")


def _screen_length(shell: VrpShell, match: Match) -> str:
    shell.screen_length = match.args["lines"]
    if match.args["lines"] == 0 and shell.device.dialect.family != "vrp8":
        return "Info: The configuration takes effect on the current user terminal interface only.\n"
    return ""


def _undo_screen_length(shell: VrpShell, _match: Match) -> None:
    shell.screen_length = shell.default_screen_length


def _mmi(shell: VrpShell, enabled: bool) -> None:
    shell.mmi_mode = enabled
    shell.screen_length = 0 if enabled else shell.default_screen_length


def _forward(shell: VrpShell, enabled: bool) -> None:
    shell.forward_upper = enabled


def _save(shell: VrpShell, _match: Match) -> Reply:
    """Both documented dialogues; device option ``save_dialogue``."""
    classic = shell.device.options.get("save_dialogue", "ne40e") == "classic" or shell.device.dialect.family != "vrp8"

    def done() -> Reply:
        if not shell.device.dialect.two_phase:  # else it is the commit that fails
            words = shell.device.faults.words("fail_commit", "Error: Failed to save the configuration.")
            if words is not None:
                return Reply(f"{words}\n")
        shell.device.save()
        if classic:
            return Reply("Now saving the current configuration to the slot 0.\nSave the configuration successfully.\n")
        return Reply("Now saving all configuration to the slot 17\nInfo: Save the configuration successfully.\n")

    if shell.mmi_mode:
        return done()
    if classic:
        return shell.confirm("Warning: The current configuration will be written to the device. Continue? [Y/N]:", done)
    return shell.confirm(
        "Warning: all configuration will be written to the device.\nAre you sure to continue?[Y/N]", done
    )


def _reboot(shell: VrpShell, _match: Match) -> Reply:
    def answer(line: str) -> Reply:
        if line.strip().lower() not in ("y", "yes"):
            return Reply()
        shell.device.reboot(float(shell.device.options.get("reboot_seconds", 0)))
        return Reply(close=True)

    return Reply(ask=Ask("System will reboot! Continue? [y/n]:", answer))


def _sysname(shell: VrpShell, match: Match) -> Reply:
    name = match.args["name"]

    def change(config: VrpConfig) -> None:
        line = next(iter(config.tree.sections("sysname")), None)
        if line is None:
            config.add_section(f"sysname {name}")
        else:
            line.text = f"sysname {name}"

    return shell.edit(match, change)


def _undo_sysname(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        for line in config.tree.sections("sysname"):
            line.text = "sysname HUAWEI"

    return shell.edit(match, change)


_DISABLE = "configuration prevent-misoperation disable"


def _misoperation(shell: VrpShell, match: Match) -> Reply:
    return shell.edit(match, lambda config: void(config.add_section(_DISABLE)))


def _undo_misoperation(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        line = config.section(_DISABLE)
        if line is not None:
            config.drop_section(line)

    return shell.edit(match, change)


def _reset_rsvp(shell: VrpShell, _match: Match) -> None:
    shell.device.world.protocol(Rsvp).rebuild(shell.device)


def _reset_statistics(shell: VrpShell, match: Match) -> None:
    shell.device.world.protocol(Rsvp).reset_counters(shell.device, match.args.get("name"))


def void(_value: object) -> None:
    """An edit function returns nothing."""
