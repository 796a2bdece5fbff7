# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: lab
short_description: A mock lab file as an inventory
version_added: 0.1.0
author:
  - netops.peerguard authors (@netops)
description:
  - Reads the YAML file that describes a mock lab and offers its devices as hosts, with all it takes to reach them.
  - Devices are in the groups of the lab file and in a group named after their platform.
  - Where no port is given in the file, a device gets any free one when the lab starts. Refresh the inventory then, with
    C(ansible.builtin.meta=refresh_inventory).
notes:
  - The file name must end in C(lab.yml) or C(lab.yaml).
seealso:
  - module: netops.peerguard.lab
options:
  plugin:
    description: Marks the file as a lab.
    type: string
    required: true
    choices: [netops.peerguard.lab]
  name:
    description: Name of the lab. Labs with different names run side by side.
    type: string
    required: true
  clock:
    description:
      - How time passes. V(real), V(manual) (only when M(netops.peerguard.lab) says so), or a mapping with C(speed).
    type: raw
    default: real
  connection:
    description: How Ansible reaches the devices. With V(mock) nothing listens on the network.
    type: string
    choices: [netmiko, mock]
    default: netmiko
  defaults:
    description: What applies to all devices that do not say otherwise. The keys are those of a device.
    type: dict
    default: {}
  devices:
    description:
      - Devices by name. Keys of each are C(platform), C(os_version), C(model), C(hostname), C(username), C(password),
        C(enable_password), C(groups), C(vars), C(transports), C(port), C(config) or C(config_file), C(options) and
        C(faults).
      - C(transports) is a list out of C(ssh), C(telnet) and C(netconf), each on a port of its own; the first one gets
        C(port). C(netconf) is for C(huawei_vrp) and C(cisco_iosxe); its port is the variable C(ansible_netconf_port).
      - The option C(authorized_keys) of a device is a list of OpenSSH public keys, or a file with such keys.
    type: dict
    required: true
  links:
    description: Cables, as pairs of C(device:interface).
    type: list
    elements: list
    default: []
"""

EXAMPLES = r"""
# two.lab.yml
plugin: netops.peerguard.lab
name: two
defaults:
  platform: huawei_vrp
  username: netops
  password: lab-pass
  groups: [core]
devices:
  pe1:
    config_file: pe1.cfg
  pe2:
    config_file: pe2.cfg
    transports: [ssh, telnet]
links:
  - ["pe1:GigabitEthernet0/3/0", "pe2:GigabitEthernet0/3/0"]
"""

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import (
    DeviceSpec,
    LabError,
    LabFile,
    parse_lab,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.state import LabState, StateDir

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a lab listens on, and where to reach it then


class InventoryModule(BaseInventoryPlugin):
    """Devices of a lab as hosts."""

    NAME = "netops.peerguard.lab"

    def verify_file(self, path: str) -> bool:
        """Whether this could be a lab file, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("lab.yml", "lab.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the devices of the file to the inventory."""
        super().parse(inventory, loader, path, cache)
        # Ansible's loader, not the lab's own: it knows vaults, and which texts may be templates
        data = loader.load_from_file(path, cache="none")
        if not isinstance(data, dict) or data.get("plugin") != self.NAME:
            raise AnsibleParserError(f"{path} does not say 'plugin: {self.NAME}'")
        file = Path(path).absolute()
        try:
            lab = parse_lab(data, file.parent)
            directory = StateDir(lab.name)
        except LabError as error:
            raise AnsibleParserError(f"{path}: {error}") from error
        state = directory.running() if lab.connection != "mock" else None
        for spec in lab.devices.values():
            self.inventory.add_host(spec.name)
            for group in [*spec.groups, spec.platform]:
                self.inventory.add_child(self.inventory.add_group(to_safe_group_name(group)), spec.name)
            found = _mock(spec) if lab.connection == "mock" else _served(spec, state, directory)
            for name, value in (_common(spec, lab, file) | found | spec.vars).items():
                self.inventory.set_variable(spec.name, name, value)


def _common(spec: DeviceSpec, lab: LabFile, file: Path) -> dict[str, Any]:
    found = {
        "ansible_user": wrap_var(spec.username),  # a password with braces is a password, not a template
        "ansible_password": wrap_var(spec.password),
        "ansible_network_os": f"netops.peerguard.{spec.platform}",
        "peerguard_lab_file": str(file),
        "peerguard_lab_name": lab.name,
    }
    if spec.enable_password:
        found["ansible_become_password"] = wrap_var(spec.enable_password)
    return found


def _mock(spec: DeviceSpec) -> dict[str, Any]:
    return {"ansible_connection": "netops.peerguard.mock", "ansible_host": spec.name}


def _served(spec: DeviceSpec, state: LabState | None, directory: StateDir) -> dict[str, Any]:
    transport = next(name for name in ("ssh", "netconf", "telnet") if name in spec.transports)
    listen = state.listen if state is not None else "127.0.0.1"
    found: dict[str, Any] = {
        "ansible_connection": f"netops.peerguard.{'netconf' if transport == 'netconf' else 'netmiko'}",
        "ansible_host": _ANY_ADDRESS.get(listen, listen),
    }
    ports = state.devices[spec.name].ports if state is not None and spec.name in state.devices else {}
    first = {spec.transports[0]: spec.port} if spec.port else {}
    for name, variable in ((transport, "ansible_port"), ("netconf", "ansible_netconf_port")):
        port = ports.get(name, first.get(name))
        if port and not (name == "netconf" and variable == "ansible_port"):
            found[variable] = port
    if transport == "telnet":
        found["ansible_netmiko_transport"] = "telnet"
    else:
        found["ansible_netmiko_known_hosts_file"] = str(directory.known_hosts_of(spec.name))
    return found
