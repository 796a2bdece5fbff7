# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions between a map server and ETRs: authentication, validity in time, rollover, and how it is shown."""

from __future__ import annotations

import re

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

from .iosxe_labs import ETR_ADDRESS, MS_ADDRESS, Client, etr, key, map_server, world

# The manual clock starts at 2031-05-14 09:20:00 UTC.
SHORT = "00:00:00 Jan 1 2031 09:25:00 May 14 2031"
LATER = "09:30:00 May 14 2031 infinite"


def ends(ms: str, etr1: str, **more: object) -> tuple[World, Client, Client]:
    """A lab ten seconds after its start, with a client on each end."""
    lab = world(ms, etr1, **more)  # type: ignore[arg-type]
    lab.advance(10)
    return lab, Client(lab, "ms"), Client(lab, "etr1")


# -- the outcome matrix -----------------------------------------------------------------------------------------------

OTHER_STRING = key(41, "Other")
MATRIX = [
    # (map server, ETR, state, chain on the ETR, chain on the map server)
    ("AO and AO", map_server(key(41)), etr(key(41)), "Up", "KC-ETR", "KC-MS"),
    ("AO and plain", map_server(key(41)), etr(key(41), ao=False), "Up", None, None),
    ("AO and an ETR without any chain", map_server(key(41)), etr(), "Up", None, None),
    ("passive-open and AO", map_server(key(41), passive=True), etr(key(41)), "Up", "KC-ETR", "KC-MS"),
    ("passive-open and plain", map_server(key(41), passive=True), etr(), "Up", None, None),
    ("plain and AO", map_server(key(41), accept=False), etr(key(41)), "Down", None, None),
    ("plain and plain", map_server(), etr(), "Up", None, None),
    ("another key id is no matter", map_server(key(41)), etr(key(1, send_id=41, recv_id=41)), "Up", "KC-ETR", "KC-MS"),
    ("mirrored ids", map_server(key(41, send_id=1, recv_id=2)), etr(key(41, send_id=2, recv_id=1)), "Up", "KC-ETR",
     "KC-MS"),
    ("crossed ids", map_server(key(41, send_id=1, recv_id=2)), etr(key(41, send_id=1, recv_id=2)), "Down", None, None),
    ("another string", map_server(key(41)), etr(OTHER_STRING), "Down", None, None),
    ("another string, passive-open", map_server(key(41), passive=True), etr(OTHER_STRING), "Down", None, None),
    ("another algorithm", map_server(key(41)), etr(key(41, algorithm="aes-128-cmac")), "Down", None, None),
    ("options on one end", map_server(key(41)), etr(key(41, extra="include-tcp-options")), "Down", None, None),
    ("options on both ends", map_server(key(41, extra="include-tcp-options")),
     etr(key(41, extra="include-tcp-options")), "Up", "KC-ETR", "KC-MS"),
    ("mismatch accepted by one end", map_server(key(41, extra="accept-ao-mismatch")), etr(OTHER_STRING), "Down", None,
     None),
    ("mismatch accepted by both ends", map_server(key(41, extra="accept-ao-mismatch")),
     etr(key(41, "Other", extra="accept-ao-mismatch")), "Up", "KC-ETR", "KC-MS"),
    ("a server without AO accepted by the ETR", map_server(), etr(key(41, extra="accept-ao-mismatch")), "Up", "KC-ETR",
     None),
    ("expired on the ETR", map_server(key(41)), etr(key(41, send="00:00:00 Jan 1 2031 duration 60")), "Down", None,
     None),
    ("not yet valid on the server", map_server(key(41, send=LATER)), etr(key(41)), "Down", None, None),
    ("without send lifetime", map_server(key(41)), etr(key(41, send="")), "Down", None, None),
    ("no longer accepted", map_server(key(41, extra="accept-lifetime 00:00:00 Jan 1 2031 duration 60")), etr(key(41)),
     "Down", None, None),
    ("shared key of the site differs", map_server(key(41)), etr(key(41), site_key="Wrong"), "Down", None, None),
    ("shared key differs without AO", map_server(), etr(site_key="Wrong"), "Down", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("ms", "etr1", "state", "chain", "ms_chain"), [row[1:] for row in MATRIX],
                         ids=[row[0] for row in MATRIX])  # fmt: skip
def test_outcome(ms: str, etr1: str, state: str, chain: str | None, ms_chain: str | None) -> None:
    _lab, server, router = ends(ms, etr1)
    assert router.state(MS_ADDRESS) == state
    assert server.state(ETR_ADDRESS) == ("Up" if state == "Up" else "")
    assert router.auth(MS_ADDRESS) == chain
    assert server.auth(ETR_ADDRESS) == ms_chain


def test_a_chain_that_is_missing_or_of_another_type_protects_nothing() -> None:
    missing = map_server(key(41)).replace("key chain KC-MS tcp", "key chain OTHER tcp")
    plain = etr(key(41)).replace("key chain KC-ETR tcp", "key chain KC-ETR")
    for pair in ((missing, etr(key(41))), (map_server(key(41)), plain)):
        _lab, _server, router = ends(*pair)
        assert router.state(MS_ADDRESS) == "Down"


def test_mismatches_are_logged_by_the_end_that_sees_them() -> None:
    lab, server, router = ends(map_server(key(41)), etr(OTHER_STRING))
    line = r"%TCP-6-AOMISMATCH: TCP AO MAC Mismatch for connection from 203\.0\.113\.12\(\d+\) to 192\.0\.2\.1\(4342\)"
    assert re.search(line, server.run("show logging"))
    first = server.mismatches()
    lab.advance(600)
    assert server.mismatches() > first
    assert router.mismatches() == 0
    lab.advance(86400 * 300)
    assert server.mismatches() < 100
    assert "SYNSENT" in router.run("show tcp brief")


def test_repair_brings_the_session_up() -> None:
    lab, _server, router = ends(map_server(key(41)), etr(OTHER_STRING))
    router.config("key chain KC-ETR tcp", "key 41", "key-string Demo-Key")
    assert router.state(MS_ADDRESS) == "Down"
    lab.advance(3)
    assert router.state(MS_ADDRESS) == "Up"
    assert router.auth(MS_ADDRESS) == "KC-ETR"


def test_secrets_compare_by_value_whatever_their_type() -> None:
    encrypted = "service password-encryption\n!\n"
    _lab, server, router = ends(map_server(key(41)), etr(key(41), extra=encrypted))
    assert "key-string 7 " in router.run("show running-config")
    assert server.state(ETR_ADDRESS) == "Up"


# -- change of authentication -----------------------------------------------------------------------------------------


def test_adding_and_removing_ao_flaps_the_session() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41), ao=False))
    lab.advance(3600)
    assert router.since(MS_ADDRESS) == "01:00:08"
    router.config("router lisp", "tcp auth-option KC-ETR", f"peer {MS_ADDRESS}")
    assert router.state(MS_ADDRESS) == "Down"
    lab.advance(5)
    assert router.state(MS_ADDRESS) == "Up"
    assert router.since(MS_ADDRESS) == "00:00:03"
    assert server.auth(ETR_ADDRESS) == "KC-MS"
    router.config("router lisp", "no tcp auth-option KC-ETR")
    lab.advance(5)
    assert (router.since(MS_ADDRESS), router.auth(MS_ADDRESS)) == ("00:00:03", None)


