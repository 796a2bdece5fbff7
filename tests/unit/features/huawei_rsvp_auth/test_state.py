# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours and counters as YANG shows them, what is concluded, and tasks that look with nothing but NETCONF."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huawei_labs
import pytest
from huawei_labs import PORT, pair, shake
from inprocess import Bench
from netconf_labs import Peer

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.device import NETCONF, DeviceFacts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.huawei_rsvp_auth import observe, state
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.netconf import NetconfSession

SHOWN = (Path(__file__).parent / "show" / "state.xml").read_text("utf-8")
FEATURE = "huawei_rsvp_auth"


def seen(text: str = SHOWN) -> dict[str, Any]:
    found = state.parse(text)
    assert found is not None
    return dict(found)


def without(*patterns: str) -> str:
    """What the server shows, less what the patterns match."""
    text = SHOWN
    for pattern in patterns:
        text, count = re.subn(pattern, "", text, flags=re.DOTALL)
        assert count, pattern
    return text


# -- reading ----------------------------------------------------------------------------------------------------------


def test_the_state_has_the_shape_of_the_show_commands() -> None:
    found = seen()
    assert found["statistics"] == {
        "send_challenge": 1,
        "receive_challenge": 2,
        "send_response": 3,
        "receive_response": 4,
        "send_packets": 2812,
        "receive_packets": 2790,
        "psb": 5,
        "rsb": 4,
    }
    assert found["peers"] == [
        {
            "interface": PORT,
            "address": "10.77.12.2",
            "psb": 2,
            "rsb": 3,
            "authentication": True,
            "window_size": 48,
            "last_seq": "913529044 310",
        },
        {
            "interface": "GigabitEthernet0/3/9",
            "address": "10.77.14.2",
            "psb": 0,
            "rsb": 0,
            "authentication": True,
            "window_size": 1,
            "last_seq": "NULL",
        },
        {
            "interface": "",
            "address": "10.255.7.4",
            "psb": 0,
            "rsb": 0,
            "authentication": False,
            "window_size": None,
            "last_seq": "NULL",
        },
    ]
    assert found["interfaces"][PORT] == {
        "address": None,
        "state": None,
        "neighbours": 1,
        "authentication": True,
        "challenge": True,
        "window_size": 48,
        "next_seq": None,
        "key_id": None,
        "statistics": dict.fromkeys(("send_challenge", "receive_challenge", "send_response", "receive_response"), 1),
    }
    plain, off = found["interfaces"]["GigabitEthernet0/3/9"], found["interfaces"]["Eth-Trunk20"]
    assert (plain["authentication"], plain["challenge"], plain["neighbours"]) == (True, False, 1)
    assert (off["authentication"], off["challenge"]) == (False, None)
    assert "statistics" not in plain
    assert "statistics" not in off  # nobody counts the responses there, so its other counters prove nothing


def test_the_same_fields_as_over_the_cli() -> None:
    folder = Path(__file__).parent / "show"
    ports = observe.parse_interfaces((folder / "interface_vrp8.txt").read_text("utf-8"))
    peers = observe.parse_peers((folder / "peer_vrp8.txt").read_text("utf-8"))
    counters = observe.parse_statistics((folder / "statistics_vrp8.txt").read_text("utf-8"))
    assert seen()["interfaces"][PORT].keys() - {"statistics"} == ports[PORT].keys()
    assert seen()["peers"][0].keys() == peers[0].keys()
    assert seen()["statistics"].keys() == counters.keys()


def test_no_key_is_in_an_observation() -> None:
    assert "%^%#" in SHOWN
    assert "%^%#" not in repr(seen())


@pytest.mark.parametrize(
    "pattern",
    [
        r"<statistics>\s*<lsr-id>.*?</statistics>",  # a model before the counters, or a server that has no values
        r"<receive-response-msg-count>4</receive-response-msg-count>",
        r"<send-challenge-msg-count>1</send-challenge-msg-count>(?=<receive-challenge-msg-count>2)",
        rf"<local-interface-name>{PORT}</local-interface-name>",
    ],
)
def test_what_cannot_be_judged_by_is_no_observation(pattern: str) -> None:
    assert state.parse(without(pattern)) is None


@pytest.mark.parametrize(
    "text",
    [
        "<data/>",
        SHOWN.replace("<enable>true</enable>\n    <peer-infos>", "<enable>false</enable>\n    <peer-infos>"),
        SHOWN.replace("<rsvp>", "<ldp>").replace("</rsvp>", "</ldp>"),
    ],
)
def test_where_rsvp_does_not_run_there_is_nothing_to_see(text: str) -> None:
    assert state.parse(text) == {"interfaces": {}, "peers": [], "statistics": {}}


