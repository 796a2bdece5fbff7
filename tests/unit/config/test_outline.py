# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines over a configuration, for any lines: what is sent is what is missing, and the way back leads back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.configuration import How
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.outline import Line, OutlineText, outline

NAMES = ("GigabitEthernet0/1", "GigabitEthernet0/2", "Loopback3")
NUMBERS = st.integers(1, 3)
INSIDE = st.one_of(
    NUMBERS.map(lambda number: f"description word{number} and more"),
    NUMBERS.map(lambda number: f"ip address 192.0.2.{number} 255.255.255.0"),
    NUMBERS.map(lambda number: f"mtu 140{number}"),
    NUMBERS.map(lambda number: f"many values {number}"),
)
TOP = NUMBERS.map(lambda number: f"ntp server 192.0.2.{number}")
FOREIGN = "interface Tunnel9\n description word1 and more\nlldp run\n"
PLATFORMS = ("cisco_iosxe", "huawei_vrp", "h3c_comware")


def text_of(platform: str) -> OutlineText:
    found = registry.platform(platform).text
    assert isinstance(found, OutlineText)
    return found


def single(lines: Iterable[str], text: OutlineText) -> list[str]:
    """Lines as a device can have them: one value of what has one."""
    kept: dict[str, str] = {}
    for line in lines:
        kept[next((found[1] for found in (one.search(line) for one in text.single) if found), line)] = line
    return list(kept.values())


def written(tops: list[str], sections: dict[str, list[str]], text: OutlineText) -> str:
    lines = list(dict.fromkeys(tops))
    for name, inside in sections.items():
        lines += [f"interface {name}", *(f" {line}" for line in single(inside, text))]
    return "".join(f"{line}\n" for line in lines)


SECTIONS = st.dictionaries(st.sampled_from(NAMES), st.lists(INSIDE, max_size=4), max_size=3)


