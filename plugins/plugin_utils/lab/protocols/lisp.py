# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LISP sessions between ETRs and map servers: registration, TCP with or without TCP-AO (RFC 5925), key rollover.

Computed from both ends' running configurations and the lab's time, from event to event: a configuration change, a key
that becomes valid or expires, a connection that is made or given up. Nothing runs in between.

What is modelled, per ETR and map-server address:

* the ETR registers (UDP) when it has a local EID; the map server takes it when a site covers the EID and the shared
  keys agree; without a registration there is no listener and so no session;
* with AO on both ends the session needs keys whose ids mirror each other, with one string, algorithm and options flag,
  valid in time on both ends; without AO on the ETR the session is plain whatever the map server wants; an ETR with AO
  gets no session from a map server without it;
* each end wants its key with the latest end of send lifetime (RNextKeyID); the other end follows if it has that key;
* a key that ends without a successor loses segments; after ``HOLD`` the session is down.

Assumptions where the vendor is silent: between the ends there is a path when cables connect them over ports that are
not shut; a connection takes ``CONNECT`` seconds; a changed shared key ends the session at once; a map server whose AO
is switched on keeps its sessions with ETRs that do not use AO, unless ``flaps_all``.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..world import World, WorldProtocol

if TYPE_CHECKING:
    from ..device import Device

INFINITE = math.inf
PORT = 4342
CONNECT = 2.0  # seconds from a possible connection to an established one
HOLD = 30.0  # seconds of lost segments until the session is given up
REGISTER = 60.0  # seconds between UDP map-registers
_RETRIES = (2.0, 60.0)  # first and longest pause between connection attempts
_MOST_LOGS = 20  # attempts that are logged when a long time is looked at at once

Window = tuple[float, float]
ALWAYS: Window = (0.0, INFINITE)


@dataclass(frozen=True)
class Mkt:
    """A master key tuple: one configured key. ``send`` None = no send lifetime makes it usable."""

    id: int
    send_id: int | None = None
    recv_id: int | None = None
    algorithm: str | None = None
    secret: str | None = field(default=None, repr=False)
    include_options: bool = False
    accept_mismatch: bool = False
    send: Window | None = None
    accept: Window | None = None  # None = always

    @property
    def ready(self) -> bool:
        """Complete: ids, algorithm and string."""
        return None not in (self.send_id, self.recv_id, self.algorithm, self.secret)

    def sends(self, now: float) -> bool:
        return self.send is not None and self.send[0] <= now < self.send[1]

    def accepts(self, now: float) -> bool:
        window = self.accept or ALWAYS
        return window[0] <= now < window[1]

    def same_mac(self, other: Mkt) -> bool:
        """Whether both ends compute the same MAC."""
        own = (self.secret, self.algorithm, self.include_options)
        return own == (other.secret, other.algorithm, other.include_options)


@dataclass(frozen=True)
class Record:
    """An EID prefix of a site or of an ETR."""

    instance: int
    prefix: str
    more_specifics: bool = False


@dataclass(frozen=True)
class Site:
    """A site of a map server with its shared key."""

    name: str
    key: str | None = field(default=None, repr=False)
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class LispNode:
    """A device as LISP sees it. ``peer_chains`` is the ETR side of TCP-AO, ``accept_chain`` the map server side."""

    addresses: tuple[str, ...] = ()
    down: frozenset[str] = frozenset()  # interfaces that are shut
    rloc: str | None = None
    map_server: bool = False
    map_resolver: bool = False
    etr: bool = False
    itr: bool = False
    map_servers: dict[str, str | None] = field(default_factory=dict, repr=False)
    map_resolvers: tuple[str, ...] = ()
    eids: tuple[Record, ...] = ()
    sites: tuple[Site, ...] = ()
    accept_chain: str | None = None
    peer_chains: dict[str, str] = field(default_factory=dict)
    chains: dict[str, tuple[Mkt, ...]] = field(default_factory=dict, repr=False)
    passive: frozenset[str] = frozenset()
    syslog: bool = False
    flaps_all: bool = False

    def keys(self, chain: str | None) -> tuple[Mkt, ...]:
        return self.chains.get(chain or "", ())


@runtime_checkable
class LispSpeaker(Protocol):
    """What a device offers to take part."""

    name: str
    version: int

    def lisp_node(self) -> LispNode:
        """The device's current LISP configuration (cached by the device)."""

    def log(self, message: str, at: float | None = None) -> None:
        """A line of the device's log."""


