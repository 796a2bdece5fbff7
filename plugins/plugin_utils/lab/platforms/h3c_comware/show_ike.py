# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IKE and IPsec display commands in the layouts of V5 and of both V7 builds (reference 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.ike import Ike, Sa
from ...protocols.ike_keepalive import TIMEOUT
from .dialect import Dialect
from .ike_view import proposals

if TYPE_CHECKING:
    from .device import ComwareDevice
    from .shell import ComwareShell

_V5_LEGEND = "\n  flag meaning\n  RD--READY ST--STAYALIVE RL--REPLACED FD--FADING TO--TIMEOUT\n"
_V7_LEGEND = "Flags:\nRD--READY RL--REPLACED FD-FADING RK-REKEY\n"
_SOFT = 0.9  # part of its lifetime after which an SA fades


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    common = modes["common"]
    selector = "[ connection-id <id:int(1-2000000000)> | remote-address <remote:ipv4> ]"
    table = DOC if dialect.v5 else CODE
    common.add("display ike sa", _v5_table if dialect.v5 else _v7_table, DOC.prints(table))
    common.add(f"display ike sa verbose {selector}", _verbose, DOC.prints(GUESS if dialect.v5 else CODE))
    common.add("display ike proposal", _proposals, DOC.prints(GUESS if dialect.v5 else CODE))
    common.add("display ipsec sa", _ipsec, DOC.prints(GUESS if dialect.v5 else CODE))
    common.add(
        "display ipsec sa count",
        lambda shell, _m: f"Total IPsec SAs count: {2 * len(_sas(shell.device, 2))}\n",
        DOC.prints(DOC),
    )
    if dialect.v5:
        common.add("display ike peer [ <name:name32> ]", _peers, DOC.prints(GUESS))
        common.add("display ike dpd [ <name:name32> ]", _dpd, DOC.prints(GUESS))
        common.add("display ipsec sa brief", _ipsec_brief, GUESS.prints(GUESS))
    else:
        common.add("display ike statistics", _statistics, GUESS.prints(GUESS))


def _sas(device: ComwareDevice, phase: int | None = None) -> list[Sa]:
    return device.world.protocol(Ike).sas(device, phase)


def _flags(device: ComwareDevice, sa: Sa) -> str:
    """Flags in the order RD ST FD TO (only ``RD|ST`` is documented); ST means the local end is the initiator."""
    flags = ["RD"]
    v5 = device.dialect.v5
    if sa.initiator and v5:
        flags.append("ST")
    if device.world.time - sa.established >= _SOFT * sa.lifetime:
        flags.append("FD")
    if TIMEOUT in sa.tags and v5:
        flags.append("TO")
    return "|".join(flags)


def _v5_table(shell: ComwareShell, _match: Match) -> str:
    device = shell.device
    out = [f"    total phase-1 SAs:  {len(_sas(device, 1))}"]
    out.append(f"    {'connection-id':<15}{'peer':<16}{'flag':<12}{'phase':<8}doi")
    out.append("  " + "-" * 58)
    for sa in _sas(device):
        out.append(f"    {sa.connection_id:<15}{sa.remote:<16}{_flags(device, sa):<12}{sa.phase:<8}IPSEC")
    return "\n".join(out) + "\n" + _V5_LEGEND


def _v7_table(shell: ComwareShell, _match: Match) -> str:
    device = shell.device
    out: list[str] = []
    if device.options.get("ike_sa_layout", "a") == "a":
        out.append(f"    {'Connection-ID':<16}{'Local':<20}{'Remote':<20}{'Flag':<10}DOI")
        out.append("-" * 73)
        out += [
            f"    {sa.connection_id:<16}{sa.local:<20}{sa.remote:<20}{_flags(device, sa):<10}IPsec"
            for sa in _sas(device, 1)
        ]
    else:
        out.append(f"    {'Connection-ID':<16}{'Remote':<22}{'Flag':<13}DOI")
        out.append("-" * 66)
        out += [f"    {sa.connection_id:<16}{sa.remote:<22}{_flags(device, sa):<13}IPsec" for sa in _sas(device, 1)]
    return "\n".join(out) + "\n" + _V7_LEGEND


