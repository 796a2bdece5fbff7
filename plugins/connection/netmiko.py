# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: netmiko
author: netops.peerguard authors (@netops)
short_description: Talk to a network device through netmiko
description:
  - Opens one SSH or Telnet session per task with netmiko, inside the task's own worker process.
  - There is no persistent connection process; a module does all its work in one session.
version_added: 0.1.0
extends_documentation_fragment:
  - netops.peerguard.login
requirements:
  - netmiko >= 4.8 on the controller
options:
  port:
    description: TCP port; 22 for SSH and 23 for Telnet unless given.
    type: int
    ini:
      - section: defaults
        key: remote_port
    env:
      - name: ANSIBLE_REMOTE_PORT
    vars:
      - name: ansible_port
      - name: ansible_ssh_port
    keyword:
      - name: port
  become_password:
    description: Password for the privileged mode, on systems that have one (enable).
    type: str
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
  network_os:
    description:
      - The platform, for example C(netops.peerguard.huawei_vrp).
      - Without it the platform is found out in the session itself, from the prompt and one or two harmless show
        commands. The task fails, and nothing is sent, where the answer is not certain.
    type: str
    vars:
      - name: ansible_network_os
  transport_protocol:
    description: How to reach the device.
    type: str
    choices: [ssh, telnet]
    default: ssh
    vars:
      - name: ansible_netmiko_transport
  use_agent:
    description: Whether keys of a running SSH agent may be used when no password is given.
    type: bool
    default: true
    vars:
      - name: ansible_netmiko_use_agent
  known_hosts_file:
    description:
      - File with known host keys; the user's own unless given.
      - Names, patterns, hashed names and C(@revoked) count as with OpenSSH; C(@cert-authority) is not used.
    type: path
    vars:
      - name: ansible_netmiko_known_hosts_file
  ssh_config_file:
    description:
      - OpenSSH client configuration to read (host names, users, ports, C(ProxyJump), C(ProxyCommand)).
    type: path
    vars:
      - name: ansible_netmiko_ssh_config_file
  command_timeout:
    description: Seconds to wait for the answer to one command.
    type: int
    default: 30
    ini:
      - section: persistent_connection
        key: command_timeout
    env:
      - name: ANSIBLE_PERSISTENT_COMMAND_TIMEOUT
    vars:
      - name: ansible_command_timeout
  type_ahead:
    description:
      - Whether several show commands, and lines of a candidate configuration, may be sent in one go where the platform
        takes that; each answer is still tied to its line.
      - Turn it off for a device, or a terminal server before it, that loses what is typed before it has answered.
    type: bool
    default: true
    vars:
      - name: ansible_netmiko_type_ahead
  session_log:
    description: File that the conversation is appended to, with secrets masked.
    type: path
    vars:
      - name: ansible_netmiko_session_log
  netmiko_options:
    description: Further keyword arguments of netmiko's C(ConnectHandler).
    type: dict
    default: {}
    vars:
      - name: ansible_netmiko_options
"""

import typing as t

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import Login, connect
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.connection import SessionConnection
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import Channel, FreshChannel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.unknown import driver


class Connection(SessionConnection):
    """One netmiko session per task."""

    transport = "netops.peerguard.netmiko"

    def open_channel(self, book: SecretBook) -> Channel:
        """Log in and return the conversation. Raises a ChannelError with the reason."""
        platform = self.platform()
        protocol = self.get_option("transport_protocol")
        if protocol not in platform.drivers:
            raise AnsibleConnectionFailure(f"{platform.title} is not reached over {protocol}.")
        suffix = "_telnet" if protocol == "telnet" else ""
        return connect(
            platform.drivers[protocol], f"{platform.name}{suffix}", self._login(protocol), book, platform.secrets
        )

    def open_unknown(self, book: SecretBook) -> FreshChannel:
        """Log in to whatever it is. Raises a ChannelError with the reason."""
        known = [registry.platform(name) for name in registry.platforms()]
        protocol = self.get_option("transport_protocol")
        device_type = "unknown_telnet" if protocol == "telnet" else "unknown"
        patterns = tuple(pattern for platform in known for pattern in platform.secrets)
        return connect(driver(known), device_type, self._login(protocol), book, patterns)

    def _login(self, protocol: str) -> Login:
        option: t.Callable[[str], t.Any] = self.get_option
        return Login(
            host=option("host"),
            port=option("port") or {"ssh": 22, "telnet": 23}[protocol],
            username=option("remote_user") or "",
            password=_plain(option("password")),
            enable_password=self.enable_password(),
            private_key_file=option("private_key_file"),
            private_key_passphrase=_plain(option("private_key_passphrase")),
            use_agent=option("use_agent"),
            host_key_checking=option("host_key_checking"),
            known_hosts_file=option("known_hosts_file"),
            ssh_config_file=option("ssh_config_file"),
            connect_timeout=option("timeout"),
            command_timeout=option("command_timeout"),
            session_log=option("session_log"),
            type_ahead=option("type_ahead"),
            options=option("netmiko_options"),
        )


def _plain(value: t.Any) -> str | None:
    """Ansible marks values with tags; libraries want plain strings."""
    return None if value is None else str.__str__(str(value))
