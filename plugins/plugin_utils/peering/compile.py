# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the intent to what every host shall have: one config per host and feature, merged over all its peerings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import registry as features
from ..engine import states
from ..engine.schema import Group, InvalidInput, Items, Leaf, Model, Node, validate
from ..engine.secret import Secret
from . import registry
from .intent import Peering
from .kind import Configs


@dataclass(frozen=True)
class Contradiction:
    """Two peerings want different values for one thing of a host."""

    host: str
    feature: str
    where: str
    peerings: tuple[str, str]
    values: tuple[str, str]

    def __str__(self) -> str:
        one, other = self.peerings
        values = "different secrets" if self.values[0] == self.values[1] else " and ".join(self.values)
        return (
            f"{self.host}: peerings {one} and {other} want different values for {self.feature} {self.where} "
            f"({values}); a host has it once, so make them the same."
        )


def compile_intent(intent: Sequence[Peering]) -> Configs:
    """Host → feature → config. Raises InvalidInput where peerings contradict each other or a value is refused."""
    configs, contradictions, problems = compile_all(intent)
    problems += [str(contradiction) for contradiction in contradictions]
    if problems:
        raise InvalidInput(problems)
    return configs


def for_host(intent: Sequence[Peering], host: str) -> dict[str, Any]:
    """One host's part: feature → config; empty if no peering configures it. Raises InvalidInput, naming this host."""
    mine = [peering for peering in intent if any(end.host == host for end in peering.inventory)]
    configs, contradictions, problems = compile_all(mine)
    problems += [str(contradiction) for contradiction in contradictions if contradiction.host == host]
    if problems:
        raise InvalidInput(problems)
    return configs.get(host, {})


def compile_all(intent: Sequence[Peering]) -> tuple[Configs, list[Contradiction], list[str]]:
    """As `compile_intent`, but what is wrong is returned; of contradicting values the first peering's stays."""
    merged: Configs = {}
    owners: dict[tuple[str, str], list[tuple[str, Model]]] = {}
    contradictions: list[Contradiction] = []
    problems: list[str] = []
    for peering in intent:
        if not peering.managed:
            continue
        for host, per_feature in registry.kind(peering.kind).compile(peering).items():
            for feature, config in per_feature.items():
                schema = features.feature(feature).schema
                try:
                    model = validate(schema, config, where=f"{peering.name}: {host}: {feature}")
                except InvalidInput as refused:
                    problems += refused.problems
                    continue
                earlier = owners.setdefault((host, feature), [])
                for name, before in earlier:
                    contradictions += (
                        Contradiction(host, feature, where, (name, peering.name), values)
                        for where, values in differences(schema, before, model)
                    )
                earlier.append((peering.name, model))
                have = merged.setdefault(host, {}).get(feature)
                # Validated again for the order of entries; defaults stay, since here they are meant.
                merged[host][feature] = model if have is None else validate(schema, states.merged(schema, model, have))
    return merged, contradictions, problems


def differences(node: Node, one: Any, other: Any, where: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """Where two models say different things about the same place, and what. Silence of one of them is no difference."""
    if one is None or other is None:
        return
    if isinstance(node, Group) and node.atomic:
        if one != other:
            yield where, _words(one, other)
    elif isinstance(node, Group):
        for name in [name for name in one if name in other]:
            yield from differences(node.fields[name], one[name], other[name], f"{where}.{name}".lstrip("."))
    elif isinstance(node, Items):
        theirs = {node.identity(entry): entry for entry in other}
        for entry in one:
            match = theirs.get(node.identity(entry), {})
            for name in [name for name in entry if name in match and name != node.key]:
                place = f"{where}[{entry[node.key]}].{name}"
                yield from differences(node.fields[name], entry[name], match[name], place)
    elif isinstance(node, Leaf) and one != other:
        yield where, _words(one, other)


def _words(one: Any, other: Any) -> tuple[str, str]:
    return _word(one), _word(other)


def _word(value: Any) -> str:
    if isinstance(value, Secret):
        return "a secret"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_word(entry)}" for name, entry in value.items())
    return str(value)


def revealed(config: Any) -> Any:
    """A config with its secrets in clear, as a module takes it. For nothing but a module's arguments."""
    if isinstance(config, Secret):
        return config.typed()
    if isinstance(config, dict):
        return {name: revealed(value) for name, value in config.items()}
    if isinstance(config, list):
        return [revealed(value) for value in config]
    return config
