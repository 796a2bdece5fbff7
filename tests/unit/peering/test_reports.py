# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports that pipelines can read, and pages that are made from the code."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from harness import ROOT
from peering_intents import KEEPALIVE, KEY, RSVP, sound

from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import (
    jsonschema,
    registry,
    reports,
    rules_page,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent, schema
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.lint import Report, judge

UTILS = "ansible_collections.netops.peerguard.plugins.plugin_utils.peering"


@pytest.fixture
def report() -> Report:
    """An error and a warning in one peering, nothing in the other, one thing of a host alone."""
    bad, good = sound(KEEPALIVE, RSVP)
    bad |= {"name": 'hq & <branch> "1"', "timeout": 20}
    bad["ends"][0]["timeout"] = 30
    good["handshake"] = False
    return judge(load_intent([bad, good]))


@pytest.fixture
def clean() -> Report:
    return judge(load_intent(sound(KEEPALIVE)))


def parsed(words: str) -> ElementTree.Element:
    return ElementTree.fromstring(words)  # noqa: S314 - a report that was just made


def test_text(report: Report, clean: Report) -> None:
    lines = reports.text(report).splitlines()
    assert len(lines) == len(report.findings) + 1
    assert re.match(r'error +ike/R6 +hq & <branch> "1" +fw2, fw1 +fw2 waits 20 s, fw1 sends every 20 s\.', lines[0])
    assert lines[-1] == "1 error, 3 warnings, 0 notes in 2 peerings and 4 hosts"
    assert reports.text(clean) == "0 errors, 0 warnings, 0 notes in 1 peering and 2 hosts\n"


def test_json(report: Report, clean: Report) -> None:
    data = json.loads(reports.as_json(report))
    assert (data["passed"], data["counts"]) == (False, {"error": 1, "warning": 3, "note": 0})
    assert data["findings"][0]["rule"] == "ike/R6"
    assert json.loads(reports.as_json(report, "never"))["passed"] is True
    assert json.loads(reports.as_json(clean))["findings"] == []


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 1), ("warning", 4), ("never", 0)])
def test_junit_counts_what_fails(report: Report, fail_on: str, failures: int) -> None:
    root = parsed(reports.junit(report, fail_on))
    suites = root.findall("testsuite")
    assert (root.tag, int(root.attrib["failures"])) == ("testsuites", failures)
    assert len(root.findall(".//failure")) == failures
    assert [suite.attrib["name"] for suite in suites] == ['peering hq & <branch> "1"', "peering core-link", "hosts"]
    for suite in suites:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == len(suite.findall(".//failure"))
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase"))


def test_junit_of_what_is_sound_passes(clean: Report) -> None:
    root = parsed(reports.junit(clean))
    assert [case.attrib["name"] for case in root.findall(".//testcase")] == ["all rules hold"]


def test_junit_takes_any_name() -> None:
    peering = {**sound(KEEPALIVE)[0], "name": "bell\x07 & co", "timeout": 20}
    parsed(reports.junit(judge(load_intent([peering]))))


def test_sarif(report: Report) -> None:
    log = json.loads(reports.sarif(report, source="group_vars/all/peerings.yml"))
    assert (log["version"], log["$schema"].rsplit("/", 1)[1]) == ("2.1.0", "sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in registry.rules()]
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help"))
    assert len(run["results"]) == len(report.findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "group_vars/all/peerings.yml"
        assert all(place["name"] and place["fullyQualifiedName"] for place in location["logicalLocations"])
    prints = [result["partialFingerprints"]["finding/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


def test_sarif_without_a_file_has_hosts_as_places(report: Report) -> None:
    (run,) = json.loads(reports.sarif(report))["runs"]
    assert all("physicalLocation" not in result["locations"][0] for result in run["results"])


@pytest.mark.parametrize("form", list(reports.FORMATS))
def test_no_report_holds_a_secret(form: str) -> None:
    one, other = sound(RSVP, RSVP)
    other |= {"name": "second", "key": "Second-Key"}
    assert "Key-73" in KEY
    words = reports.FORMATS[form](judge(load_intent([one, other])), "error", "")
    assert not re.search("Key-73|Second-Key", words)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_of_all_rules_is_current() -> None:
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == rules_page.page(), (
        f"docs/rules.md is made from the code: python -m {UTILS}.rules_page > docs/rules.md"
    )


def test_the_page_names_every_rule_once_and_links_work() -> None:
    page = rules_page.page()
    for rule in registry.rules():
        assert page.count(f"### {rule.id}: ") == 1
        assert page.count(f'<a id="{reports.anchor(rule.id)}">') == 1
    for kept in registry.kept():
        assert page.count(f"| {kept.id} |") == 1
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) == set(re.findall(r'<a id="([^"]+)">', page))


def test_the_json_schema_is_current() -> None:
    assert (ROOT / "docs" / "intent.schema.json").read_text("utf-8") == jsonschema.text(), (
        f"docs/intent.schema.json is made from the code: python -m {UTILS}.jsonschema > docs/intent.schema.json"
    )


def test_the_json_schema_knows_every_option_with_a_description() -> None:
    definitions = jsonschema.json_schema()["definitions"]
    for kind in registry.kinds():
        assert set(definitions[kind]["properties"]) == set(schema(kind).fields)
        assert not list(undescribed(definitions[kind], kind))


def undescribed(node: dict[str, Any], where: str) -> Any:
    """Scalars without a description."""
    for name, child in node.get("properties", {}).items():
        yield from undescribed(child, f"{where}.{name}")
    if "items" in node:
        yield from undescribed(node["items"], f"{where}[]")
    if "properties" not in node and "items" not in node and "description" not in node:
        yield where
