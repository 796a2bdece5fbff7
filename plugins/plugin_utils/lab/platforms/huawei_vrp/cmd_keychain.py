# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keychains (reference 1.6) and ``display keychain`` (3.6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...config_tree import Line, insert_ordered
from ...fidelity import DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.rsvp import INFINITE
from ...shell import Reply
from .cipher import encrypt, looks_encrypted
from .cmd_interface import section_of
from .config import AUTH, RANKS, EditError, VrpConfig, WrongValue
from .dialect import Dialect
from .rsvp_view import key_string, moment, window

if TYPE_CHECKING:
    from .shell import VrpShell

ALGORITHMS = {
    "md5": "MD5", "sha-1": "SHA1", "hmac-md5": "HMAC-MD5", "hmac-sha1-12": "HMAC-SHA1-12",
    "hmac-sha1-20": "HMAC-SHA1-20", "hmac-sha-256": "HMAC-SHA-256", "sha-256": "SHA-256", "sm3": "SM3",
}  # fmt: skip
_TCP_IDS = (
    ("HMAC-MD5", 5), ("HMAC-SHA1-12", 2), ("HMAC-SHA1-20", 6), ("MD5", 3), ("SHA1", 4), ("HMAC-SHA-256", 7),
    ("SHA-256", 8),
)  # fmt: skip
_WINDOW = "<start:clock> <day:date> { duration { <minutes:int(1-26280000)> | infinite } | to <end:clock> <last:date> }"


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    if not dialect.rsvp and dialect.family != "vrp8":
        return
    system, chain, key, common = modes["system"], modes["keychain"], modes["keyid"], modes["common"]
    periods = "{ absolute | periodic { daily | weekly | monthly | yearly } }"
    system.add(f"keychain <name:keychain-name> [ mode {periods} ]", _enter, DOC)
    system.add("undo keychain <name:keychain-name>", _undo, DOC)
    chain.add("key-id <number:int(0-63)>", _key_id, DOC)
    chain.add("undo key-id <number:int(0-63)>", _undo_key_id, GUESS)
    chain.add("receive-tolerance { <minutes:int(1-14400)> | infinite }", _tolerance, DOC)
    chain.add("undo receive-tolerance", lambda shell, match: _drop(shell, match, "receive-tolerance"), GUESS)
    chain.add("time mode { utc | lmt }", _time_mode, DOC)
    chain.add("tcp-kind <kind:int(28-255)>", _tcp_kind, DOC)
    chain.add("digest-length { hmac-sha-256 | sha-256 } <length:int(16-32)>", _digest, DOC)
    chain.add("digest-length hmac-sha1-20 <length:int(16-20)>", _digest, DOC)
    key.add("algorithm { " + " | ".join(ALGORITHMS) + " }", _algorithm, DOC)
    key.add("undo algorithm", lambda shell, match: _drop(shell, match, "algorithm"), GUESS)
    key.add("key-string [ cipher | plain ] <text:word(1-432)>", _key_string, DOC)
    key.add("undo key-string", lambda shell, match: _drop(shell, match, "key-string"), GUESS)
    key.add("default send-key-id", _default_key, DOC)
    key.add("undo default send-key-id", lambda shell, match: _drop(shell, match, "default send-key-id"), GUESS)
    for word in ("send-time", "receive-time"):
        key.add(f"{word} {_WINDOW}", _window_command, DOC)
        key.add(f"undo {word}", lambda shell, match, word=word: _drop(shell, match, word), GUESS)
    common.add(
        "display keychain <name:keychain-name> [ key-id <number:int(0-63)> ]",
        _display,
        DOC.prints(DOC, "the list of active receive keys: as CloudEngine has it"),
    )


def _enter(shell: VrpShell, match: Match) -> Reply:
    from .shell import View

    name = match.args["name"].lower()
    existing = shell.config.keychain(name)
    reply = Reply()
    if existing is None:
        if "mode" not in match.keywords:
            raise EditError("The keychain does not exist, specify its mode.")
        words = match.keywords[match.keywords.index("mode") + 1 :]
        text = f"keychain {name} mode {' '.join(words)}"
        reply = shell.edit(match, lambda config: _create(config, text))
    else:
        text = existing.text
    shell.enter(View("keychain", f"-keychain-{name}", (text,)))
    return reply


