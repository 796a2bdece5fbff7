# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a job waits for a device and how much it types, which no machine changes, and what may be typed ahead.

The numbers in `round_trips` are what each job needs now. A change that needs fewer lowers them there; one that needs
more than a fifth more fails.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import round_trips
from cisco_lab import chain, key
from cisco_lab import lab as cisco_lab
from huawei_labs import PORT, VRP5, VRP8, pair, shake
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.base import in_pieces

ALLOWED = 1.2


@pytest.mark.parametrize("platform", round_trips.JOBS)
def test_no_job_waits_more_often_or_types_more_than_it_must(platform: str, tmp_path: Path) -> None:
    job = round_trips.JOBS[platform]
    seen = round_trips.count(job, tmp_path)
    for name, counted, needed in zip(seen._fields, seen, job.needs, strict=True):
        assert counted.waits <= needed.waits * ALLOWED, f"{platform}: {name} needs {counted.waits} round trips"
        assert counted.lines <= needed.lines * ALLOWED, f"{platform}: {name} types {counted.lines} lines"


SECTIONS = (
    "interface A",
    "  mpls",
    "  undo mpls te",
    "  mpls rsvp-te",
    "  quit",
    "interface B",
    "  mpls",
    "  quit",
)


def test_a_candidate_takes_a_section_at_a_time() -> None:
    """The line that enters a section and the one that removes something are judged before the next is typed."""
    assert in_pieces(SECTIONS, frozenset(("quit",)), candidate=True) == [
        ["interface A"],
        ["  mpls"],
        ["  undo mpls te"],
        ["  mpls rsvp-te", "  quit", "interface B"],
        ["  mpls", "  quit"],
    ]


def test_what_takes_effect_at_once_goes_alone() -> None:
    pieces = in_pieces(SECTIONS, frozenset(("quit",)), candidate=False)
    assert [line for piece in pieces for line in piece] == list(SECTIONS)
    assert ["  quit", "interface B"] in pieces
    assert all(len([line for line in piece if line.strip() != "quit"]) <= 1 for piece in pieces)
    assert in_pieces((), frozenset(), candidate=False) == []


def garble(bench: Bench, old: str, new: str) -> None:
    """Have the devices get something else than what is typed, so that they refuse it."""
    original = bench.session

    def session(device: str, book: Any = None) -> Any:
        found: Any = original(device, book)
        feed = found.channel._type

        def garbled(text: str, line: str) -> Any:
            return feed(text.replace(old, new), line)

        found.channel._type = garbled
        return found

    bench.session = session  # type: ignore[method-assign]


def refused(bench: Bench, device: str, feature: str, config: Any) -> dict[str, Any]:
    result: dict[str, Any] = bench.task(device, feature, config=config)
    assert result["failed"], result
    assert result["reverted"], result
    return result


def test_a_refused_line_of_a_section_is_named_and_nothing_of_it_stays(tmp_path: Path) -> None:
    """The lines behind it have arrived too; they fall with the candidate, and on VRP5 they were never typed."""
    for version in (VRP8, VRP5):
        folder = tmp_path / version[:1]
        folder.mkdir()
        bench = Bench(folder, pair(device={"os_version": version}))
        before = bench.running("pe1")
        garble(bench, "mpls rsvp-te authentication cipher", "mpls rsvp-te authentication zzz")
        result = refused(bench, "pe1", "huawei_rsvp_auth", shake())
        assert "the device refused 'mpls rsvp-te authentication cipher ********'" in result["msg"], result["msg"]
        assert bench.running("pe1") == before
        handshake = [line for line in bench.sent if line == "mpls rsvp-te authentication handshake"]
        assert len(handshake) == (1 if version == VRP8 else 0)
        assert f"interface {PORT}" in bench.sent


def test_where_paging_cannot_be_turned_off_every_line_waits(tmp_path: Path) -> None:
    """A pager would take the next line's first letter for its key."""
    bench = Bench(tmp_path, cisco_lab())
    original = bench.session

    def session(device: str, book: Any = None) -> Any:
        found: Any = original(device, book)
        found.preparation = ("terminal lengthy 0", "terminal width 0")
        return found

    bench.session = session  # type: ignore[method-assign]
    config = chain(key(41, "Demo-Key-41", "00:00:00 Mar 1 2026", "00:00:00 Sep 1 2030"))
    assert bench.task("ms1", "cisco_tcp_key_chain", config=config)["changed"]
    assert not bench.task("ms1", "cisco_tcp_key_chain", config=config)["changed"]
    preparation = 1
    assert bench.trips >= len(bench.sent) - preparation


def test_what_was_read_ahead_is_not_believed_after_a_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cisco_lab())
    session: Any = bench.session("ms1")
    session.foresee(["show running-config | section ^key chain", "show clock"])
    first = session.run(["show version"])
    assert first[0]
    trips = bench.trips
    held = session.run(["show running-config | section ^key chain"])[0]
    assert bench.trips == trips
    for line in ("configure terminal", "key chain NEW tcp", "end"):
        session.exchange(line)
    fresh = session.run(["show running-config | section ^key chain"])[0]
    assert "key chain NEW tcp" in fresh
    assert "key chain NEW tcp" not in held
    assert bench.trips == trips + 4
