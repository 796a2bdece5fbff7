# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates and lifetimes as IOS has them: typed day first or month first, stored month first, to the second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_YEAR, LAST_YEAR = 1993, 2035  # Cisco-IOS-XE-crypto YANG, and the command reference for the first
LONGEST_DURATION = 2147483646  # seconds

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)"
_ZONED = r"(?:\.0+)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_FORMS = (
    re.compile(rf"{_TIME}\s+(?P<month>[A-Za-z]{{3,9}})\s+(?P<day>\d{{1,2}})\s+(?P<year>\d{{4}})"),
    re.compile(rf"{_TIME}\s+(?P<day>\d{{1,2}})\s+(?P<month>[A-Za-z]{{3,9}})\s+(?P<year>\d{{4}})"),
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:[T ]{_TIME}{_ZONED})?"),
)
_HINT = (
    f"use hh:mm:ss Mon D YYYY, hh:mm:ss D Mon YYYY or YYYY-MM-DD hh:mm:ss, from {FIRST_YEAR} to {LAST_YEAR}, "
    "for example 00:00:00 Mar 1 2026"
)


def instant(value: Any) -> str:
    """A time as IOS stores it, `00:00:00 Mar 1 2026`. A time with a zone (ISO 8601) is turned into UTC."""
    text = " ".join(str(value).split())
    found = next((match for match in (form.fullmatch(text) for form in _FORMS) if match), None)
    if not found:
        raise ValueError(_HINT)
    parts = found.groupdict()
    hours, minutes, seconds, *_rest = [int(part) for part in f"{parts['time'] or '0:0'}:0".split(":")]
    try:
        when = datetime(int(parts["year"]), _month(parts["month"]), int(parts["day"]), hours, minutes, seconds)
    except ValueError:
        raise ValueError(_HINT) from None
    when = _in_utc(when, parts.get("zone"))
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise ValueError(_HINT)
    return written(when)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return MONTHS.index(text[:3].capitalize()) + 1


def _in_utc(when: datetime, zone: str | None) -> datetime:
    if zone is None or zone == "Z":
        return when
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return when - offset if zone[0] == "+" else when + offset


def written(when: datetime) -> str:
    """IOS's form of a time."""
    return f"{when:%H:%M:%S} {MONTHS[when.month - 1]} {when.day} {when.year}"


def moment(text: str) -> datetime:
    """The time that `instant` or a configuration has written. No zone: whose it is, the lifetime says."""
    clock, month, day, year = text.split()
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return datetime(int(year), _month(month), int(day), hours, minutes, seconds)


def start_of(lifetime: Mapping[str, Any]) -> datetime:
    return moment(lifetime["start"])


def end_of(lifetime: Mapping[str, Any]) -> datetime:
    """When a lifetime is over; `datetime.max` when never."""
    if lifetime.get("infinite"):
        return datetime.max
    if "duration" in lifetime:
        return start_of(lifetime) + timedelta(seconds=lifetime["duration"])
    return moment(lifetime["end"])


_LIFETIME = re.compile(
    rf"(?P<local>local\s+)?{_TIME}\s+(?P<date>\S+\s+\S+\s+\d{{4}})\s+(?:(?P<infinite>infinite)|duration\s+(?P<duration>\d+)"
    r"|(?P<end>\d{1,2}:\d{2}(?::\d{2})?\s+\S+\s+\S+\s+\d{4}))"
)


def lifetime(words: str) -> dict[str, Any] | None:
    """The words after `send-lifetime` or `accept-lifetime`; None when they are none."""
    found = _LIFETIME.fullmatch(words.strip())
    if not found:
        return None
    result: dict[str, Any] = {"start": instant(f"{found['time']} {found['date']}")}
    if found["infinite"]:
        result["infinite"] = True
    elif found["duration"]:
        result["duration"] = int(found["duration"])
    else:
        result["end"] = instant(found["end"])
    return {**result, "local": True} if found["local"] else result


_CLOCK = re.compile(
    r"^(?P<mark>[*.])?(?P<time>\d{1,2}:\d{2}:\d{2})(?:\.\d+)?\s+\S+\s+\w{3}\s+(?P<date>\w{3}\s+\d{1,2}\s+\d{4})\s*$",
    re.MULTILINE,
)


def clock(text: str) -> tuple[datetime, bool] | None:
    """`show clock`: the device's time in its zone, and whether a time source vouches for it; None when not shown."""
    found = _CLOCK.search(text)
    if not found:
        return None
    return moment(instant(f"{found['time']} {found['date']}")), found["mark"] is None


_ZONE = re.compile(r"^clock timezone \S+ (?P<hours>-?\d{1,2})(?: (?P<minutes>\d{1,2}))?\s*$", re.MULTILINE)


def zone_offset(text: str) -> timedelta:
    """The device's offset to UTC from its `clock timezone` line, without summer time."""
    found = _ZONE.search(text)
    if not found:
        return timedelta(0)
    hours, extra = int(found["hours"]), int(found["minutes"] or 0)
    return timedelta(hours=hours, minutes=-extra if found["hours"].startswith("-") else extra)


def utc_now() -> datetime:
    """The controller's time, for a device that does not tell its own."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
