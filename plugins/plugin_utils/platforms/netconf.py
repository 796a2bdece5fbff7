# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session over NETCONF (RFC 6241), for every platform that has a server: lock, edit, commit, confirm, take back.

What a server can do is decided by its capabilities, matched exactly. An `<ok/>` proves nothing here: the engine reads
every edit back. `validate` is never sent: the default test-then-set of an edit does the same, and one server is known
to lose a change that is validated and then committed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..engine.channel import ChannelError
from ..engine.device import DeviceFacts
from ..engine.plan import Plan
from ..engine.secret import Secret, SecretBook
from ..engine.session import (
    Beside,
    CommandRejected,
    DeviceBusy,
    DeviceError,
    Operational,
    PushFailed,
    PushReport,
    Session,
    Subtree,
    Tentative,
    Unsupported,
)
from ..engine.xmltree import NC, Element, cli_element, etree, first, is_xml, name, parse, value, walk

CAPABILITY = "urn:ietf:params:netconf:capability:"
MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
PERSIST = "netops.peerguard"
"""The persist-id of our confirmed commits: known to whoever comes after a controller that died."""
SLOW = 120.0
"""Seconds that a commit, or saving, may take on a large box."""

_MODULE = re.compile(r"[?&]module=(?P<module>[^&]+)")
_REVISION = re.compile(r"[?&]revision=(?P<revision>[^&]+)")


class RpcChannel(Protocol):
    """An open, authenticated NETCONF session; made by a carrier."""

    host: str
    session_id: str
    capabilities: frozenset[str]

    def call(self, operation: str, *, timeout: float | None = None) -> str:
        """Send one operation (XML) and return the whole `<rpc-reply>`, errors included.

        `timeout` in seconds (None = the carrier's own). Raises SessionLost, NoAnswer.
        """

    def close(self) -> None:
        """End the session; never raises."""


@dataclass(frozen=True)
class NetconfPlatform:
    """What is particular to an OS's NETCONF server.

    `handler`: ncclient's name for it. `learn`: reads the facts. `spell`: writes a secret into the element that holds
    its seal. `save_rpc`: namespace and name of the vendor's own RPC that saves, used where the server has announced it.
    """

    handler: str
    learn: Callable[[NetconfSession], DeviceFacts]
    spell: Callable[[Element, Secret], None]
    save_rpc: tuple[str, str] | None = None


@dataclass(frozen=True)
class RpcError:
    """One `<rpc-error>` of a reply."""

    tag: str
    severity: str
    message: str
    path: str
    session: str
    """The session that holds what was asked for, where the server names it."""

    def __str__(self) -> str:
        return f"{self.tag}: {self.message}{f' (at {self.path})' if self.path else ''}"


class RpcRefused(CommandRejected):
    """The server answered an operation with errors; `errors` holds all of them."""

    def __init__(self, operation: str, errors: Sequence[RpcError], told: str) -> None:
        super().__init__(operation, told)
        self.errors = errors

    def has(self, *tags: str) -> bool:
        return any(error.tag in tags for error in self.errors)


