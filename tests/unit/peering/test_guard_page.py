# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page and the table for people: well-formed, self-contained, every state and every end shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from guard_bench import KEY, OTHER, GuardBench, intent, job, jobs, with_end

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.page import html_page, summary, text_table
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome

VOID = ("meta", "line", "circle", "br")
NASTY = '<script>alert("x")</script>&\''
UNMET = [{"host": NASTY, "item": "session <b>", "expected": "a & b", "seen": '"none"', "kind": "unmet"}]
VERDICTS = ("unchanged", "planned", "converged", "no_traffic", "failed", "reverted", "stuck", "skipped")


class Parsed(HTMLParser):
    """Every tag closed in order; texts and attributes collected."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID or (tag == "line" and self.get_starttag_text()[-2:] != "/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(outcomes: list[Outcome], ends: dict[str, list[str]]) -> str:
    return html_page("Guarded peerings", outcomes, ends, "2026-11-20 20:00:00 UTC")


def test_every_verdict_is_shown_in_its_colour() -> None:
    outcomes = [Outcome(f"p-{verdict}", verdict, reason=f"because {verdict}") for verdict in VERDICTS]
    ends = {outcome.peering: [f"{outcome.verdict}-one", f"{outcome.verdict}-two"] for outcome in outcomes}
    parsed = Parsed(page(outcomes, ends))
    assert parsed.open == []
    text = " ".join(parsed.texts)
    for outcome in outcomes:
        assert {outcome.peering, outcome.verdict, outcome.reason, *ends[outcome.peering]} <= set(parsed.texts)
    assert "1 converged, 1 failed, 1 no_traffic, 1 planned, 1 reverted, 1 skipped, 1 stuck, 1 unchanged" in text
    lines = parsed.named("line")
    assert len(lines) == len(VERDICTS)
    assert len(parsed.named("circle")) == 2 * len(VERDICTS)
    dashed = [line for line in lines if "stroke-dasharray" in line]
    assert len(dashed) == len([outcome for outcome in outcomes if not outcome.good])
    assert len({line["stroke"] for line in lines}) >= 4


def test_everything_is_escaped() -> None:
    outcome = Outcome(NASTY, "failed", reason=NASTY, unmet=UNMET)
    text = page([outcome], {NASTY: [NASTY, "other"]})
    parsed = Parsed(text)
    assert parsed.open == []
    assert parsed.named("script") == []
    assert "<script" not in text
    assert NASTY in "".join(parsed.texts)
    assert "expected a & b, seen" in "".join(parsed.texts)


@pytest.mark.parametrize("hosts", [0, 1, 2, 3, 10, 400])
def test_any_number_of_ends_fits(hosts: int) -> None:
    """One peering of them all, the first one in the middle of a star, and all circles inside the picture."""
    names = [f"h{number}" for number in range(hosts)]
    text = page([Outcome("star", "converged")], {"star": names} if names else {})
    parsed = Parsed(text)
    assert parsed.open == []
    assert len(parsed.named("line")) == max(hosts - 1, 0)
    assert len(parsed.named("circle")) == hosts
    if hosts:
        (svg,) = parsed.named("svg")
        _x, _y, width, height = (float(number) for number in str(svg["viewbox"]).split())
        for circle in parsed.named("circle"):
            assert 0 <= float(str(circle["cx"])) <= width
            assert 0 <= float(str(circle["cy"])) <= height


def test_a_page_of_a_real_run_needs_nothing_from_elsewhere_and_tells_no_secret(tmp_path: Path) -> None:
    bench = GuardBench(tmp_path)
    broken = with_end(job("rsvp_handshake"), "pe2", job("rsvp_handshake", key=OTHER))
    outcomes = bench.run(broken, *jobs(intent("lisp_tcp_ao", "ike_keepalive", "ike_invalid_cookie", "isakmp_retry")))
    ends = {peering["name"]: [end["host"] for end in peering["ends"]] for peering in intent()}
    text = page(outcomes, ends)
    parsed = Parsed(text)
    assert parsed.open == []
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src=|href=", text)
    assert not [tag for tag, _attributes in parsed.tags if tag in ("script", "link", "img", "iframe", "a", "object")]
    assert len(parsed.named("line")) == 5
    said = "".join(parsed.texts)
    assert "4 converged, 1 reverted" in said
    assert "not converged within 200 s" in said
    assert "no authenticated message received" in said
    assert KEY not in text
    assert OTHER not in text


def test_the_table_has_a_line_for_each_peering() -> None:
    outcomes = [Outcome("one", "converged"), Outcome("another", "reverted", reason="why", unmet=UNMET)]
    table = "\n".join(text_table(outcomes, {"one": ["a", "b"], "another": ["c"]}))
    assert re.search(r"^one .*converged", table, re.MULTILINE)
    assert re.search(r"^another .*reverted", table, re.MULTILINE)
    assert summary([]) == "no peerings"
