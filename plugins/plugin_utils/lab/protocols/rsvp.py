# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSVP-TE between linked devices: neighbours, refreshes, authentication, challenge/response (RFC 2747, RFC 2205).

Computed from both ends' running configurations and the lab's time, never by stepping: between two events (a
configuration change, a first accepted message, a state expiry, a key becoming active) every refresh has the same
effect, so any stretch of time is one multiplication.

What is modelled per direction ("flow", sender to receiver):

* a message is accepted, discarded, or triggers a challenge, depending on both ends' effective authentication;
* a challenge that the sender answers makes the relationship; its lifetime restarts on each valid message;
* an unanswered challenge is repeated ``challenge_lost`` times, then the next message starts over;
* path and reservation state lives (K + 0.5) * 1.5 * R seconds after the last accepted message.

Assumptions where the vendor is silent: the message that triggers a successful challenge counts as accepted; a
relationship that its lifetime ended takes the state learned through it along until the next handshake; a tunnel to an
adjacent LSR ID uses the first usable link between the two; transit tunnels are not modelled.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..world import Endpoint, Link, World, WorldProtocol

if TYPE_CHECKING:
    from ..device import Device

INFINITE = math.inf
_EPSILON = 1e-9


@dataclass(frozen=True)
class Key:
    """Key material with the times (seconds) it may be sent and received; ``material`` is compared as a whole."""

    material: str = field(repr=False)
    send: tuple[float, float] = (0.0, INFINITE)
    receive: tuple[float, float] = (0.0, INFINITE)


@dataclass(frozen=True)
class Auth:
    """Authentication that applies to one neighbour; ``lifetime`` in seconds."""

    keys: tuple[Key, ...]
    handshake: bool = False
    lifetime: float = 1800.0
    window: int = 1
    mode: str = "md5"

    def sent(self, now: float) -> str | None:
        """The material of the key used for sending."""
        return next((key.material for key in self.keys if key.send[0] <= now < key.send[1]), None)

    def accepted(self, now: float) -> list[str]:
        return [key.material for key in self.keys if key.receive[0] <= now < key.receive[1]]

    def next_change(self, now: float) -> float:
        """When a key next becomes active or inactive."""
        times = [moment for key in self.keys for moment in (*key.send, *key.receive) if moment > now]
        return min(times, default=INFINITE)


@dataclass(frozen=True)
class RsvpInterface:
    """An interface as RSVP sees it; ``enabled`` = the whole enablement chain is configured."""

    name: str
    address: str = ""
    enabled: bool = False
    up: bool = True
    auth: Auth | None = None


@dataclass(frozen=True)
class Tunnel:
    """A TE tunnel that starts here."""

    name: str
    destination: str


@dataclass(frozen=True)
class RsvpNode:
    """A device as RSVP sees it; timers in seconds."""

    lsr_id: str = ""
    enabled: bool = False
    cspf: bool = False
    refresh: float = 30.0
    keep_multiplier: int = 3
    challenge_lost: int = 3
    retransmit: float = 1.0
    interfaces: dict[str, RsvpInterface] = field(default_factory=dict)
    peers: dict[str, Auth | None] = field(default_factory=dict)
    tunnels: tuple[Tunnel, ...] = ()


@runtime_checkable
class RsvpSpeaker(Protocol):
    """What a device offers to take part."""

    name: str

    def rsvp_node(self) -> RsvpNode:
        """The device's current RSVP configuration (cached by the device)."""


def effective_auth(
    node: RsvpNode, interface: RsvpInterface, neighbor_address: str, neighbor_lsr_id: str
) -> Auth | None:
    """Precedence (Huawei NE40E/S600): neighbour interface address, then neighbour LSR ID, then local interface.

    The LSR-ID form works only with CSPF on the device.
    """
    by_address = node.peers.get(neighbor_address)
    if by_address is not None:
        return by_address
    by_lsr_id = node.peers.get(neighbor_lsr_id) if node.cspf else None
    return by_lsr_id if by_lsr_id is not None else interface.auth


