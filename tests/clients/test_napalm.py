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
