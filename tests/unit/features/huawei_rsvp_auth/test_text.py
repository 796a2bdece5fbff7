# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration text: what a model is rendered to, and every layout that VRP prints read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, public, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth import schema
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth.parse import (
    parse,
    surroundings,
)

GOLDEN = Path(__file__).parent / "golden"
CIPHER = "%^%#q2T{7mVz!b0Rk@8Wd:Yh3e~Lp4$uJ6xN%^%#"
OTHER = "%^%#Zp1}w9%H|c&5sGt2Uo8KfQ^v6Yx-eB3n%^%#"

VRP8 = f"""\
!Software Version V800R012C10SPC300
!Last configuration was updated at 2031-05-14 09:22:41+00:00 by netops
!Last configuration was saved at 2031-05-14 09:24:03+00:00
#
sysname PE1
#
mpls lsr-id 10.255.7.1
#
mpls
 mpls te
 mpls te cspf
 mpls rsvp-te
 mpls rsvp-te timer refresh 45
 mpls rsvp-te challenge-lost 5
 mpls rsvp-te retrans-timer challenge 2000
#
interface GigabitEthernet0/3/7
 undo shutdown
 ip address 10.77.12.1 255.255.255.252
 mpls
 mpls te
 isis enable 7
 mpls rsvp-te
 mpls rsvp-te authentication cipher {CIPHER}
 mpls rsvp-te authentication lifetime 00:40:00
 mpls rsvp-te authentication handshake
 mpls rsvp-te authentication window-size 48
#
return
"""
VRP8_MODEL = {
    "enabled": ["mpls", "mpls te", "mpls te cspf", "mpls rsvp-te"],
    "timers": {"refresh": 45, "challenge_lost": 5, "challenge_retransmit": 2000},
    "interfaces": [
        {
            "name": "GigabitEthernet0/3/7",
            "authentication": {"mode": "cipher", "key": Secret(CIPHER, schema.CIPHER)},
            "lifetime": "00:40:00",
            "handshake": True,
            "window_size": 48,
            "enabled": ["mpls", "mpls te", "mpls rsvp-te"],
        }
    ],
}
PEER_HEAD = "#\nsysname PE1\n#\nmpls\n mpls te\n mpls rsvp-te\n mpls te cspf\n"
PEERS = {
    "A: one deeper": (
        f"""\
 mpls rsvp-te peer 10.255.7.4
  mpls rsvp-te authentication keychain kc-core
  mpls rsvp-te authentication handshake
 mpls rsvp-te peer 10.77.12.2
  mpls rsvp-te authentication cipher {OTHER}
  mpls rsvp-te authentication handshake
"""
    ),
    "B: same depth": (
        f"""\
 mpls rsvp-te peer 10.255.7.4
 mpls rsvp-te authentication keychain kc-core
 mpls rsvp-te authentication handshake
 mpls rsvp-te peer 10.77.12.2
 mpls rsvp-te authentication cipher {OTHER}
 mpls rsvp-te authentication handshake
"""
    ),
    "C: separated": (
        f"""\
 #
 mpls rsvp-te peer 10.255.7.4
  mpls rsvp-te authentication keychain kc-core
  mpls rsvp-te authentication handshake
 #
 mpls rsvp-te peer 10.77.12.2
  mpls rsvp-te authentication cipher {OTHER}
  mpls rsvp-te authentication handshake
 #
"""
    ),
}


def canonical(model: Any) -> Any:
    return states.normal(schema.SCHEMA, model)


def rendered(model: Any) -> str:
    """Canonical text with the keys in clear."""
    book = SecretBook()
    return book.reveal(FEATURE.render(book.seal_model(canonical(model))))


# -- golden ----------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.yml")))
def test_golden(name: str) -> None:
    model = validate(schema.SCHEMA, yaml.safe_load((GOLDEN / f"{name}.yml").read_text("utf-8")))
    text = rendered(model)
    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert canonical(public(schema.SCHEMA, parse(text))) == canonical(model)


def test_nothing_renders_to_nothing() -> None:
    assert rendered({}) == ""
    assert canonical(parse("")) == {}


# -- layouts ---------------------------------------------------------------------------------------


def test_the_documented_interface_sample() -> None:
    assert canonical(parse(VRP8)) == canonical(VRP8_MODEL)


@pytest.mark.parametrize("variant", PEERS)
def test_peers_in_each_layout(variant: str) -> None:
    model = canonical(parse(f"{PEER_HEAD}{PEERS[variant]}#\nreturn\n"))
    assert model["peers"] == [
        {
            "address": "10.77.12.2",
            "authentication": {"mode": "cipher", "key": Secret(OTHER, schema.CIPHER)},
            "handshake": True,
        },
        {"address": "10.255.7.4", "authentication": {"mode": "keychain", "keychain": "kc-core"}, "handshake": True},
    ]
    assert "interfaces" not in model


