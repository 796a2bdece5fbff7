#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lab
short_description: Start and stop mock devices, and make time pass and things break on them
version_added: 0.1.0
author:
  - netops.peerguard authors (@netops)
description:
  - Serves the devices of a lab file over SSH and Telnet on this machine, each on a port of its own.
  - Runs on the controller, whatever the host of the task is. It is enough to run it for one host (O(ignore:run_once)).
  - What is asked for in one task happens in this order - O(state), O(restore), O(faults), O(advance), O(save).
  - Labs listen on the loopback address only, unless O(listen) says otherwise.
options:
  file:
    description:
      - The lab file. A relative path starts at the playbook, or at the current directory when there is no such file, or
        when the playbook is one out of a collection.
    type: path
    required: true
  state:
    description:
      - With V(started), the lab runs afterwards. A lab that runs already is left alone.
      - With V(restarted), it runs afterwards with fresh devices, as the lab file describes them, on the ports it had.
      - With V(stopped), it does not run afterwards, and what was changed on its devices is lost.
      - With V(present), it is only reported, and asked for what the other options say.
    type: str
    choices: [present, started, stopped, restarted]
    default: started
  listen:
    description: The address on which the devices listen. Anybody who can reach it can log in with the lab's passwords.
    type: str
    default: 127.0.0.1
  restore:
    description: Bring all devices to the state in this file, which O(save) has written. Open sessions end.
    type: path
  faults:
    description: What should be wrong with devices, or no longer be.
    type: list
    elements: dict
    suboptions:
      device:
        description: The device's name in the lab file.
        type: str
        required: true
      kind:
        description: The kind of fault. Without it, O(faults[].state=absent) removes all faults of the device.
        type: str
        choices:
          - latency
          - drop_session
          - slow_chunks
          - refuse_login
          - lock_candidate
          - fail_commit
          - vty_full
          - garbage_after_banner
          - drop_ike
          - lose_phase1
          - reboot
      state:
        description: Whether the fault should be there. One that is there, and can still strike, is not added again.
        type: str
        choices: [present, absent]
        default: present
      times:
        description: How often it strikes. Without it, always.
        type: int
      seconds:
        description: Delay of each answer (V(latency)), or how long the device stays away (V(reboot)).
        type: float
      after:
        description:
          - Seconds of the lab's time until it begins to strike. Without it, at once.
          - With V(drop_session) and V(reboot) and no command named, it strikes at that moment, whatever is typed.
        type: float
      at_command:
        description: Strike at the nth command of a session (V(drop_session), V(latency), V(reboot)).
        type: int
      matching:
        description:
          - Strike at a command that this regular expression is found in (V(drop_session), V(latency), V(reboot)).
        type: str
      when:
        description: Strike before or after that command is carried out (V(drop_session), V(reboot)).
        type: str
        choices: [before, after]
      size:
        description: Characters per piece of output (V(slow_chunks)).
        type: int
      pause:
        description: Seconds between two pieces (V(slow_chunks)).
        type: float
      holder:
        description: Who holds the lock (V(lock_candidate)).
        type: str
      text:
        description: What the device says (V(fail_commit), V(garbage_after_banner)).
        type: str
      peer:
        description: The peer, by name or address, that it forgets (V(lose_phase1)). Without it, all peers.
        type: str
      phase2:
        description: Whether it forgets its IPsec SAs too (V(lose_phase1)).
        type: bool
  advance:
    description: How much time passes, for instance V(90s) or V(1h30m). Only in a lab with C(clock=manual).
    type: str
  save:
    description:
      - Write the state of all devices to this file, with mode 0600.
      - Configurations are in it as the devices have them, with their secrets.
    type: path
  wait:
    description: Seconds to wait for the lab to start or to end.
    type: int
    default: 60
  outlive:
    description:
      - Whether a lab that is started goes on after the C(ansible-playbook) that started it, until it is stopped.
      - With V(false), it stops by itself when that process has ended, however that came about.
    type: bool
    default: true
requirements:
  - asyncssh
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying anything.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
  idempotent:
    description: A second run changes nothing, but O(advance) lets more time pass, and O(save) writes its file again.
    support: partial
seealso:
  - plugin: netops.peerguard.lab
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Start a lab
  netops.peerguard.lab:
    file: two.lab.yml
  run_once: true

- name: Learn the ports that its devices have got
  ansible.builtin.meta: refresh_inventory

- name: Let the next session to pe1 break off at its fifth command, and forget about whatever is wrong with pe2
  netops.peerguard.lab:
    file: two.lab.yml
    state: present
    faults:
      - device: pe1
        kind: drop_session
        at_command: 5
        times: 1
      - device: pe2
        state: absent

- name: Let lifetimes expire
  netops.peerguard.lab:
    file: two.lab.yml
    state: present
    advance: 30m

- name: Stop the lab
  netops.peerguard.lab:
    file: two.lab.yml
    state: stopped
"""

RETURN = r"""
lab:
  description: The lab after the task. In check mode, as it is now.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the lab.
      returned: always
      type: str
      sample: two
    running:
      description: Whether it runs.
      returned: always
      type: bool
      sample: true
    state_dir:
      description: Where it keeps its files.
      returned: always
      type: str
      sample: /run/user/1000/peerguard-lab-1000/two
    devices:
      description: Devices by name, each with C(platform), C(hostname), C(user), C(ports), C(sessions) and C(faults).
      returned: always
      type: dict
      sample:
        pe1:
          platform: huawei_vrp
          hostname: pe1
          user: netops
          ports:
            ssh: 40181
          sessions: 0
          faults: []
    reach:
      description: For each device, command lines to paste into a shell, one per transport.
      returned: always
      type: dict
      sample:
        pe1:
          - ssh -o UserKnownHostsFile=/run/user/1000/peerguard-lab-1000/two/known_hosts -p 40181 netops@127.0.0.1
    passwords:
      description: Where the passwords are, in words. Only the one that labs have without further ado is told.
      returned: always
      type: str
      sample: "Password: lab-pass"
    clock:
      description: The C(kind) of the lab's clock and its C(now), in seconds since 1970.
      returned: when the lab runs
      type: dict
      sample:
        kind: manual
        now: 1936516800.0
    pid:
      description: The process that serves the lab.
      returned: when the lab runs and listens on the network
      type: int
      sample: 8034
    listen:
      description: The address on which the devices listen.
      returned: when the lab runs and listens on the network
      type: str
      sample: 127.0.0.1
    known_hosts:
      description: A file with the host keys of all devices.
      returned: when the lab runs and listens on the network
      type: str
      sample: /run/user/1000/peerguard-lab-1000/two/known_hosts
    log:
      description: The lab's log.
      returned: when the lab runs and listens on the network
      type: str
      sample: /run/user/1000/peerguard-lab-1000/two/lab.log
    outdated:
      description: Whether the lab file has changed since the lab was started.
      returned: when the lab runs and listens on the network
      type: bool
      sample: false
"""
