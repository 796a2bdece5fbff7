# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF on the lab's devices: operations, locks, commits, faults, and that it is one device with the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from huawei_labs import PORT, pair
from hypothesis import given
from hypothesis import strategies as st
from netconf_labs import (
    BASE,
    HANDSHAKE,
    IDS,
    LISP,
    MD5,
    NATIVE,
    PEER_MD5,
    START,
    Peer,
    binding,
    chain,
    cisco_lab,
    huawei_lab,
    interface,
    key,
    life,
    neighbor,
    rsvp,
    world,
)

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.errors import LabError
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

CANDIDATE = "{netconf_candidate: true, netconf_confirmed_commit: true}"
CAPABILITY = "urn:ietf:params:netconf:capability:"


@pytest.fixture
def pe1(tmp_path: Path) -> Any:
    return world(tmp_path, huawei_lab()).devices["pe1"]


@pytest.fixture
def r1(tmp_path: Path) -> Any:
    return world(tmp_path, cisco_lab()).devices["r1"]


@pytest.fixture
def candidate(tmp_path: Path) -> Any:
    return world(tmp_path, cisco_lab(CANDIDATE)).devices["r1"]


def cli(device: Any, *lines: str) -> str:
    """Lines typed on the command line; what was said."""
    terminal = device.open_session("ssh", "netops")
    said = terminal.start()
    for line in lines:
        said += terminal.receive(line + "\n")
    terminal.close()
    return str(said)


def stored(device: Any) -> str:
    """The authentication lines below the first interface."""
    found = re.findall(r"^ mpls rsvp-te authentication.*$", device.running, re.MULTILINE)
    return "\n".join(found)


# -- hello ------------------------------------------------------------------------------------------------------------


def test_what_vrp_announces(pe1: Any) -> None:
    offered = Peer(pe1).capabilities
    for name in ("candidate:1.0", "writable-running:1.0", "confirmed-commit:1.1", "startup:1.0", "validate:1.1"):
        assert CAPABILITY + name in offered
    assert any("module=huawei-rsvp-interface&amp;revision=" in each for each in offered)


def test_ios_xe_announces_a_candidate_or_writable_running_and_no_confirmed_commit(tmp_path: Path, r1: Any) -> None:
    offered = Peer(r1).capabilities
    assert CAPABILITY + "writable-running:1.0" in offered
    assert not any(name in each for each in offered for name in ("candidate", "confirmed-commit", "startup"))
    other = world(tmp_path, cisco_lab("{netconf_candidate: true}")).devices["r1"]
    offered = Peer(other).capabilities
    assert CAPABILITY + "candidate:1.0" in offered
    assert not any(name in each for each in offered for name in ("writable-running", "confirmed-commit"))


def test_the_algorithm_moved_in_17_4(tmp_path: Path) -> None:
    old = world(tmp_path, cisco_lab(version="17.3.1")).devices["r1"]
    peer = Peer(old)
    assert any("Cisco-IOS-XE-crypto&amp;revision=2020" in each for each in peer.capabilities)
    assert peer.tags(peer.edit(chain(key()), "running")) == ["unknown-element"]
    peer.ok(peer.edit(chain("<key><id>1</id><cryptographic-algorithm>hmac-sha-1</cryptographic-algorithm></key>"),
                      "running"))  # fmt: skip
    assert "  cryptographic-algorithm hmac-sha-1\n" in old.running
    assert "<cryptographic-algorithm>hmac-sha-1<" in peer.get()


@pytest.mark.parametrize("base", ["1.0", "1.1"])
def test_both_framings(pe1: Any, base: str) -> None:
    peer = Peer(pe1, base=base)
    assert "GigabitEthernet0/1/0" in peer.get()


def test_a_platform_without_netconf_is_refused() -> None:
    lab = {"name": "x", "devices": {"h": {"platform": "h3c_comware", "transports": ["netconf"]}}}
    with pytest.raises(LabError, match="h3c_comware has no NETCONF"):
        parse_lab(lab)


# -- one device, two ways ---------------------------------------------------------------------------------------------


