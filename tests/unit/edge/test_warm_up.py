# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible's parent process imports with an action: all that every worker would, and no more."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from harness import link_source_tree

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import warm

CODE = """
import sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([{tree!r}])
import ansible_collections.netops.peerguard.plugins.action.{action}
print(*[name for name in ("netmiko", "lxml", "ncclient") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("guard", "netmiko"),  # one worker reaches all hosts: it imports the rest when it meets NETCONF
        ("lint", "netmiko"),
        ("h3c_ike_keepalive", "netmiko"),  # no NETCONF there
        ("huawei_rsvp_auth", "netmiko lxml"),  # a worker for each host
        ("facts", "netmiko lxml"),
    ],
)
def test_xml_is_loaded_where_many_workers_may_need_it(action: str, wanted: str) -> None:
    code = CODE.format(tree=str(link_source_tree()), action=action)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == wanted.split(), done.stderr


@pytest.mark.parametrize("platform", registry.platforms())
def test_a_rehearsed_login_waits_for_nothing(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    warm(registry.platform(platform).drivers.values())
    assert pauses == []
