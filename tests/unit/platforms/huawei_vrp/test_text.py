# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VRP prints, cleaned and recognised: version displays, terminal remains, cut and foreign text, secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import scrub_native
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.huawei_vrp.platform import PLATFORM
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.huawei_vrp.text import (
    clean,
    configuration,
    sections,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.huawei_vrp.version import parse_version

HEAD = "Huawei Versatile Routing Platform Software\n"


@pytest.mark.parametrize(
    ("lines", "dialect", "version", "model"),
    [
        (
            (
                "VRP (R) software, Version 8.200 (NE40E V800R012C10SPC300)\nCopyright (C) 2012-2031 Huawei Technologies"
                " Co., Ltd.\nHUAWEI NE40E-X8A uptime is 12 days, 4 hours, 7 minutes\nPatch Version: V800R012SPH021\n"
            ),
            "vrp8",
            "8.200 (NE40E V800R012C10SPC300)",
            "NE40E-X8A",
        ),
        (
            (
                "VRP (R) software, Version 5.170 (S6730 V200R019C10SPC500)\nCopyright (C) 2000-2031 HUAWEI TECH CO.,"
                " LTD\nHUAWEI S6730-H48X6C Routing Switch uptime is 3 weeks, 2 days, 5 hours, 41 minutes\n"
            ),
            "vrp5",
            "5.170 (S6730 V200R019C10SPC500)",
            "S6730-H48X6C",
        ),
        (
            "VRP (R) software, Version 8.180 (ATN 910C-B V300R003C10SPC500)\nHUAWEI ATN 910C-B uptime is 1 day\n",
            "vrp8",
            "8.180 (ATN 910C-B V300R003C10SPC500)",
            "ATN 910C-B",
        ),
        (
            "VRP (R) software, Version 5.170 (AR6120 V300R019C13SPC200)\nHuawei AR6120 Router uptime is 0 week\n",
            "vrp5",
            "5.170 (AR6120 V300R019C13SPC200)",
            "AR6120",
        ),
        (
            "VRP (R) software, Version 8.240 (S6730 V600R024C10)\nHUAWEI S6730-H48X6C-V2 uptime is 1 day\n",
            "v600",
            "8.240 (S6730 V600R024C10)",
            "S6730-H48X6C-V2",
        ),
        (
            (
                "VRP (R) software, Version 5.130 (S5300 V200R003C00SPC500)\nQuidway S5352C-EI Routing Switch uptime is"
                " 1 week\n"
            ),
            "vrp5",
            "5.130 (S5300 V200R003C00SPC500)",
            "S5352C-EI",
        ),
        (
            "VRP (R) software, Version 8.191 (CE6881 V200R019C10SPC800)\n",
            "vrp8",
            "8.191 (CE6881 V200R019C10SPC800)",
            "CE6881",
        ),
    ],
)
def test_version_displays(lines: str, dialect: str, version: str, model: str) -> None:
    """The family is decided on the number after Version: V300R is both ATN (VRP8) and AR (VRP5)."""
    facts = parse_version(HEAD + lines, "r1")
    assert (facts.dialect, facts.version, facts.model, facts.hostname) == (dialect, version, model, "r1")
    assert facts.net_facts()["ansible_net_system"] == "huawei_vrp"
    assert facts.net_facts().get("ansible_net_patch") == ("V800R012SPH021" if "SPH021" in lines else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Cisco IOS XE Software, Version 17.03.04",
        "H3C Comware Software, Version 7.1.064, Release 9141P01",
        "Juniper Edge Routing Switch ERX-700\nVersion: 10.0.0",
        "HPE Comware Platform Software\nComware Software, Version 5.20.99",
    ],
)
def test_other_systems_are_not_vrp(text: str) -> None:
    with pytest.raises(ValueError, match="'display version' does not look like Huawei VRP"):
        parse_version(text)


