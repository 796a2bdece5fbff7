# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AlliedWare emulator's CLI as a person meets it."""

from __future__ import annotations

import pytest
from allied_labs import AlliedBench, lab

PAGER = "--More--  (<space> = next page, <CR> = one line, C = continuous, Q = quit)"


class Typist:
    """Types at b12 and sees raw text."""

    def __init__(self, bench: AlliedBench, transport: str = "ssh", user: str | None = "netops") -> None:
        self.terminal = bench.world.devices["b12"].open_session(transport, user)
        self.greeting = self.terminal.start()

    def keys(self, keys: str) -> str:
        return self.terminal.receive(keys)

    def run(self, line: str) -> str:
        """What a line prints, without its echo and the prompt."""
        return self.keys(line + "\r").replace("\r", "").partition("\n")[2].rpartition("\n")[0]


@pytest.fixture
def typist(tmp_path):
    def sit_down(transport="ssh", user="netops", **device):
        device["options"] = {"screen_length": 0, **device.get("options", {})}
        return Typist(AlliedBench(tmp_path, lab(**device)), transport, user)

    return sit_down


@pytest.mark.parametrize(
    ("privilege", "prompt"),
    [("user", "branch12> "), ("manager", "Manager branch12> "), ("secoff", "SecOff branch12> ")],
)
def test_prompts_tell_the_privilege_and_never_change(typist, privilege, prompt):
    at = typist(options={"privilege": privilege})
    assert at.greeting.endswith("\n" + prompt)
    at.run('set isakmp pol="hq" msgt=5')
    assert at.keys("\r").endswith("\n" + prompt)


def test_without_a_system_name(typist):
    at = typist()
    assert at.keys("set system name=\r").endswith("\r\nManager > ")


def test_telnet_login(typist):
    at = typist("telnet", None)
    assert "TELNET session now in ESTABLISHED state" in at.greeting
    assert at.greeting.endswith(" login: ")
    assert at.keys("netops\r").endswith("password: ")
    assert at.keys("wrong\r").endswith(" login: ")
    at.keys("netops\r")
    assert at.keys("lab-pass\r").endswith("Manager branch12> ")


@pytest.mark.parametrize(("keys", "pages"), [("c", 0), ("C", 0), (" ", 1), ("q", 0), ("\r", 1)])
def test_pager_keys(typist, keys, pages):
    at = typist(options={"screen_length": 5})
    assert at.keys("show config dynamic\r").endswith(PAGER)
    rest = at.keys(keys)
    assert rest.startswith("\r" + " " * len(PAGER) + "\r")
    assert rest.count(PAGER) == pages
    assert ("enable isakmp" in rest) is (keys in "cC")


def test_paging_may_be_turned_off(typist):
    at = typist(options={"screen_length": 5})
    at.run("set asyn page=off")
    assert PAGER not in at.run("show config dynamic")


@pytest.mark.parametrize("line", ["logoff", "logout", "lo", "LOGOF"])
def test_logoff(typist, line):
    at = typist()
    at.keys(line + "\r")
    assert at.terminal.closed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("frobnicate", 'Error (3035256): Unknown command "frobnicate".'),
        ('set isakmp pol="hq" retry=17', 'Parameter "RETRYIKEATTEMPTS", value "17" is out of range or not valid.'),
        ('set isakmp pol="hq" msg=1', 'Parameter "msg" is ambiguous.'),
        ('set isakmp pol="hq" nonsense=1', 'Parameter "nonsense" not recognised.'),
        ('set isakmp pol="hq" msgt', 'Parameter "MSGTIMEOUT", value missing.'),
        ('set isakmp pol="nope" msgt=4', 'Policy "nope" not found.'),
        ('destroy isakmp pol="nope"', 'Policy "nope" not found.'),
        ('create isakmp pol="hq" pe=any', 'Policy "hq" already exists.'),
        ('create isakmp pol="new"', 'Parameter "PEER" missing.'),
        ('create isakmp pol="1234567890123456789012345" pe=any', "Policy name is longer than 24 characters."),
        ('set isakmp pol="hq msgt=4', "Invalid use of quotes"),
        ("show isakmp policy=nope", "Not found."),
        ("create config=no/name", "not a valid configuration file name"),
    ],
)
def test_errors_have_numbers_and_change_nothing(typist, line, words):
    at = typist()
    before = at.terminal.device.running
    said = at.run(line).strip()
    assert said.startswith("Error (3")
    assert words in said
    assert at.terminal.device.running == before


