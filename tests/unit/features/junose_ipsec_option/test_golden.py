# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model to configuration text and to typed lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.task import Runner

FEATURE = registry.feature("junose_ipsec_option")
PLAN = registry.platform("juniper_junose").plan

MODEL = [
    {"virtual_router": "default", "tx_invalid_cookie": True, "dpd": True},
    {"virtual_router": "vrBlue", "nat_t": False},
]
TEXT = """virtual-router default
!
ipsec option tx-invalid-cookie
ipsec option dpd
!
virtual-router vrBlue
!
no ipsec option nat-t
!
"""


@pytest.mark.golden
def test_text() -> None:
    assert FEATURE.render(MODEL) == TEXT
    assert FEATURE.render([]) == ""


@pytest.mark.golden
def test_typed_lines_select_in_exec_mode_and_configure_after_that() -> None:
    plan = PLAN("", TEXT)
    assert plan.commands == (
        "virtual-router default",
        "configure terminal",
        "ipsec option tx-invalid-cookie",
        "ipsec option dpd",
        "end",
        "virtual-router vrBlue",
        "configure terminal",
        "no ipsec option nat-t",
        "end",
    )
    assert plan.rollback == (
        "virtual-router default",
        "configure terminal",
        "no ipsec option tx-invalid-cookie",
        "no ipsec option dpd",
        "end",
        "virtual-router vrBlue",
        "configure terminal",
        "ipsec option nat-t",
        "end",
    )


def test_a_router_without_a_difference_is_not_entered() -> None:
    after = TEXT.replace("ipsec option dpd\n", "")
    assert PLAN(TEXT, after).commands == ("virtual-router default", "configure terminal", "no ipsec option dpd", "end")
    assert not PLAN(TEXT, TEXT)


def offline(**args: object) -> dict[str, object]:
    def never(_book: object) -> object:
        raise AssertionError("no device is needed")

    return Runner(FEATURE, PLAN, never, host="none", base_folder=Path()).run(args)  # type: ignore[arg-type]


def test_rendered_leaves_defaults_out() -> None:
    entry = {"virtual_router": "default", "tx_invalid_cookie": True, "dpd": False, "nat_t": True}
    rendered = offline(state="rendered", config=[entry])["rendered"]
    assert rendered == "virtual-router default\n!\nipsec option tx-invalid-cookie\n!\n"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ([], "the list is empty"),
        ([{"tx_invalid_cookie": True}], "virtual_router is missing"),
        ([{"virtual_router": "a b", "dpd": True}], "use the name of a virtual router"),
        ([{"virtual_router": "", "dpd": True}], "use the name of a virtual router"),
        ([{"virtual_router": "default"}, {"virtual_router": "default"}], "is given twice"),
        ([{"virtual_router": "default", "dpd": "maybe"}], "use true or false"),
        ([{"virtual_router": "default", "dpdd": True}], "dpdd is not an option here"),
    ],
)
def test_bad_input_is_one_clear_sentence(config: object, words: str) -> None:
    result = offline(state="rendered", config=config)
    assert result["failed"]
    assert words in str(result["msg"])
