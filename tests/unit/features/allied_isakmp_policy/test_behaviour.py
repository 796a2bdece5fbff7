# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way on an emulated device: states, rules, convergence, taking back."""

from __future__ import annotations

import re

import pytest
from allied_labs import HEADQUARTERS, HQ_POLICY, AlliedBench, branch, lab

RETRY = [{"name": "hq", "retry_ike_attempts": 2, "msg_timeout": 3, "msg_retry_limit": 4}]
TWO = HQ_POLICY + 'create isakmp pol="roam" pe=any key=2 mod=agg\n'
PATIENT = {"timeout": 20, "interval": 2}


@pytest.fixture
def make(tmp_path):
    return lambda text=None: AlliedBench(tmp_path, text or lab())


def others(text: str) -> list[str]:
    """Every line that is not about an ISAKMP policy."""
    return [line for line in text.splitlines() if not re.match(r"(?:create|set) isakmp ", line)]


def names(result) -> list[str]:
    return [entry["name"] for entry in result["gathered"]]


# -- states -----------------------------------------------------------------------------------------------------------


def test_first_run_changes_second_does_not_and_check_predicts(make):
    bench = make()
    before = bench.running("b12")
    predicted = bench.policy(RETRY, check=True)
    assert bench.running("b12") == before
    assert not any(line.startswith(("set", "create", "destroy")) for line in bench.sent)
    done = bench.policy(RETRY)
    assert predicted["commands"] == ['set isakmp policy="hq" msgretrylimit=4 msgtimeout=3 retryikeattempts=2']
    for key in ("commands", "rollback", "diff", "after", "computed"):
        assert predicted[key] == done[key]
    assert predicted["changed"]
    assert done["saved"]
    again = bench.policy(RETRY)
    assert (again["changed"], again["commands"], again["saved"]) == (False, [], False)
    assert others(bench.running("b12")) == others(before)


def test_replaced_leaves_other_policies_and_drops_what_is_not_named(make):
    bench = make(lab(TWO))
    result = bench.policy([{"name": "hq", "peer": "198.51.100.20", "key": 1, "msg_backoff": "none"}], state="replaced")
    assert result["commands"] == [
        'set isakmp policy="hq" encalg=des group=1 msgbackoff=none prenegotiate=false sendnotify=false'
    ]
    assert sum("assumed-default" in text for text in result["warnings"]) == 4
    assert names(bench.policy(state="gathered")) == ["hq", "roam"]
    assert not bench.policy(
        [{"name": "hq", "peer": "198.51.100.20", "key": 1, "msg_backoff": "none"}], state="replaced"
    )["changed"]


def test_overridden_removes_the_others(make):
    bench = make(lab(TWO))
    before = bench.running("b12")
    result = bench.policy([{"name": "hq", "peer": "198.51.100.20", "key": 7}], state="overridden")
    assert result["commands"][0] == 'destroy isakmp policy="roam"'
    assert names(bench.policy(state="gathered")) == ["hq"]
    assert others(bench.running("b12")) == others(before)


def test_deleting_a_policy_in_use_is_worth_a_word(make):
    result = make(lab(TWO)).policy([{"name": "hq"}], state="deleted", check=True)
    assert any("IPsec policy to-hq negotiates with it" in text for text in result["warnings"])


def test_a_password_is_sent_compared_and_never_shown(make):
    bench = make()
    config = [{"name": "hq", "xauth": "client", "xauth_name": "b12", "xauth_password": "Sesame 7!"}]
    result = bench.policy(config)
    assert 'xauthpassword="Sesame 7!"' in bench.running("b12").replace("xauthp=", "xauthpassword=")
    assert "Sesame" not in repr(result)
    assert 'xauthpassword="********"' in result["commands"][0]
    assert not bench.policy(config)["changed"]
    again = bench.policy([{"name": "hq", "xauth_password": "Sesame 8!"}], check=True)
    assert again["commands"] == ['set isakmp policy="hq" xauthpassword="********"']


@pytest.mark.parametrize(("config", "left"), [([{"name": "roam"}], ["hq"]), (None, [])])
def test_deleted(make, config, left):
    bench = make(lab(TWO))
    before = bench.running("b12")
    assert bench.policy(config, state="deleted")["changed"]
    assert names(bench.policy(state="gathered")) == left
    assert not bench.policy(config, state="deleted")["changed"]
    assert others(bench.running("b12")) == others(before)