def _create(config: VrpConfig, text: str) -> None:
    config.add_section(text)


def _undo(shell: VrpShell, match: Match) -> Reply:
    name = match.args["name"].lower()

    def change(config: VrpConfig) -> None:
        section = config.keychain(name)
        if section is None:
            raise EditError("The keychain does not exist.")
        if any(line.text.lower() == f"{AUTH} keychain {name}" for line in config.tree.root.walk()):
            raise EditError("The keychain is in use.")
        config.drop_section(section)

    return shell.edit(match, change)


def _key_id(shell: VrpShell, match: Match) -> Reply:
    from .shell import View

    path, text = shell.view.path, f"key-id {match.args['number']}"

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        section.children.extend([Line("#", 1), Line(text, 1)])

    reply = Reply() if shell.config.section(*path, text) is not None else shell.edit(match, change)
    shell.enter(View("keyid", f"{shell.view.suffix}-keyid-{match.args['number']}", (*path, text)))
    return reply


def _undo_key_id(shell: VrpShell, match: Match) -> Reply:
    path, text = shell.view.path, f"key-id {match.args['number']}"

    def change(config: VrpConfig) -> None:
        children = section_of(config, path).children
        at = next((index for index, line in enumerate(children) if line.text == text), None)
        if at is not None:
            del children[at - 1 if at and children[at - 1].text == "#" else at : at + 1]

    return shell.edit(match, change)


def _put(shell: VrpShell, match: Match, kind: str, prefix: str, text: str) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        found = section.first(prefix)
        if found is not None:
            found.text = text
        elif kind == "keychain":  # before the first key
            keys = [index for index, line in enumerate(section.children) if line.text == "#"]
            section.children.insert(keys[0] if keys else len(section.children), Line(text, 1))
        else:
            insert_ordered(section, Line(text, 2), RANKS["key-id"])

    return shell.edit(match, change)


def _drop(shell: VrpShell, match: Match, prefix: str) -> Reply:
    path = shell.view.path
    return shell.edit(match, lambda config: config.drop(section_of(config, path), prefix))


def _tolerance(shell: VrpShell, match: Match) -> Reply:
    value = match.args.get("minutes", "infinite")
    return _put(shell, match, "keychain", "receive-tolerance", f"receive-tolerance {value}")


def _time_mode(shell: VrpShell, match: Match) -> Reply:
    if match.keywords[-1] == "lmt":  # the default
        return _drop(shell, match, "time mode")
    return _put(shell, match, "keychain", "time mode", "time mode utc")


def _tcp_kind(shell: VrpShell, match: Match) -> Reply:
    if match.args["kind"] == 254:  # the default
        return _drop(shell, match, "tcp-kind")
    return _put(shell, match, "keychain", "tcp-kind", f"tcp-kind {match.args['kind']}")


def _digest(shell: VrpShell, match: Match) -> Reply:
    algorithm, length = match.keywords[1], match.args["length"]
    if length not in (16, 20 if algorithm == "hmac-sha1-20" else 32):
        raise WrongValue(str(length))
    prefix = f"digest-length {algorithm}"
    return _put(shell, match, "keychain", prefix, f"{prefix} {length}")


def _algorithm(shell: VrpShell, match: Match) -> Reply:
    return _put(shell, match, "key-id", "algorithm", f"algorithm {match.keywords[-1]}")


def _key_string(shell: VrpShell, match: Match) -> Reply:
    text = match.args["text"]
    if len(text) > 255 and not looks_encrypted(text):
        raise WrongValue(text)
    if "plain" in match.keywords:
        return _put(shell, match, "key-id", "key-string", f"key-string plain {text}")
    stored = text if looks_encrypted(text) else encrypt(text, shell.device.device_key)
    return _put(shell, match, "key-id", "key-string", f"key-string cipher {stored}")


def _default_key(shell: VrpShell, match: Match) -> Reply:
    path = shell.view.path

    def change(config: VrpConfig) -> None:
        section = section_of(config, path)
        for key in section_of(config, path[:1]).starting("key-id"):
            if key is not section and key.find("default send-key-id") is not None:
                raise EditError("A default send key already exists in the keychain.")
        if section.find("default send-key-id") is None:
            insert_ordered(section, Line("default send-key-id", 2), RANKS["key-id"])

    return shell.edit(match, change)


