# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is typed at the emulated IOS XE, it answers like a device, and its text stays loadable."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from .iosxe_labs import Client, etr, key, map_server, world

_WORDS = (
    "show running-config startup-config lisp session site detail vrf default tcp brief tcb key chain KC-ETR KC tcp"
    " 41 0 7 6 255 256 192.0.2.1 203.0.113.12 configure terminal revert timer now confirm replace archive config no"
    " exit end exit-router-lisp exit-site router service ipv4 ethernet instance-id 4101 site S peer accept auth-option"
    " send-id recv-id key-string send-lifetime local 00:00:00 Jan 1 2031 infinite duration 60 interface Loopback0"
    " GigabitEthernet0/0/0 shutdown address-family hostname R-X | include section ( .* path flash:bk map-server etr"
    " session passive-open database-mapping 10.0.0.0/8 locator-set L do write memory default ip address ntp server"
    " eid-record authentication-key clear differences reload y n ? \x1a \x03 \t \x16 \x1b[A service password-encryption"
)
WORDS = _WORDS.split(" ")
LINES = st.lists(
    st.one_of(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join),
        st.text(st.characters(codec="utf-8"), max_size=40),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(LINES)
def test_nothing_takes_it_down(lines: list[str]) -> None:
    lab = world(map_server(key(41)), etr(key(41), extra="archive\n path flash:bk\n!\n"))
    client = Client(lab, "etr1")
    for number, line in enumerate(["configure terminal", *lines]):
        said = client.terminal.receive(line + "\r")
        assert "% Internal error" not in said, line
        assert "Traceback" not in said
        if client.terminal.closed:
            client = Client(lab, "etr1")
        lab.advance(number)
    text = client.device.running
    assert client.device.parse(text).text() + "end\n" == text
    assert re.fullmatch(r"[\s\S]*end\n", text)
