# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test bench itself: a plain NETCONF client against netconfd, and yanglint on what it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from netconf_labs import CRYPTO, HANDSHAKE, IDS, MD5, NATIVE, START, chain, interface, key, life
from netconfd_server import (
    BASE,
    CISCO,
    CISCO_OLD,
    CISCO_STARTUP,
    HUAWEI,
    Netconfd,
    huawei_startup,
    in_config,
    netconfd,
    yanglint,
)

ncclient_errors = pytest.importorskip("ncclient.operations.errors")
ncclient_transport = pytest.importorskip("ncclient.transport.errors")
RPCError = pytest.importorskip("ncclient.operations.rpc").RPCError

__all__ = ["netconfd"]

Start = Callable[..., Netconfd]


def tags(error: Any) -> list[str]:
    return [each.tag for each in getattr(error, "errors", None) or [error]]


@pytest.fixture
def cisco(netconfd: Start) -> Netconfd:
    return netconfd(CISCO, startup=CISCO_STARTUP)


@pytest.fixture
def huawei(netconfd: Start) -> Netconfd:
    return netconfd(HUAWEI, startup=huawei_startup())


# -- what netconfd does with the doubles --------------------------------------------------------------------------


def test_an_edit_is_committed_and_read_back(cisco: Netconfd) -> None:
    with cisco.client() as session, session.locked("candidate"):
        session.edit_config(target="candidate", config=in_config(chain(key(more=IDS))))
        assert "AO-LISP" not in session.get_config("running").data_xml
        session.commit()
        assert "S3cretKey" in session.get_config("running").data_xml
    assert "S3cretKey" in cisco.running()
    assert cisco.wire.seen[:2] == ["lock", "edit-config"]


def test_before_17_4_the_algorithm_is_a_leaf_of_the_key(netconfd: Start) -> None:
    server = netconfd(CISCO_OLD, startup=CISCO_STARTUP)
    leaf = "<key><id>1</id><cryptographic-algorithm>hmac-sha-1</cryptographic-algorithm></key>"
    server.edit(chain(leaf))
    assert "hmac-sha-1" in server.running()
    with pytest.raises(RPCError) as caught:
        server.edit(chain(key(2)))
    assert "unknown-element" in tags(caught.value)


def test_without_a_candidate_running_is_written(netconfd: Start) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, target="running")
    with server.client() as session:
        capabilities = list(session.server_capabilities)
        assert "urn:ietf:params:netconf:capability:writable-running:1.0" in capabilities
        assert "urn:ietf:params:netconf:capability:candidate:1.0" not in capabilities
        session.edit_config(target="running", config=in_config(chain(key(more=IDS))))
        with pytest.raises(ncclient_errors.MissingCapabilityError):
            session.commit()
    assert "AO-LISP" in server.running()


def test_startup_is_copied_and_survives_a_crash(netconfd: Start) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, with_startup=True)
    with server.client() as session:
        session.edit_config(target="candidate", config=in_config(chain(key(more=IDS))))
        session.commit()
        assert "AO-LISP" not in session.get_config("startup").data_xml
        session.copy_config("running", "startup")
        assert "AO-LISP" in session.get_config("startup").data_xml
        server.crash()
        with pytest.raises((ncclient_transport.TransportError, ncclient_errors.TimeoutExpiredError)):
            session.get_config("running")
    server.start()
    assert "AO-LISP" in server.running()


def test_a_lock_held_by_another_is_denied_and_names_the_holder(huawei: Netconfd) -> None:
    with huawei.client() as holder, huawei.client() as other:
        holder.lock("candidate")
        with pytest.raises(RPCError) as caught:
            other.lock("candidate")
        assert caught.value.tag == "lock-denied"
        assert holder.session_id in caught.value.info
        with pytest.raises(RPCError) as caught:
            other.edit_config(target="candidate", config=in_config(interface(MD5)))
        assert caught.value.tag == "in-use"


def test_a_confirmed_commit_runs_out(huawei: Netconfd) -> None:
    with huawei.client() as session:
        session.edit_config(target="candidate", config=in_config(interface(MD5)))
        session.commit(confirmed=True, timeout="1")
        assert "S3cretKey" in session.get_config("running").data_xml
        give_up = time.monotonic() + 20
        while "S3cretKey" in session.get_config("running").data_xml:
            assert time.monotonic() < give_up
            time.sleep(1.5)  # the server looks at its clock only in a second without requests


def test_a_confirmed_commit_with_a_persist_id_outlives_its_session(huawei: Netconfd) -> None:
    with huawei.client() as session:
        session.edit_config(target="candidate", config=in_config(interface(MD5)))
        session.commit(confirmed=True, timeout="60", persist="token-1")
    with huawei.client() as session:
        session.commit(persist_id="token-1")
    assert "S3cretKey" in huawei.running()


def test_two_wrong_values_are_two_errors(cisco: Netconfd) -> None:
    wrong = key(more="<send-id>256</send-id><recv-id>999</recv-id>")
    with cisco.client() as session, pytest.raises(RPCError) as caught:
        session.edit_config(target="candidate", config=in_config(chain(wrong)))
    assert tags(caught.value) == ["invalid-value", "invalid-value"]