def _verbose(shell: ComwareShell, match: Match) -> str:
    device = shell.device
    number, remote = match.args.get("id"), match.args.get("remote")
    wanted = [
        sa
        for sa in _sas(device, 1)
        if (number is None or sa.connection_id == number) and (remote is None or sa.remote == remote)
    ]
    write = _verbose_v5 if device.dialect.v5 else _verbose_v7
    return "\n".join("\n".join(write(device, sa)) for sa in wanted) + ("\n" if wanted else "")


def _numbers(device: ComwareDevice, sa: Sa) -> tuple[str, str, str, int, int]:
    encryption, authentication, dh, _method = (sa.proposal or "des-cbc/sha/group1/pre-share").split("/")
    left = int(sa.expires - device.world.time)
    return encryption.upper(), authentication.upper(), dh.upper(), int(sa.lifetime), left


def _id_type(sa: Sa) -> str:
    return {"ip": "IPV4_ADDR", "fqdn": "FQDN", "user-fqdn": "USER_FQDN"}.get(sa.id_type, "DER_ASN1_DN")


def _verbose_v5(device: ComwareDevice, sa: Sa) -> Iterator[str]:
    encryption, authentication, dh, life, left = _numbers(device, sa)
    rule = "    " + "-" * 45
    entries = (
        rule, f"connection id: {sa.connection_id}", "vpn-instance:",
        f"transmitting entity: {'initiator' if sa.initiator else 'responder'}", rule,
        f"local ip: {sa.local}", f"local id type: {_id_type(sa)}", f"local id: {sa.local_id}", "",
        f"remote ip: {sa.remote}", f"remote id type: {_id_type(sa)}", f"remote id: {sa.remote_id}", "",
        "authentication-method: PRE-SHARED-KEY", f"authentication-algorithm: HASH-{authentication}1",
        f"encryption-algorithm: {encryption}", "", f"life duration(sec): {life}",
        f"remaining key duration(sec): {left}", f"exchange-mode: {sa.exchange.upper()}",
        f"diffie-hellman group: {dh}", f"nat traversal: {'YES' if sa.nat_traversal else 'NO'}", "",
    )  # fmt: skip
    yield from (entry if entry == rule or not entry else f"    {entry}" for entry in entries)


def _verbose_v7(device: ComwareDevice, sa: Sa) -> Iterator[str]:
    encryption, authentication, dh, life, left = _numbers(device, sa)
    rule = "   " + "-" * 47
    entries = (
        rule, f"Connection ID: {sa.connection_id}", "Outside VPN:", "Inside VPN:", f"Profile: {sa.peer}",
        f"Transmitting entity: {'Initiator' if sa.initiator else 'Responder'}",
        f"Initiator cookie: {sa.initiator_cookie}", f"Responder cookie: {sa.responder_cookie}", rule,
        f"Local IP/port: {sa.local}/500", f"Local ID type: {_id_type(sa)}", f"Local ID: {sa.local_id}", "",
        f"Remote IP/port: {sa.remote}/500", f"Remote ID type: {_id_type(sa)}", f"Remote ID: {sa.remote_id}", "",
        "Authentication-method: PRE-SHARED-KEY", f"Authentication-algorithm: {authentication}1",
        f"Encryption-algorithm: {encryption}", "", f"Life duration(sec): {life}",
        f"Remaining key duration(sec): {left}", f"Exchange-mode: {sa.exchange.capitalize()}",
        f"Diffie-Hellman group: Group {dh.removeprefix('GROUP')}", "NAT traversal: Not detected", "",
        "Extend authentication: Disabled", "Assigned IP address:", "Vendor ID index:0xffffffff",
        "Vendor ID sequence number:0x0",
    )  # fmt: skip
    yield from (entry if entry == rule or not entry else f"   {entry}" for entry in entries)


# -- peers, DPD, proposals -----------------------------------------------------------------------------------------

_RULE27 = "-" * 27


