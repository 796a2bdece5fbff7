# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two-phase commands: commit, trial, candidate, commit list, rollback, locks (reference 4.4)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...fidelity import DOC, GUESS
from ...grammar import Match, Mode
from ...shell import Reply
from .commit import CommitPoint, CommitRefused
from .config import EditError, VrpConfig
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import VrpShell

DEFAULT_TRIAL = 600  # seconds


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    if not dialect.two_phase:
        return
    config, common, system, user = modes["config"], modes["common"], modes["system"], modes["user"]
    config.add(
        "commit [ trial [ <seconds:int(60-65535)> ] ] [ label <label:commit-label> ] [ description <text:rest(1-60)> ]",
        _commit,
        DOC.prints(DOC, "all or nothing after an error is assumed"),
    )
    config.add("clear configuration candidate", _clear, DOC)
    config.add("refresh configuration candidate", _refresh, DOC)
    common.add("abort trial [ session <session:int(1-4294967295)> ]", _abort, DOC.prints(DOC))
    common.add("display configuration trial status", _trial_status, DOC.prints(DOC))
    common.add("display configuration candidate [ merge | changes ]", _candidate, DOC.prints(DOC))
    common.add(
        "display configuration commit list [ verbose ] [ <count:int(1-80)> ]",
        _commit_list,
        DOC.prints(DOC, "the short table: seen in code"),
    )
    common.add(
        "display configuration commit changes [ at <at:int(1000000001-1999999999)> |"
        " since <since:int(1000000001-1999999999)> | last <last:int(1-80)> ]",
        _commit_changes,
        DOC.prints(GUESS),
    )
    common.add("display configuration rollback result", lambda _shell, _match: "", DOC.prints(GUESS, "always empty"))
    user.add(
        "rollback configuration { to commit-id <id:int(1000000001-1999999999)> | last <last:int(1-80)> |"
        " to label <label:commit-label> }",
        _rollback,
        DOC.prints(DOC),
    )
    for mode in (system, user):
        mode.add("configuration exclusive", _exclusive, DOC)
        mode.add("undo configuration exclusive", _undo_exclusive, GUESS)


def _commit(shell: VrpShell, match: Match) -> str:
    if shell.immediate:
        raise EditError("The command is not supported in immediate mode.")  # [guess]
    trial = match.args.get("seconds", DEFAULT_TRIAL) if "trial" in match.keywords else None
    return shell.commit(trial=trial, label=match.args.get("label", ""), description=match.args.get("text", ""))


def _clear(shell: VrpShell, _match: Match) -> None:
    shell.candidate = None
    del shell.views[2:]


def _refresh(shell: VrpShell, _match: Match) -> None:
    if shell.candidate is not None:
        shell.candidate.rebase(shell.device)


def _abort(shell: VrpShell, match: Match) -> Reply:
    store = shell.device.commits
    trial = store.trial
    session = match.args.get("session")
    if trial is None or (session is not None and session != trial.session):
        raise EditError("The system is not in the trial configuration mode.")  # [guess]
    if trial.user != shell.user:
        raise EditError("The trial configuration belongs to another user.")  # [guess]

    def revert() -> Reply:
        store.revert_trial()
        return Reply()

    return shell.confirm("Warning: The trial configuration will be rolled back. Continue? [Y/N]:", revert)


def _trial_status(shell: VrpShell, _match: Match) -> str:
    trial = shell.device.commits.trial
    left = 0 if trial is None else max(0, int(trial.deadline - shell.device.world.time + 0.999))
    return f"Trial status: {'INACTIVE' if trial is None else 'ACTIVE'}\nTrial time left (sec): {left}\n"


def _candidate(shell: VrpShell, match: Match) -> str:
    if "changes" in match.keywords:
        return changes(shell.device.config, shell.config)
    if "merge" in match.keywords:
        return shell.config.text(shell.device.peer_indent) + "return\n"
    edits = [] if shell.candidate is None else shell.candidate.edits
    return "".join(f"{shell.mask(line)}\n" for line, _function in edits)


