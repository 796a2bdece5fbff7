# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The netmiko carrier itself, over real SSH: whose socket it uses, and what it leaves behind."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import netmiko
import pytest
from huawei_labs import pair
from lab_fixtures import LabHandle

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import Login, NetmikoChannel, connect
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook

pytestmark = pytest.mark.lab

Start = Callable[..., LabHandle]
DRIVER = netmiko.huawei.HuaweiVrpv8SSH


@pytest.fixture
def login(start_lab: Start) -> Login:
    lab = start_lab(pair())
    spec = lab.lab.file.devices["pe1"]
    known = str(lab.known_hosts("pe1"))
    return Login("127.0.0.1", lab.port("pe1"), spec.username, spec.password, known_hosts_file=known)


def opened(login: Login) -> NetmikoChannel:
    return connect(DRIVER, "huawei_vrpv8", login, SecretBook())


@pytest.fixture
def own(login: Login) -> Iterator[socket.socket]:
    """A connection that the user has made: through a tunnel, from a certain address."""
    with socket.create_connection((login.host, login.port), timeout=5) as made:
        yield made


def test_a_socket_of_the_users_own_is_used(login: Login, own: socket.socket) -> None:
    channel = opened(replace(login, options={"sock": own}))
    try:
        transport: Any = channel.connection.remote_conn.get_transport()
        assert transport.sock is own
    finally:
        channel.close()


def test_an_inventory_may_leave_the_way_to_netmiko(login: Login) -> None:
    """`sock: null` among the options: no connection of ours stands beside netmiko's own."""
    channel = opened(replace(login, options={"sock": None}))
    try:
        assert channel.connection.sock is None
        assert channel.connection.is_alive()
    finally:
        channel.close()


def test_closed_connections_leave_nothing_on_netmikos_logger(login: Login) -> None:
    """A filter knows the secrets of its connection; a run over many devices would gather them all."""
    before = list(netmiko.log.filters)
    for _round in range(3):
        channel = opened(login)
        assert len(netmiko.log.filters) == len(before) + 1
        channel.close()
    assert netmiko.log.filters == before


def test_a_refused_login_leaves_nothing_there_either(login: Login) -> None:
    before = list(netmiko.log.filters)
    with pytest.raises(LoginRefused, match="refused the login of user"):
        opened(replace(login, password="wrong-Password-1"))
    assert netmiko.log.filters == before
