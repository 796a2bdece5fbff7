# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data that comes in: canonical where it can be meant, one sentence per mistake where it cannot."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import (
    Group,
    InvalidInput,
    Items,
    Leaf,
    Values,
    argument_spec,
    natural,
    public,
    secrets_in,
    validate,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret


def even(value: int) -> int:
    if value % 2:
        raise ValueError("use an even number")
    return value


SCHEMA = Group(
    {
        "ports": Items(
            "name",
            {
                "name": Leaf("str"),
                "mode": Leaf("str", choices=("fast", "slow"), default="slow"),
                "speed": Leaf("int", range=(1, 64), default=1),
                "even": Leaf("int", normal=even),
                "on": Leaf("bool", default=False),
                "key": Leaf("secret"),
                "tags": Values(Leaf("str")),
                "auth": Group({"mode": Leaf("str", required=True), "key": Leaf("secret")}, atomic=True),
                "carried": Values(internal=True),
            },
        ),
        "peers": Items("address", {"address": Leaf("str"), "weight": Leaf("int", default=10)}, owned=True),
        "timer": Leaf("int", range=(10, 20)),
    }
)


def problems(data: object, **options: bool) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        validate(SCHEMA, data, **options)
    assert str(caught.value) == " ".join(caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("x", "config: expected a dictionary, got 'x'."),
        (["x"], "config: expected a dictionary, got a list."),
        ({"port": []}, "config: port is not an option here; the options are ports, peers, timer."),
        ({"ports": {}}, "config.ports: expected a list, got a dictionary."),
        ({"ports": []}, "config.ports: the list is empty; name at least one entry or leave the option out."),
        ({"ports": ["a"]}, "config.ports[0]: expected a dictionary, got 'a'."),
        ({"ports": [{"on": True}]}, "config.ports[0]: name is missing."),
        (
            {"ports": [{"name": "a"}, {"name": "a"}]},
            "config.ports[a]: name a is given twice; put all its settings into one entry.",
        ),
        (
            {"ports": [{"name": "a", "speed": 65}]},
            "config.ports[a].speed: '65' is not allowed; use a whole number from 1 to 64.",
        ),
        (
            {"ports": [{"name": "a", "speed": 1.0}]},
            "config.ports[a].speed: '1.0' is not allowed; use a whole number from 1 to 64.",
        ),
        (
            {"ports": [{"name": "a", "speed": True}]},
            "config.ports[a].speed: 'True' is not allowed; use a whole number from 1 to 64.",
        ),
        (
            {"ports": [{"name": "a", "mode": "warp"}]},
            "config.ports[a].mode: 'warp' is not allowed; use one of fast, slow.",
        ),
        ({"ports": [{"name": "a", "even": 3}]}, "config.ports[a].even: '3' is not allowed; use an even number."),
        ({"ports": [{"name": "a", "on": "maybe"}]}, "config.ports[a].on: 'maybe' is not allowed; use true or false."),
        (
            {"ports": [{"name": "a", "mode": ""}]},
            "config.ports[a].mode: an empty value is not allowed; use one of fast, slow.",
        ),
        ({"ports": [{"name": "a", "auth": {"key": "k"}}]}, "config.ports[a].auth: mode is missing."),
        (
            {"ports": [{"name": "a", "tags": []}]},
            "config.ports[a].tags: the list is empty; name at least one entry or leave the option out.",
        ),
        (
            {"ports": [{"name": "a", "tags": [["b"]]}]},
            "config.ports[a].tags[0]: a list is not allowed; use a single value.",
        ),
        (
            {"ports": [{"name": "a", "carried": ["b"]}]},
            (
                "config.ports[a]: carried is not an option here; the options are name, mode, speed, even, on, key,"
                " tags, auth."
            ),
        ),
        (
            {"ports": [{"name": "a", "key": ["k"]}]},
            "config.ports[a].key: the value is not allowed; use a single value.",
        ),
        ({"timer": 9}, "config.timer: '9' is not allowed; use a whole number from 10 to 20."),
    ],
)
def test_each_mistake_has_its_sentence(data: object, sentence: str) -> None:
    assert problems(data) == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems({"timer": 9, "x": 1, "ports": [{"name": "a", "speed": 0}, {"on": 1}]})) == 4


