# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Comware configuration means to IKE: V5 peers and V7 profiles as IkePeer.

A peer takes part when an IPsec policy that names it is applied to an interface with an address, as on the device.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...protocols.ike import Dpd, IkePeer
from .config import ComwareConfig, key_of
from .dialect import Dialect

_ID_TYPES = {"ip": "ip", "name": "fqdn", "user-fqdn": "user-fqdn"}


@dataclass(frozen=True)
class Proposal:
    """An IKE proposal with the defaults of reference 1.3 filled in; ``number`` None is the built-in one."""

    number: int | None = None
    method: str = "pre-share"
    authentication: str = "sha"
    encryption: str = "des-cbc"
    dh: str = "group1"
    duration: int = 86400

    @property
    def words(self) -> str:
        return f"{self.encryption}/{self.authentication}/{self.dh}/{self.method}"


@dataclass(frozen=True)
class Policy:
    """One entry of an IPsec policy that is applied to an interface."""

    name: str
    sequence: int
    interface: str
    address: str  # of that interface
    lines: tuple[str, ...]

    def value(self, prefix: str) -> str | None:
        return next((line[len(prefix) :].strip() for line in self.lines if line.startswith(prefix + " ")), None)


def number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def timers(config: ComwareConfig, dialect: Dialect) -> tuple[int | None, int | None]:
    """Keepalive interval and timeout in seconds."""
    words = "ike sa keepalive-timer" if dialect.v5 else "ike keepalive"
    return number(config.system_value(f"{words} interval")), number(config.system_value(f"{words} timeout"))


def proposals(config: ComwareConfig) -> list[Proposal]:
    """Configured proposals by priority, the built-in one last."""
    found: list[Proposal] = []
    for head, lines in config.views("ike proposal"):
        values = {line.split()[0]: line.split()[1:] for line in lines if len(line.split()) > 1}
        duration = next((int(line.split()[2]) for line in lines if line.startswith("sa duration ")), 86400)
        encryption = values.get("encryption-algorithm", ["des-cbc"])
        if encryption == ["aes-cbc"]:
            encryption = ["aes-cbc", "128"]
        found.append(
            Proposal(
                int(head.split()[2]),
                values.get("authentication-method", ["pre-share"])[0],
                values.get("authentication-algorithm", ["sha"])[0].replace("sha1", "sha"),
                "-".join(encryption),
                values.get("dh", ["group1"])[0],
                duration,
            )
        )
    return [*sorted(found, key=lambda proposal: proposal.number or 0), Proposal()]


def applied_policies(config: ComwareConfig, dialect: Dialect) -> list[Policy]:
    """Entries of IPsec policies on interfaces that have an address and are not shut down."""
    words = "ipsec policy" if dialect.v5 else "ipsec apply policy"
    found: list[Policy] = []
    for head, lines in config.views("interface"):
        name = next((line[len(words) :].strip() for line in lines if line.startswith(words + " ")), None)
        address = next((line.split()[2] for line in lines if re.match(r"ip address \d", line)), None)
        if name is None or address is None or "shutdown" in lines:
            continue
        for policy, children in config.views(f"ipsec policy {name}"):
            parts = policy.split()
            if len(parts) == 5 and parts[4] == "isakmp":
                interface = head.split(None, 1)[1]
                found.append(Policy(name, int(parts[3]), interface, address, tuple(children)))
    return found


def ike_peers(device: str, config: ComwareConfig, dialect: Dialect, device_key: bytes, *, traffic: bool,
              behind_nat: bool) -> list[IkePeer]:  # fmt: skip
    """The peers of one device; ``traffic`` = something always wants to go through the tunnels."""
    read = _v5_peer if dialect.v5 else _v7_peer
    interval, timeout = timers(config, dialect)
    found: list[IkePeer] = []
    for policy in applied_policies(config, dialect):
        values = read(config, policy, device_key)
        if values is None:
            continue
        all_proposals = proposals(config)
        chosen = _chosen(all_proposals, str(values.pop("numbers")))
        specific = values["remote_address"] is not None and values["remote_high"] is None
        found.append(
            IkePeer(
                device=device, initiator=traffic and specific, behind_nat=behind_nat, keepalive_interval=interval,
                keepalive_timeout=timeout, keepalive_tags=dialect.v5, stale_after_change=True,
                proposals=tuple(proposal.words for proposal in chosen),
                responder_proposals=tuple(proposal.words for proposal in all_proposals),
                phase1_lifetime=float(min((proposal.duration for proposal in chosen), default=86400)), **values,
            )
        )  # fmt: skip
    return found


def _chosen(known: list[Proposal], numbers: str) -> list[Proposal]:
    wanted = [int(part) for part in numbers.split()]
    return [proposal for proposal in known if not wanted or proposal.number in wanted]


