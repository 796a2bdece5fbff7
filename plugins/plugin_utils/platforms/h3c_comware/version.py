# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`display version` of Comware. The generation is the major version: 5.20 is V5, 7.1 is V7."""

from __future__ import annotations

import re

from ...engine.device import DeviceFacts

V5, V7 = "comware5", "comware7"

# V5 prints vendor and version on two lines, V7 on one; HP builds may add a language after the release.
_VERSION = re.compile(
    r"\bComware Software,? Version (?P<number>\d+\.\d+(?:\.\d+)?)(?:, (?P<release>\w+ [\w.]+))?", re.IGNORECASE
)
_UPTIME = re.compile(r"^(?:H3C|HPE?|3Com)?[ \t]*(?P<model>\S.*?)[ \t]+uptime is", re.MULTILINE)
_IMAGE = re.compile(r"^\s*Boot image:\s*(?P<image>\S+)", re.MULTILINE)


def parse_version(text: str, hostname: str = "") -> DeviceFacts:
    """Facts from the version display. Raises ValueError when it is not one of Comware."""
    found = _VERSION.search(text)
    if not found:
        raise ValueError("'display version' does not look like H3C Comware")
    numbers = tuple(int(part) for part in found["number"].split("."))
    uptime, image = _UPTIME.search(text), _IMAGE.search(text)
    return DeviceFacts(
        platform="h3c_comware",
        hostname=hostname,
        version=found["number"] + (f", {found['release']}" if found["release"] else ""),
        model=uptime["model"] if uptime else "",
        dialect=dialect(numbers[0]),
        image=image["image"] if image else "",
        numbers=numbers,
    )


def dialect(major: int) -> str:
    """`comware5` (and the Comware 3 that came before it, with the same words) or `comware7`."""
    return V7 if major >= 7 else V5
