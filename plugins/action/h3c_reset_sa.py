# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import OperationAction, warm_up
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive import reset

warm_up(registry.platform("h3c_comware"))


class ActionModule(OperationAction):
    """Clear SAs: an operation, so never idempotent."""

    name = "h3c_reset_sa"
    platform_name = "h3c_comware"
    operation = reset
