#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: junose_ipsec_option
short_description: IPsec options per transport virtual router on Juniper JunOSe
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Configures C(ipsec option tx-invalid-cookie), C(dpd) and C(nat-t) of transport virtual routers on E Series routers
    (ERX, E120, E320; JunOSe, not Junos).
  - With O(config[].tx_invalid_cookie) the router tells an IKE peer that the phase 1 it still uses is gone, so that
    peers that cannot find that out by themselves do not stay stuck on it.
  - Each virtual router is selected in Privileged Exec, where that cannot create it; one that does not exist is an error
    before anything is sent.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description: The intended options, one entry per transport virtual router.
    type: list
    elements: dict
    suboptions:
      virtual_router:
        description:
          - Name of an existing virtual router, for example V(default), or C(NAME:VRF).
          - The options belong to the I(transport) virtual router of a tunnel, where its source and destination are
            routed.
        type: str
        required: true
      tx_invalid_cookie:
        description:
          - Answer an IKE message with an unknown cookie pair with an INVALID-COOKIE notification. Off by default on the
            device.
          - Only useful where this router responds to initiators of other makes. An E Series router ignores the
            notifications that it receives, whether this is configured or not.
        type: bool
      dpd:
        description: Dead peer detection, with the timers that the device has fixed. Off by default on the device.
        type: bool
      nat_t:
        description:
          - NAT traversal. On by default on the device.
          - A change holds for the IKE SAs that are negotiated after it.
        type: bool
notes:
  - A release that does not list an option is reported as not supporting it, which is not the same as having it off.
  - No display of the router counts the notifications that it has sent, so O(verify) proves the setting, and the
    completed IKE phase 1 of a peer is the only evidence that peers get through.
  - A configuration that does not end with C(! End of) was cut on the way and is refused, never taken for an empty one.
  - With automatic commit, the factory default, the device stores every accepted line itself; there RV(saved) says just
    that.
seealso:
  - module: netops.peerguard.junose_ipsec_clear_sa
"""

EXAMPLES = r"""
- name: Tell stale initiators of other makes, and find stale peers ourselves
  netops.peerguard.junose_ipsec_option:
    config:
      - virtual_router: default
        tx_invalid_cookie: true
        dpd: true
    verify:
      timeout: 30

- name: Exactly these options, defaults everywhere else
  netops.peerguard.junose_ipsec_option:
    state: overridden
    config:
      - virtual_router: default
        tx_invalid_cookie: true
      - virtual_router: vrBlue
        nat_t: false

- name: See what is configured
  netops.peerguard.junose_ipsec_option:
    state: gathered
  register: options

- name: Render without a device
  netops.peerguard.junose_ipsec_option:
    state: rendered
    config:
      - virtual_router: vrRed
        tx_invalid_cookie: true
"""

RETURN = r"""
before:
  description: The resource before the task, secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: []
after:
  description: The resource after the task (in check mode, as it would be), secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: [{"virtual_router": "default", "tx_invalid_cookie": true}]
commands:
  description: The lines that were sent, as a person would type them, secrets masked.
  returned: when a device was read
  type: list
  elements: str
  sample: ["virtual-router default", "configure terminal", "ipsec option tx-invalid-cookie", "end"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["virtual-router default", "configure terminal", "no ipsec option tx-invalid-cookie", "end"]
converged:
  description: Whether the router shows the options as intended and a peer has completed a phase 1.
  returned: with O(verify)
  type: bool
  sample: true
convergence:
  description: V(converged), V(unmet), or V(no_traffic) where the options are right but no peer has completed a phase 1.
  returned: with O(verify)
  type: str
  sample: converged
unmet:
  description: What was expected and seen instead.
  returned: with O(verify)
  type: list
  elements: dict
  sample: [{"item": "virtual router default", "expected": "dpd enabled", "seen": "dpd disabled", "kind": "unmet"}]
observed:
  description: What the show commands said at the last look.
  returned: with O(verify)
  type: dict
  sample: {"virtual_routers": {"default": {"options": {"tx_invalid_cookie": true, "dpd": false, "nat_t": true}}}}
secrets_not_compared:
  description: Always empty; there are no keys in this resource.
  returned: when a device was read
  type: list
  elements: str
  sample: []
reverted:
  description: Whether the old state was proved after a failure.
  returned: on failure after the first line was sent
  type: bool
  sample: true
progress:
  description: What was sent and what was not when the task failed.
  returned: on failure after the first line was sent
  type: dict
  sample: {"sent": ["virtual-router default", "configure terminal"], "not_sent": ["ipsec option dpd", "end"]}
saved:
  description: Whether the change will survive a restart; with automatic commit the device sees to that itself.
  returned: outside check mode
  type: bool
  sample: true
backup_path:
  description: Where the copy of the configuration is.
  returned: with O(backup)
  type: str
  sample: /home/user/backup/pe1_config.2026-11-20@02:10:00
timings:
  description: Seconds per step.
  returned: when a device was read
  type: dict
  sample: {"connect": 0.2, "read": 0.05, "plan": 0.01}
gathered:
  description: The resource as the device has it, secrets masked.
  returned: with O(state=gathered)
  type: list
  elements: dict
  sample: [{"virtual_router": "default", "tx_invalid_cookie": true}]
rendered:
  description: Configuration text, secrets masked.
  returned: with O(state=rendered)
  type: str
  sample: "virtual-router default\n!\nipsec option tx-invalid-cookie\n!\n"
parsed:
  description: The structure of O(running_config), secrets masked.
  returned: with O(state=parsed)
  type: list
  elements: dict
  sample: [{"virtual_router": "default", "tx_invalid_cookie": true}]
"""
