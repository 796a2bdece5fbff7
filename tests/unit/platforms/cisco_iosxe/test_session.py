# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IOS XE session against the emulator: privileged mode, errors, warnings, timed rollback, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cisco_lab import ENABLE, MS, lab
from inprocess import Bench

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Plan
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import (
    CommandRejected,
    DeviceBusy,
    DeviceError,
    PushFailed,
    PushReport,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.platforms.cisco_iosxe.session import (
    IosXeSession,
    minutes,
)

LOG = Plan(("logging buffered 16384",), ("no logging buffered",))


def opened(tmp_path: Path, **more: Any) -> tuple[Bench, IosXeSession]:
    bench = Bench(tmp_path, lab(**more))
    session = bench.session("ms1")
    assert isinstance(session, IosXeSession)
    return bench, session


def pushed(session: IosXeSession, plan: Plan, within: int | None = None) -> PushReport:
    report = PushReport()
    session.push(plan, within, report)
    return report


# -- login ------------------------------------------------------------------------------------------------------------


def test_the_privileged_mode_is_entered_once_with_one_password(tmp_path):
    bench = Bench(tmp_path, lab(enable=True))
    bench.enable_password = ENABLE
    session = bench.session("ms1")
    assert "hostname MS1" in session.running_config()
    session.running_config()
    assert bench.sent.count("enable") == 1
    assert [line for line in bench.sent if ENABLE in line] == [f"{ENABLE}\r"]
    assert session.book.scrub(f"said {ENABLE}") == "said ********"


@pytest.mark.parametrize(
    ("password", "words"), [(None, "set ansible_become_password"), ("wrong", "refused the enable password")]
)
def test_a_login_that_stays_in_user_mode_is_refused(tmp_path, password, words):
    bench = Bench(tmp_path, lab(enable=True))
    bench.enable_password = password
    with pytest.raises(LoginRefused, match=words):
        bench.session("ms1").run(["show clock"])
    assert bench.sent.count("wrong\r") <= 1, "a wrong password is not tried again"


def test_a_long_host_name_is_known_by_its_beginning_in_configuration_prompts(tmp_path):
    name = "a-very-long-map-server-name-7"
    _bench, session = opened(tmp_path, ms=MS.replace("hostname MS1", f"hostname {name}"))
    pushed(session, LOG)
    assert session.hostname == name
    assert "logging buffered" in session.running_config()


def test_facts(tmp_path):
    _bench, session = opened(tmp_path)
    assert session.facts.platform == "cisco_iosxe"
    assert session.facts.numbers >= (17, 2, 1)
    assert session.facts.net_facts()["ansible_net_hostname"] == "MS1"


# -- errors and warnings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("% Invalid input detected at '^' marker.", "Invalid input detected at '^' marker."),
        ('% Ambiguous command:  "sh"', 'Ambiguous command:  "sh"'),
        ("% Incomplete command.", "Incomplete command."),
        ("%No Rollback Confirmed Change pending", "No Rollback Confirmed Change pending"),
        ("%Turn config archive on before using Rollback Confirmed Change", "Turn config archive on before"),
        ("% Bad IP address or host name% Unknown command or computer name, or unable", "Unknown command or computer"),
        ('Translating "x"...domain server % Unknown command or computer name', "Unknown command"),
        ("% Bad secrets", "Bad secrets"),
        ("Command rejected: not allowed", "Command rejected: not allowed"),
        ("Configuration mode is locked by process '3' user 'x' from terminal '4'.", "is locked by"),
        ("Rollback aborted after 5 passes", "Rollback aborted"),
    ],
)
def test_refusals_are_recognised(tmp_path, text, reason):
    _bench, session = opened(tmp_path)
    assert reason in (session.reason(f"            ^\n{text}\n\n") or "")


@pytest.mark.parametrize(
    "text",
    [
        "% WARNING: The master key is not configured, so passwords/secrets might not be encrypted.",
        "SECURITY WARNING - Module: KEYCHAIN, Command: key-string, Reason: weak, Remediation: type 6",
        "INSECURE DYNAMIC WARNING - Module: KEYCHAIN",
    ],
)
def test_warnings_are_told_and_are_no_refusals(tmp_path, text):
    _bench, session = opened(tmp_path)
    assert session.reason(text) is None
    assert session.remarks(f"{text}\n") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "%SYS-5-CONFIG_I: Configured from console by u on vty0 (127.0.0.1)",
        "*Feb 15 15:56:41.528: %ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_BACKUP: Backing up current running config",
        "Building configuration...",
        "BRANCH-7       never     no     --                   4101     198.51.100.0/24",
    ],
)
def test_what_is_neither_error_nor_warning(tmp_path, text):
    _bench, session = opened(tmp_path)
    assert session.reason(text) is None
    assert session.remarks(text) == []


