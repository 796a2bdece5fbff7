# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lint found, for people and for pipelines: text, JSON, JUnit XML, SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from . import registry
from .finding import SEVERITIES, Finding, Rule
from .lint import Report

HOMEPAGE = "https://github.com/netops/peerguard"
RULES_PAGE = f"{HOMEPAGE}/blob/main/docs/rules.md"
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(report: Report, fail_on: str = "error", source: str = "") -> str:
    """A table, worst first, and a line that sums it up."""
    lines = [_line(finding) for finding in report.findings]
    widths = [max((len(line[column]) for line in lines), default=0) for column in range(4)]
    rows = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4])) for line in lines
    ]
    return "\n".join([*rows, report.summary()]) + "\n"


def _line(finding: Finding) -> tuple[str, str, str, str, str]:
    words = " ".join(filter(None, (finding.text, finding.fix)))
    return finding.severity, finding.rule, finding.peering or "-", ", ".join(finding.hosts) or "-", words


def as_json(report: Report, fail_on: str = "error", source: str = "") -> str:
    """Everything, as one object."""
    return json.dumps(data(report, fail_on), indent=2, ensure_ascii=False) + "\n"


def data(report: Report, fail_on: str = "error") -> dict[str, Any]:
    """Plain data: also what the module returns."""
    return {
        "passed": not report.failed(fail_on),
        "summary": report.summary(),
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "hosts": list(report.hosts),
        "peerings": list(report.peerings),
        "findings": [finding.shown() for finding in report.findings],
    }


def junit(report: Report, fail_on: str = "error", source: str = "") -> str:
    """A test suite per peering and one for what concerns hosts alone; what is milder than `fail_on` does not fail."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    suites = {name: [finding for finding in report.findings if finding.peering == name] for name in report.peerings}
    alone = [finding for finding in report.findings if finding.peering not in suites]
    parts = [_suite(f"peering {name}", name, found, failing) for name, found in suites.items()]
    parts += [_suite("hosts", "hosts", alone, failing)] if alone or not parts else []
    cases, failures = sum(part[1] for part in parts), sum(part[2] for part in parts)
    body = "".join(part[0] for part in parts)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="netops.peerguard.lint" tests="{cases}" failures="{failures}" errors="0">\n'
        f"{body}</testsuites>\n"
    )


def _suite(name: str, place: str, findings: Sequence[Finding], failing: Sequence[str]) -> tuple[str, int, int]:
    """A suite, its test cases and its failures. One that has no failing finding has a case that passes."""
    failures = sum(finding.severity in failing for finding in findings)
    cases = [_case(place, finding, finding.severity in failing) for finding in findings]
    if not failures:
        cases.append(f"    <testcase classname={_quoted(place)} name={_quoted('all rules hold')}/>\n")
    head = f'  <testsuite name={_quoted(name)} tests="{len(cases)}" failures="{failures}" errors="0">\n'
    return f"{head}{''.join(cases)}  </testsuite>\n", len(cases), failures


def _case(place: str, finding: Finding, failed: bool) -> str:
    name = " ".join(filter(None, (finding.rule, ", ".join(finding.hosts)))) + f": {finding.title}"
    detail = escape(
        _clean(f"{finding.text}\n{finding.fix}\nValues: {'; '.join(finding.values)}\nSource: {finding.source}")
    )
    head = f"    <testcase classname={_quoted(place)} name={_quoted(name)}>"
    if failed:
        message = f"<failure type={_quoted(finding.severity)} message={_quoted(finding.text)}>{detail}</failure>"
    else:
        message = f"<system-out>{escape(finding.severity)}: {detail}</system-out>"
    return f"{head}{message}</testcase>\n"


def _quoted(words: str) -> str:
    return quoteattr(_clean(words))


def _clean(words: str) -> str:
    """Without characters that XML 1.0 has no way to write."""
    return _NOT_XML.sub("\ufffd", words)


def sarif(report: Report, fail_on: str = "error", source: str = "") -> str:
    """For code scanning. `source`: the file that the intent is kept in, so that findings show up beside it."""
    rules = registry.rules()
    driver = {
        "name": "netops.peerguard.lint",
        "organization": "netops",
        "informationUri": HOMEPAGE,
        "rules": [_sarif_rule(rule) for rule in rules],
    }
    index = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, index[finding.rule], source) for finding in report.findings],
    }
    return (
        json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"
    )


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.title,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.text},
        "help": {"text": f"{rule.fix} Source: {rule.source}.".strip()},
        "helpUri": f"{RULES_PAGE}#{anchor(rule.id)}",
        "defaultConfiguration": {"level": rule.severity},
    }


def anchor(rule: str) -> str:
    """Where a rule is on the page of all rules."""
    return re.sub(r"[^a-z0-9]+", "-", rule.lower())


def _sarif_result(finding: Finding, number: int, source: str) -> dict[str, Any]:
    logical = [
        {"name": host, "kind": "resource", "fullyQualifiedName": "/".join(filter(None, (finding.peering, host)))}
        for host in finding.hosts
    ]
    location: dict[str, Any] = {"logicalLocations": logical} if logical else {}
    if source:
        location["physicalLocation"] = {"artifactLocation": {"uri": source}, "region": {"startLine": 1}}
    print_of = "\0".join((finding.rule, finding.peering, *finding.hosts, *finding.values))
    return {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": finding.severity,
        "message": {"text": " ".join(filter(None, (finding.text, finding.fix)))},
        **({"locations": [location]} if location else {}),
        "partialFingerprints": {"finding/v1": hashlib.sha256(print_of.encode()).hexdigest()},
        "properties": {"values": list(finding.values), "origins": list(finding.origins), "peering": finding.peering},
    }


FORMATS: Mapping[str, Callable[[Report, str, str], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
}
