# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of LISP sessions under TCP-AO on IOS XE: shape, ranges and defaults.

Sources: IOS XE 17.x IP Routing guide, "LISP Support for TCP Authentication Option"; Cisco-IOS-XE-lisp YANG 17.12.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from ...engine.schema import Group, Items, Leaf, Node, Values, printable
from ...engine.secret import CLEAR, Secret
from ...platforms.cisco_iosxe import keys

FAMILIES = ("ipv4", "ipv6", "ethernet")
SESSION_PORT = 4342
"""TCP port on which a map server listens for ETRs."""
FIRST_RELEASE = (17, 2, 1)
"""IOS XE release since which LISP sessions can use TCP-AO."""


def word(value: Any) -> str:
    """A name: of a key chain, a site, a locator set."""
    text = str(value)
    if not printable(text, 256) or "?" in text:
        raise ValueError("use 1 to 256 printable characters without blanks and question marks")
    return text


def address(value: Any) -> str:
    """An IPv4 or IPv6 address."""
    try:
        return str(ipaddress.ip_address(str(value)))
    except ValueError:
        raise ValueError("use an IP address such as 192.0.2.1") from None


def prefix(value: Any) -> str:
    """An EID prefix, or `any-mac` for a layer 2 instance."""
    if str(value) == "any-mac":
        return "any-mac"
    try:
        return str(ipaddress.ip_network(str(value)))
    except ValueError:
        raise ValueError("use a prefix without host bits such as 198.51.100.0/24, or any-mac") from None


def key(value: Any) -> Secret:
    """A registration key in clear text, or as a device has printed it (`7 HEX`, `6 CIPHER`)."""
    secret = keys.given(value)
    if secret.encoding == CLEAR and (not printable(secret.reveal(), 80) or "?" in secret.reveal()):
        raise ValueError("use 1 to 80 printable characters without blanks and question marks")
    return secret


_AUTH_OPTION: dict[str, Node] = {
    "key_chain": Leaf("str", normal=word),
    "accept": Leaf("bool", default=False),
    "peers": Values(Leaf("str", normal=address)),
}
_EID_RECORD: dict[str, Node] = {
    "instance_id": Leaf("int", range=(1, 16777214)),
    "prefix": Leaf("str", normal=prefix),
    "accept_more_specifics": Leaf("bool", default=False),
    "route_tag": Leaf("int", range=(1, 4294967295)),
}
_SITE: dict[str, Node] = {
    "name": Leaf("str", normal=word),
    "authentication_key": Leaf("secret", normal=key),
    "eid_records": Items("prefix", _EID_RECORD, owned=True, beside=("instance_id",)),
    # The site holds lines that the model does not know: it is never removed as a whole.
    "others": Leaf("bool", default=False, internal=True),
}
_MAP_SERVER: dict[str, Node] = {
    "address": Leaf("str", normal=address),
    "key": Leaf("secret", normal=key),
    "hash_function": Leaf("str", default="sha1", choices=("sha1", "sha2")),
}
_ETR_SERVICE: dict[str, Node] = {
    "afi": Leaf("str", choices=FAMILIES),
    "map_servers": Items("address", _MAP_SERVER, owned=True),
    # Map servers are there, the line `etr` is not: a fact of the device until a task names the service.
    "disabled": Leaf("bool", default=False, internal=True),
}

SCHEMA = Group(
    {
        "tcp_auth_options": Items("key_chain", _AUTH_OPTION, owned=True),
        "map_server": Group(
            {
                "services": Values(Leaf("str", choices=FAMILIES)),
                "map_resolver": Leaf("bool", default=False),
                "passive_open": Leaf("str", normal=word),
                "sites": Items("name", _SITE, owned=True),
                # Services with a map resolver, where they are not just those with a map server.
                "resolvers": Values(internal=True),
            }
        ),
        "etr": Group({"services": Items("afi", _ETR_SERVICE, owned=True)}),
    }
)
