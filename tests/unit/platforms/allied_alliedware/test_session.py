# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session against the emulator: prompts, pager, refusals, security officer, saving."""

from __future__ import annotations

import pytest
from allied_labs import AlliedBench, branch, lab

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import CommandRejected, DeviceError

SECURE = {"options": {"security_mode": True}, "enable_password": "officer-pass"}


def test_facts(tmp_path):
    facts = AlliedBench(tmp_path, lab()).session("b12").facts
    assert (facts.hostname, facts.version, facts.model) == ("branch12", "2.8.1-00", "AT-8748XL")
    assert facts.numbers == (2, 8, 1)
    assert facts.serial.isdigit()


@pytest.mark.parametrize("name", ["", "b12", "branch-12.east"])
@pytest.mark.parametrize("privilege", ["manager", "secoff", "user"])
def test_every_prompt_ends_an_answer(tmp_path, name, privilege):
    bench = AlliedBench(tmp_path, lab(options={"privilege": privilege}))
    device = bench.world.devices["b12"]
    config = device.config.copy()
    config.rename(name)
    device.set_config(config)
    session = bench.session("b12")
    assert "AT-8748XL" in session.run(["show system"])[0]
    assert session.facts.hostname == name
    assert "Boot configuration" in session.run(["show config"])[0]


def test_paged_text_arrives_whole(tmp_path):
    bench = AlliedBench(tmp_path, lab(options={"screen_length": 3}))
    session = bench.session("b12")
    assert session.running_config().strip() == bench.running("b12").strip()
    assert bench.channels[-1].sent.count("c") == 1


def test_a_bare_cr_makes_no_empty_commands(tmp_path):
    bench = AlliedBench(tmp_path, lab())
    bench.type("show system", "show config")
    assert bench.world.devices["b12"].commands.count == 2


@pytest.mark.parametrize(
    "command", ["frobnicate", "show frobnication", 'set isakmp pol="nope" msgt=4', 'set isakmp pol="hq" msgt=0']
)
def test_refusals_carry_the_devices_own_words(tmp_path, command):
    with pytest.raises(CommandRejected, match=r"Error \(3\d{6}\): "):
        AlliedBench(tmp_path, lab()).type(command)


def test_security_mode_without_an_officers_password_says_what_to_do(tmp_path):
    bench = AlliedBench(tmp_path, lab(**SECURE))
    with pytest.raises(CommandRejected, match=r"security officer.*ansible_user.*secoff.*ansible_become_password"):
        bench.type("show config dynamic")


def test_security_mode_with_an_officers_password(tmp_path):
    bench = AlliedBench(tmp_path, lab(**SECURE))
    bench.enable_password = "officer-pass"
    session = bench.session("b12")
    assert "create isakmp" in session.running_config()
    assert "create isakmp" in session.running_config()
    assert bench.channels[-1].sent.count("login secoff") == 1


def test_security_mode_with_a_wrong_password(tmp_path):
    bench = AlliedBench(tmp_path, lab(**SECURE))
    bench.enable_password = "not-it"
    with pytest.raises(LoginRefused, match=r"secoff; check ansible_become_password") as refused:
        bench.type("show config dynamic")
    assert "not-it" not in str(refused.value)


def test_an_unknown_command_is_no_reason_to_become_officer(tmp_path):
    bench = AlliedBench(tmp_path, lab(**SECURE))
    bench.enable_password = "officer-pass"
    with pytest.raises(CommandRejected, match="Unknown command"):
        bench.type("frobnicate")
    assert "login secoff" not in bench.channels[-1].sent


def test_save_writes_to_the_file_that_the_device_names(tmp_path):
    bench = AlliedBench(tmp_path, lab(options={"boot_config": "flash:site1.cfg"}))
    bench.type('set isakmp policy="hq" msgtimeout=9')
    session = bench.session("b12")
    session.save()
    assert bench.channels[-1].sent[-1] == "create config=flash:site1.cfg"
    device = bench.world.devices["b12"]
    assert device.startup == device.running
    device.reboot()
    assert "msgt=9" in device.running


def test_save_without_a_boot_file_says_so(tmp_path):
    bench = AlliedBench(tmp_path, lab(options={"boot_config": ""}))
    with pytest.raises(DeviceError, match="names no boot configuration file"):
        bench.session("b12").save()


def test_what_was_not_saved_is_gone_after_a_restart(tmp_path):
    bench = AlliedBench(tmp_path, lab())
    before = bench.running("b12")
    bench.type('set isakmp policy="hq" msgtimeout=9')
    assert bench.running("b12") != before
    bench.world.devices["b12"].reboot()
    assert bench.running("b12") == before


def test_the_emulator_keeps_lines_it_does_not_know(tmp_path):
    odd = "\n#\n# SNMP configuration\n#\nenable snmp\n create  snmp   community=x\n"
    text = lab(config=branch() + odd)
    assert " create  snmp   community=x\n" in AlliedBench(tmp_path, text).running("b12")
