# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netmiko's own drivers: connect, enable, paging, show, config, errors, save, disconnect, autodetection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lab_fixtures import LabHandle
from netmiko import ConnectHandler, SSHDetect, ssh_autodetect
from netmiko.exceptions import ConfigInvalidException, NetmikoAuthenticationException, ReadTimeout

pytestmark = pytest.mark.lab

CISCO = ("cisco_xe", "cisco_xe_telnet")
XE_ERROR = r"% (Invalid|Incomplete|Ambiguous|.*[Ee]rror)"


@contextmanager
def connected(lab: LabHandle, device: str, device_type: str, **more: Any) -> Iterator[Any]:
    connection = ConnectHandler(**lab.netmiko(device, device_type, **more))
    try:
        yield connection
    finally:
        connection.disconnect()


# -- Cisco IOS XE -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device_type", CISCO)
def test_xe_enable_show_config_save(lab: LabHandle, device_type: str) -> None:
    name = f"KC-{device_type}"
    with connected(lab, "xe1", device_type) as xe:
        assert xe.find_prompt() == "XE1>"
        assert xe.check_enable_mode() is False
        xe.enable()
        assert xe.find_prompt() == "XE1#"
        assert "Cisco IOS XE Software" in xe.send_command("show version")
        long = xe.send_command("show running-config")
        assert "--More--" not in long
        assert long.rstrip().endswith("end")
        lines = [f"key chain {name} tcp", "key 5", "send-id 5", "recv-id 5", "key-string a key with blanks"]
        assert "%" not in xe.send_config_set(lines)
        assert f"key chain {name} tcp" in xe.send_command("show running-config | section ^key chain")
        xe.send_config_set([f"no key chain {name}"])
        assert "[OK]" in xe.save_config()
        assert name not in xe.send_command("show startup-config")


@pytest.mark.parametrize("device_type", CISCO)
def test_xe_errors(lab: LabHandle, device_type: str) -> None:
    with connected(lab, "xe1", device_type) as xe:
        xe.enable()
        assert "% Invalid input detected at '^' marker." in xe.send_command("show nonsense here")
        with pytest.raises(ConfigInvalidException, match="Invalid input"):
            xe.send_config_set(["hostname XE1", "rooter lisp"], error_pattern=XE_ERROR)
        xe.exit_config_mode()
        assert xe.find_prompt() == "XE1#"


def test_xe_wrong_enable_secret_and_password(lab: LabHandle) -> None:
    """IOS asks for the secret three times; netmiko gives it once and waits for a prompt, on real devices too."""
    with connected(lab, "xe1", "cisco_xe", secret="wrong", read_timeout_override=1.0) as xe:
        with pytest.raises((ValueError, ReadTimeout)):
            xe.enable()
        assert "% Bad secrets" in xe.send_multiline_timing(["wrong", "wrong"])
    with pytest.raises(NetmikoAuthenticationException):
        ConnectHandler(**lab.netmiko("xe1", "cisco_xe", password="wrong"))


def test_xe_pager_by_hand(lab: LabHandle) -> None:
    """netmiko switches paging off; somebody who switches it on again gets pages."""
    with connected(lab, "xe1", "cisco_xe") as xe:
        xe.enable()
        xe.send_command("terminal length 10")
        page = xe.send_command("show running-config", expect_string="--More--")
        assert page.count("\n") <= 11
        rest = xe.send_command_timing("q", normalize=False, strip_prompt=False)
        assert rest.rstrip().endswith("XE1#")


def test_xe_commit_confirm(lab: LabHandle) -> None:
    with connected(lab, "xe1", "cisco_xe") as xe:
        xe.enable()
        xe.send_config_set(["hostname CHANGED"], config_mode_command="configure terminal revert timer 5")
        assert "Timer value: 5 min" in xe.send_command("show archive config rollback timer")
        said = xe.send_command("configure revert now", expect_string=r"XE1#")
        assert "Rollback Done" in said
        xe.set_base_prompt()
        assert "%No Rollback Confirmed Change pending" in xe.send_command("configure confirm")