BLANKS = " " * 42


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\r\r\nb", "a\nb"),
        ("a\rb", "ab"),
        ("a\x00b  \n", "ab\n"),
        ("\x1b[1mmpls\x1b[0m te", "mpls te"),
        (f"  ---- More ----\x1b[42D{BLANKS}\x1b[42D mpls te", " mpls te"),
        (f"  ---- More ----\x1b[42D{BLANKS}\x1b[42Dmpls", "mpls"),
        (f"  ---- More ----\x1b[42D{BLANKS}\x1b[42D  deep", "  deep"),
        (f"  ---- More ----{BLANKS} mpls te", " mpls te"),
        (f"  ---- More ----{BLANKS}mpls", "mpls"),
        ("  ---- More ----\n mpls te", "\n mpls te"),
        ("  --More-- \x1b[16D mpls te", "  mpls te"),
        (" description ---- More ----ish", " descriptionish"),
        (" description more -- or less", " description more -- or less"),
        (f" description {BLANKS}wide", f" description {BLANKS}wide"),
    ],
)
def test_terminal_remains(raw: str, text: str) -> None:
    assert clean(raw) == text


@given(st.text("mpls te\n #-More\r\x1b[42D", max_size=120))
def test_cleaning_twice_is_cleaning_once_for_text_without_controls(raw: str) -> None:
    assert "\r" not in clean(raw)
    assert clean(clean(raw)).count("\n") == clean(raw).count("\n")


WHOLE = "!Software Version V800R012C10\n#\nsysname PE1\n#\nreturn\n"


def test_a_whole_configuration_is_taken_and_a_cut_one_is_not() -> None:
    assert configuration(WHOLE) == WHOLE
    for end in range(WHOLE.index("#\nsys") + 12, len(WHOLE) - len("return\n") + 1):
        with pytest.raises(ValueError, match="is cut"):
            configuration(WHOLE[:end])


def test_what_is_filtered_or_a_section_need_not_end_with_return() -> None:
    for text in ("interface Vlanif7\n mpls\n", "#\ninterface Vlanif7\n mpls\n#\nreturn\n", "mpls\n", ""):
        assert configuration(text) == text


def test_sections() -> None:
    text = "!x\n#\nsysname PE1\n#\nmpls\n mpls te\n #\n mpls rsvp-te peer 10.0.0.1\n  handshake\n#\n\nreturn\n"
    assert list(sections(text)) == [
        ("sysname PE1", []),
        ("mpls", ["mpls te", "mpls rsvp-te peer 10.0.0.1", "handshake"]),
    ]
    assert list(sections(" orphan\ninterface Vlanif7\n")) == [("interface Vlanif7", [])]


SECRETS = [
    " mpls rsvp-te authentication cipher SECRET",
    " mpls rsvp-te authentication plain SECRET",
    ' mpls rsvp-te authentication plain "SECRET two"',
    "  key-string cipher SECRET",
    "  key-string plain SECRET",
    "  key-string SECRET",
    " local-user admin password irreversible-cipher SECRET",
    " ospf authentication-mode md5 1 cipher SECRET",
    " snmp-agent usm-user v3 u authentication-mode sha cipher SECRET",
    " super password level 3 cipher SECRET",
    "  pre-shared-key simple SECRET",
    "radius-server shared-key cipher SECRET",
]


@pytest.mark.parametrize("line", SECRETS)
def test_no_secret_stays_in_native_text(line: str) -> None:
    text = f"#\nsysname PE1\n{line}\n mpls te\n".replace("SECRET", "%^%#q2T{7mVz!b0 plain x")
    masked = scrub_native(text, PLATFORM.secrets)
    assert "q2T{7mVz" not in masked
    assert masked.count("\n") == text.count("\n")
    assert masked.endswith("********\n mpls te\n")


def test_the_rest_of_native_text_stays() -> None:
    assert scrub_native(WHOLE, PLATFORM.secrets) == WHOLE
