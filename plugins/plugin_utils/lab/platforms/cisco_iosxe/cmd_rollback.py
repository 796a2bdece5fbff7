# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmed changes, archive and replace on the command line (reference section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...shell import Ask, Reply
from .cmd_exec import enter_configuration, read_file
from .config import EditError, IosConfig
from .dialect import Dialect
from .rollback import NONE_PENDING, differences
from .zone import stamp

if TYPE_CHECKING:
    from .shell import IosShell

_WHEN = "{ timer <minutes:int(1-120)> | idle <minutes:int(1-120)> }"
_SURE = (
    "This will apply all necessary additions and deletions\n"
    "to replace the current running configuration with the\n"
    "contents of the specified configuration file, which is\n"
    "assumed to be a complete configuration, not a partial\n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)
_OFF = " Archive feature not enabled\n"


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    execs = modes["exec"]
    execs.add(f"configure terminal revert {_WHEN}", _arm, DOC.prints(CODE))
    execs.add("configure confirm", _confirm, DOC)
    execs.add("configure revert now", lambda shell, _match: shell.device.rollbacks.revert(shell.user), DOC.prints(CODE))
    execs.add(f"configure revert {_WHEN}", _reset, DOC.prints(CODE))
    execs.add(
        "configure replace <file:file> [ force ] [ list ] [ nolock ] [ ignorecase ]"
        " [ time <minutes:int(1-120)> | revert trigger [ error ] [ timer <minutes:int(1-120)> ] ]",
        _replace,
        DOC.prints(CODE),
    )
    execs.add("archive config", _archive, CODE.prints(GUESS))
    execs.add("show archive", _show_archive, CODE.prints(CODE))
    execs.add("show archive config rollback timer", _timer, CODE.prints(CODE))
    execs.add("show archive config differences [ <first:file> [ <second:file> ] ]", _differences, CODE.prints(CODE))
    execs.add("show archive config incremental-diffs <file:file> [ ignorecase ]", _incremental, CODE.prints(GUESS))


def _arm(shell: IosShell, match: Match) -> Reply:
    pending = shell.device.rollbacks.arm(shell.user, match.args["minutes"], idle="idle" in match.keywords)
    text = f"Rollback Confirmed Change: Backing up current running config to {pending.file}\n\n"
    return Reply(text + enter_configuration(shell))


def _confirm(shell: IosShell, _match: Match) -> None:
    shell.device.rollbacks.confirm(shell.user)


def _reset(shell: IosShell, match: Match) -> None:
    shell.device.rollbacks.reset(shell.user, match.args["minutes"], idle="idle" in match.keywords)


def _replace(shell: IosShell, match: Match) -> Reply:
    text = read_file(shell, match.args["file"])
    store = shell.device.rollbacks
    if text is None:
        return Reply(f"%Error opening {match.args['file']} (No such file or directory)\n")

    def run(line: str) -> Reply:
        if line.strip().lower() not in ("y", "ye", "yes"):
            return Reply()
        if "minutes" in match.args:
            store.arm(shell.user, match.args["minutes"], idle=False)
        try:
            return Reply(store.replace(text, listed="list" in match.keywords))
        except EditError as error:
            return Reply(str(error))

    return run("y") if "force" in match.keywords else Reply(ask=Ask(_SURE, run))


def _archive(shell: IosShell, _match: Match) -> str:
    if shell.device.rollbacks.path is None:
        return "%Archive path is not set\n"  # [guess]
    shell.device.rollbacks.archive()
    return ""


def _show_archive(shell: IosShell, _match: Match) -> str:
    store = shell.device.rollbacks
    if store.path is None:
        return _OFF
    count = len(store.archived)
    out = [
        f"The maximum archive configurations allowed is {store.maximum}.",
        f"There are currently {count} archive configurations saved.",
        f"The next archive file will be named {store.path}-<timestamp>-{store.number + 1}",
        " Archive #  Name",
    ]
    for number in range(1, max(store.maximum, count) + 1):
        name = store.archived[number - 1] if number <= count else ""
        out.append(f"   {number:<9}{name}{' <- Most Recent' if number == count else ''}")
    return "\n".join(out) + "\n"


def _timer(shell: IosShell, _match: Match) -> str:
    device = shell.device
    pending = device.rollbacks.pending
    if pending is None:
        return NONE_PENDING
    when = stamp(pending.armed_at, device.zone)
    return (
        f"Time configured(or reconfigured): {when}\n"
        f"Timer type: {'idle timer' if pending.idle else 'absolute timer'}\n"
        f"Timer value: {pending.minutes} min\n"
        f"User: {pending.user}\n"
    )


def _config(shell: IosShell, name: str) -> IosConfig:
    text = read_file(shell, name)
    if text is None:
        raise EditError(f"%Error opening {name} (No such file or directory)\n")
    return shell.device.parse(text)


def _differences(shell: IosShell, match: Match) -> str:
    first = _config(shell, match.args.get("first", "nvram:startup-config"))
    second = _config(shell, match.args["second"]) if "second" in match.args else shell.config
    found = differences(first, second)
    if not found:
        return "!No changes were found\n"
    return "!Contextual Config Diffs:\n" + "".join(
        f"{mark}{line}\n" if mark != " " else f"{line}\n" for mark, line in found
    )


def _incremental(shell: IosShell, match: Match) -> str:
    found = differences(shell.config, _config(shell, match.args["file"]))
    own = {line.strip() for line in (read_file(shell, match.args["file"]) or "").splitlines()}
    # What the file says and the device has not, with its sections; a parsed file also has what every device has.
    lines = [line for mark, line in found if mark != "-" and line.strip() in own]
    return "!List of Commands:\n" + "".join(f"{line}\n" for line in [*lines, "end"])
