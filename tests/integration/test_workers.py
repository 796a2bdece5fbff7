# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible makes a worker for each host and task: what a worker could find done is done before, in their parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import comware_labs
import pytest
import round_trips
import yaml
from allied_labs import lab as allied_lab
from cisco_lab import lab as cisco_lab
from harness import ROOT, SOURCE_TREE, PlaybookRun
from huawei_labs import pair
from junose_labs import ENABLE, edge_lab
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

LABS: Mapping[str, Callable[[], str]] = {
    "huawei_vrp": pair,
    "cisco_iosxe": cisco_lab,
    "h3c_comware": lambda: comware_labs.lab(5, 7),
    "juniper_junose": edge_lab,
    "allied_alliedware": lambda: f"plugin: netops.peerguard.lab\n{allied_lab()}",
}


def tasks(feature: str, config: Any) -> list[dict[str, Any]]:
    """Everything that a task of a feature does: gather, look at what is in use, change and save, find no difference."""
    module = f"netops.peerguard.{feature}"
    return [
        {"name": "Facts", "netops.peerguard.facts": {"gather_subset": ["all"], "gather_network_resources": ["all"]}},
        {"name": "Gathered", module: {"state": "gathered"}},
        {"name": "Changed", module: {"config": config, "save_when": "changed"}},
        {"name": "Unchanged", module: {"config": config}},
    ]


@pytest.mark.parametrize("platform", LABS)
def test_a_worker_compiles_and_imports_nothing(
    start_lab: Callable[..., LabHandle], playbook: Callable[..., PlaybookRun], tmp_path: Path, platform: str
) -> None:
    job = round_trips.JOBS[platform]
    lab = start_lab(LABS[platform]())
    log = tmp_path / "workers.log"
    text = yaml.safe_dump([{"hosts": job.device, "gather_facts": False, "tasks": tasks(job.feature, job.config)}])
    run = playbook(
        text,
        lab.path,
        verbosity=0,
        extra_vars={"ansible_become_password": ENABLE} if platform == "juniper_junose" else None,
        env={
            "PEERGUARD_TEST_WORKERS": str(log),
            "PYTHONPATH": f"{SOURCE_TREE}:{ROOT / 'tests' / 'plugins' / 'watch'}",
        },
    ).expect()
    assert [result.changed for result in run.results] == [False, False, True, False]
    assert log.read_text().splitlines() == ["watched"] * len(run.results)