@pytest.mark.parametrize("flaps", [False, True])
def test_ao_on_the_server_and_its_sessions_without_ao(flaps: bool) -> None:
    """Whether these flap is an open question, so it is an option."""
    device = {"options": {"ms_ao_flaps_all": flaps}}
    lab, server, router = ends(map_server(key(41), accept=False), etr(), ms_device=device)
    lab.advance(100)
    server.config("router lisp", "tcp auth-option KC-MS", "peer accept")
    assert router.state(MS_ADDRESS) == ("Down" if flaps else "Up")


def test_the_server_losing_ao_ends_the_session() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41)))
    server.config("router lisp", "no tcp auth-option KC-MS")
    lab.advance(60)
    assert router.state(MS_ADDRESS) == "Down"
    server.config("router lisp", "tcp auth-option KC-MS", "peer accept")
    lab.advance(3)
    assert router.state(MS_ADDRESS) == "Up"


def test_changed_string_in_use_loses_the_session_after_a_while() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41)))
    router.config("key chain KC-ETR tcp", "key 41", "key-string Other")
    assert router.state(MS_ADDRESS) == "Up"
    lab.advance(31)
    assert router.state(MS_ADDRESS) == "Down"
    assert server.mismatches() > 0


def test_syslog_of_session_changes() -> None:
    ms = map_server(key(41)).replace(" ipv4 source-locator", " syslog session changes\n ipv4 source-locator")
    _lab, server, router = ends(ms, etr(key(41)))
    server.run("show lisp session")
    assert "changed state to Up" in server.run("show logging")
    assert "changed state to Up" not in router.run("show logging")


