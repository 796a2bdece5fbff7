# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration commands: virtual routers, IPsec, interfaces."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.ike import Ike
from ...protocols.ike_cookie import IkeCookie
from .config import DEFAULT, OPTIONS, JunoseConfig, mask

if TYPE_CHECKING:
    from .shell import JunoseShell

# pattern, the line as it is stored, what identifies it, whether it is router-wide, mark; {} = the values of the line
_LINES = (
    ("ipsec local-endpoint <a:ipv4> transport-virtual-router <v:router>",
     "ipsec local-endpoint {a} transport-virtual-router {v}", "ipsec local-endpoint {a}", False, DOC),
    ("ipsec transform-set <n:word> <t:rest>", "ipsec transform-set {n} {t}", "ipsec transform-set {n}", False, DOC),
    ("ipsec lifetime kilobytes <k:int(102400-4294967295)>",
     "ipsec lifetime kilobytes {k}", "ipsec lifetime kilobytes", False, DOC),
    ("ipsec lifetime seconds <s:int(1800-864000)>",
     "ipsec lifetime seconds {s}", "ipsec lifetime seconds", False, GUESS),
    ("ip route <a:ipv4> <m:ipv4> <h:word>", "ip route {a} {m} {h}", "ip route {a} {m} {h}", False, GUESS),
    ("hostname <n:word(1-64)>", 'hostname "{n}"', "hostname", True, GUESS),
    ("service manual-commit", "service manual-commit", "service manual-commit", True, GUESS),
)  # fmt: skip
_BELOW = {
    "config-if": ("tunnel source <a:ipv4>", "tunnel destination <a:ipv4>", "tunnel transform-set <n:word>",
                  "tunnel mtu <m:int(160-9000)>", "ip address <a:ipv4> <m:ipv4>", "ip description <d:rest>",
                  "shutdown"),
    "config-ike-policy": ("authentication { pre-share | rsa-sig }", "encryption { des | 3des }", "group { 1 | 2 | 5 }",
                          "hash { md5 | sha }", "lifetime <s:int(60-86400)>",
                          "aggressive-mode { accepted | requested | required }"),
}  # fmt: skip


def declare(modes: dict[str, Mode]) -> None:
    config = modes["config"]
    config.add("exit", _exit, DOC)
    config.add("end", lambda shell, _match: shell.leave(), DOC)
    config.add("virtual-router <name:router>", _router, GUESS)
    config.add("no virtual-router <name:router>", _no_router, GUESS)
    for option in OPTIONS:
        config.add(f"ipsec option {option}", partial(_option, option, True), DOC)
        config.add(f"no ipsec option {option}", partial(_option, option, False), GUESS)
    config.add("ipsec clear sa all phase <phase:int(1-2)>", _clear, DOC)
    config.add("ipsec clear sa tunnel <tunnel:tunnel> phase <phase:int(1-2)>", _clear, DOC)
    config.add("ipsec clear sa state <state:word> phase <phase:int(1-2)>", _clear, DOC)
    config.add("ipsec key manual pre-share <a:ipv4>", _manual_key, DOC)
    config.add("no ipsec key manual pre-share <a:ipv4>", partial(_drop, "ipsec key manual pre-share {a}", False), GUESS)
    config.add("ipsec ike-policy-rule <n:int(1-10000)>", _policy, GUESS)
    config.add("no ipsec ike-policy-rule <n:int(1-10000)>", partial(_drop, "ipsec ike-policy-rule {n}", True), GUESS)
    config.add("interface tunnel <t:tunnel> [ transport-virtual-router <v:router> ]", _tunnel, GUESS)
    config.add("no interface tunnel <t:tunnel>", partial(_drop, "interface tunnel {t}", False), GUESS)
    config.add("interface loopback <n:int(0-65535)>", _loopback, GUESS)
    for pattern, text, key, wide, known in _LINES:
        config.add(pattern, partial(_put, text, key, wide), known)
        config.add(f"no {pattern}", partial(_drop, key, wide), GUESS)
    for mode, patterns in _BELOW.items():
        for pattern in patterns:
            modes[mode].add(pattern, _put_below, GUESS)
            modes[mode].add(f"no {pattern}", _drop_below, GUESS)
    modes["config-manual-key"].add("key <key:rest>", _key, DOC)
    modes["config-manual-key"].add("masked-key <key:word>", _put_below, DOC)


def _exit(shell: JunoseShell, _match: Match) -> None:
    if shell.mode == "config":
        shell.leave()
    else:
        shell.enter("config", "")


