# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five vendors in one process, one sound peering of each kind between them, and the transaction over their sessions.

The clock moves only when somebody waits, so a verification of minutes takes no time.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import allied_labs
import cisco_lab
import comware_labs
import huawei_labs
import junose_labs
import yaml
from inprocess import Bench, TerminalChannel

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import states
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.change import Change
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.channel import LoginRefused
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.feature import Feature, Intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.link import Link
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.plan import Planner
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import public
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import Session
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.verify import Pace, Patience
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering import lint
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.guard import (
    Fleet,
    Guard,
    Job,
    jobs_for,
    judged,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.intent import load_intent
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.journal import Journal
from ansible_collections.netops.peerguard.plugins.plugin_utils.peering.transaction import Outcome, Terms

KEY = "Guard-Bench-Key-73"
SITE_KEY = "Demo-Site-7"
"""What the devices of the Cisco lab register with already."""
OTHER = "Guard-Bench-Other-74"

RSVP: dict[str, Any] = {
    "name": "core-link",
    "kind": "rsvp_handshake",
    "key": KEY,
    "ends": [
        {"host": "pe1", "interface": huawei_labs.PORT, "address": "10.77.12.1/30", "lsr_id": "10.255.7.1"},
        {"host": "pe2", "interface": huawei_labs.PORT, "address": "10.77.12.2/30", "lsr_id": "10.255.7.2"},
    ],
}
LISP: dict[str, Any] = {
    "name": "campus",
    "kind": "lisp_tcp_ao",
    "key_chain": "KC-LISP",
    "keys": [
        {
            "id": 41,
            "algorithm": "hmac-sha-1",
            "key_string": KEY,
            "send_lifetime": {"start": "2026-01-01", "infinite": True},
        }
    ],
    "map_resolver": True,
    "sites": [
        {
            "name": "BRANCH-7",
            "authentication_key": SITE_KEY,
            "eid_records": [{"instance_id": 4101, "prefix": "198.51.100.0/24", "accept_more_specifics": True}],
        }
    ],
    "ends": [
        {"host": "ms1", "role": "map_server", "address": "192.0.2.1"},
        {"host": "etr1", "role": "etr", "address": "203.0.113.12"},
    ],
}
KEEPALIVE: dict[str, Any] = {
    "name": "hq-branch",
    "kind": "ike_keepalive",
    "interval": 20,
    "ends": [{"host": "a", "address": "192.0.2.1"}, {"host": "b", "address": "192.0.2.2"}],
}
COOKIE: dict[str, Any] = {
    "name": "edge-customer",
    "kind": "ike_invalid_cookie",
    "ends": [
        {"host": "edge7", "role": "responder", "virtual_router": "default", "address": "192.0.2.1"},
        {"host": "fw", "role": "initiator", "platform": "h3c_comware", "address": "192.0.2.2"},
    ],
}
RETRY: dict[str, Any] = {
    "name": "hq-branch12",
    "kind": "isakmp_retry",
    "retry_ike_attempts": "continuous",
    "msg_timeout": 2,
    "ends": [
        {"host": "b12", "policy": "hq", "address": "203.0.113.12", "ipsec_peer": "198.51.100.20"},
        {"host": "hq", "policy": "b12", "address": "198.51.100.20", "ipsec_peer": "203.0.113.12"},
    ],
}
ALL = (RSVP, LISP, KEEPALIVE, COOKIE, RETRY)
INTENTS: Mapping[str, dict[str, Any]] = {peering["kind"]: peering for peering in ALL}
KINDS = tuple(INTENTS)
EARLY = 300.0
"""Seconds after which the protocols of a fresh lab are up without us."""


def intent(*kinds: str) -> list[dict[str, Any]]:
    """Copies of the sound peerings, which a test may change."""
    return [deepcopy(INTENTS[kind]) for kind in kinds or KINDS]


def jobs(peerings: Iterable[dict[str, Any]]) -> list[Job]:
    """What guard would carry out for this intent."""
    return jobs_for(load_intent(list(peerings)))


def job(kind: str, **changes: Any) -> Job:
    """The job of one sound peering with other shared values."""
    (found,) = jobs([{**deepcopy(INTENTS[kind]), **changes}])
    return found


def tweaked(one: Job, host: str, change: Callable[[dict[str, Any]], Any]) -> Job:
    """The job with one host's configs (feature → config) changed in place by `change`."""
    configs = deepcopy(dict(one.configs))
    change(configs[host])
    return replace(one, configs=configs)


def with_end(one: Job, host: str, other: Job) -> Job:
    """The first job, but this host is configured as in the other one: two ends that do not agree."""
    return replace(one, configs={**one.configs, host: other.configs[host]})


def edited(text: str, device: str, old: str, new: str) -> str:
    """A lab file whose device was configured otherwise beforehand."""
    data = yaml.safe_load(text)
    config = data["devices"][device]["config"]
    assert old in config
    data["devices"][device]["config"] = config.replace(old, new)
    return merged_lab(yaml.safe_dump(data, sort_keys=False))


LABS: Mapping[str, Callable[[], str]] = {
    "rsvp_handshake": huawei_labs.pair,
    "lisp_tcp_ao": cisco_lab.lab,
    "ike_keepalive": lambda: comware_labs.lab(5, 7),
    "ike_invalid_cookie": junose_labs.mixed_lab,
    "isakmp_retry": allied_labs.lab,
}


def merged_lab(*texts: str) -> str:
    """Several lab files as one lab, each device with the defaults of its own file."""
    whole: dict[str, Any] = {"name": "guarded", "clock": "manual", "devices": {}, "links": []}
    for text in texts:
        data = yaml.safe_load(text)
        for name, device in data["devices"].items():
            whole["devices"][name] = {**data.get("defaults", {}), **device}
        whole["links"] += data.get("links", [])
    return yaml.safe_dump(whole, sort_keys=False)


class Killed(BaseException):
    """The controller is gone: from now on nothing of it runs, not even what takes changes back."""


class FaultyChannel(TerminalChannel):
    """A line on which a command may be refused, or at one of whose commands the controller dies."""

    def __init__(self, bench: GuardBench, *args: Any) -> None:
        super().__init__(bench.world, *args)
        self.bench = bench

    def ask(self, line: str, until: re.Pattern[str], *, timeout: float | None = None, key: bool = False) -> str:
        self.bench.count(self.host)
        pattern = self.bench.refusing.get(self.host)
        if pattern and re.search(pattern, line):
            nonsense = "zzz" + line.strip()[3:]
            return super().ask(nonsense, until, timeout=timeout, key=key).replace(nonsense, line, 1)
        return super().ask(line, until, timeout=timeout, key=key)


class DyingJournal(Journal):
    """A dead controller writes nothing any more."""

    bench: GuardBench

    def _write(self, **record: Any) -> None:
        if self.bench.dead:
            raise Killed
        super()._write(**record)


class GuardBench(Bench):
    """The devices of some kinds of peerings (all, unless told), and guard over them."""

    def __init__(self, folder: Path, *kinds: str, lab: str | None = None, early: float = EARLY) -> None:
        super().__init__(folder, lab or merged_lab(*(LABS[kind]() for kind in kinds or KINDS)))
        self._lock = threading.RLock()
        self.said: list[str] = []
        self.refused: set[str] = set()
        """Hosts that let nobody in."""
        self.refusing: dict[str, str] = {}
        """Host → regular expression of the commands that it does not know."""
        self.dies_at: tuple[str, int] | None = None
        self.dead = False
        self._asked: dict[str, int] = {}
        self.pass_time(early)

    def pass_time(self, seconds: float) -> None:
        with getattr(self, "_lock", threading.RLock()):
            super().pass_time(seconds)

    def count(self, host: str) -> None:
        """One more command for a host; the one at which the controller dies is not sent."""
        self._asked[host] = self._asked.get(host, 0) + 1
        self.dead = self.dead or (host, self._asked[host]) == self.dies_at
        if self.dead:
            raise Killed

    def bury(self, journal: DyingJournal) -> None:
        """After the death of the controller: its connections end, its files are closed. The next one may come."""
        for channel in self.channels:
            channel.close()
        os.close(journal._file)
        self.dead, self.dies_at = False, None

    def session(self, device: str, book: SecretBook | None = None) -> Session:
        if device in self.refused:
            raise LoginRefused(f"{device} refused the login")
        spec = self.world.devices[device]
        newline = "\r" if spec.platform == "allied_alliedware" else "\n"
        enable = junose_labs.ENABLE if spec.platform == "juniper_junose" else None
        channel = FaultyChannel(self, device, newline, enable)
        self.channels.append(channel)
        return registry.platform(spec.platform).session(channel, book or SecretBook())

    def reach(self, host: str) -> Callable[[SecretBook], Session]:
        return lambda book: self.session(host, book)

    def guard(self, **options: Any) -> Guard:
        """`options`: check_mode, timeout, stable_for, save, batch, max_failures, update_secrets."""
        patience = Patience(options.pop("timeout", 200), 5, options.pop("stable_for", 10))
        terms = Terms(
            patience,
            save=options.pop("save", True),
            check_mode=options.pop("check_mode", False),
            pace=Pace(self.world.clock.now, self.pass_time),
        )
        return Guard(self.reach, feature_of, Fleet(terms, **options), self.said.append)

    def run(self, *work: Job, journal: Journal | None = None, **options: Any) -> list[Outcome]:
        """What became of the jobs; `sent` then tells what was typed."""
        self.channels.clear()
        return self.guard(**options).run(work, journal)

    def one(self, work: Job, **options: Any) -> Outcome:
        (outcome,) = self.run(work, **options)
        return outcome

    def targets(self, work: Job) -> dict[str, dict[str, Any]]:
        """What each host would have after the push: host → feature → model."""
        found: dict[str, dict[str, Any]] = {}
        for host, configs in work.configs.items():
            link = Link(self.reach(host))
            for name, config in configs.items():
                feature, planner = feature_of(name)
                change = Change(feature, planner, link, Intent(judged(feature, config, host), "merged"))
                change.read()
                target = states.target(feature.schema, change.have, change.intent.config, "merged")
                found.setdefault(host, {})[name] = public(feature.schema, target)
            link.close()
        return found

    def lint(self, peering: dict[str, Any], work: Job) -> set[str]:
        """The rules that the devices would break once they have what the job gives them."""
        told = load_intent([{**peering, "managed": False}])
        report = lint.judge(told, gathered=self.targets(work), now=datetime.fromtimestamp(self.world.time, UTC))
        return {finding.rule for finding in report.findings}

    def all_running(self) -> dict[str, str]:
        """Every device's running configuration, byte for byte."""
        return {name: self.running(name) for name in self.world.devices}

    def sent_to(self, host: str) -> list[str]:
        """What was typed at one device in the last run."""
        return [line for channel in self.channels if channel.host == host for line in channel.sent]


def feature_of(name: str) -> tuple[Feature, Planner]:
    """A feature and the planner of its platform."""
    feature = registry.feature(name)
    return feature, registry.platform(feature.platform).plan
