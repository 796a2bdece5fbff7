# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE between lab devices of any make: pairing, negotiation, the SAs of each end, stale SAs, dead peer detection.

How a platform takes part
    A device implements ``ike_peers()`` (see IkeSpeaker) and tells the world of its changes::

        ike = self.world.protocol(Ike)
        ike.before_change(self); ...replace the configuration...; ike.after_change(self)     # set_config
        ike.rebooted(self)                                                                   # boot()
        ike.sas(self)                # both phases, for show commands;  ike.sas(self, 1) for one phase
        ike.reset(self, 2); ike.reset(self, 1)                                               # clearing commands
        ike.traffic(self, "203.0.113.9")                                                     # a ping through the tunnel

    A device may name extensions (``ike_extensions = (IkeKeepalive,)``): they add behaviour per tunnel without touching
    this file; see IkeExtension. Their state lives in ``tunnel.notes[name]`` and must be JSON-able.

What is modelled
    * Peers are paired by mirrored addresses among devices that a path of cables joins (cross-vendor).
    * An end that may initiate negotiates while it has no phase 2 SA: at once when the lab starts or its configuration
      changes, else with the next interesting traffic (every TRAFFIC_GAP seconds), or as its ``retry`` policy says.
    * A peer that does not answer leaves an exchange open that is retransmitted; one that refuses ends it at once.
    * Deleting an SA tells the other end only through a phase 1 that both ends still hold (RFC 2408 5.15); otherwise
      the other end keeps a stale SA until its lifetime, dead peer detection or an extension removes it.
    * With ``stale_after_change`` an end that still holds SAs of older peer settings cannot negotiate with that peer.

Each tunnel settles lazily up to ``world.time`` when somebody looks, from event to event; an idle lab costs nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast, runtime_checkable

from ..world import World, WorldProtocol

if TYPE_CHECKING:
    from ..device import Device

INFINITE = math.inf
TRAFFIC_GAP = 5.0  # seconds between packets that want the tunnel (the lab's own assumption)
PHASE1_LIFETIME = 86400.0  # seconds; the default of every make here
PHASE2_LIFETIME = 3600.0
_MAX_EVENTS = 200_000  # per look; far beyond any lab, a guard against an extension that never advances


class Trigger(Enum):
    """Why an end may want a new exchange."""

    TIMEOUT = "timeout"  # the exchange was retransmitted to its end without an answer
    AUTHENTICATION = "authentication"  # keys or identities do not agree (both ends see it)
    REFUSED = "refused"  # the peer refused our proposals
    REJECTED = "rejected"  # we refused the peer's proposals
    DELETED = "deleted"  # the peer sent a Delete for our most recent SA
    LOST = "lost"  # our SA went here: cleared, expired, peer found dead
    STALE = "stale"  # SAs of older peer settings are in the way


class RetryPolicy(Protocol):
    """When an end sends again; all times in seconds. Implementations must be comparable by value (frozen dataclass)."""

    def gaps(self) -> Sequence[float]:
        """Waits after the first message and after each copy; after the last one the exchange has timed out."""

    def again(self, failures: int, trigger: Trigger, phase: int) -> float | None:
        """The wait before a new exchange after the ``failures``-th failure in a row; None = not by itself."""

    def follows_traffic(self) -> bool:
        """True: interesting traffic starts an exchange, so a change on the other end is noticed with it."""


@dataclass(frozen=True)
class OnTraffic:
    """The usual policy: negotiate when traffic wants the tunnel, a little less often the longer it fails."""

    def gaps(self) -> Sequence[float]:
        return (10.0, 10.0, 10.0)

    def again(self, failures: int, trigger: Trigger, phase: int) -> float | None:
        return min(TRAFFIC_GAP * 2 ** min(failures, 10), 60.0) if failures else TRAFFIC_GAP

    def follows_traffic(self) -> bool:
        return True


ON_TRAFFIC = OnTraffic()


@dataclass(frozen=True)
class Dpd:
    """Dead peer detection: probe after ``idle`` seconds of silence, ``tries`` more probes each ``retry`` seconds."""

    idle: float = 10.0
    retry: float = 5.0
    tries: int = 2

    @property
    def detects_after(self) -> float:
        """Seconds of silence after which the peer counts as dead."""
        return self.idle + self.retry * (self.tries + 1)


