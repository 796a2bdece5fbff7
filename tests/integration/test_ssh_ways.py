# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to a device that need programs beside the collection: a jump host, and keys in an SSH agent."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import pytest
from harness import PlaybookRun
from huawei_labs import pair
from lab_fixtures import LabHandle

pytestmark = [
    pytest.mark.lab,
    pytest.mark.playbook,
    pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="OpenSSH is not installed"),
]

Start = Callable[..., LabHandle]
Play = Callable[..., PlaybookRun]
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: facts
      netops.peerguard.facts:
"""


class JumpHost(asyncssh.SSHServer):
    """Forwards to wherever it is asked to, and counts that it was."""

    used = 0

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        JumpHost.used += 1
        return True


@pytest.fixture
def client_key(tmp_path: Path) -> Path:
    path = tmp_path / "id_client"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def jump_port(client_key: Path) -> Iterator[int]:
    """A real SSH server on loopback that only forwards."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=JumpHost,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=f"{client_key}.pub",
        )

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    yield server.get_port()

    async def end() -> None:
        server.close()
        await server.wait_closed()

    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def inventory(lab: LabHandle, **variables: str) -> str:
    lines = {
        "ansible_connection": "netops.peerguard.netmiko",
        "ansible_network_os": "netops.peerguard.huawei_vrp",
        "ansible_user": "tester",
        **variables,
    }
    return "[all]\nrouter " + " ".join(f"{name}='{value}'" for name, value in lines.items()) + "\n"


@pytest.mark.parametrize(("carrier", "sessions"), [("netmiko", 1), ("netconf", 2)])
def test_a_jump_host_of_the_openssh_configuration(
    start_lab: Start, playbook: Play, tmp_path: Path, client_key: Path, jump_port: int, carrier: str, sessions: int
) -> None:
    options = {"authorized_keys": [Path(f"{client_key}.pub").read_text()]}
    lab = start_lab(pair(device={"options": options, "transports": ["ssh", "netconf"]}, clock="real"))
    (tmp_path / "ssh_config").write_text(
        f"Host router\n  HostName 127.0.0.1\n  Port {lab.port('pe1')}\n  ProxyJump jump\n"
        f"Host jump\n  HostName 127.0.0.1\n  Port {jump_port}\n  User hopper\n  IdentityFile {client_key}\n"
        "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n"
    )
    before = JumpHost.used
    hosts = inventory(
        lab,
        ansible_host="router",
        ansible_connection=f"netops.peerguard.{carrier}",
        ansible_netconf_port=str(lab.port("pe1", "netconf")),
        ansible_private_key_file=str(client_key),
        ansible_netmiko_ssh_config_file=str(tmp_path / "ssh_config"),
        ansible_host_key_checking="false",
    )
    result = playbook(PLAY, hosts).expect(0).one(task="facts")
    assert result["ansible_facts"]["ansible_net_hostname"] == "PE1"
    assert JumpHost.used == before + sessions  # NETCONF, and the CLI beside it for the name


def test_a_key_in_the_agent(start_lab: Start, playbook: Play, tmp_path: Path, client_key: Path) -> None:
    lab = start_lab(
        pair(device={"options": {"authorized_keys": [Path(f"{client_key}.pub").read_text()]}}, clock="real")
    )
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            assert agent.poll() is None
        environment = {"SSH_AUTH_SOCK": str(socket)}
        subprocess.run(["ssh-add", "-q", str(client_key)], env=environment, check=True)
        hosts = inventory(
            lab,
            ansible_host="127.0.0.1",
            ansible_port=str(lab.port("pe1")),
            ansible_netmiko_known_hosts_file=str(lab.known_hosts("pe1")),
        )
        playbook(PLAY, hosts, env=environment).expect(0)
        off = hosts.replace("ansible_port", "ansible_netmiko_use_agent='false' ansible_port")
        refused = playbook(PLAY, off, env=environment)
        assert refused.one(task="facts").status == "unreachable"
    finally:
        agent.terminate()
        agent.wait()
