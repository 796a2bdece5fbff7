# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ISAKMP retransmission and retry between emulated devices: the schedule, the four triggers and only them."""

from __future__ import annotations

import re

import pytest
import yaml
from allied_labs import HEADQUARTERS, HQ_POLICY, AlliedBench, branch, lab

COPIES = (4, 12, 28, 52, 84, 124, 172, 228)


def policy(words: str) -> str:
    return f'create isakmp pol="hq" pe=198.51.100.20 enc=aes128 key=1 gro=2 {words}\n'


@pytest.fixture
def make(tmp_path):
    return lambda text: AlliedBench(tmp_path, text)


def counter(bench: AlliedBench, name: str, device: str = "b12") -> int:
    text = bench.type("show isakmp counters=general", device=device)
    found = re.search(rf"\b{name}\s+(\d+)", text)
    assert found, text
    return int(found[1])


def exchange(bench: AlliedBench) -> dict[str, str]:
    """The one running exchange in detail; empty when there is none."""
    row = re.search(r"^ *(\d+) +[12] ", bench.type("show isakmp exchange"), re.MULTILINE)
    if row is None:
        return {}
    text = bench.type(f"show isakmp exchange={row[1]}")
    return dict(re.findall(r"^ *(\S.*?) \.+ (.*)$", text, re.MULTILINE))


def up(bench: AlliedBench, device: str = "b12") -> bool:
    return "Valid" in bench.type("show ipsec sa", device=device)


def test_copies_leave_at_the_vendors_times(make):
    bench = make(lab(hq=None))
    bench.type("show isakmp exchange")
    now = 0
    for number, moment in enumerate(COPIES, 1):
        bench.pass_time(moment - 0.5 - now)
        assert counter(bench, "retransmitted") == number - 1
        bench.pass_time(1)
        assert counter(bench, "retransmitted") == number
        now = moment + 0.5


def test_after_the_eighth_copy_the_exchange_times_out_and_no_ninth_comes(make):
    bench = make(lab(hq=None))
    bench.pass_time(291)
    assert exchange(bench)["Packet Retry Counter"] == "0"
    bench.pass_time(2)
    assert exchange(bench) == {}
    bench.pass_time(100000)
    assert (counter(bench, "retransmitted"), counter(bench, "exchangeTimedOut")) == (8, 1)
    assert counter(bench, "retryIkeAttemptsPh1") == 0


def test_detail_between_copies_five_and_six(make):
    bench = make(lab(hq=None))
    bench.pass_time(90)
    shown = exchange(bench)
    assert shown["Packet Retry Counter"] == "3"
    assert shown["Packet Retry Timer (s)"] == "40"
    assert (shown["State"], shown["Message Back-off"]) == ("SASENT", "Incremental")


def test_without_back_off(make):
    bench = make(lab(policy("msgb=none"), hq=None))
    bench.pass_time(32.5)
    assert counter(bench, "retransmitted") == 8
    bench.pass_time(4)
    assert exchange(bench) == {}


def test_the_exchange_may_end_with_its_last_copy(make):
    bench = make(lab(hq=None, options={"last_gap": False}))
    bench.pass_time(227)
    assert exchange(bench)
    bench.pass_time(2)
    assert exchange(bench) == {}


@pytest.mark.parametrize("attempts", [1, 3, 16])
def test_retries_until_the_limit(make, attempts):
    bench = make(lab(policy(f"retry={attempts} msgr=2 msgt=1"), hq=None))
    bench.pass_time((1 + attempts) * 7 - 1)  # an exchange lasts 1 + 2 + 4 s
    assert exchange(bench)
    bench.pass_time(2)
    assert exchange(bench) == {}
    bench.pass_time(10000)
    assert counter(bench, "retryIkeAttemptsPh1") == attempts
    assert counter(bench, "exchangeTimedOut") == attempts + 1


def test_continuous_never_ends_and_ids_change(make):
    bench = make(lab(policy("retry=cont msgr=2 msgt=1"), hq=None))
    seen = set()
    for _round in range(5):
        bench.pass_time(700)
        seen.add(exchange(bench)["Id"])
    assert len(seen) == 5
    assert counter(bench, "retryIkeAttemptsPh1") == 500


def test_retry_goes_on_until_connected(make):
    bench = make(lab(policy("retry=16 msgr=2 msgt=1")))
    bench.world.devices["hq"].reboot(30.0)
    bench.pass_time(29)
    assert not up(bench)
    bench.pass_time(7)
    assert up(bench)
    retries = counter(bench, "retryIkeAttemptsPh1")
    assert retries == 4  # exchanges of 7 s
    bench.pass_time(600)
    assert counter(bench, "retryIkeAttemptsPh1") == retries


def test_message_parameters_alone_bring_no_retry(make):
    bench = make(lab(policy("msgb=none msgr=1 msgt=1"), hq=None))
    bench.pass_time(1000)
    assert counter(bench, "retryIkeAttemptsPh1") == 0


@pytest.mark.parametrize("attempts", [0, 2])
def test_trigger_authentication_fails(make, attempts):
    bench = make(lab(policy(f"retry={attempts}"), options={"keys": {1: "another-psk"}}))
    bench.pass_time(3600)
    assert counter(bench, "retryIkeAttemptsPh1") == attempts
    assert not up(bench)


