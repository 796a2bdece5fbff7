# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cipher texts as VRP shows them (``%^%#...%^%#``): reversible inside one device, different on every entry.

This is an emulator's scrambling, not Huawei's algorithm and not a protection.
"""

from __future__ import annotations

import base64
import hashlib
import os

MARK = "%^%#"
MIN_CIPHER, MAX_CIPHER = 20, 392
_BLOCK = 16
_NONCE = 4
# '?' would open the help while typing, and real cipher texts contain quotes: swap them into the alphabet.
_FROM, _TO = "?~|", "\"'["
_OUT, _BACK = str.maketrans(_FROM, _TO), str.maketrans(_TO, _FROM)


def looks_encrypted(text: str) -> bool:
    """Whether ``text`` has the shape of a cipher text."""
    return MIN_CIPHER <= len(text) <= MAX_CIPHER and text.startswith(MARK) and text.endswith(MARK)


def encrypt(secret: str, device_key: bytes) -> str:
    """``secret`` as cipher text; every call gives another one."""
    raw = secret.encode()
    body = bytes([len(raw) // 256, len(raw) % 256]) + raw
    body += bytes(-(len(body) + _NONCE) % _BLOCK)
    nonce = os.urandom(_NONCE)
    mixed = bytes(a ^ b for a, b in zip(body, _stream(device_key, nonce, len(body)), strict=True))
    return MARK + base64.b85encode(nonce + mixed).decode().translate(_OUT) + MARK


def decrypt(text: str, device_key: bytes) -> str:
    """The secret behind ``text``; a text of another device stands for itself (nobody can read it here)."""
    try:
        raw = base64.b85decode(text[len(MARK) : -len(MARK)].translate(_BACK))
    except ValueError:
        return text
    nonce, mixed = raw[:_NONCE], raw[_NONCE:]
    body = bytes(a ^ b for a, b in zip(mixed, _stream(device_key, nonce, len(mixed)), strict=True))
    if len(body) < 2:
        return text
    length = body[0] * 256 + body[1]
    if length > len(body) - 2 or any(body[2 + length :]):
        return text
    try:
        return body[2 : 2 + length].decode()
    except UnicodeDecodeError:
        return text


def _stream(key: bytes, nonce: bytes, length: int) -> bytes:
    out = b""
    counter = 0
    while len(out) < length:
        out += hashlib.sha256(key + nonce + counter.to_bytes(4, "big")).digest()
        counter += 1
    return out[:length]