def test_a_policy_with_unknown_words_is_deleted_too():
    """What the engine only carries along must not keep it."""
    from allied_labs import FEATURE

    from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
    from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
    from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts, Seen
    from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Intent

    feature = registry.feature(FEATURE)
    text = 'create isakmp policy="a" peer=any newthing=1\ncreate isakmp policy="b" peer=any\n'
    have = feature.parse(text)
    assert 'set isakmp policy="a" newthing=1' in feature.render(have)
    for intent in (Intent([{"name": "a"}], "deleted"), Intent([{"name": "b", "peer": "any"}], "overridden")):
        target = states.target(feature.schema, have, intent.config, intent.state)
        left = feature.prepare(target, intent, Seen(DeviceFacts("allied_alliedware"), text))
        assert [entry["name"] for entry in left] == ["b"]


def test_offline_states_need_no_device(make):
    bench = make()
    rendered = bench.policy([{"name": "hq", "peer": "198.51.100.20", "retry_ike_attempts": 3}], state="rendered")
    assert rendered["rendered"].endswith('set isakmp policy="hq" retryikeattempts=3\n')
    assert bench.policy(state="parsed", running_config=rendered["rendered"])["parsed"] == [
        {"name": "hq", "peer": "198.51.100.20", "retry_ike_attempts": 3}
    ]
    assert bench.channels == []


def test_a_new_policy_with_values_that_are_the_devices_defaults(make):
    """The vendor documents no default for mode, group and encryption here: the device's own display settles it."""
    bench = make(lab(""))
    config = [{"name": "hq", "peer": "198.51.100.20", "key": 1, "mode": "main", "group": 1, "enc_alg": "des"}]
    result = bench.policy(config)
    assert result["commands"] == ['create isakmp policy="hq" peer=198.51.100.20 encalg=des group=1 key=1 mode=main']
    assert bench.running("b12").count('pol="hq" pe=198.51.100.20 key=1\n') == 1
    again = bench.policy(config)
    assert (again["changed"], again["commands"]) == (False, [])


def test_unsetting_what_has_no_default_creates_the_policy_again(make):
    bench = make(lab('create isakmp pol="hq" pe=198.51.100.20 key=1 locali="me"\n'))
    before = bench.running("b12")
    result = bench.policy([{"name": "hq", "peer": "198.51.100.20", "key": 1}], state="replaced")
    assert result["commands"] == ['destroy isakmp policy="hq"', 'create isakmp policy="hq" peer=198.51.100.20 key=1']
    assert any("local_id cannot be unset" in text for text in result["warnings"])
    bench.type(*result["rollback"])
    assert bench.running("b12") == before


# -- rules ------------------------------------------------------------------------------------------------------------

ANY_USER = branch('create isakmp pol="hq" pe=198.51.100.20 key=1\n').replace("peer=198.51.100.20\nset", "peer={}\nset")


@pytest.mark.parametrize(
    ("text", "config", "rule", "words"),
    [
        (lab(TWO), {"name": "roam", "retry_ike_attempts": 1}, "R8", "its peer is any; give the address"),
        (lab(config=ANY_USER.replace("{}", "any")), {"name": "hq", "retry_ike_attempts": 1}, "R8",
         'IPsec policy "to-hq" too, which has any; set ipsec policy="to-hq" peeraddress=198.51.100.20'),
        (lab(config=ANY_USER.replace("{}", "dynamic")), {"name": "hq", "retry_ike_attempts": "continuous"}, "R8",
         "which has dynamic"),
        (lab(config=branch().replace('isa="hq"', 'isa="x"')), {"name": "hq", "retry_ike_attempts": 1}, "R8",
         "none on this device has isakmppolicy=\"hq\" or peeraddress=198.51.100.20; create it first"),
        (lab(), {"name": "new"}, "peer", "policy new does not exist yet"),
        (lab(os_version="2.7.6-01"), {"name": "hq", "retry_ike_attempts": 1}, "software",
         "retry_ike_attempts needs software 2.8.1 or later, this device runs 2.7.6-01"),
        (lab(os_version="2.7.6-01"), {"name": "hq", "msg_backoff": "none"}, "software", "msg_backoff needs software"),
        (lab(os_version="2.7.6-01"), {"name": "hq", "msg_timeout": 4}, "software", "had another default before"),
    ],
)  # fmt: skip
def test_broken_rules_stop_the_task_before_anything_is_sent(make, text, config, rule, words):
    bench = make(text)
    before = bench.running("b12")
    result = bench.policy([config])
    assert result["failed"]
    assert result["rules"] == [f"allied_isakmp_policy/{rule}"]
    assert words in result["msg"]
    assert bench.running("b12") == before


