# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a device besides the feature: its OS, release, model, name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLI, NETCONF = "cli", "netconf"
"""The languages that a session may speak."""


@dataclass(frozen=True)
class DeviceFacts:
    """From the device's version display.

    `dialect` is the platform's own word for a family that speaks differently (`vrp8`, `vrp5`, `comware7` …), decided
    from `version`; `numbers` is the version as integers, for comparisons. `language` is what the session speaks with
    the device, `modules` its YANG modules with their revisions, as far as its NETCONF server has announced them.
    """

    platform: str
    hostname: str = ""
    version: str = ""
    model: str = ""
    dialect: str = ""
    serial: str = ""
    image: str = ""
    numbers: tuple[int, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    language: str = CLI
    modules: Mapping[str, str] = field(default_factory=dict)

    def net_facts(self) -> dict[str, Any]:
        """Under the names that network users know."""
        named = {
            "ansible_net_system": self.platform,
            "ansible_net_hostname": self.hostname,
            "ansible_net_version": self.version,
            "ansible_net_model": self.model,
            "ansible_net_serialnum": self.serial,
            "ansible_net_image": self.image,
        }
        api = {"ansible_net_api": "netconf" if self.language == NETCONF else "cliconf"}
        return {name: value for name, value in named.items() if value} | api | self.extra


@dataclass(frozen=True)
class Seen:
    """What rules may look at: the device, and the text that the feature read from it."""

    facts: DeviceFacts
    text: str
