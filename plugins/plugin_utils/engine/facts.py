# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a device: what it is, what of our features it holds, what it shows of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import states
from .feature import Feature, joined
from .schema import Group, InvalidInput, Leaf, Node, Values, public, validate
from .secret import mask_model, scrub_native
from .session import CommandRejected, DeviceError, Session, Unsupported

SUBSETS = ("min", "config")

OPTIONS: Mapping[str, Node] = {
    "gather_subset": Values(Leaf("str")),
    "gather_network_resources": Values(Leaf("str")),
    "observe": Leaf("bool"),
}


def judge(args: Mapping[str, Any], features: Sequence[str]) -> tuple[set[str], list[str], bool]:
    """Subsets, feature names and whether to observe. Raises InvalidInput."""
    given = {name: _listed(value) if name != "observe" else value for name, value in args.items() if value is not None}
    plain = validate(Group(OPTIONS), given, where="task")
    subsets = _choose(plain.get("gather_subset", ["min"]), SUBSETS, "gather_subset")
    resources = _choose(plain.get("gather_network_resources", []), features, "gather_network_resources")
    if "!min" not in _listed(args.get("gather_subset") or []):
        subsets.add("min")
    return subsets, [name for name in features if name in resources], plain.get("observe", True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _choose(given: Sequence[str], known: Sequence[str], where: str) -> set[str]:
    """Ansible's subset language: names, all, and !name to leave one out."""
    chosen: set[str] = set()
    for word in given:
        name = word.lstrip("!")
        if name not in (*known, "all", "default"):
            raise InvalidInput(
                [f"{where}: '{word}' is not allowed; use all, {', '.join(known)}, or ! before one to leave it out."]
            )
    if any(word in ("all", "default") for word in given) or all(word.startswith("!") for word in given):
        chosen.update(known if given else ())
    chosen.update(word for word in given if word in known)
    if "!all" in given:
        return set()
    return chosen - {word[1:] for word in given if word.startswith("!")}


def gather(
    session: Session,
    subsets: set[str],
    features: Sequence[Feature],
    *,
    observe: bool,
    native_secrets: tuple[re.Pattern[str], ...] = (),
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Everything that was asked for, under the names network users know; secrets masked."""
    facts = session.describe().net_facts() if "min" in subsets else {}
    facts["ansible_net_gather_subset"] = sorted(subsets)
    if "config" in subsets:
        facts["ansible_net_config"] = scrub_native(session.running_config(), native_secrets)
    resources: dict[str, Any] = {}
    observed: dict[str, Any] = {}
    for feature in features:
        try:
            spoken = feature.form(session.facts.language)
            text = joined(session.run(spoken.read(session.facts)))
            model = states.normal(feature.schema, spoken.parse(text))
            resources[feature.name] = mask_model(public(feature.schema, model))
            if observe:
                observed[feature.name] = mask_model(spoken.observe(session, model))
        except (CommandRejected, Unsupported) as problem:
            warn(f"{feature.name}: {problem}")
        except ValueError as problem:  # cut, or of another system: no facts are better than half of them
            raise DeviceError(f"{feature.name}: what the device shows could not be read: {problem}") from None
    if features:
        facts["ansible_network_resources"] = resources
        facts["ansible_net_gather_network_resources"] = sorted(resources)
    if observed:
        facts["peerguard_observed"] = observed
    return facts
