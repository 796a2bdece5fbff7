# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show commands. Layouts: `show version` as recorded; `show ipsec …` as remembered, no sample is published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.ike import Ike, Sa

if TYPE_CHECKING:
    from .device import JunoseDevice
    from .shell import JunoseShell

_LABELS = (("dpd", "Dead Peer Detection"), ("nat-t", "NAT Traversal"), ("tx-invalid-cookie", "TX Invalid Cookie"))
_COLUMNS = "{:<20}{:<20}{:<10}{:<11}{:<20}{}\n"


def declare(modes: dict[str, Mode]) -> None:
    user, priv = modes["user"], modes["priv"]
    user.add("show version", _version, CODE.prints(CODE))
    user.add("show virtual-router", _routers, GUESS.prints(GUESS))
    user.add("show privilege", lambda shell, _match: f"Privilege level is {shell.level}\n", GUESS.prints(GUESS))
    priv.add(
        "show configuration [ virtual-router <name:router> ]",
        _configuration,
        CODE.prints(CODE, "the envelope; the order inside and the filter are assumed"),
    )
    priv.add("show running-configuration", _configuration, CODE.prints(CODE))
    user.add("show ipsec option", _options, DOC.prints(GUESS))
    user.add("show ipsec ike-sa", _ike_sa, DOC.prints(GUESS))
    user.add("show ike sa", _old_ike_sa, GUESS.prints(GUESS))
    user.add("show ipsec tunnel [ detail | summary ]", _tunnel, GUESS.prints(GUESS))
    user.add("show ipsec ike-policy-rule", _policy, GUESS.prints(GUESS))


def _stamp(moment: float) -> str:
    return time.strftime("%a %b %d %Y %H:%M:%S UTC", time.gmtime(moment)).upper()


def _release(device: JunoseDevice) -> str:
    numbers = device.os_version.replace(" release-", "p").replace(" patch-", "p").replace(".", "-")
    return f"{device.model.replace('-', '').lower()}_{numbers}.rel"


def _version(shell: JunoseShell, _match: Match) -> str:
    device = shell.device
    up = int(device.world.time - device.booted_at)
    days, hours, minutes, seconds = up // 86400, up // 3600 % 24, up // 60 % 60, up % 60
    running = _release(device)
    slots = [("0", f"SRP{device.model.rpartition('-')[2]}-10G"), ("1", "---")]
    if device.model.startswith("ERX") and not device.options.get("no_ism"):
        slots.append(("2", "ISM"))
    rows = "".join(
        f"{slot:<4} {'online' if kind != '---' else '---':<6} {kind:<10} "
        + (f"enabled  ---  {running} {days:02d}d{hours:02d}h:{minutes:02d}m:{seconds:02d}s\n" if kind != "---" else
           "  ---    ---          ---               ---      \n")
        for slot, kind in slots
    )  # fmt: skip
    return (
        f"Juniper Edge Routing Switch {device.model}\n"
        "Copyright (c) 1999-2010 Juniper Networks, Inc.  All rights reserved.\n"
        f"System Release: {running}\n"
        f"\tVersion: {device.os_version} [BuildId 13377]   (September 28, 2010  16:20)\n"
        f"System running for: {days} days, {hours} hours, {minutes} minutes, {seconds} seconds\n"
        f"\t(since {_stamp(device.booted_at)})\n\n"
        "slot state     type     admin  spare   running release     slot uptime  \n"
        "---- ------ ---------- ------- ----- -------------------- --------------\n" + rows
    )


def _routers(shell: JunoseShell, _match: Match) -> str:
    return "".join(f"Virtual Router : {name}\n" for name in shell.device.config.routers())


