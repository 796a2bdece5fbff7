# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of an ISAKMP policy: shape, ranges, documented defaults.

Sources: IPsec command reference (SET ISAKMP POLICY: ranges, name length, authtype), Release Note 2.8.1 pp. 170–171
(the four message and retry parameters). A default that no document states is no default here: absent stays absent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from ...engine.schema import Items, Leaf, Values, printable
from ...engine.secret import Secret
from ...platforms.allied_alliedware.flat import Parameter
from ...platforms.allied_alliedware.vocabulary import ISAKMP_POLICY
from . import schedule

ANY = "any"

_NUMBER = re.compile(r"\d{1,4}")
_HOST = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,252}[A-Za-z0-9])?")
_NO_HOST = re.compile(r"[\d.]+|.*:.*")  # an address that is none
_SCRIPT = re.compile(r"(?:[\w-]+:)?[\w-]{1,16}\.scp", re.IGNORECASE)


def name(value: Any) -> str:
    """A policy name: 1 to 24 printable characters, no quotation mark."""
    text = str(value)
    if not printable(text, 24, blanks=True) or '"' in text or text != text.strip():
        raise ValueError("use 1 to 24 printable characters without quotation marks")
    return text


def peer(value: Any) -> str:
    """An IPv4 or IPv6 address, a host name, or `any`."""
    text = str(value).strip()
    if text.lower() == ANY:
        return ANY
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    if _NO_HOST.fullmatch(text) or not _HOST.fullmatch(text):
        raise ValueError("use an IPv4 or IPv6 address, a host name, or any")
    return text


def is_address(value: str | None) -> bool:
    """Whether a peer is one specific IP address."""
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return False
    return True


def attempts(value: Any) -> int | str:
    """How often a failed exchange is tried again: 0 to 16, or `continuous`."""
    text = str(value).strip().lower()
    if text == schedule.CONTINUOUS:
        return text
    if not _NUMBER.fullmatch(text) or int(text) > 16:
        raise ValueError("use a whole number from 0 to 16, or continuous")
    return int(text)


def exchange_limit(value: Any) -> int | str:
    """`none` or 1 to 1024."""
    text = str(value).strip().lower()
    if text == "none":
        return text
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= 1024:
        raise ValueError("use none, or a whole number from 1 to 1024")
    return int(text)


def text(value: Any) -> str:
    """Printable characters that fit into quotation marks."""
    if not printable(str(value), 255, blanks=True) or '"' in str(value):
        raise ValueError("use 1 to 255 printable characters without quotation marks")
    return str(value)


def word(value: Any) -> str:
    """Printable characters without blanks."""
    if not printable(str(value), 255) or set(str(value)) & set('"='):
        raise ValueError("use printable characters without blanks, quotation marks and equals signs")
    return str(value)


def file(value: Any) -> str:
    """A script's file name."""
    if not _SCRIPT.fullmatch(str(value)):
        raise ValueError("use a file name such as rekey.scp")
    return str(value)


def password(value: Any) -> Secret:
    """A password: printable characters, no quotation mark."""
    plain = value.reveal() if isinstance(value, Secret) else str(value)
    if not printable(plain, 255, blanks=True) or '"' in plain:
        raise ValueError("use 1 to 255 printable characters without quotation marks")
    return Secret(plain)


def lower(value: Any) -> str:
    """Keywords are case-insensitive."""
    return str(value).strip().lower()


def _choice(*values: str, default: str | None = None) -> Leaf:
    return Leaf("str", choices=values, normal=lower, default=default)


