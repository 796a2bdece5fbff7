# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs whose round trips are counted: one typical task per platform, read, repeated and changed with saving.

A round trip is one wait for the device: lines that go out together cost one. No machine makes it more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comware_labs
from allied_labs import AlliedBench
from allied_labs import lab as allied_lab
from cisco_lab import KEY, chain, key
from cisco_lab import lab as cisco_lab
from huawei_labs import pair, shake
from inprocess import Bench
from junose_labs import ENABLE, edge_lab


@dataclass(frozen=True)
class Job:
    """A task of one feature on one device of a lab, and the round trips that it needs."""

    make: Callable[[Path], Bench]
    device: str
    feature: str
    config: Any
    gather: int
    unchanged: int
    change: int
    """Read, plan, send the lines, read back, save."""


@dataclass(frozen=True)
class Trips:
    """How often a job waited."""

    gather: int
    unchanged: int
    change: int


def _junose(folder: Path) -> Bench:
    bench = Bench(folder, edge_lab())
    bench.enable_password = ENABLE
    return bench


JOBS: Mapping[str, Job] = {
    "huawei_vrp": Job(lambda folder: Bench(folder, pair()), "pe1", "huawei_rsvp_auth", shake(), 2, 2, 9),
    "cisco_iosxe": Job(
        lambda folder: Bench(folder, cisco_lab()),
        "ms1",
        "cisco_tcp_key_chain",
        chain(key(41, KEY, "00:00:00 Mar 1 2026", "00:00:00 Sep 1 2030")),
        2,
        2,
        12,
    ),
    "h3c_comware": Job(
        lambda folder: Bench(folder, comware_labs.lab(5, 7)),
        "a",
        "h3c_ike_keepalive",
        {"interval": 20, "timeout": 60},
        2,
        2,
        7,
    ),
    "juniper_junose": Job(
        _junose, "edge7", "junose_ipsec_option", [{"virtual_router": "vrRed", "tx_invalid_cookie": True}], 4, 4, 11
    ),
    "allied_alliedware": Job(
        lambda folder: AlliedBench(folder, allied_lab()),
        "b12",
        "allied_isakmp_policy",
        [{"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 2}],
        3,
        3,
        8,
    ),
}


def count(job: Job, folder: Path) -> Trips:
    """Run the job on a fresh lab in this process."""
    bench = job.make(folder)
    counted = []
    for arguments in ({"state": "gathered"}, {"config": job.config}, {"config": job.config}):
        result = bench.task(job.device, job.feature, **arguments)
        if result.get("failed") or result.get("unreachable"):
            raise RuntimeError(result["msg"])
        counted.append(bench.trips)
    gather, change, unchanged = counted
    return Trips(gather, unchanged, change)
