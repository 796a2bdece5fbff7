# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IOS XE running configuration: one tree of lines, and the edits that commands make to it.

Lines keep their place; a new line goes where the device would print it (``ORDERS``), and what an edit adds it takes
away again to the byte, separators and ``exit-…`` markers included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...config_tree import ConfigTree, Line
from .cipher import clear6, clear7, type6, type7

Path = tuple[str, ...]


class EditError(Exception):
    """The device refuses a line; the text is what it prints, in full."""


class WrongValue(Exception):
    """A value that the parser itself refuses: caret error at this text."""


# -- where lines stand ------------------------------------------------------------------------------------------------

#: Order of lines by kind of section; None is the place of everything else. The longest prefix decides.
ORDERS: dict[str, tuple[str | None, ...]] = {
    "global": (
        "version", "service", "platform", "hostname", "boot-start-marker", "boot", "boot-end-marker", "vrf", "logging",
        "enable", "password encryption", "aaa", "clock", "ip domain", "ip name-server", "ip host", "ip dhcp", "login",
        "subscriber", "crypto", "key chain", "license", "spanning-tree", "archive", "username", "redundancy", "lldp",
        "cdp", "vlan", "class-map", "policy-map", None, "interface", "router", "ip forward-protocol", "ip http",
        "ip tftp", "ip route", "ip ssh", "ip access-list", "ip prefix-list", "access-list", "route-map",
        "snmp-server", "tacacs", "radius", "control-plane", "banner", "line", "ntp", "netconf-yang", "restconf",
    ),
    "interface": (
        "description", "switchport", "no switchport", "vrf", "ip address", "no ip address", None, "ipv6", "shutdown",
        "negotiation", "speed", "duplex",
    ),
    "chain": ("description", None, "key"),
    "key": (
        "send-id", "recv-id", "key-string", "accept-lifetime", "send-lifetime", "cryptographic-algorithm",
        "include-tcp-options", "accept-ao-mismatch", None,
    ),
    "key-sdwan": (
        "cryptographic-algorithm", "key-string", "accept-lifetime", "send-lifetime", "send-id", "recv-id",
        "include-tcp-options", "accept-ao-mismatch", None,
    ),
    "lisp": (
        "domain-id", "multihoming-id", "locator-table", "locator-set", "locator default-set", "tcp auth-option",
        "service ipv4", "service ipv6", "service ethernet", "instance-id", "map-server rloc", "map-server session",
        "map-server site-registration", "site", None,
    ),
    "service": (
        "eid-table", "encapsulation", "database-mapping", "dynamic-eid", None, "itr map-resolver", "itr",
        "etr map-server", "etr", "sgt", "proxy-etr", "proxy-itr", "use-petr", "map-server", "map-resolver",
    ),
    "instance": (None, "service ipv4", "service ipv6", "service ethernet"),
    "site": (
        "description", "site-id", "authentication-key", "eid-record", "allowed-locator", "allow-locator-default-etr",
        None,
    ),
}  # fmt: skip
_SORTED = ("key", "instance-id")  # by number, wherever they are typed
_LAST = (10_000, 0)

Rank = tuple[int, int]


def rank_of(kind: str) -> Callable[[Line], Rank]:
    """How far down in a section of this kind a line stands."""
    order = ORDERS.get(kind, (None,))
    unknown = order.index(None) if None in order else len(order)

    def rank(line: Line) -> Rank:
        if is_exit(line):
            return _LAST
        best, length = unknown, -1
        for index, prefix in enumerate(order):
            if prefix is not None and len(prefix) > length and begins(line.text, prefix):
                best, length = index, len(prefix)
        return best, _number(line) if line.text.split()[0] in _SORTED and kind != "global" else 0

    return rank


def _number(line: Line) -> int:
    word = line.text.split()[-1]
    return int(word) if word.isdigit() else 0


def begins(text: str, prefix: str) -> bool:
    """``prefix`` as whole words at the start of ``text``."""
    return text == prefix or text.startswith(prefix + " ")


def is_exit(line: Line) -> bool:
    return re.fullmatch(r"exit(-\S+)?", line.text) is not None


def _ranked(children: list[Line], rank: Callable[[Line], Rank]) -> Iterator[Rank]:
    """Ranks of children; a separator belongs to the line before it."""
    last: Rank = (0, 0)
    for child in children:
        if child.text not in ("!", ""):
            last = rank(child)
        yield last


# -- secrets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vault:
    """How this device writes secrets down: clear, type 7, or type 6 under a master key."""

    master: str | None = None

    def write(self, config: IosConfig, kind: str, text: str) -> str:
        """The tail of a line for a secret typed as ``kind`` "", 0, 6 or 7; EditError for a bad type 7 text."""
        if kind == "6":
            return f"6 {text}"
        clear: str | None = text
        if kind == "7":
            clear = clear7(text)
            if clear is None:
                raise EditError(f"Invalid encrypted key: {text}\n")  # [guess]
        if self.master is not None and config.section("password encryption aes") is not None:
            return f"6 {type6(str(clear), self.master)}"
        if kind == "7":
            return f"7 {text}"
        if config.section("service password-encryption") is not None:
            return f"7 {type7(text)}"
        return text

    def read(self, tail: str) -> str | None:
        """The secret behind the tail of a line; None when it cannot be read here."""
        kind, blank, rest = tail.partition(" ")
        if blank and kind == "7":
            return clear7(rest.strip())
        if blank and kind == "6":
            return clear6(rest.strip(), self.master)
        if blank and kind == "0":
            return rest
        return tail


