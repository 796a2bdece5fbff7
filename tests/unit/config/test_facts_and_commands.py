# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`facts` and `command` on all five platforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from config_bench import SAMPLES, Sample

from ansible_collections.netops.peerguard.plugins.action.command import _READING
from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import command, facts

each = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.platform)
SHOWN = {
    # what the version displays that are documented hold, besides name, version and model
    "huawei_vrp": set(),
    "cisco_iosxe": {"serialnum", "image"},
    "h3c_comware": set(),
    "juniper_junose": {"image", "slots"},
    "allied_alliedware": {"serialnum"},
}


def gather(sample: Sample, folder: Path, **args: Any) -> tuple[dict[str, Any], list[str]]:
    bench = sample.make(folder)
    names = registry.features_of(sample.platform)
    subsets, chosen, observe = facts.judge(args, names)
    warnings: list[str] = []
    gathered = facts.gather(
        bench.session(sample.device),
        subsets,
        [registry.feature(name) for name in chosen],
        observe=observe,
        native_secrets=registry.platform(sample.platform).secrets,
        warn=warnings.append,
    )
    return gathered, warnings


@each
def test_what_the_device_is(sample: Sample, tmp_path: Path) -> None:
    found, warnings = gather(sample, tmp_path)
    assert warnings == []
    named = {name.removeprefix("ansible_net_") for name, value in found.items() if value}
    assert (
        named - {"patch"} == {"system", "hostname", "version", "model", "api", "gather_subset"} | SHOWN[sample.platform]
    )
    assert found["ansible_net_system"] == sample.platform
    assert found["ansible_net_hostname"].lower() in ("pe1", "ms1", "fw-a", "edge7", "branch12")


@each
def test_features_and_what_they_show_have_keys_of_their_own(sample: Sample, tmp_path: Path) -> None:
    names = registry.features_of(sample.platform)
    found, _warnings = gather(sample, tmp_path, gather_network_resources=["all"], gather_subset=["all"])
    assert set(found["ansible_network_resources"]) == set(names)
    assert found["ansible_net_gather_network_resources"] == sorted(names)
    assert set(found["peerguard_observed"]) == set(names)
    assert found["ansible_net_gather_subset"] == ["config", "min"]
    assert found["ansible_net_config"].strip()
    alone, _warnings = gather(
        sample, tmp_path, gather_network_resources=["all", f"!{names[0]}"], gather_subset=["!min", "!config"]
    )
    assert set(alone.get("ansible_network_resources", ())) == set(names) - {names[0]}
    assert not [name for name in alone if name in ("ansible_net_version", "ansible_net_config")]


@each
def test_commands_run_wait_and_are_refused(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    platform = registry.platform(sample.platform)
    probe = platform.recognition.probe
    task = command.judge({"commands": [probe], "wait_for": "result[0] matches (?i)version", "retries": 1})
    outputs, failed = command.run(bench.session(sample.device), task)
    assert outputs[0].strip()
    assert failed == []
    task = command.judge({"commands": probe, "wait_for": ["result[0] contains nowhere"], "retries": 2, "interval": 0})
    assert command.run(bench.session(sample.device), task)[1] == ["result[0] contains nowhere"]
    assert _READING.match(probe)
    assert not platform.text.enters(probe)


@pytest.mark.parametrize(
    "line", ["show x | redirect flash:y", "display x > y.txt", "disable ipsec", "show", "shutdown x"]
)
def test_in_check_mode_only_what_shows(line: str) -> None:
    assert not _READING.match(line)


@pytest.mark.parametrize(
    ("platform", "lines"),
    [
        ("huawei_vrp", ["system-view", "sys", "system-view immediately"]),
        ("h3c_comware", ["system-view", "SYS"]),
        ("cisco_iosxe", ["configure terminal", "conf t", "configure"]),
        ("juniper_junose", ["configure terminal", "conf"]),
        ("allied_alliedware", []),
    ],
)
def test_the_configuration_mode_is_not_for_commands(platform: str, lines: list[str]) -> None:
    text = registry.platform(platform).text
    assert all(text.enters(line) for line in lines)
    assert not any(text.enters(line) for line in ("ping 192.0.2.1", "show system", "reset saved-configuration"))
