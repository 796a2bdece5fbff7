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
requirements:
  - netmiko >= 4.8 on the controller
options:
  host:
    description: Name or address of the device.
    default: inventory_hostname
    type: str
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_ssh_host
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
  remote_user:
    description: Name to log in with.
    type: str
    ini:
      - section: defaults
        key: remote_user
    env:
      - name: ANSIBLE_REMOTE_USER
    vars:
      - name: ansible_user
      - name: ansible_ssh_user
    cli:
      - name: user
    keyword:
      - name: remote_user
  password:
    description: Password of the user.
    type: str
    vars:
      - name: ansible_password
      - name: ansible_ssh_pass
      - name: ansible_ssh_password
  become_password:
    description: Password for the privileged mode, on systems that have one (enable).
    type: str
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
  network_os:
    description: The platform, for example C(netops.peerguard.huawei_vrp).
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
  private_key_file:
    description: SSH private key to log in with.
    type: path
    ini:
      - section: defaults
        key: private_key_file
    env:
      - name: ANSIBLE_PRIVATE_KEY_FILE
    vars:
      - name: ansible_private_key_file
      - name: ansible_ssh_private_key_file
    cli:
      - name: private_key_file
        option: --private-key
  private_key_passphrase:
    description: Passphrase of the private key.
    type: str
    vars:
      - name: ansible_private_key_passphrase
      - name: ansible_ssh_private_key_passphrase
  use_agent:
    description: Whether keys of a running SSH agent may be used when no password is given.
    type: bool
    default: true
    vars:
      - name: ansible_netmiko_use_agent
  host_key_checking:
    description: Whether an unknown host key ends the task before anything is sent.
    type: bool
    default: true
    ini:
      - section: defaults
        key: host_key_checking
    env:
      - name: ANSIBLE_HOST_KEY_CHECKING
      - name: ANSIBLE_SSH_HOST_KEY_CHECKING
    vars:
      - name: ansible_host_key_checking
      - name: ansible_ssh_host_key_checking
  known_hosts_file:
    description: File with known host keys; the user's own unless given.
    type: path
    vars:
      - name: ansible_netmiko_known_hosts_file
  ssh_config_file:
    description:
      - OpenSSH client configuration to read (host names, users, ports, C(ProxyJump), C(ProxyCommand)).
    type: path
    vars:
      - name: ansible_netmiko_ssh_config_file
  timeout:
    description: Seconds to wait for the connection to open.
    type: int
    default: 10
    ini:
      - section: defaults
        key: timeout
    env:
      - name: ANSIBLE_TIMEOUT
    vars:
      - name: ansible_connect_timeout
      - name: ansible_ssh_timeout
    cli:
      - name: timeout
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

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import Login, connect
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.connection import SessionConnection
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import Channel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook


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
            options=option("netmiko_options"),
        )


def _plain(value: t.Any) -> str | None:
    """Ansible marks values with tags; libraries want plain strings."""
    return None if value is None else str.__str__(str(value))
