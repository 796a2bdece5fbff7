# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule: found where it is broken, on the hosts where it is, and not found where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from peering_intents import COOKIE, KEEPALIVE, KEY, LISP, RETRY, RSVP, SITE_KEY, sound

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.compile import compile_all, revealed
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.finding import Finding
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import Report, judge

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PORT1, PORT2 = "GigabitEthernet0/3/7", "GigabitEthernet0/3/1"
Break = Callable[[Any], object]


@dataclass(frozen=True)
class Case:
    """One way to break a rule.

    `peering` is sound. `written` breaks the configurations that it compiles to, taken as written by hand; `meant`
    breaks the intent itself. `hosts`: whom the finding is about.
    """

    rule: str
    peering: dict[str, Any]
    hosts: tuple[str, ...]
    written: Break | None = None
    meant: Break | None = None
    facts: dict[str, dict[str, Any]] | None = None


def port(configs: Any, host: str = "pe1") -> Any:
    return configs[host]["huawei_rsvp_auth"]["interfaces"][0]


def key(configs: Any, host: str = "etr1") -> Any:
    return configs[host]["cisco_tcp_key_chain"][0]["keys"][0]


def keychain(name: str) -> dict[str, Any]:
    return {"mode": "keychain", "keychain": name}


def lasting(start: str, **end: Any) -> dict[str, Any]:
    return {"start": start, **(end or {"infinite": True})}


def policy(configs: Any) -> Any:
    return configs["rtr12"]["allied_isakmp_policy"][0]


def option(configs: Any) -> Any:
    return configs["erx1"]["junose_ipsec_option"][0]


def lisp(configs: Any, host: str) -> Any:
    return configs[host]["cisco_lisp_tcp_ao"]


def more_keys(*lifetimes: dict[str, Any]) -> Break:
    def change(configs: Any) -> None:
        chain = configs["etr1"]["cisco_tcp_key_chain"][0]
        base = chain["keys"][0]
        chain["keys"] = [
            {**base, "id": 41 + n, "send_id": 41 + n, "recv_id": 41 + n, "send_lifetime": lifetime}
            for n, lifetime in enumerate(lifetimes)
        ]

    return change


def rolled(peering: Any, known: dict[str, Any] | None = None, **lifetime: Any) -> None:
    """Key 41 has given way to key 42; `known`: of the second ETR, which is external then."""
    window = lifetime if "end" in lifetime else {"start": late(2026, 1), **lifetime, "infinite": True}
    peering["keys"] = [{**peering["keys"][0], "id": 42, "send_lifetime": window}]
    peering["retired_keys"] = [41]
    if known is not None:
        peering["ends"][2].update(external=True, known=known)


def ike(one: dict[str, Any], other: dict[str, Any] | None = None, **ends: Any) -> Break:
    """Tell what the ends of the keepalive peering are as IKE peers; `ends`: other values of the first end."""

    def change(peering: Any) -> None:
        peering["ends"][0] |= {"ike": one, **ends}
        if other:
            peering["ends"][1]["ike"] = other

    return change


def late(year: int, month: int) -> str:
    return f"{year}-{month:02d}-01"


