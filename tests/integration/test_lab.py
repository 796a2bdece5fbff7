# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as its users have it: processes, command line, inventory, module, and clients we did not write."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import SOURCE_TREE, PlaybookRun, ansible_environment
from lab_fixtures import LabHandle

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import LabError

pytestmark = pytest.mark.lab

PROGRAM = "ansible_collections.netops.peerguard.plugins.plugin_utils.lab"
PASSWORD = "S3cret-of-the-lab"
LAB = f"""
plugin: netops.peerguard.lab
name: NAME
clock: manual
defaults: {{platform: huawei_vrp, username: netops, password: {PASSWORD}, groups: [core]}}
devices:
  pe1: {{transports: [ssh, telnet], vars: {{site: north}}}}
  pe2: {{transports: [telnet], enable_password: up}}
links:
  - ["pe1:GigabitEthernet0/3/0", "pe2:GigabitEthernet0/3/0"]
"""
Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]


def text(name: str = "first", **top: str) -> str:
    return LAB.replace("NAME", name) + "".join(f"{key}: {value}\n" for key, value in top.items())


def cli(*arguments: str, rc: int = 0) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", PROGRAM, *arguments],
        env=os.environ | {"PYTHONPATH": str(SOURCE_TREE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == rc, finished
    assert "Traceback" not in finished.stderr
    return finished.stdout + finished.stderr


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ended(pid: int, seconds: float = 20.0) -> bool:
    """Whether a process ends by itself; the kernel gives its locks back a moment before it forgets it."""
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_start_and_stop(start_lab: Start) -> None:
    lab = start_lab(text())
    pid = lab.pid
    assert alive(pid)
    assert os.getsid(pid) != os.getsid(0)
    assert not lab.lab.start()
    assert lab.lab.stop()
    assert lab.lab.state.holder() is None  # who stops a lab waits until it is gone
    assert ended(pid)
    assert not lab.lab.stop()
    assert not lab.lab.state.control.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_lab_that_is_killed_is_not_running(start_lab: Start, how: signal.Signals) -> None:
    lab = start_lab(text())
    port, pid = lab.port("pe1"), lab.pid
    os.kill(pid, how)
    deadline = time.monotonic() + 30
    while lab.lab.running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lab.lab.status()["running"]
    assert lab.lab.start()
    assert lab.port("pe1") == port  # and the host key is the same, so no client is alarmed
    assert lab.pid != pid


def test_a_lab_that_hangs_is_ended_all_the_same(start_lab: Start) -> None:
    lab = start_lab(text())
    pid = lab.pid
    os.kill(pid, signal.SIGSTOP)
    assert lab.lab.stop(patience=0.3)
    assert ended(pid)


def test_two_labs_side_by_side(start_lab: Start) -> None:
    first, second = start_lab(text()), start_lab(text("second"))
    assert first.pid != second.pid
    assert first.port("pe1") != second.port("pe1")
    assert "say which lab" in cli("advance", "5", rc=1)
    cli("advance", "5", "--lab", "second")
    cli("advance", "7", "--lab", first.inventory)
    now = [lab.ask("status")["clock"]["now"] for lab in (first, second)]
    assert now[0] - now[1] == 2


def test_what_is_wrong_is_said_in_a_sentence(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab(text())
    port = lab.port("pe1")
    taken = start_lab(text("second").replace("pe1: {", f"pe1: {{port: {port}, "), start=False)
    with pytest.raises(LabError, match=f"pe1: cannot listen for ssh on 127.0.0.1 port {port}"):
        taken.lab.start()
    assert not taken.lab.running
    with pytest.raises(LabError, match="not running"):
        taken.ask("status")
    (tmp_path / "bad.lab.yml").write_text("name: bad\n")
    assert cli("start", str(tmp_path / "bad.lab.yml"), rc=1) == "lab: The lab has no devices.\n"
    assert "no device 'pe9'" in cli("fault", "pe9", "vty_full", rc=1)
    assert "NAME=VALUE" in cli("fault", "pe1", "latency", "fast", rc=1)
    assert "cannot read a saved lab" in cli("restore", str(tmp_path / "none"), rc=1)


def test_command_line(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab(text(), start=False)
    out = cli("start", lab.inventory)
    assert f"telnet 127.0.0.1 {lab.port('pe2', 'telnet')}\n" in out
    assert f"-p {lab.port('pe1')} netops@127.0.0.1\n" in out
    assert f"Passwords: as in {lab.inventory}\n" in out
    assert PASSWORD not in out
    assert "first: 2 devices" in cli("status")
    cli("fault", "pe1", "drop_session", "at_command=3", "times=1")
    assert lab.ask("status")["faults"] == {"pe1": [{"kind": "drop_session", "at_command": 3, "times": 1, "used": 0}]}
    cli("save", str(tmp_path / "saved.json"))
    assert (tmp_path / "saved.json").stat().st_mode & 0o777 == 0o600
    cli("fault", "pe1", "clear")
    assert "faults: []" in cli("status", "first")
    cli("restore", str(tmp_path / "saved.json"))
    assert lab.ask("status")["faults"]
    assert cli("stop") == "Lab first stopped.\n"
    assert "running: false" in cli("status", lab.inventory, rc=3)


def test_foreground(start_lab: Start) -> None:
    lab = start_lab(text(), start=False)
    with subprocess.Popen(
        [sys.executable, "-m", PROGRAM, "serve", lab.inventory],
        env=os.environ | {"PYTHONPATH": str(SOURCE_TREE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Lab first, 2 devices:\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def inventory(lab: LabHandle, home: Path) -> dict[str, Any]:
    out = subprocess.run(
        [str(Path(sys.prefix) / "bin" / "ansible-inventory"), "-i", lab.inventory, "--list", "--export"],
        env=ansible_environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    data: dict[str, Any] = json.loads(out.replace('{"__ansible_unsafe": ', "{"))
    return data


def plain(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"__ansible_unsafe"}:
        return value["__ansible_unsafe"]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.playbook
def test_inventory(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab(text(), start=False)
    data = plain(inventory(lab, tmp_path))
    hosts = data["_meta"]["hostvars"]
    assert sorted(data["core"]["hosts"]) == sorted(data["huawei_vrp"]["hosts"]) == ["pe1", "pe2"]
    assert "ansible_port" not in hosts["pe1"]
    lab.lab.start()
    hosts = plain(inventory(lab, tmp_path))["_meta"]["hostvars"]
    assert hosts["pe1"] == {
        "ansible_connection": "netops.peerguard.netmiko",
        "ansible_host": "127.0.0.1",
        "ansible_netmiko_known_hosts_file": str(lab.known_hosts("pe1")),
        "ansible_network_os": "netops.peerguard.huawei_vrp",
        "ansible_password": PASSWORD,
        "ansible_port": lab.port("pe1"),
        "ansible_user": "netops",
        "peerguard_lab_file": lab.inventory,
        "peerguard_lab_name": "first",
        "site": "north",
    }
    assert hosts["pe2"]["ansible_netmiko_transport"] == "telnet"
    assert hosts["pe2"]["ansible_port"] == lab.port("pe2", "telnet")
    assert hosts["pe2"]["ansible_become_password"] == "up"
    mock = start_lab(text("third", connection="mock"), start=False)
    hosts = plain(inventory(mock, tmp_path))["_meta"]["hostvars"]
    assert hosts["pe1"]["ansible_connection"] == "netops.peerguard.mock"
    assert "ansible_port" not in hosts["pe1"]


def test_netmiko_and_what_the_log_says_afterwards(start_lab: Start) -> None:
    netmiko = pytest.importorskip("netmiko")
    lab = start_lab(text())
    for arguments in (lab.netmiko("pe1"), lab.netmiko("pe2", "huawei_telnet")):
        with netmiko.ConnectHandler(**arguments) as connection:
            assert "VRP (R) software" in connection.send_command("display version")
    with pytest.raises(netmiko.exceptions.NetmikoAuthenticationException):
        netmiko.ConnectHandler(**lab.netmiko("pe1", password=PASSWORD[:-1]))
    hosts = lab.known_hosts("pe2")  # of a device that does not listen for SSH, so nothing is known
    with pytest.raises(netmiko.exceptions.NetmikoTimeoutException):
        netmiko.ConnectHandler(**lab.netmiko("pe1", alt_key_file=str(hosts)))
    log = lab.log()
    assert "pe1 ssh 127.0.0.1: session opened" in log
    assert "login refused" in log
    assert PASSWORD[:-1] not in log
    for path in lab.lab.state.path.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0


LOCALHOST = "all:\n  hosts:\n    localhost:\n"
TASK = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"


def task(lab: LabHandle, **options: Any) -> str:
    return f"    - netops.peerguard.lab: {json.dumps({'file': lab.inventory, **options})}\n"


@pytest.mark.playbook
@pytest.mark.parametrize("kind", ["netmiko", "mock"])
def test_module(start_lab: Start, playbook: Play, tmp_path: Path, kind: str) -> None:
    lab = start_lab(text(connection=kind), start=False)

    def run(*tasks: dict[str, Any], **more: Any) -> list[bool]:
        done = playbook(TASK + "".join(task(lab, **options) for options in tasks), LOCALHOST, **more).expect()
        return [result.changed for result in done.of("localhost")]

    start, stop = {"state": "started"}, {"state": "stopped"}
    fault = {"state": "present", "faults": [{"device": "pe1", "kind": "latency", "seconds": 0.5}]}
    heal = {"state": "present", "faults": [{"device": "pe1", "state": "absent"}]}
    later = {"state": "present", "advance": "1m30s"}
    saved = {"state": "present", "save": str(tmp_path / "saved.json")}
    assert run(start, {"state": "present"}, check=True) == [True, False]
    assert not lab.lab.running
    assert run(start, start, {"state": "present"}) == [True, False, False]
    now = lab.ask("status")["clock"]["now"]
    assert run(stop, check=True) == [True]
    assert run(fault, heal, later, saved, check=True) == [True, False, True, True]
    assert lab.ask("status")["clock"]["now"] == now
    assert run(fault, fault, later, saved, saved) == [True, False, True, True, False]
    assert lab.ask("status")["clock"]["now"] == now + 90
    assert run(heal, heal) == [True, False]
    assert run({"state": "present", "restore": str(tmp_path / "saved.json")}) == [True]
    assert "pe1" in lab.ask("status")["faults"]
    assert run({"state": "restarted"}) == [True]
    assert not lab.ask("status")["faults"]
    assert run(stop, stop) == [True, False]
    assert not lab.lab.running


@pytest.mark.playbook
def test_module_says_what_is_wrong(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(text(), start=False)
    for options, words in (
        ({"state": "present", "advance": "5m"}, "is not running"),
        ({"advance": "soon"}, "not a duration"),
        ({"faults": [{"device": "pe9", "kind": "vty_full"}]}, "no device 'pe9'"),
        ({"faults": [{"device": "pe1", "kind": "latency"}]}, "needs the parameter 'seconds'"),
        ({"faults": [{"device": "pe1", "kind": "flood"}]}, "must be one of"),
        ({"file": "no-such.lab.yml"}, "Cannot read the lab file"),
    ):
        failed = playbook(TASK + task(lab, **options), LOCALHOST).expect(2).one("localhost")
        assert words in failed["msg"]
        assert not lab.lab.running


@pytest.mark.playbook
def test_playbook_that_starts_and_uses_and_stops(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(text(), start=False)
    use = (
        "- import_playbook: netops.peerguard.lab\n"
        f"  vars: {{peerguard_lab_file: {lab.inventory}}}\n"
        "- hosts: core\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.raw: display version\n"
        "- import_playbook: netops.peerguard.lab\n"
        f"  vars: {{peerguard_lab_file: {lab.inventory}, peerguard_lab_state: stopped}}\n"
    )
    done = playbook(use, lab.path).expect()
    assert {result.host: "VRP (R)" in result["stdout"] for result in done.of(task="ansible.builtin.raw")} == {
        "pe1": True,
        "pe2": True,
    }
    assert not lab.lab.running


@pytest.mark.playbook
def test_mock_connection(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(text(connection="mock"))
    run = "- hosts: core\n  gather_facts: false\n  tasks:\n    - {name: ask, ansible.builtin.raw: display version}\n"
    done = playbook(run, lab.path).expect()
    assert all("VRP (R)" in result["stdout"] for result in done.of(task="ask"))
    lab.fault("pe2", "refuse_login")
    done = playbook(run, lab.path)
    assert [result.status for result in done.of("pe2")] == ["unreachable"]
    assert "refuses user name or password" in done.one("pe2")["msg"]
    assert not done.leaks([PASSWORD])


# -- nothing is left behind -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_lab_ends_with_the_process_it_was_started_for(start_lab: Start, how: signal.Signals) -> None:
    lab = start_lab(text(), start=False)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as keeper:
        cli("start", lab.inventory, "--while", str(keeper.pid))
        pid = lab.pid
        assert alive(pid)
        keeper.send_signal(how)
        keeper.wait()
    assert ended(pid)
    assert not lab.lab.state.control.exists()
    assert "no process" in cli("start", lab.inventory, "--while", str(keeper.pid), rc=1)
    assert not lab.lab.running


@pytest.mark.playbook
def test_a_lab_that_shall_not_outlive_a_playbook_that_is_killed(start_lab: Start, tmp_path: Path) -> None:
    lab = start_lab(text(), start=False)
    play = tmp_path / "play.yml"
    sleep = "    - ansible.builtin.wait_for: {timeout: 600}\n"
    play.write_text(TASK + task(lab, outlive=False) + sleep)
    with subprocess.Popen(
        [str(Path(sys.prefix) / "bin" / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(play)],
        env=ansible_environment(tmp_path / "home"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 60
        while lab.lab.state.running() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        pid = lab.pid
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(ProcessLookupError):  # its workers, which are no business of the lab
            os.killpg(process.pid, signal.SIGKILL)
    assert ended(pid)


def test_a_start_that_is_killed_leaves_nothing(start_lab: Start) -> None:
    """Whoever started the lab dies before it is ready: nobody would know of it, so it goes too."""
    lab = start_lab(text(), start=False)
    for pause in (0.0, 0.05, 0.15, 0.3):
        with subprocess.Popen(
            [sys.executable, "-m", PROGRAM, "start", lab.inventory],
            env=os.environ | {"PYTHONPATH": str(SOURCE_TREE)},
            stdout=subprocess.DEVNULL,
        ) as process:
            time.sleep(pause)
            process.kill()
        deadline = time.monotonic() + 30
        while lab.lab.state.held() and lab.lab.state.running() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        holder = lab.lab.state.holder()
        assert holder is None or lab.lab.state.running() is not None  # not there, or there for all to see
        lab.lab.stop()
        assert holder is None or ended(holder)


def test_devices_listen_on_loopback_only_unless_told_otherwise(start_lab: Start) -> None:
    lab = start_lab(text())
    ports = {port for device in lab.lab.status()["devices"].values() for port in device["ports"].values()}
    assert listening(ports) == {"127.0.0.1"}
    lab.lab.stop()
    lab.lab.start("0.0.0.0")  # noqa: S104 - that is what is asked for
    ports = {port for device in lab.lab.status()["devices"].values() for port in device["ports"].values()}
    assert listening(ports) == {"0.0.0.0"}  # noqa: S104
    assert "cannot listen" in cli(
        "start", str(start_lab(text("second"), start=False).path), "--listen", "192.0.2.1", rc=1
    )


def listening(ports: set[int]) -> set[str]:
    """The addresses on which something listens at these TCP ports (Linux)."""
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("no /proc/net/tcp here")
    found = set()
    for row in table.read_text().splitlines()[1:]:
        _number, local, _remote, state, *_rest = row.split()
        address, port = local.split(":")
        if state == "0A" and int(port, 16) in ports:
            found.add(socket.inet_ntoa(int(address, 16).to_bytes(4, "little")))
    return found


def test_save_in_one_process_and_go_on_in_another(start_lab: Start, tmp_path: Path) -> None:
    """A lab that was saved comes back after it was stopped: configurations, time, and what runs on it."""
    netmiko = pytest.importorskip("netmiko")
    lab = start_lab(text())
    with netmiko.ConnectHandler(**lab.netmiko("pe1")) as pe1:
        pe1.send_config_set(["interface LoopBack5", "quit", "commit trial 120"], exit_config_mode=False)
    lab.advance(100)
    cli("save", str(tmp_path / "saved.json"))
    lab.restart()
    cli("restore", str(tmp_path / "saved.json"))
    for seconds, there in ((0, True), (20, False)):
        lab.advance(seconds)
        with netmiko.ConnectHandler(**lab.netmiko("pe1")) as pe1:
            assert ("LoopBack5" in pe1.send_command("display current-configuration")) is there


def test_fidelity_is_printed(start_lab: Start) -> None:
    lab = start_lab(text())
    everything = cli("--fidelity")
    assert "Huawei VRP: words / answer" in everything
    assert "Juniper JunOSe: words / answer" in everything
    own = cli("--fidelity", "pe1")
    assert own.startswith("pe1 (Huawei VRP 8.200")
    assert "commit [ trial" in own
    assert cli("--fidelity", f"{lab.inventory}:pe1") == own
    assert "there is no device 'pe9'" in cli("--fidelity", "pe9", rc=1)
    assert "say what to do" in cli(rc=1)
