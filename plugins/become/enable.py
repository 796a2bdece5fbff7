# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: enable
author: netops.peerguard authors (@netops)
short_description: Enter the privileged mode of a network device
description:
  - For inventories that say C(ansible_become=true). The sessions of this collection enter the privileged mode by
    themselves where a login ends in user mode; this plugin carries the password to them, C(--ask-become-pass) included.
  - With C(ansible_become_password) set and without C(ansible_become), it is not needed.
version_added: 0.1.0
options:
  become_pass:
    description: Password of the privileged mode.
    type: str
    ini:
      - section: enable_become_plugin
        key: password
    vars:
      - name: ansible_become_password
      - name: ansible_become_pass
      - name: ansible_enable_pass
    env:
      - name: ANSIBLE_BECOME_PASS
      - name: ANSIBLE_ENABLE_PASS
"""

from ansible.plugins.become import BecomeBase


class BecomeModule(BecomeBase):
    """Nothing is put in front of a command: the session has already entered the privileged mode."""

    name = "netops.peerguard.enable"

    def build_become_command(self, cmd: str, shell: object) -> str:
        """The command as it is."""
        super().build_become_command(cmd, shell)
        return cmd
