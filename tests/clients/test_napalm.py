# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NAPALM's ios driver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lab_fixtures import LabHandle

napalm = pytest.importorskip("napalm")
pytestmark = pytest.mark.lab


@pytest.fixture
def ios(lab: LabHandle) -> Iterator[Any]:
    spec = lab.lab.file.devices["xe1"]
    options = {"port": lab.port("xe1"), "secret": spec.enable_password}
    driver = napalm.get_network_driver("ios")("127.0.0.1", spec.username, spec.password, optional_args=options)
    driver.open()
    yield driver
    driver.close()


def test_get_facts(ios: Any) -> None:
    facts = ios.get_facts()
    assert facts["hostname"] == "XE1"
    assert facts["fqdn"] == "XE1.lab.example"
    assert facts["vendor"] == "Cisco"
    assert facts["model"] == "C8500-12X"
    assert "17.9.4a" in facts["os_version"]
    assert facts["serial_number"].startswith("FLX")
    assert facts["interface_list"] == ["GigabitEthernet0/0/0", "Loopback0"]


def test_config_interfaces_and_cli(ios: Any) -> None:
    texts = ios.get_config()
    assert "router lisp" in texts["running"]
    assert "hostname XE1" in texts["startup"]
    assert ios.get_interfaces()["GigabitEthernet0/0/0"]["description"] == "to the provider"
    assert ios.cli(["show privilege"])["show privilege"] == "Current privilege level is 15"
    assert ios.is_alive() == {"is_alive": True}


@pytest.fixture
def inline(lab: LabHandle) -> Iterator[Any]:
    """Files go over the terminal. The other way, SCP, is not served by the lab."""
    spec = lab.lab.file.devices["xe1"]
    options = {"port": lab.port("xe1"), "secret": spec.enable_password, "inline_transfer": True}
    driver = napalm.get_network_driver("ios")("127.0.0.1", spec.username, spec.password, optional_args=options)
    driver.open()
    yield driver
    driver.close()


def test_merge_compare_commit_and_roll_back(inline: Any) -> None:
    inline.load_merge_candidate(config="interface Loopback55\n description from napalm\nend\n")
    diff = inline.compare_config()
    assert "interface Loopback55" in diff
    assert "description from napalm" in diff
    inline.commit_config()
    assert inline.get_interfaces()["Loopback55"]["description"] == "from napalm"
    inline.rollback()
    assert "Loopback55" not in inline.get_interfaces()


def test_discard(inline: Any) -> None:
    inline.load_merge_candidate(config="interface Loopback56\nend\n")
    inline.discard_config()
    assert inline.compare_config() == ""
    assert "Loopback56" not in inline.get_interfaces()
