# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `awx/vars` describes, read without Ansible, and what AWX makes of it when a job is launched."""

from __future__ import annotations

from typing import Any

import jinja2
import yaml
from harness import ROOT

AWX = ROOT / "awx"
PROJECT = AWX / "project"


class _Loader(yaml.SafeLoader):
    """YAML as Ansible reads it."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def variables(name: str) -> dict[str, Any]:
    """One file of `awx/vars`, with its own templates as they are."""
    loaded: dict[str, Any] = yaml.load((AWX / "vars" / f"{name}.yml").read_text("utf-8"), _Loader)  # noqa: S506 - safe
    return loaded


SETTINGS = variables("settings")
TEMPLATES: dict[str, dict[str, Any]] = {
    template["name"]: template for template in variables("job_templates")["peerguard_awx_job_templates"]
}
CREDENTIAL_TYPES: dict[str, dict[str, Any]] = {
    kind["name"]: kind for kind in variables("credential_types")["peerguard_awx_credential_types"]
}
WORKFLOW: dict[str, Any] = variables("workflow")["peerguard_awx_workflow"]


def rendered(data: Any, context: dict[str, Any]) -> Any:
    """Every text of nested data as a template, keys too: so AWX treats injectors, and apply.yml its variables."""
    if isinstance(data, dict):
        return {rendered(key, context): rendered(value, context) for key, value in data.items()}
    if isinstance(data, list):
        return [rendered(value, context) for value in data]
    if isinstance(data, str):
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
        return environment.from_string(data).render(context)
    return data


class SurveyError(ValueError):
    """An answer that AWX does not take."""


def answered(template: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Extra variables from a survey: what was answered, else the defaults. Raises SurveyError as AWX refuses."""
    questions = {question["variable"]: question for question in template["survey"]}
    unknown = set(given) - set(questions)
    if unknown:
        raise SurveyError(f"{template['name']} does not ask for {', '.join(sorted(unknown))}")
    answers: dict[str, Any] = {}
    for variable, question in questions.items():
        value = given.get(variable, question.get("default"))
        if value in (None, ""):
            if question["required"]:
                raise SurveyError(f"{variable} is required")
            if "default" in question:  # an empty text is passed on
                answers[variable] = value
            continue
        if question["type"] == "multiselect" and not isinstance(value, list):
            value = str(value).splitlines()
        _judge(question, value)
        answers[variable] = value
    return answers


def _judge(question: dict[str, Any], value: Any) -> None:
    kind, variable = question["type"], question["variable"]
    if kind == "integer" and (not isinstance(value, int) or not question["min"] <= value <= question["max"]):
        raise SurveyError(f"{variable}: {value} is no integer from {question['min']} to {question['max']}")
    if kind in ("text", "password") and not question["min"] <= len(value) <= question["max"]:
        raise SurveyError(f"{variable}: the answer is too short or too long")
    if kind == "multiplechoice" and value not in question["choices"]:
        raise SurveyError(f"{variable}: {value} is none of {question['choices']}")
    if kind == "multiselect" and not set(value) <= set(question["choices"]):
        raise SurveyError(f"{variable}: {value} are not all in {question['choices']}")
