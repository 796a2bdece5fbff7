# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken as an intent, and the sentence that says what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from peering_intents import COOKIE, KEEPALIVE, KEY, LISP, RETRY, RSVP, SITE_KEY, sound

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent


def test_ends_and_peerings_stay_in_the_order_in_which_they_are_written() -> None:
    peerings = sound(KEEPALIVE, RSVP)
    peerings[1]["ends"].reverse()
    loaded = load_intent(peerings)
    assert [peering.name for peering in loaded] == ["hq-branch", "core-link"]
    assert [end.host for end in loaded[1].ends] == ["pe2", "pe1"]


def test_a_dictionary_with_the_list_under_peerings_is_the_same() -> None:
    assert load_intent({"peerings": sound()}) == load_intent(sound())


def test_external_ends_need_no_name() -> None:
    (peering,) = load_intent(sound(COOKIE))
    assert [(end.host, end.external) for end in peering.ends] == [
        ("erx1", False),
        ("fw3", False),
        ("edge-customers end 3", True),
    ]
    assert [end.host for end in peering.inventory] == ["erx1", "fw3"]
    (cookie,) = sound(COOKIE)
    cookie["ends"].reverse()
    assert [end.host for end in load_intent([cookie])[0].ends] == ["edge-customers end 1", "fw3", "erx1"]
    assert [end.host for end in peering.others(peering.ends[0])] == ["fw3", "edge-customers end 3"]


def test_secrets_do_not_print() -> None:
    words = repr(load_intent(sound()))
    assert KEY not in words
    assert SITE_KEY not in words


def without(*names: str) -> Callable[[dict[str, Any]], object]:
    return lambda peering: [peering.pop(name) for name in names]


