# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show commands about the system and the configuration text (reference sections 2, 4, 5)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.lisp import Lisp
from .config import IosConfig
from .dialect import Dialect, release
from .zone import stamp

if TYPE_CHECKING:
    from .device import IosDevice
    from .shell import IosShell

_NAMES = {
    (17, 1): "Amsterdam", (17, 2): "Amsterdam", (17, 3): "Amsterdam", (17, 4): "Bengaluru", (17, 5): "Bengaluru",
    (17, 6): "Bengaluru", (17, 7): "Cupertino", (17, 8): "Cupertino", (17, 9): "Cupertino", (16, 12): "Gibraltar",
}  # fmt: skip
_NVRAM = 33554432


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    common, execs = modes["common"], modes["exec"]
    common.add("show version", _version, CODE.prints(CODE))
    common.add("show clock [ detail ]", _clock, GUESS.prints(GUESS))
    common.add(
        "show privilege", lambda shell, _match: f"Current privilege level is {shell.privilege}\n", CODE.prints(CODE)
    )
    common.add("show users", _users, GUESS.prints(GUESS))
    common.add("show inventory", _inventory, CODE.prints(CODE))
    common.add("show hosts", _hosts, GUESS.prints(GUESS))
    common.add("show ip interface brief", _ip_brief, CODE.prints(CODE))
    common.add("show ip interface [ <name:interface> ]", _ip_interface, CODE.prints(GUESS))
    common.add("show interfaces [ <name:interface> ]", _interfaces, CODE.prints(GUESS))
    common.add("show interfaces description", _descriptions, CODE.prints(GUESS))
    common.add("show ntp status", _ntp_status, GUESS.prints(GUESS))
    common.add("show ntp associations", _ntp_associations, GUESS.prints(GUESS))
    common.add("show snmp", lambda _shell, _match: "%SNMP agent not enabled\n", GUESS.prints(GUESS))
    common.add(
        "show lldp [ neighbors [ detail ] ]", lambda _shell, _match: "% LLDP is not enabled\n", CODE.prints(GUESS)
    )
    common.add("show cdp [ neighbors [ detail ] ]", lambda _shell, _match: "% CDP is not enabled\n", CODE.prints(GUESS))
    common.add("show platform", _platform, GUESS.prints(GUESS))
    execs.add(
        "show running-config [ all | full | brief ]",
        _running,
        DOC.prints(CODE, "how tcp auth-option is printed is assumed"),
    )
    execs.add("show running-config interface <name:interface>", _running_interface, GUESS.prints(GUESS))
    execs.add("show startup-config", _startup, CODE.prints(GUESS))
    execs.add("show configuration", _startup, GUESS.prints(GUESS))
    execs.add("show logging", _logging, GUESS.prints(GUESS))
    execs.add("show memory statistics", _memory, CODE.prints(GUESS))
    execs.add("show processes cpu", _cpu, CODE.prints(GUESS))


# -- configuration ----------------------------------------------------------------------------------------------------


def _changed(device: IosDevice) -> str:
    if device.changed_at is None:
        return "! No configuration change since last restart\n"
    who = f" by {device.changed_by}" if device.changed_by else ""
    saved = "" if device.saved_at is None else f"! NVRAM config last updated at {stamp(device.saved_at, device.zone)}\n"
    return f"! Last configuration change at {stamp(device.changed_at, device.zone)}{who}\n{saved}"


def _running(shell: IosShell, _match: Match) -> str:
    device = shell.device
    body = device.running
    head = f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n"
    return f"{head}!\n{_changed(device)}!\n{body}\n"


def _running_interface(shell: IosShell, match: Match) -> str:
    section = shell.config.section(f"interface {match.args['name']}")
    text = "" if section is None else "\n".join(section.render()) + "\n"
    return f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n!\n{text}end\n\n"


def _startup(shell: IosShell, _match: Match) -> str:
    body = shell.device.startup
    return f"Using {len(body)} out of {_NVRAM} bytes\n!\n{_changed(shell.device)}!\n{body}\n"


# -- system -----------------------------------------------------------------------------------------------------------


