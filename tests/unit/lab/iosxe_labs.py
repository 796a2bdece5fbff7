# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IOS XE devices for the lab's tests: a map server with ETRs, and a client that types lines."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

MS_ADDRESS, ETR_ADDRESS = "192.0.2.1", "203.0.113.12"
PORT = "GigabitEthernet0/0/0"
FOREVER = "00:00:00 Jan 1 2031 infinite"


def key(number: int, string: str = "Demo-Key", *, send: str = FOREVER, algorithm: str = "hmac-sha-1",
        send_id: int | None = None, recv_id: int | None = None, extra: str = "") -> str:  # fmt: skip
    lines = [
        f"  send-id {number if send_id is None else send_id}",
        f"  recv-id {number if recv_id is None else recv_id}",
        f"  key-string {string}",
        *([f"  send-lifetime {send}"] if send else []),
        f"  cryptographic-algorithm {algorithm}",
        *(f"  {line}" for line in extra.split(",") if line),
    ]
    return "\n".join([f" key {number}", *lines, ""])


def map_server(*keys: str, accept: bool = True, passive: bool = False, site_key: str = "Demo-Site",
               extra: str = "") -> str:  # fmt: skip
    chain = "key chain KC-MS tcp\n" + "".join(keys) + "!\n" if keys else ""
    ao = " tcp auth-option KC-MS\n  peer accept\n  exit\n !\n" if accept and keys else ""
    members = f" locator-set PEERS\n  {ETR_ADDRESS}\n  exit-locator-set\n !\n" if passive else ""
    opening = " map-server session passive-open PEERS\n" if passive else ""
    return f"""version 17.9
!
hostname MS1
!
{chain}interface Loopback0
 ip address {MS_ADDRESS} 255.255.255.255
!
interface {PORT}
 ip address 198.18.0.1 255.255.255.252
!
router lisp
 locator-table default
{members}{ao} service ipv4
  map-server
  map-resolver
  exit-service-ipv4
 !
{opening} site BRANCH-7
  authentication-key {site_key}
  eid-record instance-id 4101 198.51.100.0/24 accept-more-specifics
  exit-site
 !
 ipv4 source-locator Loopback0
 exit-router-lisp
!
{extra}end
"""


def etr(*keys: str, ao: bool = True, number: int = 12, site_key: str = "Demo-Site", name: str = "ETR1",
        extra: str = "") -> str:  # fmt: skip
    chain = "key chain KC-ETR tcp\n" + "".join(keys) + "!\n" if keys else ""
    option = f" tcp auth-option KC-ETR\n  peer {MS_ADDRESS}\n  exit\n !\n" if ao and keys else ""
    return f"""version 17.9
!
hostname {name}
!
{extra}{chain}interface Loopback0
 ip address 203.0.113.{number} 255.255.255.255
!
interface {PORT}
 ip address 198.18.0.2 255.255.255.252
!
router lisp
 locator-table default
 locator-set RLOC-ME
  IPv4-interface Loopback0 priority 10 weight 10
  exit-locator-set
 !
 locator default-set RLOC-ME
{option} service ipv4
  etr map-server {MS_ADDRESS} key {site_key}
  etr map-server {MS_ADDRESS} proxy-reply
  etr
  exit-service-ipv4
 !
 instance-id 4101
  service ipv4
   eid-table default
   database-mapping 198.51.100.64/27 locator-set RLOC-ME
   exit-service-ipv4
  !
  exit-instance-id
 !
 exit-router-lisp
!
end
"""


def world(ms: str, *etrs: str, ms_device: dict[str, Any] | None = None,
          etr_device: dict[str, Any] | None = None) -> World:  # fmt: skip
    """One map server, ETRs ``etr1``, ``etr2``, … each on a port of its own."""
    devices: dict[str, Any] = {"ms": {"platform": "cisco_iosxe", "config": ms, **(ms_device or {})}}
    links = []
    for number, text in enumerate(etrs, start=1):
        devices[f"etr{number}"] = {"platform": "cisco_iosxe", "config": text, **(etr_device or {})}
        links.append([f"ms:GigabitEthernet0/0/{number - 1}", f"etr{number}:{PORT}"])
    return World(parse_lab({"name": "lisp", "clock": "manual", "devices": devices, "links": links}))


def single(text: str = "", **device: Any) -> Client:
    data = {"platform": "cisco_iosxe", "hostname": "R1", "config": text, **device}
    return Client(World(parse_lab({"name": "one", "clock": "manual", "devices": {"r1": data}})), "r1")


class Client:
    """Types lines at a device and gives back what came, without the echo and with plain line ends."""

    def __init__(self, lab: World, device: str, user: str = "netops", *, paging: bool = False) -> None:
        self.world = lab
        self.device = lab.devices[device]
        self.terminal = self.device.open_session("ssh", user)
        self.welcome = self.terminal.start()
        self.prompt = self.welcome.rsplit("\n", 1)[-1]
        if not paging:
            self.run("terminal length 0")

    def raw(self, line: str) -> str:
        return self.terminal.receive(line + "\r").replace("\r\n", "\n")

    def run(self, *items: str) -> str:
        """The output of the last line; ``prompt`` is the prompt after it."""
        output = ""
        for item in items:
            _echo, _newline, rest = self.raw(item).partition("\n")
            output, newline, self.prompt = rest.rpartition("\n")
            output += newline
        return output

    def config(self, *items: str) -> str:
        """Lines in configuration mode, then back to exec; the last line's output."""
        return [self.run("configure terminal"), self.run(*items), self.run("end")][1]

    def state(self, peer: str) -> str:
        """State of the session with a peer in the session table, listeners apart; "" without one."""
        for line in self.run("show lisp session").splitlines()[2:]:
            words = line.split()
            if words[0].partition(":")[0] == peer and words[1] != "Listening":
                return words[1]
        return ""

    def since(self, peer: str) -> str:
        rows = [line.split() for line in self.run("show lisp session").splitlines()[2:]]
        return next(row[2] for row in rows if row[0].startswith(peer) and row[1] != "Listening")

    def auth(self, peer: str) -> str | None:
        """The chain of the session with a peer; None without AO."""
        text = self.run(f"show lisp vrf default session {peer}")
        found = re.search(r"(?i)^auth type:\s+(\S+?)(?:,\s*keychain:\s*(\S+))?\s*$", text, re.M)
        return found.group(2) if found else None

    def tcb_keys(self) -> tuple[str, str]:
        """Ids of Current Key and Next Key of the first connection."""
        block = self.run("show tcp brief").splitlines()[1].split()[0]
        text = self.run(f"show tcp tcb {block}")
        current, wanted = re.findall(r"Key:\n  Id: (\w+)", text)
        return current, wanted

    def in_use(self) -> set[str]:
        """Ids of keys that are in use, of all chains."""
        text = self.run("show key chain")
        return set(re.findall(r"key (\d+) --(?:(?!key \d+ --)[\s\S])*?MKT in-use - true", text))

    def mismatches(self) -> int:
        return self.run("show logging").count("%TCP-6-AOMISMATCH")
