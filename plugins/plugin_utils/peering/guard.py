# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many peerings: those that share no device at the same time, each a transaction of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ..engine.change import Change
from ..engine.channel import ChannelError
from ..engine.feature import Feature, Intent, Unmet
from ..engine.link import Link
from ..engine.plan import Planner
from ..engine.schema import Model, validate
from ..engine.secret import SecretBook
from ..engine.session import DeviceError, Session
from ..engine.states import empty
from ..engine.verify import Pace, Patience
from . import registry
from .end import End, changes_for
from .intent import Peering
from .journal import CONFIRMED, REVERTED, Entry, Journal
from .transaction import Outcome, Progress, Terms, Transaction

OpenSession = Callable[[SecretBook], Session]
FeatureOf = Callable[[str], tuple[Feature, Planner]]


@dataclass(frozen=True)
class Job:
    """One peering, compiled: which feature gets which config at which host, in which order, how close in time."""

    name: str
    configs: Mapping[str, Mapping[str, Any]]
    waves: Sequence[Sequence[str]]
    window: float | None = None


def jobs_for(peerings: Iterable[Peering]) -> list[Job]:
    """The managed ones among the peerings, compiled, in their order."""
    return [
        Job(peering.name, kind.compile(peering), kind.waves(peering), kind.window(peering))
        for peering in peerings
        if peering.managed
        for kind in [registry.kind(peering.kind)]
    ]


@dataclass(frozen=True)
class Fleet:
    """How the peerings are carried out together.

    `batch`: peerings at the same time. `max_failures`: failed peerings after which no further one is begun.
    """

    terms: Terms
    batch: int = 20
    max_failures: int | None = None
    update_secrets: str = "on_create"


class Guard:
    """Carry out jobs over sessions that the caller opens."""

    def __init__(
        self, reach: Callable[[str], OpenSession], feature_of: FeatureOf, fleet: Fleet, progress: Progress
    ) -> None:
        self._reach, self._feature_of = reach, feature_of
        self._fleet, self._say = fleet, progress
        self._free = threading.Condition()
        self._busy: set[str] = set()
        self._failures = 0

    def run(self, jobs: Sequence[Job], journal: Journal | None) -> list[Outcome]:
        """One outcome per job, in their order."""
        with ThreadPoolExecutor(max_workers=max(1, min(self._fleet.batch, len(jobs)))) as pool:
            return list(pool.map(lambda job: self._one(job, journal), jobs))

    def _one(self, job: Job, journal: Journal | None) -> Outcome:
        hosts = set(job.configs)
        with self._free:
            self._free.wait_for(lambda: not hosts & self._busy)
            if self._fleet.max_failures is not None and self._failures > self._fleet.max_failures:
                return Outcome(job.name, "skipped", reason=f"{self._failures} peerings failed before it")
            self._busy |= hosts
        try:
            outcome = self._transaction(job, journal).run()
        finally:
            with self._free:
                self._busy -= hosts
                self._free.notify_all()
        with self._free:
            self._failures += not outcome.good
        self._say(f"{job.name}: {outcome.verdict}" + (f": {outcome.reason}" if outcome.reason else ""))
        return outcome

    def _transaction(self, job: Job, journal: Journal | None) -> Transaction:
        ends = {host: self._end(host, configs) for host, configs in job.configs.items()}
        terms = replace(self._fleet.terms, window=job.window)
        return Transaction(job.name, ends, job.waves, terms, journal, self._say)

    def _end(self, host: str, configs: Mapping[str, Any]) -> End:
        """The features of one device, each config judged by its own schema. Raises InvalidInput."""
        found = [(*self._feature_of(name), config) for name, config in configs.items()]
        link = Link(self._reach(host))
        wanted = [(feature, judged(feature, config, host)) for feature, _planner, config in found]
        planner = found[0][1]
        changes = changes_for(link, planner, wanted, update_secrets=self._fleet.update_secrets)
        return End(host, link, planner, changes)

    # -- looking alone ------------------------------------------------------------------------------------------------

    def verify(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The same judgement of all ends without changing anything; drift from the intent is unmet too."""
        with ThreadPoolExecutor(max_workers=max(1, min(self._fleet.batch, len(jobs)))) as pool:
            return list(pool.map(self._verify_one, jobs))

    def _verify_one(self, job: Job) -> Outcome:
        return self._transaction(job, None).look_only()

    # -- after an interrupted run -------------------------------------------------------------------------------------

    def recover(self, entries: Sequence[Entry], journal: Journal) -> list[Outcome]:
        """Finish or revert what an interrupted run has begun."""
        return [self._recover_one(entry, journal) for entry in entries if not entry.finished]

    def _recover_one(self, entry: Entry, journal: Journal) -> Outcome:
        """Confirmed at all ends: kept and saved. Anything before that: every touched end back to what it was."""
        forward = entry.step == CONFIRMED
        outcome = Outcome(entry.peering, "converged" if forward else "reverted")
        for host in entry.touched:
            try:
                fine = self._settle_host(entry, host, forward)
                problem = "" if fine else "its configuration could not be proved"
            except (ChannelError, DeviceError) as error:
                fine, problem = False, str(error)
            outcome.hosts[host] = {"saved" if forward else "reverted": fine}
            if not fine:
                outcome.verdict = "stuck"
                outcome.reason += f"{'; ' if outcome.reason else ''}{host}: {problem}"
        if outcome.verdict != "stuck":
            journal.record(entry.peering, REVERTED if not forward else "done")
        self._say(f"{entry.peering}: {outcome.verdict} {outcome.reason}".rstrip())
        return outcome

    def _settle_host(self, entry: Entry, host: str, forward: bool) -> bool:
        link = Link(self._reach(host))
        try:
            link.session.abort()
            proved = True
            for name, (before, target) in entry.models[host].items():
                feature, planner = self._feature_of(name)
                change = Change(feature, planner, link, Intent(None, "merged"))
                change.resume(before, target)
                proved = (not change.read_back() if forward else change.take_back()) and proved
            if proved and (forward or host in entry.saved):
                link.session.save()
            return proved
        finally:
            link.close()


def judged(feature: Feature, config: Any, host: str) -> Model:
    """A raw config as the feature's own module would take it. Raises InvalidInput naming the host."""
    return validate(feature.schema, config, where=f"{host} {feature.name}") if config else empty(feature.schema)


__all__ = ["Fleet", "Guard", "Job", "Pace", "Patience", "Terms", "Unmet"]
