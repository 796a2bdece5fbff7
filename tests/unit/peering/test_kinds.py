# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an intent is compiled to, in which order and how close together its ends are pushed."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from peering_intents import ALL, COOKIE, KEEPALIVE, KEY, LISP, RETRY, RSVP, sound

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry as features
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.compile import (
    compile_intent,
    for_host,
    revealed,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import Peering, load_intent

GOLDEN = Path(__file__).parent / "golden"


def loaded(peering: dict[str, Any]) -> Peering:
    (found,) = load_intent([peering])
    return found


def compiled(*peerings: dict[str, Any]) -> Any:
    return revealed(compile_intent(load_intent(list(peerings))))


@pytest.mark.golden
@pytest.mark.parametrize("peering", ALL, ids=lambda peering: peering["kind"])
def test_compiled(peering: dict[str, Any]) -> None:
    stored = yaml.safe_load((GOLDEN / f"{peering['kind']}.yml").read_text("utf-8"))
    assert compiled(peering) == stored


@pytest.mark.parametrize("peering", ALL, ids=lambda peering: peering["kind"])
def test_every_config_is_one_that_its_module_takes_and_its_platform_is_the_ends(peering: dict[str, Any]) -> None:
    for configs in compiled(peering).values():
        for name, config in configs.items():
            validate(features.feature(name).schema, config)
        assert len({features.feature(name).platform for name in configs}) == 1


def test_every_kind_has_a_golden_file_and_every_feature_a_kind() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yml")} == set(registry.kinds())
    assert {name for peering in ALL for configs in compiled(peering).values() for name in configs} == set(
        features.features()
    )


# -- order and time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peering", "waves", "window"),
    [
        (RSVP, [["pe1", "pe2"]], 90.0),
        ({**RSVP, "refresh": 10}, [["pe1", "pe2"]], 30.0),
        (LISP, [["ms1"], ["etr1", "etr2"]], None),
        (KEEPALIVE, [["fw1", "fw2"]], 60.0),
        (COOKIE, [["erx1"]], None),
        (RETRY, [["rtr12"]], None),
    ],
    ids=["rsvp", "rsvp-fast", "lisp", "keepalive", "cookie", "retry"],
)
def test_waves_and_window(peering: dict[str, Any], waves: list[list[str]], window: float | None) -> None:
    found = loaded(deepcopy(peering))
    kind = registry.kind(found.kind)
    assert (kind.waves(found), kind.window(found)) == (waves, window)
    assert sorted(host for wave in waves for host in wave) == sorted(kind.compile(found))


def test_the_faster_end_decides_the_window() -> None:
    peering = sound(RSVP)[0]
    peering["ends"][1]["refresh"] = 15
    assert registry.kind("rsvp_handshake").window(loaded(peering)) == 45.0


def test_map_servers_are_the_last_to_lose_tcp_ao() -> None:
    waves = registry.kind("lisp_tcp_ao").waves(loaded(sound(LISP)[0]), removing=True)
    assert waves == [["etr1", "etr2"], ["ms1"]]


def test_retired_keys_are_removed_at_every_end_by_its_own_chain() -> None:
    peering = sound(LISP)[0] | {"retired_keys": [41, 40, 41]}
    peering["keys"][0]["id"] = 42
    peering["ends"][1]["key_chain"] = "KC-ETR"
    peering["ends"][2] |= {"external": True}
    found = loaded(peering)
    kind = registry.kind(found.kind)
    assert kind.removals(found) == {
        host: {"cisco_tcp_key_chain": [{"name": name, "keys": [{"id": 40}, {"id": 41}]}]}
        for host, name in (("ms1", "KC-LISP"), ("etr1", "KC-ETR"))
    }
    for host, configs in kind.removals(found).items():
        for name, config in configs.items():
            assert name in kind.compile(found)[host]
            validate(features.feature(name).schema, config, partial=True)


@pytest.mark.parametrize("peering", ALL, ids=lambda peering: peering["kind"])
def test_nothing_is_removed_unless_told(peering: dict[str, Any]) -> None:
    found = loaded(peering)
    assert registry.kind(found.kind).removals(found) == {}


def test_external_ends_are_never_pushed() -> None:
    peering = sound(RSVP)[0]
    peering["ends"][1] = {"host": "pe2", "external": True, "address": "10.77.12.2"}
    found = loaded(peering)
    kind = registry.kind(found.kind)
    assert list(kind.compile(found)) == ["pe1"]
    assert kind.waves(found) == [["pe1"]]


def test_an_unmanaged_peering_configures_nothing() -> None:
    assert compiled({**sound(RSVP)[0], "managed": False}) == {}


