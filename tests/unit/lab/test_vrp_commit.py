# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two-phase configuration: candidates, commit, trial, locks, questions, rollback, save."""

from __future__ import annotations

import pytest

from .labs import AUTH, Client, pair

PORT = ("system-view", "interface gi0/3/7")


def keyed(client: Client) -> bool:
    return AUTH in client.world.devices["pe1"].running


def test_nothing_takes_effect_before_commit() -> None:
    client = Client(pair())
    client.run(*PORT, f"{AUTH} plain k")
    assert not keyed(client)
    assert AUTH not in client.run("display this")
    assert client.run("display configuration candidate changes") == (
        "Building configuration\n  #\n  interface GigabitEthernet0/3/7\n+  " + f"{AUTH} plain k\n  #\n"
    )
    assert client.run("commit") == ""
    assert keyed(client)


def test_clear_lands_in_system_view() -> None:
    client = Client(pair())
    client.run(*PORT, f"{AUTH} plain k", "clear configuration candidate")
    assert client.prompt == "[~PE1]"
    client.run("commit")
    assert not keyed(client)


@pytest.mark.parametrize("wording", [1, 2])
@pytest.mark.parametrize(("answer", "kept", "prompt"), [("y", True, "<PE1>"), ("n", False, "<PE1>"), ("c", False, "*")])
def test_uncommitted_question(wording: int, answer: str, kept: bool, prompt: str) -> None:
    client = Client(pair(device={"options": {"uncommitted_question": wording}}))
    client.run(*PORT, f"{AUTH} plain k", "return")
    assert client.prompt.startswith("Warning: Uncommitted configurations found" + (". Are" if wording == 2 else ","))
    client.run("perhaps")
    assert client.prompt.endswith("[Y/N/C]:")
    client.run(answer)
    assert prompt in client.prompt
    assert keyed(client) is kept


def test_ctrl_z_asks_too_and_quit_only_at_the_last_view() -> None:
    client = Client(pair())
    client.run(*PORT, f"{AUTH} plain k", "quit")
    assert client.prompt == "[*PE1]"
    assert "Uncommitted" in client.terminal.receive("\x1a")


def test_candidates_are_private_and_die_with_the_session() -> None:
    world = pair()
    one, two = Client(world), Client(world)
    one.run(*PORT, f"{AUTH} plain k")
    two.run(*PORT)
    assert two.prompt.startswith("[~")
    one.terminal.close()
    assert not keyed(two)
    assert len(world.devices["pe1"].sessions) == 1


def test_second_commit_keeps_what_others_committed() -> None:
    world = pair()
    one, two = Client(world), Client(world)
    one.run(*PORT, f"{AUTH} plain k")
    two.run("system-view", "mpls", "mpls rsvp-te timer refresh 45", "commit")
    assert one.run("commit") == ""
    running = world.devices["pe1"].running
    assert "refresh 45" in running
    assert f"{AUTH} plain k" in running


def test_conflict_cancels_the_commit() -> None:
    world = pair()
    one, two = Client(world), Client(world)
    one.run(*PORT, f"{AUTH} plain k")
    two.run(*PORT, "undo mpls rsvp-te", "commit")
    shown = one.run("commit")
    assert shown.startswith(f"{AUTH} plain k\nError: ")
    assert "Commit canceled, the configuration conflicted with other user, you can modify \n" in shown
    assert one.prompt.startswith("[*")


def test_trial_reverts_even_without_the_session() -> None:
    world = pair()
    client = Client(world)
    client.run(*PORT, f"{AUTH} plain k")
    shown = client.run("commit trial 120")
    assert "is not confirmed in 120 seconds" in shown
    assert keyed(client)
    world.advance(69)
    assert client.run("display configuration trial status") == "Trial status: ACTIVE\nTrial time left (sec): 51\n"
    client.terminal.close()
    world.advance(50)
    assert keyed(client)
    world.advance(1)
    assert not keyed(client)
    assert "INACTIVE" in Client(world).run("display configuration trial status")


def test_plain_commit_confirms_a_trial() -> None:
    world = pair()
    client = Client(world)
    client.run(*PORT, f"{AUTH} plain k", "commit trial", "commit")
    world.advance(10_000)
    assert keyed(client)


