# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated IOS XE device: configuration, files, log, and what LISP needs to know."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...device import Device
from ...fidelity import Fact
from ...grammar import Mode
from ...netconf.store import Store
from ...protocols.lisp import Lisp, LispNode
from ...shell import LoginStyle, Shell
from ...terminal import Terminal
from .commands import DIALECTS, SESSION, modes_of
from .config import IosConfig, Layout, Vault
from .dialect import DEFAULT_MODEL, DEFAULT_VERSION, dialect_of, release
from .lisp_view import lisp_node
from .netconf import IosAgent
from .netconf_known import NETCONF
from .rollback import RollbackStore
from .shell import IosShell
from .zone import Zone, zone_of

if TYPE_CHECKING:
    from ...labfile import DeviceSpec
    from ...world import World

MAX_LOG = 500  # lines of "show logging"


class IosDevice(Device):
    """Options, besides those of ``dialect_of``: ``privilege`` 1|15 after login, ``master_key`` (type 6 secrets),
    ``master_key_warning``, ``security_warnings``, ``key_order`` native|sdwan, ``lisp_exits`` named|plain, ``ao_exit``,
    ``terminal_monitor``, ``translating``, ``overwrite_question``, ``clock_synchronized``, ``no_send_lifetime``
    inactive|valid, ``ms_ao_flaps_all``, ``local_eids``, ``banner``, ``max_sessions``, ``screen_length``."""

    default_version = DEFAULT_VERSION
    default_model = DEFAULT_MODEL
    login_style = LoginStyle(
        greeting="\n\nUser Access Verification\n\n",
        user_prompt="Username: ",
        password_prompt="Password: ",
        failure="% Login invalid\n",
    )
    max_sessions = 16
    session_known = SESSION
    vty_full_text = "% Connection refused by remote host"

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        super().__init__(spec, world)
        self.dialect = dialect_of(self.os_version, self.options)
        self.layout = Layout(
            self.options.get("lisp_exits") == "plain",
            str(self.options.get("ao_exit", "exit")),
            "key-sdwan" if self.options.get("key_order") == "sdwan" else "key",
        )
        self.vault = Vault(str(self.options["master_key"]) if self.options.get("master_key") else None)
        self.files: dict[str, str] = {}  # flash: and bootflash: are one file system
        self.logged: deque[tuple[float, str]] = deque(maxlen=MAX_LOG)
        self.rollbacks = RollbackStore(self)
        self.version = 0  # counts changes of the running configuration
        self.changed_at: float | None = None
        self.changed_by = ""
        self.saved_at: float | None = None
        self._config: IosConfig | None = None  # loaded on first use: idle devices cost nothing
        self._startup: str | None = None  # None: still what the lab file says
        self._node: tuple[int, LispNode] | None = None

    # -- configuration --------------------------------------------------------------------------------------------

    @property
    def config(self) -> IosConfig:
        """The running configuration; replace it with set_config, never edit it."""
        if self._config is None:
            self._config = self.parse(self.spec.config if self._startup is None else self._startup)
        return self._config

    def parse(self, text: str) -> IosConfig:
        """A configuration text as this device would hold it."""
        config = IosConfig.load(text, self.layout)
        if config.value("hostname") is None:
            config.put((), f"hostname {self.spec.hostname}")
        if config.value("version") is None:
            number = ".".join(str(part) for part in release(self.os_version)[:2])
            config.put((), f"version {number}")
        config.protect(self.vault)
        for _link, own, _far in self.world.links_of(self):  # a cabled port exists even if the text does not name it
            if config.section(f"interface {own.interface}") is None:
                config.enter((), f"interface {own.interface}")
                config.put((f"interface {own.interface}",), "no ip address")
        return config

    def set_config(self, config: IosConfig) -> None:
        """Make ``config`` the running one; LISP accounts for the time before it first."""
        before, after = self.lisp_node(), self._node_of(config)
        if before != after:
            self.world.protocol(Lisp).before_change(self)
        self._config = config
        self.version += 1
        self._node = (self.version, after)
        if before != after:
            self.world.protocol(Lisp).after_change(self)

    def set_vault(self, vault: Vault) -> None:
        """A new master key: secrets are written anew where type 6 is switched on."""
        self.vault = vault
        fresh = self.config.copy()
        fresh.protect(vault)
        self.set_config(fresh)

    def _node_of(self, config: IosConfig) -> LispNode:
        return lisp_node(config, self.vault, self.dialect, self.options)

    def lisp_node(self) -> LispNode:
        """The configuration as LISP sees it."""
        if self._node is None or self._node[0] != self.version:
            self._node = (self.version, self._node_of(self.config))
        return self._node[1]

    def save(self) -> None:
        """Write the running configuration as the startup one."""
        self._startup = self.running
        self.saved_at = self.world.time

    # -- time and log ---------------------------------------------------------------------------------------------

    @property
    def zone(self) -> Zone:
        return zone_of(self.config.value("clock timezone"))

    @property
    def synchronized(self) -> bool:
        """Whether NTP has set the clock."""
        wanted = self.options.get("clock_synchronized")
        return bool(wanted) if wanted is not None else bool(self.config.tree.sections("ntp server"))

    def log(self, message: str, at: float | None = None) -> None:
        """A line of the logging buffer; sessions with ``terminal monitor`` see it at once."""
        moment = self.world.time if at is None else at
        self.logged.append((moment, message))
        for terminal in self.sessions:
            shell = terminal.shell
            if isinstance(shell, IosShell) and shell.monitor and not terminal.closed:
                terminal.notify(self.log_line(moment, message))

    def log_line(self, moment: float, message: str) -> str:
        """``*May 14 09:20:00.000: %…``"""
        mark = "" if self.synchronized else "*"
        local = time.gmtime(moment + self.zone.offset)
        return (
            f"{mark}{time.strftime('%b', local)} {local.tm_mday:2d} {time.strftime('%H:%M:%S', local)}.000: {message}"
        )

    # -- Device ---------------------------------------------------------------------------------------------------

    @property
    def login_privilege(self) -> int:
        """The level after login: the option, else 15 unless there is an enable password to ask for."""
        wanted = self.options.get("privilege")
        return int(wanted) if wanted is not None else 1 if self.spec.enable_password else 15

    @property
    def hostname(self) -> str:
        if self._config is None:  # do not parse a whole configuration for a prompt
            text = self.spec.config if self._startup is None else self._startup
            found = re.search(r"^hostname (\S+)", text, re.MULTILINE)
            return found.group(1) if found else self.spec.hostname
        return self._config.hostname

    @property
    def running(self) -> str:
        return self.config.text() + "end\n"

    @property
    def startup(self) -> str:
        if self._startup is None:
            self._startup = self.parse(self.spec.config).text() + "end\n"
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
        return Store(IosAgent(self))

    def make_shell(self, terminal: Terminal) -> Shell:
        return IosShell(self, terminal)

    def boot(self) -> None:
        startup = self.startup
        self.rollbacks.forget()
        self.logged.clear()
        self.set_config(self.parse(startup))
        self.changed_at = None
        self.world.protocol(Lisp).restarted(self)
        self.log("%SYS-5-RESTART: System restarted --")

    def state(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "startup": self.startup,
            "files": dict(self.files),
            "master": self.vault.master,
            "rollback": self.rollbacks.state(),
            "log": list(self.logged),
            "changed": [self.changed_at, self.changed_by, self.saved_at],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.vault = Vault(state["master"])
        self._config = self.parse(state["running"])
        self._startup = state["startup"]
        self.version += 1
        self.files = dict(state["files"])
        self.logged = deque(((float(at), str(text)) for at, text in state["log"]), maxlen=MAX_LOG)
        self.changed_at, self.changed_by, self.saved_at = state["changed"]
        self.rollbacks.load_state(state["rollback"])


DEVICE = IosDevice
