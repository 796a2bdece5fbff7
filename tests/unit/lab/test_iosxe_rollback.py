# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive, confirmed changes and configure replace on the emulated IOS XE."""

from __future__ import annotations

import hashlib

from .iosxe_labs import ETR_ADDRESS, Client, etr, key, map_server, single, world

ARCHIVE = "archive\n path flash:bk\n maximum 3\n!\n"
NONE = "%No Rollback Confirmed Change pending\n"


def armed(minutes: int = 5, **device: object) -> Client:
    client = single("hostname R1\n!\n" + ARCHIVE, **device)
    client.run(f"configure terminal revert timer {minutes}")
    return client


def test_needs_the_archive() -> None:
    client = single()
    assert client.run("show archive") == " Archive feature not enabled\n"
    assert client.run("configure terminal revert timer 5") == (
        "%Turn config archive on before using Rollback Confirmed Change\n"
    )
    assert client.prompt == "R1#"
    for line in ("configure confirm", "configure revert now", "show archive config rollback timer"):
        assert client.run(line) == NONE


def test_arming_says_what_it_does() -> None:
    client = single(ARCHIVE)
    text = client.run("configure terminal revert timer 5")
    assert text == (
        "Rollback Confirmed Change: Backing up current running config to flash:bk-May-14-09-20-00.001-1\n\n"
        "Enter configuration commands, one per line.  End with CNTL/Z.\n"
    )
    assert client.prompt == "R1(config)#"
    client.run("end")
    timer = client.run("show archive config rollback timer")
    assert "Timer value: 5 min\nUser: netops\n" in timer
    log = client.run("show logging")
    assert "%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_START_ABSTIMER: User: netops(Priv: 15, View: 0): Scheduled" in log
    assert "<- Most Recent" in client.run("show archive")


def test_confirm_keeps_the_change() -> None:
    client = armed()
    client.run("hostname NEW", "end")
    assert client.run("configure confirm") == ""
    client.world.advance(400)
    client.run("")
    assert client.prompt == "NEW#"
    assert client.run("configure confirm") == NONE


def test_the_timer_takes_the_change_back() -> None:
    client = armed()
    client.run("hostname NEW", "end")
    client.world.advance(241)
    assert 'Enter "configure confirm" if you wish to keep' in client.terminal.receive("\r")
    client.world.advance(60)
    text = client.terminal.receive("\r").replace("\r\n", "\n")
    assert "Rollback Confirmed Change: rolling to:flash:bk-May-14-09-20-00.001-1\n" in text
    assert "Rollback Done" in text
    assert text.endswith("R1#")
    assert client.run("show archive config rollback timer") == NONE


def test_revert_now_and_other_users() -> None:
    client = armed()
    client.run("hostname NEW", "end")
    other = Client(client.world, "r1", user="eve")
    assert "belongs to user netops" in other.run("configure confirm")
    assert "already pending" in other.run("configure terminal revert timer 5")
    text = client.run("configure revert now")
    assert "Rollback:Acquired Configuration lock." in text
    assert "Total number of passes: 1\nRollback Done\n" in text
    assert client.prompt == "R1#"


def test_reset_and_idle_timer() -> None:
    client = armed(minutes=2)
    client.run("hostname NEW", "end")
    client.world.advance(100)
    client.run("")
    assert client.run("configure revert timer 10") == ""
    client.world.advance(500)
    client.run("")
    assert client.prompt == "NEW#"
    client.run("configure revert idle 2")
    for _again in range(4):
        client.world.advance(100)
        client.run("show clock")
    assert client.prompt == "NEW#"
    client.world.advance(121)
    client.run("")
    assert client.prompt == "R1#"


def test_the_timer_survives_the_session_but_not_a_reload() -> None:
    client = armed()
    client.run("hostname NEW")
    client.terminal.close()
    client.world.advance(301)
    assert Client(client.world, "r1").prompt == "R1#"
    again = armed()
    again.run("hostname NEW", "end", "write memory")
    again.device.reboot()
    again.world.advance(400)
    assert Client(again.world, "r1").prompt == "NEW#"


def test_pending_rollback_survives_save_and_restore() -> None:
    client = armed()
    client.run("hostname NEW", "end")
    saved = client.world.snapshot()
    client.world.restore(saved)
    client.world.advance(301)
    assert Client(client.world, "r1").prompt == "R1#"


def test_rollback_brings_the_lisp_session_back_as_it_was() -> None:
    lab = world(map_server(key(41)), etr(key(41), extra=ARCHIVE))
    lab.advance(10)
    router, server = Client(lab, "etr1"), Client(lab, "ms")
    before = router.device.running
    router.run("configure terminal revert timer 1", "router lisp", "no tcp auth-option KC-ETR", "end")
    lab.advance(5)
    assert server.auth(ETR_ADDRESS) is None
    lab.advance(60)
    assert router.device.running == before
    assert server.auth(ETR_ADDRESS) == "KC-MS"


def test_replace_and_differences() -> None:
    client = single("hostname R1\n!\n" + ARCHIVE)
    client.run("archive config")
    client.config("hostname NEW", "interface Loopback0", "description x")
    assert client.run("show archive config differences").startswith("!Contextual Config Diffs:\n")
    assert "+interface Loopback0\n+ description x\n" in client.run("show archive config differences")
    name = client.run("show archive | include Most").split()[1]
    client.run(f"configure replace {name} list")
    assert client.prompt == "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
    client.run("")
    assert client.prompt == "NEW#"
    client.run(f"configure replace {name} list")
    text = client.run("y")
    assert "!Pass 1\n!List of Rollback Commands:\n" in text
    assert client.prompt == "R1#"
    assert client.run(f"show archive config differences {name}") == "!No changes were found\n"


def test_a_rollback_that_fails() -> None:
    client = armed(faults=[{"kind": "fail_commit", "times": 1}])
    client.run("hostname NEW", "end")
    assert "Rollback aborted after 5 passes" in client.run("configure revert now")
    assert client.prompt == "NEW#"


def test_the_archive_keeps_so_many() -> None:
    client = single("hostname R1\n!\n" + ARCHIVE.replace(" maximum 3\n", " maximum 3\n write-memory\n"))
    for _again in range(5):
        client.run("write memory")
    text = client.run("show archive")
    assert "There are currently 3 archive configurations saved.\n" in text
    assert text.count("flash:bk-May-14") == 3


def test_a_file_written_in_the_tcl_shell_is_checked_compared_and_merged() -> None:
    """As tools do that have no file transfer."""
    client = single("hostname R1\n!\n" + ARCHIVE)
    client.run("tclsh", 'puts [open "flash:m.txt" w+] {interface Loopback7', " description new", "end", "}", "tclquit")
    digest = hashlib.md5(b"interface Loopback7\n description new\nend\n\n", usedforsecurity=False).hexdigest()
    assert client.run("verify /md5 flash:/m.txt").endswith(f"verify /md5 (flash:/m.txt) = {digest}\n")
    assert client.run("show archive config incremental-diffs flash:/m.txt ignorecase") == (
        "!List of Commands:\ninterface Loopback7\n description new\nend\n"
    )
    client.run("configure terminal", "file prompt quiet", "end", "copy flash:/m.txt running-config")
    assert "interface Loopback7\n description new\n" in client.device.running
    assert client.run("dir flash:/none").startswith("%Error opening flash:/none")
    assert client.run("copy null: flash:/m.txt", "more flash:m.txt") == ""
    assert client.run("tclsh", "show clock").count("UTC") == 1
    assert client.prompt == "R1(tcl)#"
