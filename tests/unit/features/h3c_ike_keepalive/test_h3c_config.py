# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models to commands of either generation, native text to models, and back."""

from __future__ import annotations

from typing import Any

import pytest
from comware_labs import WORDS, firewall, line
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import DeviceFacts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput, validate
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.states import normal
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.h3c_ike_keepalive.feature import FEATURE
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware.platform import PLATFORM
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.h3c_comware.text import sections

FACTS = {major: DeviceFacts("h3c_comware", dialect=f"comware{major}") for major in (5, 7)}
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "interval": st.integers(20, 28800),
        "timeout": st.integers(20, 28800),
        "nat_interval": st.integers(5, 300).filter(lambda seconds: seconds != 20),
    },
)

pytestmark = pytest.mark.golden


def plan(major: int, before: dict[str, int], after: dict[str, int]) -> Any:
    return PLATFORM.plan(FEATURE.render(before, FACTS[major]), FEATURE.render(after, FACTS[major]))


@pytest.mark.parametrize("major", [5, 7])
def test_everything_from_nothing_and_back(major: int) -> None:
    made = plan(major, {}, {"interval": 20, "timeout": 60, "nat_interval": 10})
    words = WORDS[major]
    assert made.commands == (f"{words['interval']} 20", f"{words['nat_interval']} 10", f"{words['timeout']} 60")
    undone = ("timeout", "interval", "nat_interval") if major == 5 else ("timeout", "nat_interval", "interval")
    assert made.rollback == tuple(f"undo {words[name]}" for name in undone)


@pytest.mark.parametrize("major", [5, 7])
def test_a_new_value_overwrites_without_undo(major: int) -> None:
    made = plan(major, {"interval": 20, "timeout": 60}, {"interval": 30, "timeout": 90})
    assert made.commands == (line(major, "interval", 30), line(major, "timeout", 90))
    assert made.rollback == (line(major, "interval", 20), line(major, "timeout", 60))


@pytest.mark.parametrize("major", [5, 7])
def test_native_text(major: int) -> None:
    text = firewall("a", major, timers={"interval": 20, "timeout": 60, "nat_interval": 10})
    whole = f"#\n version {'5.20, Release 3721' if major == 5 else '7.1.064, Release 9524'}\n{text}"
    for variant in (text, whole, whole.replace("\n", "\r\n")):
        assert FEATURE.parse(variant) == {"interval": 20, "timeout": 60, "nat_interval": 10}
    assert FEATURE.parse(firewall("a", major)) == {}


def test_filtered_lines_of_others_are_not_ours() -> None:
    text = " ike keepalive interval 20\n keepalive 10 3\n peer 1.2.3.4 timer keepalive 60 hold 180\n"
    assert FEATURE.parse(text) == {"interval": 20}
    assert FEATURE.parse(" description ike keepalive interval 99\n ike keepalive-timer interval 200\n") == {}


def test_what_a_pager_left_behind() -> None:
    text = " ike keepalive interval 20\n  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42D ike keepalive timeout 60\n"
    assert FEATURE.parse(text) == {"interval": 20, "timeout": 60}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#\n version 5.20, Release 3721\n#\n sysname A\n#\n ike sa keepalive-timer", "is cut"),
        ("!Software Version V800R012C10\nsysname PE1\n#\nreturn\n", "Huawei VRP"),
        ("Building configuration...\n\nCurrent configuration : 99 bytes\n", "Cisco IOS"),
        ("! Configuration script being generated on FRI\n", "Juniper JunOSe"),
        ("create isakmp policy=x peer=1.2.3.4\n", "AlliedWare"),
    ],
)
def test_cut_and_foreign_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FEATURE.parse(text)


def test_sections_mind_the_separator() -> None:
    text = "#\ninterface X\n ip address 1.1.1.1\n   if-match acl 2000\n#\n ike sa keepalive-timer interval 20\n#\n"
    assert list(sections(text)) == [
        ("interface X", ["ip address 1.1.1.1", "if-match acl 2000"]),
        ("ike sa keepalive-timer interval 20", []),
    ]


@given(MODELS)
def test_parse_gives_back_what_render_wrote(model: dict[str, int]) -> None:
    for facts in FACTS.values():
        assert FEATURE.parse(FEATURE.render(model, facts)) == model
        native = "#\n" + "".join(f" {row}\n" for row in FEATURE.render(model, facts).splitlines()) + "#\nreturn\n"
        assert FEATURE.parse(native) == model


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"interval": 19}, "config.interval: '19' is not allowed; use a whole number from 20 to 28800."),
        ({"timeout": 28801}, "use a whole number from 20 to 28800"),
        ({"nat_interval": 4}, "use a whole number from 5 to 300"),
        ({"interval": "2m"}, "config.interval: '2m' is not allowed"),
        ({"peers": []}, "peers is not an option here; the options are interval, timeout, nat_interval"),
        ([20], "expected a dictionary"),
    ],
)
def test_bad_input_is_named(config: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        validate(FEATURE.schema, config)
    assert words in str(caught.value)


def test_the_default_is_no_value() -> None:
    assert normal(FEATURE.schema, {"interval": 20, "nat_interval": 20}) == {"interval": 20}
