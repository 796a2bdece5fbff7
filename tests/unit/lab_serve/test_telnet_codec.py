# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telnet octets: RFC 854 (commands), 855 (options), 1073 (window size)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.telnet import Codec, escape

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
GREETING = bytes([IAC, WILL, 1, IAC, WILL, 3, IAC, DO, 31])


def fresh() -> Codec:
    codec = Codec()
    assert bytes(codec.reply) == GREETING
    codec.reply.clear()
    return codec


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (b"show\r\n", "show\r"),
        (b"show\r\0", "show\r"),
        (b"show\n", "show\n"),
        (b"a\xff\xffb", "a\N{REPLACEMENT CHARACTER}b"),  # a real 0xFF is no text
        ("Zürich".encode(), "Zürich"),
        (bytes([IAC, 244]), "\x03"),
        (bytes([IAC, 241]) + b"x", "x"),
    ],
)
def test_characters(sent: bytes, heard: str) -> None:
    assert fresh().receive(sent) == heard
    piecemeal = fresh()
    assert "".join(piecemeal.receive(bytes([octet])) for octet in sent) == heard


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ([DO, 1], []),  # what we offered is not confirmed again: that would be a loop
        ([DO, 3], []),
        ([WILL, 31], []),
        ([DO, 24], [WONT, 24]),
        ([WILL, 24], [DONT, 24]),
        ([WILL, 3], [DO, 3]),
        ([DONT, 1], [WONT, 1]),
        ([WONT, 31], []),
        ([DONT, 24], []),
    ],
)
def test_options(asked: list[int], answered: list[int]) -> None:
    codec = fresh()
    codec.receive(bytes([IAC, *asked]))
    assert bytes(codec.reply) == bytes([IAC, *answered] if answered else [])
    codec.reply.clear()
    codec.receive(bytes([IAC, *asked]))
    if asked[0] in (DONT, WILL) and asked[1] in (1, 3):
        assert not codec.reply


def test_window_size_with_an_escaped_octet() -> None:
    codec = fresh()
    assert codec.receive(bytes([IAC, SB, 31, 0, IAC, IAC, 0, 50, IAC, SE]) + b"x") == "x"
    assert codec.size == (255, 50)


def test_a_negotiation_flood_is_not_answered_for_ever() -> None:
    codec = fresh()
    codec.receive(bytes([IAC, DO, 99]) * 10_000)
    assert len(codec.reply) < 1000


def test_an_endless_subnegotiation_does_not_grow() -> None:
    codec = fresh()
    codec.receive(bytes([IAC, SB, 24]) + b"x" * 100_000)
    assert len(codec._sub) < 1000


@given(st.lists(st.binary(max_size=40)))
def test_random_octets_are_survived(chunks: list[bytes]) -> None:
    codec = Codec()
    for chunk in chunks:
        assert isinstance(codec.receive(chunk), str)


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\0", codec="utf-8")))
def test_what_is_escaped_arrives(text: str) -> None:
    assert fresh().receive(escape(text)) == text


def test_a_lone_carriage_return_is_marked() -> None:
    assert escape("a\rb\r\n") == b"a\r\0b\r\n"
