# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the devices show, in every layout of the vendor's documents and of captured sessions; look-alikes refused."""

from __future__ import annotations

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive import observe
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive.peers import (
    COMMAND,
    parse_ike,
)

RULE = "-" * 58
LEGEND = "\n  flag meaning\n  RD--READY ST--STAYALIVE RL--REPLACED FD--FADING TO--TIMEOUT\n"
V5_HEAD = f"    connection-id  peer            flag        phase   doi\n  {RULE}\n"
V5 = f"""    total phase-1 SAs:  2
{V5_HEAD}    41             203.0.113.9     RD|ST       1       IPSEC
    42             203.0.113.9     RD|ST       2       IPSEC
    57             198.51.100.77   RD          1       IPSEC
    58             198.51.100.77   RD          2       IPSEC
{LEGEND}"""
V5_TIMEOUT = f"""    total phase-1 SAs:  1
{V5_HEAD}    41             203.0.113.9     RD|ST|TO    1       IPSEC
    42             203.0.113.9     RD|ST       2       IPSEC
{LEGEND}"""
V5_EMPTY = f"    total phase-1 SAs:  0\n{V5_HEAD}{LEGEND}"
V7_A = f"""    Connection-ID   Local               Remote              Flag      DOI
{"-" * 73}
    3               192.0.2.1           203.0.113.9         RD        IPsec
    7               192.0.2.1           198.51.100.77       RD        IPsec
Flags:
RD--READY RL--REPLACED FD-FADING RK-REKEY
"""
V7_B = f"""    Connection-ID   Remote                Flag         DOI
{"-" * 66}
    3               203.0.113.9           RD           IPsec
    9               203.0.113.10          Unknown      IPsec
Flags:
RD--READY RL--REPLACED FD-FADING RK-REKEY
"""
V7_MANUAL = f"""  Total IKE SAs:  1
  Connection-ID  Remote  Flag  DOI
  {RULE}
  1  202.38.0.2  RD|ST  IPSEC
  flag meaning
  RD--READY ST--STAYALIVE RL--REPLACED FD—FADING TO--TIMEOUT
"""
HUAWEI = """    Conn-ID  Peer            VPN   Flag(s)                Phase
  ---------------------------------------------------------------
   1312      202.38.169.1    0     RD|ST                  2
   Flag Description:
   RD--READY   ST--STAYALIVE   RL--REPLACED   FD--FADING   TO--TIMEOUT
   HRT--HEARTBEAT   LKG--LAST KNOWN GOOD SEQ NO.   BCK--BACKED UP
"""


def short(text: str) -> list[tuple[int, str, str, int]]:
    return [(r["connection_id"], r["remote"], "|".join(r["flags"]), r["phase"]) for r in observe.parse_sas(text)]


def test_v5_table() -> None:
    assert short(V5) == [
        (41, "203.0.113.9", "RD|ST", 1),
        (42, "203.0.113.9", "RD|ST", 2),
        (57, "198.51.100.77", "RD", 1),
        (58, "198.51.100.77", "RD", 2),
    ]
    assert short(V5.replace("\n", "\r\n")) == short(V5)
    assert short(V5_TIMEOUT)[0] == (41, "203.0.113.9", "RD|ST|TO", 1)
    assert short(V5_EMPTY) == []


def test_collapsed_and_wider_columns() -> None:
    collapsed = "\n".join(" ".join(row.split()) for row in V5.splitlines()) + "\n"
    assert short(collapsed) == short(V5)
    failover = """    total phase-1 SAs:  1
    connection-id  peer            vpn   flag        phase   doi    status
  ----
    41             203.0.113.9     v1    RD|ST       1       IPSEC  ACTIVE
"""
    (row,) = observe.parse_sas(failover)
    assert (row["remote"], row["flags"], row["phase"], row["status"]) == ("203.0.113.9", ["RD", "ST"], 1, "active")


def test_v7_tables() -> None:
    assert short(V7_A) == [(3, "203.0.113.9", "RD", 1), (7, "198.51.100.77", "RD", 1)]
    assert observe.parse_sas(V7_A)[0]["local"] == "192.0.2.1"
    assert short(V7_B) == [(3, "203.0.113.9", "RD", 1), (9, "203.0.113.10", "Unknown", 1)]
    assert short(V7_MANUAL) == [(1, "202.38.0.2", "RD|ST", 1)]
    assert observe.parse_sas("") == []


