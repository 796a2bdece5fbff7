# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold on one router before anything is sent. Ids R1…R14 are the rules of the vendor's page, in its order."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from ...engine.device import Seen
from ...engine.feature import Intent, Violation
from ...engine.schema import Model
from ...engine.session import Unsupported
from ...platforms.juniper_junose.text import before_configuration
from .observe import parse_options
from .parse import Surroundings, surroundings
from .schema import DEFAULTS, OPTIONS

FEATURE = "junose_ipsec_option"


def require_support(intent: Intent, seen: Seen) -> None:
    """Raises Unsupported where an option shall be turned on that this release does not list.

    Only what is documented counts: a release that lists some options but not this one. A display that is not understood
    proves nothing.
    """
    if intent.state == "deleted":
        return
    listed = parse_options(before_configuration(seen.text))
    around = surroundings(seen.text)
    for entry in intent.config or []:
        for name, keyword in OPTIONS.items():
            changed = entry.get(name, DEFAULTS[name]) != DEFAULTS[name]
            if listed and changed and name not in listed and name not in around.options:
                raise Unsupported(
                    f"release {seen.facts.version or '(unknown)'} does not know 'ipsec option {keyword}': "
                    f"'show ipsec option' does not list it. Nothing was sent; upgrade, or leave {name} out"
                )


def judge(have: Model, target: Model, intent: Intent, seen: Seen) -> Iterator[Violation]:
    """Everything that is wrong, or of no use, in what the task wants on this router."""
    around = surroundings(seen.text)
    wanted = {entry["virtual_router"] for entry in intent.config or []}
    for name in sorted(wanted):
        yield from _router(name, intent.state, around)
    if intent.state == "deleted":
        return
    old = {entry["virtual_router"]: entry for entry in have}
    for entry in target:
        name = entry["virtual_router"]
        if name in wanted and _known(name, around):
            yield from _usefulness(entry, around)
    yield from _nat_t(old, {entry["virtual_router"]: entry for entry in target}, wanted)
    if any(entry.get("tx_invalid_cookie") for entry in target):
        yield from _hardware(seen)


def _known(name: str, around: Surroundings) -> bool:
    return name in around.routers or name.partition(":")[0] in around.routers


def _router(name: str, state: str, around: Surroundings) -> Iterator[Violation]:
    """A router is borrowed: it has to exist, and is never created."""
    if _known(name, around):
        return
    close = difflib.get_close_matches(name, around.routers, 3, 0.6)
    hint = (
        f"do you mean {' or '.join(close)}?"
        if close
        else f"it has {', '.join(around.routers) or 'none that it lists'}."
    )
    text = f"virtual router {name} does not exist on this router and is never created; {hint}"
    severity = _warning if state == "deleted" else _error
    yield severity("virtual-router", text.rstrip("."))


def _usefulness(entry: dict[str, Any], around: Surroundings) -> Iterator[Violation]:
    if not entry.get("tx_invalid_cookie"):
        return
    name = entry["virtual_router"]
    if name not in around.transports:
        others = [other for other in around.transports_of(name) if other != name]
        if others:
            yield _warning(
                "R3",
                f"virtual router {name}: its tunnels run through transport virtual router {', '.join(others)}, and the "
                "option works per transport virtual router; set it there",
            )
        else:
            yield _warning(
                "R11",
                f"virtual router {name}: no IPsec tunnel or local endpoint uses it as transport virtual router, so "
                "there is nobody to send the notification to; it helps only where this router responds to initiators "
                "that are no E Series routers",
            )
    if not entry.get("dpd"):
        yield _warning(
            "R8",
            f"virtual router {name}: this router itself never reacts to the notification (R6) and finds its own stale "
            "phase 1 only by timeout or DPD; set dpd: true if it also initiates",
        )


def _nat_t(old: dict[str, Any], new: dict[str, Any], wanted: set[str]) -> Iterator[Violation]:
    for name in sorted(wanted):
        before, after = (models.get(name, {}).get("nat_t", True) for models in (old, new))
        if before != after:
            yield _warning(
                "nat-t",
                f"virtual router {name}: nat_t holds for IKE SAs negotiated from now on; existing ones stay as they "
                "are until they end or are cleared (junose_ipsec_clear_sa)",
            )


def _hardware(seen: Seen) -> Iterator[Violation]:
    """Only an ERX has its IPsec in a module of its own, and only a slot table that was read can lack one."""
    slots = seen.facts.extra.get("ansible_net_slots", {})
    if seen.facts.model.startswith("ERX") and slots and not any("ISM" in module for module in slots.values()):
        yield _warning(
            "no-ism", f"{seen.facts.model} has no IPsec Service module (ISM) among its slots, so it terminates no IPsec"
        )


def _error(rule: str, text: str) -> Violation:
    return Violation(f"{FEATURE}/{rule}", "error", f"{text}.")


def _warning(rule: str, text: str) -> Violation:
    return Violation(f"{FEATURE}/{rule}", "warning", f"{text}.")
