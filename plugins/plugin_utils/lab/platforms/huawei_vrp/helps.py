# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of ``?`` help (own words)."""

from __future__ import annotations

HELPS = {
    "abort": "Abort the trial configuration",
    "authentication": "RSVP authentication",
    "challenge-lost": "Number of challenge messages that may stay unanswered",
    "cipher": "Key shown as cipher text",
    "clear": "Clear",
    "commit": "Commit the configuration",
    "configuration": "Configuration",
    "current-configuration": "Current configuration",
    "display": "Display information",
    "handshake": "Handshake with the neighbor",
    "interface": "Specify an interface",
    "keep-multiplier": "Refreshes that may be lost before a state expires",
    "keychain": "Keychain",
    "lifetime": "Lifetime of an authentication relationship",
    "lsr-id": "LSR ID",
    "mpls": "MPLS",
    "peer": "RSVP-TE neighbor",
    "plain": "Key shown in clear",
    "quit": "Exit from the current view",
    "refresh": "Refresh interval",
    "reset": "Reset",
    "return": "Return to the user view",
    "rollback": "Roll back the configuration",
    "rsvp-te": "RSVP-TE",
    "save": "Save the current configuration",
    "screen-length": "Lines per screen",
    "statistics": "Statistics",
    "system-view": "Enter the system view",
    "te": "Traffic engineering",
    "this": "Configuration of the current view",
    "timer": "Timer",
    "trial": "Commit on trial",
    "undo": "Remove a setting or restore its default",
    "version": "Software version",
    "window-size": "Number of messages that may arrive out of order",
}
