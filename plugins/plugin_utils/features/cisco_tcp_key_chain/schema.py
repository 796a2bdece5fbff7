# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of TCP key chains on IOS XE: shape, ranges and defaults.

Sources: IOS XE 17.x IP Routing guide, "LISP Support for TCP Authentication Option" (ids, algorithms, flags);
Cisco-IOS-XE-crypto YANG 17.12 (name and key lengths, years, durations).
"""

from __future__ import annotations

from typing import Any

from ...engine.schema import Group, Items, Leaf, Node, printable
from ...engine.secret import CLEAR, Secret
from ...platforms.cisco_iosxe import keys, times

LONGEST_NAME = 256
"""Characters of a chain's name on the CLI."""
LONGEST_MODEL_NAME = 236
"""Characters that the YANG models since 17.5.1 take."""
LONGEST_KEY = 80
"""Characters of a key string in clear text."""
ALGORITHMS = ("aes-128-cmac", "hmac-sha-1", "hmac-sha-256")
WIDE_ALGORITHM = "hmac-sha-256"
"""Its MAC takes 32 of the 40 bytes that TCP has for options; those of the others take 12."""


def name(value: Any) -> str:
    """A chain's name."""
    text = str(value)
    if not printable(text, LONGEST_NAME) or "?" in text:
        raise ValueError(f"use 1 to {LONGEST_NAME} printable characters without blanks and question marks")
    return text


def key_string(value: Any) -> Secret:
    """A key in clear text, or as a device has printed it (`7 HEX`, `6 CIPHER`)."""
    secret = keys.given(value)
    if secret.encoding == CLEAR:
        text = secret.reveal()
        if not printable(text, LONGEST_KEY, blanks=True) or not text.strip() or "?" in text:
            raise ValueError(f"use 1 to {LONGEST_KEY} printable ASCII characters without question marks")
    return secret


_LIFETIME = Group(
    {
        "start": Leaf("str", normal=times.instant, required=True),
        "end": Leaf("str", normal=times.instant),
        "duration": Leaf("int", range=(1, times.LONGEST_DURATION)),
        "infinite": Leaf("bool", default=False),
        "local": Leaf("bool", default=False),
    },
    atomic=True,
)
_KEY: dict[str, Node] = {
    "id": Leaf("int", range=(0, 2147483647)),
    "send_id": Leaf("int", range=(0, 255)),
    "recv_id": Leaf("int", range=(0, 255)),
    "algorithm": Leaf("str", choices=ALGORITHMS),
    "key_string": Leaf("secret", normal=key_string),
    "include_tcp_options": Leaf("bool", default=False),
    "accept_ao_mismatch": Leaf("bool", default=False),
    "send_lifetime": _LIFETIME,
    "accept_lifetime": _LIFETIME,
}

SCHEMA = Items(
    "name",
    {"name": Leaf("str", normal=name), "keys": Items("id", _KEY, owned=True)},
    owned=True,
)
