# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planner for XML: which operation stands on which element."""

from __future__ import annotations

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import Secret, SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.xmlplan import (
    WHOLE,
    Shape,
    XmlPlanner,
    entry,
    way,
)

PLAN = XmlPlanner(
    way(
        {
            "top": way(
                {
                    "item": entry({"time": WHOLE, "key": entry({}, "id")}, "name"),
                    "auth": Shape(pivot="type"),
                    "place": way({"auth": WHOLE}, "name"),
                }
            )
        }
    )
)


def top(text: str) -> str:
    return f'<top xmlns="urn:t">{text}</top>'


def edit(before: str, after: str) -> str:
    """The edit in one line, without what is around it."""
    lines = "".join(line.strip() for line in PLAN(top(before), top(after)).commands)
    return lines.partition('<top xmlns="urn:t">')[2].rpartition("</top>")[0]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("<a>1</a>", "<a>1</a>", ""),
        ("<a>1</a>", "<a>2</a>", "<a>2</a>"),
        ("<a>1</a>", "", '<a nc:operation="remove">1</a>'),
        ("", "<a/>", "<a/>"),
        (
            "<item><name>x</name><v>1</v></item>",
            "<item><name>x</name><v>2</v></item>",
            "<item><name>x</name><v>2</v></item>",
        ),
        ("<item><name>x</name><v>1</v></item>", "", '<item nc:operation="remove"><name>x</name></item>'),
        (
            "<item><name>x</name><key><id>1</id></key></item>",
            "<item><name>x</name><key><id>2</id></key></item>",
            '<item><name>x</name><key nc:operation="remove"><id>1</id></key><key><id>2</id></key></item>',
        ),
        (
            "<item><name>x</name><time><d>1</d><m>1</m></time></item>",
            "<item><name>x</name><time><d>2</d><m>1</m></time></item>",
            '<item><name>x</name><time nc:operation="replace"><d>2</d><m>1</m></time></item>',
        ),
        # The leaf that decides on the others: all anew when it changes, only the difference when it does not.
        (
            "<auth><type>a</type><k>1</k></auth>",
            "<auth><type>b</type><l>1</l></auth>",
            '<auth nc:operation="replace"><type>b</type><l>1</l></auth>',
        ),
        ("<auth><type>a</type><k>1</k></auth>", "<auth><type>a</type><k>2</k></auth>", "<auth><k>2</k></auth>"),
        # A place is entered, and stays when nothing of ours is left in it.
        (
            "<place><name>p</name><auth><k>1</k></auth></place>",
            "",
            '<place><name>p</name><auth nc:operation="remove"/></place>',
        ),
        ("", "<place><name>p</name></place>", ""),
    ],
)
def test_operations(before: str, after: str, expected: str) -> None:
    assert edit(before, after) == expected


def test_fragments_of_several_features_become_one_tree() -> None:
    one, two = top("<item><name>x</name></item>"), top("<item><name>y</name></item>")
    assert "".join(PLAN("", one + two).commands).count("<top") == 1
    assert PLAN(one, one + one).commands == ()


def test_the_value_of_a_secret_is_not_needed_to_remove_it() -> None:
    seal = SecretBook().seal(Secret("Some-Key"))
    assert edit(f"<k>{seal}</k>", "") == '<k nc:operation="remove"/>'
