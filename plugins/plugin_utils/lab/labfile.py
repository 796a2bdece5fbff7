# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a lab file: YAML in, validated plain data out, one clear sentence per mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import LabError
from .faults import Fault, parse_fault
from .registry import known_platforms, speaks_netconf

__all__ = ["DeviceSpec", "LabError", "LabFile", "LinkSpec", "load_lab", "parse_lab"]

DEFAULT_PASSWORD = "lab-pass"
TRANSPORTS = ("ssh", "telnet", "netconf")
CONNECTIONS = ("netmiko", "mock")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where there is one: ten times as fast, which a thousand configurations notice."""
_TOP_KEYS = {"plugin", "name", "clock", "connection", "defaults", "devices", "links"}
_DEVICE_KEYS = {
    "platform", "os_version", "model", "hostname", "username", "password", "enable_password", "groups", "vars",
    "transports", "port", "config", "config_file", "options", "faults",
}  # fmt: skip
_NAME = re.compile(r"[a-z0-9-]+")
_DEVICE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class LinkSpec:
    """A cable: two (device name, interface name) ends."""

    a: tuple[str, str]
    b: tuple[str, str]


@dataclass
class DeviceSpec:
    """One device of a lab file, defaults already folded in; empty ``os_version``/``model`` mean the platform's own."""

    name: str
    platform: str
    os_version: str = ""
    model: str = ""
    hostname: str = ""
    username: str = "netops"
    password: str = field(default=DEFAULT_PASSWORD, repr=False)
    enable_password: str = field(default="", repr=False)
    groups: list[str] = field(default_factory=list)
    vars: dict[str, Any] = field(default_factory=dict)
    transports: list[str] = field(default_factory=lambda: ["ssh"])
    port: int = 0
    config: str = field(default="", repr=False)
    options: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class LabFile:
    """A whole lab; ``clock`` is real, manual or accelerated (then ``speed`` counts)."""

    name: str
    clock: str = "real"
    speed: float = 1.0
    connection: str = "netmiko"
    devices: dict[str, DeviceSpec] = field(default_factory=dict)
    links: list[LinkSpec] = field(default_factory=list)
    path: Path | None = None


