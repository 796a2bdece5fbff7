# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks over NETCONF in this process: the engine, the carrier and ncclient are the real ones, and so is the server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from netconfd_server import PASSWORD, SUPERUSER, Netconfd

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers import ncclient
from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.netmiko import Login
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.task import Runner
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.netconf import NetconfSession

OpenCli = Callable[[SecretBook], Session]


def login(server: Netconfd, user: str = SUPERUSER, **more: Any) -> Login:
    """How to reach a server of these tests, with its host key verified."""
    given = {"password": PASSWORD, "known_hosts_file": str(server.known_hosts), **more}
    return Login("127.0.0.1", server.port, user, **given)


def session(
    server: Netconfd,
    platform_name: str,
    *,
    user: str = SUPERUSER,
    book: SecretBook | None = None,
    cli: OpenCli | None = None,
    **more: Any,
) -> NetconfSession:
    """An open session with the server, as the platform's connection makes it."""
    platform, book = registry.platform(platform_name), book or SecretBook()
    assert platform.netconf is not None
    channel = ncclient.connect(login(server, user, **more), platform.netconf.handler, book, platform.secrets)
    return NetconfSession(channel, book, platform.netconf, cli)


def task(
    server: Netconfd,
    feature_name: str,
    *,
    check: bool = False,
    user: str = SUPERUSER,
    cli: OpenCli | None = None,
    login: dict[str, Any] | None = None,
    folder: Path = Path(),
    **args: Any,
) -> dict[str, Any]:
    """Run one resource module's task and give its result."""
    feature = registry.feature(feature_name)
    platform = registry.platform(feature.platform)
    runner = Runner(
        feature,
        platform.plan,
        lambda book: session(server, platform.name, user=user, book=book, cli=cli, **(login or {})),
        host="r1",
        check_mode=check,
        base_folder=folder,
        native_secrets=platform.secrets,
    )
    return runner.run(args)
