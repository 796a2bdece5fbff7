# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Huawei feature as its users have it: ansible-playbook over real SSH and Telnet to emulated routers."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import PlaybookRun
from huawei_labs import AUTH, KEY, OTHER_KEY, PORT, pair, shake
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]

PASSWORD = "Lab-Login-Pass-1"  # what huawei_labs gives its devices
SECRETS = [KEY, OTHER_KEY, PASSWORD, "Chain-Of-A-Test"]
FAST = {"speed": 10}
"""The lab's clock: ten seconds of RSVP in one of ours."""

VARS = {"rsvp_key": KEY, "other_key": OTHER_KEY}
INTENT = shake("{{ rsvp_key }}", window_size=32)
OTHER = shake("{{ other_key }}", window_size=32)
MODULE = "netops.peerguard.huawei_rsvp_auth"


def play(*tasks: dict[str, Any], hosts: str = "huawei_vrp", **more: Any) -> str:
    """A playbook with one play of these tasks."""
    return yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": list(tasks), **more}], sort_keys=False)


def rsvp(name: str, **arguments: Any) -> dict[str, Any]:
    """A task; arguments that begin with an underscore are keywords of the task."""
    keywords = {key[1:]: value for key, value in arguments.items() if key.startswith("_")}
    given = {key: value for key, value in arguments.items() if not key.startswith("_")}
    return {"name": name, MODULE: given, **keywords}


