#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: junose_ipsec_clear_sa
short_description: Reinitialise IKE or IPsec SAs on Juniper JunOSe
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Types C(ipsec clear sa) on an E Series router, which reinitialises all SAs, those of one tunnel, or those of the
    tunnels in a state.
  - An operation, not a configuration. It has no C(no) form, nothing of it is stored, and it interrupts traffic.
  - Runs on the controller, in one session per task.
options:
  all:
    description: All SAs. Exactly one of O(all), O(tunnel) and O(state) must be given.
    type: bool
  tunnel:
    description: The SAs of one IPsec tunnel, by its name with or without C(ipsec:).
    type: str
  state:
    description: The SAs of the tunnels that are in this state, as the router calls it, for example V(down).
    type: str
  phase:
    description: V(1) for the ISAKMP/IKE SAs, V(2) for the IPsec SAs.
    type: int
    choices: [1, 2]
    required: true
  virtual_router:
    description:
      - The virtual router in whose context the command is typed. Without it, the one that the login leads to.
      - It must exist; it is never created.
    type: str
attributes:
  check_mode:
    support: full
    description: Says what would be typed, and which tunnels and SAs the router shows there; types only show commands.
  diff_mode:
    support: none
    description: There is no configuration to compare.
  idempotent:
    support: none
    description: SAs are cleared on every run.
notes:
  - The router does not tell how many SAs it has cleared. RV(affected) is what it showed just before.
seealso:
  - module: netops.peerguard.junose_ipsec_option
"""

EXAMPLES = r"""
- name: Negotiate the SAs of one tunnel anew
  netops.peerguard.junose_ipsec_clear_sa:
    tunnel: Aottawa2boca
    phase: 2
    virtual_router: vrRed

- name: Start over with every IKE peer
  netops.peerguard.junose_ipsec_clear_sa:
    all: true
    phase: 1

- name: Give the tunnels that are down another try
  netops.peerguard.junose_ipsec_clear_sa:
    state: down
    phase: 1
"""

RETURN = r"""
commands:
  description:
    - The lines that were typed, in check mode would be typed.
    - Of a task that failed, those after which SAs may have been cleared; it is C(changed) if there are any.
  returned: always
  type: list
  elements: str
  sample: ["virtual-router vrRed", "configure terminal", "ipsec clear sa tunnel ipsec:Aottawa2boca phase 2", "end"]
affected:
  description:
    - What the router showed just before of the tunnels that the command is about, and, for all of phase 1, of the IKE
      SAs.
    - V(null) where the release does not show it.
  returned: success
  type: dict
  sample: {"tunnels": [{"name": "Aottawa2boca", "state": "up", "transport": "default"}]}
"""
