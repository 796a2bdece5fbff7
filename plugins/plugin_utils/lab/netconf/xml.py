# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as NETCONF uses it: elements with a namespace, text or children, and few attributes.

Python's expat does the parsing; a document type declaration is refused, so no entity ever expands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
XML = "http://www.w3.org/XML/1998/namespace"
MAX_DEPTH = 100

Name = tuple[str, str]  # namespace ("" for none), local name


class XmlError(Exception):
    """The text is not XML that a device takes; the message quotes nothing of it."""


@dataclass(eq=False)
class Node:
    """One element. `attributes` do not include namespace declarations."""

    ns: str
    name: str
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: dict[Name, str] = field(default_factory=dict)
    parent: Node | None = field(default=None, repr=False)

    def add(self, child: Node) -> Node:
        child.parent = self
        self.children.append(child)
        return child

    def new(self, name: str, text: str = "", ns: str | None = None) -> Node:
        """A new child, in this namespace unless another is given."""
        return self.add(Node(self.ns if ns is None else ns, name, text))

    def remove(self, child: Node) -> None:
        self.children = [other for other in self.children if other is not child]

    def find(self, *path: str) -> Node | None:
        """The first element reached by local names."""
        node: Node | None = self
        for name in path:
            node = None if node is None else next((child for child in node.children if child.name == name), None)
        return node

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name]

    def value(self, *path: str) -> str | None:
        """The text of the element reached by local names."""
        found = self.find(*path)
        return None if found is None else found.text.strip()

    def copy(self) -> Node:
        made = Node(self.ns, self.name, self.text, attributes=dict(self.attributes))
        for child in self.children:
            made.add(child.copy())
        return made

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def parse(text: bytes) -> Node:
    """The root element. XmlError when there is none."""
    builder = _Builder()
    try:
        builder.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise XmlError(f"{expat.ErrorString(error.code)} (line {error.lineno}, column {error.offset})") from None
    except (LookupError, UnicodeError, ValueError):
        raise XmlError("the text is not in the encoding that it declares") from None
    if builder.root is None:
        raise XmlError("there is no element")
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        parser = self.parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise XmlError("the elements are nested too deeply")
        ns, name = _split(tag)
        node = Node(ns, name, attributes={_split(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].add(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _doctype(self, *_declaration: object) -> None:
        raise XmlError("a document type declaration is not allowed")


def _split(tag: str) -> Name:
    ns, _mark, name = tag.rpartition("}")
    return ns, name


def to_text(node: Node) -> str:
    """The element as XML; each namespace is declared where it begins."""
    return "".join(_pieces(node, None))


def _pieces(node: Node, ns: str | None) -> Iterator[str]:
    yield f"<{node.name}"
    if node.ns != ns:
        yield f" xmlns={quoteattr(node.ns)}"
    prefixes: dict[str, str] = {}
    for (space, name), value in node.attributes.items():
        if space == XML:  # bound by XML itself
            yield f" xml:{name}={quoteattr(value)}"
        elif space:
            prefix = prefixes.setdefault(space, f"a{len(prefixes)}")
            yield f" {prefix}:{name}={quoteattr(value)}"
        else:
            yield f" {name}={quoteattr(value)}"
    for space, prefix in prefixes.items():
        yield f" xmlns:{prefix}={quoteattr(space)}"
    if not node.children and not node.text:
        yield "/>"
        return
    yield ">"
    if node.children:
        for child in node.children:
            yield from _pieces(child, node.ns)
    else:
        yield escape(_printable(node.text))
    yield f"</{node.name}>"


def _printable(text: str) -> str:
    """Without what XML cannot carry at all."""
    return "".join(char if char in "\t\n\r" or char >= " " else "\ufffd" for char in text)