# -- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "address"), [("neighbor_address", "10.77.12.2"), ("neighbor_lsr_id", "10.255.7.2")])
def test_neighbour_views_name_the_other_end(view: str, address: str) -> None:
    configs = compiled({**sound(RSVP)[0], "view": view})
    (peer,) = configs["pe1"]["huawei_rsvp_auth"]["peers"]
    assert (peer["address"], peer["handshake"]) == (address, True)
    assert "interfaces" not in configs["pe1"]["huawei_rsvp_auth"]


def test_what_map_servers_send_etrs_receive() -> None:
    peering = sound(LISP)[0]
    peering["keys"][0] |= {"send_id": 1, "recv_id": 2}
    configs = compiled(peering)
    ids = {
        host: (key["send_id"], key["recv_id"])
        for host in configs
        for key in configs[host]["cisco_tcp_key_chain"][0]["keys"]
    }
    assert ids == {"ms1": (1, 2), "etr1": (2, 1), "etr2": (2, 1)}


def test_etrs_of_several_sites_register_with_their_own_key_at_all_map_servers() -> None:
    peering = sound(LISP)[0]
    peering["sites"].append({"name": "BRANCH-9", "authentication_key": "Another-Site-1"})
    peering["services"] = ["ipv4", "ipv6"]
    peering["ends"].append({"host": "ms2", "role": "map_server", "address": "192.0.2.2"})
    peering["ends"][1]["site"], peering["ends"][2]["site"] = "BRANCH-7", "BRANCH-9"
    configs = compiled(peering)
    services = configs["etr2"]["cisco_lisp_tcp_ao"]["etr"]["services"]
    assert [service["afi"] for service in services] == ["ipv4", "ipv6"]
    assert [(s["address"], s["key"]) for s in services[1]["map_servers"]] == [
        ("192.0.2.1", "0 Another-Site-1"),
        ("192.0.2.2", "0 Another-Site-1"),
    ]
    assert configs["ms1"]["cisco_lisp_tcp_ao"]["map_server"] == configs["ms2"]["cisco_lisp_tcp_ao"]["map_server"]


def test_the_timeout_follows_the_peers_interval() -> None:
    peering = sound(KEEPALIVE)[0]
    peering["ends"][0]["interval"] = 30
    configs = compiled(peering)
    assert configs["fw1"]["h3c_ike_keepalive"] == {"interval": 30, "timeout": 60}
    assert configs["fw2"]["h3c_ike_keepalive"] == {"interval": 20, "timeout": 90}


@pytest.mark.parametrize("platform", ["allied_alliedware", "juniper_junose"])
def test_no_timeout_towards_a_make_that_sends_no_keepalives(platform: str) -> None:
    peering = sound(KEEPALIVE)[0]
    peering["ends"][1] = {"host": "rtr", "platform": platform}
    assert compiled(peering) == {"fw1": {"h3c_ike_keepalive": {"interval": 20}}}


def test_a_timeout_towards_an_external_end_whose_interval_is_known() -> None:
    peering = sound(KEEPALIVE)[0]
    peering["ends"][1] = {"external": True, "known": {"interval": 40}}
    assert compiled(peering) == {"fw1": {"h3c_ike_keepalive": {"interval": 20, "timeout": 120}}}


def test_two_makes_share_peerings_of_two_kinds() -> None:
    """An H3C firewall and an AlliedWare router: one keeps alive what it can, the other retries."""
    retry, keepalive = sound(RETRY, KEEPALIVE)
    keepalive["ends"] = [{"host": "fw-hq"}, {"host": "rtr12", "platform": "allied_alliedware"}]
    configs = compiled(retry, keepalive)
    assert {host: list(per_feature) for host, per_feature in configs.items()} == {
        "rtr12": ["allied_isakmp_policy"],
        "fw-hq": ["h3c_ike_keepalive"],
    }


def test_a_junose_responder_and_an_h3c_initiator() -> None:
    configs = compiled(sound(COOKIE)[0])
    assert list(configs) == ["erx1"]


# -- several peerings of one host -------------------------------------------------------------------------------------


def test_peerings_of_one_host_are_merged() -> None:
    one, other = sound(RSVP)[0], sound(RSVP)[0]
    other |= {"name": "second", "key": "Second-Key"}
    other["ends"] = [
        {"host": "pe1", "interface": "GigabitEthernet0/3/8", "refresh": 60},
        {"host": "pe3", "interface": "GigabitEthernet0/3/1"},
    ]
    mine = revealed(for_host(load_intent([one, other]), "pe1"))["huawei_rsvp_auth"]
    assert [(entry["name"], entry["authentication"]["key"]) for entry in mine["interfaces"]] == [
        ("GigabitEthernet0/3/7", KEY),
        ("GigabitEthernet0/3/8", "Second-Key"),
    ]
    assert mine["timers"] == {"refresh": 60}
    assert for_host(load_intent([one, other]), "nobody") == {}


