#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: verify
short_description: Check whether peerings are configured as intended and have converged, on all ends
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Reads all ends of the peerings and judges them as M(netops.peerguard.guard) does, and changes nothing.
  - Fails if a peering is not as intended, so that a monitoring job ends with an exit status.
extends_documentation_fragment:
  - netops.peerguard.peerings
attributes:
  check_mode:
    support: full
    description: Changes nothing at any time.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: full
    description: Changes nothing at any time.
"""

EXAMPLES = r"""
- name: Are all peerings up and protected?
  netops.peerguard.verify:
    intent: "{{ peerings }}"
    page: reports/peerings.html
"""

RETURN = r"""
peerings:
  description: What became of each peering, with its ends.
  returned: always
  type: list
  elements: dict
  contains:
    peering:
      description: Its name.
      returned: always
      type: str
      sample: core-link
    verdict:
      description:
        - V(unchanged), V(planned) (check mode), V(converged), V(no_traffic) (nothing happened yet that could prove it),
          V(failed) (nothing was sent), V(reverted) (all ends are proved to be as before), V(stuck) (an end could not be
          put back), or V(skipped).
      returned: always
      type: str
      sample: converged
    reason:
      description: Why it failed.
      returned: always
      type: str
      sample: ""
    changed:
      description: Whether the ends are now different.
      returned: always
      type: bool
      sample: true
    unmet:
      description: What was expected and seen instead, and at which end.
      returned: always
      type: list
      elements: dict
      sample: []
    hosts:
      description: By end, the commands, the way back, the difference, what was observed, and how long each step took.
      returned: always
      type: dict
      sample: {"pe1": {"changed": true, "commands": ["interface GigabitEthernet0/3/7"], "saved": true}}
table:
  description: The same as lines of text.
  returned: always
  type: list
  elements: str
  sample: ["core-link  pe1 - pe2  converged"]
summary:
  description: How many peerings ended how.
  returned: always
  type: str
  sample: 1 converged
"""
