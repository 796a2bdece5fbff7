# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: data on a device that make it misbehave; every check of a fault goes through this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import LabError

Parameters = dict[str, tuple[type | tuple[type, ...], bool]]
_COMMAND: Parameters = {"at_command": (int, False), "matching": (str, False)}
#: kind -> {parameter: (type, required)}; ``times`` and ``after`` are allowed everywhere.
_KINDS: dict[str, Parameters] = {
    "latency": {"seconds": ((int, float), True), **_COMMAND},
    "drop_session": {**_COMMAND, "when": (str, False)},
    "slow_chunks": {"size": (int, True), "pause": ((int, float), True)},
    "refuse_login": {},
    "lock_candidate": {"holder": ((str, int), False)},
    "fail_commit": {"text": (str, False)},
    "vty_full": {},
    "garbage_after_banner": {"text": (str, True)},
    "drop_ike": {},  # IKE messages of this device get lost
    "lose_phase1": {"peer": (str, False), "phase2": (bool, False)},  # at once: IKE SAs forgotten, nobody told
    "reboot": {**_COMMAND, "when": (str, False), "seconds": ((int, float), False)},
}
_AFTER: Parameters = {"after": ((int, float), False)}
_TRIGGERED = ("drop_session", "reboot")
KINDS = tuple(_KINDS)


