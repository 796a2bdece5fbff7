# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`show system` and `show config` of AlliedWare."""

from __future__ import annotations

import re

from ...engine.device import DeviceFacts

RETRY_SINCE = (2, 8, 1)
"""The release that brought msgbackoff, retryikeattempts and the message defaults (Release Note 2.8.1, pp. 170–171)."""

_VERSION = re.compile(
    r"\b(?:version\s+|(?:software|release) version\s*[:.]+\s*)(?P<number>\d+\.\d+\.\d+)(?P<rest>-\d+\w*)?",
    re.IGNORECASE,
)
_MODEL = re.compile(r"(?:Allied Teles(?:is|yn)(?: International)?)\s+(?P<model>\S+)\s+version", re.IGNORECASE)
_BASE = re.compile(r"^\s*Base\b(?P<columns>.*\S)\s*$", re.MULTILINE)
_GAP = re.compile(r"\s{2,}")
_BOARD = re.compile(r"(?:AT-|AR\d|x\d)")
_PLUS = re.compile(r"AlliedWare Plus", re.IGNORECASE)
_BOOT = re.compile(r"^\s*boot\s+conf\w*(?:\s+file)?\s*(?:[:.]+|=)\s*(?P<file>\S+)", re.IGNORECASE | re.MULTILINE)
_FILE = re.compile(r"^(?:[\w-]+:)?[\w-]+\.\w{1,3}$")


def parse_system(text: str, hostname: str = "") -> DeviceFacts:
    """Facts from `show system`. Raises ValueError when it is not one of AlliedWare."""
    if _PLUS.search(text):
        raise ValueError("this is AlliedWare Plus, another operating system than AlliedWare")
    found = _VERSION.search(text)
    if not found:
        raise ValueError("'show system' does not look like AlliedWare")
    model, base = _MODEL.search(text), _BASE.search(text)
    columns = _GAP.split(base["columns"].strip()) if base else []
    board = next((word for word in " ".join(columns).split() if _BOARD.match(word)), "")
    return DeviceFacts(
        platform="allied_alliedware",
        hostname=hostname,
        version=found["number"] + (found["rest"] or ""),
        model=model["model"] if model else board,
        serial=columns[-1].split()[-1] if columns else "",
        numbers=tuple(int(part) for part in found["number"].split(".")),
    )


def boot_file(text: str) -> str | None:
    """The file that the device starts from, as `show config` names it; None when it names none."""
    found = _BOOT.search(text)
    return found["file"] if found and _FILE.match(found["file"]) else None