# -- time -------------------------------------------------------------------------------------------------------------


def test_the_only_key_expires() -> None:
    lab, server, router = ends(map_server(key(41, send=SHORT)), etr(key(41, send=SHORT)))
    lab.advance(290)
    assert router.state(MS_ADDRESS) == "Up"
    lab.advance(10)  # 09:25:10: segments are being lost
    assert router.state(MS_ADDRESS) == "Up"
    assert "[valid now]" not in server.run("show key chain | include send lifetime")
    lab.advance(30)
    assert router.state(MS_ADDRESS) == "Down"
    assert "Preferred MKT id - none" in router.run("show key chain")


def test_a_key_that_becomes_valid_brings_the_session_up() -> None:
    lab, _server, router = ends(map_server(key(41, send=LATER)), etr(key(41, send=LATER)))
    assert router.state(MS_ADDRESS) == "Down"
    lab.advance(700)
    assert router.since(MS_ADDRESS) == "00:01:48"  # since 09:30:02


def test_local_lifetimes_follow_the_zone() -> None:
    zone = "clock timezone CET 1 0\n!\n"
    local = "local 10:30:00 May 14 2031 infinite"  # 09:30 UTC
    lab, _server, router = ends(map_server(key(41)), etr(key(41, send=local), extra=zone))
    assert "(10:30:00 CET May 14 2031) - (infinite)\n" in router.run("show key chain")
    lab.advance(500)
    assert router.state(MS_ADDRESS) == "Down"
    lab.advance(200)
    assert router.state(MS_ADDRESS) == "Up"


OLD = "00:00:00 Jan 1 2031 09:40:00 May 14 2031"
NEW = "09:30:00 May 14 2031 00:00:00 Sep 1 2031"


def test_rollover_without_a_reset() -> None:
    lab, server, router = ends(map_server(key(41, "O", send=OLD)), etr(key(41, "O", send=OLD)))
    for client, chain in ((server, "KC-MS"), (router, "KC-ETR")):
        client.run("conf t", f"key chain {chain} tcp", "key 42", "send-id 42", "recv-id 42", "key-string N")
        client.run("cryptographic-algorithm hmac-sha-1", f"send-lifetime {NEW}", "end")
        assert client.in_use() == {"41"}
        assert client.tcb_keys() == ("41", "41")
    lab.advance(600)  # 09:30:10
    for client in (server, router):
        assert client.tcb_keys() == ("42", "42")
        assert client.in_use() == {"42"}
        assert "Preferred MKT id - 42" in client.run("show key chain")
    assert router.since(MS_ADDRESS) == "00:10:08"
    lab.advance(1200)  # 09:50: the old key has ended
    for client, chain in ((server, "KC-MS"), (router, "KC-ETR")):
        client.config(f"key chain {chain} tcp", "no key 41")
    lab.advance(600)
    assert router.since(MS_ADDRESS) == "00:40:08"
    assert server.mismatches() + router.mismatches() == 0


def test_one_end_alone_cannot_roll_over() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41, send=OLD)))
    router.run("conf t", "key chain KC-ETR tcp", "key 42", "send-id 42", "recv-id 42", "key-string N")
    router.run("cryptographic-algorithm hmac-sha-1", "send-lifetime 09:00:00 May 14 2031 infinite", "end")
    assert router.tcb_keys() == ("41", "42")  # wants the new key, the server has only the old one
    assert server.tcb_keys() == ("41", "41")
    assert router.since(MS_ADDRESS) == "00:00:08"
    router.run("clear lisp session *")  # a new connection starts with the preferred key, which the server lacks
    lab.advance(10)
    assert router.state(MS_ADDRESS) == "Down"


def test_a_shortened_lifetime_starts_the_rollover() -> None:
    lab, server, router = ends(map_server(key(41), key(42, "N", send=NEW)), etr(key(41), key(42, "N", send=NEW)))
    lab.advance(1200)
    assert router.tcb_keys() == ("41", "41")  # infinite is longer
    for client, chain in ((server, "KC-MS"), (router, "KC-ETR")):
        client.config(f"key chain {chain} tcp", "key 41", "send-lifetime 00:00:00 Jan 1 2031 10:00:00 May 14 2031")
    assert router.tcb_keys() == ("42", "42")
    assert server.tcb_keys() == ("42", "42")
    assert router.since(MS_ADDRESS) == "00:20:08"


