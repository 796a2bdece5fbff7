# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets as IOS XE shows them: type 7 (the well-known reversible one) and type 6 (under a master key).

Type 7 is the real algorithm, because clients decode it. Type 6 only looks real: its alphabet and its lengths are, the
cipher is this emulator's own scrambling and no protection.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_TABLE = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_LOW, _HIGH = ord("A"), ord("z")  # letters, [ \ ] ^ _ and the back-tick
_BASE = _HIGH - _LOW + 1
_NONCE = 4


def type7(clear: str) -> str:
    """``clear`` as type 7 with a random salt."""
    salt = secrets.randbelow(16)
    body = "".join(f"{byte ^ _TABLE[(salt + at) % len(_TABLE)]:02X}" for at, byte in enumerate(clear.encode()))
    return f"{salt:02d}{body}"


def clear7(text: str) -> str | None:
    """What a type 7 text stands for; None when it is not one."""
    if not re.fullmatch(r"\d\d(?:[0-9A-Fa-f]{2})+", text) or int(text[:2]) > 52:
        return None
    salt, body = int(text[:2]), bytes.fromhex(text[2:])
    return bytes(byte ^ _TABLE[(salt + at) % len(_TABLE)] for at, byte in enumerate(body)).decode("utf-8", "replace")


def type6(clear: str, master: str) -> str:
    """``clear`` as type 6 under a master key; every call gives another text."""
    nonce = secrets.token_bytes(_NONCE)
    raw = clear.encode()
    mixed = bytes(a ^ b for a, b in zip(raw, _stream(master, nonce, len(raw)), strict=True))
    number = int.from_bytes(b"\x01" + nonce + mixed + _check(master, raw), "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, _BASE)
        digits.append(chr(_LOW + digit))
    return "".join(reversed(digits))


def clear6(text: str, master: str | None) -> str | None:
    """What a type 6 text stands for; None without the right master key."""
    if master is None or any(not _LOW <= ord(char) <= _HIGH for char in text):
        return None
    number = 0
    for char in text:
        number = number * _BASE + ord(char) - _LOW
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")[1:]
    if len(raw) < _NONCE + 2:
        return None
    nonce, mixed, check = raw[:_NONCE], raw[_NONCE:-2], raw[-2:]
    clear = bytes(a ^ b for a, b in zip(mixed, _stream(master, nonce, len(mixed)), strict=True))
    return clear.decode("utf-8", "replace") if _check(master, clear) == check else None


def _check(master: str, clear: bytes) -> bytes:
    return hashlib.sha256(b"check" + master.encode() + clear).digest()[:2]


def _stream(master: str, nonce: bytes, length: int) -> bytes:
    out = b""
    while len(out) < length:
        out += hashlib.sha256(master.encode() + nonce + len(out).to_bytes(4, "big")).digest()
    return out[:length]
