# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many peerings: those that share no device at the same time, each a transaction of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..engine.change import Change
from ..engine.channel import ChannelError
from ..engine.feature import Feature, Intent
from ..engine.link import Link
from ..engine.plan import Planner
from ..engine.schema import InvalidInput, Model, validate
from ..engine.secret import SecretBook
from ..engine.session import DeviceError, Session
from ..engine.states import empty
from . import registry
from .end import End, changes_for
from .intent import Peering
from .journal import CONFIRMED, DONE, REVERTED, Entry, Journal
from .transaction import Outcome, Progress, Terms, Transaction

OpenSession = Callable[[SecretBook], Session]
FeatureOf = Callable[[str], tuple[Feature, Planner]]
Task = tuple[set[str], Callable[[], Outcome]]
"""The hosts that nobody else may work on meanwhile, and the work."""


@dataclass(frozen=True)
class Job:
    """One peering, compiled: which feature gets which config at which host, in which order, how close in time.

    `proof`: seconds that it must stay converged, unless the user has set another time. `removals`: what of the
    configs' features shall be gone.
    """

    name: str
    configs: Mapping[str, Mapping[str, Any]]
    waves: Sequence[Sequence[str]]
    window: float | None = None
    proof: float = 0.0
    removals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def jobs_for(peerings: Iterable[Peering]) -> list[Job]:
    """The managed ones among the peerings, compiled, in their order."""
    return [
        Job(
            peering.name,
            kind.compile(peering),
            kind.waves(peering),
            kind.window(peering),
            kind.proof(peering),
            kind.removals(peering),
        )
        for peering in peerings
        if peering.managed
        for kind in [registry.kind(peering.kind)]
    ]


