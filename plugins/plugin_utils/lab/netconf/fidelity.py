# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a NETCONF server: its operations and its subtrees, each with its mark. The systems have the data.

Elements are as sure as the data model that names them; what a device does beyond its model is rarely published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..fidelity import DOC, GUESS, Fact, Known
from .operations import Operations
from .schema import Container

if TYPE_CHECKING:
    from .store import Store

CANDIDATE, CONFIRMED, STARTUP = "candidate", "confirmed-commit:1.1", "startup"
_RFC = "RFC 6241"
_PLAIN = replace(DOC, note=_RFC)


def matters(known: Mapping[str, Known]) -> tuple[Fact, ...]:
    """What a session is like, apart from its operations."""
    return (
        Fact("framing of 1.0 and 1.1", "", DOC.prints(DOC, "RFC 6242")),
        Fact("errors: tags, paths, several in one reply", "", DOC.prints(GUESS, f"{_RFC}; the words are assumed")),
        *(Fact(what, "", how) for what, how in known.items()),
    )


def operations(known: Mapping[str, Known], needs: str = "") -> tuple[Fact, ...]:
    """Operations; ``needs`` is the capability that has to be announced for them."""
    return tuple(Fact(name, "operation", how, (needs,) if needs else ()) for name, how in known.items())


def subtrees(known: Mapping[str, Known]) -> tuple[Fact, ...]:
    """Parts of the data model, by their element names from the root; a part stands for all that is below it."""
    return tuple(Fact(path, "data", how) for path, how in known.items())


#: What both servers do; most of it goes with base:1.0. A reply of ``<ok/>`` counts as no answer.
BASE = (
    *operations(
        {
            "get-config": DOC.prints(DOC, f"{_RFC}; subtree filters"),
            "get": DOC.prints(DOC, f"{_RFC}; subtree filters"),
            "edit-config": replace(DOC, note=f"{_RFC}; all its operations, and the test options"),
            "copy-config": _PLAIN,
            "lock": _PLAIN,
            "unlock": _PLAIN,
            "close-session": _PLAIN,
            "kill-session": _PLAIN,
        }
    ),
    *operations({"validate": _PLAIN}, "validate"),
)


def served(facts: Iterable[Fact], store: Store) -> list[Fact]:
    """The facts about what this very device serves, with its release and its options."""
    top, offered = store.agent.model.top, Operations(store, 0, "").offered
    names = {name for name, _needed in offered}
    return [
        fact
        for fact in facts
        if (fact.view == "data" and covers(top, fact.what))
        or (fact.view == "operation" and fact.what.split()[0] in names and _announced(fact, store))
        or not fact.view
    ]


def covers(top: Container, path: str) -> bool:
    """Whether the model has an element at ``path``, such as ``/native/key/chain``."""
    at: list[Container] = [top]
    steps = path.strip("/").split("/")
    for number, step in enumerate(steps, 1):
        found = [spec for container in at for spec in container.children if spec.name == step]
        at = [spec for spec in found if isinstance(spec, Container)]
        if not found or (number < len(steps) and not at):
            return False
    return True


def _announced(fact: Fact, store: Store) -> bool:
    return all(any(name.startswith(need) for name in store.agent.capabilities) for need in fact.where)
