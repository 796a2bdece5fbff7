# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's Huawei drivers, without their fixed waits: log in, stop at the first prompt.

Paging is turned off by the session (one round trip), and the base prompt is never needed there.
"""

from __future__ import annotations

try:
    from netmiko.huawei.huawei import HuaweiSSH, HuaweiTelnet
except ImportError:  # the sanity tests import every file without third-party packages
    HuaweiSSH = HuaweiTelnet = object  # type: ignore[misc,assignment]


class VrpSSH(HuaweiSSH):
    """Huawei VRP over SSH. The login dialogue (password change and the like) is netmiko's."""

    def session_preparation(self) -> None:
        self.ansi_escape_codes = True


class VrpTelnet(HuaweiTelnet):
    """Huawei VRP over Telnet."""

    def session_preparation(self) -> None:
        self.ansi_escape_codes = True
