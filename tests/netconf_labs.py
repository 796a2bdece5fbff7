# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NETCONF with the lab's own devices in one process, and payloads for tests on either side of a wire.

`Peer` is a small client of this file's own: it frames and reads by itself, so that it cannot agree with a mistake of
the server's.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import load_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
NATIVE = "http://cisco.com/ns/yang/Cisco-IOS-XE-native"
CRYPTO = "http://cisco.com/ns/yang/Cisco-IOS-XE-crypto"
LISP = "http://cisco.com/ns/yang/Cisco-IOS-XE-lisp"


def huawei_lab(more: str = "") -> str:
    """A lab of one VRP device on which RSVP-TE runs on two interfaces; `more` are further keys of the device."""
    text = "plugin: netops.peerguard.lab\nname: netconf\nclock: manual\n"
    text += "defaults: {platform: huawei_vrp, transports: [ssh, netconf]}\ndevices:\n"
    lines = [
        "sysname PE1", "#", "keychain kc1 mode absolute", "#", "mpls lsr-id 1.1.1.1", "#", "mpls", " mpls te",
        " mpls rsvp-te", "#",
    ]  # fmt: skip
    for port in range(2):
        lines += [
            f"interface GigabitEthernet0/1/{port}", f" ip address 10.0.{port}.1 255.255.255.0", " mpls", " mpls te",
            " mpls rsvp-te", "#",
        ]  # fmt: skip
    text += f"  pe1:\n{more}    config: |\n" + "".join(f"      {line}\n" for line in lines)
    return text


def cisco_lab(options: str = "{}", version: str = "17.9.4a", config: str = "hostname R1") -> str:
    """A lab of one IOS XE device."""
    body = "".join(f"      {line}\n" for line in config.splitlines())
    return (
        "plugin: netops.peerguard.lab\nname: netconf\nclock: manual\n"
        "defaults: {platform: cisco_iosxe, transports: [ssh, netconf]}\ndevices:\n  r1:\n"
        f"    os_version: '{version}'\n    options: {options}\n    config: |\n{body}"
    )


# -- payloads -----------------------------------------------------------------------------------------------------


def in_config(payload: str) -> str:
    """The payload inside `<config>`."""
    return f'<config xmlns="{BASE}" xmlns:nc="{BASE}">{payload}</config>'


def chain(*keys: str, name: str = "AO-LISP", tcp: str = "<tcp/>", operation: str = "") -> str:
    """A key chain."""
    attribute = f' nc:operation="{operation}"' if operation else ""
    return (
        f'<native xmlns="{NATIVE}"><key><chain xmlns="{CRYPTO}"{attribute}><name>{name}</name>{tcp}'
        f"{''.join(keys)}</chain></key></native>"
    )


def key(number: int = 1, secret: str = "S3cretKey", more: str = "", algorithm: str = "hmac-sha-256") -> str:
    """A key of a chain."""
    return (
        f"<key><id>{number}</id><cryptographic-algorithm-choice><tcp>{algorithm}</tcp></cryptographic-algorithm-choice>"
        f"<key-string><encryption>0</encryption><key>{secret}</key></key-string>{more}</key>"
    )


def life(*leaves: str, name: str = "send-lifetime") -> str:
    """A lifetime of a key."""
    return f"<{name}><lifetime-group-v1>{''.join(leaves)}</lifetime-group-v1></{name}>"


START = (
    "<start-hh-mm-ss>00:00:00</start-hh-mm-ss><start-month>Jan</start-month><start-day>1</start-day>"
    "<start-year>2026</start-year>"
)
IDS = "<send-id>1</send-id><recv-id>1</recv-id>"


def binding(*peers: str, name: str = "AO-LISP", operation: str = "") -> str:
    """TCP-AO for LISP sessions."""
    attribute = f' nc:operation="{operation}"' if operation else ""
    inside = "".join(f"<peer><address>{peer}</address></peer>" for peer in peers)
    return (
        f'<native xmlns="{NATIVE}"><router><lisp xmlns="{LISP}"><tcp><auth-option{attribute}><name>{name}</name>'
        f"{inside}</auth-option></tcp></lisp></router></native>"
    )


