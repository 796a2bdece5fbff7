# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration in XML: reading what a device or a template has written, by the names of elements alone.

Namespaces matter on the wire. Here a name is enough: what is read was asked for by namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

Element: TypeAlias = Any
"""An element of lxml, which has no published types."""

NC = "urn:ietf:params:xml:ns:netconf:base:1.0"
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_NO_XML = re.compile(r"[^\t\n -\ud7ff\ue000-\ufffd]")
_WRAPPERS = ("rpc-reply", "data", "config")


def is_xml(text: str) -> bool:
    """Whether a configuration is written in XML."""
    return text.lstrip().startswith("<")


@cache
def etree() -> Any:
    """lxml.etree, from the first time that XML is read or written: most runs only speak CLI. Raises ValueError."""
    try:
        from lxml import etree as found
    except ImportError:
        raise ValueError("the Python package lxml is not installed on the controller; install it with pip") from None
    return found


def parse(text: str) -> Element:
    """Several documents after each other as the children of one element. Raises ValueError if one is cut or broken."""
    parser = etree().XMLParser(remove_blank_text=True, remove_comments=True, resolve_entities=False, huge_tree=True)
    try:
        return etree().fromstring(f"<all>{_DECLARATION.sub('', text)}</all>", parser)
    except etree().XMLSyntaxError as problem:
        raise ValueError(f"the XML is cut or broken: {problem.msg}") from None


def tops(text: str) -> list[Element]:
    """The top elements of configuration, out of whatever a reply wraps around them. Raises ValueError."""
    found: list[Element] = []
    waiting = list(parse(text))
    while waiting:
        element = waiting.pop(0)
        if name(element) in _WRAPPERS and namespace(element) in (NC, ""):
            waiting[:0] = list(element)
        else:
            found.append(element)
    return found


def name(element: Element) -> str:
    """An element's name without its namespace."""
    return str(etree().QName(element).localname)


def namespace(element: Element) -> str:
    """An element's namespace; empty when it has none."""
    return etree().QName(element).namespace or ""


def walk(start: Element, path: str) -> Iterator[Element]:
    """All elements below `start` at a path of names, such as `key/chain`."""
    head, _slash, rest = path.partition("/")
    for child in start:
        if name(child) == head:
            if rest:
                yield from walk(child, rest)
            else:
                yield child


def first(start: Element, path: str) -> Element | None:
    """The first element at a path of names."""
    return next(walk(start, path), None)


def value(start: Element, path: str) -> str | None:
    """The text at a path of names, as written; None when it is not there."""
    found = first(start, path)
    return None if found is None else found.text or ""


def has(start: Element, path: str) -> bool:
    """Whether there is an element at a path of names."""
    return first(start, path) is not None


def truth(start: Element, path: str) -> bool:
    """Whether the boolean at a path of names is there and true."""
    return (value(start, path) or "").strip() == "true"


def within(roots: list[Element], path: str) -> Iterator[Element]:
    """All elements at a path of names whose first is that of a top element."""
    head, _slash, rest = path.partition("/")
    for root in roots:
        if name(root) == head:
            if rest:
                yield from walk(root, rest)
            else:
                yield root


def beside(roots: list[Element]) -> str:
    """What the CLI beside a NETCONF session has said, as the texts that it wrote."""
    return "".join(f"{root.text or ''}\n" for root in roots if name(root) == "cli")


def cli_element(text: str) -> str:
    """The output of a CLI as an element that may stand among configuration."""
    element = etree().Element("cli")
    element.text = _NO_XML.sub("", text)
    return str(etree().tostring(element, encoding="unicode"))