def _peers(shell: ComwareShell, match: Match) -> str:
    device = shell.device
    out: list[str] = []
    for head, lines in device.config.views("ike peer"):
        name = head.split()[2]
        if match.args.get("name") not in (None, name):
            continue

        def value(prefix: str, default: str = "", head: str = head) -> str:
            return device.config.view_value(head, prefix) or default

        rows = [
            f"exchange mode: {value('exchange-mode', 'main')} on phase 1", "pre-shared-key ******",
            f"peer id type: {value('id-type', 'ip')}", f"peer ip address: {value('remote-address')}",
            f"local ip address: {value('local-address')}", f"peer name: {value('remote-name')}",
            f"nat traversal: {'enable' if 'nat traversal' in lines else 'disable'}", f"dpd: {value('dpd')}",
        ]  # fmt: skip
        out += ["", _RULE27, f" IKE Peer: {name}", *(f"   {row}".rstrip() for row in rows), _RULE27]
    return "\n".join(out) + ("\n" if out else "")


def _dpd(shell: ComwareShell, match: Match) -> str:
    config = shell.device.config
    used = [line for _head, lines in config.views("ike peer") for line in lines]
    out: list[str] = []
    for head, _lines in config.views("ike dpd"):
        name = head.split()[2]
        if match.args.get("name") not in (None, name):
            continue
        interval, wait = config.view_value(head, "interval-time") or "10", config.view_value(head, "time-out") or "5"
        out += ["", _RULE27, f" IKE dpd: {name}", f"   references: {used.count(f'dpd {name}')}"]
        out += [f"   interval-time: {interval}", f"   time_out: {wait}", _RULE27]
    return "\n".join(out) + ("\n" if out else "")


_MODP = {"group1": "MODP_768", "group2": "MODP_1024", "group5": "MODP_1536", "group14": "MODP_2048"}


def _proposals(shell: ComwareShell, _match: Match) -> str:
    v5 = shell.device.dialect.v5
    if v5:
        out = [
            " priority authentication authentication encryption Diffie-Hellman duration",
            "              method       algorithm    algorithm       group       (seconds)",
            "-" * 75,
        ]
    else:
        out = [
            " Priority Authentication Authentication Encryption  Diffie-Hellman Duration",
            "              method       algorithm    algorithm       group      (seconds)",
            "-" * 76,
        ]
    for entry in proposals(shell.device.config):
        name = "default" if entry.number is None else str(entry.number)
        if v5:
            method = {"pre-share": "PRE_SHARED", "rsa-signature": "RSA_SIG"}.get(entry.method, "DSA_SIG")
            encryption = entry.encryption.upper().replace("-", "_")
            out.append(
                f" {name:<9}{method:<15}{entry.authentication.upper():<15}{encryption:<11}"
                f"{_MODP.get(entry.dh, entry.dh):<15}{entry.duration}"
            )
        else:
            method = {"pre-share": "PRE-SHARED-KEY", "rsa-signature": "RSA-SIG"}.get(entry.method, "DSA-SIG")
            digest = "SHA1" if entry.authentication == "sha" else entry.authentication.upper()
            out.append(
                f" {name:<9}{method:<19}{digest:<11}{entry.encryption.upper():<12}"
                f"{'Group ' + entry.dh.removeprefix('group'):<15}{entry.duration}"
            )
    return "\n".join(out) + "\n"


def _statistics(_shell: ComwareShell, _match: Match) -> str:
    return (
        "IKE statistics:\n  No matching proposal: 0\n  Invalid ID information: 0\n  Authentication failure: 0\n"
        "  Retransmit timeout: 0\n"
    )


# -- IPsec ---------------------------------------------------------------------------------------------------------


def _policies(device: ComwareDevice, sa: Sa) -> tuple[str, int, str]:
    """(interface, sequence, policy) of an SA."""
    from .ike_view import applied_policies

    word = "ike-peer" if device.dialect.v5 else "ike-profile"
    for policy in applied_policies(device.config, device.dialect):
        if policy.value(word) == sa.peer:
            return policy.interface, policy.sequence, policy.name
    return "NULL0", 0, ""