@dataclass(frozen=True)
class IkePeer:
    """One device's configured view of one IKE peer; what a platform does not know stays at the default (= tolerant)."""

    device: str  # name of the lab device
    name: str  # of the peer / policy / tunnel in that device's configuration
    local_address: str  # as sent on the wire; always resolved by the device (binding interface if not configured)
    remote_address: str | None = None  # None = any (responder only)
    remote_high: str | None = None  # end of a range; None = one address
    vr: str = ""  # transport virtual router
    initiator: bool = True  # may start by itself (traffic exists, policy is bound, permanent VPN, …)
    exchange: str = "main"  # main | aggressive, used when initiating
    accepts_exchange: tuple[str, ...] = ()  # as responder; () = follows the initiator
    id_type: str = "ip"  # ip | fqdn | user-fqdn | dn
    local_id: str = ""  # "" = not checked by the other end
    remote_id: str = ""  # what this end expects; "" = anything
    name_ids_in_main: bool = False  # pre-shared key + main mode + id other than an address is possible here
    psk: str | None = field(default=None, repr=False)  # in clear, inside the lab only; None = nothing usable
    proposals: tuple[str, ...] = ()  # canonical words, compared as a whole; () = anything
    responder_proposals: tuple[str, ...] | None = None  # None = as ``proposals``
    nat_traversal: bool = False
    behind_nat: bool = False  # an address translator is in front of this end
    keepalive_interval: float | None = None  # seconds; sends IKE SA keepalives
    keepalive_timeout: float | None = None  # seconds; expects them
    keepalive_tags: bool = False  # the first expiry only tags the SA, the second deletes it
    dpd: Dpd | None = None
    tx_invalid_cookie: bool = False  # answers an unknown cookie pair with a notification
    honours_invalid_cookie: bool = True  # drops phase 1 on such a notification
    retry: RetryPolicy = ON_TRAFFIC
    stale_after_change: bool = False  # SAs of older settings block a negotiation until they are cleared
    phase1_lifetime: float = PHASE1_LIFETIME
    phase2_lifetime: float = PHASE2_LIFETIME

    def covers(self, address: str) -> bool:
        """``address`` may be this peer's remote end."""
        if self.remote_address is None or self.remote_address == address:
            return True
        if self.remote_high is None:
            return False
        try:
            low, high = ipaddress.ip_address(self.remote_address), ipaddress.ip_address(self.remote_high)
            return int(low) <= int(ipaddress.ip_address(address)) <= int(high)
        except ValueError:
            return False

    def mark(self) -> str:
        """A fingerprint of the settings that an SA is negotiated with (timers and policies of sending are not)."""
        values = [repr(getattr(self, item.name)) for item in fields(self) if item.name not in _NOT_MARKED]
        return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


_NOT_MARKED = frozenset({
    "device", "initiator", "keepalive_interval", "keepalive_timeout", "keepalive_tags", "tx_invalid_cookie",
    "honours_invalid_cookie", "retry", "stale_after_change", "behind_nat", "responder_proposals",
})  # fmt: skip


@runtime_checkable
class IkeSpeaker(Protocol):
    """What a device offers to take part. Optional attributes: ``ike_extensions`` (a tuple of IkeExtension classes),
    ``ike_link_up(interface) -> bool`` (False for a port that is shut down)."""

    name: str

    def ike_peers(self) -> list[IkePeer]:
        """The device's peers from its running configuration; cached by the device per configuration generation."""


@dataclass
class Sa:
    """A security association as one end holds it. ``pair`` is the same number on both ends of one negotiation."""

    device: str
    peer: str  # IkePeer.name
    vr: str
    phase: int  # 1 | 2
    connection_id: int  # per device, never reused
    pair: int
    parent: int  # phase 2: ``pair`` of the phase 1 that negotiated it; phase 1: 0
    local: str
    remote: str
    initiator: bool
    exchange: str
    established: float  # lab time
    lifetime: float  # seconds
    mark: str = ""
    initiator_cookie: str = ""  # 16 hex digits; phase 2: of its phase 1
    responder_cookie: str = ""
    spi_in: int = 0  # phase 2
    spi_out: int = 0
    local_id: str = ""
    remote_id: str = ""
    id_type: str = "ip"
    proposal: str = ""  # "" = not known
    nat_traversal: bool = False
    tags: list[str] = field(default_factory=list)  # e.g. "TIMEOUT"; extensions' words

    @property
    def expires(self) -> float:
        return self.established + self.lifetime


@dataclass
class Exchange:
    """A negotiation without an answer so far."""

    id: int  # per device
    phase: int
    started: float
    sent: int = 1  # messages so far, the first one included
    next_at: float = INFINITE  # when the next copy (or the timeout) is due
    mode: str = "main"


@dataclass
class End:
    """One end of a tunnel: ``device`` "" is an address that no lab device answers for."""

    device: str
    local: str
    remote: str
    peer: IkePeer | None = None  # None: no longer (or never) configured
    sas: list[Sa] = field(default_factory=list)
    next_attempt: float = 0.0  # INFINITE = only when triggered
    failures: int = 0  # in a row
    failure: str = ""  # why the last attempt failed, in words
    exchange: Exchange | None = None
    once: bool = False  # traffic asked for one negotiation although the end does not initiate by itself

    def sa(self, phase: int) -> Sa | None:
        """The most recent SA of this phase."""
        return next((sa for sa in reversed(self.sas) if sa.phase == phase), None)

    def wants(self) -> bool:
        return self.peer is not None and (self.peer.initiator or self.once) and self.sa(2) is None


@dataclass
class Tunnel:
    """Two ends that address each other; ``ends[1]`` may be nobody. ``notes`` belong to the extensions."""

    key: str
    ends: tuple[End, End]
    now: float
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def shared(self, phase: int) -> tuple[Sa, Sa] | None:
        """The most recent SA of end 0 that end 1 holds too, as (end 0's, end 1's)."""
        for sa in reversed(self.ends[0].sas):
            for other in self.ends[1].sas:
                if sa.phase == other.phase == phase and sa.pair == other.pair:
                    return sa, other
        return None

    def known_by_far(self, index: int, sa: Sa) -> bool:
        """The other end holds the same SA."""
        return any(other.pair == sa.pair and other.phase == sa.phase for other in self.ends[index ^ 1].sas)

    def index(self, device: str) -> int:
        return 0 if self.ends[0].device == device else 1


