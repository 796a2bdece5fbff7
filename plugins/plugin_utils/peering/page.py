# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peerings as one self-contained HTML page: a graph of the ends, and for each peering what is unmet.

No script, no font, no image from elsewhere: the page can be mailed, archived, opened on a jump host.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from .transaction import Outcome

Place = tuple[float, float]

_WIDTH, _MARGIN, _RADIUS = 960.0, 90.0, 26.0
_COLOURS = {
    "converged": "#1a7f37",
    "unchanged": "#1a7f37",
    "planned": "#0969da",
    "no_traffic": "#9a6700",
    "skipped": "#6e7781",
}
_BAD = "#cf222e"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2328;margin:2rem auto;max-width:62rem;padding:0 1rem}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem;border-bottom:1px solid #d0d7de}
td.verdict{font-weight:600;white-space:nowrap}ul{margin:0;padding-left:1.1rem}svg{width:100%;height:auto}
text{font:13px system-ui,sans-serif;text-anchor:middle}
"""


def html_page(title: str, outcomes: Sequence[Outcome], ends: Mapping[str, Sequence[str]], when: str) -> str:
    """The page. `ends`: the ends of each peering by its name (external ends too); `when`: a time for the heading."""
    rows = "\n".join(_row(outcome, ends.get(outcome.peering, ())) for outcome in outcomes)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{_STYLE}</style></head><body>
<h1>{escape(title)}</h1><p>{escape(when)}: {escape(summary(outcomes))}</p>
{_graph(outcomes, ends)}
<table><thead><tr><th>Peering</th><th>Ends</th><th>State</th><th>What is not as intended</th></tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many peerings ended how, in one line."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.verdict] = counts.get(outcome.verdict, 0) + 1
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) or "no peerings"


def text_table(outcomes: Sequence[Outcome], ends: Mapping[str, Sequence[str]]) -> list[str]:
    """The same as lines for a terminal."""
    rows = [("peering", "ends", "state", "")]
    rows += [
        (outcome.peering, " - ".join(ends.get(outcome.peering, ())), outcome.verdict, outcome.reason)
        for outcome in outcomes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, (*widths, 0), strict=True)).rstrip() for row in rows
    ]


def _row(outcome: Outcome, ends: Sequence[str]) -> str:
    items = "".join(
        f"<li>{escape(entry['host'])}: {escape(entry['item'])}: expected {escape(entry['expected'])}, "
        f"seen {escape(entry['seen'])}</li>"
        for entry in outcome.unmet
    )
    reason = f"<p>{escape(outcome.reason)}</p>" if outcome.reason else ""
    return (
        f"<tr><td>{escape(outcome.peering)}</td><td>{escape(' – '.join(ends))}</td>"
        f'<td class="verdict" style="color:{_colour(outcome)}">{escape(outcome.verdict)}</td>'
        f"<td>{reason}{f'<ul>{items}</ul>' if items else ''}</td></tr>"
    )


def _colour(outcome: Outcome) -> str:
    return _COLOURS.get(outcome.verdict, _BAD)


def _graph(outcomes: Sequence[Outcome], ends: Mapping[str, Sequence[str]]) -> str:
    """Hosts on a circle, a line per pair of ends in the colour of its peering."""
    hosts = sorted({host for outcome in outcomes for host in ends.get(outcome.peering, ())})
    if not hosts:
        return ""
    places = _places(hosts)
    height = max(y for _x, y in places.values()) + _MARGIN
    lines = "".join(_edges(outcome, ends.get(outcome.peering, ()), places) for outcome in outcomes)
    nodes = "".join(_node(host, place) for host, place in places.items())
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" aria-label="Peerings as a graph">{lines}{nodes}</svg>'
    )


def _places(hosts: Sequence[str]) -> dict[str, Place]:
    """A circle that grows with the number of hosts; two hosts lie side by side."""
    centre = _WIDTH / 2
    radius = min(centre - _MARGIN, 60.0 + 22.0 * len(hosts))
    places: dict[str, Place] = {}
    for index, host in enumerate(hosts):
        angle = math.pi + 2 * math.pi * index / len(hosts)
        flat = 0.0 if len(hosts) == 2 else 0.72
        places[host] = (centre + radius * math.cos(angle), _MARGIN + radius * flat * (1 + math.sin(angle)))
    return places


def _edges(outcome: Outcome, ends: Sequence[str], places: Mapping[str, Place]) -> str:
    dash = "" if outcome.good else ' stroke-dasharray="8 5"'
    first, *others = [places[end] for end in ends] or [(0.0, 0.0)]
    return "".join(
        f'<line x1="{first[0]:.1f}" y1="{first[1]:.1f}" x2="{other[0]:.1f}" y2="{other[1]:.1f}" '
        f'stroke="{_colour(outcome)}" stroke-width="3"{dash}><title>{escape(outcome.peering)}: '
        f"{escape(outcome.verdict)}</title></line>"
        for other in others
    )


def _node(host: str, place: Place) -> str:
    x, y = place
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:.0f}" fill="#f6f8fa" stroke="#57606a"/>'
        f'<text x="{x:.1f}" y="{y + _RADIUS + 16:.1f}">{escape(host)}</text>'
    )
