# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three features over NETCONF against a server that nobody here wrote, and what happens when it does not go well.

Every failure must leave the device as it was, and say so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cisco_lab import KEY, NEXT_KEY, SITE_KEY, chain, key
from netconf_bench import login, session, task
from netconfd_server import CISCO, CISCO_OLD, CISCO_STARTUP, HUAWEI, Netconfd, huawei_startup, netconfd

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers import ncclient
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused, SessionLost
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError, PushReport
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.xmltree import NC

__all__ = ["netconfd"]

Start = Callable[..., Netconfd]

CHAINS, LISP, RSVP = "cisco_tcp_key_chain", "cisco_lisp_tcp_ao", "huawei_rsvp_auth"
IF = "GigabitEthernet0/1/0"
RSVP_KEY = "Own-Key-73"
SECRETS = (KEY, NEXT_KEY, SITE_KEY, RSVP_KEY)
AUTH = {"mode": "cipher", "key": RSVP_KEY}
VIEW = {"name": IF, "authentication": AUTH, "handshake": True, "lifetime": "00:40:00", "window_size": 32}
PEER = {"address": "10.255.7.4", "authentication": {"mode": "keychain", "keychain": "kc-core"}, "handshake": True}
HANDSHAKE = {"interfaces": [VIEW], "peers": [PEER], "timers": {"refresh": 40, "challenge_retransmit": 2000}}
SERVER = {
    "tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": True}],
    "map_server": {
        "services": ["ipv4"],
        "map_resolver": True,
        "sites": [
            {
                "name": "BRANCH-7",
                "authentication_key": SITE_KEY,
                "eid_records": [{"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True}],
            }
        ],
    },
    "etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.1", "key": SITE_KEY}]}]},
}


@pytest.fixture
def cisco(netconfd: Start) -> Netconfd:
    return netconfd(CISCO, startup=CISCO_STARTUP)


@pytest.fixture
def huawei(netconfd: Start) -> Netconfd:
    return netconfd(HUAWEI, startup=huawei_startup(IF))


def rsvp(server: Netconfd, **more: Any) -> dict[str, Any]:
    return task(server, RSVP, **{"config": HANDSHAKE, "prerequisites": "add", **more})


def hidden(result: Any) -> bool:
    """Whether none of the keys is anywhere in a result."""
    return not any(secret in repr(result) for secret in SECRETS)


# -- the whole way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["candidate", "running"])
def test_a_key_chain_is_made_changed_and_removed(netconfd: Start, target: str) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, target=target)
    before = server.running()
    predicted = task(server, CHAINS, config=chain(), check=True)
    assert server.running() == before
    made = task(server, CHAINS, config=chain())
    assert made["commands"] == predicted["commands"]
    assert made["after"] == predicted["after"]
    assert made["changed"]
    assert f"<key>{KEY}</key>" in server.running()
    again = task(server, CHAINS, config=chain())
    assert (again["changed"], again["commands"]) == (False, [])
    two = chain(key(41, KEY, "00:00:00 Mar 1 2031"), key(42, NEXT_KEY, "00:00:00 Mar 1 2032", "00:00:00 Mar 1 2033"))
    assert task(server, CHAINS, config=two)["changed"]
    one = task(server, CHAINS, config=[{"name": "KC-LISP-A", "keys": [{"id": 41}]}], state="deleted")
    assert [entry["id"] for entry in one["after"][0]["keys"]] == [42]
    gone = task(server, CHAINS, state="deleted")
    assert gone["after"] == []
    assert "<chain" not in server.running()
    assert hidden([predicted, made, again, one, gone])


@pytest.mark.parametrize(
    ("modules", "leaf"),
    [
        (CISCO, "<cryptographic-algorithm-choice>"),
        (CISCO_OLD, "<cryptographic-algorithm>hmac-sha-1</cryptographic-algorithm>"),
    ],
)
def test_the_release_decides_which_leaf_holds_the_algorithm(netconfd: Start, modules: Any, leaf: str) -> None:
    server = netconfd(modules, startup=CISCO_STARTUP)
    task(server, CHAINS, config=chain())
    assert leaf in server.running()
    again = task(server, CHAINS, config=chain())
    assert not again["changed"]
    assert again["after"][0]["keys"][0]["algorithm"] == "hmac-sha-1"


