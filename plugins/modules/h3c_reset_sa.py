#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: h3c_reset_sa
short_description: Clear IPsec and IKE SAs on H3C Comware
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Clears SAs in the order that lets the other end know. IPsec SAs go first, while there is an IKE SA to send the
    notification with, then IKE SAs.
  - Needed after a change of IKE peers, because the old SAs make a new negotiation fail.
  - An operation, not a state. Every run clears what is there and reports a change.
options:
  phase:
    description: What to clear.
    type: str
    choices: [both, ipsec, ike]
    default: both
  remote:
    description:
      - Only the SAs with this peer, an IPv4 address.
      - Its IKE SAs are looked up in the device's table and cleared one by one.
    type: str
  policy:
    description: Only the IPsec SAs of this IPsec policy; with O(phase=ipsec).
    type: str
  sequence:
    description: Only the entry with this number of O(policy).
    type: int
  connection_id:
    description: Only the IKE SA with this number; with O(phase=ike).
    type: int
attributes:
  check_mode:
    support: full
    description: Says which commands it would send, and sends nothing but show commands.
  diff_mode:
    support: none
    description: There is no configuration to compare.
  idempotent:
    support: none
    description: Clears on every run.
notes:
  - SAs that IKE has negotiated come back when traffic asks for them, not at once.
seealso:
  - module: netops.peerguard.h3c_ike_keepalive
"""

EXAMPLES = r"""
- name: Start over with one peer, after its pre-shared key was changed
  netops.peerguard.h3c_reset_sa:
    remote: 203.0.113.9

- name: Clear everything
  netops.peerguard.h3c_reset_sa:
"""

RETURN = r"""
commands:
  description:
    - The commands, in the order in which they were sent (in check mode, would be sent).
    - Of a task that failed, those that may have cleared something; it is C(changed) if there are any.
  returned: always
  type: list
  elements: str
  sample: ["reset ipsec sa remote 203.0.113.9", "reset ike sa 41"]
before:
  description: The IKE SAs before.
  returned: always
  type: list
  elements: dict
  sample: [{"connection_id": 41, "remote": "203.0.113.9", "flags": ["RD", "ST"], "phase": 1, "doi": "IPSEC"}]
after:
  description: The IKE SAs right after; those that traffic has brought back already are among them.
  returned: outside check mode
  type: list
  elements: dict
  sample: []
"""
