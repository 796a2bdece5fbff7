# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global and section commands that are not the product's subject: names, ports, services, and lines kept verbatim."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...fidelity import CODE, DOC, GUESS, KEPT
from ...grammar import Match, Mode
from ...shell import Reply
from .config import IosConfig, Vault, WrongValue, begins
from .dialect import Dialect
from .lines import BLOCKS, INNER_BLOCKS, PLAIN_GLOBAL, SHOWN_NO, SINGLE

if TYPE_CHECKING:
    from .shell import IosShell

_MASTER_KEY = (
    "% WARNING: The master key is not configured, so passwords/secrets might not be encrypted.\n"
    "% Use 'key config-key password-encrypt' to set it.\n"
)


def declare(modes: dict[str, Mode], _dialect: Dialect) -> None:
    inside, config, interface, block = modes["inside"], modes["config"], modes["interface"], modes["block"]
    inside.add("exit", lambda shell, _match: shell.leave(), DOC)
    inside.add("end", lambda shell, _match: shell.leave(len(shell.views)), DOC)
    inside.add("do <line:raw>", lambda shell, match: shell.run_exec(match.args["line"]), GUESS)
    inside.add("quit", lambda shell, _match: shell.leave(), GUESS)
    config.add("hostname <name:word(1-63)>", _hostname, CODE)
    config.add("no hostname [ <name:word> ]", _no_hostname, CODE)
    config.add("service password-encryption", _encrypt, GUESS)
    config.add("password encryption aes", _encrypt, GUESS)
    config.add("key config-key password-encrypt [ <secret:raw> ]", _master_key, GUESS.prints(GUESS))
    config.add("no key config-key password-encrypt [ <secret:raw> ]", _no_master_key, GUESS.prints(GUESS))
    config.add("interface <name:interface>", _interface, CODE)
    config.add("no interface <name:interface>", _no_interface, CODE)
    config.add("archive", lambda shell, _match: shell.open_section("archive", "config-archive", "archive"), DOC)
    config.add("no archive", lambda shell, _match: shell.drop_exact("archive"), DOC)
    archive = modes["archive"]
    archive.add("path <file:file>", partial(_single, key="path"), DOC)
    archive.add("maximum <number:int(1-14)>", partial(_single, key="maximum"), DOC)
    archive.add("time-period <minutes:int(1-525600)>", partial(_single, key="time-period"), GUESS)
    archive.add("write-memory", lambda shell, _match: shell.put("write-memory"), DOC)
    for word in ("path", "maximum", "time-period", "write-memory"):
        archive.add(f"no {word} [ <rest:rest> ]", partial(_drop, key=word), GUESS)
    archive.add("log config", _block, GUESS)
    interface.add("shutdown", lambda shell, _match: shell.put("shutdown"), CODE)
    interface.add("no shutdown", lambda shell, _match: shell.drop_exact("shutdown"), CODE)
    interface.add("<line:own>", _line, KEPT)
    interface.add("no <line:own>", _no_line, KEPT)
    block.add("<line:own>", _line, KEPT)
    block.add("no <line:own>", _no_line, KEPT)
    plain = set(PLAIN_GLOBAL)
    for words in BLOCKS:
        config.add(f"{words} [ <rest:rest> ]", _block, KEPT)
        config.add(f"no {words} [ <rest:rest> ]", _no_line, KEPT)
        parts = words.split()
        plain |= {" ".join(parts[:length]) for length in range(2, len(parts))}
    for words in sorted(plain - set(BLOCKS)):
        config.add(f"{words} <rest:rest>", _line, KEPT)
        config.add(f"no {words} <rest:rest>", _no_line, KEPT)


def _single(shell: IosShell, match: Match, key: str) -> Reply:
    return shell.put(" ".join(match.words), key)


def _drop(shell: IosShell, _match: Match, key: str) -> Reply:
    return shell.drop(key)


def _hostname(shell: IosShell, match: Match) -> Reply:
    return shell.put(f"hostname {match.args['name']}", "hostname")


def _no_hostname(shell: IosShell, _match: Match) -> Reply:
    return shell.put("hostname Router", "hostname")


# -- secrets ----------------------------------------------------------------------------------------------------------