@dataclass(frozen=True)
class Fleet:
    """How the peerings are carried out together.

    `batch`: peerings at the same time. `max_failures`: failed peerings after which no further one is begun.
    `prove`: what is converged must hold for as long as its kind of peering needs to prove it.
    """

    terms: Terms
    batch: int = 20
    max_failures: int | None = None
    update_secrets: str = "on_create"
    prove: bool = True


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
        """One outcome per job, in their order. Raises InvalidInput and JournalError before anything is sent."""
        self._refuse(jobs)
        if journal:
            journal.refuse_claimed({host for job in jobs for host in job.configs})
        return self._together([(set(job.configs), partial(self._one, job, journal)) for job in jobs])

    def _one(self, job: Job, journal: Journal | None) -> Outcome:
        with self._free:
            if self._fleet.max_failures is not None and self._failures > self._fleet.max_failures:
                return Outcome(job.name, "skipped", reason=f"{self._failures} peerings failed before it")
        outcome = self._transaction(job, journal).run()
        with self._free:
            self._failures += not outcome.good
        self._say(f"{job.name}: {outcome.verdict}" + (f": {outcome.reason}" if outcome.reason else ""))
        return outcome

    def _refuse(self, jobs: Sequence[Job]) -> None:
        """All that the features refuse of all jobs. Raises InvalidInput."""
        problems: list[str] = []
        for job in jobs:
            for host, configs in job.configs.items():
                for name, config in configs.items():
                    try:
                        judged(self._feature_of(name)[0], config, host)
                    except InvalidInput as refused:
                        problems += [f"{job.name}: {problem}" for problem in refused.problems]
        if problems:
            raise InvalidInput(problems)

    def _together(self, tasks: Sequence[Task]) -> list[Outcome]:
        """`batch` tasks at a time, each as soon as no other one works on any of its hosts."""
        waiting = list(enumerate(tasks))
        outcomes: dict[int, Outcome] = {}

        def work() -> None:
            while (found := self._next(waiting)) is not None:
                number, (hosts, task) = found
                try:
                    outcomes[number] = task()
                except BaseException:
                    waiting.clear()  # the others end what they have begun
                    raise
                finally:
                    with self._free:
                        self._busy -= hosts
                        self._free.notify_all()

        with ThreadPoolExecutor(max_workers=max(1, min(self._fleet.batch, len(tasks)))) as pool:
            workers = [pool.submit(work) for _number in range(min(self._fleet.batch, len(tasks)))]
            try:
                for worker in workers:
                    worker.result()
            except BaseException:
                waiting.clear()
                raise
        return [outcomes[number] for number in range(len(tasks))]

    def _next(self, waiting: list[tuple[int, Task]]) -> tuple[int, Task] | None:
        """The first task whose hosts are all free; waits for one, None when none is left."""
        with self._free:
            while waiting:
                for entry in waiting:
                    if not entry[1][0] & self._busy:
                        waiting.remove(entry)
                        self._busy |= entry[1][0]
                        return entry
                self._free.wait()
        return None

    def _transaction(self, job: Job, journal: Journal | None) -> Transaction:
        ends = {host: self._end(host, configs, job.removals.get(host, {})) for host, configs in job.configs.items()}
        patience = self._fleet.terms.patience
        if self._fleet.prove:
            patience = replace(patience, stable_for=max(patience.stable_for, job.proof))
        terms = replace(self._fleet.terms, window=job.window, patience=patience)
        return Transaction(job.name, ends, job.waves, terms, journal, self._say)

    def _end(self, host: str, configs: Mapping[str, Any], removals: Mapping[str, Any]) -> End:
        """The features of one device, each config judged by its own schema. Raises InvalidInput."""
        found = [(*self._feature_of(name), config) for name, config in configs.items()]
        link = Link(self._reach(host))
        wanted = [
            (feature, judged(feature, config, host), judged(feature, removals.get(feature.name), host, partial=True))
            for feature, _planner, config in found
        ]
        planner = found[0][1]
        changes = changes_for(link, planner, wanted, update_secrets=self._fleet.update_secrets)
        return End(host, link, planner, changes)

    # -- looking alone ------------------------------------------------------------------------------------------------

    def verify(self, jobs: Sequence[Job]) -> list[Outcome]:
        """The same judgement of all ends without changing anything; drift from the intent is unmet too."""
        self._refuse(jobs)
        return self._together([(set(job.configs), partial(self._verify_one, job)) for job in jobs])

    def _verify_one(self, job: Job) -> Outcome:
        # What stands has had its time to go wrong.
        return self._transaction(replace(job, proof=0.0), None).look_only()

    # -- after an interrupted run -------------------------------------------------------------------------------------

    def recover(self, entries: Sequence[Entry], journal: Journal) -> list[Outcome]:
        """Finish or revert what an interrupted run has begun."""
        open_entries = [entry for entry in entries if not entry.finished]
        return self._together(
            [(set(entry.models), partial(self._recover_one, entry, journal)) for entry in open_entries]
        )

    def _recover_one(self, entry: Entry, journal: Journal) -> Outcome:
        """Confirmed at all ends: kept and saved. Anything before that: every touched end back to what it was."""
        forward = entry.step == CONFIRMED
        outcome = Outcome(entry.peering, "converged" if forward else "reverted")
        for host in entry.touched if forward else reversed(entry.touched):
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
            journal.record(entry.peering, REVERTED if not forward else DONE)
        self._say(f"{entry.peering}: {outcome.verdict} {outcome.reason}".rstrip())
        return outcome

    def _settle_host(self, entry: Entry, host: str, forward: bool) -> bool:
        """One end forward or back. A host of several features goes back in the reverse of their order."""
        link = Link(self._reach(host))
        models = list(entry.models[host].items())
        try:
            link.session.abort()
            proved = True
            for name, (before, target) in models if forward else reversed(models):
                feature, planner = self._feature_of(name)
                change = Change(feature, planner, link, Intent(None, "merged"))
                change.resume(before, target)
                proved = (not change.read_back() if forward else change.take_back()) and proved
            if proved and (forward or host in entry.saved):
                link.session.save()
            return proved
        finally:
            link.close()


def judged(feature: Feature, config: Any, host: str, *, partial: bool = False) -> Model:
    """A raw config as the feature's own module would take it. Raises InvalidInput naming the host.

    `partial`: it names what shall go.
    """
    where = f"{host} {feature.name}"
    return validate(feature.schema, config, where=where, partial=partial) if config else empty(feature.schema)
