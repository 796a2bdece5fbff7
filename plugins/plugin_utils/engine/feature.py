# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a feature is to the engine, and the small parts that most features share."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import jinja2

try:
    import textfsm
except ImportError:  # the sanity tests import every file without third-party packages
    textfsm = None

from .device import CLI, NETCONF, DeviceFacts, Seen
from .schema import Leaf, Model, Node
from .session import Session, Unsupported
from .xmltree import is_xml

Observation = Any


@dataclass(frozen=True)
class Violation:
    """A rule that a model breaks on one device. `error` stops the task, `warning` goes into its warnings."""

    rule: str
    severity: Literal["error", "warning"]
    text: str

    def __str__(self) -> str:
        return f"{self.text} [{self.rule}]"


@dataclass(frozen=True)
class Unmet:
    """Something that is not yet as intended.

    `kind`: `unmet` (wrong, or not there yet), `in_progress` (not there yet, and the device is at it), or `no_traffic`
    (configured right, but nothing has happened that could prove it): neither success nor failure.
    """

    item: str
    expected: str
    seen: str
    kind: Literal["unmet", "in_progress", "no_traffic"] = "unmet"

    def shown(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Intent:
    """What a task wants, as far as a feature may look at it: the canonical config, the state, its own options.

    `stable_for`: for how many seconds convergence shall hold to be believed; None = it is not verified.
    `removals`: what shall be gone besides, named as for the state `deleted`.
    """

    config: Model | None
    state: str
    options: Mapping[str, Any] = field(default_factory=dict)
    stable_for: float | None = None
    removals: Model | None = None


class Feature(Protocol):
    """One configurable thing on one platform."""

    name: str
    platform: str
    schema: Node
    options: Mapping[str, Leaf]
    """Module options beyond the common ones, by name."""
    language: str
    """What `read`, `parse` and `render` speak."""

    def form(self, language: str) -> Feature:
        """The same feature in another language: same model, same rules. Raises Unsupported."""

    def read(self, facts: DeviceFacts) -> list[str]:
        """Section-scoped show commands whose joined outputs `parse` understands."""

    def read_more(self, text: str, intent: Intent) -> list[str]:
        """Commands whose outputs are wanted too, now that what `read` gave is known."""

    def ahead(self, facts: DeviceFacts, intent: Intent) -> list[str]:
        """What `read` and `read_more` may want, as far as that can be told before anything is known of the device."""

    def parse(self, text: str) -> Model:
        """Native configuration text to model. Raises ValueError when the text is cut or of another OS."""

    def render(self, model: Model, facts: DeviceFacts | None = None) -> str:
        """Sealed canonical model to canonical configuration text (`config.j2`)."""

    def warm_up(self) -> None:
        """Whatever is worth doing once, before Ansible forks its workers."""

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        """Last word on the target before it is judged and planned (prerequisites that the task asked to add)."""

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        """What is wrong with the target on this device."""

    def settled(self, after: Model, target: Model, seen: Seen) -> Model:
        """The target as a device that has taken it shows it (one that does not print what is its own default)."""

    def origin(self, have: Model, now: Model) -> tuple[Model, list[str]]:
        """What taking back leads to: what was read at first, as far as it is ours; and what is left as it is now."""

    def concern(self, target: Model, intent: Intent) -> Model:
        """The part of the target that verification is about."""

    def computed(self, target: Model, intent: Intent) -> dict[str, Any]:
        """What follows from the target and people want to know, for the result."""

    def offline_facts(self, intent: Intent) -> DeviceFacts | None:
        """What `render` needs to know of a device where there is none. Raises InvalidInput if the task must tell."""

    def follow_up(self, intent: Intent, facts: DeviceFacts) -> list[str]:
        """Exec commands that a push is followed by, where the task asks for them; not configuration, never undone."""

    def observe(self, session: Session, want: Model) -> Observation:
        """Show commands, parsed."""

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        """What keeps the device from being converged; empty = converged. `before`: as seen before the change."""

    def unsettled(self, previous: Observation, seen: Observation) -> list[Unmet]:
        """What has not stayed as it was at the look before this one, though each of the two looks is fine."""


class FeatureBase:
    """Defaults for the parts that a feature may not need, and its template."""

    name = ""
    platform = ""
    folder: Path = Path(os.devnull)
    options: Mapping[str, Leaf] = {}
    language = CLI
    template = "config.j2"

    def form(self, language: str) -> Feature:
        """Each language but the CLI is a module of that name in the feature's folder, with a FEATURE of its own."""
        package = type(self).__module__.rpartition(".")[0]
        module = "feature" if language == CLI else language
        if not (self.folder / f"{module}.py").is_file():
            raise Unsupported(
                f"{self.name} is not configured over {language.upper()}; set ansible_connection to "
                "netops.peerguard.netmiko"
            )
        found: Feature = importlib.import_module(f"{package}.{module}").FEATURE
        return found

    def render(self, model: Model, facts: DeviceFacts | None = None) -> str:
        return template(self.folder / self.template).render(model=model, facts=facts)

    def warm_up(self) -> None:
        """Compile the templates, once for all workers."""
        template(self.folder / self.template)
        for table in self.folder.glob("*.textfsm"):
            parse_table(table, "")

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        return target

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        return []

    def read(self, facts: DeviceFacts) -> list[str]:
        raise NotImplementedError

    def read_more(self, text: str, intent: Intent) -> list[str]:
        return []

    def ahead(self, facts: DeviceFacts, intent: Intent) -> list[str]:
        return [*self.read(facts), *self.read_more("", intent)]

    def settled(self, after: Model, target: Model, seen: Seen) -> Model:
        return target

    def origin(self, have: Model, now: Model) -> tuple[Model, list[str]]:
        return have, []

    def concern(self, target: Model, intent: Intent) -> Model:
        return target

    def computed(self, target: Model, intent: Intent) -> dict[str, Any]:
        return {}

    def offline_facts(self, intent: Intent) -> DeviceFacts | None:
        return None

    def follow_up(self, intent: Intent, facts: DeviceFacts) -> list[str]:
        return []

    def unsettled(self, previous: Observation, seen: Observation) -> list[Unmet]:
        return []


def form_for(feature: Feature, text: str) -> Feature:
    """The form of the feature that reads this text: CLI or XML. Raises Unsupported."""
    return feature.form(NETCONF) if is_xml(text) else feature


@cache
def template(path: Path) -> jinja2.Template:
    """A configuration template, compiled once per process."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(path.read_text(encoding="utf-8"))


@cache
def _textfsm_source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def parse_table(path: Path, text: str) -> list[dict[str, Any]]:
    """Show output through a TextFSM template: one dict per record, names in lower case."""
    machine = textfsm.TextFSM(io.StringIO(_textfsm_source(path)))
    header = [name.lower() for name in machine.header]
    return [dict(zip(header, row, strict=True)) for row in machine.ParseText(text)]


def joined(texts: Sequence[str]) -> str:
    """Several outputs as one text, each ending in a newline."""
    return "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)