def _encrypt(shell: IosShell, match: Match) -> Reply:
    text, vault = " ".join(match.words), shell.device.vault

    def change(config: IosConfig) -> None:
        config.put((), text)
        config.protect(vault)

    shell.edit(change)
    missing = text == "password encryption aes" and vault.master is None
    return Reply(_MASTER_KEY if missing and shell.device.options.get("master_key_warning") else "")


def _master_key(shell: IosShell, match: Match) -> Reply:
    from ...shell import Ask

    def take(secret: str) -> Reply:
        if not 8 <= len(secret) <= 127:
            return Reply("% Master key must be 8 to 127 characters\n")  # [guess]
        shell.edited = True
        shell.device.set_vault(Vault(secret))
        return Reply()

    if "secret" in match.args:
        return take(match.args["secret"])

    def again(first: str) -> Reply:
        def answer(second: str) -> Reply:
            return take(first) if first == second else Reply("% Keys do not match\n")  # [guess]

        return Reply(ask=Ask("Confirm key: ", answer, hidden=True))

    return Reply(ask=Ask("New key: ", again, hidden=True))


def _no_master_key(shell: IosShell, _match: Match) -> Reply:
    shell.device.vault = Vault(None)
    shell.edited = True
    return Reply("% WARNING: All type 6 encrypted keys will become unusable\n")  # [guess]


# -- interfaces -------------------------------------------------------------------------------------------------------


def _interface(shell: IosShell, match: Match) -> Reply:
    name = match.args["name"]
    text = f"interface {name}"
    virtual = ("Loopback", "Vlan", "Port-channel", "Tunnel", "BDI", "LISP", "Null", "nve")
    if shell.config.section(text) is None and not name.startswith(virtual) and "." not in name:
        raise WrongValue(match.words[-1] if match.words[-1] in match.line else match.line.split()[-1])
    fresh = shell.config.section(text) is None
    reply = shell.open_section("interface", "config-if" if "." not in name else "config-subif", text)
    if fresh:
        shell.put("no ip address")
    return reply


def _no_interface(shell: IosShell, match: Match) -> Reply:
    name = match.args["name"]
    if name.startswith(("Loopback", "Vlan", "Port-channel", "Tunnel", "BDI", "LISP", "nve")) or "." in name:
        return shell.drop_exact(f"interface {name}")
    return Reply("% Removal of physical interfaces is not permitted\n")


# -- lines kept verbatim ----------------------------------------------------------------------------------------------


def _prefix(text: str, prefixes: tuple[str, ...]) -> str | None:
    return max((prefix for prefix in prefixes if begins(text, prefix)), key=len, default=None)


def _line(shell: IosShell, match: Match) -> Reply:
    """Set a line; a section of its own kind is entered."""
    text = " ".join(match.words)
    inner = text.split()[0]
    if inner in INNER_BLOCKS and shell.view.mode == "block":
        return shell.open_section("block", INNER_BLOCKS[inner], text)
    path, vault = shell.view.path, shell.device.vault
    key = _prefix(text, SINGLE)
    if key == "ip address" and text.endswith(" secondary"):
        key = None

    def change(config: IosConfig) -> None:
        config.drop(path, lambda line: line.text == f"no {key or text}" or line.text == f"no {text}")
        shown = _prefix(text, SHOWN_NO)
        if shown != text or text == "aaa new-model":  # what is on by default is not shown
            config.put(path, text, key)
        config.protect(vault)

    return shell.edit(change)


def _no_line(shell: IosShell, match: Match) -> Reply:
    text = " ".join(match.words[1:])
    path = shell.view.path
    key = _prefix(text, SINGLE)
    shown = _prefix(text, SHOWN_NO)

    def change(config: IosConfig) -> None:
        config.drop(path, lambda line: begins(line.text, text) or (key == text and begins(line.text, key)))
        bare = key == "ip address" and not config.at(path).starting("ip address")
        if bare or (shown == text and text != "aaa new-model"):
            config.put(path, f"no {key if bare else text}")

    return shell.edit(change)


def _block(shell: IosShell, match: Match) -> Reply:
    text = " ".join(match.words)
    prompt = next((prompt for words, prompt in BLOCKS.items() if begins(text, words)), "config-archive-log-cfg")
    return shell.open_section("block", prompt, text)
