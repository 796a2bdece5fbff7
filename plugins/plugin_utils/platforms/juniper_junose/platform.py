# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Juniper JunOSe as a platform."""

from __future__ import annotations

import re

from ..base import Platform
from ..recognition import Recognition
from .config_text import TEXT
from .drivers import JunoseSSH, JunoseTelnet
from .session import JunoseSession
from .tree import PLANNER

PLATFORM = Platform(
    name="juniper_junose",
    title="Juniper JunOSe",
    drivers={"ssh": JunoseSSH, "telnet": JunoseTelnet},
    session=JunoseSession,
    plan=PLANNER,
    recognition=Recognition(
        prompt=re.compile(r"[\w.+/-]+(?::[^()#>\s]+)?[>#]"),
        probe="show version",
        marks=(
            re.compile(r"^\s*Juniper\s+(?:Networks\s+)?(?:Edge Routing Switch\s+)?(?:ERX|E)[\w-]*\d", re.MULTILINE),
            re.compile(r"^\s*System Release\s*:\s*\S+\.rel\b", re.MULTILINE),
        ),
        look_alikes={
            "Juniper Junos (not JunOSe)": re.compile(r"^\s*(?:Junos:|JUNOS )|\[\d+\.\d[\w.-]*\]$", re.MULTILINE)
        },
    ),
    text=TEXT,
    secrets=(
        re.compile(r"^\s*(?:masked-key|key)\s+(?P<secret>\S.*?)\s*$", re.MULTILINE),
        re.compile(r"^.*\b(?:password|secret)\s+(?:[0-9]\s+)?(?P<secret>\S+)", re.MULTILINE),
        re.compile(r"^host\s+.*\bftp\s+8\s+(?P<secret>\S.*?)\s*$", re.MULTILINE),
        re.compile(r"^snmp-server community\s+(?P<secret>\S+)", re.MULTILINE),
        re.compile(
            r"\b(?:authentication[- ]key|message-digest-key \d+ (?:hmac-)?md5)\s+(?:[0-9]\s+)?(?P<secret>\S+)",
            re.MULTILINE,
        ),
        re.compile(r"^license\s+\S+\s+(?P<secret>\S+)", re.MULTILINE),
    ),
)
