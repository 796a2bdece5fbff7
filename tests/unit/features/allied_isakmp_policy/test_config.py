# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration text to model and back: every layout, golden texts, round trips, plans applied to a device."""

from __future__ import annotations

import pytest
from allied_labs import FEATURE, HEADQUARTERS, AlliedBench, branch, lab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.allied_isakmp_policy import parse, schema

feature = registry.feature(FEATURE)
platform = registry.platform("allied_alliedware")

SAMPLE_A = branch(
    'create isakmp pol="hq" pe=198.51.100.20 enc=aes128 key=1\n'
    'set isakmp pol="hq" gro=2 sendn=true prene=true\n'
    'set isakmp pol="hq" msgr=5 msgt=3 retry=continuous\n'
)
MODEL_A = {
    "name": "hq",
    "peer": "198.51.100.20",
    "enc_alg": "aes128",
    "key": 1,
    "group": 2,
    "send_notify": True,
    "prenegotiate": True,
    "msg_retry_limit": 5,
    "msg_timeout": 3,
    "retry_ike_attempts": "continuous",
}


def parsed(text):
    return [{key: value for key, value in entry.items() if key != "ipsec"} for entry in normal(feature.parse(text))]


def normal(model):
    return states.normal(feature.schema, model)


def test_sample_a_split_and_abbreviated():
    assert parsed(SAMPLE_A) == [MODEL_A]


def test_the_same_policy_written_out_in_full():
    full = (
        "CREATE ISAKMP POLICY=hq PEER=198.51.100.20 ENCALG=AES128 KEY=1 GROUP=2 SENDNOTIFY=TRUE PRENEGOTIATE=TRUE "
        "MSGRETRYLIMIT=5 MSGTIMEOUT=3 RETRYIKEATTEMPTS=CONTINUOUS MSGBACKOFF=INCREMENTAL"
    )
    assert parsed(full) == [MODEL_A]


def test_sample_b_all_defaults():
    assert parsed('create isakmp pol="hq" pe=198.51.100.20 key=1') == [
        {"name": "hq", "peer": "198.51.100.20", "key": 1}
    ]


def test_sample_c_roaming():
    text = 'create isakmp pol="roam" pe=any key=2 mod=agg'
    assert parsed(text) == [{"name": "roam", "peer": "any", "key": 2, "mode": "aggressive"}]


def test_sample_d_back_off_off():
    text = 'create isakmp pol="hq" pe=198.51.100.20\nset isakmp pol="hq" msgb=none msgt=10'
    assert parsed(text) == [{"name": "hq", "peer": "198.51.100.20", "msg_backoff": "none", "msg_timeout": 10}]


@pytest.mark.parametrize("text", ["", branch("").replace("enable isakmp\n", ""), "#\n# SYSTEM configuration\n#\n"])
def test_sample_e_nothing(text):
    assert feature.parse(text) == []


def test_crlf_and_pager_remains():
    pager = "--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)"
    text = SAMPLE_A.replace("\n", "\r\n").replace("set isakmp", f"{pager}\r{' ' * len(pager)}\rset isakmp", 1)
    assert parsed(text) == [MODEL_A]


@pytest.mark.parametrize("cut", ['set isakmp pol="hq', 'create isakmp pol="hq" remoteid="gate'])
def test_a_cut_text_is_refused(cut):
    with pytest.raises(ValueError, match="cut"):
        feature.parse(f"{SAMPLE_A}{cut}")


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="msgtimeout=soon is not a number"):
        feature.parse('create isakmp pol="hq" pe=1.1.1.1 msgt=soon')


def test_users_are_found_by_name_and_by_address():
    assert feature.parse(SAMPLE_A)[0]["ipsec"] == ["to-hq"]
    assert feature.parse(SAMPLE_A.replace('isa="hq" ', ""))[0]["ipsec"] == ["to-hq"]
    assert "ipsec" not in feature.parse(SAMPLE_A.replace('isa="hq"', 'isa="other"'))[0]


