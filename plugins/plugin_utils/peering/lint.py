# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging: every rule over the intent, over configurations written by hand, and over what devices have.

Needs no device. A pass is made for each input that is there. In the passes over host_vars and gathered models, an end
that the input does not hold is looked up in the others, so that a gathered end is judged against the intended other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from .. import registry as features
from ..engine import states
from ..engine.schema import InvalidInput, Model, natural, validate
from ..engine.secret import MASK, Secret
from . import registry
from .compile import compile_all
from .finding import MASKED, ORIGINS, SEVERITIES, Breach, Finding, Origin, Rule
from .ike import OBSERVED
from .intent import Peering
from .rules.intent import CONTRADICTION, INVALID
from .scene import Device, Fleet, Scene

Configs = Mapping[str, Mapping[str, Any]]
"""Host → feature → config or model."""


@dataclass(frozen=True)
class Report:
    """What was found, worst first, and what was judged."""

    findings: tuple[Finding, ...] = ()
    hosts: tuple[str, ...] = ()
    peerings: tuple[str, ...] = ()

    def count(self, severity: str) -> int:
        """How many findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def failed(self, fail_on: str) -> bool:
        """Whether the worst finding is at least as bad as `fail_on` (error, warning, note, or never)."""
        if fail_on == "never":
            return False
        bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return any(finding.severity in bad for finding in self.findings)

    def concerning(self, peering: Peering) -> tuple[Finding, ...]:
        """What was found in a peering, and on its ends alone."""
        hosts = {end.host for end in peering.inventory}
        return tuple(
            finding
            for finding in self.findings
            if finding.peering == peering.name or (not finding.peering and hosts.intersection(finding.hosts))
        )

    def summary(self) -> str:
        """For one line."""
        counts = [f"{self.count(severity)} {severity}{'s' * (self.count(severity) != 1)}" for severity in SEVERITIES]
        return f"{', '.join(counts)} in {_many(self.peerings, 'peering')} and {_many(self.hosts, 'host')}"


def _many(things: Sequence[str], word: str) -> str:
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"


def judge(
    intent: Sequence[Peering] = (),
    host_vars: Configs | None = None,
    gathered: Configs | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    now: datetime | None = None,
    horizon: int = 30,
    ignore: Collection[str] = (),
) -> Report:
    """Every finding but those of the rules to `ignore`.

    `facts`: host → `ansible_net_*`. `now` and `horizon` (days): for how long keys must last.
    """
    problems: list[Finding] = []
    devices: dict[Origin, dict[str, Device]] = {}
    compiled, contradictions, refused = compile_all(intent)
    problems += [_finding(CONTRADICTION, _contradiction(found), "intent", "") for found in contradictions]
    problems += [_finding(INVALID, Breach((), (), text), "intent", "") for text in refused]
    inputs: dict[Origin, Configs] = {"intent": compiled, "host_vars": host_vars or {}, "gathered": gathered or {}}
    for origin in ORIGINS:
        devices[origin], found = _devices(inputs[origin], facts or {}, origin)
        problems += found
    moment = now or datetime.now(UTC)
    for origin in ORIGINS:
        fleet = Fleet(_layered(devices, origin), tuple(intent), moment, horizon)
        problems += _pass(fleet, set(devices[origin]), origin)
    hosts = {host for of_origin in devices.values() for host in of_origin}
    return Report(
        findings=tuple(sorted((f for f in _together(problems) if f.rule not in ignore), key=_order)),
        hosts=tuple(sorted(hosts, key=natural)),
        peerings=tuple(peering.name for peering in intent),
    )


def _together(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The same thing found in several inputs is one finding."""
    origins: dict[Finding, list[Origin]] = {}
    for finding in findings:
        origins.setdefault(replace(finding, origins=()), []).extend(finding.origins)
    for finding, found in origins.items():
        yield replace(finding, origins=tuple(origin for origin in ORIGINS if origin in found))


def _order(finding: Finding) -> tuple[Any, ...]:
    return (
        SEVERITIES.index(finding.severity),
        natural(finding.peering),
        natural(finding.rule),
        finding.hosts,
        finding.text,
    )


def _layered(devices: Mapping[Origin, Mapping[str, Device]], origin: Origin) -> dict[str, Device]:
    """The devices of one input, the rest filled in from the others: measured before written before meant."""
    if origin == "intent":
        return dict(devices["intent"])
    layers = [devices[origin], *(devices[name] for name in reversed(ORIGINS) if name != origin)]
    hosts = {host for layer in layers for host in layer}
    return {host: next(layer[host] for layer in layers if host in layer) for host in hosts}


def _pass(fleet: Fleet, judged: set[str], origin: Origin) -> Iterator[Finding]:
    """One input: its devices, and every peering with an end among them."""
    for rule in registry.rules():
        if rule.scope == "device":
            for host in judged:
                yield from (_finding(rule, breach, origin, "") for breach in rule.check(fleet.devices[host], fleet))
        elif rule.scope == "fleet":
            yield from (
                _finding(rule, breach, origin, "") for breach in rule.check(fleet) if judged.intersection(breach.hosts)
            )
        else:
            for scene in _scenes(fleet, judged, origin):
                yield from (_finding(rule, breach, origin, scene.peering.name) for breach in rule.check(scene))


def _scenes(fleet: Fleet, judged: set[str], origin: Origin) -> Iterator[Scene]:
    for scene in fleet.scenes():
        meant = origin == "intent" and scene.peering.managed
        if meant or any(end.host in judged for end in scene.peering.inventory):
            yield scene


def _finding(rule: Rule, breach: Breach, origin: Origin, peering: str) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        title=rule.title,
        text=breach.text,
        fix=breach.fix or rule.fix,
        source=rule.source,
        hosts=breach.hosts,
        values=breach.values,
        peering=peering,
        origins=(origin,),
    )


def _contradiction(found: Any) -> Breach:
    return Breach((found.host,), found.values, str(found).partition(";")[0] + ".")


def _devices(
    configs: Configs, facts: Mapping[str, Mapping[str, Any]], origin: Origin
) -> tuple[dict[str, Device], list[Finding]]:
    """Canonical models; what a feature does not take becomes a finding, and that feature of that host is left out."""
    devices: dict[str, Device] = {}
    problems: list[Finding] = []
    for host, per_feature in configs.items():
        models: dict[str, Model] = {}
        for name, config in per_feature.items():
            try:
                models[name] = _model(name, config, f"{host}: {name}")
            except InvalidInput as refused:
                breaches = (Breach((host,), (), text) for text in refused.problems)
                problems += [_finding(INVALID, breach, origin, "") for breach in breaches]
        known = facts.get(host, {})
        if origin != "gathered":  # what a device shows says nothing about what is meant
            known = {name: value for name, value in known.items() if name != OBSERVED}
        devices[host] = Device(host, models, known)
    return devices, problems


def _model(feature: str, config: Any, where: str) -> Model:
    if feature not in features.features():
        raise InvalidInput([f"{where}: this is not a feature; the features are {', '.join(features.features())}."])
    schema = features.feature(feature).schema
    if not config:
        return states.empty(schema)
    return _unmasked(states.normal(schema, validate(schema, config, where=where)))


def _unmasked(model: Any) -> Any:
    """Gathered secrets come masked: nothing is known of them but that they are there."""
    if isinstance(model, Secret):
        return Secret(MASK, MASKED) if model.reveal() == MASK else model
    if isinstance(model, dict):
        return {name: _unmasked(value) for name, value in model.items()}
    if isinstance(model, list):
        return [_unmasked(value) for value in model]
    return model
