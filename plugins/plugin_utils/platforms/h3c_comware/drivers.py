# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's Comware drivers, stopped at the first prompt; the legal banner's question is answered on the way."""

from __future__ import annotations

from typing import Any, ClassVar

try:
    from netmiko.hp.hp_comware import HPComwareSSH, HPComwareTelnet
except ImportError:  # the sanity tests import every file without third-party packages
    HPComwareSSH = HPComwareTelnet = object  # type: ignore[misc,assignment]

from ..lean import LeanLogin

# netmiko's own pattern is any > or ] in the banner: that ends the wait before the question is there.
_READY = r"(?m:to continue, N to exit|^\S*[<\[][^\s<>\[\]]+[>\]]\x07?\s*\Z)"
_PATIENCE = 20.0  # seconds until the first prompt, after the login was accepted


class ComwareSSH(LeanLogin, HPComwareSSH):
    """H3C (and HP) Comware over SSH: reach the first prompt, past a banner that asks to continue."""

    example: ClassVar[str] = "<a>"

    def session_preparation(self) -> None:
        super().session_preparation()
        driver: Any = self
        if "to continue" in driver.read_until_pattern(pattern=_READY, read_timeout=_PATIENCE):
            driver.write_channel(driver.RETURN)
            driver.read_until_pattern(pattern=_READY, read_timeout=_PATIENCE)


class ComwareTelnet(LeanLogin, HPComwareTelnet):
    """H3C (and HP) Comware over Telnet; the login dialogue ends at the first prompt."""

    example: ClassVar[str] = "<a>"
