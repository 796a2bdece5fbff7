# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of one map server and one ETR on Cisco IOS XE, for the tests of everything that speaks to such devices."""

from __future__ import annotations

from textwrap import indent
from typing import Any

KEY = "Demo-Key-41"
NEXT_KEY = "Demo-Key-42"
SITE_KEY = "Demo-Site-7"
ENABLE = "Demo-Enable-9"
SECRETS = (KEY, NEXT_KEY, SITE_KEY, ENABLE)

ARCHIVE = """\
archive
 path flash:bk
 maximum 14
!
"""

MS = """\
hostname MS1
!
service password-encryption
!
clock timezone UTC 0 0
ntp server 203.0.113.250
!
{archive}key chain OTHER
 key 1
  key-string 7 0822455D0A16
!
interface Loopback0
 ip address 192.0.2.1 255.255.255.255
!
interface GigabitEthernet0/0/0
 description to the branch
 ip address 10.77.9.1 255.255.255.252
 no shutdown
!
router lisp
 locator-table default
 locator-set RLOC-WLC
  203.0.113.50
  exit-locator-set
 !
 service ipv4
  map-server
  map-resolver
  exit-service-ipv4
 !
 site BRANCH-7
  description the seventh
  authentication-key 7 03205E06094212455A0C5452
  eid-record instance-id 4101 198.51.100.0/24 accept-more-specifics
  exit-site
 !
 ipv4 source-locator Loopback0
 exit-router-lisp
!
ip route 203.0.113.12 255.255.255.255 10.77.9.2
!
"""

ETR = """\
hostname ETR1
!
service password-encryption
!
clock timezone UTC 0 0
ntp server 203.0.113.250
!
{archive}interface Loopback0
 ip address 203.0.113.12 255.255.255.255
!
interface GigabitEthernet0/0/0
 description to the map server
 ip address 10.77.9.2 255.255.255.252
 no shutdown
!
router lisp
 locator-table default
 locator-set RLOC-ME
  IPv4-interface Loopback0 priority 10 weight 10
  exit-locator-set
 !
 locator default-set RLOC-ME
 service ipv4
  itr map-resolver 192.0.2.1
  etr map-server 192.0.2.1 key 7 03205E06094212455A0C5452
  etr map-server 192.0.2.1 proxy-reply
  etr
  exit-service-ipv4
 !
 instance-id 4101
  service ipv4
   eid-table vrf BLUE
   database-mapping 198.51.100.64/27 locator-set RLOC-ME
   exit-service-ipv4
  !
  exit-instance-id
 !
 exit-router-lisp
!
ip route 192.0.2.1 255.255.255.255 10.77.9.1
!
"""


def lab(
    *,
    archive: bool = True,
    clock: str = "manual",
    enable: bool = False,
    name: str = "cisco",
    options: dict[str, Any] | None = None,
    ms: str = MS,
    etr: str = ETR,
) -> str:
    """The lab's YAML. `archive`: whether timed rollback is possible; `enable`: logins end in user mode."""
    text = f"plugin: netops.peerguard.lab\nname: {name}\nclock: {clock}\n"
    text += "defaults:\n  username: netops\n  password: lab-pass\n"
    if enable:
        text += f"  enable_password: {ENABLE}\n"
    text += "devices:\n"
    for device, config in (("ms1", ms), ("etr1", etr)):
        text += f"  {device}:\n    platform: cisco_iosxe\n"
        if options:
            text += "    options:\n" + "".join(f"      {key}: {value}\n" for key, value in options.items())
        filled = config.replace("{archive}", ARCHIVE if archive else "")
        text += f"    config: |\n{indent(filled, ' ' * 6)}"
    return text + "links:\n  - [ms1:GigabitEthernet0/0/0, etr1:GigabitEthernet0/0/0]\n"


def key(number: int, text: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    """One key of a chain, complete; without an end it is valid for ever."""
    lifetime = {"start": start, "end": end} if end else {"start": start, "infinite": True}
    return {
        "id": number,
        "send_id": number,
        "recv_id": number,
        "algorithm": "hmac-sha-1",
        "key_string": text,
        "send_lifetime": lifetime,
        **more,
    }


def chain(*keys: dict[str, Any], name: str = "KC-LISP-A") -> list[dict[str, Any]]:
    """The config of cisco_tcp_key_chain with one chain."""
    return [{"name": name, "keys": list(keys) or [key(41, KEY, "00:00:00 Mar 1 2031")]}]


MS_AO = {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": True}]}
ETR_AO = {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "peers": ["192.0.2.1"]}]}