def test_paged_remains() -> None:
    paged = V7_A.replace("    7    ", "  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42D    7    ")
    assert short(paged) == short(V7_A)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HUAWEI, "Huawei VRP"),
        ("    41             203.0.113.9     RD|ST       1       IPSEC\n", "no heading"),
        (V5[: V5.index("    57")], "cut"),
    ],
)
def test_look_alikes_and_cut_tables(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        observe.parse_sas(text)


def test_verbose_of_both_generations() -> None:
    v5 = """    ---------------------------------------------
    connection id: 41
    vpn-instance:
    transmitting entity: initiator
    ---------------------------------------------
    local ip: 192.0.2.1
    remaining key duration(sec): 86102
    exchange-mode: MAIN
    nat traversal: NO
"""
    v7 = """   -----------------------------------------------
   Connection ID: 3
   Outside VPN:
   Profile: branch1
   Transmitting entity: Responder
   -----------------------------------------------
   Local IP/port: 192.0.2.1/500
   Remaining key duration(sec): 85990
   Vendor ID index:0xffffffff
   -----------------------------------------------
   Connection ID: 7
"""
    (entry,) = observe.parse_verbose(v5)
    assert (entry["connection_id"], entry["transmitting_entity"], entry["exchange_mode"]) == ("41", "initiator", "MAIN")
    first, second = observe.parse_verbose(v7)
    assert first["remaining_key_duration_sec"] == "85990"
    assert first["vendor_id_index"] == "0xffffffff"
    assert first["local_ip_port"] == "192.0.2.1/500"
    assert second["connection_id"] == "7"


def test_v5_peer_and_dpd() -> None:
    peer = """---------------------------
 IKE Peer: branch1
   exchange mode: aggressive on phase 1
   pre-shared-key ******
   peer id type: name
   peer ip address: 203.0.113.9
   nat traversal: enable
   dpd: probe1
---------------------------
"""
    assert observe.parse_objects(peer, "IKE Peer") == {
        "branch1": {
            "exchange_mode": "aggressive on phase 1",
            "peer_id_type": "name",
            "peer_ip_address": "203.0.113.9",
            "nat_traversal": "enable",
            "dpd": "probe1",
        }
    }
    dpd = " IKE dpd: probe1\n   references: 1\n   interval-time: 30\n   time_out: 5\n"
    assert observe.parse_objects(dpd, "IKE dpd") == {
        "probe1": {"references": "1", "interval_time": "30", "time_out": "5"}
    }


def test_proposals_of_both_generations() -> None:
    v5 = """ priority authentication authentication encryption Diffie-Hellman duration
              method       algorithm    algorithm       group       (seconds)
---------------------------------------------------------------------------
 5        PRE_SHARED     SHA            3DES_CBC       MODP_1024      86400
 default  PRE_SHARED     SHA            DES_CBC        MODP_768       86400
"""
    v7 = """ Priority Authentication Authentication Encryption  Diffie-Hellman Duration
              method       algorithm    algorithm       group      (seconds)
----------------------------------------------------------------------------
 5        PRE-SHARED-KEY     SHA1       3DES-CBC    Group 2        86400
"""
    assert [row["priority"] for row in observe.parse_proposals(v5)] == [5, None]
    assert observe.parse_proposals(v7)[0]["dh"] == "Group 2"


def test_ipsec_sas() -> None:
    text = """-------------------------------
Interface: GigabitEthernet0/0
-------------------------------

  -----------------------------
  IPsec policy: vpn
  Mode: ISAKMP
  -----------------------------
    Tunnel id: 0
    Tunnel:
        local  address: 192.0.2.1
        remote address: 203.0.113.9
    Flow:
        sour addr: 10.20.0.0/255.255.0.0  port: 0  protocol: ip

    [Inbound ESP SAs]
      SPI: 2596069104 (0x9abcdef0)
    [Outbound ESP SAs]
      SPI: 300 (0x12c)
"""
    want = [
        {
            "interface": "GigabitEthernet0/0",
            "policy": "vpn",
            "local": "192.0.2.1",
            "remote": "203.0.113.9",
            "inbound": [2596069104],
            "outbound": [300],
        }
    ]
    assert observe.parse_ipsec(text) == want
    v5 = text.replace("IPsec policy: vpn", 'IPsec policy name: "vpn"').replace("SPI:", "spi:").replace("In", "in", 1)
    assert observe.parse_ipsec(v5.replace("interface", "Interface"))[0]["inbound"] == [2596069104]


# -- peers ---------------------------------------------------------------------------------------------------------

V5_CONFIG = """#
 sysname FW-A
#
 ike local-name fw-a
 ike sa keepalive-timer interval 20
#
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.0
 ipsec policy vpn
#
ike proposal 5
#
ike dpd probe1
 interval-time 30
#
ike peer branch1
 exchange-mode aggressive
 id-type name
 remote-name fw-b
 local-address 192.0.2.7
 nat traversal
 dpd probe1
#
ike peer range
 remote-address 203.0.113.1 203.0.113.9
#
ipsec policy vpn 10 isakmp
 security acl 3101
 ike-peer branch1
#
return
"""
V7_CONFIG = """#
 ike dpd interval 30 retry 5 on-demand
 ike identity fqdn fw-a
#
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.0
 ipsec apply policy vpn
#
ike profile branch1
 keychain kc1
 exchange-mode aggressive
 match remote identity fqdn fw-b
#
ipsec policy vpn 10 isakmp
 remote-address 203.0.113.9
 ike-profile branch1
#
"""


def test_v5_peers() -> None:
    ike = parse_ike(V5_CONFIG)
    branch, wide = ike.peers
    assert (ike.local_name, ike.proposals, ike.dpd) == ("fw-a", (5,), {"probe1": {"interval": 30, "timeout": 5}})
    assert (branch.kind, branch.exchange_mode, branch.id_type) == ("peer", "aggressive", "name")
    assert (branch.remote_name, branch.own_address, branch.nat_traversal) == ("fw-b", "192.0.2.7", True)
    assert (branch.remote_dynamic, branch.policy, branch.interface) == (True, "vpn", "GigabitEthernet0/0")
    assert (wide.remote_address, wide.remote_high, wide.exchange_mode) == ("203.0.113.1", "203.0.113.9", "main")
    assert wide.policy == ""
    assert not wide.remote_dynamic


def test_v7_peers() -> None:
    ike = parse_ike(V7_CONFIG)
    (peer,) = ike.peers
    assert ike.global_dpd == "interval 30 retry 5 on-demand"
    assert ike.local_name == "fw-a"
    assert (peer.kind, peer.id_type, peer.local_name, peer.remote_name) == ("profile", "name", "fw-a", "fw-b")
    assert (peer.remote_address, peer.own_address, peer.keychain) == ("203.0.113.9", "192.0.2.1", "kc1")


def test_the_filter_is_short_enough_and_leaves_keys_out() -> None:
    expression = COMMAND.partition("include ")[2]
    assert len(expression) <= 256
    import re

    for line in (
        " pre-shared-key cipher Zk3tJ0x==",
        " pre-shared-key hostname local-fw key cipher $c$3$dpd=",
        " pre-shared-key simple ike proposal",
    ):
        assert not re.search(expression, line)
    kept = "".join(f"{row}\n" for row in V5_CONFIG.splitlines() if re.search(expression, row))
    assert [peer.remote_name for peer in parse_ike(kept).peers] == ["fw-b", ""]


def test_a_tagged_sa_counts_though_another_one_is_ready() -> None:
    """The peer's keepalives do not arrive; a renegotiation in between does not make that good."""
    tagged = {"connection_id": 1, "remote": "192.0.2.2", "flags": ["RD", "TO"], "phase": 1}
    ready = {"connection_id": 3, "remote": "192.0.2.2", "flags": ["RD"], "phase": 1}
    (found,) = observe.unmet({}, {"ike_sas": [tagged, ready]}, None)
    assert "connection 1 tagged TO" in found.seen
    replaced = {**tagged, "flags": ["RD", "RL", "TO"]}
    assert list(observe.unmet({}, {"ike_sas": [replaced, ready]}, None)) == []


def test_key_lines_of_displays_are_left_out() -> None:
    text = " IKE Peer: branch1\n   pre-shared-key: Literal-Key\n   exchange mode: main on phase 1\n"
    assert observe.parse_objects(text, "IKE Peer") == {"branch1": {"exchange_mode": "main on phase 1"}}
