# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat grammar: words, prefixes, folding, and the planner on top."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.flat import (
    LINE_LIMIT,
    FlatPlanner,
    fold,
    tokens,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.vocabulary import (
    IPSEC_POLICY,
    ISAKMP_POLICY,
    KINDS,
)

plan = FlatPlanner(KINDS)

# Minimum unique prefixes over the documented parameter list
PREFIXES = {
    "MSGB": "msgbackoff", "MSGR": "msgretrylimit", "MSGT": "msgtimeout", "RET": "retryikeattempts", "REK": "rekey",
    "REM": "remoteid", "PE": "peer", "PH": "phase2xchglimit", "PR": "prenegotiate", "K": "key", "MO": "mode",
    "SENDN": "sendnotify", "SENDD": "senddeletes", "SENDI": "sendidalways", "SET": "setcommitbit", "SR": "srcinterface",
    "HE": "heartbeatmode", "HA": "hashalg", "EN": "encalg", "G": "group", "A": "authtype", "N": "nattraversal",
    "DE": "deletedelay", "DH": "dhexponentlength", "DPDM": "dpdmode", "DPDI": "dpdidletimeout",
    "EXPIRYS": "expiryseconds", "EXPIRYK": "expirykbytes", "LOCALI": "localid", "LOCALR": "localrsakey",
    "POLICYF": "policyfilename", "XAUTHN": "xauthname", "XAUTHP": "xauthpassword", "XAUTHT": "xauthtype",
    "XAUTH": "xauth",
}  # fmt: skip


@pytest.mark.parametrize(("prefix", "keyword"), PREFIXES.items())
def test_minimum_unique_prefixes(prefix, keyword):
    found = ISAKMP_POLICY.parameter(prefix)
    assert found is not None
    assert found.keyword == keyword


@pytest.mark.parametrize(
    "prefix", ["M", "MSG", "RE", "P", "SEND", "SE", "S", "H", "E", "D", "DPD", "EXPIRY", "L", "LOCAL"]
)
def test_shorter_prefixes_are_ambiguous(prefix):
    with pytest.raises(ValueError, match=f"'{prefix}' is ambiguous"):
        ISAKMP_POLICY.parameter(prefix)


