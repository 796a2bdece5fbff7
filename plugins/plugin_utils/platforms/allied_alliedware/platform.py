# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare (AR, Rapier i, AT-8600 … AT-9900, x900) as a platform; not AlliedWare Plus."""

from __future__ import annotations

import re

from ..base import Platform
from ..registration import register
from .drivers import DEVICE_TYPE, AlliedWareSSH, AlliedWareTelnet
from .flat import FlatPlanner
from .session import AlliedWareSession
from .vocabulary import KINDS

PLANNER = FlatPlanner(KINDS)

_VALUE = r"(?P<secret>\"[^\"\n]*\"|\S+)"

PLATFORM = Platform(
    name="allied_alliedware",
    title="Allied Telesis AlliedWare",
    drivers={"ssh": AlliedWareSSH, "telnet": AlliedWareTelnet},
    session=AlliedWareSession,
    plan=PLANNER,
    secrets=(
        # Listings cut their words; these are cut no further than they stay unique.
        re.compile(rf"\b(?:xauthp|pas|sec)\w*={_VALUE}", re.IGNORECASE),
        re.compile(rf"^\s*(?:create|set) +enco +.*\bv\w*={_VALUE}", re.IGNORECASE | re.MULTILINE),
        re.compile(rf"^\s*\w+ +snmp +com\w*={_VALUE}", re.IGNORECASE | re.MULTILINE),
        re.compile(rf"^\s*\w+ +tac\w* +.*\bkey={_VALUE}", re.IGNORECASE | re.MULTILINE),
    ),
)

register(DEVICE_TYPE, AlliedWareSSH, AlliedWareTelnet)
