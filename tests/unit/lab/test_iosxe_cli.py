# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IOS XE command line: modes, abbreviations, carets, filters, paging, enable, configuration text, save."""

from __future__ import annotations

import re

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.cisco_iosxe.cipher import (
    clear6,
    clear7,
    type6,
    type7,
)

from .iosxe_labs import Client, etr, key, map_server, single, world

LIFE = "send-lifetime 00:00:00 Mar 1 2031 00:00:00 Sep 1 2031"


@pytest.fixture
def r1() -> Client:
    return single()


def body(client: Client) -> str:
    """The configuration between its volatile header and ``end``."""
    text = client.run("show running-config")
    return text[text.index("version ") :].removesuffix("end\n\n")


# -- modes and prompts ------------------------------------------------------------------------------------------------


def test_prompts_of_every_mode(r1: Client) -> None:
    assert r1.prompt == "R1#"
    assert r1.run("configure terminal") == "Enter configuration commands, one per line.  End with CNTL/Z.\n"
    steps = [
        ("key chain KC tcp", "R1(config-keychain-tcp)#"),
        ("key 7", "R1(config-keychain-tcp-key)#"),
        ("exit", "R1(config-keychain-tcp)#"),
        ("exit", "R1(config)#"),
        ("key chain OLD", "R1(config-keychain)#"),
        ("key 1", "R1(config-keychain-key)#"),
        ("router lisp", "R1(config-router-lisp)#"),
        ("tcp auth-option KC", "R1(config-router-lisp-tcp-ao)#"),
        ("exit", "R1(config-router-lisp)#"),
        ("service ipv4", "R1(config-lisp-srv-ipv4)#"),
        ("exit-service-ipv4", "R1(config-router-lisp)#"),
        ("site S", "R1(config-router-lisp-site)#"),
        ("exit-site", "R1(config-router-lisp)#"),
        ("locator-set L", "R1(config-router-lisp-locator-set)#"),
        ("exit-locator-set", "R1(config-router-lisp)#"),
        ("instance-id 4101", "R1(config-router-lisp-inst)#"),
        ("service ethernet", "R1(config-router-lisp-inst-serv-eth)#"),
        ("exit-service-ethernet", "R1(config-router-lisp-inst)#"),
        ("exit-instance-id", "R1(config-router-lisp)#"),
        ("exit-router-lisp", "R1(config)#"),
        ("interface Loopback0", "R1(config-if)#"),
        ("archive", "R1(config-archive)#"),
        ("router bgp 65001", "R1(config-router)#"),
        ("address-family ipv4", "R1(config-router-af)#"),
        ("line vty 0 4", "R1(config-line)#"),
        ("end", "R1#"),
    ]
    for line, prompt in steps:
        r1.run(line)
        assert r1.prompt == prompt, line


def test_prompt_variants_of_the_manuals() -> None:
    names = {"ao_prompt": "tcp-auth-option", "keychain_prompt": "plain", "service_prompt": "router-lisp-serv"}
    client = single(options=names)
    client.run("configure terminal", "key chain KC tcp")
    assert client.prompt == "R1(config-keychain)#"
    client.run("router lisp", "tcp auth-option KC")
    assert client.prompt == "R1(config-router-lisp-tcp-auth-option)#"
    client.run("exit", "service ipv4")
    assert client.prompt == "R1(config-router-lisp-serv-ipv4)#"


def test_host_names_are_cut_in_configuration_prompts() -> None:
    client = single(hostname="a-router-with-a-very-long-name")
    assert client.prompt == "a-router-with-a-very-long-name#"
    client.run("conf t")
    assert client.prompt == "a-router-with-a-very(config)#"


def test_a_line_unknown_here_is_tried_further_out(r1: Client) -> None:
    """What makes a configuration without exits loadable; inside router lisp only the global mode is tried."""
    r1.run("conf t", "key chain A tcp", "key 1", "send-id 1", "key 2", "send-id 2", "key chain B tcp")
    assert "key chain A tcp\n key 1\n  send-id 1\n key 2\n  send-id 2\n!\nkey chain B tcp\n!" in body_of(r1)
    r1.run("router lisp", "tcp auth-option A")
    assert "% Invalid input" in r1.run("site S")
    assert r1.prompt == "R1(config-router-lisp-tcp-ao)#"
    r1.run("hostname R1")
    assert r1.prompt == "R1(config)#"
    loose = single(options={"lisp_fall_through": True})
    loose.run("conf t", "router lisp", "tcp auth-option A", "peer accept", "site S")
    assert loose.prompt == "R1(config-router-lisp-site)#"