def _configuration(shell: JunoseShell, match: Match) -> str:
    from .shell import WrongWord

    device, only = shell.device, match.args.get("name")
    if only and only not in device.config.routers():
        raise WrongWord(only)
    head = (
        "Please wait...\n" + "".join("." * 20 + "\n" for _row in range(int(device.options.get("wait_dots", 0)))) +
        f"! Configuration script being generated on {_stamp(device.world.time)}\n"
        f"! Juniper Edge Routing Switch {device.model}\n"
        f"! Version: {device.os_version} [BuildId 13377]   (September 28, 2010  16:20)\n"
        "! Copyright (c) 1999-2010 Juniper Networks, Inc.  All rights reserved.\n!\n"
        f"! Commands displayed are limited to those available at privilege level {shell.level}\n!\n"
    )  # fmt: skip
    text = head + device.displayed(only)
    if device.options.get("cut_configuration"):
        return text[: len(text) * 3 // 4].rpartition("\n")[0] + "\n"
    return text + "!\n! End of generated configuration script.\n"


def _options(shell: JunoseShell, match: Match) -> str:
    from .shell import WrongWord

    device = shell.device
    shown = [(option, label) for option, label in _LABELS if not device.lacks(option)]
    if not shown:
        raise WrongWord("option")
    return "IPsec options:\n" + "".join(
        f"  {label:<19}: {'enabled' if device.config.option(shell.router, option) else 'disabled'}\n"
        for option, label in shown
    )


def _ike_sa(shell: JunoseShell, match: Match) -> str:
    from .shell import WrongWord

    if shell.device.options.get("old_spelling"):
        raise WrongWord("ike-sa")
    return _sas(shell)


def _old_ike_sa(shell: JunoseShell, match: Match) -> str:
    from .shell import WrongWord

    if not shell.device.options.get("old_spelling"):
        raise WrongWord("ike")
    return _sas(shell)


def _sas(shell: JunoseShell) -> str:
    device = shell.device
    rows = "".join(_sa_rows(device, shell.router))
    heading = _COLUMNS.format("Local:Port", "Remote:Port", "Time(Sec)", "State", "Local Cookie", "Remote Cookie")
    return "IKE Phase 1 SA's:\n" + heading + rows


def _sa_rows(device: JunoseDevice, router: str) -> Iterator[str]:
    ike = device.world.protocol(Ike)
    for sa in ike.sas(device, 1):
        if sa.vr == router:
            yield _row(sa.local, sa.remote, max(0, int(sa.expires - device.world.time)), "DONE", *_cookies(sa))
    for tunnel, index in ike.tunnels(device):
        end = tunnel.ends[index]
        if end.exchange is not None and end.exchange.phase == 1 and end.peer is not None and end.peer.vr == router:
            cookie = f"0x{device.number(f'cookie/{end.exchange.id}', 64):016x}"
            state = "MM_SA_I" if end.exchange.mode == "main" else "AM_SA_I"
            yield _row(end.local, end.remote, 0, state, cookie, f"0x{0:016x}")


def _cookies(sa: Sa) -> tuple[str, str]:
    own, other = (
        (sa.initiator_cookie, sa.responder_cookie) if sa.initiator else (sa.responder_cookie, sa.initiator_cookie)
    )
    return f"0x{own}", f"0x{other}"


def _row(local: str, remote: str, seconds: int, state: str, own: str, other: str) -> str:
    return _COLUMNS.format(f"{local}:500", f"{remote}:500", seconds, state, own, other)


def _tunnel(shell: JunoseShell, match: Match) -> str:
    device = shell.device
    up = {sa.peer for sa in device.world.protocol(Ike).sas(device, 2)}
    blocks = []
    for line in device.config.section(shell.router):
        words = line.text.split()
        if words[:2] == ["interface", "tunnel"]:
            name = words[2].removeprefix("ipsec:")
            detail = _detail(shell.router, line) if "detail" in match.keywords else ""
            blocks.append(f"IPSEC tunnel {name} is {'up' if name in up else 'down'}\n{detail}")
    count = f"{len(blocks)} IPSEC tunnel{'' if len(blocks) == 1 else 's'} found\n"
    return count if "summary" in match.keywords else "".join(blocks) + count


def _detail(router: str, tunnel: Line) -> str:
    words = tunnel.text.split()
    return (
        "Tunnel configuration:\n  Tunnel type is signaled\n  Tunnel mtu is 1440\n"
        f"  Tunnel source is {tunnel.value('tunnel source')}\n"
        f"  Tunnel destination is {tunnel.value('tunnel destination')}\n"
        f"  Tunnel transport virtual router is {words[4] if len(words) > 4 else router}\n"
        f"  Tunnel transform set is {tunnel.value('tunnel transform-set')}\n  Tunnel administrative state is Up\n"
    )


def _policy(shell: JunoseShell, match: Match) -> str:
    out = "IKE Policy Rules:\n"
    for line in shell.device.config.tree.sections("ipsec ike-policy-rule"):
        out += f"  Protection suite priority: {line.text.split()[-1]}\n"
        out += "".join(f"    {child.text.replace(' ', ' :', 1)}\n" for child in line.children)
    return out
