# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as NETCONF reports them (RFC 6241 section 4.3 and appendix A)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .xml import BASE, XML, Node

_RPC_LAYER = frozenset({"malformed-message", "missing-attribute", "unknown-attribute", "bad-attribute"})
_PROTOCOL = frozenset({"lock-denied", "resource-denied", "in-use", "operation-not-supported", "access-denied"})


@dataclass(eq=False)
class RpcError(Exception):
    """One `rpc-error`. `info` are elements of `error-info` by name."""

    tag: str
    message: str
    path: str = ""
    layer: str = ""
    """``error-type``; found from the tag when it is not given."""
    app_tag: str = ""
    info: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        if self.layer:
            return self.layer
        if self.tag in _RPC_LAYER:
            return "rpc"
        return "protocol" if self.tag in _PROTOCOL else "application"

    def to_node(self) -> Node:
        node = Node(BASE, "rpc-error")
        node.new("error-type", self.type)
        node.new("error-tag", self.tag)
        node.new("error-severity", "error")
        if self.app_tag:
            node.new("error-app-tag", self.app_tag)
        if self.path:
            node.new("error-path", self.path)
        node.new("error-message", self.message).attributes[XML, "lang"] = "en"
        if self.info:
            info = node.new("error-info")
            for name, text in self.info.items():
                info.new(name, text)
        return node


class RpcErrors(Exception):
    """Several errors of one request."""

    def __init__(self, errors: list[RpcError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors
