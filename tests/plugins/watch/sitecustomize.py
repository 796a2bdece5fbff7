# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In the workers of an ansible-playbook that has this folder in its PYTHONPATH: write down what each does anew.

Workers are forks. What one of them compiles or imports, all others compile or import too, for every host and task.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

_LOG = Path(os.environ["PEERGUARD_TEST_WORKERS"])


def _note(text: str) -> None:
    with _LOG.open("a", encoding="utf-8") as log:
        log.write(f"{text}\n")


def _tell(what: str) -> None:
    where = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        for frame in reversed(traceback.extract_stack()[:-2])
        if "importlib" not in frame.filename and "/re/" not in frame.filename
    )
    _note(f"{what} by {where}")


def _watch() -> None:
    compile_: Any = re._compiler.compile  # type: ignore[attr-defined]

    def compiled(pattern: Any, flags: int = 0) -> Any:
        if os.getpid() == worker:
            _tell(f"compiled {pattern!r}")
        return compile_(pattern, flags)

    def seen(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import" and os.getpid() == worker:
            _tell(f"imported {arguments[0]}")

    worker = os.getpid()
    _note("watched")
    re._compiler.compile = compiled  # type: ignore[attr-defined]
    sys.addaudithook(seen)


os.register_at_fork(after_in_child=_watch)
