# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF on IOS XE: between the data tree (``yang.py``) and the text that the command line shows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...config_tree import Line
from ...netconf.agent import Agent, diff
from ...netconf.errors import RpcError
from ...netconf.schema import Model
from ...netconf.xml import Node
from ...protocols.lisp import Lisp
from .config import EditError, IosConfig
from .dialect import release
from .yang import CHOICE_SINCE, CRYPTO, IA, LISP, LISP_OPER, NATIVE, model_of

if TYPE_CHECKING:
    from .device import IosDevice

Place = tuple[tuple[str, ...], str]  # sections from the top, and the words that the line begins with

_DATE = r"(?P<{0}_time>\d+:\d+:\d+) (?:(?P<{0}_month>[A-Z][a-z]+) (?P<{0}_day>\d+)|(?P<{0}_day2>\d+) " \
        r"(?P<{0}_month2>[A-Z][a-z]+)) (?P<{0}_year>\d+)"  # fmt: skip
_LIFETIME = re.compile(
    rf"(?P<local>local )?{_DATE.format('start')} (?:(?P<infinite>infinite)|duration (?P<duration>\d+)"
    rf"|{_DATE.format('end')})"
)
_EID = re.compile(
    r"eid-(?:record|prefix)(?: instance-id (?P<id>\d+))? (?P<prefix>\S+/\d+)(?P<more> accept-more-specifics)?"
    r"(?: route-tag (?P<tag>\d+))?"
)
_ETR_KEY = re.compile(r"etr map-server (\S+) key (?:([067]) )?(\S+)(?: hash-function (\S+))?")
_FLAGS = ("include-tcp-options", "accept-ao-mismatch")
_ENCODED = {"0": ("key-0", "ak-0"), "6": ("key-6", "ak-6"), "7": ("key-7", "ak-7"), "": ("key-pwd", "unc-pwd")}


class IosAgent(Agent):
    """NETCONF of one IOS XE device. Device options: ``netconf_candidate`` (as after ``netconf-yang feature
    candidate-datastore``), ``netconf_confirmed_commit``, which no published hello has."""

    device: IosDevice
    own_operations = ("save-config",)

    def __init__(self, device: IosDevice) -> None:
        super().__init__(device)
        self.model: Model = model_of(release(device.os_version))

    @property
    def capabilities(self) -> tuple[str, ...]:
        candidate = bool(self.device.options.get("netconf_candidate"))
        candidate = candidate or self.device.config.section("netconf-yang feature candidate-datastore") is not None
        names = ["candidate:1.0"] if candidate else ["writable-running:1.0"]
        if candidate and self.device.options.get("netconf_confirmed_commit"):
            names += ["confirmed-commit:1.0", "confirmed-commit:1.1"]
        return (
            *names, "rollback-on-error:1.0", "validate:1.0", "validate:1.1",
            "with-defaults:1.0?basic-mode=explicit&also-supported=report-all,trim",
        )  # fmt: skip

    def running(self) -> IosConfig:
        return self.device.config

    def parse(self, text: str) -> IosConfig:
        return self.device.parse(text)

    def install(self, config: Any, user: str) -> None:
        device = self.device
        device.set_config(config)
        device.changed_at, device.changed_by = device.world.time, user
        device.log(f"%SYS-5-CONFIG_P: Configured programmatically by process iosp_dmiauthd_conn from {user}")

    def save(self) -> None:
        self.device.save()

    def own_rpc(self, rpc: Node) -> list[Node] | None:
        if rpc.ns != IA or rpc.name not in self.own_operations:
            return None
        self.device.save()
        return [Node(IA, "result", "Save running-config successful")]

    # reading
    def read(self, config: Any) -> Node:
        data = Node("", "data")
        native = data.new("native", ns=NATIVE)
        version = config.value("version")
        if version is not None:
            native.new("version", version)
        native.new("hostname", config.hostname)
        chains = native.new("key")
        choice = release(self.device.os_version) >= CHOICE_SINCE
        for line in config.tree.sections("key chain"):
            _read_chain(line, chains.new("chain", ns=CRYPTO), choice)
        router = native.new("router")
        for line in config.tree.sections("router lisp"):
            words = line.text.split()
            lisp = router.new("lisp-list" if len(words) > 2 else "lisp", ns=LISP)
            if len(words) > 2:
                lisp.new("lisp", words[2])
            _read_lisp(line, lisp)
        return data

    def state(self) -> Node:
        data = Node("", "data")
        views = self.device.world.protocol(Lisp).sessions(self.device)
        if not views:
            return data
        router = data.new("lisp-state", ns=LISP_OPER).new("lisp-routers")
        router.new("top-id", "0")
        for view in views:
            entry = router.new("sessions")
            for name, value in (
                ("local-address", view.local), ("peer-address", view.peer), ("local-port", view.local_port),
                ("peer-port", view.peer_port), ("state", f"lisp-session-state-{view.state.lower()}"),
                ("is-role-active", "true" if view.active else "false"),
            ):  # fmt: skip
                entry.new(name, str(value))
            if view.since is not None:
                moment = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(view.since))
                entry.new("last-state-change-time", moment)
        return data

    # writing
    def write(self, config: Any, before: Node, after: Node) -> None:
        old, new = dict(_lines(before)), dict(_lines(after))
        gone, changed = diff(old, new)
        for path, prefix in gone:
            if not prefix:
                config.drop(path[:-1], lambda line, words=path[-1]: line.text == words)
            elif old[path, prefix] == prefix:
                config.drop(path, lambda line, words=prefix: line.text == words)
            else:
                config.drop_prefix(path, prefix)
        for path, prefix in changed:
            words = new[path, prefix]
            if not prefix:
                self._open(config, path)
            elif words == prefix:
                config.put(path, words)
            else:
                config.put(path, self._protected(config, prefix, words), prefix)

    def _open(self, config: IosConfig, path: tuple[str, ...]) -> None:
        words = path[-1].split()
        if words[:2] == ["key", "chain"]:
            existing = config.chain(words[2])
            if existing is not None and existing.text != path[-1]:
                raise RpcError("operation-failed", f"Key chain {words[2]} exists with another type.")
        config.at(path)

    def _protected(self, config: IosConfig, prefix: str, words: str) -> str:
        """A line with its secret as this device writes it."""
        if prefix not in ("key-string", "authentication-key") and not prefix.endswith(" key"):
            return words
        kind, _blank, secret = words[len(prefix) + 1 :].partition(" ")
        secret, mark, tail = secret.partition(" hash-function ") if prefix.endswith(" key") else (secret, "", "")
        try:
            return f"{prefix} {self.device.vault.write(config, kind, secret)}{mark}{tail}"
        except EditError as error:
            raise RpcError("invalid-value", str(error).strip()) from None


