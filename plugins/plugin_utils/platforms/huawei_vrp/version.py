# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`display version` of VRP. The family is decided on the number after "Version", never on the V…R… number."""

from __future__ import annotations

import re

from ...engine.device import DeviceFacts

VRP8, VRP5, V600 = "vrp8", "vrp5", "v600"

_VERSION = re.compile(
    r"VRP \(R\) software, Version (?P<number>[\d.]+)\s*\((?P<product>[^)]*?)\s*(?P<release>V\d+R\d+\w*)\)"
)
_UPTIME = re.compile(
    r"^(?:HUAWEI|Huawei|Quidway)\s+(?P<model>\S.*?)\s+(?:(?:Routing |Terabit )?(?:Switch|Router)\s+)?uptime is", re.M
)
_PATCH = re.compile(r"^\s*Patch [Vv]ersion\s*:\s*(?P<patch>\S+)", re.MULTILINE)


def parse_version(text: str, hostname: str = "") -> DeviceFacts:
    """Facts from the version display. Raises ValueError when it is not one of VRP."""
    found = _VERSION.search(text)
    if not found:
        raise ValueError("'display version' does not look like Huawei VRP")
    uptime, patch = _UPTIME.search(text), _PATCH.search(text)
    numbers = tuple(int(part) for part in found["number"].split("."))
    return DeviceFacts(
        platform="huawei_vrp",
        hostname=hostname,
        version=f"{found['number']} ({found['product']} {found['release']})",
        model=uptime["model"] if uptime else found["product"],
        dialect=dialect(numbers, found["release"]),
        numbers=numbers,
        extra={"ansible_net_patch": patch["patch"]} if patch else {},
    )


def dialect(numbers: tuple[int, ...], release: str) -> str:
    """`vrp8` (two-phase), `vrp5` or `v600` (immediate)."""
    if numbers[0] < 8:
        return VRP5
    return V600 if release.startswith("V600R") else VRP8
