# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of NETCONF on VRP (reference 6): the published YANG and the manual of the NE40E."""

from __future__ import annotations

from dataclasses import replace

from ...fidelity import DOC, GUESS
from ...netconf.fidelity import BASE, CANDIDATE, CONFIRMED, STARTUP, matters, operations, subtrees

_STATE = DOC.prints(GUESS, "state; when the device counts what is assumed")
_AUTHENTICATION = DOC.prints(
    GUESS, "leaves, ranges and conditions as published; that the key comes back ciphered is assumed"
)
_SURROUNDINGS = DOC.prints(GUESS, "a condition of the authentication; what else the device lists there is left out")
_WHERE_ASSUMED = GUESS.prints(GUESS, "named by conditions of the model; where the device lists them is assumed")

NETCONF = (
    *matters(
        {
            "hello: capabilities": DOC.prints(DOC, "without url, xpath, notification and interleave"),
            "a candidate for each session": DOC,
            "with-defaults": DOC.prints(GUESS, "announced as report-all; that all defaults come back is assumed"),
            "a lock holds for the command line too": GUESS.prints(GUESS),
            "the subsystem on the port of the command line": DOC,
        }
    ),
    *BASE,
    *operations({"copy-config running startup": replace(DOC, note="saves")}, STARTUP),
    *operations({"commit": DOC, "discard-changes": DOC}, CANDIDATE),
    *operations({"commit confirmed": DOC, "cancel-commit": DOC}, CONFIRMED),
    *subtrees(
        {
            "/network-instance/instances/instance/name": DOC.prints(GUESS, "only _public_"),
            "/network-instance/instances/instance/mpls/common/mpls-interfaces": _WHERE_ASSUMED,
            "/network-instance/instances/instance/mpls/te/rsvp-interfaces/rsvp-interface/name": DOC.prints(GUESS),
            "/network-instance/instances/instance/mpls/te/rsvp-interfaces/rsvp-interface/authentication":
                _AUTHENTICATION,
            "/network-instance/instances/instance/mpls/te/rsvp-interfaces/rsvp-interface/statistics": _STATE,
            "/network-instance/instances/instance/te/interfaces": _SURROUNDINGS,
            "/ifm/interfaces": _SURROUNDINGS,
            "/mpls/common/global/mpls-enable": _SURROUNDINGS,
            "/mpls/common/lsr-id": GUESS.prints(GUESS),
            "/mpls/te/enable": _SURROUNDINGS,
            "/mpls/te/rsvp/enable": _SURROUNDINGS,
            "/mpls/te/rsvp/global": DOC.prints(GUESS, "ranges and defaults as published"),
            "/mpls/te/rsvp/neighbors/neighbor/peer-ip-address": DOC.prints(GUESS),
            "/mpls/te/rsvp/neighbors/neighbor/authentication": _AUTHENTICATION,
            "/mpls/te/rsvp/statistics": _STATE,
            "/mpls/te/rsvp/peer-infos": _STATE,
            "/keychain/keychains": _WHERE_ASSUMED,
        }
    ),
)  # fmt: skip