def test_an_edit_shows_on_the_command_line(pe1: Any) -> None:
    before = pe1.running
    peer = Peer(pe1)
    peer.ok("<lock><target><candidate/></target></lock>")
    peer.ok(peer.edit(interface(MD5 + HANDSHAKE)))
    assert pe1.running == before
    peer.ok("<commit/>")
    assert re.fullmatch(
        r" mpls rsvp-te authentication cipher %\^%#.+%\^%#\n mpls rsvp-te authentication lifetime 00:40:00\n"
        r" mpls rsvp-te authentication handshake\n mpls rsvp-te authentication window-size 32",
        stored(pe1),
    )
    assert "S3cretKey" not in pe1.running
    assert "authentication handshake" in cli(pe1, "screen-length 0 temporary", "display current-configuration")
    peer.ok(peer.edit(interface("", operation="remove")))
    peer.ok("<commit/>")
    assert pe1.running == before


def test_what_is_typed_shows_over_netconf(pe1: Any) -> None:
    cli(pe1, "system-view", "mpls", "mpls rsvp-te peer 192.0.2.9", "mpls rsvp-te authentication keychain kc1",
        "mpls rsvp-te authentication window-size 8", "quit", "mpls rsvp-te timer refresh 60", "commit")  # fmt: skip
    peer = Peer(pe1)
    shown = peer.get(criteria='<mpls xmlns="urn:huawei:yang:huawei-mpls"/>')
    assert "<peer-ip-address>192.0.2.9<" in shown
    assert "<type>keychain</type><keychain-name>kc1<" in shown
    assert "<refresh-interval>60<" in shown
    assert "<life-time>1800<" in shown  # VRP reports defaults


def test_a_key_comes_back_ciphered_and_may_go_in_so(pe1: Any) -> None:
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5), "running"))
    shown = re.findall("<md5-key>([^<]*)<", peer.get())[0]
    assert shown.startswith("%^%#")
    before = stored(pe1)
    assert "S3cretKey" not in before
    peer.ok(peer.edit(interface(MD5.replace("S3cretKey", shown)), "running"))
    assert stored(pe1) == before


def test_a_key_chain_of_ios_xe(r1: Any) -> None:
    before = r1.running
    peer = Peer(r1)
    flags = "<include-tcp-options>true</include-tcp-options><accept-ao-mismatch>true</accept-ao-mismatch>"
    until = (
        "<end-hh-mm-ss>00:00:00</end-hh-mm-ss><end-month>Sep</end-month><end-day>1</end-day><end-year>2027</end-year>"
    )
    lifetimes = life("<local/>", START, "<infinite/>") + life(START, until, name="accept-lifetime")
    peer.ok(peer.edit(chain(key(more=lifetimes + IDS + flags)), "running"))
    peer.ok(peer.edit(binding("accept", "2001:db8::1"), "running"))
    assert (
        "key chain AO-LISP tcp\n key 1\n  send-id 1\n  recv-id 1\n  key-string S3cretKey\n"
        "  accept-lifetime 00:00:00 Jan 1 2026 00:00:00 Sep 1 2027\n"
        "  send-lifetime local 00:00:00 Jan 1 2026 infinite\n  cryptographic-algorithm hmac-sha-256\n"
        "  include-tcp-options\n  accept-ao-mismatch\n!\n"
    ) in r1.running
    assert " tcp auth-option AO-LISP\n  peer accept\n  peer 2001:db8::1\n" in r1.running
    assert "Preferred MKT id - 1" in cli(r1, "show key chain AO-LISP")
    peer.ok(peer.edit(chain(tcp="", operation="delete"), "running"))
    peer.ok(peer.edit(binding(operation="delete"), "running"))
    assert r1.running.replace("router lisp\n exit-router-lisp\n!\n", "") == before


def test_replacing_a_chain_drops_the_keys_that_are_not_listed(r1: Any) -> None:
    peer = Peer(r1)
    peer.ok(peer.edit(chain(key(1), key(2)), "running"))
    peer.ok(peer.edit(chain(key(3), operation="replace"), "running"))
    assert re.findall(r"^ key (\d+)", r1.running, re.MULTILINE) == ["3"]


def test_type_7_where_passwords_are_encrypted(tmp_path: Path) -> None:
    device = world(tmp_path, cisco_lab(config="service password-encryption\nhostname R1")).devices["r1"]
    peer = Peer(device)
    peer.ok(peer.edit(chain(key()), "running"))
    assert "S3cretKey" not in device.running
    assert re.search("<encryption>7</encryption><key>[0-9A-F]+<", peer.get())


