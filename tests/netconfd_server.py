# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NETCONF server that others wrote (netconfd) with the test doubles of ``tests/yang``, and yanglint on the same.

netconfd listens on a Unix socket; an SSH server of paramiko's in a thread of the test passes the bytes on. It takes a
password and any user name, is ready at once, and breaks on demand (`Wire`): a real client and a real server with
a line between them that a test can cut. Its options are in netconfd(1).

A conftest.py, or a test, takes the fixture with ``from netconfd_server import netconfd``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import paramiko
import pytest

YANG = Path(__file__).parent / "yang"
PASSWORD = "net-pass"
SUPERUSER = "netops"
"""This user may do everything; others may only read (the default of NETCONF access control, RFC 8341)."""

_ATTEMPTS = 50

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
EMPTY = f'<config xmlns="{BASE}"/>'

CISCO = ("Cisco-IOS-XE-native", "Cisco-IOS-XE-crypto", "Cisco-IOS-XE-lisp")
CISCO_OLD = ("Cisco-IOS-XE-native", "Cisco-IOS-XE-crypto@2020-03-01", "Cisco-IOS-XE-lisp")
"""As in releases before 17.4: no `cryptographic-algorithm-choice`."""
HUAWEI = tuple(
    f"huawei-{name}" for name in ("network-instance", "ifm", "mpls", "te", "te-interface", "mpls-te", "rsvp-interface")
)
FAMILIES = {"cisco_iosxe": CISCO, "huawei_vrp": HUAWEI}

CISCO_STARTUP = f"""<config xmlns="{BASE}">
  <native xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-native"><version>17.9</version><hostname>R1</hostname></native>
</config>"""


def huawei_startup(*interfaces: str, rsvp: bool = True) -> str:
    """A `<config>` in which RSVP-TE runs on the interfaces; without it the server drops what depends on RSVP."""
    names = interfaces or ("GigabitEthernet0/1/0", "GigabitEthernet0/1/1")

    def each(form: str) -> str:
        return "".join(form.format(name) for name in names)

    on = "true" if rsvp else "false"
    return f"""<config xmlns="{BASE}">
  <ifm xmlns="urn:huawei:yang:huawei-ifm"><interfaces>
    {each("<interface><name>{}</name><vrf-name>_public_</vrf-name></interface>")}
  </interfaces></ifm>
  <mpls xmlns="urn:huawei:yang:huawei-mpls">
    <common><global><mpls-enable>true</mpls-enable></global></common>
    <te xmlns="urn:huawei:yang:huawei-mpls-te"><enable>true</enable><rsvp><enable>{on}</enable></rsvp></te>
  </mpls>
  <network-instance xmlns="urn:huawei:yang:huawei-network-instance"><instances><instance><name>_public_</name>
    <mpls xmlns="urn:huawei:yang:huawei-mpls"><common><mpls-interfaces>
      {each("<mpls-interface><name>{}</name></mpls-interface>")}
    </mpls-interfaces></common></mpls>
    <te xmlns="urn:huawei:yang:huawei-te"><interfaces xmlns="urn:huawei:yang:huawei-te-interface">
      {each("<interface><name>{}</name><mpls-te-enable>true</mpls-te-enable></interface>")}
    </interfaces></te>
  </instance></instances></network-instance>
</config>"""


@dataclass
class Wire:
    """What is wrong with the line between client and server. Change it between RPCs; `clear()` repairs it.

    An RPC is named by its operation (``"commit"``) or by its number in the session, counted from 1.
    """

    drop_before: str | int | None = None
    """Cut the session when this RPC arrives: the server never sees it."""
    drop_after: str | int | None = None
    """Cut the session once the server has answered this RPC: it is done, but the client does not learn it."""
    truncate: str | int | None = None
    """Pass half of the answer to this RPC on, then cut the session."""
    delay: float = 0.0
    """Seconds that each answer is held back."""
    seen: list[str] = field(default_factory=list)
    """The operations that arrived, of all sessions, in order."""

    def clear(self) -> None:
        self.drop_before = self.drop_after = self.truncate = None
        self.delay = 0.0
        self.seen.clear()


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if found is None:
        package = "libyang2-tools" if name == "yanglint" else "netconfd"
        pytest.skip(f"The program {name} is not installed (apt-get install {package}).")
    return found


