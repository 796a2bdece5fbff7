# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRP command line: views, abbreviations, carets, ranges, prerequisites, displays."""

from __future__ import annotations

import re

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

from .labs import AUTH, Client, config, lines, pair


def single(text: str = "", **device: object) -> Client:
    data = {"platform": "huawei_vrp", "config": text or config(1), **device}
    return Client(World(parse_lab({"name": "one", "clock": "manual", "devices": {"pe1": data}})))


@pytest.fixture
def pe1() -> Client:
    return Client(pair())


def test_banner_and_prompts(pe1: Client) -> None:
    assert "Info: The max number of VTY users is 21" in pe1.welcome
    assert pe1.prompt == "<PE1>"
    assert pe1.run("system-view") == "Enter system view, return user view with return command.\n"
    assert pe1.prompt == "[~PE1]"
    steps = [
        ("mpls", "[~PE1-mpls]"),
        ("mpls rsvp-te peer 10.77.12.2", "[*PE1-mpls-rsvp-te-peer-10.77.12.2]"),
        ("quit", "[*PE1-mpls]"),
        ("quit", "[*PE1]"),
        ("interface Eth-Trunk 20", "[*PE1-Eth-Trunk20]"),
        ("quit", "[*PE1]"),
        ("keychain kc-core mode absolute", "[*PE1-keychain-kc-core]"),
        ("key-id 3", "[*PE1-keychain-kc-core-keyid-3]"),
        ("commit", "[~PE1-keychain-kc-core-keyid-3]"),
        ("return", "<PE1>"),
    ]
    for line, prompt in steps:
        pe1.run(line)
        assert pe1.prompt == prompt


def test_existing_interface_and_unchanged_line_stay_clean(pe1: Client) -> None:
    pe1.run("sys", "int gi0/3/7")
    assert pe1.prompt == "[~PE1-GigabitEthernet0/3/7]"
    pe1.run("mpls rsvp-te", "undo mpls rsvp-te authentication handshake")
    assert pe1.prompt == "[~PE1-GigabitEthernet0/3/7]"


def test_sysname_shows_the_old_name_until_commit(pe1: Client) -> None:
    pe1.run("system-view", "sysname NEW")
    assert pe1.prompt == "[*PE1]"
    pe1.run("commit")
    assert pe1.prompt == "[~NEW]"


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("mpls rsvp-te handshak", 13, "Unrecognized command"),
        ("mpls rsvp-te timer refresh", 26, "Incomplete command"),
        ("mpls rsvp-te timer refresh 9", 27, "Wrong parameter"),
        ("mpls rsvp-te timer refresh 65536", 27, "Wrong parameter"),
        ("mpls rsvp-te keep-multiplier 2", 29, "Wrong parameter"),
        ("mpls rsvp-te challenge-lost 11", 28, "Wrong parameter"),
        ("mpls rsvp-te retrans-timer challenge 499", 37, "Wrong parameter"),
        ("mpls rsvp-te timer refresh 30 30", 30, "Too many parameters"),
        ("undo mpls rsvp-te timer refresh 45", 32, "Too many parameters"),
        ("mpls rsvp-te peer 10.1.1.256", 18, "Wrong parameter"),
        ("  xyz", 2, "Unrecognized command"),
        ("d", 0, "Unrecognized command"),
        ("re", 0, "Ambiguous command"),
    ],
)
def test_caret_is_below_the_offending_token(pe1: Client, line: str, column: int, text: str) -> None:
    pe1.run("system-view", "mpls")
    line = line if line != "d" else "zz"
    expected = " " * (len("[~PE1-mpls]") + column) + f"^\nError: {text} found at '^' position.\n"
    assert pe1.run(line) == expected


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (f"{AUTH} lifetime 00:00:00", 37),
        (f"{AUTH} lifetime 24:00:00", 37),
        (f"{AUTH} lifetime 1800", 37),
        (f"{AUTH} window-size 65", 40),
        (f"{AUTH} window-size 0", 40),
        (f"{AUTH} cipher {'x' * 256}", 35),
    ],
)
def test_ranges_in_the_interface_view(pe1: Client, line: str, column: int) -> None:
    pe1.run("system-view", "interface gi0/3/7", f"{AUTH} cipher k")
    caret = " " * (len("[*PE1-GigabitEthernet0/3/7]") + column) + "^"
    assert pe1.run(line).splitlines() == [caret, "Error: Wrong parameter found at '^' position."]


@pytest.mark.parametrize("extra", ["cipher abc", "handshake x", "lifetime 00:40:00", "window-size 5"])
def test_undo_takes_no_argument(pe1: Client, extra: str) -> None:
    pe1.run("system-view", "interface gi0/3/7", f"{AUTH} cipher k", f"{AUTH} handshake")
    assert "Error: " in pe1.run(f"undo {AUTH} {extra}")