def test_roles_and_sites_of_lisp(r1: Any) -> None:
    peer = Peer(r1)
    inside = (
        "<service><ipv4><map-server/><map-resolver/><etr-enable><etr/></etr-enable><etr><map-server>"
        "<ip-addr>192.0.2.1</ip-addr><key><key-0><ak-0>EtrKey</ak-0><hash-function>sha2</hash-function></key-0></key>"
        "</map-server></etr></ipv4></service>"
        "<site><sname>B7</sname><authentication-key><key-0>SiteKey</key-0></authentication-key><eid-record>"
        "<instance-id-cfg><id>4101</id><prefix>198.51.100.0/24</prefix><accept-more-specifics/></instance-id-cfg>"
        "</eid-record></site><map-server><session><passive-open>PO</passive-open></session></map-server>"
    )
    payload = f'<native xmlns="{NATIVE}"><router><lisp xmlns="{LISP}">{inside}</lisp></router></native>'
    peer.ok(peer.edit(payload, "running"))
    for line in ("  map-server", "  map-resolver", "  etr", "  etr map-server 192.0.2.1 key EtrKey hash-function sha2",
                 "  authentication-key SiteKey", "  eid-record instance-id 4101 198.51.100.0/24 accept-more-specifics",
                 " map-server session passive-open PO"):  # fmt: skip
        assert f"{line}\n" in r1.running
    first = r1.running
    peer.ok(peer.edit(payload.replace("key-0>", "key-pwd>").replace("ak-0>", "unc-pwd>")
                      .replace("<key-pwd>SiteKey</key-pwd>", "<unc-pwd>SiteKey</unc-pwd>"), "running"))  # fmt: skip
    assert r1.running == first


def test_an_edit_takes_effect_in_the_protocol(tmp_path: Path) -> None:
    lab = world(tmp_path, pair())
    lab.advance(60)
    for name in ("pe1", "pe2"):
        peer = Peer(lab.devices[name], "tester")
        peer.ok(peer.edit(interface(MD5 + HANDSHAKE, PORT), "running"))
    lab.advance(120)
    said = Peer(lab.devices["pe1"], "tester").ask("<get/>")
    assert (
        f"<ip-address>10.77.12.2</ip-address><local-interface-name>{PORT}</local-interface-name><psb-count>1</psb-count>"
        "<rsb-count>1</rsb-count><authentication-enable>true</authentication-enable><authentication-type>HMAC-MD5<"
    ) in said
    assert "<window-size>32</window-size><last-valid-sequence-h>" in said
    shown = cli(lab.devices["pe1"], "screen-length 0 temporary", "display mpls rsvp-te statistics global")
    for leaf, label in (("send-packet-count", "SendPacketCounter"), ("psb-count", "PSB Count")):
        statistics = said[said.index("<lsr-id>10.255.7.1</lsr-id><psb-count>") :]
        assert re.findall(f"<{leaf}>([^<]*)<", statistics)[0] == re.findall(rf"{label}: (\d+)", shown)[0]
    sent = re.findall("<send-challenge-msg-count>([^<]*)<", said)
    assert sent
    assert all(int(count) > 0 for count in sent)


# -- operations -------------------------------------------------------------------------------------------------------


def test_create_delete_remove(pe1: Any) -> None:
    peer = Peer(pe1)
    assert peer.tags(peer.edit(neighbor(PEER_MD5, operation="delete"))) == ["data-missing"]
    peer.ok(peer.edit(neighbor(PEER_MD5, operation="remove")))
    peer.ok(peer.edit(neighbor(PEER_MD5, operation="create")))
    assert peer.tags(peer.edit(neighbor(PEER_MD5, operation="create"))) == ["data-exists"]
    assert peer.tags(peer.edit(neighbor(PEER_MD5, operation="swap"))) == ["bad-attribute"]
    nothing = "<default-operation>none</default-operation>"
    assert peer.tags(peer.edit(neighbor(PEER_MD5, "192.0.2.77"), more=nothing)) == ["data-missing"]


def test_defaults_of_an_edit(candidate: Any) -> None:
    peer = Peer(candidate)
    peer.ok(peer.edit(chain(key())))
    peer.ok(peer.edit(chain(key(2), name="OTHER"), more="<default-operation>replace</default-operation>"))
    peer.ok("<commit/>")
    assert "OTHER" in candidate.running
    assert "AO-LISP" not in candidate.running


