# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exec commands: privileges, terminal, virtual routers, saving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...shell import Ask, Reply

if TYPE_CHECKING:
    from .shell import JunoseShell


def declare(modes: dict[str, Mode]) -> None:
    user, priv = modes["user"], modes["priv"]
    user.add("enable [ <level:int(0-15)> ]", _enable, DOC.prints(CODE))
    user.add("exit", _exit, CODE)
    user.add("terminal length <lines:int(0-512)>", _length, CODE)
    user.add("terminal width <columns:int(30-512)>", lambda _shell, _match: "", CODE)
    user.add("virtual-router <name:router>", _select, GUESS)
    priv.add("disable", _disable, GUESS)
    priv.add("configure terminal", _configure, DOC.prints(GUESS))
    priv.add(
        "configure",
        lambda shell, _match: Reply(ask=Ask(_WHERE_FROM, lambda line: _from(shell, line))),
        GUESS.prints(GUESS),
    )
    priv.add(
        "write memory", _save, GUESS.prints(GUESS, "a refusal while configuration is saved by itself is assumed too")
    )
    priv.add(
        "copy running-configuration startup-configuration",
        _save,
        GUESS.prints(GUESS, "a refusal while configuration is saved by itself is assumed too"),
    )
    priv.add("reload", _reload, GUESS.prints(GUESS))


_WHERE_FROM = "Configuring from terminal or file [terminal]? "
_CONFIGURING = "Enter configuration commands, one per line.  End with ^Z.\n"


def _enable(shell: JunoseShell, match: Match) -> Reply:
    return shell.raise_level(match.args.get("level", 10))


def _exit(shell: JunoseShell, _match: Match) -> Reply:
    """From Privileged Exec to User Exec; from there out."""
    if shell.level <= 1:
        return Reply(close=True)
    shell.level = 1
    return Reply()


def _disable(shell: JunoseShell, _match: Match) -> None:
    shell.level = 1


def _length(shell: JunoseShell, match: Match) -> None:
    shell.screen_length = match.args["lines"]


def _select(shell: JunoseShell, match: Match) -> None:
    """Exec mode only selects; it never creates."""
    from .shell import Refused

    name = match.args["name"]
    if name not in shell.device.config.routers():
        raise Refused(f"Virtual router {name} does not exist")
    shell.router = name


def _configure(shell: JunoseShell, _match: Match) -> str:
    shell.enter("config", "")
    return _CONFIGURING


def _from(shell: JunoseShell, line: str) -> Reply:
    if line.strip() not in ("", "t", "terminal"):
        return Reply("% File not found\n")
    shell.enter("config", "")
    return Reply(_CONFIGURING)


def _save(shell: JunoseShell, _match: Match) -> str | None:
    from .shell import Refused

    device = shell.device
    if device.nvs_busy > 0:
        device.nvs_busy -= 1
        return "Non-Volatile memory is in use, please try again later.\n"
    if not device.config.manual_commit:
        raise Refused("Command is not available in automatic commit mode")
    words = device.faults.words("fail_commit", "% Unable to save the configuration")
    if words is not None:
        return f"{words}\n"
    device.save()
    return "Please wait...\n"


def _reload(shell: JunoseShell, _match: Match) -> Reply:
    def answer(line: str) -> Reply:
        if line.strip().lower() not in ("y", "yes"):
            return Reply()
        shell.device.reboot()
        return Reply(close=True)

    return Reply(ask=Ask("WARNING: This will cause a system reload. Are you sure? [confirm] ", answer))
