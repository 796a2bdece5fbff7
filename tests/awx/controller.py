# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX's controller does around ansible-runner (awx/main/tasks/jobs.py, AWX 24).

It writes a private data directory with extra variables, credentials, command line, passwords and an inventory script,
and reads the events that come back.
"""

from __future__ import annotations

import itertools
import json
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from awx_data import CREDENTIAL_TYPES, PROJECT, SETTINGS, TEMPLATES, answered, rendered
from harness import BIN, ansible_environment

RUNNER = str(BIN / "ansible-runner")


class _Unsafe(yaml.SafeDumper):
    """AWX forbids templates in extra variables by marking every text."""

    def represent_data(self, data: Any) -> yaml.Node:
        return self.represent_scalar("!unsafe", data) if isinstance(data, str) else super().represent_data(data)


@dataclass(frozen=True)
class Login:
    """AWX's own machine credential: its passwords answer ansible-playbook's prompts."""

    username: str
    password: str


@dataclass(frozen=True)
class Custom:
    """A credential of one of the types of `awx/vars/credential_types.yml`."""

    kind: str
    inputs: dict[str, str]


@dataclass
class Job:
    """One launch of a job template.

    `answers`: to its survey. `variables`: of AWX itself, as in `awx_meta_vars`. `elsewhere`: it runs on another node.
    """

    folder: Path
    template: str
    inventory: dict[str, Any]
    answers: dict[str, Any] = field(default_factory=dict)
    credentials: tuple[Login | Custom, ...] = ()
    check: bool = False
    limit: str = ""
    verbosity: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    elsewhere: bool = False
    ident: str = "7"

    @property
    def worker(self) -> Path:
        """The private data directory of the other node."""
        return self.folder / "worker"

    @cached_property
    def private_data(self) -> Path:
        """The private data directory, written."""
        folder = self.folder / "private"
        for name in ("env", "inventory"):
            (folder / name).mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
        shutil.copytree(PROJECT, folder / "project")
        (folder / "inventory" / "hosts").write_text(f"#!/usr/bin/env python3\nprint({json.dumps(self.inventory)!r})\n")
        (folder / "inventory" / "hosts").chmod(0o700)
        _private(folder / "env" / "extravars", self._extra_variables())
        _private(folder / "env" / "cmdline", shlex.join(self._arguments(folder)))
        _private(folder / "env" / "envvars", yaml.safe_dump(self._environment()))
        prompts = {r"SSH password:\s*?$": self.login.password} if self.login else {}
        _private(folder / "env" / "passwords", yaml.safe_dump(prompts))
        return folder

    @property
    def login(self) -> Login | None:
        """The machine credential, of which a job has one at the most."""
        return next((found for found in self.credentials if isinstance(found, Login)), None)

    @property
    def definition(self) -> dict[str, Any]:
        return TEMPLATES[self.template]

    @property
    def command(self) -> list[str]:
        """Arguments of `ansible-runner run` and `transmit`."""
        return [str(self.private_data), "--playbook", self.definition["playbook"], "--ident", self.ident]

    def run(self) -> Outcome:
        """Wait for the job."""
        return self._on_another_node() if self.elsewhere else self._here()

    def _here(self) -> Outcome:
        with Watch() as watch:
            self._runner("run", *self.command)
        return Outcome(self, self.private_data / "artifacts" / self.ident, watch)

    def _on_another_node(self) -> Outcome:
        """`transmit | worker | process`: the worker gets nothing but the stream."""
        back = self.folder / "back"
        back.mkdir(parents=True)
        with Watch() as watch:
            sent = self._runner("transmit", *self.command)
            shutil.rmtree(self.private_data / "project")  # so that nothing can come from here
            came = self._runner("worker", "--private-data-dir", str(self.worker), stdin=sent)
            self._runner("process", str(back), "--ident", self.ident, stdin=came)
        return Outcome(self, back / "artifacts" / self.ident, watch, stream=came)

    def start(self) -> subprocess.Popen[bytes]:
        """For a job that is cancelled."""
        return subprocess.Popen(
            [RUNNER, "run", *self.command],
            env=self._surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _runner(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = subprocess.run(
            [RUNNER, *arguments],
            env=self._surroundings(),
            input=stdin if stdin is not None else b"",
            capture_output=True,
            timeout=900,
            check=False,
        )
        if done.stderr.strip() and b"Traceback" in done.stderr:
            raise AssertionError(done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def _surroundings(self) -> dict[str, str]:
        return ansible_environment(self.folder / "home")

    def _environment(self) -> dict[str, str]:
        """What AWX puts into the environment of every job; the collection is in the execution environment."""
        ours = ansible_environment(self.folder / "home")
        kept = {name: ours[name] for name in ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP")}
        return {**kept, "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_FORCE_COLOR": "True", "JOB_ID": self.ident}

    def _extra_variables(self) -> str:
        """Those of the template may hold templates; surveys and AWX's own may not."""
        own = rendered(self.definition.get("extra_vars", {}), {**SETTINGS, **self.settings})
        asked = {**answered(self.definition, **self.answers), **self.variables}
        asked |= {"awx_job_id": int(self.ident), "awx_job_template_name": f"PeerGuard {self.template}"}
        return (yaml.safe_dump(own) if own else "") + yaml.dump(asked, Dumper=_Unsafe)

    def _arguments(self, folder: Path) -> list[str]:
        arguments = ["--check"] if self.check else []
        arguments += ["-u", self.login.username, "--ask-pass"] if self.login else ["-u", "root"]
        arguments += ["--diff"] if self.definition["changes"] else []
        arguments += ["-l", self.limit] if self.limit else []
        arguments += [f"-{'v' * self.verbosity}"] if self.verbosity else []
        for number, credential in enumerate(self.credentials):
            if isinstance(credential, Custom):
                arguments += _injected(credential, folder, self.worker if self.elsewhere else folder, number)
        return arguments