def test_all_that_is_wrong_is_said(r1: Any) -> None:
    peer = Peer(r1)
    before = r1.running
    wrong = chain(key(more="<send-id>256</send-id><recv-id>x</recv-id><colour>red</colour>"), key(2, "x" * 81))
    said = peer.ask(peer.edit(wrong, "running"))
    assert re.findall("<error-tag>([^<]*)<", said) == ["invalid-value", "invalid-value", "unknown-element"]
    assert "/ios-crypto:chain[ios-crypto:name='AO-LISP']/ios-crypto:key[ios-crypto:id='1']/ios-crypto:send-id<" in said
    assert r1.running == before
    assert peer.tags(peer.edit(chain(key(2, "x" * 81)), "running")) == ["operation-failed"]
    assert peer.tags(peer.edit(chain(key(more=IDS), tcp=""), "running")).count("unknown-element") == 3
    assert peer.tags(peer.edit(chain(key(more=life(START))), "running")) == ["operation-failed"]
    assert peer.tags(peer.edit("<other xmlns='urn:x'/>", "running")) == ["unknown-namespace"]
    assert r1.running == before


@pytest.mark.parametrize(
    ("authentication", "tags"),
    [
        ("<enable>true</enable>", ["data-missing", "data-missing"]),
        ("<enable>true</enable><type>md5</type>", ["data-missing"]),
        ("<handshake-enable>true</handshake-enable>", ["unknown-element"]),
        (MD5 + "<window-size>2</window-size>", ["unknown-element"]),
        (MD5 + HANDSHAKE.replace("32", "65"), ["invalid-value"]),
        (MD5.replace("S3cretKey", "S3cret Key"), ["invalid-value"]),
        ("<enable>true</enable><type>keychain</type><keychain-name>KC1</keychain-name>", ["invalid-value"]),
        ("<enable>true</enable><type>keychain</type><keychain-name>kc9</keychain-name>", ["operation-failed"]),
    ],
)
def test_what_vrp_refuses(pe1: Any, authentication: str, tags: list[str]) -> None:
    peer = Peer(pe1)
    assert peer.tags(peer.edit(interface(authentication))) == tags
    assert peer.get("candidate") == peer.get("running").replace('message-id="3"', 'message-id="2"')


def test_what_depends_on_rsvp(pe1: Any) -> None:
    peer = Peer(pe1)
    assert peer.tags(peer.edit(interface(MD5, "GigabitEthernet0/9/9")))[0] == "operation-failed"
    peer.ok(peer.edit(interface(MD5), "running"))
    peer.ok(peer.edit(rsvp("<enable>false</enable>"), "running"))
    assert "authentication" not in pe1.running  # it went with RSVP
    assert peer.tags(peer.edit(interface(MD5), "running"))[0] == "unknown-element"


def test_test_options(candidate: Any) -> None:
    peer = Peer(candidate)
    peer.ok(peer.edit(chain(key()), more="<test-option>test-only</test-option>"))
    assert "AO-LISP" not in peer.get("candidate")
    bad = chain(key(1, "x" * 81))
    peer.ok(peer.edit(bad, more="<test-option>set</test-option>"))
    assert peer.tags("<validate><source><candidate/></source></validate>") == ["operation-failed"]
    assert peer.tags("<commit/>") == ["operation-failed"]
    peer.ok("<discard-changes/>")
    peer.ok("<validate><source><candidate/></source></validate>")


def test_what_is_not_offered(r1: Any) -> None:
    peer = Peer(r1)
    for operation in (
        "<commit/>",
        "<discard-changes/>",
        "<cancel-commit/>",
        "<reboot xmlns='urn:x'/>",
        "<get-schema/>",
    ):
        assert peer.tags(operation) == ["operation-not-supported"]
    assert peer.tags(peer.edit(chain(key()))) == ["invalid-value"]
    assert peer.tags("<get-config><source><startup/></source></get-config>") == ["invalid-value"]
    assert peer.tags("<get><filter type='xpath' select='/x'/></get>") == ["bad-attribute"]
    assert peer.tags("<edit-config/>") == ["missing-element"]


