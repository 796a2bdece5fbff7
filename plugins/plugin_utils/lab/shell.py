# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a platform implements to have a CLI: the conversation, without any character handling.

A Terminal owns echo, editing, history and paging and asks a Shell what to say. All texts use ``\\n`` as line end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .device import Device
    from .terminal import Terminal


@dataclass
class Ask:
    """A question the device waits on: the next line goes to ``answer`` instead of the command parser."""

    prompt: str
    answer: Callable[[str], Reply]
    hidden: bool = False
    mask: str = ""  # what a hidden answer echoes per character, e.g. "*"
    secret: bool = False  # the answer is masked in the audit although it is echoed


@dataclass
class Reply:
    """The outcome of one line: text (paged), then a question or the prompt; ``close`` ends the session."""

    text: str = ""
    ask: Ask | None = None
    close: bool = False


@dataclass(frozen=True)
class PagerStyle:
    """How an OS pages: what it prints, how it erases that, and its keys (any other key stops if ``other_stops``)."""

    prompt: str
    erase: str
    page_keys: str = " "
    line_keys: str = "\r\n"
    all_keys: str = ""
    quit_keys: str = "qQ\x03"
    other_stops: bool = False


@dataclass(frozen=True)
class LoginStyle:
    """The in-band login dialogue (Telnet, or asked again inside SSH); ``user_prompt`` "" = password only."""

    greeting: str = ""
    user_prompt: str = "Username:"
    password_prompt: str = "Password:"
    failure: str = "Error: Authentication failed."
    mask: str = ""
    attempts: int = 3


class Shell(ABC):
    """One CLI session of one device."""

    pager = PagerStyle("--More--", "\r        \r")
    #: Output lines per screen: 0 = paging off, None = follow the client's window.
    screen_length: int | None = 24
    #: Whether typed text is wrapped (CR LF) at the window's width, as some systems do.
    wraps_echo = False

    def __init__(self, device: Device, terminal: Terminal) -> None:
        self.device = device
        self.terminal = terminal

    def banner(self) -> str:
        """Text after a successful login, before the first prompt."""
        return ""

    @abstractmethod
    def prompt(self) -> str:
        """The current prompt, without line end."""

    @abstractmethod
    def execute(self, line: str) -> Reply:
        """Run one command line."""

    def help(self, line: str) -> str:
        """What ``?`` prints after ``line``."""
        return ""

    def complete(self, line: str) -> str:
        """The text to add when Tab is pressed after ``line`` ("" = nothing to add)."""
        return ""

    def control(self, key: str, line: str) -> Reply | None:
        """A control character typed at the prompt (``\\x1a`` = Ctrl+Z, ``\\x03`` = Ctrl+C, …); None = not special."""
        return None

    def interrupted(self) -> Reply | None:
        """Ctrl+C while a question waits; None = the terminal drops the question and prints the prompt."""
        return None

    def mask(self, line: str) -> str:
        """``line`` with its secrets replaced, for the audit list."""
        return line

    def internal_error(self) -> str:
        """What the wire shows when the emulator itself failed."""
        return "Error: The system is busy. Please try again later."

    def closed(self) -> None:
        """The session is gone (quit, drop or reboot): release locks, drop candidates."""
