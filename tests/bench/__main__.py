# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed, measured side by side in one run: this collection, network_cli with libssh, nornir with netmiko, and Ansible
doing nothing, on the same mock devices over SSH.

Every run is a whole process tree seen from outside. All contenders take turns, so that a machine that gets slower gets
slower for all. The first run of each warms up and is watched for its memory; a contender that is slow runs once only,
unless --full. The lab runs beside them on the same cores: its CPU seconds are a column of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import contenders  # noqa: E402
import guarded  # noqa: E402
import labs  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
import trips  # noqa: E402
from contenders import Contender, Scene  # noqa: E402
from measure import Cost, Figures  # noqa: E402
from report import Row  # noqa: E402


def main() -> int:
    """Run what was chosen and print the tables."""
    options = _options()
    measure.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="pg-bench-") as name:
        folder = Path(name)
        counted = trips.count(folder / "trips")
        print(report.headline(), trips.table(counted), sep="\n\n", flush=True)
        bench = Bench(folder, options)
        if "tasks" in options.parts:
            for hosts in options.hosts:
                for latency in options.latency:
                    bench.tasks(hosts, latency)
        if "guard" in options.parts:
            for hosts in options.hosts:
                bench.guards(hosts)
    if options.json:
        told = {"machine": report.machine(), "forks": options.forks, "rows": report.plain(bench.rows)}
        told["round_trips"] = {
            platform: {job: cost._asdict() for job, cost in seen._asdict().items()}
            for platform, seen in counted.items()
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    if options.plot:
        options.plot.write_text(report.plot(bench.rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [contender.name for contender in contenders.ALL]
    parser.add_argument("--parts", type=_words, default=["tasks", "guard"], help="tasks, guard (default: both)")
    parser.add_argument("--hosts", type=_numbers, default=[60], help="sizes, as in 10,60,200 (default: 60)")
    parser.add_argument("--latency", type=_numbers, default=[0], help="ms per command, as in 0,50 (default: 0)")
    parser.add_argument("--jobs", type=_words, default=list(contenders.JOBS), help=f"of {', '.join(contenders.JOBS)}")
    parser.add_argument("--platform", choices=list(labs.DEVICE), default="cisco_iosxe", help="network_cli: cisco_iosxe")
    parser.add_argument("--with", dest="names", type=_words, default=names, help=f"of {', '.join(names)}")
    parser.add_argument("--forks", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=3, help="counted runs (default: 3)")
    parser.add_argument("--batch", type=int, default=20, help="peerings that guard works on at the same time")
    parser.add_argument("--full", action="store_true", help="everything: 10,60,200 hosts, 0 and 50 ms, all repeated")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--plot", type=Path, help="write a plot (SVG) here")
    options = parser.parse_args()
    if options.full:
        options.hosts, options.latency = [10, 60, 200], [0, 50]
    for given, known in ((options.names, names), (options.jobs, contenders.JOBS), (options.parts, ("tasks", "guard"))):
        if wrong := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(wrong))}; there are {', '.join(known)}")
    return options


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _numbers(text: str) -> list[int]:
    return [int(word) for word in _words(text)]


class Bench:
    """The runs, and what they gave."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.rows: list[Row] = []
        self._folder, self._options = folder, options
        self._contenders = [contender for contender in contenders.ALL if contender.name in options.names]
        self._environment = self._surroundings()
        self._turn = 0

    def tasks(self, hosts: int, latency: int) -> None:
        """All jobs on a fleet of equal devices."""
        options = self._options
        text = labs.fleet(options.platform, hosts, latency / 1000)
        with labs.serving(self._folder / f"tasks-{hosts}-{latency}", text, self._environment) as fleet:
            scene = Scene(options.platform, fleet, options.forks)
            for job in options.jobs:
                running = [contender for contender in self._contenders if contender.runs(scene, job)]
                costs = self._in_turns(scene, job, running)
                rows = [self._row(scene, job, latency, contender, costs[contender]) for contender in running]
                self._tell(rows)

    def guards(self, hosts: int) -> None:
        """One guard over pairs of devices, first to change them and then to find nothing to do; each on a fresh lab."""
        costs: dict[tuple[str, Contender], Sequence[Cost]] = {}
        scene = None
        for contender in (contenders.OURS, contenders.NORNIR):
            if contender in self._contenders:
                text, place = guarded.lab_file(hosts // 2), self._folder / f"guard-{hosts}-{contender.name}"
                with labs.serving(place, text, self._environment) as fleet:
                    scene = Scene("huawei_vrp", fleet, self._options.forks, guard=True, batch=self._options.batch)
                    costs["change", contender] = [self._one(scene, "change", contender, memory=True)]
                    costs["unchanged", contender] = self._in_turns(scene, "unchanged", [contender])[contender]
        for job in ("change", "unchanged"):
            if scene:
                self._tell([self._row(scene, job, 0, who, seen) for (what, who), seen in costs.items() if what == job])

    def _in_turns(self, scene: Scene, job: str, running: Sequence[Contender]) -> dict[Contender, list[Cost]]:
        costs: dict[Contender, list[Cost]] = {contender: [] for contender in running}
        for turn in range(self._options.repeat + 1):
            for contender in running:
                if turn == 0 or self._options.full or not contender.slow:
                    costs[contender].append(self._one(scene, job, contender, memory=turn == 0))
        return costs

    def _one(self, scene: Scene, job: str, contender: Contender, *, memory: bool) -> Cost:
        self._turn += 1
        place = scene.fleet.file.parent
        command = contender.command(scene, job, self._turn, place)
        environment = {**self._environment, "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(self._folder / "pc")}
        environment["ANSIBLE_STDOUT_CALLBACK"] = "default" if scene.guard else "minimal"
        cost = measure.run(command, environment, place / "output", scene.fleet.pid, memory=memory)
        output = (place / "output").read_text(errors="replace")
        if not contender.did_it(scene, job, output):
            sys.exit(f"{contender.name} did not do '{job}':\n{output[-3000:]}")
        return cost

    def _row(self, scene: Scene, job: str, latency: int, contender: Contender, costs: Sequence[Cost]) -> Row:
        kind = "guard" if scene.guard else "tasks"
        size = len(scene.fleet.ports)
        figures = Figures.of(costs)
        return Row(kind, scene.platform, size, latency / 1000, job, contender.name, contender.title, figures)

    def _tell(self, rows: Sequence[Row]) -> None:
        self.rows += rows
        print(report.table(rows), flush=True)

    def _surroundings(self) -> dict[str, str]:
        """The environment of the lab and of all runs: nothing of theirs is outside the folder."""
        self._folder.chmod(0o700)
        config = self._folder / "ansible.cfg"
        config.touch()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **kept,
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", ""),
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_HOME": str(self._folder / "ansible"),
            "ANSIBLE_LIBRARY": str(HERE / "library"),
            "XDG_RUNTIME_DIR": str(self._folder),
        }


if __name__ == "__main__":
    sys.exit(main())
