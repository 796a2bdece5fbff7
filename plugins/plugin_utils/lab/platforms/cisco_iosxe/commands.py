# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All commands of an IOS XE release, gathered from the modules that declare them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Grammar, Mode, Outcome, Param, Token, interface_param, pattern_param
from . import cmd_config, cmd_exec, cmd_keychain, cmd_lisp, cmd_rollback, cmd_tcl, show_lisp, show_system, show_tcp
from .dialect import DEFAULT_VERSION, Dialect, dialect_of
from .helps import HELPS
from .lines import GLOBAL_WORDS

INTERFACE_TYPES = (
    "GigabitEthernet", "TenGigabitEthernet", "TwentyFiveGigE", "FortyGigabitEthernet", "HundredGigE", "FastEthernet",
    "Ethernet", "Loopback", "Vlan", "Port-channel", "Tunnel", "Serial", "BDI", "LISP", "Null", "nve",
    "AppGigabitEthernet",
)  # fmt: skip
_MODES = (
    "config", "chain", "key", "plainchain", "plainkey", "lisp", "ao", "service", "iservice", "instance", "site",
    "locator-set", "dynamic-eid", "interface", "archive", "block",
)  # fmt: skip

_TITLES = {
    "config": "global configuration", "chain": "TCP key chain", "key": "key of a TCP key chain",
    "plainchain": "key chain", "plainkey": "key of a key chain", "lisp": "router lisp", "ao": "tcp auth-option",
    "iservice": "service of an instance", "block": "other sections",
}  # fmt: skip
#: How sure it is what a session is like, apart from its commands.
SESSION = {
    "prompts": DOC.prints(DOC, "two spellings of some LISP prompts, a device option chooses"),
    "login and enable": CODE.prints(CODE),
    "paging: keys and text": CODE.prints(CODE),
    "syntax errors and the place of the caret": CODE.prints(CODE),
    "unknown words in exec mode": GUESS.prints(GUESS),
    "a line of a parent mode inside a section": GUESS.prints(GUESS),
    "log lines on the terminal": CODE.prints(CODE),
    "editing keys, Tab, ?": GUESS.prints(GUESS),
    "refusal when all lines are used": GUESS.prints(GUESS),
}
#: What people call the dialects, each with a release that speaks it.
DIALECTS = {"17.2.1 and later": dialect_of(DEFAULT_VERSION, {}), "before 17.2.1": dialect_of("16.9.8", {})}


def _raw(tokens: Sequence[Token]) -> tuple[int, Any]:
    """Everything to the end of the line, trailing blanks included: they belong to a key."""
    return len(tokens), tokens[0].rest


def _own_word(tokens: Sequence[Token]) -> tuple[int, Any]:
    """A line that only the section knows: its first word starts no global command."""
    word = tokens[0].text.lower()
    if word in GLOBAL_WORDS or not re.match(r"[a-z0-9]", word):
        raise ValueError(word)
    return len(tokens), tokens[0].rest.rstrip()


def _month(tokens: Sequence[Token]) -> tuple[int, Any]:
    text = tokens[0].text.lower()
    names = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
             "november", "december")  # fmt: skip
    if len(text) < 3 or not any(name.startswith(text) for name in names):
        raise ValueError(text)
    return 1, text[:3].title()


_CLOCK = r"([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d"
_TYPES = {
    "interface": interface_param(INTERFACE_TYPES),
    "clock": pattern_param(_CLOCK, "hh:mm:ss", "Time of day"),
    "month": Param(_month, "MONTH", "Month of the year"),
    "raw": Param(_raw, "LINE", "The string"),
    "own": Param(_own_word, "LINE", "A line of this section"),
    "chain": pattern_param(r"\S{1,256}", "WORD", "Key chain name (max 256 characters)"),
    "name": pattern_param(r"\S{1,128}", "WORD", "Name"),
    "prefix": pattern_param(r"[0-9.]+/\d{1,2}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/\d{1,3}", "A.B.C.D/nn", "EID prefix"),
    "ipv6": pattern_param(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*", "X:X:X:X::X", "IPv6 address"),
    "ipv4or6": pattern_param(
        r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*",
        "A.B.C.D", "IP address"),
    "file": pattern_param(r"\S+", "WORD", "File name"),
}  # fmt: skip


@lru_cache(maxsize=8)
def modes_of(dialect: Dialect) -> dict[str, Mode]:
    """The modes of a release by name; shared by all devices that run it."""
    grammar = Grammar(_TYPES, HELPS, quotes=False, after_complete=Outcome.UNRECOGNIZED)
    common = grammar.mode("common", title="exec")
    inside = grammar.mode("inside", title="any configuration mode")
    modes = {"common": common, "inside": inside, "user": grammar.mode("user", [common], "user exec")}
    modes["exec"] = grammar.mode("exec", [common], "privileged exec")
    for name in _MODES:
        modes[name] = grammar.mode(name, [inside], _TITLES.get(name, name))
    for module in (
        cmd_exec,
        cmd_rollback,
        cmd_tcl,
        cmd_config,
        cmd_keychain,
        cmd_lisp,
        show_system,
        show_lisp,
        show_tcp,
    ):
        module.declare(modes, dialect)
    return modes
