# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operating system gives to the NETCONF server: its data model, and the way between it and the configuration.

A configuration here is the emulator's own object: NETCONF edits end in the text that the command line shows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from .schema import Model
from .xml import Node

if TYPE_CHECKING:
    from ..device import Device


class Config(Protocol):
    """A configuration of the emulator."""

    def copy(self) -> Any: ...

    def text(self) -> str: ...


class Agent(ABC):
    """The NETCONF side of one device."""

    model: Model
    #: Each session has a candidate of its own.
    private_candidates = False
    #: What get-config does with defaults: explicit or report-all (RFC 6243).
    basic_mode = "explicit"
    #: The subsystem answers on the port of the command line too.
    on_cli_port = False
    #: Operations of the vendor's own, which ``own_rpc`` answers.
    own_operations: tuple[str, ...] = ()

    def __init__(self, device: Device) -> None:
        self.device = device

    @property
    @abstractmethod
    def capabilities(self) -> tuple[str, ...]:
        """Names and versions below ``urn:ietf:params:netconf:capability:``."""

    @abstractmethod
    def running(self) -> Config:
        """The running configuration."""

    @abstractmethod
    def parse(self, text: str) -> Config:
        """A configuration from its text."""

    @abstractmethod
    def install(self, config: Config, user: str) -> None:
        """Make ``config`` the running one."""

    @abstractmethod
    def save(self) -> None:
        """Make the running configuration the startup one."""

    @abstractmethod
    def read(self, config: Config) -> Node:
        """The data tree of a configuration, as far as the model goes."""

    @abstractmethod
    def write(self, config: Config, before: Node, after: Node) -> None:
        """Change ``config``, whose data tree is ``before``, so that it is ``after``. RpcError when it cannot be."""

    def state(self) -> Node:
        """Operational data."""
        return Node("", "data")

    def refusal(self, user: str) -> str:
        """Why the configuration cannot be changed now; "" when it can."""
        del user
        return ""

    def lock_holder(self) -> int | None:
        """The session of another management interface that holds the configuration."""
        return None

    def locked(self, session: int | None) -> None:
        """A NETCONF session has taken the configuration, or given it back."""

    def own_rpc(self, rpc: Node) -> list[Node] | None:
        """What an operation of the vendor's answers; None when there is no such operation."""
        del rpc
        return None


def diff(before: dict[Any, str], after: dict[Any, str]) -> tuple[list[Any], list[Any]]:
    """Keys that go, last first, and keys that are new or have another text, first first."""
    gone = [key for key in before if key not in after]
    return gone[::-1], [key for key, text in after.items() if before.get(key) != text]
