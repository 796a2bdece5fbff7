# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every resource module has, as data; and a task's options once they are known to be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import states
from .backup import BackupSettings
from .feature import Feature, Intent
from .schema import Group, InvalidInput, Leaf, Model, Node, argument_spec, validate
from .verify import Patience

CONFIRM_MARGIN = 60
"""Seconds that an armed change outlives the time for verification: reading back, confirming, a slow device."""

COMMON: Mapping[str, Node] = {
    "state": Leaf("str", choices=(*states.ONLINE, *states.OFFLINE)),
    "running_config": Leaf("str"),
    "verify": Group(
        {
            "timeout": Leaf("int", range=(1, 43200)),
            "interval": Leaf("int", range=(1, 3600)),
            "stable_for": Leaf("int", range=(0, 14400)),
        }
    ),
    "save_when": Leaf("str", choices=("changed", "always", "never")),
    "backup": Leaf("bool"),
    "backup_options": Group({"dir_path": Leaf("str"), "filename": Leaf("str"), "secrets": Leaf("bool")}),
    "confirm_timeout": Leaf("int", range=(60, 65535)),
    "update_secrets": Leaf("str", choices=("on_create", "always")),
}


@dataclass(frozen=True)
class Options:
    """A resource module's options, judged. Times in seconds."""

    intent: Intent
    running_config: str | None = None
    verify: Patience | None = None
    save_when: str = "changed"
    backup: BackupSettings | None = None
    confirm_timeout: int | None = None
    update_secrets: str = "on_create"

    @property
    def state(self) -> str:
        return self.intent.state

    def confirm_within(self, can_arm: bool) -> int | None:
        """How long an armed change may wait for its confirmation; None = do not arm."""
        if not can_arm:
            return None
        if self.confirm_timeout:
            return self.confirm_timeout
        return CONFIRM_MARGIN + _longest(self.verify) if self.verify else None


def feature_spec(feature: Feature) -> dict[str, Any]:
    """The module's whole argument spec, in Ansible's vocabulary."""
    spec = {name: argument_spec(node) for name, node in {**COMMON, **feature.options}.items()}
    return {"config": argument_spec(feature.schema), **spec}


def judge(feature: Feature, args: Mapping[str, Any], base_folder: Path) -> Options:
    """Raw task arguments as Options. Raises InvalidInput with one sentence per problem."""
    nodes = {**COMMON, **feature.options}
    unknown = [name for name in args if name not in nodes and name != "config"]
    if unknown:
        raise InvalidInput(
            [f"{name} is not an option; the options are config, {', '.join(nodes)}." for name in unknown]
        )
    given = {name: value for name, value in args.items() if name != "config" and value is not None}
    plain = validate(Group(nodes), given, where="task")
    state = plain.get("state", "merged")
    config = _config(feature.schema, args.get("config"), state)
    if state == "parsed" and not plain.get("running_config"):
        raise InvalidInput(
            ["running_config is missing; state: parsed reads the configuration text that is given there."]
        )
    verify = None if plain.get("verify") is None else Patience(**plain["verify"])
    if verify and plain.get("confirm_timeout", 65535) <= _longest(verify):
        raise InvalidInput(
            [
                f"confirm_timeout: {plain['confirm_timeout']} s are over before verification can be (verify.timeout "
                f"and verify.stable_for add up to {_longest(verify)} s); use more, or leave it out."
            ]
        )
    own = {name: plain.get(name, leaf.default) for name, leaf in feature.options.items()}
    return Options(
        intent=Intent(config, state, own, verify.stable_for if verify else None),
        running_config=plain.get("running_config"),
        verify=verify,
        save_when=plain.get("save_when", "changed"),
        backup=backup_settings(plain, base_folder),
        confirm_timeout=plain.get("confirm_timeout"),
        update_secrets=plain.get("update_secrets", "on_create"),
    )


def _config(schema: Node, config: Any, state: str) -> Model | None:
    if state in ("gathered", "parsed"):
        return None
    if config is None:
        if state == "deleted":
            return None
        raise InvalidInput([f"config is missing; state: {state} needs to know what to configure."])
    model = validate(schema, config, partial=state == "deleted")
    if not model and state != "overridden":
        # Most likely a variable that came out empty; with state: deleted it would mean "everything".
        raise InvalidInput(["config is empty; name what shall be configured, or leave config out."])
    return model


def _longest(verify: Patience) -> int:
    """Seconds until verification has come to an end, at most: what holds at the timeout must go on to hold."""
    return int(verify.timeout + verify.stable_for)


def backup_settings(plain: Mapping[str, Any], base_folder: Path) -> BackupSettings | None:
    """Where a backup goes, from judged options; None where none is wanted."""
    if not plain.get("backup"):
        return None
    settings = plain.get("backup_options", {})
    folder = Path(settings.get("dir_path", "backup")).expanduser()
    return BackupSettings(base_folder / folder, settings.get("filename"), settings.get("secrets", False))