def test_enablement_in_any_order_and_between_other_lines() -> None:
    text = VRP8.replace(" mpls te cspf\n mpls rsvp-te\n", " mpls rsvp-te\n mpls ldp-something\n mpls te cspf\n")
    assert canonical(parse(text)) == canonical(VRP8_MODEL)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r\r\n"),
        lambda text: re.sub(r"^!.*\n", "", text, flags=re.MULTILINE),
        lambda text: "[V200R009C00SPC500]\n" + re.sub(r"^!.*\n", "", text, flags=re.MULTILINE),
        lambda text: "display current-configuration\n" + text + "\n",
        lambda text: text.replace(" mpls te\n isis", "  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42D mpls te\n isis"),
        lambda text: text.replace(" mpls te\n isis", "  ---- More ----" + " " * 42 + " mpls te\n isis"),
        lambda text: text.replace(" isis", "\x1b[1m isis"),
        lambda text: text.replace("interface GigabitEthernet0/3/7", "interface GigabitEthernet 0/3/7"),
        lambda text: text.replace(
            "\n mpls rsvp-te authentication handshake",
            "\n mpls rsvp-te authentication handshake %^%#old-local-secret%^%#",
        ),
        lambda text: text.replace(
            "mpls rsvp-te challenge-lost 5", "mpls rsvp-te challenge-lost 5\n mpls rsvp-te keep-multiplier 3"
        ),
        lambda text: "\n".join(
            line for line in text.splitlines() if re.search(r"^interface |^keychain |mpls|ip address", line)
        ),
    ],
    ids=[
        "CRLF",
        "CRCRLF",
        "no header",
        "bracket header",
        "echo and prompt",
        "pager",
        "stripped pager",
        "ANSI",
        "blank in the name",
        "old handshake form",
        "defaults printed",
        "filtered",
    ],
)
def test_the_same_configuration_in_other_clothes(change: Any) -> None:
    assert canonical(parse(change(VRP8))) == canonical(VRP8_MODEL)


@pytest.mark.parametrize("at", ["#\nreturn\n", " mpls rsvp-te authentication window-size 48\n", "interface G"])
def test_a_cut_configuration_is_refused(at: str) -> None:
    """Else what is missing would be taken for what is not configured."""
    with pytest.raises(ValueError, match="is cut: it does not end with 'return'"):
        parse(VRP8[: VRP8.index(at) + 3])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Building configuration...\n\nCurrent configuration : 1234 bytes\n!\nversion 17.3\n", "Cisco IOS"),
        ("#\n version 7.1.064, Release 9141P01\n#\n sysname H3C\n#\nreturn\n", "H3C Comware"),
        ("#\n version 5.20, Release 3734\n#\n sysname H3C\n#\nreturn\n", "H3C Comware"),
        ("! Configuration script being generated on TUE MAR 03 2031\nhostname erx\n", "Juniper JunOSe"),
    ],
)
def test_look_alikes_are_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"of {name}, not of Huawei VRP"):
        parse(text)


def test_lines_of_other_features_are_not_ours() -> None:
    text = """\
ospf 1
 area 0.0.0.0
  mpls-te enable
interface Vlanif7
 ospf authentication-mode md5 1 cipher x
 mpls ldp
interface Tunnel1
 ip address unnumbered interface LoopBack0
 mpls te tunnel-id 1
"""
    assert canonical(parse(text)) == {}


def test_quoted_keys_and_case_of_keychains() -> None:
    text = (
        'interface Vlanif7\n mpls rsvp-te authentication plain "two words"\ninterface Vlanif8\n mpls rsvp-te'
        ' authentication keychain "KC-A"\n'
    )
    first, second = parse(text)["interfaces"]
    assert first["authentication"]["key"] == Secret("two words")
    assert second["authentication"]["keychain"] == "kc-a"


@pytest.mark.parametrize(
    "text",
    [
        CIPHER,
        "@%@%0123456789abcdef0123@%@%",
        "%@%@0123456789abcdef0123%@%@",
        "%$%$0123456789abcdef%$%$",
        "%+%##!!!!0123456789abcdef%+%#",
    ],
)
def test_cipher_texts_are_recognised(text: str) -> None:
    assert schema.encoding(text) == schema.CIPHER
    assert schema.key(text) == Secret(text, schema.CIPHER)


@pytest.mark.parametrize("text", ["Own-Key-73", "%^%#short%^%#", "%^%#not-closed-at-the-end-of-it", "x" * 255])
def test_other_texts_are_keys(text: str) -> None:
    assert schema.encoding(text) == "clear"
    assert schema.key(text) == Secret(text)


