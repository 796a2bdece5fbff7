# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""edit-config on a data tree (RFC 6241 section 7.2), and what a data tree must satisfy afterwards (RFC 6020)."""

from __future__ import annotations

from .errors import RpcError, RpcErrors
from .schema import Container, Leaf, Model, Spec, specs
from .xml import BASE, Node

OPERATION = (BASE, "operation")
OPERATIONS = ("merge", "replace", "create", "delete", "remove")
DEFAULT_OPERATIONS = ("merge", "replace", "none")


class Edit:
    """One edit-config at work on `data`, which it changes; after an exception `data` is not to be used any more."""

    def __init__(self, model: Model, data: Node) -> None:
        self._model = model
        self._data = data
        self._errors: list[RpcError] = []
        self._touched: set[Node] = set()

    def apply(self, config: Node, default: str = "merge") -> None:
        """Do what `config` (the element `<config>`) says. RpcErrors with everything that is wrong in it."""
        if default == "replace":
            for spec, found in specs(self._model.top, self._data):
                for child in found if isinstance(spec, Container) and not spec.read_only else []:
                    self._drop(self._data, child)
        for child in config.children:
            self._child(self._data, self._model.top, child, "none" if default == "none" else "merge")
        self._stop()

    def validate(self) -> None:
        """What no longer applies goes; what was sent and does not apply, or is missing, is an error. RpcErrors."""
        while self._prune(self._data, self._model.top):
            pass
        self._check(self._data, self._model.top, everything=False)
        self._stop()

    def _stop(self) -> None:
        if self._errors:
            raise RpcErrors(self._errors)

    def _error(self, tag: str, message: str, at: Node, name: str = "", app_tag: str = "") -> None:
        path = self._place(at, name) if name else self._model.path(at)
        self._errors.append(RpcError(tag, message, path, app_tag=app_tag))

    # -- one element -------------------------------------------------------------------------------------------------

    def _child(self, parent: Node, container: Container, sent: Node, inherited: str) -> None:
        spec = container.child(sent.ns, sent.name, parent.ns)
        prefix = self._model.prefix(sent.ns)
        label = f"{prefix}:{sent.name}" if prefix else sent.name
        if spec is None:
            tag = "unknown-element" if self._model.knows(sent.ns) else "unknown-namespace"
            self._errors.append(
                RpcError(
                    tag, f"{sent.name} is not known here", self._place(parent, label), info={"bad-element": sent.name}
                )
            )
            return
        operation = sent.attributes.get(OPERATION, inherited)
        if operation not in (*OPERATIONS, "none"):
            info = {"bad-attribute": "operation", "bad-element": sent.name}
            message = f"the operation is one of {', '.join(OPERATIONS)}"
            self._errors.append(RpcError("bad-attribute", message, self._place(parent, label), info=info))
            return
        if isinstance(spec, Container):
            self._container(parent, spec, sent, operation, label)
        else:
            self._leaf(parent, spec, sent, operation, label)

    def _place(self, parent: Node, label: str) -> str:
        path = self._model.path(parent)
        return f"{'' if path == '/' else path}/{label}"

    def _leaf(self, parent: Node, spec: Leaf, sent: Node, operation: str, label: str) -> None:
        found = next((child for child in parent.children if (child.ns, child.name) == (sent.ns, sent.name)), None)
        if self._gone(parent, found, operation, label):
            return
        value = sent.text if spec.blanks else sent.text.strip()
        wrong = "the element has a value, no children" if sent.children else spec.check(value)
        if wrong:
            self._error("invalid-value", f"{sent.name}: {wrong}", parent, label)
            return
        if found is not None and operation == "create":
            self._error("data-exists", f"{sent.name} is there already", parent, label)
            return
        if found is None:
            if operation == "none":
                if value != spec.default:  # a default is there without being written
                    self._error("data-missing", f"{sent.name} does not exist", parent, label)
                return
            found = self._insert(parent, spec, Node(sent.ns, sent.name))
        if operation != "none":
            found.text = value
            self._touch(found)

    def _container(self, parent: Node, spec: Container, sent: Node, operation: str, label: str) -> None:
        keys = {}
        for key in spec.keys:
            value = sent.value(key)
            if value is None:
                self._error("missing-element", f"{sent.name} needs its key {key}", parent, label)
                return
            keys[key] = value
        same = [child for child in parent.children if (child.ns, child.name) == (sent.ns, sent.name)]
        found = next((child for child in same if all(child.value(key) == keys[key] for key in keys)), None)
        if spec.read_only:  # what is there may be repeated, as in a copy of a whole configuration
            if found is None or operation not in ("merge", "none"):
                self._error("operation-not-supported", f"{sent.name} cannot be changed here", parent, label)
                return
            operation = "none"
        if self._gone(parent, found, operation, label):
            return
        if found is not None and operation == "create" and (spec.keys or spec.presence):
            self._error("data-exists", f"{sent.name} is there already", parent, label)
            return
        if found is not None and operation == "replace":
            self._drop(parent, found)
            found = None
        if found is None:
            if operation == "none":
                self._error("data-missing", f"{sent.name} does not exist", parent, label)
                return
            found = self._insert(parent, spec, Node(sent.ns, sent.name))
        if operation != "none":
            self._touch(found)
        below = "merge" if operation in ("create", "replace") else operation
        for child in sent.children:
            self._child(found, spec, child, below)

    def _gone(self, parent: Node, found: Node | None, operation: str, label: str) -> bool:
        """Whether the operation removes, and what was there is removed (or the error noted)."""
        if operation not in ("delete", "remove"):
            return False
        if found is not None:
            self._drop(parent, found)
        elif operation == "delete":
            self._error("data-missing", f"{label.rpartition(':')[2]} does not exist", parent, label)
        return True

    def _insert(self, parent: Node, spec: Spec, node: Node) -> Node:
        if spec.choice is not None:
            container = self._model.top if parent is self._data else self._model.spec_of(parent)
            for other in container.children if isinstance(container, Container) else ():
                if other.choice is not None and other.choice[0] == spec.choice[0] and other.choice != spec.choice:
                    for child in [child for child in parent.children if child.name == other.name]:
                        self._drop(parent, child)
        self._touch(node)
        return parent.add(node)

    def _drop(self, parent: Node, child: Node) -> None:
        parent.remove(child)
        self._touch(parent)

    def _touch(self, node: Node) -> None:
        at: Node | None = node
        while at is not None:
            self._touched.add(at)
            at = at.parent

    # -- the whole tree ----------------------------------------------------------------------------------------------

    def _prune(self, node: Node, container: Container) -> bool:
        """Remove what was there before and does not apply any more; True when something went."""
        changed = False
        for spec, found in specs(container, node):
            for child in found:
                if spec.when is not None and child not in self._touched and not spec.when(child):
                    node.remove(child)
                    self._touched.add(node)
                    changed = True
                elif isinstance(spec, Container):
                    changed = self._prune(child, spec) or changed
        return changed

    def _check(self, node: Node, container: Container, everything: bool) -> None:
        for spec, found in specs(container, node):
            for child in found:
                if not everything and child not in self._touched:
                    continue
                if spec.when is not None and not spec.when(child):
                    self._error("unknown-element", f"{child.name} does not apply here", child)
                    continue
                for condition, message in spec.must:
                    if not condition(child):
                        self._error("operation-failed", message, child, app_tag="must-violation")
                if isinstance(spec, Container):
                    self._check(child, spec, everything)
            if isinstance(spec, Leaf) and spec.mandatory and not found and _applies(node, spec):
                self._error("data-missing", f"{spec.name} is needed", node, spec.name)

    def validate_all(self) -> None:
        """Judge the whole tree, whoever wrote it."""
        self._check(self._data, self._model.top, everything=True)
        self._stop()


