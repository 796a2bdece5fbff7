# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each outcome of RSVP authentication between two emulated VRP routers."""

from __future__ import annotations

import json
import time

import pytest

from .labs import AUTH, Client, config, lines, pair

KEY = f"{AUTH} cipher Lab-Key-1"
SHAKE = (KEY, f"{AUTH} handshake")


def both(world):
    return Client(world, "pe1"), Client(world, "pe2")


def test_without_authentication_tunnels_are_up() -> None:
    a, b = both(pair())
    for client in (a, b):
        assert client.peer()["RSB Count"] == "1"
        assert client.peer()["Authentication"] == "DISABLE"
    assert "Tunnel1                     up      up" in a.run("display interface brief")


def test_no_tunnel_no_traffic() -> None:
    shake = lines(*SHAKE)
    world = pair(config_a=config(1, interface=shake, tunnel=False), config_b=config(2, interface=shake, tunnel=False))
    a, _b = both(world)
    world.advance(3600)
    assert a.run("display mpls rsvp-te peer") == ""
    assert set(a.counters().values()) == {0}
    assert "Challenge: ENABLE" in a.run("display mpls rsvp-te interface")


def test_handshake_on_both_ends_is_established() -> None:
    world = pair(lines(*SHAKE), lines(*SHAKE))
    for client in both(world):
        counters = client.counters()
        assert [counters[f"{d}{m}Msg"] for d in ("Send", "Rec") for m in ("Challenge", "Response")] == [1, 1, 1, 1]
        peer = client.peer()
        assert peer["Authentication"] == "ENABLE"
        assert peer["Last Valid Seq # rcvd"] != "NULL"
        assert peer["RSB Count"] == "1"
    world.advance(86_400)
    a, _b = both(world)
    assert a.counters()["SendChallengeMsg"] == 1
    assert a.peer()["RSB Count"] == "1"


@pytest.mark.parametrize("head", ["pe1", "pe2"])
def test_one_tunnel_is_enough(head: str) -> None:
    shake = lines(*SHAKE)
    world = pair(
        config_a=config(1, interface=shake, tunnel=head == "pe1"),
        config_b=config(2, interface=shake, tunnel=head == "pe2"),
    )
    for client in both(world):
        peer = client.peer()
        assert int(peer["PSB Count"]) + int(peer["RSB Count"]) == 1
        assert client.counters()["RecResponseMsg"] == 1


def test_configured_on_live_session_within_three_refreshes() -> None:
    world = pair()
    a, b = both(world)
    world.advance(100)
    assert a.run("system-view", "interface gi0/3/7", *SHAKE, "commit") == ""
    world.advance(60)
    b.run("system-view", "interface gi0/3/7", *SHAKE, "commit")
    assert a.peer()["RSB Count"] == "1"
    world.advance(30)
    for client in (a, b):
        assert client.peer()["Last Valid Seq # rcvd"] != "NULL"
        assert client.counters()["RecResponseMsg"] >= 1
        assert client.counters()[["RSB", "CleanupTimeOut"][-1]] == 0


def test_too_late_on_the_second_end_lets_state_expire() -> None:
    world = pair()
    a, b = both(world)
    world.advance(100)
    a.run("system-view", "interface gi0/3/7", *SHAKE, "commit")
    world.advance(157)
    assert b.peer()["RSB Count"] == "0"
    assert b.peer()["PSB Count"] == "0"
    b.run("system-view", "interface gi0/3/7", *SHAKE, "commit")
    world.advance(31)
    assert b.peer()["RSB Count"] == "1"


def test_key_mismatch_is_discarded() -> None:
    other = lines(f"{AUTH} cipher Another-Key", f"{AUTH} handshake")
    world = pair(lines(*SHAKE), other)
    world.advance(29)
    for client in both(world):
        assert client.peer()["RSB Count"] == "0"
        assert client.peer()["Last Valid Seq # rcvd"] == "NULL"
        counters = client.counters()
        assert (counters["SendChallengeMsg"], counters["RecChallengeMsg"]) == (4, 0)
        assert counters["RecResponseMsg"] == 0
    world.advance(30)
    assert Client(world).counters()["SendChallengeMsg"] == 8