def body_of(client: Client) -> str:
    return client.run("do show running-config")


def test_control_z_and_do(r1: Client) -> None:
    r1.run("configure terminal", "interface Loopback5")
    assert "Current privilege level is 15" in r1.run("do show privilege")
    r1.terminal.receive("\x1a")
    r1.run("")
    assert r1.prompt == "R1#"


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("key chian X", 6),  # the first character that no keyword has
        ("key chain", None),
        ("hostnam", None),
        ("hostname", None),
        ("router lisp 65521", 12),
        ("interface Foo0", 10),
        ("zz", 0),
    ],
)
def test_carets_stand_below_the_first_bad_character(r1: Client, line: str, column: int | None) -> None:
    r1.run("configure terminal")
    wanted = "% Incomplete command.\n\n"
    if column is not None:
        wanted = " " * (len("R1(config)#") + column) + "^\n% Invalid input detected at '^' marker.\n\n"
    assert r1.run(line) == wanted


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("send-id 256", 8),
        ("recv-id -1", 8),
        ("cryptographic-algorithm md5", 24),
        ("cryptographic-algorithm aes-256-cmac", 28),
        ("send-lifetime 24:00:00 Jan 1 2031 infinite", 14),
        ("send-lifetime 00:00:00 Jan 32 2031 infinite", 27),
        ("send-lifetime 00:00:00 Feb 30 2031 infinite", 27),
        ("send-lifetime 00:00:00 Jan 1 1992 infinite", 29),
        ("send-lifetime 00:00:00 Jan 1 2036 infinite", 29),
        ("send-lifetime 00:00:00 Jan 1 2031 duration 0", 43),
        ("key-string " + "k" * 81, 11),
    ],
)
def test_ranges_in_a_key(r1: Client, line: str, column: int) -> None:
    r1.run("configure terminal", "key chain KC tcp", "key 1")
    caret = " " * (len("R1(config-keychain-tcp-key)#") + column) + "^"
    assert r1.run(line).splitlines()[0] == caret


def test_other_errors(r1: Client) -> None:
    assert r1.run("wibble").startswith("% Bad IP address or host name% Unknown command or computer name")
    assert r1.run("c") == '% Ambiguous command:  "c"\n'
    r1.run("configure terminal", "key chain KC tcp")
    assert "another type" in r1.run("key chain KC")
    r1.run("key chain KC tcp", "key 1")
    assert "end time" in r1.run("send-lifetime 00:00:00 Mar 1 2031 00:00:00 Feb 1 2031")
    assert "Invalid encrypted key" in r1.run("key-string 7 zz")


def test_old_releases_have_no_ao() -> None:
    client = single(os_version="17.1.3")
    assert "% Invalid input" in client.config("router lisp", "tcp auth-option KC")
    client.run("configure terminal", "key chain KC tcp", "key 1")
    assert client.run("accept-ao-mismatch") == ""
    older = single(os_version="16.11.1")
    older.run("configure terminal", "key chain KC tcp", "key 1")
    assert "% Invalid input" in older.run("accept-ao-mismatch")


# -- configuration text -----------------------------------------------------------------------------------------------


def test_lifetimes_are_stored_month_first(r1: Client) -> None:
    r1.run("configure terminal", "key chain KC tcp", "key 1")
    for typed, stored in [
        ("local 12:00:00 28 Feb 2031 duration 20", "local 12:00:00 Feb 28 2031 duration 20"),
        ("1:2:3 august 5 2031 inf", "01:02:03 Aug 5 2031 infinite"),
        ("00:00:00 1 Mar 2031 0:0:0 1 sep 2031", "00:00:00 Mar 1 2031 00:00:00 Sep 1 2031"),
    ]:
        assert r1.run(f"send-lifetime {typed}") == ""
        assert f"  send-lifetime {stored}\n" in body_of(r1)
    assert body_of(r1).count("send-lifetime") == 1
    r1.run("accept-lifetime 00:00:00 1 Jan 2031 infinite", "no send-lifetime")
    assert "send-lifetime" not in body_of(r1)


