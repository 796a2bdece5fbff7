# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets show themselves nowhere but where a session writes them to a device."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import (
    CLEAR,
    MASK,
    Secret,
    SecretBook,
    mask,
    mask_model,
    mask_pair,
    scrub_native,
)

LITERAL = "Tell-Nobody-42"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=3, max_size=40).filter(
    lambda text: text not in MASK
)


def ways_of_writing(thing: object) -> dict[str, str]:
    """Everything that turns an object into text without meaning to reveal it."""
    record = logging.LogRecord("x", logging.INFO, "f", 1, "%s %r", (thing, thing), None)
    return {
        "repr": repr(thing),
        "str": str(thing),
        "format": f"{thing} {thing!r} {thing!s:>30}",
        "percent": "%s %r" % (thing, thing),  # noqa: UP031
        "str.format": "{0} {0:x<20}".format(thing),  # noqa: UP032
        "in containers": f"{[thing]} { ({'a': thing}) } {(thing,)}",
        "pprint": pprint.pformat({"a": [thing]}),
        "json": json.dumps({"a": thing}, default=str),
        "log": record.getMessage(),
        "dir": " ".join(dir(thing)),
    }


@pytest.mark.parametrize("way", ways_of_writing(Secret("x")))
def test_a_secret_is_asterisks_in(way: str) -> None:
    text = ways_of_writing(Secret(LITERAL))[way]
    assert LITERAL not in text
    assert MASK in text or way == "dir"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_neither_a_secret_nor_a_book_is_pickled(protocol: int) -> None:
    book = SecretBook()
    book.add(LITERAL)
    for thing in (Secret(LITERAL), book):
        with pytest.raises(TypeError, match="not serialised") as caught:
            pickle.dumps(thing, protocol)
        assert LITERAL not in "".join(traceback.format_exception(caught.value))


def test_json_refuses_a_secret() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps(Secret(LITERAL))
    assert LITERAL not in str(caught.value)


def test_copies_are_the_secret_itself() -> None:
    secret = Secret(LITERAL)
    assert copy.copy(secret) is secret
    assert copy.deepcopy({"a": [secret]})["a"][0] is secret
    assert not hasattr(secret, "__dict__")


def test_the_text_of_an_exception_about_a_secret_holds_none() -> None:
    for error in (ValueError(Secret(LITERAL)), KeyError(Secret(LITERAL))):
        assert LITERAL not in "".join(traceback.format_exception(error))


def test_equality_goes_by_text_and_encoding() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != Secret("a", "cipher")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("a", "cipher")}) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Secret("a"), Secret("a"), True),
        (Secret("a"), Secret("b"), False),
        (Secret("a", "cipher"), Secret("a", "cipher"), True),
        (Secret("a", "cipher"), Secret("b", "cipher"), None),
        (Secret("a"), Secret("a", "cipher"), None),
    ],
)
def test_what_cannot_be_compared_is_neither_same_nor_different(one: Secret, other: Secret, same: bool | None) -> None:
    assert one.same_as(other) is same
    assert other.same_as(one) is same


# -- seals -----------------------------------------------------------------------------------------


@given(KEYS, KEYS)
def test_seals_are_equal_for_equal_secrets_and_break_open_again(one: str, other: str) -> None:
    book = SecretBook()
    first, again, second = book.seal(Secret(one)), book.seal(Secret(one)), book.seal(Secret(other))
    assert first == again
    assert (first == second) is (one == other)
    assert re.fullmatch(r"__secret_[0-9a-f]{24}__", first)
    assert book.reveal(f"key {first} then {second}") == f"key {one} then {other}"
    assert mask(f"key {first}") == f"key {MASK}"


def test_another_task_seals_differently() -> None:
    """So that nobody can recognise a key by its seal, not even across runs."""
    assert SecretBook().seal(Secret(LITERAL)) != SecretBook().seal(Secret(LITERAL))


def test_the_encoding_is_part_of_the_seal() -> None:
    book = SecretBook()
    assert book.seal(Secret("a" * 30)) != book.seal(Secret("a" * 30, "cipher"))
    assert book.seal(Secret("a" * 30, "cipher")).encoding == "cipher"
    assert book.seal(Secret("b")).encoding == CLEAR


def test_a_key_that_looks_like_a_seal_is_not_taken_for_one() -> None:
    book = SecretBook()
    key = "__secret_0123456789abcdef01234567__"
    line = f"key {book.seal(Secret(key))}"
    assert book.reveal(line) == f"key {key}"


def test_models_are_sealed_and_masked_at_any_depth() -> None:
    book = SecretBook()
    model = {"a": [{"key": Secret(LITERAL), "n": 1}], "b": (Secret(LITERAL), "text"), "c": None}
    sealed = book.seal_model(model)
    assert LITERAL not in repr(sealed)
    assert sealed["a"][0]["n"] == 1
    assert book.reveal(sealed["b"][0]) == LITERAL
    assert mask_model(model) == {"a": [{"key": MASK, "n": 1}], "b": [MASK, "text"], "c": None}
    assert not isinstance(mask_model(model)["a"][0]["key"], Secret)


# -- texts that come from elsewhere ----------------------------------------------------------------


@given(KEYS)
def test_scrub_removes_sealed_and_literal_secrets(key: str) -> None:
    book = SecretBook()
    seal = book.seal(Secret(key))
    text = book.scrub(f"Error: bad key ({seal}) '{key}'!")
    assert key not in text.replace(MASK, "")
    assert seal not in text


def test_scrub_knows_passwords_and_takes_the_longest_first() -> None:
    book = SecretBook()
    book.add("abc", "abcdef", None, "")
    assert book.scrub("abcdef abc x") == f"{MASK} {MASK} x"
    assert book.literals() == {"abc", "abcdef"}


def test_a_plan_shows_masks_and_marks_a_new_secret() -> None:
    book = SecretBook()
    old, new = book.seal(Secret("old-key-1")), book.seal(Secret("new-key-1"))
    plan = Plan((f"key {new}",), (f"key {old}",), f"key {old}\n", f"key {new}\nkey {old}\n")
    assert plan.shown() == {"commands": [f"key {MASK}"], "rollback": [f"key {MASK}"]}
    assert plan.diff() == {"before": f"key {MASK}\n", "after": f"key {MASK} (new)\nkey {MASK}\n"}
    for literal in ("old-key-1", "new-key-1"):
        assert literal not in repr(plan)
        assert literal not in repr(vars(book).get("_salt"))
    assert mask_pair("a", "a") == ("a", "a")


def test_native_text_loses_only_the_secret() -> None:
    patterns = (re.compile(r"^ password (?P<secret>\S+)$", re.MULTILINE),)
    assert scrub_native("user a\n password b\n end\n", patterns) == f"user a\n password {MASK}\n end\n"
