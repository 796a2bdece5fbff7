# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cipher texts as Comware shows them (base64; V7 with ``$c$3$`` in front): reversible inside one device only.

This is an emulator's scrambling, not H3C's algorithm and not a protection. Every encryption gives another text.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os

_NONCE, _CHECK = 4, 4
V7_MARK = "$c$3$"


def encrypt(secret: str, device_key: bytes, *, v5: bool) -> str:
    """``secret`` as cipher text of the device that owns ``device_key``."""
    nonce, raw = os.urandom(_NONCE), secret.encode()
    mixed = bytes(a ^ b for a, b in zip(raw, _stream(device_key, nonce, len(raw)), strict=True))
    text = base64.b64encode(nonce + _check(device_key, nonce, raw) + mixed).decode()
    return text if v5 else V7_MARK + text


def decrypt(text: str, device_key: bytes) -> str | None:
    """The secret behind ``text``, or None when this device has not made it."""
    try:
        raw = base64.b64decode(text.removeprefix(V7_MARK), validate=True)
    except (binascii.Error, ValueError):
        return None
    nonce, check, mixed = raw[:_NONCE], raw[_NONCE : _NONCE + _CHECK], raw[_NONCE + _CHECK :]
    body = bytes(a ^ b for a, b in zip(mixed, _stream(device_key, nonce, len(mixed)), strict=True))
    if not check or _check(device_key, nonce, body) != check:
        return None
    return body.decode()


def _check(key: bytes, nonce: bytes, body: bytes) -> bytes:
    return hashlib.sha256(b"check" + key + nonce + body).digest()[:_CHECK]


def _stream(key: bytes, nonce: bytes, length: int) -> bytes:
    out = b""
    counter = 0
    while len(out) < length:
        out += hashlib.sha256(key + nonce + counter.to_bytes(4, "big")).digest()
        counter += 1
    return out[:length]
