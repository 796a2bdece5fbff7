# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's options before anything is sent; and that modules document exactly what the engine takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import ROOT

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import command, configuration, facts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.options import (
    COMMON,
    Options,
    feature_spec,
    judge,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import Group, InvalidInput, argument_spec

FEATURE = registry.feature("huawei_rsvp_auth")
CONFIG = {"timers": {"refresh": 45}}


def options(**args: Any) -> Options:
    return judge(FEATURE, args, Path("/base"))


def test_defaults() -> None:
    plain = options(config=CONFIG)
    assert (plain.state, plain.verify, plain.save_when, plain.backup, plain.update_secrets) == (
        "merged",
        None,
        "changed",
        None,
        "on_create",
    )
    assert plain.intent.options == {"prerequisites": "require"}


def test_none_is_not_given() -> None:
    """Ansible passes what is omitted through a role as None."""
    assert options(config=CONFIG, verify=None, state=None, save_when=None) == options(config=CONFIG)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "config is missing; state: merged needs to know what to configure."),
        ({"state": "overridden"}, "config is missing; state: overridden needs to know what to configure."),
        ({"config": {}}, "config is empty; name what shall be configured, or leave config out."),
        (
            {"config": {"timers": None}, "state": "deleted"},
            "config is empty; name what shall be configured, or leave config out.",
        ),
        (
            {"config": CONFIG, "state": "absent"},
            (
                "task.state: 'absent' is not allowed; use one of merged, replaced, overridden, deleted, gathered,"
                " rendered, parsed."
            ),
        ),
        (
            {"config": CONFIG, "verify": {"timeout": 0}},
            "task.verify.timeout: '0' is not allowed; use a whole number from 1 to 43200.",
        ),
        (
            {"config": CONFIG, "verify": {"time": 1}},
            "task.verify: time is not an option here; the options are timeout, interval, stable_for.",
        ),
        ({"config": CONFIG, "verify": True}, "task.verify: expected a dictionary, got 'True'."),
        (
            {"config": CONFIG, "confirm_timeout": 59},
            "task.confirm_timeout: '59' is not allowed; use a whole number from 60 to 65535.",
        ),
        (
            {"config": CONFIG, "confirm_timeout": 90, "verify": {"timeout": 60, "stable_for": 30}},
            (
                "confirm_timeout: 90 s are over before verification can be (verify.timeout and verify.stable_for add up"
                " to 90 s); use more, or leave it out."
            ),
        ),
        (
            {"config": CONFIG, "prerequisites": "skip"},
            "task.prerequisites: 'skip' is not allowed; use one of require, add.",
        ),
        (
            {"state": "parsed"},
            "running_config is missing; state: parsed reads the configuration text that is given there.",
        ),
    ],
)
def test_sentences(args: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        options(**args)
    assert caught.value.problems == [sentence]


def test_an_unknown_option_is_told_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"^verified is not an option; the options are config, state, "):
        options(config=CONFIG, verified=True)


def test_everything_may_be_deleted_or_overridden_on_purpose() -> None:
    assert options(state="deleted").intent.config is None
    assert options(state="overridden", config={}).intent.config == {}


@pytest.mark.parametrize(
    ("args", "seconds"),
    [
        ({}, None),
        ({"verify": {}}, 60 + 60),
        ({"verify": {"timeout": 1}}, 61),
        ({"verify": {"timeout": 100, "stable_for": 500}}, 660),
        ({"verify": {"timeout": 100}, "confirm_timeout": 101}, 101),
        ({"confirm_timeout": 90}, 90),
    ],
)
def test_an_armed_change_outlives_its_verification(args: dict[str, Any], seconds: int | None) -> None:
    plain = options(config=CONFIG, **args)
    assert plain.confirm_within(can_arm=True) == seconds
    assert plain.confirm_within(can_arm=False) is None


def test_the_longest_verification_fits_into_what_devices_can_wait() -> None:
    longest = options(config=CONFIG, verify={"timeout": 43200, "stable_for": 14400})
    assert 60 <= (longest.confirm_within(can_arm=True) or 0) <= 65535


def test_a_backup_goes_beside_the_playbook() -> None:
    backup = options(config=CONFIG, backup=True).backup
    assert backup is not None
    assert (backup.folder, backup.filename, backup.secrets) == (Path("/base/backup"), None, False)
    absolute = options(config=CONFIG, backup=True, backup_options={"dir_path": "/x", "filename": "f"}).backup
    assert absolute is not None
    assert (absolute.folder, absolute.filename) == (Path("/x"), "f")


# -- documentation ---------------------------------------------------------------------------------


def _constant(path: Path, name: str) -> str:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no {name}")


