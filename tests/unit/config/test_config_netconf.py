# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Native lines are for the CLI: over NETCONF there is one sentence, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from netconf_bench import session
from netconfd_server import CISCO, CISCO_STARTUP, HUAWEI, Netconfd, huawei_startup, netconfd

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.configuration import (
    TextFeature,
    TextRunner,
    judge,
)

__all__ = ["netconfd"]

SERVERS = {
    "cisco_iosxe": (CISCO, CISCO_STARTUP, "interface Loopback0"),
    "huawei_vrp": (HUAWEI, huawei_startup("GigabitEthernet0/1/0"), "interface GigabitEthernet0/1/0"),
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("name", SERVERS)
def test_over_netconf_there_is_one_sentence(
    name: str, check: bool, netconfd: Callable[..., Netconfd], tmp_path: Path
) -> None:
    modules, startup, section = SERVERS[name]
    server = netconfd(modules, startup=startup)
    before = server.running()
    platform = registry.platform(name)
    args: dict[str, Any] = {"parents": section, "lines": ["description x"], "backup": True, "save_when": "always"}
    runner = TextRunner(
        TextFeature(platform.name, platform.text, platform.session.show_running, platform.secrets),
        judge(platform.text, args, tmp_path),
        lambda book: session(server, name, book=book),
        host="r1",
        check_mode=check,
        base_folder=tmp_path,
        native_secrets=platform.secrets,
    )
    told = runner.run(args)
    assert told["failed"]
    assert not told["changed"]
    assert told["msg"] == "r1: config sends lines of the CLI; set ansible_connection to netops.peerguard.netmiko"
    assert {"commands", "saved", "backup_path"}.isdisjoint(told)
    assert told["warnings"] == []
    assert server.running() == before
    assert not list(tmp_path.iterdir())