def test_lisp_under_tcp_ao(cisco: Netconfd) -> None:
    refused = task(cisco, LISP, config=SERVER)
    assert "no such key chain" in refused["msg"]
    task(cisco, CHAINS, config=chain())
    made = task(cisco, LISP, config=SERVER)
    assert made["changed"]
    assert made["after"]["map_server"]["sites"][0]["eid_records"][0]["instance_id"] == 4101
    assert not task(cisco, LISP, config=SERVER)["changed"]
    used = task(cisco, CHAINS, state="deleted")
    assert "still referred to by 'tcp auth-option KC-LISP-A'" in used["msg"]
    gone = task(cisco, LISP, state="deleted")
    assert gone["after"] == {}
    assert hidden([refused, made, gone])


def test_rsvp_authentication(huawei: Netconfd) -> None:
    without = task(huawei, RSVP, config=HANDSHAKE)
    assert "lacks 'mpls rsvp-te'" in without["msg"]
    made = rsvp(huawei)
    running = huawei.running()
    assert made["changed"]
    for words in (f"<md5-key>{RSVP_KEY}</md5-key>", "<life-time>2400</life-time>", "<window-size>32</window-size>"):
        assert words in running
    assert made["after"]["interfaces"][0] == VIEW | {"authentication": {"mode": "cipher", "key": "********"}}
    assert not rsvp(huawei)["changed"]
    gone = task(huawei, RSVP, state="deleted")
    assert gone["after"] == {}
    assert "<authentication>" not in huawei.running()
    assert hidden([made, gone])


def test_prerequisites_are_added_from_nothing(netconfd: Start) -> None:
    bare = f"""<config xmlns="{NC}">
      <ifm xmlns="urn:huawei:yang:huawei-ifm"><interfaces><interface><name>{IF}</name></interface></interfaces></ifm>
      <network-instance xmlns="urn:huawei:yang:huawei-network-instance"><instances><instance><name>_public_</name>
      </instance></instances></network-instance></config>"""
    server = netconfd(HUAWEI, startup=bare)
    refused = rsvp(server)
    assert "'mpls lsr-id' is not set" in refused["msg"]


def test_what_others_have_configured_stays(cisco: Netconfd) -> None:
    cisco.edit(
        '<native xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-native"><key>'
        '<chain xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-crypto"><name>PLAIN</name><key><id>1</id></key></chain></key>'
        '<router><lisp xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-lisp"><service><ipv4>'
        "<itr-enable><itr/></itr-enable></ipv4></service></lisp></router></native>"
    )
    before = cisco.running()
    task(cisco, CHAINS, config=chain())
    task(cisco, LISP, config=SERVER)
    task(cisco, LISP, state="deleted")
    task(cisco, CHAINS, state="overridden", config=chain(name="OTHER"))
    task(cisco, CHAINS, state="deleted")
    after = cisco.running()
    for words in ("<name>PLAIN</name>", "<itr/>", "<hostname>R1</hostname>"):
        assert words in before
        assert words in after
    assert task(cisco, CHAINS, state="gathered")["gathered"] == []


# -- what YANG cannot say -----------------------------------------------------------------------------------------


def test_a_name_that_is_too_long_for_yang_is_refused(cisco: Netconfd) -> None:
    result = task(cisco, CHAINS, config=chain(name="K" * 240))
    assert "236 at most" in result["msg"]
    assert "edit-config" not in cisco.wire.seen


def test_a_window_without_handshake_is_refused(huawei: Netconfd) -> None:
    view = {"name": IF, "authentication": AUTH, "window_size": 8}
    result = rsvp(huawei, config={"interfaces": [view]})
    assert "window_size can be set only with handshake" in result["msg"]
    assert "edit-config" not in huawei.wire.seen


def test_verify_without_a_cli_is_refused_before_anything_is_sent(cisco: Netconfd) -> None:
    result = task(cisco, CHAINS, config=chain(), verify={"timeout": 5})
    assert result["failed"]
    assert "cannot be verified" in result["msg"]
    assert "ansible_netconf_cli: never" in result["msg"]
    assert "edit-config" not in cisco.wire.seen


