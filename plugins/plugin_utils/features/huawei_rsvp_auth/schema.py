# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of RSVP-TE authentication on VRP: shape, ranges and defaults.

Source: NE40E V800R012C10 command reference, "MPLS TE" (ranges and defaults of every value below).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ...engine.schema import Group, Items, Leaf, Node, Values, printable
from ...engine.secret import CLEAR, Secret

CIPHER = "vrp-cipher"
DEFAULT_REFRESH = 30
"""Seconds between RSVP refresh messages."""
DEFAULT_LIFETIME = "00:30:00"

_CIPHER_TEXT = re.compile(r"^(?:%\^%#.*%\^%#|@%@%.*@%@%|%@%@.*%@%@|%\$%\$.*%\$%\$|%\+%##.*%\+%#)$")
_SECONDS, _CLOCK = re.compile(r"\d{1,5}"), re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}")
_INTERFACE = re.compile(r"((?:\d+(?:\|\d+)*)?[A-Za-z][A-Za-z-]*?)(\d[\d/.:]*)")
_SHORT_TYPES = {"ge": "GigabitEthernet", "xge": "XGigabitEthernet", "gi": "GigabitEthernet", "eth-trunk": "Eth-Trunk"}


def encoding(text: str) -> str:
    """`vrp-cipher` for a text that a VRP device has encrypted, else clear."""
    return CIPHER if _CIPHER_TEXT.match(text) and len(text) >= 20 else CLEAR


def key(value: Any) -> Secret:
    """A key as VRP takes it: 1 to 255 characters, or 20 to 392 of cipher text; no blanks, no question mark.

    A quotation mark in front would begin a quoted key, which not all families know.
    """
    text = value.reveal() if isinstance(value, Secret) else str(value)
    kind = encoding(text)
    longest = 255 if kind == CLEAR else 392
    if not printable(text, longest) or (kind == CLEAR and (text.startswith('"') or "?" in text)):
        raise ValueError(
            f"use 1 to {longest} printable characters without blanks and question marks, the first no quotation mark"
        )
    return Secret(text, kind)


def duration(value: Any) -> str:
    """HH:MM:SS. YAML reads an unquoted 12:30:00 as a number of seconds; that is understood too."""
    hint = "use HH:MM:SS (quoted) from 00:00:01 to 23:59:59"
    text = str(value).strip()
    if _SECONDS.fullmatch(text):
        text = f"{int(text) // 3600:02d}:{int(text) // 60 % 60:02d}:{int(text) % 60:02d}"
    if not _CLOCK.fullmatch(text):
        raise ValueError(hint)
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    if hours > 23 or minutes > 59 or seconds > 59 or not hours + minutes + seconds:
        raise ValueError(hint)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def seconds(text: str) -> int:
    """HH:MM:SS in seconds."""
    hours, minutes, rest = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def interface(value: Any) -> str:
    """An interface name as VRP prints it: no blank before the number, types written out (some begin with digits)."""
    found = _INTERFACE.fullmatch("".join(str(value).split()))
    if not found:
        raise ValueError("use an interface name such as GigabitEthernet0/3/7")
    return _SHORT_TYPES.get(found[1].lower(), found[1]) + found[2]


def address(value: Any) -> str:
    """An IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(str(value)))
    except ValueError:
        raise ValueError("use an IPv4 address such as 10.1.1.2") from None


def keychain(value: Any) -> str:
    """A keychain name; VRP's pages disagree on case, YANG knows lower case only, so names are lower case here."""
    text = str(value).lower()
    if not printable(text, 47) or "?" in text:
        raise ValueError("use 1 to 47 printable characters without blanks and question marks")
    return text


_AUTHENTICATION = Group(
    {
        "mode": Leaf("str", choices=("cipher", "plain", "keychain"), required=True),
        "key": Leaf("secret", normal=key, encoding=encoding),
        "keychain": Leaf("str", normal=keychain),
    },
    atomic=True,
)
_VIEW: dict[str, Node] = {
    "authentication": _AUTHENTICATION,
    "handshake": Leaf("bool", default=False),
    "lifetime": Leaf("str", default=DEFAULT_LIFETIME, normal=duration),
    "window_size": Leaf("int", default=1, range=(1, 64)),
}

SCHEMA = Group(
    {
        "interfaces": Items(
            "name",
            {"name": Leaf("str", normal=interface), **_VIEW, "enabled": Values(internal=True)},
        ),
        "peers": Items("address", {"address": Leaf("str", normal=address), **_VIEW}, owned=True),
        "timers": Group(
            {
                "refresh": Leaf("int", default=DEFAULT_REFRESH, range=(10, 65535)),
                "keep_multiplier": Leaf("int", default=3, range=(3, 255)),
                "challenge_lost": Leaf("int", default=3, range=(1, 10)),
                "challenge_retransmit": Leaf("int", default=1000, range=(500, 10000)),
            }
        ),
        # Lines of the MPLS view (and "mpls" itself) that RSVP-TE needs: facts of the device, added only on request.
        "enabled": Values(internal=True),
    }
)