def test_saving(pe1: Any, r1: Any) -> None:
    peer = Peer(pe1)
    peer.ok(peer.edit(neighbor(PEER_MD5), "running"))
    assert "192.0.2.2" not in pe1.startup
    peer.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>")
    assert "192.0.2.2" in pe1.startup
    peer = Peer(r1)
    peer.ok(peer.edit(chain(key()), "running"))
    said = peer.ask('<save-config xmlns="http://cisco.com/yang/cisco-ia"/>')
    assert "Save running-config successful" in said
    assert "AO-LISP" in r1.startup


def test_whole_configurations(pe1: Any) -> None:
    peer = Peer(pe1)
    start = pe1.running
    copied = "<copy-config><target><candidate/></target><source><running/></source></copy-config>"
    peer.ok(copied)
    peer.ok("<commit/>")
    assert pe1.running == start
    peer.ok(peer.edit(neighbor(PEER_MD5), "running"))
    whole = re.sub(r"(?s).*<data>(.*)</data>.*", r"\1", peer.get())
    peer.ok(peer.edit(neighbor("", operation="remove"), "running"))
    peer.ok(f"<copy-config><target><running/></target><source><config>{whole}</config></source></copy-config>")
    assert "mpls rsvp-te peer 192.0.2.2\n" in pe1.running
    peer.ok(f"<validate><source><config>{whole}</config></source></validate>")
    new = whole.replace("<interface><name>GigabitEthernet0/1/0<", "<interface><name>GigabitEthernet0/7/7<", 1)
    assert "operation-not-supported" in peer.tags(
        f"<validate><source><config>{new.replace('0/1/0', '0/7/7')}</config></source></validate>"
    )


def test_somebody_tries_a_configuration(pe1: Any) -> None:
    terminal = pe1.open_session("ssh", "other")
    for line in ("system-view", "mpls", "mpls rsvp-te timer refresh 60", "commit trial 600"):
        terminal.receive(line + "\n")
    assert pe1.commits.trial is not None
    peer = Peer(pe1)
    assert peer.tags(peer.edit(neighbor(PEER_MD5), "running")) == ["in-use"]
    peer.ok(peer.edit(neighbor(PEER_MD5)))
    assert peer.tags("<commit/>") == ["in-use"]
    pe1.world.advance(601)
    peer.ok("<commit/>")


def test_filters(pe1: Any) -> None:
    peer = Peer(pe1)
    one = interface("").replace("<authentication></authentication>", "")
    shown = peer.get(criteria=one)
    assert shown.count("<rsvp-interface>") == 1
    assert "GigabitEthernet0/1/0" in shown
    assert "mpls-enable" not in shown
    assert "<data/>" in peer.ask('<get-config><source><running/></source><filter type="subtree"/></get-config>')
    both = one + interface("", "GigabitEthernet0/1/1").replace("<authentication></authentication>", "")
    assert peer.get(criteria=both).count("<rsvp-interface>") == 2


def test_rpcs_that_are_none(pe1: Any) -> None:
    peer = Peer(pe1)
    assert "malformed-message" in peer.raw("<rpc")
    assert "malformed-message" in peer.raw("<hello/>")
    assert "missing-attribute" in peer.raw(f'<rpc xmlns="{BASE}"><get/></rpc>')
    said = peer.raw(
        f'<rpc xmlns="{BASE}" message-id="a&amp;b" own="yes"><get-config><source><running/></source></get-config></rpc>'
    )
    assert 'message-id="a&amp;b" own="yes"' in said
    peer.session.receive("\nnoise")
    assert peer.session.closed


# -- locks, commits, sessions -----------------------------------------------------------------------------------------


def test_a_lock_names_its_holder_and_ends_with_it(candidate: Any) -> None:
    first, second = Peer(candidate), Peer(candidate)
    first.ok("<lock><target><candidate/></target></lock>")
    said = second.ask("<lock><target><candidate/></target></lock>")
    assert "lock-denied" in said
    assert f"<session-id>{first.id}<" in said
    assert second.tags(second.edit(chain(key()))) == ["in-use"]
    assert second.tags("<unlock><target><candidate/></target></unlock>") == ["operation-failed"]
    first.ok(first.edit(chain(key())))
    first.session.close()
    assert "AO-LISP" not in second.get("candidate")
    second.ok("<lock><target><candidate/></target></lock>")


