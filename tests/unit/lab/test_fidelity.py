# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab says about how true it is: a mark on every command, and a page that is made from the marks."""

from __future__ import annotations

import re

import pytest
from harness import ROOT

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab import fidelity_page
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.fidelity import (
    CODE,
    DOC,
    GUESS,
    Fact,
    Sure,
    facts_of,
    without_negatives,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.grammar import Grammar
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.allied_alliedware.shell import _VERBS
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.registry import device_class, known_platforms
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World


def test_the_page_is_what_the_code_says() -> None:
    made = "python -m ansible_collections.netops.peerguard.plugins.plugin_utils.lab.fidelity_page > docs/fidelity.md"
    assert (ROOT / "docs" / "fidelity.md").read_text() == fidelity_page.page(), f"make it again: {made}"


@pytest.mark.parametrize("platform", known_platforms())
def test_every_command_has_a_mark(platform: str) -> None:
    for modes in device_class(platform).dialects().values():
        for mode in modes.values():
            assert not [command.pattern for command in mode.commands if command.known is None], mode.name


@pytest.mark.parametrize("platform", known_platforms())
def test_every_system_says_what_its_sessions_rest_on(platform: str) -> None:
    facts = device_class(platform).facts()
    assert {sure for fact in facts for sure in (fact.known.words, fact.known.answer)} >= set(Sure)
    session = " ".join(fact.what for fact in facts if not fact.view)
    for matter in ("prompts", "paging", "editing keys", "refusal"):
        assert matter in session


@pytest.mark.parametrize(
    ("platform", "what", "known"),
    [
        ("huawei_vrp", "mpls rsvp-te authentication handshake", DOC),
        ("huawei_vrp", "display mpls rsvp-te statistics interface [ <name:interface> ]", DOC.prints(GUESS)),
        ("cisco_iosxe", "tcp auth-option <name:chain>", DOC),
        ("cisco_iosxe", "show tcp brief [ all ] [ numeric ]", CODE.prints(CODE)),
        ("h3c_comware", "ike sa keepalive-timer interval <seconds:int(20-28800)>", DOC),
        ("juniper_junose", "no ipsec option tx-invalid-cookie", GUESS),
        ("juniper_junose", "show ipsec option", DOC.prints(GUESS)),
        ("allied_alliedware", "reset ipsec policy=<name>", GUESS.prints(GUESS)),
    ],
)
def test_marks_that_matter(platform: str, what: str, known: object) -> None:
    assert {fact.known for fact in device_class(platform).facts() if fact.what == what} == {known}


def test_what_nobody_has_published_of_an_old_dialect_is_assumed() -> None:
    line = "display mpls rsvp-te peer [ interface <name:interface> | <address:ipv4> ]"
    found = {fact.where: fact.known.answer for fact in device_class("huawei_vrp").facts() if fact.what == line}
    assert found == {("VRP8", "V600"): Sure.DOCUMENTED, ("VRP5",): Sure.ASSUMED}


def test_a_device_shows_its_own_dialect_only() -> None:
    lab = {"v5": "5.20, Release 3721", "v7": "7.1.064, Release 9524"}
    devices = {name: {"platform": "h3c_comware", "os_version": version} for name, version in lab.items()}
    world = World(parse_lab({"name": "t", "devices": devices}))
    v5, v7 = (fidelity_page.of_device(world.devices[name]) for name in lab)
    assert "ike sa keepalive-timer interval <seconds 20-28800>" in v5
    assert "ike sa keepalive-timer" not in v7
    assert "ike keepalive interval <seconds 20-28800>" in v7


def test_alliedware_accepts_every_form_that_it_lists() -> None:
    """There the marks are not in a grammar: this holds them to the shell that does the work."""
    facts = [fact for fact in device_class("allied_alliedware").facts() if fact.view]
    values = {"<name>": "hq", "<address>": "192.0.2.9", "<file>": "flash:x.cfg", "<number>": "1", "<interface>": "eth0",
              "<action>": "permit", "<secret>": '"s"', "<module>": "isakmp"}  # fmt: skip
    world = World(parse_lab({"name": "t", "devices": {"aw": {"platform": "allied_alliedware"}}}))
    for fact in facts:
        line = re.sub(r"\[(.*?)\]", "", fact.what).replace("parameter=value", "")
        for name, value in values.items():
            line = line.replace(name, value)
        terminal = world.devices["aw"].open_session("ssh", "netops")
        terminal.start()
        assert "Unknown command" not in terminal.receive(line + "\r"), line
        terminal.close()
    shown = {fact.what.split()[0] for fact in facts}
    assert shown >= {verb for verb in _VERBS if hasattr(terminal.shell, f"_{verb}")} - {"logon", "logout"}


def test_negative_forms_are_left_out_unless_less_is_known_of_them() -> None:
    grammar = Grammar()
    mode = grammar.mode("m")
    for pattern, known in [
        ("timer <seconds:int(1-9)>", DOC), ("undo timer", DOC), ("mode <name:word>", DOC), ("undo mode", GUESS),
        ("no alone", CODE),
    ]:  # fmt: skip
        mode.add(pattern, print, known)
    shown = [fact.what for fact in without_negatives(facts_of({"": {"m": mode}}))]
    assert shown == ["timer <seconds:int(1-9)>", "mode <name:word>", "undo mode", "no alone"]


def test_for_a_terminal() -> None:
    facts = [Fact("prompts", "", DOC.prints(CODE)), Fact("a [ b | c ]", "system", GUESS, ("V5",))]
    assert fidelity_page.text("Some system", facts).splitlines() == [
        "Some system: words / answer, command, where",
        "  documented / seen in code   prompts  (session)",
        "  assumed / -                 a [ b | c ]  (system, V5)",
    ]