def test_abort_trial() -> None:
    client = Client(pair())
    client.run(*PORT, f"{AUTH} plain k", "commit trial 60", "abort trial")
    assert client.prompt == "Warning: The trial configuration will be rolled back. Continue? [Y/N]:"
    client.run("y")
    assert not keyed(client)
    assert client.run("abort trial").startswith("Error: ")


def test_others_may_not_configure_during_a_trial() -> None:
    world = pair()
    one, two = Client(world), Client(world, user="somebody")
    one.run(*PORT, f"{AUTH} plain k", "commit trial 60")
    assert two.run("system-view", "mpls", "mpls rsvp-te timer refresh 45", "commit").startswith("Error: ")


@pytest.mark.parametrize("seconds", ["59", "65536"])
def test_trial_range(seconds: str) -> None:
    assert "Wrong parameter" in Client(pair()).run("system-view", f"commit trial {seconds}")


def test_commit_has_no_comment() -> None:
    assert "Unrecognized" in Client(pair()).run("system-view", 'commit comment "x"')


def test_exclusive_lock() -> None:
    world = pair()
    one, two = Client(world), Client(world)
    one.run("system-view", "configuration exclusive")
    two.run(*PORT, f"{AUTH} plain k")
    number = one.terminal.session.id + 400
    text = f"Error: The configuration is locked by other user. [Session ID = {number}]\n"
    assert two.run("commit") == text
    assert two.run("quit", "configuration exclusive") == text
    one.terminal.close()
    assert two.run("commit") == ""


def test_lock_and_commit_faults() -> None:
    world = pair()
    client = Client(world)
    faults = world.devices["pe1"].faults
    faults.add({"kind": "lock_candidate", "holder": 412, "times": 1})
    faults.add({"kind": "fail_commit", "text": "Error: No memory.", "times": 1})
    client.run(*PORT, f"{AUTH} plain k")
    assert client.run("commit") == "Error: The configuration is locked by other user. [Session ID = 412]\n"
    assert client.run("commit") == f"{AUTH} plain k\nError: No memory.\n"
    assert client.prompt.startswith("[*")
    assert client.run("commit") == ""


def test_immediate_mode_on_vrp8() -> None:
    client = Client(pair())
    client.run("system-view immediately", "interface gi0/3/7")
    assert client.prompt == "[PE1-GigabitEthernet0/3/7]"
    client.run(f"{AUTH} plain k")
    assert keyed(client)
    client.run("return", "system-view")
    assert client.prompt == "[~PE1]"


def test_mmi_mode_commits_on_leaving() -> None:
    client = Client(pair())
    client.run("mmi-mode enable", *PORT, f"{AUTH} plain k", "return")
    assert client.prompt == "<PE1>"
    assert keyed(client)


def test_commit_list_and_rollback() -> None:
    client = Client(pair())
    client.run(*PORT, f"{AUTH} plain k", "commit label before-x description some words")
    client.run(f"{AUTH} handshake", "commit", "return")
    verbose = client.run("display configuration commit list verbose 2")
    assert verbose.startswith("1) CommitId: 1000000002\n        Label: \n")
    assert "        Label: before-x\n" in verbose
    assert "        Description: some words\n" in verbose
    client.run("rollback configuration to commit-id 1000000001", "y")
    assert "handshake" not in client.world.devices["pe1"].running
    client.run("rollback configuration last 3", "y")
    assert not keyed(client)
    assert "Type: ROLLBACK" in client.run("display configuration commit list verbose 1")


@pytest.mark.parametrize(
    ("style", "asked"), [("ne40e", "Are you sure to continue?[Y/N]"), ("classic", "Continue? [Y/N]:")]
)
def test_save_survives_a_reboot(style: str, asked: str) -> None:
    world = pair(device={"options": {"save_dialogue": style}})
    client = Client(world)
    client.run(*PORT, f"{AUTH} plain k", "commit", "return", "save")
    assert client.prompt.endswith(asked)
    assert "Save the configuration successfully." in client.run("y")
    client.run(*PORT, f"undo {AUTH}", "commit")
    world.devices["pe1"].reboot()
    assert client.terminal.closed
    assert keyed(client)