def section(client: Client) -> list[str]:
    text = client.run("display current-configuration interface GigabitEthernet 0/3/7")
    return [line.strip() for line in text.splitlines() if AUTH in line]


def test_authentication_lines_in_documented_order_defaults_hidden(pe1: Client) -> None:
    pe1.run("system-view", "interface gi0/3/7", f"{AUTH} plain Key", f"{AUTH} handshake", f"{AUTH} window-size 48")
    pe1.run(f"{AUTH} lifetime 0:40:0", "commit")
    tail = [f"{AUTH} lifetime 00:40:00", f"{AUTH} handshake", f"{AUTH} window-size 48"]
    assert section(pe1) == [f"{AUTH} plain Key", *tail]
    pe1.run(f"{AUTH} lifetime 00:30:00", f"{AUTH} window-size 1", "commit")
    assert section(pe1) == [f"{AUTH} plain Key", f"{AUTH} handshake"]
    pe1.run(f"undo {AUTH}", "commit")
    assert section(pe1) == []


def test_cipher_is_never_shown_in_clear_and_differs(pe1: Client) -> None:
    pe1.run("system-view", "interface gi0/3/7", f"{AUTH} cipher Secret-1", "commit")
    first = section(pe1)[0].split()[-1]
    assert re.fullmatch(r"%\^%#\S+%\^%#", first)
    assert 20 <= len(first) <= 392
    assert "?" not in first
    pe1.run(f"{AUTH} cipher Secret-1", "commit")
    assert section(pe1)[0].split()[-1] != first
    pe1.run(f"{AUTH} cipher {first}", "commit")
    assert section(pe1)[0].split()[-1] == first
    longest = "k" * 255
    assert pe1.run(f"{AUTH} cipher {longest}", "commit") == ""
    assert len(section(pe1)[0].split()[-1]) <= 392
    for log in (pe1.world.devices["pe1"].commands, pe1.terminal.session.commands):
        assert not [line for line in log if "Secret-1" in line or longest in line]


def test_prerequisites() -> None:
    client = single("#\ninterface GigabitEthernet0/1/0\n#\n")
    client.run("system-view")
    assert client.run("mpls").startswith("Error: ")
    client.run("mpls lsr-id 10.0.0.1", "mpls")
    assert client.run("mpls rsvp-te").startswith("Error: ")
    assert client.run("mpls rsvp-te peer 10.0.0.2").startswith("Error: ")
    client.run("quit", "interface gi 0/1/0")
    assert client.run("mpls te").startswith("Error: ")
    assert client.run(f"{AUTH} cipher k").startswith("Error: ")
    client.run(
        "quit", "mpls", "mpls te", "mpls rsvp-te", "quit", "interface gi0/1/0", "mpls", "mpls te", "mpls rsvp-te"
    )
    for line in ("handshake", "lifetime 00:40:00", "window-size 32", "keychain nosuch"):
        assert client.run(f"{AUTH} {line}").startswith("Error: ")
    assert client.run(f"{AUTH} cipher k", f"{AUTH} handshake", "commit") == ""


def test_undo_mpls_questions(pe1: Client) -> None:
    pe1.run("system-view", "mpls")
    pe1.run("undo mpls rsvp-te")
    assert pe1.prompt.endswith("Continue? [Y/N]:")
    pe1.run("maybe")
    assert pe1.prompt.endswith("[Y/N]:")
    pe1.run("n")
    assert pe1.prompt == "[~PE1-mpls]"
    pe1.run("undo mpls rsvp-te", "y", "commit")
    assert "rsvp-te" not in pe1.run("display current-configuration")


@pytest.mark.parametrize("variant", ["a", "b", "c"])
def test_peer_indentation_variants(variant: str) -> None:
    peers = lines("mpls rsvp-te peer 10.255.7.2") + lines(f"{AUTH} plain x", f"{AUTH} handshake", indent=2)
    peers += lines("mpls rsvp-te peer 10.77.12.2") + lines(f"{AUTH} plain y", indent=2)
    client = single(config(1, mpls=peers), options={"peer_indent": variant})
    shown = client.run("display current-configuration configuration mpls")
    children = [line for line in shown.splitlines() if AUTH in line]
    assert {len(line) - len(line.lstrip()) for line in children} == {1 if variant == "b" else 2}
    assert ("\n #\n" in shown) is (variant == "c")
    again = single(shown + config(1).partition("interface")[2].join(["interface", ""]), options={"peer_indent": "a"})
    assert peers in again.run("display current-configuration")


