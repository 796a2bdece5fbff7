# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks against an emulated router, in one process."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from inprocess import Bench
from junose_labs import EDGE, ENABLE, PASSWORD, ROUTERS, edge_lab, mixed_lab

from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import facts as engine_facts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError
from ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option.feature import FEATURE

NAME = "junose_ipsec_option"
TX = [{"virtual_router": "default", "tx_invalid_cookie": True, "dpd": True}]


def bench(folder: Path, **lab: Any) -> Bench:
    made = Bench(folder, edge_lab(**lab))
    made.enable_password = ENABLE
    return made


def running(made: Bench) -> str:
    return str(made.world.devices["edge7"].running)


def unrelated(text: str) -> list[str]:
    return [line for line in text.splitlines() if "ipsec option" not in line and line != "!"]


def test_merged_twice(tmp_path: Path) -> None:
    made = bench(tmp_path)
    before = running(made)
    predicted = made.task("edge7", NAME, check=True, config=TX)
    assert running(made) == before
    assert not any("configure" in line for line in made.sent)
    first = made.task("edge7", NAME, config=TX)
    assert first["changed"]
    assert {key: first[key] for key in ("commands", "rollback", "diff", "after")} == {
        key: predicted[key] for key in ("commands", "rollback", "diff", "after")
    }
    assert [line for line in made.sent if line in first["commands"]] == first["commands"]
    assert unrelated(running(made)) == unrelated(before)
    again = made.task("edge7", NAME, config=TX)
    assert not again["changed"]
    assert again["commands"] == []
    assert not any("configure" in line for line in made.sent)


@pytest.mark.parametrize(
    ("state", "config", "after"),
    [
        (
            "merged",
            [{"virtual_router": "vrBlue", "dpd": True}],
            [{"virtual_router": "vrBlue", "dpd": True, "nat_t": False}],
        ),
        ("replaced", [{"virtual_router": "vrBlue", "dpd": True}], [{"virtual_router": "vrBlue", "dpd": True}]),
        ("replaced", [{"virtual_router": "vrRed", "dpd": True}],
         [{"virtual_router": "vrBlue", "nat_t": False}, {"virtual_router": "vrRed", "dpd": True}]),
        ("overridden", TX, TX),
        ("deleted", [{"virtual_router": "vrRed"}], [{"virtual_router": "vrBlue", "nat_t": False}]),
        ("deleted", None, []),
        ("merged", [{"virtual_router": "vrBlue", "nat_t": True}], []),
    ],
)  # fmt: skip
def test_states(tmp_path: Path, state: str, config: Any, after: Any) -> None:
    made = bench(tmp_path)
    before = running(made)
    result = made.task("edge7", NAME, state=state, **({"config": config} if config else {}))
    assert result["after"] == after
    assert made.task("edge7", NAME, state="gathered")["gathered"] == after
    assert unrelated(running(made)) == unrelated(before)
    assert made.world.devices["edge7"].config.routers() == list(ROUTERS)