class Fate(Enum):
    """What happens to each message of a flow."""

    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    CHALLENGED = "challenged"  # and answered
    UNANSWERED = "unanswered"  # challenged; the sender hears it but does not do handshakes
    UNHEARD = "unheard"  # challenged; the sender discards the challenge (other key)


@dataclass(frozen=True)
class Plan:
    """What the configurations make of a flow until something changes."""

    fate: Fate = Fate.DISCARDED
    relation: str = ""  # what a relationship stands for; another value means a new relationship
    signed: bool = False
    interval: float = 30.0
    lifetime: float = 1800.0
    expiry: float = 157.5
    retransmit: float = 1.0
    challenge_lost: int = 3
    paths: int = 0  # tunnels of the sender
    resvs: int = 0  # tunnels of the receiver

    @property
    def accepting(self) -> bool:
        return self.fate in (Fate.ACCEPTED, Fate.CHALLENGED)

    @property
    def flapping(self) -> bool:
        """The relationship ends before the next refresh (lifetime not greater than the neighbour's refresh)."""
        return self.fate is Fate.CHALLENGED and self.lifetime <= self.interval


@dataclass
class Flow:
    """State and counters of one direction; all JSON-able."""

    active: bool = False
    reserved: bool = False  # reservations are among that state
    alive: bool = False  # the receiver holds state learned from the sender
    next_message: float = 0.0
    last_accepted: float | None = None
    last_valid: float | None = None
    relation: str | None = None  # of the relationship that last_valid belongs to
    attempt_start: float | None = None
    attempt_sent: int = 0
    sequence: int = 0
    sent_paths: int = 0
    sent_resvs: int = 0
    got_paths: int = 0
    got_resvs: int = 0
    created_paths: int = 0
    created_resvs: int = 0
    discarded: int = 0
    challenges_sent: int = 0  # by the receiver
    challenges_heard: int = 0  # by the sender
    responses: int = 0
    timeouts: int = 0

    # -- time -----------------------------------------------------------------------------------------------------

    def next_event(self, plan: Plan) -> float:
        """When this flow next changes what the other direction may do."""
        if self.active and plan.accepting:
            return INFINITE if self.alive else self.next_message
        if self.alive and self.last_accepted is not None:
            return self.last_accepted + plan.expiry
        return INFINITE

    def advance(self, plan: Plan, to: float, resvs: int) -> None:
        """Account for all messages up to and including ``to``; ``resvs`` = reservations per refresh right now."""
        if self.active and self.next_message <= to + _EPSILON:
            first = self.next_message
            count = int((to - first + _EPSILON) // plan.interval) + 1
            self.next_message = first + count * plan.interval
            self._messages(plan, first, count, to, resvs)
        else:
            self._resends(plan, to)
        if self.alive and self.last_accepted is not None and self.last_accepted + plan.expiry <= to + _EPSILON:
            self.alive = False
            self.timeouts += 1

    def _messages(self, plan: Plan, first: float, count: int, to: float, resvs: int) -> None:
        self.sent_paths += count * plan.paths
        self.sent_resvs += count * resvs
        self.sequence += count if plan.signed else 0
        if not plan.accepting:
            self.discarded += count
            if plan.fate is not Fate.DISCARDED:
                self._attempts(plan, first, count, to)
            return
        last = first + (count - 1) * plan.interval
        if plan.fate is Fate.CHALLENGED:
            known = self.related(plan, first)
            handshakes = (0 if known else 1) + (count - 1 if plan.flapping else 0)
            self.challenges_sent += handshakes
            self.challenges_heard += handshakes
            self.responses += handshakes
            self.sequence += handshakes
        self.got_paths += count * plan.paths
        self.got_resvs += count * resvs
        if not self.alive:
            self.created_paths += plan.paths
            self.reserved = False
        if resvs and not self.reserved:
            self.created_resvs += resvs
        self.alive, self.reserved = True, resvs > 0
        self.last_accepted = self.last_valid = last
        self.relation = plan.relation
        self.attempt_start = None

    def _attempts(self, plan: Plan, first: float, count: int, to: float) -> None:
        """Challenge attempts started by ``count`` messages; a message during an attempt starts no other one."""
        length = (plan.challenge_lost + 1) * plan.retransmit
        skip = 0
        if self.attempt_start is not None:
            skip = max(0, math.ceil((self.attempt_start + length - first) / plan.interval - _EPSILON))
        if skip >= count:
            self._resends(plan, to)
            return
        if self.attempt_start is not None:
            self._challenged(plan, 1 + plan.challenge_lost - self.attempt_sent)
        step = max(1, math.ceil(length / plan.interval - _EPSILON))
        attempts = (count - 1 - skip) // step + 1
        self._challenged(plan, (attempts - 1) * (1 + plan.challenge_lost))
        self.attempt_start, self.attempt_sent = first + (skip + (attempts - 1) * step) * plan.interval, 0
        self._resends(plan, to)

    def _resends(self, plan: Plan, to: float) -> None:
        """The running attempt's challenges up to ``to``."""
        if self.attempt_start is None:
            return
        due = 1 + min(plan.challenge_lost, int((to - self.attempt_start + _EPSILON) // plan.retransmit))
        self._challenged(plan, due - self.attempt_sent)
        self.attempt_sent = max(due, self.attempt_sent)

    def _challenged(self, plan: Plan, count: int) -> None:
        if count > 0:
            self.challenges_sent += count
            self.challenges_heard += count if plan.fate is Fate.UNANSWERED else 0

    # -- questions ------------------------------------------------------------------------------------------------

    def related(self, plan: Plan, now: float) -> bool:
        """The receiver has a valid authentication relationship with the sender."""
        if self.relation != plan.relation or self.last_valid is None:
            return False
        return plan.fate is not Fate.CHALLENGED or now - self.last_valid < plan.lifetime

    def has_state(self, plan: Plan, now: float) -> bool:
        """The receiver holds path or reservation state from the sender."""
        if not self.alive:
            return False
        torn_down = plan.fate is Fate.CHALLENGED and self.relation == plan.relation and not self.related(plan, now)
        return not torn_down

    def forget(self, now: float) -> None:
        """Both ends start over: no state, no relationship, a fresh message at once."""
        self.alive = False
        self.last_accepted = self.last_valid = self.relation = self.attempt_start = None
        self.attempt_sent = 0
        self.next_message = now


@dataclass(frozen=True)
class Counters:
    """One device's counters, the names of ``display mpls rsvp-te statistics`` without the word Counter."""

    SendPacket: int = 0
    RecPacket: int = 0
    SendCreatePath: int = 0
    RecCreatePath: int = 0
    SendRefreshPath: int = 0
    RecRefreshPath: int = 0
    SendCreateResv: int = 0
    RecCreateResv: int = 0
    SendRefreshResv: int = 0
    RecRefreshResv: int = 0
    SendChallengeMsg: int = 0
    RecChallengeMsg: int = 0
    SendResponseMsg: int = 0
    RecResponseMsg: int = 0
    StateTimeout: int = 0

    def plus(self, other: Counters, sign: int = 1) -> Counters:
        own, their = asdict(self), asdict(other)
        return Counters(**{name: max(0, value + sign * their[name]) for name, value in own.items()})


@dataclass(frozen=True)
class Neighbor:
    """What one end knows about the device at the other end of a link."""

    interface: str
    address: str
    lsr_id: str
    device: str
    heard: bool  # messages arrive (even if they are discarded)
    established: bool  # last message valid; with handshake: relationship exists
    auth: Auth | None
    psb: int
    rsb: int
    last_sequence: tuple[int, int] | None
    next_sequence: tuple[int, int]


class _LinkState:
    """Both flows of one link: index 0 is a to b, 1 is b to a."""

    def __init__(self, link: Link, now: float) -> None:
        self.link = link
        self.now = now
        self.flows = (Flow(next_message=now), Flow(next_message=now))
        self.plans = (Plan(), Plan())
        self.adjacent = False
        self.auths: tuple[Auth | None, Auth | None] = (None, None)
        self.next_key_change = INFINITE
        self.stale = True  # plans have to be made from the configurations
        self.reset: dict[str, Counters] = {}  # per device: the counters at its last statistics reset


class Rsvp(WorldProtocol):
    """The RSVP behaviour of all links of a lab."""

    name = "rsvp"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._links: dict[int, _LinkState] = {}

    # -- world protocol -------------------------------------------------------------------------------------------

    def before_change(self, device: Device) -> None:
        self._settle_device(device)

    def after_change(self, device: Device) -> None:
        for link, _own, _far in self.world.links_of(device):
            state = self._state(link)
            state.stale = True
            self._settle(state)

    def state(self) -> dict[str, Any]:
        for state in self._links.values():
            self._settle(state)
        return {
            str(number): {
                "now": state.now,
                "flows": [asdict(flow) for flow in state.flows],
                "reset": {name: asdict(counters) for name, counters in state.reset.items()},
            }
            for number, state in self._links.items()
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._links = {}
        for link in self.world.links:
            saved = state.get(str(link.id))
            if saved is None:
                continue
            made = _LinkState(link, float(saved["now"]))
            made.flows = (Flow(**saved["flows"][0]), Flow(**saved["flows"][1]))
            made.reset = {name: Counters(**counters) for name, counters in saved["reset"].items()}
            self._links[link.id] = made

    # -- what devices ask -----------------------------------------------------------------------------------------

    def neighbors(self, device: Device) -> list[Neighbor]:
        """All adjacent RSVP neighbours in lab-file order, with or without traffic."""
        found: list[Neighbor] = []
        for link, own, far in self.world.links_of(device):
            state = self._settle(self._state(link))
            if state.adjacent:
                found.append(self._neighbor(state, own, far))
        return found

    def counters(self, device: Device, interface: str | None = None) -> Counters:
        """The device's counters since its last reset, over one or all interfaces."""
        total = Counters()
        for link, own, _far in self.world.links_of(device):
            if interface is None or own.interface == interface:
                state = self._settle(self._state(link))
                base = state.reset.get(device.name, Counters())
                total = total.plus(_counters(state, own)).plus(base, -1)
        return total

    def reset_counters(self, device: Device, interface: str | None = None) -> None:
        for link, own, _far in self.world.links_of(device):
            if interface is None or own.interface == interface:
                state = self._settle(self._state(link))
                state.reset[device.name] = _counters(state, own)

    def rebuild(self, device: Device) -> None:
        """All LSPs and relationships of the device are taken down and signalled again (``reset mpls rsvp-te``)."""
        for link, _own, _far in self.world.links_of(device):
            state = self._settle(self._state(link))
            for flow in state.flows:
                flow.forget(self.world.time)
                flow.active = False
            state.stale = True
            self._settle(state)

    def tunnel_up(self, device: Device, tunnel: Tunnel) -> bool:
        """A reservation for this tunnel came back."""
        for link, own, far in self.world.links_of(device):
            state = self._settle(self._state(link))
            if tunnel in self._tunnels(own, far, link):
                into = _index(state, own) ^ 1
                return state.flows[into].has_state(state.plans[into], state.now) and self._both(state)
        return False

    # -- plans ----------------------------------------------------------------------------------------------------

    def _state(self, link: Link) -> _LinkState:
        found = self._links.get(link.id)
        if found is None:
            found = self._links[link.id] = _LinkState(link, self.world.started_at)
        return found

    def _settle_device(self, device: Device) -> None:
        for link, _own, _far in self.world.links_of(device):
            self._settle(self._state(link))

    def _plan(self, state: _LinkState) -> None:
        """Make both flows' plans from the configurations as of ``state.now``."""
        state.stale = False
        a, b = state.link.a, state.link.b
        node_a, node_b = _node(a), _node(b)
        state.adjacent = _usable(a) and _usable(b)
        if not state.adjacent:
            state.plans, state.auths, state.next_key_change = (Plan(), Plan()), (None, None), INFINITE
            return
        port_a, port_b = node_a.interfaces[a.interface], node_b.interfaces[b.interface]
        auth_a = effective_auth(node_a, port_a, port_b.address, node_b.lsr_id)
        auth_b = effective_auth(node_b, port_b, port_a.address, node_a.lsr_id)
        state.auths = (auth_a, auth_b)
        state.next_key_change = min(
            (auth.next_change(state.now) for auth in state.auths if auth is not None), default=INFINITE
        )
        tunnels_a = len(self._tunnels(a, b, state.link))
        tunnels_b = len(self._tunnels(b, a, state.link))
        state.plans = (
            _flow_plan(node_a, auth_a, node_b, auth_b, state.now, tunnels_a, tunnels_b),
            _flow_plan(node_b, auth_b, node_a, auth_a, state.now, tunnels_b, tunnels_a),
        )

    def _tunnels(self, own: Endpoint, far: Endpoint, link: Link) -> list[Tunnel]:
        """Tunnels from ``own`` to ``far`` that this link carries: the first usable link between the two."""
        node, target = _node(own), _node(far).lsr_id
        wanted = [tunnel for tunnel in node.tunnels if target and tunnel.destination == target]
        if not wanted:
            return []
        for other, near, there in self.world.links_of(own.device):
            if there.device is far.device and _usable(near) and _usable(there):
                return wanted if other is link else []
        return []

    def _answers(self, state: _LinkState, index: int) -> bool:
        """The sender of flow ``index`` reserves: it holds path state from the other direction."""
        back, back_plan = state.flows[index ^ 1], state.plans[index ^ 1]
        return back.has_state(back_plan, state.now) or (back.alive and back_plan.flapping)

    def _activity(self, state: _LinkState) -> None:
        """Who has something to send now; a flow that wakes up sends at once."""
        for index, (flow, plan) in enumerate(zip(state.flows, state.plans, strict=True)):
            active = state.adjacent and (plan.paths > 0 or (plan.resvs > 0 and self._answers(state, index)))
            if active and not flow.active:
                flow.next_message = state.now
            flow.active = active
            if not state.adjacent and flow.alive:
                flow.forget(state.now)
            if flow.attempt_start is not None and plan.fate not in (Fate.UNANSWERED, Fate.UNHEARD):
                flow.attempt_start = None

    def _settle(self, state: _LinkState) -> _LinkState:
        """Bring a link up to ``world.time``: from event to event, of which there are only a few per change."""
        to = self.world.time
        for _guard in range(10_000):
            if state.stale:
                self._plan(state)
            self._activity(state)
            if state.now >= to and not self._due(state, to):
                break
            at = max(state.now, min(self._next_event(state), state.next_key_change, to))
            answers = [self._answers(state, index) for index in (0, 1)]
            for flow, plan, answer in zip(state.flows, state.plans, answers, strict=True):
                flow.advance(plan, at, plan.resvs if answer else 0)
            state.now = at
            state.stale = state.next_key_change <= at
        return state

    def _next_event(self, state: _LinkState) -> float:
        return min(flow.next_event(plan) for flow, plan in zip(state.flows, state.plans, strict=True))

    def _due(self, state: _LinkState, to: float) -> bool:
        sending = any(flow.active and flow.next_message <= to for flow in state.flows)
        return sending or self._next_event(state) <= to

    # -- views ----------------------------------------------------------------------------------------------------

    def _both(self, state: _LinkState) -> bool:
        return all(flow.has_state(plan, state.now) for flow, plan in zip(state.flows, state.plans, strict=True))

    def _neighbor(self, state: _LinkState, own: Endpoint, far: Endpoint) -> Neighbor:
        outward = _index(state, own)
        into, plan = state.flows[outward ^ 1], state.plans[outward ^ 1]
        out = state.flows[outward]
        node = _node(far)
        auth = state.auths[outward]
        related = into.last_valid is not None and plan.accepting and into.related(plan, state.now)
        shown = auth is not None and related and into.relation == plan.relation
        return Neighbor(
            interface=own.interface,
            address=node.interfaces[far.interface].address,
            lsr_id=node.lsr_id,
            device=far.device.name,
            heard=into.active or out.active,
            established=related,
            auth=auth,
            psb=plan.paths if into.has_state(plan, state.now) else 0,
            rsb=plan.resvs if self._both(state) else 0,
            last_sequence=(_sequence_high(far.device), into.sequence % 2**32) if shown else None,
            next_sequence=(_sequence_high(own.device), (out.sequence + 1) % 2**32),
        )


def _node(end: Endpoint) -> RsvpNode:
    return end.device.rsvp_node() if isinstance(end.device, RsvpSpeaker) else RsvpNode()


def _usable(end: Endpoint) -> bool:
    node = _node(end)
    port = node.interfaces.get(end.interface)
    return port is not None and node.enabled and port.enabled and port.up


def _index(state: _LinkState, own: Endpoint) -> int:
    return 0 if own is state.link.a else 1


def _sequence_high(device: Device) -> int:
    """Upper half of the 64-bit sequence number: RFC 2747 suggests a clock, here the boot time."""
    return int(device.booted_at) % 2**31


def _flow_plan(sender: RsvpNode, sent: Auth | None, receiver: RsvpNode, own: Auth | None,
               now: float, paths: int, resvs: int) -> Plan:  # fmt: skip
    """The plan of one direction: ``sent`` is the sender's authentication, ``own`` the receiver's."""
    key = sent.sent(now) if sent is not None else None
    relation = (
        f"{own.mode if own else ''}/{own.handshake if own else ''}/{sent.handshake if sent else ''}/{hash_of(key)}"
    )
    return Plan(
        fate=_fate(sent, own, now),
        relation=relation,
        signed=key is not None,
        interval=sender.refresh,
        lifetime=own.lifetime if own else 0.0,
        expiry=(receiver.keep_multiplier + 0.5) * 1.5 * sender.refresh,
        retransmit=receiver.retransmit,
        challenge_lost=receiver.challenge_lost,
        paths=paths,
        resvs=resvs,
    )


def _fate(sent: Auth | None, own: Auth | None, now: float) -> Fate:
    if sent is None and own is None:
        return Fate.ACCEPTED
    if sent is None or own is None or sent.sent(now) is None:
        return Fate.DISCARDED
    if sent.sent(now) not in own.accepted(now):
        return Fate.UNHEARD if own.handshake else Fate.DISCARDED
    if not own.handshake:
        return Fate.ACCEPTED
    return Fate.CHALLENGED if sent.handshake else Fate.UNANSWERED


def hash_of(key: str | None) -> str:
    """A short fingerprint: state files must not hold keys."""
    return "" if key is None else hashlib.sha256(key.encode()).hexdigest()[:16]


def _counters(state: _LinkState, own: Endpoint) -> Counters:
    """Counters since the lab started, as the end ``own`` counts them."""
    outward = _index(state, own)
    out, into = state.flows[outward], state.flows[outward ^ 1]
    new_paths = min(out.sent_paths, max(out.created_paths, 1))
    new_resvs = min(out.sent_resvs, max(out.created_resvs, 1))
    return Counters(
        SendPacket=out.sent_paths + out.sent_resvs + into.challenges_sent + out.responses,
        RecPacket=into.sent_paths + into.sent_resvs + out.challenges_heard + into.responses,
        SendCreatePath=new_paths,
        RecCreatePath=into.created_paths,
        SendRefreshPath=out.sent_paths - new_paths,
        RecRefreshPath=max(0, into.got_paths - into.created_paths),
        SendCreateResv=new_resvs,
        RecCreateResv=into.created_resvs,
        SendRefreshResv=out.sent_resvs - new_resvs,
        RecRefreshResv=max(0, into.got_resvs - into.created_resvs),
        SendChallengeMsg=into.challenges_sent,
        RecChallengeMsg=out.challenges_heard,
        SendResponseMsg=out.responses,
        RecResponseMsg=into.responses,
        StateTimeout=into.timeouts,
    )