def test_unrelated_configuration_is_kept_byte_for_byte(pe1: Client) -> None:
    text = config(1)
    assert pe1.run("display current-configuration | exclude ^!") == text
    pe1.run("system-view", "interface gi0/3/7", f"{AUTH} plain k", "commit", f"undo {AUTH}", "commit", "return")
    assert pe1.run("display current-configuration | exclude ^!") == text


def test_filters(pe1: Client) -> None:
    assert pe1.run("display current-configuration | include lsr-id") == "mpls lsr-id 10.255.7.1\n"
    assert pe1.run("dis cur | begin interface Tunnel1").startswith("interface Tunnel1\n")
    assert "Error: Incomplete" in pe1.run("display version | include")
    assert "Error: Wrong parameter" in pe1.run("display version | include (")


def test_comments_are_ignored(pe1: Client) -> None:
    assert pe1.run("# comment", "! other", "   ") == ""


def test_ce6800_has_no_rsvp_commands() -> None:
    client = single(os_version="8.180 (CE6857EI V300R023C00)", model="CE6857EI")
    assert "Unrecognized" in client.run("display mpls rsvp-te")
    client.run("system-view", "mpls")
    assert "Error: " in client.run("mpls rsvp-te")


def test_vrp5_is_immediate_and_has_no_commit() -> None:
    client = single(os_version="5.170 (S6730 V200R019C10SPC500)", model="S6730-H48X6C")
    client.run("system-view", "interface gi0/3/7")
    assert client.prompt == "[PE1-GigabitEthernet0/3/7]"
    client.run(f"{AUTH} plain k")
    assert section(client) == [f"{AUTH} plain k"]
    assert "Unrecognized" in client.run("commit")
    assert "Unrecognized" in client.run(f"undo {AUTH} keychain") or "Too many" in client.run(f"undo {AUTH} keychain")
    client.run(f'{AUTH} plain "two words"')
    assert section(client) == [f'{AUTH} plain "two words"']
    client.run("interface Tunnel1")
    assert client.prompt == "[PE1-Tunnel1]"


def test_keychain_text() -> None:
    client = single()
    client.run("system-view", "keychain KC-core mode absolute", "receive-tolerance 60", "key-id 3")
    client.run("key-string plain abc", "send-time 00:00 2031-01-01 to 23:59 2031-12-31", "algorithm hmac-sha-256")
    client.run("default send-key-id", "receive-time 00:00 2031-01-01 duration infinite", "commit")
    shown = client.run("display current-configuration configuration keychain")
    assert shown == (
        "#\nkeychain kc-core mode absolute\n receive-tolerance 60\n #\n key-id 3\n  algorithm hmac-sha-256\n"
        "  key-string plain abc\n  send-time 00:00 2031-01-01 to 23:59 2031-12-31\n"
        "  receive-time 00:00 2031-01-01 duration infinite\n  default send-key-id\n#\nreturn\n"
    )
    client.run("quit", "key-id 4")
    assert "overlap" in client.run("send-time 12:00 2031-06-01 duration 5")


def test_layouts_of_vrp8_and_s600() -> None:
    shake = lines(f"{AUTH} cipher k", f"{AUTH} handshake", f"{AUTH} window-size 48")
    shown = Client(pair(shake, shake)).run("display mpls rsvp-te interface gi0/3/7").splitlines()
    assert shown[2].index("Interface Index") == 45 + 1
    assert shown[9].startswith(" Challenge: ENABLE")
    assert shown[9].index("WindowSize: 48") == 46
    s600 = {"os_version": "V600R024C10 (S6730 V600R024C10)"}
    client = Client(pair(shake, shake, device=s600))
    peer = client.run("display mpls rsvp-te peer")
    assert peer.startswith("Interface: GigabitEthernet0/3/7\n")
    assert "Last valid seq # rcvd" in peer
    assert "WindowsSize" not in peer
    assert re.search(r"sent:\d+ \d+ Key ID: 0x", client.run("display mpls rsvp-te interface"))


def test_help_lists_what_can_follow(pe1: Client) -> None:
    shown = pe1.terminal.receive("display mpls rsvp-te ?").replace("\r\n", "\n")
    assert [word in shown for word in ("interface", "peer", "statistics", "<cr>")] == [True] * 4
    assert shown.endswith("<PE1>display mpls rsvp-te ")
    assert "System" not in pe1.terminal.receive("\x15sy?")
    assert pe1.terminal.receive("\t").endswith("stem-view ")


def test_interface_that_does_not_exist(pe1: Client) -> None:
    pe1.run("system-view")
    assert "Wrong parameter" in pe1.run("interface GigabitEthernet0/9/9")
    assert pe1.prompt == "[~PE1]"
    pe1.run("interface GigabitEthernet0/3/7.10")
    assert pe1.prompt == "[*PE1-GigabitEthernet0/3/7.10]"
