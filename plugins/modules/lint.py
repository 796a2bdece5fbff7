#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lint
short_description: Judge peerings across their ends, before anything is pushed
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Judges every rule of the collection over an intent, over configurations written by hand, and over what was gathered
    from devices, and says for each finding which hosts and values it is about, why, who says so, and how to fix it.
  - Needs no device. Runs once for all hosts of the batch, on the controller.
  - An end that one input does not have is looked up in the others, so a gathered end is judged against what is meant
    for the other.
options:
  intent:
    description:
      - The peerings, each written once with all its ends; see the collection's page on peerings.
      - A list, or a dictionary with that list under C(peerings).
      - For O(host_configs) and O(gathered), it tells who peers with whom. A peering with C(managed=false) tells nothing
        else.
    type: raw
  host_configs:
    description:
      - Configurations written by hand, as a dictionary of hosts, each with a dictionary of resource modules and their
        C(config).
    type: dict
  gathered:
    description:
      - Hosts, or groups of hosts, from which M(netops.peerguard.facts) has gathered network resources in this play, or
        whose facts are cached.
      - Facts have their secrets masked, so these are not compared.
    type: list
    elements: str
  report:
    description: A file for people or pipelines. It is written in check mode too.
    type: dict
    suboptions:
      format:
        description: Format of the file.
        type: str
        choices: [text, json, junit, sarif]
        required: true
      path:
        description: The file, relative to the playbook, or for a playbook out of a collection to the current folder.
        type: str
        required: true
      source:
        description: The file that the intent is kept in, relative to the repository. SARIF findings show up beside it.
        type: str
  fail_on:
    description: The mildest severity that fails the task.
    type: str
    choices: [error, warning, never]
    default: error
  ignore:
    description: Ids of rules that are not judged, for example C(rsvp/R9).
    type: list
    elements: str
  horizon:
    description: For how many days from now keys must last (C(lisp/R9)).
    type: int
    default: 30
attributes:
  check_mode:
    support: full
    description: The module does the same in check mode.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: full
    description: The module changes nothing.
seealso:
  - module: netops.peerguard.guard
  - module: netops.peerguard.facts
"""

EXAMPLES = r"""
- name: Judge what is meant, for a pipeline
  netops.peerguard.lint:
    intent: "{{ peerings }}"
    fail_on: warning
    report:
      format: sarif
      path: reports/lint.sarif
      source: group_vars/all/peerings.yml

- name: Learn what the devices have
  netops.peerguard.facts:
    gather_network_resources: [all]

- name: Judge both ends as they are
  netops.peerguard.lint:
    intent: "{{ peerings }}"
    gathered: [core, edge]

- name: Judge two configurations that were written by hand
  netops.peerguard.lint:
    intent:
      - name: core-link
        kind: rsvp_handshake
        managed: false
        ends:
          - host: pe1
            interface: GigabitEthernet0/3/7
          - host: pe2
            interface: GigabitEthernet0/3/1
    host_configs:
      pe1:
        huawei_rsvp_auth: "{{ hostvars['pe1'].rsvp }}"
      pe2:
        huawei_rsvp_auth: "{{ hostvars['pe2'].rsvp }}"
"""

RETURN = r"""
findings:
  description: What was found, worst first.
  returned: always
  type: list
  elements: dict
  contains:
    rule:
      description: Id of the rule.
      returned: always
      type: str
      sample: rsvp/R10
    severity:
      description: V(error), V(warning) or V(note).
      returned: always
      type: str
      sample: error
    title:
      description: What must hold.
      returned: always
      type: str
      sample: The handshake must be configured on both ends
    peering:
      description: The peering; empty for what concerns one device alone.
      returned: always
      type: str
      sample: core-link
    hosts:
      description: The hosts that it is about.
      returned: always
      type: list
      elements: str
      sample: [pe1, pe2]
    values:
      description: What each of them has, in the same order. Of secrets, only whether they are the same.
      returned: always
      type: list
      elements: str
      sample: [handshake, no handshake]
    text:
      description: What is wrong.
      returned: always
      type: str
      sample: pe1 (interface GigabitEthernet0/3/7) challenges its neighbour, pe2 (this link) has no handshake.
    fix:
      description: What to do.
      returned: always
      type: str
      sample: Enable it on the other end too.
    source:
      description: Who says so.
      returned: always
      type: str
      sample: NE40E V800R012C10, (Optional) Configuring the Handshake Function
    origins:
      description: In which inputs it was found - C(intent), C(host_vars) or C(gathered).
      returned: always
      type: list
      elements: str
      sample: [intent]
passed:
  description: Whether nothing as bad as O(fail_on) was found.
  returned: always
  type: bool
  sample: false
summary:
  description: Counts in one line.
  returned: always
  type: str
  sample: 1 error, 0 warnings, 0 notes in 1 peering and 2 hosts
counts:
  description: How many findings there are of each severity.
  returned: always
  type: dict
  sample: {"error": 1, "warning": 0, "note": 0}
hosts:
  description: Hosts that were judged.
  returned: always
  type: list
  elements: str
  sample: [pe1, pe2]
peerings:
  description: Peerings that were judged.
  returned: always
  type: list
  elements: str
  sample: [core-link]
report_path:
  description: The file that was written.
  returned: with O(report)
  type: str
  sample: /home/me/play/reports/lint.sarif
"""
