# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""E Series routers with configuration that is none of our business, for the tests of JunOSe."""

from __future__ import annotations

from typing import Any

import yaml
from comware_labs import ADDRESSES, V5, firewall

KEY = "Kx7-Literal-Of-A-Test"
PASSWORD = "Lab-Login-Pass-1"
ENABLE = "Lab-Enable-Pass-2"

EDGE = f"""boot config running-configuration
boot system erx310_11-2-1p0-4.rel
!
hostname "edge7"
!
banner motd "
% not an error
"
!
ipsec ike-policy-rule 5
 authentication pre-share
 encryption 3des
 group 5
 lifetime 14400
!
virtual-router default
!
ipsec local-endpoint 198.51.100.9 transport-virtual-router default
ipsec transform-set tsCust1 esp-3des-hmac-sha
ipsec key manual pre-share 203.0.113.40
 key {KEY}
!
interface loopback 0
 ip address 198.51.100.9 255.255.255.255
!
virtual-router vrRed
!
interface tunnel ipsec:red2hq transport-virtual-router default
 tunnel transform-set tsCust1
 tunnel source 198.51.100.9
 tunnel destination 203.0.113.40
 ip address 10.77.0.1 255.255.255.252
!
virtual-router vrBlue
!
no ipsec option nat-t
ip route 10.9.0.0 255.255.0.0 10.8.0.1
!
virtual-router vrEmpty
!
"""
ROUTERS = ("default", "vrRed", "vrBlue", "vrEmpty")


def edge_lab(*, clock: str = "manual", name: str = "edge", manual_commit: bool = False, **device: Any) -> str:
    """A lab file with one router; `device`: further keys of it."""
    config = EDGE.replace("!\nhostname", "!\nservice manual-commit\n!\nhostname") if manual_commit else EDGE
    data = {
        "plugin": "netops.peerguard.lab",
        "name": name,
        "clock": clock,
        "devices": {
            "edge7": {
                "platform": "juniper_junose",
                "username": "tester",
                "password": PASSWORD,
                "enable_password": ENABLE,
                "config": config,
                **device,
            }
        },
    }
    return yaml.safe_dump(data, sort_keys=False)


def mixed_lab(*, clock: str = "manual", name: str = "mixed", options: str = "") -> str:
    """A lab file: `edge7` responds to `fw`, a firewall of another make that initiates; `options`: lines of default."""
    own, other = ADDRESSES["a"], ADDRESSES["b"]
    config = EDGE.replace("198.51.100.9", own).replace("203.0.113.40", other)
    config = config.replace("virtual-router default\n!\n", f"virtual-router default\n!\n{options}")
    data = yaml.safe_load(edge_lab(clock=clock, name=name, config=config, options={"initiates": False}))
    data["devices"]["fw"] = {"platform": "h3c_comware", "os_version": V5, "config": firewall("b", 5)}
    data["links"] = [["edge7:fastEthernet 3/0", "fw:GigabitEthernet0/1"]]
    return yaml.safe_dump(data, sort_keys=False)
