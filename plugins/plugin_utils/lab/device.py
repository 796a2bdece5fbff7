# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of every emulated device: identity, logins, sessions, faults and counters."""

from __future__ import annotations

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import LabError
from .faults import Fault, FaultSet, parse_fault
from .fidelity import Fact, Known, facts_of
from .shell import LoginStyle, Reply, Shell
from .terminal import Terminal

if TYPE_CHECKING:
    from .grammar import Mode
    from .labfile import DeviceSpec
    from .netconf.session import NetconfSession
    from .netconf.store import Store
    from .world import World

MAX_AUDIT = 2000  # command lines kept per device and per session


class CommandLog:
    """Counts command lines (tests measure round trips) and keeps the last of them with secrets masked."""

    def __init__(self) -> None:
        self.count = 0
        self.audit: deque[str] = deque(maxlen=MAX_AUDIT)

    def add(self, masked: str) -> None:
        self.count += 1
        self.audit.append(masked)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.audit))


@dataclass
class SessionInfo:
    """Who is connected, from where and since when."""

    id: int
    transport: str
    user: str | None
    peer: str
    opened_at: float
    commands: CommandLog = field(default_factory=CommandLog)


class Device(ABC):
    """One emulated device. A platform implements the abstract members; see ``platforms/huawei_vrp``."""

    default_version = ""
    default_model = ""
    login_style = LoginStyle()
    #: Simultaneous sessions; None = no limit. The device option ``max_sessions`` overrides it.
    max_sessions: int | None = None
    vty_full_text = "All user interfaces are used, please try later!"
    #: How sure it is what a session is like, apart from its commands.
    session_known: ClassVar[Mapping[str, Known]] = {}

    def __init__(self, spec: DeviceSpec, world: World) -> None:
        self.spec = spec
        self.world = world
        self.name = spec.name
        self.platform = spec.platform
        self.os_version = spec.os_version or self.default_version
        self.model = spec.model or self.default_model
        self.username = spec.username
        self.options: dict[str, Any] = dict(spec.options)
        self.faults = self._fault_set(fault.as_dict() for fault in spec.faults)
        self.commands = CommandLog()
        self.sessions: list[Terminal] = []
        self.booted_at = world.time
        self.down_until = 0.0
        self._next_session = 1
        self._netconf: Store | None = None

    # -- what a platform gives ------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def hostname(self) -> str:
        """The name in the prompt, from the running configuration."""

    @property
    @abstractmethod
    def running(self) -> str:
        """Running configuration as native text (clear of volatile headers)."""

    @property
    @abstractmethod
    def startup(self) -> str:
        """Saved configuration as native text; "" when nothing was saved."""

    @abstractmethod
    def make_shell(self, terminal: Terminal) -> Shell:
        """A CLI for a new session."""

    @abstractmethod
    def boot(self) -> None:
        """Load the startup configuration as the running one and forget volatile state."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Everything to survive save and restore of a lab, JSON-able (running, startup, …)."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> None:
        """Inverse of state()."""

    @classmethod
    def dialects(cls) -> Mapping[str, Mapping[str, Mode]]:
        """The modes of each dialect of the system, by the name that people give it; none where there is no grammar."""
        return {}

    def grammar(self) -> Mapping[str, Mode]:
        """The modes of this very device."""
        return {}

    @classmethod
    def facts(cls) -> list[Fact]:
        """What is known of the system, session first."""
        return [*cls._session_facts(), *facts_of(cls.dialects())]

    def own_facts(self) -> list[Fact]:
        """What is known of the system in this device's dialect."""
        return [*self._session_facts(), *facts_of({"": self.grammar()})]

    @classmethod
    def netconf_facts(cls) -> list[Fact]:
        """What is known of the system's NETCONF server; nothing where the emulator has none."""
        return []

    def own_netconf_facts(self) -> list[Fact]:
        """What is known of what this very device serves over NETCONF."""
        from .netconf.fidelity import served

        store = self.netconf
        return [] if store is None else served(self.netconf_facts(), store)

    @classmethod
    def _session_facts(cls) -> list[Fact]:
        return [Fact(what, "", known) for what, known in cls.session_known.items()]

    def make_netconf(self) -> Store | None:
        """The NETCONF side of the device; None for a system without one."""
        return None

    def asks_login(self, transport: str, user: str | None) -> bool:
        """Whether the session starts with an in-band login dialogue."""
        return user is None

    # -- sessions -------------------------------------------------------------------------------------------------

    @property
    def reachable(self) -> bool:
        """False while the device reboots."""
        return self.world.clock.now() >= self.down_until

    def check_login(self, user: str, password: str) -> bool:
        """Compare credentials in constant time; a refuse_login fault answers no."""
        if self.faults.take("refuse_login") is not None:
            return False
        same_user = hmac.compare_digest(user.encode(), self.username.encode())
        return hmac.compare_digest(password.encode(), self.spec.password.encode()) and same_user

    def check_enable(self, password: str) -> bool:
        """Compare the enable password; an empty one accepts everything."""
        wanted = self.spec.enable_password
        return not wanted or hmac.compare_digest(password.encode(), wanted.encode())

    def open_session(self, transport: str, user: str | None, peer: str = "127.0.0.1") -> Terminal:
        """A new session; ``user`` None means that the login dialogue happens in-band (Telnet).

        When the device cannot take it (rebooting, vty lines full) the terminal says so in start() and is closed.
        """
        with self.world.lock:
            self.world.tick()
            info = SessionInfo(self._next_session, transport, user, peer, self.world.time)
            self._next_session += 1
            login = self.login_style if self.asks_login(transport, user) else None
            refusal = self._refusal()
            if refusal is not None:
                text = refusal
                return _RefusedTerminal(self, info, lambda terminal: _RefusingShell(self, terminal), text)
            terminal = Terminal(self, info, self.make_shell, login)
            self.sessions.append(terminal)
            return terminal

    @property
    def netconf(self) -> Store | None:
        """The NETCONF datastores, made on first use."""
        if self._netconf is None:
            self._netconf = self.make_netconf()
        return self._netconf

    def open_netconf(self, user: str | None, peer: str = "127.0.0.1") -> NetconfSession:
        """A new NETCONF session; closed in start() when the device cannot take it. LabError without NETCONF."""
        from .netconf.session import NetconfSession

        with self.world.lock:
            self.world.tick()
            store = self.netconf
            if store is None:
                raise LabError(f"The emulator of {self.platform} has no NETCONF.")
            info = SessionInfo(self._next_session, "netconf", user, peer, self.world.time)
            self._next_session += 1
            return NetconfSession(self, store, info, refused=self._refusal() is not None)

    def _refusal(self) -> str | None:
        if not self.reachable:
            return ""
        limit = self.options.get("max_sessions", self.max_sessions)
        others = 0 if self._netconf is None else len(self._netconf.sessions)
        full = isinstance(limit, int) and len(self.sessions) + others >= limit
        if self.faults.take("vty_full") is not None or full:
            return self.vty_full_text
        return None

    def session_closed(self, terminal: Terminal) -> None:
        if terminal in self.sessions:
            self.sessions.remove(terminal)

    def reboot(self, seconds: float = 0.0) -> None:
        """Drop all sessions, lose what was not saved, stay away for ``seconds``."""
        with self.world.lock:
            for terminal in list(self.sessions):
                terminal.close()
            if self._netconf is not None:
                self._netconf.restart()
            self.down_until = self.world.clock.now() + seconds
            self.booted_at = self.world.time
            self.boot()

    # -- faults ---------------------------------------------------------------------------------------------------

    def _fault_set(self, faults: Iterable[Mapping[str, Any]]) -> FaultSet:
        return FaultSet([parse_fault(fault) for fault in faults], self.world.clock.now, self._await)

    def _await(self, fault: Fault) -> None:
        """Let a fault strike when its moment comes, unless it is taken away before."""
        self.world.schedule(fault.awake, lambda: self._strike(fault))

    def _strike(self, fault: Fault) -> None:
        if fault.spent or fault not in self.faults:
            return
        fault.used += 1
        if fault.kind == "reboot":
            self.reboot(float(fault.params.get("seconds", 0.0)))
            return
        for terminal in list(self.sessions):
            terminal.close()
        for session in list(self._netconf.sessions.values()) if self._netconf is not None else []:
            session.close()

    # -- helpers for platforms ------------------------------------------------------------------------------------

    def number(self, purpose: str, bits: int = 32) -> int:
        """A stable pseudo-random number per device and purpose (MACs, instance ids, phases)."""
        digest = hashlib.sha256(f"{self.world.name}/{self.name}/{purpose}".encode()).digest()
        return int.from_bytes(digest[:16], "big") >> (128 - bits)

    def snapshot(self) -> dict[str, Any]:
        return {
            "device": self.state(),
            "booted_at": self.booted_at,
            "down_until": self.down_until,
            "commands": self.commands.count,
            "faults": self.faults.as_list(),
            "netconf": {} if self._netconf is None else self._netconf.state(),
        }

    def restore(self, data: dict[str, Any]) -> None:
        for terminal in list(self.sessions):
            terminal.close()
        self.booted_at = float(data["booted_at"])
        self.down_until = float(data["down_until"])
        self.commands.count = int(data["commands"])
        self.faults = self._fault_set(data["faults"])
        if self._netconf is not None:
            self._netconf.restart()
        self.load_state(data["device"])
        pending = data.get("netconf")
        if pending and self.netconf is not None:
            self.netconf.load_state(pending)


class _RefusingShell(Shell):
    def prompt(self) -> str:
        return ""

    def execute(self, line: str) -> Reply:
        return Reply(close=True)


class _RefusedTerminal(Terminal):
    """Prints one line and is closed."""

    def __init__(self, device: Device, session: SessionInfo, shell: Any, text: str) -> None:
        super().__init__(device, session, shell)
        self._refusal = text

    def _start(self) -> None:
        if self._refusal:
            self._out.append(self._refusal + "\r\n")
        self.close()