def test_virtual_router_is_never_typed_in_configuration_mode(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.task("edge7", NAME, state="overridden", config=[{"virtual_router": name, "dpd": True} for name in ROUTERS])
    configuring = False
    for line in made.sent:
        assert not (configuring and line.startswith("virtual-router"))
        configuring = line == "configure terminal" or (configuring and line != "end")
    assert not configuring


@pytest.mark.parametrize("check", [True, False])
def test_an_unknown_router_is_refused_before_anything_is_sent(tmp_path: Path, check: bool) -> None:
    made = bench(tmp_path)
    before = running(made)
    result = made.task("edge7", NAME, check=check, config=[{"virtual_router": "vrRde", "dpd": True}])
    assert result["failed"]
    assert (
        "virtual router vrRde does not exist on this router and is never created; do you mean vrRed?" in result["msg"]
    )
    assert result["rules"] == ["junose_ipsec_option/virtual-router"]
    assert running(made) == before
    assert not any(line.startswith(("virtual-router", "configure")) for line in made.sent)


def test_a_cut_configuration_is_an_error(tmp_path: Path) -> None:
    result = bench(tmp_path, options={"cut_configuration": True}).task("edge7", NAME, config=TX)
    assert result["failed"]
    assert "the configuration is cut: it does not end with '! End of" in result["msg"]


def test_facts_of_a_cut_configuration_are_an_error_too(tmp_path: Path) -> None:
    made = bench(tmp_path, options={"cut_configuration": True})
    with pytest.raises(DeviceError, match=r"junose_ipsec_option: what the device shows could not be read: .* is cut"):
        engine_facts.gather(made.session("edge7"), {"min"}, [FEATURE], observe=True, warn=print)


def test_a_release_without_the_option_does_not_support_it(tmp_path: Path) -> None:
    made = bench(tmp_path, options={"lacks": ["tx-invalid-cookie"]})
    result = made.task("edge7", NAME, check=True, config=TX)
    assert result["failed"]
    assert "release 11.2.1 patch-0.4 does not know 'ipsec option tx-invalid-cookie'" in result["msg"]
    other = made.task("edge7", NAME, config=[{"virtual_router": "default", "dpd": True}], verify={"timeout": 5})
    assert other["changed"]
    assert other["converged"]
    assert other["observed"]["virtual_routers"]["default"]["options"]["tx_invalid_cookie"] is None


def test_a_router_without_any_of_the_options_does_not_support_them(tmp_path: Path) -> None:
    made = bench(tmp_path, options={"lacks": ["ipsec"]}, config='hostname "edge7"\n!\nvirtual-router default\n!\n')
    for args in ({"state": "gathered"}, {"config": TX}):
        result = made.task("edge7", NAME, **args)
        assert result["failed"]
        assert "does not know the IPsec options" in result["msg"]


def test_verify_without_a_peer_is_neither_success_nor_failure(tmp_path: Path) -> None:
    result = bench(tmp_path).task("edge7", NAME, config=TX, verify={"timeout": 6})
    assert (result["convergence"], result["converged"], result.get("failed")) == ("no_traffic", False, None)
    assert result["unmet"][0]["expected"] == "a completed IKE phase 1"


def test_a_stale_initiator_comes_back_once_the_option_is_on(tmp_path: Path) -> None:
    made = Bench(tmp_path, mixed_lab())
    made.enable_password = ENABLE
    made.pass_time(1)
    made.world.devices["edge7"].faults.add({"kind": "lose_phase1", "phase2": True})
    made.pass_time(600)
    stuck = made.task("edge7", NAME, state="gathered")
    assert stuck["gathered"] == [{"virtual_router": "vrBlue", "nat_t": False}]
    result = made.task("edge7", NAME, config=TX, verify={"timeout": 60, "interval": 3})
    assert result["convergence"] == "converged"
    (sa,) = result["observed"]["virtual_routers"]["default"]["ike_sas"]
    assert (sa["remote"], sa["state"]) == ("192.0.2.2", "DONE")


def test_turning_off_is_verified_too(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.task("edge7", NAME, config=TX)
    result = made.task("edge7", NAME, state="deleted", config=TX, verify={"timeout": 6})
    assert result["converged"]
    assert result["observed"]["virtual_routers"]["default"]["options"]["tx_invalid_cookie"] is False


def test_only_the_routers_of_the_task_are_looked_at(tmp_path: Path) -> None:
    made = bench(tmp_path)
    for args, names in (
        ({"config": TX}, ["default"]),
        ({"state": "overridden", "config": TX}, ["default", "vrBlue"]),
        ({"state": "deleted", "config": [{"virtual_router": "vrEmpty"}, {"virtual_router": "vrGone"}]}, ["vrEmpty"]),
        ({"state": "deleted"}, ["default"]),
    ):
        result = made.task("edge7", NAME, verify={"timeout": 1}, **args)
        assert list(result["observed"]["virtual_routers"]) == names
        assert not result.get("failed")


def test_older_spellings_are_tried(tmp_path: Path) -> None:
    made = bench(tmp_path, options={"old_spelling": True})
    made.task("edge7", NAME, config=TX, verify={"timeout": 3})
    assert "show ike sa" in made.sent


def rules(made: Bench, config: list[dict[str, Any]]) -> set[str]:
    warnings = made.task("edge7", NAME, check=True, config=config)["warnings"]
    return {match for text in warnings for match in re.findall(r"\[junose_ipsec_option/(.+)\]", text)}


def test_warnings_about_usefulness(tmp_path: Path) -> None:
    made = bench(tmp_path)
    assert rules(made, TX) == set()
    assert rules(made, [{"virtual_router": "default", "tx_invalid_cookie": True}]) == {"R8"}
    assert rules(made, [{"virtual_router": "vrRed", "tx_invalid_cookie": True, "dpd": True}]) == {"R3"}
    assert rules(made, [{"virtual_router": "vrEmpty", "tx_invalid_cookie": True, "dpd": True}]) == {"R11"}
    assert rules(made, [{"virtual_router": "vrBlue", "nat_t": True}]) == {"nat-t"}
    made.world.devices["edge7"].options["no_ism"] = True
    assert rules(made, TX) == {"no-ism"}


def test_enable_password_is_asked_for(tmp_path: Path) -> None:
    made = bench(tmp_path)
    made.enable_password = None
    result = made.task("edge7", NAME, config=TX)
    assert result["unreachable"]
    assert "set ansible_become_password" in result["msg"]
    made.enable_password = "Wrong-Pass"
    result = made.task("edge7", NAME, config=TX)
    assert result["unreachable"]
    assert "refused privilege level 15" in result["msg"]
    assert "Wrong-Pass" not in str(result)


def test_no_enable_password_and_privileged_logins(tmp_path: Path) -> None:
    for device in ({"enable_password": ""}, {"options": {"privileged": True}}):
        made = bench(tmp_path, **device)
        made.enable_password = None
        assert made.task("edge7", NAME, config=TX)["changed"]


@pytest.mark.parametrize("options", [{"nul_bytes": True}, {"wait_dots": 9}])
def test_noise_on_the_line(tmp_path: Path, options: dict[str, Any]) -> None:
    made = bench(tmp_path, options=options)
    assert made.task("edge7", NAME, config=TX)["changed"]
    assert not made.task("edge7", NAME, config=TX)["changed"]


def test_saving_with_automatic_commit_needs_nothing(tmp_path: Path) -> None:
    made = bench(tmp_path)
    assert made.task("edge7", NAME, config=TX)["saved"]
    made.world.devices["edge7"].reboot()
    assert not made.task("edge7", NAME, config=TX)["changed"]


def test_saving_with_manual_commit(tmp_path: Path) -> None:
    made = bench(tmp_path, manual_commit=True)
    assert not made.task("edge7", NAME, config=TX, save_when="never")["saved"]
    made.world.devices["edge7"].reboot()
    assert made.task("edge7", NAME, config=TX)["changed"]
    made.world.devices["edge7"].reboot()
    assert not made.task("edge7", NAME, config=TX)["changed"]


def test_saving_waits_for_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    made = bench(tmp_path, manual_commit=True, options={"nvs_busy": 4})
    assert made.task("edge7", NAME, config=TX)["saved"]
    assert waits == [0.2, 0.4, 0.8, 1.6]
    made.world.devices["edge7"].nvs_busy = 10_000
    result = made.task("edge7", NAME, config=TX, save_when="always")
    assert result["failed"]
    assert "Non-Volatile memory is in use" in result["msg"]
    assert 60 < sum(waits) < 75


def test_a_save_that_proves_nothing_is_not_called_saved(tmp_path: Path) -> None:
    """Refused, and whether that is because of automatic commit cannot be seen."""
    made = bench(tmp_path)
    made.world.devices["edge7"].make_shell = Refusing(
        made, "write memory", "show configuration | include manual-commit"
    )  # type: ignore[method-assign]
    result = made.task("edge7", NAME, config=TX)
    assert result["failed"]
    assert not result["saved"]
    assert "in place, but not saved" in result["msg"]


class Refusing:
    """A router that loses its mind at some lines."""

    def __init__(self, made: Bench, *lines: str) -> None:
        self.shell = made.world.devices["edge7"].make_shell
        self.lines = lines

    def __call__(self, terminal: Any) -> Any:
        shell = self.shell(terminal)
        execute = shell.execute
        shell.execute = lambda line: type(execute(""))("% Too busy\n") if line in self.lines else execute(line)
        return shell


def test_a_refused_line_is_taken_back(tmp_path: Path) -> None:
    made = bench(tmp_path)
    before = running(made)
    device = made.world.devices["edge7"]
    device.make_shell = Refusing(made, "ipsec option dpd")  # type: ignore[method-assign]
    config = [{"virtual_router": "default", "tx_invalid_cookie": True}, {"virtual_router": "vrRed", "dpd": True}]
    result = made.task("edge7", NAME, config=config)
    assert result["failed"]
    assert result["reverted"]
    assert not result["changed"]
    assert "refused 'ipsec option dpd' (in virtual router vrRed): Too busy" in result["msg"]
    assert result["progress"]["not_sent"] == ["end"]
    assert running(made) == before


def test_a_session_cut_in_the_middle_is_taken_back(tmp_path: Path) -> None:
    made = bench(
        tmp_path, faults=[{"kind": "drop_session", "matching": "ipsec option dpd", "when": "after", "times": 1}]
    )
    before = running(made)
    result = made.task("edge7", NAME, config=TX)
    assert result["failed"]
    assert result["reverted"]
    assert running(made) == before
    assert made.task("edge7", NAME, config=TX)["changed"]


def test_not_converged_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench(tmp_path)
    before = running(made)
    wrong = "IPsec options:\n  Dead Peer Detection: disabled\n"
    show = (
        "ansible_collections.netops.peerguard.plugins.plugin_utils.features.junose_ipsec_option.observe.parse_options"
    )
    monkeypatch.setattr(show, lambda _text: {"tx_invalid_cookie": True, "dpd": False, "nat_t": True} if wrong else {})
    result = made.task("edge7", NAME, config=TX, verify={"timeout": 6})
    assert result["failed"]
    assert result["reverted"]
    assert "expected dpd enabled, seen dpd disabled" in result["msg"]
    assert running(made) == before


def test_backup_masks_keys_and_is_whole(tmp_path: Path) -> None:
    made = bench(tmp_path)
    result = made.task("edge7", NAME, config=TX, backup=True)
    text = Path(result["backup_path"]).read_text()
    assert "masked-key ********" in text
    assert text.rstrip().endswith("! End of generated configuration script.")
    parsed = made.task("edge7", NAME, state="parsed", running_config=text)["parsed"]
    assert parsed == [{"virtual_router": "vrBlue", "nat_t": False}]


def test_no_password_in_results(tmp_path: Path) -> None:
    made = bench(tmp_path)
    for args in ({"config": TX, "verify": {"timeout": 3}}, {"state": "gathered"}):
        text = str(made.task("edge7", NAME, **args))
        assert ENABLE not in text
        assert PASSWORD not in text
    assert "key" in EDGE
