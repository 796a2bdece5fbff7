#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: command
short_description: Run show commands on a network device and wait for what they say
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Runs commands outside the configuration mode, all in one session, until O(wait_for) holds.
  - Commands that enter the configuration mode are refused; for those there is M(netops.peerguard.config).
  - Keys and passwords in the output are masked.
  - Questions that the device asks are declined unless O(commands) says how to answer them.
options:
  commands:
    description:
      - Commands, each a string, or a dictionary with C(command), and C(prompt) and C(answer) (strings or lists of the
        same length; a prompt is a regular expression).
    type: list
    elements: raw
    required: true
  wait_for:
    description:
      - Conditions on the outputs, for example C(result[0] contains ENABLE).
      - The tests are C(contains), C(matches) (a regular expression), C(eq), C(neq), C(gt), C(ge), C(lt) and C(le);
        C(not) before a test negates it.
    type: list
    elements: str
  match:
    description: Whether all conditions must hold or any.
    type: str
    choices: [all, any]
    default: all
  retries:
    description: How often to run the commands before giving up.
    type: int
    default: 10
  interval:
    description: Seconds between two tries.
    type: int
    default: 1
attributes:
  check_mode:
    support: partial
    description: Only commands that begin with C(show) or C(display), and write to no file, run.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: N/A
    description: The module reports no change, whatever the commands do.
"""

EXAMPLES = r"""
- name: Wait until the handshake is on
  netops.peerguard.command:
    commands:
      - display mpls rsvp-te interface
    wait_for:
      - "result[0] contains 'Challenge: ENABLE'"
    retries: 20
    interval: 3

- name: Answer a question
  netops.peerguard.command:
    commands:
      - command: save
        prompt: '\[Y/N\]'
        answer: "Y"
"""

RETURN = r"""
stdout:
  description: The outputs.
  returned: success or unmet conditions
  type: list
  elements: str
  sample: ["Interface: GigabitEthernet0/3/7"]
stdout_lines:
  description: The outputs, by line.
  returned: success or unmet conditions
  type: list
  elements: list
  sample: [["Interface: GigabitEthernet0/3/7"]]
failed_conditions:
  description: The conditions that did not hold.
  returned: when conditions were not met
  type: list
  elements: str
  sample: ["result[0] contains ENABLE"]
"""
