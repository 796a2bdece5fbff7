#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config
short_description: Lines of native configuration on a network device, sent, proved, and taken back if they fail
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Compares lines with the running configuration, sends those that are missing, and reads the configuration again.
  - Where a line is refused, or the device does not show what it accepted, everything is taken back.
  - For what no other module of this collection knows. It works on all five platforms, over the command line only.
  - The lines must be written as the running configuration shows them, without abbreviations, and without values that
    are the default and therefore not shown.
extends_documentation_fragment:
  - netops.peerguard.resource.keep
notes:
  - Nothing is known here about what the lines mean for a peer, so there is no C(verify) as in the other modules.
    Run M(netops.peerguard.verify) afterwards, or use the module of the feature.
  - Commands that leave the configuration mode or are not configuration (C(end), C(return), C(commit), C(reload), C(do)
    and the like, however they are abbreviated) are refused before anything is sent. So are the name of the device,
    because its prompt is known by it, text of several lines (C(banner), C(header)), and what concerns files.
  - To take a change back, the sections and lines that it touched are brought to what was read before. What somebody
    else changes elsewhere in those seconds stays, and a warning names it.
  - Keys and passwords are masked in results, differences and backups wherever the platform's known forms of them stand.
    Keep O(lines) with other secrets out of the log with C(no_log).
options:
  lines:
    description:
      - Lines of configuration. A line that begins with the negation of the platform (C(no), C(undo)) takes away what it
        names and everything that follows it on the line.
      - Lines below a section may be indented, as the device shows them.
      - Give either this or O(src).
    type: list
    elements: str
  parents:
    description: The lines that lead to the section in which O(lines) stand, outermost first.
    type: list
    elements: str
  src:
    description:
      - A Jinja template of configuration, with sections indented, as the device shows it. It is searched for and filled
        in as M(ansible.builtin.template) does it, in the folder C(templates) of the role or the playbook first.
      - Give either this or O(lines).
    type: path
  negations:
    description:
      - What to do about a negation where the device shows neither it nor what it takes away.
      - V(when_shown) takes it for done and reports it as RV(already_absent).
      - V(always) sends it. That is needed for what is on by default and not shown. A second run reports a change again,
        unless the device shows the negation from then on.
    type: str
    choices: [when_shown, always]
    default: when_shown
  confirm_timeout:
    description:
      - Seconds, from 60 to 65535, after which the device takes the change back by itself unless it is confirmed, on
        systems that can. It covers the case that the change itself cuts the way to the device.
    type: int
  update_secrets:
    description:
      - What to do about keys that the device shows in another form than they were typed in.
      - V(on_create) sends such a line only where there was none, and warns; V(always) sends it on every run.
    type: str
    choices: [on_create, always]
    default: on_create
attributes:
  check_mode:
    support: full
    description: Reports the same commands, diff and result as a run, and sends nothing but show commands.
  diff_mode:
    support: full
    description: Shows the sections that change, before and after, with secrets masked.
  idempotent:
    support: full
    description:
      - A second run changes nothing, except for keys that O(update_secrets=always), and negations that
        O(negations=always), sends again.
seealso:
  - module: netops.peerguard.command
  - module: netops.peerguard.facts
"""

EXAMPLES = r"""
- name: A description, on Huawei
  netops.peerguard.config:
    parents: interface GigabitEthernet0/3/8
    lines: description to the lab

- name: From a template, taken back by the router unless it is confirmed in two minutes
  netops.peerguard.config:
    src: loopback.j2
    confirm_timeout: 120
    backup: true

- name: A route in one virtual router, on JunOSe
  netops.peerguard.config:
    parents: virtual-router vrRed
    lines:
      - ip route 10.1.0.0 255.255.0.0 10.8.0.1

- name: AlliedWare has no sections
  netops.peerguard.config:
    lines:
      - set isakmp policy="hq" msgtimeout=2
"""

RETURN = r"""
commands:
  description: The lines that are missing, as they are typed, with secrets masked.
  returned: when lines could be compared
  type: list
  elements: str
  sample: ["interface GigabitEthernet0/3/8", " description to the lab", " quit"]
rollback:
  description: What would take them back.
  returned: when lines could be compared
  type: list
  elements: str
  sample: ["interface GigabitEthernet0/3/8", "  undo description", "  quit"]
diff:
  description: The sections that change, before and after, with secrets masked.
  returned: when lines could be compared
  type: dict
  sample: {"before": "interface Loopback0\n", "after": "interface Loopback0\n description x\n"}
already_absent:
  description: Negations that were not sent, because what they take away is not shown.
  returned: when there are any
  type: list
  elements: str
  sample: ["undo description"]
saved:
  description: Whether the running configuration was saved.
  returned: when not in check mode
  type: bool
  sample: true
backup_path:
  description: The file that the configuration was written to.
  returned: with O(backup)
  type: str
  sample: backup/pe1_config.2026-03-01@10:00:00
reverted:
  description: Whether it was proved that what the change touched is as it was before.
  returned: when a change failed
  type: bool
  sample: true
progress:
  description: Which lines of a change that failed were sent, and which were not.
  returned: when a change failed
  type: dict
  sample: {"sent": ["interface Loopback0"], "not_sent": []}
unmet:
  description: What the device did not show after it had accepted it.
  returned: when a change could not be proved
  type: list
  elements: dict
  sample: [{"item": "configuration", "expected": "description x", "seen": "not there", "kind": "unmet"}]
timings:
  description: Seconds by step.
  returned: when the device was reached
  type: dict
  sample: {"connect": 0.4, "read": 0.2, "push": 0.6}
"""
