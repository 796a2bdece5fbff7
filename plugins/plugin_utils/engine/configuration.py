# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `config` module: lines of native configuration, on the same way as the model of a feature.

Here the model is text: the running configuration in one canonical layout, its keys sealed. What the OS means by a line
is its platform's business (`ConfigText`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .device import CLI, DeviceFacts, Seen
from .feature import Feature, FeatureBase, Intent, Observation, Unmet, Violation
from .options import COMMON, Options, backup_settings
from .plan import Plan
from .schema import Group, InvalidInput, Leaf, Model, Node, argument_spec, validate
from .secret import SecretBook, seal_native
from .session import Session, Unsupported
from .task import Result, Runner

OPTIONS: Mapping[str, Node] = {
    **{name: COMMON[name] for name in ("save_when", "backup", "backup_options", "confirm_timeout", "update_secrets")},
    "negations": Leaf("str", choices=("when_shown", "always")),
}


@dataclass(frozen=True)
class How:
    """How a user's lines are compared.

    `resend`: a key that the device shows in another form is sent again, rather than left. `negate_always`: a negation
    is sent also where neither it nor what it takes away is shown.
    """

    resend: bool = False
    negate_always: bool = False


@dataclass
class Laid:
    """What lines come to when they are laid over a configuration.

    `commands`: those that are missing, as typed. `target`: the canonical text with them. `not_compared`: lines whose
    key the device shows in another form. `absent`: negations of what is not shown anyway, so they are not sent.
    `forever`: commands that no computed command takes back. `missing`: sections that would have to be there already.
    """

    target: str = ""
    commands: tuple[str, ...] = ()
    not_compared: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    forever: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class ConfigText(Protocol):
    """What a platform knows of its configuration text."""

    def for_device(self, facts: DeviceFacts) -> ConfigText:
        """The same for the family that this device is of."""

    def canonical(self, native: str) -> str:
        """A running configuration without what is not configuration. Raises ValueError if cut or of another OS."""

    def wanted(self, text: str) -> str:
        """A user's lines in the same layout."""

    def refusals(self, text: str) -> Iterator[str]:
        """One sentence for each of a user's lines that is not to be sent."""

    def enters(self, command: str) -> bool:
        """Whether an exec command leads into the configuration mode."""

    def lay(self, have: str, wanted: str, how: How) -> Laid:
        """A user's lines over what there is."""

    def between(self, before: str, after: str) -> Plan:
        """What leads from one configuration to another, and back."""

    def origin(self, before: str, target: str, now: str) -> tuple[str, list[str]]:
        """`now` with all that the way from `before` to `target` touches as it was before; and what else differs."""


def mended(before: Sequence[str], now: Sequence[str], ours: Callable[[str], bool]) -> list[str]:
    """The parts of a configuration: those that are `ours` as they were before, all others as they are now."""
    old, new = set(before), set(now)
    back = [part for part in before if part in new or ours(part)]
    return back + [part for part in now if part not in old and not ours(part)]


def told(gone: Sequence[str], new: Sequence[str]) -> list[str]:
    """A difference for people."""
    return [f"'{line}' is gone" for line in gone] + [f"'{line}' is new" for line in new]


@dataclass(frozen=True)
class TextOptions:
    """The options of the `config` module, judged."""

    text: str
    how: How
    options: Options


def spec() -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    lines = {"type": "list", "elements": "str"}
    options = {name: argument_spec(node) for name, node in OPTIONS.items()}
    return {"lines": lines, "parents": lines, "src": {"type": "str"}, **options}


def judge(text: ConfigText, args: Mapping[str, Any], base_folder: Path, rendered: str | None = None) -> TextOptions:
    """Raw task arguments; `rendered`: the text that `src` came to. Raises InvalidInput with a sentence per problem."""
    given = {name: value for name, value in args.items() if value is not None}
    lines, parents, src = (given.pop(name, None) for name in ("lines", "parents", "src"))
    plain = validate(Group(OPTIONS), given, where="task")
    if (lines is None) is (src is None):
        raise InvalidInput(["Give either lines or src: what shall be configured, as the device itself writes it."])
    if parents is not None and lines is None:
        raise InvalidInput(["parents: only lines have parents; in src, sections are written out."])
    native = (rendered or "") if lines is None else _nested(_texts(parents, "parents"), _texts(lines, "lines"))
    if not native.strip():
        raise InvalidInput([f"{'src' if lines is None else 'lines'}: there is no line in it."])
    native = native.replace("\r\n", "\n")
    odd = sorted({character for character in native if not character.isprintable() and character not in "\n\t"})
    if odd:
        raise InvalidInput([f"The text holds the control character {odd[0]!r}; a device would take it for a key."])
    problems = [
        f"line {number}: a question mark asks the device for help wherever it stands; leave it out."
        for number, line in enumerate(native.splitlines(), 1)
        if "?" in line and line.lstrip()[0] not in "#!"
    ]
    problems += text.refusals(native)
    if problems:
        raise InvalidInput(problems)
    options = Options(
        intent=Intent(None, "merged"),
        save_when=plain.get("save_when", "changed"),
        backup=backup_settings(plain, base_folder),
        confirm_timeout=plain.get("confirm_timeout"),
        update_secrets=plain.get("update_secrets", "on_create"),
    )
    how = How(options.update_secrets == "always", plain.get("negations") == "always")
    return TextOptions(native, how, options)