#: Lines that hold a secret: everything up to it, an optional type, the secret, an optional tail.
_SECRET_LINES = (
    re.compile(r"(?P<head>key-string) (?:(?P<type>[067]) )?(?P<secret>.+?)(?P<tail>)"),
    re.compile(r"(?P<head>authentication-key) (?:(?P<type>[067]) )?(?P<secret>\S+)(?P<tail>)"),
    re.compile(
        r"(?P<head>(?:etr )?map-server \S+ key) (?:(?P<type>[067]) )?(?P<secret>\S+)(?P<tail>(?: hash-function \S+)?)"
    ),
    re.compile(r"(?P<head>enable password|username \S+ (?:privilege \d+ )?password|password)"
               r" (?:(?P<type>[067]) )?(?P<secret>\S+)(?P<tail>)"),
)  # fmt: skip


def _protected(text: str, config: IosConfig, vault: Vault) -> str:
    """A line with its secret as this device would write it."""
    for pattern in _SECRET_LINES:
        found = pattern.fullmatch(text)
        if found is not None:
            kind = found["type"] or ""
            secret = vault.write(config, kind, found["secret"])
            return f"{found['head']} {secret}{found['tail']}"
    return text


# -- the configuration ------------------------------------------------------------------------------------------------

_HEADER = re.compile(
    r"Building configuration\.\.\.|Current configuration ?: .*|Using \d+ out of .*|! (?:Last configuration change|"
    r"NVRAM config last updated|No configuration change).*"
)


@dataclass(frozen=True)
class Layout:
    """How a release prints: bare ``exit`` below ``router lisp``, the unknown exit line of ``tcp auth-option``, and the
    order of lines in a key."""

    plain_exits: bool = False
    ao_exit: str = "exit"
    key_order: str = "key"


