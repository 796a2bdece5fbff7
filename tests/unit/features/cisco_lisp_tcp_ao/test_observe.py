# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What show commands say of LISP sessions, in every layout, and what that means for the intended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao import observe
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.feature import FEATURE

SHOW = Path(__file__).parent / "show"
LAYOUTS = {
    "as shown": str,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "trailing blanks": lambda text: text.replace("\n", "   \n"),
}


def show(name: str) -> str:
    return (SHOW / f"{name}.txt").read_text("utf-8")


@pytest.fixture(params=LAYOUTS.values(), ids=LAYOUTS)
def layout(request):
    return request.param


def test_the_session_table_with_rtt(layout):
    rows = observe.parse_sessions(layout(show("sessions_new")))
    assert [(row["peer"], row["port"], row["state"]) for row in rows] == [
        ("203.0.113.11", None, "Listening"),
        ("203.0.113.11", 31874, "Up"),
        ("203.0.113.12", None, "Listening"),
        ("203.0.113.12", 20933, "Up"),
        ("2001:db8:5::21", None, "Listening"),
    ]
    assert rows[3] | {} == {
        "peer": "203.0.113.12", "port": 20933, "state": "Up", "up_down": "00:41:07",
        "received": 57, "sent": 49, "users": 4, "rtt": 3,
    }  # fmt: skip


def test_the_session_table_without_rtt(layout):
    rows = observe.parse_sessions(layout(show("sessions_old")))
    assert [(row["peer"], row["port"], row["state"], row["up_down"]) for row in rows] == [
        ("192.0.2.1", 4342, "Up", "03:17:44"),
        ("192.0.2.2", 4342, "Down", "00:00:19"),
    ]
    assert rows[0]["rtt"] is None


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1:4342", ("192.0.2.1", 4342)),
        ("192.0.2.1", ("192.0.2.1", None)),
        ("2001:DB8:5::21.4342", ("2001:db8:5::21", 4342)),
        ("2001:db8:5::21", ("2001:db8:5::21", None)),
    ],
)
def test_endpoints(text, endpoint):
    assert observe.endpoint(text) == endpoint


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("detail_new", ("192.0.2.1", 4342, "TCP-Auth-Option", "KC-LISP-A", "Active")),
        ("detail_doc", ("4.4.4.4", 4342, "TCP-Auth-Option", "kc1", "Active")),
        ("detail_none", ("203.0.113.12", 20933, None, None, "Passive")),
    ],
)
def test_session_details(name, expected, layout):
    (entry,) = observe.parse_details(layout(show(name)))
    assert (entry["peer"], entry["port"], entry["auth"], entry["key_chain"], entry["type"]) == expected


def test_details_without_an_auth_line_are_unprotected_and_several_may_come_in_one_text():
    text = show("detail_new") + show("detail_none").replace("Auth Type:        None \n", "")
    assert [entry["auth"] for entry in observe.parse_details(text)] == ["TCP-Auth-Option", None]
    assert list(observe.parse_details("")) == []


def test_registrations(layout):
    rows = observe.parse_site(layout(show("site")))
    assert [(row["site"], row["prefix"], row["up"], row["reliable"], row["registrar"]) for row in rows] == [
        ("BRANCH-7", "198.51.100.0/24", False, False, None),
        ("BRANCH-7", "198.51.100.64/27", True, True, "203.0.113.12:20933"),
        ("BRANCH-7", "198.51.100.96/27", True, True, "2001:db8:5::21.20933"),
        ("BRANCH-9", "198.51.100.128/26", True, False, "203.0.113.19:4342"),
        ("BRANCH-9", "2001:db8:9::/48", False, False, None),
    ]


def test_tcp(layout):
    assert observe.parse_brief(layout(show("brief"))) == {
        ("192.0.2.1", 4342): "7F3A9C41",
        ("2001:db8::1", 4342): "7F3A9C44",
    }
    assert observe.parse_block(layout(show("block"))) == {
        "current_key": 41,
        "next_key": 42,
        "accept_ao_mismatch": False,
        "tcp_key_chain": "KC-LISP-A",
    }
    assert observe.parse_block("% Invalid input detected") == {}


