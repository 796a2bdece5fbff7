# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""Show output in both documented layouts, and what is concluded from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth import observe

SHOW = Path(__file__).parent / "show"
PORT = "GigabitEthernet0/3/7"


def shown(name: str) -> str:
    return (SHOW / f"{name}.txt").read_text("utf-8")


CLOTHES = {
    "plain": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "pager": lambda text: text.replace(" Mpls Mtu", "  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42D Mpls Mtu"),
    "echo": lambda text: "display mpls rsvp-te ...\n" + text + "<PE1>",
    "dated": lambda text: "2031-05-14 09:20:11\n" + text,
}


@pytest.mark.parametrize("clothes", CLOTHES)
def test_interfaces_vrp8(clothes: str) -> None:
    first, off, down = observe.parse_interfaces(CLOTHES[clothes](shown("interface_vrp8"))).items()
    assert first == (
        PORT,
        {
            "address": "10.77.12.1",
            "state": "UP",
            "neighbours": 1,
            "authentication": True,
            "challenge": True,
            "window_size": 48,
            "next_seq": "913527760 21",
            "key_id": "0x0a4d0c010203",
        },
    )
    assert off[0] == "Eth-Trunk20"
    assert (off[1]["authentication"], off[1]["challenge"], off[1]["neighbours"]) == (False, None, 2)
    assert down[0] == "GigabitEthernet0/3/9"
    assert (down[1]["state"], down[1]["authentication"], down[1]["challenge"]) == ("DOWN", True, False)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_interfaces_s600(clothes: str) -> None:
    found = observe.parse_interfaces(CLOTHES[clothes](shown("interface_s600")))
    assert list(found) == ["Vlanif300"]
    one = found["Vlanif300"]
    assert (one["authentication"], one["challenge"], one["window_size"]) == (True, True, 32)
    assert (one["next_seq"], one["key_id"], one["neighbours"]) == ("2767115321 0", "0x0a4d32010007", 1)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_peers_vrp8(clothes: str) -> None:
    first, waiting, remote = observe.parse_peers(CLOTHES[clothes](shown("peer_vrp8")))
    assert first == {
        "interface": PORT,
        "address": "10.77.12.2",
        "psb": 2,
        "rsb": 3,
        "authentication": True,
        "window_size": 48,
        "last_seq": "913529044 310",
    }
    assert (waiting["interface"], waiting["last_seq"], waiting["authentication"]) == (
        "GigabitEthernet0/3/9",
        "NULL",
        True,
    )
    assert (remote["interface"] or "", remote["address"], remote["authentication"]) == ("", "10.255.7.4", False)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_peers_s600(clothes: str) -> None:
    first, remote, unknown = observe.parse_peers(CLOTHES[clothes](shown("peer_s600")))
    assert (first["interface"], first["address"], first["psb"], first["rsb"]) == ("Vlanif300", "10.77.50.2", 1, 2)
    assert (first["authentication"], first["window_size"], first["last_seq"]) == (None, None, "2767115400 12")
    assert (remote["interface"] or "", remote["address"], remote["rsb"]) == ("", "10.255.7.4", 2)
    assert unknown["address"] == "-----"


@pytest.mark.parametrize("layout", ["vrp8", "s600"])
def test_statistics(layout: str) -> None:
    found = observe.parse_statistics(CLOTHES["CRLF"](shown(f"statistics_{layout}")))
    assert [found[name] for name in ("send_challenge", "receive_challenge", "send_response", "receive_response")] == [1, 2, 3, 4]  # fmt: skip
    assert (found["psb"], found["rsb"]) == (5, 4)
    assert found["send_packets"] == {"vrp8": 2812, "s600": 12}[layout]


def test_nothing_is_nothing() -> None:
    assert (observe.parse_interfaces(""), observe.parse_peers(""), observe.parse_statistics("")) == ({}, [], {})
    assert observe.parse_statistics("Error: RSVP-TE is not enabled.") == {}


def test_a_cut_display_gives_what_it_shows() -> None:
    text = shown("peer_vrp8")
    cut = text[: text.index(" PSB Count: 0")]
    assert [peer["address"] for peer in observe.parse_peers(cut)] == ["10.77.12.2", "10.77.14.2"]


# -- conclusions -----------------------------------------------------------------------------------

VIEW = {"authentication": {"mode": "cipher"}, "handshake": True}
WANT: dict[str, Any] = {"interfaces": [{"name": PORT, **VIEW}]}
DONE = {"send_challenge": 1, "receive_challenge": 1, "send_response": 1, "receive_response": 1, "receive_packets": 9}


def seen(
    interface: dict[str, Any] | None = None, peer: dict[str, Any] | None = None, **statistics: int
) -> dict[str, Any]:
    port = {"state": "UP", "authentication": True, "challenge": True, "window_size": 1, **(interface or {})}
    base = {"interface": PORT, "address": "10.77.12.2", "psb": 1, "rsb": 1, "authentication": True, "window_size": 1}
    neighbour = {**base, "last_seq": "9 9", **(peer or {})}
    return {"interfaces": {PORT: port}, "peers": [neighbour], "statistics": {**DONE, **statistics}}


