# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE and IPsec configuration and the clearing of SAs, both generations (reference 1.2 to 1.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS, KEPT, Known
from ...grammar import Match, Mode
from ...protocols.ike import Ike, Sa
from ...shell import Reply
from .cipher import encrypt
from .config import WrongValue
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import ComwareShell

_SECONDS = "<seconds:int(20-28800)>"
_NAT_DEFAULT = 20
_V5_NAT = replace(DOC, note="the range is that of V7")
_LIST = replace(DOC, note="the whole list of words is assumed")


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    _timers(modes["system"], dialect)
    _proposal(modes, dialect)
    _policy(modes, dialect)
    if dialect.v5:
        _v5(modes)
    else:
        _v7(modes)
    _reset(modes["user"], dialect)


def _line(mode: Mode, prefix: str, value: str, known: Known) -> None:
    """A line of a view with one value, and its undo (with or without the value)."""
    mode.add(f"{prefix} {value}".strip(), lambda shell, match: shell.set_child(match, prefix), known)
    mode.add(f"undo {prefix}", lambda shell, match: shell.drop_child(match, prefix), known)


def _system_line(system: Mode, prefix: str, value: str, known: Known, default: int | None = None) -> None:
    system.add(f"{prefix} {value}".strip(), lambda shell, match: _set_system(shell, match, prefix, default), known)
    system.add(f"undo {prefix}", lambda shell, _match: shell.edit(lambda config: config.drop_system(prefix)), known)


def _set_system(shell: ComwareShell, match: Match, prefix: str, default: int | None) -> Reply:
    rest = shell.words_after(match, prefix)
    if default is not None and rest == str(default):  # defaults are not shown
        return shell.edit(lambda config: config.drop_system(prefix))
    return shell.edit(lambda config: config.set_system(prefix, f"{prefix} {rest}".strip()))


def _timers(system: Mode, dialect: Dialect) -> None:
    if not dialect.keepalive:  # "Unrecognized command": hardware support varies by model
        return
    if dialect.v5:
        _system_line(system, "ike sa keepalive-timer interval", _SECONDS, DOC)
        _system_line(system, "ike sa keepalive-timer timeout", _SECONDS, DOC)
        _system_line(system, "ike sa nat-keepalive-timer interval", "<seconds:int(5-300)>", _V5_NAT, _NAT_DEFAULT)
    else:
        _system_line(system, "ike keepalive interval", _SECONDS, DOC)
        _system_line(system, "ike keepalive timeout", _SECONDS, DOC)
        _system_line(system, "ike nat-keepalive", "<seconds:int(5-300)>", DOC, _NAT_DEFAULT)


def _proposal(modes: dict[str, Mode], dialect: Dialect) -> None:
    _open(modes, "ike proposal", "<number:int(1-65535)>", "ike-proposal", "number", DOC)
    view = modes["ike-proposal"]
    aes = "aes-cbc [ <length:int(128-256)> ]" if dialect.v5 else "aes-cbc-128 | aes-cbc-192 | aes-cbc-256"
    _line(view, "encryption-algorithm", f"{{ 3des-cbc | des-cbc | {aes} }}", DOC)
    _line(view, "authentication-method", "{ pre-share | rsa-signature | dsa-signature }", DOC)
    _line(view, "authentication-algorithm", "{ md5 | sha | sha1 | sha256 }", _LIST)
    _line(view, "dh", "{ group1 | group2 | group5 | group14 }", _LIST)
    _line(view, "sa duration", "<seconds:int(60-604800)>", DOC)


def _policy(modes: dict[str, Mode], dialect: Dialect) -> None:
    openers, system, view = modes["openers"], modes["system"], modes["ipsec-policy"]
    openers.add("ipsec policy <name:policy> <seq:int(1-65535)> [ isakmp ]", _enter_policy, CODE)
    system.add("undo ipsec policy <name:policy> <seq:int(1-65535)>", _undo_policy, GUESS)
    _line(view, "security acl", "<acl:int(3000-3999)>", CODE)
    kinds = "ipsec proposal" if dialect.v5 else "ipsec transform-set"
    _open(modes, kinds, "<name:name>", "transform", "name", DOC)
    for words in ("esp encryption-algorithm", "esp authentication-algorithm", "transform", "encapsulation-mode"):
        _line(modes["transform"], words, "<value:rest>", KEPT)
    if dialect.v5:
        _line(view, "ike-peer", "<name:name32>", CODE)
        _line(view, "proposal", "<names:rest>", CODE)
    else:
        _line(view, "ike-profile", "<name:name>", CODE)
        _line(view, "transform-set", "<names:rest>", CODE)
        _line(view, "remote-address", "{ <address:ipv4> | <host:hostname> }", CODE)
        _line(view, "local-address", "<address:ipv4>", CODE)


