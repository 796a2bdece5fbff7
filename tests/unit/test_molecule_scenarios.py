# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role has a molecule scenario, and every scenario all of its sides; "make test-molecule" runs them."""

from __future__ import annotations

import pytest
import yaml
from harness import ROOT

SCENARIOS = ROOT / "extensions" / "molecule"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_converged_verified_and_made_to_fail(role: str) -> None:
    assert (SCENARIOS / role / "molecule.yml").is_file()
    converge, verify, side_effect = (
        (SCENARIOS / role / f"{side}.yml").read_text("utf-8") for side in ("converge", "verify", "side_effect")
    )
    assert f"role: netops.peerguard.{role}\n" in converge
    assert "ansible.builtin.assert" in verify
    assert "must_fail" in side_effect or "is failed" in side_effect


def test_every_scenario_runs_the_whole_sequence() -> None:
    config = yaml.safe_load((SCENARIOS / "config.yml").read_text("utf-8"))
    assert {"converge", "idempotence", "verify", "side_effect"} <= set(config["scenario"]["test_sequence"])
    assert config["shared_state"] is True
    for path in SCENARIOS.glob("*/molecule.yml"):
        changed = yaml.safe_load(path.read_text("utf-8"))
        assert path.parent.name == "default" or "test_sequence" not in changed["scenario"]