def preferred(keys: Iterable[Mkt], now: float) -> Mkt | None:
    """The key that this end wants to use: complete, valid for sending, with the latest end; the first of equals."""
    best: Mkt | None = None
    for key in keys:
        if key.ready and key.send is not None and key.sends(now):
            best = key if best is None or best.send is None or key.send[1] > best.send[1] else best
    return best


def _by_recv_id(keys: Iterable[Mkt], keyid: int | None, now: float) -> Mkt | None:
    return next((key for key in keys if key.ready and key.recv_id == keyid and key.accepts(now)), None)


def _heard(sent: Mkt | None, keys: tuple[Mkt, ...], now: float, *, lenient: bool) -> bool:
    """Whether a segment signed with ``sent`` is taken by an end with these keys."""
    if sent is None or not (sent.sends(now) or sent.accept_mismatch):
        return False
    match = _by_recv_id(keys, sent.send_id, now)
    if match is None:
        return False
    return match.same_mac(sent) or match.accept_mismatch or lenient


def _follow(own: tuple[Mkt, ...], current: Mkt | None, far_wants: Mkt | None, now: float) -> Mkt | None:
    """The key to send with: what the far end asks for if we have it, else the current one while it lasts."""
    if current is not None and current.accept_mismatch:
        return current  # the flag switches rollover off
    if far_wants is not None:
        for key in own:
            if key.ready and key.send_id == far_wants.recv_id and key.sends(now):
                return key
    if current is not None and current.sends(now):
        return current
    return preferred(own, now)


