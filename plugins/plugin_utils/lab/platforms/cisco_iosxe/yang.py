# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IOS XE data model over NETCONF, as far as TCP key chains and LISP go (reference 6): what it allows."""

from __future__ import annotations

from functools import lru_cache

from ...netconf.schema import (
    BOOLEAN,
    Condition,
    Container,
    Leaf,
    Model,
    Module,
    Spec,
    empty,
    number,
    one_of,
    text,
)
from ...netconf.xml import Node
from .cmd_keychain import MAX_CLEAR, MAX_TYPE6, PLAIN_ALGORITHMS, TCP_ALGORITHMS

_URL = "http://cisco.com/ns/yang/Cisco-IOS-XE-"
NATIVE, CRYPTO, LISP, LISP_OPER = (_URL + name for name in ("native", "crypto", "lisp", "lisp-oper"))
IA = "http://cisco.com/yang/cisco-ia"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: First release -> revision of the modules it carries; 17.3 and 17.4 are interpolated.
_REVISIONS = (
    ((26, 1), "2026-02-01"), ((17, 18), "2025-07-01"), ((17, 9), "2022-07-01"), ((17, 4), "2020-11-01"),
    ((17, 3), "2020-07-01"), ((0,), "2020-03-01"),
)  # fmt: skip
CHOICE_SINCE = (17, 4, 1)
"""The release that put the algorithm into ``cryptographic-algorithm-choice``."""

_ANY = text()
_TIME = text(7, 8, r"(?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d", "the time is HH:MM:SS")
_V4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_V6 = r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
_ADDRESS = text(2, 45, rf"{_V4}|{_V6}", "it is no IP address")
_PEER = text(2, 45, rf"{_V4}|{_V6}|accept", "it is neither an IP address nor the word accept")
_YEAR = number(1993, 2035)


def has(*names: str) -> Condition:
    """Whether one of the leaves stands beside this one."""
    return lambda node: node.parent is not None and any(node.parent.find(name) is not None for name in names)


def is_tcp(levels: int) -> Condition:
    """Whether the chain, so many elements above, is one for TCP."""

    def check(node: Node) -> bool:
        at: Node | None = node
        for _level in range(levels):
            at = at.parent if at is not None else None
        return at is not None and at.find("tcp") is not None

    return check


def _short_enough(node: Node) -> bool:
    kind = node.parent.value("encryption") if node.parent is not None else None
    limit = {"6": MAX_TYPE6, "7": 65535}.get(kind or "0", MAX_CLEAR)
    return len(node.text) <= limit


def _lifetime(name: str) -> Container:
    start = has("start-hh-mm-ss")
    ends = ((has("duration", "infinite", "end-year"), "a lifetime needs a duration, infinite or an end"),)
    needs_start = ((start, "an end needs a start"),)
    leaves = (
        Leaf("local", empty), Leaf("start-hh-mm-ss", _TIME), Leaf("start-month", one_of(*MONTHS)),
        Leaf("start-day", number(1, 31)), Leaf("start-year", _YEAR, must=ends),
        Leaf("duration", number(1, 2147483646), choice=("until", "duration")),
        Leaf("infinite", empty, choice=("until", "infinite")),
        Leaf("end-hh-mm-ss", _TIME, choice=("until", "end"), must=needs_start),
        Leaf("end-month", one_of(*MONTHS), choice=("until", "end")),
        Leaf("end-day", number(1, 31), choice=("until", "end")),
        Leaf("end-year", _YEAR, choice=("until", "end"), must=needs_start),
    )  # fmt: skip
    return Container(name, (Container("lifetime-group-v1", leaves),))


def _chain(with_choice: bool) -> Container:
    tcp = is_tcp(2)
    choice: tuple[Spec, ...] = ()
    if with_choice:
        leaf = Leaf("tcp", one_of(*TCP_ALGORITHMS), when=is_tcp(3))
        choice = (Container("cryptographic-algorithm-choice", (leaf,)),)
    secret = Container(
        "key-string",
        (
            Leaf("encryption", one_of("0", "6", "7")),
            Leaf("key", _ANY, must=((_short_enough, f"a clear key has at most {MAX_CLEAR} characters"),), blanks=True),
        ),
    )
    numbers = tuple(Leaf(name, number(0, 255), when=tcp) for name in ("send-id", "recv-id"))
    flags = tuple(
        Leaf(name, BOOLEAN, default="false", when=tcp) for name in ("include-tcp-options", "accept-ao-mismatch")
    )
    key = Container(
        "key",
        (
            Leaf("id", number(0, 2147483647)),
            Leaf("cryptographic-algorithm", one_of(*dict.fromkeys((*TCP_ALGORITHMS, *PLAIN_ALGORITHMS)))),
            *choice, secret, _lifetime("send-lifetime"), _lifetime("accept-lifetime"), *numbers, *flags,
        ),
        keys=("id",),
    )  # fmt: skip
    short = (lambda node: len(node.parent.value("name")) <= 236, "a tcp chain has at most 236 characters in its name")
    return Container(
        "chain",
        (
            Leaf("name", text(1, 256, r"\S+", "a name has no blank")),
            Leaf("tcp", empty, must=(short,), choice=("type", "tcp")),
            Leaf("macsec", empty, choice=("type", "macsec")),
            key,
        ),
        keys=("name",), ns=CRYPTO,
    )  # fmt: skip


