# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`show version` of IOS XE."""

from __future__ import annotations

import re

from ...engine.device import DeviceFacts

_IOS_XE = re.compile(r"Cisco IOS[ -]XE|IOS-XE|\((?:[A-Z0-9_]*_)?(?:IOSXE|IOSD)[A-Z0-9_-]*\)", re.IGNORECASE)
_OTHERS = re.compile(r"Nexus Operating System|Cisco IOS XR|Adaptive Security Appliance|VRP \(R\)|Comware")
_VERSION = re.compile(r"(?:IOS XE Software, Version|Software.*, Version)\s+(?P<version>\d[\w.()-]*)")
_NUMBER = re.compile(r"\d+")
_MODEL = re.compile(r"^[Cc]isco (?P<model>\S+) \(.*\b[Mm]emory", re.MULTILINE)
_SERIAL = re.compile(r"^Processor board ID (?P<serial>\S+)", re.MULTILINE)
_IMAGE = re.compile(r'^System image file is "(?P<image>[^"]+)"', re.MULTILINE)
_UPTIME = re.compile(r"^(?P<host>\S+) uptime is ", re.MULTILINE)


def parse_version(text: str, hostname: str = "") -> DeviceFacts:
    """Facts from the version display. Raises ValueError when it is not one of IOS XE."""
    found = _VERSION.search(text)
    if not found or not _IOS_XE.search(text) or _OTHERS.search(text):
        raise ValueError("'show version' does not look like Cisco IOS XE")
    version = found["version"].rstrip(",")
    uptime = _UPTIME.search(text)
    return DeviceFacts(
        platform="cisco_iosxe",
        hostname=uptime["host"] if uptime else hostname,
        version=version,
        model=_first(_MODEL, text),
        dialect="iosxe",
        serial=_first(_SERIAL, text),
        image=_first(_IMAGE, text),
        numbers=tuple(int(part) for part in _NUMBER.findall(version)[:3]),
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
