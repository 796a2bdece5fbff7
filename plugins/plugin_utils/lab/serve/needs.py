# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""asyncssh, or a clear word about its absence at the moment it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..labfile import LabError

if TYPE_CHECKING:
    import asyncssh
    from asyncssh import SSHServer

    ServerSession = asyncssh.SSHServerSession[bytes]
else:
    try:
        import asyncssh
        from asyncssh import SSHServer
        from asyncssh import SSHServerSession as ServerSession
    except ImportError:  # the mock connection and the inventory work without it
        asyncssh = None
        SSHServer = ServerSession = object

__all__ = ["SSHServer", "ServerSession", "asyncssh", "require_asyncssh"]


def require_asyncssh() -> None:
    """Raises LabError when asyncssh is not installed."""
    if asyncssh is None:
        raise LabError("the mock lab needs the Python package asyncssh to speak SSH: pip install asyncssh")