@pytest.mark.parametrize(
    "line", ['SET ISAkmp POLicy="hq" MSGTimeout=9', "set isa pol=hq msgt=9", "se isakmp poli=hq msgtim=9"]
)
def test_keywords_may_be_cut(typist, line):
    at = typist()
    assert at.run(line).strip() == "Info (1082003): Operation successful."
    assert "msgt=9" in at.terminal.device.running


def test_a_value_that_is_the_default_is_not_listed(typist):
    at = typist()
    at.run('set isakmp pol="hq" msgb=none msgt=9 retry=3')
    assert "msgb=none msgt=9 prene=true retry=3" in at.run("show config dynamic=isakmp")
    at.run('set isakmp pol="hq" msgb=inc msgt=4 retry=0')
    listing = at.run("show config dynamic=isakmp")
    assert "msg" not in listing
    assert "retry" not in listing


def test_before_281_the_parameters_do_not_exist(typist):
    at = typist(os_version="2.7.6-01")
    assert 'Parameter "msgbackoff" not recognised.' in at.run('set isakmp pol="hq" msgbackoff=none')
    assert 'Parameter "retryikeattempts" not recognised.' in at.run('set isakmp pol="hq" retryikeattempts=1')
    shown = at.run("show isakmp policy=hq")
    assert "Back-off" not in shown
    assert "Message Retry Limit .................. 5" in shown
    assert "retryIkeAttempts" not in at.run("show isakmp counters=general")


def test_message_back_off_is_shown_for_one_object_not_in_lists(typist):
    at = typist()
    for noun in ("policy", "sa", "exchange"):
        assert "Back-off" not in at.run(f"show isakmp {noun}")
    assert "Message Back-off" in at.run("show isakmp policy=hq")
    assert "Message Back-off" in at.run("show isakmp sa=1")


def test_the_section_is_missing_where_nothing_is_configured(typist):
    at = typist("ssh", isakmp="")
    at.run("disable isakmp")
    assert "# ISAKMP configuration" not in at.run("show config dynamic")
    at.run('create isakmp pol="new" pe=any')
    assert (
        at.run("show config dynamic").rstrip().endswith('#\n# ISAKMP configuration\n#\ncreate isakmp pol="new" pe=any')
    )


def test_the_key_is_never_listed(typist):
    at = typist()
    at.run('create enco key=2 type=general value="very-secret"')
    assert "very-secret" not in at.run("show config dynamic")
    assert "very-secret" not in "".join(at.terminal.device.commands)


@pytest.mark.parametrize(
    "line", ["show config", "show config dynamic", 'set ipsec pol="ike" lp=1', "create config=a.cfg"]
)
def test_security_mode_wants_an_officer(typist, line):
    at = typist(options={"security_mode": True}, enable_password="officer-pass")
    assert "needs SECURITY OFFICER privilege" in at.run(line)
    assert at.keys("login secoff\r").endswith("password: ")
    assert at.keys("officer-pass\r").endswith("SecOff branch12> ")
    assert "Error" not in at.run(line)


def test_snapshot_and_restore(typist, tmp_path):
    bench = AlliedBench(tmp_path, lab())
    bench.type('set isakmp pol="hq" msgt=9', "create config=other.cfg", "set config=other.cfg")
    snapshot = bench.world.snapshot()
    before = bench.running("b12")
    bench.type('destroy isakmp pol="hq"')
    bench.world.restore(snapshot)
    assert bench.running("b12") == before
    assert "flash:other.cfg" in bench.type("show config")
    assert "Valid" in bench.type("show ipsec sa")
