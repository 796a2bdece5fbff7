# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of routers between which RSVP-TE runs, and one `guard` over all of them."""

from __future__ import annotations

INTERFACE = "GigabitEthernet0/3/7"
HEAD = """plugin: netops.peerguard.lab
name: guarded
defaults: {platform: huawei_vrp, username: netops, password: lab-pass}
devices:
"""
ROUTER = """  {name}:
    hostname: {upper}
    config: |
      #
      sysname {upper}
      #
      mpls lsr-id {lsr}
      #
      mpls
       mpls te
       mpls te cspf
       mpls rsvp-te
       mpls rsvp-te timer refresh 10
      #
      interface GigabitEthernet0/3/7
       undo shutdown
       ip address {address} 255.255.255.252
       mpls
       mpls te
       mpls rsvp-te
      #
      interface Tunnel1
       tunnel-protocol mpls te
       destination {other}
      #
      return
"""
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: guard
      run_once: true
      netops.peerguard.guard:
        intent: "{{ peerings }}"
        batch: {{ batch }}
        journal_dir: journal
        page: peerings.html
        verify: {timeout: 120, interval: 2}
"""


def lab_file(peerings: int) -> str:
    """Pairs of linked routers between which RSVP-TE runs without authentication."""
    pairs = "".join(_router(n, 1) + _router(n, 2) for n in range(peerings))
    links = "".join(f"  - [r{n:04d}a:{INTERFACE}, r{n:04d}b:{INTERFACE}]\n" for n in range(peerings))
    return f"{HEAD}{pairs}links:\n{links}"


def intent(peerings: int) -> list[dict[str, object]]:
    """The peerings between them."""
    return [_peering(number) for number in range(peerings)]


def _router(number: int, end: int) -> str:
    name = f"r{number:04d}{'ab'[end - 1]}"
    high, low = number // 250, number % 250 + 1
    return ROUTER.format(
        name=name,
        upper=name.upper(),
        lsr=f"10.{250 + end}.{high}.{low}",
        other=f"10.{253 - end}.{high}.{low}",
        address=f"10.{high}.{low}.{end}",
    )


def _peering(number: int) -> dict[str, object]:
    ends = [{"host": f"r{number:04d}{end}", "interface": INTERFACE} for end in "ab"]
    return {"name": f"link{number:04d}", "kind": "rsvp_handshake", "key": f"Bench-Key-{number}", "ends": ends}
