# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of the README and the guides is run, in an empty folder, in the order of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs_pages import blocks, constant, follow, pages
from harness import ROOT
from lab_fixtures import LabHandle

pytestmark = [pytest.mark.lab, pytest.mark.playbook]

OWN = ROOT / "docs" / "examples" / "two_routers.yml"
ELSEWHERE = {"docs/molecule.md": "tests/docs/test_molecule_page.py"}
"""Pages whose commands another test runs, because they need more than the collection does."""
PAGE = "peerguard_page="
TO_RUN = [page for page in pages() if any(block.commands and not block.skip for block in blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def two_routers(folder: Path, start_lab: Callable[..., LabHandle]) -> None:
    """The reader's own two routers: the names of the page, at the addresses of a lab."""
    text = next(b.text for b in blocks(ROOT / "docs" / "first_ten_minutes.md") if b.file == "two.lab.yml")
    lab = start_lab(text.replace("name: ten-minutes", "name: own-routers"))
    (folder / "host_vars").mkdir()
    for host in ("pe1", "pe2"):
        reach = {
            "ansible_host": "127.0.0.1",
            "ansible_port": lab.port(host),
            "ansible_netmiko_known_hosts_file": str(lab.known_hosts(host)),
        }
        (folder / "host_vars" / f"{host}.yml").write_text(yaml.safe_dump(reach), "utf-8")
    (folder / "inventory.yml").write_text(OWN.read_text("utf-8"), "utf-8")


def copy_of_the_collection(folder: Path) -> None:
    for part in ("plugins", "meta"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "galaxy.yml", folder)


@pytest.mark.parametrize("page", [page for page in TO_RUN if name(page) not in ELSEWHERE], ids=name)
def test_commands_of_a_page(
    page: Path, tmp_path: Path, ansible_env: dict[str, str], start_lab: Callable[..., LabHandle]
) -> None:
    folder, env = tmp_path / "reader", {**ansible_env, "HOME": str(tmp_path / "reader")}
    if page.name == "new_feature.md":  # its reader works in the collection
        folder = tmp_path / "ansible_collections" / "netops" / "peerguard"
        copy_of_the_collection(folder)
        env |= {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    folder.mkdir(exist_ok=True)
    if any("two_routers.yml" in b.text or "-i inventory.yml" in b.commands for b in blocks(page) if not b.skip):
        two_routers(folder, start_lab)
    installed = sorted((ROOT / "playbooks").rglob("*"))
    follow(page, folder, env, typed="lab-pass\n")
    assert sorted((ROOT / "playbooks").rglob("*")) == installed, "what a reader makes belongs into the reader's folder"
    made = [word.partition("=")[2] for b in blocks(page) for word in b.commands.split() if word.startswith(PAGE)]
    assert [file for file in made if not (folder / file).is_file()] == []


def test_pages_tell_their_commands_from_other_text() -> None:
    """A block without a language could hide a command from these tests, and a reason may not be empty."""
    bare = [str(b) for page in pages() for b in blocks(page) if not b.language and "ansible" in b.text]
    assert bare == []
    assert all(len(b.skip.split()) > 2 for page in pages() for b in blocks(page) if b.skip is not None)


def test_other_tests_run_what_is_left_to_them() -> None:
    for page, test in ELSEWHERE.items():
        assert Path(page).name in (ROOT / test).read_text("utf-8")


def test_the_readme_shows_the_file_that_is_to_be_copied() -> None:
    shown = next(b for b in blocks(ROOT / "README.md") if b.file == OWN.name)
    assert shown.text == OWN.read_text("utf-8")


def options_of(documentation: str) -> dict[str, Any]:
    """The options that a DOCUMENTATION describes, with those of the collection's fragments."""
    data = yaml.safe_load(documentation)
    options = dict(data.get("options") or {})
    for fragment in data.get("extends_documentation_fragment") or []:
        name, _dot, part = fragment.removeprefix("netops.peerguard.").partition(".")
        path = ROOT / "plugins" / "doc_fragments" / f"{name}.py"
        options |= options_of(constant(path, part.upper() or "DOCUMENTATION"))
    return options


def unknown(args: Any, options: dict[str, Any], where: str) -> Iterator[str]:
    """Names of options that are not documented, at any depth."""
    for entry in args if isinstance(args, list) else [args]:
        for name, value in entry.items() if isinstance(entry, dict) else ():
            if name not in options:
                yield f"{where}: {name}"
            elif "suboptions" in options[name]:
                yield from unknown(value, options[name]["suboptions"], f"{where}.{name}")


def tasks_of(data: Any) -> Iterator[tuple[str, Any]]:
    """Module and arguments of every task of this collection, in plays and in lists of tasks."""
    for entry in data if isinstance(data, list) else []:
        if isinstance(entry, dict):
            yield from tasks_of(entry.get("tasks"))
            for name, args in entry.items():
                if str(name).startswith("netops.peerguard.") and isinstance(args, dict):
                    yield str(name).rpartition(".")[2], args


def test_tasks_on_the_pages_use_options_that_exist() -> None:
    seen, wrong = set(), []
    for page in pages():
        for block in blocks(page):
            if block.language != "yaml":
                continue
            for module, args in tasks_of(yaml.safe_load(block.text)):
                path = ROOT / "plugins" / "modules" / f"{module}.py"
                if path.is_file():
                    seen.add(module)
                    wrong += unknown(args, options_of(constant(path, "DOCUMENTATION")), f"{block}: {module}")
    assert wrong == []
    assert {"huawei_rsvp_auth", "cisco_lisp_tcp_ao", "h3c_ike_keepalive", "allied_isakmp_policy"} <= seen
