# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor page's rules on one device, and what converged means."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts, Seen
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive import rules
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive.observe import (
    unmet,
    unsettled,
)

FACTS = {major: DeviceFacts("h3c_comware", dialect=f"comware{major}", version=str(major)) for major in (5, 7)}


def judged(
    target: dict[str, int], text: str = "", major: int = 5, stable_for: float | None = None, **options: Any
) -> list[tuple[str, str]]:
    found = rules.judge(target, Intent(target, "merged", options, stable_for), Seen(FACTS[major], text))
    return [(violation.rule.split("/")[1], violation.severity) for violation in found]


def peer(*lines: str) -> str:
    return "#\nike peer p1\n" + "".join(f" {line}\n" for line in lines) + "#\n"


NAMED = ("exchange-mode aggressive", "id-type name", "remote-address 203.0.113.9")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (peer("remote-address 203.0.113.9"), []),
        (peer(), [("R8", "warning")]),
        (peer("remote-address gw.example.net dynamic"), [("R8", "warning")]),
        (peer("exchange-mode aggressive"), []),
        (peer("id-type name", "remote-address 203.0.113.9"), [("R9", "warning")]),
        (peer(*NAMED), []),
        (peer("remote-address 203.0.113.9", "dpd d1"), [("R15", "warning")]),
        (peer("remote-address 203.0.113.9", "dpd d1") + "ike dpd d1\n#\n", []),
        (peer(*NAMED, "remote-name me@example.net"), [("R17", "warning")]),
        (peer("exchange-mode aggressive", "id-type user-fqdn", "remote-name fw-b"), [("R17", "warning")]),
        ("                ^\n % Unrecognized command found at '^' position.\n", []),
    ],
)
def test_peers_of_one_v5_device(text: str, found: list[tuple[str, str]]) -> None:
    assert judged({"interval": 20}, text) == found


def test_timers_of_one_device() -> None:
    assert judged({"timeout": 20}) == [("R6", "warning")]
    assert judged({"timeout": 21}) == []
    assert judged({}, comware=7) == [("generation", "error")]
    assert judged({}, comware=5) == []
    v7 = " ike dpd interval 30 on-demand\n"
    assert judged({"timeout": 60}, v7, 7) == [("dpd", "warning")]
    assert judged({"nat_interval": 10}, v7, 7) == []


@pytest.mark.parametrize(
    ("target", "stable_for", "found"),
    [
        ({"timeout": 60}, None, []),
        ({"timeout": 60}, 0, [("proof", "warning")]),
        ({"timeout": 60}, 60, [("proof", "warning")]),
        ({"timeout": 60}, 61, []),
        ({"interval": 20}, 0, []),
    ],
)
def test_a_look_that_is_too_short_to_prove_anything(
    target: dict[str, int], stable_for: float | None, found: list[tuple[str, str]]
) -> None:
    assert judged(target, stable_for=stable_for) == found


# -- convergence ---------------------------------------------------------------------------------------------------


def seen(*rows: tuple[int, str, str]) -> dict[str, Any]:
    return {
        "ike_sas": [
            {"connection_id": number, "remote": remote, "flags": flags.split("|"), "phase": 1}
            for number, remote, flags in rows
        ]
    }


def kinds(now: dict[str, Any], before: dict[str, Any] | None = None, reset: bool = False) -> list[str]:
    return [entry.kind for entry in unmet({"_reset": reset}, now, before)]


def test_what_converged_means() -> None:
    good = seen((41, "x", "RD|ST"))
    assert kinds(good) == []
    assert kinds(seen()) == ["no_traffic"]
    assert kinds(seen((41, "x", "RD|ST|TO"))) == ["unmet"]
    assert kinds(seen((41, "x", "RD|TO|ST"))) == ["unmet"]
    assert kinds(seen((41, "x", "RD|RL"))) == ["unmet"]
    assert kinds(seen((41, "x", "RD|RL"), (57, "x", "RD"))) == []
    assert kinds(seen((41, "x", "RD|FD"))) == []
    assert kinds(seen((41, "x", "Unknown"))) == ["in_progress"]
    assert kinds(seen(), good) == ["unmet"]
    assert kinds(seen(), good, reset=True) == ["no_traffic"]
    assert kinds(seen((1, "y", "RD")), good) == ["unmet"]


def test_what_stayed() -> None:
    good = seen((41, "x", "RD|ST"))
    assert list(unsettled(good, good)) == []
    assert list(unsettled(seen(), good)) == []
    for later in (seen((57, "x", "RD")), seen()):
        (entry,) = unsettled(good, later)
        assert "connection 41" in entry.expected
    assert list(unsettled(good, seen((41, "x", "RD|TO")))) == []  # that is unmet itself


def test_computed() -> None:
    assert rules.computed({"timeout": 60}) == {"first_expiry": 60, "second_expiry": 120, "proof_needs_stable_for": 61}
    assert rules.computed({"interval": 20}) == {}
