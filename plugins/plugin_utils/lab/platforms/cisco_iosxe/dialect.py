# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between IOS XE releases, read from the release number (reference sections 1, 3 and 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_VERSION = "17.9.4a"
DEFAULT_MODEL = "C8500-12X"


@dataclass(frozen=True)
class Dialect:
    """Traits of a release. The prompts vary between pages of one and the same manual, so they are options."""

    ao: bool = True  # tcp auth-option under router lisp: 17.2.1 and later
    accept_ao_mismatch: bool = True  # 16.12.1 and later
    rtt: bool = True  # RTT(ms) column and "Session RTT:" line
    auth_label: str = "Auth Type:"
    auth_none: bool = True  # whether sessions without AO show "Auth Type: None " at all
    ao_prompt: str = "config-router-lisp-tcp-ao"
    chain_prompt: str = "config-keychain-tcp"
    key_prompt: str = "config-keychain-tcp-key"
    service_prompt: str = "config-lisp-srv"
    old_map_server: bool = False  # "map-server A key K" in the service, as one page of the manual has it
    lisp_fall_through: bool = False


def release(version: str) -> tuple[int, ...]:
    """``17.9.4a`` as (17, 9, 4)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def dialect_of(version: str, options: dict[str, object]) -> Dialect:
    """The traits of a release, with device options over them.

    Options: ``session_layout`` new|old, ``auth_type`` Type|type, ``ao_prompt`` tcp-ao|tcp-auth-option,
    ``keychain_prompt`` tcp|plain, ``service_prompt`` lisp-srv|router-lisp-serv, ``doc_map_server`` bool,
    ``lisp_fall_through`` bool.
    """
    number = release(version)
    documented = number < (17, 4)  # the page that shows "Auth type:" was written for 17.2
    layout = str(options.get("session_layout", "old" if documented else "new"))
    auth = str(options.get("auth_type", "type" if documented else "Type"))
    plain = options.get("keychain_prompt", "tcp") == "plain"
    return Dialect(
        ao=number >= (17, 2, 1),
        accept_ao_mismatch=number >= (16, 12, 1),
        rtt=layout == "new",
        auth_label=f"Auth {auth}:",
        auth_none=auth == "Type",
        ao_prompt=f"config-router-lisp-{options.get('ao_prompt', 'tcp-ao')}",
        chain_prompt="config-keychain" if plain else "config-keychain-tcp",
        key_prompt="config-keychain-key" if plain else "config-keychain-tcp-key",
        service_prompt=f"config-{options.get('service_prompt', 'lisp-srv')}",
        old_map_server=bool(options.get("doc_map_server", False)),
        lisp_fall_through=bool(options.get("lisp_fall_through", False)),
    )
