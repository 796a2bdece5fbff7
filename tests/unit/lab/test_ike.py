# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE between lab devices: pairing, negotiation, stale SAs, dead peers, retries, save and restore."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.clock import ManualClock
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike import (
    TRAFFIC_GAP,
    Dpd,
    Ike,
    IkeExtension,
    IkePeer,
    Trigger,
    Tunnel,
    judge,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

A = IkePeer("a", "to-b", "192.0.2.1", "203.0.113.9", psk="k")
B = IkePeer("b", "to-a", "203.0.113.9", "192.0.2.1", psk="k", initiator=False)


class Net:
    """Two linked devices (of any platform) whose peers a test sets directly."""

    def __init__(self, *peers: IkePeer, linked: bool = True, extensions: tuple[type[IkeExtension], ...] = ()) -> None:
        devices = {name: {"platform": "huawei_vrp"} for name in ("a", "b")}
        links = [["a:GigabitEthernet0/0/1", "b:GigabitEthernet0/0/1"]] if linked else []
        self.world = World(parse_lab({"name": "ike", "devices": devices, "links": links}), ManualClock())
        self.peers: dict[str, list[IkePeer]] = {"a": [], "b": []}
        for peer in peers:
            self.peers[peer.device].append(peer)
        for name, device in self.world.devices.items():
            device.ike_peers = lambda name=name: self.peers[name]  # type: ignore[attr-defined]
            device.ike_extensions = extensions  # type: ignore[attr-defined]
        self.a, self.b = self.world.devices["a"], self.world.devices["b"]

    @property
    def ike(self) -> Ike:
        return self.world.protocol(Ike)

    def set(self, *peers: IkePeer) -> None:
        for peer in peers:
            device = self.world.devices[peer.device]
            self.ike.before_change(device)
            self.peers[peer.device] = [peer]
            self.ike.after_change(device)

    def count(self) -> list[int]:
        """Phase 1 and phase 2 SAs of a, then of b."""
        return [len(self.ike.sas(device, phase)) for device in (self.a, self.b) for phase in (1, 2)]

    def why(self) -> str:
        return next(tunnel.ends[index].failure for tunnel, index in self.ike.tunnels(self.a))


def test_negotiated_when_the_lab_starts() -> None:
    net = Net(A, B)
    assert net.count() == [1, 1, 1, 1]
    mine, theirs = net.ike.sas(net.a), net.ike.sas(net.b)
    assert [sa.initiator for sa in mine + theirs] == [True, True, False, False]
    assert mine[0].initiator_cookie == theirs[0].initiator_cookie == mine[1].initiator_cookie
    assert (mine[1].spi_in, mine[1].spi_out) == (theirs[1].spi_out, theirs[1].spi_in)
    assert mine[1].parent == mine[0].pair
    assert mine[0].established == net.world.started_at


def test_nobody_starts_without_traffic() -> None:
    net = Net(replace(A, initiator=False), B)
    net.world.advance(1000)
    assert net.count() == [0, 0, 0, 0]
    net.ike.traffic(net.a, "203.0.113.9")
    assert net.count() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("initiator", "responder", "reason"),
    [
        (replace(A, psk="other"), B, "the pre-shared keys differ"),
        (replace(A, psk=None), replace(B, psk=None), "the pre-shared keys differ"),
        (replace(A, id_type="fqdn"), B, "main mode with a pre-shared key takes addresses as identities only"),
        (replace(A, proposals=("aes",)), replace(B, proposals=("des",)), "no proposal in common"),
        (A, replace(B, accepts_exchange=("aggressive",)), "the responder refuses main mode"),
        (replace(A, local_id="x"), replace(B, remote_id="y"), "identity 'x' is not the expected 'y'"),
        (replace(A, behind_nat=True, nat_traversal=True), B,
         "an address translator is in the path and NAT traversal is not on at both ends"),
    ],
)  # fmt: skip
def test_disagreements(initiator: IkePeer, responder: IkePeer, reason: str) -> None:
    net = Net(initiator, responder)
    assert net.count() == [0, 0, 0, 0]
    assert net.why() == reason


