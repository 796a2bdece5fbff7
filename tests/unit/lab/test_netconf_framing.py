# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF framing and XML: what was sent comes out, and nothing that a client sends takes the server down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.netconf.framing import (
    MAX_MESSAGE,
    Framer,
    FramingError,
    frame,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.netconf.xml import Node, XmlError, parse, to_text


def taken(framer: Framer) -> list[bytes]:
    out = []
    while (message := framer.next()) is not None:
        out.append(message)
    return out


@given(
    messages=st.lists(st.binary(min_size=1, max_size=200), max_size=5),
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    chunked=st.booleans(),
)
def test_messages_come_out_however_the_stream_is_cut(messages: list[bytes], cuts: list[int], chunked: bool) -> None:
    whole = [message.replace(b"]]>]]>", b"").replace(b"]", b"") or b"x" for message in messages]
    stream = b"".join(frame(message, chunked) for message in whole)
    framer = Framer()
    framer.chunked = chunked
    out: list[bytes] = []
    at = 0
    while at < len(stream):
        for cut in cuts:
            framer.feed(stream[at : at + cut])
            at += cut
            out += taken(framer)
    assert out == whole


def test_a_message_in_several_chunks() -> None:
    framer = Framer()
    framer.chunked = True
    framer.feed(b"\n#4\n<rpc\n#18\n\n#not a header\n##>\n##\n\n#1\nx\n##\n")
    assert taken(framer) == [b"<rpc\n#not a header\n##>", b"x"]


@pytest.mark.parametrize(
    "noise",
    [
        b"<rpc/>]]>]]>",
        b"\n#0\n\n##\n",
        b"\n##\n",
        b"\n#-1\nx\n##\n",
        b"\n#01\nx\n##\n",
        b"\n#4294967295\nx",
        b"\n#99999999999999\n",
        b"\n#" + str(MAX_MESSAGE + 1).encode() + b"\n",
        b"\n#4\nabcdX",
    ],
)
def test_what_is_no_frame_is_an_error(noise: bytes) -> None:
    framer = Framer()
    framer.chunked = True
    framer.feed(noise)
    with pytest.raises(FramingError):
        taken(framer)


def test_sizes_add_up() -> None:
    framer = Framer()
    framer.chunked = True
    chunk = b"\n#1048576\n" + bytes(1048576)
    for _turn in range(MAX_MESSAGE // len(chunk)):
        framer.feed(chunk)
        assert framer.next() is None
    framer.feed(chunk * 2)
    with pytest.raises(FramingError):
        framer.next()


def test_an_endless_hello_ends() -> None:
    framer = Framer()
    framer.feed(bytes(MAX_MESSAGE))
    assert framer.next() is None
    framer.feed(b"x")
    with pytest.raises(FramingError):
        framer.next()


@given(st.binary(max_size=300), st.booleans())
def test_noise(noise: bytes, chunked: bool) -> None:
    framer = Framer()
    framer.chunked = chunked
    framer.feed(noise)
    try:
        for message in taken(framer):
            parse(message)
    except (FramingError, XmlError):
        pass


@given(st.recursive(st.text("<>&\"' abcé]", max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=12))
def test_xml_comes_back(shape: object) -> None:
    def built(inside: object, depth: int) -> Node:
        node = Node("urn:a" if depth % 2 else "urn:b", f"n{depth}")
        if isinstance(inside, list):
            for each in inside:
                node.add(built(each, depth + 1))
        else:
            node.text = str(inside)
        return node

    node = built(shape, 0)
    assert to_text(parse(to_text(node).encode())) == to_text(node)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<a>",
        b"<a><b></a>",
        b"<a/><b/>",
        b"\x00",
        b"\xff\xfe",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>&b;</a>",
        b"<a xmlns:x='y'><z:b/></a>",
        b"<a>" * 200 + b"</a>" * 200,
    ],
)
def test_what_is_no_xml(text: bytes) -> None:
    with pytest.raises(XmlError):
        parse(text)