def test_key_lines_in_order_keys_by_number(r1: Client) -> None:
    r1.run("conf t", "key chain KC tcp", "key 20", "cryptographic-algorithm hmac-sha-256", "recv-id 3", "send-id 2")
    r1.run("accept-ao-mismatch", "include-tcp-options", "key-string a b ", LIFE, "key 3", "send-id 3")
    assert (
        "key chain KC tcp\n key 3\n  send-id 3\n key 20\n  send-id 2\n  recv-id 3\n  key-string a b \n"
        f"  {LIFE}\n  cryptographic-algorithm hmac-sha-256\n  include-tcp-options\n  accept-ao-mismatch\n!\n"
    ) in body_of(r1)
    other = single(options={"key_order": "sdwan"})
    other.run("conf t", "key chain KC tcp", "key 1", "send-id 2", "recv-id 3", "key-string a", LIFE)
    assert f" key 1\n  key-string a\n  {LIFE}\n  send-id 2\n  recv-id 3\n" in body_of(other)


def test_lisp_is_printed_with_its_exit_lines(r1: Client) -> None:
    r1.run("conf t", "router lisp", "map-server session passive-open WLC", "site B", "eid-record 10.1.0.0/16", "exit")
    r1.run("locator-set WLC", "203.0.113.50", "exit", "tcp auth-option KC", "peer accept", "exit", "domain-id 5")
    r1.run("service ipv4", "map-resolver", "map-server", "etr", "etr map-server 192.0.2.1 proxy-reply")
    r1.run("etr map-server 192.0.2.1 key 0 k1", "itr map-resolver 192.0.2.9", "exit", "instance-id 30", "exit")
    r1.run("instance-id 7", "service ipv4", "database-mapping 10.9.0.0/24 locator-set WLC", "end")
    text = body(r1)
    assert (
        "router lisp\n domain-id 5\n locator-set WLC\n  203.0.113.50\n  exit-locator-set\n !\n"
        " tcp auth-option KC\n  peer accept\n  exit\n !\n"
        " service ipv4\n  itr map-resolver 192.0.2.9\n  etr map-server 192.0.2.1 proxy-reply\n"
        "  etr map-server 192.0.2.1 key k1\n  etr\n  map-server\n  map-resolver\n  exit-service-ipv4\n !\n"
        " instance-id 7\n  service ipv4\n   database-mapping 10.9.0.0/24 locator-set WLC\n   exit-service-ipv4\n  !\n"
        "  exit-instance-id\n !\n instance-id 30\n  exit-instance-id\n !\n map-server session passive-open WLC\n"
        " site B\n  eid-record 10.1.0.0/16\n  exit-site\n !\n exit-router-lisp\n!\n"
    ) in text
    assert single(text).run("show running-config | section ^router lisp") in text


def test_no_forms_below_router_lisp() -> None:
    client = single(map_server(key(41), passive=True))
    client.run("conf t", "router lisp", "service ipv4", "no map-resolver", "exit", "no map-server session passive-open")
    client.run("no site BRANCH-7", "no locator-set PEERS", "tcp auth-option KC-MS", "no peer accept", "exit")
    client.run("no tcp auth-option KC-MS", "end")
    text = client.run("show running-config | section ^router lisp")
    assert text == (
        "router lisp\n locator-table default\n service ipv4\n  map-server\n  exit-service-ipv4\n !\n"
        " ipv4 source-locator Loopback0\n exit-router-lisp\n"
    )
    client.config("no router lisp", "no key chain KC-MS")
    assert "lisp" not in body(client)
    assert "key chain" not in body(client)


def test_what_is_added_and_removed_leaves_no_trace() -> None:
    text = "service timestamps log datetime msec\n!\nspanning-tree mode rapid-pvst\n!\nodd line kept  as is\n!\n"
    line = "line con 0\n logging x\n!\n"
    for config in (etr(key(1)), map_server(key(1), passive=True), "version 17.9\n" + text, text + line):
        client = single(config)
        before = body(client)
        client.run("conf t", "key chain NEW tcp", "key 1", "send-id 1", "exit", "exit", "ntp server 192.0.2.9")
        client.run("interface Loopback99", "ip address 10.0.0.1 255.255.255.0", "exit", "router lisp")
        client.run("tcp auth-option NEW", "peer accept", "exit", "site NEW", "exit", "locator-set NEW", "exit", "end")
        assert body(client) != before
        client.run("conf t", "router lisp", "no site NEW", "no locator-set NEW", "no tcp auth-option NEW", "exit")
        client.run("no interface Loopback99", "no ntp server 192.0.2.9", "no key chain NEW", "end")
        if "router lisp" not in before:
            client.config("no router lisp")
        assert body(client) == before


def test_given_text_is_printed_as_it_was() -> None:
    for text in (etr(key(1), key(2)), map_server(key(41), passive=True)):
        client = single(text)
        assert body(client) + "end\n" == text


