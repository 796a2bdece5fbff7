# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import (
    PeerguardAction,
    warm_up_all,
    warm_up_xml,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import command
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook, scrub_native
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError

warm_up_xml()
warm_up_all()

_READING = re.compile(
    r"(?:display|displa|displ|disp|dis|show|sho|sh)\s(?!.*(?:>|\|\s*(?:redirect|tee|append)\b))", re.IGNORECASE
)
"""Commands that show something, and write it to no file."""


class ActionModule(PeerguardAction):
    """Run exec commands, wait for what they shall say."""

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            task = command.judge(args)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        if self._task.check_mode:
            skipped = [entry["command"] for entry in task.commands if not _READING.match(entry["command"])]
            if skipped:
                words = f"Only display and show commands run in check mode, so nothing was sent: {', '.join(skipped)}."
                return {"changed": False, "stdout": [], "stdout_lines": [], "warnings": [words]}
        entering = [entry["command"] for entry in task.commands if self.platform().text.enters(entry["command"])]
        if entering:
            words = f"commands: '{entering[0]}' enters the configuration mode; use netops.peerguard.config"
            return {"failed": True, "changed": False, "msg": f"{words}, which proves what it changes or takes it back."}
        book = SecretBook()
        session = self.open_session(book)
        try:
            outputs, failed = command.run(session, task)
        except DeviceError as problem:
            return {"failed": True, "changed": False, "msg": f"{self.host}: {problem}"}
        finally:
            session.close()
        patterns = self.platform().secrets
        outputs = [scrub_native(output, patterns) for output in outputs]
        result = {"changed": False, "stdout": outputs, "stdout_lines": [output.splitlines() for output in outputs]}
        if failed:
            result |= {"failed": True, "failed_conditions": failed, "msg": f"{self.host}: not met: {'; '.join(failed)}"}
        return result
