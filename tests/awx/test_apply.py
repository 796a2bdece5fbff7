# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx/apply.yml with the real modules of awx.awx, which judge every argument, and a store that keeps what they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api import Server, Store
from awx_data import AWX, CREDENTIAL_TYPES, TEMPLATES, WORKFLOW
from harness import PlaybookRun

TOKEN, PASSWORD, KEY = "Token-81", "Device-Pass-82", "Protocol-Key-83"
MINE: dict[str, Any] = {
    "peerguard_awx_project": {"scm_url": "https://git.example.com/network/peerings.git", "scm_branch": "main"},
    "peerguard_awx_image": "registry.example.com/network/peerguard-ee:0.1.0",
    "peerguard_awx_update_secrets": False,
    "peerguard_awx_credentials": {
        "login": {"type": "device login", "inputs": {"username": "netops", "password": PASSWORD}},
        "keys": {"type": "protocol keys", "inputs": {"keys": f"core_link: {KEY}"}},
        "vault": {"type": "Vault", "inputs": {"vault_password": PASSWORD}},
    },
    "peerguard_awx_notification": {
        "type": "webhook",
        "configuration": {
            "url": "https://hooks.example.com",
            "http_method": "POST",
            "headers": {},
            "password": PASSWORD,
        },
    },
}


@pytest.fixture
def awx() -> Iterator[Server]:
    with Server(TOKEN) as server:
        yield server


@pytest.fixture
def apply(awx: Server, playbook: Callable[..., PlaybookRun], tmp_path: Path) -> Callable[..., PlaybookRun]:
    def run(**variables: Any) -> PlaybookRun:
        env = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN, "ANSIBLE_PIPELINING": "true"}
        return playbook(
            AWX / "apply.yml", "localhost:", extra_vars={**MINE, **variables}, env=env, verbosity=1, timeout=900
        )

    return run


def test_everything_is_made_and_nothing_twice(apply: Callable[..., PlaybookRun], awx: Server) -> None:
    first = apply().expect(0)
    store = awx.store
    templates = store.named("job_templates")
    changing = [name for name, template in TEMPLATES.items() if template["changes"]]
    assert set(templates) == {f"PeerGuard {name}" for name in TEMPLATES} | {
        f"PeerGuard {name} (check)" for name in changing
    }
    assert {name for name, item in templates.items() if item["job_type"] == "check"} == {
        f"PeerGuard {name} (check)" for name in changing
    }
    assert all(item["job_slice_count"] == 1 for item in templates.values())
    assert templates["PeerGuard guard"]["extra_vars"] == '{"guard_journal_dir": "/var/lib/peerguard/journal"}'
    assert not templates["PeerGuard guard"]["allow_simultaneous"]
    assert store.linked(templates["PeerGuard guard"], "credentials") == [
        "PeerGuard keys",
        "PeerGuard login",
        "PeerGuard vault",
    ]
    assert store.linked(templates["PeerGuard lint"], "credentials") == ["PeerGuard keys", "PeerGuard vault"]
    for name, template in TEMPLATES.items():
        survey = store.surveys.get(templates[f"PeerGuard {name}"]["url"], {"spec": []})
        assert survey["spec"] == template["survey"]
    types = store.named("credential_types")
    for name, kind in CREDENTIAL_TYPES.items():
        made = types[f"PeerGuard {name}"]
        assert (made["inputs"], made["injectors"]) == (kind["inputs"], kind["injectors"])
    assert first.leaks([PASSWORD, KEY, TOKEN]) == []
    judge_workflow(store)

    again = apply().expect(0)
    assert {result.task for result in again.results if result.changed} == set()


def judge_workflow(store: Store) -> None:
    """It is linked as it is drawn."""
    nodes = store.named("workflow_job_template_nodes")
    for node in WORKFLOW["nodes"]:
        for association in ("success_nodes", "failure_nodes"):
            wanted = sorted(entry["identifier"] for entry in node.get("related", {}).get(association, []))
            assert store.linked(nodes[node["identifier"]], association) == wanted
    (approval,) = store.lists["workflow_approval_templates"]
    assert approval["timeout"] == 14400
    (workflow,) = store.lists["workflow_job_templates"]
    assert store.linked(workflow, "notification_templates_approvals") == ["PeerGuard"]


def test_without_credentials_and_notification(apply: Callable[..., PlaybookRun], awx: Server) -> None:
    apply(peerguard_awx_credentials={}, peerguard_awx_notification={}).expect(0)
    assert "credentials" not in awx.store.lists
    assert "notification_templates" not in awx.store.lists


def test_what_has_no_default_is_asked_for(apply: Callable[..., PlaybookRun], awx: Server) -> None:
    refused = apply(peerguard_awx_project={}).expect(2)
    assert "Set peerguard_awx_project.scm_url" in refused.stdout
    assert set(awx.store.lists) == {"organizations", "credential_types"}
