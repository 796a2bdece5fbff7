# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The show commands of the AlliedWare emulator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ...protocols.ike import Exchange, Ike, Sa, Tunnel
from ...protocols.ike_retry import BackOff, IkeRetry
from .ike_view import ipsec_user

if TYPE_CHECKING:
    from .device import AwDevice

_RULE = "-" * 79
_BOOLEANS = {"true": "TRUE", "false": "FALSE"}


def _detail(title: str, rows: list[tuple[str, object]]) -> str:
    lines = "".join(f"  {label} {'.' * max(2, 37 - len(label))} {value}\n" for label, value in rows)
    return f"\n{title}\n{lines}"


def system(device: AwDevice) -> str:
    """``show system``: the version line and the board row are known, the rest is assumed."""
    now = time.strftime("Date %d-%b-%Y Time %H:%M:%S", time.gmtime(device.world.time))
    up = int(device.world.time - device.booted_at)
    serial = f"{device.number('serial', 27):09d}"
    return (
        f"\nSwitch System Status{now:>58}\n"
        "Board       ID  Bay Board Name                       Rev   Serial number\n"
        f"{_RULE}\n"
        f"Base       198      {device.model:<32} M2-0  {serial}\n"
        f"{_RULE}\n"
        "Memory -   DRAM :  65536 kB   FLASH :  15872 kB\n"
        f"{_RULE}\n"
        "SysDescription\n"
        f"Allied Telesis {device.model} version {device.os_version} 12-Jul-2006\n"
        f"SysName\n{device.hostname}\n"
        f"SysUpTime\n{up * 100} ( {up // 3600:02d}:{up // 60 % 60:02d}:{up % 60:02d} )\n"
        f"Software Version: {device.os_version} 12-Jul-2006\n"
        f"Security Mode: {'Enabled' if device.security_mode else 'Disabled'}\n"
    )


# -- ISAKMP -----------------------------------------------------------------------------------------------------------


def _back_off_word(text: str) -> str:
    return text.capitalize()


def policies(device: AwDevice, name: str | None) -> str | None:
    config = device.config
    if name is not None:
        return _policy(device, name) if name in config.policies["isakmp"] else None
    columns = (("peer", 17), ("mode", 9), ("authtype", 12), ("encalg", 10), ("hashalg", 0))
    rows = "".join(f"{entry:<20} {_columns(device, 'isakmp', entry, columns)}\n" for entry in config.policies["isakmp"])
    head = "Name                 PeerAddress      Mode     AuthType    EncAlg    HashAlg"
    return f"\nISAKMP Policies\n\n{head}\n{_RULE}\n{rows}"


def _columns(device: AwDevice, module: str, name: str, columns: tuple[tuple[str, int], ...]) -> str:
    """Values in force, each in a column of its width; modes are cut to four letters."""
    said = ""
    for keyword, width in columns:
        value = device.config.value(module, name, keyword) or "-"
        value = value if keyword == "interface" else value.upper()
        said += f"{value[:4] if keyword == 'mode' else value:<{width}}"
    return said.rstrip()


