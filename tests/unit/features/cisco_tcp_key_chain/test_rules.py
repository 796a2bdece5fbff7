# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for TCP key chains on one device: what is refused, what is warned about, and with which words."""

from __future__ import annotations

from typing import Any

import pytest
from cisco_lab import key

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts, Seen
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.cisco_tcp_key_chain.schema import SCHEMA
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe import keys

CLOCK = "09:20:40.000 UTC Wed May 14 2031\n"
START = "00:00:00 Mar 1 2031"
USED = """\
 tcp auth-option A
Key-chain A:
    TCP key chain
    Preferred MKT id - 41
    key 41 -- text "********"
        MKT in-use - true
    key 42 -- text "********"
        MKT in-use - false
"""


def judge(
    want: Any, have: Any = (), text: str = CLOCK, *, state: str = "merged", force: bool = False
) -> dict[str, list[str]]:
    """Rule ids (without the feature's name) to texts, errors and warnings alike; an error's id ends in '!'."""
    model = None if want is None else validate(SCHEMA, want, partial=state == "deleted")
    before = states.normal(SCHEMA, validate(SCHEMA, list(have)) if have else [])
    target = states.target(SCHEMA, before, model, state)
    intent = Intent(model, state, {"force_in_use": force})
    found = FEATURE.rules(before, target, intent, Seen(DeviceFacts("cisco_iosxe"), text))
    result: dict[str, list[str]] = {}
    for violation in found:
        name = violation.rule.removeprefix("cisco_tcp_key_chain/") + ("!" if violation.severity == "error" else "")
        result.setdefault(name, []).append(violation.text)
    return result


def chain(*keys: dict[str, Any], name: str = "A") -> list[dict[str, Any]]:
    return [{"name": name, "keys": list(keys) or [key(41, "demo", START)]}]


def test_a_good_chain_breaks_nothing():
    assert judge(chain()) == {}
    assert judge(chain(key(41, "a", START, "00:00:00 Sep 1 2031"), key(42, "b", "00:00:00 Aug 31 2031"))) == {}


@pytest.mark.parametrize(
    ("keys", "rule", "words"),
    [
        ([key(41, "a", START), {**key(42, "b", START), "send_id": 41}], "R5!", "send_id 41 is used by keys 41 and 42"),
        ([key(41, "a", START), {**key(42, "b", START), "recv_id": 41}], "R5!", "recv_id 41 is used by keys 41 and 42"),
        ([{"id": 41, "send_id": 1}], "R4!", "recv_id, algorithm, key_string missing"),
        ([key(41, "a", START, START)], "R8!", "is not after the start"),
        ([{**key(41, "a", START), "send_lifetime": {"start": START}}], "R8!", "none is given"),
        (
            [{**key(41, "a", START), "accept_lifetime": {"start": START, "infinite": True, "duration": 5}}],
            "R8!",
            "duration and infinite are given",
        ),
        ([{k: v for k, v in key(41, "a", START).items() if k != "send_lifetime"}], "R8", "no send_lifetime"),
        ([{**key(41, "a", START), "recv_id": 7}], "R11", "other way round"),
        ([{**key(41, "a", START), "accept_ao_mismatch": True}], "R12", "unprotected"),
        ([{**key(41, "a", START), "include_tcp_options": True}], "R13", "CSCvx41293"),
        ([{**key(41, "a", START), "algorithm": "hmac-sha-256"}], "R6", "4 of TCP's 40 option bytes"),
        ([key(41, " a", START)], "R7", "begins or ends with a blank"),
        (
            [{**key(41, "a", START), "send_lifetime": {"start": START, "infinite": True, "local": True}}],
            "local",
            "use UTC",
        ),
        ([key(41, "a", START, "00:00:00 May 20 2031")], "R9", "the last key ends at 00:00:00 May 20 2031"),
        ([key(41, "a", START, "00:00:00 May 1 2031")], "R9", "the last key has ended"),
        ([key(41, "a", "00:00:00 Jun 1 2031")], "R9", "before 00:00:00 Jun 1 2031"),
        (
            [key(41, "a", START, "00:00:00 Sep 1 2031"), key(42, "b", "01:00:00 Sep 1 2031")],
            "R9",
            "from 00:00:00 Sep 1 2031 UTC (key 41 ends) to 01:00:00 Sep 1 2031 UTC (key 42 starts)",
        ),
        (
            [key(41, "a", START, "00:00:00 Sep 1 2031"), key(42, "b", "23:55:00 Aug 31 2031")],
            "R10",
            "both valid for 5 minutes only",
        ),
        ([], "no-keys", "authenticates nothing"),
    ],
)
def test_rules_of_keys(keys, rule, words):
    found = judge([{"name": "A", "keys": keys}] if keys else [{"name": "A"}])
    errors = [name for name in found if name.endswith("!")]
    assert (errors or list(found)) == [rule], found
    assert any(words in text for text in found[rule]), found


def test_names():
    assert "236" in judge(chain(name="x" * 240))["R2"][0]
    assert "not as a TCP key chain" in judge(chain(), text=f"key chain A\n key 1\n{CLOCK}")["R1!"][0]


def test_an_unsynchronised_clock():
    assert "configure NTP" in judge(chain(), text=f"*{CLOCK}")["R18"][0]