def test_only_the_superuser_may_edit(cisco: Netconfd) -> None:
    with cisco.client(user="reader") as session:
        assert "R1" in session.get_config("running").data_xml
        with pytest.raises(RPCError) as caught:
            session.edit_config(target="candidate", config=in_config(chain(key())))
        assert caught.value.tag == "access-denied"


def test_authentication_needs_rsvp(netconfd: Start) -> None:
    server = netconfd(HUAWEI, startup=huawei_startup(rsvp=False))
    server.edit(interface(MD5))  # answers ok …
    assert "S3cretKey" not in server.running()  # … and drops it: an <ok/> is not evidence


# -- the line breaks on demand ------------------------------------------------------------------------------------


def test_a_line_cut_before_the_commit_changes_nothing(cisco: Netconfd) -> None:
    cisco.wire.drop_before = "commit"
    with cisco.client() as session:
        session.edit_config(target="candidate", config=in_config(chain(key(more=IDS))))
        with pytest.raises(ncclient_transport.TransportError):
            session.commit()
    cisco.wire.clear()
    assert "AO-LISP" not in cisco.running()


def test_a_line_cut_after_the_commit_leaves_it_done(cisco: Netconfd) -> None:
    cisco.wire.drop_after = 2
    with cisco.client() as session:
        session.edit_config(target="candidate", config=in_config(chain(key(more=IDS))))
        with pytest.raises(ncclient_transport.TransportError):
            session.commit()
    cisco.wire.clear()
    assert "AO-LISP" in cisco.running()


def test_half_an_answer(cisco: Netconfd) -> None:
    cisco.wire.truncate = "get-config"
    with cisco.client() as session, pytest.raises(ncclient_transport.TransportError):
        session.get_config("running")


def test_a_dropped_session_gives_its_lock_back(cisco: Netconfd) -> None:
    with cisco.client() as session:
        session.lock("candidate")
        session.edit_config(target="candidate", config=in_config(chain(key(more=IDS))))
        cisco.wire.drop_before = "get-config"
        with pytest.raises(ncclient_transport.TransportError):
            session.get_config("running")
    cisco.wire.clear()
    with cisco.client() as session, session.locked("candidate"):
        assert "AO-LISP" not in session.get_config("candidate").data_xml


# -- yanglint on the same doubles ---------------------------------------------------------------------------------

GOOD_CISCO = chain(key(more=life("<local/>", START, "<infinite/>") + IDS))


@pytest.mark.parametrize(
    "payload",
    [
        GOOD_CISCO,
        in_config(GOOD_CISCO),
        f'<native xmlns="{NATIVE}" xmlns:nc="{BASE}"><key><chain xmlns="{CRYPTO}" nc:operation="remove"><name>A</name>'
        "</chain></key></native>",
        interface(MD5 + HANDSHAKE),
    ],
)
def test_yanglint_takes_good_edits(payload: str) -> None:
    assert yanglint(payload) == ""


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (chain(key(more="<send-id>256</send-id>")), "256"),
        (chain(key(more=life(START.replace("2026", "2040"), "<infinite/>"))), "2040"),
        (chain(key(algorithm="md5")), "md5"),
        (chain("<key><id>1</id><colour>red</colour></key>"), "colour"),
        (interface(MD5 + "<window-size>65</window-size>"), "65"),
        (interface("<enable>true</enable><type>keychain</type><keychain-name>KC1</keychain-name>"), "KC1"),
    ],
)
def test_yanglint_refuses_wrong_values(payload: str, word: str) -> None:
    assert word in yanglint(payload)


def test_yanglint_judges_whole_configurations() -> None:
    assert yanglint(GOOD_CISCO, "config") == ""
    for bad in (chain(key(secret="x" * 81)), chain(key(more=IDS), tcp=""), chain(key(more=life(START)))):
        assert yanglint(bad) == ""
        assert yanglint(bad, "config") != ""


def test_yanglint_knows_what_huawei_authentication_needs() -> None:
    base = huawei_startup().replace("</config>", "").replace("</network-instance>", "").replace("</instances>", "")
    head, _mark, tail = base.rpartition("</mpls-interfaces></common></mpls>")

    def whole(authentication: str) -> str:
        entry = f"<rsvp-interface><name>GigabitEthernet0/1/0</name><authentication>{authentication}</authentication>"
        return (
            f'{head}</mpls-interfaces></common><te xmlns="urn:huawei:yang:huawei-mpls-te"><rsvp-interfaces '
            f'xmlns="urn:huawei:yang:huawei-rsvp-interface">{entry}</rsvp-interface></rsvp-interfaces></te></mpls>'
            f"{tail}</instances></network-instance></config>"
        )

    assert yanglint(whole(MD5 + HANDSHAKE), "config") == ""
    assert yanglint(whole("<enable>true</enable><type>md5</type>"), "config") != ""
    assert yanglint(whole("<handshake-enable>true</handshake-enable>"), "config") != ""
    assert yanglint(whole(MD5).replace("<enable>true</enable><rsvp>", "<enable>false</enable><rsvp>"), "config") != ""
