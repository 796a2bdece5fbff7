# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exec commands: terminal, enable, configuration mode, save, copy, reload (reference section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.lisp import Lisp
from ...shell import Ask, Reply
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import IosShell

ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.\n"
_TRIES = 3
_RUNNING = ("running-config", "system:running-config")
_STARTUP = ("startup-config", "nvram:startup-config")


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    common, user, execs = modes["common"], modes["user"], modes["exec"]
    for word in ("exit", "quit", "logout"):
        common.add(word, lambda _shell, _match: Reply(close=True), CODE if word == "exit" else GUESS)
    user.add("enable [ <level:int(0-15)> ]", _enable, CODE.prints(CODE))
    execs.add("enable [ <level:int(0-15)> ]", lambda _shell, _match: "", CODE.prints(CODE))
    execs.add("disable [ <level:int(0-15)> ]", _disable, GUESS)
    common.add("terminal length <lines:int(0-512)>", _length, CODE)
    common.add("terminal no length", _no_length, GUESS)
    common.add("terminal width <columns:int(0-512)>", lambda _shell, _match: "", CODE)
    common.add("terminal monitor", lambda shell, _match: _monitor(shell, True), GUESS)
    common.add("terminal no monitor", lambda shell, _match: _monitor(shell, False), GUESS)
    common.add("terminal { editing | history size <size:int(0-256)> }", lambda _shell, _match: "", GUESS)
    common.add("ping <rest:rest>", _ping, GUESS.prints(GUESS))
    execs.add("configure [ terminal ]", _configure, DOC.prints(DOC))
    execs.add("write [ memory ]", _write, CODE.prints(CODE))
    execs.add("write terminal", lambda shell, match: shell.run_exec("show running-config"), GUESS.prints(GUESS))
    execs.add("copy <source:file> <target:file>", _copy, CODE.prints(CODE))
    execs.add("reload [ <rest:rest> ]", _reload, GUESS.prints(GUESS))
    execs.add("delete [ /force ] <name:file>", _delete, GUESS.prints(GUESS))
    execs.add("more <name:file>", _more, GUESS.prints(GUESS))
    execs.add("dir [ <name:file> ]", _dir, CODE.prints(GUESS))
    execs.add("clear logging", _clear_logging, GUESS)
    execs.add("clear lisp [ vrf <vrf:name> ] session { * | <address:ipv4or6> }", _clear_session, GUESS)
    execs.add(
        "clear counters",
        lambda shell, _match: shell.confirm('Clear "show interface" counters [confirm]', Reply),
        GUESS.prints(GUESS),
    )
    execs.add("debug <rest:rest>", lambda _shell, _match: "", GUESS)
    execs.add("undebug all", lambda _shell, _match: "All possible debugging has been turned off\n", GUESS.prints(GUESS))
    execs.add(
        "no debug all", lambda _shell, _match: "All possible debugging has been turned off\n", GUESS.prints(GUESS)
    )


def _enable(shell: IosShell, match: Match) -> Reply:
    device = shell.device
    if match.args.get("level", 15) < 15:
        return Reply()
    if not device.spec.enable_password:
        shell.privilege = 15
        return Reply()

    def question(tries: int) -> Ask:
        return Ask("Password: ", lambda line: answer(line, tries), hidden=True)

    def answer(line: str, tries: int) -> Reply:
        if device.check_enable(line):
            shell.privilege = 15
            return Reply()
        return Reply("% Bad secrets\n\n") if tries >= _TRIES else Reply(ask=question(tries + 1))

    return Reply(ask=question(1))


def _disable(shell: IosShell, _match: Match) -> None:
    shell.privilege = 1


def _length(shell: IosShell, match: Match) -> None:
    shell.screen_length = match.args["lines"]


def _no_length(shell: IosShell, _match: Match) -> None:
    shell.screen_length = 24


def _monitor(shell: IosShell, on: bool) -> None:
    shell.monitor = on


def _ping(_shell: IosShell, match: Match) -> str:
    target = match.args["rest"].split()[0]
    return (
        "Type escape sequence to abort.\n"
        f"Sending 5, 100-byte ICMP Echos to {target}, timeout is 2 seconds:\n!!!!!\n"
        "Success rate is 100 percent (5/5), round-trip min/avg/max = 1/1/2 ms\n"
    )


def enter_configuration(shell: IosShell) -> str:
    """Into global configuration; the text printed, or why not."""
    from .shell import CONFIG

    lock = shell.device.faults.take("lock_candidate")
    if lock is not None:
        holder = lock.params.get("holder", "other")
        return (
            f"Configuration mode locked exclusively by user '{holder}' process '600' from terminal '1'."
            " Please try later.\n"
        )
    shell.enter(CONFIG)
    return ENTER


def _configure(shell: IosShell, match: Match) -> Reply:
    if "terminal" in match.keywords:
        return Reply(enter_configuration(shell))

    def answer(line: str) -> Reply:
        if line.strip() and not "terminal".startswith(line.strip().lower()):
            return Reply('?Must be "terminal", "memory" or "network"\n')
        return Reply(enter_configuration(shell))

    return Reply(ask=Ask("Configuring from terminal, memory, or network [terminal]? ", answer))


# -- files ------------------------------------------------------------------------------------------------------------


