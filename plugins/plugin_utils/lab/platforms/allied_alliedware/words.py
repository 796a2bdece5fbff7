# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's own word lists: parameters with ranges, defaults and the short forms that a listing prints.

Defaults that no document states are the emulator's choice, as are most short forms.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

NEW_IN_281 = ("msgbackoff", "retryikeattempts")
OLD_DEFAULTS = {"msgretrylimit": "5", "msgtimeout": "20"}


class WordError(Exception):
    """A word that does not fit; the text is what follows the error's number."""


@dataclass(frozen=True)
class Word:
    """A parameter: its short form in listings, what it takes (to the stored form, or ValueError), its default."""

    short: str
    takes: Callable[[str], str]
    default: str | None = None
    quoted: bool = False


def number(low: int, high: int, *words: str) -> Callable[[str], str]:
    def take(text: str) -> str:
        word = one_of(text.lower(), words) if text and not text.isdigit() else None
        if word:
            return word
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(text)
        return str(int(text))

    return take


def choice(*words: str) -> Callable[[str], str]:
    def take(text: str) -> str:
        word = one_of(text.lower(), words)
        if word is None:
            raise ValueError(text)
        return word

    return take


def switch(on: str = "true", off: str = "false") -> Callable[[str], str]:
    def take(text: str) -> str:
        low = text.lower()
        if low and ("true".startswith(low) or "yes".startswith(low) or low == "on"):
            return on
        if low and ("false".startswith(low) or "no".startswith(low) or low in ("of", "off")):
            return off
        raise ValueError(text)

    return take


def string(text: str) -> str:
    if not re.fullmatch(r"[ -~]{1,255}", text) or '"' in text:
        raise ValueError(text)
    return text


def peer(*words: str) -> Callable[[str], str]:
    def take(text: str) -> str:
        word = one_of(text.lower(), words) if text else None
        if word:
            return word
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            if re.fullmatch(r"[\d.]+", text) or not re.fullmatch(r"[A-Za-z][\w.-]*", text):
                raise ValueError(text) from None
            return text

    return take


def one_of(typed: str, words: Iterable[str]) -> str | None:
    """The word that ``typed`` is a unique prefix of (an exact one wins); None when there is none or more than one."""
    found = [word for word in words if word.startswith(typed)]
    return typed if typed in found else found[0] if len(found) == 1 else None


ISAKMP: Mapping[str, Word] = {
    "peer": Word("pe", peer("any")),
    "authtype": Word("auth", choice("preshared", "rsasig"), "preshared"),
    "deletedelay": Word("del", number(0, 30), "30"),
    "dhexponentlength": Word("dhe", number(160, 1023)),
    "dpdidletimeout": Word("dpdi", number(1, 86400)),
    "dpdmode": Word("dpdm", choice("both", "none", "receive"), "none"),
    "encalg": Word("enc", choice("des", "3desouter", "aes128", "aes192", "aes256"), "des"),
    "expirykbytes": Word("expiryk", number(1, 1000)),
    "expiryseconds": Word("expirys", number(600, 31449600), "86400"),
    "group": Word("gro", number(0, 2), "1"),
    "hashalg": Word("has", choice("sha", "md5"), "sha"),
    "heartbeatmode": Word("hea", choice("both", "none", "receive", "send"), "none"),
    "hybridxauth": Word("hyb", switch("on", "off"), "off"),
    "key": Word("key", number(0, 65535)),
    "localid": Word("locali", string, quoted=True),
    "localrsakey": Word("localr", number(0, 65535)),
    "mode": Word("mod", choice("main", "aggressive"), "main"),
    "msgbackoff": Word("msgb", choice("incremental", "none"), "incremental"),
    "msgretrylimit": Word("msgr", number(0, 1024), "8"),
    "msgtimeout": Word("msgt", number(1, 86400), "4"),
    "nattraversal": Word("nat", switch(), "false"),
    "phase2xchglimit": Word("pha", number(1, 1024, "none"), "none"),
    "policyfilename": Word("policyf", string, quoted=True),
    "prenegotiate": Word("prene", switch(), "false"),
    "remoteid": Word("rem", string, quoted=True),
    "rekey": Word("rek", switch(), "false"),
    "retryikeattempts": Word("retry", number(0, 16, "continuous"), "0"),
    "senddeletes": Word("sendd", switch(), "false"),
    "sendnotify": Word("sendn", switch(), "false"),
    "sendidalways": Word("sendi", switch(), "false"),
    "setcommitbit": Word("setc", switch(), "false"),
    "srcinterface": Word("src", string),
    "xauth": Word("xauth", choice("client", "server", "none"), "none"),
    "xauthname": Word("xauthn", string, quoted=True),
    "xauthpassword": Word("xauthp", string, quoted=True),
    "xauthtype": Word("xautht", choice("generic", "radius"), "generic"),
}

IPSEC: Mapping[str, Word] = {
    "interface": Word("int", string),
    "action": Word("ac", choice("deny", "ipsec", "permit")),
    "ipversion": Word("ipv", choice("4", "6"), "4"),
    "keymanagement": Word("key", choice("isakmp", "manual")),
    "bundlespecification": Word("bund", number(0, 255)),
    "peeraddress": Word("peer", peer("any", "dynamic")),
    "isakmppolicy": Word("isa", string, quoted=True),
    "dfbit": Word("df", choice("set", "copy", "clear"), "clear"),
    "group": Word("gro", number(0, 2)),
    "laddress": Word("lad", string),
    "lmask": Word("lma", string),
    "lname": Word("lna", string, quoted=True),
    "lport": Word("lp", string),
    "position": Word("pos", number(1, 100)),
    "raddress": Word("rad", string),
    "rmask": Word("rma", string),
    "rname": Word("rna", string, quoted=True),
    "rport": Word("rp", string),
    "respondbadspi": Word("resp", switch(), "false"),
    "srcinterface": Word("src", string),
    "transportprotocol": Word("tra", string),
    "udpheartbeat": Word("udph", switch(), "false"),
    "udpport": Word("udpp", number(0, 65535)),
    "udptunnel": Word("udpt", switch(), "false"),
    "usepfskey": Word("usep", switch(), "false"),
}

LISTS: Mapping[str, Mapping[str, Word]] = {"isakmp": ISAKMP, "ipsec": IPSEC}
NAME_LENGTH = {"isakmp": 24, "ipsec": 23}


def words_of(module: str, before_281: bool) -> dict[str, Word]:
    """The parameters that a release knows, with its defaults."""
    words = dict(LISTS[module])
    if before_281 and module == "isakmp":
        for keyword in NEW_IN_281:
            del words[keyword]
        for keyword, default in OLD_DEFAULTS.items():
            words[keyword] = Word(words[keyword].short, words[keyword].takes, default)
    return words


def split(line: str) -> list[tuple[str, str | None]]:
    """Words of a command line with their values, quotes taken off. WordError for an open quote."""
    found: list[tuple[str, str | None]] = []
    rest = line.strip()
    while rest:
        match = re.match(r'([^\s="]+)(=("[^"]*"|[^\s"]*))?(?:\s+|$)', rest)
        if match is None:
            raise WordError(f'Invalid use of quotes near "{rest[:20]}".')
        value = match.group(3)
        found.append((match.group(1), None if match.group(2) is None else (value or "").strip('"')))
        rest = rest[match.end() :]
    return found