class NetconfSession:
    """What the engine needs of a device, over NETCONF; show commands go to a CLI session beside it."""

    trial_commands: Sequence[str] = ()

    def __init__(
        self,
        channel: RpcChannel,
        book: SecretBook,
        platform: NetconfPlatform,
        open_cli: Callable[[SecretBook], Session] | None = None,
    ) -> None:
        """`open_cli` logs in to the CLI of the same device, when it is first needed; None where that is not wanted."""
        self.channel, self.book, self.platform = channel, book, platform
        self._open_cli, self._no_cli = open_cli, ""
        self._cli: Session | None = None
        self._facts: DeviceFacts | None = None
        self._locked = ""
        self._armed = ("", "")
        """The subtree that an armed edit touched, and what the server showed of it right after the commit."""

    # -- what the server is -------------------------------------------------------------------------------------------

    def offers(self, capability: str) -> bool:
        """Whether the server has exactly this capability, such as `candidate:1.0`."""
        wanted = CAPABILITY + capability
        return any(found == wanted or found.startswith(f"{wanted}?") for found in self.channel.capabilities)

    @property
    def modules(self) -> Mapping[str, str]:
        """The YANG modules that the server has announced, with their revisions."""
        found: dict[str, str] = {}
        for capability in self.channel.capabilities:
            module, revision = _MODULE.search(capability), _REVISION.search(capability)
            if module:
                found[module["module"]] = revision["revision"] if revision else ""
        return found

    @property
    def facts(self) -> DeviceFacts:
        if self._facts is None:
            self._facts = self.platform.learn(self)
        return self._facts

    def describe(self) -> DeviceFacts:
        """The facts, with what only the version display tells where there is a CLI beside."""
        cli = None if self.facts.model else self._beside()
        if cli is None:
            return self.facts
        return replace(cli.facts, language=self.facts.language, modules=self.facts.modules)

    @property
    def target(self) -> str:
        """The datastore that edits go to. Raises Unsupported when the server has none that can be written."""
        if self.offers("candidate:1.0"):
            return "candidate"
        if self.offers("writable-running:1.0"):
            return "running"
        raise Unsupported(
            "the NETCONF server offers neither a candidate nor a writable running configuration, so it can only be read"
        )

    # -- reading ------------------------------------------------------------------------------------------------------

    def foresee(self, commands: Sequence[str]) -> None:
        """Reads are few here, and nothing is gained by sending them ahead."""

    def run(self, commands: Sequence[str]) -> list[str]:
        return [self._answer(command) for command in commands]

    def _answer(self, command: str) -> str:
        if isinstance(command, Subtree):
            return self.get_config(command)
        if isinstance(command, Operational):
            return self.get(command)
        if isinstance(command, Beside):
            cli = self._beside()
            return cli_element(cli.run([Tentative(command)])[0]) if cli else ""
        return self._cli_for(command).run([command])[0]

    def get_config(self, subtree: str = "", source: str = "running") -> str:
        """`<data>` of a datastore, below a subtree filter if one is given. Raises RpcRefused."""
        chosen = f'<filter type="subtree">{subtree}</filter>' if subtree else ""
        return self._data(f'<get-config xmlns="{NC}"><source><{source}/></source>{chosen}</get-config>')

    def get(self, subtree: str) -> str:
        """`<data>` of configuration and state together. Raises RpcRefused."""
        return self._data(f'<get xmlns="{NC}"><filter type="subtree">{subtree}</filter></get>')

    def _data(self, operation: str) -> str:
        reply = self.call(operation)
        data = first(reply, "data")
        return f'<data xmlns="{NC}"/>' if data is None else str(etree().tostring(data, encoding="unicode"))

    def running_config(self) -> str:
        root = parse(self.get_config())
        return "".join(etree().tostring(child, encoding="unicode", pretty_print=True) for child in root)

    # -- the CLI beside -----------------------------------------------------------------------------------------------

    def converse(self, command: str, answers: Sequence[tuple[str, str]]) -> str:
        return self._cli_for(command).converse(command, answers)

    def _beside(self) -> Session | None:
        """The CLI session, opened on first use; None where there is none, `_no_cli` then says why."""
        if self._cli is None and not self._no_cli:
            if self._open_cli is None:
                self._no_cli = "the CLI beside it is turned off (ansible_netconf_cli: never)"
                return None
            try:
                self._cli = self._open_cli(self.book)
            except ChannelError as problem:
                self._no_cli = f"the CLI beside it cannot be used: {problem}"
        return self._cli

    def _cli_for(self, command: str) -> Session:
        cli = self._beside()
        if cli is None:
            raise Unsupported(
                f"over NETCONF alone nothing tells what '{command}' shows, and without it convergence cannot be "
                f"verified; {self._no_cli}"
            )
        return cli

    # -- operations ---------------------------------------------------------------------------------------------------

    def call(self, operation: str, *, report: PushReport | None = None, timeout: float | None = None) -> Element:
        """One operation; the `<rpc-reply>`. Warnings go into the report. Raises RpcRefused with all that is wrong."""
        try:
            reply = parse(self.channel.call(operation, timeout=timeout))[0]
        except ValueError as problem:
            raise DeviceError(f"the NETCONF server's answer cannot be read: {problem}") from None
        found = [_error(element) for element in walk(reply, "rpc-error")]
        errors = [error for error in found if error.severity != "warning"]
        if report is not None:
            report.notes += [self.book.scrub(str(error)) for error in found if error.severity == "warning"]
        if errors:
            told = self.book.scrub("; ".join(map(str, errors)))
            raise RpcRefused(name(parse(operation)[0]), errors, told)
        return reply

    def _lock(self, datastore: str) -> None:
        try:
            self.call(f'<lock xmlns="{NC}"><target><{datastore}/></target></lock>')
        except RpcRefused as refused:
            if refused.has("lock-denied", "in-use"):
                holder = next((error.session for error in refused.errors if error.session), "")
                raise DeviceBusy(
                    f"the {datastore} configuration is locked by {self._who(holder)}; nothing was changed"
                ) from None
            if refused.has("resource-denied"):
                raise DeviceBusy(
                    "the candidate already holds uncommitted changes that are not ours; commit or discard them on the "
                    f"device, then run again. Nothing was changed ({refused.reason})"
                ) from None
            raise DeviceBusy(f"the {datastore} configuration cannot be locked: {refused.reason}") from None
        self._locked = datastore

    def _who(self, session: str) -> str:
        """What the server tells of a session: its id, its user, and where it comes from."""
        if session in ("", "0"):
            return "somebody outside NETCONF (a CLI session, most likely)"
        told = f"NETCONF session {session}"
        try:
            data = parse(self.get(f'<netconf-state xmlns="{MONITORING}"><sessions/></netconf-state>'))
        except DeviceError:
            return told
        for found in walk(data, "data/netconf-state/sessions/session"):
            if value(found, "session-id") == session:
                user, source = value(found, "username"), value(found, "source-host")
                told += f" of {user}" if user else ""
                told += f" from {source}" if source else ""
        return told

    def _unlock(self) -> None:
        if self._locked:
            datastore, self._locked = self._locked, ""
            self.call(f'<unlock xmlns="{NC}"><target><{datastore}/></target></unlock>')

    # -- configuration ------------------------------------------------------------------------------------------------

    @property
    def can_arm(self) -> bool:
        """Only where a commit can be confirmed by a later session (1.1 brought persist)."""
        return self.offers("candidate:1.0") and self.offers("confirmed-commit:1.1")

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        report.not_sent = list(plan.commands)
        if not is_xml("".join(plan.commands)):
            raise Unsupported("lines of the CLI cannot be sent over NETCONF; use netops.peerguard.netmiko for them")
        target = self.target
        self._lock(target)
        try:
            self._edit(plan, target, report)
            if target == "candidate":
                self._commit(confirm_within, report)
        except RpcRefused as refused:
            report.armed = False
            clean = self._dropped(target)
            if refused.has("in-use", "lock-denied"):
                holder = next((error.session for error in refused.errors if error.session), "")
                raise DeviceBusy(
                    f"the configuration is locked by {self._who(holder)}, nothing was changed: {refused.reason}"
                ) from None
            raise PushFailed(str(refused), clean=clean) from None
        except ChannelError:
            raise  # the server discards a candidate that was locked by a session that has ended
        except BaseException:
            self._dropped(target)
            raise
        self._unlock()
        if report.armed:
            touched = _selection(plan.commands)
            self._armed = (touched, self.get_config(touched))

    def _edit(self, plan: Plan, target: str, report: PushReport) -> None:
        report.sent, report.not_sent = report.not_sent, []  # before: an edit whose answer is lost may have arrived
        option = "<error-option>rollback-on-error</error-option>" if self.offers("rollback-on-error:1.0") else ""
        self.call(
            f'<edit-config xmlns="{NC}"><target><{target}/></target><default-operation>merge</default-operation>'
            f"{option}{revealed(plan.commands, self.book, self.platform.spell)}</edit-config>",
            report=report,
        )

    def _commit(self, confirm_within: int | None, report: PushReport) -> None:
        terms = ""
        if confirm_within and self.can_arm:
            terms = f"<confirmed/><confirm-timeout>{confirm_within}</confirm-timeout><persist>{PERSIST}</persist>"
            report.armed = True  # before it is sent: an answer that is lost may still have armed it
        self.call(f'<commit xmlns="{NC}">{terms}</commit>', report=report, timeout=SLOW)

    def _dropped(self, target: str) -> bool:
        """Nothing of ours left in the candidate, nothing locked; whether the device surely has nothing of the edit."""
        if target == "candidate":
            self._quietly(f'<discard-changes xmlns="{NC}"/>')
        locked, self._locked = self._locked, ""
        if locked:
            self._quietly(f'<unlock xmlns="{NC}"><target><{locked}/></target></unlock>')
        return target == "candidate" or self.offers("rollback-on-error:1.0")

    def _quietly(self, operation: str) -> None:
        try:
            self.call(operation)
        except DeviceError:
            return  # what it should have ended has ended already

    def on_trial(self) -> bool:
        """No server tells whether a confirmed commit waits; a second one is refused by it."""
        return False

    def confirm(self) -> None:
        try:
            self.call(f'<commit xmlns="{NC}"><persist-id>{PERSIST}</persist-id></commit>', timeout=SLOW)
        except RpcRefused as refused:
            raise DeviceError(
                "the time was over before the change could be confirmed, the device took it back "
                f"(it said: {refused.reason})"
            ) from None
        touched, shown = self._armed
        if touched and self.get_config(touched) != shown:  # a server may take a confirmation of nothing with an ok
            raise DeviceError(
                "the confirmation was accepted, but the configuration is no longer what was armed: the time was over, "
                "and the device took it back"
            )

    def abort(self) -> None:
        if self.can_arm:
            self._quietly(f'<cancel-commit xmlns="{NC}"><persist-id>{PERSIST}</persist-id></cancel-commit>')

    def save(self) -> None:
        """To the startup configuration; a server without one keeps what is committed by itself (RFC 6241, 8.7)."""
        own = self.platform.save_rpc
        if own and any(found.startswith(f"{own[0]}?") or found == own[0] for found in self.channel.capabilities):
            self.call(f'<{own[1]} xmlns="{own[0]}"/>', timeout=SLOW)
        elif self.offers("startup:1.0"):
            self.call(
                f'<copy-config xmlns="{NC}"><target><startup/></target><source><running/></source></copy-config>',
                timeout=SLOW,
            )

    def close(self) -> None:
        if self._cli is not None:
            self._cli.close()
        self._cli = None
        self.channel.close()


