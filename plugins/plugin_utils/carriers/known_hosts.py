# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys that are read when a host is asked for, and only those of that host.

paramiko makes a key out of every line and compares it with all before it, at every login: seconds where a file knows
thousands of devices. Here the names decide first, by the rules of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
"""

from __future__ import annotations

import binascii
import hmac
import re
from pathlib import Path
from typing import Any, NamedTuple

try:
    import paramiko
    from paramiko.hostkeys import HostKeyEntry, HostKeys
except ImportError:  # the sanity tests import every file without third-party packages
    paramiko = HostKeyEntry = None
    HostKeys = object

REVOKED = "@revoked"


class RevokedHostKey(Exception):
    """All keys of a host are revoked, or a line that revokes one of them cannot be read: none can be trusted."""


class Line(NamedTuple):
    """A line of a file of known hosts. `key` is in base64."""

    marker: str
    names: str
    kind: str
    key: str


class KnownHosts(HostKeys):  # type: ignore[misc]
    """paramiko's table of host keys: what it says of a host is what OpenSSH's rules say, revoked keys left out.

    It knows of keys only what was asked, so it cannot be saved: it is for reading, where no new key is ever accepted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._asked: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._lines or self._entries)

    def load(self, filename: str) -> None:
        """Take the lines of a file. Raises OSError."""
        # Not splitlines: what else it takes for the end of a line may stand in a comment.
        self._lines += Path(filename).read_text("utf-8", "replace").split("\n")
        self._asked.clear()

    def save(self, filename: str) -> None:
        raise NotImplementedError("a table that knows only some of its hosts would lose the others")

    def lookup(self, hostname: str) -> Any:
        """Kinds of keys and keys of a host as it is looked up: `name`, or `[name]:port`. Raises RevokedHostKey."""
        if hostname not in self._asked:
            self._entries += _entries(self._lines, hostname)
            self._asked.add(hostname)
        return super().lookup(hostname)


def _entries(lines: list[str], hostname: str) -> list[Any]:
    """The keys for a host, those of lines that name it before those of patterns. Raises RevokedHostKey."""
    named: list[Any] = []
    matched: list[Any] = []
    revoked: set[bytes] = set()
    for text in lines:
        how = _how(text, hostname)
        if how is None:
            continue
        line, by_name = how
        try:
            key = _key(line)
        except ValueError:
            if line.marker:
                raise RevokedHostKey(f"a line with {REVOKED} for {hostname} cannot be read") from None
            continue  # what cannot be read is not trusted
        if key is None:
            continue
        if line.marker:
            revoked.add(key.asbytes())
        else:
            (named if by_name else matched).append(key)
    keys = [*named, *matched]
    trusted = [key for key in keys if key.asbytes() not in revoked]
    if keys and not trusted:
        raise RevokedHostKey(f"all that is known of {hostname} is revoked")
    return [HostKeyEntry([hostname], key) for key in trusted]


def _how(text: str, hostname: str) -> tuple[Line, bool] | None:
    """The line, and whether it names the host (else by a pattern); None where it is not for this host."""
    fields = text.split(None, 4)
    if not fields or fields[0].startswith("#"):
        return None
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    if len(fields) < 3 or marker not in ("", REVOKED):  # what an authority has signed is not understood here
        return None
    found = _match(fields[0], hostname)
    return None if found is None else (Line(marker, *fields[:3]), found)


def _match(names: str, hostname: str) -> bool | None:
    """True: a line with these names names the host; False: by a pattern; None: it is for other hosts."""
    lower, how = hostname.lower(), None
    for name in names.split(","):
        if name.startswith("|1|"):
            if any(_hashed(name, spelling) for spelling in (lower, hostname)):
                how = True
        elif name == hostname or name.lower() == lower:
            how = True
        elif name.startswith("!"):
            if _like(name[1:].lower(), lower):
                return None
        elif ("*" in name or "?" in name) and _like(name.lower(), lower):
            how = how or False
    return how


def _like(pattern: str, hostname: str) -> bool:
    """Patterns as OpenSSH has them: `*` is any text and `?` one character; brackets are brackets."""
    words = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(words, hostname, re.DOTALL) is not None


def _hashed(name: str, hostname: str) -> bool:
    """Whether a hashed name, `|1|SALT|HASH`, is this host's."""
    try:
        salt, digest = map(binascii.a2b_base64, name[3:].split("|"))
    except ValueError:
        return False
    return hmac.digest(salt, hostname.encode(), "sha1") == digest


def _key(line: Line) -> Any:
    """The key of a line; None where it is of a kind that is not known here. Raises ValueError."""
    try:
        wire = binascii.a2b_base64(line.key)
        key = paramiko.PKey.from_type_string(line.kind, wire)
    except paramiko.pkey.UnknownKeyType:
        return None
    except Exception as problem:  # noqa: BLE001 - paramiko and cryptography raise anything about bytes that are no key
        raise ValueError(f"no key of the kind {line.kind}: {type(problem).__name__}") from None
    if line.marker and key.asbytes() != wire:  # paramiko fills up what was cut: another key than the one meant
        raise ValueError("a key that is cut")
    return key
