# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of NETCONF on IOS XE (reference 6): the published YANG and the hellos published with it."""

from __future__ import annotations

from dataclasses import replace

from ...fidelity import CODE, DOC, GUESS, Known
from ...netconf.fidelity import BASE, CANDIDATE, CONFIRMED, matters, operations, subtrees

_PUBLISHED = DOC.prints(GUESS)
_HELLO = "in published hellos"


def _lisp(router: str) -> dict[str, Known]:
    """The subtrees of ``router lisp`` with and without a number."""
    return {
        f"{router}/service": DOC.prints(GUESS, "roles and map servers; the rest of a service is left out"),
        f"{router}/site": DOC.prints(GUESS, "keys and EIDs; the rest of a site is left out"),
        f"{router}/map-server/session/passive-open": DOC.prints(GUESS, "in models before 17; accepted in all here"),
        f"{router}/tcp/auth-option": DOC.prints(GUESS, "from 17.2.1; the chain need not exist, as published"),
    }


NETCONF = (
    *matters(
        {
            "hello: capabilities": CODE.prints(CODE, "without xpath, notification, interleave and partial-lock"),
            "candidate or writable running, as configured": CODE.prints(GUESS),
            "with-defaults": CODE.prints(GUESS, "announced as explicit; that only what was set comes back is assumed"),
        }
    ),
    *BASE,
    *operations({"commit": replace(CODE, note=_HELLO), "discard-changes": replace(CODE, note=_HELLO)}, CANDIDATE),
    *operations(
        {"commit confirmed": replace(GUESS, note="no published hello has it; a device option"), "cancel-commit": GUESS},
        CONFIRMED,
    ),
    *operations({"save-config": DOC.prints(GUESS, "cisco-ia; the text of the result is assumed")}),
    *subtrees(
        {
            "/native/version": _PUBLISHED,
            "/native/hostname": _PUBLISHED,
            "/native/key/chain/name": _PUBLISHED,
            "/native/key/chain/tcp": _PUBLISHED,
            "/native/key/chain/macsec": _PUBLISHED,
            "/native/key/chain/key/id": DOC.prints(GUESS, "a string in the model; only numbers are taken, as typed"),
            "/native/key/chain/key/cryptographic-algorithm": DOC.prints(GUESS, "in use before 17.4"),
            "/native/key/chain/key/cryptographic-algorithm-choice": DOC.prints(GUESS, "from 17.4.1"),
            "/native/key/chain/key/key-string": DOC.prints(GUESS, "how the key comes back is assumed"),
            "/native/key/chain/key/send-lifetime": _PUBLISHED,
            "/native/key/chain/key/accept-lifetime": _PUBLISHED,
            "/native/key/chain/key/send-id": _PUBLISHED,
            "/native/key/chain/key/recv-id": _PUBLISHED,
            "/native/key/chain/key/include-tcp-options": _PUBLISHED,
            "/native/key/chain/key/accept-ao-mismatch": _PUBLISHED,
            **_lisp("/native/router/lisp"),
            "/native/router/lisp-list/lisp": _PUBLISHED,
            **_lisp("/native/router/lisp-list"),
            "/lisp-state/lisp-routers": DOC.prints(GUESS, "state; some of its leaves"),
        }
    ),
)  # fmt: skip