def _injected(credential: Custom, folder: Path, seen_as: Path, number: int) -> list[str]:
    """Files and extra variables of a credential. `seen_as`: what the job will call the folder (AWX: /runner)."""
    injectors = CREDENTIAL_TYPES[credential.kind]["injectors"]
    files = SimpleNamespace()
    for name, text in injectors.get("file", {}).items():
        label = name.removeprefix("template.")
        path = folder / "env" / f"file{number}_{label}"
        _private(path, rendered(text, credential.inputs))
        setattr(files, label, str(seen_as / "env" / path.name))
    extra = rendered(injectors.get("extra_vars", {}), {**credential.inputs, "tower": SimpleNamespace(filename=files)})
    path = folder / "env" / f"credential{number}"
    _private(path, yaml.dump(extra, Dumper=_Unsafe))
    path.chmod(0o400)
    return ["-e", f"@{seen_as / 'env' / path.name}"]


def _private(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o600)


class Watch:
    """What other users of the machine could see of processes, looked at all the time, and environments besides."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        text = (process / name).read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    except OSError:
                        continue
                    self.seen.add(f"{name}: {text}")


@dataclass
class Outcome:
    """What a job has left behind."""

    job: Job
    artifacts: Path
    watch: Watch
    stream: bytes = b""

    @property
    def rc(self) -> int:
        return int((self.artifacts / "rc").read_text())

    @property
    def status(self) -> str:
        return (self.artifacts / "status").read_text()

    @cached_property
    def stdout(self) -> str:
        return (self.artifacts / "stdout").read_text("utf-8", "replace")

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The event stream, in order."""
        found = [json.loads(path.read_text()) for path in (self.artifacts / "job_events").glob("[0-9]*.json")]
        return sorted(found, key=lambda event: event["counter"])

    def results(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """What tasks returned, by kind of event (`ok`, `failed`, `unreachable`)."""
        for event in self.events:
            if event["event"] in [f"runner_on_{kind}" for kind in kinds or ("ok", "failed")]:
                yield event["event_data"]

    @property
    def stats(self) -> dict[str, Any]:
        return next(event["event_data"] for event in self.events if event["event"] == "playbook_on_stats")

    def expect(self, rc: int = 0) -> Outcome:
        if self.rc != rc:
            raise AssertionError(f"the job ended with {self.rc} ({self.status}), expected {rc}\n{self.stdout}")
        return self

    def leaks(self, secrets: Iterable[str]) -> list[str]:
        """Where a literal secret appears: in what came back, in Ansible's home, in process lists and environments."""
        places = [("stream", self.stream.decode("utf-8", "replace"))]
        for folder in (self.artifacts, self.job.folder / "home"):
            files = (path for path in folder.rglob("*") if path.is_file())
            places += [(str(path.relative_to(folder)), path.read_text("utf-8", "replace")) for path in files]
        places += [("process", text) for text in self.watch.seen]
        return [f"{name}: {secret}" for secret, (name, text) in itertools.product(secrets, places) if secret in text]

    @property
    def saw_ansible(self) -> bool:
        """Whether the watch was awake."""
        return any(text.startswith("cmdline:") and "ansible-playbook" in text for text in self.watch.seen)


def descendants(pid: int) -> list[int]:
    """The processes below one, however they have changed their sessions."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found
