# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated Huawei VRP device: configuration, commit store, and what RSVP needs to know."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...device import Device
from ...fidelity import Fact
from ...grammar import Mode
from ...netconf.store import Store
from ...protocols.rsvp import Rsvp, RsvpNode
from ...shell import LoginStyle, Shell
from ...terminal import Terminal
from .commands import DIALECTS, SESSION, modes_of
from .commit import CommitStore
from .config import VrpConfig
from .dialect import DEFAULT_MODEL, DEFAULT_VERSION, dialect_of
from .netconf import VrpAgent
from .netconf_known import NETCONF
from .rsvp_view import rsvp_node
from .shell import VrpShell

if TYPE_CHECKING:
    from ...labfile import DeviceSpec
    from ...world import World


class VrpDevice(Device):
    """Options: ``peer_indent`` a|b|c, ``uncommitted_question`` 1|2, ``save_dialogue`` ne40e|classic,
    ``initial_password_warning`` bool, ``bracket_header`` bool, ``max_sessions``, ``screen_length``."""

    default_version = DEFAULT_VERSION
    default_model = DEFAULT_MODEL
    login_style = LoginStyle(
        greeting="\nWarning: Telnet is not a secure protocol, and it is recommended to use Stelnet.\n\n"
        "Login authentication\n\n\n",
        user_prompt="Username:",
        password_prompt="Password:",
        failure="Error: Local authentication is rejected.",
    )
    max_sessions = 21
    session_known = SESSION

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        super().__init__(spec, world)
        self.dialect = dialect_of(self.os_version)
        self.device_key = hashlib.sha256(f"{world.name}/{self.name}".encode()).digest()
        self.peer_indent = str(self.options.get("peer_indent", "a"))
        self.commits = CommitStore(self)
        self.version = 0  # counts changes of the running configuration
        self.changed_at: float | None = None
        self.changed_by = ""
        self.saved_at: float | None = None
        self._config: VrpConfig | None = None  # loaded on first use: idle devices cost nothing
        self._startup: str | None = None  # None: still what the lab file says
        self._node: tuple[int, RsvpNode] | None = None

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> VrpConfig:
        """The running configuration; replace it with set_config, never edit it."""
        if self._config is None:
            self._config = self._load(self.spec.config if self._startup is None else self._startup)
        return self._config

    def _load(self, text: str) -> VrpConfig:
        config = VrpConfig.load(text)
        if config.tree.root.value("sysname") is None:
            config.add_section(f"sysname {self.spec.hostname}")
        config.encrypt_clear_keys(self.device_key)
        for _link, own, _far in self.world.links_of(self):  # a cabled port exists even if the text does not name it
            if config.section(f"interface {own.interface}") is None:
                config.add_section(f"interface {own.interface}")
        return config

    def set_config(self, config: VrpConfig) -> None:
        """Make ``config`` the running one; protocols account for the time before it first."""
        linked = bool(self.world.links_of(self))
        if linked:
            self.world.protocol(Rsvp).before_change(self)
        self._config = config
        self.version += 1
        self.changed_at = self.world.time
        if linked:
            self.world.protocol(Rsvp).after_change(self)

    def rsvp_node(self) -> RsvpNode:
        if self._node is None or self._node[0] != self.version:
            self._node = (self.version, rsvp_node(self.config, self.device_key, self.dialect.rsvp))
        return self._node[1]

    def save(self) -> None:
        """Write the running configuration as the startup one."""
        self._startup = self.running
        self.saved_at = self.world.time

    # -- Device ---------------------------------------------------------------------------------------------------

    @property
    def hostname(self) -> str:
        if self._config is None:  # do not parse a whole configuration for a prompt
            text = self.spec.config if self._startup is None else self._startup
            found = re.search(r"^sysname (\S+)", text, re.MULTILINE)
            return found.group(1) if found else self.spec.hostname
        return self._config.sysname

    @property
    def running(self) -> str:
        return self.config.text(self.peer_indent) + "return\n"

    @property
    def startup(self) -> str:
        if self._startup is None:
            self._startup = self._load(self.spec.config).text(self.peer_indent) + "return\n"
        return self._startup

    @classmethod
    def dialects(cls) -> Mapping[str, Mapping[str, Mode]]:
        return {name: modes_of(dialect) for name, dialect in DIALECTS.items()}

    def grammar(self) -> Mapping[str, Mode]:
        return modes_of(self.dialect)

    @classmethod
    def netconf_facts(cls) -> list[Fact]:
        return list(NETCONF)

    def make_netconf(self) -> Store:
        return Store(VrpAgent(self))

    def make_shell(self, terminal: Terminal) -> Shell:
        return VrpShell(self, terminal)

    def boot(self) -> None:
        startup = self.startup
        self.commits.end_trial()
        self.commits.lock = None
        self.set_config(self._load(startup))
        self.changed_at = None
        rsvp = self.world.protocol(Rsvp)
        rsvp.rebuild(self)
        rsvp.reset_counters(self)

    def state(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "startup": self.startup,
            "commits": self.commits.state(),
            "changed": [self.changed_at, self.changed_by, self.saved_at],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._config = self._load(state["running"])
        self._startup = state["startup"]
        self.version += 1
        self.commits.load_state(state["commits"])
        self.changed_at, self.changed_by, self.saved_at = state["changed"]


DEVICE = VrpDevice