@dataclass(frozen=True)
class Verdict:
    """The outcome of one message exchange: ``silent`` = no answer, ``trigger`` = refused, neither = agreed."""

    phase: int
    reason: str = ""
    silent: bool = False
    trigger: Trigger | None = None  # as the initiator sees it
    answer: Trigger | None = None  # as the responder sees it


class IkeExtension:
    """Behaviour added to every tunnel of a lab; override what is needed. ``self.ike`` is the world's Ike."""

    name: ClassVar[str] = ""

    def __init__(self, ike: Ike) -> None:
        self.ike = ike

    def notes(self, tunnel: Tunnel) -> dict[str, Any]:
        """This extension's JSON-able state of a tunnel."""
        return tunnel.notes.setdefault(self.name, {})

    def next_event(self, tunnel: Tunnel) -> float:
        """When something of this extension is due; INFINITE = nothing. Must move on after run()."""
        return INFINITE

    def run(self, tunnel: Tunnel) -> None:
        """Do what is due at ``tunnel.now``."""

    def established(self, tunnel: Tunnel, phase: int) -> None:
        """Both ends have just got a new SA of this phase."""

    def deleted(self, tunnel: Tunnel, index: int, sa: Sa, reason: str) -> None:
        """End ``index`` has just dropped ``sa``; reason is cleared | notified | expired | dead | lost | …"""

    def failed(self, tunnel: Tunnel, index: int, phase: int, trigger: Trigger) -> None:
        """An exchange failed as end ``index`` sees it (called for the responder too, with its own trigger)."""

    def sent(self, tunnel: Tunnel, index: int, phase: int, copy: int) -> None:
        """End ``index`` sent a message of an exchange; ``copy`` 0 = the first one, n = its n-th retransmission."""

    def unknown_cookie(self, tunnel: Tunnel, index: int) -> None:
        """End ``index`` sent a message under a phase 1 that the other end (reachable) does not hold."""

    def changed(self, tunnel: Tunnel) -> None:
        """The configuration of an end (or the path between the ends) changed."""


E = TypeVar("E", bound=IkeExtension)
EndId = tuple[str, str, str]  # device, local, remote


