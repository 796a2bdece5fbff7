# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own drivers are known to netmiko like any other, once their platform is loaded."""

from __future__ import annotations

import netmiko
import pytest
from netmiko.ssh_dispatcher import CLASS_MAPPER, CLASS_MAPPER_BASE, telnet_platforms

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware import (
    netmiko_driver as allied,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose import netmiko_driver as junose
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.lean import LeanLogin
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.registration import register

DRIVERS = {
    "juniper_junose": (junose.JuniperJunoseSSH, junose.JuniperJunoseTelnet),
    "allied_telesis_alliedware": (allied.AlliedWareSSH, allied.AlliedWareTelnet),
}


@pytest.mark.parametrize("name", DRIVERS)
def test_registered_once(name: str) -> None:
    for platform in registry.platforms():
        registry.platform(platform)
    ssh, telnet = DRIVERS[name]
    register(name, ssh, telnet)
    assert [CLASS_MAPPER[name], CLASS_MAPPER[f"{name}_ssh"], CLASS_MAPPER[f"{name}_telnet"]] == [ssh, ssh, telnet]
    assert CLASS_MAPPER_BASE[name] is ssh
    for listed, names in (
        (netmiko.platforms, (name, f"{name}_ssh", f"{name}_telnet")),
        (telnet_platforms, (f"{name}_telnet",)),
    ):
        assert [listed.count(entry) for entry in names] == [1] * len(names)


@pytest.mark.parametrize("platform", registry.platforms())
def test_sessions_stop_at_the_first_prompt_and_check_host_keys_in_our_way(platform: str) -> None:
    assert all(issubclass(driver, LeanLogin) for driver in registry.platform(platform).drivers.values())