def save(shell: IosShell) -> str:
    """Write the startup configuration; the archive gets a copy when it is told to."""
    device = shell.device
    words = device.faults.words("fail_commit", "startup-config file open failed (Not enough space)")
    if words is not None:
        return f"{words}\n"
    device.save()
    section = device.config.section("archive")
    if device.rollbacks.path is not None and section is not None and section.find("write-memory"):
        device.rollbacks.archive()
    return "Building configuration...\n[OK]\n"


def _write(shell: IosShell, _match: Match) -> str:
    return save(shell)


def _copy(shell: IosShell, match: Match) -> Reply:
    source, target = match.args["source"], match.args["target"]
    text = "" if source == "null:" else read_file(shell, source)
    if text is None:
        return Reply(f"%Error opening {source} (No such file or directory)\n")
    if shell.config.section("file prompt quiet") is not None:
        return _copy_to(shell, source, target, "", text)
    name = target.partition(":")[2] or target
    return Reply(ask=Ask(f"Destination filename [{name}]? ", lambda line: _copy_to(shell, source, target, line, text)))


def _copy_to(shell: IosShell, source: str, target: str, line: str, text: str) -> Reply:
    if abbreviates(target, _STARTUP) and abbreviates(source, _RUNNING):
        if shell.device.options.get("overwrite_question"):
            question = "Overwrite the previous NVRAM configuration?[confirm]"
            return shell.confirm(question, lambda: Reply(save(shell)))
        return Reply(save(shell))
    if abbreviates(target, _RUNNING):
        return Reply(_merge(shell, text))
    name = target
    if line.strip():
        name = line.strip() if ":" in line else f"{target.partition(':')[0]}:{line.strip()}"
    shell.device.files[canonical(name)] = text
    return Reply(f"\n{len(text)} bytes copied in 0.021 secs ({len(text) * 47} bytes/sec)\n")


def _merge(shell: IosShell, text: str) -> str:
    """``copy FILE running-config``: every line as if it were typed."""
    out = ""
    if enter_configuration(shell):
        for line in text.splitlines():
            if not shell.views:
                break
            out += shell.execute(line).text if line.strip() != "end" else ""
        if shell.views:
            shell.leave(len(shell.views))
    return f"{out}{len(text)} bytes copied in 0.052 secs ({len(text) * 19} bytes/sec)\n"


def abbreviates(word: str, names: tuple[str, ...]) -> bool:
    return any(name.startswith(word.lower()) for name in names) and len(word) > 2


def canonical(name: str) -> str:
    """``bootflash:/x`` and ``flash:x`` are one file."""
    disk, colon, rest = name.partition(":")
    if not colon:
        return f"flash:{name}"
    return f"flash:{rest.lstrip('/')}" if disk in ("flash", "bootflash") else name


def read_file(shell: IosShell, name: str) -> str | None:
    """The text of a file or of one of the two configurations."""
    name = name.replace("system:/", "").replace("nvram:/", "")
    if abbreviates(name, _RUNNING):
        return shell.device.running
    if abbreviates(name, _STARTUP):
        return shell.device.startup
    files = shell.device.files
    return files.get(name, files.get(canonical(name)))


def _more(shell: IosShell, match: Match) -> str:
    text = read_file(shell, match.args["name"])
    if text is None:
        return f"%Error opening {match.args['name']} (No such file or directory)\n"
    return text


def _delete(shell: IosShell, match: Match) -> Reply:
    name = canonical(match.args["name"])

    def gone() -> Reply:
        if shell.device.files.pop(name, None) is None:
            return Reply(f"%Error deleting {match.args['name']} (No such file or directory)\n")
        return Reply()

    if "/force" in match.keywords:
        return gone()
    short = name.partition(":")[2]
    sure = f"Delete {name}? [confirm]"
    return Reply(ask=Ask(f"Delete filename [{short}]? ", lambda _line: shell.confirm(sure, gone)))


def _dir(shell: IosShell, match: Match) -> str:
    where = str(match.args.get("name", "bootflash:/"))
    wanted = "" if where.rstrip("/").endswith(":") else canonical(where)
    if wanted and wanted not in shell.device.files:
        return f"%Error opening {where} (No such file or directory)\n"
    rows = [
        f"{number + 11:>6}  -rw-  {len(text):>12}  May 14 2031 09:00:00 +00:00  {name.partition(':')[2]}"
        for number, (name, text) in enumerate(sorted(shell.device.files.items()))
        if wanted in ("", name)
    ]
    return "\n".join([f"Directory of {where}", "", *rows, "", "7859437568 bytes total (5822435328 bytes free)"]) + "\n"


# -- reload and clear -------------------------------------------------------------------------------------------------


def _reload(shell: IosShell, _match: Match) -> Reply:
    device = shell.device

    def restart() -> Reply:
        device.reboot(float(device.options.get("reboot_seconds", 0)))
        return Reply(close=True)

    def saved(line: str) -> Reply:
        text = save(shell) if line.strip().lower() in ("y", "ye", "yes") else ""
        reply = shell.confirm("Proceed with reload? [confirm]", restart)
        return Reply(text, reply.ask)

    if device.running != device.startup:
        question = "\nSystem configuration has been modified. Save? [yes/no]: "
        return Reply(ask=Ask(question, saved))
    return shell.confirm("Proceed with reload? [confirm]", restart)


def _clear_logging(shell: IosShell, _match: Match) -> Reply:
    def clear() -> Reply:
        shell.device.logged.clear()
        return Reply()

    return shell.confirm("Clear logging buffer [confirm]", clear)


def _clear_session(shell: IosShell, match: Match) -> None:
    shell.device.world.protocol(Lisp).reset(shell.device, match.args.get("address"))
