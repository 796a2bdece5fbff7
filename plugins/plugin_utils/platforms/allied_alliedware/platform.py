# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlliedWare (AR, Rapier i, AT-8600 … AT-9900, x900) as a platform; not AlliedWare Plus."""

from __future__ import annotations

import re

from ..base import Platform
from .drivers import AlliedWareSSH, AlliedWareTelnet, register
from .flat import FlatPlanner
from .session import AlliedWareSession
from .vocabulary import KINDS

PLANNER = FlatPlanner(KINDS)

PLATFORM = Platform(
    name="allied_alliedware",
    title="Allied Telesis AlliedWare",
    drivers={"ssh": AlliedWareSSH, "telnet": AlliedWareTelnet},
    session=AlliedWareSession,
    plan=PLANNER,
    secrets=(
        re.compile(r"\bxauthp\w*=(?P<secret>\"[^\"\n]*\"|\S+)", re.IGNORECASE),
        re.compile(r"^\s*(?:create|set) +enco +.*\bval\w*=(?P<secret>\"[^\"\n]*\"|\S+)", re.IGNORECASE | re.MULTILINE),
        re.compile(r"\b(?:pass|passw|passwo|passwor|password)=(?P<secret>\"[^\"\n]*\"|\S+)", re.IGNORECASE),
        re.compile(r"\bsecr\w*=(?P<secret>\"[^\"\n]*\"|\S+)", re.IGNORECASE),
    ),
)

register()
