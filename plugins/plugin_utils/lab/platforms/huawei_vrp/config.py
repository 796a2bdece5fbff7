# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRP running configuration: one tree, and the edits that commands make to it.

Texts of semantic errors are [guess]: no vendor page shows them (reference 4.6). Edits check first and change then, so
a refused edit leaves the configuration as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...config_tree import ConfigTree, Line, insert_ordered
from .cipher import encrypt, looks_encrypted

RSVP = "mpls rsvp-te"
AUTH = "mpls rsvp-te authentication"
PEER = "mpls rsvp-te peer"
LOGICAL = ("LoopBack", "Tunnel", "Eth-Trunk", "Vlanif", "NULL", "Ip-Trunk", "Virtual-Ethernet")

Path = tuple[str, ...]


class EditError(Exception):
    """The device refuses a line; the text follows ``Error: ``."""


class WrongValue(Exception):
    """A value that the parser itself refuses (caret error at this text)."""


#: Order of blocks in the configuration text; unknown ones stay where they are.
_BLOCK_ORDER = ("sysname", "keychain", "mpls lsr-id", "mpls", "interface")
_INTERFACE_ORDER = (
    "description", "shutdown", "undo shutdown", "portswitch", "undo portswitch", "ip address", "tunnel-protocol",
    "destination", "mpls", "mpls te", None, RSVP, f"{AUTH} cipher", f"{AUTH} plain", f"{AUTH} keychain",
    f"{AUTH} lifetime", f"{AUTH} handshake", f"{AUTH} window-size",
)  # fmt: skip
_MPLS_ORDER = (
    "mpls te", None, "mpls te cspf", RSVP, f"{RSVP} timer refresh", f"{RSVP} keep-multiplier",
    f"{RSVP} challenge-lost", f"{RSVP} retrans-timer challenge", PEER,
)  # fmt: skip
_KEY_ORDER = ("algorithm", "key-string", "send-time", "receive-time", "default send-key-id")
_KEYCHAIN_ORDER = ("receive-tolerance", "time mode", "digest-length", "tcp-kind", None, "key-id")


def _rank(order: tuple[str | None, ...]) -> Callable[[Line], int]:
    unknown = order.index(None) if None in order else len(order)

    def rank(line: Line) -> int:
        best, length = unknown, -1
        for index, prefix in enumerate(order):
            if prefix is None or len(prefix) <= length:
                continue
            if line.text == prefix or line.text.startswith(prefix + " "):
                best, length = index, len(prefix)
        if line.text.startswith("mpls te ") and length == len("mpls te"):
            return unknown  # other TE lines stay where they are
        return best

    return rank


RANKS = {
    "interface": _rank(_INTERFACE_ORDER),
    "mpls": _rank(_MPLS_ORDER),
    "keychain": _rank(_KEYCHAIN_ORDER),
    "key-id": _rank(_KEY_ORDER),
    "peer": _rank(_INTERFACE_ORDER),
}


