# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run real ``ansible-playbook`` processes against this source tree and read what every task returned.

Nothing here imports Ansible: the processes do, with whichever version is installed beside the running interpreter.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE_TREE = ROOT / ".cache" / "source"
"""A collections path whose ``ansible_collections/netops/peerguard`` is a symbolic link to this checkout."""

BIN = Path(sys.prefix) / "bin"
"""Where the console scripts of the running interpreter's virtual environment are."""


def link_source_tree() -> Path:
    """Make the symlink tree if it is not there (safe to call from several processes) and return its path."""
    link = SOURCE_TREE / "ansible_collections" / "netops" / "peerguard"
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.resolve() != ROOT:
        fresh = link.with_name(f".peerguard.{os.getpid()}")
        fresh.symlink_to(ROOT, target_is_directory=True)
        fresh.replace(link)
    return SOURCE_TREE


def ansible_environment(home: Path) -> dict[str, str]:
    """The environment for an Ansible subprocess: this tree's collection, and no settings of the user's.

    ``home`` receives everything that Ansible would write into the home directory.
    """
    config = home / "ansible.cfg"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTEST_"))}
    env.update(
        ANSIBLE_COLLECTIONS_PATH=str(link_source_tree()),
        ANSIBLE_CONFIG=str(config),
        ANSIBLE_HOME=str(home / "ansible"),
        ANSIBLE_LOCAL_TEMP=str(home / "tmp"),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_PYTHON_INTERPRETER=sys.executable,
        ANSIBLE_RETRY_FILES_ENABLED="false",
        PATH=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        PYTHONPATH=str(SOURCE_TREE),
        PYTHONUNBUFFERED="1",
    )
    env.setdefault("LC_ALL", "C.UTF-8")
    return env


@dataclass(frozen=True)
class TaskResult:
    """What one task returned on one host, as every callback plugin sees it (after ``no_log``)."""

    host: str
    task: str
    action: str
    status: str
    """``ok``, ``failed``, ``unreachable`` or ``skipped``."""
    item: bool
    """True for one item of a loop; the task's own result follows with ``item`` false."""
    ignored: bool
    """True for a failure that ``ignore_errors`` or ``ignore_unreachable`` let pass."""
    result: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    def __getitem__(self, key: str) -> Any:
        return self.result[key]


@dataclass(frozen=True)
class PlaybookRun:
    """A finished ``ansible-playbook`` process and all that it left behind."""

    rc: int
    stdout: str
    stderr: str
    directory: Path
    results: tuple[TaskResult, ...]
    stats: dict[str, dict[str, int]]
    """Per host: ok, changed, unreachable, failures, skipped, rescued, ignored."""

    def of(self, host: str | None = None, task: str | None = None, status: str | None = None) -> list[TaskResult]:
        """The results (without loop items) of a host, of a task by name, of a status – in the order they came."""
        return [
            r
            for r in self.results
            if not r.item
            and (host is None or r.host == host)
            and (task is None or r.task == task)
            and (status is None or r.status == status)
        ]

    def one(self, host: str | None = None, task: str | None = None) -> TaskResult:
        """The only result that fits; an error that shows the run when there is none or more than one."""
        found = self.of(host, task)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} results for host={host!r} task={task!r}\n{self}")
        return found[0]

    def expect(self, rc: int = 0) -> PlaybookRun:
        """This run, or an error that shows its output when it ended with another return code."""
        if self.rc != rc:
            raise AssertionError(f"ansible-playbook ended with {self.rc}, expected {rc}\n{self}")
        return self

    def leaks(self, secrets: Iterable[str], allowed: Iterable[Path] = ()) -> list[str]:
        """Where a literal secret appears: in the output, a result, or any file that the run wrote.

        The inputs (playbook, inventory, variables) are written to ``inputs/`` and not searched; ``allowed`` adds paths.
        """
        skip = [self.directory / "inputs", *allowed]
        places = [("stdout", self.stdout), ("stderr", self.stderr)]
        for path in sorted(self.directory.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(s) for s in skip):
                places.append((str(path.relative_to(self.directory)), path.read_text("utf-8", "replace")))
        return [f"{name}: {secret!r}" for secret in secrets for name, text in places if secret in text]

    def __str__(self) -> str:
        return f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def run_playbook(
    directory: Path,
    playbook: str | Path,
    inventory: str | Path,
    *arguments: str,
    inventory_name: str = "inventory.yml",
    extra_vars: Mapping[str, Any] | None = None,
    check: bool = False,
    diff: bool = False,
    verbosity: int = 4,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> PlaybookRun:
    """Run a playbook in a subprocess.

    directory: an empty or new directory that receives inputs, logs, results and Ansible's home.
    playbook, inventory: YAML text, or the path of a file (a path is used as it is), or for ``playbook`` the name of a
      playbook in a collection, such as ``netops.peerguard.demo``.
    inventory_name: the file name that inventory text is stored under; inventory plugins look at it.
    timeout: seconds; a run that takes longer is an error.
    """
    inputs = directory / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    results = directory / "results.jsonl"
    results.unlink(missing_ok=True)
    command = [
        str(BIN / "ansible-playbook"),
        *(["-" + "v" * verbosity] if verbosity else []),
        *(["--check"] if check else []),
        *(["--diff"] if diff else []),
        "--inventory",
        _stored(inputs / inventory_name, inventory),
        *arguments,
    ]
    if extra_vars is not None:
        (inputs / "extra_vars.json").write_text(json.dumps(extra_vars), "utf-8")
        command += ["--extra-vars", f"@{inputs / 'extra_vars.json'}"]
    is_name = isinstance(playbook, str) and "\n" not in playbook
    command.append(str(playbook) if is_name else _stored(inputs / "playbook.yml", playbook))
    finished = subprocess.run(
        command,
        cwd=directory,
        env={
            **ansible_environment(directory / "home"),
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "plugins" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "task_results",
            "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
            "PEERGUARD_TEST_RESULTS": str(results),
            **(env or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
    records = list(_records(results))
    return PlaybookRun(
        rc=finished.returncode,
        stdout=finished.stdout,
        stderr=finished.stderr,
        directory=directory,
        results=tuple(TaskResult(**r["task_result"]) for r in records if "task_result" in r),
        stats=next((r["stats"] for r in records if "stats" in r), {}),
    )


def _stored(path: Path, text: str | Path) -> str:
    if isinstance(text, Path):
        return str(text)
    path.write_text(text, "utf-8")
    return str(path)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def kill_playbook(directory: Path, arguments: Sequence[str], when: Callable[[str], bool]) -> None:
    """Start ansible-playbook; SIGKILL it and its worker once `when` holds, which gets what it has printed so far.

    A device has to be slow then (the fault ``latency``), or the run could be over before it is killed.
    """
    said = directory / "said"
    with said.open("wb") as stdout:
        process = subprocess.Popen(
            [str(BIN / "ansible-playbook"), *arguments],
            env=ansible_environment(directory / "home"),
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + 120
    while not when(said.read_text()):
        assert time.monotonic() < deadline, said.read_text()
        assert process.poll() is None, said.read_text()
        time.sleep(0.02)
    # Workers are in sessions of their own, and would go on.
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in (process.pid, *map(int, workers)):
        os.kill(pid, signal.SIGKILL)
    process.wait()
