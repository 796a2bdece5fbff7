# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show output to data, and what of it counts as converged."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option import observe

OPTIONS = """IPsec options:
  Dead Peer Detection: enabled
  NAT Traversal      : disabled
  TX Invalid Cookie  : enabled
"""
SAS = """IKE Phase 1 SA's:
Local:Port          Remote:Port         Time(Sec) State      Local Cookie        Remote Cookie
198.51.100.9:500    203.0.113.40:500    26133     DONE       0x82b42d18a7e80c51  0x1f0c9a77d3b2e604
198.51.100.9:4500   203.0.113.77:12780  28790     DONE       0x5c13e09b44ad7f20  0x90d1be3322a6c8f5
198.51.100.9:500    203.0.113.91:500    0         MM_SA_I    0x6e0b1dd14f7a2c93  0x0000000000000000
"""
TUNNELS = """IPSEC tunnel red2hq is up
Tunnel configuration:
  Tunnel type is signaled
  Tunnel mtu is 1440
  Tunnel transport virtual router is default
  Tunnel administrative state is Up
IPSEC tunnel blue2hq is not present
2 IPSEC tunnels found
"""
ALL = {"tx_invalid_cookie": True, "dpd": True, "nat_t": False}


@pytest.mark.parametrize(
    "text",
    [
        OPTIONS,
        OPTIONS.replace("\n", "\r\n"),
        OPTIONS.upper(),
        "ipsec option dpd is enabled\nipsec option nat-t is disabled\nipsec option tx-invalid-cookie is enabled\n",
        "  dead-peer detection ...... on\n  nat-t ...... off\n  transmit invalid-cookie ...... on\n",
        "DPD: Enabled\nNAT-T: Disabled\nInvalid Cookie notification: Enabled\n",
    ],
)
def test_options_by_meaning(text: str) -> None:
    assert observe.parse_options(text) == ALL


def test_an_option_that_is_not_listed_is_not_off() -> None:
    assert "tx_invalid_cookie" not in observe.parse_options(OPTIONS.replace("  TX Invalid Cookie  : enabled\n", ""))


@pytest.mark.parametrize(
    "text", ["", "% Invalid input detected at '^' marker.\n", "IPsec options:\n", "something: else\n"]
)
def test_nothing_recognised(text: str) -> None:
    assert observe.parse_options(text) == {}
    assert observe.parse_ike_sas(text) == []
    assert observe.parse_tunnels(text) == []


def test_ike_sas() -> None:
    first, nat, stuck = observe.parse_ike_sas(SAS)
    assert first == {
        "local": "198.51.100.9",
        "local_port": 500,
        "remote": "203.0.113.40",
        "remote_port": 500,
        "seconds": 26133,
        "state": "DONE",
        "local_cookie": "0x82b42d18a7e80c51",
        "remote_cookie": "0x1f0c9a77d3b2e604",
    }
    assert (nat["local_port"], nat["remote_port"]) == (4500, 12780)
    assert [observe.done(sa) for sa in (first, nat, stuck)] == [True, True, False]


def test_ike_sas_cut_in_the_middle_of_a_row() -> None:
    assert len(observe.parse_ike_sas(SAS[: SAS.index("0x90d1")])) == 1


def test_tunnels() -> None:
    assert observe.parse_tunnels(TUNNELS) == [
        {"name": "red2hq", "state": "up", "transport": "default"},
        {"name": "blue2hq", "state": "not present", "transport": ""},
    ]
    assert observe.parse_tunnels("IPSEC tunnel red2hq is down\n1 IPSEC tunnel found\n") == [
        {"name": "red2hq", "state": "down", "transport": ""}
    ]
    assert observe.parse_tunnels("0 IPSEC tunnels found\n") == []


def judged(entry: dict[str, Any], options: dict[str, Any], sas: str | None = SAS) -> list[tuple[str, str, str]]:
    want = [{"virtual_router": "default", **entry}]
    shown = {
        "options": {name: options.get(name) for name in ALL},
        "ike_sas": None if sas is None else observe.parse_ike_sas(sas),
    }
    found = observe.unmet(want, {"virtual_routers": {"default": shown}}, None)
    return [(unmet.expected, unmet.seen, unmet.kind) for unmet in found]


def test_converged() -> None:
    assert judged(ALL, ALL) == []
    assert judged({"dpd": True}, {"tx_invalid_cookie": False, "dpd": True, "nat_t": True}, "") == []


def test_a_router_that_is_gone() -> None:
    want = [{"virtual_router": "vrX", "dpd": True}, {"virtual_router": "vrY"}]
    (found,) = observe.unmet(want, {"virtual_routers": {}}, None)
    assert (found.item, found.seen) == ("virtual router vrX", "it cannot be selected")


def test_disagreement_is_unmet() -> None:
    assert judged(ALL, {**ALL, "tx_invalid_cookie": False}) == [
        ("tx_invalid_cookie enabled", "tx_invalid_cookie disabled", "unmet")
    ]
    assert judged({}, ALL)[-1] == ("nat_t enabled", "nat_t disabled", "unmet")


def test_an_option_that_the_release_does_not_list_is_unmet_only_if_it_is_wanted() -> None:
    listed = {"dpd": False, "nat_t": True}
    assert judged({"tx_invalid_cookie": True}, listed)[0][1] == "an option that this release does not list"
    assert judged({}, listed) == []


@pytest.mark.parametrize(
    ("sas", "seen"),
    [
        ("", "no IKE SA yet"),
        (SAS.splitlines()[-1], "203.0.113.91 MM_SA_I"),
        (None, "IKE SAs that this release does not show"),
    ],
)
def test_without_a_completed_phase_1_nothing_is_proved_and_nothing_refuted(sas: str | None, seen: str) -> None:
    assert judged(ALL, ALL, sas) == [("a completed IKE phase 1", seen, "no_traffic")]


def test_a_display_that_is_not_understood_proves_nothing() -> None:
    assert [kind for _expected, _seen, kind in judged({"dpd": True}, {})] == ["no_traffic"]
