# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration text to model: every layout that is known, and what must not be taken for one."""

from __future__ import annotations

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Unsupported
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option.parse import (
    Tunnel,
    surroundings,
)

parse = registry.feature("junose_ipsec_option").parse

HEAD = """Please wait...
....................
! Configuration script being generated on TUE MAR 17 2015 09:41:02 UTC
! Juniper Edge Routing Switch ERX-310
! Version: 11.2.1 patch-0.4 [BuildId 13377]   (September 28, 2010  16:20)
! Copyright (c) 1999-2010 Juniper Networks, Inc.  All rights reserved.
!
! Commands displayed are limited to those available at privilege level 15
!
boot config running-configuration
!
hostname "edge7"
!
"""
BODY = """virtual-router default
!
ipsec option tx-invalid-cookie
ipsec option dpd
ipsec local-endpoint 198.51.100.9 transport-virtual-router default
ipsec key manual pre-share 203.0.113.40
 masked-key "AAAAGAAAAAcAAAACq0vJw1mT8eYx2RkZ5nHc7uPd4fLs9aB3oGtW"
!
virtual-router vrRed
!
interface tunnel ipsec:red2hq transport-virtual-router default
 tunnel source 198.51.100.9
 tunnel destination 203.0.113.40
!
interface tunnel ipsec:local
 tunnel source 10.1.1.1
!
virtual-router vrBlue
!
no ipsec option nat-t
!
"""
END = "! End of generated configuration script.\n"
MODEL = [
    {"virtual_router": "default", "tx_invalid_cookie": True, "dpd": True},
    {"virtual_router": "vrBlue", "nat_t": False},
]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + BODY + END,
        (HEAD + BODY + END).replace("\n", "\r\n"),
        (HEAD + BODY + END).replace("\n", "\x00\r\n"),
        HEAD + BODY.replace("!\nvirtual-router vrRed", " --More-- \r          \rvirtual-router vrRed") + END,
        HEAD + BODY.replace("ipsec option", " ipsec option").replace("no  ipsec", " no ipsec") + END,
        HEAD + BODY + "! end of generated configuration script.\n",
        BODY + END,
        "Virtual Router : default\nIPsec options:\n  TX Invalid Cookie : enabled\n" + HEAD + BODY + END,
    ],
)
def test_layouts(text: str) -> None:
    assert parse(text) == MODEL


def test_nothing_configured() -> None:
    assert parse(HEAD + "virtual-router default\n!\n" + END) == []


def test_options_ahead_of_the_first_router_are_of_the_default_one() -> None:
    assert parse(HEAD + "ipsec option dpd\n!\n" + END) == [{"virtual_router": "default", "dpd": True}]


def test_one_router_of_a_filtered_display() -> None:
    text = HEAD.split("boot", maxsplit=1)[0] + "virtual-router vrBlue\n!\nno ipsec option nat-t\n!\n" + END
    assert parse(text) == [{"virtual_router": "vrBlue", "nat_t": False}]


def test_a_prompt_may_follow_the_end() -> None:
    assert parse(HEAD + "ipsec option dpd\n!\n" + END + "edge7:vrBlue#") == parse(HEAD + "ipsec option dpd\n!\n" + END)


def test_a_snippet_of_options_is_enough() -> None:
    assert parse("virtual-router vrRed\n!\nipsec option dpd\n") == [{"virtual_router": "vrRed", "dpd": True}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        HEAD + BODY,
        HEAD + 'banner motd "\n! End of the day\n"\n' + BODY,
        HEAD,
        (HEAD + BODY)[:700],
        "virtual-router default\n!\n",
        "Virtual Router : default\n",
        BODY,
        BODY.split("ipsec local", maxsplit=1)[0] + "hostname x\n",
    ],
)
def test_what_is_cut_is_an_error_and_never_empty(text: str) -> None:
    with pytest.raises(ValueError, match="the configuration is cut"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Building configuration...\n\nCurrent configuration : 1024 bytes\n!\nhostname x\nend\n", "Cisco IOS"),
        ("## Last commit: 2015-03-17\nversion 12.3R8;\nsystem {\n    host-name x;\n}\n", "Juniper Junos"),
        ("!Software Version V800R012C10SPC300\n#\nsysname x\n#\nreturn\n", "Huawei VRP"),
        ("#\n version 7.1.064, Release 9313P13\n#\n sysname x\n#\nreturn\n", "H3C Comware"),
    ],
)
def test_other_systems_are_named(text: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}, not of Juniper JunOSe"):
        parse(text)


def test_a_refused_option_display_without_any_option_is_unsupported() -> None:
    refused = "Virtual Router : default\n      ^\n% Invalid input detected at '^' marker.\n"
    with pytest.raises(Unsupported, match="does not know the IPsec options"):
        parse(refused + HEAD + "virtual-router default\n!\n" + END)
    assert parse(refused + HEAD + BODY + END) == MODEL  # a configured option proves that the release knows it


def test_surroundings() -> None:
    listed = "Virtual Router : default\nVirtual Router : vrRed\n"
    around = surroundings(listed + HEAD + BODY + END)
    assert around.routers == ("default", "vrRed")
    assert around.tunnels == (Tunnel("red2hq", "vrRed", "default"), Tunnel("local", "vrRed", "vrRed"))
    assert around.transports == {"default", "vrRed"}
    assert around.transports_of("vrRed") == ["default", "vrRed"]
    assert around.options == {"tx_invalid_cookie", "dpd", "nat_t"}
