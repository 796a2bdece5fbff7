# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A netmiko driver for Juniper JunOSe (E Series: ERX, E120, E320). JunOSe is not Junos: it is an IOS-like line CLI.

What sets it apart from the other IOS-like systems:

- The prompt names the virtual router and the mode: ``HOST[:VR[:VRF]][(MODE)]{>|#}``, and the virtual router changes
  with an ordinary command, so only the host name may serve as base prompt.
- Login is by a line password alone, by user name and password, or over SSH without or with the same questions once
  more inside the channel. Passwords are echoed as one asterisk per character.
- ``enable`` alone gives level 10; level 15 has to be named.
- ``exit`` in Privileged Exec falls back to User Exec, so it takes two to end a session.
- By default every accepted line is stored at once (automatic commit); there is nothing to save then, and saving is
  refused.

Sources: recorded ERX-310 and E320 sessions; JunosE System Basics Configuration Guide, "Command-Line Interface".
"""

from __future__ import annotations

import re
import time
from typing import Any

try:
    from netmiko.cisco_base_connection import CiscoBaseConnection
    from netmiko.exceptions import ConnectionException, NetmikoAuthenticationException, NetmikoTimeoutException
except ImportError:  # the sanity tests import every file without third-party packages
    CiscoBaseConnection = object  # type: ignore[misc,assignment]
    ConnectionException = NetmikoAuthenticationException = NetmikoTimeoutException = Exception  # type: ignore[misc,assignment]

DEVICE_TYPE = "juniper_junose"

_HOST = r"[\w.+/-]+"
_CONTEXT = r"(?::[^()#>\s]+)?(?:\([\w-]+\))?[>#]"
PROMPT = rf"(?m:^{_HOST}{_CONTEXT})[ ]?"
"""Any prompt of any JunOSe router. The flag is scoped: netmiko puts patterns into groups of its own."""
ERROR = r"^%.*|^\s*\^\s*$|^.*command authorization failed.*"
"""A line of output that is a refusal."""
BUSY = "Non-Volatile memory is in use"

_PASSWORD = r"(?m:^)[\w ]*password: ?\Z"
_QUESTION = re.compile(
    r"(?m:^)(?P<ask>[ \w]*?(?:(?P<user>user(?:name)?|login)|(?P<password>password)): ?)\Z", re.IGNORECASE
)
_AT_PROMPT = re.compile(rf"{PROMPT}\Z")


class JuniperJunoseBase(CiscoBaseConnection):
    """What SSH and Telnet have in common."""

    prompt_pattern = PROMPT

    # -- login --------------------------------------------------------------------------------------------------------

    def read_channel(self) -> str:
        """Everything that has come, without the NUL bytes that some releases sprinkle."""
        text: str = super().read_channel()
        return text.replace("\x00", "")

    def log_in(self, timeout: float = 20.0) -> str:
        """Answer the questions of the login, if any, until the first prompt; returns all that was said.

        `timeout` in seconds. Raises NetmikoAuthenticationException when a question comes back after its answer or the
        device hangs up on an answer, ConnectionException when it hangs up before, NetmikoTimeoutException.
        """
        said, answered, deadline = "", set[str](), time.time() + timeout
        while time.time() < deadline:
            fresh = self._read_or_hang_up(bool(answered))
            said += fresh
            if _AT_PROMPT.search(said):
                return said
            question = _QUESTION.search(said)
            if question and fresh:
                self._answer(question, answered)
            time.sleep(0.01)
        self._drop()
        raise NetmikoTimeoutException(f"{self.host}: no prompt within {timeout:g} seconds after login")

    def _answer(self, question: re.Match[str], answered: set[str]) -> None:
        asked = question["ask"].strip().lower()
        if asked in answered:
            self._drop()
            raise NetmikoAuthenticationException(f"Authentication to {self.host} failed: '{asked}' was asked again")
        answered.add(asked)
        answer = self.username if question["user"] else self.password
        self.write_channel((answer or "") + self.RETURN)

    def _read_or_hang_up(self, answered: bool) -> str:
        """What has come. Raises when the device has closed the connection."""
        try:
            fresh = self.read_channel()
        except EOFError:
            fresh = None
        if fresh is None or (not fresh and getattr(self.remote_conn, "closed", False) is True):
            self._drop()
            if answered:
                raise NetmikoAuthenticationException(f"Authentication to {self.host} failed: it closed the connection")
            raise ConnectionException(f"{self.host} closed the connection before login")
        return fresh

    def _drop(self) -> None:
        """Close the transport of a login that failed: netmiko gives the caller no object to close."""
        if self.protocol == "ssh":
            self.paramiko_cleanup()
        elif self.remote_conn is not None:
            self.remote_conn.close()

    def session_preparation(self) -> None:
        """After login: note the host name, then a wide terminal without paging."""
        self.ansi_escape_codes = True
        self._test_channel_read(pattern=self.prompt_pattern)
        self.set_base_prompt()
        self.set_terminal_width(command="terminal width 512", pattern=self.prompt_pattern)
        self.disable_paging(command="terminal length 0")
        self.clear_buffer()

    # -- prompts ------------------------------------------------------------------------------------------------------

    def set_base_prompt(
        self,
        pri_prompt_terminator: str = "#",
        alt_prompt_terminator: str = ">",
        delay_factor: float = 1.0,
        pattern: str | None = None,
    ) -> str:
        """The host name alone: virtual router and mode change while the session lasts. Raises ValueError."""
        prompt = self.find_prompt(delay_factor=delay_factor, pattern=pattern or self.prompt_pattern)
        found = re.fullmatch(rf"(?P<host>{_HOST}){_CONTEXT}", prompt)
        if not found or prompt[-1] not in (pri_prompt_terminator, alt_prompt_terminator):
            raise ValueError(f"Router prompt not found: {prompt!r}")
        self.base_prompt: str = found["host"]
        return self.base_prompt

    def _prompt_handler(self, auto_find_prompt: bool) -> str:
        """Ends a command's output: any prompt of this host, because the command may change virtual router or mode."""
        host = re.escape(self.base_prompt) if self.base_prompt else _HOST
        return rf"(?m:^{host}{_CONTEXT})[ ]?\Z"

    # -- modes --------------------------------------------------------------------------------------------------------

    def enable(
        self,
        cmd: str = "enable 15",
        pattern: str = "ssword",
        enable_pattern: str | None = None,
        check_state: bool = True,
        re_flags: int = re.IGNORECASE,
    ) -> str:
        """Enter Privileged Exec at level 15; the password (`secret`) is sent if it is asked for. Raises ValueError."""
        output: str = super().enable(
            cmd=cmd, pattern=pattern, enable_pattern=enable_pattern, check_state=check_state, re_flags=re_flags
        )
        return output

    def enable_secret_handler(self, pattern: str, output: str, re_flags: int = re.IGNORECASE) -> str:
        """Answer the question for the enable password. Asked again, it was wrong: get out of the question.

        `enable` then finds that the mode was not entered. Raises ReadTimeout.
        """
        ending = rf"(?:{self._prompt_handler(False)}|{_PASSWORD})"
        answer, said, asked = self.secret, "", re.search(pattern, output, flags=re_flags)
        while asked:
            self.write_channel(self.normalize_cmd(answer))
            output = self.read_until_pattern(pattern=ending, re_flags=re_flags)
            said, answer, asked = said + output, "", re.search(_PASSWORD, output, flags=re_flags)
        return said

    def check_config_mode(
        self, check_string: str = r"\(config[\w-]*\)#", pattern: str = "", force_regex: bool = True
    ) -> bool:
        """Whether the prompt is one of a configuration mode; `(support)#` and the like are not."""
        return bool(super().check_config_mode(check_string, pattern or self.prompt_pattern, force_regex))

    def config_mode(self, config_command: str = "configure terminal", pattern: str = "", re_flags: int = 0) -> str:
        """Enter Global Configuration. `configure` alone would ask where from. Raises ValueError."""
        output: str = super().config_mode(config_command, pattern or self.prompt_pattern, re_flags)
        return output

    def exit_config_mode(self, exit_config: str = "end", pattern: str = "") -> str:
        """Leave every configuration mode. Raises ValueError."""
        output: str = super().exit_config_mode(exit_config, pattern or self.prompt_pattern)
        return output

    def send_config_set(self, *args: Any, error_pattern: str = ERROR, **kwargs: Any) -> str:
        """As in netmiko, but a refused line raises ConfigInvalidException unless `error_pattern` is given as "".

        Mind that `virtual-router NAME` in configuration mode creates a router that does not exist: select it with
        `send_command` first.
        """
        output: str = super().send_config_set(*args, error_pattern=error_pattern, **kwargs)
        return output

    # -- the end ------------------------------------------------------------------------------------------------------

    def save_config(
        self,
        cmd: str = "write memory",
        confirm: bool = False,
        confirm_response: str = "",
        busy_timeout: float = 60.0,
    ) -> str:
        """Save the configuration; returns what the device said.

        With automatic commit (the factory default) the device refuses, because everything is stored already: then
        the refusal is what is returned. While "Non-Volatile memory is in use" it is tried again, up to `busy_timeout`
        seconds.
        """
        deadline, pause = time.time() + busy_timeout, 0.25
        output: str = super().save_config(cmd, confirm, confirm_response)
        while BUSY.lower() in output.lower() and time.time() + pause < deadline:
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
            output = super().save_config(cmd, confirm, confirm_response)
        return output

    def cleanup(self, command: str = "exit") -> None:
        """Leave the configuration mode, then end the session: the first `exit` only gives up the privileges."""
        try:
            if self.check_config_mode():
                self.exit_config_mode()
        except Exception:  # noqa: BLE001, S110 - whatever is wrong with the session, it ends now
            pass
        if self.session_log:
            self.session_log.fin = True
        self.write_channel(f"{command}{self.RETURN}{command}{self.RETURN}")


class JuniperJunoseSSH(JuniperJunoseBase):
    """JunOSe over SSH. The device may ask once more inside the channel."""

    def special_login_handler(self, delay_factor: float = 1.0) -> None:
        self.log_in()


class JuniperJunoseTelnet(JuniperJunoseBase):
    """JunOSe over Telnet: line password alone, or user name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["default_enter"] = kwargs.get("default_enter") or "\r\n"
        super().__init__(*args, **kwargs)

    def telnet_login(self, *args: Any, **kwargs: Any) -> str:
        return self.log_in()