def _error(element: Element) -> RpcError:
    words = " ".join((value(element, "error-message") or "").split())
    info = first(element, "error-info")
    details = [f"{name(leaf)} {leaf.text}" for leaf in (() if info is None else info) if leaf.text]
    session = "" if info is None else value(info, "session-id") or ""
    return RpcError(
        tag=(value(element, "error-tag") or "error").strip(),
        severity=(value(element, "error-severity") or "error").strip(),
        message=words or "; ".join(details) or "no reason given",
        path=(value(element, "error-path") or "").strip(),
        session=session.strip(),
    )


def revealed(lines: Sequence[str], book: SecretBook, spell: Callable[[Element, Secret], None]) -> str:
    """An edit as the device must read it."""
    config = parse("\n".join(lines))[0]
    for element in list(config.iter("{*}*")):
        secret = book.opened(element.text or "")
        if secret is not None:
            spell(element, secret)
    return str(etree().tostring(config, encoding="unicode"))


def _selection(lines: Sequence[str]) -> str:
    """A subtree filter for all that an edit touches: its elements without their texts."""
    config = parse("\n".join(lines))[0]
    for element in config.iter("{*}*"):
        element.attrib.clear()
        element.text = None
    return "".join(str(etree().tostring(child, encoding="unicode")) for child in config)


# -- small parts that the platforms share -----------------------------------------------------------------------------


def add(parent: Element, tag: str, text: str | None = None) -> Any:
    """A new child in the parent's own namespace."""
    child = etree().SubElement(parent, f"{{{etree().QName(parent).namespace}}}{tag}")
    child.text = text
    return child


_SECRET_EVERYWHERE = (
    *("password", "passphrase", "secret", "pre-shared-key", "shared-key", "auth-key", "unc-pwd"),
    *("community", "community-name", "community-string", "auth-password", "priv-password"),
)
"""Names that vendors give to elements with keys of other people's features; for logs and backups."""


def element_secrets(*tags: str) -> tuple[re.Pattern[str], ...]:
    """Where configuration in XML holds keys: the texts of these elements, and of those with the usual names."""
    named = "|".join(map(re.escape, (*tags, *_SECRET_EVERYWHERE)))
    return (re.compile(rf"<(?:[\w.-]+:)?(?P<tag>{named})(?: [^<>]*)?>(?P<secret>[^<>]+)</"),)
