# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JunOSe session: privileges, virtual routers, immediate configuration, automatic and manual commit.

Sources: JunosE System Basics Configuration Guide (privilege levels); recorded ERX and E320 sessions (prompts, errors).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

from ...engine.channel import Channel, ChannelError, LoginRefused
from ...engine.device import DeviceFacts
from ...engine.plan import Plan
from ...engine.secret import SecretBook
from ...engine.session import CommandRejected, DeviceError, PushFailed, PushReport
from ..base import Answer, CliSession, Dialogue, asked
from .netmiko_driver import BUSY
from .text import DEFAULT_VR, clean, configuration, listed_routers
from .tree import CONFIGURE, LEAVE, SELECT, grouped, typed_block
from .version import parse_version

_LONG = 300.0  # seconds: generating the configuration script of a large router
_SAVING = 60.0  # seconds to wait for the non-volatile memory to become free
_PAUSES = (0.2, 3.0)  # seconds between two tries: first and longest
_WHERE = re.compile(r"^[^:()#>\s]+(?::(?P<router>[^()#>\s]+))?(?:\((?P<mode>[\w-]+)\))?(?P<level>[>#])\s?$")
_PASSWORD = Dialogue(re.compile(r"^[\w ]*[Pp]assword: ?"), "")


class JunoseSession(CliSession):
    """What the engine needs of a JunOSe router, over its CLI.

    `router`, `mode` and `level` are where the last prompt says that the session is. `configured` are the virtual
    routers that this session has configured.
    """

    prompt: ClassVar[str] = r"^{host}(?::[^()#>\s]+)?(?:\([\w-]+\))?[>#] ?"
    any_host: ClassVar[str] = r"[\w.+/-]+?"
    errors: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"^%+\s*(?P<reason>\S.*?)\s*$"),
        re.compile(r"^(?P<reason>.*command authorization failed.*?)\s*$", re.IGNORECASE),
        re.compile(r"^\s*(?P<reason>Ambiguous command.*?)\s*$"),
        re.compile(r"^(?P<reason>.*\bnot found or down\b.*?)\s*$"),
    )
    preparation: ClassVar[tuple[str, ...]] = ("terminal length 0", "terminal width 512")
    show_running: ClassVar[str] = "show configuration"
    quiet_lines: ClassVar[re.Pattern[str]] = re.compile(
        r"^! Configuration script being generated|^! Copyright|^Please wait|^\.+\s*$"
    )
    dialogues: ClassVar[tuple[Dialogue, ...]] = (Dialogue(re.compile(r"^ ?--More-- ?"), " ", " ", key=True),)
    occasional: ClassVar[tuple[tuple[Dialogue, ...], ...]] = ((_PASSWORD,),)

    def __init__(self, channel: Channel, book: SecretBook) -> None:
        super().__init__(channel, book)
        self.router, self.mode, self.level = DEFAULT_VR, "", ""
        self.home = DEFAULT_VR
        self.configured: set[str] = set()

    # -- the conversation ---------------------------------------------------------------------------------------------

    def exchange(self, line: str, *, timeout: float | None = None, answers: Sequence[Dialogue] | None = None) -> Answer:
        if timeout is None and line.startswith(self.show_running):
            timeout = _LONG
        answer = super().exchange(line, timeout=timeout, answers=answers)
        self._note(answer.prompt)
        return answer

    def _note(self, prompt: str) -> None:
        where = _WHERE.match(prompt)
        if where:
            self.router, self.mode, self.level = where["router"] or DEFAULT_VR, where["mode"] or "", where["level"]

    def reason(self, text: str) -> str | None:
        """The device's words if the text is a refusal. A configuration may hold lines (banners) that look like one."""
        if "! Configuration script being generated" in text:
            return None
        words = super().reason(text)
        if words is None and any(line.strip() == "^" for line in text.splitlines()):
            return "it marked an error with '^'"
        return words

    def prepare(self) -> None:
        if self._prepared:
            return
        super().prepare()
        if self.level == ">":
            self._raise_privilege()
        self.home = self.router

    def _raise_privilege(self) -> None:
        """`enable` alone would give level 10. Raises LoginRefused with what to do."""
        secret = self.channel.enable_password
        self.book.add(secret.reveal() if secret else None)
        ending = self._ending_for((_PASSWORD,))
        said = self.channel.ask("enable 15", ending)
        if asked(said, (_PASSWORD,)):
            if secret is None:
                raise LoginRefused(f"{self.channel.host} asks for an enable password; set ansible_become_password")
            said = self.channel.ask(secret.reveal(), ending)
        self._note(said.rpartition("\n")[2])
        if self.level != "#" or asked(said, (_PASSWORD,)):
            words = self.reason(said) or "no words"
            raise LoginRefused(
                f"{self.channel.host} refused privilege level 15 (enable 15): {words}; check ansible_become_password"
            )

    def learn(self) -> DeviceFacts:
        text = self.run(["show version"])[0]
        try:
            return parse_version(clean(text), self.hostname)
        except ValueError as problem:
            raise DeviceError(f"{problem}; is ansible_network_os right?") from None

    def running_config(self) -> str:
        text = super().running_config()
        try:
            configuration(text)
        except ValueError as problem:
            raise DeviceError(f"the configuration could not be read whole: {problem}") from None
        return text

    # -- virtual routers ----------------------------------------------------------------------------------------------

    def within(self, router: str, commands: Sequence[str]) -> list[str]:
        """The outputs of exec commands in the context of a virtual router. Raises CommandRejected."""
        self.prepare()
        try:
            self._select(router)
            return self.run(commands)
        finally:
            self._select(self.home)

    def _select(self, router: str) -> None:
        """Only ever in exec mode: there the command cannot create anything."""
        if self.mode:
            raise DeviceError(f"virtual router {router} was not selected: the session is in mode ({self.mode})")
        if self.router == router:
            return
        self.command(f"{SELECT}{router}")
        self._prove_selected(router)

    def _prove_selected(self, router: str) -> None:
        if self.router != router or self.mode:
            raise DeviceError(f"virtual router {router} was not selected: the prompt names {self.router}")

    def prove_routers(self, wanted: Iterable[str]) -> None:
        """Raises DeviceError unless `show virtual-router` lists every one (of a VRF, the router it is in)."""
        listed = listed_routers(self.run(["show virtual-router"])[0])
        missing = [name for name in wanted if name not in listed and name.partition(":")[0] not in listed]
        if missing:
            raise DeviceError(
                f"virtual router {', '.join(missing)} does not exist on this router and is never created; nothing was "
                f"sent. It has {', '.join(listed) or 'none that show virtual-router would list'}"
            )

    # -- configuration ------------------------------------------------------------------------------------------------

    def push(self, plan: Plan, confirm_within: int | None, report: PushReport) -> None:
        self.prepare()
        groups = grouped(plan.commands)
        _forbid_creation(line for _router, lines in groups for line in lines)
        report.not_sent = [line for router, lines in groups for line in typed_block(router, lines)]
        later, self._foreseen = self._foreseen, []  # meant for after the change
        self.prove_routers(dict.fromkeys(router for router, _lines in groups if router))
        self._foreseen = later
        try:
            for position, (router, lines) in enumerate(groups, 1):
                self._configure(router, lines, report, last=position == len(groups))
        except CommandRejected as rejected:
            self._leave()
            raise PushFailed(str(rejected)) from None
        except ChannelError:
            raise
        except BaseException:
            self._leave()
            raise
        self._leave()

    def _configure(self, router: str | None, lines: Sequence[str], report: PushReport, *, last: bool) -> None:
        """One virtual router's lines. The last block is left by `_leave`, together with what comes next."""
        context = f"virtual router {router or self.router}"
        if router:
            self._type(f"{SELECT}{router}", report, context)
            self._prove_selected(router)
            self.configured.add(router)
        self._type(CONFIGURE, report, context)
        if not self.mode.startswith("config"):
            raise DeviceError(
                f"the configuration mode was not entered, the prompt is still one of ({self.mode or 'exec'})"
            )
        for line in lines:
            self._type(line, report, context)
        if last:
            report.sent.append(report.not_sent.pop(0))
        else:
            self._type(LEAVE, report, context)

    def _type(self, line: str, report: PushReport, context: str) -> None:
        report.sent.append(report.not_sent.pop(0))  # before: a line whose answer is lost may have arrived
        answer = self.exchange(line)
        reason = self.reason(answer.text)
        if reason:
            raise CommandRejected(self.book.scrub(line), reason, context=context)

    def _leave(self) -> None:
        """Back to exec mode and to the virtual router of the login."""
        lines = [LEAVE] if self.mode else []
        if self.router != self.home:  # it exists, so not even a configuration mode that was not left would create it
            lines.append(f"{SELECT}{self.home}")
        if lines:
            self._with_foreseen(lines)

    # -- saving -------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Automatic commit (the factory default) has stored everything already and refuses; manual commit must save."""
        self.prepare()
        waited, pause = 0.0, _PAUSES[0]
        while True:
            text = self.exchange("write memory", timeout=_LONG).text
            if BUSY.lower() not in text.lower():
                break
            if waited >= _SAVING:
                raise DeviceError(f"the configuration was not saved: '{BUSY}' for {waited:.0f} s; save it later")
            time.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _PAUSES[1])
        reason = self.reason(text)
        if reason and self.manual_commit():
            raise CommandRejected("write memory", reason)

    def manual_commit(self) -> bool:
        """Whether the device keeps accepted lines only in memory until they are saved. Raises CommandRejected."""
        text = self.run([f"{self.show_running} | include manual-commit"])[0]
        return any(line.rstrip() == "service manual-commit" for line in clean(text).split("\n"))


def _forbid_creation(lines: Iterable[str]) -> None:
    """An abbreviated `virtual-router X` among configuration lines could create one. Raises DeviceError."""
    for line in lines:
        words = line.split()
        if len(words) == 2 and len(words[0]) > 1 and SELECT.startswith(words[0].lower()):
            raise DeviceError(
                f"'{line}' would create virtual router {words[1]} in configuration mode; nothing was sent. "
                f"Write {SELECT}{words[1]} in full to have an existing one selected"
            )
