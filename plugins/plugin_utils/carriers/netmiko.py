# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko as a carrier: login, host keys and jump hosts are netmiko's and paramiko's; this adds clear errors,
a reading loop that notices a lost session at once, and logs that never hold a secret."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    import netmiko
    import paramiko
except ImportError:  # the sanity tests import every file without third-party packages
    netmiko = paramiko = None  # type: ignore[assignment]

from ..engine.channel import Ending, LoginRefused, NoAnswer, SessionLost
from ..engine.secret import MASK, Secret, SecretBook, scrub_native

POLL = (0.001, 0.02)
"""Seconds between looks at a channel that does not tell when something comes: first and longest, doubled each time."""

BELL = 0.1
"""Seconds between looks at one that does: a session may also be lost."""

ECHO_GRACE = 0.3
"""Seconds to wait for an echo that did not come before a prompt."""

AHEAD_GRACE = 3.0
"""Seconds of silence at a prompt after which what was typed ahead counts as thrown away by the device."""
_HEAD = 16
"""Characters of a line by which its echo is found behind a prompt: short enough to stand before any wrapping."""


@dataclass(frozen=True)
class Login:
    """How to reach and enter one device. Times in seconds."""

    host: str
    port: int
    username: str = ""
    password: str | None = None
    enable_password: str | None = None
    private_key_file: str | None = None
    private_key_passphrase: str | None = None
    use_agent: bool = True
    look_for_keys: bool = True
    host_key_checking: bool = True
    known_hosts_file: str | None = None
    ssh_config_file: str | None = None
    connect_timeout: float = 10
    command_timeout: float = 30
    session_log: str | None = None
    type_ahead: bool = True
    """Whether several lines may go out in one write where the OS takes that."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of netmiko's ConnectHandler."""


