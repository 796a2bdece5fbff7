# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is documented of peerings and of `lint` is what they take."""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import ROOT

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.compile import compile_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.jsonschema import json_schema
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import judge
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint_options import judge_options, spec

PAGE = (ROOT / "docs" / "peerings.md").read_text("utf-8")
INTENTS = [
    yaml.safe_load(re.sub(r"\{\{ (\w+) \}\}", r"\1", block))
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    if "\npeerings:" in f"\n{block}"
]
MODULE = (ROOT / "plugins" / "modules" / "lint.py").read_text("utf-8")


def constant(name: str) -> Any:
    for node in ast.parse(MODULE).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(name)


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent["peerings"][0]["name"])
def test_every_example_on_the_page_is_sound(intent: Any) -> None:
    """With a warning where the page shows one on purpose: the peer of another make."""
    peerings = load_intent(intent)
    compile_intent(peerings)
    report = judge(peerings, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert [str(finding) for finding in report.findings if finding.severity != "note"] == []


def test_the_page_has_an_example_of_every_kind() -> None:
    assert {peering["kind"] for intent in INTENTS for peering in intent["peerings"]} == set(registry.kinds())
    assert all(f"`{kind}`" in PAGE for kind in registry.kinds())


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent["peerings"][0]["name"])
def test_every_example_fits_the_json_schema(intent: Any) -> None:
    validator = pytest.importorskip("jsonschema").Draft7Validator(json_schema())
    validator.check_schema(validator.schema)
    assert [error.message for error in validator.iter_errors(intent)] == []
    assert validator.is_valid(intent["peerings"])
    wrong = deepcopy(intent)
    wrong["peerings"][0]["ends"][0]["adress"] = "192.0.2.1"
    assert not validator.is_valid(wrong)


def test_every_rule_that_the_page_names_exists() -> None:
    ids = {rule.id for rule in registry.rules()}
    assert set(re.findall(r"\b(?:rsvp|lisp|ike|cookie|retry)/\w+", PAGE)) <= ids


def test_the_module_documents_what_it_takes() -> None:
    options, taken = constant("DOCUMENTATION")["options"], spec()
    assert set(options) == set(taken)
    for name, documented in options.items():
        assert documented["type"] == taken[name]["type"], name
        assert documented.get("choices") == taken[name].get("choices"), name
    report, of_report = options["report"]["suboptions"], taken["report"]["options"]
    assert set(report) == set(of_report)
    assert report["format"]["choices"] == of_report["format"]["choices"]


def test_the_examples_are_ones_that_the_module_takes() -> None:
    for task in constant("EXAMPLES"):
        args = dict(task.get("netops.peerguard.lint") or {"gathered": ["all"]})
        if isinstance(args.get("intent"), str):
            args["intent"] = INTENTS[0]
        if "host_configs" in args:
            args["host_configs"] = {host: {} for host in args["host_configs"]}
        judge_options(args, Path("/play"))


def test_the_result_is_documented() -> None:
    returned = constant("RETURN")
    assert set(returned) == {"findings", "passed", "summary", "counts", "hosts", "peerings", "report_path"}
    report = judge(load_intent([{**INTENTS[3]["peerings"][0], "timeout": 20}]))
    assert set(report.findings[0].shown()) == set(returned["findings"]["contains"])
