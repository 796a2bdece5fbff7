# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ncclient as a carrier: framing, hello and RPCs are ncclient's; this adds host keys that are really checked, clear
errors, and silence about payloads, which hold keys.

ncclient's handler for IOS XE accepts any host key. Here a handler decides how messages look, never whom to trust.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

try:
    import ncclient.transport.session as ncclient_session
    import paramiko
    from lxml import etree
    from ncclient.manager import Manager, make_device_handler
    from ncclient.operations import RaiseMode, TimeoutExpiredError
    from ncclient.transport import SSHSession
    from ncclient.transport.errors import SessionCloseError, SSHUnknownHostError
except ImportError:  # the sanity tests import every file without third-party packages
    ncclient_session = paramiko = etree = Manager = make_device_handler = RaiseMode = None
    TimeoutExpiredError, SessionCloseError, SSHUnknownHostError = TimeoutError, ConnectionError, LookupError
    SSHSession = object

from ..engine.channel import LoginRefused, NoAnswer, SessionLost
from ..engine.secret import SecretBook, scrub_native
from .known_hosts import KnownHosts, RevokedHostKey
from .netmiko import Login, MaskedLog, connected_socket, explained, open_log

TICK = 0.01
"""Seconds between ncclient's looks at what it has to send; its own 0.1 would be the price of every operation."""


class _Payloads(logging.Filter):
    """Below WARNING, ncclient logs whole messages, keys included."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_PAYLOADS = _Payloads()


def silence() -> None:
    """No logger of ncclient tells of what is sent and received, whatever level somebody has set."""
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "ncclient"]:
        logging.getLogger(name).addFilter(_PAYLOADS)  # the same filter is added once only


class KnownHostsSession(SSHSession):  # type: ignore[misc]
    """ncclient's session over SSH that trusts one file of host keys."""

    def __init__(self, handler: Any, known_hosts: str | None) -> None:
        super().__init__(handler)
        self._host_keys = KnownHosts()
        self._known_hosts = known_hosts

    def load_known_hosts(self, filename: str | None = None) -> None:
        """The file that was configured, else the user's own (or the one that the SSH configuration names)."""
        if self._known_hosts is None or Path(self._known_hosts).expanduser().is_file():
            super().load_known_hosts(str(Path(self._known_hosts).expanduser()) if self._known_hosts else filename)


class NcclientChannel:
    """An open ncclient session as an RpcChannel."""

    def __init__(self, manager: Any, login: Login, book: SecretBook, log: MaskedLog | None) -> None:
        self._manager, self._book, self._log = manager, book, log
        self._lost = False
        self.host = login.host
        self.command_timeout = login.command_timeout
        self.session_id = str(manager.session_id)
        self.capabilities = frozenset(str(capability) for capability in manager.server_capabilities)

    def call(self, operation: str, *, timeout: float | None = None) -> str:
        limit = self.command_timeout if timeout is None else timeout
        self._note(">>>", operation)
        self._manager.timeout = limit
        try:
            reply = str(self._manager.dispatch(etree.fromstring(operation)).xml)
        except TimeoutExpiredError:
            raise NoAnswer(f"{self.host} did not answer over NETCONF within {limit:g} s") from None
        except Exception as problem:  # noqa: BLE001 - ncclient raises whatever ended its reading thread
            # Its texts may quote what was sent and received, so only the kind of problem goes on.
            self._lost = True
            raise SessionLost(f"{self.host} closed the NETCONF session ({type(problem).__name__})") from None
        self._note("<<<", reply)
        return reply

    def _note(self, mark: str, text: str) -> None:
        if self._log:
            self._log.write(f"{mark} {self._book.scrub(text)}\n".encode())
            self._log.flush()

    def close(self) -> None:
        """Say goodbye where somebody still listens, and end the transport."""
        try:
            session = self._manager._session
            if session.connected and not self._lost:
                self._manager.timeout = min(self.command_timeout, 5)
                self._manager.close_session()
            else:
                session.close()
        except Exception as problem:  # noqa: BLE001 - ncclient and paramiko raise anything; closing must not fail
            logging.getLogger(__name__).debug("closing %s: %s", self.host, type(problem).__name__)
        finally:
            if self._log:
                self._log.close()


class PayloadLog(MaskedLog):
    """A session log of messages. They may be written in one line or many, so each is masked as a whole."""

    def write(self, data: Any) -> int:
        self._file.write(scrub_native(bytes(data).decode("utf-8", "replace"), self._patterns))
        return len(data)


