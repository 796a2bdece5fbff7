# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab says about how true it is: a mark on every command, and a page that is made from the marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

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
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.netconf.operations import Operations
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.netconf.schema import Container
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.allied_alliedware import (
    config as allied_config,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.allied_alliedware import (
    shell as allied_shell,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.platforms.allied_alliedware.shell import (
    _VERBS,
    AwShell,
)
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


# -- NETCONF ----------------------------------------------------------------------------------------------------------

SERVERS = [
    ("huawei_vrp", "8.200 (NE40E V800R012C10SPC300)", {}),
    ("cisco_iosxe", "17.1.1", {}),
    ("cisco_iosxe", "17.3.2", {}),
    ("cisco_iosxe", "17.9.4a", {"netconf_candidate": True}),
    ("cisco_iosxe", "17.9.4a", {"netconf_candidate": True, "netconf_confirmed_commit": True}),
]
"""All that changes what a device serves."""


def netconf_device(platform: str, version: str, options: dict[str, object]) -> Any:
    device = {"platform": platform, "os_version": version, "options": options}
    return World(parse_lab({"name": "t", "devices": {"r1": device}})).devices["r1"]


def elements(container: Container, path: str = "") -> Iterator[str]:
    """The paths of a model that have nothing below them."""
    for spec in container.children:
        below = f"{path}/{spec.name}"
        if isinstance(spec, Container) and spec.children:
            yield from elements(spec, below)
        else:
            yield below


@pytest.mark.parametrize(("platform", "version", "options"), SERVERS)
def test_all_that_is_served_over_netconf_has_a_mark(platform: str, version: str, options: dict[str, object]) -> None:
    device = netconf_device(platform, version, options)
    facts = device.own_netconf_facts()
    marked = [fact.what for fact in facts if fact.view == "data"]
    for path in elements(device.netconf.agent.model.top):
        assert [what for what in marked if f"{path}/".startswith(f"{what}/")], path
    operations = {fact.what: fact.where for fact in facts if fact.view == "operation"}
    for name, needed in Operations(device.netconf, 0, "").offered:
        assert name in operations
        assert not needed or operations[name][0].startswith(needed), name


@pytest.mark.parametrize("platform", ["huawei_vrp", "cisco_iosxe"])
def test_nothing_has_a_mark_that_no_device_serves(platform: str) -> None:
    everything = {fact.what for fact in device_class(platform).netconf_facts()}
    shown = {fact.what for server in SERVERS if server[0] == platform
             for fact in netconf_device(*server).own_netconf_facts()}  # fmt: skip
    assert shown == everything
    assert len(everything) == len(device_class(platform).netconf_facts())


@pytest.mark.parametrize("platform", sorted({"h3c_comware", "juniper_junose", "allied_alliedware"}))
def test_systems_without_netconf_say_nothing_of_it(platform: str) -> None:
    device = netconf_device(platform, "", {})
    assert device.netconf is None
    assert device.own_netconf_facts() == device.netconf_facts() == []
    assert "NETCONF" not in fidelity_page.of_platform(platform)


def test_a_device_shows_what_its_release_and_its_options_serve() -> None:
    old, new = (fidelity_page.of_device(netconf_device(*SERVERS[number])) for number in (1, 4))
    for words in ("cryptographic-algorithm-choice", "tcp/auth-option", "commit confirmed", "discard-changes"):
        assert words not in old
        assert words in new
    assert "save-config" in old
    assert "over NETCONF: words / answer" in old


# -- AlliedWare -------------------------------------------------------------------------------------------------------


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


_PROBE = "zzz"
"""A word that no command has."""


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], set[str]]:
    """The words that the AlliedWare shell would have taken in the place of the probe in a command."""
    seen: set[str] = set()

    def noting(decide: Callable[..., Any]) -> Callable[..., Any]:
        def decided(typed: str, words: str | Iterable[str], *more: Any) -> Any:
            if typed == _PROBE:
                seen.update([words] if isinstance(words, str) else words)
            return decide(typed, words, *more)

        return decided

    monkeypatch.setattr(allied_shell, "_is", noting(allied_shell._is))
    monkeypatch.setattr(allied_config, "one_of", noting(allied_config.one_of))

    def ask(command: str) -> set[str]:
        seen.clear()
        world = World(parse_lab({"name": "t", "devices": {"aw": {"platform": "allied_alliedware"}}}))
        for rest in ("", "=1", " a", " a=1", "=1 a=1", " a=1 b=1"):
            terminal = world.devices["aw"].open_session("ssh", "netops")
            terminal.start()
            terminal.receive(f"{command} {_PROBE}{rest}\r")
            terminal.close()
        return set(seen)

    return ask


def test_alliedware_lists_every_form_that_it_accepts(compared: Callable[[str], set[str]]) -> None:
    """The other way round: whatever the shell looks for behind a verb, and behind that, is in the table."""
    listed: set[str] = set()
    for fact in device_class("allied_alliedware").facts():
        words = [re.split(r"[=\[]", word)[0] for word in fact.what.split()]
        listed |= {" ".join(words[:count]) for count in range(2, len(words) + 1)} if fact.view else set()
    verbs = [verb for verb in _VERBS if hasattr(AwShell, f"_{verb}")]
    objects = {f"{verb} {word}" for verb in verbs for word in compared(verb)}
    details = {f"{command} {word}" for command in objects for word in compared(command)}
    assert {"show isakmp", "set system", "create enco", "destroy ipsec"} <= objects
    assert {"show isakmp exchange", "set system name", "reset ipsec policy"} <= details
    assert (objects | details) - listed == set()


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
        "Some system: words / answer, what, where",
        "  documented / seen in code   prompts  (session)",
        "  assumed / -                 a [ b | c ]  (system, V5)",
    ]
