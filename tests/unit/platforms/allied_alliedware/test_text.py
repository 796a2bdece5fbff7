# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading AlliedWare text: terminal remains, look-alikes, versions, boot files."""

from __future__ import annotations

import pytest
from allied_labs import branch

from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.text import (
    clean,
    configuration,
    labels,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.allied_alliedware.version import (
    boot_file,
    parse_system,
)

PAGER = "--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)"


@pytest.mark.parametrize(
    "remains", [f"{PAGER}\r{' ' * len(PAGER)}\r", f"{PAGER}{' ' * len(PAGER)}", f"{PAGER}\r\n", "--More--\r        \r"]
)
def test_pager_leaves_no_trace(remains):
    text = f"one\r\n{remains}  Name ....... hq\r\n"
    assert [line for line in clean(text).splitlines() if line] == ["one", "  Name ....... hq"]


def test_configuration_passes_unchanged():
    assert configuration(branch().replace("\n", "\r\n")) == branch()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Current configuration : 99 bytes\nhostname r1\n", "Cisco IOS"),
        ("#\n version 7.1.064, Release 0821P11\n#\n", "H3C Comware"),
        ("#\nsysname PE1\n#\n", "Huawei VRP"),
        ("! Configuration script being generated on TUE\n", "Juniper JunOSe"),
        ("!\nservice password-encryption\n!\nhostname awplus\n", "AlliedWare Plus"),
    ],
)
def test_other_systems_are_told_apart(text, name):
    with pytest.raises(ValueError, match=f"configuration of {name}"):
        configuration(text)


def test_a_listing_that_ends_at_the_pager_is_cut():
    with pytest.raises(ValueError, match="cut"):
        configuration(f"#\n# SYSTEM configuration\n#\n{PAGER}")


def test_labels_are_padded_with_dots():
    text = (
        "ISAKMP Policy\n  Name ................ hq\n  Expiry Kbytes ....... -\n  Empty ............... \nno label: x\n"
    )
    assert labels(text) == {"name": "hq", "expiry kbytes": "-", "empty": ""}


SYSTEM = """
Switch System Status                      Date 20-Nov-2026 Time 19:20:11
Board       ID  Bay   Board Name                    Rev    Serial number
--------------------------------------------------------------------------------
Base        275       AT-9924T                      M1-0   58478624
--------------------------------------------------------------------------------
{line}
"""


@pytest.mark.parametrize(
    ("line", "version", "numbers", "model"),
    [
        ("Allied Telesis AT-9924T version 3.2.1-05 02-Jul-2009", "3.2.1-05", (3, 2, 1), "AT-9924T"),
        ("Allied Telesyn AT-9924T version 2.7.6-01 02-Jul-2005", "2.7.6-01", (2, 7, 6), "AT-9924T"),
        ("Software Version: 2.8.1-00 12-Jul-2006", "2.8.1-00", (2, 8, 1), "AT-9924T"),
    ],
)
def test_system_display(line, version, numbers, model):
    facts = parse_system(SYSTEM.replace("{line}", line), "b12")
    assert (facts.version, facts.numbers, facts.model) == (version, numbers, model)
    assert (facts.serial, facts.hostname) == ("58478624", "b12")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AlliedWare Plus (TM) 5.4.2 09/25/13\nSoftware version 5.4.2", "AlliedWare Plus, another operating system"),
        ("VRP (R) software, Release 5.170", "does not look like AlliedWare"),
        ("", "does not look like AlliedWare"),
    ],
)
def test_system_display_of_others(text, words):
    with pytest.raises(ValueError, match=words):
        parse_system(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Boot configuration file: flash:boot.cfg (exists)\nCurrent configuration: None", "flash:boot.cfg"),
        ("Boot configuration file: BOOT.CFG (exists)\n", "BOOT.CFG"),
        ("Boot config ............. site1.cfg\n", "site1.cfg"),
        ("Boot configuration file: Not set\nCurrent configuration: flash:x.cfg", None),
        ("Current configuration: flash:x.cfg", None),
    ],
)
def test_boot_file(text, name):
    assert boot_file(text) == name