class NetmikoChannel:
    """An open netmiko connection as a Channel."""

    def __init__(self, connection: Any, login: Login, book: SecretBook, log: MaskedLog | None = None) -> None:
        self.connection, self.host, self._log = connection, login.host, log
        self.command_timeout = login.command_timeout
        self.enable_password = Secret(login.enable_password) if login.enable_password else None
        self._book = book
        self._type_ahead = login.type_ahead
        self._bell = _bell(connection.remote_conn)
        self._typed: deque[str] = deque()
        self._heard = ""
        """What came after the answer that was asked for: the answers to lines that were typed ahead."""

    def entrust(self, book: SecretBook) -> None:
        book.add(*self._book.literals())
        self._book = book

    def send_ahead(self, lines: Sequence[str]) -> None:
        if self._type_ahead:
            self._write("".join(line + self.connection.RETURN for line in lines))
            self._typed.extend(lines)

    def ask(self, line: str, until: Ending, *, timeout: float | None = None, key: bool = False) -> str:
        limit = self.command_timeout if timeout is None else timeout
        if not key and self._typed and self._typed[0] == line:
            self._typed.popleft()
        else:
            self._catch_up(until, limit)
            self._write(line if key else line + self.connection.RETURN)
        text = self._read(until, limit)
        if not key and not _echoed(line, text):
            # A prompt that was still on its way when the line was sent; hidden input has no echo at all.
            with contextlib.suppress(NoAnswer):
                text = self._read(until, ECHO_GRACE, text)
        return text

    def _catch_up(self, until: Ending, limit: float) -> None:
        """Let the answers pass to lines that were typed ahead and that nobody asks for any more."""
        while self._typed:
            self._typed.popleft()
            self._read(until, limit)

    def _write(self, text: str) -> None:
        self._hide_secrets()
        try:
            self.connection.write_channel(text)
        except (OSError, EOFError, netmiko.exceptions.NetmikoBaseException) as problem:
            raise SessionLost(f"{self.host} closed the session: {problem}") from None

    def _end(self, text: str, until: Ending) -> int | None:
        """Where the answer ends that the text begins with: at its end, or at the echo of the next line typed ahead."""
        if "\n" not in text:  # the echo of the line always ends before an answer can: a prompt has a line of its own
            return None
        if not self._typed:
            return len(text) if until.search(text, text.rfind("\n")) else None
        head = self._typed[0][:_HEAD]
        at = text.find(head)
        while at >= 0:
            newline = text.rfind("\n", 0, at)
            if newline >= 0 and until.search(text, newline, at):
                return at
            at = text.find(head, at + 1)
        return None

    def _thrown_away(self, text: str, until: Ending) -> bool:
        """Whether a silent device stands at the first prompt, and took none of what was typed ahead."""
        if "\n" not in text or not until.search(text, text.rfind("\n")):
            return False
        lines = text.split("\n")[1:-1]
        if any(until.search(f"\n{line[:end]}") for line in lines for end in range(1, len(line) + 1)):
            raise NoAnswer(
                f"{self.host} took a line that was typed ahead as the answer to something else; set "
                "ansible_netmiko_type_ahead to false for this host"
            )
        self._type_ahead = False
        self._typed.clear()
        return True

    def _read(self, until: Ending, limit: float, text: str = "") -> str:
        deadline = time.monotonic() + limit
        pause, quiet_since = POLL[0], time.monotonic()
        text, self._heard = text + self._heard, ""
        fresh, rung, idle = text, False, False
        while True:
            if fresh:
                rung = False
                pause, quiet_since = POLL[0], time.monotonic()
                end = self._end(text, until)
                if end is not None:
                    self._heard = text[end:]
                    return text[:end]
            elif self._typed and time.monotonic() - quiet_since > AHEAD_GRACE and self._thrown_away(text, until):
                return text
            elif self._gone():
                raise SessionLost(f"{self.host} closed the session")
            elif time.monotonic() > deadline:
                tail = self._book.scrub(text)[-200:]  # in this order: half a secret would not be recognised
                raise NoAnswer(f"{self.host} gave no prompt within {limit:g} s; the last it said was {tail!r}")
            else:
                rung = self._wait(pause if idle or not self._bell else 0)
                pause = min(pause * 2, POLL[1])
            fresh = self._fresh()
            idle = rung and not fresh
            text += fresh

    def _wait(self, pause: float) -> bool:
        """Until something has come, for a while at most; whether the carrier said so. First `pause` seconds."""
        if pause:
            time.sleep(pause)
        return bool(self._bell and self._bell.poll(BELL * 1000))

    def _fresh(self) -> str:
        try:
            fresh: str = self.connection.read_channel()
        except (OSError, EOFError, netmiko.exceptions.NetmikoBaseException) as problem:
            raise SessionLost(f"{self.host} closed the session: {problem}") from None
        return fresh.replace("\x00", "")

    def _gone(self) -> bool:
        """SSH only: paramiko gives no error for reading a channel that the other end has closed."""
        remote = self.connection.remote_conn
        if not isinstance(remote, paramiko.Channel):
            return False
        gone = remote.closed or remote.eof_received or not remote.get_transport().is_active()
        return gone and not remote.recv_ready()

    def _hide_secrets(self) -> None:
        """netmiko masks what stands in its no_log table, in its session log and in its debug log alike."""
        table = self.connection._secrets_filter.no_log
        for literal in self._book.literals():
            table.setdefault(literal, literal)

    def close(self) -> None:
        """Close the transport; the CLI was left in a clean state by the session, so no farewell is typed."""
        try:
            ssh = self.connection.protocol == "ssh"
            self.connection.paramiko_cleanup() if ssh else self.connection.remote_conn.close()
            if self.connection.session_log:
                self.connection.session_log.close()
            if self._log:
                self._log.close()  # netmiko closes only files that it has opened
            # Each connection leaves a filter with its secrets on netmiko's one logger: a long run would gather them.
            netmiko.log.removeFilter(self.connection._secrets_filter)
        except Exception as problem:  # noqa: BLE001 - netmiko and paramiko raise anything; closing must not fail
            logging.getLogger(__name__).debug("closing %s: %s", self.host, type(problem).__name__)


def _bell(remote: Any) -> select.poll | None:
    """What tells that something has come, so that nobody has to keep looking; None where there is no such thing."""
    try:
        bell = select.poll()
        bell.register(remote.fileno(), select.POLLIN)
    except (AttributeError, OSError, TypeError, ValueError):
        return None
    return bell


def _echoed(line: str, text: str) -> bool:
    """Whether the text holds the beginning of the line that was sent, wherever the terminal wrapped it."""
    return "".join(line.split())[:12] in "".join(text.split())


