# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site of "make docs" out of the guides and of what antsibull-docs writes, without the web."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx

project = "netops.peerguard"
copyright = "the netops.peerguard authors"
title = html_title = html_short_title = "netops.peerguard"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 3

html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

default_role = "any"
nitpicky = True
# What belongs to Ansible itself is documented there; looking it up would need the web.
nitpick_ignore_regex = [("ansplugin", r"ansible\.builtin\..*"), ("ansopt", ".*"), ("ansretval", ".*"), ("envvar", ".*")]

ANSIBLE = "https://docs.ansible.com/ansible/latest/"
ANSIBLE_PAGES = {
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
"""Labels of Ansible's own site that antsibull-docs refers to."""

INSIDE = ("architecture", "new_feature", "developing", "dependencies")
GUIDES = ("README", "first_ten_minutes", "peerings", "guard", "rollover", "secrets", "lab", "molecule")
"""Pages of docs/ in the order of the table of contents; those that are not named here come after the guides."""

_PATTERNS = {
    re.compile(r"ansible_collections\.ansible\.builtin\.(\w+)"): "collections/ansible/builtin/{}.html",
    re.compile(r"(\w+)_plugins"): "plugins/{}.html",
}
"""More of them: a plugin of Ansible's own, and a kind of plugins."""

_HTML_ANCHOR = re.compile(r'^<a id="([\w-]+)"></a>$', re.MULTILINE)


def contents(pages: list[str]) -> str:
    """The table of contents; `pages` are the names of all pages of docs/."""
    rest = sorted(set(pages) - {*GUIDES, *INSIDE})
    parts = {
        "Guides": [f"docs/{page}" for page in (*GUIDES, *rest)],
        "Features": ["docs/features/*"],
        "Reference": ["collections/index"],
        "The inside": [*(f"docs/{page}" for page in INSIDE), "CHANGELOG"],
    }
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {title}\n{chr(10).join(names)}\n```\n"
        for title, names in parts.items()
    )


def prepare(app: Sphinx, page: str, text: list[str]) -> None:
    """The README is the first page and gets the table of contents; anchors become what MyST can refer to."""
    if page == "index":
        text[0] += contents([path.stem for path in Path(app.srcdir, "docs").glob("*.md")])
    text[0] = text[0].replace("](../README.md", "](../index.md")
    text[0] = _HTML_ANCHOR.sub(r"(\1)=", text[0])


def link_to_ansible(app: Sphinx, env: object, node: pending_xref, content: nodes.Element) -> nodes.Element | None:
    """A link to a page of Ansible's own site; whether it is there is not looked up."""
    del app, env
    target = node.get("reftarget", "")
    named = [page.format(found[1]) for pattern, page in _PATTERNS.items() if (found := pattern.fullmatch(target))]
    page = named[0] if named else ANSIBLE_PAGES.get(target)
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page) if page else None


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", prepare)
    app.connect("missing-reference", link_to_ansible)
