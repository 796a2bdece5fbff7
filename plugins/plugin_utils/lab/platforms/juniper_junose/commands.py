# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All commands of JunOSe, gathered from the modules that declare them."""

from __future__ import annotations

from functools import lru_cache

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


@lru_cache(maxsize=1)
def modes() -> dict[str, Mode]:
    """The modes of the CLI by name; shared by all routers."""
    grammar = Grammar(_TYPES, _HELPS)
    user = grammar.mode("user")
    config = grammar.mode("config")
    made = {"user": user, "priv": grammar.mode("priv", [user]), "config": config}
    made |= {name: grammar.mode(name, [config]) for name in MODES[3:]}
    for module in (cmd_exec, cmd_config, show):
        module.declare(made)
    return made