def _window_command(shell: VrpShell, match: Match) -> Reply:
    args, word, path = match.args, match.keywords[0], shell.view.path
    try:
        start = moment(args["start"], args["day"])
        end = moment(args["end"], args["last"]) if "end" in args else INFINITE
    except ValueError:
        raise WrongValue(args.get("last", args["day"])) from None
    if end <= start:
        raise EditError("The end time must be later than the start time.")
    tail = f"to {args['end']} {args['last']}" if "end" in args else f"duration {args.get('minutes', 'infinite')}"
    text = f"{word} {args['start']} {args['day']} {tail}"
    if word == "send-time":
        _check_overlap(shell.config, path, text)
    return _put(shell, match, "key-id", word, text)


def _check_overlap(config: VrpConfig, path: tuple[str, ...], text: str) -> None:
    mine = window(Line("", 0, [Line(text)]), "send-time")
    own = config.section(*path)
    for key in section_of(config, path[:1]).starting("key-id"):
        other = window(key, "send-time")
        if key is not own and mine and other and mine[0] < other[1] and other[0] < mine[1]:
            raise EditError("The send time of the key overlaps with that of another key.")


def _display(shell: VrpShell, match: Match) -> str:
    device = shell.device
    section = device.config.keychain(match.args["name"])
    if section is None:
        raise EditError("The keychain does not exist.")
    now = device.world.time
    keys = section.starting("key-id")
    sending = [key for key in keys if _active(key, "send-time", now, device.device_key)]
    receiving = [key for key in keys if _active(key, "receive-time", now, device.device_key)]
    default = next((key.text.split()[1] for key in keys if key.find("default send-key-id")), None)
    tolerance = section.value("receive-tolerance") or "0"
    rule = " " + "-" * 22
    words = section.text.split()
    mode = words[-1].capitalize()
    out = [
        " Keychain Information:", rule,
        f" Keychain Name             : {words[1]}", f"   Timer Mode              : {mode}",
        f"   Receive Tolerance(min)  : {tolerance}", f"   TCP Kind                : {section.value('tcp-kind') or 254}",
        "   TCP Algorithm IDs       :", *(f"     {name:<22}: {number}" for name, number in _TCP_IDS),
        f" Number of Key IDs         : {len(keys)}",
        f" Active Send Key ID        : {sending[0].text.split()[1] if sending else 'None'}",
        f" Active Receive Key IDs    : {' '.join(f'{int(k.text.split()[1]):02d}' for k in receiving) or 'None'}",
        f" Default send Key ID       : {default or 'Not configured'}",
    ]  # fmt: skip
    wanted = match.args.get("number")
    for key in keys:
        if wanted is None or key.text == f"key-id {wanted}":
            out += ["", " Key ID Information:", rule, *_key_lines(key, key in sending, key in receiving)]
    return "\n".join(out) + "\n"


def _active(key: Line, word: str, now: float, device_key: bytes) -> bool:
    times = window(key, word)
    usable = key.value("algorithm") is not None and key_string(key, device_key) is not None
    return usable and times is not None and times[0] <= now < times[1]


def _key_lines(key: Line, sending: bool, receiving: bool) -> list[str]:
    out = [
        f" Key ID                    : {key.text.split()[1]}",
        f"   Key string              : {'******' if key.value('key-string') else 'Not configured'}",
        f"   Algorithm               : {ALGORITHMS.get(key.value('algorithm') or '', 'Not configured')}",
    ]
    for title, word, active in (("SEND", "send-time", sending), ("RECEIVE", "receive-time", receiving)):
        times = window(key, word)
        out.append(f"   {title + ' TIMER':<24}:")
        if times is not None:
            end = "Infinite" if times[1] == INFINITE else _stamp(times[1] - 60)
            out += [f"     Start time            : {_stamp(times[0])}", f"     End time              : {end}"]
        out.append(f"     Status                : {'Active' if active else 'Inactive'}")
    return out


def _stamp(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(when))