FIELDS: Mapping[str, tuple[str, Leaf]] = {
    # option: (device keyword, leaf), in the order of the reference
    "peer": ("peer", Leaf("str", normal=peer)),
    "auth_type": ("authtype", _choice("preshared", "rsasig", default="preshared")),
    "delete_delay": ("deletedelay", Leaf("int", range=(0, 30))),
    "dh_exponent_length": ("dhexponentlength", Leaf("int", range=(160, 1023))),
    "dpd_idle_timeout": ("dpdidletimeout", Leaf("int", range=(1, 86400))),
    "dpd_mode": ("dpdmode", _choice("both", "none", "receive")),
    "enc_alg": ("encalg", _choice("des", "3desouter", "aes128", "aes192", "aes256")),
    "expiry_kbytes": ("expirykbytes", Leaf("int", range=(1, 1000))),
    "expiry_seconds": ("expiryseconds", Leaf("int", range=(600, 31449600))),
    "group": ("group", Leaf("int", range=(0, 2))),
    "hash_alg": ("hashalg", _choice("sha", "md5")),
    "heartbeat_mode": ("heartbeatmode", _choice("both", "none", "receive", "send")),
    "hybrid_xauth": ("hybridxauth", Leaf("bool")),
    "key": ("key", Leaf("int", range=(0, 65535))),
    "local_id": ("localid", Leaf("str", normal=text)),
    "local_rsa_key": ("localrsakey", Leaf("int", range=(0, 65535))),
    "mode": ("mode", _choice("main", "aggressive")),
    "msg_backoff": ("msgbackoff", _choice("incremental", "none", default=schedule.DEFAULT_BACKOFF)),
    "msg_retry_limit": ("msgretrylimit", Leaf("int", range=(0, 1024), default=schedule.DEFAULT_LIMIT)),
    "msg_timeout": ("msgtimeout", Leaf("int", range=(1, 86400), default=schedule.DEFAULT_TIMEOUT)),
    "nat_traversal": ("nattraversal", Leaf("bool")),
    "phase2_xchg_limit": ("phase2xchglimit", Leaf("raw", normal=exchange_limit)),
    "policy_filename": ("policyfilename", Leaf("str", normal=file)),
    "prenegotiate": ("prenegotiate", Leaf("bool")),
    "remote_id": ("remoteid", Leaf("str", normal=text)),
    "rekey": ("rekey", Leaf("bool")),
    "retry_ike_attempts": ("retryikeattempts", Leaf("raw", normal=attempts, default=schedule.DEFAULT_ATTEMPTS)),
    "send_deletes": ("senddeletes", Leaf("bool")),
    "send_notify": ("sendnotify", Leaf("bool")),
    "send_id_always": ("sendidalways", Leaf("bool")),
    "set_commit_bit": ("setcommitbit", Leaf("bool")),
    "src_interface": ("srcinterface", Leaf("str", normal=word)),
    "xauth": ("xauth", _choice("client", "server", "none")),
    "xauth_name": ("xauthname", Leaf("str", normal=text)),
    "xauth_password": ("xauthpassword", Leaf("secret", normal=password)),
    "xauth_type": ("xauthtype", _choice("generic", "radius")),
}

SCHEMA = Items(
    "name",
    {
        "name": Leaf("str", normal=name),
        **{option: leaf for option, (_keyword, leaf) in FIELDS.items()},
        # Words of the policy that this collection does not know: carried along when it has to be created again.
        "other": Values(internal=True),
        # Names of the device's IPsec policies that use this policy.
        "ipsec": Values(internal=True),
    },
    owned=True,
)

SINCE_RETRY = ("retry_ike_attempts", "msg_backoff")
"""Options that software before 2.8.1 does not have."""
MESSAGE_DEFAULTS = ("msg_retry_limit", "msg_timeout")
"""Options whose defaults were others before 2.8.1 (which, is not documented where we could read it)."""


def parameter(option: str) -> Parameter:
    """The device's parameter behind an option."""
    keyword = FIELDS[option][0]
    return next(entry for entry in ISAKMP_POLICY.parameters if entry.keyword == keyword)


UNCERTAIN = tuple(option for option in FIELDS if not parameter(option).certain)
"""Options whose default is only assumed: absent and equal to it are not the same until the device shows so."""


def spoken(option: str, value: Any) -> str:
    """A model's value as the device reads it (secrets: their seal)."""
    if isinstance(value, bool):
        on, off = ("on", "off") if option == "hybrid_xauth" else ("true", "false")
        return on if value else off
    return str(value)


def understood(option: str, value: str) -> Any:
    """The device's text of a value as the model holds it. Raises ValueError for what cannot be one."""
    kind = FIELDS[option][1].kind
    low = value.lower()
    if kind == "bool":
        return low in ("true", "on", "yes")
    if kind == "secret":
        return Secret(value)
    if kind == "int" or (kind == "raw" and low.isdigit()):
        if not value.isdigit():
            raise ValueError(f"{FIELDS[option][0]}={value} is not a number")
        return int(value)
    if option == "peer":
        return low if low == ANY else _address(value)
    return low if kind == "raw" or FIELDS[option][1].choices else value


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value