@pytest.mark.parametrize("name", sorted(path.stem for path in SHOW.glob("*.txt")))
def test_cut_output_is_read_as_far_as_it_goes(name):
    text = show(name)
    for end in range(0, len(text), 7):
        observe.parse_sessions(text[:end])
        list(observe.parse_details(text[:end]))
        observe.parse_site(text[:end])
        observe.parse_brief(text[:end])
        observe.parse_block(text[:end])


# -- judgement --------------------------------------------------------------------------------------------------------

ETR = {"tcp_auth_options": [{"key_chain": "KC", "peers": ["192.0.2.1"]}]}
MS = {"tcp_auth_options": [{"key_chain": "KC", "accept": True}]}
AO = {"auth": "TCP-Auth-Option", "key_chain": "KC"}
UNPROTECTED = {"auth": None, "key_chain": None}
USED = {"current_key": 41, "next_key": 41, "accept_ao_mismatch": False}
CHAINS = {"KC": {"preferred": 41, "keys": {}}}


def session(peer: str, port: int | None, state: str = "Up", up_down: str = "00:01:00", **more: Any) -> dict[str, Any]:
    return {"peer": peer, "port": port, "state": state, "up_down": up_down, **more}


def unmet(want: Any, *sessions: Any, before: Any = None, **more: Any) -> list[tuple[str, str, str]]:
    seen = {"sessions": list(sessions), "chains": CHAINS, **more}
    found = FEATURE.unmet(want, seen, before)
    return [(entry.item, entry.seen, entry.kind) for entry in found]


def test_an_etr_is_converged_with_the_intended_chain_and_key():
    assert unmet(ETR, session("192.0.2.1", 4342, **AO, **USED)) == []
    assert unmet(ETR, session("192.0.2.1", 4342, **AO)) == [], "nothing is concluded from a block that is not shown"


@pytest.mark.parametrize(
    ("row", "item", "seen"),
    [
        (session("192.0.2.1", 4342, **UNPROTECTED), "unprotected session with 192.0.2.1:4342", "up without TCP-AO"),
        (session("192.0.2.1", 4342, auth="TCP-Auth-Option", key_chain="X"), "session with", "with key chain X"),
        (session("192.0.2.1", 4342, **AO, **{**USED, "next_key": 42}), "session with", "current key 41, next key 42"),
        (session("192.0.2.1", 4342, **AO, current_key=40, next_key=40), "session with", "current key 40, next key 40"),
        (session("192.0.2.1", 4342, **AO, **{**USED, "accept_ao_mismatch": True}), "unprotected", "mismatch is on"),
        (session("192.0.2.1", 4342, "Down"), "session with 192.0.2.1", "Down"),
        (session("192.0.2.9", 4342, **AO, **USED), "session with 192.0.2.1", "has this ETR a local EID"),
    ],
)
def test_an_etr_is_not_converged(row, item, seen):
    (entry,) = unmet(ETR, row)
    assert item in entry[0]
    assert seen in entry[1]
    assert entry[2] == "unmet"


def test_a_map_server_judges_every_session_of_an_etr_and_no_other():
    rows = [session("203.0.113.1", 20933, **AO, **USED), session("192.0.2.2", 4342)]
    assert unmet(MS, *rows) == []
    assert unmet(MS, *rows, session("203.0.113.2", 20934, **UNPROTECTED)) == [
        ("unprotected session with 203.0.113.2:20934", "up without TCP-AO: unprotected", "unmet")
    ]


def test_a_map_server_without_etrs_has_nothing_to_prove():
    assert [entry[2] for entry in unmet(MS)] == ["no_traffic"]
    listening = session("203.0.113.1", None, "Listening", "never")
    assert [entry[2] for entry in unmet(MS, listening)] == ["no_traffic"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"registrations": [{"registrar": "203.0.113.1:4342"}]}, "registers over UDP"),
        ({"before": {"sessions": [session("203.0.113.1", 20933)]}}, "Listening"),
    ],
)
def test_a_map_server_misses_an_etr_that_is_known_to_be_there(more, words):
    (entry,) = unmet(MS, session("203.0.113.1", None, "Listening", "never"), **more)
    assert words in entry[1]
    assert entry[2] == "unmet"


def test_without_tcp_ao_there_is_nothing_to_judge():
    assert unmet({}, session("192.0.2.1", 4342)) == []
