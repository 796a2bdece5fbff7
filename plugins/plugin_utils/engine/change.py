# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One change on one end, step by step: read, plan, push, look, keep or take back.

A single task walks through the steps with `task.run`; a transaction over several ends interleaves them.
"""

from __future__ import annotations

import re
from typing import Any

from . import states
from .device import DeviceFacts, Seen
from .feature import Feature, Intent, Observation, Unmet, Violation, joined
from .link import Link
from .plan import Plan, Planner, planner_for
from .schema import Model, public
from .secret import mask_model
from .session import CommandRejected, DeviceBusy, DeviceError, PushReport, Session


class RuleBroken(ValueError):
    """The intended configuration breaks a rule; nothing was sent."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(" ".join(str(violation) for violation in violations))
        self.violations = violations


class Change:
    """The way of one feature's configuration to one device and, if need be, back."""

    def __init__(
        self,
        feature: Feature,
        planner: Planner,
        link: Link,
        intent: Intent,
        *,
        update_secrets: str = "on_create",
    ) -> None:
        self.feature, self.planner, self.intent = feature, planner, intent
        self.link, self.book, self.timings, self.timed = link, link.book, link.timings, link.timed
        self.update_secrets = update_secrets
        self.plan = Plan()
        self.have: Model = states.empty(feature.schema)
        self.target: Model = self.have
        self.report = PushReport()
        self.warnings: list[str] = []
        self.not_compared: list[str] = []
        self.observed: Observation | None = None
        self.baseline: Observation | None = None
        self.left: list[str] = []
        """What `take_back` found changed and left as it was, because it is not ours; sealed."""
        self._text_before = ""

    @property
    def session(self) -> Session:
        """The open session; opened on first use."""
        return self.link.session

    # -- read and plan ------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Learn what the device has."""
        session = self.session
        with self.timed("read"):
            changing = self.intent.state in states.CHANGING
            session.foresee([*self._ahead, *(session.trial_commands if changing else ())])
            self._text_before = self._read_text()
            self.have = self._parse(self._text_before)
        self.seen = Seen(session.facts, self._text_before)

    def make_plan(self) -> None:
        """Compute the target and the plan. Raises RuleBroken before anything is sent."""
        with self.timed("plan"):
            schema = self.feature.schema
            target = states.target(schema, self.have, self.intent.config, self.intent.state, self.intent.removals)
            target = states.normal(schema, self.feature.prepare(target, self.intent, self.seen))
            target, self.not_compared = states.reconcile(
                schema, self.have, target, always=self.update_secrets == "always"
            )
            self.target = target
            self._judge()
            if target != self.have:
                self.plan = self._plan(self.have, target)

    def _judge(self) -> None:
        found = self.feature.rules(self.have, self.target, self.intent, self.seen)
        errors = [violation for violation in found if violation.severity == "error"]
        if errors:
            raise RuleBroken(errors)
        self.warnings += [str(violation) for violation in found]
        if self.not_compared and self.update_secrets == "on_create":
            self.warnings.append(
                "The device shows these keys only encrypted, so they were not compared and stay as they are: "
                f"{', '.join(self.not_compared)}. Use update_secrets: always to send them again."
            )

    def refuse_trial(self) -> None:
        """Raises DeviceBusy where what was read may go away by itself: a change that waits for its confirmation."""
        if self.session.can_arm and self.session.on_trial():
            raise DeviceBusy(
                "a change on the device still waits for its confirmation (of another user, or of a run that lost the "
                "device), so it may be taken back at any time; confirm or abort it, or wait. Nothing was changed"
            )

    def resume(self, have: Model, target: Model) -> None:
        """Take over from an interrupted run: `take_back` shall lead to `have`, `read_back` shall find `target`."""
        self.have, self.target = have, target

    # -- push and look ------------------------------------------------------------------------------------------------

    def look_before(self) -> None:
        """Remember what show commands said before the change, so that counters of the past prove nothing."""
        with self.timed("observe"):
            try:
                self.baseline = self.feature.observe(self.session, self._concern)
            except CommandRejected:
                self.baseline = None  # what the change is about to turn on has nothing to show yet

    def push(self, confirm_within: int | None) -> None:
        """Send the plan; `report` tells how far it came, also when this raises."""
        session, self.report = self.session, PushReport()
        follow_up = self.follow_up
        with self.timed("push"):
            try:
                session.foresee([] if follow_up else self._ahead)
                session.push(self.plan, confirm_within, self.report)
                session.run(follow_up)
            finally:
                self.warnings += self.report.notes

    @property
    def follow_up(self) -> list[str]:
        """Exec commands that come right after the plan."""
        return self.feature.follow_up(self.intent, self.session.facts) if self.plan else []

    def read_back(self) -> list[Unmet]:
        """The configuration as the device now shows it against the target; an error-free push is no proof."""
        with self.timed("read"):
            text = self._read_text()
            after = self._parse(text)
        self.after = after
        target = self.feature.settled(after, self.target, Seen(self.session.facts, text))
        settled, _blind = states.reconcile(self.feature.schema, after, target, always=False)
        if settled == after:
            return []
        left = self._plan(after, settled).shown()["commands"]
        return [Unmet("configuration", "; ".join(line.strip() for line in left) or "as intended", "not there")]

    def look(self) -> list[Unmet]:
        """One observation against the target."""
        previous = self.observed
        with self.timed("observe"):
            self.observed = self.feature.observe(self.session, self._concern)
        unmet = self.feature.unmet(self._concern, self.observed, self.baseline)
        return unmet + (self.feature.unsettled(previous, self.observed) if previous is not None else [])

    @property
    def _concern(self) -> Model:
        return self.feature.concern(self.target, self.intent)

    # -- keep or take back --------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Confirm an armed change."""
        if self.report.armed:
            with self.timed("confirm"):
                self.session.confirm()
            self.report.armed = False

    def take_back(self) -> bool:
        """Put the device back to what was read at first; True when that was proved by reading it again."""
        with self.timed("revert"):
            if self.report.armed:
                self._abort()
            return self._restore()

    def _abort(self) -> None:
        """The device's own way back. Where it refuses that, the lines that `_restore` finds are left to do it."""
        try:
            self.session.abort()
        except DeviceError as refused:
            self.warnings.append(
                f"The device could not take the change back as a whole ({self.book.scrub(str(refused))}); "
                "what was left of it was taken back line by line."
            )
        self.report.armed = False

    def _restore(self) -> bool:
        """Send whatever still differs from the first reading, at most twice, and prove the result."""
        for attempt in range(3):
            self.left = []
            text = self._read_text()
            if same_text(text, self._text_before):
                return True
            now = self._parse(text)
            goal, self.left = self.feature.origin(self.have, now)
            remedy = self._plan(now, goal)
            if not remedy:
                return True
            if attempt < 2:
                self.session.push(remedy, None, PushReport())
        return False

    def recover(self) -> bool:
        """After a lost session: connect again and take back what arrived. True when the old state is proved."""
        self.link.close()
        return self.take_back()

    # -- helpers ------------------------------------------------------------------------------------------------------

    def shown(self, model: Model) -> Any:
        """A model for a result: public fields only, secrets masked."""
        return mask_model(public(self.feature.schema, model))

    @property
    def _ahead(self) -> list[str]:
        return self.feature.ahead(DeviceFacts(self.feature.platform), self.intent)

    def _read_text(self) -> str:
        session = self.session
        if self.feature.language != session.facts.language:
            self.feature = self.feature.form(session.facts.language)
        text = joined(session.run(self.feature.read(session.facts)))
        return text + joined(session.run(self.feature.read_more(text, self.intent)))

    def _parse(self, text: str) -> Model:
        try:
            return states.normal(self.feature.schema, self.feature.parse(text))
        except ValueError as problem:
            raise DeviceError(f"the device's configuration could not be read: {problem}") from None

    def _plan(self, before: Model, after: Model) -> Plan:
        planner = planner_for(self.planner, self.session.facts)
        return planner(self._render(before), self._render(after))

    def _render(self, model: Model) -> str:
        return self.feature.render(self.book.seal_model(model), self.session.facts)


_VOLATILE = re.compile(r"^(?:[!#].*|.*\b(?:Last configuration change|NVRAM config last updated).*)?$")


def same_text(one: str, other: str) -> bool:
    """Equal but for comment lines, which carry times."""
    return _significant(one) == _significant(other)


def _significant(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if not _VOLATILE.match(line.strip())]
