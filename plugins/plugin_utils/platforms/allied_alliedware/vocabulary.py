# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of AlliedWare that this collection understands, as data: objects, parameters, values, defaults.

Sources: IPsec command reference (SET ISAKMP POLICY with the parameters of 2.8), AlliedWare OS Software Reference
chapter 49 (CREATE IPSEC POLICY), Release Note 2.8.1 pp. 170–171 (back-off, retry, their defaults).
"""

from __future__ import annotations

from .flat import ObjectKind, Parameter

SWITCH = ("true", "false")
"""Where the device takes on and off as well, it means the same."""


def _assumed(keyword: str, default: str, values: tuple[str, ...] = ()) -> Parameter:
    """A parameter whose default no document states that is at hand."""
    return Parameter(keyword, values, default, certain=False)


ISAKMP_POLICY = ObjectKind(
    "isakmp",
    "policy",
    (
        Parameter("peer"),
        Parameter("authtype", ("preshared", "rsasig"), "preshared"),
        _assumed("deletedelay", "30"),
        Parameter("dhexponentlength"),
        Parameter("dpdidletimeout"),
        _assumed("dpdmode", "none", ("both", "none", "receive")),
        _assumed("encalg", "des", ("des", "3desouter", "aes128", "aes192", "aes256")),
        Parameter("expirykbytes"),
        _assumed("expiryseconds", "86400"),
        _assumed("group", "1"),
        _assumed("hashalg", "sha", ("sha", "md5")),
        _assumed("heartbeatmode", "none", ("both", "none", "receive", "send")),
        _assumed("hybridxauth", "off", ("on", "off")),
        Parameter("key"),
        Parameter("localid", quoted=True),
        Parameter("localrsakey"),
        _assumed("mode", "main", ("main", "aggressive")),
        Parameter("msgbackoff", ("incremental", "none"), "incremental"),
        Parameter("msgretrylimit", default="8"),
        Parameter("msgtimeout", default="4"),
        _assumed("nattraversal", "false", SWITCH),
        _assumed("phase2xchglimit", "none", ("none",)),
        Parameter("policyfilename", quoted=True),
        _assumed("prenegotiate", "false", SWITCH),
        Parameter("remoteid", quoted=True),
        _assumed("rekey", "false", SWITCH),
        Parameter("retryikeattempts", ("continuous",), "0"),
        _assumed("senddeletes", "false", SWITCH),
        _assumed("sendnotify", "false", SWITCH),
        _assumed("sendidalways", "false", SWITCH),
        _assumed("setcommitbit", "false", SWITCH),
        Parameter("srcinterface"),
        _assumed("xauth", "none", ("client", "server", "none")),
        Parameter("xauthname", quoted=True),
        Parameter("xauthpassword", quoted=True),
        _assumed("xauthtype", "generic", ("generic", "radius")),
    ),
)

IPSEC_POLICY = ObjectKind(
    "ipsec",
    "policy",
    (
        Parameter("interface"),
        Parameter("action", ("deny", "ipsec", "permit")),
        Parameter("ipversion", ("4", "6")),
        Parameter("bundlespecification"),
        Parameter("dfbit", ("set", "copy", "clear")),
        Parameter("group"),
        Parameter("icmptype"),
        Parameter("iproutetemplate"),
        Parameter("isakmppolicy", quoted=True),
        Parameter("keymanagement", ("isakmp", "manual")),
        Parameter("laddress"),
        Parameter("lmask"),
        Parameter("lname"),
        Parameter("lport"),
        Parameter("peeraddress", ("any", "dynamic")),
        Parameter("position"),
        Parameter("raddress"),
        Parameter("respondbadspi", SWITCH),
        Parameter("rmask"),
        Parameter("rname"),
        Parameter("rport"),
        Parameter("saselectorfrompkt"),
        Parameter("srcinterface"),
        Parameter("transportprotocol"),
        Parameter("udpheartbeat"),
        Parameter("udpport"),
        Parameter("udptunnel"),
        Parameter("usepfskey"),
    ),
)

KINDS = (ISAKMP_POLICY, IPSEC_POLICY)
