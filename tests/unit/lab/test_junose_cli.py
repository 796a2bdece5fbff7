# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated JunOSe router as a person meets it at its CLI."""

from __future__ import annotations

import json
from typing import Any

import pytest
from junose_labs import EDGE, KEY

from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.labfile import parse_lab
from ansible_collections.netops.peerguard.plugins.plugin_utils.lab.world import World


def world(**device: Any) -> World:
    spec = {"platform": "juniper_junose", "config": EDGE, **device}
    return World(parse_lab({"name": "edge", "clock": "manual", "devices": {"edge7": spec}}))


class Person:
    """Types lines at the router."""

    def __init__(self, lab: World, *, transport: str = "ssh", user: str | None = "netops", enable: bool = True) -> None:
        self.terminal = lab.devices["edge7"].open_session(transport, user)
        self.welcome = self.terminal.start()
        if enable:
            self.run("enable 15", "terminal length 0")

    def run(self, *lines: str) -> str:
        """Output of the last line, without echo; ``prompt`` is what follows."""
        text = ""
        for line in lines:
            text = self.terminal.receive(line + "\r").replace("\r", "").partition("\n")[2]
        text, newline, self.prompt = text.rpartition("\n")
        return text + newline


def test_prompts_carry_router_and_mode() -> None:
    cli = Person(world(), enable=False)
    assert "Logged in on vty 0 via SSH." in cli.welcome
    assert cli.welcome.endswith("\nedge7>")
    cli.run("enable")
    assert (cli.prompt, cli.run("show privilege")) == ("edge7#", "Privilege level is 10\n")
    cli.run("virtual-router vrRed")
    assert cli.prompt == "edge7:vrRed#"
    assert "Enter configuration commands" in cli.run("configure terminal")
    assert cli.prompt == "edge7:vrRed(config)#"
    cli.run("ipsec key manual pre-share 10.1.1.1")
    assert cli.prompt == "edge7:vrRed(config-manual-key)#"
    cli.run("end")
    assert cli.prompt == "edge7:vrRed#"


def test_exit_twice() -> None:
    cli = Person(world())
    cli.run("exit")
    assert cli.prompt == "edge7>"
    cli.run("exit")
    assert cli.terminal.closed


def test_exec_selects_and_configuration_creates() -> None:
    lab = world()
    cli = Person(lab)
    assert cli.run("virtual-router vrNew") == "% Virtual router vrNew does not exist\n"
    assert "vrNew" not in lab.devices["edge7"].running
    cli.run("configure terminal", "virtual-router vrNew")
    assert cli.prompt == "edge7:vrNew(config)#"
    assert "virtual-router vrNew" in lab.devices["edge7"].running


def test_options_hold_in_their_router_only() -> None:
    cli = Person(world())
    cli.run("virtual-router vrRed", "configure terminal", "ipsec option tx-invalid-cookie", "end")
    assert "TX Invalid Cookie  : enabled" in cli.run("show ipsec option")
    assert "TX Invalid Cookie  : disabled" in cli.run("virtual-router default", "show ipsec option")
    assert cli.run("show configuration | include option") == "ipsec option tx-invalid-cookie\nno ipsec option nat-t\n"


def test_defaults_are_not_printed_and_come_back_byte_for_byte() -> None:
    lab = world()
    before = lab.devices["edge7"].running
    cli = Person(lab)
    cli.run("configure terminal", "ipsec option dpd", "no ipsec option nat-t")
    assert lab.devices["edge7"].running != before
    cli.run("no ipsec option dpd", "ipsec option nat-t", "no ipsec option tx-invalid-cookie")
    assert lab.devices["edge7"].running == before


def test_configuration_envelope() -> None:
    text = Person(world()).run("show configuration")
    lines = text.splitlines()
    assert lines[0] == "Please wait..."
    assert lines[1].startswith("! Configuration script being generated on WED MAY 14 2031 09:20:00 UTC")
    assert lines[-1] == "! End of generated configuration script."
    assert KEY not in text
    assert "% not an error" in text


def test_masked_keys_look_different_every_time() -> None:
    cli = Person(world())
    assert cli.run("show configuration | include masked") != cli.run("show configuration | include masked")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("show nothing", "           ^\n% Invalid input detected at '^' marker.\n"),
        ("show", "% Incomplete command\n"),
        ("show ve extra", "              ^\n% Invalid input detected at '^' marker.\n"),
        ("co", '% Ambiguous command:  "co"\n'),
    ],
)
def test_errors(line: str, answer: str) -> None:
    assert Person(world()).run(line) == answer


