# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule with its sentence, judged the way a task judges: from the text of a device and an intent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts, Seen
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth.schema import SCHEMA

NE40E = DeviceFacts("huawei_vrp", "PE1", "8.200 (NE40E V800R012C10SPC300)", "NE40E-X8A", "vrp8")
TEXT = """\
keychain kc-core mode absolute
mpls lsr-id 10.255.7.1
mpls
 mpls te
 mpls te cspf
 mpls rsvp-te
interface GigabitEthernet0/3/7
 ip address 10.77.12.1 255.255.255.252
 mpls
 mpls te
 mpls rsvp-te
interface GigabitEthernet0/3/8
 ip address 10.77.13.1 255.255.255.252
interface Eth-Trunk20
 ip address 10.77.14.1 255.255.255.252
 mpls
 mpls te
 mpls rsvp-te
"""
PORT = "GigabitEthernet0/3/7"
KEY = {"mode": "cipher", "key": "A-Rule-Key-1"}
KEYCHAIN = {"mode": "keychain", "keychain": "kc-core"}
SHAKE = {"authentication": KEY, "handshake": True}


def judged(
    config: Any, *, text: str = TEXT, state: str = "merged", facts: DeviceFacts = NE40E, **options: str
) -> list[str]:
    """Severity, rule and sentence of everything that the rules say."""
    want = None if config is None else validate(SCHEMA, config, partial=state == "deleted")
    have = states.normal(SCHEMA, FEATURE.parse(text))
    seen = Seen(facts, text)
    intent = Intent(want, state, {"prerequisites": "require", **options})
    target = states.normal(SCHEMA, FEATURE.prepare(states.target(SCHEMA, have, want, state), intent, seen))
    found = FEATURE.rules(have, target, intent, seen)
    return [f"{violation.severity} {violation.text} [{violation.rule.split('/')[1]}]" for violation in found]


def interface(name: str = PORT, **view: Any) -> dict[str, Any]:
    return {"interfaces": [{"name": name, **view}]}


def peer(address: str, **view: Any) -> dict[str, Any]:
    return {"peers": [{"address": address, **view}]}


def test_a_good_configuration_has_nothing_to_say() -> None:
    assert judged(interface(**SHAKE)) == []
    assert judged(peer("10.77.12.2", **SHAKE)) == []
    assert judged(peer("10.255.7.4", authentication=KEYCHAIN, handshake=True)) == []


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (
            {"handshake": True},
            ["error WHERE: handshake needs an authentication mode in the same view; add authentication. [R1]"],
        ),
        (
            {"lifetime": "00:40:00"},
            ["error WHERE: lifetime needs an authentication mode in the same view; add authentication. [R1]"],
        ),
        (
            {"window_size": 32},
            ["error WHERE: window_size needs an authentication mode in the same view; add authentication. [R1]"],
        ),
        (
            {"authentication": {"mode": "cipher"}, "handshake": True},
            ["error WHERE: authentication mode cipher needs key. [R1]"],
        ),
        (
            {"authentication": {"mode": "keychain"}, "handshake": True},
            ["error WHERE: authentication mode keychain needs keychain. [R1]"],
        ),
        (
            {"authentication": {**KEYCHAIN, "key": "x"}, "handshake": True},
            ["error WHERE: authentication mode keychain does not take key; remove it. [R1]"],
        ),
        (
            {"authentication": {**KEY, "keychain": "kc-core"}, "handshake": True},
            ["error WHERE: authentication mode cipher does not take keychain; remove it. [R1]"],
        ),
        (
            {"authentication": {"mode": "plain", "key": "x"}, "handshake": True},
            ["warning WHERE: the device stores a plain key readable in its configuration; use cipher. [plain-key]"],
        ),
        ({"authentication": KEY}, ["warning WHERE: without handshake, recorded messages can be replayed. [R9]"]),
        (
            {"authentication": KEY, "window_size": 32},
            [
                "warning WHERE: without handshake, recorded messages can be replayed. [R9]",
                "warning WHERE: window_size has an effect only with handshake. [window-without-handshake]",
            ],
        ),
        (
            {**SHAKE, "lifetime": "00:00:30"},
            [
                "error WHERE: lifetime 30 s must be greater than the refresh interval 30 s, else the relationship is"
                " deleted between two refresh messages. [R7]"
            ],
        ),
        (
            {**SHAKE, "lifetime": "00:01:29"},
            ["warning WHERE: lifetime 89 s should be at least three times the refresh interval 30 s. [R7]"],
        ),
        ({**SHAKE, "lifetime": "00:01:30"}, []),
        (
            {"authentication": {"mode": "keychain", "keychain": "kc-edge"}, "handshake": True},
            ["error keychain kc-edge does not exist on this device; it has kc-core. Create it first. [keychain]"],
        ),
    ],
)
def test_both_views(view: dict[str, Any], told: list[str]) -> None:
    for where, config in ((f"interface {PORT}", interface(**view)), ("peer 10.77.12.2", peer("10.77.12.2", **view))):
        assert sorted(judged(config)) == sorted(line.replace("WHERE", where) for line in told)