# -- from the text ----------------------------------------------------------------------------------------------------


def _secret(tail: str) -> tuple[str, str]:
    """(type, text) of the tail of a line."""
    found = re.fullmatch(r"([067]) (.+)", tail)
    return (found.group(1), found.group(2)) if found else ("0", tail)


def _read_chain(line: Line, chain: Node, choice: bool) -> None:
    words = line.text.split()
    chain.new("name", words[2])
    for kind in words[3:4]:
        chain.new(kind)
    for section in line.starting("key"):
        _read_key(section, chain.new("key"), choice and words[3:] == ["tcp"])


def _read_key(section: Line, key: Node, choice: bool) -> None:
    key.new("id", section.text.split()[1])
    algorithm = section.value("cryptographic-algorithm")
    if algorithm is not None and choice:
        key.new("cryptographic-algorithm-choice").new("tcp", algorithm)
    elif algorithm is not None:
        key.new("cryptographic-algorithm", algorithm)
    secret = section.value("key-string")
    if secret is not None:
        made = key.new("key-string")
        for leaf, value in zip(("encryption", "key"), _secret(secret), strict=True):
            made.new(leaf, value)
    for name in ("send-lifetime", "accept-lifetime"):
        found = _LIFETIME.fullmatch(section.value(name) or "")
        if found is not None:
            _read_lifetime(found, key.new(name).new("lifetime-group-v1"))
    for name in ("send-id", "recv-id"):
        number = section.value(name)
        if number is not None:
            key.new(name, number)
    for flag in _FLAGS:
        if section.find(flag) is not None:
            key.new(flag, "true")


