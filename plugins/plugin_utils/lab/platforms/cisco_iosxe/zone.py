# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device's time zone (``clock timezone CET 1 0``) and IOS's ways to write time down."""

from __future__ import annotations

import calendar
import math
import re
import time
from dataclasses import dataclass

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Zone:
    """Name and offset in seconds; summer time is not modelled."""

    name: str = "UTC"
    offset: int = 0


def zone_of(value: str | None) -> Zone:
    """The zone of what follows ``clock timezone``; UTC without it."""
    found = re.fullmatch(r"(\S+) (-?\d+)(?: (\d+))?.*", value or "")
    if found is None:
        return Zone()
    hours, minutes = int(found.group(2)), int(found.group(3) or 0)
    return Zone(found.group(1), (abs(hours) * 3600 + minutes * 60) * (-1 if hours < 0 else 1))


def moment(clock: str, month: str, day: str, year: str, offset: int = 0) -> float:
    """Seconds since the epoch of ``12:00:00``, ``Feb``, ``28``, ``2031`` in a zone; ValueError when there is no such
    day."""
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    number = MONTHS.index(month[:3].title()) + 1
    if not 1 <= int(day) <= calendar.monthrange(int(year), number)[1]:
        raise ValueError(day)
    return calendar.timegm((int(year), number, int(day), hours, minutes, seconds)) - offset


def long_date(when: float, zone: Zone) -> str:
    """``00:00:00 UTC Mar 1 2026``"""
    local = time.gmtime(when + zone.offset)
    return f"{time.strftime('%H:%M:%S', local)} {zone.name} {MONTHS[local.tm_mon - 1]} {local.tm_mday} {local.tm_year}"


def stamp(when: float, zone: Zone) -> str:
    """``09:20:00 UTC Wed May 14 2031``"""
    local = time.gmtime(when + zone.offset)
    day = f"{time.strftime('%a %b', local)} {local.tm_mday} {local.tm_year}"
    return f"{time.strftime('%H:%M:%S', local)} {zone.name} {day}"


def age(seconds: float) -> str:
    """``00:41:07``, ``1d02h``, ``2w4d``."""
    total = max(0, math.floor(seconds))
    if total < 86400:
        return f"{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}"
    days = total // 86400
    if days < 7:
        return f"{days}d{total // 3600 % 24:02d}h"
    return f"{days // 7}w{days % 7}d"
