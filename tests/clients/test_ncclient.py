# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ncclient, with the handlers that fit the lab's devices, over real SSH."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_fixtures import LabHandle
from netconf_labs import HANDSHAKE, IDS, MD5, START, binding, chain, in_config, interface, key, life, neighbor

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.labs import Lab

manager = pytest.importorskip("ncclient.manager")
from ncclient.operations.errors import MissingCapabilityError, TimeoutExpiredError  # noqa: E402
from ncclient.operations.rpc import RPCError  # noqa: E402
from ncclient.transport.errors import AuthenticationError, SSHUnknownHostError, TransportError  # noqa: E402

pytestmark = pytest.mark.lab

VRP = """
    platform: huawei_vrp
    config: |
      sysname PE1
      #
      mpls lsr-id 1.1.1.1
      #
      mpls
       mpls te
       mpls rsvp-te
      #
      interface GigabitEthernet0/1/0
       ip address 10.0.0.1 255.255.255.0
       mpls
       mpls te
       mpls rsvp-te
      #
"""
LAB = f"""
plugin: netops.peerguard.lab
name: ncclient
defaults: {{username: netops, password: Lab-Pass-1, transports: [ssh, netconf]}}
devices:
  vrp:{VRP}
  xe: {{platform: cisco_iosxe, config: "hostname XE"}}
  xec: {{platform: cisco_iosxe, config: "hostname XEC", options: {{netconf_candidate: true}}}}
"""
Connect = Callable[..., Any]


@pytest.fixture(scope="module")
def netconf_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabHandle]:
    """One lab for this file; each test leaves its devices as they were."""
    folder = tmp_path_factory.mktemp("ncclient")
    (folder / "run").mkdir(mode=0o700)
    path = folder / "ncclient.lab.yml"
    path.write_text(LAB)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        handle = LabHandle(path, Lab.load(path))
        handle.lab.start()
        yield handle
        handle.lab.stop()


