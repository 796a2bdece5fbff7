# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stale phase 1 between an E Series responder and initiators: the rules of the vendor's page, one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from comware_labs import ADDRESSES, KEY, V5, V7, firewall

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.juniper_junose.device import JunoseDevice
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike import Ike, IkePeer
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike_cookie import IkeCookie
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

from .test_junose_cli import Person

CONFIG = """hostname "{name}"
!
virtual-router default
!
{options}ipsec key manual pre-share {remote}
 key Lab-Key
!
virtual-router vrRed
!
{red}interface tunnel ipsec:tun transport-virtual-router default
 tunnel source {local}
 tunnel destination {remote}
!
"""
NEAR, FAR = "198.51.100.9", "203.0.113.40"


class Pair:
    """``edge7`` responds, ``peer`` initiates; the peer is of another make unless ``e_series``."""

    def __init__(
        self, options: str = "", *, red: str = "", peer_options: str = "", e_series: bool = False, **settings: Any
    ) -> None:
        def device(name: str, local: str, remote: str, lines: str, **more: Any) -> dict[str, Any]:
            text = CONFIG.format(name=name, local=local, remote=remote, options=lines, red=red if more else "")
            return {"platform": "juniper_junose", "config": text, **more}

        self.world = World(
            parse_lab(
                {
                    "name": "stale",
                    "clock": "manual",
                    "devices": {
                        "edge7": device("edge7", NEAR, FAR, options, options={"initiates": False}),
                        "peer": device("peer", FAR, NEAR, peer_options),
                    },
                    "links": [["edge7:fastEthernet 3/0", "peer:fastEthernet 3/0"]],
                }
            )
        )
        self.edge, self.peer = self.world.devices["edge7"], self.world.devices["peer"]
        if not e_series:
            self._other_make(self.peer, settings)
        self.cookies = self.ike.extension(IkeCookie)
        self.world.advance(1)

    @staticmethod
    def _other_make(device: Any, settings: dict[str, Any]) -> None:
        own = device.ike_peers

        def peers() -> list[IkePeer]:
            return [replace(peer, honours_invalid_cookie=True, **settings) for peer in own()]

        device.ike_peers = peers

    @property
    def ike(self) -> Ike:
        return self.world.protocol(Ike)

    def sas(self, device: JunoseDevice | Any, phase: int = 1) -> list[str]:
        return [sa.initiator_cookie for sa in self.ike.sas(device, phase)]

    def lose(self) -> None:
        """The responder forgets everything and the delete does not arrive."""
        assert self.ike.lose_phase1(self.edge, phase2=True) == 2

    def counts(self) -> dict[str, tuple[int, int]]:
        return {
            what: (self.cookies.count(self.edge, what), self.cookies.count(self.peer, what))
            for what in ("sent", "honoured", "ignored")
        }


def test_negotiated() -> None:
    pair = Pair()
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != []
    shown = Person(pair.world).run("show ipsec ike-sa").splitlines()
    assert len(shown) == 3
    assert shown[2].startswith(f"{NEAR}:500")
    assert " DONE " in shown[2]


def test_on_the_initiator_of_another_make_starts_over() -> None:
    pair = Pair("ipsec option tx-invalid-cookie\n")
    old = pair.sas(pair.peer)
    pair.lose()
    pair.world.advance(10)
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != old
    assert pair.sas(pair.edge, 2)
    assert pair.counts() == {"sent": (1, 0), "honoured": (0, 1), "ignored": (0, 0)}


def test_off_the_initiator_stays_stale_until_its_lifetime() -> None:
    pair = Pair()
    old = pair.sas(pair.peer)
    pair.lose()
    pair.world.advance(80_000)
    assert (pair.sas(pair.edge), pair.sas(pair.peer)) == ([], old)
    assert pair.counts()["sent"] == (0, 0)
    pair.world.advance(10_000)
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != []


def test_off_dead_peer_detection_of_the_initiator_helps() -> None:
    pair = Pair(peer_options="ipsec option dpd\n")
    old = pair.sas(pair.peer)
    pair.lose()
    pair.world.advance(60)
    assert pair.sas(pair.peer) == old
    pair.world.advance(60)
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != old


def test_an_e_series_initiator_ignores_the_notification() -> None:
    pair = Pair("ipsec option tx-invalid-cookie\n", peer_options="ipsec option tx-invalid-cookie\n", e_series=True)
    old = pair.sas(pair.peer)
    pair.lose()
    pair.world.advance(600)
    assert pair.sas(pair.peer) == old
    assert pair.counts() == {"sent": (1, 0), "honoured": (0, 0), "ignored": (0, 1)}


