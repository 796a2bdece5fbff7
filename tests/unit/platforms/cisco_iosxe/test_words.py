# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IOS XE's words: scrambled keys, times, versions, what a terminal leaves in a text, sections."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import CLEAR, SecretBook, scrub_native
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys, times
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.chains import shown_chains
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.platform import PLATFORM
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.text import (
    clean,
    configuration,
    mask_keys,
    tree,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.version import parse_version

# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        ("0822455D0A16", "cisco"),
        ("052F03022E01650C00484343", "Demo-Key-41"),
        ("03205E06094212455A0C5452", "Demo-Site-7"),
        ("0822455d0a16", "cisco"),
        ("0822455D0A1", None),
        ("9922455D0A16", None),
        ("08", None),
        ("cisco", None),
    ],
)
def test_type_7_is_read_by_value(text, clear):
    assert keys.decode_7(text) == clear


def test_the_same_key_under_another_salt_is_the_same_key():
    one, other = (keys.from_config(words) for words in ("7 0822455D0A16", "7 14141B180F0B"))
    assert one.same_as(other) is True
    assert one.same_as(keys.given("cisco")) is True
    assert SecretBook().seal(one).encoding == CLEAR


def test_a_key_is_typed_as_the_device_wrote_it_and_a_given_one_with_its_type():
    book = SecretBook()
    seals = [book.seal(keys.from_config(words)) for words in ("7 0822455D0A16", "6 abc^DE\\[fgh`ijk", "demo 1 ")]
    assert [book.reveal(f"key-string {seal}") for seal in seals] == [
        "key-string 7 0822455D0A16",
        "key-string 6 abc^DE\\[fgh`ijk",
        "key-string 0 demo 1 ",
    ]
    assert book.reveal(book.seal(keys.given("7 up"))) == "0 7 up"
    assert "cisco" in book.literals()


@pytest.mark.parametrize(
    ("given_text", "encoding", "text"),
    [
        ("demo", CLEAR, "demo"),
        ("0 demo", CLEAR, "demo"),
        ("7 0822455D0A16", CLEAR, "cisco"),
        ("7 lives", CLEAR, "7 lives"),
        ("6 apples a day", CLEAR, "6 apples a day"),
        ("6 \\KYbG[^hHSGcCQaO_e`a", keys.TYPE_6, "\\KYbG[^hHSGcCQaO_e`a"),
    ],
)
def test_what_a_user_gives(given_text, encoding, text):
    secret = keys.given(given_text)
    assert (secret.encoding, secret.reveal()) == (encoding, text)


def test_type_6_proves_nothing():
    one, other = keys.from_config("6 abcABCabcABC[^"), keys.from_config("6 abcABCabcABC_]")
    assert one.same_as(other) is None
    assert one.same_as(keys.given("cisco")) is None
    assert one.same_as(keys.from_config("6 abcABCabcABC[^")) is True


# -- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "18:00:00 Jan 12 2026",
        "18:00:00 12 Jan 2026",
        "18:00 12 january 2026",
        " 18:00:00  JAN 12  2026 ",
        "2026-01-12 18:00:00",
        "2026-01-12T18:00:00Z",
        "2026-01-12 20:00:00+02:00",
        "2026-01-12T13:00:00.000-0500",
        datetime(2026, 1, 12, 18),
    ],
)
def test_a_time_in_any_form_is_the_one_that_ios_stores(text):
    assert times.instant(text) == "18:00:00 Jan 12 2026"


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "25:00:00 Jan 12 2026", "18:00:00 Jan 32 2026", "18:00:00 Foo 12 2026", "18:00:00 Jan 12 1992",
        "18:00:00 Jan 12 2036", "18:00:00 Feb 29 2026", "2026-13-01", 1772323200,
    ],
)  # fmt: skip
def test_other_times_are_refused_with_the_forms_that_are_not(text):
    with pytest.raises(ValueError, match="use hh:mm:ss Mon D YYYY"):
        times.instant(text)


