# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thin edge between Ansible's action plugins and the engine."""

from __future__ import annotations

import contextlib
import typing as t
from importlib.util import find_spec
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader

from .collector import paused
from .paths import base_folder
from .plain import plain

with paused():
    from .. import registry
    from ..carriers.netmiko import warm
    from ..engine.channel import ChannelError, LoginRefused
    from ..engine.feature import Feature
    from ..engine.schema import InvalidInput
    from ..engine.secret import SecretBook
    from ..engine.session import DeviceError, PushReport, Session
    from ..engine.states import OFFLINE
    from ..engine.task import Runner
    from ..engine.xmltree import etree
    from ..platforms.base import Platform
    from .connection import SessionConnection

Result = dict[str, t.Any]
MISSING = tuple(name for name in ("hier_config", "netmiko", "textfsm") if find_spec(name) is None)
"""Python packages that the collection needs and this Python does not have."""

_P = t.ParamSpec("_P")
_R = t.TypeVar("_R")


class PeerguardAction(ActionBase):
    """What all our actions share: they run here in the worker, need no remote module and no temporary folder."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        self._task_vars = task_vars or {}
        result: Result = super().run(tmp, task_vars)
        if MISSING:
            words = f"The controller's Python lacks {', '.join(MISSING)}; install them with pip (see requirements.txt)."
            return result | {"failed": True, "msg": words}
        try:
            result.update(self.work(plain(self._task.args)))
        except ChannelError as problem:
            result.update(unreachable=True, msg=f"{problem}.")
        if self.recognised():
            result["warnings"] = [*result.get("warnings", []), _name_them(self.recognised())]
        return result

    def work(self, args: dict[str, t.Any]) -> Result:
        """The action's own work on plain arguments."""
        raise NotImplementedError

    def recognised(self) -> dict[str, str]:
        """Hosts without ansible_network_os, and what it should say."""
        found = self._connection.recognised if isinstance(self._connection, SessionConnection) else None
        return {self.host: found} if found else {}

    @property
    def host(self) -> str:
        return str(self._task_vars.get("inventory_hostname", ""))

    @property
    def base_folder(self) -> Path:
        """Where relative paths in the task's arguments begin."""
        return base_folder(self._loader)

    def connection(self) -> SessionConnection:
        """The task's connection, if it is one of ours. Raises LoginRefused."""
        if isinstance(self._connection, SessionConnection):
            return self._connection
        raise LoginRefused(
            f"{self._task.action} talks to devices over the connections of this collection, not over "
            f"{self._connection.transport}; set ansible_connection to netops.peerguard.netmiko, netconf or mock"
        )

    def platform(self) -> Platform:
        """The platform of the task's host. Raises LoginRefused."""
        return _refusing(self.connection().platform)

    def insist_on(self, name: str, what: str) -> None:
        """Raises LoginRefused unless the host is of this platform; `what` is for no other."""
        platform = self.platform()
        if platform.name != name:
            raise LoginRefused(
                f"{what} is for {registry.platform(name).title}, this host is {platform.title}; "
                "check ansible_network_os and the hosts of the play"
            )

    def open_session(self, book: SecretBook) -> Session:
        """A session over the task's connection. Raises ChannelError."""
        return _refusing(self.connection().open_session, book)


def _name_them(recognised: t.Mapping[str, str]) -> str:
    hosts = ", ".join(f"{host} runs {name}" for host, name in sorted(recognised.items()))
    return (
        f"ansible_network_os is not set and was found out: {hosts}. Setting it saves two or three round trips per task."
    )


class Operation(t.Protocol):
    """Something that is done once, and is no state: `judge` and `run` of a module in a feature's folder."""

    def judge(self, args: t.Mapping[str, t.Any], /) -> t.Any:
        """Raw task arguments as a request. Raises InvalidInput."""

    def run(self, session: t.Any, request: t.Any, report: PushReport, /, *, check: bool) -> Result:
        """The task's result. `report.sent` are, also when this raises, the commands that (may) have had an effect."""


class OperationAction(PeerguardAction):
    """A module that does something on every run: the subclass names the operation and its platform."""

    name: t.ClassVar[str]
    platform_name: t.ClassVar[str]
    operation: t.ClassVar[Operation]

    def work(self, args: dict[str, t.Any]) -> Result:
        try:
            request = self.operation.judge(args)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        self.insist_on(self.platform_name, self.name)
        book, report = SecretBook(), PushReport()
        session = self.open_session(book)
        try:
            return self.operation.run(session, request, report, check=self._task.check_mode)
        except (ChannelError, DeviceError, ValueError) as problem:
            failure = "unreachable" if isinstance(problem, ChannelError) else "failed"
            words = book.scrub(f"{self.host}: {problem}")
            return {failure: True, "changed": bool(report.sent), "msg": words, "commands": report.sent}
        finally:
            session.close()


def _refusing(call: t.Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Ansible's own connection errors as the engine's."""
    try:
        return call(*args, **kwargs)
    except AnsibleConnectionFailure as problem:
        raise LoginRefused(str(problem).rstrip(".")) from None


class FeatureAction(PeerguardAction):
    """A resource module: the engine does everything, the subclass names its feature."""

    feature_name: t.ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Ansible imports an action in the parent of all workers: what is loaded now is loaded once."""
        super().__init_subclass__()
        with paused():
            feature = registry.feature(cls.feature_name)
            platform = registry.platform(feature.platform)
            if platform.netconf:
                warm_up_xml()
            warm_up(platform, feature)

    def work(self, args: dict[str, t.Any]) -> Result:
        feature = registry.feature(self.feature_name)
        platform = registry.platform(feature.platform)
        if args.get("state") not in OFFLINE:
            self.insist_on(feature.platform, feature.name)
        runner = Runner(
            feature,
            platform.plan,
            self.open_session,
            host=self.host,
            check_mode=self._task.check_mode,
            base_folder=self.base_folder,
            native_secrets=platform.secrets,
        )
        return runner.run(args)


def warm_up(platform: Platform, *features: Feature) -> None:
    """Do now, in the parent of Ansible's workers, what every worker would do again."""
    if MISSING:
        return
    with paused():
        # Loading a connection plugin means parsing its documentation.
        connection_loader.get(f"{registry.COLLECTION}.netmiko", class_only=True)
        warm(platform.drivers.values())
        platform.session.warm_up()
        platform.plan("", "warm\n up\n")
        for feature in features:
            feature.warm_up()


def warm_up_xml() -> None:
    """For actions with a worker for each host: one over NETCONF needs lxml, which takes longer than the rest here.

    An action that runs once for all hosts imports it when it meets XML, and most never do.
    """
    with contextlib.suppress(ValueError):  # not installed: whoever needs it is told so
        etree()


def warm_up_all() -> None:
    """For actions that may meet any platform."""
    with paused():
        for name in registry.platforms():
            warm_up(registry.platform(name), *map(registry.feature, registry.features_of(name)))