def _read_lifetime(found: re.Match[str], group: Node) -> None:
    if found["local"]:
        group.new("local")
    for which in ("start", "end"):
        if found[f"{which}_time"]:
            group.new(f"{which}-hh-mm-ss", found[f"{which}_time"])
            group.new(f"{which}-month", (found[f"{which}_month"] or found[f"{which}_month2"])[:3])
            group.new(f"{which}-day", found[f"{which}_day"] or found[f"{which}_day2"])
            group.new(f"{which}-year", found[f"{which}_year"])
    if found["infinite"]:
        group.new("infinite")
    if found["duration"]:
        group.new("duration", found["duration"])


def _read_lisp(line: Line, lisp: Node) -> None:
    services = lisp.new("service")
    for section in line.starting("service"):
        _read_service(section, services.new(section.text.split()[1]))
    for section in line.starting("site"):
        _read_site(section, lisp.new("site"))
    passive = line.value("map-server session passive-open")
    if passive is not None:
        lisp.new("map-server").new("session").new("passive-open", passive)
    bindings = line.starting("tcp auth-option")
    table = lisp.new("tcp") if bindings else lisp
    for section in bindings:
        option = table.new("auth-option")
        option.new("name", section.text.split()[2])
        for peer in section.starting("peer"):
            option.new("peer").new("address", peer.text.split()[1])


def _read_service(section: Line, service: Node) -> None:
    for name in ("map-server", "map-resolver"):
        if section.find(name) is not None:
            service.new(name)
    for name in ("etr", "itr"):
        if section.find(name) is not None:
            service.new(f"{name}-enable").new(name)
    servers: dict[str, Node] = {}
    lines = section.starting("etr map-server")
    table = service.new("etr") if lines else service
    for line in lines:
        address = line.text.split()[2]
        if address not in servers:
            servers[address] = table.new("map-server")
            servers[address].new("ip-addr", address)
        found = _ETR_KEY.fullmatch(line.text)
        if found is not None:
            case, leaf = _ENCODED[found.group(2) or ""]
            made = servers[address].new("key").new(case)
            made.new(leaf, found.group(3))
            if found.group(4):
                made.new("hash-function", found.group(4))
        elif line.text.endswith(" proxy-reply"):
            servers[address].new("proxy-reply")


def _read_site(section: Line, site: Node) -> None:
    site.new("sname", section.text.split()[1])
    description = section.value("description")
    if description is not None:
        site.new("description", description)
    secret = section.value("authentication-key")
    if secret is not None:
        found = re.fullmatch(r"([067]) (\S+)", secret)
        site.new("authentication-key").new(
            f"key-{found.group(1)}" if found else "unc-pwd", found.group(2) if found else secret
        )
    records = site.new("eid-record")
    for line in section.children:
        found = _EID.fullmatch(line.text)
        if found is None:
            continue
        entry = records.new("instance-id-cfg" if found["id"] else "prefixes")
        if found["id"]:
            entry.new("id", found["id"])
        entry.new("prefix", found["prefix"])
        if found["tag"]:
            tagged = entry.new("route-tag-options")
            tagged.new("route-tag", found["tag"])
            if found["more"]:
                tagged.new("accept-more-specifics")
        elif found["more"]:
            entry.new("accept-more-specifics")


# -- to the text ------------------------------------------------------------------------------------------------------


def _lines(data: Node) -> Iterator[tuple[Place, str]]:
    """The lines that a data tree stands for: where each goes, and its text; a section has the prefix ""."""
    native = data.find("native")
    if native is None:
        return
    hostname = native.value("hostname")
    if hostname is not None:
        yield ((), "hostname"), f"hostname {hostname}"
    chains, router = native.find("key"), native.find("router")
    for chain in chains.children if chains is not None else []:
        yield from _chain_lines(chain)
    for lisp in router.children if router is not None else []:
        number = lisp.value("lisp") if lisp.name == "lisp-list" else None
        path = (f"router lisp {number}" if number else "router lisp",)
        if number:
            yield (path, ""), ""
        yield from _lisp_lines(path, lisp)


