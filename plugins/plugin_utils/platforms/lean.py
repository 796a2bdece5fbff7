# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's login without what comes after it.

netmiko types a newline after the login, waits, and asks for the prompt again. A session here learns the prompt from
its first answer and prepares the terminal itself, so a driver only has to reach the first prompt.
"""

from __future__ import annotations

from typing import Any


class LeanLogin:
    """Mixin, to stand before a netmiko driver: the login dialogue is the driver's, nothing follows it."""

    ansi_escape_codes: bool

    def _try_session_preparation(self, force_data: bool = False) -> None:
        # netmiko's own drivers override this hook the same way where a newline would disturb.
        parent: Any = super()
        parent._try_session_preparation(force_data=False)

    def session_preparation(self) -> None:
        """Nothing but this: strip terminal control sequences while reading."""
        self.ansi_escape_codes = True
