# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.peerings import PeeringsAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.options import VERIFY, Options


class ActionModule(PeeringsAction):
    """The convergence check alone."""

    nodes = VERIFY

    def carry_out(self, options: Options) -> dict[str, t.Any]:
        return self.report(options, self.guard(options).verify(self.jobs(options))) | {"changed": False}
