# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import FeatureAction
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao import feature as _feature  # noqa: F401
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import platform as _platform  # noqa: F401


class ActionModule(FeatureAction):
    """Engine task of the feature; the imports above happen once, in the parent of all workers."""

    feature_name = "cisco_lisp_tcp_ao"
