# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``router lisp`` and what is below it (reference 1.3)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS, KEPT, Known
from ...grammar import Match, Mode
from ...shell import Reply
from .dialect import Dialect

if TYPE_CHECKING:
    from .shell import IosShell

_ADDRESS = "<address:ipv4or6>"
_AFI = "{ ipv4 | ipv6 | ethernet }"
_KEY = "[ 0 | 6 | 7 ] <secret:name>"

#: Lines of one value: pattern and the words that the new line replaces.
_LISP_LINES = (
    ("domain-id <number:int(1-4294967038)>", "domain-id"),
    ("multihoming-id <number:int(1-65535)>", "multihoming-id"),
    ("locator-table { default | vrf <vrf:name> }", "locator-table"),
    ("locator default-set <name:name>", "locator default-set"),
    ("ipv4 source-locator <name:interface>", "ipv4 source-locator"),
    ("ipv6 source-locator <name:interface>", "ipv6 source-locator"),
    ("map-server session passive-open <name:name>", "map-server session passive-open"),
    ("map-server rloc members distribute", "map-server rloc members distribute"),
    ("map-server rloc members modify-discovered add", "map-server rloc members modify-discovered"),
    ("map-server site-registration limit <number:int(1-4294967295)>", "map-server site-registration limit"),
    ("syslog session changes", "syslog session changes"),
    ("syslog verbose", "syslog verbose"),
    ("redundancy sso", "redundancy sso"),
    ("tcp path-mtu-discovery", "tcp path-mtu-discovery"),
)
#: First words of further lines that are kept as typed.
_LISP_OTHER = (
    "ddt", "decapsulation", "encapsulation", "eid-table", "prefix-list", "remote-rloc-probe", "route-import",
    "security", "site-id", "loc-reach-algorithm", "map-request", "policy", "other-xtr-probe",
    "disable-ttl-propagate", "publisher", "use-petr", "proxy-itr", "proxy-etr", "debug", "ipv4", "ipv6",
)  # fmt: skip
_SERVICE_LINES = (
    ("map-server", "map-server"), ("map-resolver", "map-resolver"), ("etr", "etr"), ("itr", "itr"), ("sgt", "sgt"),
    ("proxy-etr", "proxy-etr"), ("proxy-itr <address:ipv4or6>", "proxy-itr"),
    ("encapsulation { vxlan | lisp }", "encapsulation"),
    ("eid-table { default | vrf <vrf:name> | vlan <vlan:int(1-4094)> }", "eid-table"),
)  # fmt: skip
_SERVICE_OTHER = (
    "map-cache", "map-request-source", "map-cache-limit", "solicit-map-request", "distance", "proxy", "route-export",
    "locator-scope", "silent-host-detection", "broadcast-underlay", "remote-rloc-probe", "database-limit",
)  # fmt: skip
_SITE_LINES = (
    ("site-id <number:int(0-4294967295)>", "site-id"),
    ("description <text:rest>", "description"),
)
_SITE_OTHER = ("allowed-locator", "allow-locator-default-etr", "policy")


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    config, lisp, instance = modes["config"], modes["lisp"], modes["instance"]
    config.add("router lisp [ <number:int(1-65520)> ]", _router, DOC)
    config.add("no router lisp [ <number:int(1-65520)> ]", _no_section, DOC)
    lisp.add("exit-router-lisp", _leave, DOC)
    for pattern, key in _LISP_LINES:
        _line(lisp, pattern, key, CODE)
    _others(lisp, _LISP_OTHER)
    lisp.add(
        "locator-set <name:name>", partial(_section, mode="locator-set", prompt="config-router-lisp-locator-set"), CODE
    )
    lisp.add("no locator-set <name:name>", _no_section, CODE)
    lisp.add("site <name:name>", partial(_section, mode="site", prompt="config-router-lisp-site"), DOC)
    lisp.add("no site <name:name>", _no_section, DOC)
    lisp.add(
        "instance-id <number:int(0-16777214)>",
        partial(_section, mode="instance", prompt="config-router-lisp-inst"),
        DOC,
    )
    lisp.add("no instance-id <number:int(0-16777214)>", _no_section, DOC)
    for where, mode in ((lisp, "service"), (instance, "iservice")):
        where.add(f"service {_AFI}", partial(_service, mode=mode, dialect=dialect), CODE)
        where.add(f"no service {_AFI}", _no_section, DOC)
    instance.add("exit-instance-id", _leave, CODE)
    _declare_instance(instance, modes["dynamic-eid"])
    for name in ("service", "iservice"):
        _declare_service(modes[name], dialect, inner=name == "iservice")
    _declare_site(modes["site"])
    _declare_locators(modes["locator-set"])
    if dialect.ao:
        _declare_ao(lisp, modes["ao"], dialect)


