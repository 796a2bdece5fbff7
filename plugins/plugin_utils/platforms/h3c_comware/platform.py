# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""H3C Comware as a platform, V5 and V7."""

from __future__ import annotations

import re

from ..base import Platform
from ..recognition import Recognition
from .config_text import TEXT
from .drivers import ComwareSSH, ComwareTelnet
from .session import ComwareSession
from .tree import PLANNER

_BARE = r"(?!(?:cipher|simple)\s)(?P<secret>\S+)"

PLATFORM = Platform(
    name="h3c_comware",
    title="H3C Comware",
    drivers={"ssh": ComwareSSH, "telnet": ComwareTelnet},
    session=ComwareSession,
    plan=PLANNER,
    recognition=Recognition(
        prompt=re.compile(r"\x07?(?:RBM_[PS])?(?:\([A-Z]\))?<[^<>\s]+>\x07?"),
        probe="display version",
        marks=(re.compile(r"\bComware Software,? Version [57]\.\d", re.IGNORECASE),),
        greetings=((re.compile(r"to continue, N to exit\.?\s*\Z"), ""),),
    ),
    text=TEXT,
    secrets=(
        re.compile(r"^(?:.*\s)?(?:cipher|simple|hash)\s+(?P<secret>\S.*?)\s*$", re.MULTILINE),
        re.compile(r"^\s*pre-shared-key\s+(?!(?:cipher|simple|address|hostname)\s)(?P<secret>\S.*?)\s*$", re.MULTILINE),
        # Builds that write no "cipher" before it, and the clear text of older ones.
        re.compile(
            r"^\s*(?:key (?:authentication|accounting|authorization)|(?:pre-shared-key|primary|secondary) .*\skey)\s+"
            + _BARE,
            re.MULTILINE,
        ),
        re.compile(r"\bsnmp-agent community (?:read|write)\s+" + _BARE),
        re.compile(r"\b(?:authentication-mode (?:md5|sha)|privacy-mode (?:3?des\w*|aes\w*))\s+" + _BARE),
    ),
)
