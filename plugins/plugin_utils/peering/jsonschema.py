# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The intent as a JSON schema (draft 7), for editors: completion, and problems while typing.

`python -m ansible_collections.netops.peerguard.plugins.plugin_utils.peering.jsonschema > docs/intent.schema.json`
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..engine.schema import Items, Leaf, Node, Values
from . import registry
from .intent import schema

_TYPES = {"int": "integer", "bool": "boolean", "str": "string", "secret": "string"}
_TEMPLATE = {"$ref": "#/definitions/template"}


def json_schema() -> dict[str, Any]:
    """The whole intent: a list of peerings, or a variables file with that list under `peerings`."""
    kinds = registry.kinds()
    peering = {"oneOf": [{"$ref": f"#/definitions/{kind}"} for kind in kinds]}
    intent = {"type": "array", "minItems": 1, "items": peering}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Peerings of netops.peerguard",
        "anyOf": [intent, {"type": "object", "required": ["peerings"], "properties": {"peerings": intent}}],
        "definitions": {
            "template": {
                "description": "A Jinja expression, for example a vaulted variable.",
                "type": "string",
                "pattern": r"\{\{.*\}\}",
            },
            **{kind: _peering(kind) for kind in kinds},
        },
    }


def _peering(kind: str) -> dict[str, Any]:
    found = _node(schema(kind))
    found["title"] = registry.kind(kind).title
    found["properties"]["kind"] = {"const": kind, "description": registry.kind(kind).title}
    least, most = registry.kind(kind).ends
    found["properties"]["ends"] |= {"minItems": least} | ({"maxItems": most} if most else {})
    return found


def _node(node: Node) -> dict[str, Any]:
    if isinstance(node, Leaf):
        return _leaf(node)
    if isinstance(node, Values):
        return {"type": "array", "minItems": 1, "items": _leaf(node.leaf)}
    if isinstance(node, Items):
        return {"type": "array", "minItems": 1, "items": _fields(node.fields, node.key)}
    return _fields(node.fields)


def _fields(fields: Mapping[str, Node], key: str = "") -> dict[str, Any]:
    public = {name: node for name, node in fields.items() if not node.internal}
    # An external end may go without its key: it gets a name.
    required = [name for name, node in public.items() if node.required or (name == key and name != "host")]
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _node(node) for name, node in public.items()},
    }
    return {**found, "required": required} if required else found


def _leaf(leaf: Leaf) -> dict[str, Any]:
    """Every value may be a template as well."""
    found: dict[str, Any] = {}
    if leaf.choices:
        found = {"enum": list(leaf.choices)}
    elif leaf.kind == "raw":
        found = {"type": ["integer", "string"]}
    else:
        found = {"type": _TYPES[leaf.kind]}
    if leaf.range:
        found |= {"minimum": leaf.range[0], "maximum": leaf.range[1]}
    if found.get("type") != "string" and leaf.kind != "raw":
        found = {"anyOf": [found, _TEMPLATE]}
    if leaf.description:
        found["description"] = leaf.description
    if leaf.default is not None:
        found["default"] = leaf.default
    return found


def text() -> str:
    """As it is kept in docs/intent.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")