class VrpConfig:
    """A configuration that commands edit; ``text()`` is what the device shows between its header and ``return``."""

    def __init__(self, tree: ConfigTree) -> None:
        self.tree = tree

    @classmethod
    def load(cls, text: str) -> VrpConfig:
        """From native text: header comments and ``return`` are dropped, peers nested whatever their indentation."""
        lines = [line.rstrip("\r") for line in text.splitlines()]
        while lines and (not lines[0].strip() or lines[0].startswith("!") or re.fullmatch(r"\[V\d+R\d+.*\]", lines[0])):
            lines.pop(0)
        while lines and (not lines[-1].strip() or lines[-1].strip() == "return"):
            lines.pop()
        if not lines or lines[0] != "#":
            lines.insert(0, "#")
        if lines[-1] != "#":
            lines.append("#")
        made = cls(ConfigTree.parse("\n".join(lines)))
        mpls = made.section("mpls")
        if mpls is not None:
            _nest_peers(mpls)
        return made

    def copy(self) -> VrpConfig:
        return VrpConfig(self.tree.copy())

    # -- reading --------------------------------------------------------------------------------------------------

    def section(self, *path: str) -> Line | None:
        return self.tree.section(*path)

    def keychain(self, name: str) -> Line | None:
        """A keychain section by name (case does not count)."""
        wanted = name.lower()
        return next((line for line in self.tree.sections("keychain") if line.text.split()[1].lower() == wanted), None)

    def interfaces(self) -> list[Line]:
        return self.tree.sections("interface")

    @property
    def sysname(self) -> str:
        return self.tree.root.value("sysname") or "HUAWEI"

    def has_global(self, line: str) -> bool:
        mpls = self.section("mpls")
        return mpls is not None and mpls.find(line) is not None

    def blocks(self) -> Iterator[list[Line]]:
        """Top-level lines between ``#`` separators."""
        block: list[Line] = []
        for line in self.tree.root.children:
            if line.text == "#":
                if block:
                    yield block
                block = []
            else:
                block.append(line)
        if block:
            yield block

    def text(self, peer_indent: str = "a") -> str:
        """The whole text, peers in the indentation variant a, b or c of reference section 2."""
        out: list[str] = []
        for line in self.tree.root.children:
            out.extend(render(line, peer_indent))
        return "".join(line + "\n" for line in out)

    # -- editing --------------------------------------------------------------------------------------------------

    def add_section(self, text: str) -> Line:
        """The top-level line ``text``, made in its place if it is new."""
        found = self.section(text)
        if found is not None:
            return found
        children = self.tree.root.children
        order = _block_rank(text)
        at = None
        for index, line in enumerate(children):
            if line.indent == 0 and line.text != "#" and _block_rank(line.text) > order:
                at = index
                break
        made = Line(text, 0)
        if at is None:
            children.extend([made, Line("#", 0)])
        else:
            children[at:at] = [made, Line("#", 0)]
        return made

    def drop_section(self, line: Line) -> None:
        """Remove a top-level line and, when its block is then empty, one separator."""
        children = self.tree.root.children
        at = next(index for index, child in enumerate(children) if child is line)
        del children[at]
        if 0 < at < len(children) and children[at - 1].text == children[at].text == "#":
            del children[at]

    def put(self, parent: Line, kind: str, prefix: str, text: str) -> None:
        """Set the line that starts with ``prefix`` (replacing it in place) to ``text``."""
        found = parent.find(text) if prefix == text else parent.first(prefix)
        if found is not None:
            found.text = text
            return
        insert_ordered(parent, Line(text, parent.indent + 1), RANKS[kind])

    def drop(self, parent: Line, prefix: str) -> None:
        """Remove lines that are ``prefix`` or continue it."""
        parent.remove(lambda line: line.text == prefix or line.text.startswith(prefix + " "))

    def drop_rsvp(self, parent: Line) -> None:
        self.drop(parent, RSVP)

    def encrypt_clear_keys(self, device_key: bytes) -> None:
        """Keys that a lab file gives in clear after ``cipher`` become cipher text, as a device stores them."""
        for line in self.tree.root.walk():
            found = re.match(r"(mpls rsvp-te authentication cipher |key-string cipher )(.+)$", line.text)
            if found and not looks_encrypted(found.group(2)):
                line.text = found.group(1) + encrypt(found.group(2).strip('"'), device_key)


def render(line: Line, peer_indent: str = "a") -> list[str]:
    """The text of one top-level line with all below it."""
    if line.text != "mpls" or line.indent != 0:
        return list(line.render())
    out = [line.text]
    first = True
    for child in line.children:
        if child.text.startswith(PEER + " "):
            if peer_indent == "c" and not first:
                out.append(" #")
            first = False
            out.append(" " + child.text)
            out.extend((" " if peer_indent == "b" else "  ") + below.text for below in child.children)
        else:
            out.extend(child.render())
    return out


def _nest_peers(mpls: Line) -> None:
    """Variants B and C of reference section 2 to the nested form: authentication lines belong to the peer above."""
    flat = [below for child in mpls.children for below in _flatten(child)]
    mpls.children = []
    peer: Line | None = None
    for line in flat:
        if line.text.startswith(PEER + " "):
            peer = line
            line.indent = 1
            mpls.children.append(line)
        elif peer is not None and line.text.startswith(AUTH + " "):
            line.indent = 2
            peer.children.append(line)
        elif not (peer is not None and line.text == "#"):
            mpls.children.append(line)


def _flatten(line: Line) -> list[Line]:
    if not line.text.startswith(PEER + " "):
        return [line]
    children, line.children = line.children, []
    return [line, *children]


def _block_rank(text: str) -> int:
    """Place of a block; unknown blocks are last, before them new blocks go."""
    if text == "mpls":
        return _BLOCK_ORDER.index("mpls")
    for index, prefix in enumerate(_BLOCK_ORDER):
        if prefix != "mpls" and (text == prefix or text.startswith(prefix + " ")):
            return index
    return len(_BLOCK_ORDER) if not text.startswith(("!", "aaa", "ntp", "clock", "info-center", "snmp")) else -1
