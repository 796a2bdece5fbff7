# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: peering_config
short_description: One host's part of an intent, as config of the resource modules
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Compiles an intent and gives one host's part, merged over all its peerings, for use without
    M(netops.peerguard.guard).
  - The result holds keys in clear. Set C(no_log) where it could be printed.
positional: host, feature
options:
  _input:
    description: The peerings, as a list, or as a dictionary with that list under C(peerings).
    type: raw
    required: true
  host:
    description: Inventory name of the host.
    type: str
    required: true
  feature:
    description: Name of a resource module. Left out, the result is a dictionary of all modules that the host needs.
    type: str
seealso:
  - plugin: netops.peerguard.lint
    plugin_type: module
"""

EXAMPLES = r"""
- name: Configure this end only
  netops.peerguard.huawei_rsvp_auth:
    config: "{{ peerings | netops.peerguard.peering_config(inventory_hostname, 'huawei_rsvp_auth') }}"
  when: "'huawei_rsvp_auth' in peerings | netops.peerguard.peering_config(inventory_hostname)"
"""

RETURN = r"""
_value:
  description:
    - The C(config) of the module; V(none) if no peering needs that module on the host.
    - Without O(feature), a dictionary of module names and their C(config), empty if no peering needs the host.
  type: raw
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.plain import plain
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput


def peering_config(intent: t.Any, host: str, feature: str | None = None) -> t.Any:
    """One host's configs, or its config of one feature. Raises AnsibleFilterError, never with a secret in its text."""
    # Compiling needs the features and what they are made of; not every template that is rendered needs them.
    from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
    from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.compile import for_host, revealed
    from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent

    if feature is not None and feature not in registry.features():
        raise AnsibleFilterError(
            f"peering_config: {feature} is not a resource module; they are {', '.join(registry.features())}."
        )
    try:
        configs = revealed(for_host(load_intent(plain(intent)), str(host)))
    except InvalidInput as problem:
        raise AnsibleFilterError(f"peering_config: {problem}") from None
    return configs if feature is None else configs.get(feature)


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"peering_config": peering_config}
