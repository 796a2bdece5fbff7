# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`router lisp` as text: what a model is rendered to, and every layout that IOS XE prints read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cisco_lab import ETR, MS
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook, mask
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.parse import (
    parse,
    surroundings,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_lisp_tcp_ao.schema import FAMILIES, SCHEMA
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys

GOLDEN = Path(__file__).parent / "golden"
SITE_KEY = keys.from_clear("Demo-Site-7")
AO = " tcp auth-option KC-LISP-A\n  peer {peer}\n{exit} !\n service ipv4\n"
MS_TEXT = MS.replace("{archive}", "").replace(" service ipv4\n", AO.format(peer="accept", exit="  exit\n"), 1)
ETR_TEXT = ETR.replace("{archive}", "").replace(" service ipv4\n", AO.format(peer="192.0.2.1", exit="  exit\n"), 1)
MS_MODEL = {
    "tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": True}],
    "map_server": {
        "services": ["ipv4"],
        "map_resolver": True,
        "sites": [
            {
                "name": "BRANCH-7",
                "authentication_key": SITE_KEY,
                "eid_records": [{"prefix": "198.51.100.0/24", "instance_id": 4101, "accept_more_specifics": True}],
                "others": True,
            }
        ],
    },
}
ETR_MODEL = {
    "tcp_auth_options": [{"key_chain": "KC-LISP-A", "peers": ["192.0.2.1"]}],
    "etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.1", "key": SITE_KEY}]}]},
}


def read(text: str) -> Any:
    return states.normal(SCHEMA, parse(text))


@pytest.mark.golden
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yml")), ids=lambda path: path.stem)
def test_golden(path):
    model = states.normal(SCHEMA, validate(SCHEMA, yaml.safe_load(path.read_text("utf-8"))))
    text = mask(FEATURE.render(SecretBook().seal_model(model)))
    assert text == path.with_suffix(".txt").read_text("utf-8")


def plain_exits(text: str) -> str:
    """As releases before the service syntax close a section."""
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}exit" if line.strip().startswith("exit-") else line
        for line in text.splitlines()
    )


@pytest.mark.parametrize(("text", "model"), [(MS_TEXT, MS_MODEL), (ETR_TEXT, ETR_MODEL)], ids=["ms", "etr"])
@pytest.mark.parametrize(
    "layout",
    [
        str,
        lambda text: text.replace("\n", "\r\n"),
        plain_exits,
        lambda text: text.replace("  exit\n", "  exit-tcp-ao\n"),
        lambda text: text.replace("  exit\n", ""),
        lambda text: text[text.index("router lisp") : text.index("ip route")],
    ],
    ids=["whole", "crlf", "plain exits", "named exit", "no exit", "section"],
)
def test_native_text(text, model, layout):
    assert read(layout(text)) == model


def test_the_manual_s_own_spellings():
    text = """\
router lisp
 service ipv4
  map-server 10.10.10.10 key some-key
  etr
  exit-service-ipv4
 site site-a
  eid-prefix 172.16.1.0/24
  authentication-key 0 some-key
"""
    model = read(text)
    assert model["etr"]["services"][0]["map_servers"][0]["address"] == "10.10.10.10"
    assert model["etr"]["services"][0]["map_servers"][0]["key"].reveal() == "some-key"
    assert model["map_server"]["sites"][0]["eid_records"] == [{"prefix": "172.16.1.0/24"}]


def test_what_only_the_device_knows():
    text = """\
router lisp
 service ipv4
  etr map-server 192.0.2.1 key 6 abcABCabcABC[^ hash-function sha2
  map-resolver
  exit-service-ipv4
 !
 service ipv6
  map-server
  exit-service-ipv6
 !
 map-server session passive-open RLOC-WLC
 map-server rloc members distribute
 site X
  site-id 7
router lisp 7
 tcp auth-option OTHER
  peer accept
"""
    assert read(text) == {
        "map_server": {
            "services": ["ipv6"],
            "resolvers": ["ipv4"],
            "passive_open": "RLOC-WLC",
            "sites": [{"name": "X", "others": True}],
        },
        "etr": {
            "services": [
                {
                    "afi": "ipv4",
                    "disabled": True,
                    "map_servers": [
                        {
                            "address": "192.0.2.1",
                            "key": keys.from_config("6 abcABCabcABC[^"),
                            "hash_function": "sha2",
                        }
                    ],
                }
            ]
        },
    }


def test_what_else_the_text_tells():
    around = surroundings(
        f"{ETR_TEXT}key chain A tcp\nkey chain B\nkey chain C macsec\n  ipv4 etr map-server 192.0.2.9 key x\n"
    )
    assert around.chains == {"A": "tcp", "B": None, "C": "macsec"}
    assert around.map_servers == {"192.0.2.1", "192.0.2.9"}