def _texts(given: Any, where: str) -> list[str]:
    entries = [given] if isinstance(given, str) else given or []
    if not isinstance(entries, list) or not all(isinstance(entry, str | int | float) for entry in entries):
        raise InvalidInput([f"{where}: give a list of lines."])
    return [line for entry in entries for line in str(entry).splitlines() if line.strip()]


def _nested(parents: list[str], lines: list[str]) -> str:
    """The lines below their parents. They keep the indentation among themselves."""
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    heads = [" " * depth + parent.strip() for depth, parent in enumerate(parents)]
    return "\n".join([*heads, *(" " * len(parents) + line[margin:] for line in lines)]) + "\n"


class TextFeature(FeatureBase):
    """A running configuration and a user's lines, as the engine sees a feature."""

    name = "config"
    schema: Node = Leaf("raw")

    def __init__(self, platform: str, text: ConfigText, show: str, secrets: tuple[re.Pattern[str], ...]) -> None:
        self.platform = platform
        self.text = self._any_family = text
        self.show, self.secrets = show, secrets
        self.book = SecretBook()
        self.task: TextOptions | None = None
        self.laid = Laid()

    def form(self, language: str) -> Feature:
        """Native lines are CLI and nothing else."""
        if language != CLI:
            raise Unsupported("config sends lines of the CLI; set ansible_connection to netops.peerguard.netmiko")
        return self

    # -- the text -----------------------------------------------------------------------------------------------------

    def read(self, facts: DeviceFacts) -> list[str]:
        self.text = self._any_family.for_device(facts)
        return [self.show]

    def parse(self, text: str) -> Model:
        return seal_native(self.text.canonical(text), self.secrets, self.book)

    def render(self, model: Model, facts: DeviceFacts | None = None) -> str:
        return str(model or "")

    def _over(self, have: str, how: How) -> Laid:
        """The user's lines over a configuration."""
        if self.task is None:
            return Laid(have)
        return self.text.lay(have, seal_native(self.text.wanted(self.task.text), self.secrets, self.book), how)

    @property
    def _how(self) -> How:
        return self.task.how if self.task else How()

    # -- what the engine asks -----------------------------------------------------------------------------------------

    def prepare(self, target: Model, intent: Intent, seen: Seen) -> Model:
        have = self.parse(seen.text)
        self.laid = self._over(have, self._how)
        return self.laid.target

    def rules(self, have: Model, target: Model, intent: Intent, seen: Seen) -> list[Violation]:
        found = [
            Violation("no_such_section", "error", f"'{line}' does not exist on the device and is never created here.")
            for line in self.laid.missing
        ]
        if self.laid.not_compared:
            words = "; ".join(self.book.scrub(line) for line in self.laid.not_compared)
            text = (
                f"The device shows the keys in these lines in another form, so they were not compared and stay as they "
                f"are: {words}. Use update_secrets: always to send them on every run."
            )
            found.append(Violation("secrets_not_compared", "warning", text))
        if self.laid.forever:
            words = "; ".join(self.book.scrub(line) for line in self.laid.forever)
            text = f"What the device has instead of these lines is not shown, so nothing could take them back: {words}."
            found.append(Violation("no_way_back", "warning", text))
        return found

    def settled(self, after: Model, target: Model, seen: Seen) -> Model:
        """Whatever else the device shows: our lines are there when laying them over it changes nothing."""
        return self._over(str(after), How()).target

    def origin(self, have: Model, now: Model) -> tuple[Model, list[str]]:
        """Somebody else may change something at the same time; that stays."""
        return self.text.origin(str(have or ""), self.laid.target, str(now or ""))

    def computed(self, target: Model, intent: Intent) -> dict[str, Any]:
        return {"already_absent": [self.book.scrub(line) for line in self.laid.absent]} if self.laid.absent else {}

    def observe(self, session: Session, want: Model) -> Observation:
        return None

    def unmet(self, want: Model, seen: Observation, before: Observation | None) -> list[Unmet]:
        return []

    # -- the planner --------------------------------------------------------------------------------------------------

    def plan(self, before: str, after: str) -> Plan:
        """What leads there: the user's own lines where they do, else what the OS's rules say."""
        found = self.text.between(before, after)
        laid = self._over(before, self._how)
        if laid.target == after and laid.commands:
            return Plan(laid.commands, found.rollback, found.before, found.after)
        return found


class TextRunner(Runner):
    """The way of a `config` task; all but the beginning is that of every resource module."""

    def __init__(self, feature: TextFeature, task: TextOptions, *args: Any, **more: Any) -> None:
        super().__init__(feature, feature.plan, *args, **more)
        feature.book, feature.task = self.book, task
        self._options = task.options

    def options(self, args: Mapping[str, Any]) -> Options:
        return self._options

    def run(self, args: Mapping[str, Any]) -> Result:
        result = super().run(args)
        for name in ("before", "after", "follow_up", "secrets_not_compared"):
            result.pop(name, None)
        result |= result.pop("computed", {})
        return result