WRONG = [
    (RSVP, without("kind"), "peerings[core-link].kind: it is missing; use one of ike_invalid_cookie, "),
    (RSVP, lambda p: p.update(kind="ospf"), "peerings[core-link].kind: 'ospf' is not allowed; use one of "),
    (RSVP, without("name"), "peerings[0]: name is missing."),
    (RSVP, without("ends"), "peerings[core-link]: ends is missing."),
    (RSVP, lambda p: p["ends"].pop(), "peerings[core-link].ends: a peering of kind rsvp_handshake has 2 ends, not 1."),
    (
        RSVP,
        lambda p: p["ends"][1].update(host="pe1"),
        "peerings[core-link].ends[pe1]: host pe1 is given twice; put all its settings into one entry.",
    ),
    (
        RSVP,
        lambda p: [end.update(external=True) for end in p["ends"]],
        "peerings[core-link].ends: all ends are external; at least one must be in the inventory.",
    ),
    (
        RSVP,
        lambda p: p["ends"][0].update(known={"refresh": 30}),
        "peerings[core-link].ends[pe1].known: only of an external end something is known without being configured; "
        "set external: true or remove it.",
    ),
    (RSVP, without("key"), "peerings[core-link]: key is missing; without it nothing is authenticated."),
    (RSVP, lambda p: p.update(keychain="kc"), "peerings[core-link]: key and keychain are both given; use one of them."),
    (RSVP, lambda p: p["ends"][0].pop("interface"), "peerings[core-link].ends[pe1]: interface is missing."),
    (
        RSVP,
        lambda p: (p.update(view="neighbor_lsr_id"), p["ends"][0].pop("lsr_id")),
        "peerings[core-link].ends[pe1]: lsr_id is missing; with view: neighbor_lsr_id the other end is configured for ",
    ),
    (
        RSVP,
        lambda p: p.update(handshak=True),
        "peerings[core-link]: handshak is not an option here; the options are name, kind, ",
    ),
    (
        RSVP,
        lambda p: p["ends"][0].update(address="10.77.12.300"),
        "peerings[core-link].ends[pe1].address: '10.77.12.300' is not allowed; use an IPv4 address such as 10.1.1.1, ",
    ),
    (RSVP, lambda p: p.update(key="with blank"), "peerings[core-link].key: the value is not allowed; use 1 to 255 "),
    (
        LISP,
        lambda p: p["ends"].pop(0),
        "peerings[campus].ends: no end has the role map_server.",
    ),
    (LISP, lambda p: p["ends"][1].pop("role"), "peerings[campus].ends[etr1]: role is missing."),
    (LISP, without("keys"), "peerings[campus]: keys is missing; without a key nothing is authenticated."),
    (
        LISP,
        without("key_chain"),
        "peerings[campus].ends[ms1]: key_chain is missing, here and in the peering.",
    ),
    (
        LISP,
        lambda p: p["ends"][0].pop("address"),
        "peerings[campus].ends[ms1]: address is missing; the ETRs connect to it.",
    ),
    (LISP, lambda p: p["keys"][0].pop("algorithm"), "peerings[campus].keys[41]: algorithm is missing."),
    (
        LISP,
        lambda p: p["keys"][0].update(id=300, send_id=1),
        "peerings[campus].keys[300]: recv_id is missing; the id is above 255 and cannot be it.",
    ),
    (
        LISP,
        lambda p: p["ends"][1].update(site="BRANCH-8"),
        "peerings[campus].ends[etr1].site: BRANCH-8 is not among the sites (BRANCH-7).",
    ),
    (
        LISP,
        lambda p: p["sites"].append({"name": "BRANCH-9"}),
        "peerings[campus].ends[etr1]: site is missing; there are BRANCH-7, BRANCH-9.",
    ),
    (
        KEEPALIVE,
        without("interval"),
        "peerings[hq-branch].ends[fw1]: interval is missing, here and in the peering.",
    ),
    (
        KEEPALIVE,
        lambda p: [end.update(platform="allied_alliedware") for end in p["ends"]],
        "peerings[hq-branch].ends: no end in the inventory is an h3c_comware, and no other platform has these ",
    ),
    (
        KEEPALIVE,
        lambda p: p["ends"][0].update(ike={"remote_address": "192.0.2.9-192.0.2.1"}),
        "peerings[hq-branch].ends[fw1].ike.remote_address: '192.0.2.9-192.0.2.1' is not allowed; use a range whose ",
    ),
    (
        COOKIE,
        lambda p: p["ends"][0].update(platform="h3c_comware"),
        "peerings[edge-customers].ends[erx1]: a responder is a juniper_junose, no h3c_comware; only that sends the ",
    ),
    (
        RETRY,
        without("retry_ike_attempts"),
        "peerings[hq-branch12]: retry_ike_attempts is missing; 0 to 16, or continuous.",
    ),
    (
        RETRY,
        lambda p: p.update(retry_ike_attempts=17),
        "peerings[hq-branch12].retry_ike_attempts: '17' is not allowed; use a whole number from 0 to 16, or ",
    ),
    (RETRY, lambda p: p["ends"].pop(), "peerings[hq-branch12].ends: a peering of kind isakmp_retry has 2 ends, not 1."),
    (RETRY, without("policy"), "peerings[hq-branch12].ends[rtr12]: policy is missing, here and in the peering."),
    (
        RETRY,
        lambda p: p["ends"][1].pop("address"),
        "peerings[hq-branch12].ends[fw-hq]: address is missing; rtr12 needs to know its peer.",
    ),
]


@pytest.mark.parametrize(("peering", "change", "sentence"), WRONG, ids=[sentence[9:60] for *_rest, sentence in WRONG])
def test_one_sentence_says_what_where_and_what_is_allowed(
    peering: dict[str, Any], change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    (wrong,) = sound(peering)
    change(wrong)
    with pytest.raises(InvalidInput) as refused:
        load_intent([wrong])
    assert any(problem.startswith(sentence) for problem in refused.value.problems), refused.value.problems
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("data", [None, [], "text", 3, {"peers": []}, {"peerings": None}])
def test_what_is_no_list_of_peerings_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^peerings: expected a list"):
        load_intent(data)


def test_all_problems_of_all_peerings_are_told_at_once() -> None:
    peerings = sound(RSVP, KEEPALIVE)
    peerings[0]["ends"][0]["adress"] = "x"
    peerings[0]["window_size"] = 65
    peerings[1]["interval"] = 5
    with pytest.raises(InvalidInput) as refused:
        load_intent([*peerings, "nonsense"])
    assert len(refused.value.problems) == 4


def test_names_are_given_once() -> None:
    with pytest.raises(InvalidInput, match=r"peerings\[core-link\]: the name is given twice"):
        load_intent(sound(RSVP, RSVP))


def test_an_unmanaged_peering_needs_its_ends_only() -> None:
    (peering,) = sound(RSVP)
    bare = {name: peering[name] for name in ("name", "kind", "ends")}
    (loaded,) = load_intent([{**bare, "managed": False}])
    assert not loaded.managed
    assert loaded.values == {}
