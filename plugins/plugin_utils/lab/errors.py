# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that a lab shows to people."""

from __future__ import annotations


class LabError(Exception):
    """A lab cannot be loaded or started; the text is one clear sentence for the person who wrote the lab file."""