def test_a_shared_candidate_that_is_dirty_is_not_locked(candidate: Any) -> None:
    first, second = Peer(candidate), Peer(candidate)
    first.ok(first.edit(chain(key())))
    assert "AO-LISP" in second.get("candidate")
    assert second.tags("<lock><target><candidate/></target></lock>") == ["resource-denied"]


def test_each_session_of_vrp_has_its_candidate(pe1: Any) -> None:
    first, second = Peer(pe1), Peer(pe1)
    first.ok(first.edit(neighbor(PEER_MD5)))
    assert "192.0.2.2" not in second.get("candidate")
    second.ok(second.edit(neighbor(PEER_MD5, "192.0.2.3")))
    second.ok("<commit/>")
    first.ok("<commit/>")
    assert {"192.0.2.2", "192.0.2.3"} <= set(re.findall(r"peer (\S+)", pe1.running))


def test_the_lock_holds_for_the_command_line_too(pe1: Any) -> None:
    peer = Peer(pe1)
    peer.ok("<lock><target><candidate/></target></lock>")
    assert f"Session ID = {peer.id}" in cli(pe1, "system-view", "mpls", "mpls rsvp-te timer refresh 60", "commit")
    peer.ok("<unlock><target><candidate/></target></unlock>")
    terminal = pe1.open_session("ssh", "netops")
    terminal.start()
    terminal.receive("configuration exclusive\n")
    assert peer.tags("<lock><target><candidate/></target></lock>") == ["lock-denied"]
    assert peer.tags(peer.edit(neighbor(PEER_MD5))) == ["in-use"]


@pytest.mark.parametrize("way", ["time", "session", "cancel", "reboot"])
def test_a_confirmed_commit_that_nobody_confirms(pe1: Any, way: str) -> None:
    before = pe1.running
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    peer.ok("<commit><confirmed/><confirm-timeout>60</confirm-timeout></commit>")
    assert pe1.running != before
    assert Peer(pe1).tags("<commit/>") == ["in-use"]
    if way == "time":
        pe1.world.advance(59)
        assert pe1.running != before
        pe1.world.advance(2)
    elif way == "session":
        peer.session.close()
    elif way == "cancel":
        peer.ok("<cancel-commit/>")
    else:
        pe1.reboot(0)
    assert pe1.running == before
    pe1.world.advance(1000)
    assert pe1.running == before


def test_a_confirmed_commit_that_is_confirmed(pe1: Any) -> None:
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    peer.ok("<commit><confirmed/></commit>")
    peer.ok("<commit/>")
    after = pe1.running
    pe1.world.advance(1000)
    peer.session.close()
    assert pe1.running == after


def test_a_persist_id(pe1: Any) -> None:
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    peer.ok("<commit><confirmed/><persist>token</persist></commit>")
    peer.session.close()
    assert stored(pe1)
    other = Peer(pe1)
    assert other.tags("<commit/>") == ["invalid-value"]
    assert other.tags("<commit><persist-id>wrong</persist-id></commit>") == ["invalid-value"]
    other.ok("<commit><persist-id>token</persist-id></commit>")
    pe1.world.advance(1000)
    assert stored(pe1)


def test_a_pending_commit_survives_saving_the_lab(pe1: Any) -> None:
    before = pe1.running
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    peer.ok("<commit><confirmed/><confirm-timeout>60</confirm-timeout><persist>token</persist></commit>")
    saved = pe1.world.snapshot()
    pe1.world.restore(saved)
    assert peer.session.closed
    assert stored(pe1)
    pe1.world.advance(61)
    assert pe1.running == before


def test_sessions_end(pe1: Any) -> None:
    first, second = Peer(pe1), Peer(pe1)
    assert second.tags(f"<kill-session><session-id>{second.id}</session-id></kill-session>") == ["invalid-value"]
    second.ok(f"<kill-session><session-id>{first.id}</session-id></kill-session>")
    assert first.session.closed
    second.ok("<close-session/>")
    assert second.session.closed
    assert pe1.netconf.sessions == {}


# -- faults -----------------------------------------------------------------------------------------------------------


def test_faults_strike_at_an_rpc(pe1: Any) -> None:
    before = pe1.running
    pe1.faults.add({"kind": "drop_session", "matching": "^commit", "times": 1})
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    assert peer.raw(f'<rpc xmlns="{BASE}" message-id="9"><commit/></rpc>') == ""
    assert peer.session.closed
    assert pe1.running == before
    pe1.faults.add({"kind": "drop_session", "at_command": 2, "when": "after", "times": 1})
    peer = Peer(pe1)
    peer.ok(peer.edit(interface(MD5)))
    peer.raw(f'<rpc xmlns="{BASE}" message-id="9"><commit/></rpc>')
    assert peer.session.closed
    assert stored(pe1)


