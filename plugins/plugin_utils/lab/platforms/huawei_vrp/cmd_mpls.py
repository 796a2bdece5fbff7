# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MPLS view: enablement chain, RSVP timers, RSVP-TE neighbors (reference 1.1, 1.3, 1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...shell import Reply
from .config import PEER, RSVP, EditError, VrpConfig
from .dialect import Dialect
from .rsvp_view import DEFAULT_KEEP, DEFAULT_LOST, DEFAULT_REFRESH, DEFAULT_RETRANS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shell import VrpShell

_LSR_QUESTION = "Warning: All MPLS services will be deleted and services related to LSR-ID will fail. Continue? [Y/N]:"
_MPLS_QUESTION = "Warning: All the MPLS configurations will be deleted. Continue? [Y/N]:"
_RSVP_QUESTION = "Warning: All the MPLS RSVP services will be deleted. Continue? [Y/N]:"
_TIMERS = (
    ("timer refresh", "int(10-65535)", DEFAULT_REFRESH),
    ("keep-multiplier", "int(3-255)", DEFAULT_KEEP),
    ("challenge-lost", "int(1-10)", DEFAULT_LOST),
    ("retrans-timer challenge", "int(500-10000)", DEFAULT_RETRANS),
)


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    system, mpls = modes["system"], modes["mpls"]
    system.add("mpls lsr-id <address:ipv4>", _lsr_id, CODE.prints(CODE))
    system.add("undo mpls lsr-id", _undo_lsr_id, CODE.prints(CODE))
    system.add("mpls", _mpls, CODE)
    system.add("undo mpls", _undo_mpls, CODE.prints(CODE))
    if not dialect.rsvp:
        return
    mpls.add("mpls te", _te, DOC)
    mpls.add("undo mpls te", _undo_te, DOC)
    mpls.add("mpls te cspf", _cspf, DOC)
    mpls.add(
        "undo mpls te cspf", lambda shell, match: shell.edit(match, lambda c: _drop_mpls(c, "mpls te cspf")), GUESS
    )
    mpls.add("mpls rsvp-te", _rsvp, DOC)
    mpls.add("undo mpls rsvp-te", _undo_rsvp, DOC.prints(DOC))
    for words, kind, default in _TIMERS:
        mpls.add(f"{RSVP} {words} <value:{kind}>", _timer(words, default), DOC)
        mpls.add(f"undo {RSVP} {words}", _undo_timer(words), DOC)
    mpls.add(f"{PEER} <address:ipv4>", _peer, DOC)
    mpls.add(f"undo {PEER} [ <address:ipv4> ]", _undo_peer, DOC)


def _lsr_id(shell: VrpShell, match: Match) -> Reply:
    text = f"mpls lsr-id {match.args['address']}"

    def change(config: VrpConfig) -> None:
        existing = next(iter(config.tree.sections("mpls lsr-id")), None)
        if existing is None:
            config.add_section(text)
        else:
            existing.text = text

    current = shell.config.tree.root.value("mpls lsr-id")
    if current is None or current == match.args["address"]:
        return shell.edit(match, change)
    return shell.confirm(_LSR_QUESTION, lambda: shell.edit(match, change))


def _undo_lsr_id(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        if config.section("mpls") is not None:
            raise EditError("MPLS is enabled, disable it first.")
        for line in config.tree.sections("mpls lsr-id"):
            config.drop_section(line)

    return shell.edit(match, change)


def _mpls(shell: VrpShell, match: Match) -> Reply:
    from .shell import View

    def change(config: VrpConfig) -> None:
        if config.tree.root.value("mpls lsr-id") is None:
            raise EditError("Please configure the LSR ID first.")
        config.add_section("mpls")

    reply = Reply() if shell.config.section("mpls") is not None else shell.edit(match, change)
    shell.enter(View("mpls", "-mpls", ("mpls",)))
    return reply


def _undo_mpls(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        section = config.section("mpls")
        if section is not None:
            config.drop_section(section)
        for line in config.interfaces():
            config.drop(line, "mpls")

    return shell.confirm(_MPLS_QUESTION, lambda: shell.edit(match, change))


def _put_mpls(config: VrpConfig, prefix: str, text: str) -> None:
    section = config.section("mpls")
    if section is None:
        raise EditError("MPLS is not enabled.")
    if prefix != text or section.find(text) is None:
        config.put(section, "mpls", prefix, text)


def _drop_mpls(config: VrpConfig, prefix: str) -> None:
    section = config.section("mpls")
    if section is not None:
        config.drop(section, prefix)


def _te(shell: VrpShell, match: Match) -> Reply:
    return shell.edit(match, lambda config: _put_mpls(config, "mpls te", "mpls te"))


def _undo_te(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        for prefix in ("mpls te", RSVP):
            _drop_mpls(config, prefix)
            for line in config.interfaces():
                config.drop(line, prefix)

    return shell.edit(match, change)


def _cspf(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        if not config.has_global("mpls te"):
            raise EditError("Please enable MPLS TE first.")
        _put_mpls(config, "mpls te cspf", "mpls te cspf")

    return shell.edit(match, change)


def _rsvp(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        if not config.has_global("mpls te"):
            raise EditError("Please enable MPLS TE first.")
        _put_mpls(config, RSVP, RSVP)

    return shell.edit(match, change)


def _undo_rsvp(shell: VrpShell, match: Match) -> Reply:
    def change(config: VrpConfig) -> None:
        _drop_mpls(config, RSVP)
        for line in config.interfaces():
            config.drop_rsvp(line)

    return shell.confirm(_RSVP_QUESTION, lambda: shell.edit(match, change))


def need_rsvp(config: VrpConfig) -> None:
    """RSVP-TE must be on in the MPLS view; the text is [guess]."""
    if not config.has_global(RSVP):
        raise EditError("Please enable RSVP-TE in the MPLS view first.")


def _timer(words: str, default: int) -> Callable[[VrpShell, Match], Reply]:
    def run(shell: VrpShell, match: Match) -> Reply:
        value = match.args["value"]

        def change(config: VrpConfig) -> None:
            need_rsvp(config)
            if value == default:  # defaults are not shown
                _drop_mpls(config, f"{RSVP} {words}")
            else:
                _put_mpls(config, f"{RSVP} {words}", f"{RSVP} {words} {value}")

        return shell.edit(match, change)

    return run


def _undo_timer(words: str) -> Callable[[VrpShell, Match], Reply]:
    def run(shell: VrpShell, match: Match) -> Reply:
        return shell.edit(match, lambda config: _drop_mpls(config, f"{RSVP} {words}"))

    return run


def _peer(shell: VrpShell, match: Match) -> Reply:
    from .shell import View

    address = match.args["address"]
    text = f"{PEER} {address}"

    def change(config: VrpConfig) -> None:
        need_rsvp(config)
        _put_mpls(config, text, text)

    reply = Reply() if shell.config.section("mpls", text) is not None else shell.edit(match, change)
    shell.enter(View("peer", f"-mpls-rsvp-te-peer-{address}", ("mpls", text)))
    return reply


def _undo_peer(shell: VrpShell, match: Match) -> Reply:
    address = match.args.get("address")
    return shell.edit(match, lambda config: _drop_mpls(config, PEER if address is None else f"{PEER} {address}"))
