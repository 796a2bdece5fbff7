# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's values as plain Python data."""

from __future__ import annotations

import typing as t


def plain(value: t.Any) -> t.Any:
    """Ansible's tagged and lazy values, which are subclasses of Python's own, as plain Python data."""
    if isinstance(value, str):
        return str.__str__(str(value))
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, t.Mapping):
        return plain(dict(value))
    return int(value) if isinstance(value, int) else value