def test_key_change_on_one_end_drops_state_after_expiry() -> None:
    world = pair(lines(*SHAKE), lines(*SHAKE))
    a, b = both(world)
    a.run("system-view", "interface gi0/3/7", f"{AUTH} cipher New", "commit")
    world.advance(120)
    assert a.peer()["RSB Count"] == "1"
    world.advance(60)
    assert a.peer()["RSB Count"] == "0"
    b.run("system-view", "interface gi0/3/7", f"{AUTH} cipher New", "commit")
    world.advance(31)
    assert a.peer()["RSB Count"] == "1"


def test_one_sided_handshake_stays_unanswered() -> None:
    world = pair(lines(*SHAKE), lines(KEY))
    a, b = both(world)
    world.advance(29)
    assert a.counters()["SendChallengeMsg"] == 4
    assert b.counters()["RecChallengeMsg"] == 4
    assert b.counters()["SendResponseMsg"] == a.counters()["RecResponseMsg"] == 0
    assert a.peer()["RSB Count"] == b.peer()["RSB Count"] == "0"
    assert a.peer()["Last Valid Seq # rcvd"] == "NULL"


def test_challenge_parameters_count() -> None:
    extra = lines("mpls rsvp-te challenge-lost 2", "mpls rsvp-te retrans-timer challenge 5000")
    world = pair(config_a=config(1, interface=lines(*SHAKE), mpls=extra), config_b=config(2, interface=lines(KEY)))
    a = Client(world)
    assert a.counters()["SendChallengeMsg"] == 1
    world.advance(5)
    assert a.counters()["SendChallengeMsg"] == 2
    world.advance(20)
    assert a.counters()["SendChallengeMsg"] == 3


def test_one_sided_authentication_fails() -> None:
    world = pair(lines(KEY), "")
    world.advance(600)
    for client in both(world):
        assert client.peer()["RSB Count"] == "0"


def test_lifetime_below_the_neighbors_refresh_flaps() -> None:
    short = lines(*SHAKE, f"{AUTH} lifetime 00:00:20")
    world = pair(short, lines(*SHAKE))
    a, _b = both(world)
    seen = set()
    for _step in range(12):
        seen.add(a.peer()["RSB Count"])
        world.advance(5)
    assert seen == {"0", "1"}
    assert a.counters()["SendChallengeMsg"] == 3
    world.advance(3000)
    assert a.counters()["SendChallengeMsg"] == 103


def test_lifetime_equal_to_refresh_is_not_enough_and_greater_is() -> None:
    for value, challenges in (("00:00:30", 11), ("00:00:31", 1)):
        world = pair(lines(*SHAKE, f"{AUTH} lifetime {value}"), lines(*SHAKE))
        world.advance(300)
        assert Client(world).counters()["SendChallengeMsg"] == challenges


def test_it_is_the_neighbors_refresh_that_counts() -> None:
    slow = lines("mpls rsvp-te timer refresh 100")
    world = pair(
        config_a=config(1, interface=lines(*SHAKE, f"{AUTH} lifetime 00:01:00")),
        config_b=config(2, interface=lines(*SHAKE), mpls=slow),
    )
    a, b = both(world)
    world.advance(1000)
    assert a.counters()["SendChallengeMsg"] == 11
    assert b.counters()["SendChallengeMsg"] == 1


PEER_LSR = lines("mpls rsvp-te peer 10.255.7.{m}") + lines(KEY, f"{AUTH} handshake", indent=2)
PEER_ADDRESS = lines("mpls rsvp-te peer 10.77.12.{m}") + lines(KEY, f"{AUTH} handshake", indent=2)


def test_precedence_address_over_lsr_id_over_interface() -> None:
    wrong = lines(f"{AUTH} cipher wrong")
    wrong_lsr = lines("mpls rsvp-te peer 10.255.7.2") + lines(f"{AUTH} cipher also-wrong", indent=2)
    world = pair(
        config_a=config(1, interface=wrong, mpls=wrong_lsr + PEER_ADDRESS.format(m=2)),
        config_b=config(2, interface=wrong, mpls=PEER_LSR.format(m=1)),
    )
    for client in both(world):
        assert client.peer()["RSB Count"] == "1"
        assert client.counters()["RecResponseMsg"] == 1