def test_clearing_takes_exactly_one_selector_and_is_never_stored() -> None:
    lab = world()
    before = lab.devices["edge7"].running
    cli = Person(lab)
    cli.run("configure terminal")
    assert cli.run("ipsec clear sa all phase 2") == ""
    assert cli.run("ipsec clear sa tunnel ipsec:red2hq phase 2") == ""
    assert cli.run("ipsec clear sa phase 2").endswith("marker.\n")
    assert cli.run("ipsec clear sa all") == "% Incomplete command\n"
    assert cli.run("ipsec clear sa all phase 3").endswith("marker.\n")
    assert cli.run("no ipsec clear sa all phase 2").endswith("marker.\n")
    assert cli.run("ipsec clear sa tunnel ipsec:nope phase 1") == "% Tunnel ipsec:nope does not exist\n"
    assert lab.devices["edge7"].running == before


def test_saving_follows_the_commit_mode() -> None:
    lab = world(options={"nvs_busy": 1})
    cli = Person(lab)
    assert "Non-Volatile memory is in use" in cli.run("write memory")
    assert cli.run("write memory").startswith("% ")
    cli.run("configure terminal", "service manual-commit", "ipsec option dpd", "end")
    device = lab.devices["edge7"]
    assert "option dpd" not in device.startup
    assert cli.run("copy running-configuration startup-configuration") == "Please wait...\n"
    assert "option dpd" in device.startup


def test_login_dialogues() -> None:
    lab = world(options={"login": "line"})
    cli = Person(lab, transport="telnet", user=None, enable=False)
    assert cli.welcome.endswith("Telnet password: ")
    said = cli.terminal.receive("lab-pass\r")
    assert said.startswith("********\r\n")
    assert "via telnet." in said
    lab = world(options={"ssh_login_again": True})
    cli = Person(lab, enable=False)
    assert cli.welcome.endswith("User: ")
    cli.run("netops")
    assert cli.prompt == "Password: "
    cli.run("wrong")
    assert cli.prompt == "User: "


def test_enable_password() -> None:
    cli = Person(world(enable_password="En-Pass"), enable=False)
    cli.run("enable 15")
    assert cli.prompt == "Password: "
    assert cli.run("a", "b", "c") == "********\n% Bad password\n".partition("\n")[2]
    cli.run("enable 15", "En-Pass")
    assert cli.prompt == "edge7#"


def test_do_and_control_z() -> None:
    cli = Person(world())
    cli.run("configure terminal")
    assert cli.run("do show privilege") == "Privilege level is 15\n"
    assert cli.run("run show virtual-router | include Blue") == "Virtual Router : vrBlue\n"
    assert cli.terminal.receive("\x1a").endswith("edge7#")


def test_pager() -> None:
    cli = Person(world(), enable=False)
    cli.run("enable 15")
    said = cli.terminal.receive("show configuration\r")
    assert said.endswith(" --More-- ")
    assert "edge7#" not in said.split("\r\n", 1)[1]


def test_neighbouring_configuration_commands() -> None:
    lab = world()
    cli = Person(lab)
    cli.run(
        "virtual-router vrBlue", "configure terminal", "interface tunnel ipsec:blue2hq transport-virtual-router default"
    )
    cli.run("tunnel source 198.51.100.9", "tunnel destination 203.0.113.77", "exit")
    assert (
        cli.run("ipsec transform-set ts2 esp-3des-hmac-sha ah-hmac-md5", "ipsec ike-policy-rule 7", "group 2", "end")
        == ""
    )
    text = lab.devices["edge7"].running
    assert "interface tunnel ipsec:blue2hq transport-virtual-router default\n tunnel source 198.51.100.9\n" in text
    assert "ipsec ike-policy-rule 7\n group 2\n" in text
    assert (
        text.index("virtual-router vrBlue")
        < text.index("ipsec transform-set ts2")
        < text.index("virtual-router vrEmpty")
    )
    assert "IPSEC tunnel blue2hq is down\n1 IPSEC tunnel found\n" in cli.run("show ipsec tunnel")
    cli.run("configure terminal", "no interface tunnel ipsec:blue2hq", "no ipsec transform-set ts2", "end")
    assert "blue2hq" not in lab.devices["edge7"].running


def test_save_and_restore_of_the_lab() -> None:
    lab = world()
    cli = Person(lab)
    cli.run("configure terminal", "ipsec option dpd", "end")
    data = json.loads(json.dumps(lab.snapshot()))
    fresh = world()
    fresh.restore(data)
    assert fresh.devices["edge7"].running == lab.devices["edge7"].running
    assert fresh.snapshot()["devices"] == data["devices"]