def test_a_refused_secret_is_not_repeated() -> None:
    schema = Group({"key": Leaf("secret", normal=lambda value: even(int(value)))})
    with pytest.raises(InvalidInput) as caught:
        validate(schema, {"key": "1357924681"})
    assert caught.value.problems == ["config.key: the value is not allowed; use an even number."]


def test_what_can_be_meant_becomes_canonical() -> None:
    model = validate(
        SCHEMA,
        {
            "ports": [
                {"name": "p10", "speed": "7", "on": "yes", "tags": ["b10", "b9", "b9"], "mode": None},
                {"name": "p9", "key": 123, "auth": {"mode": "x", "key": None}},
            ],
            "timer": " 15 ",
            "peers": None,
        },
    )
    assert model == {
        "ports": [
            {"name": "p9", "key": Secret("123"), "auth": {"mode": "x"}},
            {"name": "p10", "speed": 7, "on": True, "tags": ["b9", "b10"]},
        ],
        "timer": 15,
    }


def test_keys_alone_are_enough_to_delete() -> None:
    data = {"ports": [{"name": "a", "auth": {}}]}
    assert validate(SCHEMA, data, partial=True) == {"ports": [{"name": "a", "auth": {}}]}
    assert problems(data) == ["config.ports[a].auth: mode is missing."]
    assert problems({"ports": [{"on": True}]}, partial=True) == ["config.ports[0]: name is missing."]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["ports", "name", "speed", "tags", "auth", "mode", "key", "x"]), inner, max_size=3
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_comes_in_is_a_model_or_a_sentence(data: object) -> None:
    told: list[str] = []
    try:
        model = validate(SCHEMA, data)
    except InvalidInput as refused:
        told = refused.problems
    else:
        assert validate(SCHEMA, model) == model  # canonical data stays as it is
    assert all(problem.startswith("config") and problem.endswith(".") for problem in told)


def test_natural_order() -> None:
    names = ["GE0/3/10", "GE0/3/9", "GE0/3/9.100", "Eth-Trunk2", "10.0.0.2", "10.0.0.10", 3, "²", "٣", ""]
    assert sorted(names, key=natural) == [
        "",
        3,
        "٣",
        "10.0.0.2",
        "10.0.0.10",
        "Eth-Trunk2",
        "GE0/3/9",
        "GE0/3/9.100",
        "GE0/3/10",
        "²",
    ]


@given(st.lists(st.text(string.printable + "²٣", max_size=6)))
def test_anything_can_be_sorted(names: list[str]) -> None:
    assert sorted(names, key=natural) == sorted(names, key=natural)


def test_public_leaves_out_what_only_the_engine_carries() -> None:
    model = {
        "ports": [{"name": "a", "carried": ["x"]}, {"name": "b", "on": True, "carried": ["x"]}],
        "peers": [{"address": "1"}],
    }
    assert public(SCHEMA, model) == {"ports": [{"name": "b", "on": True}], "peers": [{"address": "1"}]}
    assert public(SCHEMA, {"ports": [{"name": "a", "carried": ["x"]}]}) == {}


def test_every_secret_is_found_with_its_place() -> None:
    model = {"ports": [{"name": "a", "key": Secret("k"), "auth": {"mode": "m", "key": Secret("l")}}]}
    assert list(secrets_in(SCHEMA, model)) == [
        ("config.ports[a].key", Secret("k")),
        ("config.ports[a].auth.key", Secret("l")),
    ]


def test_argument_spec() -> None:
    spec = argument_spec(SCHEMA)["options"]
    port = spec["ports"]["options"]
    assert spec["ports"]["type"] == "list"
    assert port["name"] == {"type": "str", "required": True}
    assert port["key"] == {"type": "str", "no_log": True}
    assert port["mode"]["choices"] == ["fast", "slow"]
    assert port["tags"] == {"type": "list", "elements": "str"}
    assert port["auth"]["options"]["mode"]["required"]
    assert "carried" not in port
