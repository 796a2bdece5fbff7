# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same scenario against netconfd and against the lab's devices: what somebody else's server says keeps ours honest.

ncclient speaks to netconfd, and a client of the tests' own to the lab in process: a step is the list of error tags it
ends with, and what running holds after it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from netconf_labs import (
    HANDSHAKE,
    IDS,
    MD5,
    PEER_MD5,
    START,
    Peer,
    binding,
    chain,
    cisco_lab,
    huawei_lab,
    in_config,
    interface,
    key,
    life,
    neighbor,
    rsvp,
    world,
)
from netconfd_server import CISCO, CISCO_STARTUP, HUAWEI, Netconfd, huawei_startup, netconfd

__all__ = ["netconfd"]


class Server:
    """What a scenario needs of a server. Operations give the error tags."""

    def edit(self, payload: str, **options: str) -> list[str]:
        raise NotImplementedError

    def do(self, operation: str) -> list[str]:
        """commit, discard, lock or unlock."""
        raise NotImplementedError

    def running(self) -> str:
        raise NotImplementedError


class ThirdParty(Server):
    """netconfd, over SSH with ncclient."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def _tags(self, work: Callable[[], object]) -> list[str]:
        from ncclient.operations.rpc import RPCError

        try:
            work()
        except RPCError as error:
            return [each.tag for each in getattr(error, "errors", None) or [error]]
        return []

    def edit(self, payload: str, **options: str) -> list[str]:
        return self._tags(lambda: self._session.edit_config(target="candidate", config=in_config(payload), **options))

    def do(self, operation: str) -> list[str]:
        name, _blank, argument = operation.partition(" ")
        work = getattr(self._session, name.replace("-", "_"))
        return self._tags(lambda: work(argument) if argument else work())

    def running(self) -> str:
        return str(self._session.get_config("running").data_xml)


class Ours(Server):
    """A device of the lab, in process."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def edit(self, payload: str, **options: str) -> list[str]:
        more = "".join(
            f"<{name.replace('_', '-')}>{value}</{name.replace('_', '-')}>" for name, value in options.items()
        )
        return self._peer.tags(self._peer.edit(payload, more=more))

    def do(self, operation: str) -> list[str]:
        name, _blank, argument = operation.partition(" ")
        inside = f"<target><{argument}/></target>" if argument else ""
        return self._peer.tags(f"<{name}>{inside}</{name}>")

    def running(self) -> str:
        return self._peer.get()


OPTIONS = "{netconf_candidate: true}"


@pytest.fixture(params=["netconfd", "lab"])
def servers(request: pytest.FixtureRequest, tmp_path: Path, netconfd: Callable[..., Netconfd]) -> Any:
    """``servers("huawei")`` gives two sessions with one server of a kind."""
    with contextlib.ExitStack() as stack:

        def start(kind: str) -> tuple[Server, Server]:
            if request.param == "lab":
                text = huawei_lab() if kind == "huawei" else cisco_lab(OPTIONS)
                device = next(iter(world(tmp_path, text).devices.values()))
                return Ours(Peer(device)), Ours(Peer(device))
            modules, startup = (HUAWEI, huawei_startup()) if kind == "huawei" else (CISCO, CISCO_STARTUP)
            server = netconfd(modules, startup=startup)
            first, second = (stack.enter_context(server.client()) for _turn in range(2))
            return ThirdParty(first), ThirdParty(second)

        yield start


CISCO_EDITS = {
    "good": (chain(key(more=life(START, "<infinite/>") + IDS)), []),
    "binding": (binding("192.0.2.1", "accept"), []),
    "number too high": (chain(key(more="<send-id>256</send-id>")), ["invalid-value"]),
    "two numbers too high": (chain(key(more="<send-id>256</send-id><recv-id>-1</recv-id>")), ["invalid-value"] * 2),
    "no such algorithm": (chain(key(algorithm="md5")), ["invalid-value"]),
    "unknown element": (chain("<key><id>1</id><colour>red</colour></key>"), ["unknown-element"]),
    "unknown namespace": ('<other xmlns="urn:example:other"/>', ["unknown-namespace"]),
    "key too long": (chain(key(secret="x" * 81)), ["operation-failed"]),
    "lifetime without an end": (chain(key(more=life(START))), ["operation-failed"]),
    "year too late": (chain(key(more=life(START.replace("2026", "2040"), "<infinite/>"))), ["invalid-value"]),
    "peer that is no address": (binding("everybody"), ["invalid-value"]),
    "delete what is not there": (chain(operation="delete", tcp=""), ["data-missing"]),
    "remove what is not there": (chain(operation="remove", tcp=""), []),
    "no key of the list": (chain(name="").replace("<name></name>", ""), ["missing-element"]),
}
HUAWEI_EDITS = {
    "good": (interface(MD5 + HANDSHAKE), []),
    "neighbor": (neighbor(PEER_MD5 + HANDSHAKE), []),
    "keychain": (interface("<enable>true</enable><type>keychain</type><keychain-name>kc1</keychain-name>"), []),
    "window too large": (interface(MD5 + HANDSHAKE.replace("32", "65")), ["invalid-value"]),
    "lifetime of nothing": (interface(MD5 + "<life-time>0</life-time>"), ["invalid-value"]),
    "upper case": (
        interface("<enable>true</enable><type>keychain</type><keychain-name>KC1</keychain-name>"),
        ["invalid-value"],
    ),
    "no key": (interface("<enable>true</enable><type>md5</type>"), ["data-missing"]),
    "no type": (neighbor("<enable>true</enable>"), ["data-missing"]),
    "no such interface": (interface(MD5, "GigabitEthernet0/9/9"), ["operation-failed"]),
    "timers": (rsvp("<global><refresh-interval>60</refresh-interval></global>"), []),
    "timer too short": (rsvp("<global><refresh-interval>9</refresh-interval></global>"), ["invalid-value"]),
}


