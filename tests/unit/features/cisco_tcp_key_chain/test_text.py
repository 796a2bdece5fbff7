# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP key chains as text: what a model is rendered to, and every layout that IOS XE prints read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import MASK, SecretBook, mask
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.parse import (
    parse,
    surroundings,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.schema import (
    ALGORITHMS,
    SCHEMA,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys, times

GOLDEN = Path(__file__).parent / "golden"

NATIVE = """\
Building configuration...

Current configuration : 812 bytes
!
! Last configuration change at 09:22:41 UTC Wed May 14 2031 by netops
!
version 17.9
key chain OSPF
 key 1
  key-string 7 0822455D0A16
key chain KC-LISP-A tcp
 key 41
  send-id 41
  recv-id 41
  key-string 7 052F03022E01650C00484343
  send-lifetime 00:00:00 Mar 1 2026 00:00:00 Sep 1 2026
  cryptographic-algorithm hmac-sha-1
 key 42
  send-id 42
  recv-id 42
  key-string 7 112D1C08185F20091D677F76
  send-lifetime 00:00:00 Aug 31 2026 00:00:00 Mar 1 2027
  cryptographic-algorithm hmac-sha-1
key chain MAC macsec
 key 01
  cryptographic-algorithm aes-128-cmac
!
end
"""
MODEL = [
    {
        "name": "KC-LISP-A",
        "keys": [
            {
                "id": number,
                "send_id": number,
                "recv_id": number,
                "key_string": keys.from_clear(f"Demo-Key-{number}"),
                "algorithm": "hmac-sha-1",
                "send_lifetime": {"start": start, "end": end},
            }
            for number, start, end in (
                (41, "00:00:00 Mar 1 2026", "00:00:00 Sep 1 2026"),
                (42, "00:00:00 Aug 31 2026", "00:00:00 Mar 1 2027"),
            )
        ],
    }
]
# The order of lines of another dump, markers and blanks of its own, a key in clear text with a blank at its end.
OTHER_ORDER = """\
key chain A tcp
 key 7
  cryptographic-algorithm aes-128-cmac
  key-string cisco \r
  accept-lifetime local 12:00:00 28 Feb 2018 duration 20
  send-lifetime 12:00:00 Feb 28 2018 infinite
  include-tcp-options
  send-id 218
  recv-id 219
  accept-ao-mismatch
  exit
 !
 exit
"""


def read(text: str) -> Any:
    return states.normal(SCHEMA, parse(text))


@pytest.mark.golden
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yml")), ids=lambda path: path.stem)
def test_golden(path):
    model = states.normal(SCHEMA, validate(SCHEMA, yaml.safe_load(path.read_text("utf-8"))))
    text = mask(FEATURE.render(SecretBook().seal_model(model)))
    assert text == path.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        NATIVE,
        NATIVE.replace("\n", "\r\n"),
        "\n".join(NATIVE.splitlines()[7:-2]) + "\n",
        NATIVE.replace(" key 42\n", " --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08 key 42\n"),
        NATIVE.replace("  send-id 42", "   send-id 42"),
    ],
    ids=["whole", "crlf", "sections", "paged", "indentation"],
)
def test_native_text(text):
    assert read(text) == MODEL


def test_lines_in_another_order():
    (chain,) = read(OTHER_ORDER)
    (key,) = chain["keys"]
    assert key["key_string"].reveal() == "cisco "
    assert {name: value for name, value in key.items() if name != "key_string"} == {
        "id": 7,
        "send_id": 218,
        "recv_id": 219,
        "algorithm": "aes-128-cmac",
        "include_tcp_options": True,
        "accept_ao_mismatch": True,
        "send_lifetime": {"start": "12:00:00 Feb 28 2018", "infinite": True},
        "accept_lifetime": {"start": "12:00:00 Feb 28 2018", "duration": 20, "local": True},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [(NATIVE.replace("end\n", ""), "cut"), ("#\nsysname X\n#\nkeychain kc-core\n", "Huawei")],
)
def test_text_that_is_cut_or_of_another_system(text, words):
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_what_else_the_text_tells():
    text = f"{NATIVE} tcp auth-option KC-LISP-A\n  neighbor 192.0.2.9 ao KC-BGP include-tcp-options\n"
    text += "cts sxp default key-chain KC-SXP\nclock timezone CET 1 0\n*09:20:40.000 CET Wed May 14 2031\n"
    around = surroundings(text)
    assert around.references == {
        "KC-LISP-A": ["tcp auth-option KC-LISP-A"],
        "KC-BGP": ["neighbor 192.0.2.9 ao KC-BGP include-tcp-options"],
        "KC-SXP": ["cts sxp default key-chain KC-SXP"],
    }
    assert around.others == {"OSPF", "MAC"}
    assert (str(around.now), around.synchronised) == ("2031-05-14 08:20:40", False)


