# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's five vendors as AWX would know them; "make test-awx" runs these, in an environment of their own."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx_data import PROJECT
from harness import BIN, ROOT, ansible_environment
from lab_fixtures import LabHandle, lab_home, start_lab

sys.path.insert(0, str(Path(__file__).parent))
from controller import Custom, Job, Login

__all__ = ["lab_home", "start_lab"]

DEMO = ROOT / "playbooks" / "files"
PASSWORD, ENABLE = "Login-Pass-84", "Enable-Pass-85"
KEYS = {"rsvp": "Rsvp-Key-73", "ao": "Ao-Key-41", "site": "Site-Key-7"}
SECRETS = [PASSWORD, ENABLE, *KEYS.values()]
LOGIN = Login("netops", PASSWORD)
ENABLING = Custom("enable", {"password": ENABLE})
PROTOCOL_KEYS = Custom("protocol keys", {"keys": yaml.safe_dump(KEYS)})
ALL = (LOGIN, ENABLING, PROTOCOL_KEYS)
_FROM_CREDENTIALS = ("ansible_user", "ansible_password", "ansible_become_password")


@pytest.fixture
def private_key(tmp_path: Path) -> str:
    """A key that PE1 lets in, without the line end that people lose when they paste it."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    return (tmp_path / "key").read_text("ascii").rstrip()


@pytest.fixture
def lab(start_lab: Callable[..., LabHandle], private_key: str, tmp_path: Path) -> LabHandle:
    text = (DEMO / "demo.lab.yml").read_text("utf-8")
    public = json.dumps([(tmp_path / "key.pub").read_text("ascii").strip()])
    text = text.replace("hostname: PE1", f"hostname: PE1\n    options: {{authorized_keys: {public}}}")
    text = text.replace("password: lab-pass", f"password: {PASSWORD}")
    return start_lab(text.replace("platform: cisco_iosxe", f"platform: cisco_iosxe\n    enable_password: {ENABLE}"))


@pytest.fixture
def inventory(lab: LabHandle, peerings: list[dict[str, Any]], tmp_path: Path) -> dict[str, Any]:
    """What AWX imports from a project with the lab and these peerings, and hands to a job: its own variables beside."""
    source = tmp_path / "source"
    shutil.copytree(PROJECT / "inventory", source)
    (source / "hosts.yml").unlink()
    (source / lab.path.name).symlink_to(lab.path)
    intent = source / "group_vars" / "all" / "peerings.yml"
    intent.write_text(yaml.safe_dump({**yaml.safe_load(intent.read_text("utf-8")), "peerings": peerings}), "utf-8")
    listed = subprocess.run(
        [BIN / "ansible-inventory", "--inventory", source, "--list", "--export"],
        env=ansible_environment(tmp_path / "home"),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(listed.stdout)
    for number, variables in enumerate(found["_meta"]["hostvars"].values(), 1):
        for name in _FROM_CREDENTIALS:
            variables.pop(name, None)
        variables |= {"ansible_host_key_checking": True, "remote_tower_id": number, "remote_tower_enabled": "true"}
    return found


@pytest.fixture
def peerings() -> list[dict[str, Any]]:
    """The demo's peerings, with the keys of the credential."""
    text = (DEMO / "demo.peerings.yml").read_text("utf-8").replace("peerguard_demo_keys.", "peerguard_key.")
    found: list[dict[str, Any]] = yaml.safe_load(text)["peerguard_demo_peerings"]
    # IKE keepalives are proved when one timeout has passed without an SA lost; no need to wait a minute for that.
    next(peering for peering in found if peering["kind"] == "ike_keepalive")["timeout"] = 30
    return found


@pytest.fixture
def launch(tmp_path: Path, inventory: dict[str, Any]) -> Callable[..., Job]:
    """A job of a template on the lab, with all credentials; the arguments are those of Job."""
    counter = itertools.count(1)

    def new(template: str, **options: Any) -> Job:
        settings = {"peerguard_awx_journal_dir": str(tmp_path / "journal")}
        defaults = {"inventory": inventory, "credentials": ALL, "settings": settings}
        return Job(tmp_path / f"job{next(counter)}", template, **{**defaults, **options})

    return new


def running(lab: LabHandle) -> dict[str, str]:
    """The running configurations as the lab holds them."""
    devices = lab.ask("save")["snapshot"]["devices"]
    return {name: state["device"]["running"] for name, state in devices.items()}
