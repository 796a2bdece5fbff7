# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of the IPsec options of JunOSe: one entry per transport virtual router, defaults of both polarities.

Sources: JUNOSe IP Services Configuration Guide 10.0, 11.0 (tx-invalid-cookie off, NAT-T on), DPD concept pages (off).
"""

from __future__ import annotations

import re
from typing import Any

from ...engine.schema import Items, Leaf

OPTIONS = {"tx_invalid_cookie": "tx-invalid-cookie", "dpd": "dpd", "nat_t": "nat-t"}
"""Field of the model and keyword after `ipsec option`."""
_ROUTER = re.compile(r"[^\s:?\"'()#>|]{1,64}(?::[^\s:?\"'()#>|]{1,64})?")
DEFAULTS = {"tx_invalid_cookie": False, "dpd": False, "nat_t": True}


def router(value: Any) -> str:
    """The name of a virtual router, or NAME:VRF, as the prompt shows it."""
    text = str(value)
    if not _ROUTER.fullmatch(text):
        raise ValueError(
            "use the name of a virtual router such as default or vrRed, or NAME:VRF, without blanks and ?\"'()#>|"
        )
    return text


SCHEMA = Items(
    "virtual_router",
    {
        "virtual_router": Leaf("str", normal=router),
        **{name: Leaf("bool", default=DEFAULTS[name]) for name in OPTIONS},
    },
)
