# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EXAMPLES of every module and filter are tasks that work: each is run, as it is printed, on a lab over SSH.

So are the plays of every role's README."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_pages import blocks, constant
from harness import ROOT, PlaybookRun
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

HURRY = 10
"""The lab's clock runs so many times as fast as ours, and proofs are watched for so many times less."""


@dataclass(frozen=True)
class Scene:
    """Where the examples of a module are at home."""

    hosts: str
    fresh: bool = False
    """Whether the lab starts anew before them."""
    at: dict[str, str] = field(default_factory=dict)
    """Hosts of a single example, by the beginning of its name."""


SCENES = {
    "modules/cisco_tcp_key_chain": Scene("cisco_iosxe"),
    "modules/cisco_lisp_tcp_ao": Scene("etr1", at={"The map server": "ms1", "Read it": "ms1"}),
    "modules/h3c_ike_keepalive": Scene("fw1:fw2"),
    "modules/h3c_reset_sa": Scene("fw1"),
    "modules/junose_ipsec_option": Scene("erx1"),
    "modules/junose_ipsec_clear_sa": Scene("erx1"),
    "modules/allied_isakmp_policy": Scene("branch12"),
    "modules/huawei_rsvp_auth": Scene("pe1:pe2", at={"Authenticate one neighbour": "pe1"}),
    "modules/command": Scene("pe1"),
    "modules/config": Scene("pe1", at={"A route": "erx1", "AlliedWare": "branch12"}),
    "modules/facts": Scene("pe1"),
    "modules/guard": Scene("all", fresh=True),
    "modules/verify": Scene("all"),
    "modules/lint": Scene("all"),
    "filter/peering_config": Scene("pe1:pe2"),
    "modules/lab": Scene("localhost"),
}
"""In the order in which they run; a module that is not here makes the test fail."""

VARIABLES = {
    "ao_key_41": "Example-Key-41",
    "ao_key_42": "Example-Key-42",
    "site_key": "Demo-Site-7",
    "rsvp_key": "Example-Key-73",
    "rsvp": {
        "interfaces": [
            {"name": f"GigabitEthernet0/3/{port}", "authentication": {"mode": "cipher", "key": "Example-Key-73"}}
            for port in (7, 1)
        ]
    },
}


def documented() -> dict[str, str]:
    """The EXAMPLES of everything that can be called in a task."""
    found = {
        f"{kind}/{path.stem}": constant(path, "EXAMPLES")
        for kind in ("modules", "filter")
        for path in sorted((ROOT / "plugins" / kind).glob("*.py"))
        if path.stem != "__init__"
    }
    return {name: text for name, text in found.items() if text}


def stage(folder: Path) -> str:
    """The files that examples mention, and the demo's lab, as they describe it."""
    two = constant(ROOT / "plugins" / "inventory" / "lab.py", "EXAMPLES")
    two = re.sub(r"(?m)^name: two$", "name: two\nclock: manual", two)
    (folder / "two.lab.yml").write_text(two, "utf-8")
    for name in ("pe1", "pe2"):
        (folder / f"{name}.cfg").write_text(f"sysname {name.upper()}\nreturn\n", "utf-8")
    lab = yaml.safe_load((ROOT / "playbooks" / "files" / "demo.lab.yml").read_text("utf-8"))
    devices = lab["devices"]
    (folder / "loopback.j2").write_text(
        "interface LoopBack7\n description made from {{ inventory_hostname }}\n", "utf-8"
    )
    (folder / "ms1.cfg").write_text(devices["ms1"]["config"], "utf-8")
    devices["pe1"]["config"] = devices["pe1"]["config"].replace("mpls lsr-id", KEYCHAIN + "mpls lsr-id", 1)
    spare = "interface GigabitEthernet0/3/8\n undo shutdown\n#\n"
    devices["pe1"]["config"] = devices["pe1"]["config"].replace("interface LoopBack0", spare + "interface LoopBack0", 1)
    erx = devices["erx1"]["config"].replace("red2hq", "Aottawa2boca")
    devices["erx1"]["config"] = erx + "virtual-router vrBlue\n!\n"
    for name in ("fw1", "fw2"):
        devices[name]["config"] = devices[name]["config"].replace("192.0.2.2", "203.0.113.9")
    for group, names in {"core": ("pe1", "pe2"), "edge": ("fw1", "fw2", "erx1")}.items():
        for name in names:
            devices[name]["groups"] = [group]
    return yaml.safe_dump(lab | {"name": "examples", "clock": {"speed": HURRY}}, sort_keys=False)


