# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated Comware firewall: its CLI, its displays, and keepalives between two of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.clock import ManualClock
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World

V7 = "7.1.064, Release 9524"
ADDRESSES = {"a": "192.0.2.1", "b": "192.0.2.2"}


def config(name: str, *, v7: bool = False, timers: str = "", peer: str = "", key: str = "Lab-Key-1") -> str:
    """A firewall with one tunnel to the other one, and things that nobody must touch."""
    other = "b" if name == "a" else "a"
    head = f"#\n sysname FW-{name.upper()}\n#\n"
    if timers:
        head += "".join(f" {line}\n" for line in timers.splitlines()) + "#\n"
    head += "acl number 3101\n rule 0 permit ip\n#\n"
    port = f"interface GigabitEthernet0/1\n ip address {ADDRESSES[name]} 255.255.255.0\n"
    if v7:
        return (
            f"{head}{port} ipsec apply policy vpn\n#\nike profile to-{other}\n keychain k1\n{peer}#\n"
            f"ike keychain k1\n pre-shared-key address {ADDRESSES[other]} 255.255.255.255 key simple {key}\n#\n"
            f"ipsec policy vpn 10 isakmp\n security acl 3101\n remote-address {ADDRESSES[other]}\n"
            f" ike-profile to-{other}\n#\nreturn\n"
        )
    return (
        f"{head}{port} ipsec policy vpn\n#\nike peer to-{other}\n pre-shared-key simple {key}\n"
        f" remote-address {ADDRESSES[other]}\n{peer}#\nipsec policy vpn 10 isakmp\n security acl 3101\n"
        f" ike-peer to-{other}\n#\nreturn\n"
    )


class Pair:
    """Two linked firewalls on a clock that tests move."""

    def __init__(self, *, v7: str = "", options: dict[str, Any] | None = None, **configs: dict[str, Any]) -> None:
        devices = {
            name: {
                "platform": "h3c_comware",
                "os_version": V7 if name in v7 else "",
                "hostname": f"FW-{name.upper()}",
                "config": config(name, v7=name in v7, **configs.get(name, {})),
                "options": (options or {}).get(name, {}),
            }
            for name in ("a", "b")
        }
        links = [["a:GigabitEthernet0/1", "b:GigabitEthernet0/1"]]
        self.world = World(parse_lab({"name": "fw", "devices": devices, "links": links}), ManualClock())
        self.shown: dict[str, Cli] = {}

    def cli(self, name: str) -> Cli:
        return Cli(self.world, name)

    def show(self, name: str, command: str = "display ike sa") -> str:
        if name not in self.shown or self.shown[name].terminal.closed:
            self.shown[name] = self.cli(name)
        return self.shown[name](command)


class Cli:
    def __init__(self, world: World, name: str) -> None:
        self.terminal = world.devices[name].open_session("ssh", "netops")
        self.terminal.start()
        self("screen-length disable")

    def __call__(self, line: str) -> str:
        """What the device prints, without echo and prompt."""
        said = self.terminal.receive(line + "\r").replace("\r\n", "\n")
        body = said.partition("\n")[2]
        self.prompt = body.rpartition("\n")[2]
        return body[: len(body) - len(self.prompt)]

    def raw(self, line: str) -> str:
        return self.terminal.receive(line + "\r")


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if re.match(r"\s+\d+ ", line)]


# -- the CLI -------------------------------------------------------------------------------------------------------


def test_prompts_and_views() -> None:
    cli = Pair().cli("a")
    assert cli.prompt == "<FW-A>"
    assert cli("system-view") == "System View: return to User View with Ctrl+Z.\n"
    assert cli.prompt == "[FW-A]"
    for line, prompt in (
        ("ike peer peer1", "[FW-A-ike-peer-peer1]"),
        ("ike proposal 5", "[FW-A-ike-proposal-5]"),
        ("interface GigabitEthernet0/1", "[FW-A-GigabitEthernet0/1]"),
        ("quit", "[FW-A]"),
        ("ike dpd d1", "[FW-A-ike-dpd-d1]"),
        ("return", "<FW-A>"),
    ):
        assert cli(line) == ""
        assert cli.prompt == prompt
    cli("system-view")
    cli.terminal.receive("\x1a")
    cli("")
    assert cli.prompt == "<FW-A>"


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("ike sa keepalive-timer interval 19", 38, "Wrong parameter"),
        ("ike sa keepalive-timer interval 28801", 38, "Wrong parameter"),
        ("ike keepalive interval 20", 10, "Unrecognized command"),
        ("ike sa keepalive-timer interval", 37, "Incomplete command"),
        ("undo ike sa keepalive-timer interval 20", 43, "Too many parameters"),
        ("ike sa nat-keepalive-timer interval 4", 42, "Wrong parameter"),
    ],
)
def test_errors_point_at_the_word(line: str, column: int, text: str) -> None:
    cli = Pair().cli("a")
    cli("system-view")
    assert cli(line) == f"{' ' * column}^\n % {text} found at '^' position.\n"
    assert cli.prompt == "[FW-A]"


