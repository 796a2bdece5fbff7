# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every package of this Python has a licence that goes with the GPL 3; those that the collection asks for are listed.

Arguments: the texts of docs/dependencies.md and requirements.txt.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions

TOOLS = {"pip", "setuptools", "wheel"}
# What packages call their licences, as far as it goes with GPL-3.0-or-later; the first that fits is the one.
COMPATIBLE = {
    r"GPL-3\.0-or-later|GPLv3\+|General Public License v3 or later": "GPL-3.0-or-later",
    r"OR GPL-2\.0-or-later|GPLv2\+|General Public License v2 or later": "GPL-2.0-or-later",
    r"LGPL|Lesser": "LGPL",
    r"MPL|Mozilla": "MPL-2.0",
    r"Apache": "Apache-2.0",
    r"BSD": "BSD",
    r"\bMIT\b": "MIT",
    r"\bISC\b": "ISC",
    r"PSF|Python Software": "PSF-2.0",
    r"Unlicense|Public Domain": "public domain",
    r"ZPL|Zope": "ZPL",
}


def normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(package: Distribution) -> str:
    """The licence that a package says it has; empty if it says none that goes with the GPL 3."""
    said = [package.metadata.get("License-Expression") or ""]
    said += [line for line in package.metadata.get_all("Classifier") or [] if line.startswith("License")]
    said += [(package.metadata.get("License") or "")[:200]]
    return next((name for pattern, name in COMPATIBLE.items() if re.search(pattern, "\n".join(said))), "")


def main(page: str, requirements: str) -> int:
    section = page.partition("## Licences")[2].partition("\n## ")[0]
    listed = {normal(name): words.strip() for name, words in re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|", section, re.M)}
    asked_for = {"ansible-core"} | {normal(name) for name in re.findall(r"^([\w.-]+)", requirements, re.MULTILINE)}
    found = {normal(package.name): licence(package) for package in distributions()}
    found = {name: words for name, words in sorted(found.items()) if name not in TOOLS}
    problems = [f"{name}: its licence is not known to go with the GPL 3." for name, words in found.items() if not words]
    problems += [
        f"{name} ({found.get(name, 'not installed')}) is not listed so under Licences in docs/dependencies.md."
        for name in sorted(asked_for | set(listed) - {"package"})
        if listed.get(name) != found.get(name)
    ]
    print("\n".join(problems) or f"{len(found)} packages, all with licences that go with the GPL 3.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