class IosConfig:
    """A configuration that commands edit; ``text()`` is what stands between the header and ``end``."""

    def __init__(self, tree: ConfigTree, layout: Layout | None = None) -> None:
        self.tree = tree
        self.layout = layout or Layout()

    @classmethod
    def load(cls, text: str, layout: Layout | None = None) -> IosConfig:
        """From native text; headers and ``end`` are dropped, missing LISP exit lines are added."""
        lines = [line.rstrip("\r") for line in text.splitlines()]
        lines = [line for line in lines if not _HEADER.fullmatch(line.rstrip())]
        while lines and lines[0].strip() in ("", "!"):
            lines.pop(0)
        while lines and lines[-1].strip() in ("", "end", "!"):
            lines.pop()
        made = cls(ConfigTree.parse("\n".join([*lines, "!"])), layout)
        for lisp in made.tree.sections("router lisp"):
            made._close(lisp, "lisp")
        return made

    def copy(self) -> IosConfig:
        return IosConfig(self.tree.copy(), self.layout)

    def text(self) -> str:
        return self.tree.text()

    def protect(self, vault: Vault) -> None:
        """Write every secret the way this device does (after loading, or when encryption was switched on)."""
        for line in self.tree.root.walk():
            line.text = _protected(line.text, self, vault)

    # -- reading --------------------------------------------------------------------------------------------------

    def section(self, *path: str) -> Line | None:
        return self.tree.section(*path)

    def value(self, prefix: str) -> str | None:
        """What follows ``prefix`` at the top level."""
        return self.tree.root.value(prefix)

    @property
    def hostname(self) -> str:
        return self.value("hostname") or "Router"

    def interfaces(self) -> list[Line]:
        return self.tree.sections("interface")

    def chain(self, name: str) -> Line | None:
        """A key chain of any type by name."""
        return next((line for line in self.tree.sections("key chain") if line.text.split()[2] == name), None)

    # -- editing --------------------------------------------------------------------------------------------------

    def at(self, path: Path) -> Line:
        """A section that a session is in; made again when somebody removed it meanwhile."""
        line, kind = self.tree.root, "global"
        for text in path:
            found = line.find(text)
            line = found if found is not None else self._enter(line, kind, text)
            kind = kind_of(text, kind)
        return line

    def enter(self, path: Path, text: str) -> None:
        """Make sure that section ``text`` exists below ``path``."""
        self.at((*path, text))

    def put(self, path: Path, text: str, replaces: str | None = None) -> None:
        """Set a line; those that begin with ``replaces`` go (None: lines add up)."""
        section = self.at(path)
        if replaces is not None:
            old = [line for line in section.starting(replaces) if not line.children]
            if old:
                old[0].text = text
                section.remove(lambda line: any(line is other for other in old[1:]))
                return
        if section.find(text) is None:
            self._insert(section, self._kind(path), [Line(text, section.indent + 1)])

    def drop(self, path: Path, gone: Callable[[Line], bool]) -> bool:
        """Remove lines and sections with the separator that belongs to them; True when there were any."""
        section = self.tree.section(*path)
        if section is None:
            return False
        children = section.children
        found = [child for child in children if child.text != "!" and not is_exit(child) and gone(child)]
        for child in found:
            at = next(index for index, other in enumerate(children) if other is child)
            after = children[at + 1].text if at + 1 < len(children) else ""
            before = children[at - 1].text if at else "!"
            own = bool(child.children) or kind_of(child.text, self._kind(path)) != "other"
            alone = after == "!" and ((own and self._separated(path)) or before == "!")
            del children[at : at + 2 if alone else at + 1]
        return bool(found)

    def drop_prefix(self, path: Path, prefix: str) -> bool:
        return self.drop(path, lambda line: begins(line.text, prefix))

    # -- layout ---------------------------------------------------------------------------------------------------

    def _kind(self, path: Path) -> str:
        kind = "global"
        for text in path:
            kind = kind_of(text, kind)
        return kind

    def _separated(self, path: Path) -> bool:
        return self._kind(path) in _SEPARATED

    def _enter(self, parent: Line, kind: str, text: str) -> Line:
        made = Line(text, parent.indent + 1)
        own = kind_of(text, kind)
        marker = self._marker(text, own)
        if marker:
            made.children.append(Line(marker, made.indent + 1))
        block = [made]
        if kind in _SEPARATED:
            block.append(Line("!", made.indent))
        self._insert(parent, kind, block)
        return made

    def _marker(self, text: str, kind: str) -> str:
        """The line that ends a LISP section; "" for sections without one."""
        if kind not in _MARKED:
            return ""
        if kind == "ao":
            return self.layout.ao_exit
        words = text.split()
        name = "router-lisp" if kind == "lisp" else "-".join(words[: 2 if kind == "service" else 1])
        if self.layout.plain_exits and kind != "lisp":
            return "exit"
        return f"exit-{name}"

    def _insert(self, parent: Line, kind: str, block: list[Line]) -> None:
        rank = rank_of(self.layout.key_order if kind == "key" else kind)
        own = rank(block[0])
        ranks = list(_ranked(parent.children, rank))
        leaf = len(block) == 1
        same = [
            index for index, other in enumerate(ranks)
            if other == own and not (leaf and parent.children[index].text == "!")
        ]  # fmt: skip
        if same:
            at = same[-1] + 1
        else:
            at = next((index for index, other in enumerate(ranks) if other > own), len(ranks))
            if leaf and kind == "global":
                block = [*block, Line("!", 0)]
        parent.children[at:at] = block

    def _close(self, section: Line, kind: str) -> None:
        """Add exit lines and separators that a hand-written text left out."""
        children: list[Line] = []
        for child in section.children:
            own = kind_of(child.text, kind)
            if children and children[-1].text != "!" and _is_closed(children[-1], kind):
                children += [] if child.text == "!" else [Line("!", children[-1].indent)]
            children.append(child)
            if own in _MARKED:
                self._close(child, own)
        marker = self._marker(section.text, kind)
        if marker and not any(is_exit(child) for child in children):
            if children and _is_closed(children[-1], kind):
                children.append(Line("!", section.indent + 1))
            children.append(Line(marker, section.indent + 1))
        section.children = children


def _is_closed(line: Line, parent_kind: str) -> bool:
    return kind_of(line.text, parent_kind) in _MARKED


_SEPARATED = ("global", "lisp", "instance")
_MARKED = ("lisp", "locator-set", "ao", "service", "instance", "site", "dynamic-eid")
_KINDS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (parent, re.compile(pattern), kind)
    for parent, pattern, kind in (
        ("global", r"key chain \S+( .*)?", "chain"),
        ("global", r"router lisp( \d+)?", "lisp"),
        ("global", r"interface .*", "interface"),
        ("global", r"(router|line|vrf definition|archive|class-map|policy-map|route-map|ip access-list|redundancy"
                   r"|control-plane|crypto|aaa group|vlan \d)\b.*", "block"),
        ("chain", r"key \d+", "key"),
        ("lisp", r"locator-set \S+", "locator-set"),
        ("lisp", r"tcp auth-option \S+", "ao"),
        ("lisp", r"service (ipv4|ipv6|ethernet)", "service"),
        ("lisp", r"instance-id \d+", "instance"),
        ("lisp", r"site \S+", "site"),
        ("instance", r"service (ipv4|ipv6|ethernet)", "service"),
        ("instance", r"dynamic-eid \S+", "dynamic-eid"),
        ("service", r"dynamic-eid \S+", "dynamic-eid"),
    )
)  # fmt: skip


def kind_of(text: str, parent: str) -> str:
    """What a line opens inside a section of kind ``parent``; ``other`` for plain lines."""
    return next((kind for where, pattern, kind in _KINDS if where == parent and pattern.fullmatch(text)), "other")
