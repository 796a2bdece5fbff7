# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show commands about LISP, in the layouts of the reference (3.1 to 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.lisp import PORT, Lisp, LispSpeaker, Registration, Site, TcpView
from .dialect import Dialect
from .zone import age

if TYPE_CHECKING:
    from .shell import IosShell

_WHERE = "[ vrf <vrf:name> | all | locator-table <table:name> | <process:int(0-65520)> ]"
_CAPABILITIES = (
    "Publish-Subscribe Instance-ID", "Domain-Info", "Route-Tag", "SGT", "Default-originate", "Service-registration",
    "Extranet-policy-propagation", "Default-ETR Route-metric", "Unknown vendor type skip", "RAR-notify",
)  # fmt: skip


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    common = modes["common"]
    common.add("show lisp", _lisp, GUESS.prints(GUESS))
    common.add(f"show lisp {_WHERE} session [ all | established ]", _sessions, DOC.prints(CODE))
    common.add(
        f"show lisp {_WHERE} session <peer:ipv4or6>",
        _session,
        DOC.prints(CODE, "the label of the authentication line has two spellings"),
    )
    common.add(f"show lisp {_WHERE} session capability [ <peer:ipv4or6> ]", _capability, CODE.prints(CODE))
    common.add("show lisp session redundancy", _redundancy, CODE.prints(GUESS))
    common.add("show lisp site [ detail ]", _site, DOC.prints(CODE))
    common.add("show lisp site summary", _site_summary, CODE.prints(CODE))
    common.add("show lisp site name <name:name>", _site_named, GUESS.prints(GUESS))
    common.add("show lisp site <name:name>", _site_named, CODE.prints(CODE))
    afi = "{ ipv4 | ipv6 | ethernet }"
    common.add(f"show lisp service {afi}", _service, CODE.prints(CODE))
    common.add(f"show lisp service {afi} statistics", _statistics, CODE.prints(CODE))
    common.add(f"show lisp instance-id <instance:int(0-16777214)> {afi}", _service, CODE.prints(CODE))
    common.add(
        f"show lisp instance-id <instance:int(0-16777214)> {afi} server [ summary | detail ]", _site, CODE.prints(CODE)
    )


def _views(shell: IosShell, match: Match) -> list[TcpView]:
    if match.args.get("vrf", "default") != "default" or match.args.get("process", 0) != 0:
        return []
    return shell.device.world.protocol(Lisp).sessions(shell.device)


def with_port(address: str, port: int) -> str:
    """``192.0.2.1:4342``, ``2001:db8::1.4342``; without a port the address alone."""
    return address if not port else f"{address}{'.' if ':' in address else ':'}{port}"


def _age(shell: IosShell, since: float | None) -> str:
    return "never" if since is None else age(shell.device.world.time - since)