def test_plain_lines_replace_or_add_up(r1: Client) -> None:
    r1.run("conf t", "hostname X1", "ntp server 192.0.2.1", "ntp server 192.0.2.2", "ip domain name a.example")
    r1.run("ip domain name b.example", "interface Loopback0", "ip address 10.0.0.1 255.0.0.0", "no ip redirects")
    r1.run("ip address 10.0.0.2 255.0.0.0", "shutdown", "end")
    text = body(r1)
    assert r1.prompt == "X1#"
    assert "ntp server 192.0.2.1\nntp server 192.0.2.2\n!" in text
    assert "a.example" not in text
    assert "interface Loopback0\n ip address 10.0.0.2 255.0.0.0\n no ip redirects\n shutdown\n!" in text
    r1.config("interface Loopback0", "no shutdown", "ip redirects", "no ip address")
    assert "interface Loopback0\n no ip address\n!" in body(r1)


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_type_7_is_the_well_known_one() -> None:
    assert clear7("0822455D0A16") == "cisco"
    assert clear7(type7("trailing blank ")) == "trailing blank "
    assert clear7("99AA") is None


def test_type_6_needs_the_master_key() -> None:
    text = type6("k" * 80, "Master-Key-1")
    assert len(text) <= 141
    assert re.fullmatch(r"[A-Za-z\[\]^_\\`]+", text)
    assert clear6(text, "Master-Key-1") == "k" * 80
    assert clear6(text, "Master-Key-2") is None


def test_password_encryption_covers_all_secrets() -> None:
    client = single(etr(key(1, "Clear-Key-1")))
    assert "key-string Clear-Key-1\n" in body(client)
    client.config("service password-encryption")
    text = body(client)
    assert "Clear-Key-1" not in text
    assert "Demo-Site" not in text
    found = re.search(r"key-string 7 (\S+)", text)
    assert found is not None
    assert clear7(found.group(1)) == "Clear-Key-1"
    client.config("key chain KC-ETR tcp", "key 1", "key-string 7 0822455D0A16")
    assert "key-string 7 0822455D0A16" in body(client)
    client.config("no service password-encryption", "key chain KC-ETR tcp", "key 2", "key-string later")
    assert "key-string 7 0822455D0A16" in body(client)
    assert "key-string later" in body(client)


def test_master_key_makes_type_6() -> None:
    client = single(etr(key(1, "Clear-Key-1")), options={"master_key_warning": True})
    assert "master key is not configured" in client.config("password encryption aes")
    client.config("key config-key password-encrypt Master-Key-1")
    assert "key-string 6 " in body(client)
    assert "key 6 " in body(client)
    assert 'text "Clear-Key-1"' in client.run("show key chain KC-ETR")
    assert "Master-Key-1" not in body(client) + "".join(client.device.commands)


def test_no_secret_reaches_the_audit() -> None:
    client = single()
    client.run("conf t", "key chain KC tcp", "key 1", "key-str Top-Secret-1", "router lisp", "site S")
    client.run("authentication-key Top-Secret-2", "exit", "service ipv4", "etr map-server 192.0.2.1 key Top-Secret-3")
    assert not [line for line in client.device.commands if "Top-Secret" in line]


# -- filters, paging, enable, help ------------------------------------------------------------------------------------


def test_filters() -> None:
    client = single(etr(key(1)))
    chain = client.run("show running-config | section ^key chain")
    assert chain.startswith("key chain KC-ETR tcp\n key 1\n  send-id 1\n")
    assert client.run("sh run | i ^hostname") == "hostname ETR1\n"
    assert client.run("sh run | b ^interface Gig").startswith("interface GigabitEthernet0/0/0\n")
    assert "hostname" not in client.run("sh run | exc hostname")
    assert client.run("sh run | section service ipv4") == (
        " service ipv4\n  etr map-server 192.0.2.1 key Demo-Site\n  etr map-server 192.0.2.1 proxy-reply\n  etr\n"
        "  exit-service-ipv4\n  service ipv4\n   eid-table default\n"
        "   database-mapping 198.51.100.64/27 locator-set RLOC-ME\n   exit-service-ipv4\n"
    )
    assert "router lisp" not in client.run("sh run | section exclude ^router lisp")
    assert client.run("sh run | count send-id") == "Number of lines which match regexp = 1\n"
    assert client.run("sh run | include") == "% Incomplete command.\n\n"
    assert "% Invalid input" in client.run("sh run | include (")
    assert "% Invalid input" in client.run("sh run | wrong x")
    client.run("conf t")
    assert client.run("do sh run | i ^hostname") == "hostname ETR1\n"