def _v5_peer(config: ComwareConfig, policy: Policy, device_key: bytes) -> dict[str, Any] | None:
    name = policy.value("ike-peer")
    head = f"ike peer {name}"
    lines = config.view(head)
    if lines is None:
        return None
    id_type = _ID_TYPES.get(config.view_value(head, "id-type") or "ip", "ip")
    remote = [part for part in (config.view_value(head, "remote-address") or "").split() if _is_address(part)]
    own_name = config.view_value(head, "local-name") or config.system_value("ike local-name") or config.sysname
    return {
        "name": name,
        "local_address": config.view_value(head, "local-address") or policy.address,
        "remote_address": remote[0] if remote else None,
        "remote_high": remote[1] if len(remote) > 1 else None,
        "exchange": config.view_value(head, "exchange-mode") or "main",
        "id_type": id_type,
        "local_id": own_name if id_type != "ip" else "",
        "remote_id": (config.view_value(head, "remote-name") or "") if id_type != "ip" else "",
        "psk": next((key_of(line, device_key) for line in lines if line.startswith("pre-shared-key ")), None),
        "nat_traversal": "nat traversal" in lines,
        "dpd": _v5_dpd(config, config.view_value(head, "dpd")),
        "numbers": config.view_value(head, "proposal") or "",
    }


def _v5_dpd(config: ComwareConfig, name: str | None) -> Dpd | None:
    """Defaults 10 and 5 s (reference 1.3); a name that does not exist applies nothing."""
    lines = None if name is None else config.view(f"ike dpd {name}")
    if lines is None:
        return None
    head = f"ike dpd {name}"
    return Dpd(
        float(number(config.view_value(head, "interval-time")) or 10),
        float(number(config.view_value(head, "time-out")) or 5),
    )


def _v7_peer(config: ComwareConfig, policy: Policy, device_key: bytes) -> dict[str, Any] | None:
    name = policy.value("ike-profile")
    head = f"ike profile {name}"
    lines = config.view(head)
    if lines is None:
        return None
    identity = (config.view_value(head, "local-identity") or config.system_value("ike identity") or "address").split()
    id_type = "ip" if identity[0] == "address" else identity[0]
    remote = policy.value("remote-address")
    expected = (config.view_value(head, "match remote identity") or "").split()
    named = len(expected) > 1 and expected[0] in ("fqdn", "user-fqdn")
    own_name = identity[1] if len(identity) > 1 else config.sysname
    return {
        "name": name,
        "local_address": policy.value("local-address") or policy.address,
        "remote_address": remote if remote and _is_address(remote) else None,
        "remote_high": None,
        "exchange": config.view_value(head, "exchange-mode") or "main",
        "id_type": id_type,
        "name_ids_in_main": True,
        "local_id": own_name if id_type != "ip" else "",
        "remote_id": expected[1] if named else "",
        "psk": _v7_key(config, lines, remote, expected[1] if named else "", device_key),
        "nat_traversal": True,  # V7 always negotiates it
        "dpd": _v7_dpd(config.view_value(head, "dpd interval") or config.system_value("ike dpd interval")),
        "numbers": config.view_value(head, "proposal") or "",
    }


def _v7_dpd(value: str | None) -> Dpd | None:
    found = re.match(r"(\d+)(?: retry (\d+))?", value or "")
    return Dpd(float(found[1]), float(found[2] or 5)) if found else None


def _v7_key(config: ComwareConfig, profile: list[str], remote: str | None, name: str, device_key: bytes) -> str | None:
    """The key of the profile's keychains for this address or host name, else their first one."""
    keys = [
        line
        for entry in profile
        if entry.startswith("keychain ")
        for line in config.view(f"ike keychain {entry.split()[1]}") or []
        if line.startswith("pre-shared-key ")
    ]
    fitting = [line for line in keys if _key_fits(line.split(), remote, name)]
    return next((key_of(line, device_key) for line in (*fitting, *keys)), None)


def _key_fits(words: list[str], remote: str | None, name: str) -> bool:
    if words[1] == "hostname":
        return words[2] == name
    if remote is None or words[1] != "address":
        return False
    mask = words[3] if words[3] != "key" else "255.255.255.255"
    try:
        return ipaddress.ip_address(remote) in ipaddress.ip_network(f"{words[2]}/{mask}", strict=False)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def interface_addresses(config: ComwareConfig) -> Iterator[tuple[str, str]]:
    """(interface, its primary address)."""
    for head, lines in config.views("interface"):
        address = next((line.split()[2] for line in lines if re.match(r"ip address \d", line)), None)
        if address is not None:
            yield head.split(None, 1)[1], address