def documented(module: str) -> dict[str, Any]:
    """The options of a module as its documentation has them, fragments included."""
    own = yaml.safe_load(_constant(ROOT / "plugins" / "modules" / f"{module}.py", "DOCUMENTATION"))
    found: dict[str, Any] = dict(own.get("options", {}))
    fragments = own.get("extends_documentation_fragment", [])
    for full in [fragments] if isinstance(fragments, str) else fragments:
        _namespace, _collection, name, *part = full.split(".")
        path = ROOT / "plugins" / "doc_fragments" / f"{name}.py"
        if path.exists():
            text = _constant(path, part[0].upper() if part else "DOCUMENTATION")
            found = {**yaml.safe_load(text).get("options", {}), **found}
    return found


def differences(where: str, doc: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """Where a documented option and the engine's disagree."""
    if set(doc) != set(spec):
        yield f"{where}: documented {sorted(doc)}, known {sorted(spec)}"
    for name in sorted(set(doc) & set(spec)):
        told, real, place = doc[name], spec[name], f"{where}.{name}"
        kinds = (told.get("type", "str"), real["type"])
        if kinds[0] != kinds[1] and kinds != ("path", "str"):
            yield f"{place}: documented type {kinds[0]}, real {kinds[1]}"
        for item in ("elements", "required"):
            if (told.get(item) or None) != (real.get(item) or None):
                yield f"{place}: documented {item} {told.get(item)}, real {real.get(item)}"
        if [str(word) for word in told.get("choices", [])] != [str(word) for word in real.get("choices", [])]:
            yield f"{place}: documented choices {told.get('choices')}, real {real.get('choices')}"
        yield from differences(place, told.get("suboptions", {}), real.get("options", {}))


@pytest.mark.parametrize("name", registry.features())
def test_a_module_documents_exactly_what_its_feature_takes(name: str) -> None:
    assert list(differences(name, documented(name), feature_spec(registry.feature(name)))) == []


@pytest.mark.parametrize("name", registry.features())
def test_documented_defaults_are_the_real_ones(name: str) -> None:
    """Of the task's own options; a device's default must not be one, for then it would be sent."""
    doc, feature = documented(name), registry.feature(name)
    for option, leaf in feature.options.items():
        assert doc[option].get("default") == leaf.default, option
    plain = judge(feature, {"state": "gathered"}, Path("/base"))
    assert doc["state"]["default"] == "merged"
    assert doc["save_when"]["default"] == plain.save_when
    assert doc["update_secrets"]["default"] == plain.update_secrets
    assert doc["backup"]["default"] is False
    patience = judge(feature, {"state": "gathered", "verify": {}}, Path("/base")).verify
    assert {field: part["default"] for field, part in doc["verify"]["suboptions"].items()} == vars(patience)
    assert not list(_defaults(doc["config"])), "a default inside config would be sent by everybody who leaves it out"


def _defaults(option: Mapping[str, Any]) -> Iterator[str]:
    for name, sub in option.get("suboptions", {}).items():
        if "default" in sub:
            yield name
        yield from _defaults(sub)


@pytest.mark.parametrize("name", registry.features())
def test_a_module_has_its_action_its_examples_and_its_results(name: str) -> None:
    action = (ROOT / "plugins" / "action" / f"{name}.py").read_text("utf-8")
    assert f'"{name}"' in action
    path = ROOT / "plugins" / "modules" / f"{name}.py"
    feature = registry.feature(name)
    for task in yaml.safe_load(_constant(path, "EXAMPLES")):
        arguments = task.get(f"netops.peerguard.{name}")
        if arguments is not None and "{{" not in str(arguments.get("config")) + str(arguments.get("running_config")):
            judge(feature, arguments, Path("/base"))  # an example that is refused is a lie
    returned = yaml.safe_load(_constant(path, "RETURN"))
    promised = {
        "before",
        "after",
        "commands",
        "rollback",
        "converged",
        "unmet",
        "observed",
        "saved",
        "backup_path",
        "timings",
        "gathered",
        "rendered",
        "parsed",
    }
    assert promised <= set(returned)
    assert all({"description", "returned", "type"} <= set(entry) for entry in returned.values())


def test_the_common_options_are_all_documented_in_the_fragment() -> None:
    path = ROOT / "plugins" / "doc_fragments" / "resource.py"
    parts = (yaml.safe_load(_constant(path, name))["options"] for name in ("DOCUMENTATION", "KEEP"))
    doc = {name: option for part in parts for name, option in part.items()}
    assert list(differences("resource", doc, argument_spec(Group(COMMON))["options"])) == []


def test_command_config_and_facts_document_what_they_take() -> None:
    assert list(differences("config", documented("config"), configuration.spec())) == []
    assert list(differences("command", documented("command"), command.spec())) == []
    spec = {name: argument_spec(node) for name, node in facts.OPTIONS.items()}
    assert list(differences("facts", documented("facts"), spec)) == []