@pytest.fixture
def connect(netconf_lab: LabHandle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """``connect(device, handler, **more)``; ended after the test, together with all faults."""
    monkeypatch.setattr("ncclient.transport.session.TICK", 0.005)
    opened: list[Any] = []

    def make(device: str, handler: str = "default", transport: str = "netconf", **more: Any) -> Any:
        arguments = {
            "host": "127.0.0.1",
            "port": netconf_lab.port(device, transport),
            "username": "netops",
            "password": "Lab-Pass-1",
            "hostkey_verify": False,
            "look_for_keys": False,
            "allow_agent": False,
            "timeout": 30,
            "device_params": {"name": handler},
        }
        session = manager.connect(**arguments | more)
        opened.append(session)
        return session

    yield make
    for session in opened:
        if session.connected:
            session.timeout = 2
            with contextlib.suppress(Exception):
                session.close_session()
    for device in netconf_lab.lab.file.devices:
        netconf_lab.heal(device)


PAYLOADS = {
    "vrp": (interface(MD5 + HANDSHAKE), interface("", operation="remove"), "window-size>32<"),
    "xec": (chain(key(more=life(START, "<infinite/>") + IDS)), chain(tcp="", operation="remove"), "S3cretKey"),
}


@pytest.mark.parametrize(
    ("device", "handler"),
    [
        ("vrp", "default"),
        ("vrp", "huaweiyang"),
        ("vrp", "huawei"),
        ("xec", "default"),
        ("xec", "iosxe"),
        ("xec", "csr"),
    ],
)
def test_handlers(connect: Connect, device: str, handler: str) -> None:
    edit, undo, mark = PAYLOADS[device]
    session = connect(device, handler)
    assert int(session.session_id) > 0
    assert ":candidate" in session.server_capabilities
    with session.locked("candidate"):
        session.edit_config(target="candidate", config=in_config(edit))
        session.validate("candidate")
        assert mark not in session.get_config("running").data_xml
        session.commit()
        assert mark in session.get_config("running").data_xml
        session.edit_config(target="candidate", config=in_config(undo), test_option="test-then-set")
        session.commit()
    assert mark not in session.get_config("running").data_xml
    session.edit_config(target="candidate", config=in_config(edit))
    session.discard_changes()
    assert mark not in session.get_config("candidate").data_xml
    session.close_session()
    assert not session.connected


def test_ios_xe_without_a_candidate(connect: Connect) -> None:
    session = connect("xe", "iosxe")
    assert ":writable-running" in session.server_capabilities
    with pytest.raises(MissingCapabilityError):
        session.commit()
    session.edit_config(target="running", config=in_config(binding("accept")))
    assert "accept" in session.get_config("running").data_xml
    assert "Save running-config successful" in session.save_config().xml
    session.edit_config(target="running", config=in_config(binding(operation="delete")))


def test_filters(connect: Connect) -> None:
    session = connect("vrp")
    criteria = '<mpls xmlns="urn:huawei:yang:huawei-mpls"><common/></mpls>'
    shown = session.get_config("running", filter=("subtree", criteria)).data_xml
    assert "<lsr-id>1.1.1.1<" in shown
    assert "rsvp" not in shown
    assert "<statistics>" in session.get(filter=("subtree", '<mpls xmlns="urn:huawei:yang:huawei-mpls"/>')).data_xml
    trimmed = session.get_config("running", with_defaults="trim").data_xml
    assert "refresh-interval" in session.get_config("running").data_xml
    assert "refresh-interval" not in trimmed


def test_locks(connect: Connect) -> None:
    first, second = connect("vrp", "huaweiyang"), connect("vrp", "huaweiyang")
    first.lock("candidate")
    with pytest.raises(RPCError) as caught:
        second.lock("candidate")
    assert caught.value.tag == "lock-denied"
    assert re.findall(r"session-id[^>]*>(\d+)<", caught.value.info) == [first.session_id]
    second.kill_session(first.session_id)
    second.lock("candidate")
    with pytest.raises((TransportError, TimeoutExpiredError)):
        first.get_config("running")


def test_several_errors(connect: Connect) -> None:
    session = connect("xe")
    with pytest.raises(RPCError) as caught:
        session.edit_config(
            target="running", config=in_config(chain(key(more="<send-id>256</send-id><recv-id>256</recv-id>")))
        )
    assert [error.tag for error in caught.value.errors] == ["invalid-value"] * 2
    assert all("/ios:native/ios:key/ios-crypto:chain" in error.path for error in caught.value.errors)


def test_confirmed_commits(connect: Connect) -> None:
    session = connect("vrp")
    payload = neighbor("<enable>true</enable><type>md5</type><md5-password>S3cretKey</md5-password>")
    session.edit_config(target="candidate", config=in_config(payload))
    session.commit(confirmed=True, timeout="600")
    assert "192.0.2.2" in session.get_config("running").data_xml
    session.cancel_commit()
    assert "192.0.2.2" not in session.get_config("running").data_xml
    session.edit_config(target="candidate", config=in_config(payload))
    session.commit(confirmed=True, timeout="600", persist="token")
    session.close_session()
    session = connect("vrp")
    session.commit(persist_id="token")
    assert "192.0.2.2" in session.get_config("running").data_xml
    session.edit_config(target="running", config=in_config(neighbor("", operation="delete")))


def test_a_session_that_is_cut(connect: Connect, netconf_lab: LabHandle) -> None:
    netconf_lab.fault("vrp", "drop_session", matching="^commit", times=1)
    session = connect("vrp")
    session.edit_config(target="candidate", config=in_config(PAYLOADS["vrp"][0]))
    with pytest.raises(TransportError):
        session.commit()
    assert "window-size>32<" not in connect("vrp").get_config("candidate").data_xml


def test_other_faults(connect: Connect, netconf_lab: LabHandle) -> None:
    netconf_lab.fault("vrp", "slow_chunks", size=700, pause=0.001)
    assert "lsr-id" in connect("vrp").get_config("running").data_xml
    netconf_lab.heal("vrp")
    netconf_lab.fault("vrp", "refuse_login", times=1)
    with pytest.raises(AuthenticationError):
        connect("vrp")
    netconf_lab.heal("vrp")
    netconf_lab.fault("vrp", "vty_full", times=1)
    with pytest.raises(Exception, match=r"(?s)."):
        connect("vrp", timeout=5)
    assert connect("vrp").connected


def test_both_ports_of_vrp_and_the_host_key(
    connect: Connect, netconf_lab: LabHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect("vrp", transport="ssh").connected  # as on the device: "snetconf server enable" is port 22
    with pytest.raises(Exception, match=r"(?s)."):
        connect("xe", transport="ssh", timeout=5)  # IOS XE has NETCONF on a port of its own only
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SSHUnknownHostError):
        connect("xe", hostkey_verify=True)
    for device in ("xe", "vrp"):
        assert f"[127.0.0.1]:{netconf_lab.port(device, 'netconf')}" in netconf_lab.known_hosts(device).read_text()


def test_a_large_edit(connect: Connect) -> None:
    session = connect("xec")
    keys = "".join(key(number, "x" * 60) for number in range(300))
    session.edit_config(target="candidate", config=in_config(chain(keys)))
    session.commit()
    assert session.get_config("running").data_xml.count("<id>") == 300
    session.edit_config(target="candidate", config=in_config(chain(tcp="", operation="delete")))
    session.commit()
