# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP authentication, the same commands in interface view and RSVP-TE neighbor view (reference 1.2).

Prerequisites are checked when the line is entered (the reference leaves open whether entry or commit); their texts
are [guess]. Removing the key takes handshake, lifetime and window-size along (YANG makes them depend on it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import DOC
from ...grammar import Match, Mode, Param, Token
from ...shell import Reply
from .cipher import encrypt, looks_encrypted
from .cmd_interface import section_of
from .cmd_mpls import need_rsvp
from .config import AUTH, RSVP, EditError, VrpConfig, WrongValue
from .dialect import Dialect
from .rsvp_view import DEFAULT_LIFETIME, DEFAULT_WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .shell import VrpShell

MAX_CLEAR = 255


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    if not dialect.rsvp:
        return
    for name in ("interface", "peer"):
        mode = modes[name]
        mode.add(f"{AUTH} cipher <key:key>", _cipher, DOC)
        mode.add(f"{AUTH} plain <key:word(1-{MAX_CLEAR})>", _plain, DOC)
        mode.add(f"{AUTH} keychain <name:keychain-name>", _keychain, DOC)
        mode.add(f"undo {AUTH}", _undo, DOC)
        if dialect.family == "vrp8":
            mode.add(f"undo {AUTH} keychain", _undo_keychain, DOC)
        mode.add(f"{AUTH} handshake", _handshake, DOC)
        mode.add(f"undo {AUTH} handshake", lambda shell, match: _drop(shell, match, "handshake"), DOC)
        mode.add(f"{AUTH} lifetime <seconds:hhmmss>", _lifetime, DOC)
        mode.add(f"undo {AUTH} lifetime", lambda shell, match: _drop(shell, match, "lifetime"), DOC)
        mode.add(f"{AUTH} window-size <size:int(1-64)>", _window, DOC)
        mode.add(f"undo {AUTH} window-size", lambda shell, match: _drop(shell, match, "window-size"), DOC)


def key_param() -> Param:
    """A key: 1-255 characters in clear or 20-392 as cipher text."""

    def parse(tokens: Sequence[Token]) -> tuple[int, str]:
        text = tokens[0].text
        if not text or (len(text) > MAX_CLEAR and not looks_encrypted(text)):
            raise ValueError(text)
        return 1, text

    return Param(parse, "STRING<1-255>/<20-392>", "Key in clear or as cipher text")


def _section(shell_path: tuple[str, ...], config: VrpConfig) -> Line:
    need_rsvp(config)
    section = section_of(config, shell_path)
    if shell_path[0] != "mpls" and section.find(RSVP) is None:
        raise EditError("Please enable RSVP-TE on the interface first.")
    return section


def _with_key(section: Line) -> None:
    if not any(section.first(f"{AUTH} {form}") for form in ("cipher", "plain", "keychain")):
        raise EditError("Please configure RSVP authentication first.")


def _set_form(config: VrpConfig, section: Line, form: str, text: str) -> None:
    for other in ("cipher", "plain", "keychain"):  # one authentication type at a time
        if other != form:
            config.drop(section, f"{AUTH} {other}")
    config.put(section, "interface", f"{AUTH} {form}", f"{AUTH} {form} {text}")


def check_key(shell: VrpShell, key: str) -> None:
    """Too long for a clear key, or a blank where the family takes none: a wrong parameter."""
    if (len(key) > MAX_CLEAR and not looks_encrypted(key)) or (" " in key and not shell.device.dialect.quoted_keys):
        raise WrongValue(key)


def _cipher(shell: VrpShell, match: Match) -> Reply:
    path, key = shell.view.path, match.args["key"]
    check_key(shell, key)
    stored = key if looks_encrypted(key) else encrypt(key, shell.device.device_key)
    return shell.edit(match, lambda config: _set_form(config, _section(path, config), "cipher", stored))


def _plain(shell: VrpShell, match: Match) -> Reply:
    path, key = shell.view.path, match.args["key"]
    check_key(shell, key)
    shown = f'"{key}"' if " " in key else key
    return shell.edit(match, lambda config: _set_form(config, _section(path, config), "plain", shown))


def _keychain(shell: VrpShell, match: Match) -> Reply:
    path, name = shell.view.path, match.args["name"].lower()

    def change(config: VrpConfig) -> None:
        section = _section(path, config)
        if config.keychain(name) is None:
            raise EditError("The keychain does not exist.")
        _set_form(config, section, "keychain", name)

    return shell.edit(match, change)


def _undo(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path
    return shell.edit(match, lambda config: config.drop(section_of(config, path), AUTH))


def _undo_keychain(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        if section.first(f"{AUTH} keychain") is not None:
            config.drop(section, AUTH)

    return shell.edit(match, change)


def _drop(shell: VrpShell, match: Match, word: str) -> Reply:
    path = shell.view.path
    return shell.edit(match, lambda config: config.drop(section_of(config, path), f"{AUTH} {word}"))


def _handshake(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = _section(path, config)
        _with_key(section)
        config.put(section, "interface", f"{AUTH} handshake", f"{AUTH} handshake")

    return shell.edit(match, change)


def _lifetime(shell: VrpShell, match: Match) -> Reply:
    path, seconds = shell.view.path, match.args["seconds"]
    if seconds == 0:  # 00:00:01 to 23:59:59
        raise WrongValue(match.line.split()[-1])
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return _set_or_default(shell, match, path, "lifetime", text, seconds == DEFAULT_LIFETIME)


def _window(shell: VrpShell, match: Match) -> Reply:
    size = match.args["size"]
    return _set_or_default(shell, match, shell.view.path, "window-size", str(size), size == DEFAULT_WINDOW)


def _set_or_default(shell: VrpShell, match: Match, path: tuple[str, ...], word: str, text: str,
                    default: bool) -> Reply:  # fmt: skip
    def change(config: VrpConfig) -> None:
        section = _section(path, config)
        _with_key(section)
        if default:  # defaults are not shown
            config.drop(section, f"{AUTH} {word}")
        else:
            config.put(section, "interface", f"{AUTH} {word}", f"{AUTH} {word} {text}")

    return shell.edit(match, change)
