# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One end of a peering in a transaction: all features that the peering needs on that device, as one change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..engine.change import Change
from ..engine.feature import Feature, Intent, Unmet
from ..engine.link import Link
from ..engine.plan import Plan, Planner, planner_for
from ..engine.schema import Model
from ..engine.session import PushReport


class End:
    """The changes of one device, pushed as one plan, armed once, kept or taken back together."""

    def __init__(self, host: str, link: Link, planner: Planner, changes: Sequence[Change]) -> None:
        self.host, self.link, self.planner = host, link, planner
        self.changes = list(changes)
        self.plan = Plan()
        self.touched = False
        self.saved = False

    @property
    def warnings(self) -> list[str]:
        return [warning for change in self.changes for warning in change.warnings]

    @property
    def report(self) -> PushReport:
        return self.changes[0].report

    def read_and_plan(self, *, trial: bool = True) -> None:
        """Learn what the device has and what would be sent. Raises RuleBroken, DeviceError, ChannelError.

        `trial`: also where what is read may go away by itself, because a change waits for its confirmation.
        """
        planned = ""
        for change in self.changes:
            change.read()
            # What an earlier feature brings in the same push is there for a later one (the key chain that LISP names).
            change.seen = replace(change.seen, text=change.seen.text + planned)
            change.make_plan()
            planned += change.plan.after
        plans = [change.plan for change in self.changes if change.plan]
        self.plan = plans[0] if len(plans) == 1 else self._joined(plans)
        if not trial:
            self.changes[0].refuse_trial()

    def _joined(self, plans: Sequence[Plan]) -> Plan:
        """Several features as one plan, so that the platform's order holds across them."""
        if not plans:
            return Plan()
        planner = planner_for(self.planner, self.link.session.facts)
        return planner("".join(plan.before for plan in plans), "".join(plan.after for plan in plans))

    def models(self) -> Mapping[str, Sequence[Any]]:
        """Per feature what was there and what shall be, for the journal."""
        return {change.feature.name: (change.have, change.target) for change in self.changes}

    def look_before(self) -> None:
        """Remember the show commands' state before the change."""
        for change in self.changes:
            change.look_before()

    def push(self, confirm_within: int | None) -> None:
        """Send the plan in one go. The report is shared by all changes: what is armed, is armed for all."""
        if not self.plan:
            return
        report = PushReport()
        for change in self.changes:
            change.report = report
        self.touched = True
        with self.link.timed("push"):
            try:
                self.link.session.push(self.plan, confirm_within if self.link.session.can_arm else None, report)
            finally:
                self.changes[0].warnings += report.notes

    def read_back(self) -> list[Unmet]:
        """What of the intended configuration the device does not show."""
        return [unmet for change in self.changes for unmet in change.read_back()] if self.plan else []

    def look(self) -> list[Unmet]:
        """What keeps this end from being converged."""
        return [unmet for change in self.changes for unmet in change.look()]

    def keep(self) -> None:
        """Confirm what is armed."""
        self.changes[0].keep()

    def save(self) -> None:
        """Write the running configuration to where the device starts from."""
        with self.link.timed("save"):
            self.link.session.save()
        self.saved = True

    def take_back(self) -> bool:
        """Put the device back; True when that was proved by reading it again."""
        proved = [change.take_back() for change in reversed(self.changes)]
        return all(proved)


def changes_for(
    link: Link, planner: Planner, wanted: Sequence[tuple[Feature, Model, Model | None]], *, update_secrets: str
) -> list[Change]:
    """A merged change for each feature, its validated config, and what of it shall go."""
    return [
        Change(feature, planner, link, Intent(config, "merged", removals=removals), update_secrets=update_secrets)
        for feature, config, removals in wanted
    ]