def test_xe_interactive_copy(lab: LabHandle) -> None:
    with connected(lab, "xe1", "cisco_xe") as xe:
        xe.enable()
        steps = [["copy running-config startup-config", r"\[startup-config\]\?"], ["\n", r"XE1#"]]
        assert "[OK]" in xe.send_multiline(steps)


def test_xe_structured_output(lab: LabHandle) -> None:
    """The templates of ntc-templates fit what the device prints."""
    with connected(lab, "xe1", "cisco_xe") as xe:
        rows = xe.send_command("show ip interface brief", use_textfsm=True)
        assert {"interface": "Loopback0", "ip_address": "192.0.2.1", "status": "up", "proto": "up"} in rows
        version = xe.send_command("show version", use_textfsm=True)
        assert version[0]["hostname"] == "XE1"
        assert version[0]["version"] == "17.9.4a"


# -- Huawei VRP -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("device", "device_type"), [("vrp8", "huawei_vrpv8"), ("vrp5", "huawei_vrp")])
def test_huawei(lab: LabHandle, device: str, device_type: str) -> None:
    with connected(lab, device, device_type) as vrp:
        assert vrp.find_prompt() == f"<{device}>"
        assert "VRP" in vrp.send_command("display version")
        text = vrp.send_command("display current-configuration")
        assert "---- More ----" not in text
        assert text.rstrip().endswith("return")
        assert "Error" in vrp.send_command("display nonsense")
        vrp.send_config_set(["mpls lsr-id 10.9.9.9"])
        if device == "vrp8":
            vrp.config_mode()
            vrp.commit()
            vrp.exit_config_mode()
        assert "mpls lsr-id 10.9.9.9" in vrp.send_command("display current-configuration")
        with pytest.raises(ConfigInvalidException):
            vrp.send_config_set(["mpls lsr-id 10.9.9.999"], error_pattern=r"Error:")


@pytest.mark.parametrize(("device", "device_type"), [("vrp8", "huawei_vrpv8"), ("vrp5", "huawei_vrp")])
def test_huawei_save(lab: LabHandle, device: str, device_type: str) -> None:
    with connected(lab, device, device_type) as vrp:
        said = vrp.save_config()
        assert "uccessfully" in said


@pytest.mark.parametrize(("device", "device_type"), [("vrp8", "huawei_telnet"), ("vrp5", "huawei_telnet")])
def test_huawei_telnet(lab: LabHandle, device: str, device_type: str) -> None:
    with connected(lab, device, device_type) as vrp:
        assert "VRP" in vrp.send_command("display version")


def test_huawei_commit_that_is_refused(lab: LabHandle) -> None:
    """After a refused commit netmiko leaves with ``return``, VRP asks whether to commit what is left, and netmiko has
    no answer to that, here as on a device. What was not committed goes with the session."""
    lab.fault("vrp8", "fail_commit", times=1)
    with connected(lab, "vrp8", "huawei_vrpv8", read_timeout_override=1.0) as vrp:
        vrp.send_config_set(["interface LoopBack7"])
        with pytest.raises(ReadTimeout):
            vrp.commit()
        vrp.send_command_timing("n")
    with connected(lab, "vrp8", "huawei_vrpv8") as vrp:
        assert "LoopBack7" not in vrp.send_command("display current-configuration")


def test_huawei_paging_by_hand(lab: LabHandle) -> None:
    with connected(lab, "vrp8", "huawei_vrpv8") as vrp:
        assert vrp.check_enable_mode() is True  # there is no such mode, so netmiko says yes
        vrp.send_command("undo screen-length temporary")
        page = vrp.send_command("display mpls rsvp-te ?", expect_string=r"[>]")
        vrp.write_channel("\x15")
        assert "statistics" in page
        vrp.send_command("screen-length 5 temporary")
        page = vrp.send_command("display interface brief", expect_string=r"---- More ----", strip_prompt=False)
        assert page.count("\n") <= 7
        assert "<vrp8>" in vrp.send_command_timing("q", normalize=False, strip_prompt=False)