CASES = [
    # -- RSVP
    Case("rsvp/R1", RSVP, ("pe1",), lambda c: port(c).pop("authentication")),
    Case(
        "rsvp/R2",
        RSVP,
        ("pe2",),
        lambda c: c["pe2"]["huawei_rsvp_auth"].update(peers=[{"address": "10.77.12.1", "handshake": True}]),
    ),
    Case("rsvp/R7", RSVP, ("pe1",), lambda c: port(c).update(lifetime="00:00:30")),
    Case("rsvp/R7", RSVP, ("pe2",), meant=lambda p: p["ends"][1].update(refresh=1800)),
    Case("rsvp/R7a", RSVP, ("pe1",), lambda c: port(c).update(lifetime="00:01:29")),
    Case("rsvp/R9", RSVP, ("pe2",), lambda c: port(c, "pe2").pop("handshake")),
    Case("rsvp/R9a", RSVP, ("pe1", "pe2"), lambda c: [c[h].update(huawei_rsvp_auth={}) for h in c]),
    Case("rsvp/R10", RSVP, ("pe1", "pe2"), lambda c: port(c, "pe2").pop("handshake")),
    Case("rsvp/R10", RSVP, ("pe2", "pe1"), lambda c: port(c).update(handshake=False)),
    Case(
        "rsvp/R10",
        RSVP,
        ("pe1", "pe2"),
        meant=lambda p: p["ends"].__setitem__(1, {"host": "pe2", "external": True, "known": {"handshake": False}}),
    ),
    Case("rsvp/R11", RSVP, ("pe1", "pe2"), lambda c: port(c)["authentication"].update(key="Other-Key")),
    Case(
        "rsvp/R11", RSVP, ("pe1", "pe2"), lambda c: port(c).update(authentication={"mode": "keychain", "keychain": "k"})
    ),
    Case("rsvp/R11", RSVP, ("pe1", "pe2"), lambda c: c["pe2"].update(huawei_rsvp_auth={})),
    Case(
        "rsvp/R11a",
        RSVP,
        ("pe1", "pe2"),
        lambda c: [port(c, host).update(authentication=keychain(f"kc-{host}")) for host in c],
    ),
    Case("rsvp/R13", RSVP, ("pe1", "pe2"), lambda c: c["pe2"]["huawei_rsvp_auth"].update(timers={"refresh": 1800})),
    Case(
        "rsvp/R14",
        RSVP,
        ("pe1",),
        lambda c: c["pe1"]["huawei_rsvp_auth"].update(
            peers=[{"address": "10.255.7.2", "authentication": {"mode": "cipher", "key": "Other-Key"}}]
        ),
    ),
    Case("rsvp/R15", RSVP, ("pe1", "pe2"), meant=lambda p: p["ends"][1].update(address="10.77.12.6/30")),
    Case("rsvp/R15", RSVP, ("pe1", "pe2"), meant=lambda p: p["ends"][1].update(address="10.77.12.1/30")),
    Case(
        "rsvp/R15a",
        RSVP,
        ("pe1",),
        lambda c: c["pe1"]["huawei_rsvp_auth"].update(
            peers=[{"address": "10.9.9.9", "authentication": {"mode": "cipher", "key": KEY}}]
        ),
    ),
    # -- LISP
    Case("lisp/R1", LISP, ("etr1",), lambda c: lisp(c, "etr1")["tcp_auth_options"][0].update(key_chain="KC-OTHER")),
    Case("lisp/R2", LISP, ("etr1",), lambda c: c["etr1"]["cisco_tcp_key_chain"][0].update(name="k" * 237)),
    Case("lisp/R4", LISP, ("etr1",), lambda c: key(c).pop("send_id")),
    Case(
        "lisp/R5",
        LISP,
        ("etr1",),
        lambda c: c["etr1"]["cisco_tcp_key_chain"][0]["keys"].append({**key(c), "id": 42, "recv_id": 42}),
    ),
    Case("lisp/R6", LISP, ("ms1",), lambda c: key(c, "ms1").pop("algorithm")),
    Case("lisp/R7", LISP, ("ms1",), lambda c: key(c, "ms1").pop("key_string")),
    Case(
        "lisp/R8", LISP, ("etr1",), lambda c: key(c).update(send_lifetime={"start": "2026-02-01", "end": "2026-01-01"})
    ),
    Case("lisp/R8", LISP, ("etr1",), lambda c: key(c).update(send_lifetime={"start": "2026-02-01"})),
    Case("lisp/R8a", LISP, ("etr1",), lambda c: key(c).pop("send_lifetime")),
    Case("lisp/R9", LISP, ("etr1",), more_keys({"start": late(2026, 1), "end": "2026-06-11"})),
    Case("lisp/R9", LISP, ("etr1",), more_keys({"start": late(2026, 1), "end": late(2026, 5)})),
    Case("lisp/R9", LISP, ("etr1",), more_keys({"start": late(2026, 7), "infinite": True})),
    Case(
        "lisp/R9",
        LISP,
        ("etr1",),
        more_keys({"start": late(2026, 1), "end": "2026-06-11"}, {"start": "2026-06-12", "infinite": True}),
    ),
    Case(
        "lisp/R10",
        LISP,
        ("etr1",),
        more_keys({"start": late(2026, 1), "end": "2026-06-11"}, {"start": "2026-06-10 23:50:00", "infinite": True}),
    ),
    Case(
        "lisp/R10a",
        LISP,
        ("etr1",),
        more_keys({"start": late(2026, 1), "infinite": True}, {"start": late(2026, 5), "infinite": True}),
    ),
    Case(
        "lisp/R10a",
        LISP,
        ("etr1",),
        more_keys({"start": late(2026, 1), "end": late(2026, 12)}, {"start": late(2026, 5), "end": late(2026, 11)}),
    ),
    Case("lisp/R11", LISP, ("etr1",), lambda c: key(c).update(send_id=7)),
    Case("lisp/R12", LISP, ("etr1",), lambda c: key(c).update(accept_ao_mismatch=True)),
    Case("lisp/R13", LISP, ("etr1",), lambda c: key(c).update(include_tcp_options=True)),
    Case(
        "lisp/R14",
        LISP,
        ("ms1",),
        lambda c: lisp(c, "ms1")["tcp_auth_options"].append({"key_chain": "KC-NEW", "accept": True}),
    ),
    Case("lisp/R14a", LISP, ("ms1",), lambda c: lisp(c, "ms1")["tcp_auth_options"][0].pop("accept")),
    Case("lisp/R15", LISP, ("etr1",), lambda c: lisp(c, "etr1")["tcp_auth_options"][0].update(peers=["192.0.2.9"])),
    Case(
        "lisp/R15a",
        LISP,
        ("etr1",),
        lambda c: lisp(c, "etr1")["tcp_auth_options"].append({"key_chain": "KC-NEW", "peers": ["192.0.2.1"]}),
    ),
    Case("lisp/R16", LISP, ("ms1",), lambda c: lisp(c, "ms1")["map_server"]["sites"][0].pop("authentication_key")),
    Case("lisp/R16", LISP, ("etr1",), lambda c: lisp(c, "etr1")["etr"]["services"][0]["map_servers"][0].pop("key")),
    Case("lisp/R17", LISP, ("etr1",), facts={"etr1": {"ansible_net_version": "16.12.4"}}),
    Case("lisp/R20", LISP, ("etr1", "ms1"), lambda c: key(c).update(key_string="Other-Key")),
    Case("lisp/R20", LISP, ("etr1", "ms1"), lambda c: key(c).update(algorithm="aes-128-cmac")),
    Case("lisp/R20", LISP, ("etr1", "ms1"), lambda c: key(c).update(include_tcp_options=True)),
    Case(
        "lisp/R20",
        LISP,
        ("etr1", "ms1"),
        lambda c: key(c).update(send_lifetime={"start": "2026-01-02", "infinite": True}),
    ),
    Case("lisp/R20a", LISP, ("etr1", "ms1"), lambda c: key(c)["send_lifetime"].update(local=True)),
    Case("lisp/R21", LISP, ("etr1", "ms1"), lambda c: key(c).update(send_id=7)),
    Case("lisp/R22", LISP, ("etr1", "ms1"), lambda c: key(c).update(id=7)),
    Case("lisp/R22", LISP, ("etr1", "ms1"), meant=lambda p: p["ends"][1].update(key_chain="KC-ETR")),
    Case(
        "lisp/R24",
        LISP,
        ("etr1", "ms1"),
        lambda c: lisp(c, "etr1")["etr"]["services"][0]["map_servers"][0].update(key="Other-Site"),
    ),
    Case("lisp/R25", LISP, ("etr1", "ms1"), lambda c: lisp(c, "ms1").pop("tcp_auth_options")),
    Case("lisp/M1", LISP, ("etr1", "ms1"), lambda c: lisp(c, "etr1").pop("tcp_auth_options")),
    Case(
        "lisp/M1",
        LISP,
        ("etr2", "ms1"),
        meant=lambda p: p["ends"][2].update(external=True, known={"version": "16.12.4"}),
    ),
    Case("lisp/M2", LISP, ("ms1",), meant=lambda p: p["ends"][0].update(passive_open="RLOC-WLC")),
    Case("lisp/M3", LISP, ("etr1", "ms1"), lambda c: [lisp(c, h).pop("tcp_auth_options") for h in c]),
    Case("lisp/R26", LISP, ("etr1", "etr2"), lambda c: lisp(c, "etr2").pop("tcp_auth_options")),
    Case("lisp/R28", LISP, ("etr2", "ms1"), lambda c: key(c, "etr2").update(send_id=7, recv_id=7)),
    Case("lisp/R30", LISP, ("ms1", "etr1", "etr2"), meant=lambda p: p.update(retired_keys=[41])),
    Case("lisp/R31", LISP, ("ms1", "etr1", "etr2"), meant=lambda p: rolled(p, start=late(2026, 7))),
    Case("lisp/R31", LISP, ("ms1", "etr1", "etr2"), meant=lambda p: rolled(p, start=late(2026, 1), end=late(2026, 5))),
    Case("lisp/R32", LISP, ("etr2",), meant=lambda p: rolled(p, known={"tcp_ao": True, "keys": [41]})),
    Case("lisp/R32a", LISP, ("etr2",), meant=lambda p: rolled(p, known={"tcp_ao": True})),
    Case("lisp/R32a", LISP, ("etr2",), meant=lambda p: rolled(p, known={"version": "17.9.4"})),
    # -- IKE
    Case("ike/R1", KEEPALIVE, ("fw1", "fw2"), lambda c: c["fw2"]["h3c_ike_keepalive"].pop("interval")),
    Case("ike/R1", KEEPALIVE, ("fw2", "fw1"), lambda c: c["fw1"]["h3c_ike_keepalive"].pop("interval")),
    Case(
        "ike/R1",
        KEEPALIVE,
        ("fw1", "rtr"),
        meant=lambda p: p.update(timeout=60, ends=[p["ends"][0], {"host": "rtr", "platform": "allied_alliedware"}]),
    ),
    Case(
        "ike/R1",
        KEEPALIVE,
        ("fw1", "far"),
        meant=lambda p: p.update(
            timeout=60, ends=[p["ends"][0], {"host": "far", "external": True, "known": {"keepalive": False}}]
        ),
    ),
    Case(
        "ike/R1a",
        KEEPALIVE,
        ("fw1", "far"),
        meant=lambda p: p.update(timeout=60, ends=[p["ends"][0], {"host": "far", "external": True}]),
    ),
    Case("ike/R6", KEEPALIVE, ("fw1", "fw2"), lambda c: c["fw1"]["h3c_ike_keepalive"].update(timeout=20)),
    Case(
        "ike/R6",
        KEEPALIVE,
        ("fw1", "fw2"),
        meant=lambda p: (p["ends"][0].update(timeout=60), p["ends"][1].update(interval=60)),
    ),
    Case("ike/R6a", KEEPALIVE, ("fw1", "fw2"), lambda c: c["fw1"]["h3c_ike_keepalive"].update(timeout=59)),
    Case("ike/R6b", KEEPALIVE, ("fw1", "fw2"), lambda c: c["fw1"]["h3c_ike_keepalive"].pop("timeout")),
    Case("ike/R8", KEEPALIVE, ("fw1",), meant=ike({"exchange_mode": "main"}, address="dynamic")),
    Case("ike/R8", KEEPALIVE, ("fw2", "fw1"), meant=ike({}, {"exchange_mode": "main"}, address="dynamic")),
    Case(
        "ike/R9",
        KEEPALIVE,
        ("fw1",),
        meant=ike({"exchange_mode": "main", "authentication": "preshared", "id_type": "fqdn"}),
    ),
    Case("ike/R11", KEEPALIVE, ("fw1",), meant=ike({"initiates": True})),
    Case("ike/R13", KEEPALIVE, ("fw1", "fw2"), meant=ike({"remote_name": "fw-b"}, {"local_name": "fw-two"})),
    Case("ike/R13", KEEPALIVE, ("fw1", "fw2"), meant=ike({"remote_address": "198.51.100.1-198.51.100.8"})),
    Case(
        "ike/R13",
        RETRY,
        ("rtr12", "fw-hq"),
        lambda c: policy(c).update(peer="198.51.100.21"),
    ),
    Case(
        "ike/R14",
        KEEPALIVE,
        ("fw2", "fw1"),
        meant=ike({"behind_nat": True, "nat_traversal": True}, {"nat_traversal": False}),
    ),
    Case(
        "ike/R14", KEEPALIVE, ("fw1",), meant=ike({"behind_nat": True, "nat_traversal": False}, {"nat_traversal": True})
    ),
    Case(
        "ike/R14",
        COOKIE,
        ("erx1", "fw3"),
        meant=lambda p: (p.update(nat_t=False), p["ends"][1].update(ike={"behind_nat": True, "nat_traversal": True})),
    ),
    Case("ike/R16", KEEPALIVE, ("fw1", "fw2"), meant=ike({"proposals": ["aes"]}, {"system_proposals": ["3des"]})),
    Case("ike/R17", KEEPALIVE, ("fw1",), meant=ike({"id_type": "fqdn", "local_name": "fw@hq"})),
    Case(
        "ike/R18",
        KEEPALIVE,
        ("fw1",),
        meant=ike({"exchange_mode": "main"}, address="dynamic"),
        facts={"fw1": {"ansible_net_version": "7.1.064"}},
    ),
    Case("ike/R18", KEEPALIVE, ("fw1",), meant=ike({"exchange_mode": "main"}, address="dynamic", comware=7)),
    # -- invalid cookies
    Case("cookie/R3", COOKIE, ("erx1",), lambda c: option(c).update(virtual_router="default")),
    Case("cookie/R5", COOKIE, ("erx1",), lambda c: option(c).pop("tx_invalid_cookie")),
    Case("cookie/R6", COOKIE, ("fw3",), meant=lambda p: p["ends"][1].update(platform="juniper_junose")),
    Case(
        "cookie/R8",
        COOKIE,
        ("erx1",),
        meant=lambda p: (p.pop("dpd"), p["ends"][0].update(ike={"initiates": True, "remote_address": "203.0.113.40"})),
    ),
    Case(
        "cookie/R10",
        COOKIE,
        ("edge-customers end 3",),
        meant=lambda p: p["ends"][2].update(known={"honours_invalid_cookie": False}),
    ),
    Case(
        "cookie/R11",
        COOKIE,
        ("erx1", "fw3"),
        meant=lambda p: p["ends"].pop() and p["ends"][1].update(platform="juniper_junose"),
    ),
    Case(
        "cookie/R11a",
        COOKIE,
        ("erx1",),
        lambda c: c["erx1"]["junose_ipsec_option"].append({"virtual_router": "vrBlue", "tx_invalid_cookie": True}),
    ),
    # -- retry
    Case(
        "retry/R3",
        RETRY,
        ("rtr12",),
        lambda c: policy(c).update(msg_backoff="none"),
        facts={"rtr12": {"ansible_net_version": "2.7.6"}},
    ),
    Case("retry/R5", RETRY, ("rtr12",), facts={"rtr12": {"ansible_net_version": "2.7.6"}}),
    Case(
        "retry/R7",
        RETRY,
        ("rtr12", "fw-hq"),
        meant=lambda p: p["ends"][1].update(external=True, known={"retry_ike_attempts": 0}),
    ),
    Case("retry/R8", RETRY, ("rtr12",), lambda c: policy(c).update(peer="any")),
    Case("retry/R8a", RETRY, ("rtr12",), lambda c: policy(c).update(peer="hq.example.net")),
    Case("retry/R8b", RETRY, ("rtr12",), meant=lambda p: p["ends"][0].update(ipsec_peer="dynamic")),
    Case("retry/R8b", RETRY, ("rtr12",), meant=lambda p: p["ends"][0].update(ipsec_peer="198.51.100.21")),
    Case("retry/R11", RETRY, ("rtr12",), lambda c: policy(c).pop("retry_ike_attempts")),
    Case("retry/R13", RETRY, ("rtr12", "fw-hq"), meant=lambda p: p["ends"][1].update(address="dynamic")),
]


