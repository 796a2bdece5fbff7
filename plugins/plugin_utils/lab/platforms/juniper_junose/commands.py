# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All commands of JunOSe, gathered from the modules that declare them."""

from __future__ import annotations

from functools import lru_cache

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Grammar, Mode, pattern_param
from . import cmd_config, cmd_exec, show

MODES = ("user", "priv", "config", "config-if", "config-manual-key", "config-ike-policy")

_TYPES = {
    "router": pattern_param(r"[^\s:()#>]{1,64}(?::[^\s:()#>]{1,64})?", "WORD", "Virtual router"),
    "tunnel": pattern_param(r"ipsec:\S{1,64}", "ipsec:NAME", "IPsec tunnel"),
}
_HELPS = {
    "ipsec": "Configure IP Security",
    "option": "Configure IPsec options",
    "tx-invalid-cookie": "Send invalid cookie notifications to IKE peers",
    "dpd": "Dead peer detection",
    "nat-t": "NAT traversal",
    "virtual-router": "Specify a virtual router",
    "show": "Show system information",
}


#: How sure it is what a session is like, apart from its commands.
SESSION = {
    "prompts, with the virtual router in them": CODE.prints(CODE),
    "login, masked echo and the text after it": CODE.prints(CODE),
    "login asked again inside SSH": CODE.prints(CODE),
    "paging: text": CODE.prints(CODE),
    "paging: keys": GUESS.prints(GUESS),
    "privilege levels": DOC.prints(DOC),
    "syntax errors": CODE.prints(CODE),
    "incomplete commands": GUESS.prints(GUESS),
    "configuration is saved by itself unless told otherwise": GUESS.prints(GUESS),
    "editing keys, Tab, ?": GUESS.prints(GUESS),
    "refusal when all lines are used": GUESS.prints(GUESS),
}


@lru_cache(maxsize=1)
def modes() -> dict[str, Mode]:
    """The modes of the CLI by name; shared by all routers."""
    grammar = Grammar(_TYPES, _HELPS)
    user = grammar.mode("user", title="User Exec")
    config = grammar.mode("config", title="any configuration mode")
    made = {"user": user, "priv": grammar.mode("priv", [user], "Privileged Exec"), "config": config}
    made |= {name: grammar.mode(name, [config], f"({name})#") for name in MODES[3:]}
    for module in (cmd_exec, cmd_config, show):
        module.declare(made)
    return made
