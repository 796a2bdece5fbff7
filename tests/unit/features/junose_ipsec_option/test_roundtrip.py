# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round trips: text and model, plan and device, there and back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inprocess import Bench
from junose_labs import ENABLE, ROUTERS, edge_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import PushReport

FEATURE = registry.feature("junose_ipsec_option")
PLAN = registry.platform("juniper_junose").plan


def models(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Canonical models: defaults left out, so every entry says something."""
    entry = st.fixed_dictionaries(
        {"virtual_router": names},
        optional={"tx_invalid_cookie": st.just(True), "dpd": st.just(True), "nat_t": st.just(False)},
    )
    entries = st.lists(entry, unique_by=lambda one: one["virtual_router"], max_size=5)
    return entries.map(lambda found: states.normal(FEATURE.schema, found))


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,14}(:[a-z]{1,5})?", fullmatch=True)
ON_DEVICE = models(st.sampled_from(ROUTERS))


@given(models(NAMES).filter(bool))
def test_parse_of_render(model: list[dict[str, Any]]) -> None:
    assert states.normal(FEATURE.schema, FEATURE.parse(FEATURE.render(model))) == model


@pytest.fixture(scope="module")
def bench() -> Bench:
    made = Bench(Path(tempfile.mkdtemp()), edge_lab())
    made.enable_password = ENABLE
    return made


@settings(max_examples=25)
@given(a=ON_DEVICE, b=ON_DEVICE)
def test_plan_leads_there_and_rollback_back(bench: Bench, a: list[Any], b: list[Any]) -> None:
    session = bench.session("edge7")

    def have() -> Any:
        text = "".join(session.run(FEATURE.read(session.facts)))
        return states.normal(FEATURE.schema, FEATURE.parse(text))

    def push(one: Any, other: Any) -> str:
        session.push(PLAN(FEATURE.render(one), FEATURE.render(other)), None, PushReport())
        assert have() == other
        return str(bench.world.devices["edge7"].running)

    first = push(have(), a)
    push(a, b)
    plan = PLAN(FEATURE.render(a), FEATURE.render(b))
    back = type(plan)(commands=plan.rollback)
    session.push(back, None, PushReport())
    assert have() == a
    assert bench.world.devices["edge7"].running == first
    assert bench.world.devices["edge7"].config.routers() == list(ROUTERS)
    session.close()
