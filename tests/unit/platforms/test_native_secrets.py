# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys in native text, as it goes into backups, session logs and facts, are masked; everything else stays."""

from __future__ import annotations

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import scrub_native

KEYS = {
    "h3c_comware": [
        " password simple KEY",
        " super password level 3 cipher KEY",
        " set authentication password cipher KEY",
        " pre-shared-key KEY",
        " pre-shared-key simple KEY",
        " pre-shared-key hostname fw-b key cipher KEY",
        " pre-shared-key address 192.0.2.1 255.255.255.255 key KEY",
        " key authentication KEY",
        " primary authentication 192.0.2.1 key KEY",
        " snmp-agent community write KEY",
        " snmp-agent community read cipher KEY",
        " snmp-agent usm-user v3 u g authentication-mode md5 KEY privacy-mode des56 KEY",
        " ntp-service authentication-keyid 1 authentication-mode md5 KEY",
    ],
    "juniper_junose": [
        " key KEY",
        ' masked-key "KEY"',
        "enable secret 5 KEY",
        "host backup 192.0.2.1 ftp 8 KEY",
        "license ipsec-tunnels KEY",
        "snmp-server community KEY view everything ro",
        " ip ospf authentication-key 8 KEY",
        " ip ospf message-digest-key 1 md5 8 KEY",
        " neighbor 192.0.2.1 password 8 KEY",
    ],
    "allied_alliedware": [
        'create enco key=1 type=general value="KEY"',
        "create enco key=1 ty=gen va=KEY",
        'set isakmp pol="hq" xauthp="KEY"',
        "add user=netops pas=KEY priv=manager",
        'add radius server=192.0.2.1 secret="KEY KEY" port=1812',
        "add tacacs server=192.0.2.1 key=KEY",
        "create snmp com=KEY access=read",
        "set ppp=0 password=KEY",
    ],
}
PLAIN = {
    "h3c_comware": [
        " ike keepalive interval 20",
        "   Remaining key duration(sec): 85990",
        "ike keychain kc1",
        " authentication-mode scheme",
        " public-key local create rsa",
    ],
    "juniper_junose": ["ipsec key manual pre-share 192.0.2.1", "ipsec option tx-invalid-cookie"],
    "allied_alliedware": [
        'create isakmp pol="hq" pe=198.51.100.20 enc=aes128 key=1',
        'set isakmp pol="hq" xauthn="b12"',
        "create ipsec sas=1 key=isakmp prot=esp enc=aes128 hasha=sha",
    ],
}


@pytest.mark.parametrize(("platform", "line"), [(name, line) for name, lines in KEYS.items() for line in lines])
def test_a_key_is_masked(platform: str, line: str) -> None:
    masked = scrub_native(f"#\n{line}\n#\n", registry.platform(platform).secrets)
    assert "KEY" not in masked
    assert line.split()[0] in masked


@pytest.mark.parametrize(("platform", "line"), [(name, line) for name, lines in PLAIN.items() for line in lines])
def test_other_lines_stay(platform: str, line: str) -> None:
    assert scrub_native(f"#\n{line}\n#\n", registry.platform(platform).secrets) == f"#\n{line}\n#\n"
