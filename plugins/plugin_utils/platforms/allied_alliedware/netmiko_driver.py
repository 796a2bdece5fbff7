# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A netmiko driver for Allied Telesis AlliedWare (AR, Rapier i, AT-8600 … AT-9900, x900), over SSH and Telnet.

AlliedWare is not AlliedWare Plus: there is no configuration mode, no enable command, no `terminal length`. Complete by
itself; importing `platform` makes it known to netmiko (`allied_telesis_alliedware`, also with `_ssh` and `_telnet`).
"""

from __future__ import annotations

import re
import time
from typing import Any

try:
    from netmiko.base_connection import BaseConnection
    from netmiko.exceptions import NetmikoAuthenticationException
    from netmiko.no_config import NoConfig
except ImportError:  # the sanity tests import every file without third-party packages
    BaseConnection, NoConfig = object, type("NoConfig", (), {})  # type: ignore[misc,assignment]
    NetmikoAuthenticationException = RuntimeError  # type: ignore[misc,assignment]

DEVICE_TYPE = "allied_telesis_alliedware"

PROMPT = r"^(?:(?:Manager|SecOff) )?[\w.\-]* ?> ?\Z"
"""`Manager >`, `SecOff >`, `>`, each with or without the system's name before `>`."""
ERROR = r"^Error \(\d{6,7}\): "
PAGER = "--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)"