def test_faults_of_the_candidate(pe1: Any) -> None:
    peer = Peer(pe1)
    pe1.faults.add({"kind": "lock_candidate", "holder": 99, "times": 1})
    said = peer.ask("<lock><target><candidate/></target></lock>")
    assert "lock-denied" in said
    assert "<session-id>99<" in said
    peer.ok(peer.edit(interface(MD5)))
    pe1.faults.add({"kind": "fail_commit", "text": "no room", "times": 1})
    said = peer.ask("<commit/>")
    assert "operation-failed" in said
    assert "no room" in said
    assert not stored(pe1)
    peer.ok("<commit/>")


def test_other_faults(pe1: Any) -> None:
    pe1.faults.add({"kind": "latency", "seconds": 3, "times": 1})
    peer = Peer(pe1)
    peer.get()
    assert peer.session.delay == 3
    peer.get()
    assert peer.session.delay == 0
    assert not peer.session.waiting
    pe1.faults.add({"kind": "latency", "seconds": 3, "times": 2})
    request = f'<rpc xmlns="{BASE}" message-id="8"><get-config><source><running/></source></get-config></rpc>'
    framed = f"\n#{len(request)}\n{request}\n##\n" * 3
    said = [peer.session.receive(text) for text in (framed, "", "")]
    assert [text.count("</rpc-reply>") for text in said] == [1, 1, 1]  # each slow one is waited for
    assert not peer.session.waiting
    pe1.faults.add({"kind": "garbage_after_banner", "text": "%%%", "times": 1})
    assert pe1.open_netconf("netops").start().endswith("]]>]]>%%%")
    pe1.faults.add({"kind": "vty_full", "times": 1})
    refused = pe1.open_netconf("netops")
    assert refused.start() == ""
    assert refused.closed
    pe1.faults.add({"kind": "reboot", "matching": "^get-config", "seconds": 30, "times": 1})
    peer.raw(f'<rpc xmlns="{BASE}" message-id="9"><get-config><source><running/></source></get-config></rpc>')
    assert peer.session.closed
    assert not pe1.reachable


def test_sessions_are_counted(tmp_path: Path) -> None:
    device = world(tmp_path, huawei_lab(more="    options: {max_sessions: 2}\n")).devices["pe1"]
    first = Peer(device)
    terminal = device.open_session("ssh", "netops")
    assert device.open_netconf("netops").start() == ""
    terminal.close()
    assert Peer(device).get()
    first.session.close()


# -- what holds for every edit ----------------------------------------------------------------------------------------

_SECRETS = st.text("abcXYZ09-_", min_size=1, max_size=20)
_AUTHS = st.builds(
    lambda secret, seconds, window: (
        MD5.replace("S3cretKey", secret)
        + f"<life-time>{seconds}</life-time>"
        + (f"<handshake-enable>true</handshake-enable><window-size>{window}</window-size>" if window else "")
    ),
    _SECRETS,
    st.integers(1, 86399),
    st.integers(0, 64),
)
_KEY_MORE = st.builds(
    lambda number, flag, duration: (
        f"<send-id>{number}</send-id><recv-id>{number}</recv-id>"
        + (f"<include-tcp-options>{flag}</include-tcp-options>" if flag else "")
        + life(START, f"<duration>{duration}</duration>")
    ),
    st.integers(0, 255),
    st.sampled_from(["", "true", "false"]),
    st.integers(1, 2147483646),
)


@given(_AUTHS, _AUTHS)
def test_vrp_gives_back_what_it_took(tmp_path_factory: pytest.TempPathFactory, first: str, second: str) -> None:
    device = _VRP.setdefault("pe1", world(tmp_path_factory.mktemp("vrp"), huawei_lab()).devices["pe1"])
    peer = Peer(device)
    start = device.running
    for wanted in (first, second):
        peer.ok(peer.edit(interface(wanted, operation="replace"), "running"))
        shown = peer.get(criteria=interface(""))
        for leaf, value in re.findall("<([a-z-]+)>([^<]*)</", wanted):
            if leaf != "md5-key":
                assert f"<{leaf}>{value}<" in shown
        text = device.running
        cipher = re.findall("<md5-key>[^<]*<", shown)[0]
        clear = re.findall("<md5-key>[^<]*<", wanted)[0]
        peer.ok(peer.edit(interface(wanted.replace(clear, cipher)), "running"))
        assert device.running == text
    peer.ok(peer.edit(interface("", operation="delete"), "running"))
    assert device.running == start
    peer.session.close()