def test_surroundings() -> None:
    around = surroundings(
        "keychain KC-Core mode absolute\nmpls lsr-id 10.255.7.1\ninterface GigabitEthernet0/3/7\n ip address 10.77.12.1"
        " 255.255.255.252\n ip address 10.9.0.1 255.255.255.0 sub\ninterface 100GE0/1/0\ninterface Tunnel1\n ip address"
        " unnumbered interface LoopBack0\ninterface Dialer1\n ip address ppp-negotiate\ninterface Vlanif1\n ip address"
        " dhcp-alloc unicast\n"
    )
    assert around.interfaces == ("GigabitEthernet0/3/7", "100GE0/1/0", "Tunnel1", "Dialer1", "Vlanif1")
    assert [str(network) for network in around.networks] == ["10.77.12.0/30", "10.9.0.0/24"]
    assert (around.keychains, around.lsr_id) == ({"kc-core"}, "10.255.7.1")
    assert around.addresses == {"GigabitEthernet0/3/7": "10.77.12.1"}


# -- round trip ------------------------------------------------------------------------------------

keys = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?"), min_size=1, max_size=40
).filter(lambda key: key[0] != '"')
authentications = st.one_of(
    st.builds(lambda mode, key: {"mode": mode, "key": key}, st.sampled_from(["cipher", "plain"]), keys),
    st.builds(lambda name: {"mode": "keychain", "keychain": name}, st.text("abcKC-_.0123", min_size=1, max_size=47)),
)
lifetimes = st.integers(1, 86399).map(lambda s: f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}")
views = st.builds(
    lambda auth, more: {"authentication": auth, **more},
    authentications,
    st.fixed_dictionaries(
        {}, optional={"handshake": st.booleans(), "lifetime": lifetimes, "window_size": st.integers(1, 64)}
    ),
)
names = st.sampled_from(
    [
        "GigabitEthernet0/3/7",
        "GigabitEthernet0/3/10.100",
        "Eth-Trunk20",
        "Vlanif300",
        "100GE1/0/1",
        "50|100GE0/1/0",
        "Pos1/0/0",
    ]
)
addresses = st.ip_addresses(v=4).map(str)
configs = st.fixed_dictionaries(
    {},
    optional={
        "interfaces": st.lists(
            st.builds(lambda n, v: {"name": n, **v}, names, views),
            min_size=1,
            max_size=3,
            unique_by=lambda e: e["name"],
        ),
        "peers": st.lists(
            st.builds(lambda a, v: {"address": a, **v}, addresses, views | st.just({})),
            min_size=1,
            max_size=3,
            unique_by=lambda e: e["address"],
        ),
        "timers": st.fixed_dictionaries(
            {},
            optional={
                "refresh": st.integers(10, 65535),
                "keep_multiplier": st.integers(3, 255),
                "challenge_lost": st.integers(1, 10),
                "challenge_retransmit": st.integers(500, 10000),
            },
        ),
    },
)


@given(configs)
def test_parsed_of_rendered_is_the_model(config: Any) -> None:
    model = canonical(validate(schema.SCHEMA, config))
    assert canonical(public(schema.SCHEMA, parse(rendered(model)))) == model


@given(configs, st.sampled_from(["\r\n", "\n"]), st.booleans())
def test_peers_at_any_indentation_and_line_end(config: Any, newline: str, flat: bool) -> None:
    model = canonical(validate(schema.SCHEMA, config))
    text = rendered(model)
    if flat:
        text = text.replace("\n  ", "\n ")
    assert canonical(public(schema.SCHEMA, parse(text.replace("\n", newline)))) == model


@given(
    st.text(
        "mpls rsvp-te\n #interface Vlanif1authentication cipher lifetime 00:40:00 peer 10.0.0.1keychain\r", max_size=200
    )
)
def test_garbage_is_a_model_or_a_clear_refusal(text: str) -> None:
    try:
        canonical(parse(text))
        surroundings(text)
    except ValueError as refused:
        assert str(refused)  # noqa: PT017


