#!/usr/bin/python
# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: facts
short_description: Facts about a network device and its guarded peers
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Reads what the device is, and what it holds and shows of the features of this collection.
extends_documentation_fragment:
  - netops.peerguard.resource.facts
options:
  gather_subset:
    description:
      - V(min) for the device itself, V(config) for its running configuration (secrets masked), V(all) for both.
      - With C(!) before it a subset is left out. V(min) is always read unless it is left out by name.
    type: list
    elements: str
    default: [min]
  gather_network_resources:
    description:
      - Features whose configuration is read, by module name, for example V(huawei_rsvp_auth); V(all) for those of the
        device's platform.
    type: list
    elements: str
  observe:
    description: Whether to read the show commands of these features too.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: What is it, and how are its RSVP neighbours?
  netops.peerguard.facts:
    gather_network_resources: [all]

- name: Show the release
  ansible.builtin.debug:
    var: ansible_facts.net_version
"""

RETURN = r"""
ansible_facts:
  description: The facts.
  returned: always
  type: dict
  contains:
    ansible_net_hostname:
      description: The device's name.
      returned: always
      type: str
      sample: PE1
    ansible_net_version:
      description: Software version.
      returned: always
      type: str
      sample: 8.200 (NE40E V800R012C10SPC300)
    ansible_net_model:
      description: Hardware model.
      returned: when shown
      type: str
      sample: NE40E-X8A
    ansible_net_serialnum:
      description: Serial number.
      returned: when shown (Cisco IOS XE, AlliedWare)
      type: str
      sample: FLX398908B
    ansible_net_image:
      description: The software image that the device has started.
      returned: when shown (Cisco IOS XE, Comware V7, JunOSe)
      type: str
      sample: bootflash:packages.conf
    ansible_net_patch:
      description: Patch version.
      returned: when shown (Huawei VRP)
      type: str
      sample: V800R012SPH021
    ansible_net_slots:
      description: The type of the module in each slot.
      returned: when shown (JunOSe)
      type: dict
      sample: {"2": "ISM"}
    ansible_net_api:
      description: What the facts were read over, C(cliconf) or C(netconf).
      returned: always
      type: str
      sample: cliconf
    ansible_net_gather_subset:
      description: The subsets that were gathered.
      returned: always
      type: list
      elements: str
      sample: [min]
    ansible_net_gather_network_resources:
      description: The features whose configuration was read.
      returned: with O(gather_network_resources)
      type: list
      elements: str
      sample: [huawei_rsvp_auth]
    ansible_net_system:
      description: The platform, also where C(ansible_network_os) is not set and it was found out.
      returned: always
      type: str
      sample: huawei_vrp
    ansible_net_config:
      description: Running configuration, secrets masked.
      returned: with the subset V(config)
      type: str
      sample: "#\nsysname PE1\n"
    ansible_network_resources:
      description: Configuration by feature, secrets masked.
      returned: with O(gather_network_resources)
      type: dict
      sample: {"huawei_rsvp_auth": {"timers": {"refresh": 45}}}
    peerguard_observed:
      description: What the show commands said, by feature.
      returned: with O(gather_network_resources) and O(observe)
      type: dict
      sample: {"huawei_rsvp_auth": {"statistics": {"send_challenge": 1}}}
"""
