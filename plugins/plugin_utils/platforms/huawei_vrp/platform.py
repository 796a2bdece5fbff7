# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei VRP as a platform."""

from __future__ import annotations

import re

from ...engine.plan import ByLanguage
from ..base import Platform
from ..recognition import Recognition
from .config_text import TEXT
from .drivers import VrpSSH, VrpTelnet
from .netconf import PLANNER as XML_PLANNER
from .netconf import PLATFORM as NETCONF
from .netconf import SECRETS
from .session import VrpSession
from .tree import PLANNER

PLATFORM = Platform(
    name="huawei_vrp",
    title="Huawei VRP",
    drivers={"ssh": VrpSSH, "telnet": VrpTelnet},
    session=VrpSession,
    plan=ByLanguage(PLANNER, XML_PLANNER),
    netconf=NETCONF,
    recognition=Recognition(
        prompt=re.compile(r"(?:HRP_[MS])?<[^<>\s]+>"),
        probe="display version",
        marks=(re.compile(r"^VRP \(R\) software, Version \d", re.MULTILINE),),
        look_alikes={
            "Huawei VRP 3 or Quidway": re.compile(
                r"Versatile Routing Platform Software\s+VRP \(R\) [Ss]oftware, Version 3"
            )
        },
        greetings=((re.compile(r"Change now\? \[Y/N\]: ?\Z"), "N"),),
    ),
    text=TEXT,
    secrets=(
        *SECRETS,
        re.compile(r"^(?:.*?\s)?(?:cipher|plain|simple|irreversible-cipher)\s+(?P<secret>\S.*?)\s*$", re.MULTILINE),
        re.compile(r"^\s*key-string\s+(?:(?:cipher|plain)\s+)?(?P<secret>\S.*?)\s*$", re.MULTILINE),
    ),
)