def test_displays_are_read_by_the_words_of_their_labels(tmp_path):
    text = AlliedBench(tmp_path, lab()).type("show isakmp policy=hq")
    shown = parse.displays(text)["hq"]
    assert (shown["msg_backoff"], shown["msg_timeout"], shown["retry_ike_attempts"]) == ("incremental", 4, 0)
    assert (shown["mode"], shown["group"], shown["enc_alg"], shown["send_notify"]) == ("main", 2, "aes128", True)
    assert "src_interface" not in shown


# -- rendering --------------------------------------------------------------------------------------------------------

GOLDEN = [
    (
        {"name": "hq", "peer": "198.51.100.20", "key": 1, "retry_ike_attempts": 3, "msg_timeout": 2},
        'create isakmp policy="hq" peer=198.51.100.20\n'
        'set isakmp policy="hq" key=1\n'
        'set isakmp policy="hq" msgtimeout=2\n'
        'set isakmp policy="hq" retryikeattempts=3\n',
    ),
    (
        {"name": "to hq", "peer": "ANY", "local_id": "branch 12", "hybrid_xauth": True, "rekey": False,
         "msg_backoff": "None", "phase2_xchg_limit": "none", "auth_type": "preshared", "msg_retry_limit": 8},
        'create isakmp policy="to hq" peer=any\n'
        'set isakmp policy="to hq" hybridxauth=on\n'
        'set isakmp policy="to hq" localid="branch 12"\n'
        'set isakmp policy="to hq" msgbackoff=none\n'
        'set isakmp policy="to hq" phase2xchglimit=none\n'
        'set isakmp policy="to hq" rekey=false\n',
    ),
]  # fmt: skip


@pytest.mark.golden
@pytest.mark.parametrize(("entry", "text"), GOLDEN)
def test_rendered(entry, text):
    assert feature.render(normal(validate(feature.schema, [entry]))) == text


def test_a_password_is_sealed_and_masked():
    book = SecretBook()
    model = validate(feature.schema, [{"name": "hq", "peer": "any", "xauth_password": "not so secret"}])
    text = feature.render(book.seal_model(model))
    assert "not so secret" not in text
    assert 'xauthpassword="not so secret"' in book.reveal(text)
    assert parsed(book.reveal(text)) == normal(model)
    native = 'set isakmp pol="hq" xauthp="not so secret" xautht=radius\ncreate enco key=1 type=gen value="psk"\n'
    assert [found["secret"] for pattern in platform.secrets for found in pattern.finditer(native)] == [
        '"not so secret"',
        '"psk"',
    ]


# -- input ------------------------------------------------------------------------------------------------------------

BAD = [
    ({"retry_ike_attempts": 17}, "'17' is not allowed; use a whole number from 0 to 16, or continuous"),
    ({"retry_ike_attempts": -1}, "'-1' is not allowed; use a whole number from 0 to 16, or continuous"),
    ({"retry_ike_attempts": "often"}, "'often' is not allowed; use a whole number from 0 to 16, or continuous"),
    ({"msg_retry_limit": 1025}, "use a whole number from 0 to 1024"),
    ({"msg_timeout": 0}, "use a whole number from 1 to 86400"),
    ({"msg_backoff": "linear"}, "use one of incremental, none"),
    ({"peer": "198.51.100.256"}, "use an IPv4 or IPv6 address, a host name, or any"),
    ({"peer": ""}, "an empty value is not allowed; use an IPv4 or IPv6 address"),
    ({"name": "x" * 25}, "use 1 to 24 printable characters"),
    ({"name": 'a"b'}, "without quotation marks"),
    ({"expiry_seconds": 599}, "use a whole number from 600 to 31449600"),
    ({"phase2_xchg_limit": 0}, "use none, or a whole number from 1 to 1024"),
    ({"local_id": 'x"y'}, "without quotation marks"),
    ({"src_interface": "eth 0"}, "without blanks"),
    ({"policy_filename": "x.txt"}, "use a file name such as rekey.scp"),
    ({"xauth_password": 'a"b'}, "the value is not allowed"),
    ({"retries": 3}, "retries is not an option here"),
]


