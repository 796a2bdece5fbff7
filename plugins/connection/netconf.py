# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: netconf
author: netops.peerguard authors (@netops)
short_description: Configure a network device over NETCONF
description:
  - Opens one NETCONF session per task with ncclient, inside the task's own worker process.
  - For Huawei VRP and Cisco IOS XE, and there for M(netops.peerguard.huawei_rsvp_auth),
    M(netops.peerguard.cisco_tcp_key_chain), M(netops.peerguard.cisco_lisp_tcp_ao), M(netops.peerguard.guard) and
    M(netops.peerguard.facts).
  - Show commands are sent to a CLI session beside it, which is opened over SSH when it is first needed.
version_added: 0.1.0
extends_documentation_fragment:
  - netops.peerguard.login
requirements:
  - ncclient >= 0.7.0 on the controller
  - netmiko >= 4.8 on the controller, for the CLI beside it
options:
  port:
    description: TCP port of the NETCONF server.
    type: int
    default: 830
    vars:
      - name: ansible_netconf_port
  cli:
    description:
      - Whether a CLI session may be opened beside the NETCONF session, for what only show commands tell.
      - With V(never), a task that asks for O(netops.peerguard.cisco_lisp_tcp_ao#module:verify) is refused before
        anything is sent, because nothing in the YANG models could prove its success.
    type: str
    choices: [auto, never]
    default: auto
    vars:
      - name: ansible_netconf_cli
  cli_port:
    description:
      - TCP port of the CLI over SSH.
      - A port that is the NETCONF port too counts as not given.
    type: int
    default: 22
    vars:
      - name: ansible_netconf_cli_port
      - name: ansible_port
      - name: ansible_ssh_port
  become_password:
    description: Password for the privileged mode of the CLI, on systems that have one (enable).
    type: str
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
  network_os:
    description: The platform, C(netops.peerguard.huawei_vrp) or C(netops.peerguard.cisco_iosxe).
    type: str
    vars:
      - name: ansible_network_os
  use_agent:
    description: Whether keys of a running SSH agent may be used when no password is given.
    type: bool
    default: true
    vars:
      - name: ansible_netconf_use_agent
      - name: ansible_netmiko_use_agent
  known_hosts_file:
    description:
      - File with known host keys, the only one that is trusted; the user's own unless given.
      - Names, patterns, hashed names and C(@revoked) count as with OpenSSH; C(@cert-authority) is not used.
    type: path
    vars:
      - name: ansible_netconf_known_hosts_file
      - name: ansible_netmiko_known_hosts_file
  ssh_config_file:
    description:
      - OpenSSH client configuration to read (host names, users, keys, C(ProxyJump), C(ProxyCommand)).
    type: path
    vars:
      - name: ansible_netconf_ssh_config_file
      - name: ansible_netmiko_ssh_config_file
  command_timeout:
    description: Seconds to wait for the answer to one operation or command; two minutes for a commit and for saving.
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
    description: File that the messages are appended to, with secrets masked.
    type: path
    vars:
      - name: ansible_netconf_session_log
  ncclient_options:
    description: Further keyword arguments of ncclient's C(SSHSession.connect).
    type: dict
    default: {}
    vars:
      - name: ansible_netconf_options
"""

import typing as t

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers import ncclient, netmiko
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.connection import SessionConnection
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.plain import plain
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import Channel
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.netconf import NetconfSession

CLI_PORT = 22


class Connection(SessionConnection):
    """One NETCONF session per task, and a CLI session beside it where it is needed."""

    transport = "netops.peerguard.netconf"

    def open_session(self, book: SecretBook) -> Session:
        """Log in over NETCONF. Raises a ChannelError with the reason."""
        platform = self.platform()
        if platform.netconf is None:
            raise AnsibleConnectionFailure(
                f"{platform.title} is not reached over NETCONF; set ansible_connection to netops.peerguard.netmiko."
            )
        login = self._login(
            self.get_option("port"), self.get_option("session_log"), self.get_option("ncclient_options")
        )
        channel = ncclient.connect(login, platform.netconf.handler, book, platform.secrets)
        return NetconfSession(channel, book, platform.netconf, None if self._alone() else self._open_cli)

    def _alone(self) -> bool:
        return bool(self.get_option("cli") == "never")

    def _open_cli(self, book: SecretBook) -> Session:
        return self.platform().session(self.open_channel(book), book)

    def open_channel(self, book: SecretBook) -> Channel:
        """Log in to the CLI beside. Raises a ChannelError with the reason."""
        platform, port = self.platform(), self.get_option("cli_port")
        login = self._login(CLI_PORT if port == self.get_option("port") else port)
        return netmiko.connect(platform.drivers["ssh"], platform.name, login, book, platform.secrets)

    def _login(
        self, port: int, session_log: str | None = None, options: dict[str, t.Any] | None = None
    ) -> netmiko.Login:
        given = {name: plain(self.get_option(name)) for name in _LOGIN}
        return netmiko.Login(
            port=port,
            username=plain(self.get_option("remote_user")) or "",
            enable_password=self.enable_password(),
            connect_timeout=self.get_option("timeout"),
            session_log=plain(session_log),
            options=plain(options or {}),
            **given,
        )


_LOGIN = (
    "host",
    "password",
    "private_key_file",
    "private_key_passphrase",
    "use_agent",
    "host_key_checking",
    "known_hosts_file",
    "ssh_config_file",
    "command_timeout",
)
"""Options that a login has under the same name."""