# -- what a user may give --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (
            {"authentication": {"mode": "cipher", "key": "two words"}},
            (
                "authentication.key: the value is not allowed; use 1 to 255 printable characters without blanks and"
                " question marks, the first no quotation mark."
            ),
        ),
        (
            {"authentication": {"mode": "cipher", "key": "what?"}},
            (
                "authentication.key: the value is not allowed; use 1 to 255 printable characters without blanks and"
                " question marks, the first no quotation mark."
            ),
        ),
        (
            {"authentication": {"mode": "cipher", "key": "x" * 256}},
            (
                "authentication.key: the value is not allowed; use 1 to 255 printable characters without blanks and"
                " question marks, the first no quotation mark."
            ),
        ),
        (
            {"authentication": {"mode": "cipher", "key": '"quoted"'}},
            (
                "authentication.key: the value is not allowed; use 1 to 255 printable characters without blanks and"
                " question marks, the first no quotation mark."
            ),
        ),
        (
            {"authentication": {"mode": "md5"}},
            "authentication.mode: 'md5' is not allowed; use one of cipher, plain, keychain.",
        ),
        ({"authentication": {"key": "a"}}, "authentication: mode is missing."),
        (
            {"authentication": {"mode": "keychain", "keychain": "a b"}},
            (
                "authentication.keychain: 'a b' is not allowed; use 1 to 47 printable characters without blanks and"
                " question marks."
            ),
        ),
        (
            {"lifetime": "25:00:00"},
            "lifetime: '25:00:00' is not allowed; use HH:MM:SS (quoted) from 00:00:01 to 23:59:59.",
        ),
        ({"lifetime": 90000}, "lifetime: '90000' is not allowed; use HH:MM:SS (quoted) from 00:00:01 to 23:59:59."),
        (
            {"lifetime": "00:00:00"},
            "lifetime: '00:00:00' is not allowed; use HH:MM:SS (quoted) from 00:00:01 to 23:59:59.",
        ),
        ({"lifetime": "1h"}, "lifetime: '1h' is not allowed; use HH:MM:SS (quoted) from 00:00:01 to 23:59:59."),
        ({"window_size": 65}, "window_size: '65' is not allowed; use a whole number from 1 to 64."),
        ({"handshake": "perhaps"}, "handshake: 'perhaps' is not allowed; use true or false."),
    ],
)
def test_sentences_about_a_view(view: dict[str, Any], sentence: str) -> None:
    for field, key, value, shown in (
        ("interfaces", "name", "Vlanif7", "Vlanif7"),
        ("peers", "address", "10.0.0.1", "10.0.0.1"),
    ):
        with pytest.raises(InvalidInput) as caught:
            validate(schema.SCHEMA, {field: [{key: value, **view}]})
        assert caught.value.problems == [f"config.{field}[{shown}].{sentence}"]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            {"interfaces": [{"name": "the uplink"}]},
            (
                "config.interfaces[the uplink].name: 'the uplink' is not allowed; use an interface name such as"
                " GigabitEthernet0/3/7."
            ),
        ),
        ({"interfaces": []}, "config.interfaces: the list is empty; name at least one entry or leave the option out."),
        (
            {"interfaces": [{"name": "GE0/3/7"}, {"name": "GigabitEthernet 0/3/7"}]},
            (
                "config.interfaces[GigabitEthernet 0/3/7]: name GigabitEthernet0/3/7 is given twice; put all its"
                " settings into one entry."
            ),
        ),
        (
            {"peers": [{"address": "10.0.0.1"}, {"address": "10.0.0.1"}]},
            "config.peers[10.0.0.1]: address 10.0.0.1 is given twice; put all its settings into one entry.",
        ),
        (
            {"peers": [{"address": "10.0.0.256"}]},
            "config.peers[10.0.0.256].address: '10.0.0.256' is not allowed; use an IPv4 address such as 10.1.1.2.",
        ),
        ({"timers": {"refresh": 9}}, "config.timers.refresh: '9' is not allowed; use a whole number from 10 to 65535."),
        (
            {"timers": {"keep_multiplier": 256}},
            "config.timers.keep_multiplier: '256' is not allowed; use a whole number from 3 to 255.",
        ),
        (
            {"timers": {"challenge_lost": 0}},
            "config.timers.challenge_lost: '0' is not allowed; use a whole number from 1 to 10.",
        ),
        (
            {"timers": {"challenge_retransmit": 499}},
            "config.timers.challenge_retransmit: '499' is not allowed; use a whole number from 500 to 10000.",
        ),
        (
            {"interfaces": [{"name": "Vlanif7", "enabled": ["mpls"]}]},
            (
                "config.interfaces[Vlanif7]: enabled is not an option here; the options are name, authentication,"
                " handshake, lifetime, window_size."
            ),
        ),
    ],
)
def test_sentences_about_the_rest(config: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate(schema.SCHEMA, config)
    assert caught.value.problems == [sentence]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("GE 0/3/7", "GigabitEthernet0/3/7"),
        ("xge1/0/1", "XGigabitEthernet1/0/1"),
        ("eth-trunk 20", "Eth-Trunk20"),
        ("100GE 1/0/1", "100GE1/0/1"),
        ("50|100GE0/1/0", "50|100GE0/1/0"),
        ("GigabitEthernet0/3/7.100", "GigabitEthernet0/3/7.100"),
    ],
)
def test_interface_names(given: str, known: str) -> None:
    assert schema.interface(given) == known


@pytest.mark.parametrize(("given", "known"), [(45000, "12:30:00"), ("0:40:0", "00:40:00"), ("23:59:59", "23:59:59")])
def test_lifetimes_as_yaml_may_read_them(given: Any, known: str) -> None:
    assert schema.duration(given) == known