def interface(authentication: str, name: str = "GigabitEthernet0/1/0", operation: str = "") -> str:
    """RSVP authentication of an interface."""
    attribute = f' nc:operation="{operation}"' if operation else ""
    return (
        '<network-instance xmlns="urn:huawei:yang:huawei-network-instance"><instances><instance><name>_public_</name>'
        '<mpls xmlns="urn:huawei:yang:huawei-mpls"><te xmlns="urn:huawei:yang:huawei-mpls-te">'
        '<rsvp-interfaces xmlns="urn:huawei:yang:huawei-rsvp-interface"><rsvp-interface>'
        f"<name>{name}</name><authentication{attribute}>{authentication}</authentication>"
        "</rsvp-interface></rsvp-interfaces></te></mpls></instance></instances></network-instance>"
    )


def rsvp(inside: str) -> str:
    """Below the global RSVP-TE."""
    return (
        '<mpls xmlns="urn:huawei:yang:huawei-mpls"><te xmlns="urn:huawei:yang:huawei-mpls-te">'
        f"<rsvp>{inside}</rsvp></te></mpls>"
    )


def neighbor(authentication: str, address: str = "192.0.2.2", operation: str = "") -> str:
    """RSVP authentication of a neighbor."""
    attribute = f' nc:operation="{operation}"' if operation else ""
    return rsvp(
        f"<neighbors><neighbor{attribute}><peer-ip-address>{address}</peer-ip-address>"
        f"<authentication>{authentication}</authentication></neighbor></neighbors>"
    )


MD5 = "<enable>true</enable><type>md5</type><md5-key>S3cretKey</md5-key>"
PEER_MD5 = MD5.replace("md5-key", "md5-password")
HANDSHAKE = "<life-time>2400</life-time><handshake-enable>true</handshake-enable><window-size>32</window-size>"


# -- a lab and a client in one process ----------------------------------------------------------------------------


def world(folder: Path, text: str) -> World:
    """The lab of a text."""
    path = folder / "netconf.lab.yml"
    path.write_text(text, encoding="utf-8")
    return World(load_lab(path))


class Peer:
    """A NETCONF session with a device of a lab."""

    def __init__(self, device: Any, user: str = "netops", base: str = "1.1") -> None:
        self.device = device
        self.session = device.open_netconf(user)
        self.chunked = False
        self._ids = itertools.count(1)
        self.greeting = self.session.start()
        hello = f'<hello xmlns="{BASE}"><capabilities><capability>urn:ietf:params:netconf:base:{base}</capability>'
        assert self.raw(f"{hello}</capabilities></hello>") == ""
        self.chunked = base == "1.1"

    @property
    def id(self) -> int:
        return int(re.findall(r"<session-id>(\d+)<", self.greeting)[0])

    @property
    def capabilities(self) -> list[str]:
        return re.findall(r"<capability>([^<]*)<", self.greeting)

    def raw(self, message: str) -> str:
        """Send one message and take what comes back, without its frame."""
        data = message.encode()
        framed = b"\n#%d\n%b\n##\n" % (len(data), data) if self.chunked else data + b"]]>]]>"
        said = self.session.receive(framed.decode("latin-1")).encode("latin-1")
        if not self.chunked:
            return said.removesuffix(b"]]>]]>").decode()
        out = b""
        while said:
            found = re.match(rb"\n#(\d+)\n", said)
            if found is None:
                assert said == b"\n##\n"
                break
            size = int(found.group(1))
            out += said[found.end() : found.end() + size]
            said = said[found.end() + size :]
        return out.decode()

    def ask(self, operation: str) -> str:
        """The text of the reply to an operation."""
        return self.raw(f'<rpc xmlns="{BASE}" message-id="{next(self._ids)}">{operation}</rpc>')

    def ok(self, operation: str) -> None:
        said = self.ask(operation)
        assert "<ok/>" in said, said

    def tags(self, operation: str) -> list[str]:
        """The error tags of the reply; none when it is not an error."""
        return re.findall(r"<error-tag>([^<]*)<", self.ask(operation))

    def edit(self, payload: str, target: str = "candidate", more: str = "") -> str:
        return f"<edit-config><target><{target}/></target>{more}{in_config(payload)}</edit-config>"

    def get(self, source: str = "running", criteria: str = "") -> str:
        filtered = f'<filter type="subtree">{criteria}</filter>' if criteria else ""
        return self.ask(f"<get-config><source><{source}/></source>{filtered}</get-config>")

    def tree(self, source: str = "running") -> ElementTree.Element:
        return ElementTree.fromstring(self.get(source))  # noqa: S314 - the lab's own
