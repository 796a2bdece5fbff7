# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of IKE SA keepalives on Comware: shape, ranges and defaults.

Sources: H3C V7 IPsec command reference and HPE 12900E/6125 V7 (20 to 28800 s, 5 to 300 s, 20 s); HPE MSR and 3100 v2 V5
(20 to 28800 s; NAT keepalive default 20 s). That V5's NAT range is V7's is assumed.
"""

from __future__ import annotations

from ...engine.schema import Group, Leaf, Node

SECONDS = (20, 28800)
NAT_SECONDS = (5, 300)
DEFAULT_NAT = 20
"""Seconds between NAT keepalives, sent where an address translator was found."""
ADVISED = 3
"""The vendor's advice: the timeout as a multiple of the peer's interval."""

SCHEMA: Node = Group(
    {
        "interval": Leaf(
            "int", range=SECONDS, description="Seconds between keepalives that this end sends; none unless given."
        ),
        "timeout": Leaf(
            "int",
            range=SECONDS,
            description="Seconds without a keepalive of the peer after which its SAs go; never unless given.",
        ),
        "nat_interval": Leaf(
            "int", default=DEFAULT_NAT, range=NAT_SECONDS, description="Seconds between NAT keepalives."
        ),
    }
)