class MaskedLog(io.BufferedIOBase):
    """A session log that is written line by line, each without the secrets that its OS prints."""

    def __init__(self, path: Path, patterns: tuple[re.Pattern[str], ...]) -> None:
        super().__init__()
        self._file = path.open("a", encoding="utf-8")
        path.chmod(0o600)
        self._patterns, self._held = patterns, ""

    def write(self, data: Any) -> int:
        self._held += bytes(data).decode("utf-8", "replace")
        done, newline, self._held = self._held.rpartition("\n")
        self._file.write(scrub_native(done + newline, self._patterns))
        return len(data)

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        if not self._file.closed:
            self._file.write(scrub_native(self._held, self._patterns))
            self._file.close()
        super().close()


def connect(
    driver: type[Any], device_type: str, login: Login, book: SecretBook, patterns: tuple[re.Pattern[str], ...] = ()
) -> NetmikoChannel:
    """Log in. Raises LoginRefused or SessionLost with one sentence that says why and what to do."""
    if netmiko is None:
        raise LoginRefused("the Python package netmiko is not installed on the controller; install it with pip")
    book.add(login.password, login.enable_password, login.private_key_passphrase)
    if login.ssh_config_file and not Path(login.ssh_config_file).expanduser().is_file():
        raise LoginRefused(f"the SSH configuration file {login.ssh_config_file} does not exist")
    log = open_log(login, patterns)
    try:
        connection = driver(**{"sock": _socket(device_type, login), **_arguments(device_type, login, log)})
    except Exception as problem:  # noqa: BLE001 - whatever a login raises is explained below
        if log:
            log.close()
        raise explained(problem, login, book) from None
    return NetmikoChannel(connection, login, book, log)


def open_log(
    login: Login, patterns: tuple[re.Pattern[str], ...], kind: type[MaskedLog] | None = None
) -> MaskedLog | None:
    """The session log that the login asks for, if it does. Raises LoginRefused when it cannot be written."""
    if not login.session_log:
        return None
    try:
        return (kind or MaskedLog)(Path(login.session_log).expanduser(), patterns)
    except OSError as problem:
        raise LoginRefused(f"the session log {login.session_log} cannot be written: {problem.strerror}") from None


def warm(drivers: Iterable[type[Any]]) -> None:
    """Fill the caches of the regular expressions that netmiko compiles, by rehearsing a login that reaches nobody."""
    for driver in drivers:
        _rehearse(driver, "strip_ansi_escape_codes", "")
        _rehearse(driver, "normalize_linefeeds", "")
        _rehearse(driver, "special_login_handler")
        _rehearse(driver, "session_preparation")


def _rehearse(driver: type[Any], step: str, *arguments: str) -> None:
    """A step of a login where all that a device says is its prompt; who waits for more gets an error."""
    bare, said = object.__new__(driver), iter([f"\n{driver.example}"])
    bare.RETURN = bare.RESPONSE_RETURN = "\n"
    bare.read_timeout_override, bare._read_buffer = None, ""
    bare.read_channel = lambda: next(said)
    with contextlib.suppress(Exception):
        getattr(bare, step)(*arguments)


def _socket(device_type: str, login: Login) -> socket.socket | None:
    """A connected socket without Nagle's delay, which would cost SSH's small packets 40 ms each way, twice per login.

    None where netmiko must find the way itself: Telnet, or an OpenSSH configuration that may name a jump host.
    """
    if device_type.endswith("_telnet") or login.ssh_config_file or "sock" in login.options:
        return None
    return connected_socket(login)


def connected_socket(login: Login) -> socket.socket:
    """A TCP connection to the device. Raises OSError."""
    connected = socket.create_connection((login.host, login.port), timeout=login.connect_timeout)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def _arguments(device_type: str, login: Login, log: MaskedLog | None) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "device_type": device_type,
        "host": login.host,
        "port": login.port,
        "username": login.username,
        "password": login.password,
        "secret": login.enable_password or "",
        "conn_timeout": login.connect_timeout,
        "banner_timeout": login.connect_timeout + 5,
        "auth_timeout": login.connect_timeout + 5,
        "session_log": log,
    }
    if not device_type.endswith("_telnet"):
        with_keys = login.private_key_file is not None or login.password is None
        arguments |= {
            "ssh_strict": login.host_key_checking,
            "system_host_keys": login.known_hosts_file is None and login.host_key_checking,
            # Not where they do not count: netmiko would write the unknown key into that file.
            "alt_host_keys": login.known_hosts_file is not None and login.host_key_checking,
            "alt_key_file": login.known_hosts_file or "",
            "key_file": login.private_key_file,
            "passphrase": login.private_key_passphrase,
            "use_keys": login.private_key_file is not None,
            "allow_agent": login.use_agent and with_keys,
            "ssh_config_file": login.ssh_config_file,
        }
    return arguments | dict(login.options)