def _policy(device: AwDevice, name: str) -> str:
    def value(keyword: str) -> str:
        text = device.config.value("isakmp", name, keyword)
        return _BOOLEANS.get(text, text.upper()) or "-"

    plain = device.config.value("isakmp", name, "peer")
    rows: list[tuple[str, object]] = [
        ("Name", name),
        ("Peer Address", plain.upper() if plain == "any" else plain),
        ("Source Interface", device.config.value("isakmp", name, "srcinterface") or "-"),
        ("Mode", value("mode")),
        ("Authentication Type", value("authtype")),
        ("Extended Authentication", value("xauth")),
        ("Shared Key Id", value("key")),
        ("Group", value("group")),
        ("Encryption Algorithm", value("encalg")),
        ("Hash Algorithm", value("hashalg")),
        ("Expiry Kbytes", value("expirykbytes")),
        ("Expiry Seconds", value("expiryseconds")),
        ("Phase2 Exchange Limit", value("phase2xchglimit")),
        ("Prenegotiate", value("prenegotiate")),
        ("Send Notify Messages", value("sendnotify")),
        ("Send Deletes", value("senddeletes")),
        ("Always Send ID", value("sendidalways")),
        ("Set Commit Bit", value("setcommitbit")),
        ("Message Retry Limit", value("msgretrylimit")),
        ("Initial Message Retry Timeout (s)", value("msgtimeout")),
        ("Exchange Delete Delay (s)", value("deletedelay")),
        ("DPD Mode", value("dpdmode")),
        ("Heartbeat Mode", value("heartbeatmode")),
        ("NAT Traversal", value("nattraversal")),
    ]
    if not device.before_281:
        rows.insert(20, ("Message Back-off", _back_off_word(value("msgbackoff"))))
        rows.insert(22, ("Retry IKE Attempts", value("retryikeattempts").capitalize()))
    return _detail("ISAKMP Policy", rows)


def _running(device: AwDevice) -> Iterator[tuple[Tunnel, int, Exchange]]:
    for tunnel, index in device.world.protocol(Ike).tunnels(device):
        exchange = tunnel.ends[index].exchange
        if exchange is not None:
            yield tunnel, index, exchange


def _state(exchange: Exchange) -> str:
    if exchange.phase == 2:
        return "WAIT_HASH_SA_NONCE"
    return "SAKESENT" if exchange.mode == "aggressive" else "SASENT"


def _type(exchange: Exchange) -> str:
    return "QUICK" if exchange.phase == 2 else exchange.mode.upper()


def exchanges(device: AwDevice, number: str | None) -> str | None:
    found = list(_running(device))
    if number is not None:
        return next((_exchange(device, *entry) for entry in found if str(entry[2].id) == number), None)
    rows = "".join(
        f"{exchange.id:>5}  {exchange.phase:<5}  {_state(exchange):<18} {tunnel.ends[index].remote:<17} "
        f"{_type(exchange)}\n"
        for tunnel, index, exchange in found
    )
    head = "   Id  Phase  State              PeerAddress       Type"
    return f"\nISAKMP Exchanges\n\n{head}\n{_RULE}\n{rows}"


def _exchange(device: AwDevice, tunnel: Tunnel, index: int, exchange: Exchange) -> str:
    end = tunnel.ends[index]
    retry = end.peer.retry if end.peer is not None and isinstance(end.peer.retry, BackOff) else BackOff()
    copies = exchange.sent - 1
    cookie = device.world.protocol(Ike).numbers(f"{device.name}/exchange/{exchange.id}", 64)
    rows: list[tuple[str, object]] = [
        ("Id", exchange.id),
        ("Type", _type(exchange)),
        ("State", _state(exchange)),
        ("Phase", exchange.phase),
        ("Initiator", "TRUE"),
        ("Policy name", end.peer.name if end.peer is not None else "-"),
        ("Peer IP Address", end.remote),
        ("Local IP Address", end.local),
        ("Initiator Cookie", f"{cookie:016x}"),
        ("Responder Cookie", "0" * 16),
        ("Message Retry Limit", retry.limit),
        ("Packet Retry Counter", max(0, retry.limit - copies)),
        ("Initial Message Retry Timeout (s)", retry.timeout),
        ("Packet Retry Timer (s)", int(retry.gaps()[min(copies, retry.limit)])),
    ]
    if not device.before_281:
        rows.append(("Message Back-off", "Incremental" if retry.incremental else "None"))
    return _detail("ISAKMP Exchange", rows)


def _algorithm(device: AwDevice, sa: Sa, keyword: str) -> str:
    known = sa.peer in device.config.policies["isakmp"]
    return device.config.value("isakmp", sa.peer, keyword).upper() if known else "-"


