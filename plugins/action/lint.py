# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.utils.display import Display

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import PeerguardAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.plain import plain
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import reports
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import Report, judge
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint_options import LintOptions, judge_options

_FACTS = ("ansible_net_version", "ansible_net_system", "ansible_net_model", "peerguard_observed")
_display = Display()


class ActionModule(PeerguardAction):
    """Every rule, without a device: once for the batch."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            options = judge_options(args, self.base_folder)
            gathered = self._gathered(options)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        report = judge(
            options.peerings,
            options.host_configs,
            gathered,
            self._facts(options, gathered),
            horizon=options.horizon,
            ignore=options.ignore,
        )
        for line in reports.text(report).splitlines():
            _display.display(line)
        return self._result(report, options)

    def _result(self, report: Report, options: LintOptions) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {"changed": False, **reports.data(report, options.fail_on)}
        if options.report:
            wanted = options.report
            wanted.path.parent.mkdir(parents=True, exist_ok=True)
            words = reports.FORMATS[wanted.format](report, options.fail_on, wanted.source)
            wanted.path.write_text(words, encoding="utf-8")
            result["report_path"] = str(wanted.path)
        if report.failed(options.fail_on):
            result |= {"failed": True, "msg": f"{report.summary()}. {report.findings[0]}"}
        return result

    def _hostvars(self, host: str) -> t.Mapping[str, t.Any]:
        hostvars = self._task_vars.get("hostvars", {})
        found: t.Mapping[str, t.Any] = hostvars.get(host, {})
        return found

    def _gathered(self, options: LintOptions) -> dict[str, dict[str, t.Any]]:
        """What the facts module has found on the hosts (or groups) that the task names."""
        groups = self._task_vars.get("groups", {})
        hosts = [host for name in options.gathered for host in groups.get(name, [name])]
        found, without = {}, []
        for host in dict.fromkeys(map(str, hosts)):
            resources = self._fact(host, "ansible_network_resources")
            if resources is None:
                without.append(host)
            else:
                found[host] = plain(resources)
        if without:
            raise InvalidInput(
                [
                    f"gathered: nothing was gathered from {', '.join(without)}; run netops.peerguard.facts with "
                    "gather_network_resources there before."
                ]
            )
        return found

    def _facts(self, options: LintOptions, gathered: t.Collection[str]) -> dict[str, dict[str, t.Any]]:
        """Release, model and what devices show, of every host of which it is known."""
        hosts = {end.host for peering in options.peerings for end in peering.inventory}
        hosts |= {*(options.host_configs or {}), *gathered}
        facts = {host: {name: plain(self._fact(host, name)) for name in _FACTS} for host in sorted(hosts)}
        return {host: {name: value for name, value in known.items() if value} for host, known in facts.items()}

    def _fact(self, host: str, name: str) -> t.Any:
        """A fact, whether facts are injected as variables or not."""
        known = self._hostvars(host)
        facts = known.get("ansible_facts") or {}
        for place, key in ((facts, name.removeprefix("ansible_")), (facts, name), (known, name)):
            if key in place:
                return place[key]
        return None
