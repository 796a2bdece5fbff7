# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command costs with every process it starts, also those that outlive it. Linux only.

network_cli leaves a process per host behind. This process therefore adopts orphans (PR_SET_CHILD_SUBREAPER), ends them
when the command has ended and counts their CPU seconds in.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_SAMPLE = 0.1
"""Seconds between two looks at the memory of all processes."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds on the clock, CPU seconds (user and system) of it and of the lab beside it, memory in MB.

    `controller` is the peak of the command's largest process. `memory` is that of the whole tree with shared pages
    counted once, as far as looking every tenth of a second finds it; None = not looked at in this run.
    """

    wall: float
    cpu: float
    lab: float
    controller: float
    memory: float | None = None


@dataclass(frozen=True)
class Figures:
    """The medians of several runs; `spread` is from the quickest to the slowest."""

    wall: float
    cpu: float
    lab: float
    controller: float
    memory: float
    spread: tuple[float, float]
    runs: int

    @classmethod
    def of(cls, costs: Sequence[Cost]) -> Figures:
        """Where there are several runs, one that was watched for its memory counts for that alone."""
        timed = [cost for cost in costs if cost.memory is None] or list(costs)
        walls = [cost.wall for cost in timed]
        return cls(
            statistics.median(walls),
            statistics.median(cost.cpu for cost in timed),
            statistics.median(cost.lab for cost in timed),
            statistics.median(cost.controller for cost in timed),
            max(cost.memory or 0.0 for cost in costs),
            (min(walls), max(walls)),
            len(timed),
        )


def adopt_orphans() -> None:
    """Become the parent of everything below us that loses its own."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("the bench needs Linux: orphaned processes cannot be adopted here")


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, lab: int, *, memory: bool) -> Cost:
    """Run a command to its end; one that fails ends the bench with its last words. `lab`: process id of the lab."""
    mine = set(_children())
    lab_before, before = _cpu_of(lab), _spent()
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        peak = _watch(process.pid, mine) if memory else None
        _pid, ended, usage = os.wait4(process.pid, 0)
        process.returncode = status = os.waitstatus_to_exitcode(ended)
    wall = time.monotonic() - start
    lab_after = _cpu_of(lab)
    _end(set(_children()) - mine)
    if status:
        sys.exit(f"{' '.join(command)} ended with {status}:\n{log.read_text(errors='replace')[-3000:]}")
    return Cost(wall, _spent() - before, lab_after - lab_before, usage.ru_maxrss / 1024, peak)


def _watch(pid: int, others: set[int]) -> float:
    """The peak of the proportional memory of the command and all its descendants, in MB."""
    peak = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, sum(map(_memory, _descendants(set(_children()) - others))))
        time.sleep(_SAMPLE)
    return peak


def _end(left: Iterable[int]) -> None:
    for pid in _descendants(left):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    for pid in left:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            continue


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
    return found


def _children() -> list[int]:
    return [pid for pid, parent in _parents().items() if parent == os.getpid()]


def _descendants(roots: Iterable[int]) -> set[int]:
    parents, found = _parents(), set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _memory(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