def test_contradictions_are_refused_with_both_names_and_no_secret() -> None:
    one, other = sound(RSVP)[0], sound(RSVP)[0]
    other |= {"name": "second", "key": "Second-Key", "window_size": 48}
    with pytest.raises(InvalidInput) as refused:
        compile_intent(load_intent([one, other]))
    assert len(refused.value.problems) == 4
    assert all("core-link and second" in problem for problem in refused.value.problems)
    assert any("interfaces[GigabitEthernet0/3/7].window_size (32 and 48)" in p for p in refused.value.problems)
    assert "Key" not in str(refused.value)


def test_a_contradiction_elsewhere_does_not_stop_a_host() -> None:
    one, other = sound(KEEPALIVE)[0], sound(KEEPALIVE)[0]
    other |= {"name": "second", "interval": 30}
    other["ends"] = [{"host": "fw1"}, {"host": "fw9"}]
    intent = load_intent([one, other])
    assert for_host(intent, "fw9") == {"h3c_ike_keepalive": {"interval": 30, "timeout": 90}}
    with pytest.raises(InvalidInput, match=r"fw1: peerings hq-branch and second want different values"):
        for_host(intent, "fw1")


# -- any intent -------------------------------------------------------------------------------------------------------

_TEXT = st.text(st.sampled_from("abcdefghijkmnopqrstuvwxyz0123456789-_"), min_size=1, max_size=20)
_PORT = st.integers(0, 30).map(lambda number: f"GigabitEthernet0/0/{number}")


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def rsvp(draw: st.DrawFn) -> dict[str, Any]:
    shared = draw(
        optional(
            handshake=st.booleans(),
            lifetime=st.sampled_from(["00:30:00", "12:00:00", 3600]),
            window_size=st.integers(1, 64),
            refresh=st.integers(10, 65535),
            view=st.sampled_from(["interface", "neighbor_address", "neighbor_lsr_id"]),
        )
    )
    secret = draw(st.sampled_from([{"key": "k"}, {"keychain": "kc"}, {"key": "k", "mode": "plain"}]))
    ends = [
        {"host": f"h{n}", "interface": draw(_PORT), "address": f"10.0.0.{n}", "lsr_id": f"10.255.0.{n}"} for n in (1, 2)
    ]
    return {"name": draw(_TEXT), "kind": "rsvp_handshake", **secret, **shared, "ends": ends}


@st.composite
def lisp(draw: st.DrawFn) -> dict[str, Any]:
    ids = draw(st.lists(st.integers(0, 255), min_size=1, max_size=4, unique=True))
    lifetime = st.sampled_from([{"start": "2026-01-01", "infinite": True}, {"start": "2026-01-01", "duration": 9}])
    keys = [
        {
            "id": number,
            "key_string": draw(_TEXT),
            "algorithm": draw(st.sampled_from(["aes-128-cmac", "hmac-sha-1", "hmac-sha-256"])),
            "send_lifetime": draw(lifetime),
        }
        for number in ids
    ]
    servers, etrs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    ends = [{"host": f"ms{n}", "role": "map_server", "address": f"192.0.2.{n}"} for n in range(servers)]
    ends += [{"host": f"etr{n}", "role": "etr"} for n in range(etrs)]
    sites = draw(optional(sites=st.just([{"name": "S", "authentication_key": "x"}]), map_resolver=st.booleans()))
    return {"name": draw(_TEXT), "kind": "lisp_tcp_ao", "key_chain": draw(_TEXT), "keys": keys, **sites, "ends": ends}


@st.composite
def keepalive(draw: st.DrawFn) -> dict[str, Any]:
    seconds = st.integers(20, 28800)
    shared = draw(optional(timeout=seconds, nat_interval=st.integers(5, 300)))
    ends = [{"host": f"fw{n}", **draw(optional(interval=seconds, timeout=seconds))} for n in (1, 2)]
    return {"name": draw(_TEXT), "kind": "ike_keepalive", "interval": draw(seconds), **shared, "ends": ends}


@given(st.one_of(rsvp(), lisp(), keepalive()))
def test_whatever_is_accepted_compiles_to_what_modules_take_and_compiles_to_the_same_again(raw: dict[str, Any]) -> None:
    configs = compiled(raw)
    for per_feature in configs.values():
        for name, config in per_feature.items():
            validate(features.feature(name).schema, config)
    assert configs == compiled(raw)
    assert set(configs) == {end["host"] for end in raw["ends"]}
