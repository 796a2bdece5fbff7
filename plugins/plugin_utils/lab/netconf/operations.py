# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of RFC 6241 on the datastores of a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .edit import DEFAULT_OPERATIONS, fill_defaults, trim_defaults
from .errors import RpcError
from .filters import select
from .store import DEFAULT_TIMEOUT, Change
from .xml import BASE, Node

if TYPE_CHECKING:
    from .store import Store

WITH_DEFAULTS = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
TESTS = ("test-then-set", "set", "test-only")
ERROR_OPTIONS = ("stop-on-error", "continue-on-error", "rollback-on-error")
MAX_TIMEOUT = 4294967


def label(rpc: Node) -> str:
    """An rpc in words, for logs and for faults: ``edit-config candidate``, ``commit confirmed``."""
    if not rpc.children:
        return "rpc"
    operation = rpc.children[0]
    words = [operation.name]
    for name in ("target", "source"):
        store = operation.find(name)
        words += [store.children[0].name] if store is not None and store.children else []
    if operation.find("confirmed") is not None:
        words.append("confirmed")
    return " ".join(words)


class Operations:
    """The operations of one session."""

    def __init__(self, store: Store, session: int, user: str) -> None:
        self._store = store
        self._session = session
        self._user = user
        self.ended = False
        """The client has said goodbye."""
        self._known: dict[str, tuple[str, Callable[[Node], list[Node] | None]]] = {
            "get-config": ("", self._get_config),
            "get": ("", self._get),
            "edit-config": ("", self._edit),
            "copy-config": ("", self._copy),
            "lock": ("", self._lock),
            "unlock": ("", self._unlock),
            "close-session": ("", self._close),
            "kill-session": ("", self._kill),
            "commit": ("candidate", self._commit),
            "discard-changes": ("candidate", self._discard),
            "cancel-commit": ("confirmed-commit:1.1", self._cancel),
            "validate": ("validate", self._validate),
        }

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The operations that this server has, each with the capability that brings it, if one does."""
        standard = [(name, needed) for name, (needed, _work) in self._known.items() if self._offers(needed)]
        return [*standard, *((name, "") for name in self._store.agent.own_operations)]

    def run(self, rpc: Node) -> list[Node]:
        """What goes into the rpc-reply; nothing for ``<ok/>``. RpcError, RpcErrors."""
        if len(rpc.children) != 1:
            raise RpcError("missing-element", "An rpc holds one operation.", layer="rpc")
        operation = rpc.children[0]
        if operation.ns != BASE:
            answer = self._store.agent.own_rpc(operation)
            if answer is None:
                raise self._unsupported(operation.name)
            return answer
        needed, work = self._known.get(operation.name, ("-", None))
        if work is None or not self._offers(needed):
            raise self._unsupported(operation.name)
        return work(operation) or []

    def _offers(self, capability: str) -> bool:
        return any(name.startswith(capability) for name in self._store.agent.capabilities) or not capability

    @staticmethod
    def _unsupported(what: str) -> RpcError:
        return RpcError("operation-not-supported", f"{what} is not supported.", layer="protocol")

    # -- parameters --------------------------------------------------------------------------------------------------

    def _datastore(self, operation: Node, which: str) -> str:
        """The datastore in ``<source>`` or ``<target>``."""
        found = operation.find(which)
        if found is None or not found.children:
            raise RpcError("missing-element", f"{operation.name} needs {which}.", info={"bad-element": which})
        name = found.children[0].name
        offered = {
            "running": True,
            "candidate": self._offers("candidate"),
            "startup": self._offers("startup"),
            "config": which == "source",
        }
        if not offered.get(name, False):
            raise RpcError("invalid-value", f"The datastore {name} is not supported.", info={"bad-element": name})
        return name

    @staticmethod
    def _choice(operation: Node, name: str, words: tuple[str, ...], default: str) -> str:
        value = operation.value(name) or default
        if value not in words:
            raise RpcError("invalid-value", f"{name} is one of {', '.join(words)}.", info={"bad-element": name})
        return value

    # -- reading -----------------------------------------------------------------------------------------------------

    def _get_config(self, operation: Node) -> list[Node]:
        name = self._datastore(operation, "source")
        if name == "config":
            raise RpcError("invalid-value", "get-config reads a datastore.", info={"bad-element": "source"})
        return [self._shown(self._store.data(name, self._session), operation)]

    def _get(self, operation: Node) -> list[Node]:
        data = self._store.data("running", self._session)
        _join(data, self._store.agent.state())
        return [self._shown(data, operation)]

    def _shown(self, data: Node, operation: Node) -> Node:
        agent = self._store.agent
        modes = (agent.basic_mode, "report-all", "trim", "explicit")
        wanted = next((node for node in operation.children if node.name == "with-defaults"), None)
        mode = agent.basic_mode if wanted is None else wanted.text.strip()
        if mode not in modes:
            raise RpcError("invalid-value", f"with-defaults {mode} is not supported.")
        if mode == "report-all":
            fill_defaults(data, agent.model.top)
        elif mode == "trim":
            trim_defaults(data, agent.model.top)
        criteria = operation.find("filter")
        if criteria is not None:
            kind = criteria.attributes.get((BASE, "type"), criteria.attributes.get(("", "type"), "subtree"))
            if kind != "subtree":
                info = {"bad-attribute": "type", "bad-element": "filter"}
                raise RpcError("bad-attribute", f"Filters of type {kind} are not supported.", info=info)
            data = select(data, criteria, agent.model)
        shown = Node(BASE, "data")
        for child in data.children:
            shown.add(child)
        return shown

    # -- changing ----------------------------------------------------------------------------------------------------

    def _edit(self, operation: Node) -> None:
        target = self._target(operation)
        config = operation.find("config")
        if config is None:
            raise RpcError("missing-element", "edit-config needs config.", info={"bad-element": "config"})
        default = self._choice(operation, "default-operation", DEFAULT_OPERATIONS, "merge")
        test = self._choice(operation, "test-option", TESTS, "test-then-set")
        self._choice(operation, "error-option", ERROR_OPTIONS, "stop-on-error")  # an edit is done whole or not at all
        self._store.edit(target, self._session, self._user, Change(config, default), test)

    def _target(self, operation: Node) -> str:
        target = self._datastore(operation, "target")
        writable = target == "candidate" or (target == "running" and self._offers("writable-running"))
        if not writable:
            raise RpcError("invalid-value", f"The datastore {target} cannot be edited.", info={"bad-element": target})
        return target

    def _copy(self, operation: Node) -> None:
        source, target = self._datastore(operation, "source"), self._datastore(operation, "target")
        if (source, target) == ("running", "startup"):
            self._store.save(self._session)
            return
        if target == "startup" or source == target:
            raise self._unsupported(f"copy-config from {source} to {target}")
        self._target(operation)
        data = self._store.data(source, self._session) if source != "config" else operation.find("source", "config")
        if data is not None:
            self._store.replace(target, self._session, self._user, data)

    def _validate(self, operation: Node) -> None:
        source = self._datastore(operation, "source")
        config = operation.find("source", "config")
        if source == "config" and config is not None:
            self._store.validate_config(config)
        else:
            self._store.validate(source, self._session)

    def _commit(self, operation: Node) -> None:
        persist, persist_id = operation.value("persist"), operation.value("persist-id")
        confirmed = operation.find("confirmed") is not None
        if (confirmed or persist_id is not None) and not self._offers("confirmed-commit"):
            raise self._unsupported("A confirmed commit")
        within: float | None = None
        if confirmed:
            text = operation.value("confirm-timeout") or str(DEFAULT_TIMEOUT)
            if not text.isdigit() or not 1 <= int(text) <= MAX_TIMEOUT:
                raise RpcError(
                    "invalid-value", f"confirm-timeout is 1 to {MAX_TIMEOUT}.", info={"bad-element": "confirm-timeout"}
                )
            within = float(text)
        self._store.commit(self._session, self._user, confirm_within=within, persist=persist, persist_id=persist_id)

    def _cancel(self, operation: Node) -> None:
        self._store.cancel(self._session, operation.value("persist-id"))

    def _discard(self, _operation: Node) -> None:
        self._store.discard(self._session)

    # -- sessions ----------------------------------------------------------------------------------------------------

    def _lock(self, operation: Node) -> None:
        self._store.lock(self._datastore(operation, "target"), self._session)

    def _unlock(self, operation: Node) -> None:
        self._store.unlock(self._datastore(operation, "target"), self._session)

    def _close(self, _operation: Node) -> None:
        self.ended = True

    def _kill(self, operation: Node) -> None:
        text = operation.value("session-id") or ""
        other = self._store.sessions.get(int(text)) if text.isdigit() else None
        if other is None or int(text) == self._session:
            raise RpcError("invalid-value", "There is no such other session.", info={"bad-element": "session-id"})
        other.close()


def _join(data: Node, more: Node) -> None:
    """Add the tree ``more`` to ``data``; elements without keys are one, list entries with the same first child too."""
    for child in more.children:
        found = next((other for other in data.children if _same(other, child)), None)
        if found is None:
            data.add(child)
        elif child.children:
            _join(found, child)


def _same(one: Node, other: Node) -> bool:
    if (one.ns, one.name) != (other.ns, other.name):
        return False
    first = other.children[0] if other.children else None
    if first is None or first.children or first.name not in ("name", "id", "type", "peer-ip-address"):
        return True
    return one.value(first.name) == first.text
