# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CLI session of an AlliedWare device: no modes, numbered replies, keywords cut to any unique prefix."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...protocols.ike import Ike
from ...shell import Ask, PagerStyle, Reply, Shell
from . import show
from .config import AwConfig, policy_command
from .words import NAME_LENGTH, WordError, one_of, split

if TYPE_CHECKING:
    from ...terminal import Terminal
    from .device import AwDevice

_PAGER = "--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)"
_VERBS = (
    "add", "create", "delete", "destroy", "disable", "enable", "help", "login", "logon", "logoff", "logout", "purge",
    "reset", "restart", "set", "show",
)  # fmt: skip
_MODULE = {"isakmp": "082", "ipsec": "081"}
_DONE = "003): Operation successful."
_SECRETS = re.compile(r'(\b(?:val\w*|xauthp\w*|password|passw?)=)("[^"]*"|\S+)', re.I)
_LEVELS = {"user": "", "manager": "Manager ", "secoff": "SecOff "}
Words = list[tuple[str, "str | None"]]


class AwShell(Shell):
    """One session. ``level`` is user, manager or secoff."""

    pager = PagerStyle(_PAGER, "\r" + " " * len(_PAGER) + "\r", all_keys="cC", quit_keys="qQ\x03")
    device: AwDevice

    def __init__(self, device: AwDevice, terminal: Terminal) -> None:
        super().__init__(device, terminal)
        self.screen_length = int(device.options.get("screen_length", 22))
        self.level = str(device.options.get("privilege", "manager"))

    # -- Shell ----------------------------------------------------------------------------------------------------

    def banner(self) -> str:
        if self.terminal.session.user == "secoff":
            self.level = "secoff"
        return "\n"

    def prompt(self) -> str:
        return f"\n{_LEVELS[self.level]}{self.device.hostname}> "

    def mask(self, line: str) -> str:
        return _SECRETS.sub(r"\1********", line)

    def internal_error(self) -> str:
        return "Error (3035999): Internal error."

    def execute(self, line: str) -> Reply:
        if not line.strip() or line.lstrip().startswith("#"):
            return Reply()
        try:
            words = split(line)
        except WordError as error:
            return Reply(f"\nError (3035003): {error}\n")
        first = words[0][0].lower()
        verb = "logoff" if first == "lo" else "login" if first == "logi" else one_of(first, _VERBS)
        handler: Callable[[str, Words], Reply] | None = getattr(self, f"_{verb}", None) if verb else None
        if handler is None:
            return self._unknown(words)
        if self._forbidden(verb or "", words):
            return Reply("\nError (3034010): This command needs SECURITY OFFICER privilege.\n")
        return handler(line, words[1:])

    def _unknown(self, words: Words) -> Reply:
        return Reply(f'\nError (3035256): Unknown command "{words[0][0]}".\n')

    # -- privilege ------------------------------------------------------------------------------------------------

    def _forbidden(self, verb: str, words: Words) -> bool:
        if self.level == "user":
            return verb in (
                "add",
                "create",
                "set",
                "destroy",
                "delete",
                "purge",
                "reset",
                "restart",
                "enable",
                "disable",
            )
        if self.level == "secoff" or not self.device.security_mode or len(words) < 2:
            return False
        noun = words[1][0].lower()
        if "config".startswith(noun) and len(noun) > 2:
            return verb in ("show", "set", "create")
        ipsec = noun.startswith("ips") and "ipsec".startswith(noun)
        return ipsec and verb in ("create", "set", "destroy", "reset", "purge", "enable", "disable")

    def _login(self, line: str, words: Words) -> Reply:
        user = words[0][0] if words else ""
        if not user:
            return Reply(ask=Ask(" login: ", lambda name: self._ask_password(name.strip())))
        return self._ask_password(user)

    _logon = _login

    def _ask_password(self, user: str) -> Reply:
        return Reply(ask=Ask("password: ", lambda password: self._check(user, password), hidden=True))

    def _check(self, user: str, password: str) -> Reply:
        device = self.device
        if user == "secoff" and device.spec.enable_password and device.check_enable(password):
            self.level = "secoff"
            return Reply("\n")
        if device.check_login(user, password):
            self.level = str(device.options.get("privilege", "manager"))
            return Reply("\n")
        return Reply("\nLogin incorrect.\n")

    def _logoff(self, line: str, words: Words) -> Reply:
        return Reply(close=True)

    _logout = _logoff

    # -- configuring ----------------------------------------------------------------------------------------------

    def _done(self, module: str) -> Reply:
        return Reply(f"\nInfo (1{_MODULE.get(module, '034')}{_DONE}\n")

    def _error(self, module: str, number: int, text: str) -> Reply:
        return Reply(f"\nError (3{_MODULE.get(module, '034')}{number:03d}): {text}\n")

    def _apply(self, module: str, edit: Callable[[AwConfig], None]) -> Reply:
        config = self.device.config.copy()
        try:
            edit(config)
        except WordError as error:
            return self._error(module, 21, str(error))
        self.device.set_config(config)
        return self._done(module)

    def _create(self, line: str, words: Words) -> Reply:
        found = policy_command(line)
        if found is not None:
            return self._create_policy(found[1], found[2], words[2:])
        if words and words[0][1] and _is(words[0][0], "config"):
            return self._write(words[0][1])
        key = {word.lower(): value for word, value in words}
        if len(words) > 1 and _is(words[0][0], "enco") and (key.get("key") or "").isdigit() and key.get("value"):
            number, value = int(str(key["key"])), str(key["value"])
            return self._apply("enco", lambda config: config.keys.update({number: value}))
        return self._unknown([("create", None)])

    def _create_policy(self, module: str, name: str, words: Words) -> Reply:
        if len(name) > NAME_LENGTH[module]:
            return self._error(module, 22, f"Policy name is longer than {NAME_LENGTH[module]} characters.")
        if name in self.device.config.policies[module]:
            return self._error(module, 31, f'Policy "{name}" already exists.')
        needed = {"isakmp": ("peer",), "ipsec": ("interface", "action")}[module]

        def edit(config: AwConfig) -> None:
            config.create(module, name)
            for typed, value in words:
                config.set(module, name, typed, value)
            for keyword in needed:
                if keyword not in config.policies[module][name]:
                    raise WordError(f'Parameter "{keyword.upper()}" missing.')

        return self._apply(module, edit)

    def _set(self, line: str, words: Words) -> Reply:
        found = policy_command(line)
        if found is not None:
            return self._set_policy(found[1], found[2], words[2:])
        if words and words[0][1] and _is(words[0][0], "config"):
            self.device.boot_from(_with_device(str(words[0][1])))
            return self._done("config")
        if len(words) > 1 and _is(words[0][0], "system") and _is(words[1][0], "name", 1):
            name = str(words[1][1] or "")
            return self._apply("system", lambda config: config.rename(name))
        if len(words) > 1 and _is(words[0][0], "asyn") and _is(words[1][0], "page", 1):
            self.screen_length = 0 if words[1][1] == "off" else int(words[1][1] or 22)
            return self._done("asyn")
        return self._unknown([("set", None)])

    def _set_policy(self, module: str, name: str, words: Words) -> Reply:
        if name not in self.device.config.policies[module]:
            return self._error(module, 32, f'Policy "{name}" not found.')
        if not words:
            return self._error(module, 23, "Parameter missing.")

        def edit(config: AwConfig) -> None:
            for typed, value in words:
                config.set(module, name, typed, value)

        return self._apply(module, edit)

    def _destroy(self, line: str, words: Words) -> Reply:
        found = policy_command(line)
        if found is None:
            return self._unknown([("destroy", None)])
        _verb, module, name = found
        if name not in self.device.config.policies[module]:
            return self._error(module, 32, f'Policy "{name}" not found.')
        return self._apply(module, lambda config: config.remove(module, name))

    def _enable(self, line: str, words: Words, on: bool = True) -> Reply:
        noun = words[0][0] if words else ""
        module = next((module for module in ("isakmp", "ipsec") if len(words) == 1 and _is(noun, module)), None)
        if module is not None:
            return self._apply(module, lambda config: config.enable(module, on))
        if len(words) == 2 and _is(noun, "system") and _is(words[1][0], "security_mode"):
            self.device.security_mode = on
            return self._done("system")
        return self._unknown([("enable" if on else "disable", None)])

    def _disable(self, line: str, words: Words) -> Reply:
        return self._enable(line, words, on=False)

    def _reset(self, line: str, words: Words) -> Reply:
        if len(words) != 2 or not _is(words[0][0], "ipsec") or not _is(words[1][0], "policy", 2):
            return self._unknown([("reset", None)])
        name = str(words[1][1] or "")
        if name not in self.device.config.policies["ipsec"]:
            return self._error("ipsec", 32, f'Policy "{name}" not found.')
        peers = show.isakmp_of(self.device, name)
        self.device.world.protocol(Ike).reset(self.device, 2, lambda sa: sa.peer in peers)
        return self._done("ipsec")

    def _restart(self, line: str, words: Words) -> Reply:
        self.device.reboot(5.0)
        return Reply(close=True)

    def _write(self, name: str) -> Reply:
        if not re.fullmatch(r"(?:[\w-]+:)?[\w-]{1,28}\.(?:cfg|scp)", name):
            return self._error("config", 40, f'"{name}" is not a valid configuration file name.')
        words = self.device.faults.words("fail_commit", "Error (3049041): The file cannot be written.")
        if words is not None:
            return Reply(f"\n{words}\n")
        self.device.write(_with_device(name))
        return Reply("\nInfo (1049003): Operation successful.\n")

    # -- showing --------------------------------------------------------------------------------------------------

    def _show(self, line: str, words: Words) -> Reply:
        if not words:
            return self._error("", 5, "Parameter missing.")
        noun = words[0][0]
        rest = words[1:]
        if _is(noun, "config"):
            return self._show_config(rest)
        if _is(noun, "system"):
            return Reply(show.system(self.device))
        for module, displays in (("isakmp", show.ISAKMP), ("ipsec", show.IPSEC)):
            if _is(noun, module) and rest:
                name = next((name for name in displays if _is(rest[0][0], name, 2)), None)
                if name is not None:
                    text = displays[name](self.device, rest[0][1])
                    return Reply(text) if text is not None else self._error(module, 32, "Not found.")
        return self._unknown([("show", None)])

    def _show_config(self, words: Words) -> Reply:
        if not words:
            boot = f"{self.device.boot_file} (exists)" if self.device.boot_file else "Not set"
            current = self.device.boot_file or "None"
            return Reply(f"\nBoot configuration file: {boot}\nCurrent configuration:   {current}\n")
        if not _is(words[0][0], "dynamic", 3):
            return self._unknown([("show", None)])
        return Reply("\n" + self.device.config.text(words[0][1]))


def _is(typed: str, word: str, shortest: int = 3) -> bool:
    return len(typed) >= shortest and word.startswith(typed.lower())


def _with_device(name: str) -> str:
    return name if ":" in name else f"flash:{name}"
