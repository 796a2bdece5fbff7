# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VRP over NETCONF: which elements are ours, and what the server tells of the device.

Sources: huawei-mpls-te, huawei-rsvp-interface and the modules that they need, YANG 8.20.0 to 8.22.0. Where an interface
is enabled for MPLS (`mpls/common/mpls-interfaces`) is known from a reference to it in huawei-mpls-te; the leaves of
huawei-ip and huawei-keychain are assumed from their names.
"""

from __future__ import annotations

from ...engine.device import NETCONF, DeviceFacts
from ...engine.secret import Secret
from ...engine.session import Operational, Subtree
from ...engine.xmlplan import LEAF, Shape, XmlPlanner, entry, way
from ...engine.xmltree import Element, name, namespace
from ..netconf import NetconfPlatform, NetconfSession, element_secrets
from .version import VRP8

_NAMESPACE = "urn:huawei:yang:huawei-{}"
PUBLIC = "_public_"
"""The network instance that RSVP-TE runs in."""

MPLS_FILTER = Subtree(f'<mpls xmlns="{_NAMESPACE.format("mpls")}"/>')
INTERFACE_FILTER = Subtree(
    f'<network-instance xmlns="{_NAMESPACE.format("network-instance")}"><instances><instance><name>{PUBLIC}</name>'
    f'<mpls xmlns="{_NAMESPACE.format("mpls")}"/><te xmlns="{_NAMESPACE.format("te")}"/>'
    "</instance></instances></network-instance>"
)
OPTIONAL_FILTERS = {
    "huawei-ifm": Subtree(f'<ifm xmlns="{_NAMESPACE.format("ifm")}"><interfaces/></ifm>'),
    "huawei-keychain": Subtree(f'<keychain xmlns="{_NAMESPACE.format("keychain")}"/>'),
}
"""By the module that a server must have announced for them."""
RSVP_STATE_FILTER = Operational(
    f'<mpls xmlns="{_NAMESPACE.format("mpls")}"><te xmlns="{_NAMESPACE.format("mpls-te")}"><rsvp>'
    "<enable/><peer-infos/><statistics/></rsvp></te></mpls>"
    f'<network-instance xmlns="{_NAMESPACE.format("network-instance")}"><instances><instance><name>{PUBLIC}</name>'
    f'<mpls xmlns="{_NAMESPACE.format("mpls")}"><te xmlns="{_NAMESPACE.format("mpls-te")}">'
    f'<rsvp-interfaces xmlns="{_NAMESPACE.format("rsvp-interface")}"/></te></mpls>'
    "</instance></instances></network-instance>"
)
"""Neighbours, counters, and the interfaces whole: whether they have counters of their own depends on the release."""

_AUTHENTICATION = Shape(pivot="type")
_RSVP_INTERFACE = entry({"authentication": _AUTHENTICATION}, "name")
_TE = way(
    {
        "enable": LEAF,
        "rsvp": way(
            {
                "enable": LEAF,
                "global": way({}),
                "neighbors": way({"neighbor": entry({"authentication": _AUTHENTICATION}, "peer-ip-address")}),
            }
        ),
    }
)
_INSTANCE = way(
    {
        "mpls": way(
            {
                "common": way({"mpls-interfaces": way({"mpls-interface": entry({}, "name")})}),
                "te": way({"rsvp-interfaces": way({"rsvp-interface": _RSVP_INTERFACE})}),
            }
        ),
        "te": way({"interfaces": way({"interface": entry({}, "name")})}),
    },
    "name",
)
SHAPE: Shape = way(
    {
        "mpls": way({"common": way({"global": way({"mpls-enable": LEAF})}), "te": _TE}),
        "network-instance": way({"instances": way({"instance": _INSTANCE})}),
    }
)
"""What of the running configuration belongs to the model."""

SECRETS = element_secrets("md5-key", "md5-password", "key-string", "password")


def learn(session: NetconfSession) -> DeviceFacts:
    """The hello tells the modules; the release is nowhere documented. A server with these modules is a VRP8."""
    return DeviceFacts(platform="huawei_vrp", dialect=VRP8, language=NETCONF, modules=session.modules)


def spell(element: Element, secret: Secret) -> None:
    """A key stands for itself, in clear text or as a device has encrypted it."""
    element.text = secret.reveal()


def refuse_others(roots: list[Element]) -> None:
    """Raises ValueError when a configuration in XML is not one of VRP."""
    prefix = _NAMESPACE.format("")
    others = [root for root in roots if name(root) != "cli" and not namespace(root).startswith(prefix)]
    if others and len(others) == len(roots):
        raise ValueError(f"this is a configuration with '{name(others[0])}' at its top, not one of Huawei VRP")


PLANNER = XmlPlanner(SHAPE)

PLATFORM = NetconfPlatform(handler="huaweiyang", learn=learn, spell=spell)
