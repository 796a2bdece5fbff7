# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import FeatureAction


class ActionModule(FeatureAction):
    """Engine task of the feature."""

    feature_name = "h3c_ike_keepalive"
