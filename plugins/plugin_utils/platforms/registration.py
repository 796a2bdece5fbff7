# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers of our own, made known to netmiko at run time as if they came with it."""

from __future__ import annotations

from typing import Any

try:
    from netmiko.ssh_dispatcher import CLASS_MAPPER, CLASS_MAPPER_BASE, platforms, platforms_base, telnet_platforms
except ImportError:  # the sanity tests import every file without third-party packages
    CLASS_MAPPER, CLASS_MAPPER_BASE, platforms, platforms_base, telnet_platforms = {}, {}, [], [], []


def register(device_type: str, ssh: type[Any], telnet: type[Any]) -> None:
    """Make `ConnectHandler(device_type=…)` work with the type, also with `_ssh` and `_telnet`; again does no harm."""
    if device_type in CLASS_MAPPER:
        return
    names = {device_type: ssh, f"{device_type}_ssh": ssh, f"{device_type}_telnet": telnet}
    CLASS_MAPPER.update(names)
    CLASS_MAPPER_BASE[device_type] = ssh
    platforms.extend(names)
    platforms_base.append(device_type)
    telnet_platforms.append(f"{device_type}_telnet")
    for listed in (platforms, platforms_base, telnet_platforms):
        listed.sort()