KEYCHAIN = """keychain kc-core mode absolute
 key-id 3
  algorithm hmac-sha-256
  key-string plain Example-Chain-3
  send-time 00:00 2024-01-01 to 23:59 2034-12-31
  receive-time 00:00 2024-01-01 to 23:59 2034-12-31
#
"""


def hurried(task: dict[str, Any]) -> dict[str, Any]:
    """The task with its proof watched for as long as it should be by the lab's clock."""
    for name, args in task.items():
        if name.startswith("netops.peerguard.") and isinstance(args, dict) and "stable_for" in args.get("verify", {}):
            stable = math.ceil(args["verify"]["stable_for"] / HURRY)
            task[name] = args | {"verify": args["verify"] | {"stable_for": stable, "interval": 1}}
    return task


def plays(found: dict[str, str], lab: Path) -> list[dict[str, Any]]:
    """A play for each example, in the order of SCENES."""
    made = []
    for name, scene in SCENES.items():
        tasks = [hurried(task) for task in yaml.safe_load(found[name])]
        if scene.fresh:
            made.append(_play("localhost", {"netops.peerguard.lab": {"file": str(lab), "state": "restarted"}}))
        for task in tasks:
            hosts = next((at for start, at in scene.at.items() if task["name"].startswith(start)), scene.hosts)
            made.append(_play(hosts, task | {"name": f"{name}: {task['name']}"}))
    return made


def _play(hosts: str, task: dict[str, Any]) -> dict[str, Any]:
    local = {"connection": "local"} if hosts == "localhost" else {}
    return {"hosts": hosts, "gather_facts": False, "ignore_errors": True, "tasks": [task], **local}


def test_every_example_works(
    tmp_path: Path, start_lab: Callable[..., LabHandle], playbook: Callable[..., PlaybookRun]
) -> None:
    found = documented()
    assert set(found) == set(SCENES), "say in SCENES where these examples are at home"
    lab = start_lab(stage(tmp_path))
    intent = yaml.safe_load((ROOT / "playbooks" / "files" / "demo.peerings.yml").read_text("utf-8"))
    text = yaml.safe_dump(intent["peerguard_demo_peerings"]).replace("192.0.2.2", "203.0.113.9")
    variables = VARIABLES | intent | {"peerings": yaml.safe_load(text)}
    (tmp_path / "examples.yml").write_text(yaml.safe_dump(plays(found, lab.path), sort_keys=False), "utf-8")

    run = playbook(tmp_path / "examples.yml", lab.path, extra_vars=variables, verbosity=0, timeout=300)

    went_wrong = [
        f"{r.host}: {r.task}: {r.result.get('msg')}" for r in run.results if r.status not in ("ok", "skipped")
    ]
    assert not went_wrong, "\n".join(went_wrong)
    run.expect(0)
    ran = {result.task for result in run.of(status="ok")}
    tasks = [(name, task) for name in SCENES for task in yaml.safe_load(found[name])]
    idle = [task["name"] for name, task in tasks if f"{name}: {task['name']}" not in ran]
    assert idle == [task["name"] for _name, task in tasks if "ansible.builtin.meta" in task]


# -- roles --------------------------------------------------------------------------------------------------------

GROUPS = {
    "core": ["pe1", "pe2"],
    "core_link": ["pe1", "pe2"],
    "fabric": ["ms1", "etr1", "etr2"],
    "vpn_firewalls": ["fw1", "fw2"],
    "edge_routers": ["erx1"],
    "branches": ["branch12"],
}
"""The hosts of the READMEs' plays."""

HASTE = 20
"""As HURRY; proofs are watched for so many times less."""

VAULT = {"vault_ao_key_41": "Example-Key-41", "vault_site_key_7": "Demo-Site-7", "vault_rsvp_key": "Example-Key-73"}


