# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the `config` module in one process, and one device of every platform with lines to try on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comware_labs
import huawei_labs
from allied_labs import AlliedBench
from allied_labs import lab as allied_lab
from cisco_lab import lab as cisco_lab
from inprocess import Bench
from junose_labs import ENABLE, edge_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.configuration import (
    TextFeature,
    TextRunner,
    judge,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.verify import Pace


def configure(
    bench: Bench, device: str, *, check: bool = False, rendered: str | None = None, **args: Any
) -> dict[str, Any]:
    """Run a `config` task; `rendered` stands for what its `src` came to. Raises InvalidInput for bad arguments."""
    bench.channels.clear()
    platform = registry.platform(bench.world.devices[device].platform)
    if rendered is not None:
        args["src"] = "a template"
    runner = TextRunner(
        TextFeature(platform.name, platform.text, platform.session.show_running, platform.secrets),
        judge(platform.text, args, bench.folder, rendered),
        lambda book: bench.session(device, book),
        host=device,
        check_mode=check,
        base_folder=bench.folder,
        native_secrets=platform.secrets,
        pace=Pace(bench.world.clock.now, bench.pass_time),
    )
    return runner.run(args)


@dataclass(frozen=True)
class Sample:
    """A device, a change of it (`shows`: what its configuration holds then), and lines of which the last is refused."""

    platform: str
    make: Callable[[Path], Bench]
    device: str
    change: dict[str, Any]
    shows: tuple[str, ...]
    refused: dict[str, Any]
    leaving: tuple[str, ...]


def _junose(folder: Path) -> Bench:
    bench = Bench(folder, edge_lab())
    bench.enable_password = ENABLE
    return bench


SAMPLES = (
    Sample(
        "huawei_vrp",
        lambda folder: Bench(folder, huawei_labs.pair()),
        "pe1",
        {"parents": f"interface {huawei_labs.SPARE}", "lines": ["description changed", "mpls"]},
        (" description changed", " mpls"),
        {"lines": [f"interface {huawei_labs.SPARE}", " description first", "no-such-command"]},
        ("commit", "ret", "sysn X", "quit", "save", "system-view", "clear configuration candidate", "undo sysname"),
    ),
    Sample(
        "cisco_iosxe",
        lambda folder: Bench(folder, cisco_lab()),
        "ms1",
        {"parents": ["interface GigabitEthernet0/0/0"], "lines": ["description changed", "ip mtu 1400"]},
        (" description changed", " ip mtu 1400"),
        {"lines": ["interface Loopback0", " description first", "no-such-command"]},
        (
            "end",
            "exit",
            "do reload",
            "rel",
            "write memory",
            "conf t",
            "banner motd x",
            "hostname X",
            "hostn X",
            "default router lisp",
        ),
    ),
    Sample(
        "h3c_comware",
        lambda folder: Bench(folder, comware_labs.lab(5, 7)),
        "a",
        {"parents": ["interface GigabitEthernet0/1"], "lines": ["description changed", "undo ipsec policy"]},
        (" description changed",),
        {"lines": ["interface GigabitEthernet0/1", " description first", "no-such-command"]},
        ("return", "q", "save force", "reboot", "sys", "sysname X", "display version"),
    ),
    Sample(
        "juniper_junose",
        _junose,
        "edge7",
        {
            "parents": ["virtual-router vrRed"],
            "lines": ["ipsec option tx-invalid-cookie", "ip route 10.1.0.0 255.255.0.0 10.8.0.1"],
        },
        ("ipsec option tx-invalid-cookie", "ip route 10.1.0.0 255.255.0.0 10.8.0.1"),
        {"lines": ["virtual-router vrBlue", " ip route 10.2.0.0 255.255.0.0 10.8.0.1", " no-such-command"]},
        (
            "end",
            "exit",
            "write memory",
            "reload",
            "no virtual-router vrRed",
            "no virt vrRed",
            "ipsec clear sa all phase 1",
        ),
    ),
    Sample(
        "allied_alliedware",
        lambda folder: AlliedBench(folder, allied_lab()),
        "b12",
        {"lines": ['set isakmp policy="hq" msgtimeout=2', "disable ipsec"]},
        ("msgt=2",),
        {"lines": ['set isakmp policy="hq" msgtimeout=3', "enable nothing"]},
        (
            "restart router",
            "create config=x.cfg",
            "set system name=x",
            "rel",
            "purge ipsec",
            "delete file=x.cfg",
            "enable system security_mode",
        ),
    ),
)
