# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt ends an answer only where the device's own name stands in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.base import AnswerEnd

NAMES = st.text("aR1-._+/", min_size=1, max_size=4)
PIECES = (
    "<",
    ">",
    "[",
    "]",
    "[~",
    "[*",
    "HRP_M",
    "(config)",
    "(config-if)",
    ":vr1",
    "#",
    " ",
    "-",
    "Manager ",
    "SecOff ",
)


@pytest.mark.parametrize("platform", registry.platforms())
@given(data=st.data())
def test_a_name_ends_what_an_expression_with_that_name_would(platform: str, data: st.DataObject) -> None:
    session = registry.platform(platform).session(None, SecretBook())  # type: ignore[arg-type]
    name = data.draw(NAMES)
    pieces = st.sampled_from((*PIECES, name, name[0])) | st.text("aR1-.\n", max_size=2)
    text = "\n" + "".join(data.draw(st.lists(pieces, max_size=7)))
    session.hostname = name
    ending = session._ending_for(())
    literal = re.compile(rf"(?:{session.prompt.replace('{host}', re.escape(name))})\Z", re.MULTILINE)
    start, end = text.rfind("\n"), data.draw(st.integers(0, len(text)))
    assert bool(ending.search(text, start)) == bool(literal.search(text, start))
    assert bool(ending.search(text, 0, end)) == bool(literal.search(text, 0, end))


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("HRP_M<M>", True),  # the name stands twice, and only the second is the name
        ("<MM>", False),
        ("[M-M]", True),
        ("<other>", False),
    ],
)
def test_a_name_may_stand_elsewhere_too(line: str, ends: bool) -> None:
    session = registry.platform("huawei_vrp").session(None, SecretBook())  # type: ignore[arg-type]
    session.hostname = "M"
    ending = session._ending_for(())
    assert isinstance(ending, AnswerEnd)
    assert bool(ending.search(f"<M>display this\n{line}")) == ends
