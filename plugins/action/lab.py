# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.paths import base_folder
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.faults import KINDS
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import LOOPBACK, Lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.tasks import LabTask

_FAULT = {
    "device": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": list(KINDS)},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "times": {"type": "int"},
    "seconds": {"type": "float"},
    "after": {"type": "float"},
    "at_command": {"type": "int"},
    "matching": {"type": "str"},
    "when": {"type": "str", "choices": ["before", "after"]},
    "size": {"type": "int"},
    "pause": {"type": "float"},
    "holder": {"type": "str"},
    "text": {"type": "str"},
    "peer": {"type": "str"},
    "phase2": {"type": "bool"},
}
_SPEC = {
    "file": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "started", "stopped", "restarted"], "default": "started"},
    "listen": {"type": "str", "default": LOOPBACK},
    "restore": {"type": "path"},
    "faults": {"type": "list", "elements": "dict", "options": _FAULT},
    "advance": {"type": "str"},
    "save": {"type": "path"},
    "wait": {"type": "int", "default": 60},
    "outlive": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):
    """See the module `lab`."""

    _requires_connection = False
    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs on the controller; nothing is sent to the task's host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        _validated, given = self.validate_argument_spec(argument_spec=_SPEC)
        # plain data: what Ansible attaches to values has no meaning for a lab
        options = json.loads(json.dumps({name: given.get(name) for name in _SPEC}))
        options["keeper"] = os.getppid()  # ansible-playbook: this is one of its workers
        for name in ("file", "restore", "save"):
            if options[name]:
                options[name] = self._path(options[name])
        try:
            task = LabTask(Lab.load(options["file"]), options, check=bool(self._task.check_mode))
            task.run()
            result |= {"changed": task.changed, "lab": task.lab.status()}
        except LabError as error:
            raise AnsibleActionFail(str(error)) from error
        if task.warnings:
            result["warnings"] = task.warnings
        return result

    def _path(self, text: str) -> Path:
        """Beside the playbook; in the current directory when there is nothing beside it, but something there."""
        beside = base_folder(self._loader) / text
        here = Path(text).absolute()
        return here if here.exists() and not beside.exists() else beside
