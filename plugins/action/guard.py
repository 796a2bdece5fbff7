# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.peerings import PeeringsAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal, read, unfinished
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
        for path in unfinished(options.journal_dir):
            if self._task.check_mode:
                continue
            journal = Journal(options.journal_dir, run=path.stem)
            try:
                outcomes += self.guard(options).recover(read(path), journal)
            finally:
                journal.close()
        left = [str(path) for path in unfinished(options.journal_dir)]
        stuck = [outcome for outcome in outcomes if outcome.verdict == "stuck"]
        return self.report(options, outcomes, bad=stuck) | {"changed": bool(outcomes), "journals": left}