def load_lab(path: Path) -> LabFile:
    """The lab described by the YAML file at ``path``; LabError when it is not a valid lab."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"Cannot read the lab file {path}: {error}.") from error
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, of either kind
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        raise LabError(f"The lab file {path} is not valid YAML{place}.") from error
    lab = parse_lab(data, base=Path(path).parent)
    lab.path = Path(path)
    return lab


def parse_lab(data: Any, base: Path | None = None) -> LabFile:
    """As load_lab, from data already read; ``base`` is where ``config_file`` paths start."""
    if not isinstance(data, Mapping):
        raise LabError("A lab file is a mapping with at least 'name' and 'devices'.")
    unknown = sorted(str(key) for key in data if key not in _TOP_KEYS)
    if unknown:
        raise LabError(f"Unknown key '{unknown[0]}' in the lab file, known are {', '.join(sorted(_TOP_KEYS))}.")
    name = data.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise LabError("The lab's 'name' must consist of lower-case letters, digits and hyphens.")
    clock, speed = _clock(data.get("clock", "real"))
    connection = data.get("connection", "netmiko")
    if connection not in CONNECTIONS:
        raise LabError(f"'connection' is netmiko or mock, not {connection!r}.")
    defaults = _mapping(data.get("defaults"), "'defaults'")
    devices_data = _mapping(data.get("devices"), "'devices'")
    if not devices_data:
        raise LabError("The lab has no devices.")
    devices = {str(key): _device(str(key), value, defaults, base) for key, value in devices_data.items()}
    return LabFile(name, clock, speed, connection, devices, _links(data.get("links"), devices))


def _clock(value: Any) -> tuple[str, float]:
    if value in ("real", "manual"):
        return str(value), 1.0
    if isinstance(value, Mapping) and set(value) == {"speed"}:
        speed = value["speed"]
        if isinstance(speed, (int, float)) and not isinstance(speed, bool) and speed > 0:
            return "accelerated", float(speed)
    raise LabError("'clock' is real, manual or {speed: N} with N greater than 0.")


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise LabError(f"{what} must be a mapping.")
    return {str(key): item for key, item in value.items()}


def _device(name: str, data: Any, defaults: Mapping[str, Any], base: Path | None) -> DeviceSpec:
    where = f"Device {name}"
    if not _DEVICE_NAME.fullmatch(name):
        raise LabError(f"'{name}' is not a usable device name (letters, digits, '_', '.', '-').")
    merged = _merged(_mapping(data, where), defaults, where)
    platform = merged.get("platform")
    if platform not in known_platforms():
        raise LabError(f"{where}: platform {platform!r} is unknown, known are {', '.join(known_platforms())}.")
    port = merged.get("port", 0)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise LabError(f"{where}: 'port' must be a number from 0 (any free port) to 65535.")
    transports = merged.get("transports", ["ssh"])
    if not isinstance(transports, list) or not transports or any(t not in TRANSPORTS for t in transports):
        raise LabError(f"{where}: 'transports' is a list out of {', '.join(TRANSPORTS)}.")
    if "netconf" in transports and not speaks_netconf(str(platform)):
        raise LabError(f"{where}: the emulator of {platform} has no NETCONF, leave it out of 'transports'.")
    groups = _list(merged, "groups", str, "names", where)
    faults = _list(merged, "faults", Mapping, "mappings", where)
    return DeviceSpec(
        name=name,
        platform=platform,
        os_version=_text(merged, "os_version", where),
        model=_text(merged, "model", where),
        hostname=_text(merged, "hostname", where) or name,
        username=_text(merged, "username", where) or "netops",
        password=_text(merged, "password", where) or DEFAULT_PASSWORD,
        enable_password=_text(merged, "enable_password", where),
        groups=list(groups),
        vars=merged["vars"],
        transports=list(transports),
        port=port,
        config=_config(merged, where, base),
        options=merged["options"],
        faults=[parse_fault(fault, where) for fault in faults],
    )


def _merged(own: Mapping[str, Any], defaults: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A device's keys over the defaults; ``options`` and ``vars`` add up."""
    merged: dict[str, Any] = {**defaults, **own}
    for key in ("options", "vars"):
        own_entries = _mapping(own.get(key), f"{where}: '{key}'")
        merged[key] = {**_mapping(defaults.get(key), f"'defaults.{key}'"), **own_entries}
    if "config" in own or "config_file" in own:  # an own configuration, of either form, hides the default one
        for key in {"config", "config_file"} - set(own):
            merged.pop(key, None)
    for key in merged:
        if key not in _DEVICE_KEYS:
            raise LabError(f"{where}: unknown key '{key}'.")
    return merged


def _list(data: Mapping[str, Any], key: str, kind: type, word: str, where: str) -> list[Any]:
    value = data.get(key) or []
    if not isinstance(value, list) or any(not isinstance(item, kind) for item in value):
        raise LabError(f"{where}: '{key}' must be a list of {word}.")
    return value


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key, "")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # YAML reads "os_version: 5.170" and "password: 1234" as numbers
    if not isinstance(value, str):
        raise LabError(f"{where}: '{key}' must be text.")
    return value


def _config(data: Mapping[str, Any], where: str, base: Path | None) -> str:
    if "config" in data and "config_file" in data:
        raise LabError(f"{where}: give 'config' or 'config_file', not both.")
    if "config_file" not in data:
        return _text(data, "config", where)
    path = (base or Path()) / _text(data, "config_file", where)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{where}: cannot read the configuration file {path}: {error}.") from error


def _links(value: Any, devices: Mapping[str, DeviceSpec]) -> list[LinkSpec]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise LabError("'links' must be a list of pairs [device:interface, device:interface].")
    links: list[LinkSpec] = []
    taken: set[tuple[str, str]] = set()
    for number, pair in enumerate(value, start=1):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise LabError(f"Link {number} must be a pair [device:interface, device:interface].")
        ends = (_end(pair[0], number, devices), _end(pair[1], number, devices))
        for end in ends:
            if end in taken:
                raise LabError(f"Link {number}: {end[0]}:{end[1]} is already used.")
            taken.add(end)
        links.append(LinkSpec(*ends))
    return links


def _end(value: Any, number: int, devices: Mapping[str, DeviceSpec]) -> tuple[str, str]:
    device, colon, interface = str(value).partition(":")
    if not colon or not device or not interface:
        raise LabError(f"Link {number}: '{value}' is not of the form device:interface.")
    if device not in devices:
        raise LabError(f"Link {number}: there is no device '{device}' in this lab.")
    return device, interface.strip()
