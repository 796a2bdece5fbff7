# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare (AR, Rapier i, AT-8600 … AT-9900, x900) as a platform; not AlliedWare Plus."""

from __future__ import annotations

import re

from ..base import Platform
from ..recognition import Recognition
from .config_text import TEXT
from .drivers import LeanAlliedWareSSH, LeanAlliedWareTelnet
from .flat import FlatPlanner
from .session import AlliedWareSession
from .vocabulary import KINDS

PLANNER = FlatPlanner(KINDS)

_VALUE = r"(?P<secret>\"[^\"\n]*\"|\S+)"

PLATFORM = Platform(
    name="allied_alliedware",
    title="Allied Telesis AlliedWare",
    drivers={"ssh": LeanAlliedWareSSH, "telnet": LeanAlliedWareTelnet},
    session=AlliedWareSession,
    plan=PLANNER,
    recognition=Recognition(
        prompt=re.compile(r"(?:(?:Manager|SecOff) )?[\w.\-]* ?>"),
        probe="show system",
        marks=(
            re.compile(r"Allied Teles(?:is|yn)", re.IGNORECASE),
            re.compile(r"\bversion\s+\d+\.\d+\.\d+-\d+", re.IGNORECASE),
            re.compile(r"^\s*Base\b", re.MULTILINE),
        ),
        look_alikes={"AlliedWare Plus": re.compile(r"AlliedWare Plus|AW\+", re.IGNORECASE)},
    ),
    text=TEXT,
    secrets=(
        # Listings cut their words; these are cut no further than they stay unique.
        re.compile(rf"\b(?:xauthp|pas|sec)\w*={_VALUE}", re.IGNORECASE),
        re.compile(rf"^\s*(?:create|set) +enco +.*\bv\w*={_VALUE}", re.IGNORECASE | re.MULTILINE),
        re.compile(rf"^\s*\w+ +snmp +com\w*={_VALUE}", re.IGNORECASE | re.MULTILINE),
        re.compile(rf"^\s*\w+ +tac\w* +.*\bkey={_VALUE}", re.IGNORECASE | re.MULTILINE),
    ),
)
