# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of ``?`` help (own words)."""

from __future__ import annotations

HELPS = {
    "current-configuration": "Current configuration",
    "display": "Display information",
    "dpd": "Dead peer detection",
    "ike": "Internet Key Exchange",
    "interface": "Specify an interface",
    "interval": "Interval between keepalive packets",
    "ipsec": "IP Security",
    "keepalive": "IKE SA keepalive",
    "keepalive-timer": "IKE SA keepalive timer",
    "nat-keepalive": "NAT keepalive",
    "nat-keepalive-timer": "NAT keepalive timer",
    "peer": "IKE peer",
    "policy": "IPsec policy",
    "proposal": "IKE proposal",
    "quit": "Exit from the current view",
    "reset": "Clear",
    "return": "Return to the user view",
    "sa": "Security association",
    "save": "Save the current configuration",
    "screen-length": "Lines per screen",
    "system-view": "Enter the system view",
    "timeout": "Time to wait for a keepalive packet",
    "undo": "Remove a setting or restore its default",
    "version": "Software version",
}
