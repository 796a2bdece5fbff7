# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IKE needs to know of an AlliedWare configuration."""

from __future__ import annotations

import ipaddress

from ...protocols.ike import IkePeer
from ...protocols.ike_retry import BackOff
from .config import AwConfig


def ike_peers(device: str, config: AwConfig, waits_after_last: bool = True) -> list[IkePeer]:
    """One peer per ISAKMP policy that an IPsec policy uses, if both modules are enabled."""
    if not (config.enabled("isakmp") and config.enabled("ipsec")):
        return []
    peers = []
    for name in config.policies["isakmp"]:
        user = ipsec_user(config, name)
        local = config.address(config.value("ipsec", user, "interface")) if user else ""
        if user and local:
            peers.append(_peer(device, config, name, user, local, waits_after_last))
    return peers


def ipsec_user(config: AwConfig, name: str) -> str | None:
    """The IPsec policy that negotiates with an ISAKMP policy: by name, else by the peer's address."""
    address = config.value("isakmp", name, "peer")
    by_address = None
    for user in config.policies["ipsec"]:
        if config.value("ipsec", user, "action") != "ipsec" or config.value("ipsec", user, "keymanagement") == "manual":
            continue
        named = config.value("ipsec", user, "isakmppolicy")
        if named == name:
            return user
        if not named and config.value("ipsec", user, "peeraddress") == address:
            by_address = by_address or user
    return by_address


def _peer(device: str, config: AwConfig, name: str, user: str, local: str, waits_after_last: bool) -> IkePeer:
    def value(keyword: str) -> str:
        return config.value("isakmp", name, keyword)

    remote = _address(value("peer"))
    there = _address(config.value("ipsec", user, "peeraddress"))
    key = value("key")
    return IkePeer(
        device=device,
        name=name,
        local_address=local,
        remote_address=remote,
        initiator=remote is not None and there is not None,
        exchange=value("mode"),
        id_type="fqdn" if value("localid") else "ip",
        local_id=value("localid"),
        remote_id=value("remoteid"),
        proposals=(proposal(config, name),),
        psk=config.keys.get(int(key)) if key else None,
        nat_traversal=value("nattraversal") == "true",
        retry=back_off(config, name, waits_after_last, valid=remote is not None and remote == there),
        phase1_lifetime=float(value("expiryseconds")),
    )


def proposal(config: AwConfig, name: str) -> str:
    """The one phase 1 proposal of a policy, in the words that all emulators share."""
    cipher = config.value("isakmp", name, "encalg")
    words = {"des": "des-cbc", "3desouter": "3des-cbc"}.get(cipher, f"aes-cbc-{cipher.removeprefix('aes')}")
    method = "rsa-signature" if config.value("isakmp", name, "authtype") == "rsasig" else "pre-share"
    digest, group = config.value("isakmp", name, "hashalg"), config.value("isakmp", name, "group")
    return f"{words}/{digest}/group{group}/{method}"


def back_off(config: AwConfig, name: str, waits_after_last: bool, *, valid: bool) -> BackOff:
    """The policy's times; ``valid``: a specific peer stands in both policies, else nothing is retried."""
    attempts = config.value("isakmp", name, "retryikeattempts") or "0"
    return BackOff(
        attempts=0 if not valid else None if attempts == "continuous" else int(attempts),
        timeout=int(config.value("isakmp", name, "msgtimeout")),
        limit=int(config.value("isakmp", name, "msgretrylimit")),
        incremental=config.value("isakmp", name, "msgbackoff") == "incremental",
        waits_after_last=waits_after_last,
    )


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
