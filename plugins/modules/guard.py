#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: guard
short_description: Change both ends of peerings in one transaction, prove them, or put both back
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Judges the intent (M(netops.peerguard.lint)), plans all ends, arms those that can revert by themselves, pushes them
    in the right order and close together, and verifies all ends until the peering has converged and is stable.
  - Then all ends are confirmed and saved. If any end fails at any step, all ends are put back, and that is proved.
  - Peerings are independent of each other; one that fails does not stop another unless O(max_failures) says so.
  - Every step is written to a journal before it is taken, so that a run that dies can be finished with O(recover).
extends_documentation_fragment:
  - netops.peerguard.peerings
options:
  lint:
    description:
      - V(enforce) stops before anything is sent if the intent breaks a rule; V(warn) only says so; V(skip) does not
        judge.
    type: str
    choices: [enforce, warn, skip]
    default: enforce
  max_failures:
    description: Failed peerings after which no further one is begun; unlimited unless given.
    type: int
  confirm_timeout:
    description: Seconds after which an armed device reverts by itself; long enough for the verification unless given.
    type: int
  save:
    description: Whether to save the configuration of all ends once they have converged.
    type: bool
    default: true
  update_secrets:
    description: As for the resource modules.
    type: str
    choices: [on_create, always]
    default: on_create
  backup:
    description: Write a copy of the running configuration of every end that will change to the controller.
    type: bool
    default: false
  backup_options:
    description: Where a backup goes.
    type: dict
    suboptions:
      dir_path:
        description: Folder, relative to the playbook, or for a playbook out of a collection to the current folder.
        type: str
        default: backup
      filename:
        description: File name, behind the name of the host; host and time unless given.
        type: str
      secrets:
        description: Keep the values of keys in the file; otherwise they are masked, and missing on a restore.
        type: bool
        default: false
  journal_dir:
    description:
      - Folder of the journals, readable by its owner alone; keys in them are encrypted.
      - Relative to the playbook, or for a playbook out of a collection to the current folder.
    type: str
    default: ~/.ansible/peerguard/journal
  recover:
    description:
      - Finish or revert what interrupted runs have left in O(journal_dir), instead of working on an intent.
      - A peering that was confirmed at all ends is kept and saved; any other is put back at every end that was touched.
      - With O(only), the other peerings of these runs are left as they are.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Reads and plans all ends, sends nothing.
  diff_mode:
    support: full
    description: Shows every end before and after, with secrets masked.
  idempotent:
    support: full
    description: A second run changes nothing and proves the peerings again.
"""

EXAMPLES = r"""
- name: Protect the core link on both routers, or on none
  netops.peerguard.guard:
    intent: "{{ peerings }}"
    verify:
      timeout: 120
      stable_for: 10
    page: reports/peerings.html

- name: After a controller has died in the middle
  netops.peerguard.guard:
    recover: true
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
findings:
  description: What lint found in the intent.
  returned: without O(recover)
  type: list
  elements: dict
  sample: []
journals:
  description: Journals that are still unfinished.
  returned: with O(recover)
  type: list
  elements: str
  sample: []
"""
