# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding kinds of peerings and groups of rules by name: one file each, nothing to register."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .finding import Kept, Rule
    from .kind import Kind


@cache
def kind(name: str) -> Kind:
    """A kind of peering. Raises KeyError."""
    if name not in kinds():
        raise KeyError(f"{name} is not a kind of peering; the kinds are {', '.join(kinds())}")
    found: Kind = importlib.import_module(f"{__package__}.kinds.{name}").KIND
    return found


def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return _files("kinds")


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule that lint judges, by id."""
    found: list[Rule] = []
    for name in _files("rules"):
        found += importlib.import_module(f"{__package__}.rules.{name}").RULES
    return tuple(found)


@cache
def kept() -> tuple[Kept, ...]:
    """The numbered rules that need no judging: what the collection does keeps them."""
    found: list[Kept] = []
    for name in _files("rules"):
        found += importlib.import_module(f"{__package__}.rules.{name}").KEPT
    return tuple(found)


@cache
def _files(folder: str) -> tuple[str, ...]:
    paths = (Path(__file__).parent / folder).glob("*.py")
    return tuple(sorted(path.stem for path in paths if path.stem != "__init__"))