def test_a_server_that_shows_no_state_cannot_prove_a_handshake(huawei: Netconfd) -> None:
    """Its modules have the nodes, and it has no values for them."""
    result = rsvp(huawei, verify={"timeout": 5})
    assert result["failed"]
    assert "cannot be verified" in result["msg"]
    assert "ansible_netconf_cli: never" in result["msg"]
    assert "get" in huawei.wire.seen
    assert "edit-config" not in huawei.wire.seen


def test_where_the_task_turns_rsvp_on_the_lack_of_state_shows_later(netconfd: Start) -> None:
    server = netconfd(HUAWEI, startup=huawei_startup(IF, rsvp=False))
    before = server.running()
    result = rsvp(server, config={"interfaces": [VIEW]}, verify={"timeout": 5})
    assert "cannot be verified" in result["msg"]
    assert result["reverted"]
    assert server.running() == before
    assert hidden(result)


# -- somebody else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["candidate", "running"])
def test_the_holder_of_a_lock_is_named(netconfd: Start, target: str) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, target=target)
    before = server.running()
    with server.client() as other, other.locked(target):
        result = task(server, CHAINS, config=chain())
        assert result["failed"]
        assert f"the {target} configuration is locked by NETCONF session {other.session_id}" in result["msg"]
    assert server.running() == before
    assert not result["changed"]
    assert task(server, CHAINS, config=chain())["changed"]


def test_what_others_left_in_the_candidate_is_neither_committed_nor_dropped(cisco: Netconfd) -> None:
    before = cisco.running()
    with cisco.client() as other:
        other.edit_config(
            f'<config xmlns="{NC}"><native xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-native"><hostname>HALF</hostname>'
            "</native></config>",
            target="candidate",
        )
        result = task(cisco, CHAINS, config=chain())
        assert "uncommitted changes that are not ours" in result["msg"]
        assert cisco.running() == before
        assert "HALF" in str(other.get_config("candidate"))
        other.discard_changes()


def test_a_commit_that_somebody_blocks_leaves_nothing_behind(cisco: Netconfd) -> None:
    before = cisco.running()
    with cisco.client() as other, other.locked("running"):
        result = task(cisco, CHAINS, config=chain())
        assert "locked by" in result["msg"]
        assert result["reverted"]
    assert cisco.running() == before
    assert task(cisco, CHAINS, config=chain())["changed"]  # the candidate is clean and free


def test_who_may_only_read_changes_nothing(cisco: Netconfd) -> None:
    before = cisco.running()
    assert task(cisco, CHAINS, state="gathered", user="reader")["gathered"] == []
    result = task(cisco, CHAINS, config=chain(), user="reader")
    assert "access-denied" in result["msg"]
    assert result["reverted"]
    assert not result["changed"]
    assert cisco.running() == before
    assert hidden(result)


# -- the server says no -------------------------------------------------------------------------------------------


def plan_of(*lines: str) -> Plan:
    return Plan(
        (
            f'<config xmlns="{NC}">',
            '<native xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-native"><key>',
            '<chain xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-crypto"><name>X</name><tcp/>',
            *lines,
            "</chain></key></native></config>",
        )
    )


def test_all_errors_of_a_reply_are_told(cisco: Netconfd) -> None:
    before = cisco.running()
    bad = "<key><id>{}</id><send-id>{}</send-id></key>"
    opened = session(cisco, "cisco_iosxe")
    with pytest.raises(DeviceError) as caught:
        opened.push(plan_of(bad.format(1, 256), bad.format(2, 999)), None, PushReport())
    opened.close()
    assert str(caught.value).count("invalid-value") == 2
    assert "send-id" in str(caught.value)
    assert cisco.running() == before
    with cisco.client() as other:
        assert "<name>X</name>" not in str(other.get_config("candidate"))


def test_an_edit_that_breaks_a_constraint_is_dropped(huawei: Netconfd) -> None:
    """The interface is not there: the server notices when it validates, at the edit or at the commit."""
    before = huawei.running()
    result = rsvp(huawei, config={"interfaces": [{**VIEW, "name": "GigabitEthernet0/9/9"}]})
    assert result["failed"]
    assert huawei.running() == before