@pytest.mark.parametrize(("more", "words"), BAD)
def test_bad_input_gets_one_clear_sentence(more, words):
    with pytest.raises(InvalidInput) as refused:
        validate(feature.schema, [{"name": "hq", "peer": "198.51.100.20", **more}])
    assert len(refused.value.problems) == 1
    assert words in str(refused.value)


@pytest.mark.parametrize("config", [[], [{"name": "hq"}, {"name": "hq"}], [{"peer": "any"}], {"name": "hq"}])
def test_bad_lists(config):
    with pytest.raises(InvalidInput):
        validate(feature.schema, config)


# -- properties -------------------------------------------------------------------------------------------------------

TEXT = st.text(st.sampled_from("ab Z9.-_#"), min_size=1, max_size=12).filter(lambda text: text == text.strip())
VALUES = {
    "peer": st.sampled_from(["198.51.100.20", "198.51.100.21", "any"]),
    "retry_ike_attempts": st.one_of(st.integers(0, 16), st.just("continuous")),
    "msg_backoff": st.sampled_from(["incremental", "none"]),
    "msg_retry_limit": st.integers(0, 1024),
    "msg_timeout": st.integers(1, 86400),
    "auth_type": st.sampled_from(["preshared", "rsasig"]),
    "key": st.integers(0, 65535),
    "enc_alg": st.sampled_from(["3desouter", "aes128", "aes256"]),
    "group": st.sampled_from([0, 2]),
    "mode": st.just("aggressive"),
    "rekey": st.just(True),
    "hybrid_xauth": st.just(True),
    "phase2_xchg_limit": st.integers(1, 1024),
    "local_id": TEXT,
    "remote_id": TEXT,
    "src_interface": st.sampled_from(["eth0", "ppp0"]),
    "policy_filename": st.just("rekey.scp"),
}
ENTRY = st.fixed_dictionaries({"peer": VALUES["peer"]}, optional={k: v for k, v in VALUES.items() if k != "peer"})
NAMES = st.sampled_from(["hq", "to hq", "Branch-7"])
MODELS = st.dictionaries(NAMES, ENTRY, max_size=3).map(
    lambda entries: normal(validate(feature.schema, [{"name": n, **e} for n, e in entries.items()]) if entries else [])
)


@given(MODELS)
def test_parsed_is_rendered_back(model):
    assert normal(feature.parse(feature.render(model))) == model


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    text = lab("", hq=HEADQUARTERS)
    return AlliedBench(tmp_path_factory.mktemp("lab"), text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MODELS, MODELS)
def test_plan_leads_there_and_rollback_leads_back(bench, one, other):
    """On the emulator, which has its own parser and generator."""
    session = bench.session("b12")
    for name in list(bench.world.devices["b12"].config.policies["isakmp"]):
        session.run([f'destroy isakmp policy="{name}"'])
    session.run(platform.plan("", feature.render(one)).commands)
    before = bench.running("b12")
    assert parsed(before) == one
    made = platform.plan(feature.render(one), feature.render(other))
    session.run(made.commands)
    assert parsed(bench.running("b12")) == other
    session.run(made.rollback)
    assert parsed(bench.running("b12")) == one
    if not any(line.startswith("destroy") for line in (*made.commands, *made.rollback)):
        assert bench.running("b12") == before
    session.close()


def test_every_documented_parameter_is_an_option():
    from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.vocabulary import (
        ISAKMP_POLICY,
    )

    assert [entry.keyword for entry in ISAKMP_POLICY.parameters] == [word for word, _leaf in schema.FIELDS.values()]
