# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ipsec clear sa`: an action typed in configuration mode that leaves nothing in the configuration.

Source: JUNOSe IP Services Configuration Guide, "Refreshing SAs": exactly one of all, tunnel or state; phase 1 or 2; no
`no` form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.channel import ChannelError
from ...engine.plan import Plan
from ...engine.schema import Group, InvalidInput, Leaf, Node, argument_spec, validate
from ...engine.session import PushReport, Tentative
from ...platforms.juniper_junose.session import JunoseSession
from ...platforms.juniper_junose.tree import typed_block
from . import observe
from .schema import router


def tunnel(value: Any) -> str:
    """The name of an IPsec tunnel interface, without the `ipsec:` in front."""
    text = str(value).removeprefix("ipsec:")
    if not re.fullmatch(r"[^\s?|:]{1,64}", text):
        raise ValueError("use the name of a tunnel such as Aottawa2boca, without blanks")
    return text


def _state(value: Any) -> str:
    text = str(value)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text):
        raise ValueError("use one word such as up or down, as the router names the state of a tunnel")
    return text


OPTIONS: Mapping[str, Node] = {
    "all": Leaf("bool"),
    "tunnel": Leaf("str", normal=tunnel),
    "state": Leaf("str", normal=_state),
    "phase": Leaf("int", choices=(1, 2), required=True),
    "virtual_router": Leaf("str", normal=router),
}


@dataclass(frozen=True)
class ClearSa:
    """Which SAs to reinitialise; `router` None = where the login leads."""

    phase: int
    tunnel: str | None = None
    state: str | None = None
    router: str | None = None

    @property
    def command(self) -> str:
        """The line as it is typed in configuration mode."""
        what = f"tunnel ipsec:{self.tunnel}" if self.tunnel else f"state {self.state}" if self.state else "all"
        return f"ipsec clear sa {what} phase {self.phase}"


def spec() -> dict[str, Any]:
    """The module's argument spec, in Ansible's vocabulary."""
    return {name: argument_spec(node) for name, node in OPTIONS.items()}


def judge(args: Mapping[str, Any]) -> ClearSa:
    """Raw task arguments as a ClearSa. Raises InvalidInput with one sentence per problem."""
    plain = validate(Group(OPTIONS), args, where="task")
    if plain.get("all") is False:
        del plain["all"]
    given = [name for name in ("all", "tunnel", "state") if name in plain]
    if len(given) != 1:
        said = f"{' and '.join(given)} are given" if given else "none is given"
        raise InvalidInput([f"Give exactly one of all: true, tunnel or state to say which SAs to clear; {said}."])
    return ClearSa(plain["phase"], plain.get("tunnel"), plain.get("state"), plain.get("virtual_router"))


def affected(session: JunoseSession, task: ClearSa) -> dict[str, Any]:
    """What the router shows of the SAs that the command is about; None where the release does not show it."""
    home = task.router or session.home
    outputs = session.within(home, [Tentative(spellings[0]) for spellings in observe.SPELLINGS[1:]])
    sas, tunnels = (None if session.reason(text) else text for text in outputs)
    shown = None if tunnels is None else [entry for entry in observe.parse_tunnels(tunnels) if _meant(entry, task)]
    result: dict[str, Any] = {"tunnels": shown}
    if task.phase == 1 and not (task.tunnel or task.state):
        result["ike_sas"] = None if sas is None else observe.parse_ike_sas(sas)
    return result


def _meant(entry: Mapping[str, str], task: ClearSa) -> bool:
    if task.tunnel:
        return entry["name"] == task.tunnel
    return task.state is None or entry["state"] == task.state


def run(session: JunoseSession, task: ClearSa, report: PushReport, *, check: bool = False) -> dict[str, Any]:
    """Clear, or (`check`) only say what would be cleared. Raises DeviceError, ChannelError."""
    session.prepare()
    if task.router:
        session.prove_routers([task.router])
    plan = Plan(tuple(typed_block(task.router, [task.command])))
    shown = affected(session, task)
    result: dict[str, Any] = {"changed": True, "commands": list(plan.commands), "affected": shown, "warnings": []}
    if task.tunnel and shown["tunnels"] == []:
        result["warnings"].append(
            f"Virtual router {task.router or session.home} does not list tunnel {task.tunnel}; "
            "check the name, or give the virtual_router that its interface is in."
        )
    if not check:
        _clear(session, plan, task.command, report)
    return result


def _clear(session: JunoseSession, plan: Plan, command: str, report: PushReport) -> None:
    pushed = PushReport()
    try:
        session.push(plan, None, pushed)
    except ChannelError:
        # Refused, it has done nothing; without an answer, it may have arrived.
        report.sent += pushed.sent if command in pushed.sent else []
        raise
    report.sent += pushed.sent
