# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated AlliedWare device: configuration, files, and its part in IKE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from ...device import Device
from ...fidelity import Fact
from ...protocols.ike import Ike, IkeExtension, IkePeer
from ...protocols.ike_retry import IkeRetry
from ...shell import LoginStyle, Shell
from ...terminal import Terminal
from .commands import COMMANDS, SESSION
from .config import AwConfig
from .ike_view import ike_peers
from .shell import AwShell

if TYPE_CHECKING:
    from ...labfile import DeviceSpec
    from ...world import World


class AwDevice(Device):
    """Options: ``privilege`` user|manager|secoff (of the lab's user), ``security_mode`` bool, ``boot_config`` (a file
    name, "" = none is set), ``keys`` {number: pre-shared key}, ``last_gap`` bool (one more gap after the last copy),
    ``screen_length``, ``max_sessions``. The account ``secoff`` has the lab's ``enable_password``."""

    default_version = "2.8.1-00"
    default_model = "AT-8748XL"
    login_style = LoginStyle(
        greeting="\nTELNET session now in ESTABLISHED state\n\n",
        user_prompt=" login: ",
        password_prompt="password: ",
        failure="\nLogin incorrect.\n",
    )
    max_sessions = 10
    session_known = SESSION
    vty_full_text = "Error (3025006): No more sessions available."
    ike_extensions: ClassVar[tuple[type[IkeExtension], ...]] = (IkeRetry,)

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        super().__init__(spec, world)
        numbers = tuple(int(part) for part in re.findall(r"\d+", self.os_version)[:3])
        self.before_281 = numbers < (2, 8, 1)
        self.security_mode = bool(self.options.get("security_mode", False))
        self.boot_file = str(self.options.get("boot_config", "flash:boot.cfg"))
        self.files: dict[str, str] = {}
        self._config: AwConfig | None = None  # loaded on first use
        self._startup: str | None = None  # None: still what the lab file says
        self._peers: list[IkePeer] | None = None

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> AwConfig:
        """The running configuration; replace it with set_config, never edit it."""
        if self._config is None:
            self._config = self._load(self.spec.config if self._startup is None else self._startup)
        return self._config

    def _load(self, text: str) -> AwConfig:
        config = AwConfig.load(text, self.before_281)
        keys = self._config.keys if self._config is not None else {}
        config.keys = {**{int(k): str(v) for k, v in self.options.get("keys", {}).items()}, **config.keys, **keys}
        return config

    def set_config(self, config: AwConfig) -> None:
        """Make ``config`` the running one; protocols account for the time before it first."""
        ike = self.world.protocol(Ike)
        ike.before_change(self)
        self._config, self._peers = config, None
        ike.after_change(self)

    def ike_peers(self) -> list[IkePeer]:
        if self._peers is None:
            self._peers = ike_peers(self.name, self.config, bool(self.options.get("last_gap", True)))
        return self._peers

    def write(self, name: str) -> None:
        """Write the running configuration to a file."""
        self.files[name] = self.running
        if name == self.boot_file:
            self._startup = self.files[name]

    def boot_from(self, name: str) -> None:
        self.boot_file = name
        if name in self.files:
            self._startup = self.files[name]

    # -- Device ---------------------------------------------------------------------------------------------------

    @property
    def hostname(self) -> str:
        return self.config.system_name

    @property
    def running(self) -> str:
        return self.config.text()

    @property
    def startup(self) -> str:
        if self._startup is None:
            self._startup = self._load(self.spec.config).text()
        return self._startup

    @classmethod
    def facts(cls) -> list[Fact]:
        return [*cls._session_facts(), *COMMANDS]

    def own_facts(self) -> list[Fact]:
        return self.facts()

    def make_shell(self, terminal: Terminal) -> Shell:
        return AwShell(self, terminal)

    def boot(self) -> None:
        self.set_config(self._load(self.startup))
        self.world.protocol(Ike).rebooted(self)

    def state(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "startup": self.startup,
            "files": dict(self.files),
            "boot_file": self.boot_file,
            "security_mode": self.security_mode,
            "keys": {str(number): key for number, key in self.config.keys.items()},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._config = AwConfig.load(state["running"], self.before_281)
        self._config.keys = {int(number): key for number, key in state["keys"].items()}
        self._startup, self.files = state["startup"], dict(state["files"])
        self.boot_file, self.security_mode = state["boot_file"], state["security_mode"]
        self._peers = None


DEVICE = AwDevice
