# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-builder reads from the collection, and the build context that execution-environment.yml becomes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import BIN, ROOT, ansible_environment, link_source_tree

DEFINITION = ROOT / "execution-environment.yml"


def builder(*arguments: str | Path, home: Path) -> str:
    """ansible-builder's output."""
    done = subprocess.run(
        [BIN / "ansible-builder", *arguments],
        env=ansible_environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lines(name: str) -> list[str]:
    """The requirements of a file, without comments."""
    return [line for line in (ROOT / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_introspection_finds_what_the_collection_needs(tmp_path: Path) -> None:
    found: dict[str, Any] = yaml.safe_load(builder("introspect", link_source_tree(), home=tmp_path))
    assert [line.split("  #")[0] for line in found["python"]] == lines("requirements.txt")
    assert [line.split("  #")[0] for line in found["system"]] == lines("bindep.txt")


def test_the_build_context(tmp_path: Path) -> None:
    context = tmp_path / "context"
    builder("create", "--file", DEFINITION, "--context", context, "--output-file", "Containerfile", home=tmp_path)
    recipe = (context / "Containerfile").read_text("utf-8")
    definition = yaml.safe_load(DEFINITION.read_text("utf-8"))
    assert f'ARG EE_BASE_IMAGE="{definition["images"]["base_image"]["name"]}"' in recipe
    assert 'ARG PYCMD="/usr/bin/python3.12"' in recipe
    assert f'ARG ANSIBLE_INSTALL_REFS="{" ".join(core_and_runner(definition))}"' in recipe
    assert yaml.safe_load((context / "_build" / "requirements.yml").read_text("utf-8"))["collections"] == [
        {"name": "netops.peerguard"}
    ]


def core_and_runner(definition: dict[str, Any]) -> list[str]:
    """What builder installs with pip beside the collection's own packages."""
    return [definition["dependencies"][name]["package_pip"] for name in ("ansible_core", "ansible_runner")]


def test_the_image_has_an_ansible_that_is_tested() -> None:
    """The pair of Python and ansible-core is one of those that the tests run with."""
    definition = yaml.safe_load(DEFINITION.read_text("utf-8"))
    core = definition["dependencies"]["ansible_core"]["package_pip"]
    constraints = (ROOT / "tests" / "constraints" / "ansible-core.txt").read_text("utf-8")
    assert f'{core}; python_version >= "3.12"' in constraints
    python = definition["dependencies"]["python_interpreter"]["package_system"]
    assert re.fullmatch(r"python3\.12", python)


@pytest.mark.parametrize("number", [0, 1])
def test_what_the_page_adds_can_be_built(tmp_path: Path, number: int) -> None:
    """The page's variants, as its reader would merge them into the definition."""
    page = (ROOT / "docs" / "execution_environment.md").read_text("utf-8")
    variant = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[number])
    definition = yaml.safe_load(DEFINITION.read_text("utf-8"))
    definition = {**definition, **variant, "dependencies": {**definition["dependencies"], **variant["dependencies"]}}
    (tmp_path / "ee.yml").write_text(yaml.safe_dump(definition), "utf-8")
    (tmp_path / "netops-peerguard-0.1.0.tar.gz").write_bytes(b"artefact")
    context = tmp_path / "context"
    builder(
        "create", "--file", tmp_path / "ee.yml", "--context", context, "--output-file", "Containerfile", home=tmp_path
    )
    recipe = (context / "Containerfile").read_text("utf-8")
    if "exclude" in variant["dependencies"]:
        assert (context / "_build" / "exclude-requirements.txt").read_text("utf-8").split() == ["asyncssh"]
    else:
        install = recipe.index("ansible-galaxy collection install")
        assert recipe.index("ADD _build/artefact/netops-peerguard-0.1.0.tar.gz /build/") < install
        assert (context / "_build" / "artefact" / "netops-peerguard-0.1.0.tar.gz").is_file()
