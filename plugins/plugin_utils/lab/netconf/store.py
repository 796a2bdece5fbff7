# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The datastores of one device: running, candidates, startup, their locks, and commits that wait for a confirmation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .edit import Edit, tidy
from .errors import RpcError
from .xml import Node

if TYPE_CHECKING:
    from ..world import Timer
    from .agent import Agent, Config
    from .session import NetconfSession

DEFAULT_TIMEOUT = 600  # seconds of a confirmed commit (RFC 6241 section 8.4.5.1)
_SHARED = 0
_FAULT_HOLDER = 407  # the session that a lock_candidate fault names when it names none


@dataclass
class Change:
    """One edit-config that waits in a candidate."""

    config: Node
    default: str


@dataclass
class Candidate:
    """What was edited and not committed. ``owner`` is the last session that edited."""

    changes: list[Change] = field(default_factory=list)
    owner: int = 0


@dataclass
class Pending:
    """A commit that comes undone at its deadline, and with its session unless it has a persist id."""

    before: str = field(repr=False)
    session: int = 0
    user: str = ""
    persist: str | None = None
    timer: Timer | None = None


class Store:
    """The datastores of one device and the sessions on them."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.sessions: dict[int, NetconfSession] = {}
        self.locks: dict[str, int] = {}
        self.pending: Pending | None = None
        self._candidates: dict[int, Candidate] = {}

    # -- reading -----------------------------------------------------------------------------------------------------

    def data(self, name: str, session: int) -> Node:
        """The data tree of a datastore as ``session`` sees it."""
        if name == "startup":
            return self._read(self.agent.parse(self.agent.device.startup))
        if name == "candidate" and self._candidate(session).changes:
            return self._replay(self._candidate(session).changes, check=False)[1]
        return self._read(self.agent.running())

    def _read(self, config: Config) -> Node:
        data = self.agent.read(config)
        tidy(data, self.agent.model.top)
        return data

    def _candidate(self, session: int) -> Candidate:
        return self._candidates.setdefault(session if self.agent.private_candidates else _SHARED, Candidate())

    def _replay(self, changes: list[Change], check: bool = True) -> tuple[Node, Node]:
        """The data tree of the running configuration, and what the changes make of it. RpcErrors."""
        before = self._read(self.agent.running())
        after = before.copy()
        edit = Edit(self.agent.model, after)
        for change in changes:
            edit.apply(change.config, change.default)
        if check:
            edit.validate()
            tidy(after, self.agent.model.top)
        return before, after

    def _built(self, changes: list[Change]) -> Config:
        """The running configuration with the changes. RpcError or RpcErrors."""
        before, after = self._replay(changes)
        config: Config = self.agent.running().copy()
        self.agent.write(config, before, after)
        return config

    # -- editing -----------------------------------------------------------------------------------------------------

    def edit(self, target: str, session: int, user: str, change: Change, test: str) -> None:
        """edit-config. ``test`` is test-then-set, set or test-only (RFC 6241 section 7.2)."""
        self._check_lock(target, session)
        candidate = self._candidate(session)
        changes = [*(candidate.changes if target == "candidate" else []), change]
        if test != "set" or target == "running":
            config = self._built(changes)
            if test == "test-only":
                return
            if target == "running":
                self._check_free(user)
                self._install(config, user)
                return
        else:
            self._replay(changes, check=False)
        candidate.changes = changes
        candidate.owner = session

    def replace(self, target: str, session: int, user: str, data: Node) -> None:
        """copy-config: ``data`` instead of what the datastore holds."""
        self._check_lock(target, session)
        if target == "candidate":
            candidate = self._candidate(session)
            candidate.changes, candidate.owner = [Change(data, "replace")], session
        else:
            self._check_free(user)
            self._install(self._built([Change(data, "replace")]), user)

    def validate(self, name: str, session: int) -> None:
        if name == "candidate":
            self._built(self._candidate(session).changes)

    def validate_config(self, config: Node) -> None:
        """A configuration that came with the request."""
        self._built([Change(config, "replace")])

    def discard(self, session: int) -> None:
        self._check_lock("candidate", session)
        self._candidate(session).changes = []

    def save(self, session: int) -> None:
        """copy-config from running to startup."""
        self._check_lock("startup", session)
        self.agent.save()

    def _install(self, config: Config, user: str) -> None:
        if config.text() != self.agent.running().text():
            self.agent.install(config, user)

    # -- locks -------------------------------------------------------------------------------------------------------

    def lock(self, name: str, session: int) -> None:
        """RpcError lock-denied names the holder; session 0 is somebody who does not speak NETCONF."""
        holder = self.locks.get(name) or self._foreign()
        if holder is not None:
            info = {"session-id": str(holder)}
            raise RpcError("lock-denied", f"The {name} datastore is locked by session {holder}.", info=info)
        if name == "candidate" and not self.agent.private_candidates and self._candidate(session).changes:
            raise RpcError("resource-denied", "The candidate has been changed: discard-changes is needed first.")
        self.locks[name] = session
        self.agent.locked(session)

    def unlock(self, name: str, session: int) -> None:
        if self.locks.get(name) != session:
            raise RpcError("operation-failed", f"The {name} datastore is not locked by this session.")
        self._unlock(name)

    def _unlock(self, name: str) -> None:
        session = self.locks.pop(name)
        if name == "candidate":
            self._candidate(session).changes = []
        if not self.locks:
            self.agent.locked(None)

    def _foreign(self) -> int | None:
        """Who holds the configuration outside of this server: a fault's somebody, or a session on the command line."""
        fault = self.agent.device.faults.take("lock_candidate")
        if fault is not None:
            holder = str(fault.params.get("holder", _FAULT_HOLDER))
            return int(holder) if holder.isdigit() else _FAULT_HOLDER
        holder_id = self.agent.lock_holder()
        return holder_id if holder_id not in self.sessions else None

    def _check_lock(self, name: str, session: int) -> None:
        holder = self.locks.get(name)
        if holder in (None, session):
            holder = self._foreign()
        if holder not in (None, session):
            raise RpcError(
                "in-use", f"The {name} datastore is locked by session {holder}.", info={"session-id": str(holder)}
            )

    def _check_free(self, user: str) -> None:
        refusal = self.agent.refusal(user)
        if refusal:
            raise RpcError("in-use", refusal)

    # -- commit ------------------------------------------------------------------------------------------------------

    def commit(self, session: int, user: str, *, confirm_within: float | None = None, persist: str | None = None,
               persist_id: str | None = None) -> None:  # fmt: skip
        """Make the candidate the running configuration, for ``confirm_within`` seconds or for good."""
        for name in ("candidate", "running"):
            self._check_lock(name, session)
        self._check_pending(session, persist_id)
        self._check_free(user)
        fault = self.agent.device.faults.take("fail_commit")
        if fault is not None:
            raise RpcError("operation-failed", str(fault.params.get("text", "The commit failed.")))
        config = self._built(self._candidate(session).changes)
        before = self.agent.running().text() if self.pending is None else self.pending.before
        self._install(config, user)
        self._candidate(session).changes = []
        self._forget_pending()
        if confirm_within is not None:
            world = self.agent.device.world
            pending = self.pending = Pending(before, session, user, persist)
            pending.timer = world.schedule(world.time + confirm_within, self.revert)

    def cancel(self, session: int, persist_id: str | None) -> None:
        """cancel-commit."""
        if self.pending is None:
            raise RpcError("operation-failed", "No confirmed commit is waiting.")
        self._check_pending(session, persist_id)
        self.revert()

    def _check_pending(self, session: int, persist_id: str | None) -> None:
        pending = self.pending
        if pending is None or (pending.persist is None and persist_id is None):
            if persist_id is not None:
                raise RpcError("invalid-value", "No confirmed commit with this persist-id is waiting.")
            if pending is not None and pending.session != session:
                info = {"session-id": str(pending.session)}
                raise RpcError("in-use", f"A confirmed commit of session {pending.session} is waiting.", info=info)
        elif pending.persist != persist_id:
            raise RpcError("invalid-value", "The persist-id is not that of the confirmed commit that is waiting.")

    def revert(self) -> None:
        """Undo the commit that nobody confirmed."""
        pending = self.pending
        if pending is None:
            return
        self._forget_pending()
        self._install(self.agent.parse(pending.before), pending.user)

    def _forget_pending(self) -> None:
        if self.pending is not None and self.pending.timer is not None:
            self.pending.timer.cancel()
        self.pending = None

    # -- sessions ----------------------------------------------------------------------------------------------------

    def closed(self, session: int) -> None:
        """A session ended, in whatever way: what was its own goes with it."""
        if self.sessions.pop(session, None) is None:
            return
        for name in [name for name, holder in self.locks.items() if holder == session]:
            self._unlock(name)
        self._candidates.pop(session, None)
        if self.pending is not None and self.pending.session == session and self.pending.persist is None:
            self.revert()

    def restart(self) -> None:
        """The device restarts: all sessions end, and nothing waits any more."""
        self._forget_pending()
        self._candidates.clear()
        for session in list(self.sessions.values()):
            session.close()
        self.locks.clear()

    def state(self) -> dict[str, Any]:
        """What survives saving and restoring a lab; sessions do not."""
        pending = self.pending
        if pending is None:
            return {}
        if pending.persist is None or pending.timer is None:  # its session will be gone
            return {"pending": [pending.before, pending.user, None, 0.0]}
        return {"pending": [pending.before, pending.user, pending.persist, pending.timer.at]}

    def load_state(self, state: dict[str, Any]) -> None:
        self.restart()
        if "pending" in state:
            before, user, persist, at = state["pending"]
            pending = self.pending = Pending(before, 0, user, persist)
            pending.timer = self.agent.device.world.schedule(at, self.revert)
