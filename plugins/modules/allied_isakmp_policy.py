#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: allied_isakmp_policy
short_description: ISAKMP policies with retry and back-off on Allied Telesis AlliedWare
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Configures ISAKMP policies, so that a permanent VPN whose negotiation has failed is tried again instead of staying
    down (O(config[].retry_ike_attempts)), and how patiently each message is repeated (O(config[].msg_backoff),
    O(config[].msg_retry_limit), O(config[].msg_timeout)).
  - Works out how long the device tries an unreachable peer, and says so before anything is sent.
  - Proves with O(verify) that the policy is in force and that its tunnel stands.
  - For AlliedWare (AR, Rapier i, AT-8600 to AT-9900, x900), not for AlliedWare Plus. Retry and back-off need software
    2.8.1.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description:
      - The intended policies. An option that is left out keeps its value (O(state=merged)) or its default.
      - Only the defaults that the vendor documents are named here.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the policy, 1 to 24 characters.
        type: str
        required: true
      peer:
        description:
          - Address of the peer, its host name, or V(any). Needed for a policy that does not exist yet.
          - Retry needs one IP address here, and in the IPsec policy that uses this policy.
        type: str
      retry_ike_attempts:
        description:
          - How often a failed exchange is tried again, 0 to 16, or V(continuous). The default is 0, which means
            never.
          - An exchange fails when it times out, when authentication fails, when this device rejects the peer's
            proposals, and when the peer deletes the most recent SA.
        type: raw
      msg_backoff:
        description:
          - V(incremental) waits longer before each further copy of an unanswered message, V(none) always
            O(config[].msg_timeout). The device's default is V(incremental).
        type: str
        choices: [incremental, none]
      msg_retry_limit:
        description: How many copies of an unanswered message are sent, 0 to 1024. The device's default is 8.
        type: int
      msg_timeout:
        description: Seconds before the first copy of an unanswered message, 1 to 86400. The device's default is 4.
        type: int
      auth_type:
        description: How the peers authenticate. The device's default is V(preshared).
        type: str
        choices: [preshared, rsasig]
      key:
        description: Number of the ENCO key that holds the pre-shared key, 0 to 65535. Its value is never read or sent.
        type: int
      local_rsa_key:
        description: Number of the ENCO key that holds the local RSA key, 0 to 65535.
        type: int
      mode:
        description: Phase 1 exchange.
        type: str
        choices: [main, aggressive]
      enc_alg:
        description: Encryption algorithm.
        type: str
        choices: [des, 3desouter, aes128, aes192, aes256]
      hash_alg:
        description: Hash algorithm.
        type: str
        choices: [sha, md5]
      group:
        description: Diffie-Hellman group, 0 to 2.
        type: int
      dh_exponent_length:
        description: Bits of the Diffie-Hellman exponent, 160 to 1023.
        type: int
      expiry_seconds:
        description: Life of an ISAKMP SA in seconds, 600 to 31449600.
        type: int
      expiry_kbytes:
        description: Life of an ISAKMP SA in kilobytes, 1 to 1000.
        type: int
      delete_delay:
        description: Seconds that a finished exchange is kept, 0 to 30.
        type: int
      dpd_mode:
        description: Dead peer detection.
        type: str
        choices: [both, none, receive]
      dpd_idle_timeout:
        description: Seconds of silence before a peer is probed, 1 to 86400.
        type: int
      heartbeat_mode:
        description: ISAKMP heartbeats.
        type: str
        choices: [both, none, receive, send]
      nat_traversal:
        description: NAT traversal.
        type: bool
      phase2_xchg_limit:
        description: How many phase 2 exchanges one ISAKMP SA may be used for, 1 to 1024, or V(none).
        type: raw
      prenegotiate:
        description: Negotiate before there is traffic.
        type: bool
      rekey:
        description: Negotiate again before an SA expires.
        type: bool
      send_notify:
        description: Send notification messages.
        type: bool
      send_deletes:
        description: Tell the peer about deleted SAs.
        type: bool
      send_id_always:
        description: Send identities in phase 2 even where they could be left out.
        type: bool
      set_commit_bit:
        description: Set the commit bit.
        type: bool
      local_id:
        description: Identity sent to the peer.
        type: str
      remote_id:
        description: Identity expected of the peer.
        type: str
      src_interface:
        description: Interface whose address is used.
        type: str
      policy_filename:
        description: Script file, for example C(rekey.scp).
        type: str
      xauth:
        description: Extended authentication.
        type: str
        choices: [client, server, none]
      xauth_type:
        description: Kind of extended authentication.
        type: str
        choices: [generic, radius]
      xauth_name:
        description: User name for extended authentication.
        type: str
      xauth_password:
        description: Password for extended authentication.
        type: str
      hybrid_xauth:
        description: Hybrid authentication.
        type: bool
