# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs whose round trips and lines are counted: one typical task per platform, read, repeated, changed and saved.

A round trip is one wait for the device: lines that go out together cost one, though the device thinks about each. What
counts on a slow network is the round trips, on a slow device the lines. No machine makes them more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import comware_labs
from allied_labs import AlliedBench
from allied_labs import lab as allied_lab
from cisco_lab import KEY, chain, key
from cisco_lab import lab as cisco_lab
from huawei_labs import pair, shake
from inprocess import Bench
from junose_labs import ENABLE, edge_lab


class Cost(NamedTuple):
    """What a run asks of a device."""

    waits: int
    lines: int


class Costs(NamedTuple):
    """What a job costs after the login."""

    gather: Cost
    unchanged: Cost
    change: Cost
    """Read, plan, send the lines, read back, save."""


@dataclass(frozen=True)
class Job:
    """A task of one feature on one device of a lab, and what it needs."""

    make: Callable[[Path], Bench]
    device: str
    feature: str
    config: Any
    needs: Costs


def _junose(folder: Path) -> Bench:
    bench = Bench(folder, edge_lab())
    bench.enable_password = ENABLE
    return bench


JOBS: Mapping[str, Job] = {
    "huawei_vrp": Job(
        lambda folder: Bench(folder, pair()),
        "pe1",
        "huawei_rsvp_auth",
        shake(),
        Costs(Cost(2, 3), Cost(2, 4), Cost(9, 14)),
    ),
    "cisco_iosxe": Job(
        lambda folder: Bench(folder, cisco_lab()),
        "ms1",
        "cisco_tcp_key_chain",
        chain(key(41, KEY, "00:00:00 Mar 1 2026", "00:00:00 Sep 1 2030")),
        Costs(Cost(2, 4), Cost(2, 9), Cost(12, 25)),
    ),
    "h3c_comware": Job(
        lambda folder: Bench(folder, comware_labs.lab(5, 7)),
        "a",
        "h3c_ike_keepalive",
        {"interval": 20, "timeout": 60},
        Costs(Cost(2, 3), Cost(2, 4), Cost(7, 11)),
    ),
    "juniper_junose": Job(
        _junose,
        "edge7",
        "junose_ipsec_option",
        [{"virtual_router": "vrRed", "tx_invalid_cookie": True}],
        Costs(Cost(4, 8), Cost(4, 8), Cost(11, 19)),
    ),
    "allied_alliedware": Job(
        lambda folder: AlliedBench(folder, allied_lab()),
        "b12",
        "allied_isakmp_policy",
        [{"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 2}],
        Costs(Cost(3, 3), Cost(3, 3), Cost(8, 8)),
    ),
}


def count(job: Job, folder: Path) -> Costs:
    """Run the job on a fresh lab in this process."""
    bench = job.make(folder)
    counted = []
    for arguments in ({"state": "gathered"}, {"config": job.config}, {"config": job.config}):
        result = bench.task(job.device, job.feature, **arguments)
        if result.get("failed") or result.get("unreachable"):
            raise RuntimeError(result["msg"])
        counted.append(Cost(bench.trips, len(bench.sent)))
    gather, change, unchanged = counted
    return Costs(gather, unchanged, change)