@pytest.mark.parametrize("attempts", [0, 2])
def test_trigger_we_reject_the_peers_proposals(make, attempts):
    """The other end proposes what we do not take; it does so only when told to."""
    text = lab(policy(f"retry={attempts}"), hq=HEADQUARTERS.replace("enc=aes128", "enc=des"))
    bench = make(text)
    bench.pass_time(100)
    before = counter(bench, "retryIkeAttemptsPh1"), counter(bench, "initExchange")
    from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike import Ike

    ike = bench.world.protocol(Ike)
    for tunnel, index in ike.tunnels(bench.world.devices["b12"]):
        tunnel.ends[index].failures = 0
    ike.traffic(bench.world.devices["hq"])
    bench.pass_time(100)
    after = counter(bench, "retryIkeAttemptsPh1"), counter(bench, "initExchange")
    assert (after[0] > before[0]) is (attempts > 0)
    assert (after[1] > before[1]) is (attempts > 0)


def test_no_trigger_the_peer_refuses_our_proposals(make):
    answers_only = HEADQUARTERS.replace("enc=aes128", "enc=des").replace("peer=203.0.113.12", "peer=any isa=b12")
    bench = make(lab(policy("retry=5"), hq=answers_only))
    bench.pass_time(1000)
    assert counter(bench, "exchangeFailed") == 1
    assert counter(bench, "retryIkeAttemptsPh1") == 0


@pytest.mark.parametrize("attempts", [0, 1])
def test_trigger_delete_for_the_most_recent_sa(make, attempts):
    bench = make(lab(policy(f"retry={attempts}")))
    assert up(bench)
    bench.type('reset ipsec policy="to-b"', device="hq")
    assert not up(bench)
    bench.pass_time(2)
    assert up(bench) is (attempts > 0)
    assert counter(bench, "retryIkeAttemptsPh2") == attempts


def test_no_trigger_delete_for_an_older_sa(make):
    from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike import Ike

    bench = make(lab(policy("retry=5")))
    assert up(bench)
    ike = bench.world.protocol(Ike)
    ((tunnel, index),) = ike.tunnels(bench.world.devices["b12"])
    old = tunnel.ends[index].sa(2)
    ike._add(tunnel, index, 2, old.parent)
    ike.delete(tunnel, index ^ 1, tunnel.ends[index ^ 1].sas[1], "cleared")
    bench.pass_time(60)
    assert old not in tunnel.ends[index].sas
    assert counter(bench, "retryIkeAttemptsPh2") == 0
    assert up(bench)


def test_no_trigger_clearing_the_own_sa(make):
    bench = make(lab(policy("retry=5")))
    bench.type('reset ipsec policy="to-hq"')
    bench.pass_time(60)
    assert up(bench)
    assert counter(bench, "retryIkeAttemptsPh2") == 0


@pytest.mark.parametrize("address", ["any", "dynamic"])
def test_retry_is_ignored_without_a_specific_peer_in_the_ipsec_policy(make, address):
    config = branch(policy("retry=cont msgr=1 msgt=1")).replace("peer=198.51.100.20\nset", f"peer={address}\nset")
    bench = make(lab(config=config, hq=None))
    bench.pass_time(1000)
    assert counter(bench, "retryIkeAttemptsPh1") == 0


def test_both_modules_must_be_enabled(make):
    bench = make(lab(HQ_POLICY))
    assert up(bench)
    config = branch(HQ_POLICY).replace("enable isakmp\n", "")
    assert not up(make(lab(config=config)))


def test_expiry_brings_new_sas(make):
    bench = make(lab(HQ_POLICY))
    bench.pass_time(4000)
    assert up(bench)
    assert counter(bench, "retryIkeAttemptsPh2") == 0


def test_a_restarted_peer_is_reached_again_by_continuous_retry(make):
    bench = make(lab(policy("retry=cont msgr=2 msgt=1")))
    bench.world.devices["hq"].reboot(30.0)
    bench.type('reset ipsec policy="to-hq"')
    bench.pass_time(20)
    assert not up(bench)
    bench.pass_time(40)
    assert up(bench)
    assert up(bench, "hq")


FIREWALL = """#
 sysname FW
#
acl number 3101
 rule 0 permit ip
#
interface GigabitEthernet0/1
 ip address 198.51.100.20 255.255.255.0
 ipsec policy vpn
#
ike peer b12
 pre-shared-key simple {key}
 remote-address 203.0.113.12
#
ipsec policy vpn 10 isakmp
 security acl 3101
 ike-peer b12
#
return
"""


@pytest.mark.parametrize(("key", "stands"), [("lab-psk", True), ("another", False)])
def test_a_firewall_of_another_make_at_the_other_end(make, key, stands):
    data = yaml.safe_load(lab('create isakmp pol="hq" pe=198.51.100.20 key=1 retry=2\n'))
    data["devices"]["fw"] = {"platform": "h3c_comware", "config": FIREWALL.replace("{key}", key)}
    del data["devices"]["hq"]
    data["links"] = [["b12:eth0", "fw:GigabitEthernet0/1"]]
    bench = make(yaml.safe_dump(data))
    bench.pass_time(60)
    assert up(bench) is stands
    assert (counter(bench, "retryIkeAttemptsPh1") > 0) is not stands