def test_v5_and_v7_do_not_know_each_others_words() -> None:
    pair = Pair(v7="b")
    for name, line in (("a", "ike nat-keepalive 30"), ("b", "ike sa keepalive-timer interval 30")):
        cli = pair.cli(name)
        cli("system-view")
        assert "% Unrecognized command" in cli(line)


def test_timers_come_and_go_and_leave_the_rest_alone() -> None:
    for v7, lines in (
        ("", ("ike sa keepalive-timer interval 20", "ike sa keepalive-timer timeout 60",
              "ike sa nat-keepalive-timer interval 30")),
        ("a", ("ike keepalive interval 20", "ike keepalive timeout 60", "ike nat-keepalive 30")),
    ):  # fmt: skip
        pair = Pair(v7=v7)
        before = pair.world.devices["a"].running
        cli = pair.cli("a")
        cli("system-view")
        for line in reversed(lines):
            assert cli(line) == ""
        shown = cli("display current-configuration | include keepalive")
        assert shown.splitlines() == [f" {line}" for line in lines]
        for line in lines:
            assert cli("undo " + line.rsplit(" ", 1)[0]) == ""
        assert pair.world.devices["a"].running == before


def test_a_default_is_not_shown() -> None:
    cli = Pair().cli("a")
    cli("system-view")
    cli("ike sa nat-keepalive-timer interval 20")
    assert cli("display current-configuration | include keepalive") == ""


def test_a_model_without_keepalives() -> None:
    cli = Pair(options={"a": {"ike_keepalive": False}}).cli("a")
    cli("system-view")
    assert "% Unrecognized command" in cli("ike sa keepalive-timer interval 20")


def test_the_echo_wraps_at_80_columns() -> None:
    cli = Pair().cli("a")
    line = "display current-configuration | include " + "x" * 60
    said = cli.raw(line)
    assert said.startswith(line[: 80 - len("<FW-A>")] + "\r\n" + line[80 - len("<FW-A>") :])


def test_keys_are_stored_encrypted() -> None:
    for v7 in ("", "a"):
        text = Pair(v7=v7).world.devices["a"].running
        assert "Lab-Key-1" not in text
        assert "cipher" in text


def test_save_dialogue() -> None:
    pair = Pair()
    cli = pair.cli("a")
    cli("system-view")
    cli("sysname NEW")
    cli("quit")
    assert "Are you sure? [Y/N]:" in cli.raw("save")
    assert "you must choose 'YES' or 'NO'[Y/N]:" in cli.raw("")
    assert "press the enter key):" in cli.raw("y")
    assert "exists, overwrite? [Y/N]:" in cli.raw("")
    assert "Configuration is saved to device successfully." in cli.raw("y")
    assert pair.world.devices["a"].startup == pair.world.devices["a"].running
    assert "does not end with .cfg" in [cli.raw(answer) for answer in ("save", "y", "x")][2]
    assert "saved to device successfully" in cli("save force")


def test_paging_and_this() -> None:
    pair = Pair(options={"a": {"screen_length": 12}})
    terminal = pair.world.devices["a"].open_session("ssh", "netops")
    terminal.start()
    assert terminal.receive("display current-configuration\r").endswith("  ---- More ----")
    assert "<FW-A>" in terminal.receive(" ") + terminal.receive(" ") + terminal.receive(" ")
    cli = pair.cli("a")
    cli("system-view")
    cli("ike peer to-b")
    assert cli("display this").startswith("#\nike peer to-b\n pre-shared-key cipher ")


def test_version_tells_the_generation() -> None:
    pair = Pair(v7="b")
    assert "\nComware Software, Version 5.20, Release 3721\n" in pair.show("a", "display version")
    assert pair.show("b", "display version").startswith(f"H3C Comware Software, Version {V7}\n")


# -- displays ------------------------------------------------------------------------------------------------------