@given(st.datetimes(datetime(1993, 1, 1), datetime(2035, 12, 31)).map(lambda when: when.replace(microsecond=0)))
def test_a_time_survives_being_written(when):
    assert times.moment(times.instant(when)) == when
    assert times.instant(times.written(when)) == times.written(when)


@pytest.mark.parametrize(
    ("words", "lifetime"),
    [
        (
            "00:00:00 Mar 1 2026 00:00:00 Sep 1 2026",
            {"start": "00:00:00 Mar 1 2026", "end": "00:00:00 Sep 1 2026"},
        ),
        ("00:00:00 1 Mar 2026 infinite", {"start": "00:00:00 Mar 1 2026", "infinite": True}),
        (
            "local 12:00:00 28 Feb 2018 duration 20",
            {"start": "12:00:00 Feb 28 2018", "duration": 20, "local": True},
        ),
        ("soon", None),
        ("00:00:00 Mar 1 2026", None),
    ],
)
def test_lifetimes(words, lifetime):
    assert times.lifetime(words) == lifetime


def test_the_end_of_a_lifetime():
    start = {"start": "00:00:00 Mar 1 2026"}
    assert times.end_of({**start, "duration": 60}) == datetime(2026, 3, 1, 0, 1)
    assert times.end_of({**start, "infinite": True}) == datetime.max
    assert times.end_of({**start, "end": "00:00:00 Apr 1 2026"}) == datetime(2026, 4, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("09:20:40.000 UTC Wed May 14 2031\n", (datetime(2031, 5, 14, 9, 20, 40), True)),
        ("*09:20:40.123 CET Wed May 14 2031\n", (datetime(2031, 5, 14, 9, 20, 40), False)),
        (".09:20:40 CEST Wed May 4 2031\n", (datetime(2031, 5, 4, 9, 20, 40), False)),
        ("% Invalid input\n", None),
    ],
)
def test_the_clock(text, shown):
    assert times.clock(text) == shown


@pytest.mark.parametrize(
    ("line", "hours"), [("clock timezone CET 1 0", 1), ("clock timezone NST -3 30", -3.5), ("", 0)]
)
def test_the_zone(line, hours):
    assert times.zone_offset(f"!\n{line}\n") == timedelta(hours=hours)


# -- text -------------------------------------------------------------------------------------------------------------


def test_a_pager_and_a_terminal_leave_nothing_but_the_blanks_of_a_key():
    paged = "key chain A tcp\r\n key 1\r\n --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08"
    paged += "\x08\x08\x08\x08\x08\x08  key-string cisco \r\n\x1b[K  send-id 1\r\n"
    assert clean(paged) == "key chain A tcp\n key 1\n  key-string cisco \n  send-id 1\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#\nsysname R1\n#\nreturn\n", "Huawei"),
        ("! Configuration script being generated on MON\n", "JunOSe"),
        ("!Command: show running-config\nfeature lisp\n", "NX-OS"),
        ("!! IOS XR Configuration 7.3.1\n", "IOS XR"),
    ],
)
def test_a_look_alike_is_refused(text, name):
    with pytest.raises(ValueError, match=name):
        configuration(text)


def test_a_cut_configuration_is_refused_and_a_section_is_not():
    whole = "Building configuration...\n\nCurrent configuration : 12 bytes\n!\nhostname R1\n"
    with pytest.raises(ValueError, match="cut"):
        configuration(whole)
    assert configuration(f"{whole}end\n")
    assert configuration("key chain A tcp\n")


def test_sections_by_indentation_without_exit_markers():
    root = tree("router lisp\n service ipv4\n  etr\n  exit-service-ipv4\n !\n exit-router-lisp\n!\nline vty 0\n")
    assert [(line.text, [child.text for child in line.lines]) for line in root.lines] == [
        ("router lisp", ["service ipv4"]),
        ("line vty 0", []),
    ]
    assert any(root.lines[0].lines[0].named("etr"))