def written_by_hand(peering: dict[str, Any], change: Break | None) -> tuple[list[dict[str, Any]], Any]:
    """The peering as one that is configured elsewhere, and what its ends have."""
    compiled, _contradictions, _problems = compile_all(load_intent([peering]))
    configs = deepcopy(revealed(compiled))
    if change:
        change(configs)
    return [{**peering, "managed": False}], configs


def judged(case: Case) -> Report:
    peering = deepcopy(case.peering)
    if case.meant:
        case.meant(peering)
    intent, configs = written_by_hand(peering, case.written)
    if case.written:
        return judge(load_intent(intent), host_vars=configs, facts=case.facts, now=NOW)
    return judge(load_intent([peering]), facts=case.facts, now=NOW)


def found(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_broken_rule_is_found_where_it_is_broken(case: Case) -> None:
    findings = found(judged(case), case.rule)
    assert case.hosts in [finding.hosts for finding in findings], findings
    finding = next(finding for finding in findings if finding.hosts == case.hosts)
    assert len(finding.values) == len(finding.hosts)
    assert finding.text.endswith(".")
    assert finding.fix.endswith(".")
    assert finding.source


def test_every_rule_is_broken_by_a_case() -> None:
    judged_elsewhere = {"intent/contradiction", "intent/invalid", "lisp/R33", "lisp/R34"}
    assert {rule.id for rule in registry.rules()} == {case.rule for case in CASES} | judged_elsewhere


def test_what_is_sound_gives_no_finding() -> None:
    report = judge(load_intent(sound()), now=NOW)
    assert report.findings == ()
    assert report.peerings == ("core-link", "campus", "hq-branch", "edge-customers", "hq-branch12")


@pytest.mark.parametrize("peering", sound(), ids=lambda peering: peering["kind"])
def test_what_is_sound_gives_no_finding_written_by_hand_or_gathered(peering: dict[str, Any]) -> None:
    intent, configs = written_by_hand(peering, None)
    assert judge(load_intent(intent), host_vars=configs, now=NOW).findings == ()
    assert judge(load_intent(intent), gathered=masked(configs), now=NOW).findings == ()


def masked(configs: Any) -> Any:
    """As facts show it."""
    if isinstance(configs, dict):
        return {name: masked(value) for name, value in configs.items()}
    if isinstance(configs, list):
        return [masked(value) for value in configs]
    return "********" if configs in (KEY, SITE_KEY, "Other-Key", "Other-Site") else configs


@pytest.mark.parametrize("case", [case for case in CASES if case.written], ids=lambda case: case.rule)
def test_the_same_rule_serves_what_was_gathered(case: Case) -> None:
    """Masked keys are all that is missing there: a finding about keys cannot be made."""
    peering = deepcopy(case.peering)
    intent, configs = written_by_hand(peering, case.written)
    report = judge(load_intent(intent), gathered=masked(configs), facts=case.facts, now=NOW)
    told = any(finding.hosts == case.hosts for finding in found(report, case.rule))
    of_keys_only = case.rule in ("rsvp/R11", "lisp/R20", "lisp/R24") and "Other-" in str(configs)
    assert told is not of_keys_only
    assert {origin for finding in report.findings for origin in finding.origins} <= {"gathered"}


def test_no_secret_is_in_any_finding() -> None:
    for case in CASES:
        words = " ".join(str(finding.shown()) for finding in judged(case).findings)
        assert not any(secret in words for secret in (KEY, SITE_KEY, "Other-Key", "Other-Site"))


def test_a_masked_key_proves_nothing() -> None:
    intent, configs = written_by_hand(deepcopy(RSVP), None)
    port(configs)["authentication"]["key"] = "********"
    assert found(judge(load_intent(intent), gathered=configs, now=NOW), "rsvp/R11") == []


def test_a_gathered_end_is_judged_against_the_intended_other() -> None:
    gathered = {"pe1": {"huawei_rsvp_auth": {"interfaces": [{"name": PORT1}]}}}
    (finding,) = found(judge(load_intent(sound(RSVP)), gathered=gathered, now=NOW), "rsvp/R10")
    assert finding.hosts == ("pe2", "pe1")
    assert finding.origins == ("gathered",)


def test_an_end_of_which_nothing_is_known_breaks_no_rule() -> None:
    peering = {**sound(RSVP)[0], "managed": False}
    written = {"pe1": {"huawei_rsvp_auth": {"interfaces": [{"name": PORT1, **auth()}]}}}
    assert judge(load_intent([peering]), host_vars=written, now=NOW).findings == ()


def auth() -> dict[str, Any]:
    return {"authentication": {"mode": "cipher", "key": KEY}, "handshake": True}


@pytest.mark.parametrize("effective", ["10.77.12.2", "10.255.7.2"])
def test_the_neighbours_address_goes_before_its_lsr_id_and_that_before_the_interface(effective: str) -> None:
    """R14: effective is compared with effective."""
    peering = {**sound(RSVP)[0], "managed": False}
    right, wrong = auth(), {"authentication": {"mode": "cipher", "key": "Other-Key"}, "handshake": True}
    entries = {"10.77.12.2": wrong, "10.255.7.2": wrong, effective: right}
    if effective == "10.255.7.2":
        del entries["10.77.12.2"]
    written = {
        "pe1": {
            "huawei_rsvp_auth": {
                "interfaces": [{"name": PORT1, **wrong}],
                "peers": [{"address": address, **entry} for address, entry in entries.items()],
            }
        },
        "pe2": {"huawei_rsvp_auth": {"interfaces": [{"name": PORT2, **right}]}},
    }
    report = judge(load_intent([peering]), host_vars=written, now=NOW)
    assert found(report, "rsvp/R11") == []
    assert found(report, "rsvp/R14")


def comware_peer(**values: Any) -> dict[str, Any]:
    """As facts show an H3C peer."""
    peer = {
        "name": "b",
        "kind": "peer",
        "exchange_mode": "main",
        "id_type": "ip",
        "local_address": "",
        "local_name": "",
        "remote_address": "",
        "remote_high": "",
        "remote_name": "",
        "nat_traversal": False,
        "interface_address": "",
    }
    return {"peerguard_observed": {"h3c_ike_keepalive": {"local_name": "fw-a", "peers": [{**peer, **values}]}}}


@pytest.mark.parametrize(
    ("rule", "one", "other"),
    [
        ("ike/R13", {"remote_address": "198.51.100.8"}, {}),
        ("ike/R13", {"remote_name": "fw-b"}, {"id_type": "name", "local_name": "fw-two"}),
        ("", {"remote_address": "198.51.100.1", "remote_high": "198.51.100.9"}, {}),
        ("", {"remote_name": "fw-b"}, {"id_type": "ip", "local_name": "fw-two"}),
        ("ike/R17", {"id_type": "name", "local_name": "fw@hq"}, {}),
    ],
)
def test_what_facts_show_of_comware_peers_is_judged(rule: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    facts = {"fw1": comware_peer(**one), "fw2": comware_peer(**other)}
    intent, configs = written_by_hand(sound(KEEPALIVE)[0], None)
    findings = judge(load_intent(intent), gathered=configs, facts=facts, now=NOW).findings
    assert {finding.rule for finding in findings} == ({rule} if rule else set())
    assert judge(load_intent(intent), host_vars=configs, facts=facts, now=NOW).findings == ()


def retiring(**known: Any) -> dict[str, Any]:
    peering = sound(LISP)[0]
    rolled(peering, **known)
    return peering


@pytest.mark.parametrize("known", [{"tcp_ao": True, "keys": [41, 42]}, {"tcp_ao": False}, {"version": "16.12.4"}])
def test_a_key_may_go_where_the_external_end_has_another_one_or_no_tcp_ao(known: dict[str, Any]) -> None:
    report = judge(load_intent([retiring(known=known)]), now=NOW)
    assert not [finding for finding in report.findings if finding.rule.startswith("lisp/R3")]


def test_a_key_that_goes_leaves_a_sound_intent() -> None:
    assert judge(load_intent([retiring()]), now=NOW).findings == ()


def test_a_key_that_another_peering_of_the_chain_uses_must_not_go() -> None:
    """R33: only where a host and its chain are shared."""
    other = sound(LISP)[0]
    other |= {"name": "second", "ends": [other["ends"][0], {**other["ends"][1], "host": "etr7"}]}
    (finding,) = found(judge(load_intent([retiring(), other]), now=NOW), "lisp/R33")
    assert finding.hosts == ("ms1",)
    assert "campus retires key 41, which second uses" in finding.text
    assert finding.severity == "error"
    other["ends"][0]["key_chain"] = "KC-SECOND"
    assert found(judge(load_intent([retiring(), other]), now=NOW), "lisp/R33") == []
    elsewhere = {**other, "ends": [{**other["ends"][0], "host": "ms7"}, other["ends"][1]]}
    assert found(judge(load_intent([retiring(), elsewhere]), now=NOW), "lisp/R33") == []


@pytest.mark.parametrize(
    ("preferred", "in_use", "words"),
    [(41, True, "in use"), (42, True, "in use"), (41, False, "preferred"), (42, False, ""), (None, None, "")],
)
def test_a_key_that_a_device_still_uses_must_not_go(preferred: Any, in_use: Any, words: str) -> None:
    """R34: as facts show it."""
    chain = {"preferred": preferred, "keys": {"41": {"in_use": in_use}, "42": {}}}
    facts = {"etr1": {"peerguard_observed": {"cisco_tcp_key_chain": {"chains": {"KC-LISP": chain}}}}}
    peering = retiring()
    _intent, configs = written_by_hand(peering, None)
    findings = found(judge(load_intent([peering]), gathered=configs, facts=facts, now=NOW), "lisp/R34")
    assert [(finding.hosts, finding.values) for finding in findings] == ([(("etr1",), (words,))] if words else [])


def test_one_thing_found_in_two_inputs_is_one_finding() -> None:
    peering = sound(RSVP)[0]
    peering["lifetime"] = "00:01:00"
    _intent, configs = written_by_hand(peering, None)
    findings = found(judge(load_intent([peering]), host_vars=configs, now=NOW), "rsvp/R7a")
    assert [finding.origins for finding in findings] == [("intent", "host_vars")] * 2


def test_a_rule_can_be_ignored() -> None:
    peering = {**sound(RSVP)[0], "handshake": False}
    assert found(judge(load_intent([peering])), "rsvp/R9")
    assert not found(judge(load_intent([peering]), ignore=["rsvp/R9"]), "rsvp/R9")


def test_what_a_module_would_refuse_is_a_finding_and_the_rest_is_judged() -> None:
    written = {"pe1": {"huawei_rsvp_auth": {"interfaces": [{"name": PORT1, "windowsize": 3}]}, "nonsense": {}}}
    report = judge(load_intent(sound(RSVP)), host_vars=written, now=NOW)
    texts = [finding.text for finding in found(report, "intent/invalid")]
    assert any("pe1: huawei_rsvp_auth.interfaces[GigabitEthernet0/3/7]: windowsize is not" in text for text in texts)
    assert any("pe1: nonsense: this is not a feature" in text for text in texts)


def test_contradicting_peerings_are_named_both() -> None:
    one, other = sound(RSVP)[0], sound(RSVP)[0]
    other |= {"name": "second", "refresh": 60}
    other["ends"][0]["interface"] = "GigabitEthernet0/3/8"
    one["refresh"] = 30
    one["ends"][1]["host"] = "pe3"
    report = judge(load_intent([one, other]), now=NOW)
    (finding,) = found(report, "intent/contradiction")
    assert finding.hosts == ("pe1",)
    assert "core-link and second" in finding.text
    assert "timers.refresh (30 and 60)" in finding.text


def test_a_kind_lints_its_own_peerings() -> None:
    (peering,) = load_intent([{**sound(KEEPALIVE)[0], "timeout": 30}])
    assert {finding.rule for finding in registry.kind("ike_keepalive").lint(peering)} == {"ike/R6a"}


def test_findings_of_a_peering_and_of_its_ends() -> None:
    first, second = sound(RSVP, KEEPALIVE)
    first["lifetime"] = "00:01:00"
    second["timeout"] = 20
    intent = load_intent([first, second])
    report = judge(intent, now=NOW)
    assert {finding.rule for finding in report.concerning(intent[0])} == {"rsvp/R7a"}
    assert {finding.rule for finding in report.concerning(intent[1])} == {"ike/R6"}


@pytest.mark.parametrize(("fail_on", "failed"), [("error", True), ("warning", True), ("never", False)])
def test_an_error_fails_unless_never(fail_on: str, failed: bool) -> None:
    report = judge(load_intent([{**sound(KEEPALIVE)[0], "timeout": 20}]), now=NOW)
    assert report.failed(fail_on) is failed


def test_a_warning_fails_only_where_asked_for() -> None:
    report = judge(load_intent([{**sound(KEEPALIVE)[0], "timeout": 30}]), now=NOW)
    assert (report.failed("error"), report.failed("warning")) == (False, True)


def test_ids_are_told_once_and_assumptions_are_no_errors() -> None:
    ids = [rule.id for rule in registry.rules()] + [kept.id for kept in registry.kept()]
    assert len(ids) == len(set(ids))
    assert not [rule.id for rule in registry.rules() if rule.assumed and rule.severity == "error"]
    numbers = {"rsvp": 16, "lisp": 29, "cookie": 14, "retry": 13, "ike": 18}
    for prefix, last in numbers.items():
        assert {f"{prefix}/R{number}" for number in range(1, last + 1)} <= set(ids), prefix