def _router(shell: JunoseShell, match: Match) -> None:
    """Selects, and creates what does not exist: the difference to exec mode."""
    name = match.args["name"]
    shell.edit(lambda config: config.add_router(name))
    shell.enter("config", "")
    shell.router = name


def _no_router(shell: JunoseShell, match: Match) -> None:
    from .shell import Refused

    name = match.args["name"]
    if name == DEFAULT or name not in shell.device.config.routers():
        raise Refused(f"Virtual router {name} cannot be removed")
    shell.edit(lambda config: config.drop_router(name))
    if shell.router == name:
        shell.router = DEFAULT


def _option(option: str, enabled: bool, shell: JunoseShell, match: Match) -> None:
    from .shell import WrongWord

    if shell.device.lacks(option):
        raise WrongWord("option" if "ipsec" in shell.device.options.get("lacks", []) else match.line.split()[-1])
    shell.edit(lambda config: config.set_option(shell.router, option, enabled))


def _clear(shell: JunoseShell, match: Match) -> None:
    """Reinitialises SAs: deletes them (telling the peer where it can) and negotiates anew at once."""
    from .shell import Refused

    device = shell.device
    name = str(match.args.get("tunnel", "")).removeprefix("ipsec:")
    names = {peer.name for peer in device.ike_peers()}
    if name:
        if name not in names:
            raise Refused(f"Tunnel ipsec:{name} does not exist")
        names = {name}
    elif "state" in match.args:
        ike = device.world.protocol(Ike)
        up = {sa.peer for sa in ike.sas(device, 2)}
        names &= up if match.args["state"] == "up" else names - up
    device.world.protocol(Ike).extension(IkeCookie).refresh(device, match.args["phase"], names)


def _manual_key(shell: JunoseShell, match: Match) -> None:
    text = f"ipsec key manual pre-share {match.args['a']}"
    shell.edit(lambda config: config.put(shell.router, text, text))
    shell.enter("config-manual-key", text)


def _key(shell: JunoseShell, match: Match) -> None:
    text = f'masked-key "{mask(match.args["key"], shell.device.device_key)}"'
    shell.edit_section(lambda line: _set_below(line, text, "masked-key"))


def _policy(shell: JunoseShell, match: Match) -> None:
    text = f"ipsec ike-policy-rule {match.args['n']}"
    shell.edit(lambda config: config.put(None, text, text))
    shell.enter("config-ike-policy", text)


def _tunnel(shell: JunoseShell, match: Match) -> None:
    key = f"interface tunnel {match.args['t']}"
    found = next(
        (line for line in shell.device.config.section(shell.router) if line.text.split()[:3] == key.split()), None
    )
    transport = match.args.get("v")
    text = (
        found.text if found and not transport else f"{key} transport-virtual-router {transport}" if transport else key
    )
    shell.edit(lambda config: config.put(shell.router, text, key))
    shell.enter("config-if", text)


def _loopback(shell: JunoseShell, match: Match) -> None:
    text = f"interface loopback {match.args['n']}"
    shell.edit(lambda config: config.put(shell.router, text, text))
    shell.enter("config-if", text)


def _put(text: str, key: str, wide: bool, shell: JunoseShell, match: Match) -> None:
    router = None if wide else shell.router
    shell.edit(lambda config: config.put(router, text.format(**match.args), key.format(**match.args)))


def _drop(key: str, wide: bool, shell: JunoseShell, match: Match) -> None:
    router = None if wide else shell.router
    shell.edit(lambda config: _gone(config, router, key.format(**match.args)))


def _gone(config: JunoseConfig, router: str | None, key: str) -> None:
    from .shell import Refused

    if not config.drop(router, key):
        raise Refused(f"'{key}' is not configured")


def _put_below(shell: JunoseShell, match: Match) -> None:
    text = " ".join((*match.keywords, *(str(value) for value in match.args.values())))
    key = " ".join(match.keywords[: 1 if shell.mode != "config-if" else 2])
    shell.edit_section(lambda line: _set_below(line, text, key))


def _drop_below(shell: JunoseShell, match: Match) -> None:
    key = " ".join(match.keywords[1 : 2 if shell.mode != "config-if" else 3])
    shell.edit_section(lambda line: line.remove(lambda child: child.text == key or child.text.startswith(key + " ")))


def _set_below(parent: Line, text: str, key: str) -> None:
    found = parent.first(key)
    if found is None:
        parent.children.append(Line(text, 1))
    else:
        found.text = text