_HASH = Leaf("hash-function", one_of("sha1", "sha2"))
_KEYS = tuple(
    Container(name, (Leaf(leaf, _ANY), _HASH), choice=("secret", name))
    for name, leaf in (("key-0", "ak-0"), ("key-6", "ak-6"), ("key-7", "ak-7"), ("key-pwd", "unc-pwd"))
)
_SERVICE = (
    Container("map-server", presence=True), Container("map-resolver", presence=True),
    Container("etr-enable", (Leaf("etr", empty),)), Container("itr-enable", (Leaf("itr", empty),)),
    Container(
        "etr",
        (
            Container(
                "map-server",
                (Leaf("ip-addr", _ADDRESS), Container("key", _KEYS), Leaf("proxy-reply", empty)),
                keys=("ip-addr",),
            ),
        ),
    ),
)  # fmt: skip
_TAG = Container("route-tag-options", (Leaf("route-tag", number(0, 4294967295)), Leaf("accept-more-specifics", empty)))
_PREFIX = Leaf("prefix", text(4, 50, r"\S+/\d+", "it is no prefix"))
_SITE = Container(
    "site",
    (
        Leaf("sname", text(1, 64, r"\S+")), Leaf("description", _ANY),
        Container(
            "authentication-key",
            tuple(Leaf(name, _ANY, choice=("secret", name)) for name in ("key-0", "key-6", "key-7", "unc-pwd")),
        ),
        Container(
            "eid-record",
            (
                Container("prefixes", (_PREFIX, Leaf("accept-more-specifics", empty), _TAG), keys=("prefix",)),
                Container(
                    "instance-id-cfg",
                    (Leaf("id", number(0, 16777214)), _PREFIX, Leaf("accept-more-specifics", empty), _TAG),
                    keys=("id", "prefix"),
                ),
            ),
        ),
    ),
    keys=("sname",),
)  # fmt: skip
_AUTH_OPTION = Container(
    "auth-option",
    (Leaf("name", text(1, 256, r"\S+")), Container("peer", (Leaf("address", _PEER),), keys=("address",))),
    keys=("name",),
)


def _lisp(with_ao: bool) -> tuple[Spec, ...]:
    ao: tuple[Spec, ...] = (Container("tcp", (_AUTH_OPTION,)),) if with_ao else ()
    services = tuple(Container(name, _SERVICE, presence=True) for name in ("ipv4", "ipv6", "ethernet"))
    return (
        Container("service", services), _SITE,
        Container("map-server", (Container("session", (Leaf("passive-open", _ANY),)),)), *ao,
    )  # fmt: skip


def _fixed(_value: str) -> str:
    return "the version is that of the software"


_SESSION_KEYS = ("local-address", "peer-address", "local-port", "peer-port")
_OPER = Container(
    "lisp-state",
    (
        Container(
            "lisp-routers",
            (
                Leaf("top-id", number(0, 65520)),
                Container(
                    "sessions",
                    tuple(Leaf(name, _ANY) for name in (*_SESSION_KEYS, "state", "last-state-change-time",
                                                        "is-role-active")),
                    keys=_SESSION_KEYS,
                ),
            ),
            keys=("top-id",),
        ),
    ),
    ns=LISP_OPER, read_only=True,
)  # fmt: skip


@lru_cache
def model_of(release: tuple[int, ...]) -> Model:
    """The model of a release."""
    lisp = _lisp(release >= (17, 2, 1))
    native = Container(
        "native",
        (
            Leaf("version", _fixed), Leaf("hostname", text(1, 63, r"\S+", "a name has no blank")),
            Container("key", (_chain(release >= CHOICE_SINCE),)),
            Container(
                "router",
                (
                    Container("lisp", lisp, ns=LISP),
                    Container("lisp-list", (Leaf("lisp", number(1, 65520)), *lisp), keys=("lisp",), ns=LISP),
                ),
            ),
        ),
        ns=NATIVE,
    )  # fmt: skip
    revision = next(day for first, day in _REVISIONS if release >= first)
    names = (("native", NATIVE, "ios"), ("crypto", CRYPTO, "ios-crypto"), ("lisp", LISP, "ios-lisp"),
             ("lisp-oper", LISP_OPER, "lisp-ios-xe-oper"))  # fmt: skip
    modules = tuple(Module(f"Cisco-IOS-XE-{name}", revision, space, prefix) for name, space, prefix in names)
    return Model((native, _OPER), (*modules, Module("cisco-ia", "2020-03-01", IA, "cisco-ia")))
