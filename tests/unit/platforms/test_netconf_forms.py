# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models as XML: what is rendered is parsed back, what is planned leads there and back, and YANG takes it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from netconfd_server import HUAWEI, yanglint

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import NETCONF, DeviceFacts, Seen
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Feature, Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan, planner_for
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import (
    Group,
    Leaf,
    Node,
    Values,
    public,
    validate,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import MASK, Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Unsupported
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.xmltree import NC, cli_element
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.netconf import revealed

CHAINS, LISP, RSVP = "cisco_tcp_key_chain", "cisco_lisp_tcp_ao", "huawei_rsvp_auth"
FORMS = {name: registry.feature(name).form(NETCONF) for name in (CHAINS, LISP, RSVP)}
FACTS = {name: DeviceFacts(form.platform, language=NETCONF, modules={"huawei-ifm": ""}) for name, form in FORMS.items()}

KEYS = ("Secret-1", "Sec<ret>&2", "with blanks ", "7 up")
SAMPLES: dict[str, tuple[Any, ...]] = {
    "huawei:name": ("GigabitEthernet0/3/7", "Eth-Trunk20", "50|100GE0/1/0"),
    "huawei:address": ("10.0.0.1", "10.0.0.2"),
    "huawei:lifetime": ("00:00:01", "01:00:00", "23:59:59"),
    "huawei:authentication": (
        {"mode": "cipher", "key": "Own&Key<73"},
        {"mode": "plain", "key": "Own-Key-73"},
        {"mode": "cipher", "key": "%^%#" + "x" * 20 + "%^%#"},
        {"mode": "keychain", "keychain": "kc-core"},
    ),
    "cisco:name": ("KC-A", "KC<&>B", "site-7"),
    "cisco:key_chain": ("KC-A", "KC<&>B"),
    "cisco:key_string": KEYS,
    "cisco:authentication_key": KEYS[:2],
    "cisco:key": KEYS[:2],
    "cisco:address": ("192.0.2.1", "2001:db8::1"),
    "cisco:peers": ("192.0.2.1", "2001:db8::1"),
    "cisco:prefix": ("198.51.100.0/24", "2001:db8::/32"),
    "cisco:passive_open": ("ACL-1",),
    "cisco:send_lifetime": (
        {"start": "00:00:00 Mar 1 2026", "infinite": True},
        {"start": "01:02:03 Dec 31 2026", "end": "00:00:00 Jan 1 2030", "local": True},
        {"start": "00:00:00 Mar 1 2026", "duration": 3600},
    ),
}
SAMPLES["cisco:accept_lifetime"] = SAMPLES["cisco:send_lifetime"]


def models(vendor: str, node: Node, name: str = "") -> st.SearchStrategy[Any]:
    """Any input that the schema allows, with plausible texts where it wants more than a type."""
    samples = SAMPLES.get(f"{vendor}:{name}")
    if isinstance(node, Values):
        elements = st.sampled_from(samples or node.leaf.choices)
        return st.lists(elements, min_size=1, max_size=2, unique=True)
    if samples:
        return st.sampled_from(samples)
    if isinstance(node, Leaf):
        if node.choices:
            return st.sampled_from(node.choices)
        return st.integers(*node.range) if node.range else st.booleans()
    fields = {field: child for field, child in node.fields.items() if not child.internal}
    made = {field: models(vendor, child, field) for field, child in fields.items()}
    if isinstance(node, Group):
        return st.fixed_dictionaries({}, optional=made)
    key = made.pop(node.key)
    entries = st.fixed_dictionaries({node.key: key}, optional=made)
    return st.lists(entries, min_size=1, max_size=3, unique_by=lambda entry: entry[node.key])


def sayable(name: str, config: Any) -> Any:
    """As the rules let it through: nothing without authentication on VRP, no resolver without a server on IOS XE."""
    for service in config.get("etr", {}).get("services", []) if name == LISP else []:
        for server in service.get("map_servers", []):
            server.setdefault("key", "Secret-1")
    if name == LISP and "services" not in config.get("map_server", {}):
        config.get("map_server", {}).pop("map_resolver", None)
    if name == RSVP:
        for entry in [*config.get("interfaces", []), *config.get("peers", [])]:
            if "authentication" not in entry:
                for field in {*entry} - {"name", "address"}:
                    del entry[field]
    return config


def canonical(name: str, config: Any) -> Any:
    schema = FORMS[name].schema
    return states.normal(schema, validate(schema, sayable(name, config)) if config else states.empty(schema))


MODELS = {
    name: models("huawei" if name == RSVP else "cisco", form.schema).map(
        lambda config, name=name: canonical(name, config)
    )
    for name, form in FORMS.items()
}
EITHER = st.sampled_from(sorted(FORMS)).flatmap(
    lambda name: st.tuples(st.just(name), MODELS[name], MODELS[name] | st.just(canonical(name, None)))
)


def plan(name: str, book: SecretBook, before: Any, after: Any) -> Plan:
    form = FORMS[name]
    planner = planner_for(registry.platform(form.platform).plan, FACTS[name])
    texts = [form.render(book.seal_model(model), FACTS[name]) for model in (before, after)]
    return planner(*texts)


def payload(name: str, model: Any) -> str:
    """What an empty device would be sent."""
    book, form = SecretBook(), FORMS[name]
    netconf = registry.platform(form.platform).netconf
    assert netconf is not None
    lines = plan(name, book, states.empty(form.schema), model).commands
    return revealed(lines, book, netconf.spell) if lines else ""


def told(name: str, model: Any) -> Any:
    """The model as it is shown, with the texts of its secrets, without what only the CLI has."""
    shown = public(FORMS[name].schema, model)
    if name == RSVP and "peers" in shown:
        shown = {**shown, "peers": [dict(peer) for peer in shown["peers"]]}
    return _revealed(shown)


def _revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return (value.encoding, value.reveal())
    if isinstance(value, dict):
        return {key: _revealed(entry) for key, entry in value.items()}
    return [_revealed(entry) for entry in value] if isinstance(value, list) else value


@given(EITHER)
def test_what_is_rendered_is_parsed_back(case: tuple[str, Any, Any]) -> None:
    name, model, _other = case
    text = payload(name, model)
    parsed = states.normal(FORMS[name].schema, FORMS[name].parse(text)) if text else states.empty(FORMS[name].schema)
    assert told(name, parsed) == told(name, model)


# -- a datastore, as RFC 6241 has it, on names and keys alone ---------------------------------------------------------

KEYED = {
    "chain": ("name",),
    "auth-option": ("name",),
    "peer": ("address",),
    "site": ("sname",),
    "prefixes": ("prefix",),
    "instance-id-cfg": ("id", "prefix"),
    "neighbor": ("peer-ip-address",),
    "rsvp-interface": ("name",),
    "interface": ("name",),
    "mpls-interface": ("name",),
    "instance": ("name",),
}
OPERATION = f"{{{NC}}}operation"


def local(element: Any) -> str:
    return str(etree.QName(element).localname)


def identity(element: Any) -> tuple[str, ...]:
    keys = KEYED.get(local(element), ())
    if local(element) == "key" and any(local(child) == "id" for child in element):
        keys = ("id",)
    if local(element) == "map-server" and any(local(child) == "ip-addr" for child in element):
        keys = ("ip-addr",)
    return (local(element), *("".join(c.text or "" for c in element if local(c) == key) for key in keys))


def apply(store: dict[Any, Any], edit: Any) -> None:
    """Merge an edit into nested dictionaries: identity to children, or to a text."""
    for element in edit:
        found, operation = identity(element), element.get(OPERATION, "merge")
        if operation in ("remove", "replace"):
            store.pop(found, None)
        if operation == "remove":
            continue
        if len(element):
            below = store.setdefault(found, {})
            if element.text and element.text.strip():
                below["text"] = element.text.strip()
            apply(below, element)
        else:
            store[found] = (element.text or "").strip()


def applied(store: dict[Any, Any], lines: tuple[str, ...]) -> dict[Any, Any]:
    if lines:
        apply(store, etree.fromstring("\n".join(lines)))
    return store


def pruned(store: Any) -> Any:
    """Without containers that hold nothing (but their name): they are there or not as the server likes."""
    if not isinstance(store, dict):
        return store
    kept = {key: pruned(value) for key, value in store.items()}
    return {key: value for key, value in kept.items() if value not in ({}, {("name",): "_public_"})}


def stored(name: str, book: SecretBook, model: Any) -> Any:
    return pruned(applied({}, plan(name, book, states.empty(FORMS[name].schema), model).commands))


@given(EITHER)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_plan_leads_there_and_its_rollback_leads_back(case: tuple[str, Any, Any]) -> None:
    name, before, after = case
    book = SecretBook()
    there = plan(name, book, before, after)
    store = applied({}, plan(name, book, states.empty(FORMS[name].schema), before).commands)
    applied(store, there.commands)
    assert pruned(store) == stored(name, book, after)
    applied(store, there.rollback)
    assert pruned(store) == stored(name, book, before)
    assert bool(there) is (stored(name, book, before) != stored(name, book, after))


# -- YANG -------------------------------------------------------------------------------------------------------------

EXAMPLES = {
    CHAINS: [
        {
            "name": "KC-LISP-A",
            "keys": [
                {
                    "id": 41,
                    "send_id": 41,
                    "recv_id": 42,
                    "algorithm": "hmac-sha-1",
                    "key_string": "7 0822455D0A16",
                    "include_tcp_options": True,
                    "send_lifetime": {"start": "2026-03-01 00:00:00", "end": "2026-09-01 00:00:00"},
                    "accept_lifetime": {"start": "2026-03-01 00:00:00", "infinite": True, "local": True},
                },
                {"id": 42, "key_string": "Sec<ret>&2", "send_lifetime": {"start": "2026-03-01", "duration": 60}},
            ],
        }
    ],
    LISP: {
        "tcp_auth_options": [{"key_chain": "KC-LISP-A", "accept": True, "peers": ["192.0.2.1"]}],
        "map_server": {
            "services": ["ipv4"],
            "map_resolver": True,
            "passive_open": "ACL-1",
            "sites": [
                {
                    "name": "BRANCH-7",
                    "authentication_key": "6 ABCDEFGHabcdefgh",
                    "eid_records": [
                        {"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True},
                    ],
                }
            ],
        },
        "etr": {"services": [{"afi": "ipv4", "map_servers": [{"address": "192.0.2.1", "key": "7 0822455D0A16"}]}]},
    },
    RSVP: {
        "interfaces": [
            {
                "name": "GigabitEthernet0/1/0",
                "authentication": {"mode": "cipher", "key": "Own-Key-73"},
                "handshake": True,
                "lifetime": "00:40:00",
                "window_size": 48,
            }
        ],
        "peers": [{"address": "10.255.7.4", "authentication": {"mode": "keychain", "keychain": "KC-Core"}}],
        "timers": {"refresh": 40, "keep_multiplier": 5, "challenge_lost": 4, "challenge_retransmit": 2000},
    },
}
SAID = {
    CHAINS: (
        "<encryption>7</encryption><key>0822455D0A16</key>",
        "<encryption>0</encryption><key>Sec&lt;ret&gt;&amp;2</key>",
        "<cryptographic-algorithm-choice><tcp>hmac-sha-1</tcp></cryptographic-algorithm-choice>",
        "<end-hh-mm-ss>00:00:00</end-hh-mm-ss><end-month>Sep</end-month><end-day>1</end-day><end-year>2026</end-year>",
        "<include-tcp-options>true</include-tcp-options>",
    ),
    LISP: (
        "<peer><address>accept</address></peer>",
        "<authentication-key><key-6>ABCDEFGHabcdefgh</key-6></authentication-key>",
        "<key><key-7><ak-7>0822455D0A16</ak-7></key-7></key>",
        "<session><passive-open>ACL-1</passive-open></session>",
    ),
    RSVP: (
        "<type>md5</type><md5-key>Own-Key-73</md5-key><life-time>2400</life-time>"
        "<handshake-enable>true</handshake-enable><window-size>48</window-size>",
        "<type>keychain</type><keychain-name>kc-core</keychain-name>",
        "<challenge-retransmission-interval>2000</challenge-retransmission-interval>",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_payload_is_what_the_models_want(name: str) -> None:
    text = payload(name, canonical(name, EXAMPLES[name]))
    for words in SAID[name]:
        assert words in text
    assert yanglint(text) == ""


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_edit_with_operations_is_valid_too(name: str) -> None:
    form, book = FORMS[name], SecretBook()
    lines = plan(name, book, canonical(name, EXAMPLES[name]), states.empty(form.schema)).commands
    assert 'nc:operation="remove"' in "".join(lines)
    assert yanglint("\n".join(lines), modules=HUAWEI if name == RSVP else None) == ""


def test_yanglint_finds_what_is_wrong() -> None:
    text = payload(CHAINS, canonical(CHAINS, EXAMPLES[CHAINS]))
    assert yanglint(text.replace("<send-id>41<", "<send-id>256<")) != ""
    assert yanglint(text.replace("hmac-sha-1", "md5")) != ""


@pytest.mark.parametrize(("revision", "older"), [("2020-07-01", True), ("2020-11-01", False), ("", False)])
def test_the_revision_decides_on_the_algorithm_leaf(revision: str, older: bool) -> None:
    facts = DeviceFacts("cisco_iosxe", language=NETCONF, modules={"Cisco-IOS-XE-crypto": revision})
    text = FORMS[CHAINS].render(canonical(CHAINS, EXAMPLES[CHAINS]), facts)
    assert ("<cryptographic-algorithm>hmac-sha-1</" in text) is older
    assert ("<cryptographic-algorithm-choice>" in text) is not older


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<data><native", "the XML is cut or broken"),
        (
            '<configuration xmlns="http://xml.juniper.net/"><version>1</version></configuration>',
            "'configuration' at its",
        ),
    ],
)
def test_what_is_cut_or_foreign_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FORMS[name].parse(text)


@pytest.mark.parametrize("name", EXAMPLES)
@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    with contextlib.suppress(ValueError):
        FORMS[name].parse(text)


@pytest.mark.parametrize("wrapper", ["{}", "<data>{}</data>", f'<rpc-reply xmlns="{NC}"><data>{{}}</data></rpc-reply>'])
def test_whatever_a_reply_wraps_around_it(wrapper: str) -> None:
    text = payload(CHAINS, canonical(CHAINS, EXAMPLES[CHAINS]))
    inner = text[text.index("<native") : text.rindex("</nc:config>")]
    assert len(FORMS[CHAINS].parse(wrapper.format(inner))) == 1


def test_defaults_that_a_server_writes_out_are_not_there() -> None:
    text = """<mpls xmlns="urn:huawei:yang:huawei-mpls"><te xmlns="urn:huawei:yang:huawei-mpls-te"><rsvp><neighbors>
      <neighbor><peer-ip-address>10.0.0.1</peer-ip-address><authentication><enable>true</enable><type>md5</type>
      <md5-password>%^%#aaaaaaaaaaaaaaaaaaaaaaaa%^%#</md5-password><life-time>1800</life-time>
      <handshake-enable>false</handshake-enable><window-size>1</window-size></authentication></neighbor>
      <neighbor><peer-ip-address>10.0.0.2</peer-ip-address><authentication><enable>false</enable></authentication>
      </neighbor></neighbors></rsvp></te></mpls>"""
    form = FORMS[RSVP]
    model = states.normal(form.schema, form.parse(text))
    assert [sorted(peer) for peer in model["peers"]] == [["address", "authentication"], ["address"]]
    assert model["peers"][0]["authentication"]["key"].encoding == "vrp-cipher"


def judged(form: Feature, config: Any, text: str, modules: dict[str, str]) -> list[str]:
    model = canonical(RSVP, config)
    facts = DeviceFacts("huawei_vrp", language=NETCONF, modules=modules)
    return [str(found) for found in form.rules({}, model, Intent(model, "merged"), Seen(facts, text))]


def test_what_cannot_be_seen_is_said() -> None:
    config = {"peers": [{"address": "10.9.9.9", "authentication": {"mode": "keychain", "keychain": "kc1"}}]}
    text = (
        '<ifm xmlns="urn:huawei:yang:huawei-ifm"><interfaces><interface><name>GE0/1/0</name><ipv4><addresses><address>'
        "<ip>10.0.0.1</ip><mask>255.255.255.0</mask></address></addresses></ipv4></interface></interfaces></ifm>"
    )
    found = judged(FORMS[RSVP], config, text, {})
    assert any("Whether keychain kc1 exists cannot be seen" in words for words in found)
    assert any("'mpls te cspf', which that needs, cannot be seen" in words for words in found)
    found = judged(FORMS[RSVP], config, text, {"huawei-keychain": "2021-10-10"})
    assert any("keychain kc1 does not exist" in words for words in found)


def test_what_the_cli_beside_says_is_read_with_the_rest() -> None:
    text = '<data/><native xmlns="http://cisco.com/ns/yang/Cisco-IOS-XE-native"/>' + cli_element(
        "key chain X tcp\n neighbor 10.0.0.1 ao KC-LISP-A\n *12:00:00.000 UTC Thu Jan 1 2026\x07"
    )
    have = canonical(CHAINS, EXAMPLES[CHAINS])
    seen = Seen(DeviceFacts("cisco_iosxe", language=NETCONF), text)
    found = FORMS[CHAINS].rules(have, [], Intent(None, "deleted"), seen)
    assert any("neighbor 10.0.0.1 ao KC-LISP-A" in str(violation) for violation in found)


@pytest.mark.parametrize("name", ["h3c_ike_keepalive", "junose_ipsec_option", "allied_isakmp_policy"])
def test_features_without_a_form_say_so(name: str) -> None:
    with pytest.raises(Unsupported, match=f"{name} is not configured over NETCONF; set ansible_connection to"):
        registry.feature(name).form(NETCONF)


def test_no_key_is_in_a_plan() -> None:
    shown = plan(CHAINS, SecretBook(), [], canonical(CHAINS, EXAMPLES[CHAINS]))
    assert "Sec<ret>&2" not in repr(shown)
    assert MASK in "".join(shown.shown()["commands"])
    assert "0822455D0A16" not in repr(shown)
