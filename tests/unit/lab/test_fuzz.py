# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is typed at a device: nothing breaks inside, nothing of Python shows, and the next session is served."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.registry import device_class, known_platforms
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.telnet import Codec
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.terminal import MAX_LINE
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

OPENERS = {
    "huawei_vrp": ["system-view", "mpls", "interface GigabitEthernet0/0/1", "commit", "y"],
    "cisco_iosxe": ["enable", "configure terminal", "router lisp", "key chain K tcp", "end"],
    "h3c_comware": ["system-view", "ike profile p", "ike keychain k", "interface GigabitEthernet0/1"],
    "juniper_junose": ["enable 15", "configure terminal", "virtual-router a", "interface tunnel ipsec:t"],
    "allied_alliedware": ['create isakmp pol="a" pe=192.0.2.1', "enable isakmp", "set isakmp pol=a", "show isakmp"],
}
"""Lines that open what most commands need."""
LEAKS = re.compile(r"Traceback|\.py\b|Error\(|Exception|object at 0x|<class ")


@cache
def vocabulary(platform: str) -> list[str]:
    """Every word of the system's commands, and values for its parameters."""
    words = {word for fact in device_class(platform).facts() for word in re.findall(r"[\w.:-]+", fact.what)}
    values = [
        "0",
        "1",
        "64",
        "99999999999",
        "192.0.2.1",
        "10.1.1.1/24",
        "2001:db8::1",
        "00:30:00",
        '"a b"',
        "name=",
        "=",
    ]
    return sorted(words | {"undo", "no", "?", "|", "include", "-"}) + values


VALUES = ["0", "1", "3", "64", "120", "99999999999", "192.0.2.1", "10.1.1.1/24", "2001:db8::1", "00:30:00", "Jan",
          "2031", "GigabitEthernet0/0/1", "Loopback0", "NAME", '"a b"', "ipsec:t", "x" * 300, "?", "'"]  # fmt: skip


def spoken(pattern: str, dice: Random) -> str:
    """A command out of its pattern: one way through the alternatives, and values that may fit."""
    parts = iter(re.findall(r"<[^>]*>|[\[\]{}|]|[^\s\[\]{}|<>]+", pattern))

    def sequence() -> list[list[str]]:
        ways: list[list[str]] = [[]]
        for part in parts:
            if part in ("[", "{"):
                inner = sequence()
                ways[-1] += [] if part == "[" and dice.random() < 0.5 else dice.choice(inner)
            elif part in ("]", "}"):
                return ways
            elif part == "|":
                ways.append([])
            else:
                ways[-1].append(dice.choice(VALUES) if part.startswith("<") else part)
        return ways

    return " ".join(dice.choice(sequence()))


@cache
def patterns(platform: str) -> list[str]:
    return sorted({fact.what for fact in device_class(platform).facts() if fact.view})


def keys(platform: str) -> st.SearchStrategy[str]:
    """What arrives from a client at once: half commands, whole ones, control keys, and noise."""
    word = st.sampled_from(vocabulary(platform))
    line = st.lists(word, min_size=1, max_size=7).map(lambda words: " ".join(words) + "\r")
    control = st.text(st.characters(max_codepoint=31), min_size=1, max_size=6)
    escape = st.text("[0123456789;?~ABCDHFO", max_size=8).map(lambda rest: "\x1b" + rest)
    return st.one_of(
        line,
        st.builds(spoken, st.sampled_from(patterns(platform)), st.randoms(use_true_random=False)).map(
            lambda text: text + "\r"
        ),
        st.sampled_from(OPENERS[platform]).map(lambda text: text + "\r"),
        word,
        control,
        escape,
        st.text(max_size=40),
        st.integers(1, 3 * MAX_LINE).map(lambda count: "x" * count + "\r"),
    )


@contextmanager
def nothing_logged() -> Iterator[None]:
    """What breaks inside a session is logged and not raised: here that is an error."""
    caught: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            caught.append(self.format(record))

    logger = logging.getLogger("ansible_collections.netops.peerguard.plugins.plugin_utils.lab")
    handler = Handler(logging.ERROR)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    assert not caught, caught[0]


@pytest.mark.parametrize("platform", known_platforms())
@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_whatever_is_typed(platform: str, transport: str) -> None:
    @settings(deadline=None)
    @given(st.lists(keys(platform), max_size=25), st.booleans())
    def fuzz(typed: list[str], cut_off: bool) -> None:
        lab = parse_lab({"name": "fuzz", "clock": "manual", "devices": {"r1": {"platform": platform}}})
        world = World(lab)
        device = world.devices["r1"]
        with nothing_logged():
            terminal = device.open_session(transport, "netops" if transport == "ssh" else None)
            said = terminal.start()
            if transport == "telnet":
                said += terminal.receive("netops\rlab-pass\r")
            for keystrokes in typed:
                said += terminal.receive(keystrokes)
                world.advance(1)
            if not cut_off:
                terminal.close()
            assert not LEAKS.search(said), said
            assert len(said) < 4_000_000
            world.advance(3600)
            device.down_until = 0
            again = device.open_session("ssh", "netops")
            assert not again.closed
            assert again.start()
            again.close()
            world.snapshot()

    fuzz()


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_telnet_octets_arrive_the_same_however_they_are_cut(pieces: list[bytes]) -> None:
    whole, cut = Codec(), Codec()
    text = whole.receive(b"".join(pieces))
    assert "".join(cut.receive(piece) for piece in pieces) == text
    assert whole.reply == cut.reply
    assert whole.size == cut.size
    assert len(whole.reply) < 10_000


@given(st.binary(max_size=2000))
def test_negotiation_never_loops(octets: bytes) -> None:
    """Two ends that answer each other come to rest."""
    one, other = Codec(), Codec()
    one.receive(octets)
    for _turn in range(300):
        sent, one.reply = bytes(one.reply), bytearray()
        other.receive(sent)
        one, other = other, one
        if not sent:
            break
    assert not sent
