# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operating system a device runs: the five, those that look like them, and those that are something else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import comware_labs
import huawei_labs
import pytest
from config_bench import SAMPLES, Sample
from inprocess import Bench, TerminalChannel

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused, NoAnswer
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.recognition import recognise

KNOWN = [registry.platform(name) for name in registry.platforms()]


def look(bench: Bench, device: str) -> tuple[str, TerminalChannel]:
    channel = TerminalChannel(bench.world, device, "\r", bench.enable_password)
    return recognise(channel, KNOWN), channel


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.platform)
def test_every_emulated_system_is_recognised_in_one_session(sample: Sample, tmp_path: Path) -> None:
    bench = sample.make(tmp_path)
    before = bench.running(sample.device)
    name, channel = look(bench, sample.device)
    assert name == sample.platform
    assert bench.running(sample.device) == before
    assert {line for line in channel.sent if line.strip()} <= {platform.recognition.probe for platform in KNOWN}
    # and the same conversation goes on as a session of that platform
    session = registry.platform(name).session(channel, SecretBook())
    assert session.facts.platform == sample.platform
    assert session.running_config().strip()


@pytest.mark.parametrize("major", [5, 7])
def test_comware_is_one_platform_whatever_its_generation(major: int, tmp_path: Path) -> None:
    assert look(Bench(tmp_path, comware_labs.lab(major, 7)), "a")[0] == "h3c_comware"


@pytest.mark.parametrize("version", [huawei_labs.VRP8, huawei_labs.VRP5, huawei_labs.V600])
def test_vrp_is_one_platform_whatever_its_family(version: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, huawei_labs.pair(device={"os_version": version}))
    assert look(bench, "pe1")[0] == "huawei_vrp"


class Box:
    """A device that answers commands with recorded words."""

    enable_password = None
    host = "box"

    def __init__(self, prompt: str, answers: Mapping[str, str], pages: int = 0) -> None:
        self.prompt, self.answers, self.pages = prompt, answers, pages
        self.sent: list[str] = []

    def ask(self, line: str, until: re.Pattern[str], *, timeout: float | None = None, key: bool = False) -> str:
        self.sent.append(line)
        if line == " ":
            self.pages -= 1
        if self.pages and line:
            text = f"{line}\nsome lines\n --More-- "
        else:
            text = f"{line}\n{self.answers.get(line, '% Invalid input' if line else '')}\n{self.prompt}"
        if not until.search(text):
            raise NoAnswer("box gave no prompt within 30 s")
        return text

    def send_ahead(self, lines: object) -> None:
        raise AssertionError("nothing is typed ahead to a stranger")

    def close(self) -> None:
        pass


NEXUS = "Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n"
XR = "Cisco IOS XR Software, Version 7.3.2\nCopyright (c) 2013-2021 by Cisco Systems, Inc.\n"
CLASSIC = (
    "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.4(3)M3, RELEASE SOFTWARE (fc2)\n"
    "Copyright (c) 1986-2015 by Cisco Systems, Inc.\ncisco CISCO2911/K9 (revision 1.0) with 483328K bytes of memory.\n"
)
OLD = "Cisco Internetwork Operating System Software\nIOS (tm) C2600 Software, Version 12.2(8)T\nCisco Systems\n"
ASA = "Cisco Adaptive Security Appliance Software Version 9.8(2)\n"
JUNOS = "Hostname: mx1\nModel: mx240\nJunos: 20.4R3.8\nJUNOS OS Kernel 64-bit  [20210618.f43645e_builder]\n"
PLUS = "AlliedWare Plus (TM) 5.4.4 04/30/15\nAllied Telesis x610-24Ts version 5.4.4-3.5\nBase  333  x610-24Ts  A04\n"
EOS = "Arista DCS-7050\nSoftware image version: 4.21.0F\n"


@pytest.mark.parametrize(
    ("prompt", "answers", "named"),
    [
        ("n9k#", {"show version": NEXUS}, "Cisco NX-OS"),
        ("RP/0/RSP0/CPU0:xr1#", {"show version": XR}, "Cisco IOS XR"),
        ("r2911#", {"show version": CLASSIC}, "Cisco IOS (the classic one, not IOS XE)"),
        ("r2600>", {"show version": OLD}, "Cisco IOS (the classic one, not IOS XE)"),
        ("fw1>", {"show version": ASA}, "Cisco ASA"),
        ("netops@mx1>", {"show version": JUNOS}, "Juniper Junos (not JunOSe)"),
        ("mx1>", {"show version": JUNOS}, "Juniper Junos (not JunOSe)"),
        ("awplus>", {"show system": PLUS, "show version": PLUS}, "AlliedWare Plus"),
        ("leaf1#", {"show version": EOS}, "Arista EOS"),
    ],
)
def test_look_alikes_are_named_and_refused(prompt: str, answers: dict[str, str], named: str) -> None:
    with pytest.raises(LoginRefused) as refused:
        recognise(Box(prompt, answers), KNOWN)
    words = str(refused.value)
    assert f"it looks like {named}, which is not among the platforms" in words
    assert words.startswith("ansible_network_os is not set")
    assert words.endswith("set ansible_network_os for this host")


@pytest.mark.parametrize(
    ("prompt", "answers", "why"),
    [
        ("root@host:~ #", {}, "no known system has a prompt like 'root@host:~ #'"),
        ("[switch]", {}, "no known system has a prompt like '[switch]'"),
        ("switch#", {"show version": "Version 3.2.1-05\nsomething else"}, "its answers are those of no known system"),
        # one mark is not enough
        ("branch>", {"show system": "Allied Telesis AT-8624 Ethernet switch\nversion 2.1.0"}, "no known system"),
        ("<box>", {"display version": "VRP software\nVersion 8.200"}, "its answers are those of no known system"),
    ],
)
def test_what_is_not_certain_is_refused(prompt: str, answers: dict[str, str], why: str) -> None:
    box = Box(prompt, answers)
    with pytest.raises(LoginRefused, match="was not recognised") as refused:
        recognise(box, KNOWN)
    assert why in str(refused.value)
    assert {line for line in box.sent if line} <= {platform.recognition.probe for platform in KNOWN}


def test_a_system_that_claims_to_be_two_is_refused() -> None:
    both = "Comware Software, Version 7.1.064\nVRP (R) software, Version 8.200 (NE40E V800R012C10)\n"
    with pytest.raises(LoginRefused, match=r"it may be (?:Huawei VRP or H3C Comware|H3C Comware or Huawei VRP)"):
        recognise(Box("<box>", {"display version": both}), KNOWN)


def test_pages_are_turned_and_an_endless_answer_is_given_up() -> None:
    answer = {"show version": "", " ": "Cisco IOS XE Software, Version 17.09.04\nby Cisco Systems, Inc.\n"}
    assert recognise(Box("r1#", answer, pages=3), KNOWN) == "cisco_iosxe"
    with pytest.raises(LoginRefused, match="'show version' does not come to an end"):
        recognise(Box("r1#", answer, pages=1000), KNOWN)


def test_a_device_without_a_prompt_is_refused() -> None:
    with pytest.raises(LoginRefused, match="gave no prompt within 30 s; set ansible_network_os for this host"):
        recognise(Box("press RETURN to get started", {}), KNOWN)
