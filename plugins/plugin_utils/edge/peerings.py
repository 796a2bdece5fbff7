# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions that work on whole peerings share: they run once for the batch and reach every end themselves."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ansible.utils.display import Display

from .. import registry
from ..engine import backup
from ..engine.backup import BackupSettings
from ..engine.feature import Feature
from ..engine.plan import Planner
from ..engine.schema import InvalidInput, Node
from ..engine.session import DeviceError
from ..peering.end import End
from ..peering.guard import Fleet, Guard, Job, jobs_for
from ..peering.intent import Peering
from ..peering.journal import JournalError
from ..peering.options import Options, judge
from ..peering.page import html_page, summary, text_table
from ..peering.transaction import Outcome, Terms
from . import progress
from .action import PeerguardAction, Result, warm_up_all
from .fleet import Hosts

warm_up_all()  # every peering may need every platform

_display = Display()


class PeeringsAction(PeerguardAction):
    """An action on the intent: once for the batch, all ends in parallel in this one process."""

    BYPASS_HOST_LOOP = True
    nodes: t.ClassVar[Mapping[str, Node]]

    def work(self, args: dict[str, t.Any]) -> Result:
        try:
            options = judge(self.nodes, args, self.base_folder)
            self._hosts = Hosts(self._task, self._task_vars, self._loader, self._play_context)
            return self.carry_out(options)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        except JournalError as problem:
            return {"failed": True, "changed": False, "msg": f"{problem}."}

    def recognised(self) -> dict[str, str]:
        return self._hosts.recognised() if hasattr(self, "_hosts") else {}

    def carry_out(self, options: Options) -> Result:
        """The action's own work."""
        raise NotImplementedError

    def guard(self, options: Options) -> Guard:
        """The engine over this inventory."""
        terms = Terms(
            options.patience,
            confirm_timeout=options.confirm_timeout,
            save=options.save,
            check_mode=self._task.check_mode,
            backup=partial(_back_up, options.backup) if options.backup else None,
        )
        fleet = Fleet(terms, options.batch, options.max_failures, options.update_secrets, options.prove)
        return Guard(self._hosts.reach, feature_of, fleet, _say)

    def jobs(self, options: Options) -> list[Job]:
        """The peerings that are this batch's, compiled. Raises InvalidInput where an end is out of reach."""
        problems: list[str] = []
        found = [peering for peering in options.peerings if peering.managed and self._is_ours(peering, problems)]
        if problems:
            raise InvalidInput(problems)
        return jobs_for(found)

    def _is_ours(self, peering: Peering, problems: list[str]) -> bool:
        """Whether a peering belongs to the hosts of this batch; a play on localhost alone stands for all of them.

        A peering of which the batch has only some ends would be changed half: that is refused.
        """
        batch = {str(host) for host in self._task_vars.get("ansible_play_batch", ())}
        hosts = [end.host for end in peering.inventory]
        missing = self.missing(hosts)
        if missing:
            problems.append(f"peering {peering.name}: {missing}, or declare an end external that is in none.")
            return False
        if batch <= {"localhost", "127.0.0.1"}:
            return True
        outside = [host for host in hosts if host not in batch]
        if outside and len(outside) < len(hosts):
            problems.append(
                f"peering {peering.name}: {', '.join(outside)} is not among the hosts of this batch, so only some of "
                "its ends would be changed; widen --limit or serial, or choose peerings with only."
            )
        return not outside

    def missing(self, hosts: Sequence[str]) -> str:
        """Which of the hosts this inventory does not have and what to do; empty if it has them all."""
        unknown = [host for host in hosts if not self._hosts.known(host)]
        if not unknown:
            return ""
        verb = "is" if len(unknown) == 1 else "are"
        return f"{', '.join(unknown)} {verb} not in this inventory; {_why_missing(self._task_vars)}"

    def report(self, options: Options, outcomes: Sequence[Outcome], *, bad: Sequence[Outcome] | None = None) -> Result:
        """The result of the whole batch, the table on the screen, the page on disk. `bad`: what makes the task fail."""
        ends = {peering.name: [end.host for end in peering.ends] for peering in options.peerings}
        table = text_table(outcomes, ends)
        for line in table:
            _display.display(line)
        if options.page:
            options.page.parent.mkdir(parents=True, exist_ok=True)
            when = time.strftime("%Y-%m-%d %H:%M:%S %Z")
            options.page.write_text(html_page("Guarded peerings", outcomes, ends, when), encoding="utf-8")
        bad = [outcome for outcome in outcomes if not outcome.good] if bad is None else bad
        result: Result = {
            "changed": any(outcome.changed for outcome in outcomes),
            "peerings": [outcome.__dict__ for outcome in outcomes],
            "summary": summary(outcomes),
            "table": table,
            "diff": [entry["diff"] for o in outcomes for entry in o.hosts.values() if entry.get("commands")],
        }
        if bad:
            result |= {"failed": True, "msg": "; ".join(f"{o.peering}: {o.verdict}: {o.reason}" for o in bad)}
        return result


def _why_missing(variables: Mapping[str, t.Any]) -> str:
    """What a controller does to inventories, if it seems to have done it.

    The jobs of a sliced template are nodes of a workflow that has the template's own name (AWX,
    `JobTemplate.create_unified_job`); no variable says "slice".
    """
    for product in ("awx", "tower"):
        template = variables.get(f"{product}_job_template_name")
        if template and template == variables.get(f"{product}_workflow_job_name"):
            return (
                f"this job is a slice of the template {template}, and a slice has only a part of the inventory: "
                "set its job slicing to 1"
            )
    return "run this where all ends are (a sliced job has only a part of the inventory)"


def feature_of(name: str) -> tuple[Feature, Planner]:
    """A feature and the planner of its platform."""
    feature = registry.feature(name)
    return feature, registry.platform(feature.platform).plan


def _back_up(settings: BackupSettings, end: End) -> str:
    """The end's running configuration as a file, with its platform's secrets masked unless asked for."""
    platform = registry.platform(end.changes[0].feature.platform)
    if settings.filename:  # one name for several ends would keep only the last
        settings = replace(settings, filename=f"{end.host}_{settings.filename}")
    try:
        return str(backup.write(settings, end.host, end.link.session.running_config(), platform.secrets))
    except OSError as problem:
        raise DeviceError(f"the backup cannot be written: {problem}") from None


def _say(text: str) -> None:
    """Steps with -v, what became of a peering always in the table."""
    _display.v(text)
    progress.say(text)
