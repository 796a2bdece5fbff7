# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration lines that the emulator keeps without understanding them: which words start one, where they go."""

from __future__ import annotations

#: Global lines taken as they are: first word, or first words.
PLAIN_GLOBAL = (
    "aaa", "access-list", "alias", "banner", "boot", "cdp", "cts", "diagnostic", "enable", "errdisable", "ethernet",
    "ip", "ipv6", "license", "lldp", "logging", "login", "mac", "memory", "mpls", "multilink", "ntp", "netconf-yang",
    "nat64", "object-group", "platform", "privilege", "process", "radius-server", "restconf", "snmp", "snmp-server",
    "spanning-tree", "standby", "subscriber", "tacacs-server", "telemetry", "track", "username", "vlan", "vtp",
    "call-home", "transceiver", "file", "clock", "service", "password", "crypto", "track", "sampler", "flow", "event",
)  # fmt: skip

#: Sections taken as they are: first words -> prompt.
BLOCKS: dict[str, str] = {
    "router bgp": "config-router", "router ospf": "config-router", "router ospfv3": "config-router",
    "router eigrp": "config-router", "router isis": "config-router", "router rip": "config-router",
    "line": "config-line", "vrf definition": "config-vrf", "ip vrf": "config-vrf", "class-map": "config-cmap",
    "policy-map": "config-pmap", "route-map": "config-route-map", "control-plane": "config-cp",
    "redundancy": "config-red", "ip access-list": "config-ext-nacl", "ipv6 access-list": "config-ipv6-acl",
    "crypto pki trustpoint": "ca-trustpoint", "crypto pki certificate chain": "config-cert-chain",
    "aaa group server": "config-sg", "tacacs server": "config-server-tacacs", "radius server": "config-radius-server",
    "ip dhcp pool": "dhcp-config", "crypto ikev2": "config-ikev2", "crypto isakmp policy": "config-isakmp",
    "vlan configuration": "config-vlan-config", "telemetry ietf subscription": "config-mdt-subs",
}  # fmt: skip

#: First words of lines inside such sections that open a section of their own -> prompt.
INNER_BLOCKS = {"address-family": "config-router-af", "class": "config-pmap-c"}

#: Lines of which there is one: the longest prefix that fits is replaced by the new line.
SINGLE = (
    "hostname", "ip domain name", "ip domain lookup source-interface", "clock timezone", "enable secret",
    "enable password", "logging buffered", "logging console", "logging monitor", "logging trap",
    "logging source-interface", "ntp source", "service timestamps debug", "service timestamps log", "banner motd",
    "description", "ip address", "bandwidth", "mtu", "ip mtu", "encapsulation", "speed", "duplex", "delay",
    "vrf forwarding", "exec-timeout", "transport input", "transport output", "privilege level", "password", "rd",
    "router-id", "bgp router-id", "path", "maximum", "time-period", "login", "snmp-server location",
    "snmp-server contact", "snmp-server chassis-id", "ip tcp adjust-mss", "negotiation", "load-interval",
    "ip ssh version", "ip ssh time-out", "ip tcp mss", "ip tcp window-size", "ip tcp synwait-time",
)  # fmt: skip

#: Lines whose ``no`` form is shown, because without it they are on.
SHOWN_NO = (
    "ip redirects", "ip unreachables", "ip proxy-arp", "ip http server", "ip http secure-server", "ip domain lookup",
    "ip route-cache", "switchport", "cdp enable", "lldp transmit", "lldp receive", "logging console",
    "logging monitor", "ip address", "platform punt-keepalive disable-kernel-core", "ip forward-protocol nd",
    "aaa new-model", "auto-summary", "service pad", "ip gratuitous-arps", "keepalive", "ip finger", "exec",
)  # fmt: skip

GLOBAL_WORDS = frozenset(
    {word.split()[0] for word in (*PLAIN_GLOBAL, *BLOCKS)}
    - {"ip", "ipv6", "login", "password", "enable", "privilege", "mac", "vlan", "access-list", "snmp", "redundancy",
       "standby", "event", "track", "mpls", "logging", "process", "cdp"}
    | {"interface", "router", "key", "hostname", "archive", "end", "exit", "do", "configure"}
)  # fmt: skip
