# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal session without I/O: characters from the client in, characters to the client out."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .shell import Ask, LoginStyle, Reply, Shell

if TYPE_CHECKING:
    from .device import Device, SessionInfo

log = logging.getLogger(__name__)

MAX_LINE = 4096  # characters; more are dropped with a bell, as real line buffers do
MAX_HISTORY = 50
_MAX_OUTPUT_HELD = 4_000_000  # characters kept behind a pager
_PLAIN = re.compile(r"[^\x00-\x1f\x7f?]+")


class Terminal:
    """One open session. Transports call start, receive, resize, close; they read closed, delay, waiting, slow_chunks.

    ``on_output`` and ``on_closed`` may be set by a transport to hear of text or an end that came without input
    (log lines, a reboot asked for by another session); without them such text is sent with the next answer.
    """

    def __init__(self, device: Device, session: SessionInfo, shell_factory: Callable[[Terminal], Shell],
                 login: LoginStyle | None = None) -> None:  # fmt: skip
        self.device = device
        self.session = session
        self.width, self.height = 80, 24
        self.closed = False
        self.delay = 0.0
        self.waiting = False
        self.on_output: Callable[[str], None] | None = None
        self.on_closed: Callable[[], None] | None = None
        self.shell = shell_factory(self)
        self._login = login
        self._login_failures = 0
        self._ask: Ask | None = None
        self._prompt = ""  # what stands left of the line being typed
        self._line: list[str] = []
        self._cursor = 0
        self._history: list[str] = []
        self._history_at = 0
        self._typed_ahead = ""
        self._escape = ""
        self._quoted = False  # after Ctrl+V the next character is taken literally
        self._last_cr = False
        self._pages: list[str] = []  # lines still to come while the pager waits
        self._after_pager: Reply | None = None
        self._async_text = ""
        self._out: list[str] = []
        self._edits = self._editing_keys()

    # -- the transport's side -------------------------------------------------------------------------------------

    def start(self) -> str:
        """Banner and first prompt, or the login dialogue's first question."""
        return self._guarded(self._start)

    def receive(self, data: str) -> str:
        """Feed raw characters; returns what goes back on the wire. Never raises.

        A line that takes its time (``delay``, in seconds) is the last one of a call. What was typed behind it is
        ``waiting`` for the next call, which may bring nothing new.
        """
        return self._guarded(lambda: self._feed(data))

    def resize(self, width: int, height: int) -> None:
        """The client's window changed; nonsense is ignored."""
        if width > 0:
            self.width = min(width, 10_000)
        if height > 0:
            self.height = min(height, 10_000)

    def close(self) -> None:
        """The connection is gone: drop everything that belonged to this session. May be called twice."""
        if self.closed:
            return
        self.closed = True
        try:
            with self.device.world.lock:
                self.shell.closed()
        except Exception:
            log.exception("closing a session on %s failed", self.device.name)
        self.device.session_closed(self)
        if self.on_closed is not None:
            self.on_closed()

    @property
    def slow_chunks(self) -> tuple[int, float] | None:
        """(size in characters, pause in seconds) when the transport has to dribble its output."""
        fault = self.device.faults.peek("slow_chunks")
        return None if fault is None else (int(fault.params["size"]), float(fault.params["pause"]))

    def notify(self, text: str) -> None:
        """Print ``text`` (``\\n`` line ends) without input, then repeat the prompt and the line being typed."""
        if self.closed:
            return
        shown = "\r\n" + _wire(text) + "\r\n" + self._prompt + ("" if self._hidden else "".join(self._line))
        if self.on_output is not None:
            self.on_output(shown)
        else:
            self._async_text = (self._async_text + shown)[-65536:]

    # -- machinery ------------------------------------------------------------------------------------------------

    def _guarded(self, work: Callable[[], None]) -> str:
        if self.closed:
            return ""
        self.delay, self.waiting = 0.0, False
        self._out = [self._async_text]
        self._async_text = ""
        try:
            with self.device.world.lock:
                work()
        except Exception:
            log.exception("internal error in a session on %s", self.device.name)
            self._ask, self._pages, self._after_pager = None, [], None
            self._reset_line()
            self._out.append("\r\n" + _wire(self.shell.internal_error()) + "\r\n" + self._prompt)
        text = "".join(self._out)
        self._out = []
        return text

    def _start(self) -> None:
        if self._login is not None:
            self._out.append(_wire(self._login.greeting))
            self._set_ask(self._login_question(self._login))
        else:
            self._welcome()

    def _welcome(self) -> None:
        self._login = None
        self.device.world.tick()
        text = self.shell.banner()
        garbage = self.device.faults.take("garbage_after_banner")
        if garbage is not None:
            text += str(garbage.params["text"])
            text += "" if text.endswith("\n") else "\n"
        self._out.append(_wire(text))
        self._show_prompt()

    def _login_question(self, style: LoginStyle) -> Ask:
        if style.user_prompt:
            return Ask(style.user_prompt, lambda line: self._got_user(style, line))
        return self._password_question(style, self.session.user or self.device.username)

    def _password_question(self, style: LoginStyle, user: str) -> Ask:
        return Ask(
            style.password_prompt, lambda line: self._got_password(style, user, line), hidden=True, mask=style.mask
        )

    def _got_user(self, style: LoginStyle, line: str) -> Reply:
        return Reply(ask=self._password_question(style, line.strip()))

    def _got_password(self, style: LoginStyle, user: str, password: str) -> Reply:
        if self.device.check_login(user, password):
            self.session.user = user
            self._login = None
            return Reply()
        self._login_failures += 1
        if self._login_failures >= style.attempts:
            return Reply(style.failure + "\n", close=True)
        return Reply(style.failure + "\n", ask=self._login_question(style))

    @property
    def _hidden(self) -> bool:
        return self._ask is not None and self._ask.hidden

    def _set_ask(self, ask: Ask) -> None:
        self._ask = ask
        self._prompt = ask.prompt.rpartition("\n")[2]
        self._out.append(_wire(ask.prompt))

    def _show_prompt(self) -> None:
        prompt = self.shell.prompt()
        self._prompt = prompt.rpartition("\n")[2]
        self._out.append(_wire(prompt))

    # -- characters -----------------------------------------------------------------------------------------------

    def _feed(self, data: str) -> None:
        if data == "\n":  # a key of its own, and not what a CR LF ended with
            self._last_cr = False
        data, self._typed_ahead = self._typed_ahead + data, ""
        at, end = 0, len(data)
        while at < end and not self.closed and not self.delay:
            run = _PLAIN.match(data, at)
            if run is not None and not self._pages and not self._escape and not self._quoted:
                self._insert(run.group())
                self._last_cr = False
                at = run.end()
            else:
                self._char(data[at])
                at += 1
        if not self.closed:
            self._typed_ahead = data[at:]
            self.waiting = bool(self._typed_ahead)

    def _char(self, char: str) -> None:
        if self._quoted:
            self._quoted = False
            if char.isprintable():
                self._insert(char)
            return
        if char == "\n" and self._last_cr:  # the second half of CR LF
            self._last_cr = False
            return
        self._last_cr = char == "\r"
        if self._escape or char == "\x1b":
            self._escape_char(char)
        elif char == "\x00":
            return
        elif self._pages:
            self._pager_key(char)
        elif char in "\r\n":
            self._enter()
        elif char in "\b\x7f":
            self._erase_left(1)
        elif char == "?" and self._ask is None:
            self._help()
        elif char.isprintable():
            self._insert(char)
        else:
            self._control(char)

    def _control(self, char: str) -> None:
        edit = self._edits.get(char)
        if edit is not None:
            edit()
        elif char == "\t":
            if self._ask is None:
                self._complete()
        elif char == "\x03" and self._ask is not None:
            self._interrupt()
        elif self._ask is None:
            self._shell_control(char)

    def _editing_keys(self) -> dict[str, Callable[[], None]]:
        """The control keys of the line editor, as on every system here (Emacs style)."""
        return {
            "\x01": lambda: self._move(0),
            "\x02": lambda: self._move(self._cursor - 1),
            "\x04": self._erase_right,
            "\x05": lambda: self._move(len(self._line)),
            "\x06": lambda: self._move(self._cursor + 1),
            "\x0b": lambda: self._replace_line(self._line[: self._cursor]),
            "\x0c": self._redraw,
            "\x0e": lambda: self._recall(+1),
            "\x10": lambda: self._recall(-1),
            "\x12": self._redraw,
            "\x15": lambda: self._replace_line([]),
            "\x16": self._quote,
            "\x17": self._erase_word,
            "\x18": lambda: self._replace_line([]),
        }

    def _redraw(self) -> None:
        self._out.append("\r\n" + self._prompt + ("" if self._hidden else "".join(self._line)))
        self._cursor = len(self._line)

    def _quote(self) -> None:
        self._quoted = True

    def _erase_word(self) -> None:
        self._erase_left(self._cursor - _word_start("".join(self._line[: self._cursor])))

    def _interrupt(self) -> None:
        if self._login is not None:
            self._out.append("\r\n")
            self.close()
            return
        self._reset_line()
        self._ask = None
        self._out.append("\r\n")
        self._finish(self.shell.interrupted() or Reply())

    def _shell_control(self, char: str) -> None:
        line = "".join(self._line)
        reply = self.shell.control(char, line)
        if reply is None:
            if char != "\x03":
                return
            reply = Reply()
        self._reset_line()
        self._out.append("\r\n")
        self._finish(reply)

    def _escape_char(self, char: str) -> None:
        if char == "\x1b":
            self._escape = char
            return
        if self._escape == "\x1b" and char in "[O":
            self._escape += char
            return
        sequence, self._escape = self._escape + char, ""
        if len(sequence) < 3 or self._pages:
            return
        if not ("@" <= char <= "~") and len(sequence) < 12:  # parameters of a longer sequence
            self._escape = sequence
            return
        if char == "A":
            self._recall(-1)
        elif char == "B":
            self._recall(+1)
        elif char == "C":
            self._move(self._cursor + 1)
        elif char == "D":
            self._move(self._cursor - 1)
        elif char == "H":
            self._move(0)
        elif char == "F":
            self._move(len(self._line))
        elif sequence == "\x1b[3~":
            self._erase_right()

    # -- line editing ---------------------------------------------------------------------------------------------

    def _echo(self, text: str) -> None:
        if not self._hidden:
            self._out.append(text)
        elif self._ask is not None and self._ask.mask:
            self._out.append(re.sub(r"[^\x08\x1b]", self._ask.mask, text))

    def _insert(self, text: str) -> None:
        room = MAX_LINE - len(self._line)
        if len(text) > room:
            text = text[:room]
            self._out.append("\a")
        text = "".join(char for char in text if char.isprintable())
        if not text:
            return
        column = len(self._prompt) + self._cursor
        tail = self._line[self._cursor :]
        self._line[self._cursor : self._cursor] = text
        self._cursor += len(text)
        self._echo(self._wrapped(text, column) + "".join(tail) + "\b" * len(tail))

    def _wrapped(self, text: str, column: int) -> str:
        if not self.shell.wraps_echo or self._hidden:
            return text
        out: list[str] = []
        for char in text:
            if column and column % self.width == 0:
                out.append("\r\n")
            out.append(char)
            column += 1
        return "".join(out)

    def _erase_left(self, count: int) -> None:
        count = min(count, self._cursor)
        if count <= 0:
            return
        tail = self._line[self._cursor :]
        del self._line[self._cursor - count : self._cursor]
        self._cursor -= count
        if not self._hidden:
            self._out.append("\b" * count + "".join(tail) + " " * count + "\b" * (count + len(tail)))
        elif self._ask is not None and self._ask.mask:
            self._out.append("\b \b" * count)

    def _erase_right(self) -> None:
        if self._cursor < len(self._line):
            self._move(self._cursor + 1)
            self._erase_left(1)

    def _move(self, to: int) -> None:
        to = max(0, min(to, len(self._line)))
        if not self._hidden:
            if to < self._cursor:
                self._out.append("\b" * (self._cursor - to))
            else:
                self._out.append("".join(self._line[self._cursor : to]))
        self._cursor = to

    def _replace_line(self, new: list[str]) -> None:
        new = list(new)
        self._move(len(self._line))
        self._erase_left(len(self._line))
        self._line, self._cursor = new, len(new)
        self._echo("".join(new))

    def _reset_line(self) -> None:
        self._line, self._cursor = [], 0
        self._history_at = len(self._history)

    def _recall(self, step: int) -> None:
        if self._ask is not None:
            return
        at = self._history_at + step
        if not 0 <= at <= len(self._history):
            return
        self._history_at = at
        self._replace_line(list(self._history[at]) if at < len(self._history) else [])

    def _help(self) -> None:
        line = "".join(self._line)
        self.device.world.tick()
        text = self.shell.help(line[: self._cursor])
        self._out.append("?\r\n" + _wire(text) + self._prompt + line)
        self._cursor = len(self._line)

    def _complete(self) -> None:
        if self._cursor == len(self._line):
            self._insert(self.shell.complete("".join(self._line)))

    # -- lines ----------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        line = "".join(self._line)
        self._out.append("\r\n")
        self._reset_line()
        ask, self._ask = self._ask, None
        if self._login is not None and ask is not None:
            self._login_line(ask, line)
            return
        number = self._count(line, ask)
        fate = self.device.faults.on_command("before", number, line)
        if self._struck(fate.drop, fate.reboot):
            return
        self.device.world.tick()
        if ask is not None:
            reply = ask.answer(line)
        else:
            if line.strip() and (not self._history or self._history[-1] != line):
                self._history = [*self._history[1 - MAX_HISTORY :], line]
            self._history_at = len(self._history)
            reply = self.shell.execute(line)
        fate = self.device.faults.on_command("after", number, line)
        self.delay = fate.delay
        if self._struck(fate.drop, fate.reboot):
            return
        self._finish(reply)

    def _login_line(self, ask: Ask, line: str) -> None:
        reply = ask.answer(line)
        if self._login is None:
            self._welcome()
        else:
            self._finish(reply)

    def _count(self, line: str, ask: Ask | None) -> int:
        secret = ask is not None and (ask.hidden or ask.secret)
        shown = "********" if secret else self.shell.mask(line)
        self.session.commands.add(shown)
        self.device.commands.add(shown)
        return self.session.commands.count

    def _struck(self, drop: bool, reboot: float | None) -> bool:
        if reboot is not None:
            self.device.reboot(reboot)
            self.close()
            return True
        if drop:
            self.close()
        return drop

    def _finish(self, reply: Reply) -> None:
        """Print a reply, through the pager when it is longer than the screen."""
        limit = self.height if self.shell.screen_length is None else self.shell.screen_length
        if limit > 0 and self._login is None and reply.text.count("\n") > limit:
            self._pages = reply.text[:_MAX_OUTPUT_HELD].splitlines(keepends=True)
            self._after_pager = Reply("", reply.ask, reply.close)
            self._page(max(1, limit))
            return
        self._out.append(_wire(reply.text))
        self._conclude(reply)

    def _conclude(self, reply: Reply) -> None:
        if reply.close:
            self.close()
        elif reply.ask is not None:
            self._set_ask(reply.ask)
        elif not self.closed:
            self._show_prompt()

    def _page(self, count: int) -> None:
        self._out.append(_wire("".join(self._pages[:count])))
        del self._pages[:count]
        if self._pages:
            self._out.append(self.shell.pager.prompt)
            return
        reply, self._after_pager = self._after_pager or Reply(), None
        self._conclude(reply)

    def _pager_key(self, char: str) -> None:
        style = self.shell.pager
        limit = self.height if self.shell.screen_length is None else self.shell.screen_length
        if char in style.page_keys:
            count = max(1, limit)
        elif char in style.line_keys:
            count = 1
        elif char in style.all_keys:
            count = len(self._pages)
        elif char in style.quit_keys or style.other_stops:
            count = len(self._pages)
            self._pages = []
        else:
            return
        self._out.append(style.erase)
        self._page(count)


def _wire(text: str) -> str:
    """``\\n`` line ends to CR LF, leaving CR LF alone."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _word_start(text: str) -> int:
    stripped = text.rstrip()
    return stripped.rfind(" ") + 1