def test_look_alikes_are_not_taken() -> None:
    """Counters with a longer name, or below another element, are others."""
    other = SHOWN.replace("<receive-response-msg-count>4<", "<x-receive-response-msg-count>4<").replace(
        "4</receive-response-msg-count>", "4</x-receive-response-msg-count>"
    )
    assert state.parse(other) is None
    moved = SHOWN.replace("<peer-infos>", "<hello-infos>").replace("</peer-infos>", "</hello-infos>")
    assert seen(moved)["peers"] == []
    vpn = SHOWN.replace("<name>_public_</name>", "<name>customer-7</name>")
    assert seen(vpn)["interfaces"] == {}
    bent = SHOWN.replace("<psb-count>2<", "<psb-count>two<").replace("<rsb-count>3<", "<rsb-count>-3<")
    assert (seen(bent)["peers"][0]["psb"], seen(bent)["peers"][0]["rsb"]) == (None, None)


def test_what_is_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="cut or broken"):
        state.parse(SHOWN[:900])


@pytest.mark.parametrize(
    ("modules", "modelled"),
    [
        ({"huawei-mpls-te": "2022-10-25"}, True),
        ({"huawei-mpls-te": "2020-01-03"}, True),
        ({"huawei-mpls-te": "2019-10-08"}, False),
        ({"huawei-mpls-te": ""}, True),
        ({}, True),
    ],
)
def test_the_hello_tells_whether_the_model_has_the_state(modules: dict[str, str], modelled: bool) -> None:
    assert state.modelled(DeviceFacts("huawei_vrp", language=NETCONF, modules=modules)) is modelled


# -- conclusions ------------------------------------------------------------------------------------------------------

VIEW = {"authentication": {"mode": "cipher"}, "handshake": True}
WANT: dict[str, Any] = {"interfaces": [{"name": PORT, **VIEW}]}


def words(now: dict[str, Any], before: dict[str, Any] | None = None) -> list[str]:
    return [f"{u.kind}: {u.expected} / {u.seen}" for u in observe.unmet(WANT, now, before)]


def counted(own: tuple[int, int], whole: tuple[int, int]) -> dict[str, Any]:
    """An observation with these challenges sent and responses received: on the interface, and on the device."""
    found = seen()
    names = ("send_challenge", "receive_response")
    found["interfaces"][PORT]["statistics"].update(zip(names, own, strict=True))
    found["statistics"].update(zip(names, whole, strict=True))
    return found


def test_a_proved_neighbour_is_converged() -> None:
    assert words(seen()) == []


def test_the_handshakes_of_other_interfaces_prove_nothing() -> None:
    told = ["unmet: an answer to the challenges sent since the change / 4 sent, none answered"]
    assert words(counted((9, 5), (90, 80)), counted((5, 5), (50, 50))) == told
    assert words(counted((9, 6), (90, 50)), counted((5, 5), (50, 50))) == []


def test_an_interface_that_was_not_there_has_counted_nothing() -> None:
    empty: dict[str, Any] = {"interfaces": {}, "peers": [], "statistics": {}}
    for challenges in (4, 0):
        assert words(counted((challenges, 0), (90, 80)), empty) == [
            f"unmet: a completed challenge and response / send_challenge {challenges}, receive_response 0"
        ]
    assert words(counted((1, 1), (90, 80)), empty) == []


def test_counters_are_compared_with_their_like() -> None:
    """A look that did not know the interface's own counters leaves those of the whole device."""
    before = counted((5, 5), (50, 50))
    del before["interfaces"][PORT]["statistics"]
    assert words(counted((9, 5), (90, 80)), before) == []
    assert words(counted((9, 9), (90, 50)), before) != []


# -- tasks over NETCONF alone -----------------------------------------------------------------------------------------


class LabChannel:
    """A NETCONF session with a device of a lab as the engine's channel; `sent` are the operations."""

    session_id = "1"

    def __init__(self, device: Any, host: str, change: Callable[[str], str]) -> None:
        self.host, self.sent, self._change = host, list[str](), change
        self._peer = Peer(device, "tester")
        self.capabilities = frozenset(html.unescape(self._change(name)) for name in self._peer.capabilities)

    def call(self, operation: str, *, timeout: float | None = None) -> str:
        self.sent.append(operation)
        return self._change(self._peer.ask(operation)).replace('<?xml version="1.0" encoding="UTF-8"?>', "")

    def close(self) -> None:
        self._peer.ask("<close-session/>")


class NetconfBench(Bench):
    """Tasks that reach the devices over NETCONF. `cli`: whether there is a CLI beside. `shown`: bends every answer."""

    cli = False
    rpcs: list[LabChannel]

    @staticmethod
    def shown(answer: str) -> str:
        return answer

    def session(self, device: str, book: SecretBook | None = None) -> Session:
        platform, book = registry.platform("huawei_vrp"), book or SecretBook()
        assert platform.netconf is not None
        channel = LabChannel(self.world.devices[device], device, self.shown)
        self.rpcs = [*getattr(self, "rpcs", []), channel]
        beside = super().session
        return NetconfSession(channel, book, platform.netconf, (lambda own: beside(device, own)) if self.cli else None)

    def looks(self) -> int:
        """How often a `get` asked for the state."""
        return sum(operation.startswith("<get xmlns") for rpc in self.rpcs for operation in rpc.sent)


