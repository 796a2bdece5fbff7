# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs of AlliedWare devices for tests, and a bench that types bare carriage returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from inprocess import Bench

FEATURE = "allied_isakmp_policy"

BRANCH = """#
# SYSTEM configuration
#
set system name="branch12"

#
# IP configuration
#
enable ip
add ip int=eth0 ip=203.0.113.12 mask=255.255.255.0

#
# IPSEC configuration
#
create ipsec sas=1 key=isakmp prot=esp enc=aes128 hasha=sha
create ipsec bund=1 key=isakmp string="1"
create ipsec pol="ike" int=eth0 ac=permit
set ipsec pol="ike" lp=500 tra=udp
create ipsec pol="to-hq" int=eth0 ac=ipsec key=isakmp bund=1 peer=198.51.100.20
set ipsec pol="to-hq" isa="hq" lad=192.168.12.0 lma=255.255.255.0 rad=192.168.0.0 rma=255.255.255.0
create ipsec pol="inet" int=eth0 ac=permit
enable ipsec

#
# ISAKMP configuration
#
{isakmp}enable isakmp
"""
HQ_POLICY = (
    'create isakmp pol="hq" pe=198.51.100.20 enc=aes128 key=1\nset isakmp pol="hq" gro=2 sendn=true prene=true\n'
)
HEADQUARTERS = """set system name="hq"
add ip int=eth0 ip=198.51.100.20 mask=255.255.255.0
create ipsec pol="to-b" int=eth0 ac=ipsec key=isakmp bund=1 peer=203.0.113.12
enable ipsec
create isakmp pol="b12" pe=203.0.113.12 enc=aes128 key=1 gro=2
enable isakmp
"""


def branch(isakmp: str = HQ_POLICY) -> str:
    return BRANCH.replace("{isakmp}", isakmp)


def lab(isakmp: str = HQ_POLICY, *, hq: str | None = HEADQUARTERS, **device: Any) -> str:
    """Two linked devices, b12 and hq; `hq` None = nobody at the other end. `device`: more about b12."""
    options = {"keys": {1: "lab-psk"}, **device.pop("options", {})}
    devices: dict[str, Any] = {
        "b12": {"platform": "allied_alliedware", "config": branch(isakmp), "options": options, **device}
    }
    links = []
    if hq is not None:
        devices["hq"] = {"platform": "allied_alliedware", "config": hq, "options": {"keys": {1: "lab-psk"}}}
        links = [["b12:eth0", "hq:eth0"]]
    return yaml.safe_dump({"name": "allied", "clock": "manual", "devices": devices, "links": links})


class AlliedBench(Bench):
    """Tasks against b12, over a line that ends with CR alone."""

    def __init__(self, folder: Path, text: str) -> None:
        super().__init__(folder, text)
        self.newline = "\r"

    def policy(self, config: Any = None, **arguments: Any) -> dict[str, Any]:
        """Run the module on b12."""
        if config is not None:
            arguments["config"] = config
        return self.task("b12", FEATURE, **arguments)

    def type(self, *lines: str, device: str = "b12") -> str:
        """The output of the last line."""
        session = self.session(device)
        try:
            return [session.run([line])[0] for line in lines][-1]
        finally:
            session.close()