def sas(device: AwDevice, number: str | None) -> str | None:
    found = device.world.protocol(Ike).sas(device, 1)
    if number is not None:
        return next((_sa(device, sa) for sa in found if str(sa.connection_id) == number), None)
    rows = "".join(
        f"{sa.connection_id:>5} {sa.remote:<15} "
        f"{_algorithm(device, sa, 'encalg'):<6} {_algorithm(device, sa, 'hashalg'):<6} "
        f"-/-/-                {_seconds(device, sa)}\n"
        for sa in found
    )
    return (
        f"\n{'Expiry Limits - hard/soft/used':>77}\n"
        f"SA Id PeerAddress     EncA.  HashA. Bytes                Seconds\n{_RULE}\n{rows}"
    )


def _seconds(device: AwDevice, sa: Sa) -> str:
    hard = int(sa.lifetime)
    return f"{hard}/{hard * 95 // 100}/{int(device.world.time - sa.established)}"


def _sa(device: AwDevice, sa: Sa) -> str:
    rows: list[tuple[str, object]] = [
        ("SA Id", sa.connection_id),
        ("Initiator Cookie", sa.initiator_cookie),
        ("Responder Cookie", sa.responder_cookie),
        ("DOI", "IPSEC"),
        ("Policy name", sa.peer),
        ("State", "ACTIVE"),
        ("Local address", sa.local),
        ("Remote Address", sa.remote),
        ("Time of establishment", time.strftime("%d-%b-%Y %H:%M:%S", time.gmtime(sa.established))),
        ("Mode", sa.exchange.upper()),
        ("Encryption Algorithm", _algorithm(device, sa, "encalg")),
        ("Hash Algorithm", _algorithm(device, sa, "hashalg")),
        ("Expiry Limit (seconds) hard/soft/used", _seconds(device, sa)),
    ]
    if not device.before_281 and sa.peer in device.config.policies["isakmp"]:
        rows.append(("Message Back-off", _back_off_word(device.config.value("isakmp", sa.peer, "msgbackoff"))))
    return _detail("ISAKMP Security Association", rows)


def counters(device: AwDevice, kind: str | None) -> str | None:
    count = device.world.protocol(Ike).extension(IkeRetry).counters(device.name)
    pages = {"general": _general(device, count), "spd": _spd(device, count)}
    if kind is None:
        return "".join(pages.values())
    return next((page for name, page in pages.items() if len(kind) > 1 and name.startswith(kind.lower())), None)


def _pairs(title: str, values: list[tuple[str, int]]) -> str:
    lines = []
    for at in range(0, len(values), 2):
        lines.append("  " + "      ".join(f"{name:<24} {value:>8}" for name, value in values[at : at + 2]))
    return f"\n{title}\n\n" + "".join(f"{line.rstrip()}\n" for line in lines)


def _general(device: AwDevice, count: Mapping[str, int]) -> str:
    started = count.get("started1", 0) + count.get("started2", 0)
    values = [
        ("acquire", started),
        ("acquireNoPolicy", 0),
        ("initExchange", started),
        ("exchangeFailed", count.get("failed", 0)),
        ("exchangeTimedOut", count.get("timeout", 0)),
        ("retransmitted", count.get("copies", 0)),
        ("badSpiRequests", 0),
        ("badSpiFromKnownPeer", 0),
        ("badSpiInAggrMode", 0),
        ("badSpiSendNotifyUnset", 0),
    ]
    if not device.before_281:
        values += [("retryIkeAttemptsPh1", count.get("retry1", 0)), ("retryIkeAttemptsPh2", count.get("retry2", 0))]
    return _pairs("ISAKMP General Counters", values)