def _applies(parent: Node, spec: Spec) -> bool:
    """Whether a node that is not there would apply."""
    if spec.when is None:
        return True
    probe = Node(parent.ns, spec.name)
    probe.parent = parent
    return spec.when(probe)


def tidy(node: Node, container: Container) -> None:
    """Remove containers that say nothing."""
    for spec, found in specs(container, node):
        if isinstance(spec, Container):
            for child in found:
                tidy(child, spec)
                if not child.children and not spec.presence and not spec.keys:
                    node.remove(child)


def fill_defaults(node: Node, container: Container) -> None:
    """Add the default of every leaf that would apply and is not set (RFC 6243, report-all)."""
    for spec, found in specs(container, node):
        if isinstance(spec, Leaf):
            if not found and spec.default is not None and _applies(node, spec):
                node.add(Node(spec.ns or node.ns, spec.name, spec.default))
            continue
        for child in found:
            fill_defaults(child, spec)
        if not (found or spec.presence or spec.keys or spec.read_only) and _applies(node, spec):
            made = node.add(Node(spec.ns or node.ns, spec.name))
            fill_defaults(made, spec)
            if not made.children:
                node.remove(made)


def trim_defaults(node: Node, container: Container) -> None:
    """Remove every leaf that says its default (RFC 6243, trim)."""
    for spec, found in specs(container, node):
        for child in found:
            if isinstance(spec, Container):
                trim_defaults(child, spec)
            elif spec.default is not None and child.text == spec.default:
                node.remove(child)