def test_lsr_id_peer_needs_cspf() -> None:
    text = config(1, mpls=PEER_LSR.format(m=2)).replace(" mpls te cspf\n", "")
    world = pair(config_a=text, config_b=config(2, interface=lines(*SHAKE)))
    world.advance(30)
    assert Client(world).peer()["RSB Count"] == "0"


def chain(n: int, key_id: int, secret: str, start: str = "00:00 2031-01-01") -> str:
    head = lines("keychain kc-core mode absolute", indent=0) + lines("#", f"key-id {key_id}")
    head += lines("algorithm hmac-sha-256", f"key-string cipher {secret}", indent=2)
    head += lines(f"send-time {start} duration infinite", f"receive-time {start} duration infinite", indent=2)
    text = config(n, interface=lines(f"{AUTH} keychain kc-core", f"{AUTH} handshake"))
    return text.replace("#\nmpls lsr-id", "#\n" + head + "#\nmpls lsr-id", 1)


def test_keychains_with_the_same_active_key() -> None:
    world = pair(config_a=chain(1, 3, "secret"), config_b=chain(2, 3, "secret"))
    a, _b = both(world)
    assert a.peer()["RSB Count"] == "1"
    shown = a.run("display keychain kc-core")
    assert " Active Send Key ID        : 3\n" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(("key_id", "secret"), [(4, "secret"), (3, "other")])
def test_keychains_with_another_key(key_id: int, secret: str) -> None:
    world = pair(config_a=chain(1, 3, "secret"), config_b=chain(2, key_id, secret))
    world.advance(60)
    assert Client(world).peer()["RSB Count"] == "0"


def test_a_key_becomes_active_with_time() -> None:
    later = "09:30 2031-05-14"  # ten minutes after the manual clock's start
    world = pair(config_a=chain(1, 3, "secret", later), config_b=chain(2, 3, "secret", later))
    world.advance(599)
    assert Client(world).peer()["RSB Count"] == "0"
    world.advance(32)
    assert Client(world).peer()["RSB Count"] == "1"


def test_reset_statistics_and_rebuild() -> None:
    world = pair(lines(*SHAKE), lines(*SHAKE))
    a, b = both(world)
    world.advance(100)
    a.run("reset mpls rsvp-te statistics global")
    assert set(a.counters().values()) == {0}
    assert b.counters()["SendChallengeMsg"] == 1
    a.run("reset mpls rsvp-te")
    assert a.counters()["SendChallengeMsg"] == 1
    assert b.counters()["SendChallengeMsg"] == 2


def test_shutdown_takes_the_neighbor_away() -> None:
    world = pair(lines(*SHAKE), lines(*SHAKE))
    a, b = both(world)
    a.run("system-view", "interface gi0/3/7", "shutdown", "commit")
    assert "Interface state: DOWN" in a.run("display mpls rsvp-te interface")
    assert b.run("display mpls rsvp-te peer") == ""
    a.run("undo shutdown", "commit")
    assert b.peer()["RSB Count"] == "1"
    assert b.counters()["SendChallengeMsg"] == 2


def test_years_cost_nothing() -> None:
    world = pair(lines(*SHAKE, f"{AUTH} lifetime 00:00:05"), lines(KEY))
    began = time.perf_counter()
    world.advance(10 * 365 * 86_400)
    Client(world).counters()
    assert time.perf_counter() - began < 0.5


def test_snapshot_continues_where_it_was() -> None:
    world = pair(lines(*SHAKE), lines(*SHAKE))
    world.advance(100)
    a = Client(world)
    before = a.counters(), a.peer(), world.devices["pe1"].running
    data = json.loads(json.dumps(world.snapshot()))
    assert "Lab-Key-1" not in json.dumps(data)
    fresh = pair(lines(*SHAKE), lines(*SHAKE))
    fresh.restore(data)
    again = Client(fresh)
    assert (again.counters(), again.peer(), fresh.devices["pe1"].running) == before
    fresh.advance(300)
    assert again.counters()["SendChallengeMsg"] == 1
