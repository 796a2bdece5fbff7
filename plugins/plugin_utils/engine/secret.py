# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets as a type.

A `Secret` prints as `********` wherever it ends up. Text that is compared, planned, diffed or logged never holds a
secret either: it holds a *seal*, an opaque word that is equal for equal secrets. Only a session, at the moment it
writes to the device, breaks the seals of a line (`SecretBook.reveal`).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from html import escape
from typing import Any, NoReturn

MASK = "********"
CLEAR = "clear"

_SEAL = re.compile(r"__secret_[0-9a-f]{24}__")
_SHORTEST_SCRUBBED = 3  # a one- or two-character key would turn every output into asterisks


class Secret:
    """A key or password: its text and how that text is encoded.

    `encoding` is `clear`, or the name of an irreversible device encoding (a cipher text that only that device reads).
    """

    __slots__ = ("_text", "encoding")

    def __init__(self, text: str, encoding: str = CLEAR) -> None:
        self._text = str(text)
        self.encoding = encoding

    def reveal(self) -> str:
        """The text itself. Call it where the device reads it, nowhere else."""
        return self._text

    def typed(self) -> str:
        """The words that stand for it in a command line; an OS whose lines say how a key is encoded has others."""
        return self._text

    def same_as(self, other: Secret) -> bool | None:
        """True or False where the two can be compared, None where an irreversible cipher text prevents it."""
        if self.encoding == other.encoding:
            if self._text == other._text:
                return True
            # The same key is encrypted differently each time: two different cipher texts prove nothing.
            return False if self.encoding == CLEAR else None
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._text, self.encoding) == (other._text, other.encoding)

    def __hash__(self) -> int:
        return hash((self._text, self.encoding))

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")


class WrittenSecret(Secret):
    """A secret, and the words in which a device's configuration has it."""

    __slots__ = ("_written",)

    def __init__(self, text: str, encoding: str, written: str) -> None:
        super().__init__(text, encoding)
        self._written = written

    def typed(self) -> str:
        return self._written


class Seal(str):
    """The opaque stand-in of a secret in rendered text; templates may look at its `encoding`."""

    __slots__ = ("encoding",)
    encoding: str


class SecretBook:
    """Which seal stands for which secret, for the length of one task."""

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._secrets: dict[str, Secret] = {}
        self._literals: set[str] = set()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SecretBook is not serialised")

    def add(self, *texts: str | None) -> None:
        """Remember texts (passwords) that `scrub` shall remove though they are never sealed."""
        self._literals.update(text for text in texts if text)

    def seal(self, secret: Secret) -> Seal:
        """The seal of a secret: equal secrets have equal seals, nothing about the secret can be read from it."""
        digest = hmac.new(self._salt, f"{secret.encoding}\0{secret.reveal()}".encode(), hashlib.sha256).hexdigest()
        seal = Seal(f"__secret_{digest[:24]}__")
        seal.encoding = secret.encoding
        self._secrets[seal] = secret
        self._literals.update((secret.reveal(), secret.typed(), escape(secret.reveal(), quote=False)))
        return seal

    def seal_model(self, model: Any) -> Any:
        """The same plain data with every Secret replaced by its seal."""
        if isinstance(model, Secret):
            return self.seal(model)
        if isinstance(model, dict):
            return {name: self.seal_model(value) for name, value in model.items()}
        if isinstance(model, list | tuple):
            return [self.seal_model(value) for value in model]
        return model

    def reveal(self, line: str) -> str:
        """The line as the device must read it."""
        return _SEAL.sub(lambda found: self._secrets[found[0]].typed(), line)

    def opened(self, seal: str) -> Secret | None:
        """The secret behind a text that is a seal and nothing else; None for any other text."""
        return self._secrets.get(seal)

    def literals(self) -> frozenset[str]:
        """Every text that must not be seen; for the logs of the carriers."""
        return frozenset(self._literals)

    def scrub(self, text: str) -> str:
        """Any text (device output, an exception) without secrets, sealed or literal."""
        text = mask(text)
        for literal in sorted(self._literals, key=len, reverse=True):
            if len(literal) >= _SHORTEST_SCRUBBED:
                text = text.replace(literal, MASK)
        return text


def mask(text: str) -> str:
    """Sealed text for people: every seal is `********`."""
    return _SEAL.sub(MASK, text)


def mask_pair(before: str, after: str) -> tuple[str, str]:
    """Two sealed texts for a diff: a secret that only the second holds is marked, else its change would not show."""
    known = set(_SEAL.findall(before))
    return mask(before), _SEAL.sub(lambda found: MASK if found[0] in known else f"{MASK} (new)", after)


def mask_model(model: Any) -> Any:
    """Plain data for a result: every Secret is `********`."""
    if isinstance(model, Secret):
        return MASK
    if isinstance(model, dict):
        return {name: mask_model(value) for name, value in model.items()}
    if isinstance(model, list | tuple):
        return [mask_model(value) for value in model]
    return model


def scrub_native(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    """Native configuration without the values of secrets; each pattern's group `secret` is what must go."""
    for pattern in patterns:
        text = pattern.sub(_without_group, text)
    return text


def _without_group(found: re.Match[str], instead: str = MASK) -> str:
    start, end = found.span("secret")
    offset = found.start()
    whole = found[0]
    return whole[: start - offset] + instead + whole[end - offset :]


def seal_native(text: str, patterns: Iterable[re.Pattern[str]], book: SecretBook) -> str:
    """Native configuration with a seal in the place of every secret that `patterns` find."""

    def sealed(found: re.Match[str]) -> str:
        words = found["secret"]
        return found[0] if _SEAL.fullmatch(words) else _without_group(found, book.seal(Secret(words)))

    for pattern in patterns:
        text = pattern.sub(sealed, text)
    return text


_ENCODED = re.compile(rf"(?:\b(?:[0-9]|cipher|simple|plain|hash|irreversible-cipher) )?{_SEAL.pattern}")
"""A seal with the word or number before it that says how the key is encoded."""


def same_but_for_secrets(one: str, other: str) -> bool:
    """Whether two sealed lines are the same, whatever their keys are and however these are encoded."""
    return one == other or _ENCODED.sub(MASK, one) == _ENCODED.sub(MASK, other)


def same_secrets(one: str, other: str) -> bool:
    """Whether two sealed lines hold the same keys in the same form."""
    return _SEAL.findall(one) == _SEAL.findall(other)
