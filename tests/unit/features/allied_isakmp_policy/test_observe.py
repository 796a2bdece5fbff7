# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show output to data and to a verdict, from texts: documented layouts, odd, empty, and those of other systems."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts, Seen
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.allied_isakmp_policy import observe, parse
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.allied_isakmp_policy.feature import FEATURE

RULE = "-" * 79
EXCHANGES = f"""
ISAKMP Exchanges

Id     Phase  State           PeerAddress       Type
{RULE}
  317  1      SASENT          198.51.100.20     MAIN
  322  2      WAIT_HASH       203.0.113.5       QUICK
  330  1.5    REQSENT         203.0.113.6       TRANSACTION
"""
SAS = f"""
                                               Expiry Limits - hard/soft/used
SA Id PeerAddress     EncA.  HashA. Bytes                Seconds
{RULE}
    4 198.51.100.20   AES128 SHA    -/-/-                86400/82080/377
"""
IPSEC_SAS = f"""
SA Id  Policy                   Bundle  State     Protocol  OutSPI      InSPI
{RULE}
    3  to-hq                         1  Valid     ESP       1830447261  902215507
    7  to the other hq               2  Creating  ESP       -           -
"""
COUNTERS = """
ISAKMP Policy Counters

  getPolicyGood                  41      getPolicyFailed                 1
  usePolIkeRetryGood              6      usePolIkeRetryFailed            1
"""
DETAIL = """
ISAKMP Policy
  Name ................................. hq
  Peer Address ......................... 198.51.100.20
  Mode ................................. MAIN
  Message Retry Limit .................. 5
  Initial Message Retry Timeout (s) .... 3
  Message Back-off ..................... Incremental
  Retry IKE Attempts ................... Continuous
"""


def test_exchanges():
    assert observe.parse_exchanges(EXCHANGES)[0] == {
        "id": 317,
        "phase": "1",
        "state": "SASENT",
        "peer": "198.51.100.20",
        "type": "MAIN",
    }
    assert [row["phase"] for row in observe.parse_exchanges(EXCHANGES)] == ["1", "2", "1.5"]


def test_sas():
    (row,) = observe.parse_sas(SAS)
    assert (row["id"], row["peer"], row["encryption"], row["seconds"]) == (
        4,
        "198.51.100.20",
        "AES128",
        "86400/82080/377",
    )


def test_ipsec_sas():
    rows = observe.parse_ipsec_sas(IPSEC_SAS)
    assert [(row["policy"], row["state"]) for row in rows] == [("to-hq", "valid"), ("to the other hq", "creating")]
    assert rows[0]["out_spi"] == "1830447261"


def test_counters():
    assert observe.parse_counters(COUNTERS) == {
        "getPolicyGood": 41,
        "getPolicyFailed": 1,
        "usePolIkeRetryGood": 6,
        "usePolIkeRetryFailed": 1,
    }


PARSERS = (observe.parse_exchanges, observe.parse_sas, observe.parse_ipsec_sas, observe.parse_ipsec_policies)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        f"ISAKMP Exchanges\n\nId     Phase  State           PeerAddress       Type\n{RULE}\n",
        "Error (3082032): Not found.\n",
        "IPv4 Crypto ISAKMP SA\ndst             src             state          conn-id status\n",
        "    Connection-ID   Remote                Flag         DOI\n------------------------------------------\n",
    ],
)
def test_empty_and_foreign_displays_give_nothing(parser, text):
    assert parser(text) == []


@pytest.mark.parametrize("parser", PARSERS[:3])
def test_crlf_and_truncation(parser):
    text = {0: EXCHANGES, 1: SAS, 2: IPSEC_SAS}[PARSERS.index(parser)]
    assert parser(text.replace("\n", "\r\n")) == parser(text)
    for length in range(0, len(text), 7):
        assert len(parser(text[:length])) <= len(parser(text))


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        ("Retry IKE Attempts ......... 3", "retry_ike_attempts", 3),
        ("IKE Retry Attempts ......... CONTINUOUS", "retry_ike_attempts", "continuous"),
        ("Message Backoff ............ NONE", "msg_backoff", "none"),
        ("Message Retry Timeout ...... 9", "msg_timeout", 9),
        ("Initial Message Retry Time-out (s) .. 9", "msg_timeout", 9),
        ("Message Retry Limit ........ 0", "msg_retry_limit", 0),
    ],
)
def test_labels_may_be_worded_otherwise(line, option, value):
    assert parse.displays(f"ISAKMP Policy\n  Name ..... hq\n  {line}\n")["hq"][option] == value