def test_secrets_of_native_text_are_masked():
    text = """\
enable secret 9 $9$secretA
username netops privilege 15 secret 9 secretB
key chain A tcp
 key 41
  key-string 7 secretC
  key-string secretD with blanks
router lisp
  etr map-server 192.0.2.1 key 7 secretE
  map-server 192.0.2.1 key secretF
 site X
  authentication-key 7 secretG
snmp-server community secretH RO
tacacs-server key 7 secretI
radius server X
 key secretJ
R1(config-keychain-tcp-key)#key-string 0 secretK
    key 41 -- text "secretL"
"""
    masked = scrub_native(text, PLATFORM.secrets)
    assert re.findall(r"secret[A-Z]", masked) == []
    assert "key chain A tcp\n key 41\n" in masked
    assert "with blanks" not in masked


def test_shown_key_strings_are_masked_whatever_they_hold():
    assert mask_keys('    key 41 -- text "a"b -- text "c"  \n') == '    key 41 -- text "********"\n'


# -- version ----------------------------------------------------------------------------------------------------------

VERSION = """\
Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], c8000be Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a, RELEASE SOFTWARE

ROM: IOS-XE ROMMON
MS1 uptime is 3 weeks, 2 days
System image file is "bootflash:packages.conf"
cisco C8500-12X (1RU) processor with 3745540K/6147K bytes of memory.
Processor board ID FOX2419P0AB
"""


def test_the_version_display():
    facts = parse_version(VERSION)
    assert (facts.hostname, facts.version, facts.model) == ("MS1", "17.09.04a", "C8500-12X")
    assert (facts.numbers, facts.serial, facts.image) == ((17, 9, 4), "FOX2419P0AB", "bootflash:packages.conf")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.7(3)M3, RELEASE SOFTWARE\n",
        "Cisco Nexus Operating System (NX-OS) Software\n  NXOS: version 9.3(5)\n",
        "Cisco IOS XR Software, Version 7.3.1\n",
        "Huawei Versatile Routing Platform Software\nVRP (R) software, Version 8.180 (NE40E V800R012C10)\n",
    ],
)
def test_another_system_is_not_taken_for_ios_xe(text):
    with pytest.raises(ValueError, match="does not look like Cisco IOS XE"):
        parse_version(text)


# -- show key chain ---------------------------------------------------------------------------------------------------

SHOWN = """\
Key-chain KC-LISP-A:
    TCP key chain
    Preferred MKT id - 41
    key 41 -- text "********"
        cryptographic-algorithm: hmac-sha-1
        send lifetime (00:00:00 UTC Mar 1 2026) - (00:00:00 UTC Sep 1 2026) [valid now]
        MKT ready - true
        MKT preferred - true
        MKT in-use - true
        MKT alive (send) - true
        MKT alive (recv) - true
    key 42 -- text "********"
        MKT ready - true
        MKT in-use - false
        MKT alive (send) - false
Key-chain OSPF:
    key 1 -- text "********"
        accept lifetime (always valid) - (always valid) [valid now]
"""


@pytest.mark.parametrize("text", [SHOWN, re.sub(r"(?m)^ +", "", SHOWN), SHOWN.replace("\n", "\r\n")])
def test_shown_chains_at_any_indentation(text):
    chains = shown_chains(text)
    assert (chains["KC-LISP-A"].tcp, chains["KC-LISP-A"].preferred) == (True, 41)
    assert chains["KC-LISP-A"].keys[41]["in_use"] is True
    assert chains["KC-LISP-A"].keys[42] == {"ready": True, "in_use": False, "alive_send": False}
    assert (chains["OSPF"].tcp, chains["OSPF"].preferred) == (False, None)


@pytest.mark.parametrize("line", ["Preferred MKT id - none\n", ""])
def test_no_preferred_key(line):
    assert shown_chains(SHOWN.replace("    Preferred MKT id - 41\n", line))["KC-LISP-A"].preferred is None
