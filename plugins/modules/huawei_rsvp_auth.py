#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: huawei_rsvp_auth
short_description: RSVP-TE authentication and handshake on Huawei VRP
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Configures RSVP-TE authentication with the challenge/response handshake, which keeps recorded RSVP messages from
    being replayed, in the interface view and in the RSVP-TE peer view, and the global RSVP timers it depends on.
  - Proves with O(verify) that the neighbours have completed the handshake.
  - Over P(netops.peerguard.netconf#connection) the same is sent as one edit of the YANG models
    huawei-rsvp-interface and huawei-mpls-te. A window size then needs the handshake. O(verify) reads neighbours and
    counters from these models too, and needs the CLI session beside it only where the server does not show them.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description: The intended configuration.
    type: dict
    suboptions:
      interfaces:
        description: Authentication towards all neighbours on an interface.
        type: list
        elements: dict
        suboptions: &view
          name:
            description: Interface name, for example C(GigabitEthernet0/3/7).
            type: str
            required: true
          authentication: &authentication
            description: How messages are authenticated; given once, it replaces what was there.
            type: dict
            suboptions:
              mode:
                description:
                  - V(cipher) stores the key encrypted, V(plain) readable (better not), both with HMAC-MD5.
                  - V(keychain) uses the active key of a keychain.
                type: str
                choices: [cipher, plain, keychain]
                required: true
              key:
                description:
                  - The key, 1 to 255 characters without blanks, for V(cipher) and V(plain).
                  - A cipher text that this very device has printed is understood too.
                type: str
              keychain:
                description: Name of an existing keychain, for V(keychain).
                type: str
          handshake: &handshake
            description: Challenge a neighbour before it is believed. Off by default on the device.
            type: bool
          lifetime: &lifetime
            description:
              - How long a relationship lives without a valid message, C(HH:MM:SS) in quotes, from C(00:00:01)
                to C(23:59:59).
              - The device's default is C(00:30:00). Must be greater than the refresh interval, better three times.
            type: str
          window_size: &window
            description: How many messages may arrive out of order, 1 to 64. The device's default is 1.
            type: int
      peers:
        description: Authentication towards one neighbour; wins over the interface's.
        type: list
        elements: dict
        suboptions:
          address:
            description:
              - An interface address of the neighbour (for that interface only), or its LSR ID (for all its interfaces).
            type: str
            required: true
          authentication: *authentication
          handshake: *handshake
          lifetime: *lifetime
          window_size: *window
      timers:
        description: Global RSVP timers.
        type: dict
        suboptions:
          refresh:
            description: Seconds between refresh messages, 10 to 65535. The device's default is 30.
            type: int
          keep_multiplier:
            description: Missed refreshes before state expires, 3 to 255. The device's default is 3.
            type: int
          challenge_lost:
            description: How often a challenge is sent again, 1 to 10. The device's default is 3.
            type: int
          challenge_retransmit:
            description: Milliseconds before a challenge is sent again, 500 to 10000. The device's default is 1000.
            type: int
  prerequisites:
    description:
      - What to do where RSVP-TE is not enabled yet in the MPLS view or on an interface that O(config) names.
      - V(require) fails and names the missing lines; V(add) adds them.
    type: str
    choices: [require, add]
    default: require
notes:
  - Both ends must be configured within three refresh periods (90 seconds by default), or the RSVP session goes down.
    M(netops.peerguard.guard) does that for both ends in one transaction.
"""

EXAMPLES = r"""
- name: Protect the core link against replay, and prove it
  netops.peerguard.huawei_rsvp_auth:
    config:
      interfaces:
        - name: GigabitEthernet0/3/7
          authentication:
            mode: cipher
            key: "{{ rsvp_key }}"
          handshake: true
          lifetime: "00:40:00"
          window_size: 32
    verify:
      timeout: 120
      stable_for: 10

- name: Authenticate one neighbour by its LSR ID, on all its interfaces
  netops.peerguard.huawei_rsvp_auth:
    config:
      peers:
        - address: 10.255.7.4
          authentication:
            mode: keychain
            keychain: kc-core
          handshake: true

- name: See what is configured
  netops.peerguard.huawei_rsvp_auth:
    state: gathered
  register: rsvp

- name: Render without a device
  netops.peerguard.huawei_rsvp_auth:
    state: rendered
    config:
      timers:
        refresh: 45
"""

RETURN = r"""
before:
  description: The resource before the task, secrets masked.
  returned: when a device was read
  type: dict
  sample: {"interfaces": [{"name": "GigabitEthernet0/3/7"}]}
after:
  description: The resource after the task (in check mode, as it would be), secrets masked.
  returned: when a device was read
  type: dict
  sample: {"interfaces": [{"name": "GigabitEthernet0/3/7", "handshake": true}]}
commands:
  description: The lines that were sent, as a person would type them, secrets masked.
  returned: when a device was read
  type: list
  elements: str
  sample: ["interface GigabitEthernet0/3/7", "  mpls rsvp-te authentication cipher ********", "  quit"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["interface GigabitEthernet0/3/7", "  undo mpls rsvp-te authentication", "  quit"]
converged:
  description: Whether every intended neighbour has proved itself.
  returned: with O(verify)
  type: bool
  sample: true
convergence:
  description: V(converged), V(unmet), or V(no_traffic) where nothing happened yet that could prove it.
  returned: with O(verify)
  type: str
  sample: converged
unmet:
  description: What was expected and seen instead.
  returned: with O(verify)
  type: list
  elements: dict
  sample: [{"item": "interface Vlanif7", "expected": "handshake enabled", "seen": "disabled", "kind": "unmet"}]
observed:
  description: What the show commands, or the YANG models, said at the last look.
  returned: with O(verify)
  type: dict
  sample: {"statistics": {"send_challenge": 1, "receive_response": 1}}
secrets_not_compared:
  description: Places of keys that the device shows only encrypted.
  returned: when a device was read
  type: list
  elements: str
  sample: ["config.interfaces[GigabitEthernet0/3/7].authentication.key"]
reverted:
  description: Whether the old state was proved after a failure.
  returned: on failure after the first line was sent
  type: bool
  sample: true
progress:
  description: What was sent and what was not when the task failed.
  returned: on failure after the first line was sent
  type: dict
  sample: {"sent": ["interface GigabitEthernet0/3/7"], "not_sent": ["mpls rsvp-te authentication handshake"]}
saved:
  description: Whether the configuration was saved.
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
  type: dict
  sample: {"timers": {"refresh": 45}}
rendered:
  description: Configuration text, secrets masked.
  returned: with O(state=rendered)
  type: str
  sample: "mpls\n mpls rsvp-te timer refresh 45\n#\n"
parsed:
  description: The structure of O(running_config), secrets masked.
  returned: with O(state=parsed)
  type: dict
  sample: {"timers": {"refresh": 45}}
"""