def _uptime(seconds: float) -> str:
    minutes = int(seconds // 60)
    parts = [
        ("week", minutes // 10080),
        ("day", minutes // 1440 % 7),
        ("hour", minutes // 60 % 24),
        ("minute", minutes % 60),
    ]
    shown = [f"{value} {name}{'' if value == 1 else 's'}" for name, value in parts if value]
    return ", ".join(shown) or "0 minutes"


def serial_of(device: IosDevice) -> str:
    """A serial number such as FLX398908B."""
    year, week = device.number("serial", 32) % 10**4, device.number("serial-tail", 16) % 26
    return f"FLX{year:04d}{week:02d}{chr(65 + device.number('serial-letter', 16) % 26)}"


def _version(shell: IosShell, _match: Match) -> str:
    device = shell.device
    number = release(device.os_version)
    dotted = ".".join(f"{part:02d}" if index else str(part) for index, part in enumerate(number))
    suffix = re.sub(r"^[\d.]+", "", device.os_version)
    train = _NAMES.get((number[0], number[1]), "Dublin" if number >= (17, 10) else "Everest")
    up = _uptime(device.world.time - device.booted_at)
    ports = sum(1 for line in device.config.interfaces() if "Gig" in line.text)
    image = "c8000be Software (X86_64_LINUX_IOSD-UNIVERSALK9-M)"
    return f"""Cisco IOS XE Software, Version {dotted}{suffix}
Cisco IOS Software [{train}], {image}, Version {device.os_version}, RELEASE SOFTWARE (fc1)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2031 by Cisco Systems, Inc.
Compiled Fri 20-Oct-23 10:44 by mcpre


ROM: IOS-XE ROMMON

{device.hostname} uptime is {up}
Uptime for this control processor is {up}
System returned to ROM by Reload Command
System image file is "bootflash:packages.conf"
Last reload reason: Reload Command

License Level: network-premier
Smart Licensing Status: Smart Licensing Using Policy

cisco {device.model} (1RU) processor with 3747220K/6147K bytes of memory.
Processor board ID {serial_of(device)}
Router operating mode: Autonomous
{ports} Gigabit Ethernet interfaces
32768K bytes of non-volatile configuration memory.
8388608K bytes of physical memory.
20217855K bytes of NVMe SSD at bootflash:.

Configuration register is 0x2102

"""


def _clock(shell: IosShell, _match: Match) -> str:
    device = shell.device
    local = time.gmtime(device.world.time + device.zone.offset)
    day = f"{time.strftime('%a %b', local)} {local.tm_mday} {local.tm_year}"
    fraction = int(device.world.time * 1000) % 1000
    mark = "" if device.synchronized else "*"
    return f"{mark}{time.strftime('%H:%M:%S', local)}.{fraction:03d} {device.zone.name} {day}\n"


def _users(shell: IosShell, _match: Match) -> str:
    out = ["    Line       User       Host(s)              Idle       Location"]
    for terminal in shell.device.sessions:
        info = terminal.session
        mark = "*" if terminal is shell.terminal else " "
        number = (info.id - 1) % 16
        out.append(
            f"{mark}{number + 2:>3} vty {number:<5} {info.user or '':<10} idle                 00:00:00   {info.peer}"
        )
    return "\n".join([*out, "", "  Interface    User               Mode         Idle     Peer Address"]) + "\n"


def _inventory(shell: IosShell, _match: Match) -> str:
    device = shell.device
    return (
        f'NAME: "Chassis", DESCR: "Cisco {device.model} Chassis"\n'
        f"PID: {device.model:<18}, VID: V01  , SN: {serial_of(device)}\n\n"
    )


def _hosts(shell: IosShell, _match: Match) -> str:
    domain = shell.config.value("ip domain name") or "not set"
    return (
        f"Default domain is {domain}\nName/address lookup uses domain service\nName servers are 255.255.255.255\n\n"
        "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate\n"
        "       temp - temporary, perm - permanent\n       NA - Not Applicable None - Not defined\n\n"
        "Host                      Port  Flags      Age Type   Address(es)\n"
    )


def _platform(shell: IosShell, _match: Match) -> str:
    device = shell.device
    up = _uptime(device.world.time - device.booted_at)
    return (
        f"Chassis type: {device.model}\n\nSlot      Type                State                 Insert time (ago)\n"
        "--------- ------------------- --------------------- -----------------\n"
        f"0         {device.model:<19} ok                    {up}\n"
        f"R0        {device.model:<19} ok, active            {up}\n"
    )


def _ntp_status(shell: IosShell, _match: Match) -> str:
    device = shell.device
    if not device.config.tree.sections("ntp server") and not device.synchronized:
        return "%NTP is not enabled.\n"
    server = (device.config.value("ntp server") or "127.127.1.1").split()[0]
    if not device.synchronized:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {server}\n"
        "nominal freq is 250.0000 Hz, actual freq is 249.9985 Hz, precision is 2**10\n"
    )


def _ntp_associations(shell: IosShell, _match: Match) -> str:
    out = ["  address         ref clock       st   when   poll reach  delay  offset   disp"]
    for line in shell.config.tree.sections("ntp server"):
        mark = "*~" if shell.device.synchronized else " ~"
        out.append(f"{mark}{line.text.split()[2]:<16}.GNSS.           2     33     64   377  1.021   0.114  1.203")
    return "\n".join([*out, " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured"]) + "\n"


def _logging(shell: IosShell, _match: Match) -> str:
    device = shell.device
    device.world.protocol(Lisp).sessions(device)  # what happened until now is logged now
    lines = "".join(f"{device.log_line(at, text)}\n" for at, text in sorted(device.logged, key=lambda item: item[0]))
    return (
        "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns)\n\n"
        "    Console logging: level debugging, 0 messages logged\n"
        f"    Buffer logging:  level debugging, {len(device.logged)} messages logged\n\n"
        f"Log Buffer (102400 bytes):\n\n{lines}"
    )


def _memory(_shell: IosShell, _match: Match) -> str:
    return (
        "                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)\n"
        "Processor  7F1C6D8048   3837153280   261123456   3576029824   1542360016   2147483560\n"
        " reserve P  7F1C6D80A0      102404          92      102312      102312      102312\n"
    )


def _cpu(_shell: IosShell, _match: Match) -> str:
    return (
        "CPU utilization for five seconds: 1%/0%; one minute: 1%; five minutes: 1%\n"
        " PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process\n"
        "   1           7          33        212  0.00%  0.00%  0.00%   0 Chunk Manager\n"
    )


# -- interfaces -------------------------------------------------------------------------------------------------------


def _ports(config: IosConfig) -> list[tuple[str, Line, str, bool]]:
    """(name, section, address or "", up)"""
    out: list[tuple[str, Line, str, bool]] = []
    for line in config.interfaces():
        found = re.match(r"(\S+) (\S+)", line.value("ip address") or "")
        out.append((line.text.split(None, 1)[1], line, found.group(1) if found else "", line.find("shutdown") is None))
    return out


def _wired(device: IosDevice, name: str, up: bool) -> bool:
    cables = {own.interface for _link, own, _far in device.world.links_of(device)}
    return up and (name in cables or not name.startswith(("Gig", "Ten", "Twe", "For", "Hun", "Eth")))


def _ip_brief(shell: IosShell, _match: Match) -> str:
    out = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for name, _line, address, up in _ports(shell.config):
        wired = _wired(shell.device, name, up)
        status = "administratively down" if not up else "up" if wired else "down"
        method = "NVRAM " if address else "unset "
        out.append(f"{name:<22} {address or 'unassigned':<15} YES {method} {status:<21} {'up' if wired else 'down'}")
    return "\n".join(out) + "\n"


def _descriptions(shell: IosShell, _match: Match) -> str:
    out = ["Interface                      Status         Protocol Description"]
    for name, line, _address, up in _ports(shell.config):
        wired = _wired(shell.device, name, up)
        status = "admin down" if not up else "up" if wired else "down"
        out.append(f"{name:<30} {status:<14} {'up' if wired else 'down':<8} {line.value('description') or ''}")
    return "\n".join(out) + "\n"


def _mac(device: IosDevice, name: str) -> str:
    digits = f"{device.number(f'mac/{name}', 24):06x}"
    return f"00a7.42{digits[:2]}.{digits[2:]}"


def _prefix(line: Line) -> str:
    words = (line.value("ip address") or "").split()
    if len(words) < 2:
        return ""
    return f"{words[0]}/{sum(bin(int(part)).count('1') for part in words[1].split('.'))}"


def _interfaces(shell: IosShell, match: Match) -> str:
    device, out = shell.device, ""
    for name, line, _address, up in _ports(shell.config):
        if match.args.get("name") not in (None, name):
            continue
        wired = _wired(device, name, up)
        status = "administratively down" if not up else "up" if wired else "down"
        hardware = "Loopback" if name.startswith("Loopback") else "C8K-GE"
        address = "" if hardware == "Loopback" else f", address is {_mac(device, name)} (bia {_mac(device, name)})"
        out += f"{name} is {status}, line protocol is {'up' if wired else 'down'} \n  Hardware is {hardware}{address}\n"
        if line.value("description"):
            out += f"  Description: {line.value('description')}\n"
        if _prefix(line):
            out += f"  Internet address is {_prefix(line)}\n"
        out += (
            f"  MTU {line.value('mtu') or 1500} bytes, BW 1000000 Kbit/sec, DLY 10 usec, \n"
            "     reliability 255/255, txload 1/255, rxload 1/255\n  Encapsulation ARPA, loopback not set\n"
            "  Full Duplex, 1000Mbps, link type is auto, media type is RJ45\n"
        )
    return out


def _ip_interface(shell: IosShell, match: Match) -> str:
    out = ""
    for name, line, address, up in _ports(shell.config):
        if match.args.get("name") not in (None, name):
            continue
        wired = _wired(shell.device, name, up)
        status = "administratively down" if not up else "up" if wired else "down"
        out += f"{name} is {status}, line protocol is {'up' if wired else 'down'}\n"
        out += f"  Internet address is {_prefix(line)}\n" if address else "  Internet protocol processing disabled\n"
    return out