@dataclass
class Session:
    """One ETR and one map-server address; ``since`` is the last change between up and down (None = never up)."""

    etr: str
    ms: str
    address: str
    now: float
    up: bool = False
    since: float | None = None
    good_since: float | None = None
    bad_since: float | None = None
    connections: int = 0
    port: int = 0
    chain: str | None = None  # AO as the ETR has it on this connection
    ms_chain: str | None = None
    etr_key: int | None = None
    ms_key: int | None = None
    registered_at: float | None = None
    refused_at: float | None = None  # the shared keys disagree since then
    refused: int = 0  # authentication failures of earlier disagreements
    attempt_at: float | None = None
    attempt_pause: float = _RETRIES[0]
    signature: str = ""

    def failures(self) -> int:
        """UDP registrations that failed authentication."""
        if self.refused_at is None:
            return self.refused
        return self.refused + 1 + int((self.now - self.refused_at) // REGISTER)


@dataclass(frozen=True)
class TcpView:
    """A session, listener or attempt as one device sees it; ports are 0 where there is none."""

    peer: str
    peer_port: int
    local: str
    local_port: int
    state: str  # Up, Down, Listening
    since: float | None
    active: bool
    session: Session
    chain: str | None = None
    current: Mkt | None = None
    wanted: Mkt | None = None
    users: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Registration:
    """An EID prefix of a site: who registered it, when, and how."""

    site: Site
    record: Record
    eid: Record | None = None
    by: Session | None = None
    at: float | None = None
    reliable: bool = False


class Lisp(WorldProtocol):
    """The LISP sessions of a lab."""

    name = "lisp"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._sessions: dict[str, Session] = {}
        self._groups: dict[str, list[LispSpeaker]] = {}
        self._index: dict[int, tuple[int, dict[str, list[Session]]]] = {}

    # -- world protocol -------------------------------------------------------------------------------------------

    def before_change(self, device: Device) -> None:
        for session in self._of(device.name):
            self._settle(session)

    def after_change(self, device: Device) -> None:
        for session in self._of(device.name):
            self._changed(session)
            self._settle(session)

    def restarted(self, device: Device) -> None:
        """The device lost its connections."""
        for session in self._of(device.name):
            self._settle(session)
            if session.up:
                self._close(session)
            self._settle(session)

    def reset(self, device: Device, peer: str | None = None) -> None:
        """``clear lisp session``: all connections of a device, or those with one peer."""
        for session in self._of(device.name):
            far = session.address if session.etr == device.name else self._node(session.etr).rloc
            self._settle(session)
            if session.up and peer in (None, far):
                self._close(session)
            self._settle(session)

    def state(self) -> dict[str, Any]:
        return {key: asdict(session) for key, session in self._sessions.items()}

    def load_state(self, state: dict[str, Any]) -> None:
        self._sessions = {key: Session(**data) for key, data in state.items()}
        self._index.clear()

    # -- what devices ask -----------------------------------------------------------------------------------------

    def sessions(self, device: Device) -> list[TcpView]:
        """Listeners, sessions and attempts of a device, in the order of the session table."""
        views: list[TcpView] = []
        for session in self._of(device.name):
            self._settle(session)
            if session.ms == device.name:
                views += self._passive(session)
            if session.etr == device.name:
                views.append(self._active(session))
        views += self._prepared(device, views)
        return sorted(views, key=lambda view: (_sort_key(view.peer), view.peer_port))

    def registrations(self, device: Device) -> list[Registration]:
        """All EID records of a map server's sites, with what is registered below each."""
        node = self._node(device.name)
        sessions = [self._settle(session) for session in self._of(device.name) if session.ms == device.name]
        found: list[Registration] = []
        for site in node.sites:
            for record in site.records:
                rows = list(self._registered(site, record, sessions))
                if not any(row.eid is not None and row.eid.prefix == record.prefix for row in rows):
                    found.append(Registration(site, record))
                found += rows
        return found

    def failures(self, device: Device, site: Site) -> int:
        """Authentication failures of a site since the lab started."""
        total = 0
        for session in self._of(device.name):
            if session.ms == device.name:
                self._settle(session)
                if any(_covers(record, eid) for record in site.records for eid in self._node(session.etr).eids):
                    total += session.failures()
        return total

    def in_use(self, device: Device, chain: str) -> set[int]:
        """Ids of the chain's keys that established sessions send or receive with."""
        used: set[int] = set()
        for session in self._of(device.name):
            self._settle(session)
            if not session.up or session.chain is None:
                continue
            etr, ms = self._keys(session)
            if session.etr == device.name and session.chain == chain:
                used |= _used(etr, session.etr_key, ms, session.ms_key, session.now)
            if session.ms == device.name and session.ms_chain == chain:
                used |= _used(ms, session.ms_key, etr, session.etr_key, session.now)
        return used

    # -- who has sessions with whom -------------------------------------------------------------------------------

    def _node(self, name: str) -> LispNode:
        device = self.world.devices[name]
        return device.lisp_node() if isinstance(device, LispSpeaker) else LispNode()

    def _group(self, name: str) -> list[LispSpeaker]:
        """All LISP devices that cables connect with this one, itself included."""
        if name not in self._groups:
            members = self._reach(name, {})
            speakers: list[LispSpeaker] = []
            for other, device in self.world.devices.items():
                if other in members and isinstance(device, LispSpeaker):
                    speakers.append(device)
            for member in members:
                self._groups[member] = speakers
        return self._groups[name]

    def _reach(self, name: str, nodes: dict[str, LispNode]) -> set[str]:
        """Devices reached over ports that are not shut (``nodes`` tells which; unknown ones have all ports up)."""
        seen, stack = {name}, [name]
        while stack:
            here = stack.pop()
            for _link, own, far in self.world.links_of(self.world.devices[here]):
                shut = own.interface in nodes.get(here, _ANY).down
                if shut or far.interface in nodes.get(far.device.name, _ANY).down or far.device.name in seen:
                    continue
                seen.add(far.device.name)
                stack.append(far.device.name)
        return seen

    def _of(self, name: str) -> list[Session]:
        """The sessions of a device, as ETR or map server; those of the past included while somebody may ask."""
        group = self._group(name)
        stamp = sum(member.version for member in group)
        cached = self._index.get(id(group))
        if cached is None or cached[0] != stamp:
            begun = self.world.started_at if cached is None else self.world.time  # it ran before anybody looked
            cached = self._index[id(group)] = (stamp, self._pairs(group, begun))
        return cached[1].get(name, [])

    def _pairs(self, group: list[LispSpeaker], begun: float) -> dict[str, list[Session]]:
        owner: dict[str, str] = {}
        for member in group:
            for address in member.lisp_node().addresses:
                owner.setdefault(address, member.name)
        found: dict[str, list[Session]] = {}
        names = {member.name for member in group}
        wanted: set[str] = set()
        for member in group:
            for address in member.lisp_node().map_servers if member.lisp_node().etr else ():
                session = self._session(member.name, owner.get(address, ""), address, begun)
                wanted.add(_key(session))
                for name in {session.etr, session.ms} - {""}:
                    found.setdefault(name, []).append(session)
        for key in [key for key, session in self._sessions.items() if session.etr in names and key not in wanted]:
            del self._sessions[key]
        return found

    def _session(self, etr: str, ms: str, address: str, begun: float) -> Session:
        key = f"{etr}>{address}"
        if key not in self._sessions:
            self._sessions[key] = Session(etr, ms, address, begun)
        session = self._sessions[key]
        if session.ms != ms:
            if session.up:
                self._close(session)
            session.ms = ms
        return session

    # -- how a session goes ---------------------------------------------------------------------------------------

    def _keys(self, session: Session) -> tuple[tuple[Mkt, ...], tuple[Mkt, ...]]:
        return self._node(session.etr).keys(session.chain), self._node(session.ms).keys(session.ms_chain)

    def _chains(self, session: Session) -> tuple[str | None, str | None]:
        """The chains that a new connection would use: the ETR's for this server, the server's if the ETR has one."""
        own = self._node(session.etr).peer_chains.get(session.address)
        return own, None if own is None or not session.ms else self._node(session.ms).accept_chain

    def _signature(self, session: Session) -> str:
        etr = self._node(session.etr)
        ms = self._node(session.ms) if session.ms else _ANY
        chains = self._chains(session)
        more = ms.accept_chain if ms.flaps_all else ""
        secrets = (etr.map_servers.get(session.address), etr.rloc)
        return hashlib.sha256(repr((chains, more, secrets)).encode()).hexdigest()[:16]

    def _changed(self, session: Session) -> None:
        """A configuration changed: a change of authentication ends the connection."""
        signature = self._signature(session)
        if session.signature and signature != session.signature:
            if session.up:
                self._close(session)
            session.good_since = session.attempt_at = None
        session.signature = signature

    def _settle(self, session: Session) -> Session:
        """Bring a session up to the world's time."""
        if not session.signature:
            session.signature = self._signature(session)
        to = self.world.time
        for _guard in range(10_000):
            self._evaluate(session)
            if session.now >= to:
                break
            session.now = min(to, self._next_event(session))
        return session

    def _next_event(self, session: Session) -> float:
        moments = [INFINITE]
        if session.good_since is not None and not session.up:
            moments.append(session.good_since + CONNECT)
        if session.bad_since is not None and session.up:
            moments.append(session.bad_since + HOLD)
        etr, ms = self._chains(session)
        for name, chain in ((session.etr, etr), (session.ms, ms)):
            for key in self._node(name).keys(chain) if name else ():
                moments += [at for window in (key.send, key.accept) if window for at in window]
        return min(at for at in moments if at > session.now)

    def _evaluate(self, session: Session) -> None:
        """What is true at ``session.now``."""
        now = session.now
        registered = self._register(session)
        reachable = self._reachable(session)
        if session.up:
            if not registered and reachable:
                self._close(session)
            elif self._alive(session) and reachable:
                session.bad_since = None
            elif session.bad_since is None:
                session.bad_since = now
            elif now >= session.bad_since + HOLD:
                self._close(session)
        if session.up:
            return
        if not (registered and self._possible(session)):
            session.good_since = None
        elif session.good_since is None:
            session.good_since = now
        elif now >= session.good_since + CONNECT:
            self._open(session)

    def _reachable(self, session: Session) -> bool:
        if not session.ms:
            return False
        if session.etr == session.ms:
            return True
        nodes = {member.name: member.lisp_node() for member in self._group(session.etr)}
        if not any(node.down for node in nodes.values()):
            return True
        return session.ms in self._reach(session.etr, nodes)

    def _register(self, session: Session) -> bool:
        """Whether the map server takes the ETR's registrations."""
        ms = self._node(session.ms) if session.ms else _ANY
        if not session.ms or not ms.map_server or not self._reachable(session):
            if not session.up:
                session.registered_at = None
            self._end_refusal(session)
            return False
        matches = [site for site, _record, _eid in self._matches(session)]
        key = self._node(session.etr).map_servers.get(session.address)
        taken = any(site.key is not None and site.key == key for site in matches)
        if taken:
            session.registered_at = session.now if session.registered_at is None else session.registered_at
            self._end_refusal(session)
        else:
            session.registered_at = None
            if not matches:
                self._end_refusal(session)
            elif session.refused_at is None:
                session.refused_at = session.now
        return taken

    @staticmethod
    def _end_refusal(session: Session) -> None:
        session.refused, session.refused_at = session.failures(), None

    def _matches(self, session: Session) -> Iterator[tuple[Site, Record, Record]]:
        """(site, its record, the EID) for every EID of the ETR that the map server knows."""
        for eid in self._node(session.etr).eids:
            for site in self._node(session.ms).sites:
                record = next((record for record in site.records if _covers(record, eid)), None)
                if record is not None:
                    yield site, record, eid
                    break

    def _passive_open(self, session: Session) -> bool:
        return self._node(session.etr).rloc in self._node(session.ms).passive

    def _alive(self, session: Session) -> bool:
        """Whether segments of an established connection get through in both directions; rolls keys over."""
        if session.chain is None or session.ms_chain is None:
            return True  # plain, or accepted although only one end has AO
        now = session.now
        etr, ms = self._keys(session)
        own, far = _of_id(etr, session.etr_key), _of_id(ms, session.ms_key)
        own, far = _follow(etr, own, preferred(ms, now), now), _follow(ms, far, preferred(etr, now), now)
        if own is not None and far is not None:
            session.etr_key, session.ms_key = own.id, far.id
        at_ms = _heard(own, ms, now, lenient=self._passive_open(session))
        at_etr = _heard(far, etr, now, lenient=False)
        if not (at_ms and at_etr) and session.bad_since is None:
            self._mismatch(session, self.world.devices[session.ms if not at_ms else session.etr], now)
        return at_ms and at_etr

    def _possible(self, session: Session) -> bool:
        """Whether a new connection would come up; refused attempts are logged by the end that refuses."""
        chain, ms_chain = self._chains(session)
        if chain is None:
            return True
        now = session.now
        etr, ms = self._node(session.etr).keys(chain), self._node(session.ms).keys(ms_chain)
        own = preferred(etr, now)
        if ms_chain is None:
            return own is not None and own.accept_mismatch
        if own is None:
            return False
        match = _by_recv_id(ms, own.send_id, now)
        if match is None or not _heard(own, ms, now, lenient=self._passive_open(session)):
            return self._refuse(session, session.ms)
        answer = match if match.sends(now) or match.accept_mismatch else preferred(ms, now)
        if not _heard(answer, etr, now, lenient=False):
            return self._refuse(session, session.etr)
        return True

    def _refuse(self, session: Session, by: str) -> bool:
        """Log the attempts until now; always False."""
        if session.attempt_at is None:
            session.attempt_at, session.attempt_pause = session.now, _RETRIES[0]
        late = (session.now - session.attempt_at) / _RETRIES[1]
        if late > _MOST_LOGS:
            session.attempt_at += (late - _MOST_LOGS) // 1 * _RETRIES[1]
        while session.attempt_at <= session.now:
            self._mismatch(session, self.world.devices[by], session.attempt_at)
            session.attempt_at += session.attempt_pause
            session.attempt_pause = min(_RETRIES[1], session.attempt_pause * 2)
        return False

    def _mismatch(self, session: Session, by: Device, at: float) -> None:
        port = session.port if session.up else self.port(session, session.connections + 1)
        etr, ms = f"{self._node(session.etr).rloc}({port})", f"{session.address}({PORT})"
        source, target = (etr, ms) if by.name == session.ms else (ms, etr)
        text = f"%TCP-6-AOMISMATCH: TCP AO MAC Mismatch for connection from {source} to {target} tableid - 0"
        if isinstance(by, LispSpeaker):
            by.log(text, at)

    def port(self, session: Session, connection: int) -> int:
        """The ETR's port of a connection, the first being 1."""
        text = f"{self.world.name}/{_key(session)}/{connection}"
        return 11_000 + int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 54_000

    def _open(self, session: Session) -> None:
        now = session.now
        session.chain, session.ms_chain = self._chains(session)
        session.up, session.since, session.good_since, session.attempt_at = True, now, None, None
        session.connections += 1
        session.port = self.port(session, session.connections)
        etr, ms = self._keys(session)
        own = preferred(etr, now)
        match = _by_recv_id(ms, own.send_id, now) if own is not None else None
        answer = match if match is not None and (match.sends(now) or match.accept_mismatch) else preferred(ms, now)
        session.etr_key, session.ms_key = _id(own), _id(answer)
        self._alive(session)
        self._tell(session, "Up")

    def _close(self, session: Session) -> None:
        session.up, session.since = False, session.now
        session.good_since = session.bad_since = session.attempt_at = None
        self._tell(session, "Down")
        session.chain = session.ms_chain = session.etr_key = session.ms_key = None

    def _tell(self, session: Session, state: str) -> None:
        """``syslog session changes``; the mnemonic is a guess."""
        ends = ((session.etr, session.address, PORT), (session.ms, self._node(session.etr).rloc, session.port))
        for name, peer, port in ends:
            if not name or not self._node(name).syslog:
                continue
            device = self.world.devices[name]
            if isinstance(device, LispSpeaker):
                text = f"%LISP-5-SESSION_STATE: LISP session to {peer}:{port} changed state to {state}"
                device.log(text, session.now)

    # -- views ----------------------------------------------------------------------------------------------------

    def _active(self, session: Session) -> TcpView:
        node = self._node(session.etr)
        etr, _ms = self._keys(session)
        chain = session.chain if session.up else None
        return TcpView(
            peer=session.address,
            peer_port=PORT,
            local=node.rloc or "",
            local_port=session.port if session.up else 0,
            state="Up" if session.up else "Down",
            since=session.since,
            active=True,
            session=session,
            chain=chain,
            current=_of_id(etr, session.etr_key) if chain else None,
            wanted=preferred(etr, session.now) if chain else None,
            users=node.eids,
        )

    def _passive(self, session: Session) -> list[TcpView]:
        etr = self._node(session.etr)
        if session.registered_at is None or etr.rloc is None:
            return []
        listener = TcpView(etr.rloc, 0, session.address, PORT, "Listening", None, False, session)
        if not session.up:
            return [listener]
        _etr, ms = self._keys(session)
        chain = session.ms_chain
        up = TcpView(
            peer=etr.rloc,
            peer_port=session.port,
            local=session.address,
            local_port=PORT,
            state="Up",
            since=session.since,
            active=False,
            session=session,
            chain=chain,
            current=_of_id(ms, session.ms_key) if chain else None,
            wanted=preferred(ms, session.now) if chain else None,
            users=tuple(eid for _site, _record, eid in self._matches(session)),
        )
        return [listener, up]

    def _prepared(self, device: Device, views: list[TcpView]) -> Iterator[TcpView]:
        """Listeners of ``map-server session passive-open`` for peers that have not registered."""
        node = self._node(device.name)
        known = {view.peer for view in views}
        local = node.rloc or next(iter(node.addresses), "")
        for address in sorted(node.passive if node.map_server else (), key=_sort_key):
            if address not in known:
                idle = Session("", device.name, address, self.world.time)
                yield TcpView(address, 0, local, PORT, "Listening", None, False, idle)

    def _registered(self, site: Site, record: Record, sessions: list[Session]) -> Iterator[Registration]:
        for session in sessions:
            key = self._node(session.etr).map_servers.get(session.address)
            if session.registered_at is None or key != site.key:
                continue
            for other, matched, eid in self._matches(session):
                if other is site and matched is record:
                    yield Registration(site, record, eid, session, self._last_register(session), session.up)

    def _last_register(self, session: Session) -> float:
        """A TCP registration stands since the session came up, a UDP one is repeated."""
        if session.up and session.since is not None:
            return session.since
        start = session.registered_at if session.registered_at is not None else session.now
        return session.now - (session.now - start) % REGISTER


_ANY = LispNode()


def _key(session: Session) -> str:
    return f"{session.etr}>{session.address}"


def _id(key: Mkt | None) -> int | None:
    return None if key is None else key.id


def _of_id(keys: Iterable[Mkt], wanted: int | None) -> Mkt | None:
    return next((key for key in keys if key.id == wanted), None)


def _used(own: tuple[Mkt, ...], current: int | None, far: tuple[Mkt, ...], far_current: int | None,
          now: float) -> set[int]:  # fmt: skip
    """What one end sends with, and what it receives with."""
    used = set() if current is None else {current}
    sender = _of_id(far, far_current)
    match = _by_recv_id(own, sender.send_id, now) if sender is not None else None
    return used | ({match.id} if match is not None else set())


def _covers(record: Record, eid: Record) -> bool:
    """Whether a site's record allows this EID."""
    if record.instance != eid.instance:
        return False
    if record.prefix == eid.prefix:
        return True
    if not record.more_specifics:
        return False
    try:
        outer, inner = ipaddress.ip_network(record.prefix), ipaddress.ip_network(eid.prefix)
    except ValueError:
        return False
    if isinstance(outer, ipaddress.IPv4Network) and isinstance(inner, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, ipaddress.IPv6Network) and isinstance(inner, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _sort_key(address: str) -> tuple[int, int]:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return (9, 0)
    return (parsed.version, int(parsed))
