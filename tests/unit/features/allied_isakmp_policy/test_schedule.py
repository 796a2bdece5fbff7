# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The retransmission schedule: the vendor's numbers, and that product and lab, which share no code, agree on them."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.features.allied_isakmp_policy import schedule
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.protocols.ike_retry import BackOff

DEFAULTS = (4, 12, 28, 52, 84, 124, 172, 228)
"""Release Note 2.8.1 p. 170 f.: gaps of 4, 8, 16, 24, 32, 40, 48 and 56 seconds."""


def test_the_vendors_numbers():
    assert schedule.copies() == DEFAULTS
    assert [later - earlier for earlier, later in pairwise((0, *DEFAULTS))] == [4, 8, 16, 24, 32, 40, 48, 56]
    assert tuple(accumulate(BackOff().gaps()))[:-1] == DEFAULTS


def test_no_ninth_copy():
    assert len(schedule.copies()) == 8
    assert len(BackOff().gaps()) == 9  # eight copies, and the wait that ends the exchange


@pytest.mark.parametrize(("timeout", "last"), [(1, 57), (2, 114), (10, 570), (20, 1140)])
def test_other_timeouts(timeout, last):
    assert schedule.copies(timeout)[-1] == last


def test_without_back_off_every_gap_is_the_timeout():
    assert schedule.copies(4, 8, "none") == (4, 8, 12, 16, 20, 24, 28, 32)


def test_no_copies_at_all():
    assert schedule.copies(4, 0) == ()
    assert schedule.exchange_time(4, 0) == (0, 4)
    assert list(BackOff(limit=0).gaps()) == [4]


def test_exchange_and_worst_case():
    assert schedule.exchange_time() == (228, 292)
    assert schedule.worst_case(0) == (228, 292)
    assert schedule.worst_case(3) == (912, 1168)
    assert schedule.worst_case("continuous") is None


@given(st.integers(1, 86400), st.integers(0, 40), st.booleans())
def test_product_and_lab_agree(timeout, limit, incremental):
    word = "incremental" if incremental else "none"
    lab = tuple(accumulate(BackOff(None, timeout, limit, incremental).gaps()))
    assert schedule.copies(timeout, limit, word) == lab[:-1]
    assert schedule.exchange_time(timeout, limit, word)[1] == lab[-1]


@given(st.integers(1, 1000), st.integers(1, 40))
def test_closed_form(timeout, limit):
    assert schedule.copies(timeout, limit) == tuple(timeout * (1 + n * (n - 1)) for n in range(1, limit + 1))