_VRP: dict[str, Any] = {}
_IOS: dict[str, World] = {}


@given(st.dictionaries(st.integers(0, 2147483647), st.tuples(_SECRETS, _KEY_MORE), max_size=4))
def test_ios_xe_gives_back_what_it_took(tmp_path_factory: pytest.TempPathFactory, keys: dict[int, Any]) -> None:
    lab = _IOS.setdefault("lab", world(tmp_path_factory.mktemp("ios"), cisco_lab()))
    device: Any = lab.devices["r1"]
    peer = Peer(device)
    start = device.running
    payload = chain(*(key(number, secret, more) for number, (secret, more) in keys.items()))
    peer.ok(peer.edit(payload, "running"))
    text = device.running
    shown = peer.get()
    for number, (secret, _more) in keys.items():
        assert f"<id>{number}<" in shown
        assert f"<key>{secret}<" in shown
    found = re.search('<key><chain xmlns="[^"]*">.*</chain></key>', shown)
    assert found is not None
    peer.ok(peer.edit(f'<native xmlns="{NATIVE}">{found.group()}</native>', "running"))
    assert device.running == text
    peer.ok(peer.edit(chain(tcp="", operation="remove"), "running"))
    assert device.running == start
    peer.session.close()


# -- whatever comes ---------------------------------------------------------------------------------------------------

_RPCS = [
    f'<rpc xmlns="{BASE}" message-id="1">{operation}</rpc>'
    for operation in (
        "<get/>",
        "<get-config><source><running/></source><filter><mpls/></filter></get-config>",
        f'<edit-config><target><candidate/></target><config xmlns:nc="{BASE}">{interface(MD5 + HANDSHAKE)}</config>'
        "</edit-config>",
        f'<edit-config><target><running/></target><config xmlns:nc="{BASE}">{neighbor(PEER_MD5)}</config>'
        "</edit-config>",
        "<commit><confirmed/><confirm-timeout>60</confirm-timeout><persist>x</persist></commit>",
        "<copy-config><target><candidate/></target><source><config/></source></copy-config>",
        "<validate><source><config><mpls/></config></source></validate>",
        "<kill-session><session-id>999</session-id></kill-session>",
    )
]
_FUZZED: dict[str, Any] = {}


_PIECES = st.sampled_from(["", "<", ">", "/", "x", "\x00", "é", "]]>]]>", "\n##\n"])


@given(st.sampled_from(_RPCS), st.lists(st.tuples(st.integers(0, 2000), _PIECES), max_size=4))
def test_rpcs_that_were_damaged(
    tmp_path_factory: pytest.TempPathFactory, rpc: str, damage: list[tuple[int, str]]
) -> None:
    device = _FUZZED.setdefault("pe1", world(tmp_path_factory.mktemp("fuzz"), huawei_lab()).devices["pe1"])
    peer = Peer(device)
    for at, piece in damage:
        rpc = rpc[: at % len(rpc)] + piece + rpc[at % len(rpc) + 1 :]
    said = peer.raw(rpc)
    assert "rpc-reply" in said or peer.session.closed
    assert "Traceback" not in said
    peer.session.close()
    assert device.netconf.sessions == {}
    assert device.netconf.locks == {}


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.booleans())
def test_noise_never_hurts_others(
    tmp_path_factory: pytest.TempPathFactory, noise: list[bytes], after_hello: bool
) -> None:
    device = _FUZZED.setdefault("pe1", world(tmp_path_factory.mktemp("fuzz"), huawei_lab()).devices["pe1"])
    session = Peer(device).session if after_hello else device.open_netconf("netops")
    for piece in noise:
        assert "Traceback" not in session.receive(piece.decode("latin-1"))
    session.close()
    other = Peer(device)
    assert "GigabitEthernet0/1/0" in other.get()
    other.session.close()