def _mend_counter() -> None:
    """All netconfd processes of a user count commits in one file, and do not start while another one writes it.

    One that was killed while it wrote leaves a file without a number, which stops every later start.
    """
    time.sleep(0.1)
    counter = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".yuma" / "startup-cfg-txid.txt"
    with contextlib.suppress(FileNotFoundError):
        if not counter.read_text().strip() and time.time() - counter.stat().st_mtime > 1:
            counter.unlink()


# -- the server ---------------------------------------------------------------------------------------------------


class Netconfd:
    """One netconfd process with the SSH server in front of it; a context manager that leaves nothing behind."""

    def __init__(
        self,
        folder: Path,
        modules: Sequence[str] = HUAWEI,
        *,
        startup: str = EMPTY,
        target: str = "candidate",
        with_startup: bool = False,
    ) -> None:
        """`target` is the datastore that edits go to: ``candidate`` or ``running``."""
        self.wire = Wire()
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # who reaches netconfd's socket is whoever he says he is
        self._socket = folder / "ncx.sock"
        self._startup = folder / "startup-cfg.xml"
        self._startup.write_text(startup, encoding="utf-8")
        self._command = [
            _program("netconfd"),
            f"--startup={self._startup}",
            f"--superuser={SUPERUSER}",
            f"--target={target}",
            f"--with-startup={'true' if with_startup else 'false'}",
            f"--ncxserver-sockname={self._socket}",
            f"--modpath={YANG}",
            *(f"--module={name}" for name in modules),
            "--log-level=error",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        subsystem = [_program("netconf-subsystem"), f"--ncxserver-sockname=830@{self._socket}"]
        self._front = _FrontEnd(subsystem, self.wire, self._idle)
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {self._front.public_key}\n", encoding="ascii")

    @property
    def port(self) -> int:
        return self._front.port

    @property
    def sessions(self) -> int:
        """How many NETCONF sessions are open now."""
        return len(self._front.channels)

    def start(self) -> None:
        """Start netconfd; an error with its own words when it does not come up."""
        for _attempt in range(_ATTEMPTS):
            words = self._start_once()
            if words is None:
                return
            if "txid" not in words:
                break
            _mend_counter()
        self.stop()
        raise AssertionError(f"netconfd did not start:\n{words}")

    def _start_once(self) -> str | None:
        """None when it runs, else what it said."""
        self._socket.unlink(missing_ok=True)  # a stale one makes it fail
        log = self.folder / "netconfd.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        give_up = time.monotonic() + 30
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self._end()
                return log.read_text(errors="replace")
            time.sleep(0.01)
        return None

    def _idle(self) -> bool:
        """Whether it has dealt with all that has reached it."""
        return self._process is None or _asleep(self._process.pid)

    def crash(self) -> None:
        """End the server, and with it every session, as a power cut does."""
        self._end()
        self._front.drop_all()

    def stop(self) -> None:
        self._front.close()
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()  # it looks at SIGTERM once a second
            self._process.wait()
            self._process = None

    def __enter__(self) -> Netconfd:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    # -- clients -------------------------------------------------------------------------------------------------

    def inventory(self, platform: str, **variables: Any) -> dict[str, Any]:
        """The variables by which Ansible reaches this server, which has no command line."""
        return {
            "ansible_connection": "netops.peerguard.netconf",
            "ansible_network_os": f"netops.peerguard.{platform}",
            "ansible_host": "127.0.0.1",
            "ansible_netconf_port": self.port,
            "ansible_netconf_known_hosts_file": str(self.known_hosts),
            "ansible_user": SUPERUSER,
            "ansible_password": PASSWORD,
        } | variables

    @contextlib.contextmanager
    def client(self, user: str = SUPERUSER, handler: str = "default") -> Iterator[Any]:
        """An ncclient session of the test's own; a short tick makes it several times as fast."""
        manager = pytest.importorskip("ncclient.manager", reason="ncclient is not installed")
        pytest.importorskip("ncclient.transport.session").TICK = 0.005
        with contextlib.ExitStack() as stack:
            session = manager.connect(
                host="127.0.0.1",
                port=self.port,
                username=user,
                password=PASSWORD,
                hostkey_verify=False,
                look_for_keys=False,
                allow_agent=False,
                timeout=20,
                device_params={"name": handler},
            )
            stack.callback(_leave, session)
            yield session

    def running(self) -> str:
        """The running configuration, asked over a session of its own."""
        with self.client() as session:
            return str(session.get_config("running").data_xml)

    def edit(self, config: str, target: str = "candidate") -> None:
        """Somebody else's change, committed."""
        with self.client() as session:
            session.edit_config(target=target, config=in_config(config))
            if target == "candidate":
                session.commit()


def _leave(session: Any) -> None:
    with contextlib.suppress(Exception):  # the session may be gone: that is what many a test is about
        session.timeout = 2
        if session.connected:
            session.close_session()


def in_config(payload: str) -> str:
    """The payload inside `<config>`, once."""
    return payload if re.match(r"\s*<(\w+:)?config[\s>]", payload) else f'<config xmlns="{BASE}">{payload}</config>'


# -- the SSH server in front of it --------------------------------------------------------------------------------

_END = re.compile(rb"]]>]]>|\n##\n")
_OPERATION = re.compile(rb"<(?:\w+:)?rpc\b[^>]*>\s*<(?:\w+:)?([\w-]+)")


class _Login(paramiko.ServerInterface):
    def __init__(self) -> None:
        self.user = ""
        self.wanted = threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self.user = username
        return paramiko.AUTH_SUCCESSFUL if password == PASSWORD else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        if name == "netconf":
            self.wanted.set()
        return name == "netconf"


def _asleep(pid: int) -> bool:
    """Whether a process waits for something to happen, or is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] in "SZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


class _FrontEnd:
    """Accepts SSH on a free port of loopback and pumps bytes between each channel and a netconf-subsystem process."""

    def __init__(self, subsystem: list[str], wire: Wire, server_idle: Callable[[], bool]) -> None:
        self._subsystem = subsystem
        self._wire = wire
        self._server_idle = server_idle
        self._key = paramiko.ECDSAKey.generate()
        self.public_key = f"{self._key.get_name()} {self._key.get_base64()}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.channels: list[_Line] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return  # shut down
            self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        login = _Login()
        transport = paramiko.Transport(connection)
        transport.add_server_key(self._key)
        try:
            transport.start_server(server=login)
            channel = transport.accept(20)
            if channel is not None and login.wanted.wait(20):
                environment = os.environ | {"USER": login.user, "SSH_CONNECTION": "127.0.0.1 40000 127.0.0.1 830"}
                line = _Line(channel, self._subsystem, environment, self._wire, self._server_idle)
                self.channels.append(line)
                try:
                    line.pump()
                finally:
                    self.channels.remove(line)
        except (EOFError, OSError, paramiko.SSHException):
            pass  # the client went away, or never spoke SSH
        finally:
            with contextlib.suppress(EOFError):
                transport.close()

    def drop_all(self) -> None:
        """Cut every session."""
        for line in list(self.channels):
            line.cut()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        self.drop_all()
        for thread in self._threads:
            thread.join(10)


class _Line:
    """One session: the client's channel on one side, a netconf-subsystem process on the other."""

    def __init__(
        self,
        channel: paramiko.Channel,
        subsystem: list[str],
        environment: dict[str, str],
        wire: Wire,
        server_idle: Callable[[], bool],
    ) -> None:
        self._channel = channel
        self._wire = wire
        self._server_idle = server_idle
        self._process = subprocess.Popen(
            subsystem, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._number = 0
        self._operation = ""
        self._cut = threading.Event()

    def cut(self) -> None:
        """End the session at once; both pumps notice."""
        self._cut.set()
        with contextlib.suppress(EOFError, OSError):
            self._channel.close()
        self._process.kill()

    def pump(self) -> None:
        """Until one side ends."""
        back = threading.Thread(target=self._to_client, daemon=True)
        back.start()
        try:
            self._to_server()
        finally:
            assert self._process.stdin is not None
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            back.join(5)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _is(self, point: str | int | None) -> bool:
        """Whether the RPC under way is the one that a fault names."""
        return point is not None and point in (self._number, self._operation)

    def _messages(self, read: Callable[[], bytes]) -> Iterator[bytes]:
        """Whole messages, their end marks included."""
        waiting = b""
        while True:
            mark = _END.search(waiting)
            if mark:
                yield waiting[: mark.end()]
                waiting = waiting[mark.end() :]
                continue
            with contextlib.suppress(OSError, EOFError):
                fresh = read()
                if fresh:
                    waiting += fresh
                    continue
            return

    def _to_server(self) -> None:
        assert self._process.stdin is not None
        for message in self._messages(lambda: self._channel.recv(65536)):
            found = _OPERATION.search(message)
            if found:
                self._number += 1
                self._operation = found.group(1).decode()
                self._wire.seen.append(self._operation)
            if self._is(self._wire.drop_before):
                self.cut()
            if self._cut.is_set():
                return
            try:
                self._process.stdin.write(message)
                self._process.stdin.flush()
            except OSError:
                return
            if not self._number:
                self._until_read(self._process.stdin.fileno())

    def _until_read(self, pipe: int) -> None:
        """Wait until the server has read the client's hello.

        A request that it reads together with the hello, which is framed differently, it overlooks until more comes.
        """
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            unread = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
            # In this order: whoever has passed it on has woken the next one, who sleeps again when it is done.
            if not unread and _asleep(self._process.pid) and self._server_idle():
                return
            time.sleep(0.001)

    def _to_client(self) -> None:
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        try:
            for message in self._messages(lambda: os.read(output, 65536)):
                self._cut.wait(self._wire.delay)
                if self._cut.is_set() or self._is(self._wire.drop_after):
                    break
                if self._is(self._wire.truncate):
                    self._channel.sendall(message[: len(message) // 2])
                    break
                self._channel.sendall(message)
        except (EOFError, OSError):
            pass
        self.cut()


# -- fixtures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def netconfd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Netconfd]]:
    """Start servers: ``netconfd(HUAWEI, startup=huawei_startup(), target="candidate") -> Netconfd``."""
    with contextlib.ExitStack() as stack:

        def start(modules: Sequence[str] = HUAWEI, **options: Any) -> Netconfd:
            server = Netconfd(tmp_path_factory.mktemp("netconfd"), modules, **options)
            stack.callback(server.stop)
            server.start()
            return server

        yield start


# -- yanglint -----------------------------------------------------------------------------------------------------

_IETF = tuple(Path(folder) for folder in ("/usr/share/yuma/modules/ietf", "/usr/share/yang/modules/ietf"))


def yanglint(payload: str, kind: str = "edit", modules: Sequence[str] | None = None) -> str:
    """What yanglint says against the payload, "" when it is valid.

    `kind` is ``edit`` (shapes, types, ranges) or ``config`` (a complete configuration: also must, when, mandatory).
    `payload` is what goes into `<config>`, with or without that element. The modules are guessed from its namespaces.
    """
    program = _program("yanglint")
    if modules is None:
        modules = HUAWEI if "urn:huawei:yang:" in payload else CISCO
    files = [str(_newest(name)) for name in modules]
    if BASE in payload.replace(f'<config xmlns="{BASE}"', "<config"):
        files.append(str(_ietf_netconf()))  # it defines the attribute "operation"
    root = ElementTree.fromstring(in_config(payload))  # noqa: S314 - what a test wrote
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
        # Each root by itself would be blind to conditions across them, so all go into one document.
        file.write("".join(ElementTree.tostring(child, encoding="unicode") for child in root))
        file.flush()
        finished = subprocess.run(
            [program, "-p", str(YANG), "-t", kind, *files, file.name],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    return (finished.stderr or f"yanglint ended with {finished.returncode}") if finished.returncode else ""


def _newest(name: str) -> Path:
    """The file of a module: of the revision in its name, else of the newest."""
    return max(YANG.glob(f"{name}.yang" if "@" in name else f"{name}@*.yang"))


def _ietf_netconf() -> Path:
    for folder in _IETF:
        for file in folder.glob("ietf-netconf@*.yang"):
            return file
    pytest.skip("The module ietf-netconf is not installed (it comes with netconfd).")
