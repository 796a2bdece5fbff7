# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a job waits for a device: lines typed, which no machine makes faster or slower.

The numbers are what each job needs now. A change that needs fewer lowers them here; one that needs a fifth more fails.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import comware_labs
import pytest
from allied_labs import AlliedBench
from allied_labs import lab as allied_lab
from cisco_lab import KEY, chain, key
from cisco_lab import lab as cisco_lab
from huawei_labs import pair, shake
from inprocess import Bench
from junose_labs import ENABLE, edge_lab

ALLOWED = 1.2


def huawei(folder: Path) -> tuple[Bench, str, str, Any]:
    return Bench(folder, pair()), "pe1", "huawei_rsvp_auth", shake()


def cisco(folder: Path) -> tuple[Bench, str, str, Any]:
    config = chain(key(41, KEY, "00:00:00 Mar 1 2026", "00:00:00 Sep 1 2030"))
    return Bench(folder, cisco_lab()), "ms1", "cisco_tcp_key_chain", config


def h3c(folder: Path) -> tuple[Bench, str, str, Any]:
    return Bench(folder, comware_labs.lab(5, 7)), "a", "h3c_ike_keepalive", {"interval": 20, "timeout": 60}


def junose(folder: Path) -> tuple[Bench, str, str, Any]:
    bench = Bench(folder, edge_lab())
    bench.enable_password = ENABLE
    return bench, "edge7", "junose_ipsec_option", [{"virtual_router": "vrRed", "tx_invalid_cookie": True}]


def allied(folder: Path) -> tuple[Bench, str, str, Any]:
    config = [{"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 2}]
    return AlliedBench(folder, allied_lab()), "b12", "allied_isakmp_policy", config


Make = Callable[[Path], tuple[Bench, str, str, Any]]
# platform: (gather, unchanged, change and save)
NEEDED: dict[Make, tuple[int, int, int]] = {
    huawei: (3, 4, 13),
    cisco: (4, 9, 23),
    h3c: (3, 4, 11),
    junose: (8, 8, 19),
    allied: (3, 3, 8),
}


@pytest.mark.parametrize("make", NEEDED, ids=lambda make: make.__name__)
def test_no_job_waits_more_often_than_it_must(make: Make, tmp_path: Path) -> None:
    bench, device, feature, config = make(tmp_path)
    counted = []
    for arguments in ({"state": "gathered"}, {"config": config}, {"config": config}):
        result = bench.task(device, feature, **arguments)
        assert not result.get("failed"), result["msg"]
        counted.append(len(bench.sent))
    gather, change, unchanged = counted
    seen = (gather, unchanged, change)
    too_many = [count for count, needed in zip(seen, NEEDED[make], strict=True) if count > needed * ALLOWED]
    assert not too_many, f"{make.__name__} needs (gather, unchanged, change and save) {seen}, not {NEEDED[make]}"