notes:
  - The IPsec policies of the device are read to judge whether retry is valid; they are not changed.
  - Where the system is in security mode, only a security officer may read the configuration. Log in as one, or give the
    password of the account C(secoff) in C(ansible_become_password).
  - An option that has no default to go back to (such as O(config[].local_id)) is unset by creating the policy again.
"""

EXAMPLES = r"""
- name: Keep the permanent VPN to headquarters trying, with shorter exchanges, and prove it
  netops.peerguard.allied_isakmp_policy:
    config:
      - name: hq
        peer: 198.51.100.20
        key: 1
        retry_ike_attempts: continuous
        msg_retry_limit: 5
        msg_timeout: 3
    verify:
      timeout: 120

- name: Back to one attempt
  netops.peerguard.allied_isakmp_policy:
    config:
      - name: hq
        retry_ike_attempts: 0

- name: See what is configured
  netops.peerguard.allied_isakmp_policy:
    state: gathered
  register: isakmp

- name: Render without a device
  netops.peerguard.allied_isakmp_policy:
    state: rendered
    config:
      - name: hq
        peer: 198.51.100.20
        retry_ike_attempts: 3
"""

RETURN = r"""
before:
  description: The policies before the task, secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: [{"name": "hq", "peer": "198.51.100.20", "key": 1}]
after:
  description: The policies after the task (in check mode, as they would be), secrets masked.
  returned: when a device was read
  type: list
  elements: dict
  sample: [{"name": "hq", "peer": "198.51.100.20", "key": 1, "retry_ike_attempts": 3}]
commands:
  description: The lines that were sent, as a person would type them, secrets masked.
  returned: when a device was read
  type: list
  elements: str
  sample: ["set isakmp policy=\"hq\" retryikeattempts=3"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["set isakmp policy=\"hq\" retryikeattempts=0"]
computed:
  description:
    - What follows from the message and retry parameters, per policy that the task names, in seconds.
    - C(retransmissions) are the moments at which the copies of an unanswered message are sent, C(exchange_time) when
      the exchange is given up (earliest and latest, the vendor does not say which), C(worst_case) when the last retry
      is. C(worst_case) is null for V(continuous).
  returned: when a device was read
  type: dict
  sample:
    hq:
      retransmissions: [4, 12, 28, 52, 84, 124, 172, 228]
      exchange_time: [228, 292]
      worst_case: [912, 1168]
converged:
  description: Whether the policies are in force and their tunnels stand.
  returned: with O(verify)
  type: bool
  sample: true
convergence:
  description: V(converged), V(unmet), or V(no_traffic) where nothing happened yet that could prove it.
  returned: with O(verify)
  type: str
  sample: converged
unmet:
  description: What was expected and seen instead; C(kind) is V(in_progress) while the device is still trying.
  returned: with O(verify)
  type: list
  elements: dict
  sample:
    - item: policy hq
      expected: an ISAKMP SA with 198.51.100.20
      seen: "retrying: exchange 322 is in state SASENT; this exchange ends in at most 240 s"
      kind: in_progress
observed:
  description: What the show commands said at the last look.
  returned: with O(verify)
  type: dict
  sample: {"sas": [{"id": 4, "peer": "198.51.100.20"}]}
secrets_not_compared:
  description: Places of keys that the device shows only encrypted.
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
  sample: {"sent": ["set isakmp policy=\"hq\" msgtimeout=3"], "not_sent": []}
saved:
  description: Whether the configuration was written to the file that the device starts from.
  returned: outside check mode
  type: bool
  sample: true
backup_path:
  description: Where the copy of the configuration is.
  returned: with O(backup)
  type: str
  sample: /home/user/backup/branch12_config.2026-11-20@02:10:00
timings:
  description: Seconds per step.
  returned: when a device was read
  type: dict
  sample: {"connect": 0.2, "read": 0.05, "plan": 0.01}
gathered:
  description: The policies as the device has them, secrets masked.
  returned: with O(state=gathered)
  type: list
  elements: dict
  sample: [{"name": "hq", "peer": "198.51.100.20"}]
rendered:
  description: Configuration text, secrets masked.
  returned: with O(state=rendered)
  type: str
  sample: "create isakmp policy=\"hq\" peer=198.51.100.20\n"
parsed:
  description: The structure of O(running_config), secrets masked.
  returned: with O(state=parsed)
  type: list
  elements: dict
  sample: [{"name": "hq", "peer": "198.51.100.20"}]
"""
