# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One peering, all ends: plan, arm, push, verify, confirm and save them all, or put them all back and prove it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from ..engine.change import RuleBroken
from ..engine.channel import ChannelError
from ..engine.feature import Unmet
from ..engine.options import CONFIRM_MARGIN
from ..engine.secret import mask_model
from ..engine.session import DeviceError, PushFailed
from ..engine.verify import Pace, Patience, settle
from . import journal as steps
from .end import End
from .journal import Journal, JournalError

Progress = Callable[[str], None]
_Expected = (RuleBroken, ChannelError, DeviceError)

RECONNECT = 60.0
"""Seconds to keep trying to reach an end that must be put back."""


@dataclass(frozen=True)
class Terms:
    """How a transaction is carried out. Times in seconds."""

    patience: Patience
    confirm_timeout: int | None = None
    window: float | None = None
    save: bool = True
    check_mode: bool = False
    backup: Callable[[End], str] | None = None
    """Writes the end's running configuration to the controller and gives the file's path. Raises DeviceError."""
    pace: Pace = field(default_factory=Pace)

    @property
    def confirm_within(self) -> int:
        """How long an armed end waits: the whole verification, and time to confirm it."""
        return self.confirm_timeout or max(60, int(self.patience.timeout + self.patience.stable_for) + CONFIRM_MARGIN)


@dataclass
class Outcome:
    """What became of one peering.

    `verdict`: unchanged, planned (check mode), converged, no_traffic, failed (nothing was sent), reverted (all ends
    proved to be as before), stuck (an end could not be put back; its journal remains), skipped.
    """

    peering: str
    verdict: str = "failed"
    changed: bool = False
    reason: str = ""
    unmet: list[dict[str, str]] = field(default_factory=list)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.verdict in ("unchanged", "planned", "converged", "no_traffic")


class _Stopped(Exception):
    """The transaction cannot go on; the text says at which end and why."""

    def __init__(self, reason: str, unmet: Sequence[tuple[str, Unmet]] = ()) -> None:
        super().__init__(reason)
        self.unmet = unmet