def test_accept_ao_mismatch_switches_rollover_off() -> None:
    flag = "accept-ao-mismatch"
    keys = (key(41, send=OLD, extra=flag), key(42, "N", send=NEW, extra=flag))
    lab, _server, router = ends(map_server(*keys), etr(*keys))
    lab.advance(900)
    assert router.tcb_keys()[0] == "41"
    assert router.state(MS_ADDRESS) == "Up"


# -- who is there -----------------------------------------------------------------------------------------------------


def test_several_etrs_each_for_itself() -> None:
    lab = world(
        map_server(key(41)), etr(key(41)), etr(number=13, name="ETR2"), etr(key(41, "X"), number=14, name="ETR3")
    )
    lab.advance(10)
    server = Client(lab, "ms")
    assert [server.state(f"203.0.113.{n}") for n in (12, 13, 14)] == ["Up", "Up", ""]
    assert [server.auth(f"203.0.113.{n}") for n in (12, 13)] == ["KC-MS", None]
    assert server.run("show lisp session").startswith("Sessions for VRF default, total: 5, established: 2\n")
    up = re.findall(r"(yes#?) +203\.0\.113\.(\d+)", server.run("show lisp site"))
    assert up == [("yes#", "12"), ("yes#", "13"), ("yes", "14")]


def test_an_etr_with_two_map_servers_and_two_chains() -> None:
    second = map_server(key(9, "Two"), site_key="Demo-Site").replace("192.0.2.1", "192.0.2.2").replace("MS1", "MS2")
    router = etr(key(41)).replace(
        "router lisp\n", "key chain KC-TWO tcp\n" + key(9, "Two") + "!\nrouter lisp\n tcp auth-option KC-TWO\n"
        "  peer 192.0.2.2\n  exit\n !\n", 1
    ).replace("  etr\n", "  etr map-server 192.0.2.2 key Demo-Site\n  etr\n")  # fmt: skip
    devices = {name: {"platform": "cisco_iosxe", "config": text}
               for name, text in (("ms1", map_server(key(41))), ("ms2", second), ("etr1", router))}  # fmt: skip
    links = [["ms1:GigabitEthernet0/0/0", "etr1:GigabitEthernet0/0/0"],
             ["ms2:GigabitEthernet0/0/0", "etr1:GigabitEthernet0/0/1"]]  # fmt: skip
    lab = World(parse_lab({"name": "two", "clock": "manual", "devices": devices, "links": links}))
    lab.advance(5)
    client = Client(lab, "etr1")
    assert (client.auth("192.0.2.1"), client.auth("192.0.2.2")) == ("KC-ETR", "KC-TWO")


def test_a_shut_port_loses_the_session_and_gets_it_back() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41)))
    router.config("interface GigabitEthernet0/0/0", "shutdown")
    lab.advance(20)
    assert server.state(ETR_ADDRESS) == "Up"
    lab.advance(20)
    assert server.state(ETR_ADDRESS) == ""
    router.config("interface GigabitEthernet0/0/0", "no shutdown")
    lab.advance(3)
    assert server.state(ETR_ADDRESS) == "Up"


def test_no_session_without_eid_site_or_role() -> None:
    for ms, etr1 in (
        (map_server(key(41)), etr(key(41)).replace("198.51.100.64/27", "198.18.99.0/24")),
        (map_server(key(41)), re.sub(r"   database-mapping .*\n", "", etr(key(41)))),
        (map_server(key(41)), etr(key(41)).replace("  etr\n", "")),
        (map_server(key(41)).replace("  map-server\n", ""), etr(key(41))),
        (map_server(key(41)).replace(" accept-more-specifics", ""), etr(key(41))),
    ):
        _lab, _server, router = ends(ms, etr1)
        assert router.state(MS_ADDRESS) in ("", "Down")


def test_authentication_failures_count_and_registrations_vanish() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41)))
    server.config("router lisp", "site BRANCH-7", "authentication-key Changed")
    assert router.state(MS_ADDRESS) == "Down"
    lab.advance(180)
    assert "Authentication failures:   4" in server.run("show lisp site detail")
    assert "yes" not in server.run("show lisp site | exclude ^#")