def _ipsec(shell: ComwareShell, _match: Match) -> str:
    device = shell.device
    write = _ipsec_v5 if device.dialect.v5 else _ipsec_v7
    return "".join("\n".join(write(device, number, sa)) + "\n" for number, sa in enumerate(_sas(device, 2)))


def _ipsec_v7(device: ComwareDevice, number: int, sa: Sa) -> Iterator[str]:
    interface, sequence, policy = _policies(device, sa)
    left = int(sa.expires - device.world.time)
    yield from ("-" * 31, f"Interface: {interface}", "-" * 31, "", "  " + "-" * 29, f"  IPsec policy: {policy}")
    yield from (f"  Sequence number: {sequence}", "  Mode: ISAKMP", "  " + "-" * 29, f"    Tunnel id: {number}")
    yield from ("    Encapsulation mode: tunnel", "    Perfect Forward Secrecy:", "    Inside VPN:")
    if device.options.get("ike_sa_layout", "a") == "a":
        yield f"    Transmitting entity: {'Initiator' if sa.initiator else 'Responder'}"
    yield from ("    Path MTU: 1428", "    Tunnel:", f"        local  address: {sa.local}")
    yield from (f"        remote address: {sa.remote}", "    Flow:")
    yield "        sour addr: 0.0.0.0/0.0.0.0  port: 0  protocol: ip"
    yield "        dest addr: 0.0.0.0/0.0.0.0  port: 0  protocol: ip"
    for title, spi in (("Inbound", sa.spi_in), ("Outbound", sa.spi_out)):
        yield from ("", f"    [{title} ESP SAs]", f"      SPI: {spi} (0x{spi:08x})")
        yield f"      Connection ID: {4294967296 + 2 * sa.connection_id}"
        yield "      Transform set: ESP-ENCRYPT-AES-CBC-128 ESP-AUTH-SHA1"
        yield f"      SA duration (kilobytes/sec): 1843200/{int(sa.lifetime)}"
        yield f"      SA remaining duration (kilobytes/sec): 1843196/{left}"
        yield from ("      UDP encapsulation used for NAT traversal: N", "      Status: Active")


def _ipsec_v5(device: ComwareDevice, _number: int, sa: Sa) -> Iterator[str]:
    interface, sequence, policy = _policies(device, sa)
    left = int(sa.expires - device.world.time)
    rule = "=" * 31
    yield from (rule, f"Interface: {interface}", "    path MTU: 1500", rule, "", "  " + "-" * 29)
    yield from (f'  IPsec policy name: "{policy}"', f"  sequence number: {sequence}", "  mode: isakmp", "  " + "-" * 29)
    yield from (f"    connection id: {sa.connection_id}", "    encapsulation mode: tunnel")
    yield from ("    perfect forward secrecy:", "    tunnel:", f"        local  address: {sa.local}")
    yield from (f"        remote address: {sa.remote}", "    flow:")
    yield "        sour addr: 0.0.0.0/0.0.0.0  port: 0  protocol: IP"
    yield "        dest addr: 0.0.0.0/0.0.0.0  port: 0  protocol: IP"
    for title, spi in (("inbound", sa.spi_in), ("outbound", sa.spi_out)):
        yield from ("", f"    [{title} ESP SAs]", f"      spi: {spi} (0x{spi:x})")
        yield "      proposal: ESP-ENCRYPT-DES ESP-AUTH-MD5"
        yield f"      sa duration (kilobytes/sec): 1843200/{int(sa.lifetime)}"
        yield f"      sa remaining duration (kilobytes/sec): 1843199/{left}"


def _ipsec_brief(shell: ComwareShell, _match: Match) -> str:
    sas = _sas(shell.device, 2)
    out = [f"total phase-2 SAs: {2 * len(sas)}", "Src Address  Dst Address  SPI    Protocol  Algorithm", "-" * 60]
    for sa in sas:
        for source, target, spi in ((sa.remote, sa.local, sa.spi_in), (sa.local, sa.remote, sa.spi_out)):
            out += [f"{source:<13}{target:<13}{spi:<12}ESP  E:DES;", " " * 43 + "A:HMAC-MD5-96"]
    return "\n".join(out) + "\n"
