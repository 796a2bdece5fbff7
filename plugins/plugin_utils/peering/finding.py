# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as data, and what is found against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..engine.secret import Secret

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the worst to the mildest."""
Scope = Literal["device", "peering", "fleet"]
Origin = Literal["intent", "host_vars", "gathered"]
ORIGINS: tuple[Origin, ...] = ("intent", "host_vars", "gathered")


@dataclass(frozen=True)
class Breach:
    """One place where a rule is broken: which hosts, what each has (in the same order), what that means.

    Values are for people: of secrets only whether they are the same.
    """

    hosts: tuple[str, ...]
    values: tuple[str, ...]
    text: str
    fix: str = ""


Check: TypeAlias = Callable[..., Iterator[Breach]]


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    `scope`: judged on one device, on the ends of one peering, or over all peerings. `text` says why it must hold,
    `source` who says so. `assumed`: the vendor does not say it clearly, so it is never an error.
    """

    id: str
    title: str
    severity: Severity
    source: str
    text: str
    fix: str
    scope: Scope
    check: Check = field(repr=False, compare=False)
    assumed: bool = False


@dataclass(frozen=True)
class Kept:
    """A numbered rule of a reference that lint need not judge: `how` tells what keeps it."""

    id: str
    title: str
    source: str
    how: str


@dataclass(frozen=True)
class Finding:
    """A rule that is broken. `origins`: in which inputs. `peering` is empty for what concerns one device alone."""

    rule: str
    severity: Severity
    title: str
    text: str
    fix: str
    source: str
    hosts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    peering: str = ""
    origins: tuple[Origin, ...] = ("intent",)

    def __str__(self) -> str:
        place = f"{self.peering}: " if self.peering else ""
        return f"{place}{self.text} {self.fix} [{self.rule}]".replace("  ", " ")

    def shown(self) -> dict[str, Any]:
        """Plain data for results and reports."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "title": self.title,
            "peering": self.peering,
            "hosts": list(self.hosts),
            "values": list(self.values),
            "text": self.text,
            "fix": self.fix,
            "source": self.source,
            "origins": list(self.origins),
        }


class Group:
    """The rules of one file, in order. Its decorators make rules out of check functions."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.rules: list[Rule] = []
        self.kept: list[Kept] = []

    def rule(
        self,
        number: str,
        title: str,
        *,
        scope: Scope,
        source: str,
        text: str,
        fix: str,
        severity: Severity = "error",
        assumed: bool = False,
    ) -> Callable[[Check], Check]:
        """Declare a rule; the decorated function yields a Breach for each place where it is broken."""
        if assumed and severity == "error":
            raise ValueError(f"{self.prefix}/{number}: what is only assumed is no error")

        def declare(check: Check) -> Check:
            self.rules.append(
                Rule(f"{self.prefix}/{number}", title, severity, source, text, fix, scope, check, assumed)
            )
            return check

        return declare

    def keeps(self, number: str, title: str, *, source: str, how: str) -> None:
        """Declare a numbered rule that needs no judging."""
        self.kept.append(Kept(f"{self.prefix}/{number}", title, source, how))


def same_secret(one: Secret | None, other: Secret | None) -> bool | None:
    """Whether two secrets are the same; None where that cannot be told (encrypted, masked, unknown)."""
    if one is None or other is None or MASKED in (one.encoding, other.encoding):
        return None
    return one.same_as(other)


MASKED = "masked"
"""The encoding of a secret of which only the mask is there (gathered facts)."""


def compared(same: bool | None) -> tuple[str, str]:
    """Two secrets for people."""
    words = {True: "same", False: "differ", None: "cannot be compared"}[same]
    return words, words