@pytest.mark.parametrize("name", CISCO_EDITS)
def test_edits_of_ios_xe(servers: Any, name: str) -> None:
    _judge(servers("cisco")[0], *CISCO_EDITS[name])


@pytest.mark.parametrize("name", HUAWEI_EDITS)
def test_edits_of_vrp(servers: Any, name: str) -> None:
    _judge(servers("huawei")[0], *HUAWEI_EDITS[name])


def _judge(server: Server, payload: str, tags: list[str]) -> None:
    before = server.running()
    said = server.edit(payload)
    assert sorted(set(said)) == sorted(set(tags))
    if len(tags) > 1:
        assert len(said) == len(tags)
    assert server.do("commit") == []
    if tags:
        assert _facts(server.running()) == _facts(before)
        return
    if "nc:operation" in payload:  # netconfd makes the entry that it is told to remove where even the list is missing
        return
    for value in re.findall(r">([^<>]+)</(?:name|life-time|window-size|address|refresh-interval)>", payload):
        assert f">{value}<" in server.running()


def _facts(text: str) -> list[tuple[str, str]]:
    return sorted(re.findall(r"<(?:\w+:)?([\w-]+)>([^<>]+)</", text))


def test_a_life_of_a_chain(servers: Any) -> None:
    one, two = servers("cisco")
    assert one.do("lock candidate") == []
    assert one.edit(chain(key(1, more=IDS), key(2))) == []
    assert two.edit(chain(key(3))) == ["in-use"]
    assert two.do("lock candidate") == ["lock-denied"]
    assert "AO-LISP" not in one.running()
    assert one.do("commit") == []
    assert re.findall(r"<id>(\d+)</id>", two.running()) == ["1", "2"]
    assert one.edit(chain(key(4), operation="create")) == ["data-exists"]
    assert one.edit(chain(key(5), operation="replace")) == []
    assert one.do("discard-changes") == []
    assert one.edit(chain("<key nc:operation='delete'><id>2</id></key>")) == []
    assert one.do("commit") == []
    assert re.findall(r"<id>(\d+)</id>", two.running()) == ["1"]
    assert one.do("unlock candidate") == []
    assert two.do("lock candidate") == []
    assert two.edit(chain(key(6), operation="replace")) == []
    assert two.do("commit") == []
    assert re.findall(r"<id>(\d+)</id>", one.running()) == ["6"]
    assert two.edit(chain(operation="remove", tcp="")) == []
    assert two.do("commit") == []
    assert "AO-LISP" not in one.running()


def test_a_life_of_an_authentication(servers: Any) -> None:
    one, two = servers("huawei")
    before = _facts(one.running())
    assert one.edit(interface(MD5 + HANDSHAKE)) == []
    assert one.edit(neighbor(PEER_MD5)) == []
    assert one.do("commit") == []
    assert "<window-size>32</window-size>" in two.running()
    assert two.edit(interface("<handshake-enable>false</handshake-enable>")) == []
    assert two.do("commit") == []
    assert "<window-size>" not in one.running()  # it applies only with a handshake
    assert one.edit(interface("", operation="remove")) == []
    assert one.edit(neighbor(PEER_MD5, operation="delete")) == []
    assert one.edit(neighbor(PEER_MD5, operation="delete")) == ["data-missing"]
    assert one.do("commit") == []
    assert [fact for fact in _facts(two.running()) if fact not in before] == []


def test_a_wrong_part_spoils_the_whole(servers: Any) -> None:
    one, _two = servers("cisco")
    good, bad = chain(key(1)), chain(key(2, more="<send-id>256</send-id>"), name="BAD")
    for option in ("stop-on-error", "continue-on-error", "rollback-on-error"):
        assert one.edit(good + bad, error_option=option) == ["invalid-value"]
        assert one.do("commit") == []
        assert "AO-LISP" not in one.running()
    assert one.edit(good, test_option="test-only") == []
    assert one.do("commit") == []
    assert "AO-LISP" not in one.running()