def _v5(modes: dict[str, Mode]) -> None:
    system = modes["system"]
    _system_line(system, "ike local-name", "<name:name32>", DOC)
    _system_line(system, "ike next-payload check disabled", "", DOC)
    _open(modes, "ike peer", "<name:name32>", "ike-peer", "name", DOC)
    _open(modes, "ike dpd", "<name:name32>", "ike-dpd", "name", DOC)
    peer = modes["ike-peer"]
    _line(peer, "exchange-mode", "{ aggressive | main }", GUESS)
    _line(peer, "id-type", "{ ip | name | user-fqdn }", DOC)
    _line(peer, "remote-address", "{ <host:hostname> [ dynamic ] | <low:ipv4> [ <high:ipv4> ] }", DOC)
    _line(peer, "local-address", "<address:ipv4>", DOC)
    _line(peer, "remote-name", "<name:name32>", DOC)
    _line(peer, "local-name", "<name:name32>", DOC)
    _line(peer, "nat traversal", "", DOC)
    _line(peer, "dpd", "<name:name32>", DOC)
    _line(peer, "proposal", "<numbers:rest>", GUESS)
    peer.add("pre-shared-key [ simple ] <key:key>", lambda shell, match: _key(shell, match, "pre-shared-key "), GUESS)
    peer.add("pre-shared-key cipher <key:key>", lambda shell, match: shell.set_child(match, "pre-shared-key"), CODE)
    peer.add("undo pre-shared-key", lambda shell, match: shell.drop_child(match, "pre-shared-key"), GUESS)
    _line(modes["ike-dpd"], "interval-time", "<seconds:int(1-300)>", DOC)
    _line(modes["ike-dpd"], "time-out", "<seconds:int(1-60)>", DOC)


def _v7(modes: dict[str, Mode]) -> None:
    system = modes["system"]
    _system_line(
        system, "ike dpd interval", "<seconds:int(1-300)> [ retry <again:int(1-60)> ] { on-demand | periodic }", DOC
    )
    _system_line(system, "ike identity", "{ address <address:ipv4> | dn | { fqdn | user-fqdn } [ <name:name> ] }", DOC)
    _system_line(system, "ike invalid-spi-recovery enable", "", DOC)
    _open(modes, "ike profile", "<name:name>", "ike-profile", "name", DOC)
    _open(modes, "ike keychain", "<name:name>", "ike-keychain", "name", DOC)
    view = modes["ike-profile"]
    _line(view, "keychain", "<name:name>", DOC)
    _line(view, "proposal", "<numbers:rest>", DOC)
    _line(view, "exchange-mode", "{ aggressive | main }", DOC)
    _line(view, "local-identity", "{ address <address:ipv4> | dn | { fqdn | user-fqdn } [ <name:name> ] }", DOC)
    _line(
        view,
        "match remote identity",
        "{ address <address:ipv4> [ <mask:ipv4> | <length:int(0-32)> ] | { fqdn | user-fqdn } <name:name> }",
        DOC,
    )
    _line(view, "dpd interval", "<seconds:int(1-300)> [ retry <again:int(1-60)> ] { on-demand | periodic }", DOC)
    _line(view, "priority", "<number:int(1-65535)>", DOC)
    keys = modes["ike-keychain"]
    for where in ("address <address:ipv4> [ <mask:ipv4> | <length:int(0-32)> ]", "hostname <host:hostname>"):
        keys.add(f"pre-shared-key {where} key simple <key:key>", _v7_key, DOC)
        keys.add(f"pre-shared-key {where} key cipher <key:key>", _v7_key, DOC)
        keys.add(f"undo pre-shared-key {where}", _undo_v7_key, DOC)


