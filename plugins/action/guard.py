# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.peerings import PeeringsAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Entry, Journal, read, unfinished
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import judge
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.options import GUARD, Options


class ActionModule(PeeringsAction):
    """The transaction over all ends of all peerings."""

    nodes = GUARD

    def carry_out(self, options: Options) -> dict[str, t.Any]:
        if options.recover:
            return self._recover(options)
        findings = [] if options.lint == "skip" else judge(options.peerings).findings
        errors = [finding for finding in findings if finding.severity == "error"]
        warnings = [str(finding) for finding in findings if finding.severity != "note"]
        shown = {"findings": [finding.shown() for finding in findings]}
        if errors and options.lint == "enforce":
            return {"failed": True, "changed": False, "msg": " ".join(map(str, errors)), **shown}
        jobs = self.jobs(options)
        journal = None if self._task.check_mode else Journal(options.journal_dir)
        try:
            outcomes = self.guard(options).run(jobs, journal)
        finally:
            if journal:
                journal.close()
        return self.report(options, outcomes) | shown | {"warnings": warnings}

    def _recover(self, options: Options) -> dict[str, t.Any]:
        """Finish or revert what interrupted runs have left."""
        outcomes = []
        paths = [] if self._task.check_mode else unfinished(options.journal_dir)
        found = {path: entries for path in paths if (entries := _to_settle(path, options.only))}
        self._refuse_half(found)
        for path, entries in found.items():
            journal = Journal(options.journal_dir, run=path.stem)
            try:
                outcomes += self.guard(options).recover(entries, journal)
            finally:
                journal.close()
        left = [str(path) for path in unfinished(options.journal_dir)]
        stuck = [outcome for outcome in outcomes if outcome.verdict == "stuck"]
        return self.report(options, outcomes, bad=stuck) | {"changed": bool(outcomes), "journals": left}

    def _refuse_half(self, found: t.Mapping[Path, t.Sequence[Entry]]) -> None:
        """Raises InvalidInput where an end that was touched is out of reach: half of a way back is no way back."""
        problems = []
        for path, entries in found.items():
            for entry in entries:
                missing = self.missing(entry.touched)
                if missing:
                    problems.append(f"journal {path.stem}, peering {entry.peering}: {missing}.")
        if problems:
            raise InvalidInput(problems)


def _to_settle(path: Path, only: t.Sequence[str]) -> list[Entry]:
    """The open peerings of a journal, of those that were asked for."""
    return [entry for entry in read(path) if not entry.finished and (not only or entry.peering in only)]
