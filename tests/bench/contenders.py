# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured, and what each of them runs for a job. All do the same work on the same devices.

`facts`: the version and the key chains (or RSVP sections) of every device. `unchanged`: what is configured already is
asked for again. `change`: new lines, a look that they are there and in use, and saving.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import guarded
from labs import PASSWORD, USER, Fleet

HERE = Path(__file__).parent
JOBS = ("facts", "unchanged", "change")

_HEAD = "- hosts: all\n  gather_facts: false\n"
_LOCAL = "  vars: {ansible_connection: local}\n"
_CHAIN = """
              - name: {chain}
                keys:
                  - id: 7
                    send_id: 7
                    recv_id: 7
                    algorithm: hmac-sha-1
                    key_string: Bench-Key-7
                    send_lifetime: {{start: "00:00:00 Jan 1 2024", infinite: true}}
"""
_RSVP = """
              interfaces:
                - name: GigabitEthernet0/3/7
                  authentication: {mode: keychain, keychain: kc-core}
                  handshake: true
"""
_OURS: Mapping[tuple[str, str], str] = {
    ("cisco_iosxe", "facts"): """
        - netops.peerguard.facts:
            gather_network_resources: [cisco_tcp_key_chain]
            observe: false
""",
    ("cisco_iosxe", "unchanged"): """
        - netops.peerguard.cisco_tcp_key_chain:
            config: CHAIN
""",
    ("cisco_iosxe", "change"): """
        - netops.peerguard.cisco_tcp_key_chain:
            verify: {timeout: 60, interval: 1}
            save_when: changed
            config: CHAIN
""",
    ("huawei_vrp", "facts"): """
        - netops.peerguard.facts:
            gather_network_resources: [huawei_rsvp_auth]
            observe: false
""",
    ("huawei_vrp", "unchanged"): """
        - netops.peerguard.huawei_rsvp_auth:
            config: RSVP
""",
}
_NETWORK_CLI_VARS = """  vars:
    ansible_connection: ansible.netcommon.network_cli
    ansible_network_os: cisco.ios.ios
    ansible_network_cli_ssh_type: libssh
    ansible_host_key_checking: false
"""
_IOS_CONFIG = """
        - cisco.ios.ios_config:
            parents: [key chain {chain} tcp, key 7]
            lines:
              - send-id 7
              - recv-id 7
              - cryptographic-algorithm hmac-sha-1
              - send-lifetime 00:00:00 Jan 1 2024 infinite
              - key-string Bench-Key-7
"""
_NETWORK_CLI: Mapping[str, str] = {
    "facts": """
        - cisco.ios.ios_command:
            commands: [show version, show running-config | section ^key chain]
""",
    "unchanged": _IOS_CONFIG,
    "change": _IOS_CONFIG
    + """
        - cisco.ios.ios_command:
            commands: [show key chain]
            wait_for: ["result[0] contains {chain}"]
        - cisco.ios.ios_config:
            save_when: always
""",
}


@dataclass(frozen=True)
class Scene:
    """What is running while a job is measured. `batch`: of guard's peerings at a time."""

    platform: str
    fleet: Fleet
    forks: int
    guard: bool = False
    batch: int = 20


@dataclass(frozen=True)
class Contender:
    """`slow`: runs once where others run several times. `loops`: takes so many seconds per host that forks hide it."""

    name: str
    title: str
    slow: bool = False

    def runs(self, scene: Scene, job: str) -> bool:
        """Whether there is such a job for it there."""
        if self.name.startswith("floor"):
            return job == "unchanged" and not scene.guard
        if self.name == "network_cli":
            return scene.platform == "cisco_iosxe" and not scene.guard
        if self.name == "ours":
            return job in ("unchanged", "change") if scene.guard else (scene.platform, job) in _OURS
        return job in ("unchanged", "change") if scene.guard else scene.platform == "cisco_iosxe"

    def command(self, scene: Scene, job: str, turn: int, folder: Path) -> list[str]:
        """What to run. `turn` makes every change a new one."""
        if self.name == "nornir":
            return self._nornir(scene, job, turn, folder)
        chain = "KC-SET" if job == "unchanged" else f"KC-{self.name.upper().replace('_', '-')[:8]}-{turn}"
        play = folder / f"{self.name}-{job}.yml"
        more: list[str] = []
        if scene.guard:
            play.write_text(guarded.PLAY.replace("{{ batch }}", str(scene.batch)))
            peerings = folder / "peerings.json"
            peerings.write_text(json.dumps({"peerings": guarded.intent(len(scene.fleet.ports) // 2)}))
            more = ["-e", f"@{peerings}"]
        else:
            play.write_text(self._play(scene, job, chain))
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, "-i", str(scene.fleet.file), "-f", str(scene.forks), *more, str(play)]

    def did_it(self, scene: Scene, job: str, output: str) -> bool:
        """Whether the run did to every device what the job says, and nothing else."""
        if self.name == "nornir":
            return True  # its exit status tells
        hosts = len(scene.fleet.ports)
        if scene.guard:
            verdict = "converged" if job == "change" else "unchanged"
            return len(re.findall(rf"^link\d+ .* {verdict}\b", output, re.MULTILINE)) == hosts // 2
        changed, fine = (len(set(re.findall(rf"^(\S+) \| {word} ", output, re.M))) for word in ("CHANGED", "SUCCESS"))
        return changed == hosts if job == "change" else (changed, fine) == (0, hosts)

    def _play(self, scene: Scene, job: str, chain: str) -> str:
        if self.name == "floor_local":
            return f"{_HEAD}{_LOCAL}  tasks:\n    - floor:\n"
        if self.name == "floor_inventory":
            return f"{_HEAD}  tasks:\n    - floor:\n"
        if self.name == "floor_connection":
            return f"{_HEAD}  tasks:\n    - floor_connection:\n"
        if self.name == "network_cli":
            return f"{_HEAD}{_NETWORK_CLI_VARS}  tasks:{_NETWORK_CLI[job].replace('{chain}', chain)}"
        task = _OURS[scene.platform, job].replace("CHAIN", _CHAIN.format(chain=chain)).replace("RSVP", _RSVP)
        return f"{_HEAD}  tasks:{task}"

    @staticmethod
    def _nornir(scene: Scene, job: str, turn: int, folder: Path) -> list[str]:
        platform = {"cisco_iosxe": "cisco_ios", "huawei_vrp": "huawei_vrpv8"}[scene.platform]
        hosts = {
            name: {"hostname": "127.0.0.1", "port": port, "username": USER, "password": PASSWORD, "platform": platform}
            for name, port in scene.fleet.ports.items()
        }
        inventory = folder / "nornir-hosts.json"  # JSON is YAML
        inventory.write_text(json.dumps(hosts))
        work = f"{'guard-' if scene.guard else ''}{job}"
        return [sys.executable, str(HERE / "with_nornir.py"), work, str(inventory), str(scene.forks), str(turn)]


FLOORS = (
    Contender("floor_local", "no-op action, connection local"),
    Contender("floor_connection", "no-op action, same hosts, connection plugin loaded once"),
    Contender("floor_inventory", "no-op action, same hosts", slow=True),
)
OURS = Contender("ours", "netops.peerguard")
NORNIR = Contender("nornir", "nornir + netmiko, threads", slow=True)
NETWORK_CLI = Contender("network_cli", "network_cli + libssh, cisco.ios", slow=True)
ALL = (*FLOORS, OURS, NORNIR, NETWORK_CLI)
