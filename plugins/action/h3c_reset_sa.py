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
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive import reset
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware import platform as _platform  # noqa: F401


class ActionModule(PeerguardAction):
    """Clear SAs: an operation, so never idempotent."""

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            request = reset.judge(args)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        if self.platform().name != "h3c_comware":
            raise LoginRefused(
                f"h3c_reset_sa is for H3C Comware, this host is {self.platform().title}; "
                "check ansible_network_os and the hosts of the play"
            )
        book = SecretBook()
        session = self.open_session(book)
        try:
            return reset.run(session, request, check=self._task.check_mode)
        except (DeviceError, ValueError) as problem:
            return {"failed": True, "changed": False, "msg": book.scrub(f"{self.host}: {problem}")}
        finally:
            session.close()
