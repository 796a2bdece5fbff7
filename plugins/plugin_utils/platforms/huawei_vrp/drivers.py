# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's Huawei drivers, stopped at the first prompt; the login dialogue (password change and so on) is theirs."""

from __future__ import annotations

from typing import ClassVar

try:
    from netmiko.huawei.huawei import HuaweiSSH, HuaweiTelnet
except ImportError:  # the sanity tests import every file without third-party packages
    HuaweiSSH = HuaweiTelnet = object  # type: ignore[misc,assignment]

from ..lean import LeanLogin


class VrpSSH(LeanLogin, HuaweiSSH):
    """Huawei VRP over SSH."""

    example: ClassVar[str] = "<a>"


class VrpTelnet(LeanLogin, HuaweiTelnet):
    """Huawei VRP over Telnet. The device asks again after a wrong password; netmiko's own driver would wait there."""

    example: ClassVar[str] = "<a>"
    prompt_or_password_change = r"(?:Change now|Please choose|[\]>]|sername:)"