Make = Callable[..., NetconfBench]
VERIFY = {"timeout": 60, "interval": 5}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    numbers = itertools.count()

    def made(*arguments: Any, **more: Any) -> NetconfBench:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        bench = NetconfBench(folder, pair(*arguments, **more))
        bench.world.advance(120)
        return bench

    return made


PROTECTED = (f"{huawei_labs.AUTH} cipher {huawei_labs.KEY}", f"{huawei_labs.AUTH} handshake")


def test_converged_without_any_cli(make: Make) -> None:
    bench = make(two={"interface": PROTECTED})
    made = bench.task("pe1", FEATURE, config=shake(window_size=32), verify=VERIFY)
    assert (made["changed"], made["convergence"], made["unmet"]) == (True, "converged", [])
    assert made["observed"]["peers"][0]["interface"] == PORT
    assert made["observed"]["interfaces"][PORT]["statistics"]["receive_response"] > 0
    looked = bench.looks()
    again = bench.task("pe1", FEATURE, config=shake(window_size=32), verify=VERIFY)
    assert (again["changed"], again["convergence"]) == (False, "converged")
    assert bench.looks() == looked + 1  # one request is a whole look
    assert bench.sent == []


def test_a_peer_without_handshake_is_unmet_and_taken_back(make: Make) -> None:
    bench = make(two={"interface": PROTECTED[:1]})
    before = bench.running("pe1")
    result = bench.task("pe1", FEATURE, config=shake(), verify=VERIFY)
    assert (result["failed"], result["convergence"], result["reverted"]) == (True, "unmet", True)
    assert any("challenge" in entry["expected"] for entry in result["unmet"])
    assert bench.running("pe1") == before
    assert huawei_labs.KEY not in repr(result)


def test_another_key_is_unmet(make: Make) -> None:
    bench = make(two={"interface": PROTECTED})
    result = bench.task("pe1", FEATURE, config=shake(huawei_labs.OTHER_KEY), verify=VERIFY)
    assert (result["convergence"], result["reverted"]) == ("unmet", True)


def test_without_traffic_nothing_is_claimed(make: Make) -> None:
    bench = make(two={"interface": PROTECTED}, tunnel=False)
    result = bench.task("pe1", FEATURE, config=shake(), verify=VERIFY)
    assert (result.get("failed", False), result["convergence"], result["converged"]) == (False, "no_traffic", False)
    assert any("no traffic yet" in warning for warning in result["warnings"])
    assert "handshake" in bench.running("pe1")


def test_both_ways_see_the_same(make: Make) -> None:
    """Over the CLI and over NETCONF: the same neighbours and counters at the same moment."""
    bench = make(one={"interface": PROTECTED}, two={"interface": PROTECTED})
    want = {"interfaces": [{"name": PORT, **VIEW}]}
    form = registry.feature(FEATURE).form(NETCONF)
    over_netconf = form.observe(bench.session("pe1"), want)
    over_cli = registry.feature(FEATURE).observe(Bench.session(bench, "pe1"), want)
    assert over_netconf["peers"] == over_cli["peers"]
    assert over_netconf["statistics"] == over_cli["statistics"]
    told = ("authentication", "challenge", "neighbours", "window_size")
    for field in told:
        if over_netconf["interfaces"][PORT][field] is not None:
            assert over_netconf["interfaces"][PORT][field] == over_cli["interfaces"][PORT][field]


def hide_counters(answer: str) -> str:
    return re.sub(r"<statistics>.*?</statistics>", "", answer, flags=re.DOTALL)


def old_model(answer: str) -> str:
    return re.sub(r"(module=huawei-mpls-te&amp;revision=)[\d-]+", r"\g<1>2019-03-27", answer)


def no_such_state(answer: str) -> str:
    if "<peer-infos>" not in answer and "<rsvp-interfaces" not in answer:
        return answer
    if "<statistics>" not in answer:
        return answer
    return re.sub(
        r"(<rpc-reply[^>]*>).*(</rpc-reply>)",
        r"\1<rpc-error><error-type>application</error-type><error-tag>unknown-element</error-tag>"
        r"<error-severity>error</error-severity><error-message>no such node</error-message></rpc-error>\2",
        answer,
        flags=re.DOTALL,
    )


@pytest.mark.parametrize("lacking", [hide_counters, old_model, no_such_state])
def test_a_server_without_the_state_needs_the_cli(make: Make, lacking: Callable[[str], str]) -> None:
    bench = make(two={"interface": PROTECTED})
    bench.shown = lacking  # type: ignore[method-assign]
    before = bench.running("pe1")
    refused = bench.task("pe1", FEATURE, config=shake(), verify=VERIFY)
    assert "cannot be verified" in refused["msg"]
    assert "ansible_netconf_cli: never" in refused["msg"]
    assert bench.running("pe1") == before
    assert not any("<edit-config" in operation for rpc in bench.rpcs for operation in rpc.sent)
    bench.cli = True
    result = bench.task("pe1", FEATURE, config=shake(), verify=VERIFY)
    assert (result["convergence"], result["changed"]) == ("converged", True)
    assert "display mpls rsvp-te peer" in bench.sent