def test_reload_and_restore() -> None:
    lab, server, router = ends(map_server(key(41)), etr(key(41)))
    lab.advance(50)
    saved = lab.snapshot()
    assert "Demo-Key" not in str(saved["protocols"])
    router.device.reboot()
    lab.advance(5)
    assert server.since(ETR_ADDRESS) == "00:00:03"
    lab.restore(saved)
    assert Client(lab, "ms").since(ETR_ADDRESS) == "00:00:58"


# -- layouts ----------------------------------------------------------------------------------------------------------


def test_session_table_with_rtt() -> None:
    lab, server, _router = ends(map_server(key(41)), etr(key(41)))
    lab.advance(86400)
    title, head, listener, row = server.run("show lisp vrf default session").splitlines()
    assert title == "Sessions for VRF default, total: 2, established: 1"
    assert head == "Peer                           State      Up/Down        In/Out   Users  RTT(ms)"
    assert listener == "203.0.113.12                   Listening  never           0/0     0      0"
    assert [row.index(text) for text in ("Up", "1d00h", "/")] == [31, 42, 59]
    assert row[66] != " "
    assert row[65] == row[67] == " "
    assert row[73:].isdigit()


def test_layout_of_17_2() -> None:
    device = {"os_version": "17.2.1"}
    _lab, server, router = ends(map_server(key(41)), etr(key(41)), ms_device=device, etr_device=device)
    table = router.run("show lisp session").splitlines()
    assert table[1] == "Peer                           State      Up/Down        In/Out    Users"
    assert table[2][67] != " "
    text = router.run("show lisp vrf default session 192.0.2.1")
    assert "Auth type:        TCP-Auth-Option, keychain: KC-ETR\n" in text
    assert "RTT" not in text
    assert "SSO redundancy:   unsynchronized\n" in text
    router.config("router lisp", "no tcp auth-option KC-ETR")
    server.world.advance(5)
    assert "uth" not in router.run("show lisp vrf default session 192.0.2.1")


def test_session_detail() -> None:
    _lab, server, router = ends(map_server(key(41)), etr())
    text = server.run(f"show lisp vrf default session {ETR_ADDRESS}")
    assert "Session Type:     Passive\n" in text
    assert "Auth Type:        None \n" in text
    assert server.run("show lisp session 198.18.0.99") == ""
    active = router.run(f"show lisp session {MS_ADDRESS}").splitlines()
    assert active[0] == "Peer address:     192.0.2.1:4342"
    users = next(line for line in active if "Reliable" in line)
    assert (users.index("lisp 0 IID"), users.index("/"), users.index("TCP")) == (28, 70, 78)
    assert server.run(f"show lisp all session {ETR_ADDRESS}").startswith("=====")


def test_site_table() -> None:
    _lab, server, _router = ends(map_server(key(41)), etr(key(41)))
    lines = server.run("show lisp site").splitlines()
    assert lines[4] == "Site Name      Last      Up     Who Last             Inst     EID Prefix"
    assert lines[6] == "BRANCH-7       never     no     --                   4101     198.51.100.0/24"
    assert re.fullmatch(r" {15}00:00:08  yes#   203\.0\.113\.12:\d{5}   4101     198\.51\.100\.64/27", lines[7])


def test_tcp_tables() -> None:
    _lab, server, router = ends(map_server(key(41)), etr(key(41)))
    head, row = router.run("show tcp brief numeric").splitlines()
    assert head == "TCB       Local Address           Foreign Address        (state)"
    assert [row.index(text) for text in (ETR_ADDRESS, MS_ADDRESS, "ESTAB")] == [10, 34, 57]
    assert "LISTEN" in server.run("show tcp brief all")
    block = router.run(f"show tcp tcb {row.split()[0]}")
    assert "Connection state is ESTAB" in block
    assert "  win-scale, TCP AO\n" in block
    assert "TCP AO Key chain: KC-ETR\n\nTCP AO Current Key:\n  Id: 41, Send-Id: 41, Recv-Id: 41\n" in block


def test_service_table() -> None:
    _lab, server, router = ends(map_server(key(41)), etr(key(41)))
    assert "  Map Server (MS):                          enabled\n" in server.run("show lisp service ipv4")
    assert "  ETR Map-Server(s):                        192.0.2.1\n" in router.run("show lisp service ipv4")
    assert "192.0.2.1 (00:00:10)" in router.run("show lisp instance-id 4101 ipv4")