def test_paging() -> None:
    client = Client(world(etr(key(1))), "ms", paging=True)
    first = client.terminal.receive("show running-config\r")
    assert first.endswith(" --More-- ")
    line = client.terminal.receive("\r")
    assert line.startswith("\b" * 10 + " " * 10 + "\b" * 10)
    assert client.terminal.receive("q").endswith("ETR1#")


def test_enable_dialogue() -> None:
    client = single(enable_password="ena-pass")
    assert client.prompt == "R1>"
    assert "% Invalid input" in client.run("show running-config")
    client.run("enable")
    assert client.prompt == "Password: "
    client.run("wrong", "wrong")
    assert client.prompt == "Password: "
    assert client.run("wrong") == "% Bad secrets\n\n"
    assert client.prompt == "R1>"
    client.run("enable", "ena-pass")
    assert client.prompt == "R1#"
    assert client.run("show privilege") == "Current privilege level is 15\n"
    client.run("disable")
    assert client.prompt == "R1>"
    assert "ena-pass" not in "".join(client.device.commands)


def test_privilege_option_lands_in_exec() -> None:
    assert single(enable_password="x", options={"privilege": 15}).prompt == "R1#"


def test_help_and_completion(r1: Client) -> None:
    text = r1.terminal.receive("show lisp ?")
    assert "session" in text
    assert text.endswith("R1#show lisp ")
    r1.terminal.receive("\x15")
    assert r1.terminal.receive("conf\t").endswith("configure ")


# -- save, reload, other commands -------------------------------------------------------------------------------------


def test_save_dialogues_and_reload() -> None:
    client = single(options={"overwrite_question": True})
    client.config("hostname R2")
    assert client.run("write memory") == "Building configuration...\n[OK]\n"
    client.run("copy running-config startup-config")
    assert client.prompt == "Destination filename [startup-config]? "
    client.run("")
    assert client.prompt == "Overwrite the previous NVRAM configuration?[confirm]"
    assert "[OK]" in client.run("")
    client.config("hostname R3")
    client.run("reload")
    assert client.prompt == "System configuration has been modified. Save? [yes/no]: "
    client.run("no")
    assert client.prompt == "Proceed with reload? [confirm]"
    client.run("")
    assert client.terminal.closed
    assert Client(client.world, "r1").prompt == "R2#"


def test_files() -> None:
    client = single(etr(key(1)))
    client.run("copy running-config flash:keep.cfg", "")
    assert "keep.cfg" in client.run("dir")
    client.config("hostname GONE", "no key chain KC-ETR")
    assert "Rollback Done" in client.run("configure replace flash:keep.cfg force")
    assert client.prompt == "ETR1#"
    assert "KC-ETR" in client.run("more bootflash:/keep.cfg")
    assert client.run("more flash:none").startswith("%Error opening flash:none")
    client.run("delete flash:keep.cfg", "", "")
    assert "keep.cfg" not in client.run("dir")


def test_locked_configuration() -> None:
    client = single(faults=[{"kind": "lock_candidate", "holder": "eve", "times": 1}])
    assert re.search(r"Configuration (mode )?(is )?locked", client.run("configure terminal"))
    assert client.prompt == "R1#"
    client.run("configure terminal")
    assert client.prompt == "R1(config)#"


def test_clock_zone_and_ntp(r1: Client) -> None:
    assert r1.run("show clock") == "*09:20:00.000 UTC Wed May 14 2031\n"
    r1.config("clock timezone CET 1 0", "ntp server 192.0.2.9")
    assert r1.run("show clock") == "10:20:00.000 CET Wed May 14 2031\n"
    assert "Clock is synchronized" in r1.run("show ntp status")
    header = r1.run("show running-config | include ^! Last")
    assert header == "! Last configuration change at 10:20:00 CET Wed May 14 2031 by netops\n"


def test_facts_commands_have_what_clients_look_for(r1: Client) -> None:
    text = r1.run("show version")
    for pattern in (r"Version (\S+)", r"^R1 uptime is", r'image file is "', r"board ID \S+", r" IOS-XE ",
                    r"cisco \S+ \(.+\).* bytes of .*memory", "Router operating mode: Autonomous",
                    "Cisco IOS XE Software"):  # fmt: skip
        assert re.search(pattern, text, re.M), pattern
    assert 'NAME: "Chassis"' in r1.run("show inventory")
    for line in ("show vlan", "show switch virtual"):
        assert "% Invalid input" in r1.run(line)
