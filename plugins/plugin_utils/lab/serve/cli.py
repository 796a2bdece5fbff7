# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .. import fidelity_page
from ..faults import KINDS
from ..labfile import LabError, load_lab
from ..registry import known_platforms
from ..world import World
from . import logfile
from .labs import LOOPBACK, Lab, find, passwords, reach
from .pump import report
from .state import LabState, StateDir, known_labs, write_private

if TYPE_CHECKING:
    from ..device import Device


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Mock devices on this machine, out of one YAML file.")
    parser.add_argument(
        "--fidelity", nargs="?", const="", metavar="OS|DEVICE", help="print what is known of the real devices' commands"
    )
    parser.set_defaults(run=_fidelity)
    commands = parser.add_subparsers(metavar="COMMAND")
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("--lab", metavar="FILE|NAME", help="which lab, when more than one is running")

    def command(name: str, run: Any, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=parents)
        made.set_defaults(run=run)
        return made

    for name, run, text in (
        ("serve", _serve, "Serve a lab in the foreground until Ctrl-C."),
        ("start", _start, "Serve a lab in the background."),
    ):
        made = command(name, run, text)
        made.add_argument("file", type=Path, metavar="LAB.yml")
        made.add_argument("--listen", default=LOOPBACK, metavar="ADDRESS", help="default: this machine only")
        made.add_argument("--while", dest="keeper", type=int, metavar="PID", help="stop when that process has ended")
        if name == "serve":
            made.add_argument("--background", type=int, metavar="FD", help=argparse.SUPPRESS)
    for name, run, text in (
        ("stop", _stop, "Stop a lab."),
        ("status", _status, "Show running labs, or one lab in detail."),
    ):
        command(name, run, text).add_argument("lab", nargs="?", metavar="LAB.yml|NAME")
    advance = command("advance", _advance, "Let time pass in a lab with a manual clock.", which)
    advance.add_argument("seconds", type=float)
    fault = command("fault", _fault, "Make a device misbehave, or behave again.", which)
    fault.add_argument("device")
    kinds = [*KINDS, "clear"]
    fault.add_argument("kind", choices=kinds, metavar="KIND", help=f"{', '.join(kinds)} (which removes all)")
    fault.add_argument("parameter", nargs="*", metavar="NAME=VALUE", help="for instance at_command=3 times=1")
    fault.add_argument("--remove", action="store_true", help="remove the faults of this kind")
    for name, run, text in (
        ("save", _save, "Save all devices' state to a file."),
        ("restore", _restore, "Bring all devices to a saved state."),
    ):
        command(name, run, text, which).add_argument("file", type=Path)
    return parser


def _serve(options: argparse.Namespace) -> int:
    if options.background is not None:
        return _serve_in_background(options)
    from .supervisor import serve

    logfile.to_stderr()
    serve(options.file, options.listen, _print_reach, options.keeper)
    return 0


def _serve_in_background(options: argparse.Namespace) -> int:
    """Tell the starter, through the pipe it gave us, how it went."""
    with os.fdopen(options.background, "w") as pipe:

        def ready(state: LabState) -> None:
            pipe.write(state.to_json())
            pipe.close()

        try:
            from .supervisor import serve

            state = StateDir(load_lab(options.file).name)
            state.create()
            logfile.to_file(state.log)
            serve(options.file, options.listen, ready, options.keeper)
        except LabError as error:
            if not pipe.closed:
                pipe.write(json.dumps({"error": str(error)}))
            return 1
        except Exception as error:  # noqa: BLE001 - there is no terminal to print a traceback on
            report("lab", error)
            return 1
    return 0


def _print_reach(state: LabState) -> None:
    print(f"Lab {state.name}, {len(state.devices)} devices:")
    for name, commands in reach(state).items():
        for command in commands:
            print(f"  {name:<15} {command}")
    print(passwords(load_lab(Path(state.lab_file))))
    sys.stdout.flush()


def _start(options: argparse.Namespace) -> int:
    lab = Lab.load(options.file)
    if not lab.start(options.listen, keeper=options.keeper):
        print(f"Lab {lab.file.name} is already running.")
    state = lab.state.running() if lab.served else None
    if state is not None:
        _print_reach(state)
    return 0


def _stop(options: argparse.Namespace) -> int:
    lab = find(options.lab)
    print(f"Lab {lab.file.name} stopped." if lab.stop() else f"Lab {lab.file.name} was not running.")
    return 0


def _status(options: argparse.Namespace) -> int:
    if options.lab is None:
        for name in known_labs():
            state = StateDir(name).running()
            if state is not None:
                print(f"{name}: {len(state.devices)} devices, process {state.pid}, {state.lab_file}")
        return 0
    status = find(options.lab).status()
    print(yaml.safe_dump(status, sort_keys=False, width=200), end="")
    return 0 if status["running"] else 3


def _fidelity(options: argparse.Namespace) -> int:
    """Of all systems, of one of them, or of a device of the lab that runs."""
    which = options.fidelity
    if which is None:
        raise LabError("say what to do, for instance: start two.lab.yml; --help lists everything")
    platforms = known_platforms() if which == "" else (which,) if which in known_platforms() else ()
    if platforms:
        shown = [fidelity_page.of_platform(name) for name in platforms]
    else:
        shown = [fidelity_page.of_device(_device(which))]
    print("\n".join(shown), end="")
    return 0


def _device(which: str) -> Device:
    """A device as `NAME`, or as `LAB.yml:NAME` when several labs run or none. Raises LabError."""
    lab, _colon, name = which.rpartition(":")
    try:
        file = find(lab or None).file
    except LabError as error:
        raise LabError(f"{which} is no system ({', '.join(known_platforms())}), and for a device: {error}") from error
    if name not in file.devices:
        raise LabError(f"there is no device '{name}' in lab {file.name}, there are {', '.join(file.devices)}")
    return World(file).devices[name]


def _advance(options: argparse.Namespace) -> int:
    find(options.lab).ask({"op": "advance", "seconds": options.seconds})
    return 0


def _fault(options: argparse.Namespace) -> int:
    lab = find(options.lab)
    if options.kind == "clear":
        lab.ask({"op": "fault_remove", "device": options.device})
    elif options.remove:
        lab.ask({"op": "fault_remove", "device": options.device, "kind": options.kind})
    else:
        fault = {"kind": options.kind}
        for text in options.parameter:
            name, equals, value = text.partition("=")
            if not equals:
                raise LabError(f"a parameter of a fault is NAME=VALUE, not '{text}'")
            fault[name] = yaml.safe_load(value)
        lab.ask({"op": "fault_add", "device": options.device, "fault": fault})
    return 0


def _save(options: argparse.Namespace) -> int:
    answer = find(options.lab).ask({"op": "save"})
    try:
        write_private(options.file.absolute(), json.dumps(answer["snapshot"]))
    except OSError as error:
        raise LabError(f"cannot write {options.file}: {error.strerror}") from error
    return 0


def _restore(options: argparse.Namespace) -> int:
    find(options.lab).ask({"op": "restore", "snapshot": read_snapshot(options.file)})
    return 0


def read_snapshot(path: Path) -> dict[str, Any]:
    """A lab saved with `save`. Raises LabError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"cannot read a saved lab from {path}: {error}") from error
    if not isinstance(data, dict):
        raise LabError(f"{path} is not a saved lab")
    return data
