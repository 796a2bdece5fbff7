# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`show version` of JunOSe: release, model, and which slots hold which modules.

Layout: recorded ERX and E320 outputs; spelling of the product drifts between releases (JUNOSe, JunosE).
"""

from __future__ import annotations

import re

from ...engine.device import DeviceFacts

_MODEL = re.compile(
    r"^\s*Juniper\s+(?:Networks\s+)?(?:Edge Routing Switch\s+)?(?P<model>(?:ERX|E)[\w-]*\d\w*)\s*$", re.MULTILINE
)
_VERSION = re.compile(
    r"^\s*Version\s*:\s*(?P<version>\d+\.\d+\.\d+(?:\s+(?:release|patch|beta)-\d+\.\d+)?)", re.MULTILINE
)
_IMAGE = re.compile(r"^\s*System Release\s*:\s*(?P<image>\S+)", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_SLOT = re.compile(
    r"^(?P<slot>\d+(?:/\S+)?)\s+(?P<state>\S+)\s+(?P<type>[A-Z]\S*(?: [A-Z0-9]\S*)*?)\s+(?:enabled|disabled)\s"
)


def parse_version(text: str, hostname: str = "") -> DeviceFacts:
    """Facts from the version display. Raises ValueError when it is not one of JunOSe."""
    model, version = _MODEL.search(text), _VERSION.search(text)
    if not model or not version:
        raise ValueError("'show version' does not look like Juniper JunOSe")
    image = _IMAGE.search(text)
    slots = {found["slot"]: found["type"] for found in map(_SLOT.match, text.splitlines()) if found}
    return DeviceFacts(
        platform="juniper_junose",
        hostname=hostname,
        version=version["version"],
        model=model["model"],
        dialect="junose",
        image=image["image"] if image else "",
        numbers=numbers(version["version"]),
        extra={"ansible_net_slots": slots} if slots else {},
    )


def numbers(version: str) -> tuple[int, ...]:
    """`11.2.1 patch-0.4` as (11, 2, 1, 0, 4), for comparisons."""
    return tuple(int(part) for part in _NUMBER.findall(version))
