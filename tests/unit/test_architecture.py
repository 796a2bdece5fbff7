# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines between the parts of the collection, held by reading every import of every file."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from harness import ROOT

COLLECTION = "ansible_collections.netops.peerguard"
UTILS = f"{COLLECTION}.plugins.plugin_utils"
PARTS = ("engine", "carriers", "platforms", "features", "peering", "lab")
PURE = ("engine", "features", "peering")
SHEBANGS = ("#!/usr/bin/python", "#!/usr/bin/env bash")
HEADER = [
    "# Copyright (c) 2026 the netops.peerguard authors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
]


def tracked(*suffixes: str) -> list[Path]:
    """Every file of the checkout with one of these suffixes that git has or would take."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else _walk()
    paths = [ROOT / name for name in names if name.endswith(suffixes)]
    return sorted(path for path in paths if path.is_file())


def _walk() -> list[str]:
    """The same for a source tree without git, such as an unpacked artefact."""
    return [
        str(path.relative_to(ROOT))
        for top in ("docs", "extensions", "plugins", "tests")
        for path in (ROOT / top).rglob("*")
        if "output" not in path.parts
    ]


def module_name(path: Path) -> str:
    """The full Python name of a file of the collection; a package's ``__init__`` keeps its last part."""
    return ".".join([COLLECTION, *path.relative_to(ROOT).with_suffix("").parts])


def imports_of(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything that a module imports, at its top, in a function or for types only.

    ``from a import b`` gives ``a.b``, since ``b`` may be a module.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.rsplit(".", node.level)[0] if node.level else ""
            origin = ".".join(filter(None, [base, node.module]))
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


@cache
def plugin_imports() -> tuple[tuple[str, str, int, str], ...]:
    """(module, path, line, imported name) for everything under ``plugins/``."""
    return tuple(
        (module_name(path), str(path.relative_to(ROOT)), line, name)
        for path in tracked(".py")
        if path.is_relative_to(ROOT / "plugins")
        for line, name in imports_of(path.read_text("utf-8"), module_name(path))
    )


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def crossings(importer: str, imported: str) -> list[str]:
    """Where a module inside ``importer`` imports something inside ``imported``."""
    return [
        f"{path}:{line} imports {name}"
        for module, path, line, name in plugin_imports()
        if is_in(module, importer) and is_in(name, imported)
    ]


def features() -> list[str]:
    folder = ROOT / "plugins" / "plugin_utils" / "features"
    return sorted(p.name for p in folder.glob("*") if p.is_dir() and p.name != "__pycache__")


@pytest.mark.parametrize("part", [part for part in PARTS if part != "lab"])
def test_the_lab_and_the_product_share_nothing(part):
    """A shared parser or template would let one mistake cancel the other."""
    assert crossings(f"{UTILS}.lab", f"{UTILS}.{part}") == []
    assert crossings(f"{UTILS}.{part}", f"{UTILS}.lab") == []


@pytest.mark.parametrize("part", [*PURE, "platforms"])
def test_only_the_edge_knows_ansible(part):
    edges = [f"{COLLECTION}.plugins.{kind}" for kind in ("action", "connection", "inventory", "callback", "filter")]
    for outside in ("ansible", f"{UTILS}.edge", *edges):
        assert crossings(f"{UTILS}.{part}", outside) == []


@pytest.mark.parametrize("part", PURE)
def test_pure_parts_reach_a_device_only_through_a_session(part):
    for outside in ("netmiko", "ncclient", "paramiko", "asyncssh", "socket", "subprocess", "telnetlib"):
        assert crossings(f"{UTILS}.{part}", outside) == []


def test_features_do_not_know_each_other():
    for one in features():
        for other in features():
            if one != other:
                assert crossings(f"{UTILS}.features.{one}", f"{UTILS}.features.{other}") == []


def test_the_engine_does_not_know_what_is_built_on_it():
    for part in ("platforms", "features", "peering"):
        assert crossings(f"{UTILS}.engine", f"{UTILS}.{part}") == []


def test_no_other_collection_is_needed():
    foreign = [
        f"{path}:{line} imports {name}"
        for _module, path, line, name in plugin_imports()
        if is_in(name, "ansible_collections") and not is_in(name, COLLECTION)
    ]
    assert foreign == []


def test_modules_are_documentation_only():
    """The logic of a module is in its action plugin; a module that imports anything has some of its own."""
    loaded = [
        f"{path}:{line} imports {name}"
        for module, path, line, name in plugin_imports()
        if is_in(module, f"{COLLECTION}.plugins.modules") and not is_in(name, "__future__")
    ]
    assert loaded == []


def test_every_python_file_has_the_licence_header_and_postponed_annotations():
    bare = []
    for path in tracked(".py"):
        lines = path.read_text("utf-8").splitlines()
        if lines and lines[0] in SHEBANGS:
            lines = lines[1:]
        if not lines and path.name == "__init__.py":
            continue
        if lines[:3] != HEADER or "from __future__ import annotations" not in lines:
            bare.append(str(path.relative_to(ROOT)))
    assert bare == []


def test_text_files_end_with_one_newline_and_have_no_trailing_space():
    bad = []
    for path in tracked(".py", ".yml", ".yaml", ".md", ".toml", ".j2", ".textfsm"):
        text = path.read_text("utf-8")
        if text and (not text.endswith("\n") or text.endswith("\n\n") or "\r" in text):
            bad.append(str(path.relative_to(ROOT)))
    assert bad == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a.b", ["a.b"]),
        ("from a import b, c", ["a.b", "a.c"]),
        ("from . import z", ["x.y.v.z"]),
        ("from ..w import z", ["x.y.w.z"]),
        ("def f():\n    from ...lab.vrp import z", ["x.lab.vrp.z"]),
    ],
)
def test_imports_are_found_wherever_they_stand(source, found):
    assert [name for _line, name in imports_of(source, "x.y.v.module")] == found


def test_crossings_sees_the_files_of_this_tree():
    """Guards the guard: a wrong path or prefix would make every test above pass on nothing."""
    assert crossings(UTILS, "__future__")
    assert {module.split(".")[5] for module, *_rest in plugin_imports() if is_in(module, UTILS)} & set(PARTS)