def paths(lines: Iterable[Line], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every line with those that it stands below; what there is, whatever its order."""
    found: set[tuple[str, ...]] = set()
    for line in lines:
        here = (*above, line.words)
        found |= {here} | paths(line.lines, here)
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
@given(
    tops=st.lists(TOP, max_size=3),
    sections=SECTIONS,
    more=st.lists(TOP, max_size=2),
    changes=SECTIONS,
    gone=st.lists(st.sampled_from(["description", "mtu", "many values 1"]), max_size=2, unique=True),
)
def test_lines_lead_there_once_and_their_rollback_leads_back(
    platform: str,
    tops: list[str],
    sections: dict[str, list[str]],
    more: list[str],
    changes: dict[str, list[str]],
    gone: list[str],
) -> None:
    text = text_of(platform)
    have = text.canonical(written(tops, sections, text))
    wanted = text.wanted(
        written(more, changes, text)
        + "".join(f"interface {NAMES[0]}\n {text.negation}{line}\n" for line in gone if NAMES[0] in sections)
    )
    laid = text.lay(have, wanted, How())
    again = text.lay(laid.target, wanted, How())
    contradicted = any(line.startswith(tuple(gone)) for line in changes.get(NAMES[0], ()))
    if not contradicted:  # lines that take away what other lines of the same task add are sent every time
        assert again.commands == ()
        assert again.target == laid.target
    assert bool(laid.commands) or laid.target == have
    # what is sent does it, and what takes it back does that
    sent = text.lay(have, undelimited(laid.commands, text), How())
    assert paths(outline(sent.target)) == paths(outline(laid.target))
    back = text.between(have, laid.target).rollback
    returned = paths(outline(text.lay(laid.target, undelimited(back, text), How()).target))
    before = paths(outline(have))
    # what is put back is all of it, and nothing that somebody else has made elsewhere
    for arrived in (laid.target, text.lay(have, wanted.partition("interface")[0], How()).target):
        goal, left = text.origin(have, laid.target, arrived)
        assert (paths(outline(goal)), left) == (before, [])
        goal, left = text.origin(have, laid.target, f"{arrived}{FOREIGN}")
        assert paths(outline(goal)) == before | paths(outline(FOREIGN))
        assert left == ["'interface Tunnel9' is new", "'lldp run' is new"]
    # an empty section may stay: entering an interface is what makes it
    assert returned - before <= {(f"interface {name}",) for name in NAMES}
    assert before <= returned


def undelimited(lines: Iterable[str], text: OutlineText) -> str:
    return "".join(f"{line}\n" for line in lines if line.strip() != text.leave)


def test_a_device_that_shows_a_negation_has_it() -> None:
    text = text_of("cisco_iosxe")
    laid = text.lay("no ip http server\n", "no ip http server\n", How())
    assert (laid.commands, laid.absent) == ((), [])
    turned = text.lay("no ip http server\n", "ip http server\n", How())
    assert turned.commands == ("ip http server",)
    assert turned.target == "ip http server\n"


@pytest.mark.parametrize(
    ("have", "wanted", "now", "goal", "left"),
    [
        # a value that the OS overwrote, though nothing here knows that there is but one
        ("snmp-server location old\n", "snmp-server location new\n", "snmp-server location new\n", None, []),
        # the same line from somebody else, where ours is shown as typed
        (
            "ip route 10.1.0.0 255.255.0.0 Null0\n",
            "ip route 10.2.0.0 255.255.0.0 Null0\n",
            "ip route 10.1.0.0 255.255.0.0 Null0\nip route 10.2.0.0 255.255.0.0 Null0\n"
            "ip route 10.3.0.0 255.255.0.0 Null0\n",
            "ip route 10.1.0.0 255.255.0.0 Null0\nip route 10.3.0.0 255.255.0.0 Null0\n",
            ["'ip route 10.3.0.0 255.255.0.0 Null0' is new"],
        ),
        # sections and lines that are typed in short, and one with nearly the same name
        (
            "interface GigabitEthernet0/1\n mtu 1400\ninterface GigabitEthernet0/10\n",
            "int gi 0/1\n mtu 1300\n",
            "interface GigabitEthernet0/1\n mtu 1300\ninterface GigabitEthernet0/10\n mtu 9\n",
            "interface GigabitEthernet0/1\n mtu 1400\ninterface GigabitEthernet0/10\n mtu 9\n",
            ["'interface GigabitEthernet0/10 / mtu 9' is new"],
        ),
        ("", "ntp serv 192.0.2.1\n", "ntp server 192.0.2.1\n", None, []),
        # a section that was refused makes no other one ours
        (
            "interface Loopback3\n",
            "interface Nothing9\n mtu 1\n",
            "interface Loopback3\n mtu 2\n",
            "interface Loopback3\n mtu 2\n",
            ["'interface Loopback3 / mtu 2' is new"],
        ),
        # what names a thing that went fell with it, and its section with it; other lines did not
        (
            "vrf definition RED\ninterface Loopback3\n vrf forwarding RED\n ip address 192.0.2.1 255.255.255.0\n"
            "ntp server 192.0.2.9\n",
            "no vrf definition RED\n",
            "interface Loopback3\n",
            "vrf definition RED\ninterface Loopback3\n vrf forwarding RED\n ip address 192.0.2.1 255.255.255.0\n",
            ["'ntp server 192.0.2.9' is gone"],
        ),
        # a negation that the device showed
        ("no ip http server\n", "ip http server\n", "ip http server\n", None, []),
        ("ip http server\n", "no ip http server\n", "no ip http server\n", None, []),
    ],
)  # fmt: skip
def test_what_our_lines_touched_is_put_back(
    have: str, wanted: str, now: str, goal: str | None, left: list[str]
) -> None:
    text = text_of("cisco_iosxe")
    found, told = text.origin(have, text.lay(have, wanted, How()).target, now)
    assert paths(outline(found)) == paths(outline(have if goal is None else goal))
    assert told == left


def test_on_alliedware_an_object_is_what_its_first_words_name() -> None:
    text = registry.platform("allied_alliedware").text
    have = text.canonical(
        'enable ip\nset snmp location=old\nadd ip int=eth0 ip=192.0.2.1\ncreate ipsec pol="a" int=eth0 isa="hq"\n'
        'create isakmp pol="hq" pe=192.0.2.9\n'
    )
    target = text.lay(have, 'set snmp location=new\ndestroy isakmp policy="hq"\n', How()).target
    now = "enable ip\nset snmp location=new\nadd ip int=eth1 ip=192.0.2.2\n"
    goal, left = text.origin(have, target, now)
    assert set(goal.splitlines()) == set(have.splitlines()) - {"add ip int=eth0 ip=192.0.2.1"} | {
        "add ip int=eth1 ip=192.0.2.2"
    }
    assert left == ["'add ip int=eth0 ip=192.0.2.1' is gone", "'add ip int=eth1 ip=192.0.2.2' is new"]


def test_comments_between_sections_end_them() -> None:
    text = text_of("h3c_comware")
    native = "#\n sysname X\n#\ninterface Tunnel7\n  keepalive 10 3\n#\n ike keepalive interval 20\n#\nreturn\n"
    assert text.canonical(native) == "sysname X\ninterface Tunnel7\n keepalive 10 3\nike keepalive interval 20\n"


@pytest.mark.parametrize(
    ("platform", "native", "words"),
    [
        ("huawei_vrp", "#\nsysname X\n#\ninterface Tunnel1\n", "is cut"),
        ("cisco_iosxe", "Building configuration...\n\nCurrent configuration : 9 bytes\nhostname X\n", "is cut"),
        ("cisco_iosxe", "sysname X\n#\nreturn\n", "Huawei VRP or H3C Comware"),
        ("juniper_junose", "! Configuration script being generated on now\nhostname X\n", "is cut"),
        ("allied_alliedware", "service password-encryption\nhostname X\n", "AlliedWare Plus"),
    ],
)
def test_half_a_configuration_is_none(platform: str, native: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        registry.platform(platform).text.canonical(native)
