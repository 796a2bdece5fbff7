# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key chains and their keys (reference 1.1, 1.2) and ``show key chain`` (3.6)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from ...config_tree import Line
from ...fidelity import CODE, DOC, GUESS
from ...grammar import Match, Mode
from ...protocols.lisp import INFINITE, Lisp, Mkt, preferred
from ...shell import Reply
from .config import EditError, WrongValue
from .dialect import Dialect
from .lisp_view import is_local, lifetime, mkt
from .zone import Zone, long_date, moment

if TYPE_CHECKING:
    from .shell import IosShell

TCP_ALGORITHMS = ("aes-128-cmac", "hmac-sha-1", "hmac-sha-256")
PLAIN_ALGORITHMS = ("hmac-sha-1", "hmac-sha-256", "hmac-sha-384", "hmac-sha-512", "md5")
MAX_CLEAR, MAX_TYPE6 = 80, 141
_DATE = "{{ <{0}month:month> <{0}day:int(1-31)> | <{0}day:int(1-31)> <{0}month:month> }} <{0}year:int(1993-2035)>"
_LIFETIME = (
    "{0} [ local ] <start:clock> "
    + _DATE.format("").replace("{", "{{").replace("}", "}}")
    + " {{ infinite | duration <seconds:int(1-2147483646)> | <end:clock> "
    + _DATE.format("end_").replace("{", "{{").replace("}", "}}")
    + " }}"
)
_SECURITY = (
    "SECURITY WARNING - Module: KEYCHAIN, Command: key-string *, Reason: Key is stored in clear or reversible form, "
    "Remediation: Configure password encryption aes\n"
)


def declare(modes: dict[str, Mode], dialect: Dialect) -> None:
    config = modes["config"]
    config.add("key chain <name:chain> [ tcp | macsec ]", partial(_chain, dialect=dialect), DOC)
    config.add("no key chain <name:chain> [ tcp | macsec ]", _no_chain, DOC)
    for chain, key in (("chain", "key"), ("plainchain", "plainkey")):
        prompt = dialect.key_prompt if key == "key" else "config-keychain-key"
        modes[chain].add("key <number:int(0-2147483647)>", partial(_key, mode=key, prompt=prompt), DOC)
        modes[chain].add("no key <number:int(0-2147483647)>", _no_key, DOC)
        _declare_key(modes[key])
    for word in ("send-id", "recv-id"):
        modes["key"].add(f"{word} <number:int(0-255)>", partial(_single, key=word), DOC)
        modes["key"].add(f"no {word} [ <number:int(0-255)> ]", partial(_drop, key=word), GUESS)
    flags = ["include-tcp-options"] + (["accept-ao-mismatch"] if dialect.accept_ao_mismatch else [])
    for flag in flags:
        modes["key"].add(flag, partial(_single, key=flag), DOC)
        modes["key"].add(f"no {flag}", partial(_drop, key=flag), GUESS)
    for mode, names in (("key", TCP_ALGORITHMS), ("plainkey", PLAIN_ALGORITHMS)):
        word = "cryptographic-algorithm"
        modes[mode].add(f"{word} {{ {' | '.join(names)} }}", partial(_single, key=word), DOC)
        modes[mode].add(f"no {word} [ <rest:rest> ]", partial(_drop, key=word), GUESS)
    modes["exec"].add("show key chain [ <name:chain> ]", _show, DOC.prints(CODE, "the indentation is assumed"))


def _declare_key(mode: Mode) -> None:
    mode.add("key <rest:rest>", _next_key, GUESS)  # not an abbreviation of key-string
    mode.add("key-string [ 0 | 6 | 7 ] <secret:raw>", _key_string, DOC.prints(GUESS))
    mode.add("no key-string [ <rest:rest> ]", partial(_drop, key="key-string"), GUESS)
    for word in ("send-lifetime", "accept-lifetime"):
        mode.add(_LIFETIME.format(word), _lifetime, DOC)
        mode.add(f"no {word} [ <rest:rest> ]", partial(_drop, key=word), GUESS)


def _single(shell: IosShell, match: Match, key: str) -> Reply:
    return shell.put(" ".join(match.words), key)


def _drop(shell: IosShell, _match: Match, key: str) -> Reply:
    return shell.drop(key)


def _chain(shell: IosShell, match: Match, dialect: Dialect) -> Reply:
    name = match.args["name"]
    kind = next((word for word in ("tcp", "macsec") if word in match.keywords), "")
    text = " ".join(["key chain", name, kind]).rstrip()
    existing = shell.config.chain(name)
    if existing is not None and existing.text != text:
        raise EditError("% Key chain exists with another type\n")  # [guess]
    if kind == "tcp":
        return shell.open_section("chain", dialect.chain_prompt, text)
    return shell.open_section("plainchain", "config-keychain-macsec" if kind else "config-keychain", text)


def _no_chain(shell: IosShell, match: Match) -> Reply:
    name = match.args["name"]
    section = shell.config.chain(name)
    return Reply() if section is None else shell.drop_exact(section.text)


def _key(shell: IosShell, match: Match, mode: str, prompt: str) -> Reply:
    return shell.open_section(mode, prompt, f"key {match.args['number']}")


def _next_key(shell: IosShell, match: Match) -> Reply:
    """``key N`` or ``key chain …`` typed inside a key: what the mode around it makes of it."""
    shell.leave()
    return shell.run(match.line)


