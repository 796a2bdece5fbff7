# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco IOS XE as a platform."""

from __future__ import annotations

import re

from ...engine.plan import ByLanguage
from ..base import Platform
from ..recognition import Recognition
from .config_text import TEXT
from .drivers import IosXeSSH, IosXeTelnet
from .netconf import PLANNER as XML_PLANNER
from .netconf import PLATFORM as NETCONF
from .netconf import SECRETS
from .session import IosXeSession
from .tree import PLANNER

_TYPE = r"(?:[05-9]\s+)?"

PLATFORM = Platform(
    name="cisco_iosxe",
    title="Cisco IOS XE",
    drivers={"ssh": IosXeSSH, "telnet": IosXeTelnet},
    session=IosXeSession,
    plan=ByLanguage(PLANNER, XML_PLANNER),
    netconf=NETCONF,
    recognition=Recognition(
        prompt=re.compile(r"[\w.\-@()/:]+[>#]"),
        probe="show version",
        marks=(
            re.compile(r"Cisco IOS[ -]XE Software|Cisco IOS Software.*\(\S*(?:IOSXE|IOSD)\S*\)", re.IGNORECASE),
            re.compile(r"^[Cc]isco \S+ \(.*[Mm]emory|Cisco Systems", re.MULTILINE),
        ),
        look_alikes={
            "Cisco NX-OS": re.compile(r"Nexus Operating System|NX-OS"),
            "Cisco IOS XR": re.compile(r"Cisco IOS XR"),
            "Cisco ASA": re.compile(r"Adaptive Security Appliance"),
            "Cisco IOS (the classic one, not IOS XE)": re.compile(
                r"\A(?![\s\S]*(?:IOS[ -]XE|IOSXE|IOSD))[\s\S]*(?:Cisco IOS Software|Internetwork Operating System)"
            ),
            "Arista EOS": re.compile(r"^Arista ", re.MULTILINE),
        },
    ),
    text=TEXT,
    secrets=(
        *SECRETS,
        re.compile(rf"^(?:.*[#>])?\s*key-string\s+{_TYPE}(?P<secret>\S.*?)[ \t]*$", re.MULTILINE),
        re.compile(r'-- text "(?P<secret>.*)"[ \t]*$', re.MULTILINE),
        re.compile(rf"\bauthentication-key\s+{_TYPE}(?P<secret>\S+)", re.MULTILINE),
        re.compile(rf"\bmap-server\s+\S+\s+key\s+{_TYPE}(?P<secret>\S+)", re.MULTILINE),
        re.compile(rf"\b(?:password|secret)\s+{_TYPE}(?P<secret>\S+)[ \t]*$", re.MULTILINE),
        re.compile(r"\b(?:key|pre-shared-key|message-digest-key \d+ md5)\s+[5-9]\s+(?P<secret>\S+)", re.MULTILINE),
        re.compile(rf"\bpre-shared-key\s+(?:address\s+\S+\s+(?:\S+\s+)?key\s+)?{_TYPE}(?P<secret>\S+)", re.MULTILINE),
        re.compile(
            rf"^\s*(?:(?:tacacs|radius)-server\s+)?key\s+{_TYPE}(?P<secret>(?!chain\b|\d+\s*$)\S+)[ \t]*$", re.M
        ),
        re.compile(r"\bkey config-key password-encrypt\s+(?P<secret>\S+)", re.MULTILINE),
        re.compile(r"\bsnmp-server community\s+(?P<secret>\S+)", re.MULTILINE),
    ),
)