def _chain_lines(chain: Node) -> Iterator[tuple[Place, str]]:
    kind = next((f" {name}" for name in ("tcp", "macsec") if chain.find(name) is not None), "")
    path = (f"key chain {chain.value('name')}{kind}",)
    yield (path, ""), ""
    for key in chain.all("key"):
        here = (*path, f"key {key.value('id')}")
        yield (here, ""), ""
        for name in ("send-id", "recv-id"):
            if key.find(name) is not None:
                yield (here, name), f"{name} {key.value(name)}"
        secret = key.find("key-string", "key")
        if secret is not None:  # blanks belong to a key
            yield (here, "key-string"), f"key-string {key.value('key-string', 'encryption') or '0'} {secret.text}"
        for name in ("accept-lifetime", "send-lifetime"):
            group = key.find(name, "lifetime-group-v1")
            if group is not None and group.find("start-year") is not None:
                yield (here, name), f"{name} {_lifetime_words(group)}"
        algorithm = key.value("cryptographic-algorithm") or key.value("cryptographic-algorithm-choice", "tcp")
        if algorithm is not None:
            yield (here, "cryptographic-algorithm"), f"cryptographic-algorithm {algorithm}"
        for flag in _FLAGS:
            if key.value(flag) == "true":
                yield (here, flag), flag


def _lifetime_words(group: Node) -> str:
    def moment(which: str) -> str:
        clock = ":".join(f"{int(part):02d}" for part in (group.value(f"{which}-hh-mm-ss") or "00:00:00").split(":"))
        return f"{clock} {group.value(f'{which}-month')} {group.value(f'{which}-day')} {group.value(f'{which}-year')}"

    local = "local " if group.find("local") is not None else ""
    if group.find("infinite") is not None:
        return f"{local}{moment('start')} infinite"
    if group.find("duration") is not None:
        return f"{local}{moment('start')} duration {group.value('duration')}"
    return f"{local}{moment('start')} {moment('end')}"


def _lisp_lines(path: tuple[str, ...], lisp: Node) -> Iterator[tuple[Place, str]]:
    for option in (lisp.find("tcp") or Node("", "none")).children:
        here = (*path, f"tcp auth-option {option.value('name')}")
        yield (here, ""), ""
        for peer in option.all("peer"):
            words = f"peer {peer.value('address')}"
            yield (here, words), words
    for service in (lisp.find("service") or Node("", "none")).children:
        here = (*path, f"service {service.name}")
        yield (here, ""), ""
        yield from _service_lines(here, service)
    passive = lisp.value("map-server", "session", "passive-open")
    if passive is not None:
        yield (path, "map-server session passive-open"), f"map-server session passive-open {passive}"
    for site in lisp.all("site"):
        here = (*path, f"site {site.value('sname')}")
        yield (here, ""), ""
        yield from _site_lines(here, site)


def _service_lines(here: tuple[str, ...], service: Node) -> Iterator[tuple[Place, str]]:
    flags = (
        ("map-server", ("map-server",)), ("map-resolver", ("map-resolver",)), ("etr", ("etr-enable", "etr")),
        ("itr", ("itr-enable", "itr")),
    )  # fmt: skip
    for words, where in flags:
        if service.find(*where) is not None:
            yield (here, words), words
    for server in (service.find("etr") or Node("", "none")).children:
        head = f"etr map-server {server.value('ip-addr')}"
        for kind, (case, leaf) in _ENCODED.items():
            found = server.find("key", case)
            if found is not None and found.find(leaf) is not None:
                tail = found.value("hash-function")
                tail = f" hash-function {tail}" if tail else ""
                yield (here, f"{head} key"), f"{head} key {kind or '0'} {found.value(leaf)}{tail}"
        if server.find("proxy-reply") is not None:
            yield (here, f"{head} proxy-reply"), f"{head} proxy-reply"


def _site_lines(here: tuple[str, ...], site: Node) -> Iterator[tuple[Place, str]]:
    description = site.value("description")
    if description is not None:
        yield (here, "description"), f"description {description}"
    for leaf, kind in (("key-0", "0"), ("key-6", "6"), ("key-7", "7"), ("unc-pwd", "0")):
        secret = site.value("authentication-key", leaf)
        if secret is not None:
            yield (here, "authentication-key"), f"authentication-key {kind} {secret}"
    for entry in (site.find("eid-record") or Node("", "none")).children:
        number = f" instance-id {entry.value('id')}" if entry.find("id") is not None else ""
        head = f"eid-record{number} {entry.value('prefix')}"
        tagged = entry.find("route-tag-options")
        more = entry.find("accept-more-specifics") is not None
        more = more or (tagged is not None and tagged.find("accept-more-specifics") is not None)
        tag = entry.value("route-tag-options", "route-tag")
        yield (here, head), head + (" accept-more-specifics" if more else "") + (f" route-tag {tag}" if tag else "")
