# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces: entering their view, addresses, MPLS on them, tunnels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...shell import Reply
from .config import LOGICAL, RSVP, EditError, VrpConfig, WrongValue
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import VrpShell


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    system, interface = modes["system"], modes["interface"]
    system.add("interface <name:interface>", _enter, DOC)
    system.add("undo interface <name:interface>", _undo_interface, GUESS)
    for words in ("shutdown", "portswitch"):
        interface.add(words, lambda shell, match, words=words: _flag(shell, match, words, True), CODE)
        interface.add(f"undo {words}", lambda shell, match, words=words: _flag(shell, match, words, False), CODE)
    interface.add(
        "description <text:rest(1-242)>", lambda shell, match: _put(shell, match, "description", "text"), GUESS
    )
    interface.add("undo description", lambda shell, match: _drop(shell, match, "description"), GUESS)
    interface.add("ip address <address:ipv4> { <mask:ipv4> | <length:int(0-32)> }", _address, CODE)
    interface.add("undo ip address [ <address:ipv4> <mask:ipv4> ]", lambda s, m: _drop(s, m, "ip address"), GUESS)
    interface.add("tunnel-protocol mpls te", lambda shell, match: _line(shell, match, "tunnel-protocol mpls te"), GUESS)
    interface.add("undo tunnel-protocol", lambda shell, match: _drop(shell, match, "tunnel-protocol"), GUESS)
    interface.add(
        "destination <address:ipv4>", lambda shell, match: _put(shell, match, "destination", "address"), GUESS
    )
    interface.add("undo destination", lambda shell, match: _drop(shell, match, "destination"), GUESS)
    interface.add("mpls", _mpls, DOC)
    interface.add("undo mpls", lambda shell, match: _drop(shell, match, "mpls"), DOC)
    if dialect.rsvp:
        interface.add("mpls te", _mpls_te, DOC)
        interface.add("undo mpls te", _undo_mpls_te, DOC)
        interface.add("mpls rsvp-te", _mpls_rsvp, DOC)
        interface.add("undo mpls rsvp-te", lambda shell, match: _drop(shell, match, RSVP), DOC)


def _enter(shell: VrpShell, match: Match) -> Reply:
    from .shell import View

    name: str = match.args["name"]
    text = f"interface {name}"
    reply = Reply()
    if shell.config.section(text) is None:
        parent, dot, _sub = name.rpartition(".")
        known = name.startswith(LOGICAL) or (dot and shell.config.section(f"interface {parent}") is not None)
        if not known:
            raise WrongValue(match.line.split()[-1])
        reply = shell.edit(match, lambda config: _create(config, text))
    shell.enter(View("interface", f"-{name}", (text,)))
    return reply


def _create(config: VrpConfig, text: str) -> None:
    config.add_section(text)


def _undo_interface(shell: VrpShell, match: Match) -> Reply:
    name: str = match.args["name"]
    if not name.startswith(LOGICAL) and "." not in name:
        raise WrongValue(match.line.split()[-1])

    def change(config: VrpConfig) -> None:
        line = config.section(f"interface {name}")
        if line is None:
            raise EditError("The specified interface does not exist.")
        config.drop_section(line)

    return shell.edit(match, change)


def section_of(config: VrpConfig, path: tuple[str, ...]) -> Line:
    """The section a view edits; EditError when somebody removed it meanwhile."""
    found = config.section(*path)
    if found is None:
        raise EditError("The object of this view does not exist any more.")
    return found


def _line(shell: VrpShell, match: Match, text: str) -> Reply:
    path = shell.view.path
    return shell.edit(match, lambda config: config.put(section_of(config, path), "interface", text, text))


def _put(shell: VrpShell, match: Match, prefix: str, arg: str) -> Reply:
    path, text = shell.view.path, f"{prefix} {match.args[arg]}"
    return shell.edit(match, lambda config: config.put(section_of(config, path), "interface", prefix, text))


def _drop(shell: VrpShell, match: Match, prefix: str) -> Reply:
    path = shell.view.path
    return shell.edit(match, lambda config: config.drop(section_of(config, path), prefix))


def _flag(shell: VrpShell, match: Match, words: str, on: bool) -> Reply:
    """``shutdown`` / ``undo shutdown`` replace each other; which one is the default depends on the box."""
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        wanted, other = (words, f"undo {words}") if on else (f"undo {words}", words)
        existing = section.find(other)
        if existing is not None:
            existing.text = wanted
        elif on:
            config.put(section, "interface", wanted, wanted)

    return shell.edit(match, change)


def _address(shell: VrpShell, match: Match) -> Reply:
    mask = match.args.get("mask") or _mask(match.args["length"])
    path, text = shell.view.path, f"ip address {match.args['address']} {mask}"
    return shell.edit(match, lambda config: config.put(section_of(config, path), "interface", "ip address", text))


def _mask(length: int) -> str:
    bits = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    return ".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0))


def _mpls(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        if config.section("mpls") is None:
            raise EditError("Please enable MPLS in the system view first.")
        section = section_of(config, path)
        if section.find("mpls") is None:
            config.put(section, "interface", "mpls", "mpls")

    return shell.edit(match, change)


def _mpls_te(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        if not config.has_global("mpls te"):
            raise EditError("Please enable MPLS TE in the MPLS view first.")
        if section.find("mpls") is None and not path[0].startswith("interface Tunnel"):
            raise EditError("Please enable MPLS on the interface first.")
        if section.find("mpls te") is None:
            config.put(section, "interface", "mpls te", "mpls te")

    return shell.edit(match, change)


def _undo_mpls_te(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        config.drop(section, "mpls te")
        config.drop(section, RSVP)

    return shell.edit(match, change)


def _mpls_rsvp(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        if not config.has_global(RSVP):
            raise EditError("Please enable RSVP-TE in the MPLS view first.")
        if section.find("mpls te") is None:
            raise EditError("Please enable MPLS TE on the interface first.")
        if section.find(RSVP) is None:
            config.put(section, "interface", RSVP, RSVP)

    return shell.edit(match, change)
