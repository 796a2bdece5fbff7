# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transaction is about to do, on disk before it does it, so that another process can finish or revert it.

One file per run, one JSON object per line, each flushed to the disk before the step it announces. Models (they hold
keys) are encrypted with a key that lies beside the journals; files are readable by their owner alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    from cryptography.fernet import Fernet, InvalidToken
except ImportError:  # the sanity tests import every file without third-party packages
    Fernet = None  # type: ignore[assignment,misc]
    InvalidToken = ValueError  # type: ignore[assignment,misc]

from ..engine.secret import Secret, WrittenSecret

DEFAULT_FOLDER = Path("~/.ansible/peerguard/journal")

# The steps of a peering, in their order. What is confirmed is kept, unless it was on its way back already.
BEGUN, PUSHING, VERIFIED, CONFIRMING, CONFIRMED = "begun", "pushing", "verified", "confirming", "confirmed"
REVERTING = "reverting"
# A peering whose last step is one of these needs nobody any more.
DONE, REVERTED = "done", "reverted"
FINISHED = (DONE, REVERTED)


class JournalError(Exception):
    """A journal that cannot be written or read; the text is one sentence."""


@dataclass
class Entry:
    """What is known of one peering of an interrupted run.

    `models`: host → feature → (before, target), as plain models. `touched`: hosts to which something may have gone.
    """

    peering: str
    waves: list[list[str]]
    models: dict[str, dict[str, tuple[Any, Any]]]
    step: str = BEGUN
    touched: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return self.step in FINISHED


class Journal:
    """The journal of one run. Safe to use from several threads: each record is one write of one line."""

    def __init__(self, folder: Path = DEFAULT_FOLDER, *, run: str | None = None) -> None:
        folder = folder.expanduser()
        self._cipher = _cipher(folder)
        self.path = folder / f"{run or _new_name()}.jsonl"
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as problem:
            raise JournalError(f"the journal {self.path} cannot be written: {problem.strerror}") from None
        if not _lock(self._file):
            os.close(self._file)
            raise JournalError(f"the journal {self.path} belongs to a run that still goes on")
        _drop_half_line(self.path, self._file)

    def refuse_claimed(self, hosts: Collection[str]) -> None:
        """Raises JournalError where another run, dead or alive, has not finished with one of these hosts.

        What a dead one left would be put back to before this run by whoever recovers it later.
        """
        for path in sorted(self.path.parent.glob("*.jsonl")):
            for entry in _open_entries(path) if path != self.path else ():
                found = sorted(set(hosts).intersection(entry.models))
                if found:
                    state = "still goes on; wait for it" if _live(path) else "was interrupted; recover it first"
                    raise JournalError(
                        f"{', '.join(found)}: peering {entry.peering} of another run {state} (journal {path})"
                    )

    def begin(
        self, peering: str, waves: Sequence[Sequence[str]], models: Mapping[str, Mapping[str, Sequence[Any]]]
    ) -> None:
        """Before anything is sent to any end of a peering."""
        secret = self._cipher.encrypt(json.dumps(models, default=_encode).encode()).decode()
        self._write(peering=peering, step=BEGUN, waves=[list(wave) for wave in waves], models=secret)

    def record(self, peering: str, step: str, hosts: Sequence[str] = ()) -> None:
        """Before a step (and after the last one)."""
        self._write(peering=peering, step=step, hosts=list(hosts))

    def _write(self, **record: Any) -> None:
        line = json.dumps({"time": round(time.time(), 3), **record}) + "\n"
        try:
            os.write(self._file, line.encode())
            os.fsync(self._file)
        except OSError as problem:
            raise JournalError(f"the journal {self.path} cannot be written: {problem.strerror}") from None

    def close(self) -> None:
        """End the run; the file goes when every peering in it is finished."""
        os.close(self._file)
        if all(entry.finished for entry in read(self.path)):
            self.path.unlink()


def _new_name() -> str:
    """Journals sort by age."""
    return f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(4)}"


def unfinished(folder: Path = DEFAULT_FOLDER) -> list[Path]:
    """The journals of runs that somebody must finish, oldest first; runs that still go on finish themselves."""
    folder = folder.expanduser()
    return [path for path in sorted(folder.glob("*.jsonl")) if not _live(path) and _open_entries(path)]


def _open_entries(path: Path) -> list[Entry]:
    return [entry for entry in read(path) if not entry.finished]


def _lock(descriptor: int) -> bool:
    """Whether the journal is ours now; the system lets go of it when the process ends, however it ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _live(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


def _drop_half_line(path: Path, descriptor: int) -> None:
    """What a dead controller was writing announced a step that was not begun; what follows needs lines of its own."""
    text = path.read_bytes()
    os.ftruncate(descriptor, text.rfind(b"\n") + 1)


def read(path: Path) -> list[Entry]:
    """The peerings of a journal with the last step each has announced. Raises JournalError."""
    cipher = _cipher(path.parent)
    entries: dict[str, Entry] = {}
    for record in _records(path):
        name, step = record["peering"], record["step"]
        if step == BEGUN:
            entries[name] = Entry(name, record["waves"], _models(cipher, record["models"], path))
        elif name in entries:
            entry = entries[name]
            entry.step = step if step != "saved" else entry.step
            hosts = entry.saved if step == "saved" else entry.touched if step == PUSHING else []
            hosts += [host for host in record["hosts"] if host not in hosts]
    return list(entries.values())


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise JournalError(f"the journal {path} cannot be read: {problem.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            yield json.loads(line)
        except ValueError:
            # A controller that died while writing leaves half a last line: the step it announced was not begun.
            if number < len(lines):
                raise JournalError(f"the journal {path} is damaged in line {number}") from None


def _models(cipher: Fernet, text: str, path: Path) -> dict[str, dict[str, tuple[Any, Any]]]:
    try:
        plain = json.loads(cipher.decrypt(text.encode()), object_hook=_decode)
    except InvalidToken:
        raise JournalError(f"the journal {path} was written with another key than {path.parent / 'key'}") from None
    return {host: {name: (pair[0], pair[1]) for name, pair in found.items()} for host, found in plain.items()}


def _encode(value: Any) -> Any:
    if isinstance(value, Secret):
        return {"$secret": value.reveal(), "$encoding": value.encoding, "$typed": value.typed()}
    raise TypeError(f"a model holds plain data, not {type(value).__name__}")


def _decode(found: dict[str, Any]) -> Any:
    if "$secret" not in found:
        return found
    text, encoding = found["$secret"], found["$encoding"]
    typed = found.get("$typed", text)
    return Secret(text, encoding) if typed == text else WrittenSecret(text, encoding, typed)


def _cipher(folder: Path) -> Fernet:
    """The key beside the journals; made on first use."""
    if Fernet is None:
        raise JournalError("the Python package cryptography is not installed on the controller; install it with pip")
    path = folder / "key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return Fernet(path.read_bytes())
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
        return Fernet(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise JournalError(f"the key of the journals, {path}, cannot be used: {problem}") from None