def test_agreements() -> None:
    named = replace(A, exchange="aggressive", id_type="fqdn", local_id="fw-a", remote_id="fw-b")
    assert judge(named, replace(B, id_type="fqdn", local_id="fw-b", remote_id="fw-a")).reason == ""
    assert judge(replace(A, proposals=("des", "aes")), replace(B, proposals=("aes",))).trigger is None
    assert judge(A, replace(B, remote_address=None)).trigger is None


def test_a_responder_for_anybody_and_for_a_range() -> None:
    assert Net(A, replace(B, remote_address=None)).count() == [1, 1, 1, 1]
    assert Net(A, replace(B, remote_address="192.0.2.0", remote_high="192.0.2.9")).count() == [1, 1, 1, 1]
    assert Net(A, replace(B, remote_address="192.0.2.8", remote_high="192.0.2.9")).count() == [0, 0, 0, 0]


def test_no_path_no_answer() -> None:
    net = Net(A, B, linked=False)
    assert net.count() == [0, 0, 0, 0]
    assert net.why() == "the peer does not answer"


def test_a_corrected_configuration_is_noticed_with_the_next_traffic() -> None:
    net = Net(A, replace(B, psk="wrong"))
    net.world.advance(100)
    net.set(B)
    net.world.advance(TRAFFIC_GAP)
    assert net.count() == [1, 1, 1, 1]


def test_clearing_in_the_right_order_tells_the_peer() -> None:
    net = Net(A, B)
    assert (net.ike.reset(net.b, 2), net.ike.reset(net.b, 1)) == (1, 1)
    assert net.count() == [0, 0, 0, 0]
    net.world.advance(TRAFFIC_GAP)
    assert net.count() == [1, 1, 1, 1]


def test_clearing_phase_1_first_leaves_the_peer_with_a_stale_phase_2() -> None:
    net = Net(replace(A, initiator=False), replace(B, initiator=True))
    net.ike.reset(net.a, 1)
    net.ike.reset(net.a, 2)
    assert net.count() == [0, 0, 0, 1]
    net.world.advance(600)
    assert net.count() == [0, 0, 0, 1]


def test_changed_peers_do_not_renegotiate_until_their_sas_are_cleared() -> None:
    a, b = replace(A, stale_after_change=True), replace(B, stale_after_change=True)
    net = Net(a, b)
    net.set(replace(a, psk="new"), replace(b, psk="new"))
    net.ike.lose_phase1(net.a)
    net.ike.reset(net.a, 2)
    net.world.advance(300)
    assert net.count() == [0, 0, 1, 1]  # b still holds its old SAs
    assert net.why() == "SAs of older peer settings exist"
    net.ike.reset(net.b, 2)
    net.ike.reset(net.b, 1)
    net.world.advance(60)
    assert net.count() == [1, 1, 1, 1]


def test_a_lost_phase_1_is_stale_until_dead_peer_detection() -> None:
    plain = Net(A, B)
    plain.ike.lose_phase1(plain.b, phase2=True)
    plain.world.advance(3000)
    assert plain.count() == [1, 1, 0, 0]
    probing = Net(replace(A, dpd=Dpd(30, 5)), B)
    probing.ike.lose_phase1(probing.b, phase2=True)
    probing.world.advance(44)
    assert probing.count() == [1, 1, 0, 0]
    probing.world.advance(1 + TRAFFIC_GAP)
    assert probing.count() == [1, 1, 1, 1]


def test_faults() -> None:
    net = Net(replace(A, dpd=Dpd(10, 5)), B)
    assert net.count() == [1, 1, 1, 1]
    net.b.faults.add({"kind": "drop_ike"})
    assert net.count() == [1, 1, 1, 1]
    net.world.advance(25)
    assert net.count() == [0, 0, 1, 1]
    net.b.faults.clear()
    net.count()
    net.world.advance(120)
    assert net.count()[:2] == [1, 1]
    net.b.faults.add({"kind": "lose_phase1", "phase2": True})
    assert net.count()[2:] == [0, 0]


def test_a_reboot_loses_everything_silently() -> None:
    net = Net(replace(A, dpd=Dpd(10, 5)), B)
    net.count()
    net.b.down_until = net.world.time + 100
    net.ike.rebooted(net.b)
    assert net.count() == [1, 1, 0, 0]
    net.world.advance(99)
    assert net.count() == [0, 0, 0, 0]
    net.world.advance(70)
    assert net.count() == [1, 1, 1, 1]


