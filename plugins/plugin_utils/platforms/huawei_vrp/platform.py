# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei VRP as a platform."""

from __future__ import annotations

import re

from ..base import Platform
from .drivers import VrpSSH, VrpTelnet
from .session import VrpSession
from .tree import PLANNER

PLATFORM = Platform(
    name="huawei_vrp",
    title="Huawei VRP",
    drivers={"ssh": VrpSSH, "telnet": VrpTelnet},
    session=VrpSession,
    plan=PLANNER,
    secrets=(
        re.compile(r"^(?:.*?\s)?(?:cipher|plain|simple|irreversible-cipher)\s+(?P<secret>\S.*?)\s*$", re.MULTILINE),
        re.compile(r"^\s*key-string\s+(?:(?:cipher|plain)\s+)?(?P<secret>\S.*?)\s*$", re.MULTILINE),
    ),
)
