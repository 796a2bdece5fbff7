# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a table for people, JSON for programs and a plot for the documentation."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from xml.sax.saxutils import escape

from measure import Figures

PACKAGES = (
    "ansible-core",
    "ansible",
    "ansible-pylibssh",
    "netmiko",
    "paramiko",
    "cryptography",
    "hier-config",
    "nornir",
    "asyncssh",
)
_FLOOR = "floor_local"


@dataclass(frozen=True)
class Row:
    """One contender at one job."""

    kind: str
    """What the lab is: `tasks` (a fleet) or `guard` (pairs)."""
    platform: str
    hosts: int
    latency: float
    job: str
    contender: str
    title: str
    figures: Figures


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    found: dict[str, Any] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def headline() -> str:
    """The machine in one line."""
    told = machine()
    packages = ", ".join(f"{name} {told[name]}" for name in PACKAGES if told[name])
    return f"{told['cores']} cores, Python {told['python']}, {packages}"


def table(rows: Sequence[Row]) -> str:
    """Groups of equal work, each contender against ours and against Ansible's floor."""
    lines = []
    for group in groups(rows):
        first = group[0]
        lines.append(
            f"\n{first.kind}: {first.job}, {first.hosts} x {first.platform}, {first.latency * 1000:.0f} ms per command"
        )
        lines.append(
            f"  {'':<56}{'wall s':>8}{'x floor':>9}{'x ours':>8}{'CPU s':>8}{'ms/host':>9}{'x ours':>8}"
            f"{'lab CPU':>9}{'main MB':>9}{'tree MB':>9}{'runs':>6}{'min..max':>15}"
        )
        floor = next((row.figures for row in group if row.contender == _FLOOR), None)
        ours = next((row.figures for row in group if row.contender == "ours"), None)
        lines += [_line(row, floor, ours) for row in group]
    return "\n".join(lines)


def _line(row: Row, floor: Figures | None, ours: Figures | None) -> str:
    seen = row.figures
    spread = f"{seen.spread[0]:.2f}..{seen.spread[1]:.2f}"
    return (
        f"  {row.title:<56}{seen.wall:>8.2f}{_ratio(seen.wall, floor and floor.wall):>9}"
        f"{_ratio(seen.wall, ours and ours.wall):>8}{seen.cpu:>8.2f}{seen.cpu / row.hosts * 1000:>9.1f}"
        f"{_ratio(seen.cpu, ours and ours.cpu):>8}{seen.lab:>9.2f}{seen.controller:>9.0f}{seen.memory:>9.0f}"
        f"{seen.runs:>6}{spread:>15}"
    )


def _ratio(value: float, base: float | None) -> str:
    return f"{value / base:.2f}" if base else ""


def groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of the same work on the same devices, in the order they came."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault((row.kind, row.platform, row.hosts, row.latency, row.job), []).append(row)
    return list(found.values())


def plain(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For JSON. Seconds and MB."""
    return [asdict(row) for row in rows]


_COLOURS = {"ours": "#1a7f4b", "nornir": "#b07d1a", "network_cli": "#b23b3b"}
_LEFT, _WIDTH, _BAR, _GAP = 330, 420, 18, 34


def plot(rows: Sequence[Row]) -> str:
    """CPU milliseconds per host, one bar per contender, on a logarithmic scale, as SVG."""
    shown = [group for group in groups(rows) if any(row.contender == "ours" for row in group)]
    most = max((row.figures.cpu / row.hosts * 1000 for group in shown for row in group), default=1.0)
    decades = max(1, math.ceil(math.log10(max(most, 10))))
    scale = _WIDTH / decades
    parts, y = [], 40
    for group in shown:
        first = group[0]
        title = f"{first.job}, {first.hosts} {first.platform}, {first.latency * 1000:.0f} ms latency ({first.kind})"
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{escape(title)}</text>')
        y += 8
        for row in group:
            value = row.figures.cpu / row.hosts * 1000
            length = max(2.0, math.log10(max(value, 1.0)) * scale)
            colour = _COLOURS.get(row.contender, "#8a8f98")
            parts.append(f'<text x="20" y="{y + 13}">{escape(row.title)}</text>')
            parts.append(f'<rect x="{_LEFT}" y="{y}" width="{length:.0f}" height="{_BAR - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{_LEFT + length + 6:.0f}" y="{y + 13}">{value:.0f}</text>')
            y += _BAR
        y += _GAP - 8
    grid = "".join(
        f'<line x1="{_LEFT + step * scale:.0f}" y1="24" x2="{_LEFT + step * scale:.0f}" y2="{y - 20}" stroke="#ddd"/>'
        for step in range(decades + 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 80}" height="{y}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/>{grid}'
        f'<text x="10" y="16">CPU milliseconds per host, logarithmic</text>{"".join(parts)}</svg>\n'
    )
