# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version display, cleaning, planning and the session of JunOSe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from inprocess import Bench
from junose_labs import ENABLE, ROUTERS, edge_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import scrub_native
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import (
    CommandRejected,
    DeviceError,
    PushReport,
    Tentative,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.session import JunoseSession
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.text import (
    clean,
    entries,
    listed_routers,
    routers,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.tree import grouped, nested
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.juniper_junose.version import parse_version

VERSION = """Juniper Edge Routing Switch ERX-310
Copyright (c) 1999-2010 Juniper Networks, Inc.  All rights reserved.
System Release: erx310_11-2-1p0-4.rel
\tVersion: 11.2.1 patch-0.4 [BuildId 13377]   (September 28, 2010  16:20)
System running for: 12 days, 3 hours, 40 minutes, 9 seconds
\t(since THU MAR 05 2015 06:00:53 UTC)

slot state     type     admin  spare   running release     slot uptime  
---- ------ ---------- ------- ----- -------------------- --------------
0    online SRP310-10G enabled  ---  erx310_11-2-1p0-4.rel 12d03h:38m:11s
1     ---      ---       ---    ---          ---               ---      
2    online ISM        enabled  ---  erx310_11-2-1p0-4.rel 12d03h:37m:40s
"""  # noqa: W291


def test_version() -> None:
    facts = parse_version(VERSION, "edge7")
    assert (facts.model, facts.version, facts.image) == ("ERX-310", "11.2.1 patch-0.4", "erx310_11-2-1p0-4.rel")
    assert facts.numbers == (11, 2, 1, 0, 4)
    assert facts.extra == {"ansible_net_slots": {"0": "SRP310-10G", "2": "ISM"}}
    assert facts.net_facts()["ansible_net_hostname"] == "edge7"


def test_version_of_an_e320() -> None:
    text = VERSION.replace("ERX-310", "E320").replace("11.2.1 patch-0.4", "14.3.2 release-1.0")
    facts = parse_version(text)
    assert (facts.model, facts.numbers) == ("E320", (14, 3, 2, 1, 0))


@pytest.mark.parametrize(
    "text",
    [
        "",
        VERSION.splitlines()[0],
        "Hostname: mx1\nModel: mx240\nJunos: 18.4R1.8\n",
        "Cisco IOS Software, Version 15.2(4)M\n",
        "Huawei Versatile Routing Platform Software\nVRP (R) software, Version 8.200\n",
    ],
)
def test_other_versions_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not look like Juniper JunOSe"):
        parse_version(text)


def test_clean() -> None:
    assert clean(" --More-- \r          \r ip address 1\n") == " ip address 1\n"
    assert clean("a\r\nb\x00\r\n --More-- \r          \rc\n") == "a\nb\nc\n"
    assert clean(" --More-- \b\b\b\b\b\b\b\b\b\b          \b\bvirtual-router x") == "virtual-router x"


def test_entries_know_their_router() -> None:
    text = (
        "hostname x\n!\nvirtual-router a\n!\ninterface loopback 0\n ip address 1.1.1.1 255.255.255.255\n!\nip route x\n"
    )
    found = [(entry.router, entry.head, entry.body) for entry in entries(text)]
    assert found == [
        ("default", "hostname x", ()),
        ("a", "virtual-router a", ()),
        ("a", "interface loopback 0", ("ip address 1.1.1.1 255.255.255.255",)),
        ("a", "ip route x", ()),
    ]
    assert routers(text) == ("a",)


def test_listed_routers() -> None:
    assert listed_routers("Virtual Router : default\r\nvirtual-router: vrRed\n% x\n") == ("default", "vrRed")


def test_secrets_of_the_configuration_are_masked() -> None:
    text = ' masked-key "AAAA"\n key clear-key\npassword 8 "abc"\nlicense ipsec-tunnels XYZ\nip address 1.1.1.1\n'
    shown = scrub_native(text, registry.platform("juniper_junose").secrets)
    assert not re.search("AAAA|clear-key|abc|XYZ", shown)
    assert "ip address 1.1.1.1" in shown


def test_nesting_and_grouping() -> None:
    assert nested("ipsec option dpd\nvirtual-router a\n!\nipsec option dpd\n") == (
        "virtual-router default\n ipsec option dpd\nvirtual-router a\n ipsec option dpd\n"
    )
    lines = ["virtual-router a", "configure terminal", "x", "end", "virtual-router b", "configure terminal", "end"]
    assert grouped(lines) == [("a", ["x"])]
    assert grouped(["x", "y"]) == [(None, ["x", "y"])]
    assert grouped(["x", "  virtual-router b", "y"]) == [(None, ["x"]), ("b", ["y"])]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, edge_lab())
    made.enable_password = ENABLE
    return made


def session(bench: Bench) -> JunoseSession:
    found = bench.session("edge7")
    assert isinstance(found, JunoseSession)
    return found


def test_a_login_costs_four_lines_and_reads_nothing_twice(bench: Bench) -> None:
    talk = session(bench)
    assert talk.run(["show privilege"]) == ["Privilege level is 15"]
    assert bench.sent == ["terminal length 0", "terminal width 512", "enable 15", ENABLE, "show privilege"]
    assert talk.hostname == "edge7"


def test_where_the_session_is(bench: Bench) -> None:
    talk = session(bench)
    assert "disabled" in talk.within("vrBlue", ["show ipsec option"])[0]
    assert (talk.router, talk.mode, talk.level) == ("default", "", "#")
    with pytest.raises(CommandRejected, match="Virtual router vrX does not exist"):
        talk.within("vrX", ["show ipsec option"])
    assert bench.world.devices["edge7"].config.routers() == list(ROUTERS)


def test_errors_in_the_words_of_the_device(bench: Bench) -> None:
    talk = session(bench)
    with pytest.raises(CommandRejected, match=r"the device refused 'show nothing': Invalid input detected at '\^'"):
        talk.run(["show nothing"])
    with pytest.raises(CommandRejected, match="Incomplete command"):
        talk.run(["show"])
    assert "% Invalid input" in talk.run([Tentative("show nothing")])[0]
    assert talk.reason("     ^\n") == "it marked an error with '^'"
    assert talk.reason("Error: command authorization failed\n") is not None
    assert talk.reason("Success rate = 100% (5/5), round-trip min/avg/max = 1/2/4 ms\n") is None


def test_a_banner_in_the_configuration_is_no_error(bench: Bench) -> None:
    assert "% not an error" in session(bench).running_config()


def test_running_config_is_the_same_twice_but_for_masked_keys(bench: Bench) -> None:
    talk = session(bench)
    one = talk.running_config()
    bench.world.advance(61)
    two = talk.running_config()
    assert one != two
    assert re.sub("masked-key.*", "", one) == re.sub("masked-key.*", "", two)


def test_push_of_plain_lines_goes_to_the_router_of_the_login(bench: Bench) -> None:
    talk, report = session(bench), PushReport()
    talk.push(Plan(commands=("ipsec option dpd",)), None, report)
    assert report.sent == ["configure terminal", "ipsec option dpd", "end"]
    assert report.not_sent == []
    assert bench.world.devices["edge7"].config.option("default", "dpd")


def test_push_to_a_router_that_does_not_exist_sends_nothing(bench: Bench) -> None:
    talk = session(bench)
    with pytest.raises(DeviceError, match=r"vrX does not exist .* nothing was sent"):
        talk.push(
            Plan(commands=("virtual-router vrX", "configure terminal", "ipsec option dpd", "end")), None, PushReport()
        )
    assert "configure terminal" not in bench.sent


def test_push_never_creates_a_router(bench: Bench) -> None:
    talk = session(bench)
    for lines in (("virtual-r vrX", "ipsec option dpd"), ("ipsec option dpd", " VIRTUAL-ROUTE vrX")):
        with pytest.raises(DeviceError, match="would create virtual router vrX"):
            talk.push(Plan(commands=lines), None, PushReport())
    assert "configure terminal" not in bench.sent


def test_pages_are_turned_where_paging_cannot_be_turned_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JunoseSession, "preparation", ("show privilege",))
    text = session(bench).run(["show configuration"])[0]
    assert "! End of generated configuration script." in text
    assert [entry.head for entry in entries(clean(text)) if "--More--" in entry.head] == []


def test_manual_commit_is_seen(tmp_path: Path, bench: Bench) -> None:
    assert not session(bench).manual_commit()
    manual = Bench(tmp_path, edge_lab(manual_commit=True, enable_password=""))
    talk = session(manual)
    talk.prepare()
    assert talk.manual_commit()