# -- views ---------------------------------------------------------------------------------------------------------


def _open(modes: dict[str, Mode], words: str, value: str, mode: str, arg: str, known: Known) -> None:
    """A view that its command creates, and the undo that removes it."""
    suffix = words.replace(" ", "-")

    def enter(shell: ComwareShell, match: Match) -> Reply:
        return shell.open_view(mode, f"-{suffix}-{match.args[arg]}", f"{words} {match.args[arg]}")

    def undo(shell: ComwareShell, match: Match) -> Reply:
        return shell.edit(lambda config: config.drop_view(f"{words} {match.args[arg]}"))

    modes["openers"].add(f"{words} {value}", enter, known)
    modes["system"].add(f"undo {words} {value}", undo, known)


def _enter_policy(shell: ComwareShell, match: Match) -> Reply:
    name, sequence = match.args["name"], match.args["seq"]
    head = f"ipsec policy {name} {sequence} isakmp"
    if shell.device.config.view(head) is None and "isakmp" not in match.keywords:
        raise WrongValue(str(sequence))
    return shell.open_view("ipsec-policy", f"-ipsec-policy-isakmp-{name}-{sequence}", head)


def _undo_policy(shell: ComwareShell, match: Match) -> Reply:
    head = f"ipsec policy {match.args['name']} {match.args['seq']} isakmp"
    return shell.edit(lambda config: config.drop_view(head))


def _key(shell: ComwareShell, match: Match, lead: str) -> Reply:
    device, head = shell.device, shell.view.head
    stored = encrypt(match.args["key"], device.device_key, v5=device.dialect.v5)
    return shell.edit(lambda config: config.set_child(head, lead.strip(), f"{lead}cipher {stored}"))


def _v7_key(shell: ComwareShell, match: Match) -> Reply:
    device, head = shell.device, shell.view.head
    lead = _v7_lead(match)
    key = match.args["key"]
    stored = key if "cipher" in match.keywords else encrypt(key, device.device_key, v5=False)
    return shell.edit(lambda config: config.set_child(head, lead, f"{lead} key cipher {stored}"))


def _undo_v7_key(shell: ComwareShell, match: Match) -> Reply:
    return shell.drop_child(match, _v7_lead(match))


def _v7_lead(match: Match) -> str:
    args = match.args
    if "host" in args:
        return f"pre-shared-key hostname {args['host']}"
    mask = args.get("mask")
    if mask is None:
        bits = (0xFFFFFFFF << (32 - args.get("length", 32))) & 0xFFFFFFFF
        mask = ".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0))
    return f"pre-shared-key address {args['address']} {mask}"


# -- clearing (user view only) -------------------------------------------------------------------------------------


def _reset(user: Mode, dialect: Dialect) -> None:
    if dialect.v5:
        user.add("reset ike sa [ <id:int(1-2000000000)> ]", _reset_ike, DOC)
    else:
        user.add("reset ike sa [ connection-id <id:int(1-2000000000)> ]", _reset_ike, DOC)
        user.add("reset ike statistics", lambda _shell, _match: "", DOC)
    user.add("reset ipsec sa [ remote <remote:ipv4> | policy <name:policy> [ <seq:int(1-65535)> ] ]", _reset_ipsec, DOC)


def _reset_ike(shell: ComwareShell, match: Match) -> Reply:
    number = match.args.get("id")
    ike = shell.device.world.protocol(Ike)
    ike.reset(shell.device, 1, lambda sa: number is None or sa.connection_id == number)
    if shell.device.dialect.v5 and number is not None:  # V5 numbers phase 2 SAs in the same table
        ike.reset(shell.device, 2, lambda sa: sa.connection_id == number)
    return Reply()


def _reset_ipsec(shell: ComwareShell, match: Match) -> Reply:
    remote, name = match.args.get("remote"), match.args.get("name")

    def chosen(sa: Sa) -> bool:
        return (remote is None or sa.remote == remote) and (name is None or shell.device.policy_of(sa) == name)

    shell.device.world.protocol(Ike).reset(shell.device, 2, chosen)
    return Reply()
