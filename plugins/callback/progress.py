# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: Ansible's default output, with a progress line and a final table of peerings
version_added: 0.1.0
author: netops.peerguard authors (@netops)
description:
  - Everything looks as with P(ansible.builtin.default#callback). On a terminal, one line at the bottom tells how many
    hosts have finished the task, for how long it has been running, and which step a transaction is at.
  - At the end there is a table of all peerings that the play has guarded or verified, each as it was seen last.
  - Where the output is not a terminal (a log, a pipe, a job of AWX) it is exactly that of the default callback.
  - Nothing in the collection needs it.
extends_documentation_fragment:
  - ansible.builtin.default_callback
  - ansible.builtin.result_format_callback
requirements:
  - set as stdout callback in the configuration (C(stdout_callback = netops.peerguard.progress))
options:
  progress_line:
    description: Whether to keep a line about what is going on at the bottom of a terminal.
    type: bool
    default: true
    env:
      - name: PEERGUARD_PROGRESS_LINE
    ini:
      - section: callback_peerguard_progress
        key: progress_line
  peering_table:
    description: When to print the table of peerings at the end; V(auto) is only on a terminal.
    type: str
    choices: [auto, always, never]
    default: auto
    env:
      - name: PEERGUARD_PEERING_TABLE
    ini:
      - section: callback_peerguard_progress
        key: peering_table
"""

import os
import shutil
import sys
import threading
import time
import typing as t

from ansible.plugins.callback.default import CallbackModule as Default

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge import progress
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.page import summary, text_table
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome

_EVERY = 0.5  # seconds between two looks at the clock
_ERASE = "\r\x1b[K"


class _Line:
    """One line at the bottom of a terminal that other output pushes away."""

    def __init__(self, terminal: t.TextIO) -> None:
        self._terminal = terminal
        self._lock = threading.RLock()
        self._shown = False

    def show(self, text: str) -> None:
        columns = shutil.get_terminal_size().columns
        with self._lock:
            self._terminal.write(_ERASE + text[: columns - 1])
            self._terminal.flush()
            self._shown = True

    def write(self, stream: t.TextIO, text: str) -> int:
        """Other output, on a clean line."""
        with self._lock:
            if self._shown:
                self._terminal.write(_ERASE)
                self._terminal.flush()
                self._shown = False
            return stream.write(text)


class _Stream:
    """A standard stream whose output goes past the line."""

    def __init__(self, stream: t.TextIO, line: _Line) -> None:
        self.stream, self._line = stream, line

    def write(self, text: str) -> int:
        return self._line.write(self.stream, text)

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self.stream, name)


class CallbackModule(Default):
    """The default callback, and what a terminal can show besides."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "netops.peerguard.progress"

    def __init__(self) -> None:
        super().__init__()
        self._line: _Line | None = None
        self._streams: list[tuple[str, _Stream]] = []
        self._peerings: dict[str, dict[str, t.Any]] = {}
        self._task_words, self._step = "", ""
        self._started = self._finished = self._failed = 0
        self._since = time.monotonic()
        self._ended = threading.Event()

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        if self._line is None and self.get_option("progress_line") and _is_terminal():
            self._begin()

    # -- the line -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._line = _Line(sys.stdout)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream.isatty():
                wrapped = _Stream(stream, self._line)
                setattr(sys, name, wrapped)
                self._streams.append((name, wrapped))
        source = progress.listen()
        threading.Thread(target=self._listen, args=(source,), daemon=True, name="progress steps").start()
        threading.Thread(target=self._tick, daemon=True, name="progress line").start()

    def _end(self) -> None:
        self._ended.set()
        progress.stop()
        for name, wrapped in self._streams:
            wrapped.write("")
            if getattr(sys, name) is wrapped:
                setattr(sys, name, wrapped.stream)
        self._line, self._streams = None, []

    def _listen(self, source: int) -> None:
        with os.fdopen(source, encoding="utf-8", errors="replace") as steps:
            for step in steps:
                self._step = "".join(letter for letter in step if letter.isprintable())
                self._draw()

    def _tick(self) -> None:
        while not self._ended.wait(_EVERY):
            self._draw()

    def _draw(self) -> None:
        line = self._line
        if line is None or not self._task_words or self._ended.is_set():
            return
        failed = f", {self._failed} failed" if self._failed else ""
        seconds = int(time.monotonic() - self._since)
        words = f"{self._task_words}: {self._finished} of {self._started} done{failed}, {seconds} s"
        line.show(words + (f"  {self._step}" if self._step else ""))

    # -- what Ansible tells -------------------------------------------------------------------------------------------

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._new_task(task)
        super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._new_task(task)
        super().v2_playbook_on_handler_task_start(task)

    def _new_task(self, task: t.Any) -> None:
        self._task_words, self._step = " ".join(task.get_name().split()), ""
        self._started = self._finished = self._failed = 0
        self._since = time.monotonic()

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._started += 1
        super().v2_runner_on_start(host, task)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._note(result)
        super().v2_runner_on_ok(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._note(result)
        super().v2_runner_on_skipped(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._note(result, failed=True)
        super().v2_runner_on_failed(result, ignore_errors=ignore_errors)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._note(result, failed=True)
        super().v2_runner_on_unreachable(result)

    def _note(self, result: t.Any, *, failed: bool = False) -> None:
        self._finished += 1
        self._failed += failed
        data = result.result if hasattr(result, "result") else result._result
        for one in [data, *data.get("results", [])] if isinstance(data.get("results", []), list) else [data]:
            for outcome in _outcomes(one):
                self._peerings.pop(outcome["peering"], None)
                self._peerings[outcome["peering"]] = outcome

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        terminal = self._line is not None or _is_terminal()
        self._end()
        super().v2_playbook_on_stats(stats)
        wanted = self.get_option("peering_table")
        if self._peerings and (wanted == "always" or (wanted == "auto" and terminal)):
            self._show_table()

    def _show_table(self) -> None:
        outcomes = [
            Outcome(
                entry["peering"],
                str(entry.get("verdict", "")),
                bool(entry.get("changed")),
                str(entry.get("reason", "")),
            )
            for entry in self._peerings.values()
        ]
        ends = {name: list(entry.get("hosts") or ()) for name, entry in self._peerings.items()}
        self._display.banner("PEERINGS")
        for line in text_table(outcomes, ends):
            self._display.display(line)
        self._display.display(summary(outcomes))


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _outcomes(data: t.Any) -> list[dict[str, t.Any]]:
    """The peerings in a result of this collection's guard or verify."""
    found = data.get("peerings") if isinstance(data, dict) and "table" in data else None
    return (
        [entry for entry in found if isinstance(entry, dict) and "verdict" in entry] if isinstance(found, list) else []
    )
