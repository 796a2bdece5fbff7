# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's Cisco IOS drivers, stopped at the first prompt; the privileged mode is the session's business."""

from __future__ import annotations

try:
    from netmiko.cisco.cisco_ios import CiscoIosSSH, CiscoIosTelnet
except ImportError:  # the sanity tests import every file without third-party packages
    CiscoIosSSH = CiscoIosTelnet = object  # type: ignore[misc,assignment]

from ..lean import LeanLogin


class IosXeSSH(LeanLogin, CiscoIosSSH):
    """Cisco IOS XE over SSH."""


class IosXeTelnet(LeanLogin, CiscoIosTelnet):
    """Cisco IOS XE over Telnet."""
