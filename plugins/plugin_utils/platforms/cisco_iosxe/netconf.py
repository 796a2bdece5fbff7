# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IOS XE over NETCONF: which elements are ours, how a key is written, what the server tells of the device, saving.

Sources: Cisco-IOS-XE-native, -crypto and -lisp YANG 17.4.1 to 17.12.1; the save-config RPC of cisco-ia.
"""

from __future__ import annotations

import re

from ...engine.device import NETCONF, DeviceFacts
from ...engine.secret import Secret
from ...engine.session import Subtree
from ...engine.xmlplan import LEAF, WHOLE, Shape, XmlPlanner, entry, way
from ...engine.xmltree import Element, name, namespace, parse, value, within
from ..netconf import NetconfPlatform, NetconfSession, add, element_secrets

NATIVE = "http://cisco.com/ns/yang/Cisco-IOS-XE-native"
CRYPTO = "http://cisco.com/ns/yang/Cisco-IOS-XE-crypto"
LISP = "http://cisco.com/ns/yang/Cisco-IOS-XE-lisp"
CISCO_IA = "http://cisco.com/yang/cisco-ia"

CHAIN_FILTER = Subtree(f'<native xmlns="{NATIVE}"><key><chain xmlns="{CRYPTO}"/></key></native>')
LISP_FILTER = Subtree(
    f'<native xmlns="{NATIVE}"><router><lisp xmlns="{LISP}"><tcp/><service/><map-server/><site/></lisp></router>'
    "</native>"
)
REFERENCE_FILTER = Subtree(
    f'<native xmlns="{NATIVE}"><router><lisp xmlns="{LISP}"><tcp/></lisp><lisp-list xmlns="{LISP}"><lisp/><tcp/>'
    "</lisp-list></router></native>"
)
_DEVICE_FILTER = Subtree(f'<native xmlns="{NATIVE}"><version/><hostname/></native>')
_NUMBER = re.compile(r"\d+")
_TYPED = re.compile(r"(?P<type>[067]) (?P<text>.*)", re.DOTALL)

_LIFETIMES = {"send-lifetime": WHOLE, "accept-lifetime": WHOLE}
_CHAIN = entry({"key": entry({**_LIFETIMES, "key-string": WHOLE}, "id")}, "name")
_MAP_SERVER = entry({"key": WHOLE}, "ip-addr")
_SERVICE = way({"etr-enable": way({"etr": LEAF}), "etr": way({"map-server": _MAP_SERVER})})
_RECORD = {"route-tag-options": WHOLE}
_RECORDS = way(
    {
        "prefixes": entry(_RECORD, "prefix"),
        "instance-id-cfg": entry(_RECORD, "id", "prefix"),
        "inst-id-any-mac": way({"instance-id-cfg": entry({}, "id")}),
    }
)
_PROCESS = way(
    {
        "tcp": way({"auth-option": entry({"peer": entry({}, "address")}, "name")}),
        "service": way({"ipv4": _SERVICE, "ipv6": _SERVICE, "ethernet": _SERVICE}),
        "map-server": way({"session": way({"passive-open": LEAF})}),
        "site": entry({"authentication-key": WHOLE, "eid-record": _RECORDS}, "sname"),
    }
)
SHAPE: Shape = way({"native": way({"key": way({"chain": _CHAIN}), "router": way({"lisp": _PROCESS})})})
"""What of the running configuration belongs to the models."""

SECRETS = element_secrets("key", "key-string", "authentication-key", "ak-0", "ak-6", "ak-7", "key-0", "key-6", "key-7")


def learn(session: NetconfSession) -> DeviceFacts:
    """The release as the configuration names it (`17.12`, so at least 17.12.1), and the name of the device."""
    roots = list(parse(session.run([_DEVICE_FILTER])[0])[0])
    version = next((value(root, "version") or "" for root in within(roots, "native")), "")
    hostname = next((value(root, "hostname") or "" for root in within(roots, "native")), "")
    numbers = tuple(int(part) for part in _NUMBER.findall(version)[:3])
    return DeviceFacts(
        platform="cisco_iosxe",
        hostname=hostname,
        version=version,
        dialect="iosxe",
        numbers=numbers if len(numbers) != 2 else (*numbers, 1),
        language=NETCONF,
        modules=session.modules,
    )


def spell(element: Element, secret: Secret) -> None:
    """A key with its type, where the models have the two in different places."""
    found = _TYPED.fullmatch(secret.typed()) or _TYPED.fullmatch(f"0 {secret.reveal()}")
    kind, text = (found["type"], found["text"]) if found else ("0", secret.reveal())
    where = name(element)
    element.text = None
    if where == "key-string":
        add(element, "encryption", kind)
        add(element, "key", text)
    elif where == "authentication-key":
        add(element, f"key-{kind}", text)
    else:  # the key of an ETR's map server, with what else is said of it
        typed = add(element, f"key-{kind}")
        element.insert(0, typed)
        add(typed, f"ak-{kind}", text)
        for child in list(element)[1:]:
            typed.append(child)


def refuse_others(roots: list[Element]) -> None:
    """Raises ValueError when a configuration in XML is not one of IOS XE."""
    others = [root for root in roots if name(root) not in ("native", "cli") or namespace(root) not in (NATIVE, "")]
    if others and not any(namespace(root) == NATIVE for root in roots):
        raise ValueError(f"this is a configuration with '{name(others[0])}' at its top, not one of Cisco IOS XE")


PLANNER = XmlPlanner(SHAPE)

PLATFORM = NetconfPlatform(handler="iosxe", learn=learn, spell=spell, save_rpc=(CISCO_IA, "save-config"))
