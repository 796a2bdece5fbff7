#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cisco_tcp_key_chain
short_description: TCP key chains (TCP-AO) on Cisco IOS XE
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Configures key chains of type C(tcp), which hold the master keys of the TCP Authentication Option (RFC 5925), key by
    key.
  - Does not break what is in use. Of a key that a session uses only the send lifetime can be changed, and a chain that
    LISP, BGP, LDP or SXP refers to is not removed.
  - Over P(netops.peerguard.netconf#connection) the same is sent as one edit of the YANG model Cisco-IOS-XE-crypto.
    Which keys are in use, and O(verify), are seen over the CLI session beside it; without one, only LISP's use of a
    chain is looked at.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description: The intended chains.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the chain, up to 256 characters without blanks; above 236 the device's YANG models do not take it.
        type: str
        required: true
      keys:
        description: Keys of the chain.
        type: list
        elements: dict
        suboptions:
          id:
            description: Number of the key on this device, 0 to 2147483647. The peer does not see it.
            type: int
            required: true
          send_id:
            description: Id in the segments that are sent, 0 to 255; the peer's O(config[].keys[].recv_id).
            type: int
          recv_id:
            description: Id in the segments that are expected, 0 to 255; the peer's O(config[].keys[].send_id).
            type: int
          algorithm:
            description: How segments are authenticated; V(hmac-sha-256) takes most of TCP's option space.
            type: str
            choices: [aes-128-cmac, hmac-sha-1, hmac-sha-256]
          key_string:
            description:
              - The key, 1 to 80 characters in clear text; blanks belong to it.
              - A text that a device has printed is understood with its type in front, as in C(7 0822455D0A16).
              - What the device shows as type 7 is compared by value, type 6 as O(update_secrets) says.
            type: str
          include_tcp_options:
            description: Whether the code covers TCP's options. Off by default; has a defect between two IOS XE devices.
            type: bool
          accept_ao_mismatch:
            description: Accept segments whose code is wrong. Off by default; switches the protection off.
            type: bool
          send_lifetime:
            description:
              - When the key can be sent with; give one of C(end), C(duration) and C(infinite).
              - Given once, it replaces what was there.
            type: dict
            suboptions: &lifetime
              start:
                description:
                  - Start in UTC, as C(00:00:00 Mar 1 2026), C(00:00:00 1 Mar 2026) or C(2026-03-01 00:00:00), from 1993
                    to 2035. ISO 8601 with a zone is turned into UTC.
                type: str
                required: true
              end:
                description: End, in the same forms.
                type: str
              duration:
                description: Seconds from the start to the end, 1 to 2147483646.
                type: int
              infinite:
                description: The key has no end.
                type: bool
              local:
                description: The times are in the device's own zone instead of UTC.
                type: bool
          accept_lifetime:
            description: When the key is accepted; always, unless given. Forms as in O(config[].keys[].send_lifetime).
            type: dict
            suboptions: *lifetime
  force_in_use:
    description:
      - Also change or remove keys that sessions use. The sessions may break.
      - A chain that something refers to is not removed even so.
    type: bool
    default: false
notes:
  - With O(state=deleted), an entry that names keys loses these keys only, an entry that names none is removed.
"""

EXAMPLES = r"""
- name: The first key of the branch sessions
  netops.peerguard.cisco_tcp_key_chain:
    config:
      - name: KC-LISP-A
        keys:
          - id: 41
            send_id: 41
            recv_id: 41
            algorithm: hmac-sha-1
            key_string: "{{ ao_key_41 }}"
            send_lifetime:
              start: "00:00:00 Mar 1 2026"
              end: "00:00:00 Sep 1 2026"
    verify:
      timeout: 30

- name: Its successor, which sessions roll over to when it becomes valid
  netops.peerguard.cisco_tcp_key_chain:
    config:
      - name: KC-LISP-A
        keys:
          - id: 42
            send_id: 42
            recv_id: 42
            algorithm: hmac-sha-1
            key_string: "{{ ao_key_42 }}"
            send_lifetime:
              start: "2026-08-31 00:00:00"
              infinite: true

- name: Remove the key that is no longer used
  netops.peerguard.cisco_tcp_key_chain:
    state: deleted
    config:
      - name: KC-LISP-A
        keys:
          - id: 41
"""

RETURN = r"""
before:
  description: The resource before the task, secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: [{"name": "KC-LISP-A", "keys": [{"id": 41, "send_id": 41, "recv_id": 41}]}]
after:
  description: The resource after the task (in check mode, as it would be), secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: [{"name": "KC-LISP-A", "keys": [{"id": 41, "send_id": 41, "recv_id": 41}]}]
commands:
  description: The lines that were sent, as a person would type them, secrets masked.
  returned: when a device was read
  type: list
  elements: str
  sample: ["key chain KC-LISP-A tcp", " key 41", "  send-id 41", "  key-string ********", "  exit", " exit"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["no key chain KC-LISP-A"]
converged:
  description: Whether every key is complete and the sessions use the preferred one.
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
  sample: [{"item": "chain KC-LISP-A, key 41", "expected": "ready", "seen": "not ready", "kind": "unmet"}]
observed:
  description: What the show commands said at the last look.
  returned: with O(verify)
  type: dict
  sample: {"chains": {"KC-LISP-A": {"preferred": 41, "keys": {"41": {"ready": true, "in_use": true}}}}}
secrets_not_compared:
  description: Places of keys that the device shows only encrypted (type 6).
  returned: when a device was read
  type: list
  elements: str
  sample: ["config[KC-LISP-A].keys[41].key_string"]
reverted:
  description: Whether the old state was proved after a failure.
  returned: on failure after the first line was sent
  type: bool
  sample: true
progress:
  description: What was sent and what was not when the task failed.
  returned: on failure after the first line was sent
  type: dict
  sample: {"sent": ["key chain KC-LISP-A tcp"], "not_sent": [" key 41"]}
saved:
  description: Whether the configuration was saved.
  returned: outside check mode
  type: bool
  sample: true
backup_path:
  description: Where the copy of the configuration is.
  returned: with O(backup)
  type: str
  sample: /home/user/backup/ms1_config.2026-11-20@02:10:00
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
  sample: [{"name": "KC-LISP-A", "keys": [{"id": 41, "send_id": 41, "recv_id": 41}]}]
rendered:
  description: Configuration text, secrets masked.
  returned: with O(state=rendered)
  type: str
  sample: "key chain KC-LISP-A tcp\n key 41\n  send-id 41\n!\n"
parsed:
  description: The structure of O(running_config), secrets masked.
  returned: with O(state=parsed)
  type: list
  elements: dict
  sample: [{"name": "KC-LISP-A", "keys": [{"id": 41, "send_id": 41, "recv_id": 41}]}]
"""