def words(now: dict[str, Any], before: dict[str, Any] | None = None, want: dict[str, Any] | None = None) -> list[str]:
    found = observe.unmet(WANT if want is None else want, now, before)
    return [f"{u.kind} {u.item}: {u.expected} / {u.seen}" for u in found]


SILENT = dict.fromkeys(DONE, 0)


def test_converged() -> None:
    assert words(seen(), seen(None, {"psb": 0, "rsb": 0, "last_seq": "NULL"}, **SILENT)) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (seen({"authentication": False}), f"unmet interface {PORT}: authentication enabled / authentication disabled"),
        (seen({"challenge": False}), f"unmet interface {PORT}: handshake enabled / handshake disabled"),
        (seen({"state": "DOWN"}), f"unmet interface {PORT}: interface up / interface down"),
        (seen(None, {"last_seq": "NULL"}), f"unmet interface {PORT}, neighbour 10.77.12.2: a valid sequence number / no authenticated message received"),
        (seen(None, {"psb": 0, "rsb": 0}), f"unmet interface {PORT}, neighbour 10.77.12.2: reserved resources (PSB or RSB) / none"),
        (seen(receive_response=0), f"unmet interface {PORT}: a completed challenge and response / send_challenge 1, receive_response 0"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_with_what_was_seen(now: dict[str, Any], told: str) -> None:
    assert words(now) == [told]


def test_an_interface_without_rsvp() -> None:
    assert words({"interfaces": {}, "peers": [], "statistics": {}}) == [
        f"unmet interface {PORT}: RSVP-TE running / RSVP-TE does not run on it"
    ]


def test_no_traffic_yet_is_neither() -> None:
    idle = seen(None, {"psb": 0, "rsb": 0, "last_seq": "NULL"}, **SILENT)
    told = [f"no_traffic interface {PORT}: a neighbour that has proved itself / no RSVP traffic yet"]
    assert words(idle) == told
    assert words({**idle, "peers": []}) == told
    assert words(idle, idle) == told


def test_traffic_that_proves_nothing_is_unmet() -> None:
    dead = {"psb": 0, "rsb": 0, "last_seq": "NULL"}
    idle = seen(None, dead, **SILENT)
    now = seen(None, dead, **{**SILENT, "send_challenge": 4})
    assert [line.split()[0] for line in words(now, idle)] == ["unmet"] * 3


def test_counters_of_the_past_prove_nothing() -> None:
    before = seen(send_challenge=5, receive_response=5)
    assert words(seen(send_challenge=9, receive_response=5), before) == [
        f"unmet interface {PORT}: an answer to the challenges sent since the change / 4 sent, none answered"
    ]
    assert words(seen(send_challenge=9, receive_response=6), before) == []


def test_reset_counters_do_not_condemn_a_session_that_was_not_touched() -> None:
    assert words(seen(**SILENT)) == []
    assert words(seen(**SILENT), seen(**SILENT)) != []  # after a change they must move


def test_the_window_of_the_neighbour() -> None:
    want = {"interfaces": [{"name": PORT, **VIEW, "window_size": 32}]}
    told = f"unmet interface {PORT}, neighbour 10.77.12.2: window size 32 / window size 1"
    assert words(seen(), want=want) == [told]
    assert words(seen(None, {"window_size": None}), want=want) == []  # a layout that does not show it


def peer_want(*addresses: str) -> dict[str, Any]:
    return {"peers": [{"address": address, **VIEW} for address in addresses]}


def test_a_peer_by_its_interface_address() -> None:
    assert words(seen(), want=peer_want("10.77.12.2")) == []
    assert words(seen(None, {"last_seq": "NULL"}), want=peer_want("10.77.12.2"))[0].startswith(
        "unmet peer 10.77.12.2, "
    )


def test_a_peer_by_its_lsr_id_is_judged_by_the_neighbours_that_it_stands_for() -> None:
    remote = {"interface": "", "address": "10.255.7.2", "psb": 0, "rsb": 0, "authentication": True, "window_size": 1, "last_seq": "NULL"}  # fmt: skip
    now = seen()
    now["peers"].append(remote)
    assert words(now, want=peer_want("10.255.7.2")) == []
    now["peers"][0]["last_seq"] = "NULL"
    assert [line.split(": ")[0] for line in words(now, want=peer_want("10.255.7.2"))] == [
        "unmet peer 10.255.7.2, neighbour 10.77.12.2"
    ]
    # a neighbour without authentication, or with an entry of its own, says nothing about it
    now["peers"][0]["authentication"] = False
    assert words(now, want=peer_want("10.255.7.2"))[0].startswith("no_traffic peer 10.255.7.2")
    now["peers"][0]["authentication"] = True
    assert words(now, want=peer_want("10.255.7.2", "10.77.12.2"))[0].startswith("no_traffic peer 10.255.7.2")


def test_without_authentication_there_is_nothing_to_prove() -> None:
    assert words(seen({"authentication": False}), want={"interfaces": [{"name": PORT, "enabled": ["mpls"]}]}) == []
    assert words(seen(**SILENT), seen(**SILENT), {"interfaces": [{"name": PORT, "authentication": {"mode": "plain"}}]}) == []  # fmt: skip