def test_an_accepted_edit_that_is_not_there_fails(huawei: Netconfd) -> None:
    """The server drops what depends on RSVP without a word when RSVP is off; only reading back shows it."""
    huawei.edit(
        '<mpls xmlns="urn:huawei:yang:huawei-mpls"><te xmlns="urn:huawei:yang:huawei-mpls-te"><rsvp>'
        "<enable>false</enable></rsvp></te></mpls>"
    )
    before = huawei.running()
    lines = (
        f'<config xmlns="{NC}"><mpls xmlns="urn:huawei:yang:huawei-mpls"><te xmlns="urn:huawei:yang:huawei-mpls-te">',
        "<rsvp><global><refresh-interval>77</refresh-interval></global></rsvp></te></mpls></config>",
    )
    opened = session(huawei, "huawei_vrp")
    opened.push(Plan(lines), None, PushReport())
    opened.close()
    assert huawei.running() == before


# -- the line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["edit-config", "commit"])
@pytest.mark.parametrize("when", ["drop_before", "drop_after", "truncate"])
def test_a_session_that_is_cut_in_the_middle_is_taken_back(cisco: Netconfd, operation: str, when: str) -> None:
    task(cisco, CHAINS, config=chain(name="OLD"))
    before = cisco.running()
    cisco.wire.clear()
    opened = 0

    def fault_once(book: SecretBook) -> Any:
        nonlocal opened
        opened += 1
        setattr(cisco.wire, when, operation if opened == 1 else None)
        return session(cisco, "cisco_iosxe", book=book)

    result = run_with(fault_once, CHAINS, config=chain())
    assert result["failed"], result
    assert result["reverted"]
    assert not result["changed"]
    assert "the device is as it was before (read again)" in result["msg"]
    assert cisco.running() == before
    assert hidden(result)
    with cisco.client() as other:
        other.lock("candidate")
        other.unlock("candidate")


def test_a_session_cut_after_an_edit_of_running_is_put_back(netconfd: Start) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, target="running")
    before = server.running()
    opened = 0

    def fault_once(book: SecretBook) -> Any:
        nonlocal opened
        opened += 1
        server.wire.drop_after = "edit-config" if opened == 1 else None
        return session(server, "cisco_iosxe", book=book)

    result = run_with(fault_once, CHAINS, config=chain())
    assert result["reverted"]
    assert server.wire.seen.count("edit-config") == 2  # the change, and what took it back
    assert "".join(server.running().replace("<key/>", "").split()) == "".join(before.split())


def run_with(opening: Callable[[SecretBook], Any], feature_name: str, **args: Any) -> dict[str, Any]:
    from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
    from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.task import Runner

    feature = registry.feature(feature_name)
    return Runner(feature, registry.platform(feature.platform).plan, opening, host="r1").run(args)


def test_a_server_that_does_not_come_back_is_unreachable(cisco: Netconfd) -> None:
    def crash_before_commit(book: SecretBook) -> Any:
        cisco.wire.drop_before = "commit"
        opened = session(cisco, "cisco_iosxe", book=book)
        opened.close, really = (lambda: (cisco.crash(), really())), opened.close  # type: ignore[method-assign]
        return opened

    result = run_with(crash_before_commit, CHAINS, config=chain())
    assert result["unreachable"]
    assert "the old state was NOT proved" in result["msg"]


def test_no_server_is_unreachable(cisco: Netconfd) -> None:
    cisco.stop()
    result = task(cisco, CHAINS, state="gathered")
    assert result["unreachable"]
    assert "refused the connection" in result["msg"]


# -- confirmed commits --------------------------------------------------------------------------------------------


def armed(server: Netconfd, seconds: int = 600) -> Any:
    opened = session(server, "cisco_iosxe")
    assert opened.can_arm
    report = PushReport()
    opened.push(plan_of(), seconds, report)
    assert report.armed
    assert "<name>X</name>" in server.running()
    return opened


def test_a_confirmed_commit_is_kept_when_confirmed(cisco: Netconfd) -> None:
    opened = armed(cisco)
    opened.confirm()
    opened.close()
    assert "<name>X</name>" in cisco.running()


def test_an_armed_change_outlives_its_session_and_is_aborted_by_another(cisco: Netconfd) -> None:
    before = cisco.running()
    armed(cisco).close()
    assert "<name>X</name>" in cisco.running()
    later = session(cisco, "cisco_iosxe")
    later.abort()
    later.abort()  # nothing armed, nothing done
    later.close()
    assert cisco.running() == before