def connect(login: Login, handler: str, book: SecretBook, patterns: Sequence[re.Pattern[str]] = ()) -> NcclientChannel:
    """Log in. Raises LoginRefused or SessionLost with one sentence that says why and what to do."""
    if ncclient_session is None:
        raise LoginRefused("the Python package ncclient is not installed on the controller; install it with pip")
    silence()
    ncclient_session.TICK = min(ncclient_session.TICK, TICK)
    book.add(login.password, login.private_key_passphrase)
    if login.ssh_config_file and not Path(login.ssh_config_file).expanduser().is_file():
        raise LoginRefused(f"the SSH configuration file {login.ssh_config_file} does not exist")
    log = open_log(login, tuple(patterns), PayloadLog)
    try:
        return NcclientChannel(_manager(login, handler), login, book, log)
    except Exception as problem:  # noqa: BLE001 - whatever a login raises is explained below
        if log:
            log.close()
        raise _told(problem, login, book) from None


def _manager(login: Login, name: str) -> Any:
    handler = make_device_handler({"name": name}, None)
    session = KnownHostsSession(handler, login.known_hosts_file)
    try:
        # Not through the handler's own connection parameters: some switch the check of host keys off.
        session.connect(unknown_host_cb=_nobody, **_arguments(login))
    except BaseException:
        if session.transport is not None:
            session.close()
        raise
    return Manager(session, handler, timeout=login.command_timeout, raise_mode=RaiseMode.NONE)


def _nobody(host: str, fingerprint: str) -> bool:
    """Trust nobody who is not known."""
    return False


def _arguments(login: Login) -> dict[str, Any]:
    with_keys = login.private_key_file is not None or login.password is None
    key = str(Path(login.private_key_file).expanduser()) if login.private_key_file else None
    return {
        "host": login.host,
        "port": login.port,
        "timeout": login.connect_timeout,
        "username": login.username or None,
        # ncclient has one word for both; a passphrase is wanted where there is a key file.
        "password": login.private_key_passphrase if key and login.private_key_passphrase else login.password,
        "key_filename": key,
        "hostkey_verify": login.host_key_checking,
        "allow_agent": login.use_agent and with_keys,
        "look_for_keys": login.look_for_keys and with_keys and key is None,
        "ssh_config": login.ssh_config_file,
        "sock": _socket(login),
        **login.options,
    }


def _socket(login: Login) -> Any:
    """The way to the device: straight, or through the jump host or proxy that the OpenSSH configuration names."""
    if not login.ssh_config_file:
        return connected_socket(login)
    path = Path(login.ssh_config_file).expanduser()
    told = paramiko.SSHConfig.from_path(str(path)).lookup(login.host)
    host = told.get("hostname", login.host)
    if "proxyjump" in told and "proxycommand" not in told:
        *before, last = told["proxyjump"].split(",")
        chain = f"-J {','.join(before)} " if before else ""
        return paramiko.ProxyCommand(f"ssh -F {path} {chain}-W {host}:{login.port} {last}")
    return None  # ncclient reads the same file, and opens the socket or the ProxyCommand itself


def _told(problem: Exception, login: Login, book: SecretBook) -> LoginRefused | SessionLost:
    if isinstance(problem, SSHUnknownHostError):
        file = login.known_hosts_file or "~/.ssh/known_hosts"
        if _other_key_known(login):
            return LoginRefused(
                f"the host key of {login.host} is NOT the one in {file}: this may be another device, or an attack. "
                "Nothing was sent"
            )
        return LoginRefused(
            f"the host key of {login.host} is not known. Check it and add it to {file} "
            f"(ssh-keyscan -p {login.port} {login.host}), or turn host_key_checking off"
        )
    if isinstance(problem, SessionCloseError):
        return SessionLost(f"{login.host} port {login.port} closed the session before NETCONF had begun")
    if "SSH subsystem name" in str(problem):
        return LoginRefused(
            f"{login.host} port {login.port} has no NETCONF on this SSH server; is it turned on there, and is this its "
            "port (ansible_netconf_port, 830 unless given)?"
        )
    return explained(problem, login, book)


def _other_key_known(login: Login) -> bool:
    keys = KnownHosts()
    try:
        keys.load(str(Path(login.known_hosts_file or "~/.ssh/known_hosts").expanduser()))
        return any(keys.lookup(name) for name in (login.host, f"[{login.host}]:{login.port}"))
    except OSError:
        return False
    except RevokedHostKey:
        return True
