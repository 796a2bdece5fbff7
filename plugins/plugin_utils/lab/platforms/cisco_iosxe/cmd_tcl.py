# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way that tools write a file without a file transfer: ``puts`` in the Tcl shell, then ``verify /md5``."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from ...fidelity import CODE
from ...grammar import Match, Mode
from ...shell import Ask, Reply
from .cmd_exec import canonical, read_file
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import IosShell

_PUTS = re.compile(r'puts \[open "([^"]+)" w\+?\] \{(.*)\}', re.DOTALL)
_LONGEST = 4_000_000
"""Characters of one Tcl command."""


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    modes["exec"].add("tclsh", _tclsh, CODE.prints(CODE, "puts to a file, exec commands, tclquit"))
    modes["exec"].add("verify /md5 <name:file>", _verify, CODE.prints(CODE))


def _tclsh(shell: IosShell, _match: Match) -> Reply:
    return Reply(ask=_more(shell, ""))


def _more(shell: IosShell, so_far: str) -> Ask:
    """The next line of a Tcl command, or its first one. What is typed may be a configuration, keys and all."""
    prompt = "+>" if so_far else f"{shell.device.hostname}(tcl)#"
    return Ask(prompt, lambda line: _line(shell, so_far + line), secret=True)


def _line(shell: IosShell, command: str) -> Reply:
    if command.strip() in ("tclquit", "exit", "quit"):
        return Reply()
    if command.count("{") > command.count("}") and len(command) < _LONGEST:
        return Reply(ask=_more(shell, command + "\n"))
    found = _PUTS.fullmatch(command.strip())
    if found is not None:
        shell.device.files[canonical(found.group(1))] = found.group(2) + "\n"
        return Reply(ask=_more(shell, ""))
    if not command.strip() or command.strip().startswith("tclsh"):
        return Reply(ask=_more(shell, ""))
    reply = shell.run_exec(command.strip())  # as on devices: what Tcl does not know is an exec command
    text = reply if isinstance(reply, str) else reply.text
    return Reply(text, _more(shell, ""))


def _verify(shell: IosShell, match: Match) -> str:
    name = match.args["name"]
    text = read_file(shell, name)
    if text is None:
        return f"%Error verifying {name} (No such file or directory)\n"
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return f".Done!\nverify /md5 ({name}) = {digest}\n"
