# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import PeerguardAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option import clear_sa
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.session import JunoseSession


class ActionModule(PeerguardAction):
    """Reinitialise SAs: an operation, so never idempotent."""

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            task = clear_sa.judge(args)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        book = SecretBook()
        session = self.open_session(book)
        try:
            if not isinstance(session, JunoseSession):
                raise LoginRefused(
                    f"junose_ipsec_clear_sa is for Juniper JunOSe, this host is {self.platform().title}; "
                    "check ansible_network_os and the hosts of the play"
                )
            return clear_sa.run(session, task, check=self._task.check_mode)
        except DeviceError as problem:
            return {"failed": True, "changed": False, "msg": book.scrub(f"{self.host}: {problem}")}
        finally:
            session.close()
