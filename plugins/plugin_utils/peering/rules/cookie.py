# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notification of invalid cookies. Numbers as in the vendor's page "Enabling Notification of Invalid Cookies"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ike
from ..finding import Breach, Group
from ..intent import End
from ..kinds.ike_invalid_cookie import FEATURE, router
from ..scene import Device, Fleet, Scene

_PAGE = "JUNOSe 11.0 IP Services Configuration Guide, p. 159"

KIND = "ike_invalid_cookie"
_GROUP = Group("cookie")
RULES, KEPT = _GROUP.rules, _GROUP.kept


def _ends(scene: Scene, role: str) -> list[End]:
    return [end for end in scene.peering.ends if end.values["role"] == role] if scene.peering.kind == KIND else []


def _options(scene: Scene, end: End) -> dict[str, Any] | None:
    """A responder's options by virtual router; None = unknown."""
    if end.external:
        return {router(end): dict(end.known)} if "tx_invalid_cookie" in end.known else None
    model = scene.model(end, FEATURE)
    return None if model is None else {entry["virtual_router"]: entry for entry in model}


def _off(scene: Scene) -> Iterator[tuple[End, list[str]]]:
    """Responders that do not send, with the other virtual routers in which the option is on."""
    for end in _ends(scene, "responder"):
        options = _options(scene, end)
        if options is not None and not options.get(router(end), {}).get("tx_invalid_cookie"):
            yield end, [name for name, entry in options.items() if entry.get("tx_invalid_cookie")]


@_GROUP.rule(
    "R3",
    "The option works only in the virtual router in which it is set",
    scope="peering",
    source=_PAGE,
    text="It is set per transport virtual router: set in another one, the peers of this one are not notified.",
    fix="Set it in the transport virtual router of the peering.",
)
def right_router(scene: Scene) -> Iterator[Breach]:
    for end, elsewhere in _off(scene):
        if elsewhere:
            values = (f"on in {', '.join(elsewhere)}, off in {router(end)}",)
            text = f"{end.host}: the peering runs over {router(end)}, the option is on in {', '.join(elsewhere)} only."
            yield Breach((end.host,), values, text)


@_GROUP.rule(
    "R5",
    "Without the option, a stale initiator is not notified",
    scope="peering",
    source=_PAGE,
    text="It is off by default; the initiator keeps its stale phase 1 until that expires.",
    fix="Set tx_invalid_cookie on the responder.",
)
def responder_notifies(scene: Scene) -> Iterator[Breach]:
    initiators = ", ".join(end.host for end in _ends(scene, "initiator"))
    for end, elsewhere in _off(scene):
        if not elsewhere:
            text = f"{end.host} does not notify {initiators} of invalid cookies (virtual router {router(end)})."
            yield Breach((end.host,), ("tx_invalid_cookie off",), text)


def _deaf(scene: Scene) -> list[End]:
    """Initiators that are E Series routers themselves."""
    return [end for end in _ends(scene, "initiator") if ike.platform_of(scene.peering, end) == ike.JUNOSE]


def _told_of_nobody(scene: Scene) -> bool:
    initiators = _ends(scene, "initiator")
    return bool(initiators) and len(_deaf(scene)) == len(initiators)


@_GROUP.rule(
    "R6",
    "An E Series router never reacts to the notification",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text="It is not protected by phase 1 keys, so believing it would invite denial of service.",
    fix="Use dead peer detection on that initiator.",
)
def initiator_reacts(scene: Scene) -> Iterator[Breach]:
    for end in [] if _told_of_nobody(scene) else _deaf(scene):
        yield Breach((end.host,), ("E Series",), f"{end.host} is an E Series router and ignores the notification.")


@_GROUP.rule(
    "R8",
    "A responder that also initiates needs dead peer detection",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text="An E Series router finds its own stale phase 1 only by timeout or dead peer detection.",
    fix="Set dpd: true.",
)
def own_stale_phase1(scene: Scene) -> Iterator[Breach]:
    for end in _ends(scene, "responder"):
        options = _options(scene, end)
        initiates = end.values.get("ike", {}).get("initiates")
        if initiates and options is not None and not options.get(router(end), {}).get("dpd"):
            yield Breach((end.host,), ("dpd off",), f"{end.host} also initiates, and dead peer detection is off.")


@_GROUP.rule(
    "R10",
    "The initiator must drop its phase 1 on the notification",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text='A receiving initiator "can" delete its phase 1 state; one that does not stays stale.',
    fix="Enable it on the initiator, or use dead peer detection.",
)
def initiator_believes(scene: Scene) -> Iterator[Breach]:
    for end in _ends(scene, "initiator"):
        if end.known.get("honours_invalid_cookie") is False:
            yield Breach((end.host,), ("ignores it",), f"{end.host} is known to ignore the notification.")


@_GROUP.rule(
    "R11",
    "The option helps only initiators that are no E Series routers",
    scope="peering",
    severity="warning",
    source=_PAGE,
    text="It is of use only where the E Series router responds to other makes that cannot find a stale phase 1.",
    fix="Remove the peering and use dead peer detection.",
)
def helps_somebody(scene: Scene) -> Iterator[Breach]:
    if _told_of_nobody(scene):
        hosts = tuple(end.host for end in scene.peering.ends)
        values = tuple("E Series" if end in _deaf(scene) else "responder" for end in scene.peering.ends)
        yield Breach(
            hosts, values, f"All initiators ({', '.join(end.host for end in _deaf(scene))}) are E Series routers."
        )


@_GROUP.rule(
    "R11a",
    "The option is on where no peering needs it",
    scope="device",
    severity="note",
    source=_PAGE,
    text="Notifications are not protected; send them only where somebody is helped.",
    fix="Turn it off there, or declare the peering.",
)
def needed_there(device: Device, fleet: Fleet) -> Iterator[Breach]:
    mine = [end for scene in fleet.of(device.host, KIND) for end in scene.peering.ends if end.host == device.host]
    routers = {router(end) for end in mine if end.values["role"] == "responder"}
    for entry in device.models.get(FEATURE, []) if routers else ():
        if entry.get("tx_invalid_cookie") and entry["virtual_router"] not in routers:
            name = entry["virtual_router"]
            text = f"{device.host}: the option is on in virtual router {name}, over which no declared peering runs."
            yield Breach((device.host,), (f"on in {name}",), text)


_GROUP.keeps(
    "R1", "Off on a fresh virtual router", source=_PAGE, how="Defaults are values: an absent option is compared as off."
)
_GROUP.keeps(
    "R2",
    "Set in the context of one virtual router",
    source=_PAGE,
    how="junose_ipsec_option selects the virtual router first.",
)
_GROUP.keeps(
    "R4", "An unknown cookie pair may be answered", source=_PAGE, how="The mock lab behaves so; tests hold it."
)
_GROUP.keeps("R7", "The notification is not protected", source=_PAGE, how="Reason of R6 and R11a.")
_GROUP.keeps("R9", "How a cookie becomes unknown", source=_PAGE, how="The mock lab behaves so; tests hold it.")
_GROUP.keeps(
    "R12", "ipsec clear sa is a configuration command", source=_PAGE, how="junose_ipsec_clear_sa sends it there."
)
_GROUP.keeps(
    "R13",
    "ipsec clear sa takes one selector and a phase",
    source=_PAGE,
    how="junose_ipsec_clear_sa refuses anything else.",
)
_GROUP.keeps(
    "R14",
    "Clearing is an action, not configuration",
    source=_PAGE,
    how="It is a module of its own and never part of a plan.",
)
