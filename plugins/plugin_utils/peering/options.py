# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `guard` and `verify`, as data, and once they are known to be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.backup import BackupSettings
from ..engine.options import COMMON, backup_settings
from ..engine.schema import Group, InvalidInput, Leaf, Node, Values, argument_spec, validate
from ..engine.verify import Patience
from .intent import Peering, load_intent
from .journal import DEFAULT_FOLDER

VERIFY: Mapping[str, Node] = {
    "only": Values(Leaf("str")),
    "verify": COMMON["verify"],
    "batch": Leaf("int", range=(1, 1000)),
    "page": Leaf("str"),
}
GUARD: Mapping[str, Node] = {
    **VERIFY,
    "lint": Leaf("str", choices=("enforce", "warn", "skip")),
    "max_failures": Leaf("int", range=(0, 100000)),
    "confirm_timeout": COMMON["confirm_timeout"],
    "save": Leaf("bool"),
    "update_secrets": COMMON["update_secrets"],
    "backup": COMMON["backup"],
    "backup_options": COMMON["backup_options"],
    "journal_dir": Leaf("str"),
    "recover": Leaf("bool"),
}


@dataclass(frozen=True)
class Options:
    """What `guard` or `verify` was asked to do. Times in seconds. `prove`: see Fleet; False where a time was given.

    `only`: names of the peerings to recover, empty = all; `peerings` are chosen already.
    """

    peerings: tuple[Peering, ...]
    patience: Patience
    batch: int = 20
    page: Path | None = None
    lint: str = "enforce"
    max_failures: int | None = None
    confirm_timeout: int | None = None
    save: bool = True
    update_secrets: str = "on_create"
    backup: BackupSettings | None = None
    journal_dir: Path = DEFAULT_FOLDER
    recover: bool = False
    only: tuple[str, ...] = ()
    prove: bool = True


def spec(nodes: Mapping[str, Node]) -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    return {"intent": {"type": "raw"}} | {name: argument_spec(node) for name, node in nodes.items()}


def judge(nodes: Mapping[str, Node], args: Mapping[str, Any], base_folder: Path) -> Options:
    """Raw task arguments as Options. Raises InvalidInput with one sentence per problem."""
    given = {name: value for name, value in args.items() if name != "intent" and value is not None}
    plain = validate(Group(nodes), given, where="task")
    only, recover = plain.pop("only", None), plain.get("recover", False)
    if args.get("intent") is None and not recover:
        raise InvalidInput(["intent is missing; give the list of peerings."])
    peerings = () if recover else _chosen(load_intent(args["intent"]), only)
    if "page" in plain:
        plain["page"] = base_folder / Path(plain["page"]).expanduser()
    if "journal_dir" in plain:
        plain["journal_dir"] = base_folder / Path(plain["journal_dir"]).expanduser()
    plain["backup"] = backup_settings(plain, base_folder)
    plain.pop("backup_options", None)
    verify = plain.pop("verify", {})
    patience = Patience(**verify)
    longest = int(patience.timeout + patience.stable_for)
    if plain.get("confirm_timeout", longest + 1) <= longest:
        raise InvalidInput(
            [
                f"confirm_timeout: {plain['confirm_timeout']} s are over before verification can be (verify.timeout "
                f"and verify.stable_for add up to {longest} s); use more, or leave it out."
            ]
        )
    return Options(peerings, patience, only=tuple(only or ()), prove="stable_for" not in verify, **plain)


def _chosen(peerings: tuple[Peering, ...], only: list[str] | None) -> tuple[Peering, ...]:
    if only is None:
        return peerings
    names = [peering.name for peering in peerings]
    for name in only:
        if name not in names:
            raise InvalidInput([f"only: there is no peering {name}; the intent has {', '.join(names)}."])
    return tuple(peering for peering in peerings if peering.name in only)
