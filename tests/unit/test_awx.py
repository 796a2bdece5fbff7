# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `awx/` describes agrees with the roles, the modules and the playbooks that it launches, and with itself."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml
from awx_data import CREDENTIAL_TYPES, PROJECT, SETTINGS, TEMPLATES, WORKFLOW, SurveyError, answered, rendered
from harness import ROOT

QUESTIONS = [
    pytest.param(template, question, id=f"{name}-{question['variable']}")
    for name, template in TEMPLATES.items()
    for question in template["survey"]
]
TYPES = {
    "text": {"str", "raw"},
    "password": {"str", "raw"},
    "integer": {"int"},
    "multiplechoice": {"str", "bool"},
    "multiselect": {"list"},
}
"""Types of survey questions → types of the arguments that they may be asked for."""

ROLES = {path.name: path for path in (ROOT / "roles").iterdir()}
PLAYBOOKS = {"guard": "site.yml", "verify": "verify.yml", "rollback": "rollback.yml", "rollover": "tcp_ao_rollover.yml"}


def role_arguments(role: str) -> dict[str, Any]:
    """The argument specification of a role."""
    specs = yaml.safe_load((ROLES[role] / "meta" / "argument_specs.yml").read_text("utf-8"))
    options: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return options


def module_arguments(module: str) -> dict[str, Any]:
    """The documented options of a module, under the names that a project's playbook gives them."""
    found = importlib.import_module(f"ansible_collections.netops.peerguard.plugins.modules.{module}")
    options = yaml.safe_load(found.DOCUMENTATION)["options"]
    return {f"{module}_{name}": option for name, option in options.items()}


def playbook_arguments(template: str) -> dict[str, Any]:
    """Variables of a playbook of the collection: what it reads itself, with the default that it has there."""
    text = (ROOT / "playbooks" / PLAYBOOKS[template]).read_text("utf-8")
    found: dict[str, Any] = {}
    names = r"(?<![.\w])(peerguard_\w+|tcp_ao_rollover_\w+)"
    for name, has_default, default in re.findall(names + r"( \| default\((?:([^){}]*)\))?)?", text):
        value = yaml.safe_load(default.split(",")[0]) if default else None
        option = found.setdefault(name, {"required": not has_default})
        if value is not None:
            option |= {"default": value, "required": False}
    return found


def arguments(name: str) -> dict[str, Any]:
    """Everything that a template's playbook takes."""
    if name in ("facts", "lint"):
        return module_arguments(name)
    if name in ROLES and name not in PLAYBOOKS:
        return role_arguments(name)
    return playbook_arguments(name) | (role_arguments("guard") if name == "guard" else {})


@pytest.mark.parametrize(("template", "question"), QUESTIONS)
def test_a_question_is_one_for_an_argument(template: dict[str, Any], question: dict[str, Any]) -> None:
    """Name, type, choices, necessity and default are those of the argument."""
    spec = arguments(template["name"])
    assert question["variable"] in spec
    option = spec[question["variable"]]
    if "type" in option:
        assert option["type"] in TYPES[question["type"]]
    default = option.get("default", "")
    if option.get("type") == "bool" or isinstance(default, bool):
        assert question["choices"] == ["true", "false"]
        default = {True: "true", False: "false"}.get(default, default)
    elif question["type"] == "multiplechoice":
        assert question["choices"] == option["choices"]
    if isinstance(default, list):
        default = "\n".join(default)
    assert question.get("default", "") == default
    assert question["required"] == (option.get("required", False) or bool(default or default == 0))


