# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions between map servers and ETRs under TCP-AO, on Cisco IOS XE."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.device import DeviceFacts, Seen
from ...engine.feature import Feature, FeatureBase, Intent, Unmet, Violation
from ...engine.schema import Leaf, Model, Node
from ...engine.session import Session
from ...engine.states import CHANGING
from . import observe, rules
from .observe import Observation
from .parse import parse
from .schema import SCHEMA


class CiscoLispTcpAo(FeatureBase):
    """`tcp auth-option` under `router lisp`, and the map server and ETR configuration that its sessions need."""

    name = "cisco_lisp_tcp_ao"
    platform = "cisco_iosxe"
    folder = Path(__file__).parent
    schema: Node = SCHEMA
    options: Mapping[str, Leaf] = {"missing_chain": Leaf("str", choices=("fail", "warn"), default="fail")}

    def read(self, facts: DeviceFacts) -> list[str]:
        return ["show running-config | section ^router lisp"]

    def read_more(self, text: str, intent: Intent) -> list[str]:
        """The key chains, where the task refers to one."""
        refers = intent.state in CHANGING and (intent.config or {}).get("tcp_auth_options")
        return ["show running-config | section ^key chain"] if refers and intent.state != "deleted" else []

    def parse(self, text: str) -> Model:
        return parse(text)

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        """What the task says of a service outweighs what the device had there."""
        if intent.state == "deleted":
            return target
        wanted = intent.config or {}
        named = {service["afi"] for service in wanted.get("etr", {}).get("services", [])}
        if named:
            services = [_enabled(entry) if entry["afi"] in named else entry for entry in target["etr"]["services"]]
            target = {**target, "etr": {**target["etr"], "services": services}}
        if "map_resolver" in wanted.get("map_server", {}):
            server = target.get("map_server", {})
            left = [afi for afi in server.get("resolvers", []) if afi not in server.get("services", [])]
            target = {**target, "map_server": {**server, "resolvers": left}}
        return target

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return list(rules.judge(have, target, intent, seen))

    def settled(self, after: Model, target: Model, seen: Seen) -> Model:
        return parsed_back(target)

    def concern(self, target: Model, intent: Intent) -> Model:
        """The chains that the task names, if it names any."""
        named = {option["key_chain"] for option in (intent.config or {}).get("tcp_auth_options", [])}
        if not named or intent.state == "deleted":
            return target
        options = [option for option in target.get("tcp_auth_options", []) if option["key_chain"] in named]
        return {**target, "tcp_auth_options": options}

    def observe(self, session: Session, want: Model) -> Observation:
        return observe.observe(session, want)

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return list(observe.unmet(want, seen, before))


def _enabled(service: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in service.items() if name != "disabled"}


def parsed_back(model: Model) -> Model:
    """The model as `parse` would give it: with `map_resolver` where the resolvers are just the map servers."""
    server = model.get("map_server", {})
    services = server.get("services", [])
    resolvers = {*server.get("resolvers", []), *(services if server.get("map_resolver") else [])}
    plain = {name: value for name, value in server.items() if name not in ("resolvers", "map_resolver")}
    if resolvers and resolvers == set(services):
        plain["map_resolver"] = True
    elif resolvers:
        plain["resolvers"] = sorted(resolvers)
    rest = {name: value for name, value in model.items() if name != "map_server"}
    return {**rest, "map_server": plain} if plain else rest


FEATURE: Feature = CiscoLispTcpAo()
