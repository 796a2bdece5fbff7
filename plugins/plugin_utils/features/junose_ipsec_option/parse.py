# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JunOSe configuration text to model, and what else of it the rules look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ...engine.schema import Model
from ...engine.session import Unsupported
from ...platforms.juniper_junose.text import before_configuration, configuration, entries, listed_routers
from .schema import OPTIONS

_FIELDS = {keyword: name for name, keyword in OPTIONS.items()}
_OPTION = re.compile(r"^(?P<no>no )?ipsec option (?P<keyword>tx-invalid-cookie|dpd|nat-t)$")
_TUNNEL = re.compile(r"^interface tunnel ipsec:(?P<name>\S+)(?: transport-virtual-router (?P<transport>\S+))?")
_TRANSPORT = re.compile(r"\btransport-virtual-router (?P<transport>\S+)")
_REFUSED = re.compile(r"^%", re.MULTILINE)


def parse(text: str) -> Model:
    """The model of a whole configuration, or of a snippet of options.

    Raises ValueError where the text is cut or of another OS, Unsupported where the device has refused
    `show ipsec option` and no option is configured either: such a release does not have them, which is not the same
    as having them off.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in entries(configuration(text)):
        option = _OPTION.match(entry.head)
        if option:
            model = found.setdefault(entry.router, {"virtual_router": entry.router})
            model[_FIELDS[option["keyword"]]] = not option["no"]
    if not found and _REFUSED.search(before_configuration(text)):
        raise Unsupported("this release or hardware does not know the IPsec options: it refused 'show ipsec option'")
    return list(found.values())


@dataclass(frozen=True)
class Tunnel:
    """An IPsec tunnel interface: where its IP interface lives, and through which router its packets go."""

    name: str
    operational: str
    transport: str


@dataclass(frozen=True)
class Surroundings:
    """What rules need to know of the device besides the model."""

    routers: tuple[str, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    transports: frozenset[str] = frozenset()
    options: frozenset[str] = field(default_factory=frozenset)

    def transports_of(self, router: str) -> list[str]:
        """The transport routers of the tunnels that have their IP interface in this router."""
        return list(dict.fromkeys(tunnel.transport for tunnel in self.tunnels if tunnel.operational == router))


def surroundings(text: str) -> Surroundings:
    """The routers of the device, its IPsec tunnels and which routers carry IPsec, from the same text.

    `options` are the fields that any configured line mentions: proof that the release knows them.
    """
    tunnels, transports, options = list[Tunnel](), set[str](), set[str]()
    for entry in entries(configuration(text)):
        tunnel, option, transport = _TUNNEL.match(entry.head), _OPTION.match(entry.head), _TRANSPORT.search(entry.head)
        if tunnel:
            tunnels.append(Tunnel(tunnel["name"], entry.router, tunnel["transport"] or entry.router))
            transports.add(tunnels[-1].transport)
        elif transport:
            transports.add(transport["transport"])
        elif option:
            options.add(_FIELDS[option["keyword"]])
    listed = listed_routers(before_configuration(text))
    return Surroundings(listed, tuple(tunnels), frozenset(transports), frozenset(options))