class AlliedWareBase(NoConfig, BaseConnection):
    """What both transports share."""

    prompt_pattern = PROMPT
    officer = "secoff"
    """The account that enable() logs in as."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # An LF after the CR would be an empty command of its own.
        kwargs["default_enter"] = kwargs.get("default_enter") or "\r"
        self._held = ""
        self._blanks_due = 0
        super().__init__(*args, **kwargs)
        self.TELNET_RETURN = self.RETURN

    # -- reading ------------------------------------------------------------------------------------------------------

    def read_channel(self) -> str:
        """As the base class, but the pager is answered with C (continuous) and leaves no trace."""
        data = self._held + self._without_erasure(super().read_channel())
        self._held = ""
        head, pager, rest = data.partition(f"\n{PAGER}")
        while pager:
            self.write_channel("c")
            self._blanks_due = len(PAGER)
            data = f"{head}\n{self._without_erasure(rest)}"
            head, pager, rest = data.partition(f"\n{PAGER}")
        return self._hold_back(data)

    def normalize_linefeeds(self, a_string: str) -> str:
        """A lone CR is no line end here: it is how the pager's line is erased."""
        return a_string.replace("\r", "")

    def _without_erasure(self, data: str) -> str:
        """The device overwrites the pager's line with blanks, which may come in pieces."""
        blanks = min(len(data) - len(data.lstrip(" ")), self._blanks_due)
        self._blanks_due = self._blanks_due - blanks if blanks == len(data) else 0
        return data[blanks:]

    def _hold_back(self, data: str) -> str:
        """Keep a last line that may become the pager's until it is complete."""
        head, newline, last = data.rpartition("\n")
        if newline and last and PAGER.startswith(last):
            self._held = newline + last
            return head
        return data

    # -- opening ------------------------------------------------------------------------------------------------------

    def session_preparation(self) -> None:
        """Wait for the prompt. Paging stays on: whether it can be turned off for a remote session is not documented."""
        self.ansi_escape_codes = False
        said = self.read_until_pattern(pattern=PROMPT, read_timeout=20, re_flags=re.MULTILINE)
        self.base_prompt = said.rpartition("\n")[2].strip()

    def telnet_login(
        self,
        pri_prompt_terminator: str = PROMPT,
        alt_prompt_terminator: str = PROMPT,
        username_pattern: str = r" ?login: ?$",
        pwd_pattern: str = r"assword: ?$",
        delay_factor: float = 1.0,
        max_loops: int = 20,
    ) -> str:
        """Answer `login:` and `password:`. Raises NetmikoAuthenticationException when the prompt does not come."""
        del alt_prompt_terminator, delay_factor, max_loops
        answers = [(username_pattern, self.username), (pwd_pattern, self.password or "")]
        said, pending = "", ""
        deadline = time.monotonic() + (self.auth_timeout or 20)
        while time.monotonic() < deadline:
            try:
                fresh = self.read_channel()
            except (EOFError, OSError):
                break
            said, pending = said + fresh, pending + fresh
            if re.search(pri_prompt_terminator, pending, re.MULTILINE):
                # session_preparation looks for the prompt again
                self._read_buffer = pending[pending.rfind("\n") + 1 :] + self._read_buffer
                return said
            if answers and re.search(answers[0][0], pending, re.IGNORECASE):
                self.write_channel(answers.pop(0)[1] + self.RETURN)
                pending = ""
            elif not answers and re.search(username_pattern, pending, re.IGNORECASE):
                break  # asked for the name again: refused
            time.sleep(0.01)
        if self.remote_conn is not None:
            self.remote_conn.close()
        raise NetmikoAuthenticationException(f"Authentication to {self.host} failed: no prompt after the login")

    def set_base_prompt(
        self,
        pri_prompt_terminator: str = ">",
        alt_prompt_terminator: str = ">",
        delay_factor: float = 1.0,
        pattern: str | None = None,
    ) -> str:
        """`Manager` or `SecOff` with the system's name. `#` ends no prompt: it begins comments."""
        prompt: str = super().set_base_prompt(pri_prompt_terminator, alt_prompt_terminator, delay_factor, pattern)
        self.base_prompt = prompt.strip() or ">"
        return self.base_prompt

    def find_prompt(self, delay_factor: float = 1.0, pattern: str | None = None) -> str:
        """The current prompt, for example `Manager branch12>`."""
        prompt: str = super().find_prompt(delay_factor, pattern or r"> ?$")
        return prompt

    # -- privilege ----------------------------------------------------------------------------------------------------

    def check_enable_mode(self, check_string: str = "SecOff") -> bool:
        """Whether this is a security officer's session."""
        self.write_channel(self.RETURN)
        said = self.read_until_pattern(pattern=r"> ?$")
        return check_string in said.rpartition("\n")[2]

    def enable(
        self,
        cmd: str = "",
        pattern: str = "assword",
        enable_pattern: str | None = None,
        check_state: bool = True,
        re_flags: int = re.IGNORECASE,
    ) -> str:
        """Log in as security officer, which security mode asks for. Raises ValueError when the device refuses."""
        if check_state and self.check_enable_mode():
            return ""
        self.write_channel((cmd or f"login {self.officer}") + self.RETURN)
        said: str = self.read_until_pattern(pattern=rf"(?:{pattern}.*|> ?$)", re_flags=re_flags)
        if re.search(pattern, said, flags=re_flags):
            self.write_channel(self.secret + self.RETURN)
            said += self.read_until_pattern(pattern=enable_pattern or r"(?:> ?$|login: ?$)")
        if not self.check_enable_mode():
            raise ValueError(f"The login as {self.officer} was refused; check the secret.")
        return said

    def exit_enable_mode(self, exit_command: str = "") -> str:
        """There is no way back to the former user within a session."""
        return ""

    # -- configuration ------------------------------------------------------------------------------------------------

    def send_config_set(self, config_commands: Any = None, **kwargs: Any) -> str:
        """As the base class; an `Error (…)` reply raises ConfigInvalidException."""
        kwargs.setdefault("error_pattern", ERROR)
        kwargs.setdefault("enter_config_mode", False)
        kwargs.setdefault("exit_config_mode", False)
        said: str = super().send_config_set(config_commands, **kwargs)
        return said

    def save_config(self, cmd: str = "", confirm: bool = False, confirm_response: str = "") -> str:
        """Write the running configuration to the file that the device starts from. ValueError if it names none."""
        if not cmd:
            shown = str(self.send_command("show config", expect_string=r"> ?$"))
            found = re.search(r"^\s*boot\s+conf\w*(?:\s+file)?\s*(?:[:.]+|=)\s*(\S+\.\w{1,3})", shown, re.I | re.M)
            if not found:
                raise ValueError("The device names no boot configuration file; give the command in cmd.")
            cmd = f"create config={found[1]}"
        said = str(self.send_command(cmd, expect_string=r"> ?$", read_timeout=60))
        if re.search(ERROR, said, re.MULTILINE):
            raise ValueError(f"Saving failed: {said.strip()}")
        return said

    def cleanup(self, command: str = "logoff") -> None:
        """Log off; the device then closes the session."""
        if self.session_log:
            self.session_log.fin = True
        self.write_channel(command + self.RETURN)


class AlliedWareSSH(AlliedWareBase):
    """AlliedWare over SSH."""


class AlliedWareTelnet(AlliedWareBase):
    """AlliedWare over Telnet."""
