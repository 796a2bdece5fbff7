# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running ("dynamic") configuration: sections of lines, policies among them as objects.

Lines the emulator does not know stay as they are. A policy is printed as the generator of the real system does it:
abbreviated, without defaults, split into ``create`` and ``set`` lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from .words import Word, WordError, one_of, split, words_of

_SPLIT_AT = 62  # characters of a printed line before it is continued with a set line
_TITLE = re.compile(r"^# (\S.*) configuration$")
_ORDER = ("SYSTEM", "USER", "IP", "ENCO", "IPSEC", "ISAKMP")


@dataclass(frozen=True)
class Ref:
    """The place of a policy among the lines of a section."""

    module: str
    name: str


@dataclass
class Section:
    """What stands below one heading; ``title`` "" = lines before the first heading."""

    title: str
    lines: list[str | Ref] = field(default_factory=list)


class AwConfig:
    """A configuration; edit a copy() and hand it to the device."""

    def __init__(self, before_281: bool = False) -> None:
        self.before_281 = before_281
        self.sections: list[Section] = []
        self.policies: dict[str, dict[str, dict[str, str]]] = {"isakmp": {}, "ipsec": {}}
        self.keys: dict[int, str] = {}  # ENCO general keys: kept, never printed

    def copy(self) -> AwConfig:
        return deepcopy(self)

    def words(self, module: str) -> dict[str, Word]:
        return words_of(module, self.before_281)

    # -- reading --------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, text: str, before_281: bool = False) -> AwConfig:
        """A configuration from text in any of its forms."""
        config = cls(before_281)
        current = Section("")
        config.sections.append(current)
        for line in (line.rstrip() for line in text.splitlines()):
            title = _TITLE.match(line)
            if title:
                current = config.section(title.group(1))
            elif line.strip() and line.strip() != "#":
                config._take(current, line)
        config._tidy()
        return config

    def _take(self, section: Section, line: str) -> None:
        found = None if line.startswith("#") else policy_command(line)
        if found is None:
            key = re.match(r'create enco key=(\d+) type=gen\w* val\w*="?([^"\s]+)"?', line, re.I)
            if key:
                self.keys[int(key.group(1))] = key.group(2)
            else:
                section.lines.append(line)
            return
        verb, module, name = found
        values = split(line)[3:]
        if verb == "destroy":
            self.remove(module, name)
            return
        if name not in self.policies[module]:
            self.policies[module][name] = {}
            section.lines.append(Ref(module, name))
        for typed, value in values:
            try:
                self.set(module, name, typed, value)
            except WordError:
                continue  # a word the emulator does not know must not keep a lab from starting

    # -- objects --------------------------------------------------------------------------------------------------

    def section(self, title: str) -> Section:
        """The section with this heading, made where it belongs if there is none."""
        for section in self.sections:
            if section.title == title:
                return section
        made = Section(title)
        rank = _ORDER.index(title) if title in _ORDER else len(_ORDER)
        at = len(self.sections)
        for index, section in enumerate(self.sections):
            if section.title in _ORDER and _ORDER.index(section.title) > rank:
                at = index
                break
        self.sections.insert(at, made)
        return made

    def create(self, module: str, name: str) -> None:
        """A policy without parameters, printed after the others of its section and before its ``enable`` lines."""
        self.policies[module][name] = {}
        lines = self.section(module.upper()).lines
        at = len(lines)
        while at and isinstance(lines[at - 1], str) and str(lines[at - 1]).startswith("enable"):
            at -= 1
        lines.insert(at, Ref(module, name))

    def remove(self, module: str, name: str) -> None:
        self.policies[module].pop(name, None)
        for section in self.sections:
            section.lines = [line for line in section.lines if line != Ref(module, name)]
        self._tidy()

    def _tidy(self) -> None:
        self.sections = [section for section in self.sections if section.lines]

    def set(self, module: str, name: str, typed: str, value: str | None) -> None:
        """Set one parameter. WordError when the word is unknown, ambiguous, or its value out of range."""
        words = self.words(module)
        keyword = one_of(typed.lower(), words)
        if keyword is None:
            some = sum(word.startswith(typed.lower()) for word in words)
            what = "is ambiguous" if some > 1 else "not recognised"
            raise WordError(f'Parameter "{typed}" {what}.')
        if value is None or value == "":
            raise WordError(f'Parameter "{keyword.upper()}", value missing.')
        try:
            stored = words[keyword].takes(value)
        except ValueError:
            raise WordError(f'Parameter "{keyword.upper()}", value "{value}" is out of range or not valid.') from None
        values = self.policies[module][name]
        values.pop(keyword, None)
        if stored != words[keyword].default:
            values[keyword] = stored

    def value(self, module: str, name: str, keyword: str) -> str:
        """What is in force: the value set, else the default, else ""."""
        word = self.words(module).get(keyword)
        default = word.default if word is not None else None
        return self.policies[module][name].get(keyword, default or "")

    # -- other lines ----------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        """All lines that are not policies."""
        for section in self.sections:
            for line in section.lines:
                if isinstance(line, str):
                    yield line

    def enabled(self, module: str) -> bool:
        return f"enable {module}" in self.lines()

    def enable(self, module: str, on: bool) -> None:
        lines = self.section(module.upper()).lines
        if on and f"enable {module}" not in lines:
            lines.append(f"enable {module}")
        if not on and f"enable {module}" in lines:
            lines.remove(f"enable {module}")
        self._tidy()

    @property
    def system_name(self) -> str:
        for line in self.lines():
            found = re.match(r'set sys\w* name="?([^"]*)"?$', line, re.I)
            if found:
                return found.group(1)
        return ""

    def rename(self, name: str) -> None:
        section = self.section("SYSTEM")
        kept = [line for line in section.lines if not re.match(r"set sys\w* name=", str(line), re.I)]
        section.lines = [f'set system name="{name}"', *kept] if name else kept
        self._tidy()

    def address(self, interface: str) -> str:
        """The IP address of an interface, "" when it has none."""
        for line in self.lines():
            found = re.match(r"add ip int\w*=(\S+) ip\w*=(\S+)", line, re.I)
            if found and found.group(1).lower() in (interface.lower(), f"{interface.lower()}-0"):
                return found.group(2)
        return ""

    # -- printing -------------------------------------------------------------------------------------------------

    def text(self, only: str | None = None) -> str:
        """What ``show config dynamic`` prints."""
        blocks = []
        for section in self.sections:
            if only is not None and not section.title.lower().startswith(only.lower()):
                continue
            head = f"#\n# {section.title} configuration\n#\n" if section.title else ""
            blocks.append(head + "".join(f"{line}\n" for line in self._printed(section)))
        return "\n".join(blocks)

    def _printed(self, section: Section) -> Iterator[str]:
        for line in section.lines:
            if isinstance(line, Ref):
                yield from self._policy(line.module, line.name)
            else:
                yield line

    def _policy(self, module: str, name: str) -> Iterator[str]:
        words = self.words(module)
        line = f'create {module} pol="{name}"'
        for keyword in words:
            if keyword not in self.policies[module][name]:
                continue
            value = self.policies[module][name][keyword]
            quoted = words[keyword].quoted or re.search(r"\s", value)
            said = f'{words[keyword].short}="{value}"' if quoted else f"{words[keyword].short}={value}"
            if len(line) + 1 + len(said) > _SPLIT_AT and "=" in line.partition("pol=")[2]:
                yield line
                line = f'set {module} pol="{name}"'
            line += f" {said}"
        yield line


def policy_command(line: str) -> tuple[str, str, str] | None:
    """Verb, module and name of a command about a policy; None for any other."""
    head = line.split(None, 2)
    if len(head) < 3:
        return None
    verb = one_of(head[0].lower(), ("create", "set", "destroy")) if len(head[0]) > 1 else None
    module = one_of(head[1].lower(), ("isakmp", "ipsec")) if len(head[1]) > 2 else None
    if verb is None or module is None:
        return None
    try:
        noun, name = split(line)[2]
    except WordError:
        return None
    return (verb, module, name) if name and len(noun) > 1 and "policy".startswith(noun.lower()) else None