def test_a_confirmed_commit_that_has_run_out_cannot_be_confirmed(cisco: Netconfd) -> None:
    before = cisco.running()
    opened = armed(cisco, seconds=1)
    give_up = time.monotonic() + 60
    while cisco.running() != before and time.monotonic() < give_up:
        time.sleep(1.5)  # netconfd looks at its clock only in a second in which nobody asks it anything
    with pytest.raises(DeviceError, match="the time was over"):
        opened.confirm()
    opened.close()
    assert cisco.running() == before


def test_writable_running_cannot_be_armed(netconfd: Start) -> None:
    opened = session(netconfd(CISCO, target="running"), "cisco_iosxe")
    assert not opened.can_arm
    assert opened.target == "running"
    opened.close()


def test_saving_copies_to_startup_where_there_is_one(netconfd: Start) -> None:
    server = netconfd(CISCO, startup=CISCO_STARTUP, with_startup=True)
    assert task(server, CHAINS, config=chain())["saved"]
    assert "copy-config" in server.wire.seen
    assert "validate" not in server.wire.seen


# -- trust, and silence -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler", ["default", "iosxe", "huaweiyang"])
def test_an_unknown_host_key_ends_it_with_every_handler(cisco: Netconfd, tmp_path: Path, handler: str) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    for known, words in ((empty, "is not known"), (tmp_path / "missing", "is not known")):
        with pytest.raises(LoginRefused, match=words):
            ncclient.connect(login(cisco, known_hosts_file=str(known)), handler, SecretBook())
    other = tmp_path / "other"
    other.write_text(cisco.known_hosts.read_text().replace("AAAA", "AAAB", 1))
    assert cisco.wire.seen == []


def test_another_host_key_is_called_that(netconfd: Start, tmp_path: Path) -> None:
    one, two = netconfd(CISCO), netconfd(HUAWEI)
    swapped = tmp_path / "known_hosts"
    swapped.write_text(two.known_hosts.read_text().replace(str(two.port), str(one.port)))
    with pytest.raises(LoginRefused, match="is NOT the one"):
        ncclient.connect(login(one, known_hosts_file=str(swapped)), "iosxe", SecretBook())


def test_a_revoked_host_key_is_refused(cisco: Netconfd, tmp_path: Path) -> None:
    revoked, good = tmp_path / "known_hosts", cisco.known_hosts.read_text()
    revoked.write_text(f"{good}@revoked * {good.split(None, 1)[1]}")
    with pytest.raises(LoginRefused, match="is revoked in"):
        ncclient.connect(login(cisco, known_hosts_file=str(revoked)), "iosxe", SecretBook())


def test_a_wrong_password_is_refused(cisco: Netconfd) -> None:
    with pytest.raises(LoginRefused, match="refused the login of user netops"):
        ncclient.connect(login(cisco, password="no"), "iosxe", SecretBook())


def test_no_logger_tells_a_key(cisco: Netconfd, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    log = tmp_path / "session.log"
    with caplog.at_level(logging.DEBUG):
        for name in list(logging.root.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.NOTSET)
        result = task(cisco, CHAINS, config=chain(), login={"session_log": str(log)})
    assert result["changed"]
    assert KEY not in caplog.text
    written = log.read_text()
    assert "edit-config" in written
    assert "********" in written
    assert KEY not in written
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_lost_session_does_not_quote_what_was_sent(cisco: Netconfd) -> None:
    book = SecretBook()
    opened = session(cisco, "cisco_iosxe", book=book)
    cisco.wire.truncate = "edit-config"
    with pytest.raises(SessionLost) as caught:
        opened.push(plan_of(f"<key><id>1</id><key-string><key>{KEY}</key></key-string></key>"), None, PushReport())
    opened.close()
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value.__cause__)


def test_a_backup_over_netconf_holds_no_key(cisco: Netconfd, tmp_path: Path) -> None:
    task(cisco, CHAINS, config=chain())
    result = task(cisco, CHAINS, config=chain(key(41, NEXT_KEY, "00:00:00 Mar 1 2031")), backup=True, folder=tmp_path)
    text = Path(result["backup_path"]).read_text()
    assert "<name>KC-LISP-A</name>" in text
    assert not any(secret in text for secret in SECRETS)
