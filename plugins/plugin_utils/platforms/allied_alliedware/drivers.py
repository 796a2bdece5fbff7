# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The netmiko drivers stopped at the first prompt; the login dialogue is theirs.

The drivers for everybody are in `netmiko_driver`; importing this registers them with netmiko.
"""

from __future__ import annotations

from ..lean import LeanLogin
from ..registration import register
from .netmiko_driver import DEVICE_TYPE, AlliedWareBase, AlliedWareSSH, AlliedWareTelnet

register(DEVICE_TYPE, AlliedWareSSH, AlliedWareTelnet)


class _ToPrompt(LeanLogin, AlliedWareBase):
    """A device without control sequences, whose pager answers for whoever types before the prompt."""

    def session_preparation(self) -> None:
        AlliedWareBase.session_preparation(self)
        self._heard = None


class LeanAlliedWareSSH(_ToPrompt, AlliedWareSSH):
    """AlliedWare over SSH."""


class LeanAlliedWareTelnet(_ToPrompt, AlliedWareTelnet):
    """AlliedWare over Telnet."""