@pytest.mark.parametrize(
    ("text", "config", "words"),
    [
        (
            lab(),
            {"name": "hq", "retry_ike_attempts": 3},
            "given up only after 912 to 1168 s (4 exchanges of 228 to 292 s",
        ),
        (lab(), {"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 20}, "lasts up to 1460 s"),
        (lab(), {"name": "hq", "retry_ike_attempts": 1, "mode": "aggressive"}, "looks like a roaming peer"),
        (lab(), {"name": "hq", "peer": "hq.example.net", "retry_ike_attempts": 1}, "whether the name hq.example.net"),
        (
            lab(),
            {"name": "hq", "peer": "198.51.100.21", "retry_ike_attempts": 1},
            "which uses it, has peeraddress=198.51",
        ),
        (lab(), {"name": "new", "peer": "any"}, "names none; give key"),
    ],
)
def test_warnings(make, text, config, words):
    result = make(text).policy([config], check=True)
    assert not result.get("failed")
    assert any(words in warning for warning in result["warnings"])


def test_short_exchanges_need_no_warning(make):
    result = make().policy(RETRY, check=True)
    assert result["warnings"] == []
    assert result["computed"]["hq"] == {
        "retransmissions": [3, 9, 21, 39],
        "exchange_time": [39, 63],
        "worst_case": [117, 189],
    }


def test_old_software_may_have_other_options_set(make):
    bench = make(lab(os_version="2.7.6-01"))
    assert bench.policy([{"name": "hq", "key": 3}])["commands"] == ['set isakmp policy="hq" key=3']


# -- convergence ------------------------------------------------------------------------------------------------------


def test_converged_with_a_standing_tunnel(make):
    result = make().policy(RETRY, verify=PATIENT)
    assert result["convergence"] == "converged"
    assert result["observed"]["policies"]["hq"]["retry_ike_attempts"] == 2
    assert result["observed"]["ipsec_sas"][0]["state"] == "valid"


def test_other_policies_do_not_count(make):
    assert make(lab(TWO)).policy(RETRY, verify=PATIENT)["convergence"] == "converged"


def test_still_trying_is_a_state_of_its_own_and_the_change_is_taken_back(make):
    bench = make(lab(hq=None))
    before = bench.running("b12")
    result = bench.policy(RETRY, verify={"timeout": 30, "interval": 5})
    assert result["failed"]
    assert result["reverted"]
    (entry,) = result["unmet"]
    assert entry["kind"] == "in_progress"
    assert "an ISAKMP SA with 198.51.100.20 and a valid IPsec SA of policy to-hq" in entry["expected"]
    assert re.search(r"exchange \d+ is in state SASENT; .* in at most \d+ s, and with 2 retries left", entry["seen"])
    assert bench.running("b12") == before


def test_retrying_is_told_from_retransmitting(make):
    bench = make(lab(hq=None))
    result = bench.policy(RETRY, verify={"timeout": 100, "interval": 5})
    seen = result["unmet"][0]["seen"]
    assert seen.startswith("retrying: exchange ")
    assert "with 1 retries left the device gives up in at most" in seen


def test_continuous_never_gives_up(make):
    config = [{"name": "hq", "retry_ike_attempts": "continuous", "msg_timeout": 1, "msg_retry_limit": 1}]
    result = make(lab(hq=None)).policy(config, verify={"timeout": 100, "interval": 5})
    assert result["unmet"][0]["kind"] == "in_progress"
    assert "the device never gives up (continuous)" in result["unmet"][0]["seen"]
    assert result["computed"]["hq"]["worst_case"] is None


@pytest.mark.parametrize(
    ("attempts", "words"),
    [(0, "an exchange has failed and is not tried again"), (2, "after 2 retries: the device has given up")],
)
def test_given_up(make, attempts, words):
    config = [{"name": "hq", "retry_ike_attempts": attempts, "msg_timeout": 1, "msg_retry_limit": 1}]
    result = make(lab(hq=None)).policy(config, verify={"timeout": 60, "interval": 5})
    assert result["failed"]
    assert result["unmet"][0]["kind"] == "unmet"
    assert words in result["unmet"][0]["seen"]


def test_the_end_of_a_retry_is_within_what_was_computed(make):
    bench = make(lab(hq=None))
    bench.policy(RETRY)
    earliest, latest = bench.policy(RETRY, check=True)["computed"]["hq"]["worst_case"]
    bench.pass_time(earliest - 1)
    assert "SASENT" in bench.type("show isakmp exchange")
    bench.pass_time(latest - earliest + 2)
    assert "SASENT" not in bench.type("show isakmp exchange")


def test_a_retry_that_gets_through_converges(make):
    bench = make()
    hq = bench.world.devices["hq"]
    hq.reboot(40.0)
    bench.type('reset ipsec policy="to-hq"')
    result = bench.policy(RETRY, verify={"timeout": 120, "interval": 3})
    assert result["convergence"] == "converged"


def test_nothing_has_tried_to_connect_yet(make):
    bench = make(lab(config=branch().replace("enable ipsec\n", "")))
    result = bench.policy(RETRY, verify=PATIENT)
    assert not result.get("failed")
    assert (result["convergence"], result["converged"]) == ("no_traffic", False)
    assert "nothing has tried to connect since the change" in result["warnings"][-1]


def test_a_tunnel_that_was_given_up_long_ago_is_not_called_quiet(make):
    bench = make(lab('create isakmp pol="hq" pe=198.51.100.20 key=1 msgr=1 msgt=1\n', hq=None))
    bench.pass_time(100)
    result = bench.policy([{"name": "hq", "msg_timeout": 1}], verify=PATIENT)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "some have failed before" in result["msg"]


def test_a_policy_that_no_ipsec_policy_uses_cannot_converge(make):
    bench = make(lab(config=branch().replace('isa="hq"', 'isa="x"')))
    result = bench.policy([{"name": "hq", "msg_timeout": 3}], verify=PATIENT)
    assert "expected an IPsec policy that uses it, seen none on this device" in result["msg"]


# -- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_session_cut_while_sending_is_taken_back_and_a_rerun_finishes(make, when):
    bench = make()
    before = bench.running("b12")
    bench.world.devices["b12"].faults.add({"kind": "drop_session", "matching": "^set isakmp", "when": when, "times": 1})
    result = bench.policy(RETRY)
    assert result["failed"]
    assert result["reverted"]
    assert bench.running("b12") == before
    assert bench.policy(RETRY)["changed"]


def test_a_refused_line_is_taken_back(make):
    """A user without privilege may read, not write."""
    bench = make(lab(options={"privilege": "user"}))
    before = bench.running("b12")
    result = bench.policy(RETRY)
    assert result["failed"]
    assert 'the device refused \'set isakmp policy="hq"' in result["msg"]
    assert result["reverted"]
    assert bench.running("b12") == before


def test_what_the_device_does_not_show_is_named(make):
    bench = make()
    device = bench.world.devices["b12"]
    make_shell = device.make_shell

    def silent(terminal):
        shell = make_shell(terminal)
        execute = shell.execute
        shell.execute = lambda line: execute("show nonsense" if line == "show isakmp sa" else line)
        return shell

    device.make_shell = silent
    result = bench.policy(RETRY, verify=PATIENT)
    assert result["convergence"] == "no_traffic"
    assert result["observed"]["refused"] == ["show isakmp sa"]


def test_retry_is_refused_where_the_configuration_cannot_be_read(make):
    bench = make(lab(options={"security_mode": True}))
    result = bench.policy(RETRY)
    assert result["failed"]
    assert "log in as one (ansible_user)" in result["msg"]
    assert not result["changed"]


def test_facts_of_the_feature(make):
    assert make(lab(TWO)).policy(state="gathered")["gathered"] == [
        {"name": "hq", "peer": "198.51.100.20", "enc_alg": "aes128", "group": 2, "key": 1, "prenegotiate": True,
         "send_notify": True},
        {"name": "roam", "peer": "any", "key": 2, "mode": "aggressive"},
    ]  # fmt: skip


def test_the_other_end_is_never_touched(make):
    bench = make()
    before = bench.running("hq")
    bench.policy(RETRY, verify=PATIENT)
    assert bench.running("hq") == before
    assert HEADQUARTERS.splitlines()[0] in before