def changes(old: VrpConfig, new: VrpConfig) -> str:
    """The layout of ``display configuration candidate changes``: context indented by two, marks in column 0."""
    before, after = _paths(old), _paths(new)
    had, has = set(before), set(after)
    marked = [("-", path) for path in before if path not in has] + [("+", path) for path in after if path not in had]
    if not marked:
        return "Building configuration\n"
    out = ["Building configuration"]
    tops: list[str] = []
    for _mark, path in marked:
        if path[0] not in tops:
            tops.append(path[0])
    for top in tops:
        out.append("  #")
        context: tuple[str, ...] = ()
        for mark, path in ((mark, path) for mark, path in marked if path[0] == top):
            for depth in range(1, len(path)):
                parent = path[:depth]
                if context[:depth] != parent and (mark, parent) not in marked:
                    out.append("  " + " " * (depth - 1) + parent[-1])
            context = path
            out.append(f"{mark} {' ' * (len(path) - 1)}{path[-1]}")
    out.append("  #")
    return "\n".join(out) + "\n"


def _paths(config: VrpConfig) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def collect(line: object, path: tuple[str, ...]) -> None:
        for child in getattr(line, "children", []):
            if child.text != "#":
                here = (*path, child.text)
                found.append(here)
                collect(child, here)

    collect(config.tree.root, ())
    return found


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime(moment))


def _commit_list(shell: VrpShell, match: Match) -> str:
    points = list(reversed(shell.device.commits.points))[: match.args.get("count", 80)]
    if "verbose" in match.keywords:
        return "".join(_verbose(number, point) for number, point in enumerate(points, start=1))
    rule = "-" * 85
    rows = [
        f"{number:<5}{point.id:<12} {point.label or '-':<20} {point.user:<16} {_stamp(point.time)}"
        for number, point in enumerate(points, start=1)
    ]
    head = f"{'No.':<5}{'CommitId':<12} {'Label':<20} {'User':<16} TimeStamp"
    return "\n".join([rule, head, rule, *rows, rule]) + "\n"


def _verbose(number: int, point: CommitPoint) -> str:
    fields = (
        ("Label", point.label), ("User", point.user), ("User-Intf", point.line), ("Type", point.kind),
        ("TimeStamp", _stamp(point.time)), ("Description", point.description),
    )  # fmt: skip
    return f"{number}) CommitId: {point.id}\n" + "".join(f"        {name}: {value}\n" for name, value in fields)


def _commit_changes(shell: VrpShell, match: Match) -> str:
    points = shell.device.commits.points
    if not points:
        return "Building configuration\n"
    last = points[-1]
    first = points[-min(match.args.get("last", 1), len(points))]
    if "at" in match.args:
        first = last = _point(shell, match.args["at"])
    elif "since" in match.args:
        first = _point(shell, match.args["since"])
    return changes(VrpConfig.load(first.before), VrpConfig.load(last.text))


def _point(shell: VrpShell, commit_id: int) -> CommitPoint:
    found = next((point for point in shell.device.commits.points if point.id == commit_id), None)
    if found is None:
        raise EditError("The commit ID does not exist.")  # [guess]
    return found


def _rollback(shell: VrpShell, match: Match) -> Reply:
    points = shell.device.commits.points
    if "id" in match.args:
        target = _point(shell, match.args["id"]).text
    elif "label" in match.args:
        found = next((point for point in reversed(points) if point.label == match.args["label"]), None)
        if found is None:
            raise EditError("The label does not exist.")  # [guess]
        target = found.text
    else:
        if match.args["last"] > len(points):
            raise EditError("The number of commits to roll back exceeds the commit list.")  # [guess]
        target = points[-match.args["last"]].before

    def run() -> Reply:
        device = shell.device
        device.commits.check_free(shell.session_id, shell.user)
        device.commits.record(VrpConfig.load(target), shell.user, f"VTY {shell.terminal.session.id - 1}", "ROLLBACK")
        return Reply("Succeeded in rolling back the configuration.\n")  # [guess]

    return shell.confirm(
        "Warning: This operation will revert configuration changes to the previous status. During the rollback "
        "configuration process, some configurations involving differences may be temporarily invalid. "
        "Continue? [Y/N]:",
        run,
    )


def _exclusive(shell: VrpShell, _match: Match) -> None:
    shell.device.commits.check_free(shell.session_id, shell.user)
    shell.device.commits.lock = shell.session_id


def _undo_exclusive(shell: VrpShell, _match: Match) -> None:
    store = shell.device.commits
    if store.lock not in (None, shell.session_id):
        raise CommitRefused(f"Error: The configuration is locked by other user. [Session ID = {store.lock}]\n")
    store.lock = None
