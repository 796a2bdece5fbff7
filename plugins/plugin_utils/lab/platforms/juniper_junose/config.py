# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a JunOSe router: flat text in sections per virtual router, IPsec options kept as flags.

What the emulator does not understand stays in the text, line by line, as it was given.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from ...config_tree import ConfigTree, Line

DEFAULT = "default"
OPTIONS = ("tx-invalid-cookie", "dpd", "nat-t")
ON_BY_DEFAULT = frozenset({"nat-t"})
_ROUTER = "virtual-router "
_OPTION = re.compile(r"(no )?ipsec option (tx-invalid-cookie|dpd|nat-t)")
_MASK_HEAD = "AAAAGAAAAAcAAAAC"


class JunoseConfig:
    """A configuration that commands edit; ``text()`` is its body, without the envelope of ``show configuration``."""

    def __init__(self, tree: ConfigTree, flags: dict[str, set[str]]) -> None:
        self.tree = tree
        self.flags = flags  # router -> options that differ from their default

    @classmethod
    def load(cls, text: str) -> JunoseConfig:
        """From native text, with or without the envelope."""
        lines = [line.rstrip() for line in text.replace("\x00", "").splitlines()]
        body = [line for line in lines if line and not re.match(r"! .|Please wait|\.+$", line)]
        while body and body[0] == "!":
            body.pop(0)
        tree = ConfigTree.parse("\n".join(body))
        flags: dict[str, set[str]] = {}
        router, kept = DEFAULT, list[Line]()
        for line in tree.root.children:
            if line.text.startswith(_ROUTER):
                router = line.text.removeprefix(_ROUTER).strip()
            found = _OPTION.fullmatch(line.text)
            if found:
                _set_flag(flags, router, found[2], not found[1])
            elif not (line.text == "!" and kept and kept[-1].text == "!"):
                kept.append(line)
        tree.root.children = kept
        made = cls(tree, flags)
        if DEFAULT not in made.routers():
            made.add_router(DEFAULT)
        for name in flags:
            made.add_router(name)
        return made

    def copy(self) -> JunoseConfig:
        return JunoseConfig(self.tree.copy(), {name: set(flags) for name, flags in self.flags.items()})

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[Line]:
        return self.tree.root.children

    @property
    def hostname(self) -> str | None:
        value = self.tree.root.value("hostname")
        return value.strip('"') if value else None

    @property
    def manual_commit(self) -> bool:
        return self.tree.root.find("service manual-commit") is not None

    def routers(self) -> list[str]:
        return [line.text.removeprefix(_ROUTER).strip() for line in self.lines if line.text.startswith(_ROUTER)]

    def option(self, router: str, name: str) -> bool:
        """Whether the option is on in this router."""
        return (name in self.flags.get(router, ())) != (name in ON_BY_DEFAULT)

    def sections(self) -> Iterator[tuple[str | None, list[Line]]]:
        """The router-wide lines (None), then each virtual router with its lines, its own line first."""
        name: str | None = None
        lines: list[Line] = []
        for line in self.lines:
            if line.text.startswith(_ROUTER):
                yield name, lines
                name, lines = line.text.removeprefix(_ROUTER).strip(), []
            lines.append(line)
        yield name, lines

    def section(self, router: str) -> list[Line]:
        return next((lines for name, lines in self.sections() if name == router), [])

    def text(self, only: str | None = None) -> str:
        """The body; ``only`` one virtual router's part of it."""
        out: list[str] = []
        for name, lines in self.sections():
            if only is None or name == only:
                out.extend(self._rendered(name, lines))
        return "".join(f"{line}\n" for line in out)

    def _rendered(self, name: str | None, lines: list[Line]) -> Iterator[str]:
        flagged = [option for option in OPTIONS if option in self.flags.get(name or "", ())]
        place = 1 if len(lines) < 2 or lines[1].text != "!" else 2
        for index, line in enumerate(lines):
            if flagged and index == place:
                yield from self._flag_lines(flagged, line)
                flagged = []
            yield from line.render()
        if flagged:
            yield from self._flag_lines(flagged, None)

    @staticmethod
    def _flag_lines(flagged: list[str], following: Line | None) -> Iterator[str]:
        for option in flagged:
            yield f"{'no ' if option in ON_BY_DEFAULT else ''}ipsec option {option}"
        if following is None or not following.text.startswith(("!", "ipsec ")):
            yield "!"

    # -- editing --------------------------------------------------------------------------------------------------

    def set_option(self, router: str, name: str, enabled: bool) -> None:
        _set_flag(self.flags, router, name, enabled)

    def add_router(self, name: str) -> None:
        if name not in self.routers():
            self.lines.extend([Line(f"{_ROUTER}{name}", 0), Line("!", 0)])

    def drop_router(self, name: str) -> None:
        gone = {id(line) for line in self.section(name)}
        self.tree.root.children = [line for line in self.lines if id(line) not in gone]
        self.flags.pop(name, None)

    def put(self, router: str | None, text: str, key: str) -> Line:
        """The line ``text`` in a router's section (None: the router-wide part), in place of one that starts ``key``."""
        lines = self.section(router) if router else next(self.sections())[1]
        found = next((line for line in lines if line.text == key or line.text.startswith(key + " ")), None)
        if found is not None:
            found.text = text
            return found
        made = Line(text, 0)
        at = len(self.lines) if not lines else next(i for i, line in enumerate(self.lines) if line is lines[-1]) + 1
        self.lines[at:at] = [made, Line("!", 0)]
        return made

    def drop(self, router: str | None, key: str) -> bool:
        """Remove the line that starts ``key`` with what is below it and one separator; False when there was none."""
        lines = self.section(router) if router else next(self.sections())[1]
        found = next((line for line in lines if line.text == key or line.text.startswith(key + " ")), None)
        if found is None:
            return False
        at = next(i for i, line in enumerate(self.lines) if line is found)
        after = self.lines[at + 1] if at + 1 < len(self.lines) else None
        del self.lines[
            at : at + (2 if after is not None and after.text == "!" and self.lines[at - 1].text == "!" else 1)
        ]
        return True

    def mask_keys(self, device_key: bytes) -> None:
        """Clear keys that a lab file gives become masked keys, as a router stores them."""
        for line in self.tree.root.walk():
            found = re.fullmatch(r"key (\S.*)", line.text)
            if found and line.indent:
                line.text = f'masked-key "{mask(found[1], device_key)}"'


def _set_flag(flags: dict[str, set[str]], router: str, name: str, enabled: bool) -> None:
    if enabled != (name in ON_BY_DEFAULT):
        flags.setdefault(router, set()).add(name)
    else:
        flags.get(router, set()).discard(name)


def mask(key: str, device_key: bytes, turn: int = 0) -> str:
    """A key as the router prints it: another text on every display (``turn``), readable by this router only."""
    salt = turn.to_bytes(4, "big")
    stream = hashlib.shake_256(device_key + salt).digest(len(key.encode()))
    return (
        _MASK_HEAD + base64.b64encode(salt + bytes(a ^ b for a, b in zip(key.encode(), stream, strict=True))).decode()
    )


def unmask(masked: str, device_key: bytes) -> str | None:
    """The key behind a masked key of this router; None for anybody else's."""
    try:
        data = base64.b64decode(masked.strip('"').removeprefix(_MASK_HEAD), validate=True)
        stream = hashlib.shake_256(device_key + data[:4]).digest(len(data) - 4)
        key = bytes(a ^ b for a, b in zip(data[4:], stream, strict=True)).decode("ascii")
    except ValueError:
        return None
    return key if key.isprintable() and masked.strip('"').startswith(_MASK_HEAD) else None
