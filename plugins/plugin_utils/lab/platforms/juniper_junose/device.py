# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated JunOSe router: configuration, commit mode, and what IKE needs to know."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...device import Device
from ...grammar import Mode
from ...protocols.ike import Dpd, Ike, IkeExtension, IkePeer
from ...protocols.ike_cookie import IkeCookie
from ...shell import LoginStyle, Shell
from ...terminal import Terminal
from .commands import SESSION, modes
from .config import DEFAULT, JunoseConfig, mask, unmask
from .shell import JunoseShell

if TYPE_CHECKING:
    from ...labfile import DeviceSpec
    from ...world import World

# Nothing received for 60 s: inquiry (IP Services Configuration Guide 10.0). How often it is repeated is not documented.
DPD = Dpd(idle=60.0, retry=5.0, tries=2)
_END = "! End of generated configuration script.\n"


class JunoseDevice(Device):
    """Options: ``login`` aaa|line, ``ssh_login_again`` bool (the questions once more inside SSH), ``privileged`` bool
    (login ends in Privileged Exec), ``lacks`` list of option keywords that the release does not know (``ipsec`` = the
    whole family), ``nvs_busy`` number of saves that find the memory in use, ``nul_bytes`` bool, ``cut_configuration``
    bool, ``initiates`` bool, ``no_ism`` bool, ``old_spelling`` bool (``show ike sa``), ``wait_dots`` number."""

    default_version = "11.2.1 patch-0.4"
    default_model = "ERX-310"
    max_sessions = 20
    session_known = SESSION
    vty_full_text = "No free virtual terminal lines available"
    ike_extensions: ClassVar[tuple[type[IkeExtension], ...]] = (IkeCookie,)

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        super().__init__(spec, world)
        line = self.options.get("login", "aaa") == "line"
        self.login_style = LoginStyle(
            greeting="\n",
            user_prompt="" if line else "User: ",
            password_prompt="Telnet password: " if line else "Password: ",
            failure="% Authentication failed",
            mask="*",
        )
        self.device_key = hashlib.sha256(f"{world.name}/{self.name}".encode()).digest()
        self.nvs_busy = int(self.options.get("nvs_busy", 0))
        self.displays = 0  # of masked keys: each prints them differently
        self._config: JunoseConfig | None = None
        self._startup: str | None = None  # None: still what the lab file says
        self._peers: list[IkePeer] | None = None

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> JunoseConfig:
        """The running configuration; replace it with set_config, never edit it."""
        if self._config is None:
            self._config = self._load(self.spec.config if self._startup is None else self._startup)
        return self._config

    def _load(self, text: str) -> JunoseConfig:
        config = JunoseConfig.load(text)
        if config.hostname is None:
            config.put(None, f'hostname "{self.spec.hostname}"', "hostname")
        config.mask_keys(self.device_key)
        return config

    def set_config(self, config: JunoseConfig) -> None:
        """Make ``config`` the running one; with automatic commit it is stored at once."""
        ike = self.world.protocol(Ike)
        ike.before_change(self)
        self._config, self._peers = config, None
        if not config.manual_commit:
            self._startup = self.running
        ike.after_change(self)

    def save(self) -> None:
        """Write the running configuration to non-volatile memory."""
        self._startup = self.running

    def lacks(self, keyword: str) -> bool:
        """Whether this release does not know an IPsec option."""
        lacking = self.options.get("lacks", [])
        return keyword in lacking or "ipsec" in lacking

    def displayed(self, only: str | None = None) -> str:
        """The body as shown: masked keys come out differently on every display."""
        self.displays += 1

        def again(found: re.Match[str]) -> str:
            key = unmask(found[1], self.device_key)
            return found[0] if key is None else f'masked-key "{mask(key, self.device_key, self.displays)}"'

        return re.sub(r'masked-key "([^"]*)"', again, self.config.text(only))

    # -- IKE ------------------------------------------------------------------------------------------------------

    def ike_peers(self) -> list[IkePeer]:
        if self._peers is None:
            self._peers = list(self._find_peers())
        return self._peers

    def _find_peers(self) -> list[IkePeer]:
        keys = self._keys()
        found = []
        for router, lines in self.config.sections():
            for line in lines:
                head = re.match(r"interface tunnel ipsec:(\S+)(?: transport-virtual-router (\S+))?", line.text)
                source, destination = line.value("tunnel source"), line.value("tunnel destination")
                if head and source and destination and line.find("shutdown") is None:
                    transport = head[2] or router or DEFAULT
                    found.append(self._peer(head[1], transport, source, destination, keys.get(destination)))
        return found

    def _peer(self, name: str, transport: str, source: str, destination: str, key: str | None) -> IkePeer:
        config = self.config
        return IkePeer(
            device=self.name,
            name=name,
            local_address=source,
            remote_address=destination,
            vr=transport,
            initiator=bool(self.options.get("initiates", True)),
            psk=key,
            nat_traversal=config.option(transport, "nat-t"),
            dpd=DPD if config.option(transport, "dpd") else None,
            tx_invalid_cookie=config.option(transport, "tx-invalid-cookie"),
            honours_invalid_cookie=False,  # received notifications are never reacted to, whatever is configured
        )

    def _keys(self) -> dict[str, str | None]:
        """Pre-shared keys by peer address."""
        keys: dict[str, str | None] = {}
        for line in self.config.lines:
            head = re.fullmatch(r"ipsec key manual pre-share (\S+)", line.text)
            masked = line.value("masked-key")
            if head and masked:
                keys[head[1]] = unmask(masked, self.device_key)
        return keys

    # -- Device ---------------------------------------------------------------------------------------------------

    @property
    def hostname(self) -> str:
        return self.config.hostname or self.spec.hostname

    @property
    def running(self) -> str:
        return self.config.text() + "!\n" + _END

    @property
    def startup(self) -> str:
        if self._startup is None:
            self._startup = self._load(self.spec.config).text() + "!\n" + _END
        return self._startup

    def asks_login(self, transport: str, user: str | None) -> bool:
        return user is None or bool(self.options.get("ssh_login_again"))

    @classmethod
    def dialects(cls) -> Mapping[str, Mapping[str, Mode]]:
        return {"": modes()}

    def grammar(self) -> Mapping[str, Mode]:
        return modes()

    def make_shell(self, terminal: Terminal) -> Shell:
        return JunoseShell(self, terminal)

    def boot(self) -> None:
        ike = self.world.protocol(Ike)
        ike.rebooted(self)
        self._config, self._peers = self._load(self.startup), None
        ike.after_change(self)

    def state(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "startup": self.startup,
            "nvs_busy": self.nvs_busy,
            "displays": self.displays,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._config, self._peers = self._load(state["running"]), None
        self._startup = state["startup"]
        self.nvs_busy = int(state["nvs_busy"])
        self.displays = int(state["displays"])


DEVICE = JunoseDevice