def enterprise() -> str:
    """The demo's lab with a second ETR, an ISP's virtual router, and the groups of the plays."""
    lab = yaml.safe_load((ROOT / "playbooks" / "files" / "demo.lab.yml").read_text("utf-8"))
    devices = lab["devices"]
    second = devices["etr1"]["config"].replace("ETR1", "ETR2").replace("203.0.113.12", "203.0.113.13")
    second = (
        second.replace("10.77.9.2", "10.77.9.6").replace("10.77.9.1", "10.77.9.5").replace("100.64/27", "100.96/27")
    )
    devices["etr2"] = devices["etr1"] | {"hostname": "ETR2", "config": second}
    devices["ms1"]["config"] = (
        devices["ms1"]["config"].replace(
            "router lisp",
            "interface GigabitEthernet0/0/1\n ip address 10.77.9.5 255.255.255.252\n no shutdown\n!\nrouter lisp",
            1,
        )
        + "ip route 203.0.113.13 255.255.255.255 10.77.9.6\n!\n"
    )
    devices["erx1"]["config"] += "virtual-router isp2\n!\n"
    for name, device in devices.items():
        device["groups"] = [group for group, hosts in GROUPS.items() if name in hosts]
    lab["links"].append(["ms1:GigabitEthernet0/0/1", "etr2:GigabitEthernet0/0/0"])
    return yaml.safe_dump(lab | {"name": "enterprise", "clock": {"speed": HASTE}}, sort_keys=False)


def role_plays() -> list[dict[str, Any]]:
    """The play of each role's README, guard last; what one shows of variables besides is one more play with them."""
    made = []
    readmes = sorted((ROOT / "roles").glob("*/README.md"), key=lambda readme: (readme.parent.name == "guard", readme))
    for readme in readmes:
        shown = [yaml.safe_load(textwrap.dedent(block.text)) for block in blocks(readme) if block.language == "yaml"]
        ((play,), *variables) = shown
        (role,) = play["roles"]
        for more in ({}, *variables):
            made.append(play | {"roles": [_in_short(role, more)]})
    return made


def _in_short(role: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The role with its own proof, or the one of the README, in less time. A lab may be slow, so not so much less."""
    name = role["role"].rpartition(".")[2]
    defaults = yaml.safe_load((ROOT / "roles" / name / "defaults" / "main.yml").read_text("utf-8"))
    variables = role["vars"] | more
    proof = dict(variables.get(f"{name}_verify", defaults[f"{name}_verify"]))
    proof |= {"timeout": math.ceil(proof["timeout"] / HURRY), "interval": 1}
    if "stable_for" in proof:
        proof["stable_for"] = math.ceil(proof["stable_for"] / HASTE)
    return role | {"vars": variables | {f"{name}_verify": proof}}


def test_the_play_of_every_role_works(
    tmp_path: Path, start_lab: Callable[..., LabHandle], playbook: Callable[..., PlaybookRun]
) -> None:
    made, lab = role_plays(), start_lab(enterprise())
    roles = {path.parent.name for path in (ROOT / "roles").glob("*/tasks")}
    assert {play["roles"][0]["role"] for play in made} == {f"netops.peerguard.{name}" for name in roles}
    demo = yaml.safe_load((ROOT / "playbooks" / "files" / "demo.peerings.yml").read_text("utf-8"))
    core = demo["peerguard_demo_peerings"][0] | {"window_size": 64}  # the role for RSVP has set another
    variables = VAULT | demo | {"peerings": [core]}
    (tmp_path / "roles.yml").write_text(yaml.safe_dump(made, sort_keys=False), "utf-8")

    run = playbook(tmp_path / "roles.yml", lab.path, extra_vars=variables, verbosity=0, timeout=300).expect(0)

    changed = {result.host for result in run.results if result.changed}
    assert changed == {host for hosts in GROUPS.values() for host in hosts}
    guarded = [result for result in run.results if result.action == "netops.peerguard.guard" and result.status == "ok"]
    assert [result["summary"] for result in guarded] == ["1 converged"]
    assert (tmp_path / "reports" / "peerings.html").is_file()