def test_huawei_driver_without_commit_on_vrp8(lab: LabHandle) -> None:
    """netmiko's ``huawei_vrp`` knows no commit: it leaves the system view after its lines, VRP8 asks whether to commit
    them, and netmiko waits for a prompt that does not come. So it does on a device; ``huawei_vrpv8`` is for those."""
    with connected(lab, "vrp8", "huawei_vrp", read_timeout_override=1.0) as vrp:
        assert "VRP" in vrp.send_command("display version")
        with pytest.raises(ReadTimeout):
            vrp.send_config_set(["interface LoopBack9"])
        vrp.send_command_timing("n")
        with pytest.raises(AttributeError, match=r"[Cc]ommit"):
            vrp.commit()


# -- H3C Comware ------------------------------------------------------------------------------------------------------

COMWARE = ("hp_comware", "h3c_comware", "hp_comware_telnet")
COMWARE_ERROR = r"(?m)^\s*% .*"


@pytest.mark.parametrize("device_type", COMWARE)
@pytest.mark.parametrize(("device", "name"), [("fw5", "FW-5"), ("fw7", "FW-7")])
def test_comware(lab: LabHandle, device: str, name: str, device_type: str) -> None:
    timer = "ike sa keepalive-timer interval" if device == "fw5" else "ike keepalive interval"
    with connected(lab, device, device_type) as fw:
        assert fw.find_prompt() == f"<{name}>"
        fw.enable()  # to netmiko, that is the system view
        assert fw.find_prompt() == f"[{name}]"
        fw.exit_enable_mode()
        assert fw.find_prompt() == f"<{name}>"
        assert "Comware" in fw.send_command("display version")
        text = fw.send_command("display current-configuration")
        assert "---- More ----" not in text
        assert text.rstrip().endswith("return")
        assert " % Unrecognized command found at '^' position." in fw.send_command("display nonsense")
        fw.send_config_set([f"{timer} 20"])
        assert fw.find_prompt() == f"<{name}>"
        assert f" {timer} 20" in fw.send_command("display current-configuration | include keepalive")
        with pytest.raises(ConfigInvalidException, match="Wrong parameter"):
            fw.send_config_set([f"{timer} 19"], error_pattern=COMWARE_ERROR)
        assert fw.check_config_mode()
        assert "successfully" in fw.save_config()
        assert fw.find_prompt() == f"[{name}]"  # netmiko saves in the system view and stays there
        fw.exit_config_mode()
        fw.send_config_set([f"undo {timer}"])
        assert f" {timer} 20" in fw.send_command("display saved-configuration")


def test_comware_paging_by_hand(lab: LabHandle) -> None:
    with connected(lab, "fw7", "hp_comware") as fw:
        fw.send_command("undo screen-length disable")
        fw.send_config_set([f"ike profile p{number}" for number in range(15)])
        page = fw.send_command("display current-configuration", expect_string="---- More ----")
        assert page.count("\n") <= 26
        assert "<FW-7>" in fw.send_command_timing("\x03", normalize=False, strip_prompt=False)


# -- autodetection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "found"),
    [("xe1", "cisco_xe"), ("vrp8", "huawei"), ("vrp5", "huawei")],
)
def test_autodetect(lab: LabHandle, device: str, found: str) -> None:
    """netmiko has one pattern for all of Huawei VRP: VRP8 is found as ``huawei`` too, on real devices as well."""
    guesser = SSHDetect(**lab.netmiko(device, "autodetect"))
    assert guesser.autodetect() == found


def test_autodetect_does_not_know_comware_v5(lab: LabHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    """netmiko looks for a line that only Comware V7 prints: V5 is not found, there as here."""
    comware = [(name, rule) for name, rule in ssh_autodetect.SSH_MAPPER_BASE if "comware" in name]
    assert comware
    monkeypatch.setattr(ssh_autodetect, "SSH_MAPPER_BASE", comware)  # all of them would take two minutes
    for device, found in (("fw5", None), ("fw7", "h3c_comware")):
        assert SSHDetect(**lab.netmiko(device, "autodetect")).autodetect() == found
