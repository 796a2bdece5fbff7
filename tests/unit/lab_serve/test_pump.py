# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pace and order of what a client gets, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.hub import Hub
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.serve.pump import Pump
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

Make = Callable[..., Any]


class Wire:
    """A link that remembers what happened to it."""

    def __init__(self) -> None:
        self.text = ""
        self.pieces: list[str] = []
        self.hung_up = False
        self.held = False

    def write(self, text: str) -> None:
        assert not self.hung_up
        self.text += text
        self.pieces.append(text)

    def hang_up(self) -> None:
        self.hung_up = True

    def hold_input(self, hold: bool) -> None:
        self.held = hold


def converse(lab: Any, talk: Callable[[Pump, Wire, Hub], Awaitable[None]]) -> None:
    """Run `talk` on a pump to the device r1."""

    async def main() -> None:
        hub = Hub(World(lab), lab.devices)
        wire = Wire()
        pump = hub.open_pump(hub.devices["r1"], "ssh", "netops", "test", wire)
        assert pump is not None
        pump.start()
        await talk(pump, wire, hub)

    asyncio.run(asyncio.wait_for(main(), 20))


def test_an_answer_comes_in_the_same_turn(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.feed("show\r")
        assert wire.text.endswith("value none\r\nr1> ")
        pump.feed("bye\r")
        assert wire.hung_up
        pump.feed("show\r")
        assert wire.text.endswith("See you.\r\n")

    converse(toy_lab({"r1": {}}), talk)


def test_a_delayed_answer_keeps_its_place(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.feed("set a\r")
        pump.feed("show\r")
        assert "set a" not in wire.text
        await asyncio.sleep(0.3)
        assert wire.text.index("set a") < wire.text.index("value a")

    converse(toy_lab({"r1": {"faults": [{"kind": "latency", "seconds": 0.05}]}}), talk)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_each_line_typed_ahead_takes_its_time(toy_lab: Make, end: str) -> None:
    """A device handles a line when it is done with the one before, also where both came in one write."""

    async def talk(pump: Pump, wire: Wire, hub: Hub) -> None:
        pump.feed(f"set a{end}show{end}set b{end}sh")
        pump.feed(f"ow{end}")
        pump.end_of_input()
        device = hub.world.devices["r1"]
        (slow,) = device.faults
        assert slow.used == 1
        assert wire.text.endswith("r1> ")
        while not wire.hung_up:
            await asyncio.sleep(0.01)
        assert slow.used == 4
        assert [line for line in wire.text.split("\r\n") if line.startswith("value")] == ["value a", "value b"]
        assert sum(piece.endswith("r1> ") for piece in wire.pieces) == 5  # each in its own time

    converse(toy_lab({"r1": {"faults": [{"kind": "latency", "seconds": 0.05}]}}), talk)


def test_what_waits_behind_a_slow_line_is_lost_with_the_session(toy_lab: Make) -> None:
    async def talk(pump: Pump, _wire: Wire, hub: Hub) -> None:
        pump.feed("set a\rset b\r")
        pump.close()
        await asyncio.sleep(0.1)
        (slow,) = hub.world.devices["r1"].faults
        assert slow.used == 1

    converse(toy_lab({"r1": {"faults": [{"kind": "latency", "seconds": 0.05}]}}), talk)


def test_output_in_small_pieces(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.feed("show\r")
        await asyncio.sleep(0.4)
        assert wire.text.endswith("value none\r\nr1> ")
        assert max(len(piece) for piece in wire.pieces) == 4

    converse(toy_lab({"r1": {"faults": [{"kind": "slow_chunks", "size": 4, "pause": 0.005}]}}), talk)


def test_a_flood_lets_others_live_and_is_answered_in_full(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        turns = 0

        async def somebody_else() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        task = asyncio.create_task(somebody_else())
        pump.feed("show\r" * 60_000)
        assert wire.held
        while wire.text.count("value none") < 60_000:
            await asyncio.sleep(0.01)
        task.cancel()
        assert turns > 100
        assert not wire.held

    converse(toy_lab({"r1": {}}), talk)


def test_a_client_that_does_not_read_gets_nothing_more_until_it_does(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        before = wire.text
        pump.client_full(True)
        pump.feed("show\r")
        await asyncio.sleep(0.02)
        assert wire.held
        assert wire.text == before
        pump.client_full(False)
        await asyncio.sleep(0.02)
        assert wire.text.endswith("value none\r\nr1> ")

    converse(toy_lab({"r1": {}}), talk)


def test_what_was_said_before_the_end_is_answered(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.feed("show\r" * 500)
        pump.end_of_input()
        while not wire.hung_up:
            await asyncio.sleep(0.01)
        assert wire.text.count("value none") == 500

    converse(toy_lab({"r1": {}}), talk)


def test_a_reboot_ends_all_sessions_of_the_device(toy_lab: Make) -> None:
    async def talk(_pump: Pump, wire: Wire, hub: Hub) -> None:
        hub.devices["r1"].device.reboot()
        await asyncio.sleep(0.01)
        assert wire.hung_up

    converse(toy_lab({"r1": {}}), talk)


def test_text_that_nobody_asked_for(toy_lab: Make) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.terminal.notify("Something happened.")
        assert "Something happened." in wire.text

    converse(toy_lab({"r1": {}}), talk)


def test_a_device_that_breaks_says_so_without_a_word_of_why(
    toy_lab: Make, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(pump: Pump, wire: Wire, _hub: Hub) -> None:
        pump.feed("boom\r")
        assert "Traceback" not in wire.text
        assert "secret" not in wire.text
        pump.feed("show\r")
        assert "value none" in wire.text

        def broken(_text: str) -> str:
            raise RuntimeError("a secret from the wire")

        caplog.clear()
        monkeypatch.setattr(pump.terminal, "receive", broken)
        pump.feed("x")
        assert wire.hung_up
        assert "RuntimeError" in caplog.text
        assert "secret" not in caplog.text

    converse(toy_lab({"r1": {}}), talk)