def test_local_times_are_judged_in_utc():
    """The device is two hours ahead, so at 09:20 there the key that starts at 09:00 UTC is not valid yet."""
    text = f"clock timezone EET 2 0\n{CLOCK}"
    assert "before 09:00:00 May 14 2031 UTC" in judge(chain(key(41, "a", "09:00:00 May 14 2031")), text=text)["R9"][0]
    local = {**key(41, "a", START), "send_lifetime": {"start": "09:00:00 May 14 2031", "infinite": True, "local": True}}
    assert "R9" not in judge(chain(local), text=text)


def test_other_chains_are_left_alone():
    other = chain({**key(1, "x", START), "accept_ao_mismatch": True}, name="B")
    assert judge(chain(), [*other]) == {}


HAVE = chain(key(41, "a", START), key(42, "b", START))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"key_string": "other"}, "to change its key_string, add a key with other ids"),
        ({"algorithm": "aes-128-cmac", "send_id": 9}, "to change its send_id, algorithm"),
        ({"accept_lifetime": {"start": START, "infinite": True}}, "accept_lifetime"),
    ],
)
def test_only_the_send_lifetime_of_a_key_in_use_may_change(edit, words):
    want = chain({"id": 41, **edit})
    (text,) = judge(want, HAVE, USED)["R19!"]
    assert "chain A, key 41 is in use" in text
    assert words in text
    assert "force_in_use" in judge(want, HAVE, USED, force=True)["R19"][0]
    assert not {"R19", "R19!"} & set(judge(chain({"id": 42, **edit}), HAVE, USED)), "key 42 is not in use"


def test_what_is_allowed_in_a_chain_in_use():
    shorter = chain({"id": 41, "send_lifetime": {"start": START, "end": "00:00:00 Dec 1 2031"}})
    assert "R19!" not in judge(shorter, HAVE, USED)
    assert "R19!" not in judge(chain(key(43, "c", START)), HAVE, USED)
    assert judge([{"name": "A", "keys": [{"id": 42}]}], HAVE, USED, state="deleted") == {}


def test_a_new_key_that_is_valid_and_longer_starts_a_rollover_at_once():
    have = chain(key(41, "a", START, "00:00:00 Sep 1 2031"))
    assert "key 43 is valid already" in judge(chain(key(43, "c", START)), have, CLOCK + USED)["rollover"][0]
    assert "rollover" not in judge(chain(key(43, "c", "00:00:00 Jun 1 2031")), have, CLOCK + USED)
    assert "rollover" not in judge(chain(key(43, "c", START)), have, CLOCK)


def test_a_key_in_use_is_not_removed():
    want = [{"name": "A", "keys": [{"id": 41}]}]
    assert "to remove it" in judge(want, HAVE, USED, state="deleted")["R19!"][0]
    assert "R19" in judge(want, HAVE, USED, state="deleted", force=True)


def test_where_the_device_does_not_say_any_key_of_a_chain_with_users_counts_as_used():
    text = "  neighbor 192.0.2.9 ao A\n"
    assert "R19!" in judge(chain({"id": 42, "key_string": "other"}), HAVE, text)
    assert "R19!" not in judge(chain({"id": 42, "key_string": "other"}), HAVE, CLOCK)


@pytest.mark.parametrize("state", ["deleted", "overridden"])
@pytest.mark.parametrize("force", [False, True])
def test_a_chain_that_something_refers_to_is_never_removed(state, force):
    want = [{"name": "A"}] if state == "deleted" else chain(name="B")
    found = judge(want, HAVE, USED, state=state, force=force)
    assert "still referred to by 'tcp auth-option A'; remove that first" in found["R19!"][0]
    assert "R19!" not in judge(want, HAVE, CLOCK, state=state)
    in_use = judge(want, HAVE, USED.replace(" tcp auth-option A\n", ""), state=state)
    assert "in use by a session" in in_use["R19!"][0]


@pytest.mark.parametrize(
    ("preferred", "references", "force", "rule"),
    [
        (41, " tcp auth-option A\n", False, "R19!"),
        (41, " tcp auth-option A\n", True, "R19"),
        (42, " tcp auth-option A\n", False, None),
        (41, "", False, None),
    ],
)
def test_the_preferred_key_of_a_chain_that_is_referred_to_is_not_removed(preferred, references, force, rule):
    """Also while no session is up: the next one needs it."""
    shown = f"Key-chain A:\n    TCP key chain\n    Preferred MKT id - {preferred}\n"
    shown += "".join(f'    key {n} -- text "********"\n        MKT in-use - false\n' for n in (41, 42))
    found = judge([{"name": "A", "keys": [{"id": 41}]}], HAVE, references + shown, state="deleted", force=force)
    assert [name for name in found if name.startswith("R19")] == ([rule] if rule else [])
    if rule:
        assert "is what the next session would use (preferred)" in found[rule][0]


@pytest.mark.parametrize(
    ("written", "warned"), [("6 DZZVAMatlhBxjOfYxxIB", True), ("7 0822455D0A16", False), ("demo", False)]
)
def test_the_removal_of_a_key_that_only_the_device_can_read_is_warned_about(written, warned):
    have = chain({**key(41, "a", START), "key_string": keys.from_config(written)}, key(42, "b", START))
    found = judge([{"name": "A", "keys": [{"id": 41}]}], have, state="deleted")
    assert list(found) == (["encrypted"] if warned else [])
    assert not warned or "key 41 goes" in found["encrypted"][0]