def test_lifetimes_replace_sas_and_keep_the_tunnel_up() -> None:
    net = Net(A, B)
    first = [sa.pair for sa in net.ike.sas(net.a)]
    net.world.advance(3601)
    second = [sa.pair for sa in net.ike.sas(net.a)]
    assert first[0] == second[0]
    assert first[1] != second[1]
    net.world.advance(90_000)
    assert net.count() == [1, 1, 1, 1]
    assert net.ike.sas(net.a)[0].pair != first[0]


def test_what_is_no_longer_configured_keeps_its_sas() -> None:
    net = Net(A, B)
    net.count()
    net.ike.before_change(net.a)
    net.peers["a"] = []
    net.ike.after_change(net.a)
    assert net.count() == [1, 1, 1, 1]
    net.ike.reset(net.a, 2)
    net.ike.reset(net.a, 1)
    net.world.advance(100)
    assert net.count() == [0, 0, 0, 0]


@dataclass(frozen=True)
class Twice:
    """Retries two times, five seconds after a failure; never because of traffic."""

    def gaps(self) -> Sequence[float]:
        return (4.0, 8.0)

    def again(self, failures: int, trigger: Trigger, phase: int) -> float | None:
        return 5.0 if trigger is not Trigger.LOST and failures <= 2 else None

    def follows_traffic(self) -> bool:
        return False


class Recorder(IkeExtension):
    name = "recorder"

    def log(self, tunnel: Tunnel, *what: Any) -> None:
        self.notes(tunnel).setdefault("log", []).append([tunnel.now - self.ike.world.started_at, *what])

    def sent(self, tunnel: Tunnel, index: int, phase: int, copy: int) -> None:
        self.log(tunnel, "sent", index, phase, copy)

    def failed(self, tunnel: Tunnel, index: int, phase: int, trigger: Trigger) -> None:
        self.log(tunnel, "failed", index, trigger.value)

    def established(self, tunnel: Tunnel, phase: int) -> None:
        self.log(tunnel, "up", phase)

    def unknown_cookie(self, tunnel: Tunnel, index: int) -> None:
        self.log(tunnel, "unknown", index)


def test_retry_policies_and_extensions() -> None:
    net = Net(replace(A, retry=Twice()), replace(B, initiator=False), linked=False, extensions=(Recorder,))
    net.count()
    net.world.advance(1000)
    (tunnel, _index) = net.ike.tunnels(net.a)[0]
    log = tunnel.notes["recorder"]["log"]
    assert [entry[0] for entry in log if entry[1] == "sent"] == [0, 4, 17, 21, 34, 38]
    assert [entry[0] for entry in log if entry[1] == "failed"] == [12, 29, 46]
    assert {entry[3] for entry in log if entry[1] == "failed"} == {"timeout"}


def test_an_unknown_cookie_is_told_to_extensions() -> None:
    net = Net(A, B, extensions=(Recorder,))
    net.count()
    net.ike.lose_phase1(net.b, phase2=True)
    ((tunnel, index),) = net.ike.tunnels(net.a)
    assert net.ike.message_under_phase1(tunnel, index) is False
    assert [entry for entry in tunnel.notes["recorder"]["log"] if entry[1] == "unknown"] == [[0.0, "unknown", 0]]


def test_save_and_restore() -> None:
    net = Net(replace(A, retry=Twice()), B, extensions=(Recorder,))
    before = net.ike.sas(net.a)
    saved = json.loads(json.dumps(net.world.snapshot()))
    assert '"k"' not in json.dumps(saved["protocols"]["ike"])
    other = Net(replace(A, retry=Twice()), B, extensions=(Recorder,))
    other.world.restore(saved)
    assert other.ike.sas(other.a) == before
    assert other.ike.tunnels(other.a)[0][0].notes == net.ike.tunnels(net.a)[0][0].notes


def test_an_open_exchange_survives_a_restore() -> None:
    net = Net(replace(A, retry=Twice()), B, linked=False)
    net.count()
    saved = json.loads(json.dumps(net.world.snapshot()))
    net.world.restore(saved)
    ((tunnel, _index),) = net.ike.tunnels(net.a)
    assert tunnel.ends[0].exchange is not None
    assert tunnel.ends[0].exchange.next_at == net.world.started_at + 4
