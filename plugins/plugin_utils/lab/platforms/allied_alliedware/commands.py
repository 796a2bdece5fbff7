# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of AlliedWare's commands. There is no grammar to hang the marks on: the shell reads verb and object."""

from __future__ import annotations

from ...fidelity import CODE, DOC, GUESS, Fact

_DONE = "the text of the reply is assumed"
_POLICY = DOC.prints(GUESS, _DONE)

#: How sure it is what a session is like, apart from its commands.
SESSION = {
    "prompts": DOC.prints(CODE),
    "login": DOC.prints(GUESS),
    "paging: text and keys": CODE.prints(CODE),
    "numbered replies": GUESS.prints(GUESS),
    "keywords cut to any unique prefix": DOC.prints(DOC),
    "security mode: what a manager may not do": DOC.prints(GUESS),
    "editing keys, Tab, ?": GUESS.prints(GUESS),
    "refusal when all lines are used": GUESS.prints(GUESS),
}

#: A command as a person could type it, <> for what is free; what is known of it.
COMMANDS = (
    Fact("create isakmp policy=<name> peer=<address> [parameter=value ...]", "any", _POLICY),
    Fact("set isakmp policy=<name> parameter=value [...]", "any", _POLICY),
    Fact("destroy isakmp policy=<name>", "any", _POLICY),
    Fact("enable isakmp", "any", _POLICY),
    Fact("disable isakmp", "any", _POLICY),
    Fact("create ipsec policy=<name> interface=<interface> action=<action> [parameter=value ...]", "any", _POLICY),
    Fact("set ipsec policy=<name> parameter=value [...]", "any", _POLICY),
    Fact("destroy ipsec policy=<name>", "any", _POLICY),
    Fact("enable ipsec", "any", _POLICY),
    Fact("disable ipsec", "any", _POLICY),
    Fact("reset ipsec policy=<name>", "any", GUESS.prints(GUESS)),
    Fact("create enco key=<number> type=general value=<secret>", "any", GUESS.prints(GUESS)),
    Fact("create config=<file>", "any", CODE.prints(GUESS, _DONE)),
    Fact("set config=<file>", "any", DOC.prints(GUESS, _DONE)),
    Fact("set system name=<name>", "any", GUESS.prints(GUESS)),
    Fact("set asyn page=off", "any", GUESS.prints(GUESS)),
    Fact("enable system security_mode", "any", GUESS.prints(GUESS)),
    Fact("disable system security_mode", "any", GUESS.prints(GUESS)),
    Fact("restart router", "any", DOC.prints(GUESS)),
    Fact("login <name>", "any", DOC.prints(GUESS)),
    Fact("logoff", "any", DOC.prints(GUESS)),
    Fact("show isakmp policy", "any", DOC.prints(GUESS, "the list")),
    Fact("show isakmp policy=<name>", "any", DOC.prints(GUESS, "Message Back-off: documented")),
    Fact("show isakmp exchange", "any", DOC.prints(DOC, "fields; widths are assumed")),
    Fact("show isakmp exchange=<number>", "any", DOC.prints(GUESS, "some labels documented")),
    Fact("show isakmp sa", "any", DOC.prints(GUESS)),
    Fact("show isakmp sa=<number>", "any", DOC.prints(GUESS, "Message Back-off: documented")),
    Fact("show isakmp counters=general", "any", DOC.prints(DOC, "names and their order; widths are assumed")),
    Fact("show isakmp counters=spd", "any", DOC.prints(DOC, "names and their order; widths are assumed")),
    Fact("show ipsec policy", "any", DOC.prints(GUESS)),
    Fact("show ipsec sa", "any", DOC.prints(DOC)),
    Fact("show ipsec sa=<number>", "any", DOC.prints(DOC, "labels")),
    Fact("show config", "any", GUESS.prints(GUESS)),
    Fact("show config dynamic[=<module>]", "any", CODE.prints(GUESS)),
    Fact("show system", "any", CODE.prints(CODE, "the line with the version")),
)