# -- verdicts ---------------------------------------------------------------------------------------------------------

WANT = [{"name": "hq", "peer": "198.51.100.20", "retry_ike_attempts": 3, "ipsec": ["to-hq"]}]


def seen(**more: Any) -> dict[str, Any]:
    return {
        "policies": {},
        "exchanges": observe.parse_exchanges(more.get("exchanges", "")),
        "sas": observe.parse_sas(more.get("sas", "")),
        "ipsec_sas": observe.parse_ipsec_sas(more.get("ipsec_sas", "")),
        "ipsec_policies": [],
        "counters": {"general": more.get("counters", {}), "spd": {}},
        "refused": [],
    } | ({"policies": parse.displays(more["policies"])} if "policies" in more else {})


def test_a_standing_tunnel_is_converged():
    assert list(observe.unmet(WANT, seen(sas=SAS, ipsec_sas=IPSEC_SAS), None)) == []


def test_a_policy_shown_otherwise_is_not():
    found = list(observe.unmet(WANT, seen(sas=SAS, ipsec_sas=IPSEC_SAS, policies=DETAIL), None))
    assert [(entry.expected, entry.seen) for entry in found] == [
        ("retry_ike_attempts 3", "retry_ike_attempts continuous"),
        ("msg_retry_limit 8", "msg_retry_limit 5"),
        ("msg_timeout 4", "msg_timeout 3"),
    ]


def test_an_sa_that_is_not_valid_does_not_count():
    creating = IPSEC_SAS.replace("Valid   ", "Creating")
    (entry,) = observe.unmet(WANT, seen(sas=SAS, ipsec_sas=creating), None)
    assert entry.expected == "a valid IPsec SA of policy to-hq"


def test_a_refused_display_is_no_empty_one():
    """Nothing is claimed of what could not be seen."""
    now = seen(ipsec_sas=IPSEC_SAS, counters={"retryIkeAttemptsPh1": 9}) | {"refused": ["show isakmp sa"]}
    (entry,) = observe.unmet(WANT, now, seen())
    assert (entry.seen, entry.kind) == ("nothing, because the device refused 'show isakmp sa'", "no_traffic")


def test_the_end_of_a_running_exchange_is_told():
    now = seen(exchanges=EXCHANGES)
    now["exchanges"][0] |= {"retry_counter": 3, "retry_timer": 40}
    (entry,) = observe.unmet(WANT, now, None)
    assert entry.kind == "in_progress"
    # five copies are out (84 s of at most 292 s), and three more exchanges of at most 292 s may follow
    assert "ends in at most 208 s" in entry.seen
    assert "in at most 1084 s" in entry.seen


def test_other_exchange_ids_mean_retries():
    before = seen(exchanges=EXCHANGES.replace("317", "316"))
    (entry,) = observe.unmet(WANT, seen(exchanges=EXCHANGES), before)
    assert entry.seen.startswith("retrying: exchange 317")
    (entry,) = observe.unmet(WANT, seen(exchanges=EXCHANGES), seen(exchanges=EXCHANGES))
    assert entry.seen.startswith("negotiating: exchange 317")


def test_risen_counters_mean_retries():
    now = seen(exchanges=EXCHANGES, counters={"retryIkeAttemptsPh1": 3, "retryIkeAttemptsPh2": 0})
    (entry,) = observe.unmet(WANT, now, seen(counters={"retryIkeAttemptsPh1": 1}))
    assert "with 1 retries left" in entry.seen


def test_peers_that_call_are_not_waited_for():
    want = [{"name": "roam", "peer": "any", "ipsec": ["roam"]}]
    (entry,) = observe.unmet(want, seen(), None)
    assert (entry.kind, entry.seen) == ("no_traffic", "no peer has connected yet")


# -- what the device takes and does not list --------------------------------------------------------------------------


def settled(after: dict[str, Any], target: dict[str, Any], display: str = "") -> dict[str, Any]:
    (entry,) = FEATURE.settled([after], [target], Seen(DeviceFacts("allied_alliedware"), display))
    return dict(entry)


def test_a_taken_value_that_is_not_listed_is_a_default():
    target = {"name": "hq", "peer": "any", "mode": "main", "msg_timeout": 9}
    assert settled({"name": "hq", "peer": "any"}, target) == {"name": "hq", "peer": "any", "msg_timeout": 9}
    assert settled({"name": "hq", "peer": "any", "mode": "main"}, target) == target


def test_but_not_if_the_device_displays_another_value():
    target = {"name": "hq", "peer": "any", "mode": "aggressive"}
    assert settled({"name": "hq", "peer": "any"}, target, DETAIL) == target