def _line(mode: Mode, pattern: str, key: str, known: Known) -> None:
    """A line of one value and its ``no`` form, with or without the value."""
    mode.add(pattern, partial(_set, key=key), known)
    mode.add(f"no {key}" + (" [ <rest:rest> ]" if pattern != key else ""), partial(_unset, key=key), known)


def _others(mode: Mode, words: tuple[str, ...]) -> None:
    for word in words:
        mode.add(f"{word} <rest:rest>", _add, KEPT)
        mode.add(f"no {word} <rest:rest>", _no_section, KEPT)


def _set(shell: IosShell, match: Match, key: str) -> Reply:
    text = " ".join(match.words)
    if text == key:  # a flag is that line alone, not the longer ones that begin like it
        return shell.put(text)
    return shell.put(text, key)


def _unset(shell: IosShell, match: Match, key: str) -> Reply:
    path = shell.view.path
    if "rest" in match.args or not _is_flag(shell, key):
        return shell.drop(key)
    return shell.edit(lambda config: config.drop(path, lambda line: line.text == key))


def _is_flag(shell: IosShell, key: str) -> bool:
    section = shell.config.section(*shell.view.path)
    return section is not None and section.find(key) is not None


def _add(shell: IosShell, match: Match) -> Reply:
    return shell.put(" ".join(match.words))


def _leave(shell: IosShell, _match: Match) -> Reply:
    return shell.leave()


def _no_section(shell: IosShell, match: Match) -> Reply:
    return shell.drop_exact(" ".join(match.words[1:]))


def _router(shell: IosShell, match: Match) -> Reply:
    return shell.open_section("lisp", "config-router-lisp", " ".join(match.words))


def _section(shell: IosShell, match: Match, mode: str, prompt: str) -> Reply:
    return shell.open_section(mode, prompt, " ".join(match.words))


def _service(shell: IosShell, match: Match, mode: str, dialect: Dialect) -> Reply:
    afi = match.keywords[-1]
    prompt = f"{dialect.service_prompt}-{afi}"
    if mode == "iservice":
        prompt = f"config-router-lisp-inst-serv-{'eth' if afi == 'ethernet' else afi}"
    return shell.open_section(mode, prompt, f"service {afi}")


def _declare_instance(instance: Mode, dynamic: Mode) -> None:
    instance.add(
        "dynamic-eid <name:name>", partial(_section, mode="dynamic-eid", prompt="config-router-lisp-dynamic-eid"), CODE
    )
    instance.add("no dynamic-eid <name:name>", _no_section, CODE)
    _others(instance, ("decapsulation", "remote-rloc-probe", "encapsulation"))
    dynamic.add("exit-dynamic-eid", _leave, CODE)
    dynamic.add("database-mapping <prefix:prefix> <rest:rest>", _add, CODE)
    dynamic.add("no database-mapping <prefix:prefix> [ <rest:rest> ]", _no_section, CODE)


def _declare_service(mode: Mode, dialect: Dialect, *, inner: bool) -> None:
    for afi in ("ipv4", "ipv6", "ethernet"):
        mode.add(f"exit-service-{afi}", _leave, DOC)
    for pattern, key in _SERVICE_LINES:
        _line(mode, pattern, key, DOC if pattern == key else CODE)  # the roles are documented
    mode.add(f"itr map-resolver {_ADDRESS} [ prefix-list <name:name> ]", _add, CODE)
    mode.add(f"no itr map-resolver {_ADDRESS} [ prefix-list <name:name> ]", _no_section, CODE)
    mode.add(f"use-petr {_ADDRESS} [ <rest:rest> ]", _add, CODE)
    mode.add(f"no use-petr {_ADDRESS} [ <rest:rest> ]", _no_section, CODE)
    mode.add("database-mapping <prefix:prefix> <rest:rest>", _database, CODE)
    mode.add("no database-mapping <prefix:prefix> [ <rest:rest> ]", _no_section, CODE)
    if inner:
        mode.add(
            "dynamic-eid <name:name>",
            partial(_section, mode="dynamic-eid", prompt="config-router-lisp-dynamic-eid"),
            CODE,
        )
        mode.add("no dynamic-eid <name:name>", _no_section, CODE)
    _others(mode, _SERVICE_OTHER)
    heads = ["etr map-server"] + (["map-server"] if dialect.old_map_server else [])
    for head in heads:
        tail = "[ hash-function { sha1 | sha2 } ]"
        mode.add(f"{head} {_ADDRESS} key {_KEY} {tail}", partial(_map_server, head=head), CODE)
        mode.add(f"{head} {_ADDRESS} proxy-reply", _add, CODE)
        mode.add(
            f"no {head} {_ADDRESS} [ key [ <rest:rest> ] | proxy-reply ]", partial(_no_map_server, head=head), CODE
        )


