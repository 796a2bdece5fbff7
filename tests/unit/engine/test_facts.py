# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""Which facts are asked for, and how they come back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import facts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import CommandRejected

FEATURES = ("one", "two")


@pytest.mark.parametrize(
    ("args", "subsets", "resources"),
    [
        ({}, {"min"}, []),
        ({"gather_subset": ["all"]}, {"min", "config"}, []),
        ({"gather_subset": "config"}, {"min", "config"}, []),
        ({"gather_subset": ["!config"]}, {"min"}, []),
        ({"gather_subset": ["all", "!config"]}, {"min"}, []),
        ({"gather_subset": ["!all"]}, {"min"}, []),
        ({"gather_subset": ["!all", "!min"]}, set(), []),
        ({"gather_subset": "!min"}, {"config"}, []),
        ({"gather_network_resources": ["all"]}, {"min"}, ["one", "two"]),
        ({"gather_network_resources": ["all", "!one"]}, {"min"}, ["two"]),
        ({"gather_network_resources": ["!one"]}, {"min"}, ["two"]),
        ({"gather_network_resources": ["two"]}, {"min"}, ["two"]),
        ({"gather_network_resources": ["!all"]}, {"min"}, []),
    ],
)
def test_subsets(args: dict[str, Any], subsets: set[str], resources: list[str]) -> None:
    assert facts.judge(args, FEATURES) == (subsets, resources, True)


def test_observing_can_be_left_out() -> None:
    assert facts.judge({"observe": "no"}, FEATURES)[2] is False


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"gather_subset": ["hardware"]}, "gather_subset: 'hardware' is not allowed; use all, min, config, or ! before one to leave it out."),
        ({"gather_network_resources": ["three"]}, "gather_network_resources: 'three' is not allowed; use all, one, two, or ! before one to leave it out."),
        ({"subset": "all"}, "task: subset is not an option here; the options are gather_subset, gather_network_resources, observe."),
    ],
)  # fmt: skip
def test_unknown_words(args: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        facts.judge(args, FEATURES)
    assert caught.value.problems == [sentence]


class Router:
    """A session with a configuration; it refuses what begins with `no`."""

    facts = DeviceFacts("os", "r1", "1.2", extra={"ansible_net_patch": "p"})

    def describe(self) -> DeviceFacts:
        return self.facts

    def running_config(self) -> str:
        return "user a password secret-word\n"

    def run(self, commands: list[str]) -> list[str]:
        if commands[0].startswith("no"):
            raise CommandRejected(commands[0], "unknown")
        return ["text"] * len(commands)


class Thing:
    """As much of a feature as facts need."""

    def __init__(self, name: str, command: str) -> None:
        self.name, self.command = name, command
        self.schema = facts.Group(facts.OPTIONS)

    def form(self, _language: str) -> Thing:
        return self

    def read(self, _facts: DeviceFacts) -> list[str]:
        return [self.command]

    def parse(self, _text: str) -> dict[str, Any]:
        return {"observe": True}

    def observe(self, _session: Any, _model: Any) -> dict[str, Any]:
        return {"seen": 1}


def gather(subsets: set[str], features: list[Any], observe: bool = True) -> tuple[dict[str, Any], list[str]]:
    warnings: list[str] = []
    patterns = (re.compile(r"password (?P<secret>\S+)"),)
    got = facts.gather(Router(), subsets, features, observe=observe, native_secrets=patterns, warn=warnings.append)  # type: ignore[arg-type]
    return got, warnings


def test_facts_have_the_names_that_network_users_know() -> None:
    got, warnings = gather({"min"}, [])
    assert got == {
        "ansible_net_system": "os",
        "ansible_net_hostname": "r1",
        "ansible_net_version": "1.2",
        "ansible_net_patch": "p",
        "ansible_net_api": "cliconf",
        "ansible_net_gather_subset": ["min"],
    }
    assert warnings == []


def test_the_configuration_comes_without_secrets() -> None:
    assert gather({"min", "config"}, [])[0]["ansible_net_config"] == "user a password ********\n"


def test_a_feature_that_the_device_does_not_know_is_a_warning() -> None:
    got, warnings = gather({"min"}, [Thing("one", "show"), Thing("two", "no such command")])
    assert got["ansible_network_resources"] == {"one": {"observe": True}}
    assert got["ansible_net_gather_network_resources"] == ["one"]
    assert got["peerguard_observed"] == {"one": {"seen": 1}}
    assert warnings == ["two: the device refused 'no such command': unknown"]
    assert "peerguard_observed" not in gather({"min"}, [Thing("one", "show")], observe=False)[0]