@pytest.mark.parametrize(("template", "question"), QUESTIONS)
def test_a_question_is_one_that_awx_takes(template: dict[str, Any], question: dict[str, Any]) -> None:
    assert {"question_name", "question_description", "variable", "type", "required"} <= set(question)
    assert isinstance(question["required"], bool)
    assert question["type"] in TYPES
    if question["type"] in ("integer", "text", "password"):
        assert question["min"] <= question["max"]
    if question["type"] == "integer":
        assert isinstance(question.get("default", 0), int)
    if "choices" in question:
        assert all(isinstance(choice, str) for choice in question["choices"])
        assert set(str(question.get("default", question["choices"][0])).split("\n")) <= set(question["choices"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_an_argument_spec_requires_is_asked_or_stands_in_the_inventory(name: str) -> None:
    template = TEMPLATES[name]
    asked = {question["variable"] for question in template["survey"]}
    assert len(asked) == len(template["survey"])
    required = {option for option, spec in arguments(name).items() if spec.get("required")}
    given = {"guard_intent", "peerings"}  # the playbooks take the intent from the inventory
    assert required - asked - given == set(template["inventory"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_launches_a_playbook_of_the_project(name: str) -> None:
    template = TEMPLATES[name]
    plays = yaml.safe_load((PROJECT / template["playbook"]).read_text("utf-8"))
    if name in PLAYBOOKS:
        collections_own = f"netops.peerguard.{PLAYBOOKS[name].removesuffix('.yml')}"
        assert plays[0]["import_playbook"] == collections_own
    elif name in ROLES:
        assert plays[0]["roles"] == [{"role": f"netops.peerguard.{name}"}]
    else:
        assert f"netops.peerguard.{name}" in plays[0]["tasks"][0]


def test_there_is_a_template_for_every_role_and_playbook_of_the_project() -> None:
    assert set(ROLES) <= set(TEMPLATES)
    assert {template["playbook"] for template in TEMPLATES.values()} == {path.name for path in PROJECT.glob("*.yml")}


def test_what_works_on_whole_peerings_is_not_sliced() -> None:
    """Facts, and features of one end alone, may be: they look at no other host."""
    sliced = {name for name, template in TEMPLATES.items() if template["slices"]}
    assert sliced == {"facts", "junose_tx_invalid_cookie", "allied_isakmp_retry"}


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)
    else:
        yield str(data)


@pytest.mark.parametrize("name", CREDENTIAL_TYPES)
def test_a_credential_goes_into_files_alone(name: str) -> None:
    """No environment, and no kind or field that AWX itself puts into the environment or an agent."""
    kind = CREDENTIAL_TYPES[name]
    assert set(kind["injectors"]) <= {"extra_vars", "file"}
    assert kind["kind"] == "cloud"
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert not {"ssh_key_data", "ssh_public_key_data"} & set(fields)
    assert set(kind["inputs"]["required"]) == set(fields)
    assert all(field.get("secret") for name, field in fields.items() if name != "username")
    used = set(re.findall(r"{{ (\w+) }}", "\n".join(_texts(kind["injectors"]))))
    assert used == set(fields)


def test_variables_that_credentials_set_are_read_by_the_connection() -> None:
    plugins = "ansible_collections.netops.peerguard.plugins"
    pages = [yaml.safe_load(importlib.import_module(f"{plugins}.connection.netmiko").DOCUMENTATION)]
    for fragment in pages[0].get("extends_documentation_fragment", []):
        found = importlib.import_module(f"{plugins}.doc_fragments.{fragment.rsplit('.', 1)[1]}")
        pages.append(yaml.safe_load(found.ModuleDocFragment.DOCUMENTATION))
    options = [option for page in pages for option in page["options"].values()]
    known = {variable["name"] for option in options for variable in option.get("vars", [])}
    injected = {name for kind in CREDENTIAL_TYPES.values() for name in kind["injectors"]["extra_vars"]}
    assert injected - {"peerguard_keys"} <= known
    intent = (PROJECT / "inventory" / "group_vars" / "all" / "peerings.yml").read_text("utf-8")
    assert "peerguard_keys" in intent


def test_the_workflow_leads_from_lint_over_an_approval_to_a_proof() -> None:
    nodes = {node["identifier"]: node for node in rendered(WORKFLOW["nodes"], SETTINGS)}
    after = {
        (name, branch): [entry["identifier"] for entry in node.get("related", {}).get(f"{branch}_nodes", [])]
        for name, node in nodes.items()
        for branch in ("success", "failure", "always")
    }
    way = ["lint", "plan", "approval", "guard", "verify"]
    for one, next_one in pairwise(way):
        assert after[one, "success"] == [next_one]
    assert after["guard", "failure"] == after["verify", "failure"] == ["rollback"]
    assert {name for (name, branch), then in after.items() if branch == "failure" and then} == {"guard", "verify"}
    assert not any(then for (_name, branch), then in after.items() if branch == "always")
    names = {f"PeerGuard {name}" for name in TEMPLATES}
    names |= {f"PeerGuard {name} (check)" for name, template in TEMPLATES.items() if template["changes"]}
    launched = {name: node["unified_job_template"] for name, node in nodes.items()}
    assert launched["approval"]["type"] == "workflow_approval"
    assert {entry["name"] for name, entry in launched.items() if name != "approval"} <= names
    assert launched["plan"]["name"] == "PeerGuard guard (check)"


def test_what_the_workflow_asks_its_jobs_ask_too() -> None:
    """AWX hands an answer on only to templates that have the same question."""
    (asked,) = WORKFLOW["survey"]
    for name in ("guard", "verify"):
        assert asked in TEMPLATES[name]["survey"]


def test_answers_are_judged_as_awx_judges_them() -> None:
    guard = TEMPLATES["guard"]
    assert answered(guard, guard_batch=7)["guard_batch"] == 7
    assert "guard_max_failures" not in answered(guard)
    for wrong in ({"guard_batch": 0}, {"guard_lint": "maybe"}, {"unknown": 1}, {"guard_batch": None}):
        with pytest.raises(SurveyError):
            answered(guard, **wrong)
