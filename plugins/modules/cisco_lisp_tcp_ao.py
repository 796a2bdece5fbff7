#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cisco_lisp_tcp_ao
short_description: LISP sessions under TCP-AO on Cisco IOS XE
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Protects the LISP sessions between map servers and ETRs against spoofed TCP segments with the TCP Authentication
    Option, and configures the map server and ETR lines that these sessions need.
  - Proves with O(verify) that the sessions really use it. A session with a peer that does not use TCP-AO comes up as
    well, unprotected, and the device says nothing.
  - Everything else under C(router lisp) stays untouched. Only the process without a number is managed.
  - Over P(netops.peerguard.netconf#connection) the same is sent as one edit of the YANG model Cisco-IOS-XE-lisp. No
    YANG model tells what a session uses, so O(verify) needs the CLI session beside it.
  - Runs on the controller, in one session per task.
extends_documentation_fragment:
  - netops.peerguard.resource
  - netops.peerguard.resource.keep
options:
  config:
    description: The intended configuration.
    type: dict
    suboptions:
      tcp_auth_options:
        description: Key chains and the peers that they are used with.
        type: list
        elements: dict
        suboptions:
          key_chain:
            description: Name of an existing chain; see M(netops.peerguard.cisco_tcp_key_chain).
            type: str
            required: true
          accept:
            description: On a map server, take TCP-AO sessions of ETRs. Off by default.
            type: bool
          peers:
            description: On an ETR, the addresses of the map servers; each under one chain only.
            type: list
            elements: str
      map_server:
        description: The map server role.
        type: dict
        suboptions:
          services:
            description: Address families in which this device is a map server.
            type: list
            elements: str
            choices: [ipv4, ipv6, ethernet]
          map_resolver:
            description: Be a map resolver in the same families.
            type: bool
          passive_open:
            description: Name of the locator set with the addresses of ETRs that are listened for from the start.
            type: str
          sites:
            description: Sites that ETRs register for.
            type: list
            elements: dict
            suboptions:
              name:
                description: Name of the site.
                type: str
                required: true
              authentication_key:
                description:
                  - Key of the map-register messages, 1 to 80 characters without blanks; needed with TCP-AO too.
                  - Compared as O(config.etr.services[].map_servers[].key) is.
                type: str
              eid_records:
                description: EID prefixes of the site; an entry is identified by its prefix and instance together.
                type: list
                elements: dict
                suboptions:
                  instance_id:
                    description: LISP instance, 1 to 16777214.
                    type: int
                  prefix:
                    description: EID prefix, or V(any-mac) in a layer 2 instance.
                    type: str
                    required: true
                  accept_more_specifics:
                    description: Take registrations of prefixes inside this one. Off by default.
                    type: bool
                  route_tag:
                    description: Tag of the routes, 1 to 4294967295.
                    type: int
      etr:
        description: The ETR role.
        type: dict
        suboptions:
          services:
            description: Address families in which this device is an ETR.
            type: list
            elements: dict
            suboptions:
              afi:
                description: Address family.
                type: str
                required: true
                choices: [ipv4, ipv6, ethernet]
              map_servers:
                description: Map servers that the ETR registers with.
                type: list
                elements: dict
                suboptions:
                  address:
                    description: Address of the map server.
                    type: str
                    required: true
                  key:
                    description:
                      - Key of the map-register messages, equal to that of the site on the map server.
                      - A text that a device has printed is understood with its type in front, as in C(7 0822455D0A16).
                    type: str
                  hash_function:
                    description: Hash of the map-register messages. V(sha1) by default.
                    type: str
                    choices: [sha1, sha2]
  missing_chain:
    description:
      - What to do where a chain of O(config.tcp_auth_options) does not exist.
      - V(warn) is for check mode of a play whose earlier task would have made the chain.
    type: str
    choices: [fail, warn]
    default: fail
notes:
  - Adding or removing TCP-AO for a peer flaps that session once; the result's warnings name the sessions.
  - With O(state=deleted), an entry that names entries of lists inside it loses these only.
  - Configure the map server first and its ETRs after it. An ETR with TCP-AO gets no session from a map server without.
"""

EXAMPLES = r"""
- name: The map server takes TCP-AO sessions
  netops.peerguard.cisco_lisp_tcp_ao:
    config:
      tcp_auth_options:
        - key_chain: KC-LISP-A
          accept: true
      map_server:
        services: [ipv4]
        map_resolver: true
        sites:
          - name: BRANCH-7
            authentication_key: "{{ site_key }}"
            eid_records:
              - instance_id: 4101
                prefix: 198.51.100.0/24
                accept_more_specifics: true

- name: The ETR opens its session with TCP-AO, and proves it
  netops.peerguard.cisco_lisp_tcp_ao:
    config:
      tcp_auth_options:
        - key_chain: KC-LISP-A
          peers: [192.0.2.1]
      etr:
        services:
          - afi: ipv4
            map_servers:
              - address: 192.0.2.1
                key: "{{ site_key }}"
    verify:
      timeout: 120
      stable_for: 10

- name: Read it from a file
  netops.peerguard.cisco_lisp_tcp_ao:
    state: parsed
    running_config: "{{ lookup('ansible.builtin.file', 'ms1.cfg') }}"
"""

RETURN = r"""
before:
  description: The resource before the task, secrets masked.
  returned: when a device was read
  type: dict
  sample: {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": true}]}
after:
  description: The resource after the task (in check mode, as it would be), secrets masked.
  returned: when a device was read
  type: dict
  sample: {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": true}]}
commands:
  description: The lines that were sent, as a person would type them, secrets masked.
  returned: when a device was read
  type: list
  elements: str
  sample: ["router lisp", " tcp auth-option KC-LISP-A", "  peer accept", "  exit", " exit-router-lisp"]
rollback:
  description: The lines that take the change back.
  returned: when a device was read
  type: list
  elements: str
  sample: ["router lisp", " no tcp auth-option KC-LISP-A", " exit-router-lisp"]
converged:
  description: Whether every session is up, under TCP-AO, with the intended chain and key.
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
  sample: [{"item": "session with 192.0.2.1", "expected": "Up", "seen": "Down", "kind": "unmet"}]
observed:
  description: What the show commands said at the last look.
  returned: with O(verify)
  type: dict
  sample: {"sessions": [{"peer": "192.0.2.1", "port": 4342, "state": "Up", "auth": "TCP-Auth-Option"}]}
secrets_not_compared:
  description: Places of keys that the device shows only encrypted (type 6).
  returned: when a device was read
  type: list
  elements: str
  sample: ["config.etr.services[ipv4].map_servers[192.0.2.1].key"]
reverted:
  description: Whether the old state was proved after a failure.
  returned: on failure after the first line was sent
  type: bool
  sample: true
progress:
  description: What was sent and what was not when the task failed.
  returned: on failure after the first line was sent
  type: dict
  sample: {"sent": ["router lisp"], "not_sent": [" tcp auth-option KC-LISP-A"]}
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
  type: dict
  sample: {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": true}]}
rendered:
  description: Configuration text, secrets masked.
  returned: with O(state=rendered)
  type: str
  sample: "router lisp\n tcp auth-option KC-LISP-A\n  peer accept\n  exit\n !\n exit-router-lisp\n!\n"
parsed:
  description: The structure of O(running_config), secrets masked.
  returned: with O(state=parsed)
  type: dict
  sample: {"tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": true}]}
"""