@pytest.mark.parametrize("text", ["", "hostname X\n", "interface X\n lisp mobility Y\nsnmp-server enable traps lisp\n"])
def test_no_lisp(text):
    assert read(text) == {}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"tcp_auth_options": [{"key_chain": "A", "peers": ["192.0.2"]}]}, "use an IP address such as"),
        ({"tcp_auth_options": [{"key_chain": "with blank"}]}, "without blanks"),
        ({"tcp_auth_options": [{"key_chain": "A"}, {"key_chain": "A"}]}, "key_chain A is given twice"),
        ({"tcp_auth_options": []}, "the list is empty"),
        ({"map_server": {"services": ["ipv5"]}}, "use one of ipv4, ipv6, ethernet"),
        ({"map_server": {"sites": [{"name": "X", "eid_records": [{"prefix": "10.0.0.1/8"}]}]}}, "without host bits"),
        (
            {"map_server": {"sites": [{"name": "X", "eid_records": [{"prefix": "10.0.0.0/8", "instance_id": 0}]}]}},
            "from 1 to 16777214",
        ),
        ({"map_server": {"sites": [{"name": "X", "authentication_key": "with blank"}]}}, "1 to 80 printable"),
        ({"etr": {"services": [{"afi": "ipv4", "map_servers": [{"key": "x"}]}]}}, "address is missing"),
        ({"etr": {"services": [{"afi": "ipv4", "disabled": True}]}}, "disabled is not an option here"),
    ],
)
def test_bad_input_gets_one_clear_sentence(config, words):
    with pytest.raises(InvalidInput) as caught:
        validate(SCHEMA, config)
    assert len(caught.value.problems) == 1
    assert words in caught.value.problems[0]


def test_a_prefix_may_come_in_several_instances_but_only_once_in_each():
    records = [{"instance_id": number, "prefix": "10.0.0.0/8"} for number in (1, 2)]
    assert validate(SCHEMA, {"map_server": {"sites": [{"name": "X", "eid_records": records}]}})
    with pytest.raises(InvalidInput, match="given twice"):
        validate(SCHEMA, {"map_server": {"sites": [{"name": "X", "eid_records": [records[0], records[0]]}]}})


# -- round trip --------------------------------------------------------------------------------------------------------

_WORD = st.text(st.characters(min_codepoint=48, max_codepoint=122, categories=["L", "N"]), min_size=1, max_size=12)
_KEY = _WORD.map(keys.from_clear)
_ADDRESS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
_PREFIX = st.one_of(
    st.integers(0, 2**24 - 1).map(lambda n: f"{n >> 16}.{n >> 8 & 255}.{n & 255}.0/24"),
    st.just("any-mac"),
    st.just("2001:db8::/32"),
)
_RECORD = st.fixed_dictionaries(
    {"prefix": _PREFIX},
    optional={
        "instance_id": st.integers(1, 16777214),
        "accept_more_specifics": st.just(True),
        "route_tag": st.integers(1, 4294967295),
    },
)
_SITE = st.fixed_dictionaries(
    {"name": _WORD},
    optional={
        "authentication_key": _KEY,
        "eid_records": st.lists(
            _RECORD, max_size=3, unique_by=lambda entry: (entry["prefix"], entry.get("instance_id"))
        ),
    },
)
_OPTION = st.fixed_dictionaries(
    {"key_chain": _WORD},
    optional={"accept": st.just(True), "peers": st.lists(_ADDRESS, min_size=1, max_size=3, unique=True)},
)
_SERVER = st.fixed_dictionaries(
    {"address": _ADDRESS, "key": _KEY}, optional={"hash_function": st.sampled_from(["sha1", "sha2"])}
)
_ETR = st.fixed_dictionaries(
    {"afi": st.sampled_from(FAMILIES)},
    optional={"map_servers": st.lists(_SERVER, max_size=3, unique_by=lambda entry: entry["address"])},
)
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "tcp_auth_options": st.lists(_OPTION, max_size=3, unique_by=lambda entry: entry["key_chain"]),
        "map_server": st.fixed_dictionaries(
            {"services": st.lists(st.sampled_from(FAMILIES), min_size=1, unique=True)},
            optional={
                "map_resolver": st.just(True),
                "passive_open": _WORD,
                "sites": st.lists(_SITE, max_size=3, unique_by=lambda entry: entry["name"]),
            },
        ),
        "etr": st.fixed_dictionaries({"services": st.lists(_ETR, max_size=3, unique_by=lambda entry: entry["afi"])}),
    },
).map(lambda model: states.normal(SCHEMA, model))


@given(MODELS)
def test_what_is_rendered_is_parsed_back(model):
    book = SecretBook()
    assert read(book.reveal(FEATURE.render(book.seal_model(model)))) == model


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        parse(f"router lisp\n {text}")
        surroundings(text)
    except ValueError:
        pass
