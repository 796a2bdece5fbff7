# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to other hosts than the task's own, resolved as they would be for a task on that host."""

from __future__ import annotations

import threading
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.loader import connection_loader
from ansible.template import Templar

from ..engine.channel import LoginRefused
from ..engine.secret import SecretBook
from ..engine.session import Session
from .connection import SessionConnection

if t.TYPE_CHECKING:
    from ansible.parsing.dataloader import DataLoader
    from ansible.playbook.play_context import PlayContext
    from ansible.playbook.task import Task


class Hosts:
    """The inventory as one task sees it.

    `hostvars` would lack what the play brings (vars, vars_files, roles): the variable manager is asked for each host as
    it is for a task on that host.
    """

    def __init__(self, task: Task, task_vars: dict[str, t.Any], loader: DataLoader, play_context: PlayContext) -> None:
        self._task, self._loader, self._play_context = task, loader, play_context
        hostvars = task_vars["hostvars"]
        self._variables, self._inventory = hostvars._variable_manager, hostvars._inventory
        self._reached: dict[str, SessionConnection] = {}
        self._lock = threading.Lock()  # Ansible's plugin loaders and templar are not made for threads

    def known(self, host: str) -> bool:
        """Whether the inventory has the host."""
        return self._inventory.get_host(host) is not None

    def reach(self, host: str) -> t.Callable[[SecretBook], Session]:
        """What opens a session with the host; call it as often as needed."""
        connection: list[SessionConnection] = []

        def open_session(book: SecretBook) -> Session:
            with self._lock:
                if not connection:
                    connection.append(self._connection(host))
                    self._reached[host] = connection[0]
            try:
                return connection[0].open_session(book)
            except AnsibleConnectionFailure as problem:
                raise LoginRefused(f"{host}: {str(problem).rstrip('.')}") from None

        return open_session

    def recognised(self) -> dict[str, str]:
        """Hosts without ansible_network_os, and what it should say."""
        return {host: connection.recognised for host, connection in self._reached.items() if connection.recognised}

    def variables(self, host: str) -> dict[str, t.Any]:
        """All variables of a host, as for this task."""
        found = self._inventory.get_host(host)
        if found is None:
            raise LoginRefused(f"{host} is not in the inventory")
        merged: dict[str, t.Any] = self._variables.get_vars(play=self._play(), host=found, task=self._task)
        return merged

    def _play(self) -> t.Any:
        """The play that the task stands in, however deep in blocks, roles and includes."""
        place: t.Any = self._task
        while place is not None and getattr(place, "_play", None) is None:
            place = place._parent
        return place._play if place is not None else None

    def _connection(self, host: str) -> SessionConnection:
        try:
            variables = self.variables(host)
            templar = Templar(loader=self._loader, variables=variables)
            name = templar.template(variables.get("ansible_connection", self._task.connection))
            found = connection_loader.get(name, self._play_context)
            if not isinstance(found, SessionConnection):
                raise LoginRefused(
                    f"{host}: ansible_connection is {name}; use netops.peerguard.netmiko, netconf or mock"
                )
            keys = {**self._task.dump_attrs(), "timeout": self._play_context.timeout}
            keys.pop("retries", None)
            if self._play_context.password:
                keys["password"] = self._play_context.password
            found.set_options(task_keys=keys, var_options=found._resolve_option_variables(variables, templar))
        except AnsibleError as problem:
            raise LoginRefused(f"{host}: {str(problem).rstrip('.')}") from None
        return found
