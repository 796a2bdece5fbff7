# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sound peering of each kind, as a person would write it, and the cross-vendor ones."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

KEY = "Peering-Key-73"
SITE_KEY = "Peering-Site-88"

RSVP: dict[str, Any] = {
    "name": "core-link",
    "kind": "rsvp_handshake",
    "key": KEY,
    "lifetime": "00:30:00",
    "window_size": 32,
    "ends": [
        {"host": "pe1", "interface": "GigabitEthernet0/3/7", "address": "10.77.12.1/30", "lsr_id": "10.255.7.1"},
        {"host": "pe2", "interface": "GigabitEthernet0/3/1", "address": "10.77.12.2/30", "lsr_id": "10.255.7.2"},
    ],
}
LISP: dict[str, Any] = {
    "name": "campus",
    "kind": "lisp_tcp_ao",
    "key_chain": "KC-LISP",
    "keys": [
        {
            "id": 41,
            "algorithm": "hmac-sha-1",
            "key_string": KEY,
            "send_lifetime": {"start": "2026-01-01", "infinite": True},
        }
    ],
    "map_resolver": True,
    "sites": [
        {
            "name": "BRANCH-7",
            "authentication_key": SITE_KEY,
            "eid_records": [{"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True}],
        }
    ],
    "ends": [
        {"host": "ms1", "role": "map_server", "address": "192.0.2.1"},
        {"host": "etr1", "role": "etr", "address": "203.0.113.12"},
        {"host": "etr2", "role": "etr", "address": "203.0.113.13"},
    ],
}
KEEPALIVE: dict[str, Any] = {
    "name": "hq-branch",
    "kind": "ike_keepalive",
    "interval": 20,
    "ends": [{"host": "fw1", "address": "192.0.2.1"}, {"host": "fw2", "address": "198.51.100.9"}],
}
COOKIE: dict[str, Any] = {
    "name": "edge-customers",
    "kind": "ike_invalid_cookie",
    "dpd": True,
    "ends": [
        {"host": "erx1", "role": "responder", "virtual_router": "vrIsp", "address": "198.51.100.9"},
        {"host": "fw3", "role": "initiator", "platform": "h3c_comware", "address": "203.0.113.40"},
        {"role": "initiator", "external": True, "known": {"honours_invalid_cookie": True}},
    ],
}
RETRY: dict[str, Any] = {
    "name": "hq-branch12",
    "kind": "isakmp_retry",
    "policy": "hq",
    "retry_ike_attempts": "continuous",
    "msg_timeout": 2,
    "ends": [
        {"host": "rtr12", "address": "203.0.113.12", "ipsec_peer": "198.51.100.20"},
        {"host": "fw-hq", "platform": "h3c_comware", "address": "198.51.100.20"},
    ],
}
ALL = (RSVP, LISP, KEEPALIVE, COOKIE, RETRY)


def sound(*peerings: dict[str, Any]) -> list[dict[str, Any]]:
    """Copies that a test may change."""
    return [deepcopy(peering) for peering in peerings or ALL]