class Transaction:
    """The ends of one peering, on their way together."""

    def __init__(
        self,
        name: str,
        ends: Mapping[str, End],
        waves: Sequence[Sequence[str]],
        terms: Terms,
        journal: Journal | None,
        progress: Progress,
    ) -> None:
        self.name, self.ends, self.waves = name, ends, [list(wave) for wave in waves]
        self.terms, self.journal, self._say = terms, journal, progress
        self.outcome = Outcome(name)
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(ends)))

    def run(self) -> Outcome:
        """Carry it out. Every failure ends in the outcome; what was sent is taken back first."""
        try:
            self._forward()
        except _Stopped as stopped:
            self._stop(str(stopped), stopped.unmet)
        except JournalError as problem:
            self._stop(str(problem), ())
        except Exception as mistake:  # noqa: BLE001 - ours; the ends go back, and the other peerings go on
            self._stop(self._scrubbed(f"unexpected {type(mistake).__name__}: {mistake}"), ())
            self._say(self._scrubbed("".join(traceback.format_exception(mistake))))
        except BaseException:
            self._stop("the run was stopped", ())
            raise
        finally:
            self._report_hosts()
            for end in self.ends.values():
                end.link.close()
            self._pool.shutdown(wait=False)
        return self.outcome

    def look_only(self) -> Outcome:
        """Judge all ends without changing anything; a configuration that differs from the intent is unmet too."""
        try:
            self._each("reading", self.ends, lambda end: end.read_and_plan())
            drift = [(host, _drift(end)) for host, end in self.ends.items() if end.plan]
            if drift:
                raise _Stopped("an end is not configured as intended", drift)
            self.outcome.verdict = self._verify()
        except _Stopped as stopped:
            self._stop(str(stopped), stopped.unmet)
        finally:
            self._report_hosts()
            for end in self.ends.values():
                end.link.close()
            self._pool.shutdown(wait=False)
        return self.outcome

    # -- forward ------------------------------------------------------------------------------------------------------

    def _forward(self) -> None:
        self._each("reading", self.ends, lambda end: end.read_and_plan(trial=self.terms.check_mode))
        changed = [host for host, end in self.ends.items() if end.plan]
        self.outcome.changed = bool(changed)
        if self.terms.check_mode:
            self.outcome.verdict = "planned" if changed else "unchanged"
            return
        if changed:
            self._back_up(changed)
            self._each("observing", self.ends, lambda end: end.look_before())
            self._begin()
            self._push(changed)
            self._read_back(changed)
        verdict = self._verify()
        if changed:
            self._record(steps.VERIFIED)
            self._keep(changed)
        self.outcome.verdict = verdict if changed or verdict != "converged" else "unchanged"

    def _back_up(self, changed: Sequence[str]) -> None:
        if self.terms.backup:
            for host, path in self._each("backing up", changed, self.terms.backup).items():
                self.outcome.hosts.setdefault(host, {})["backup_path"] = path

    def _begin(self) -> None:
        if self.journal:
            self.journal.begin(self.name, self.waves, {host: end.models() for host, end in self.ends.items()})

    def _record(self, step: str, hosts: Sequence[str] = ()) -> None:
        if self.journal:
            self.journal.record(self.name, step, hosts)

    def _push(self, changed: Sequence[str]) -> None:
        """Wave after wave; the ends of a wave at the same time."""
        start = self.terms.pace.now()
        for wave in self.waves:
            hosts = [host for host in wave if host in changed]
            if hosts:
                self._record(steps.PUSHING, hosts)
                self._each("pushing", hosts, lambda end: end.push(self.terms.confirm_within))
        took = self.terms.pace.now() - start
        if self.terms.window is not None and took > self.terms.window:
            raise _Stopped(f"the ends were changed {took:.0f} s apart; they must be within {self.terms.window:g} s")

    def _read_back(self, changed: Sequence[str]) -> None:
        found = self._each("reading back", changed, lambda end: end.read_back())
        missing = [(host, unmet) for host, unmets in found.items() for unmet in unmets]
        if missing:
            raise _Stopped("an end does not show the configuration it accepted", missing)

    def _verify(self) -> str:
        """Look at all ends until they have converged together, and stayed so."""
        latest: list[tuple[str, Unmet]] = []

        def look() -> list[Unmet]:
            found = self._each("verifying", self.ends, lambda end: end.look(), quiet=bool(latest))
            latest[:] = [(host, unmet) for host, unmets in found.items() for unmet in unmets]
            return [unmet for _host, unmet in latest]

        outcome = settle(look, self.terms.patience, self.terms.pace)
        self.outcome.unmet = [{"host": host, **unmet.shown()} for host, unmet in latest]
        if outcome.verdict == "unmet":
            raise _Stopped(f"not converged within {self.terms.patience.timeout:g} s", latest)
        return outcome.verdict

    def _keep(self, changed: Sequence[str]) -> None:
        self._record(steps.CONFIRMING, changed)
        self._each("confirming", changed, lambda end: end.keep())
        self._record(steps.CONFIRMED, changed)
        if self.terms.save:
            self._each("saving", changed, self._save)
        self._record(steps.DONE)

    def _save(self, end: End) -> None:
        end.save()
        self._record("saved", [end.host])

    def _each(
        self, step: str, hosts: Iterable[str], work: Callable[[End], Any], *, quiet: bool = False
    ) -> dict[str, Any]:
        """Do it at all these ends at the same time; one that fails stops the transaction when all have answered."""
        hosts = list(hosts)
        if not quiet:
            self._say(f"{self.name}: {step} {', '.join(hosts)}")
        futures = {host: self._pool.submit(work, self.ends[host]) for host in hosts}
        wait(futures.values())
        results: dict[str, Any] = {}
        problems: list[str] = []
        for host, future in futures.items():
            try:
                results[host] = future.result()
            except _Expected as problem:
                if isinstance(problem, PushFailed) and problem.clean:
                    self.ends[host].touched = False
                problems.append(f"{host}: {self.ends[host].link.book.scrub(str(problem))}")
        if problems:
            raise _Stopped(f"{step} failed at {'; '.join(problems)}")
        return results

    # -- back ---------------------------------------------------------------------------------------------------------

    def _stop(self, reason: str, unmet: Sequence[tuple[str, Unmet]]) -> None:
        self.outcome.reason = reason
        self.outcome.unmet = [{"host": host, **entry.shown()} for host, entry in unmet]
        touched = [host for wave in reversed(self.waves) for host in wave if self.ends[host].touched]
        if not touched:
            if self.outcome.changed:
                self._finish(steps.REVERTED)
            self.outcome.verdict, self.outcome.changed = "failed", False
            return
        self._say(f"{self.name}: {reason}: putting back {', '.join(touched)}")
        self._finish(steps.REVERTING)
        proved = dict(zip(touched, self._pool.map(self._put_back, touched), strict=True))
        for host, fine in proved.items():
            self.outcome.hosts.setdefault(host, {})["reverted"] = fine
        if all(proved.values()):
            self._finish(steps.REVERTED)
            self.outcome.verdict, self.outcome.changed = "reverted", False
        else:
            self.outcome.verdict = "stuck"

    def _finish(self, step: str) -> None:
        try:
            self._record(step)
        except JournalError as problem:
            self._say(f"{self.name}: {problem}")

    def _put_back(self, host: str) -> bool:
        """One end back to what it was, over a new session if the old one is lost; False when that was not proved."""
        end = self.ends[host]
        deadline = self.terms.pace.now() + RECONNECT
        while True:
            try:
                proved = end.take_back()
                if proved and end.saved:
                    end.save()  # what was saved holds the change that has just been taken back
                return proved
            except ChannelError as problem:
                end.link.close()
                if self.terms.pace.now() > deadline:
                    return self._not_back(end, problem)
                self.terms.pace.sleep(1)
            except Exception as problem:  # noqa: BLE001 - a mistake of ours: the others must still go back
                return self._not_back(end, problem)

    def _not_back(self, end: End, problem: Exception) -> bool:
        hope = "; the device reverts by itself when its timer runs out" if end.report.armed else ""
        text = f"{end.host} could not be put back: {self._scrubbed(str(problem))}{hope}"
        self.outcome.reason += f"; {text}"
        return False

    def _scrubbed(self, text: str) -> str:
        """Without the secrets of any end."""
        for end in self.ends.values():
            text = end.link.book.scrub(text)
        return text

    def _report_hosts(self) -> None:
        for host, end in self.ends.items():
            entry = {
                "changed": bool(end.plan) and self.outcome.changed,
                **end.plan.shown(),
                "diff": end.plan.diff(),
                "saved": end.saved,
                "warnings": end.warnings,
                "observed": {change.feature.name: mask_model(change.observed) for change in end.changes},
                "timings": end.link.timings,
            }
            self.outcome.hosts[host] = entry | self.outcome.hosts.get(host, {})


def _drift(end: End) -> Unmet:
    lines = "; ".join(line.strip() for line in end.plan.shown()["commands"])
    return Unmet("configuration", lines, "differs")
