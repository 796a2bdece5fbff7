# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Session and system commands: views, screen, names, interfaces, save, reboot, ping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.ike import Ike
from ...shell import Ask, Reply
from .config import WrongValue
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import ComwareShell

LOGICAL = ("LoopBack", "Tunnel", "Vlan-interface", "Route-Aggregation", "NULL", "Dialer")


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    user, common, config = modes["user"], modes["common"], modes["config"]
    common.add("quit", lambda shell, _match: shell.leave(1), CODE)
    common.add("save [ safely ] [ force ] [ changed ]", _save, DOC.prints(CODE))
    common.add("ping [ -a <source:ipv4> ] [ -c <count:int(1-1000)> ] <target:ipv4>", _ping, GUESS.prints(GUESS))
    config.add("return", lambda shell, _match: shell.leave(len(shell.views) - 1), CODE)
    user.add("system-view", _system_view, CODE.prints(CODE))
    user.add("screen-length disable", lambda shell, _match: _paging(shell, False), DOC)
    user.add("undo screen-length disable", lambda shell, _match: _paging(shell, True), GUESS)
    user.add("terminal { monitor | debugging | logging | trapping }", lambda _shell, _match: "", GUESS.prints(GUESS))
    user.add(
        "undo terminal { monitor | debugging | logging | trapping }", lambda _shell, _match: "", GUESS.prints(GUESS)
    )
    user.add("reboot", _reboot, GUESS.prints(GUESS))
    system = modes["system"]
    system.add("sysname <name:sysname>", lambda shell, match: _put(shell, match, f"sysname {match.args['name']}"), CODE)
    system.add("undo sysname", lambda shell, match: _put(shell, match, "sysname H3C"), GUESS)
    _interfaces(modes, dialect)


def _interfaces(modes: dict[str, Mode], dialect: Dialect) -> None:
    modes["openers"].add("interface <name:interface>", _enter, CODE)
    view = modes["interface"]
    view.add("ip address <address:ipv4> { <mask:ipv4> | <length:int(0-32)> }", _address, CODE)
    view.add("undo ip address", lambda shell, match: shell.drop_child(match, "ip address"), CODE)
    view.add("description <text:rest(1-255)>", lambda shell, match: shell.set_child(match, "description"), CODE)
    view.add("undo description", lambda shell, match: shell.drop_child(match, "description"), CODE)
    view.add("shutdown", lambda shell, match: shell.set_child(match, "shutdown"), CODE)
    view.add("undo shutdown", lambda shell, match: shell.drop_child(match, "shutdown"), CODE)
    words = "ipsec policy" if dialect.v5 else "ipsec apply policy"
    view.add(f"{words} <name:policy>", lambda shell, match: shell.set_child(match, words), CODE)
    view.add(f"undo {words}", lambda shell, match: shell.drop_child(match, words), CODE)


def _put(shell: ComwareShell, _match: Match, text: str) -> Reply:
    return shell.edit(lambda config: config.set_system("sysname", text))


def _system_view(shell: ComwareShell, _match: Match) -> Reply:
    from .shell import SYSTEM

    shell.views.append(SYSTEM)
    return Reply("System View: return to User View with Ctrl+Z.\n")


def _paging(shell: ComwareShell, on: bool) -> None:
    shell.screen_length = shell.default_screen_length if on else 0


def _enter(shell: ComwareShell, match: Match) -> Reply:
    name: str = match.args["name"]
    head = f"interface {name}"
    if shell.device.config.view(head) is None and not name.startswith(LOGICAL):
        raise WrongValue(match.line.split()[-1])
    return shell.open_view("interface", f"-{name}", head)


def _address(shell: ComwareShell, match: Match) -> Reply:
    mask = match.args.get("mask") or _mask(match.args["length"])
    text = f"ip address {match.args['address']} {mask}"
    head = shell.view.head
    return shell.edit(lambda config: config.set_child(head, "ip address", text))


def _mask(length: int) -> str:
    bits = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    return ".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0))


def _ping(shell: ComwareShell, match: Match) -> str:
    """Interesting traffic for a tunnel to this peer, where there is one."""
    target = match.args["target"]
    shell.device.world.protocol(Ike).traffic(shell.device, target)
    return (
        f"  PING {target}: 56  data bytes, press CTRL_C to break\n"
        f"    Reply from {target}: bytes=56 Sequence=1 ttl=255 time=1 ms\n\n"
        f"  --- {target} ping statistics ---\n    1 packet(s) transmitted\n    1 packet(s) received\n"
        "    0.00% packet loss\n    round-trip min/avg/max = 1/1/1 ms\n"
    )


# -- save (reference 4) --------------------------------------------------------------------------------------------

_CHOOSE = "Before pressing ENTER you must choose 'YES' or 'NO'[Y/N]:"


def yes_or_no(question: str, then: object) -> Reply:
    """A Y/N question; Enter alone asks again."""

    def answer(line: str) -> Reply:
        word = line.strip().lower()
        if word in ("y", "yes"):
            reply = then() if callable(then) else Reply()
            return reply if isinstance(reply, Reply) else Reply()
        return Reply() if word in ("n", "no") else Reply(ask=Ask(_CHOOSE, answer))

    return Reply(ask=Ask(question, answer))


def _save(shell: ComwareShell, match: Match) -> Reply:
    if "force" in match.keywords:
        return _saved(shell)
    question = "The current configuration will be written to the device. Are you sure? [Y/N]:"
    return yes_or_no(question, lambda: Reply(ask=_file_question(shell)))


def _file_question(shell: ComwareShell) -> Ask:
    prompt = (
        "Please input the file name(*.cfg)[flash:/startup.cfg]\n"
        "(To leave the existing filename unchanged, press the enter key):"
    )
    return Ask(prompt, lambda line: _file_name(shell, line.strip()))


def _file_name(shell: ComwareShell, name: str) -> Reply:
    if name and not name.endswith(".cfg"):
        return Reply("The file name is invalid(does not end with .cfg).\n")
    path = name or "flash:/startup.cfg"
    if not shell.device.saved:
        return _saved(shell)
    return yes_or_no(f"{path} exists, overwrite? [Y/N]:", lambda: _saved(shell))


def _saved(shell: ComwareShell) -> Reply:
    words = shell.device.faults.words("fail_commit", " Failed to save the configuration.")
    if words is not None:
        return Reply(f"{words}\n")
    shell.device.save()
    lead = " " if shell.device.dialect.v5 else ""
    return Reply(f"{lead}Validating file. Please wait........\n{lead}Configuration is saved to device successfully.\n")


def _reboot(shell: ComwareShell, _match: Match) -> Reply:
    def away() -> Reply:
        shell.device.reboot(float(shell.device.options.get("reboot_seconds", 0)))
        return Reply(close=True)

    return yes_or_no("This command will reboot the device. Continue? [Y/N]:", away)