def test_what_the_device_has_counts() -> None:
    text = TEXT.replace(
        "interface GigabitEthernet0/3/8",
        f" mpls rsvp-te authentication cipher %^%#{'x' * 20}%^%#\ninterface GigabitEthernet0/3/8",
    )
    assert judged(interface(handshake=True), text=text) == []
    assert judged(interface(handshake=True), text=text, state="replaced")[0].endswith("[R1]")


def test_a_longer_refresh_interval_is_judged_against_every_lifetime() -> None:
    text = (
        TEXT
        + f"interface Vlanif7\n mpls rsvp-te authentication cipher %^%#{'x' * 20}%^%#\n mpls rsvp-te authentication"
        " lifetime 00:01:40\n"
    )
    assert judged({"timers": {"refresh": 100}}, text=text) == [
        "error interface Vlanif7: lifetime 100 s must be greater than the refresh interval 100 s, else the relationship"
        " is deleted between two refresh messages. [R7]"
    ]
    assert judged({"timers": {"refresh": 1800}}) == []  # nobody is authenticated
    assert judged({"timers": {"refresh": 1800}, **interface(**SHAKE)})[0].startswith(
        f"error interface {PORT}: lifetime 1800 s must"
    )


def test_what_was_wrong_elsewhere_before_does_not_stop_a_task() -> None:
    text = (
        TEXT
        + f"interface Vlanif7\n mpls rsvp-te authentication cipher %^%#{'x' * 20}%^%#\n mpls rsvp-te authentication"
        " lifetime 00:00:20\n"
    )
    assert judged(interface(**SHAKE), text=text) == []


def test_an_unknown_interface() -> None:
    assert judged(interface("GigabitEthernet0/3/77", **SHAKE)) == [
        "error interface GigabitEthernet0/3/77 does not exist on this device; it has GigabitEthernet0/3/7 and "
        "GigabitEthernet0/3/8. [interface]"
    ]
    assert judged(interface("Pos9", **SHAKE)) == ["error interface Pos9 does not exist on this device. [interface]"]


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (
            " mpls rsvp-te\ninterface GigabitEthernet0/3/7",
            (
                "the MPLS view lacks 'mpls rsvp-te': RSVP-TE must be enabled first; configure it or set prerequisites:"
                " add."
            ),
        ),
        (
            " mpls te\n mpls te cspf\n mpls rsvp-te\ninterface GigabitEthernet0/3/7",
            (
                "the MPLS view lacks 'mpls te', 'mpls rsvp-te': RSVP-TE must be enabled first; configure it or set"
                " prerequisites: add."
            ),
        ),
        (
            "mpls\n mpls te\n mpls te cspf\n mpls rsvp-te\ninterface GigabitEthernet0/3/7",
            (
                "the MPLS view lacks 'mpls', 'mpls te', 'mpls rsvp-te': RSVP-TE must be enabled first; configure it or"
                " set prerequisites: add."
            ),
        ),
    ],
)
def test_prerequisites_of_the_mpls_view(gone: str, told: str) -> None:
    text = TEXT.replace(gone, "interface GigabitEthernet0/3/7")
    assert judged(interface(**SHAKE), text=text) == [f"error {told} [prerequisite]"]
    assert judged(interface(**SHAKE), text=text, prerequisites="add") == []
    assert judged({"timers": {"refresh": 40}}, text=text) == []