def test_v5_table() -> None:
    pair = Pair(options={"b": {"ike_traffic": False}})
    text = pair.show("a")
    assert text.splitlines()[:3] == [
        "    total phase-1 SAs:  1",
        "    connection-id  peer            flag        phase   doi",
        "  " + "-" * 58,
    ]
    assert rows(text) == [["1", "192.0.2.2", "RD|ST", "1", "IPSEC"], ["2", "192.0.2.2", "RD|ST", "2", "IPSEC"]]
    assert rows(pair.show("b")) == [["1", "192.0.2.1", "RD", "1", "IPSEC"], ["2", "192.0.2.1", "RD", "2", "IPSEC"]]


def test_v7_tables() -> None:
    pair = Pair(v7="ab", options={"b": {"ike_sa_layout": "b"}})
    assert rows(pair.show("a")) == [["1", "192.0.2.1", "192.0.2.2", "RD", "IPsec"]]
    assert rows(pair.show("b")) == [["1", "192.0.2.1", "RD", "IPsec"]]
    for name in "ab":
        verbose = pair.show(name, "display ike sa verbose")
        assert "   Connection ID: 1\n" in verbose
        assert "   Local IP/port: " in verbose
        assert "Remaining key duration(sec): 86400" in verbose
        assert "remote address: 192.0.2." in pair.show(name, "display ipsec sa")


def test_v5_peer_dpd_and_proposal_displays() -> None:
    pair = Pair(a={"peer": " dpd d1\n nat traversal\n"})
    cli = pair.cli("a")
    cli("system-view")
    cli("ike dpd d1")
    cli("interval-time 30")
    assert "   nat traversal: enable\n   dpd: d1\n" in cli("display ike peer")
    assert "   references: 1\n   interval-time: 30\n   time_out: 5\n" in cli("display ike dpd")
    assert " default  PRE_SHARED     SHA            DES_CBC    MODP_768       86400" in cli("display ike proposal")


# -- keepalives ----------------------------------------------------------------------------------------------------

INTERVAL, TIMEOUT = "ike sa keepalive-timer interval 20", "ike sa keepalive-timer timeout 60"
QUIET = {"b": {"ike_traffic": False}, "a": {"ike_traffic": False}}


def flags(pair: Pair, name: str) -> list[str]:
    """Flags of the phase 1 rows."""
    return [row[2] for row in rows(pair.show(name)) if row[3] == "1"]


def test_keepalives_that_arrive_keep_the_sa() -> None:
    pair = Pair(a={"timers": INTERVAL}, b={"timers": TIMEOUT})
    first = rows(pair.show("b"))
    pair.world.advance(3000)
    assert rows(pair.show("b")) == first


def test_v5_first_expiry_tags_second_deletes() -> None:
    pair = Pair(b={"timers": TIMEOUT}, options={"b": {"ike_traffic": False}})
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(59.5)
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(1)
    assert flags(pair, "b") == ["RD|TO"]
    assert flags(pair, "a") == ["RD|ST"]
    assert len(rows(pair.show("b"))) == 2  # the tag is on phase 1 only and removes nothing
    pair.world.advance(59.6)
    assert rows(pair.show("b")) == []
    assert rows(pair.show("a")) == []
    pair.world.advance(6)  # traffic at a
    assert flags(pair, "b") == ["RD"]


def test_v5_a_keepalive_between_the_expiries_takes_the_tag_away() -> None:
    pair = Pair(a={"timers": "ike sa keepalive-timer interval 100"}, b={"timers": TIMEOUT})
    first = pair.show("b").splitlines()[3].split()[0]
    for seconds, expected in ((61, "RD|TO"), (40, "RD"), (60, "RD|TO"), (40, "RD")):
        pair.world.advance(seconds)
        assert flags(pair, "b") == [expected], seconds
    assert pair.show("b").splitlines()[3].split()[0] == first


def test_v7_first_expiry_deletes() -> None:
    pair = Pair(v7="ab", b={"timers": "ike keepalive timeout 60"}, options={"b": {"ike_traffic": False}})
    pair.world.advance(59.5)
    assert len(rows(pair.show("b"))) == 1
    pair.world.advance(1)
    assert rows(pair.show("b")) == []
    assert "TO--TIMEOUT" not in pair.show("b")


@pytest.mark.parametrize(("interval", "stays"), [(59, True), (60, False), (61, False)])
def test_the_timeout_must_exceed_the_interval(interval: int, stays: bool) -> None:
    pair = Pair(v7="ab", a={"timers": f"ike keepalive interval {interval}"}, b={"timers": "ike keepalive timeout 60"})
    first = rows(pair.show("b"))
    pair.world.advance(1000)
    assert (rows(pair.show("b")) == first) is stays


