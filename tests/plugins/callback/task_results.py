# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what every task returned to the file named by PEERGUARD_TEST_RESULTS, one JSON document per line."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_results
type: aggregate
short_description: Task results as JSON lines, for the tests of this collection
author: netops.peerguard authors
description:
  - Writes one JSON document per task result, and one with the statistics, to the file named by the environment variable
    E(PEERGUARD_TEST_RESULTS).
"""


def _attribute(result, name):
    """An attribute of a task result; ansible-core 2.18 has it under its private name only."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


class CallbackModule(CallbackBase):
    """Records results exactly as Ansible hands them to callbacks, so that a test sees what a log collector would."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = os.environ.get("PEERGUARD_TEST_RESULTS")
        self.disabled = name is None
        self._file = Path(name or os.devnull).open("a", encoding="utf-8")  # noqa: SIM115

    def _write(self, document):
        self._file.write(json.dumps(document, default=str) + "\n")
        self._file.flush()

    def _record(self, result, status, item=False, ignored=False):
        task = _attribute(result, "task")
        self._write(
            {
                "task_result": {
                    "host": _attribute(result, "host").get_name(),
                    "task": task.get_name(),
                    "action": str(task.action),
                    "status": status,
                    "item": item,
                    "ignored": bool(ignored),
                    "result": dict(_attribute(result, "result")),
                }
            }
        )

    def v2_runner_on_ok(self, result):
        self._record(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._record(result, "failed", ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result):
        self._record(result, "unreachable", ignored=_attribute(result, "task").ignore_unreachable)

    def v2_runner_on_skipped(self, result):
        self._record(result, "skipped")

    def v2_runner_item_on_ok(self, result):
        self._record(result, "ok", item=True)

    def v2_runner_item_on_failed(self, result):
        self._record(result, "failed", item=True)

    def v2_runner_item_on_skipped(self, result):
        self._record(result, "skipped", item=True)

    def v2_playbook_on_stats(self, stats):
        self._write({"stats": {host: stats.summarize(host) for host in sorted(stats.processed)}})