class Ike(WorldProtocol):
    """All IKE tunnels of a lab. Every public method settles what it looks at up to ``world.time`` first."""

    name = "ike"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._tunnels: dict[str, Tunnel] = {}
        self._of: dict[str, list[Tunnel]] = {}
        self._peers: dict[str, list[IkePeer]] = {}  # as last seen
        self._ports: dict[str, tuple[bool, ...]] = {}
        self._dirty = True
        self._ids: dict[str, int] = {}
        self._pair = 0
        self._saved: dict[str, Any] = {}
        self._muted: dict[str, bool] = {}
        self._component: dict[str, int] = {}
        self._started: set[str] = set()  # devices whose first tunnels exist: later ones begin when they are configured
        self._restored = False
        self._extensions: dict[str, IkeExtension] = {}
        for device in world.devices.values():
            for kind in getattr(device, "ike_extensions", ()):
                self._extensions.setdefault(kind.name, kind(self))

    def extension(self, kind: type[E]) -> E:
        """The lab's one instance of an extension."""
        found = self._extensions.get(kind.name)
        if found is None:
            found = self._extensions[kind.name] = kind(self)
        return cast(E, found)

    # -- what devices ask -----------------------------------------------------------------------------------------

    def sas(self, device: Device, phase: int | None = None) -> list[Sa]:
        """The SAs the device holds, oldest connection id first."""
        found = [
            sa
            for tunnel, index in self.tunnels(device)
            for sa in tunnel.ends[index].sas
            if phase is None or sa.phase == phase
        ]
        return sorted(found, key=lambda sa: sa.connection_id)

    def tunnels(self, device: Device) -> list[tuple[Tunnel, int]]:
        """The device's tunnels, settled, each with the index of the device's own end."""
        self._pair_up()
        self._faults()
        found = list(self._of.get(device.name, []))
        for tunnel in found:
            self._settle(tunnel)
        return [(tunnel, tunnel.index(device.name)) for tunnel in found]

    def reset(self, device: Device, phase: int, selector: Callable[[Sa], bool] = lambda _sa: True,
              notify: bool = True) -> int:  # fmt: skip
        """Clear SAs of one phase on this end; how many went. The peer hears of it if both still share a phase 1."""
        count = 0
        for tunnel, index in self.tunnels(device):
            for sa in [sa for sa in tunnel.ends[index].sas if sa.phase == phase and selector(sa)]:
                self.delete(tunnel, index, sa, "cleared", notify=notify)
                count += 1
        return count

    def lose_phase1(self, device: Device, remote: str | None = None, *, phase2: bool = False) -> int:
        """This end forgets phase 1 (and phase 2 on request) without telling anybody; how many SAs went."""
        count = 0
        for tunnel, index in self.tunnels(device):
            end = tunnel.ends[index]
            if remote is not None and remote not in (end.remote, tunnel.ends[index ^ 1].device):
                continue
            for sa in [sa for sa in end.sas if sa.phase == 1 or phase2]:
                self.delete(tunnel, index, sa, "lost", notify=False)
                count += 1
        return count

    def traffic(self, device: Device, remote: str | None = None) -> None:
        """Interesting traffic at this end now: it negotiates if it has to, even if it never does by itself."""
        for tunnel, index in self.tunnels(device):
            end = tunnel.ends[index]
            if (remote is None or end.remote == remote) and end.peer is not None and end.sa(2) is None:
                end.once, end.next_attempt = True, min(end.next_attempt, tunnel.now)
                self._settle(tunnel)

    def rebooted(self, device: Device) -> None:
        """The device starts over: its SAs are gone, nobody was told; it answers again when it is up."""
        for tunnel, index in self.tunnels(device):
            end = tunnel.ends[index]
            for sa in list(end.sas):
                self.delete(tunnel, index, sa, "lost", notify=False)
            end.exchange, end.failures, end.failure = None, 0, ""
            end.next_attempt = max(self.world.time, device.down_until)

    # -- world protocol -------------------------------------------------------------------------------------------

    def before_change(self, device: Device) -> None:
        self.tunnels(device)

    def after_change(self, device: Device) -> None:
        """Peers that are the same as before cost one comparison."""
        fresh, ports = _peers_of(device), self._ports_of(device)
        if fresh == self._peers.get(device.name) and ports == self._ports.get(device.name):
            return
        self._dirty = True
        self._pair_up()
        self.tunnels(device)

    def state(self) -> dict[str, Any]:
        self._pair_up()
        for tunnel in self._tunnels.values():
            self._settle(tunnel)
        return {
            "pair": self._pair,
            "ids": dict(self._ids),
            "tunnels": {key: _tunnel_state(tunnel) for key, tunnel in self._tunnels.items()},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._pair = int(state["pair"])
        self._ids = {str(name): int(value) for name, value in state["ids"].items()}
        self._tunnels, self._of, self._dirty = {}, {}, True
        self._saved = dict(state["tunnels"])
        self._started, self._restored = set(self.world.devices), True

    # -- for extensions -------------------------------------------------------------------------------------------

    def device(self, name: str) -> Device | None:
        return self.world.devices.get(name)

    def reaches(self, tunnel: Tunnel, index: int) -> bool:
        """Packets of end ``index`` arrive at the other end now: a path, both up, nothing dropped on purpose."""
        near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        if not near.device or not far.device or self._muted.get(near.device, False):
            return False
        if self._component.get(near.device) != self._component.get(far.device):
            return False
        return all(tunnel.now >= self.world.devices[end.device].down_until for end in (near, far))

    def delete(self, tunnel: Tunnel, index: int, sa: Sa, reason: str, *, notify: bool = True) -> None:
        """End ``index`` drops ``sa``; the other end follows if it is told (``notify``) and both share a phase 1."""
        near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        secured = notify and tunnel.shared(1) is not None and self.reaches(tunnel, index)
        recent = near.sa(sa.phase) is sa
        near.sas = [other for other in near.sas if other is not sa]
        for extension in self._extensions.values():
            extension.deleted(tunnel, index, sa, reason)
        if recent:
            self._rearm(tunnel, index, Trigger.DELETED if reason == "notified" else Trigger.LOST, sa.phase)
        if secured:
            for other in [other for other in far.sas if other.pair == sa.pair and other.phase == sa.phase]:
                self.delete(tunnel, index ^ 1, other, "notified", notify=False)

    def drop_pair(self, tunnel: Tunnel, index: int, phase1: Sa, reason: str, *, notify: bool = True) -> None:
        """End ``index`` drops a phase 1 SA and the phase 2 SAs that it negotiated, in the order that can be told."""
        for sa in [sa for sa in tunnel.ends[index].sas if sa.phase == 2 and sa.parent == phase1.pair]:
            self.delete(tunnel, index, sa, reason, notify=notify)
        self.delete(tunnel, index, phase1, reason, notify=notify)

    def attempt_at(self, tunnel: Tunnel, index: int, at: float) -> None:
        """End ``index`` starts a new exchange at ``at`` if it still wants one then."""
        end = tunnel.ends[index]
        end.exchange, end.next_attempt = None, at

    def message_under_phase1(self, tunnel: Tunnel, index: int) -> bool:
        """End ``index`` sends a protected message; False when the other end does not get it or cannot place it.

        An unknown cookie pair is told to the extensions (RFC 2408: INVALID-COOKIE may be the answer).
        """
        own = tunnel.ends[index].sa(1)
        if own is None or not self.reaches(tunnel, index):
            return False
        if tunnel.known_by_far(index, own):
            return True
        for extension in self._extensions.values():
            extension.unknown_cookie(tunnel, index)
        return False

    def numbers(self, purpose: str, bits: int) -> int:
        """A stable pseudo-random number of this lab."""
        digest = hashlib.sha256(f"{self.world.name}/ike/{purpose}".encode()).digest()
        return int.from_bytes(digest[:16], "big") >> (128 - bits)

    # -- pairing --------------------------------------------------------------------------------------------------

    def _pair_up(self) -> None:
        """Make the tunnels from all configurations; existing SAs stay with their ends."""
        if not self._dirty:
            return
        self._dirty = False
        old_peers, old_component = self._peers, self._component
        self._peers = {name: _peers_of(device) for name, device in self.world.devices.items()}
        self._ports = {name: self._ports_of(device) for name, device in self.world.devices.items()}
        self._component = self._components()
        kept = self._kept_ends()
        wanted = list(self._wanted())
        tunnels: dict[str, Tunnel] = {}
        for near, far in wanted:
            tunnel = self._tunnel(near, far, kept)
            tunnels.setdefault(tunnel.key, tunnel)
        for tunnel in self._tunnels.values():  # what is no longer configured, while there are SAs
            if tunnel.key not in tunnels and any(end.sas for end in tunnel.ends):
                for end in tunnel.ends:
                    end.peer = None
                tunnels[tunnel.key] = tunnel
        changed = {name for name, peers in self._peers.items() if peers != old_peers.get(name)}
        rerouted = self._component != old_component
        if self._restored:  # continue where the saved lab was
            changed, rerouted, self._restored = set(), False, False
        self._tunnels, self._of, self._saved = tunnels, {}, {}
        for tunnel in tunnels.values():
            for end in tunnel.ends:
                if end.device:
                    self._of.setdefault(end.device, []).append(tunnel)
            if rerouted or any(end.device in changed for end in tunnel.ends):
                self._configured(tunnel, changed)
        self._started.update(self._of)

    def _kept_ends(self) -> dict[EndId, Tunnel]:
        for key, saved in self._saved.items():
            self._tunnels.setdefault(key, _tunnel_from(key, saved))
        return {_end_id(end): tunnel for tunnel in self._tunnels.values() for end in tunnel.ends if end.device}

    def _wanted(self) -> Iterator[tuple[End, End]]:
        """All pairs of ends; a peer that nobody answers for is an end without a device at the other side."""
        at: dict[tuple[int, str], list[IkePeer]] = {}
        for name, peers in self._peers.items():
            for peer in peers:
                at.setdefault((self._component[name], peer.local_address), []).append(peer)
        for name, peers in self._peers.items():
            for peer in peers:
                if peer.remote_address is None or not peer.local_address:
                    continue
                near = End(name, peer.local_address, peer.remote_address, peer)
                there = [other for other in at.get((self._component[name], peer.remote_address), ()) if
                         other.device != name]  # fmt: skip
                fit = [other for other in there if other.covers(peer.local_address)]
                far = min(fit, key=lambda other: other.remote_address is None, default=None)
                if far is None:
                    yield near, End(there[0].device if there else "", peer.remote_address, peer.local_address)
                else:
                    yield near, End(far.device, peer.remote_address, peer.local_address, far)

    def _tunnel(self, near: End, far: End, kept: dict[EndId, Tunnel]) -> Tunnel:
        """The tunnel of these ends: the existing one if either end had one, with the configurations of now."""
        found = kept.get(_end_id(near)) or (kept.get(_end_id(far)) if far.device else None)
        if found is not None and {found.ends[0].local, found.ends[1].local} == {near.local, far.local}:
            for fresh in (near, far):
                end = next(end for end in found.ends if end.local == fresh.local)
                end.peer = fresh.peer
                end.device = fresh.device or end.device
            return found
        ends = (near, far) if not far.device or self._order(near) <= self._order(far) else (far, near)
        key = " ".join(f"{end.device or '?'}/{end.local}" for end in ends)
        started = self.world.started_at if near.device not in self._started else self.world.time
        made = Tunnel(key, ends, started)
        for end in ends:
            end.next_attempt = started
        return made

    def _order(self, end: End) -> int:
        return list(self.world.devices).index(end.device)

    def _configured(self, tunnel: Tunnel, changed: set[str]) -> None:
        """After a change of configurations: who did not get through tries again."""
        for end in tunnel.ends:
            if end.peer is None or end.device not in self.world.devices:
                continue
            own = end.device in changed
            if own or end.peer.retry.follows_traffic():
                at = tunnel.now if own else tunnel.now + TRAFFIC_GAP
                end.next_attempt, end.exchange = min(end.next_attempt, at), None
                end.failures = 0
        for extension in self._extensions.values():
            extension.changed(tunnel)

    def _components(self) -> dict[str, int]:
        """Devices that a path of cables joins have the same number."""
        number: dict[str, int] = {}
        for count, start in enumerate(self.world.devices):
            stack = [start]
            while stack:
                name = stack.pop()
                if name in number:
                    continue
                number[name] = count
                for _link, own, far in self.world.links_of(self.world.devices[name]):
                    if _port_up(own.device, own.interface) and _port_up(far.device, far.interface):
                        stack.append(far.device.name)
        return number

    def _ports_of(self, device: Device) -> tuple[bool, ...]:
        return tuple(_port_up(device, own.interface) for _link, own, _far in self.world.links_of(device))

    # -- faults ---------------------------------------------------------------------------------------------------

    def _faults(self) -> None:
        """Faults count from the first look after they were set; the time before is settled without them."""
        for name, device in self.world.devices.items():
            if not len(device.faults) and not self._muted.get(name, False):
                continue
            muted = device.faults.peek("drop_ike") is not None
            lost = device.faults.peek("lose_phase1")
            if muted == self._muted.get(name, False) and lost is None:
                continue
            for tunnel in self._of.get(name, []):
                self._settle(tunnel)
            self._muted[name] = muted
            if lost is not None:
                device.faults.take("lose_phase1")
                if lost.times is None:
                    device.faults.remove(lost)  # it happens once
                both = bool(lost.params.get("phase2", False))
                self.lose_phase1(device, lost.params.get("peer"), phase2=both)
            for tunnel in self._of.get(name, []):
                for extension in self._extensions.values():
                    extension.changed(tunnel)

    # -- time -----------------------------------------------------------------------------------------------------

    def _settle(self, tunnel: Tunnel) -> None:
        to = self.world.time
        for _guard in range(_MAX_EVENTS):
            at, action = self._next(tunnel)
            if at > to:
                break
            tunnel.now = max(tunnel.now, at)
            action()
        tunnel.now = max(tunnel.now, to)

    def _next(self, tunnel: Tunnel) -> tuple[float, Callable[[], None]]:
        """The earliest thing to happen in a tunnel."""
        best: tuple[float, Callable[[], None]] = (INFINITE, lambda: None)
        for index, end in enumerate(tunnel.ends):
            for at, action in self._end_events(tunnel, index, end):
                if at < best[0]:
                    best = at, action
        for extension in self._extensions.values():
            at = extension.next_event(tunnel)
            if at < best[0]:
                best = at, partial(extension.run, tunnel)
        return best

    def _end_events(self, tunnel: Tunnel, index: int, end: End) -> Iterator[tuple[float, Callable[[], None]]]:
        if not end.device:
            return
        if end.wants():
            if end.exchange is not None:
                yield end.exchange.next_at, partial(self._resend, tunnel, index)
            else:
                yield end.next_attempt, partial(self._attempt, tunnel, index)
        for sa in end.sas:
            yield sa.expires, partial(self._expired, tunnel, index, sa)
        yield self._dead_at(tunnel, index), partial(self._found_dead, tunnel, index)

    # -- negotiation ----------------------------------------------------------------------------------------------

    def _attempt(self, tunnel: Tunnel, index: int) -> None:
        """A new exchange."""
        end = tunnel.ends[index]
        end.next_attempt = INFINITE
        verdict = self._negotiate(tunnel, index)
        self._sent(tunnel, index, verdict.phase, 0)
        if not self._concluded(tunnel, index, verdict) and end.peer is not None:
            gaps = end.peer.retry.gaps()
            end.failure = verdict.reason
            end.exchange = Exchange(
                self._next_id(f"{end.device}/exchange"), verdict.phase, tunnel.now,
                next_at=tunnel.now + (gaps[0] if gaps else 0.0), mode=end.peer.exchange,
            )  # fmt: skip

    def _resend(self, tunnel: Tunnel, index: int) -> None:
        """The next copy of an unanswered message, or the end of the exchange."""
        end = tunnel.ends[index]
        exchange = end.exchange
        if exchange is None or end.peer is None:
            return
        gaps = end.peer.retry.gaps()
        if exchange.sent >= len(gaps):
            end.exchange = None
            self._fail(tunnel, index, exchange.phase, Trigger.TIMEOUT)
            return
        verdict = self._negotiate(tunnel, index)
        self._sent(tunnel, index, verdict.phase, exchange.sent)
        if self._concluded(tunnel, index, verdict):
            return
        exchange.next_at = tunnel.now + gaps[exchange.sent]
        exchange.sent += 1

    def _concluded(self, tunnel: Tunnel, index: int, verdict: Verdict) -> bool:
        """Take over an agreement or a refusal; False when nobody answered."""
        end, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        if verdict.silent:
            return False
        end.exchange = None
        if verdict.trigger is None:
            end.failures = far.failures = 0
            end.failure = far.failure = ""
            end.once, far.exchange = False, None
            self._establish(tunnel, index)
            return True
        end.failure = far.failure = verdict.reason
        self._fail(tunnel, index, verdict.phase, verdict.trigger)
        if verdict.answer is not None and far.peer is not None:
            self._fail(tunnel, index ^ 1, verdict.phase, verdict.answer)
        return True

    def _fail(self, tunnel: Tunnel, index: int, phase: int, trigger: Trigger) -> None:
        tunnel.ends[index].failures += 1
        for extension in self._extensions.values():
            extension.failed(tunnel, index, phase, trigger)
        self._rearm(tunnel, index, trigger, phase)

    def _rearm(self, tunnel: Tunnel, index: int, trigger: Trigger, phase: int) -> None:
        """When the end starts the next exchange, by its policy."""
        end = tunnel.ends[index]
        if end.peer is None or end.exchange is not None:
            return
        wait = end.peer.retry.again(end.failures, trigger, phase)
        end.next_attempt = INFINITE if wait is None else tunnel.now + wait

    def _sent(self, tunnel: Tunnel, index: int, phase: int, copy: int) -> None:
        for extension in self._extensions.values():
            extension.sent(tunnel, index, phase, copy)

    def _negotiate(self, tunnel: Tunnel, index: int) -> Verdict:
        """What both configurations make of a negotiation started by end ``index`` now."""
        near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        own = near.sa(1)
        phase = 1 if own is None else 2
        if not self.reaches(tunnel, index) or not self.reaches(tunnel, index ^ 1):
            return Verdict(phase, "the peer does not answer", silent=True)
        if own is not None and not self.message_under_phase1(tunnel, index):
            return Verdict(2, "the peer does not know this phase 1", silent=True)
        if near.peer is None or far.peer is None:
            return Verdict(phase, "the peer has no matching configuration", silent=True)
        for end in (near, far):
            if _stale(end):
                return Verdict(phase, "SAs of older peer settings exist", trigger=Trigger.STALE)
        return judge(near.peer, far.peer, phase)

    def _establish(self, tunnel: Tunnel, index: int) -> None:
        """New SAs on both ends: phase 1 unless a shared one exists, then phase 2."""
        if tunnel.shared(1) is None:
            self._add(tunnel, index, 1, 0)
        shared = tunnel.shared(1)
        if shared is not None:
            self._add(tunnel, index, 2, shared[0].pair)

    def _add(self, tunnel: Tunnel, index: int, phase: int, parent: int) -> None:
        near, far = tunnel.ends[index], tunnel.ends[index ^ 1]
        self._pair += 1
        for end, initiator in ((near, True), (far, False)):
            end.sas.append(self._sa(tunnel, end, near, far, phase, parent, initiator))
        for extension in self._extensions.values():
            extension.established(tunnel, phase)

    def _sa(self, tunnel: Tunnel, end: End, near: End, far: End, phase: int, parent: int, initiator: bool) -> Sa:
        other = far if end is near else near
        if near.peer is None or far.peer is None or end.peer is None or other.peer is None:
            raise LookupError(f"{tunnel.key}: an SA needs a configured peer on both ends")
        cookie = parent or self._pair
        spis = [256 + self.numbers(f"spi/{self._pair}/{side}", 31) for side in ("near", "far")]
        lifetimes = (near.peer.phase1_lifetime, far.peer.phase1_lifetime)
        if phase == 2:
            lifetimes = (near.peer.phase2_lifetime, far.peer.phase2_lifetime)
        return Sa(
            device=end.device, peer=end.peer.name, vr=end.peer.vr, phase=phase,
            connection_id=self._next_id(end.device), pair=self._pair, parent=parent,
            local=end.local, remote=end.remote, initiator=initiator, exchange=near.peer.exchange,
            established=tunnel.now, lifetime=min(lifetimes), mark=end.peer.mark(),
            initiator_cookie=f"{self.numbers(f'cookie/{cookie}/i', 64):016x}",
            responder_cookie=f"{self.numbers(f'cookie/{cookie}/r', 64):016x}",
            spi_in=(spis[0] if end is near else spis[1]) if phase == 2 else 0,
            spi_out=(spis[1] if end is near else spis[0]) if phase == 2 else 0,
            local_id=end.peer.local_id or end.local, remote_id=other.peer.local_id or end.remote,
            id_type=end.peer.id_type, proposal=_agreed(near.peer, far.peer) or "",
            nat_traversal=near.peer.nat_traversal and far.peer.nat_traversal,
        )  # fmt: skip

    def _next_id(self, counter: str) -> int:
        self._ids[counter] = self._ids.get(counter, 0) + 1
        return self._ids[counter]

    # -- ends of life ---------------------------------------------------------------------------------------------

    def _expired(self, tunnel: Tunnel, index: int, sa: Sa) -> None:
        """Hard lifetime: rekeyed if both ends agree, else gone. The ends expire together, each drops its own."""
        far = tunnel.ends[index ^ 1]
        twin = next((other for other in far.sas if other.pair == sa.pair and other.phase == sa.phase), None)
        initiator = index if sa.initiator else index ^ 1
        self.delete(tunnel, index, sa, "expired", notify=False)
        if twin is not None:
            self.delete(tunnel, index ^ 1, twin, "expired", notify=False)
        end = tunnel.ends[initiator]
        if end.peer is None or tunnel.now < sa.expires:
            return
        if sa.phase == 1:
            if end.sa(1) is None and end.sa(2) is not None and self._agrees(tunnel, initiator):
                self._add(tunnel, initiator, 1, 0)
                self._adopt(tunnel)
        elif end.wants() and end.peer.retry.follows_traffic():
            end.next_attempt = tunnel.now

    def _agrees(self, tunnel: Tunnel, index: int) -> bool:
        verdict = self._negotiate(tunnel, index)
        return not verdict.silent and verdict.trigger is None

    @staticmethod
    def _adopt(tunnel: Tunnel) -> None:
        """Phase 2 SAs belong to the phase 1 that follows the one they were negotiated with."""
        shared = tunnel.shared(1)
        for end in tunnel.ends:
            for sa in end.sas:
                if sa.phase == 2 and shared is not None:
                    sa.parent = shared[0].pair

    def _dead_at(self, tunnel: Tunnel, index: int) -> float:
        """When dead peer detection of this end gives up on a peer that does not answer for its phase 1."""
        end = tunnel.ends[index]
        sa = end.sa(1)
        silence = tunnel.notes.setdefault("dpd", {})
        dpd = end.peer.dpd if end.peer is not None else None
        if sa is None or dpd is None or self._answers(tunnel, index, sa):
            silence.pop(str(index), None)
            return INFINITE
        return float(silence.setdefault(str(index), tunnel.now)) + dpd.detects_after

    def _answers(self, tunnel: Tunnel, index: int, sa: Sa) -> bool:
        both = self.reaches(tunnel, index) and self.reaches(tunnel, index ^ 1)
        return both and tunnel.known_by_far(index, sa)

    def _found_dead(self, tunnel: Tunnel, index: int) -> None:
        tunnel.notes["dpd"].pop(str(index), None)
        sa = tunnel.ends[index].sa(1)
        if sa is not None:
            self.message_under_phase1(tunnel, index)  # the last probe; an answer to it may have dropped the SA
        if sa is not None and sa in tunnel.ends[index].sas:
            self.drop_pair(tunnel, index, sa, "dead", notify=False)


def judge(initiator: IkePeer, responder: IkePeer, phase: int = 1) -> Verdict:
    """Whether two configurations agree, given that packets pass: the refusals of RFC 2409 in the order they occur."""
    both = Trigger.AUTHENTICATION
    agreed = _agreed(initiator, responder)
    if agreed is None:
        return Verdict(phase, "no proposal in common", trigger=Trigger.REFUSED, answer=Trigger.REJECTED)
    if responder.accepts_exchange and initiator.exchange not in responder.accepts_exchange:
        return Verdict(
            phase, f"the responder refuses {initiator.exchange} mode", trigger=Trigger.REFUSED, answer=Trigger.REJECTED
        )
    if initiator.exchange == "main":
        for end in (initiator, responder):
            if end.id_type != "ip" and not end.name_ids_in_main:
                return Verdict(phase, "main mode with a pre-shared key takes addresses as identities only",
                               trigger=both, answer=both)  # fmt: skip
    if initiator.psk is None or initiator.psk != responder.psk:
        return Verdict(phase, "the pre-shared keys differ", trigger=both, answer=both)
    for end, other in ((initiator, responder), (responder, initiator)):
        shown = other.local_id or other.local_address
        if end.remote_id and end.remote_id != shown:
            return Verdict(
                phase, f"identity '{shown}' is not the expected '{end.remote_id}'", trigger=both, answer=both
            )
    if (initiator.behind_nat or responder.behind_nat) and not (initiator.nat_traversal and responder.nat_traversal):
        return Verdict(
            phase, "an address translator is in the path and NAT traversal is not on at both ends", silent=True
        )
    return Verdict(phase)


def _agreed(initiator: IkePeer, responder: IkePeer) -> str | None:
    """The proposal both take; "" when one side's are not known; None = nothing in common."""
    theirs = responder.proposals if responder.responder_proposals is None else responder.responder_proposals
    if not initiator.proposals or not theirs:
        return next(iter(initiator.proposals or theirs), "")
    return next((proposal for proposal in initiator.proposals if proposal in theirs), None)


def _stale(end: End) -> bool:
    """SAs of older settings of this very peer are still held where that blocks a negotiation."""
    peer = end.peer
    return peer is not None and peer.stale_after_change and any(sa.mark != peer.mark() for sa in end.sas)


def _peers_of(device: Device) -> list[IkePeer]:
    return list(device.ike_peers()) if isinstance(device, IkeSpeaker) else []


def _port_up(device: Device, interface: str) -> bool:
    asked = getattr(device, "ike_link_up", None)
    return True if asked is None else bool(asked(interface))


def _end_id(end: End) -> EndId:
    return end.device, end.local, end.remote


def _tunnel_state(tunnel: Tunnel) -> dict[str, Any]:
    ends = []
    for end in tunnel.ends:
        data = {item.name: getattr(end, item.name) for item in fields(end) if item.name not in ("peer", "sas")}
        data["sas"] = [asdict(sa) for sa in end.sas]
        data["exchange"] = None if end.exchange is None else _finite(asdict(end.exchange))
        ends.append(_finite(data))
    return {"now": tunnel.now, "ends": ends, "notes": tunnel.notes}


def _finite(data: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity: null stands for it."""
    return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in data.items()}


def _tunnel_from(key: str, data: dict[str, Any]) -> Tunnel:
    ends: list[End] = []
    for saved in data["ends"]:
        values = dict(saved)
        values["sas"] = [Sa(**sa) for sa in values["sas"]]
        if values["exchange"] is not None:
            exchange = dict(values["exchange"])
            exchange["next_at"] = INFINITE if exchange["next_at"] is None else exchange["next_at"]
            values["exchange"] = Exchange(**exchange)
        values["next_attempt"] = INFINITE if values["next_attempt"] is None else values["next_attempt"]
        ends.append(End(**values))
    return Tunnel(key, (ends[0], ends[1]), float(data["now"]), dict(data["notes"]))
