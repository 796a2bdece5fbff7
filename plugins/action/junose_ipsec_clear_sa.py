# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import OperationAction, warm_up
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option import clear_sa

warm_up(registry.platform("juniper_junose"))


class ActionModule(OperationAction):
    """Reinitialise SAs: an operation, so never idempotent."""

    name = "junose_ipsec_clear_sa"
    platform_name = "juniper_junose"
    operation = clear_sa