def _database(shell: IosShell, match: Match) -> Reply:
    return shell.put(" ".join(match.words), f"database-mapping {match.args['prefix']}")


def _typed(match: Match) -> str:
    return next((word for word in match.keywords if word in ("0", "6", "7")), "")


def _map_server(shell: IosShell, match: Match, head: str) -> Reply:
    start = f"{head} {match.args['address']} key"
    secret = shell.device.vault.write(shell.config, _typed(match), match.args["secret"])
    tail = f" hash-function {match.keywords[-1]}" if "hash-function" in match.keywords else ""
    return shell.put(f"{start} {secret}{tail}", start)


def _no_map_server(shell: IosShell, match: Match, head: str) -> Reply:
    start = f"{head} {match.args['address']}"
    if "proxy-reply" in match.keywords:
        return shell.drop(f"{start} proxy-reply")
    return shell.drop(f"{start} key" if "key" in match.keywords else start)


def _declare_site(site: Mode) -> None:
    site.add("exit-site", _leave, DOC)
    for pattern, key in _SITE_LINES:
        _line(site, pattern, key, CODE)
    site.add(f"authentication-key {_KEY}", _site_key, DOC)
    site.add("no authentication-key [ <rest:rest> ]", lambda shell, _match: shell.drop("authentication-key"), DOC)
    for word in ("eid-record", "eid-prefix"):
        head = f"{word} [ instance-id <instance:int(1-16777214)> ]"
        options = "[ accept-more-specifics ] [ route-tag <tag:int(0-4294967295)> ]"
        site.add(f"{head} {{ <prefix:prefix> | any-mac }} {options}", partial(_eid, no=False), DOC)
        site.add(f"no {head} {{ <prefix:prefix> | any-mac }} [ <rest:rest> ]", partial(_eid, no=True), GUESS)
    _others(site, _SITE_OTHER)


def _site_key(shell: IosShell, match: Match) -> Reply:
    secret = shell.device.vault.write(shell.config, _typed(match), match.args["secret"])
    return shell.put(f"authentication-key {secret}", "authentication-key")


def _eid(shell: IosShell, match: Match, no: bool) -> Reply:
    """One line per prefix; typing it again changes its options."""
    text = " ".join(match.words[1:] if no else match.words)
    found = re.match(r"\S+(?: instance-id \d+)? \S+", text)
    key = found.group() if found else text
    return shell.drop(key) if no else shell.put(text, key)


def _declare_locators(mode: Mode) -> None:
    mode.add("exit-locator-set", _leave, CODE)
    weights = "[ priority <priority:int(0-255)> ] [ weight <weight:int(0-100)> ]"
    for head in ("IPv4-interface <port:interface>", "IPv6-interface <port:interface>", _ADDRESS):
        mode.add(f"{head} {weights}", _locator, CODE)
        mode.add(f"no {head} [ <rest:rest> ]", _no_locator, GUESS)
    _others(mode, ("auto-discover-rlocs", "description"))


def _locator_key(text: str) -> str:
    words = text.split()
    return " ".join(words[: 2 if words[0].endswith("-interface") else 1])


def _locator(shell: IosShell, match: Match) -> Reply:
    text = " ".join(match.words)
    return shell.put(text, _locator_key(text))


def _no_locator(shell: IosShell, match: Match) -> Reply:
    return shell.drop(_locator_key(" ".join(match.words[1:])))


def _declare_ao(lisp: Mode, ao: Mode, dialect: Dialect) -> None:
    lisp.add("tcp auth-option <name:chain>", partial(_section, mode="ao", prompt=dialect.ao_prompt), DOC)
    lisp.add("no tcp auth-option <name:chain>", _no_section, DOC)
    ao.add("peer accept", _add, DOC)
    ao.add("no peer accept", _no_section, DOC)
    ao.add(f"peer {_ADDRESS}", _add, DOC)
    ao.add(f"no peer {_ADDRESS}", _no_section, DOC)
    ao.add("exit-tcp-auth-option", _leave, GUESS)  # nobody has seen the real marker, if there is one
    ao.add("exit-tcp-ao", _leave, GUESS)