def test_the_whole_way(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(pair(clock=FAST))
    verify = {"timeout": 30, "interval": 1}
    tasks = [
        rsvp("Predict", config=INTENT, _check_mode=True),
        rsvp("First", config=INTENT),
        rsvp("Second", config=INTENT, verify=verify),
        {"name": "Facts", "netops.peerguard.facts": {"gather_subset": ["all"], "gather_network_resources": ["all"]}},
        {"name": "Use facts", "ansible.builtin.debug": {"msg": "{{ ansible_facts.net_version }}"}},
        {
            "name": "Wait",
            "netops.peerguard.command": {
                "commands": ["display mpls rsvp-te interface"],
                "wait_for": ["result[0] contains 'Challenge: ENABLE'"],
                "retries": 3,
            },
        },
        {
            "name": "Wait in vain",
            "netops.peerguard.command": {
                "commands": ["display clock"],
                "wait_for": ["result[0] contains never"],
                "retries": 2,
                "interval": 0,
            },
            "ignore_errors": True,
        },
        {"name": "Refused", "netops.peerguard.command": {"commands": ["display nothing"]}, "ignore_errors": True},
        {"name": "Raw", "ansible.builtin.raw": "display version", "changed_when": False},
        {"name": "Raw refused", "ansible.builtin.raw": "display nothing", "ignore_errors": True},
        {"name": "Raw question", "ansible.builtin.raw": "reboot", "changed_when": False},
        rsvp(
            "Wrong key",
            config=OTHER,
            update_secrets="always",
            verify={"timeout": 6, "interval": 1},
            _ignore_errors=True,
            _when="inventory_hostname == 'pe1'",
        ),
        rsvp("Gather", state="gathered"),
        rsvp("Bad input", config=shake("two words", lifetime="25:00:00"), _ignore_errors=True),
    ]
    run = playbook(play(*tasks), lab.path, diff=True, extra_vars=VARS).expect(rc=0)

    for host in ("pe1", "pe2"):
        predicted, first = run.one(host, "Predict"), run.one(host, "First")
        assert predicted.changed
        assert first.changed
        for item in ("commands", "rollback", "diff", "before", "after"):
            assert predicted[item] == first[item], item
        assert first["commands"] == [
            f"interface {PORT}",
            f"  {AUTH} cipher ********",
            f"  {AUTH} handshake",
            f"  {AUTH} window-size 32",
            "  quit",
        ]
        assert first["saved"]
        second = run.one(host, "Second")
        assert (second.changed, second["commands"], second["converged"]) == (False, [], True)

        facts = run.one(host, "Facts")["ansible_facts"]
        assert facts["ansible_net_hostname"] == host.upper()
        assert facts["ansible_net_version"] == "8.200 (NE40E V800R012C10SPC300)"
        assert facts["ansible_net_system"] == "huawei_vrp"
        assert f"{AUTH} cipher ********\n" in facts["ansible_net_config"]
        resource = facts["ansible_network_resources"]["huawei_rsvp_auth"]
        assert resource["interfaces"][0]["handshake"] is True
        assert facts["peerguard_observed"]["huawei_rsvp_auth"]["statistics"]["receive_response"] >= 1
        assert run.one(host, "Use facts")["msg"] == "8.200 (NE40E V800R012C10SPC300)"

        assert "Challenge: ENABLE" in run.one(host, "Wait")["stdout"][0]
        vain = run.one(host, "Wait in vain")
        assert (vain.status, vain["failed_conditions"]) == ("failed", ["result[0] contains never"])
        refused = "the device refused 'display nothing': Unrecognized command found at '^' position."
        assert run.one(host, "Refused")["msg"] == f"{host}: {refused}"
        assert "NE40E V800R012C10SPC300" in run.one(host, "Raw")["stdout"]
        assert (run.one(host, "Raw refused")["rc"], run.one(host, "Raw refused")["stderr"]) == (1, refused)
        assert "Continue? [y/n]:" in run.one(host, "Raw question")["stdout"]

        bad = run.one(host, "Bad input")
        assert len(bad["problems"]) == 2
        assert "two words" not in json.dumps(bad["problems"])

    wrong = run.one("pe1", "Wrong key")
    assert (wrong.status, wrong.changed, wrong["reverted"], wrong["converged"]) == ("failed", False, True, False)
    assert "not converged within 6 s: " in wrong["msg"]
    assert wrong["msg"].endswith("the device is as it was before (read again)")
    assert wrong["unmet"]
    assert run.one("pe1", "Gather")["gathered"] == run.one("pe1", "First")["after"]
    # --diff, as a person reads it
    assert f"+ {AUTH} cipher ******** (new)" in run.stdout
    assert f"+ {AUTH} handshake" in run.stdout
    assert run.leaks(SECRETS) == []
    assert [secret for secret in SECRETS if secret in lab.log()] == []


def test_vrp5_over_telnet_and_the_role(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(
        pair(clock=FAST, device={"os_version": "5.170 (S7700 V200R019C10SPC500)", "transports": ["telnet"]})
    )
    handshake = INTENT["interfaces"]
    role = {
        "name": "Role",
        "ansible.builtin.include_role": {"name": "netops.peerguard.huawei_rsvp_handshake"},
        "vars": {
            "huawei_rsvp_handshake_interfaces": handshake,
            "huawei_rsvp_handshake_verify": {"timeout": 30, "interval": 1},
        },
    }
    keep = {"name": "Keep", "ansible.builtin.set_fact": {"first": "{{ huawei_rsvp_handshake_result }}"}}
    show = {
        "name": "Show",
        "ansible.builtin.assert": {
            "that": [
                "first.changed",
                "first.converged",
                "not huawei_rsvp_handshake_result.changed",
                "huawei_rsvp_handshake_result.converged",
            ]
        },
    }
    wrong = {
        "name": "Misspelt",
        "ansible.builtin.include_role": role["ansible.builtin.include_role"],
        "vars": {"huawei_rsvp_handshake_state": "absent"},
    }
    run = playbook(play(role, keep, role, show), lab.path, extra_vars=VARS).expect(rc=0)
    results = run.of(
        "pe1", "netops.peerguard.huawei_rsvp_handshake : Configure RSVP-TE authentication and prove the handshake"
    )
    assert [result.changed for result in results] == [True, False]
    assert not any("commit" in line for result in results for line in result["commands"])
    assert run.leaks(SECRETS) == []
    refused = playbook(play(wrong), lab.path, "--limit", "pe1", verbosity=0).expect(rc=2)
    assert (
        "value of huawei_rsvp_handshake_state must be one of: merged, replaced, overridden, deleted"
        in refused.stdout + refused.stderr
    )


def test_without_a_device(playbook: Play) -> None:
    tasks = [
        rsvp("Render", state="rendered", config=shake("{{ rsvp_key }}"), _register="rendered"),
        rsvp("Parse", state="parsed", running_config="{{ rendered.rendered }}"),
        rsvp("Online", state="gathered", _ignore_errors=True, _ignore_unreachable=True),
    ]
    run = playbook(play(*tasks, hosts="localhost", connection="local"), "localhost,", extra_vars=VARS)
    assert run.one(task="Render")["rendered"] == f"interface {PORT}\n {AUTH} cipher ********\n {AUTH} handshake\n"
    assert run.one(task="Parse")["parsed"]["interfaces"][0]["handshake"] is True
    online = run.one(task="Online")
    assert "set ansible_connection to netops.peerguard.netmiko, netconf or mock" in online["msg"]
    assert run.leaks([KEY]) == []


# -- the way in -----------------------------------------------------------------------------------------------------


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def key_pair(folder: Path, name: str, passphrase: str) -> tuple[Path, str]:
    """A fresh SSH key pair: the private file, the public line."""
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path, path.with_suffix(".pub").read_text("ascii").strip()


FORWARD = """\
import os, socket, sys, threading
wire = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def inward():
    while data := os.read(0, 65536):
        wire.sendall(data)
    wire.shutdown(socket.SHUT_WR)
threading.Thread(target=inward, daemon=True).start()
while data := wire.recv(65536):
    os.write(1, data)
"""


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen of OpenSSH is not installed")
def test_ways_in_and_why_there_is_none(start_lab: Start, playbook: Play, tmp_path: Path) -> None:
    """Every host of the inventory reaches for the same router in another way."""
    phrase = "Key-Passphrase-9"
    private, public = key_pair(tmp_path, "id_locked", phrase)
    stranger, _public = key_pair(tmp_path, "id_stranger", "")
    _foreign, foreign_public = key_pair(tmp_path, "host_key", "")
    lab = start_lab(
        pair(device={"options": {"authorized_keys": [public]}}, clock="real").replace(
            "  pe2:", "  full:\n    faults: [{kind: vty_full}]\n  pe2:"
        )
    )
    port, known = lab.port("pe1"), str(lab.known_hosts("pe1"))
    changed = tmp_path / "changed_hosts"
    changed.write_text(f"[127.0.0.1]:{port} {' '.join(foreign_public.split()[:2])}\n")
    own = Path(known).read_text()
    revoked = tmp_path / "revoked_hosts"
    revoked.write_text(own + own.replace(f"[127.0.0.1]:{port}", "@revoked *"))
    (tmp_path / "pattern_hosts").write_text(own.replace("127.0.0.1", "127.*.?"))
    (tmp_path / "empty").touch()
    (tmp_path / "untouched").touch()
    (tmp_path / "forward.py").write_text(FORWARD)
    (tmp_path / "ssh_config").write_text(
        f"Host behind\n  HostName 127.0.0.1\n  Port {port}\n"
        f"  ProxyCommand {sys.executable} {tmp_path / 'forward.py'} %h %p\n"
    )
    (tmp_path / "broken_config").write_text(f"Host *\n  ProxyCommand {tmp_path / 'no-such-program'} %h %p\n")
    keyed = {"ansible_password": None, "ansible_private_key_file": str(private)}
    hosts: dict[str, dict[str, Any]] = {
        "plain": {},
        "unchecked": {
            "ansible_netmiko_known_hosts_file": str(tmp_path / "untouched"),
            "ansible_host_key_checking": False,
        },
        "patterned": {"ansible_netmiko_known_hosts_file": str(tmp_path / "pattern_hosts")},
        "keyed": {**keyed, "ansible_private_key_passphrase": phrase},
        "proxied": {
            "ansible_host": "behind",
            "ansible_netmiko_ssh_config_file": str(tmp_path / "ssh_config"),
            "ansible_host_key_checking": False,
        },
        "x_password": {"ansible_password": "Wrong-Password-77"},
        "x_user": {"ansible_user": "nobody"},
        "x_refused": {"ansible_port": closed_port()},
        "x_unknown": {"ansible_netmiko_known_hosts_file": str(tmp_path / "empty")},
        "x_changed": {"ansible_netmiko_known_hosts_file": str(changed)},
        "x_revoked": {"ansible_netmiko_known_hosts_file": str(revoked)},
        "x_name": {"ansible_host": "no-such-host.invalid"},
        "x_locked": keyed,
        "x_phrase": {**keyed, "ansible_private_key_passphrase": "not-the-phrase"},
        "x_stranger": {**keyed, "ansible_private_key_file": str(stranger)},
        "x_keyfile": {**keyed, "ansible_private_key_file": str(tmp_path / "no_key")},
        "x_full": {"ansible_port": lab.port("full"), "ansible_netmiko_known_hosts_file": str(lab.known_hosts("full"))},
        "x_config": {"ansible_netmiko_ssh_config_file": str(tmp_path / "no_config")},
        "x_proxy": {"ansible_netmiko_ssh_config_file": str(tmp_path / "broken_config")},
        "x_log": {"ansible_netmiko_session_log": str(tmp_path / "no_folder" / "log")},
        "x_os": {"ansible_network_os": "netops.peerguard.huawei"},
        "no_os": {"ansible_network_os": None},
        "x_silent": {"ansible_host": "127.0.0.1", "ansible_port": 0},
    }
    base = {
        "ansible_connection": "netops.peerguard.netmiko",
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "tester",
        "ansible_password": PASSWORD,
        "ansible_network_os": "netops.peerguard.huawei_vrp",
        "ansible_netmiko_known_hosts_file": known,
        "ansible_connect_timeout": 3,
    }
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hosts["x_silent"]["ansible_port"] = silent.getsockname()[1]
        inventory = {"all": {"vars": base, "hosts": hosts}}
        run = playbook(
            play(rsvp("Look", state="gathered", _ignore_unreachable=True), hosts="all"),
            yaml.safe_dump(inventory),
            "--forks",
            "4",
        ).expect(rc=0)
    for host in ("plain", "unchecked", "patterned", "keyed", "proxied", "no_os"):
        assert run.one(host).status == "ok", run.one(host).result
    reasons = {
        "x_password": "127.0.0.1 refused the login of user tester; check user, password, keys",
        "x_user": "127.0.0.1 refused the login of user nobody; check user, password, keys",
        "x_refused": f"127.0.0.1 port {hosts['x_refused']['ansible_port']} refused the connection; is the service on?",
        "x_unknown": (
            f"the host key of 127.0.0.1 is not known. Check it and add it to {tmp_path / 'empty'} (ssh-keyscan -p"
            f" {port} 127.0.0.1), or turn host_key_checking off"
        ),
        "x_changed": (
            f"the host key of 127.0.0.1 is NOT the one in {changed}: this may be another device, or an attack. Nothing"
            " was sent"
        ),
        "x_revoked": (
            f"the host key of 127.0.0.1 is revoked in {revoked}, or a line there that revokes one cannot be read."
            " Nothing was sent"
        ),
        "x_name": "the name no-such-host.invalid cannot be resolved",
        "x_locked": f"the private key {private} needs a passphrase (ansible_private_key_passphrase)",
        "x_phrase": f"the private key {private} cannot be read; is ansible_private_key_passphrase right?",
        "x_keyfile": f"the private key file {tmp_path / 'no_key'} does not exist",
        "x_full": "127.0.0.1 closed the session during the login: All user interfaces are used, please try later!",
        "x_config": f"the SSH configuration file {tmp_path / 'no_config'} does not exist",
        "x_proxy": (
            f"the jump host or proxy command that {tmp_path / 'broken_config'} names for 127.0.0.1 cannot be started: "
        ),
        "x_log": f"the session log {tmp_path / 'no_folder' / 'log'} cannot be written: No such file or directory",
        "x_os": "ansible_network_os: netops.peerguard.huawei is not a platform; the platforms are ",
        "x_silent": f"127.0.0.1 port {hosts['x_silent']['ansible_port']} did not answer within 3 s",
    }
    told = {host: run.one(host)["msg"] for host in reasons}
    statuses = {host: run.one(host).status for host in reasons}
    assert set(statuses.values()) == {"unreachable"}, statuses
    assert (tmp_path / "untouched").read_text() == ""
    wrong = {
        host: told[host]
        for host, reason in reasons.items()
        if not told[host].removeprefix(f"{host}: ").startswith(reason)
    }
    assert wrong == {}
    assert all("\n" not in words and "Traceback" not in words for words in told.values())
    assert run.leaks([PASSWORD, phrase, "Wrong-Password-77", "not-the-phrase"]) == []


def test_a_session_that_is_lost_on_the_way(start_lab: Start, playbook: Play) -> None:
    lab = start_lab(pair(clock=FAST))
    lab.fault("pe1", "drop_session", matching="authentication handshake", when="before", times=1)
    lab.fault("pe2", "drop_session", matching="^display version", when="before")
    run = playbook(play(rsvp("Push", config=INTENT)), lab.path, extra_vars=VARS)
    lost = run.one("pe1")
    assert (lost.status, lost.changed, lost["reverted"]) == ("failed", False, True)
    assert "the session was lost (127.0.0.1 closed the session)" in lost["msg"]
    assert [line.strip() for line in lost["progress"]["sent"]] == [
        f"interface {PORT}",
        f"{AUTH} cipher ********",
        f"{AUTH} handshake",
        f"{AUTH} window-size 32",
        "quit",
    ]
    assert lost["progress"]["not_sent"] == []  # a section of a candidate goes out in one write
    gone = run.one("pe2")
    assert (gone.status, gone["msg"]) == ("unreachable", "pe2: 127.0.0.1 closed the session")
    lab.heal("pe2")
    again = playbook(play(rsvp("Push", config=INTENT)), lab.path, extra_vars=VARS, verbosity=0).expect(rc=0)
    assert all(again.one(host).changed for host in ("pe1", "pe2"))
    assert run.leaks(SECRETS) == []


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("debug", [False, True], ids=["verbose", "debug"])
def test_no_secret_is_in_anything_that_a_run_leaves_behind(
    start_lab: Start, playbook: Play, tmp_path: Path, debug: bool
) -> None:
    """At -vvvv, with every log there is: results, output, ansible.log, session logs, backups, the lab's own log."""
    faults = [{"kind": "slow_chunks", "size": 7, "pause": 0.0005}]  # secrets arrive in pieces
    lab = start_lab(pair(clock=FAST, device={"faults": faults}))
    logs = tmp_path / "logs"
    logs.mkdir()
    plain = shake("{{ rsvp_key }}", window_size=32)
    plain["interfaces"][0]["authentication"]["mode"] = "plain"
    tasks = [
        rsvp("Plain key", config=plain, backup=True, verify={"timeout": 20, "interval": 1}),
        rsvp("Cipher key", config=INTENT, backup=True),
        rsvp("Another key", config=OTHER, update_secrets="always", backup=True),
        rsvp("Fails", config=shake("{{ rsvp_key }}", lifetime="00:00:05"), _ignore_errors=True),
        rsvp(
            "Not converged",
            config=INTENT,
            update_secrets="always",
            verify={"timeout": 2, "interval": 1},
            _ignore_errors=True,
            _when="inventory_hostname == 'pe1'",
        ),
        {"name": "Facts", "netops.peerguard.facts": {"gather_subset": ["all"], "gather_network_resources": ["all"]}},
        {
            "name": "Show",
            "netops.peerguard.command": {
                "commands": [
                    "display current-configuration",
                    "display current-configuration | include cipher|plain|key",
                ]
            },
        },
        {
            "name": "Raw",
            "ansible.builtin.raw": "display current-configuration interface {{ 'GigabitEthernet0/3/7' }}",
            "changed_when": False,
        },
        {
            "name": "Role",
            "ansible.builtin.include_role": {"name": "netops.peerguard.huawei_rsvp_handshake"},
            "vars": {"huawei_rsvp_handshake_interfaces": INTENT["interfaces"], "huawei_rsvp_handshake_verify": {}},
        },
    ]
    run = playbook(
        play(*tasks),
        lab.path,
        "--diff",
        "-e",
        f"ansible_netmiko_session_log={logs}/{{{{ inventory_hostname }}}}.log",
        extra_vars=VARS,
        env={"ANSIBLE_DEBUG": "1"} if debug else {},
    )
    for host in ("pe1", "pe2"):
        assert run.one(host, "Plain key").changed
        assert run.one(host, "Another key").changed
        log = (logs / f"{host}.log").read_text("utf-8")
        assert f"{AUTH} plain ********" in log
        assert (logs / f"{host}.log").stat().st_mode & 0o777 == 0o600
        backups = [Path(run.one(host, name)["backup_path"]) for name in ("Plain key", "Cipher key", "Another key")]
        assert all(path.exists() for path in backups)
    assert run.one("pe1", "Fails").status == "failed"
    assert run.one("pe1", "Not converged")["reverted"]
    places = [path for path in (*tmp_path.rglob("*"), *Path(lab.lab.state.path).rglob("*")) if path.is_file()]
    inputs = [path for path in places if "inputs" in path.parts or path == lab.path]
    found = {
        str(path)
        for path in {*places} - {*inputs}
        for secret in SECRETS
        if secret in path.read_bytes().decode("utf-8", "replace")
    }
    assert found == set()
    assert run.leaks(SECRETS) == []
    assert any(path.suffix == ".log" and path.parent == logs for path in places)