def test_setting_the_interval_afterwards_saves_a_tagged_sa() -> None:
    pair = Pair(b={"timers": TIMEOUT})
    first = rows(pair.show("b"))[0][0]
    pair.world.advance(70)
    assert flags(pair, "b") == ["RD|TO"]
    cli = pair.cli("a")
    cli("system-view")
    cli(INTERVAL)
    pair.world.advance(21)
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(500)
    assert rows(pair.show("b"))[0][0] == first


def test_mixed_generations() -> None:
    pair = Pair(v7="b", a={"timers": INTERVAL}, b={"timers": "ike keepalive timeout 60"})
    first = rows(pair.show("b"))
    pair.world.advance(600)
    assert rows(pair.show("b")) == first != []


def test_a_dead_peer_is_noticed() -> None:
    pair = Pair(a={"timers": INTERVAL}, b={"timers": TIMEOUT}, options=QUIET)
    pair.cli("a")("ping 192.0.2.2")
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(600)
    pair.world.devices["a"].faults.add({"kind": "drop_ike"})
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(61)
    assert flags(pair, "b") == ["RD|TO"]
    pair.world.advance(60)
    assert flags(pair, "b") == []


def test_a_lost_phase_1_stops_the_keepalives() -> None:
    pair = Pair(a={"timers": INTERVAL}, b={"timers": TIMEOUT})
    pair.show("b")
    pair.world.advance(610)
    pair.world.devices["a"].faults.add({"kind": "lose_phase1"})
    pair.show("a")
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(49)
    assert flags(pair, "b") == ["RD"]
    pair.world.advance(2)
    assert flags(pair, "b") == ["RD|TO"]


# -- changes of peers ----------------------------------------------------------------------------------------------


def test_after_a_change_of_peers_negotiation_waits_for_the_reset() -> None:
    pair = Pair()
    assert flags(pair, "a") == ["RD|ST"]
    for name in "ab":
        cli = pair.cli(name)
        cli("system-view")
        cli("ike peer to-" + ("b" if name == "a" else "a"))
        cli("pre-shared-key simple Another-Key-2")
    a, b = pair.cli("a"), pair.cli("b")
    pair.world.devices["a"].faults.add({"kind": "lose_phase1", "phase2": True})
    pair.world.advance(120)
    assert rows(a("display ike sa")) == []  # b holds SAs of its older settings
    b("reset ipsec sa")
    b("reset ike sa")
    pair.world.advance(61)
    assert len(rows(a("display ike sa"))) == 2


def test_reset_one() -> None:
    pair = Pair(v7="b", options=QUIET)
    pair.cli("a")("ping 192.0.2.2")
    a, b = pair.cli("a"), pair.cli("b")
    assert a("reset ipsec sa remote 198.51.100.1") == ""
    assert len(rows(a("display ike sa"))) == 2
    assert a("reset ipsec sa remote 192.0.2.2") == ""
    assert [row[3] for row in rows(a("display ike sa"))] == ["1"]
    assert " % Wrong parameter" in a("reset ike sa connection-id 1")
    assert b("reset ike sa connection-id 1") == ""
    assert rows(a("display ike sa")) == []


def test_a_wrong_key_never_comes_up() -> None:
    pair = Pair(a={"key": "Wrong"})
    pair.world.advance(500)
    assert rows(pair.show("a")) == []


def test_the_lab_survives_save_and_restore_in_the_middle_of_a_tag() -> None:
    pair = Pair(b={"timers": TIMEOUT})
    pair.show("b")
    pair.world.advance(70)
    saved = json.loads(json.dumps(pair.world.snapshot()))
    assert "Lab-Key-1" not in json.dumps(saved)
    other = Pair(b={"timers": TIMEOUT})
    other.world.restore(saved)
    assert flags(other, "b") == ["RD|TO"]
    other.world.advance(49)
    assert flags(other, "b") == ["RD|TO"]
    other.world.advance(2)
    assert flags(other, "b") == []


def test_a_reboot_loses_what_was_not_saved() -> None:
    pair = Pair()
    before = pair.world.devices["a"].running
    cli = pair.cli("a")
    cli("system-view")
    cli(INTERVAL)
    assert len(rows(pair.show("a"))) == 2
    pair.world.devices["a"].reboot(30)
    assert pair.world.devices["a"].running == before
    pair.world.advance(31)
    assert pair.world.devices["a"].reachable