_Explain = Callable[[Login, str], str]
_REASONS: tuple[tuple[str, _Explain], ...] = (
    (
        "RevokedHostKey",
        lambda login, text: (
            f"the host key of {login.host} is revoked in {login.known_hosts_file or '~/.ssh/known_hosts'}, or a line "
            "there that revokes one cannot be read. Nothing was sent"
        ),
    ),
    (
        "not found in known_hosts",
        lambda login, text: (
            f"the host key of {login.host} is not known. Check it and add it to "
            f"{login.known_hosts_file or '~/.ssh/known_hosts'} (ssh-keyscan -p {login.port} {login.host}), "
            "or turn host_key_checking off"
        ),
    ),
    (
        "does not match",
        lambda login, text: (
            f"the host key of {login.host} is NOT the one in {login.known_hosts_file or '~/.ssh/known_hosts'}: "
            "this may be another device, or an attack. Nothing was sent"
        ),
    ),
    (
        "encrypted",
        lambda login, text: (
            f"the private key {login.private_key_file} needs a passphrase (ansible_private_key_passphrase)"
        ),
    ),
    (
        "Invalid key|checkints do not match|[Bb]ad decrypt|[Ii]ncorrect password|[Uu]nable to decrypt",
        lambda login, text: (
            f"the private key {login.private_key_file} cannot be read; is ansible_private_key_passphrase right?"
        ),
    ),
    (
        "Authentication",
        lambda login, text: (
            f"{login.host} refused the login of user {login.username or '(none)'}; check user, password, keys"
        ),
    ),
    ("refused", lambda login, text: f"{login.host} port {login.port} refused the connection; is the service on?"),
    ("No route to host|[Nn]etwork is unreachable", lambda login, text: f"there is no route to {login.host}"),
    (
        "protocol banner",
        lambda login, text: (
            f"{login.host} port {login.port} closed the connection before the login, or speaks no SSH; "
            "are its lines all in use?"
        ),
    ),
    (
        "timed out|No existing session",
        lambda login, text: f"{login.host} port {login.port} did not answer within {login.connect_timeout:g} s",
    ),
    ("gaierror|not resolvable", lambda login, text: f"the name {login.host} cannot be resolved"),
    (
        "key_file does not exist|does not exist",
        lambda login, text: f"the private key file {login.private_key_file} does not exist",
    ),
    (
        "No such file or directory",
        lambda login, text: (
            f"the jump host or proxy command that {login.ssh_config_file} names for {login.host} cannot be started: "
            f"{text}"
        ),
    ),
)


def _with_addresses(chain: list[BaseException]) -> list[BaseException]:
    """The exceptions and, where one stands for an attempt per address, those of the attempts."""
    return [*chain, *(reason for entry in chain for reason in getattr(entry, "errors", None) or {}.values())]


def explained(problem: Exception, login: Login, book: SecretBook) -> LoginRefused | SessionLost:
    """netmiko's many-line messages as one sentence, from the exception that lies beneath them."""
    chain: list[BaseException] = []
    cause: BaseException | None = problem
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, SessionLost):
        return SessionLost(book.scrub(str(problem)))
    words = [f"{type(entry).__name__} {entry}" for entry in reversed(_with_addresses(chain))]
    for pattern, explain in _REASONS:
        if any(re.search(pattern, text) for text in words):
            kind = LoginRefused if not re.search("refused|timed out", pattern) else SessionLost
            return kind(explain(login, words[0]))
    if isinstance(chain[-1], socket.timeout | TimeoutError):
        return SessionLost(f"{login.host} port {login.port} did not answer within {login.connect_timeout:g} s")
    told = " ".join(book.scrub(str(chain[-1]) or type(chain[-1]).__name__).split())
    return SessionLost(f"{login.host} port {login.port}: no session: {told or MASK}")
