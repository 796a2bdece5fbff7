# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's jobs as an engineer writes them with nornir and netmiko: WORK HOSTS-FILE THREADS TURN."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from typing import Any

from nornir import InitNornir
from nornir_netmiko.connections import CONNECTION_NAME

SECTION = "show running-config | section ^key chain"
LINES = (
    "send-id 7",
    "recv-id 7",
    "cryptographic-algorithm hmac-sha-1",
    "send-lifetime 00:00:00 Jan 1 2024 infinite",
    "key-string 0 Bench-Key-7",
)
INTERFACE = "GigabitEthernet0/3/7"
RSVP = "display current-configuration | include ^interface |^keychain |mpls|ip address"
SEEN = ("display mpls rsvp-te interface", "display mpls rsvp-te peer", "display mpls rsvp-te statistics global")
PATIENCE, PAUSE = 120, 2
"""Seconds until both ends must have shaken hands, and between two looks: as the guard runs have it."""


def facts(device: Any, turn: str) -> None:
    if "Version" not in device.send_command("show version"):
        raise RuntimeError("no version")
    device.send_command(SECTION)


def unchanged(device: Any, turn: str) -> None:
    have = {line.strip() for line in device.send_command(SECTION).splitlines()}
    missing = [line for line in LINES if line.replace("key-string 0 ", "key-string ") not in have and line not in have]
    if missing:
        raise RuntimeError(f"missing: {missing}")


def change(device: Any, turn: str) -> None:
    chain = f"KC-NORNIR-{turn}"
    if chain in device.send_command(SECTION):
        raise RuntimeError("there already")
    said = device.send_config_set([f"key chain {chain} tcp", "key 7", *LINES], error_pattern=r"% ")
    if chain not in device.send_command("show key chain"):
        raise RuntimeError(said)
    device.save_config()


def guard_unchanged(device: Any, turn: str) -> None:
    device.send_command("display version")
    have = device.send_command(RSVP)
    if "authentication handshake" not in have:
        raise RuntimeError("not configured")
    seen = [device.send_command(command) for command in SEEN]
    if not _shaken(seen[2]):
        raise RuntimeError("not converged")


def guard_change(device: Any, turn: str) -> None:
    device.send_command("display version")
    if "authentication handshake" in device.send_command(RSVP):
        raise RuntimeError("there already")
    for command in SEEN:
        device.send_command(command)
    authentication = f"mpls rsvp-te authentication cipher Bench-Key-{turn}"
    device.send_config_set(
        [f"interface {INTERFACE}", authentication, "mpls rsvp-te authentication handshake"],
        exit_config_mode=False,
        error_pattern="Error:",
    )
    device.commit()
    if "authentication handshake" not in device.send_command(RSVP):
        raise RuntimeError("not there")
    deadline = time.monotonic() + PATIENCE
    while not _shaken([device.send_command(command) for command in SEEN][2]):
        if time.monotonic() > deadline:
            raise RuntimeError("not converged")
        time.sleep(PAUSE)
    device.save_config()


def _shaken(statistics: str) -> bool:
    """A challenge of ours was answered."""
    return bool(re.search(r"RecResponseMsgCounter: +[1-9]", statistics))


WORK: dict[str, Callable[[Any, str], None]] = {
    "facts": facts,
    "unchanged": unchanged,
    "change": change,
    "guard-unchanged": guard_unchanged,
    "guard-change": guard_change,
}


def main(work: str, hosts: str, threads: str, turn: str) -> int:
    """Run it on all hosts; the number of failed ones is told and ends the bench."""
    fleet = InitNornir(
        runner={"plugin": "threaded", "options": {"num_workers": int(threads)}},
        inventory={"plugin": "SimpleInventory", "options": {"host_file": hosts}},
        logging={"enabled": False},
    )

    def task(task: Any) -> None:
        try:
            WORK[work](task.host.get_connection(CONNECTION_NAME, task.nornir.config), turn)
        finally:
            task.host.close_connections()

    results = fleet.run(task)
    for host, result in results.failed_hosts.items():
        print(host, result[0].exception)
    return 1 if results.failed_hosts else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