# -- input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"id": -1}, "whole number from 0 to 2147483647"),
        ({"id": 2147483648}, "whole number from 0 to 2147483647"),
        ({"id": 1, "send_id": 256}, "send_id: '256' is not allowed; use a whole number from 0 to 255"),
        ({"id": 1, "algorithm": "md5"}, "use one of aes-128-cmac, hmac-sha-1, hmac-sha-256"),
        ({"id": 1, "key_string": "x" * 81}, "1 to 80 printable ASCII"),
        ({"id": 1, "key_string": "what?"}, "without question marks"),
        ({"id": 1, "key_string": "   "}, "1 to 80 printable ASCII"),
        ({"id": 1, "send_lifetime": {"end": "00:00:00 Mar 1 2026"}}, "send_lifetime: start is missing"),
        ({"id": 1, "send_lifetime": {"start": "tomorrow"}}, "use hh:mm:ss Mon D YYYY"),
        ({"id": 1, "send_lifetime": {"start": "00:00:00 Mar 1 2036"}}, "from 1993 to 2035"),
        ({"id": 1, "accept_lifetime": {"start": "00:00:00 Mar 1 2026", "duration": 0}}, "from 1 to 2147483646"),
    ],
)
def test_bad_input_gets_one_clear_sentence(key, words):
    with pytest.raises(InvalidInput) as caught:
        validate(SCHEMA, [{"name": "A", "keys": [key]}])
    assert len(caught.value.problems) == 1
    assert words in caught.value.problems[0]


@pytest.mark.parametrize("name", ["x" * 257, "with blank", "what?", ""])
def test_bad_names(name):
    with pytest.raises(InvalidInput, match="1 to 256 printable characters"):
        validate(SCHEMA, [{"name": name}])


def test_a_bad_key_is_not_quoted():
    with pytest.raises(InvalidInput) as caught:
        validate(SCHEMA, [{"name": "A", "keys": [{"id": 1, "key_string": "Secret?Key"}]}])
    assert "Secret" not in str(caught.value)


# -- round trip -------------------------------------------------------------------------------------------------------

_WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?"), min_size=1, max_size=20)
_TIMES = st.datetimes(min_value=times.datetime(1994, 1, 1), max_value=times.datetime(2034, 1, 1)).map(
    lambda when: times.written(when.replace(microsecond=0))
)
LIFETIMES = st.one_of(
    st.fixed_dictionaries({"start": _TIMES, "end": _TIMES}, optional={"local": st.just(True)}),
    st.fixed_dictionaries({"start": _TIMES, "duration": st.integers(1, times.LONGEST_DURATION)}),
    st.fixed_dictionaries({"start": _TIMES, "infinite": st.just(True)}),
)
KEYS = st.fixed_dictionaries(
    {"id": st.integers(0, 2147483647)},
    optional={
        "send_id": st.integers(0, 255),
        "recv_id": st.integers(0, 255),
        "algorithm": st.sampled_from(ALGORITHMS),
        "key_string": st.builds(lambda word, more: f"{word}{more}", _WORD, st.sampled_from(["", " ", " and more"])).map(
            keys.from_clear
        ),
        "include_tcp_options": st.booleans(),
        "accept_ao_mismatch": st.booleans(),
        "send_lifetime": LIFETIMES,
        "accept_lifetime": LIFETIMES,
    },
)
MODELS = st.lists(
    st.fixed_dictionaries({"name": _WORD, "keys": st.lists(KEYS, max_size=3, unique_by=lambda key: key["id"])}),
    max_size=3,
    unique_by=lambda chain: chain["name"],
).map(lambda model: states.normal(SCHEMA, model))


@given(MODELS)
def test_what_is_rendered_is_parsed_back(model):
    book = SecretBook()
    text = FEATURE.render(book.seal_model(model))
    assert read(book.reveal(text)) == model
    assert MASK not in text


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        parse(text)
        surroundings(text)
    except ValueError:
        pass
