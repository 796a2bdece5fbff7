# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mock
short_description: Talk to the devices of a mock lab without a network
version_added: 0.1.0
author:
  - netops.peerguard authors (@netops)
description:
  - Runs the emulated devices of a lab file inside Ansible's own worker processes. Nothing listens anywhere.
  - What a task changes on a device is there for the next task, the next host and the next playbook, until the lab is
    stopped with M(netops.peerguard.lab).
  - All workers take turns on one file that holds the state of all devices, so this is meant for labs of some dozen
    devices. Serve larger labs over SSH.
options:
  lab_file:
    description: The lab file. The inventory plugin P(netops.peerguard.lab#inventory) sets it.
    type: path
    required: true
    vars:
      - name: peerguard_lab_file
  device:
    description: The name of the device in the lab file.
    type: string
    default: inventory_hostname
    vars:
      - name: inventory_hostname
  remote_user:
    description: User name. Without it, the one in the lab file.
    type: string
    vars:
      - name: ansible_user
      - name: ansible_ssh_user
    keyword:
      - name: remote_user
  password:
    description: Password. Without it, the one in the lab file.
    type: string
    vars:
      - name: ansible_password
      - name: ansible_ssh_password
      - name: ansible_ssh_pass
  become_password:
    description: Password for the privileged mode, on systems that have one (enable).
    type: string
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
  network_os:
    description:
      - The platform, for example C(netops.peerguard.huawei_vrp).
      - Without it the platform is found out from the prompt and one or two harmless show commands.
    type: string
    vars:
      - name: ansible_network_os
  command_timeout:
    description: Seconds to wait for the answer to a command.
    type: float
    default: 30
    ini:
      - section: persistent_connection
        key: command_timeout
    env:
      - name: ANSIBLE_PERSISTENT_COMMAND_TIMEOUT
    vars:
      - name: ansible_command_timeout
"""

from pathlib import Path

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import plain
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.connection import SessionConnection
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.mock import MockChannel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import Channel, FreshChannel, LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError, load_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.store import Store


class Connection(SessionConnection):
    """Devices of a lab file, in this process."""

    transport = "netops.peerguard.mock"

    def open_channel(self, book: SecretBook) -> Channel:
        """Log in and return the conversation. Raises a ChannelError with the reason."""
        return self.open_unknown(book)

    def open_unknown(self, book: SecretBook) -> FreshChannel:
        """The same, whatever the device runs."""
        device = plain(self.get_option("device"))
        try:
            lab = load_lab(Path(self.get_option("lab_file")))
            spec = lab.devices.get(device)
            user = plain(self.get_option("remote_user")) or (spec.username if spec else "")
            password = plain(self.get_option("password"))
            if password is None:
                password = spec.password if spec else ""
            timeout = float(self.get_option("command_timeout"))
            channel = MockChannel(Store(lab), device, user, password, timeout, book.scrub)
        except LabError as error:
            raise LoginRefused(str(error).rstrip(".")) from error
        enable = self.enable_password()
        channel.enable_password = Secret(enable) if enable else None
        return channel
