# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All commands of a Comware generation, gathered from the modules that declare them."""

from __future__ import annotations

from functools import lru_cache

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Grammar, Mode, Outcome, interface_param, pattern_param, word_param
from . import cmd_ike, cmd_system, show_ike, show_system
from .dialect import Dialect, dialect_of
from .helps import HELPS

INTERFACE_TYPES = (
    "GigabitEthernet", "Ten-GigabitEthernet", "Ethernet", "LoopBack", "Tunnel", "Vlan-interface", "Route-Aggregation",
    "M-GigabitEthernet", "NULL", "Serial", "Dialer",
)  # fmt: skip

_TYPES = {
    "interface": interface_param(INTERFACE_TYPES),
    "name": word_param(1, 63),
    "name32": word_param(1, 32),
    "policy": word_param(1, 63),
    "key": word_param(1, 201),
    "hostname": pattern_param(r"[A-Za-z_][\w.-]{0,254}", "STRING<1-255>", "Host name"),
    "cfgfile": pattern_param(r"\S{1,255}", "STRING<1-255>", "File name"),
    "sysname": pattern_param(r"[\w.\-@()/:]{1,64}", "STRING<1-64>", "Host name"),
}

#: View -> words after which its name stands in the prompt (``[FW-A-ike-peer-NAME]``).
VIEWS = ("interface", "ike-peer", "ike-dpd", "ike-proposal", "ike-profile", "ike-keychain", "ipsec-policy", "transform")


#: How sure it is what a session is like, apart from its commands.
SESSION = {
    "prompts": DOC.prints(DOC),
    "text after the login": CODE.prints(CODE),
    "paging: keys and text": DOC.prints(DOC),
    "paging: how the text is erased": CODE.prints(CODE),
    "syntax errors": DOC.prints(DOC),
    "the place of the caret": CODE.prints(CODE),
    "out of range is a wrong parameter": GUESS.prints(GUESS),
    "echo that wraps at the window's width": CODE.prints(CODE),
    "a view opened from within another": CODE.prints(CODE),
    "editing keys, Tab, ?": GUESS.prints(GUESS),
    "refusal when all lines are used": GUESS.prints(GUESS),
}
#: What people call the dialects, each with a version that speaks it.
DIALECTS = {"V5": dialect_of("5.20, Release 3721"), "V7": dialect_of("7.1.064, Release 9524")}


@lru_cache(maxsize=8)
def modes_of(dialect: Dialect) -> dict[str, Mode]:
    """The views of a generation by name; shared by all devices that speak it."""
    grammar = Grammar(_TYPES, HELPS, after_complete=Outcome.TOO_MANY)
    common = grammar.mode("common", title="any view")
    config = grammar.mode("config", [common], "any configuration view")
    # Views are opened with the commands of the system view, from any view (reference 4).
    openers = grammar.mode("openers", title="any configuration view")
    modes = {
        "common": common,
        "config": config,
        "openers": openers,
        "user": grammar.mode("user", [common], "user view"),
    }
    modes["system"] = grammar.mode("system", [config, openers], "system view")
    for name in VIEWS:
        modes[name] = grammar.mode(name, [config], f"{name} view")
    for module in (cmd_system, cmd_ike, show_system, show_ike):
        module.declare(modes, dialect)
    return modes