def test_the_option_counts_in_the_transport_router_only() -> None:
    pair = Pair(red="ipsec option tx-invalid-cookie\n")
    pair.lose()
    pair.world.advance(600)
    assert pair.sas(pair.edge) == []
    assert pair.counts()["sent"] == (0, 0)


def test_turned_on_later_it_helps_whoever_is_stuck() -> None:
    pair = Pair()
    pair.lose()
    pair.world.advance(600)
    assert pair.sas(pair.edge) == []
    Person(pair.world).run("configure terminal", "ipsec option tx-invalid-cookie", "end")
    pair.world.advance(30)
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != []


@pytest.mark.parametrize("phase", [1, 2])
def test_clearing_negotiates_anew(phase: int) -> None:
    pair = Pair()
    old = [sa.pair for sa in pair.ike.sas(pair.edge, phase)]
    Person(pair.world).run("configure terminal", f"ipsec clear sa all phase {phase}", "end")
    pair.world.advance(30)
    new = [sa.pair for sa in pair.ike.sas(pair.edge, phase)]
    assert new
    assert new != old
    assert [sa.pair for sa in pair.ike.sas(pair.peer, phase)] == new


def test_clearing_by_state_leaves_the_others_alone() -> None:
    pair = Pair()
    old = pair.sas(pair.edge)
    cli = Person(pair.world)
    cli.run("configure terminal", "ipsec clear sa state down phase 1")
    assert pair.sas(pair.edge) == old
    cli.run("ipsec clear sa state up phase 1")
    pair.world.advance(30)
    assert pair.sas(pair.edge) != old


def test_a_reboot_is_a_lost_cookie() -> None:
    pair = Pair("ipsec option tx-invalid-cookie\n")
    old = pair.sas(pair.peer)
    pair.edge.reboot()
    pair.world.advance(30)
    assert pair.sas(pair.edge) == pair.sas(pair.peer) != old


def test_tunnel_state_follows_phase_2() -> None:
    pair = Pair()
    cli = Person(pair.world)
    assert "IPSEC tunnel tun is up" in cli.run("virtual-router vrRed", "show ipsec tunnel")
    pair.lose()
    assert "IPSEC tunnel tun is down" in cli.run("show ipsec tunnel detail")


def test_keys_that_differ_give_no_phase_1() -> None:
    pair = Pair()
    Person(pair.world).run("configure terminal", f"ipsec key manual pre-share {FAR}", "key Other", "end")
    pair.ike.reset(pair.edge, 2)
    pair.ike.reset(pair.edge, 1)
    pair.world.advance(60)
    assert pair.sas(pair.edge) == []


def test_state_of_the_notifications_is_saved() -> None:
    pair = Pair("ipsec option tx-invalid-cookie\n")
    pair.lose()
    pair.world.advance(10)
    json.dumps(pair.world.snapshot())
    assert pair.cookies.count(pair.edge, "sent") == 1


@pytest.mark.parametrize("major", [5, 7])
@pytest.mark.parametrize("enabled", [True, False])
def test_a_comware_initiator(major: int, enabled: bool) -> None:
    """The usual pair: an E Series responder and a firewall of another make behind it."""
    own, other = ADDRESSES["a"], ADDRESSES["b"]
    option = "ipsec option tx-invalid-cookie\n" if enabled else ""
    text = CONFIG.format(name="edge7", local=own, remote=other, options=option, red="").replace("Lab-Key", KEY)
    junose = {"platform": "juniper_junose", "config": text, "options": {"initiates": False}}
    comware = {"platform": "h3c_comware", "os_version": V7 if major == 7 else V5, "config": firewall("b", major)}
    world = World(
        parse_lab(
            {
                "name": "mixed",
                "clock": "manual",
                "devices": {"edge7": junose, "fw": comware},
                "links": [["edge7:fastEthernet 3/0", "fw:GigabitEthernet0/1"]],
            }
        )
    )
    ike = world.protocol(Ike)
    edge, firewall_b = world.devices["edge7"], world.devices["fw"]
    world.advance(1)
    old = [sa.pair for sa in ike.sas(firewall_b, 1)]
    assert old
    ike.lose_phase1(edge, phase2=True)
    world.advance(30)
    new = [sa.pair for sa in ike.sas(firewall_b, 1)]
    assert (new != old) is enabled
    assert [sa.pair for sa in ike.sas(edge, 1)] == (new if enabled else [])
