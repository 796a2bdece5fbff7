# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding platforms and features by name: one folder each, nothing to register."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from .engine.feature import Feature
from .platforms.base import Platform

COLLECTION = "netops.peerguard"


@cache
def platform(name: str) -> Platform:
    """A platform by its folder name, with or without the collection's name in front. Raises KeyError."""
    short = name.removeprefix(f"{COLLECTION}.")
    if short not in platforms():
        raise KeyError(
            f"{name} is not a platform; the platforms are {', '.join(f'{COLLECTION}.{p}' for p in platforms())}"
        )
    found: Platform = importlib.import_module(f"{__package__}.platforms.{short}.platform").PLATFORM
    return found


@cache
def feature(name: str) -> Feature:
    """A feature by its folder name. Raises KeyError."""
    if name not in features():
        raise KeyError(f"{name} is not a feature; the features are {', '.join(features())}")
    found: Feature = importlib.import_module(f"{__package__}.features.{name}.feature").FEATURE
    return found


def platforms() -> tuple[str, ...]:
    """The names of all platforms."""
    return _folders("platforms")


def features() -> tuple[str, ...]:
    """The names of all features."""
    return _folders("features")


def features_of(platform_name: str) -> tuple[str, ...]:
    """The names of a platform's features."""
    return tuple(name for name in features() if feature(name).platform == platform_name)


@cache
def _folders(kind: str) -> tuple[str, ...]:
    root = Path(__file__).parent / kind
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{kind[:-1]}.py")))
