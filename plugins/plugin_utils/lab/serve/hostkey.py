# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys of a lab and the `known_hosts` file with which clients really verify them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .needs import asyncssh
from .state import StateDir, make_private, write_private

_KINDS: tuple[tuple[str, dict[str, int]], ...] = (("ssh-ed25519", {}), ("ssh-rsa", {"key_size": 2048}))
"""Ed25519 is the cheapest signature; RSA is there for clients older than 2014, who never cost the others anything."""

_PLACES_PER_LINE = 200
"""libssh reads lines of at most 8192 octets."""


def host_keys(state: StateDir) -> list[asyncssh.SSHKey]:
    """The keys of a lab, shared by all its devices; made on first use and kept: a restart alarms nobody."""
    return [_load_or_make(state.path / f"host_{kind.removeprefix('ssh-')}_key", kind, args) for kind, args in _KINDS]


def _load_or_make(path: Path, kind: str, args: dict[str, int]) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(path)
    except (OSError, asyncssh.KeyImportError):
        key = asyncssh.generate_private_key(kind, comment="peerguard mock lab", **args)
        write_private(path, key.export_private_key().decode())
        return key


def write_known_hosts(
    state: StateDir, address: str, ports: Mapping[str, Sequence[int]], keys: Iterable[asyncssh.SSHKey]
) -> None:
    """`known_hosts` with all devices for people, and a small file per device for programs.

    paramiko compares each name in a file with all names before it, each time it reads the file: with a thousand
    devices in one file that would cost more than the connection.
    """
    texts = [" ".join(key.export_public_key().decode().split()[:2]) for key in keys]
    make_private(state.path / "known_hosts.d")
    for device, own in ports.items():
        where = ",".join(_place(address, port) for port in own)
        write_private(state.known_hosts_of(device), "".join(f"{where} {text}\n" for text in texts))
    places = [_place(address, port) for own in ports.values() for port in own]
    lines = [
        f"{','.join(places[start : start + _PLACES_PER_LINE])} {text}\n"
        for text in texts
        for start in range(0, len(places), _PLACES_PER_LINE)
    ]
    write_private(state.known_hosts, "".join(lines))


def _place(address: str, port: int) -> str:
    return address if port == 22 else f"[{address}]:{port}"
