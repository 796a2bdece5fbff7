# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of "make conformance" find what they are there for."""

from __future__ import annotations

import email
import importlib.util
from email.message import Message
from types import ModuleType
from typing import Any

import pytest
from harness import ROOT

GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3"
ADDRESSES = dict.fromkeys(("repository", "documentation", "homepage", "issues"), "https://example.com")
MANIFEST: dict[str, Any] = {"collection_info": {"dependencies": {}, **ADDRESSES}}


def script(name: str) -> ModuleType:
    """A program of tests/conformance as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "conformance" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("more", "manifest", "licence", "words"),
    [
        ({"plugins/__pycache__/x.pyc"}, MANIFEST, GPL, "no place in the artefact"),
        ({"tests/unit/test_x.py"}, MANIFEST, GPL, "is a test"),
        (set(), {"collection_info": {"dependencies": {"awx.awx": "*"}, **ADDRESSES}}, GPL, "awx.awx"),
        (set(), {"collection_info": {"dependencies": {}, **ADDRESSES, "issues": None}}, GPL, "issues"),
        (set(), MANIFEST, "MIT License", "not the text of the GPL"),
    ],
)
def test_a_bad_artefact_is_told(more: set[str], manifest: dict[str, Any], licence: str, words: str) -> None:
    artefact = script("artefact")
    assert artefact.problems(set(artefact.WANTED), MANIFEST, GPL) == []
    (problem,) = artefact.problems({*artefact.WANTED, *more}, manifest, licence)
    assert words in problem


def test_a_missing_file_is_told() -> None:
    artefact = script("artefact")
    assert artefact.problems({*artefact.WANTED} - {"LICENSE"}, MANIFEST, GPL) == [
        "LICENSE is missing from the artefact."
    ]


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ("License-Expression: EPL-2.0 OR GPL-2.0-or-later", "GPL-2.0-or-later"),
        ("License-Expression: EPL-2.0", ""),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        ("License: Apache License 2.0", "Apache-2.0"),
        ("License: Proprietary", ""),
    ],
)
def test_licences_of_packages(metadata: str, found: str) -> None:
    class Package:
        metadata: Message

    package = Package()
    package.metadata = email.message_from_string(f"{metadata}\n")
    assert script("licences").licence(package) == found