def _messages(shell: IosShell, view: TcpView) -> tuple[int, int]:
    """In and out; some at the start, then about one each minute."""
    if view.state == "Listening" or view.since is None:
        return 0, 0
    if view.state == "Down":
        return 0, 0
    minutes = int((shell.device.world.time - view.since) // 60)
    extra = 2 * len(view.users)
    ins, outs = 5 + extra + minutes, 4 + extra + minutes
    return (ins, outs) if view.active else (outs, ins)


def _users(view: TcpView) -> list[tuple[str, str, str, str]]:
    """(type, id, in/out, state) of the users of a session."""
    if view.state == "Listening":
        return []
    kind = "ETR Reliable Registration" if view.active else "MS Reliable Registration"
    rows: list[tuple[str, str, str, str]] = []
    for eid in view.users:
        afi = "IPv6" if ":" in eid.prefix else "IPv4"
        name = f"lisp 0 IID {eid.instance} AFI {afi}"
        if all(row[1] != name for row in rows):
            rows.append((kind, name, "3/2" if view.active else "2/3", "TCP" if view.state == "Up" else "Off"))
    rows.append(("Capability Exchange", "N/A", "1/1", "waiting"))
    return rows


# -- sessions ---------------------------------------------------------------------------------------------------------


def _sessions(shell: IosShell, match: Match) -> str:
    views = _views(shell, match)
    if "established" in match.keywords:
        views = [view for view in views if view.state != "Down"]
    rtt = shell.device.dialect.rtt
    users = 66 if rtt else 67
    up = sum(1 for view in views if view.state == "Up")
    out = [
        f"Sessions for VRF {match.args.get('vrf', 'default')}, total: {len(views)}, established: {up}",
        f"{'Peer':<31}{'State':<11}{'Up/Down':<15}{'In/Out':<{users - 57}}Users{'  RTT(ms)' if rtt else ''}",
    ]
    for view in views:
        ins, outs = _messages(shell, view)
        head = f"{with_port(view.peer, view.peer_port):<31}{view.state:<11}{_age(shell, view.since)}"
        row = f"{head}{ins:>{max(1, 59 - len(head))}}/{outs}"
        row = f"{row:<{users}}{len(_users(view)):<7}"
        out.append((row + str(_rtt(view)) if rtt else row).rstrip())
    return "\n".join(out) + "\n"


def _rtt(view: TcpView) -> int:
    return 0 if view.state != "Up" else 1 + view.session.port % 4


def _session(shell: IosShell, match: Match) -> str:
    out = ""
    if "all" in match.keywords:
        out = f"{'=' * 69}\nOutput for router lisp 0\n{'=' * 69}\n\n"
    for view in _views(shell, match):
        if view.peer == match.args["peer"] and view.state != "Listening":
            out += _detail(shell, view)
    return out


def _detail(shell: IosShell, view: TcpView) -> str:
    dialect = shell.device.dialect
    ins, outs = _messages(shell, view)
    when = _age(shell, view.since)
    fields: list[tuple[str, str]] = [
        ("Peer address:", with_port(view.peer, view.peer_port)),
        ("Local address:", with_port(view.local, view.local_port)),
        ("Session Type:", "Active" if view.active else "Passive"),
        ("Session State:", f"{view.state} ({when})"),
    ]
    if dialect.rtt and view.state == "Up":
        fields.append(("Session RTT:", f"{_rtt(view)} ms  ({when})"))
    fields += [
        ("Messages in/out:", f"{ins}/{outs}"), ("Bytes in/out:", f"{ins * 43}/{outs * 42}"), ("Fatal errors:", "0"),
        ("Rcvd unsupported:", "0"), ("Rcvd invalid VRF:", "0"), ("Rcvd override:", "0"), ("Rcvd malformed:", "0"),
        ("Sent deferred:", "0"), ("SSO redundancy:", "N/A" if dialect.rtt else "unsynchronized"),
    ]  # fmt: skip
    if view.chain is not None:
        fields.append((dialect.auth_label, f"TCP-Auth-Option, keychain: {view.chain}"))
    elif dialect.auth_none:
        fields.append((dialect.auth_label, "None "))
    rows = _users(view)
    fields += [("", ""), ("Accepting Users:", "0"), ("Users:", str(len(rows)))]
    out = [f"{name:<18}{value}" if name else "" for name, value in fields]
    out.append("  Type                      ID                                      In/Out    State")
    for kind, name, count, state in rows:
        ins_text, _slash, outs_text = count.partition("/")
        head = f"  {kind:<26}{name}"
        out.append(f"{f'{head}{ins_text:>{max(1, 70 - len(head))}}/{outs_text}':<78}{state}")
    return "\n".join(out) + "\n"


def _capability(shell: IosShell, match: Match) -> str:
    views = [view for view in _views(shell, match) if view.state == "Up"]
    peer = match.args.get("peer")
    if peer is None:
        out = ["Peer                           Tx Flags   Rx Flags   Rx count  Err count "]
        out += [f"{with_port(v.peer, v.peer_port):<31}0x1FF      0x1FF      1         0         " for v in views]
        return "\n".join(out) + "\n"
    if not any(view.peer == peer for view in views):
        return ""
    names = "\n".join(" " * 30 + name for name in _CAPABILITIES)
    return (
        "Session Capability Exchange\n"
        f"Capability Exchange Complete: Yes\n{'Capability Sent:':<30}0x000001FF\n{names}\n"
        f"{'Capability Received:':<30}0x000001FF\n{names}\n{'Receive count:':<30}1\n{'Error count:':<30}0\n"
    )


def _redundancy(_shell: IosShell, _match: Match) -> str:
    line = "  Synced/pending TCP action/pending checkpoint: 0/0/0\n"
    return f"Passive sessions\n{line}Listeners\n{line}"


# -- sites ------------------------------------------------------------------------------------------------------------

_SITE_HEAD = """LISP Site Registration Information
* = Some locators are down or unreachable
# = Some registrations are sourced by reliable transport

Site Name      Last      Up     Who Last             Inst     EID Prefix
               Register         Registered           ID
"""


def _registrations(shell: IosShell) -> list[Registration]:
    return shell.device.world.protocol(Lisp).registrations(shell.device)


def _by(shell: IosShell, row: Registration) -> str:
    """Who registered: the ETR's port on the session, or the well-known one for UDP."""
    if row.by is None:
        return "--"
    etr = shell.device.world.devices[row.by.etr]
    rloc = etr.lisp_node().rloc if isinstance(etr, LispSpeaker) else None
    return with_port(rloc or "", row.by.port if row.reliable else PORT)


def _site(shell: IosShell, match: Match) -> str:
    if "detail" in match.keywords:
        names = dict.fromkeys(row.site.name for row in _registrations(shell))
        return "".join(_site_detail(shell, name) for name in names)
    out, last = _SITE_HEAD, ""
    for row in _registrations(shell):
        name = row.site.name if row.site.name != last else ""
        last = row.site.name
        up = "no" if row.eid is None else "yes#" if row.reliable else "yes"
        when = "never" if row.at is None else age(shell.device.world.time - row.at)
        record = row.eid or row.record
        head = f"{name:<14} {when:<9} {up:<6} {_by(shell, row)}"
        if len(head) > 52:
            out += f"{head}\n"
            head = ""
        out += f"{head:<53}{record.instance:<9}{record.prefix}\n"
    return out


def _site_summary(shell: IosShell, _match: Match) -> str:
    rows = _registrations(shell)
    sites = len({row.site.name for row in rows})
    up = sum(1 for row in rows if row.eid is not None)
    return (
        f"Number of configured sites:                     {sites}\n"
        f"Number of registered sites:                     {len({r.site.name for r in rows if r.eid is not None})}\n"
        f"Number of configured EID prefixes:              {len({(r.site.name, r.record) for r in rows})}\n"
        f"Number of registered EID prefixes:              {up}\n"
    )


def _site_named(shell: IosShell, match: Match) -> str:
    return _site_detail(shell, match.args["name"])


def _site_detail(shell: IosShell, name: str) -> str:
    rows = [row for row in _registrations(shell) if row.site.name == name]
    if not rows:
        return ""
    out = [f"Site name: {name}", "Allowed configured locators: any", "Allowed EID-prefixes:", ""]
    for row in rows:
        out += [*_prefix_detail(shell, row.site, row), ""]
    return "\n".join(out) + "\n"


def _prefix_detail(shell: IosShell, site: Site, row: Registration) -> list[str]:
    record = row.eid or row.record
    when = "never" if row.at is None else age(shell.device.world.time - row.at)
    origin = "Configuration" if record.prefix == row.record.prefix else f"Dynamic, more specific of {row.record.prefix}"
    more = ", accepting more specifics" if row.record.more_specifics and record.prefix == row.record.prefix else ""
    failures = shell.device.world.protocol(Lisp).failures(shell.device, site)
    fields = (
        ("First registered:", when), ("Last registered:", when), ("Routing table tag:", "0"),
        ("Origin:", origin + more), ("Merge active:", "No"), ("Proxy reply:", "No"), ("TTL:", "1d00h"),
        ("State:", "complete" if row.eid is not None else "unknown"),
    )  # fmt: skip
    out = [f"  EID-prefix: {record.prefix} instance-id {record.instance}"]
    out += [f"    {name:<22}{value}" for name, value in fields]
    out += [
        "    Registration errors:",
        f"      Authentication failures:   {failures}",
        "      Allowed locators mismatch: 0",
    ]
    if row.by is not None:
        who = _by(shell, row)
        out += [
            f"    ETR {who}, last registered {when}, proxy-reply, map-notify",
            f"{'':27}TTL 1d00h, no merge, hash-function sha1",
            f"{'':27}state complete, no security-capability",
            f"{'':27}sourced by reliable transport" if row.reliable else f"{'':27}sourced by UDP",
            "      Locator      Local  State      Pri/Wgt  Scope",
            f"      {who.rpartition(':')[0] or who:<12} yes    up          10/10   IPv4 none",
        ]
    return out


# -- roles ------------------------------------------------------------------------------------------------------------


def _service(shell: IosShell, match: Match) -> str:
    node = shell.device.lisp_node()
    instance = match.args.get("instance")
    head = "Information applicable to all EID instances:" if instance is None else f"Instance ID: {instance}"

    def word(on: bool) -> str:
        return "enabled" if on else "disabled"

    rows = [
        ("Router-lisp ID:", ["0"]), ("Ingress Tunnel Router (ITR):", [word(node.itr)]),
        ("Egress Tunnel Router (ETR):", [word(node.etr)]), ("Proxy-ITR Router (PITR):", ["disabled"]),
        ("Proxy-ETR Router (PETR):", ["disabled"]), ("Map Server (MS):", [word(node.map_server)]),
        ("Map Resolver (MR):", [word(node.map_resolver)]), ("ITR Map-Resolver(s):", list(node.map_resolvers)),
        (f"ETR Map-Server(s){' (last map-reg sent)' if instance is not None else ''}:", _servers(shell, instance)),
        ("ETR map-cache TTL:", ["1d00h"]),
    ]  # fmt: skip
    out = [head]
    for name, values in rows:
        for number, value in enumerate(values or ["none"]):
            out.append(f"{'  ' + name if not number else '':<44}{value}")
    return "\n".join(out) + "\n"


def _servers(shell: IosShell, instance: int | None) -> list[str]:
    names = list(shell.device.lisp_node().map_servers)
    if instance is None:
        return names
    views = {view.peer: view for view in shell.device.world.protocol(Lisp).sessions(shell.device) if view.active}
    out: list[str] = []
    for name in names:
        view = views.get(name)
        at = view.session.registered_at if view is not None else None
        out.append(f"{name} ({'never' if at is None else age((shell.device.world.time - at) % 60)})")
    return out


def _statistics(shell: IosShell, _match: Match) -> str:
    views = shell.device.world.protocol(Lisp).sessions(shell.device)
    up = sum(1 for view in views if view.state == "Up")
    failed = sum(view.session.failures() for view in views if not view.active)
    return (
        "LISP EID Statistics for all EID instances - last cleared: never\nControl Packets:\n"
        f"  Map-Register records in/out:              {up}/{up}\n"
        f"    Authentication failures:                {failed}\n"
        f"  Map-Notify records in/out:                {up}/{up}\n    Authentication failures:                0\n"
    )


def _lisp(shell: IosShell, _match: Match) -> str:
    if not shell.config.tree.sections("router lisp"):
        return "% LISP is not configured\n"  # [guess]
    number = shell.config.tree.sections("router lisp")[0].text.split()
    return (
        f"Router-lisp ID:        {number[2] if len(number) > 2 else 0}\nLocator table:         default\n"
        "TCP path mtu discovery OFF\n"
    )