@dataclass
class Fault:
    """One fault; ``times`` None means unlimited, ``used`` counts how often it struck.

    ``since`` is the lab time at which it was put there; the parameter ``after`` counts seconds from then.
    """

    kind: str
    params: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    used: int = 0
    since: float | None = None

    @property
    def spent(self) -> bool:
        return self.times is not None and self.used >= self.times

    @property
    def awake(self) -> float:
        """The lab time from which it strikes."""
        return (self.since or 0.0) + float(self.params.get("after", 0.0))

    @property
    def momentary(self) -> bool:
        """Whether it strikes at a moment, whatever is typed."""
        return self.kind in _TRIGGERED and "at_command" not in self.params and "matching" not in self.params

    def fits(self, number: int, line: str) -> bool:
        """Whether it is meant for the session's command line ``number`` (from 1)."""
        at_command, matching = self.params.get("at_command"), self.params.get("matching")
        if at_command is not None and number != at_command:
            return False
        return matching is None or re.search(matching, line) is not None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form, the same shape as in a lab file plus ``used``, and ``since`` where that matters."""
        data: dict[str, Any] = {"kind": self.kind, **self.params, "used": self.used}
        if self.times is not None:
            data["times"] = self.times
        if "after" in self.params and self.since is not None:
            data["since"] = self.since
        return data


@dataclass
class Fate:
    """What the faults do to one command line, before or after it ran."""

    delay: float = 0.0
    drop: bool = False
    reboot: float | None = None  # seconds the device stays away


def parse_fault(data: Mapping[str, Any], where: str = "fault") -> Fault:
    """A validated fault from lab-file data; LabError with one sentence otherwise."""
    params = {str(key): value for key, value in data.items()}
    kind = params.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise LabError(f"{where}: unknown fault kind {kind!r}, known are {', '.join(sorted(_KINDS))}.")
    times = params.pop("times", None)
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise LabError(f"{where}: 'times' of fault {kind} must be a whole number of at least 1.")
    used, since = params.pop("used", 0), params.pop("since", None)
    _check_params(kind, params, where)
    fault = Fault(kind, params, times, used if isinstance(used, int) else 0)
    fault.since = float(since) if isinstance(since, (int, float)) else None
    if fault.momentary:
        fault.times = 1
    return fault


def _check_params(kind: str, params: Mapping[str, Any], where: str) -> None:
    allowed = _KINDS[kind] | _AFTER
    for name, value in params.items():
        if name not in allowed:
            raise LabError(f"{where}: fault {kind} has no parameter '{name}'.")
        if not isinstance(value, allowed[name][0]) or (isinstance(value, bool) and allowed[name][0] is not bool):
            raise LabError(f"{where}: parameter '{name}' of fault {kind} has the wrong type.")
        if isinstance(value, (int, float)) and value < 0:
            raise LabError(f"{where}: parameter '{name}' of fault {kind} must not be negative.")
    for name, (_type, required) in allowed.items():
        if required and name not in params:
            raise LabError(f"{where}: fault {kind} needs the parameter '{name}'.")
    if kind == "slow_chunks" and params["size"] < 1:
        raise LabError(f"{where}: 'size' of fault slow_chunks must be at least 1.")
    if kind in _TRIGGERED and not {"at_command", "matching", "after"} & set(params):
        raise LabError(f"{where}: fault {kind} needs 'at_command', 'matching' or 'after'.")
    if "matching" in params or "when" in params:
        _check_trigger(kind, params, where)


def _check_trigger(kind: str, params: Mapping[str, Any], where: str) -> None:
    if params.get("when", "before") not in ("before", "after"):
        raise LabError(f"{where}: 'when' of fault {kind} is 'before' or 'after'.")
    try:
        re.compile(params.get("matching", ""))
    except re.error as error:
        raise LabError(f"{where}: 'matching' of fault {kind} is not a regular expression ({error}).") from error


class FaultSet:
    """The faults of one device; change it at run time with add, remove and clear.

    ``now`` is lab time; ``on_moment`` hears of each fault that has to strike by itself when its moment comes.
    """

    def __init__(
        self,
        faults: Iterable[Fault] = (),
        now: Callable[[], float] = float,
        on_moment: Callable[[Fault], None] | None = None,
    ) -> None:
        self._faults: list[Fault] = []
        self._now = now
        self._on_moment = on_moment
        for fault in faults:
            self.add(fault)

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, fault: Fault | Mapping[str, Any]) -> Fault:
        """Add a fault (data as in the lab file, or a Fault)."""
        made = fault if isinstance(fault, Fault) else parse_fault(fault)
        if made.since is None:
            made.since = self._now()
        self._faults.append(made)
        if made.momentary and not made.spent and self._on_moment is not None:
            self._on_moment(made)
        return made

    def __contains__(self, fault: Fault) -> bool:
        return any(there is fault for there in self._faults)

    def remove(self, fault: Fault | str) -> int:
        """Remove one fault, or all of a kind; returns how many went."""
        keep = [f for f in self._faults if not (f is fault or f.kind == fault)]
        gone = len(self._faults) - len(keep)
        self._faults = keep
        return gone

    def clear(self) -> None:
        self._faults = []

    def peek(self, kind: str) -> Fault | None:
        """The first fault of this kind that still strikes; does not count."""
        return next((f for f in self._faults if f.kind == kind and self._strikes(f)), None)

    def _strikes(self, fault: Fault) -> bool:
        return not fault.spent and ("after" not in fault.params or self._now() >= fault.awake)

    def take(self, kind: str) -> Fault | None:
        """As peek, and counts one strike."""
        fault = self.peek(kind)
        if fault is not None:
            fault.used += 1
        return fault

    def words(self, kind: str, default: str) -> str | None:
        """As take: what the device says, which is the fault's ``text`` or ``default``; None when nothing strikes."""
        fault = self.take(kind)
        return None if fault is None else str(fault.params.get("text", default))

    def on_command(self, when: str, number: int, line: str) -> Fate:
        """What happens ``before`` or ``after`` the session's command line ``number`` (from 1)."""
        fate = Fate()
        for fault in self._faults:
            if not self._strikes(fault) or fault.momentary or not fault.fits(number, line):
                continue
            if fault.kind == "latency" and when == "after":
                fate.delay += float(fault.params["seconds"])
            elif fault.kind not in _TRIGGERED or fault.params.get("when", "before") != when:
                continue
            elif fault.kind == "drop_session":
                fate.drop = True
            else:
                fate.reboot = float(fault.params.get("seconds", 0.0))
            fault.used += 1
        return fate

    def as_list(self) -> list[dict[str, Any]]:
        return [fault.as_dict() for fault in self._faults]
