# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `lint`, as data, and once they are known to be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.schema import Group, InvalidInput, Leaf, Node, Values, argument_spec, validate
from . import registry
from .intent import Peering, load_intent
from .reports import FORMATS

FAIL_ON = ("error", "warning", "never")
OPTIONS: Mapping[str, Node] = {
    "gathered": Values(Leaf("str")),
    "report": Group(
        {
            "format": Leaf("str", choices=tuple(FORMATS), required=True),
            "path": Leaf("str", required=True),
            "source": Leaf("str"),
        }
    ),
    "fail_on": Leaf("str", choices=FAIL_ON),
    "ignore": Values(Leaf("str")),
    "horizon": Leaf("int", range=(0, 3650)),
}


@dataclass(frozen=True)
class ReportFile:
    """Where a report goes, and in which format. `source`: the file that its findings are about."""

    format: str
    path: Path
    source: str = ""


@dataclass(frozen=True)
class LintOptions:
    """What `lint` was asked to judge. `horizon`: days for which keys must last."""

    peerings: tuple[Peering, ...] = ()
    host_configs: Mapping[str, Mapping[str, Any]] | None = None
    gathered: tuple[str, ...] = ()
    report: ReportFile | None = None
    fail_on: str = "error"
    ignore: frozenset[str] = frozenset()
    horizon: int = 30


def spec() -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    raw = {"intent": {"type": "raw"}, "host_configs": {"type": "dict"}}
    return raw | {name: argument_spec(node) for name, node in OPTIONS.items()}


def judge_options(args: Mapping[str, Any], base_folder: Path) -> LintOptions:
    """Raw task arguments as options. Raises InvalidInput with one sentence per problem."""
    given = {name: value for name, value in args.items() if value is not None}
    known = {name: given.pop(name) for name in ("intent", "host_configs") if name in given}
    plain = validate(Group(OPTIONS), given, where="task")
    if not known and not plain.get("gathered"):
        raise InvalidInput(["there is nothing to judge; give intent, host_configs or gathered."])
    report = plain.pop("report", None)
    if report:
        plain["report"] = ReportFile(
            report["format"], base_folder / Path(report["path"]).expanduser(), report.get("source", "")
        )
    plain["ignore"] = _rules(plain.get("ignore", []))
    plain["gathered"] = tuple(plain.get("gathered", ()))
    peerings = load_intent(known["intent"]) if "intent" in known else ()
    return LintOptions(peerings=peerings, host_configs=_configs(known.get("host_configs")), **plain)


def _rules(given: list[str]) -> frozenset[str]:
    known = {rule.id for rule in registry.rules()}
    unknown = [rule for rule in given if rule not in known]
    if unknown:
        raise InvalidInput([f"ignore: {rule} is not a rule; docs/rules.md lists them all." for rule in unknown])
    return frozenset(given)


def _configs(given: Any) -> Mapping[str, Mapping[str, Any]] | None:
    if given is None:
        return None
    shape = "expected a dictionary of hosts, each with a dictionary of module names and their config"
    if not isinstance(given, Mapping):
        raise InvalidInput([f"host_configs: {shape}."])
    wrong = [host for host, configs in given.items() if not isinstance(configs, Mapping)]
    if wrong:
        raise InvalidInput([f"host_configs[{host}]: {shape}." for host in wrong])
    return given
