#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: h3c_ike_keepalive
short_description: IKE SA keepalives on H3C Comware V5 and V7
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Configures the device-wide timers that make a firewall notice a dead IKE peer. They are the keepalives it sends, the
    time it waits for those of its peers, and the keepalives that hold address translations open.
  - Chooses the words of Comware V5 (C(ike sa keepalive-timer)) or V7 (C(ike keepalive)) from the device's version.
  - Proves with O(verify) that the IKE SAs are ready and stay.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description: The intended timers, in seconds.
    type: dict
    suboptions:
      interval:
        description:
          - How often to send keepalives, 20 to 28800.
          - A device sends none unless this is set.
          - A peer that expects keepalives deletes the SAs of one that sends none.
        type: int
      timeout:
        description:
          - How long to wait for a keepalive of a peer, 20 to 28800. A device waits for ever unless this is set.
          - Must be longer than the interval of every peer. The vendor advises three times as long.
        type: int
      nat_interval:
        description: How often to send NAT keepalives, 5 to 300. The device's default is 20.
        type: int
  reset_sa:
    description:
      - Whether to clear the IPsec SAs and then the IKE SAs of the device after a change, so that they are negotiated
        anew.
      - The vendor demands that after a change of IKE peers.
      - Whether running SAs take over changed timers is not documented.
      - SAs come back when traffic asks for them.
    type: str
    choices: [never, changed]
    default: never
  comware:
    description:
      - The generation of Comware. Required for O(state=rendered).
      - With a device it is read from the device, and a different value here is an error.
    type: int
    choices: [5, 7]
notes:
  - The timers are global; no Comware release has them per peer.
  - Without O(verify.stable_for) longer than the timeout, a ready SA does not prove that keepalives arrive.
    The task then warns.
  - Support of these commands varies by hardware. A model that does not know them is reported as unsupported.
seealso:
  - module: netops.peerguard.h3c_reset_sa
"""

EXAMPLES = r"""
- name: Send keepalives every 20 seconds, give a peer up after 60, and prove that the SAs stay
  netops.peerguard.h3c_ike_keepalive:
    config:
      interval: 20
      timeout: 60
    verify:
      timeout: 120
      interval: 10
      stable_for: 61

- name: Send keepalives only, because the other end expects them
  netops.peerguard.h3c_ike_keepalive:
    state: overridden
    config:
      interval: 30

- name: Back to the device's defaults
  netops.peerguard.h3c_ike_keepalive:
    state: deleted

- name: Render for Comware V7 without a device
  netops.peerguard.h3c_ike_keepalive:
    state: rendered
    comware: 7
    config:
      interval: 20
      timeout: 60
"""

RETURN = r"""
before:
  description: The timers before the task.
  returned: when a device was read
  type: dict
  sample: {}
after:
  description: The timers after the task (in check mode, as they would be).
  returned: when a device was read
  type: dict
  sample: {"interval": 20, "timeout": 60}
commands:
  description: The lines that were sent, as a person would type them in system view.
  returned: when a device was read
  type: list
  elements: str
  sample: ["ike sa keepalive-timer interval 20", "ike sa keepalive-timer timeout 60"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["undo ike sa keepalive-timer timeout", "undo ike sa keepalive-timer interval"]
follow_up:
  description: The commands in user view that come after the lines.
  returned: with O(reset_sa=changed), when there is a change
  type: list
  elements: str
  sample: ["reset ipsec sa", "reset ike sa"]
computed:
  description:
    - Seconds of silence until the first and second expiry, and how long a look must last to prove anything.
    - V5 tags an SA at the first expiry and deletes it at the second; V7 deletes it at the first.
  returned: when a timeout is set
  type: dict
  sample: {"first_expiry": 60, "second_expiry": 120, "proof_needs_stable_for": 61}
converged:
  description: Whether every peer that has an IKE SA has a ready one, and it stayed.
  returned: with O(verify)
  type: bool
  sample: true
convergence:
  description: V(converged), V(unmet), or V(no_traffic) where no traffic has asked for an SA yet.
  returned: with O(verify)
  type: str
  sample: converged
unmet:
  description: What was expected and seen instead.
  returned: with O(verify)
  type: list
  elements: dict
  sample:
    - item: peer 203.0.113.9
      expected: keepalives that arrive within the timeout
      seen: connection 41 tagged TO (TIMEOUT)
      kind: unmet
observed:
  description: The table of IKE SAs at the last look.
  returned: with O(verify)
  type: dict
  sample:
    ike_sas: [{"connection_id": 41, "remote": "203.0.113.9", "flags": ["RD", "ST"], "phase": 1, "doi": "IPSEC"}]
reverted:
  description: Whether the old state was proved after a failure.
  returned: on failure after the first line was sent
  type: bool
  sample: true
progress:
  description: What was sent and what was not when the task failed.
  returned: on failure after the first line was sent
  type: dict
  sample: {"sent": ["ike keepalive interval 20"], "not_sent": ["ike keepalive timeout 60"]}
saved:
  description: Whether the configuration was saved.
  returned: outside check mode
  type: bool
  sample: true
backup_path:
  description: Where the copy of the configuration is.
  returned: with O(backup)
  type: str
  sample: /home/user/backup/fw-a_config.2026-11-20@02:10:00
timings:
  description: Seconds per step.
  returned: when a device was read
  type: dict
  sample: {"connect": 0.2, "read": 0.05, "plan": 0.01}
gathered:
  description: The timers as the device has them.
  returned: with O(state=gathered)
  type: dict
  sample: {"interval": 20, "timeout": 60}
rendered:
  description: Configuration text.
  returned: with O(state=rendered)
  type: str
  sample: "ike keepalive interval 20\nike keepalive timeout 60\n"
parsed:
  description: The structure of O(running_config), which may be of either generation.
  returned: with O(state=parsed)
  type: dict
  sample: {"interval": 20, "timeout": 60}
"""
