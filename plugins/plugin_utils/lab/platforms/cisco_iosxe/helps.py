# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of ``?`` help (own words)."""

from __future__ import annotations

HELPS = {
    "accept-ao-mismatch": "Accept segments whose MAC does not match",
    "accept-lifetime": "When the key is accepted",
    "archive": "Archive of configurations",
    "authentication-key": "Key shared with the ETRs of this site",
    "clear": "Reset functions",
    "configure": "Enter configuration mode",
    "copy": "Copy from one file to another",
    "cryptographic-algorithm": "Algorithm of the MAC",
    "eid-record": "EID prefix of this site",
    "enable": "Turn on privileged commands",
    "end": "Leave configuration mode",
    "etr": "Egress tunnel router",
    "exit": "Leave the current mode",
    "include-tcp-options": "Put the TCP options under the MAC",
    "interface": "Select an interface to configure",
    "itr": "Ingress tunnel router",
    "key": "Key management",
    "key-string": "Set the key string",
    "lisp": "Locator/ID Separation Protocol",
    "locator-set": "A set of locators",
    "map-resolver": "Map resolver",
    "map-server": "Map server",
    "no": "Negate a command or set its defaults",
    "peer": "Peer that uses TCP-AO",
    "recv-id": "KeyID of incoming segments",
    "reload": "Halt and perform a cold restart",
    "router": "Enable a routing process",
    "running-config": "Current operating configuration",
    "send-id": "KeyID of outgoing segments",
    "send-lifetime": "When the key is used for sending",
    "service": "Services",
    "session": "LISP reliable transport sessions",
    "show": "Show running system information",
    "site": "A LISP site",
    "startup-config": "Contents of the startup configuration",
    "tcp": "TCP",
    "terminal": "Set terminal parameters",
    "version": "System hardware and software status",
    "write": "Write running configuration to memory",
}
