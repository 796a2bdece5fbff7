# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence of the product is one line here too
"""What a model becomes under each state: by example, and as laws that hold for any two models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import Group, Items, Leaf, Values, public
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret

VIEW = {
    "auth": Group({"mode": Leaf("str"), "key": Leaf("secret")}, atomic=True),
    "shake": Leaf("bool", default=False),
    "life": Leaf("int", default=30),
    "tags": Values(),
}
SCHEMA = Group(
    {
        "ports": Items("name", {"name": Leaf("str"), **VIEW, "enabled": Values(internal=True)}),
        "peers": Items("address", {"address": Leaf("str"), **VIEW}, owned=True),
        "timers": Group({"refresh": Leaf("int", default=30), "multiplier": Leaf("int", default=3)}),
        "enabled": Values(internal=True),
    }
)
CHANGING = ("merged", "replaced", "overridden", "deleted")

views = st.fixed_dictionaries(
    {},
    optional={
        "auth": st.fixed_dictionaries({"mode": st.sampled_from("mk")}, optional={"key": st.builds(Secret, st.text("ab", min_size=1, max_size=2))}),
        "shake": st.booleans(),
        "life": st.sampled_from([20, 30, 40]),
        "tags": st.lists(st.sampled_from("xyz"), min_size=1, unique=True),
    },
)  # fmt: skip


def entries(key: str, names: str, internal: bool = False) -> st.SearchStrategy[list[dict[str, Any]]]:
    carried = st.fixed_dictionaries({}, optional={"enabled": st.just(["mpls"])}) if internal else st.just({})
    entry = st.builds(lambda name, view, more: {key: name, **view, **more}, st.sampled_from(names), views, carried)
    return st.lists(entry, unique_by=lambda entry: entry[key], max_size=3)


def models(internal: bool = False) -> st.SearchStrategy[Any]:
    fields = {
        "ports": entries("name", "abc", internal),
        "peers": entries("address", "123"),
        "timers": st.fixed_dictionaries(
            {}, optional={"refresh": st.sampled_from([10, 30]), "multiplier": st.sampled_from([3, 4])}
        ),
    }
    more = {"enabled": st.just(["mpls te"])} if internal else {}
    return st.fixed_dictionaries({}, optional={**fields, **more})


have_models = models(internal=True).map(lambda model: states.normal(SCHEMA, model))


def target(have: Any, want: Any, state: str) -> Any:
    return states.target(SCHEMA, have, want, state)


HAVE = states.normal(
    SCHEMA,
    {
        "ports": [
            {"name": "a", "auth": {"mode": "m", "key": Secret("k")}, "shake": True, "life": 40, "enabled": ["mpls"]},
            {"name": "b", "life": 20, "tags": ["x"]},
        ],
        "peers": [{"address": "1"}, {"address": "2", "shake": True}],
        "timers": {"refresh": 10, "multiplier": 4},
        "enabled": ["mpls te"],
    },
)


def test_merged_lays_over_and_keeps_the_rest() -> None:
    after = target(
        HAVE, {"ports": [{"name": "a", "auth": {"mode": "k"}, "life": 50}, {"name": "b", "tags": ["y"]}]}, "merged"
    )
    assert after["ports"] == [
        {"name": "a", "auth": {"mode": "k"}, "shake": True, "life": 50, "enabled": ["mpls"]},
        {"name": "b", "life": 20, "tags": ["x", "y"]},
    ]  # fmt: skip
    assert {name: after[name] for name in ("peers", "timers", "enabled")} == {
        name: HAVE[name] for name in ("peers", "timers", "enabled")
    }


def test_merging_a_default_removes_what_differs_from_it() -> None:
    after = target(HAVE, {"ports": [{"name": "a", "shake": False, "life": 30}], "timers": {"refresh": 30}}, "merged")
    assert "shake" not in after["ports"][0]
    assert "life" not in after["ports"][0]
    assert after["timers"] == {"multiplier": 4}


def test_replaced_makes_a_named_entry_exactly_so() -> None:
    after = target(HAVE, {"ports": [{"name": "a", "life": 50}], "timers": {"refresh": 20}}, "replaced")
    assert after["ports"] == [{"name": "a", "life": 50, "enabled": ["mpls"]}, HAVE["ports"][1]]
    assert after["timers"] == {"refresh": 20}
    assert after["peers"] == HAVE["peers"]


def test_overridden_removes_what_is_not_named_but_not_what_is_not_ours() -> None:
    after = target(HAVE, {"peers": [{"address": "3"}]}, "overridden")
    assert after == {
        "ports": [{"name": "a", "enabled": ["mpls"]}],
        "peers": [{"address": "3"}],
        "enabled": ["mpls te"],
    }


def test_deleted_removes_named_entries_whatever_is_said_of_them() -> None:
    after = target(
        HAVE, {"ports": [{"name": "a", "life": 99}], "peers": [{"address": "2"}], "timers": {"refresh": 99}}, "deleted"
    )
    assert after == {
        "ports": [{"name": "a", "enabled": ["mpls"]}, HAVE["ports"][1]],
        "peers": [{"address": "1"}],
        "timers": {"multiplier": 4},
        "enabled": ["mpls te"],
    }  # fmt: skip


def test_deleted_takes_single_values_out_of_a_list_that_an_entry_names() -> None:
    have = {"ports": [{"name": "a", "life": 40, "tags": ["x", "y"]}]}
    want = {"ports": [{"name": "a", "tags": ["x", "z"]}]}
    assert target(have, want, "deleted") == {"ports": [{"name": "a", "life": 40, "tags": ["y"]}]}


def test_deleted_without_a_config_removes_everything_of_ours() -> None:
    assert target(HAVE, None, "deleted") == {"ports": [{"name": "a", "enabled": ["mpls"]}], "enabled": ["mpls te"]}


def test_removals_go_besides_and_outweigh_what_is_wanted() -> None:
    have = {"ports": [{"name": "a", "life": 20}, {"name": "b", "life": 20}], "timers": {"refresh": 10}}
    want = {"ports": [{"name": "a", "life": 40}, {"name": "c", "life": 40}]}
    removals = {"ports": [{"name": "b"}, {"name": "c"}, {"name": "never there"}]}
    assert states.target(SCHEMA, have, want, "merged", removals) == {
        "ports": [{"name": "a", "life": 40}],
        "timers": {"refresh": 10},
    }
    once = states.target(SCHEMA, have, want, "merged", removals)
    assert states.target(SCHEMA, once, want, "merged", removals) == once


def test_deleting_what_is_not_there_changes_nothing() -> None:
    want = {"ports": [{"name": "z"}], "peers": [{"address": "9"}], "timers": {"refresh": 1}}
    have = {"peers": [{"address": "1"}]}
    assert target(have, want, "deleted") == have


# -- laws ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", CHANGING)
@given(have=have_models, want=models())
def test_twice_is_once(state: str, have: Any, want: Any) -> None:
    once = target(have, want, state)
    assert target(once, want, state) == once


@pytest.mark.parametrize("state", CHANGING)
@given(have=have_models, want=models())
def test_the_result_is_canonical_and_the_inputs_are_untouched(state: str, have: Any, want: Any) -> None:
    before = repr((have, want))
    once = target(have, want, state)
    assert states.normal(SCHEMA, once) == once
    assert repr((have, want)) == before


@pytest.mark.parametrize("state", CHANGING)
@given(have=have_models, want=models())
def test_facts_of_the_device_survive_every_state(state: str, have: Any, want: Any) -> None:
    after = target(have, want, state)
    assert after.get("enabled") == have.get("enabled")
    carried = {port["name"]: port["enabled"] for port in have.get("ports", []) if "enabled" in port}
    assert {port["name"]: port["enabled"] for port in after.get("ports", []) if "enabled" in port} == carried


@given(have=have_models, want=models())
def test_overridden_is_the_intent_and_nothing_else(have: Any, want: Any) -> None:
    after = public(SCHEMA, target(have, want, "overridden"))
    assert after == states.normal(SCHEMA, want)


@given(have=have_models, want=models())
def test_an_entry_that_is_not_named_stays_under_merged_and_replaced(have: Any, want: Any) -> None:
    for state in ("merged", "replaced"):
        after = target(have, want, state)
        for field, key in (("ports", "name"), ("peers", "address")):
            named = {entry[key] for entry in want.get(field, [])}
            left = [entry for entry in after.get(field, []) if entry[key] not in named]
            assert left == [entry for entry in have.get(field, []) if entry[key] not in named]


@given(have=have_models, want=models())
def test_what_deleted_names_is_gone_and_the_rest_is_as_it_was(have: Any, want: Any) -> None:
    want = {
        field: [{name: value for name, value in entry.items() if name != "tags"} for entry in want[field]]
        for field in ("ports", "peers")
        if want.get(field)
    }
    if not want:
        return
    after = target(have, want, "deleted")
    for field, key in (("ports", "name"), ("peers", "address")):
        named = {entry[key] for entry in want.get(field, [])}
        shown = public(SCHEMA, after).get(field, [])
        assert not named & {entry[key] for entry in shown}
        assert [e for e in after.get(field, []) if e[key] not in named] == [
            e for e in have.get(field, []) if e[key] not in named
        ]


@given(model=models())
def test_a_default_and_nothing_are_the_same(model: Any) -> None:
    explicit = {
        **model,
        "timers": {"refresh": 30, "multiplier": 3, **model.get("timers", {})},
        "ports": [{"shake": False, "life": 30, **port} for port in model.get("ports", [])],
    }
    assert states.normal(SCHEMA, explicit) == states.normal(SCHEMA, model)


# -- secrets that cannot be compared ---------------------------------------------------------------

CIPHER = Secret("%^%#aaaaaaaaaaaaaaaa%^%#", "cipher")


def with_key(key: Secret, mode: str = "m") -> Any:
    return {"ports": [{"name": "a", "auth": {"mode": mode, "key": key}}]}


def settled(have: Any, want: Any, always: bool = False) -> tuple[Any, list[str]]:
    return states.reconcile(SCHEMA, have, want, always=always)


def test_the_text_of_the_device_stands_in_for_a_key_that_cannot_be_compared() -> None:
    assert settled(with_key(CIPHER), with_key(Secret("k"))) == (with_key(CIPHER), ["config.ports[a].auth.key"])


def test_on_request_the_key_is_sent_again() -> None:
    want = with_key(Secret("k"))
    assert settled(with_key(CIPHER), want, always=True) == (want, ["config.ports[a].auth.key"])


def test_comparable_keys_are_compared() -> None:
    for have in (with_key(Secret("k")), with_key(Secret("other")), {}, {"ports": [{"name": "b"}]}):
        assert settled(have, with_key(Secret("k"))) == (with_key(Secret("k")), [])


def test_a_cipher_text_never_becomes_the_key_of_another_mode() -> None:
    """Else `plain %^%#…%^%#` would make the device's own cipher text the key."""
    want = with_key(Secret("k"), mode="other")
    assert settled(with_key(CIPHER), want) == (want, [])


@given(have=have_models, want=models())
def test_reconciling_changes_nothing_but_secrets(have: Any, want: Any) -> None:
    wanted = target(have, want, "merged")
    for always in (True, False):
        after, blind = settled(have, wanted, always)
        assert after == wanted  # the keys of these models are clear, so every one is compared
        assert blind == []
