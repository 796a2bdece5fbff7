# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated Comware device, V5 or V7: its configuration, and what it says to IKE."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...device import Device
from ...grammar import Mode
from ...protocols.ike import Ike, IkePeer, Sa
from ...protocols.ike_keepalive import IkeKeepalive
from ...shell import LoginStyle, Shell
from ...terminal import Terminal
from .commands import DIALECTS, SESSION, modes_of
from .config import ComwareConfig
from .dialect import DEFAULT_MODELS, DEFAULT_VERSION, dialect_of
from .ike_view import applied_policies, ike_peers
from .shell import ComwareShell

if TYPE_CHECKING:
    from ...labfile import DeviceSpec
    from ...world import World


class ComwareDevice(Device):
    """Options: ``ike_keepalive`` false = a model without the commands, ``ike_traffic`` false = nothing wants the
    tunnels, ``behind_nat`` bool, ``ike_sa_layout`` a|b (V7), ``prompt_prefix`` (``RBM_P``), ``max_sessions``,
    ``screen_length``, ``reboot_seconds``, ``legal_banner`` bool (asks to continue after the login)."""

    default_version = DEFAULT_VERSION
    login_style = LoginStyle(
        greeting="\nLogin authentication\n\n\n",
        user_prompt="Username:",
        password_prompt="Password:",
        failure="% Login failed!",
    )
    max_sessions = 5
    session_known = SESSION
    vty_full_text = "All user interfaces are used, please try later!"
    ike_extensions = (IkeKeepalive,)

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        super().__init__(spec, world)
        self.dialect = dialect_of(self.os_version, bool(self.options.get("ike_keepalive", True)))
        self.model = self.model or DEFAULT_MODELS[self.dialect.major]
        self.device_key = hashlib.sha256(f"{world.name}/{self.name}".encode()).digest()
        self.version = 0  # counts changes of the running configuration
        self._config: ComwareConfig | None = None  # loaded on first use: idle devices cost nothing
        self._startup: str | None = None  # None: still what the lab file says
        self._written = False  # by save
        self._peers: tuple[int, list[IkePeer]] | None = None

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> ComwareConfig:
        """The running configuration; replace it with set_config, never edit it."""
        if self._config is None:
            self._config = self._load(self.spec.config if self._startup is None else self._startup)
            if self._startup is None:
                self._startup = self._config.text()
        return self._config

    def _load(self, text: str) -> ComwareConfig:
        config = ComwareConfig.load(text)
        if config.system_value("version") is None:
            config.blocks.insert(0, [f" version {self.os_version}"])
        if config.system_value("sysname") is None:
            config.blocks.insert(1, [f" sysname {self.spec.hostname}"])
        for _link, own, _far in self.world.links_of(self):  # a cabled port exists even if the text does not name it
            config.add_view(f"interface {own.interface}")
        config.encrypt_keys(self.device_key, v5=self.dialect.v5)
        return config

    def set_config(self, config: ComwareConfig) -> None:
        """Make ``config`` the running one; IKE accounts for the time before it first."""
        linked = bool(self.world.links_of(self))
        if linked:
            self.world.protocol(Ike).before_change(self)
        self._config = config
        self.version += 1
        if linked:
            self.world.protocol(Ike).after_change(self)

    # -- IKE ------------------------------------------------------------------------------------------------------

    def ike_peers(self) -> list[IkePeer]:
        if self._peers is None or self._peers[0] != self.version:
            found = ike_peers(
                self.name,
                self.config,
                self.dialect,
                self.device_key,
                traffic=bool(self.options.get("ike_traffic", True)),
                behind_nat=bool(self.options.get("behind_nat", False)),
            )
            self._peers = self.version, found
        return self._peers[1]

    def ike_link_up(self, interface: str) -> bool:
        """A cabled port that is not shut down."""
        return "shutdown" not in (self.config.view(f"interface {interface}") or [])

    def policy_of(self, sa: Sa) -> str | None:
        """The IPsec policy that negotiated an SA."""
        word = "ike-peer" if self.dialect.v5 else "ike-profile"
        for policy in applied_policies(self.config, self.dialect):
            if policy.value(word) == sa.peer:
                return policy.name
        return None

    # -- Device ---------------------------------------------------------------------------------------------------

    @property
    def saved(self) -> bool:
        """A startup configuration file exists."""
        return self._written or bool(self.spec.config)

    def save(self) -> None:
        """Write the running configuration as the startup one."""
        self._startup, self._written = self.running, True

    @property
    def hostname(self) -> str:
        if self._config is None:  # do not parse a whole configuration for a prompt
            text = self.spec.config if self._startup is None else self._startup
            found = re.search(r"^ ?sysname (\S+)", text, re.MULTILINE)
            return found.group(1) if found else self.spec.hostname
        return self._config.sysname

    @property
    def running(self) -> str:
        return self.config.text()

    @property
    def startup(self) -> str:
        return self.config.text() if self._startup is None else self._startup

    @classmethod
    def dialects(cls) -> Mapping[str, Mapping[str, Mode]]:
        return {name: modes_of(dialect) for name, dialect in DIALECTS.items()}

    def grammar(self) -> Mapping[str, Mode]:
        return modes_of(self.dialect)

    def make_shell(self, terminal: Terminal) -> Shell:
        return ComwareShell(self, terminal)

    def boot(self) -> None:
        startup = self.startup
        if self.world.links_of(self):
            self.world.protocol(Ike).rebooted(self)
        self.set_config(self._load(startup))

    def state(self) -> dict[str, Any]:
        return {"running": self.running, "startup": self.startup, "written": self._written}

    def load_state(self, state: dict[str, Any]) -> None:
        self._config = self._load(state["running"])
        self._startup, self._written = state["startup"], bool(state["written"])
        self.version += 1


DEVICE = ComwareDevice
