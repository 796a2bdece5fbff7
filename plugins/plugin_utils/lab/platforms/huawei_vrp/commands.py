# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All commands of a VRP dialect, gathered from the modules that declare them."""

from __future__ import annotations

from functools import lru_cache

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Grammar, Mode, Outcome, interface_param, pattern_param
from . import cmd_auth, cmd_commit, cmd_interface, cmd_keychain, cmd_mpls, cmd_system, show_rsvp, show_system
from .dialect import DEFAULT_VERSION, Dialect, dialect_of
from .helps import HELPS

INTERFACE_TYPES = (
    "GigabitEthernet", "Eth-Trunk", "Ethernet", "XGigabitEthernet", "MultiGE", "10GE", "25GE", "40GE", "50GE", "100GE",
    "200GE", "400GE", "LoopBack", "Tunnel", "Vlanif", "Pos", "Ip-Trunk", "NULL", "MEth", "Virtual-Ethernet",
)  # fmt: skip

_TYPES = {
    "interface": interface_param(INTERFACE_TYPES),
    "commit-label": pattern_param(r"[^0-9\s-]\S{0,255}", "TEXT<1-256>", "Commit label"),
    "clock": pattern_param(r"([01]?\d|2[0-3]):[0-5]\d", "HH:MM", "Time"),
    "date": pattern_param(r"\d{4}-\d{1,2}-\d{1,2}", "YYYY-MM-DD", "Date"),
    "keychain-name": pattern_param(r"[^?]{1,47}", "STRING<1-47>", "Keychain name"),
}


#: How sure it is what a session is like, apart from its commands.
SESSION = {
    "prompts, with ~ and * where there is a candidate": DOC.prints(DOC),
    "text after the login": DOC.prints(DOC, "VRP8; that of VRP5: seen in code"),
    "paging: keys and text": DOC.prints(DOC),
    "paging: how the text is erased": GUESS.prints(GUESS),
    "syntax errors and the place of the caret": CODE.prints(CODE),
    "errors without a caret": GUESS.prints(GUESS),
    "questions about what is not committed": CODE.prints(CODE, "two wordings, a device option chooses"),
    "two users who change the same": DOC.prints(DOC),
    "editing keys, Tab, ?": GUESS.prints(GUESS),
    "refusal when all lines are used": GUESS.prints(GUESS),
}
#: What people call the dialects, each with a version that speaks it.
DIALECTS = {
    "VRP8": dialect_of(DEFAULT_VERSION),
    "VRP5": dialect_of("5.170 (S6730 V200R019C10SPC500)"),
    "V600": dialect_of("V600R024C10"),
}


@lru_cache(maxsize=8)
def modes_of(dialect: Dialect) -> dict[str, Mode]:
    """The modes (views) of a dialect by name; shared by all devices that speak it."""
    # A surplus word where the command could go on is "Unrecognized", as a VRP8 transcript shows (reference 4.6).
    grammar = Grammar({**_TYPES, "key": cmd_auth.key_param()}, HELPS, after_complete=Outcome.UNRECOGNIZED)
    common = grammar.mode("common", title="any view")
    config = grammar.mode("config", [common], "any configuration view")
    modes = {"common": common, "config": config, "user": grammar.mode("user", [common], "user view")}
    for name in ("system", "mpls", "interface", "peer", "keychain", "keyid"):
        modes[name] = grammar.mode(name, [config], f"{name} view")
    for module in (cmd_system, cmd_commit, cmd_interface, cmd_mpls, cmd_auth, cmd_keychain, show_system, show_rsvp):
        module.declare(modes, dialect)
    return modes