def _no_key(shell: IosShell, match: Match) -> Reply:
    return shell.drop_exact(f"key {match.args['number']}")


def _key_string(shell: IosShell, match: Match) -> Reply:
    kind = match.keywords[1] if len(match.keywords) > 1 else ""
    secret = match.args["secret"]
    limit = MAX_TYPE6 if kind == "6" else 10_000 if kind == "7" else MAX_CLEAR
    if len(secret) > limit:
        raise WrongValue(secret)
    text = f"key-string {shell.device.vault.write(shell.config, kind, secret)}"
    shell.put(text, "key-string")
    return Reply(_SECURITY if shell.device.options.get("security_warnings") else "")


def _lifetime(shell: IosShell, match: Match) -> Reply:
    args, word = match.args, match.keywords[0]
    start = _when(args, "", match)
    local = "local " if "local" in match.keywords else ""
    head = f"{word} {local}{_clock(args['start'])} {args['month']} {args['day']} {args['year']}"
    if "infinite" in match.keywords:
        return shell.put(f"{head} infinite", word)
    if "seconds" in args:
        return shell.put(f"{head} duration {args['seconds']}", word)
    if _when(args, "end_", match) <= start:
        raise EditError("%Key lifetime: end time must be later than start time\n")  # [guess]
    tail = f"{_clock(args['end'])} {args['end_month']} {args['end_day']} {args['end_year']}"
    return shell.put(f"{head} {tail}", word)


def _when(args: dict[str, object], which: str, match: Match) -> float:
    clock = str(args["end" if which else "start"])
    month, day, year = (str(args[f"{which}{part}"]) for part in ("month", "day", "year"))
    try:
        return moment(clock, month, day, year)
    except ValueError:
        raise WrongValue(re.findall(rf"\b0?{day}\b", match.line)[-1]) from None


def _clock(text: str) -> str:
    return ":".join(f"{int(part):02d}" for part in text.split(":"))


# -- show key chain ---------------------------------------------------------------------------------------------------


def _show(shell: IosShell, match: Match) -> str:
    wanted = match.args.get("name")
    chains = [line for line in shell.config.tree.sections("key chain") if wanted in (None, line.text.split()[2])]
    if not chains and wanted is not None:
        return f"%Key chain {wanted} not found\n"  # [guess]
    return "".join(_chain_text(shell, chain) for chain in chains)


def _chain_text(shell: IosShell, chain: Line) -> str:
    device, zone = shell.device, shell.device.zone
    words = chain.text.split()
    kind = words[3] if len(words) > 3 else ""
    now = device.world.time
    idle = None if device.options.get("no_send_lifetime", "inactive") == "inactive" else (0.0, INFINITE)
    keys = [mkt(key, device.vault, zone, idle) for key in chain.starting("key")]
    best = preferred(keys, now)
    used = device.world.protocol(Lisp).in_use(device, words[2]) if kind == "tcp" else set()
    out = [f"Key-chain {words[2]}:"]
    if kind == "tcp":
        out.append("    TCP key chain")
        out.append(f"    Preferred MKT id - {best.id if best is not None else 'none'}")
    elif kind == "macsec":
        out.append("    MacSEC key chain ")
    for line, key in zip(chain.starting("key"), keys, strict=True):
        out += _key_text(line, key, zone, now)
        if kind == "tcp":
            out += _mkt_text(key, now, best, used)
    return "\n".join(out) + "\n"


def _key_text(line: Line, key: Mkt, zone: Zone, now: float) -> list[str]:
    out = [f'    key {key.id} -- text "{key.secret if key.secret is not None else "(unset)"}"']
    if key.algorithm is not None:
        out.append(f"        cryptographic-algorithm: {key.algorithm}")
    out.append(f"        accept lifetime {_window(line, 'accept-lifetime', zone, now)}")
    out.append(f"        send lifetime {_window(line, 'send-lifetime', zone, now)}")
    out += [f"        {word} - {value}" for word in ("send-id", "recv-id") if (value := line.value(word)) is not None]
    return out + [f"        {flag}" for flag in ("include-tcp-options", "accept-ao-mismatch") if line.find(flag)]


def _window(line: Line, word: str, zone: Zone, now: float) -> str:
    window = lifetime(line, word, zone)
    if window is None:
        return "(always valid) - (always valid) [valid now]"
    shown = zone if is_local(line, word) else Zone()
    end = "infinite" if window[1] == INFINITE else long_date(window[1], shown)
    valid = " [valid now]" if window[0] <= now < window[1] else ""
    return f"({long_date(window[0], shown)}) - ({end}){valid}"


def _mkt_text(key: Mkt, now: float, best: Mkt | None, used: set[int]) -> list[str]:
    def word(value: bool) -> str:
        return "true" if value else "false"

    fields = (
        ("ready", word(key.ready)), ("preferred", word(best is not None and best.id == key.id)),
        ("in-use", word(key.id in used)), ("id", key.id), ("send-id", key.send_id), ("recv-id", key.recv_id),
        ("alive (send)", word(key.sends(now))), ("alive (recv)", word(key.accepts(now))),
        ("include TCP options", word(key.include_options)), ("accept AO mismatch", word(key.accept_mismatch)),
    )  # fmt: skip
    return [f"        MKT {name} - {value}" for name, value in fields if value is not None]