def test_warnings_of_a_device_end_in_the_report(tmp_path):
    _bench, session = opened(tmp_path, options={"security_warnings": "true"})
    plan = Plan(("key chain T tcp", " key 1", "  key-string 0 demo", "  exit", " exit"), ("no key chain T",))
    assert any("SECURITY WARNING" in note for note in pushed(session, plan).notes)


def test_a_refused_line_leaves_the_configuration_mode_and_says_what_was_sent(tmp_path):
    bench, session = opened(tmp_path)
    report = PushReport()
    plan = Plan(("logging buffered 16384", "key chian X tcp", "snmp-server location X"))
    with pytest.raises(PushFailed, match=r"refused 'key chian X tcp'.*Invalid input"):
        session.push(plan, None, report)
    assert report.sent == ["logging buffered 16384", "key chian X tcp"]
    assert report.not_sent == ["snmp-server location X"]
    assert bench.sent[-1] == "end"
    assert session.run(["show clock"])


def test_a_refused_show_command(tmp_path):
    _bench, session = opened(tmp_path)
    with pytest.raises(CommandRejected, match="show nothing"):
        session.run(["show nothing"])


def test_clear_key_strings_never_leave_the_session(tmp_path):
    _bench, session = opened(tmp_path)
    said = session.run(["show key chain"])[0]
    assert 'key 1 -- text "********"' in said
    assert "cisco" not in said


# -- timed rollback ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "timer"), [(1, 1), (60, 1), (61, 2), (119, 2), (7200, 120)])
def test_the_timer_counts_minutes(seconds, timer):
    assert minutes(seconds) == timer


def test_an_armed_change_is_kept_when_it_is_confirmed(tmp_path):
    bench, session = opened(tmp_path)
    assert session.can_arm
    report = pushed(session, LOG, 90)
    assert report.armed
    assert "configure terminal revert timer 2" in bench.sent
    assert session.on_trial()
    session.confirm()
    assert not session.on_trial()
    bench.pass_time(600)
    assert "logging buffered" in bench.running("ms1")


def test_an_armed_change_goes_when_the_time_is_over_and_confirming_it_then_fails(tmp_path):
    bench, session = opened(tmp_path)
    before = bench.running("ms1")
    pushed(session, LOG, 60)
    bench.pass_time(61)
    assert bench.running("ms1") == before
    with pytest.raises(DeviceError, match="time was over"):
        session.confirm()


def test_an_armed_change_is_taken_back_now_by_a_later_session(tmp_path):
    bench, session = opened(tmp_path)
    before = bench.running("ms1")
    pushed(session, LOG, 600)
    session.close()
    later = bench.session("ms1")
    later.abort()
    assert bench.running("ms1") == before
    later.abort()  # nothing armed: nothing done


def test_without_an_archive_nothing_is_armed_and_the_report_says_so(tmp_path):
    bench, session = opened(tmp_path, archive=False)
    assert not session.can_arm
    assert not session.on_trial()
    report = pushed(session, LOG)
    assert not report.armed
    assert any("keeps no configuration archive" in note for note in report.notes)
    session.abort()
    assert "configure revert now" not in bench.sent


def test_a_wait_that_is_too_long_for_the_timer_is_not_armed(tmp_path):
    bench, session = opened(tmp_path)
    report = pushed(session, LOG, 7201)
    assert not report.armed
    assert "configure terminal" in bench.sent
    assert any("120 minutes" in note for note in report.notes)


def test_a_device_that_cannot_be_configured_is_busy_and_unchanged(tmp_path):
    bench, session = opened(tmp_path, archive=False)
    with pytest.raises(DeviceBusy, match=r"nothing was changed: Turn config archive on"):
        pushed(session, LOG, 60)
    assert "logging buffered 16384" not in bench.sent


def test_a_locked_configuration_is_told_from_other_refusals(tmp_path):
    bench, session = opened(tmp_path)
    bench.world.devices["ms1"].faults.add({"kind": "lock_candidate"})
    with pytest.raises(DeviceBusy, match="locked by somebody else"):
        pushed(session, LOG)


def test_log_lines_behind_the_prompt_do_not_matter(tmp_path):
    bench, session = opened(tmp_path, options={"terminal_monitor": "true"})
    pushed(session, LOG, 60)
    session.confirm()
    assert "logging buffered" in bench.running("ms1")


# -- saving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"overwrite_question": "true"}])
def test_saving(tmp_path, options):
    bench, session = opened(tmp_path, options=options)
    pushed(session, LOG)
    session.save()
    assert "logging buffered" in bench.world.devices["ms1"].startup


def test_the_running_configuration_has_no_lines_that_change_by_themselves(tmp_path):
    _bench, session = opened(tmp_path)
    pushed(session, LOG)
    text = session.running_config()
    assert "Last configuration change" not in text
    assert "Current configuration" not in text


def test_the_platform_is_found_by_name():
    assert registry.platform("netops.peerguard.cisco_iosxe").title == "Cisco IOS XE"
