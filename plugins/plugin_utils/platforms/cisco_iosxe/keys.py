# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as IOS writes them: in clear text (0), reversibly scrambled (7) or encrypted with the master key (6).

Type 7 is no encryption: every text that it gives can be read back, so such keys are compared by value. The salt (two
decimal digits) may differ each time the device writes the line. Type 6 can be read by that device alone.
"""

from __future__ import annotations

import re

from ...engine.secret import CLEAR, Secret, WrittenSecret

TYPE_6, TYPE_7 = "cisco-6", "cisco-7"

_PAD = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_TYPED = re.compile(r"(?P<type>[067]) (?P<text>.+)", re.DOTALL)
_HEX = re.compile(r"\d\d(?:[0-9A-Fa-f]{2})+")
_TYPE_6_TEXT = re.compile(r"[A-Za-z\[\]^_\\`]{12,}")


def from_config(words: str) -> Secret:
    """The key in a configuration line: `0 TEXT`, `7 HEX`, `6 CIPHER`, or TEXT alone."""
    found = _TYPED.fullmatch(words)
    kind, text = (found["type"], found["text"]) if found else ("0", words)
    if kind == "7":
        clear = decode_7(text.strip())
        return WrittenSecret(text, TYPE_7, words) if clear is None else WrittenSecret(clear, CLEAR, words)
    if kind == "6":
        return WrittenSecret(text.strip(), TYPE_6, words)
    return from_clear(text)


def from_clear(text: str) -> Secret:
    """A key in clear text; it is typed with its type in front, so that a key such as `7 up` stays what it is."""
    return WrittenSecret(text, CLEAR, f"0 {text}")


def given(value: object) -> Secret:
    """What a user gave: a key in clear text, or one that a device has printed, with its type in front."""
    if isinstance(value, Secret):
        return value
    text = str(value)
    found = _TYPED.fullmatch(text)
    if not found:
        return from_clear(text)
    kind, rest = found["type"], found["text"]
    printed = {"0": True, "7": decode_7(rest) is not None, "6": bool(_TYPE_6_TEXT.fullmatch(rest))}
    return from_config(text) if printed[kind] else from_clear(text)


def decode_7(text: str) -> str | None:
    """The clear text of a type 7 text; None when it is not one."""
    if not _HEX.fullmatch(text) or int(text[:2]) >= len(_PAD):
        return None
    salt, scrambled = int(text[:2]), bytes.fromhex(text[2:])
    clear = bytes(byte ^ _PAD[(salt + index) % len(_PAD)] for index, byte in enumerate(scrambled))
    try:
        return clear.decode("ascii")
    except UnicodeDecodeError:
        return None