def test_prerequisites_of_the_interface() -> None:
    told = (
        "error interface GigabitEthernet0/3/8 lacks 'mpls', 'mpls te', 'mpls rsvp-te': RSVP-TE must be enabled there"
        " first; configure it or set prerequisites: add. [prerequisite]"
    )
    assert judged(interface("GigabitEthernet0/3/8", **SHAKE)) == [told]
    assert judged(interface("GigabitEthernet0/3/8", **SHAKE), prerequisites="add") == []


def test_the_lsr_id_is_never_chosen_for_the_user() -> None:
    text = TEXT.replace("mpls lsr-id 10.255.7.1\n", "")
    told = "error 'mpls lsr-id' is not set; choose the device's LSR ID and configure it first. [prerequisite]"
    assert judged(interface(**SHAKE), text=text) == [told]
    assert judged(interface(**SHAKE), text=text, prerequisites="add") == [told]


def test_a_peer_by_lsr_id_needs_cspf() -> None:
    text = TEXT.replace(" mpls te cspf\n", "")
    told = (
        "error peer 10.255.7.4 is on no connected network, so it is taken as an LSR ID, and the MPLS view lacks "
        "'mpls te cspf'; configure it or set prerequisites: add. [prerequisite]"
    )
    assert judged(peer("10.255.7.4", **SHAKE), text=text) == [told]
    assert judged(peer("10.255.7.4", **SHAKE), text=text, prerequisites="add") == []
    assert judged(peer("10.77.12.2", **SHAKE), text=text) == []  # an interface address does not


@pytest.mark.parametrize("own", ["10.255.7.1", "10.77.12.1"])
def test_a_device_is_not_its_own_peer(own: str) -> None:
    assert judged(peer(own, **SHAKE)) == [
        f"error peer {own} is this device's own address; give the neighbour's. [peer]"
    ]


def test_member_links_reorder_messages() -> None:
    told = (
        "warning interface Eth-Trunk20: member links reorder messages; the vendor recommends window_size 32."
        " [window-on-trunk]"
    )
    assert judged(interface("Eth-Trunk20", **SHAKE)) == [told]
    assert judged(interface("Eth-Trunk20", **SHAKE, window_size=32)) == []


@pytest.mark.parametrize("state", ["merged", "overridden", "deleted"])
@pytest.mark.parametrize("model", ["CE6881-48S6CQ", "CE6800"])
def test_boxes_without_rsvp_te_are_refused(state: str, model: str) -> None:
    facts = DeviceFacts("huawei_vrp", "SW", "8.240 (CE6800 V300R023C00)", model, "vrp8")
    assert judged(interface(**SHAKE), state=state, facts=facts) == [
        f"error {model} has no RSVP-TE, so there is nothing to authenticate. [no-rsvp-te]"
    ]


def test_a_bigger_box_of_the_family_is_not() -> None:
    facts = DeviceFacts("huawei_vrp", "SW", "8.180 (CE12800 V200R019C00)", "CE12808", "vrp8")
    assert judged(interface(**SHAKE), facts=facts) == []


def test_deleting_is_always_allowed() -> None:
    assert judged(None, state="deleted") == []
    assert judged(interface("GigabitEthernet0/3/77"), state="deleted") == []