def test_tokens_respect_quotes():
    line = 'create ISAkmp  pol="to hq" pe=1.2.3.4 flag x="" '
    assert tokens(line) == [
        ("create", None), ("ISAkmp", None), ("pol", "to hq"), ("pe", "1.2.3.4"), ("flag", None), ("x", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ['set isakmp pol="hq', 'set isakmp pol="hq"x y', 'create isakmp pol="a" localid="b c'])
def test_open_quote_means_that_the_text_is_cut(line):
    with pytest.raises(ValueError, match="cut or malformed"):
        fold(line, KINDS)


def test_abbreviated_split_and_full_forms_are_the_same():
    short = 'create isa pol="hq" pe=198.51.100.20 enc=aes128 key=1\nset isa pol="hq" gro=2 mod=agg sendn=ON msgb=n\n'
    full = (
        "CREATE ISAKMP POLICY=hq PEER=198.51.100.20 ENCALG=AES128 KEY=1 GROUP=2 MODE=AGGRESSIVE SENDNOTIFY=TRUE "
        "MSGBACKOFF=NONE"
    )
    assert fold(short, KINDS) == fold(full, KINDS)


def test_later_lines_win_and_destroy_removes():
    text = "create isakmp policy=a peer=1.1.1.1\nset isakmp policy=a peer=2.2.2.2\ncreate isakmp policy=b peer=any\n"
    assert fold(text, KINDS)["isakmp", "a"].values == {"peer": "2.2.2.2"}
    assert list(fold(text + "destroy isakmp policy=b", KINDS)) == [("isakmp", "a")]


def test_what_is_about_other_things_is_skipped():
    text = "# set isakmp policy=a peer=1.1.1.1\nenable isakmp\ncreate ipsec sas=1 key=isakmp\nset system name=x\n"
    assert fold(text, KINDS) == {}


def test_unknown_words_are_kept_apart():
    found = fold('create isakmp policy=a peer=1.1.1.1 newthing="x y" oddflag', KINDS)["isakmp", "a"]
    assert found.values == {"peer": "1.1.1.1"}
    assert found.other == {"newthing": "x y", "oddflag": ""}


def test_an_ambiguous_word_is_refused_by_name():
    with pytest.raises(ValueError, match="'msg' is ambiguous, it may be msgbackoff or msgretrylimit or msgtimeout"):
        fold("set isakmp policy=a msg=4", KINDS)


# -- plans ------------------------------------------------------------------------------------------------------------


def test_set_says_only_what_changes():
    before = 'create isakmp policy="hq" peer=1.1.1.1 key=1 msgtimeout=3'
    after = 'create isakmp policy="hq" peer=1.1.1.1 key=1 msgtimeout=5 retryikeattempts=continuous'
    made = plan(before, after)
    assert made.commands == ('set isakmp policy="hq" msgtimeout=5 retryikeattempts=continuous',)
    assert made.rollback == ('set isakmp policy="hq" msgtimeout=3 retryikeattempts=0',)


def test_what_goes_is_set_to_its_default():
    before = 'create isakmp policy="hq" peer=1.1.1.1 msgbackoff=none msgretrylimit=3 msgtimeout=9 retryikeattempts=1'
    assert plan(before, 'create isakmp policy="hq" peer=1.1.1.1').commands == (
        'set isakmp policy="hq" msgbackoff=incremental msgretrylimit=8 msgtimeout=4 retryikeattempts=0',
    )


def test_equal_texts_give_an_empty_plan():
    text = 'create isakmp policy="hq" peer=1.1.1.1 key=1'
    assert not plan(text, 'create isakmp pol="hq" pe=1.1.1.1\nset isakmp pol="hq" k=1')


def test_create_and_destroy_are_each_others_rollback():
    made = plan("", 'create isakmp policy="to hq" peer=any key=2')
    assert made.commands == ('create isakmp policy="to hq" peer=any key=2',)
    assert made.rollback == ('destroy isakmp policy="to hq"',)


def test_what_has_no_default_goes_by_creating_the_object_again():
    before = 'create isakmp policy="hq" peer=1.1.1.1 localid="me" newthing=1'
    after = 'create isakmp policy="hq" peer=1.1.1.1 newthing=1'
    made = plan(before, after)
    assert made.commands == ('destroy isakmp policy="hq"', 'create isakmp policy="hq" peer=1.1.1.1 newthing=1')
    assert made.rollback == ('set isakmp policy="hq" localid="me"',)


def test_long_commands_continue_with_set():
    words = " ".join(f"{entry.keyword}=1" for entry in ISAKMP_POLICY.parameters if not entry.values)
    made = plan("", f'create isakmp policy="hq" {words} localid="{"x" * 100}" remoteid="{"y" * 90}"')
    assert len(made.commands) > 2
    assert made.commands[0].startswith('create isakmp policy="hq" peer=1 ')
    assert all(line.startswith('set isakmp policy="hq" ') for line in made.commands[1:])
    assert all(len(line) <= LINE_LIMIT or line.count("=") == 2 for line in made.commands)
    assert fold("\n".join(made.commands), KINDS) == fold(made.after, KINDS)


VALUE = st.sampled_from(["1", "2", "x y", "any"])
THINGS = st.dictionaries(
    st.tuples(st.sampled_from([ISAKMP_POLICY, IPSEC_POLICY]), st.sampled_from(["a", "b c", "D"])),
    st.dictionaries(st.sampled_from(["peer", "key", "group", "localid", "msgtimeout", "position", "lname"]), VALUE),
)


def text_of(things):
    lines = []
    for (kind, name), values in things.items():
        words = [entry.word(values[entry.keyword]) for entry in kind.parameters if entry.keyword in values]
        lines += [kind.head("create", name), *(f"{kind.head('set', name)} {word}" for word in words)]
    return "\n".join(lines)


@given(THINGS, THINGS)
def test_commands_lead_there_and_rollback_leads_back(one, other):
    """Folding the commands after the listing is what the device does, but for defaults that it then leaves out."""
    made = plan(text_of(one), text_of(other))
    there = fold("\n".join([made.before, *made.commands]), KINDS)
    back = fold("\n".join([made.before, *made.commands, *made.rollback]), KINDS)
    assert without_defaults(there) == without_defaults(fold(made.after, KINDS))
    assert without_defaults(back) == without_defaults(fold(made.before, KINDS))


def without_defaults(things):
    return {
        key: {
            keyword: value
            for keyword, value in thing.values.items()
            if value != next(e for e in thing.kind.parameters if e.keyword == keyword).default
        }
        for key, thing in things.items()
    }
