# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding emulators: one folder below ``platforms/`` per operating system, imported only when a lab uses it."""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import LabError

if TYPE_CHECKING:
    from .device import Device


@lru_cache(maxsize=1)
def known_platforms() -> tuple[str, ...]:
    """Names of all platforms that have a folder with a ``device.py``."""
    root = Path(__file__).with_name("platforms")
    return tuple(sorted(path.parent.name for path in root.glob("*/device.py")))


def speaks_netconf(platform: str) -> bool:
    """Whether the emulator of ``platform`` has a NETCONF side: a ``netconf.py`` in its folder."""
    return Path(__file__).with_name("platforms").joinpath(platform, "netconf.py").is_file()


def device_class(platform: str) -> type[Device]:
    """The emulator class of ``platform``: the name ``DEVICE`` in ``platforms/<platform>/device.py``."""
    if platform not in known_platforms():
        raise LabError(f"There is no emulator for platform '{platform}'.")
    module = importlib.import_module(f".platforms.{platform}.device", __package__)
    found: type[Device] = module.DEVICE
    return found