def _spd(device: AwDevice, count: Mapping[str, int]) -> str:
    started = count.get("started1", 0) + count.get("started2", 0)
    retries = count.get("retry1", 0) + count.get("retry2", 0)
    values = [
        ("getPolicyGood", started),
        ("getPolicyFailed", 0),
        ("deletePolicyGood", 0),
        ("deletePolicyFailed", 0),
        ("addPolicyGood", len(device.config.policies["isakmp"])),
        ("addPolicyFailed", 0),
        ("getPolicyByPeerGood", started),
        ("getPolicyByPeerFailed", 0),
    ]
    if not device.before_281:
        values += [("usePolIkeRetryGood", retries), ("usePolIkeRetryFailed", count.get("failed", 0) - retries)]
    return _pairs("ISAKMP Policy Counters", [(name, max(0, value)) for name, value in values])


# -- IPsec ------------------------------------------------------------------------------------------------------------


def isakmp_of(device: AwDevice, user: str) -> list[str]:
    """The ISAKMP policies that an IPsec policy negotiates with."""
    return [name for name in device.config.policies["isakmp"] if ipsec_user(device.config, name) == user]


def ipsec_policies(device: AwDevice, name: str | None) -> str | None:
    config = device.config
    if name is not None:
        if name not in config.policies["ipsec"]:
            return None
        rows: list[tuple[str, object]] = [("Name", name)]
        for label, keyword in (
            ("Interface", "interface"), ("Action", "action"), ("Key Management", "keymanagement"),
            ("Peer Address", "peeraddress"), ("ISAKMP Policy", "isakmppolicy"), ("Bundle", "bundlespecification"),
        ):  # fmt: skip
            rows.append((label, config.value("ipsec", name, keyword) or "-"))
        return _detail("IPsec Policy", rows)
    columns = (("interface", 12), ("action", 9), ("keymanagement", 10), ("peeraddress", 0))
    lines = "".join(f"{entry:<24}  {_columns(device, 'ipsec', entry, columns)}\n" for entry in config.policies["ipsec"])
    head = "Name                      Interface   Action   KeyMgmt   PeerAddress"
    return f"\nIPsec Policies\n\n{head}\n{_RULE}\n{lines}"


def ipsec_sas(device: AwDevice, number: str | None) -> str | None:
    found = device.world.protocol(Ike).sas(device, 2)
    config = device.config
    named = [(sa, ipsec_user(config, sa.peer) if sa.peer in config.policies["isakmp"] else None) for sa in found]
    if number is not None:
        return next((_ipsec_sa(device, sa, user) for sa, user in named if str(sa.connection_id) == number), None)
    rows = "".join(
        f"{sa.connection_id:>5}  {user or '-':<24} {_bundle(device, user):>6}  Valid     ESP       "
        f"{sa.spi_out:<11} {sa.spi_in}\n"
        for sa, user in named
    )
    head = "SA Id  Policy                   Bundle  State     Protocol  OutSPI      InSPI"
    return f"\n{head}\n{_RULE}\n{rows}"


def _bundle(device: AwDevice, user: str | None) -> str:
    return (device.config.value("ipsec", user, "bundlespecification") if user else "") or "1"


def _ipsec_sa(device: AwDevice, sa: Sa, user: str | None) -> str:
    return _detail(
        "IPsec Security Association",
        [
            ("SA Id", sa.connection_id),
            ("Policy", user or "-"),
            ("Bundle", _bundle(device, user)),
            ("SA Specification Used", 1),
            ("State", "Valid"),
            ("Protocol", "ESP"),
            ("Role", "INITIATOR" if sa.initiator else "RESPONDER"),
            ("Mode", "TUNNEL"),
            ("Outbound SPI", sa.spi_out),
            ("Inbound SPI", sa.spi_in),
        ],
    )


Display = Callable[["AwDevice", "str | None"], "str | None"]
ISAKMP: Mapping[str, Display] = {"policy": policies, "exchange": exchanges, "sa": sas, "counters": counters}
IPSEC: Mapping[str, Display] = {"policy": ipsec_policies, "sa": ipsec_sas}
