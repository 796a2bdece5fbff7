# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys a file of known hosts holds for a host: by paramiko's own reading, and by OpenSSH's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.netops.peerguard.plugins.plugin_utils.carriers.known_hosts import KnownHosts, RevokedHostKey

Load = Callable[..., KnownHosts]


def public(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


KEYS = [public(ed25519.Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in range(1, 4)]
KEYS += [public(ec.derive_private_key(n, ec.SECP256R1())) for n in range(5, 7)]
ONE, TWO, THREE = KEYS[:3]
HOSTS = ["pe1", "pe2.example.net", "192.0.2.7", "[pe1]:2201", "[192.0.2.7]:830"]
SALT = "AAECAwQFBgcICQoLDA0ODxAREhM="  # a fixed one: all processes of a test run see the same names
NAMES = [*HOSTS, *(paramiko.HostKeys.hash_host(host, SALT) for host in HOSTS), "pe1,"]
PATTERNS = ["*", "pe?", "*.example.net", "!pe1", "!*.net", "[*]:830", "[pe1]:22??", "192.0.2.*", "PE1", "*!*"]

plain_lines = st.builds(
    "{}{}{}".format, st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(",".join), st.just(" "),
    st.sampled_from([*KEYS, f"{ONE} of PE1", ONE[:-12], "ssh-later QUJD", "1024 3537", "nonsense"]),
)  # fmt: skip
other_lines = st.sampled_from(["", "#", f"# pe1 {TWO}", "pe1", f"@cert-authority * {TWO}"])


def read(folder: Path, *lines: str) -> KnownHosts:
    path = folder / "known_hosts"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    known = KnownHosts()
    known.load(str(path))
    return known


def key_of(line: str) -> paramiko.PKey:
    entry = paramiko.hostkeys.HostKeyEntry.from_line(f"any {line}")
    assert entry is not None
    assert entry.key is not None
    return entry.key


def verdicts(known: paramiko.HostKeys, host: str) -> list[str]:
    """What becomes of each key that a server may show, as paramiko's client decides."""
    ours = known.get(host)
    if ours is None:
        return ["unknown"] * len(KEYS)
    keys = [key_of(line) for line in KEYS]
    return ["same" if ours.get(key.get_name()) == key else "changed" for key in keys] + list(ours.keys())[:1]


@given(st.lists(st.one_of(plain_lines, other_lines.filter(lambda line: "@" not in line)), max_size=12))
def test_verdicts_are_those_of_a_full_load(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    known, whole = read(folder, *lines), paramiko.HostKeys(str(folder / "known_hosts"))
    for host in HOSTS:
        assert verdicts(known, host) == verdicts(whole, host)
        for key in map(key_of, KEYS):
            assert known.check(host, key) == whole.check(host, key)


names_like_openssh = st.one_of(
    st.lists(st.sampled_from([*HOSTS, *PATTERNS]), min_size=1, max_size=4).map(",".join),
    st.sampled_from([name for name in NAMES if name.startswith("|1|")]),
)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
@given(st.lists(st.tuples(names_like_openssh, st.sampled_from(KEYS)), min_size=1, max_size=6), st.sampled_from(HOSTS))
def test_names_and_patterns_are_those_of_openssh(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, str]], host: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    known = read(folder, *(f"{names}  {key}" for names, key in entries))
    told = subprocess.run(
        ["ssh-keygen", "-F", host, "-f", str(folder / "known_hosts")], capture_output=True, text=True, check=False
    )
    lines = [line.split()[1:3] for line in told.stdout.splitlines() if not line.startswith("#")]
    known.lookup(host)
    assert sorted(entry.key.get_base64() for entry in known._entries) == sorted(key for _kind, key in lines)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return lambda *lines: read(tmp_path, *lines)


def test_a_line_with_the_name_comes_before_one_with_a_pattern(load: Load) -> None:
    known = load(f"pe* {ONE}", f"pe1 {TWO}")
    assert known.check("pe1", key_of(TWO))
    assert known.check("pe2", key_of(ONE))


@pytest.mark.parametrize("names", ["pe1", "*", "PE1,pe2", paramiko.HostKeys.hash_host("pe1", SALT)])
@pytest.mark.parametrize("order", [1, -1])
def test_a_revoked_key_is_no_key(load: Load, names: str, order: int) -> None:
    known = load(*[f"@revoked {names} {ONE}", f"pe1 {ONE}", f"pe1 {TWO}"][::order])
    assert not known.check("pe1", key_of(ONE))
    assert known.check("pe1", key_of(TWO))


def test_a_key_revoked_for_others_is_still_good(load: Load) -> None:
    assert load(f"@revoked *,!pe1 {ONE}", f"pe1 {ONE}").check("pe1", key_of(ONE))


@pytest.mark.parametrize("revoked", [f"@revoked * {ONE}", "@revoked * ssh-ed25519 AAA", f"@revoked pe1 {ONE[:-12]}"])
def test_nothing_is_trusted_where_nothing_is_left_or_it_cannot_be_told(load: Load, revoked: str) -> None:
    with pytest.raises(RevokedHostKey):
        load(f"pe1 {ONE}", revoked).lookup("pe1")


def test_keys_of_authorities_and_unknown_marks_are_no_host_keys(load: Load) -> None:
    assert load(f"@cert-authority * {ONE}", f"@new pe1 {ONE}").lookup("pe1") is None


def test_a_broken_line_does_not_hide_the_others(load: Load) -> None:
    known = load("pe2 ssh-ed25519 AAA", "pe1 ssh-ed25519 AAA", "pe1\x00", "|1|short|salt {ONE}", f"\tpe1\t{ONE}")
    assert known.check("pe1", key_of(ONE))


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x85", "\u2028"])
def test_a_comment_is_never_a_line_of_its_own(load: Load, mark: str) -> None:
    assert load(f"pe2 {ONE} by{mark}pe1 {TWO}").lookup("pe1") is None


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_bytes(b"# B\xfcro\n" + f"pe1 {ONE} B".encode() + b"\xfcro\n")
    known = KnownHosts()
    known.load(str(path))
    assert known.check("pe1", key_of(ONE))


def test_a_second_file_adds_to_the_first(tmp_path: Path, load: Load) -> None:
    known = load(f"pe1 {ONE}")
    assert known.lookup("pe2") is None
    path = tmp_path / "more"
    path.write_text(f"pe2 {TWO}\n")
    known.load(str(path))
    assert known.check("pe1", key_of(ONE))
    assert known.check("pe2", key_of(TWO))


def test_it_says_whether_it_knows_of_any_host_and_is_never_saved(tmp_path: Path, load: Load) -> None:
    assert not KnownHosts()
    assert load(f"pe1 {ONE}")
    with pytest.raises(NotImplementedError):
        load(f"pe1 {ONE}").save(str(tmp_path / "known_hosts"))
    with pytest.raises(FileNotFoundError):
        KnownHosts().load(str(tmp_path / "none"))


def test_only_the_keys_of_the_host_are_made(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = paramiko.PKey.from_type_string
    monkeypatch.setattr(paramiko.PKey, "from_type_string", lambda *key: made.append(key) or make(*key))
    known = load(*(f"r{n} {KEYS[n % 5]}" for n in range(2000)))
    assert known.check("r7", key_of(KEYS[2]))
    assert len(made) == 2  # one of them is key_of's
