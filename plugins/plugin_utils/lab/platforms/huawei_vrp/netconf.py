# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRP data model over NETCONF, as far as RSVP-TE authentication goes (reference 6), and its way to the text.

The names are those of Huawei's published YANG. Where the MPLS interfaces stand, and that the configuration comes back
with defaults (report-all), is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...config_tree import Line
from ...netconf.agent import Agent, diff
from ...netconf.errors import RpcError
from ...netconf.schema import BOOLEAN, Condition, Container, Leaf, Model, Module, number, one_of, text
from ...netconf.xml import Node
from ...protocols.rsvp import Counters, Neighbor, Rsvp, RsvpNode
from .cipher import encrypt, looks_encrypted
from .config import AUTH, PEER, RSVP, VrpConfig
from .rsvp_view import DEFAULT_KEEP, DEFAULT_LIFETIME, DEFAULT_LOST, DEFAULT_REFRESH, DEFAULT_RETRANS, DEFAULT_WINDOW
from .rsvp_view import lifetime as lifetime_of

if TYPE_CHECKING:
    from .device import VrpDevice

_SHORT = ("network-instance", "ifm", "mpls", "te", "te-interface", "mpls-te", "rsvp-interface", "keychain")
NS = {name: f"urn:huawei:yang:huawei-{name}" for name in _SHORT}
_REVISIONS = {
    "network-instance": ("2022-09-08", "ni"), "ifm": ("2022-08-06", "ifm"), "mpls": ("2022-05-14", "mpls"),
    "te": ("2022-09-27", "te"), "te-interface": ("2022-09-27", "te-interface"), "mpls-te": ("2022-10-25", "mpls-te"),
    "rsvp-interface": ("2022-05-10", "rsvp-interface"), "keychain": ("2021-10-10", "keychain"),
}  # fmt: skip
PUBLIC = "_public_"
_ADDRESS = text(7, 15, r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)", "it is no IPv4 address")
_INTERFACE = text(1, 63)

#: Lines of the MPLS view: leaf of ``rsvp/global``, words of the command, default, range.
_TIMERS = (
    ("refresh-interval", "timer refresh", DEFAULT_REFRESH, (10, 65535)),
    ("keep-multiplier", "keep-multiplier", DEFAULT_KEEP, (3, 255)),
    ("challenge-retransmission-interval", "retrans-timer challenge", DEFAULT_RETRANS, (500, 10000)),
    ("max-challenge-miss-times", "challenge-lost", DEFAULT_LOST, (1, 10)),
)


# -- conditions -------------------------------------------------------------------------------------------------------


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _is(node: Node | None, *path: str, value: str = "true") -> bool:
    return node is not None and node.value(*path) == value


def _on(*path: str) -> Condition:
    """Whether a switch of the device is on."""
    return lambda node: _is(_root(node), *path)


_MPLS = _on("mpls", "common", "global", "mpls-enable")
_TE = _on("mpls", "te", "enable")
_RSVP = _on("mpls", "te", "rsvp", "enable")


def _beside(**wanted: str) -> Condition:
    """Values of the leaves beside a leaf; ``not_type`` is a type that it must not be."""

    def check(node: Node) -> bool:
        return all(
            not _is(node.parent, "type", value=value)
            if name == "not_type"
            else _is(node.parent, name.replace("_", "-"), value=value)
            for name, value in wanted.items()
        )

    return check


def _instance_entry(node: Node, *path: str) -> Node | None:
    """The entry with the same name in another list of the network instance."""
    instances = _root(node).find("network-instance", "instances")
    for instance in instances.all("instance") if instances is not None else []:
        table = instance.find(*path) if instance.value("name") == PUBLIC else None
        for entry in table.children if table is not None else []:
            if entry.value("name") == node.value("name"):
                return entry
    return None


def _exists(node: Node) -> bool:
    table = _root(node).find("ifm", "interfaces")
    return table is not None and any(entry.value("name") == node.value("name") for entry in table.children)


def _mpls_interface(node: Node) -> bool:
    return _instance_entry(node, "mpls", "common", "mpls-interfaces") is not None


def _te_interface(node: Node) -> bool:
    return _is(_instance_entry(node, "te", "interfaces"), "mpls-te-enable")


# -- the model --------------------------------------------------------------------------------------------------------


def _authentication(key: str) -> Container:
    return Container(
        "authentication",
        (
            Leaf("enable", BOOLEAN, default="false"),
            Leaf("type", one_of("md5", "keychain", "md5-plain"), mandatory=True, when=_beside(enable="true")),
            Leaf(
                key,
                text(1, 432, r"[^ ]+", "a key has no blank"),
                mandatory=True,
                when=_beside(enable="true", not_type="keychain"),
            ),
            Leaf(
                "keychain-name",
                text(1, 47, r"[^A-Z]+", "a keychain name has no upper-case letter"),
                mandatory=True,
                when=_beside(enable="true", type="keychain"),
            ),
            Leaf("life-time", number(1, 86399), default=str(DEFAULT_LIFETIME), when=_beside(enable="true")),
            Leaf("handshake-enable", BOOLEAN, default="false", when=_beside(enable="true")),
            Leaf(
                "window-size",
                number(1, 64),
                default=str(DEFAULT_WINDOW),
                when=_beside(enable="true", handshake_enable="true"),
            ),
        ),
    )


_UINT32 = number(0, 4294967295)
_HANDSHAKES = tuple(
    Leaf(f"{way}-{what}-msg-count", _UINT32) for way in ("send", "receive") for what in ("challenge", "response")
)
_STATISTICS = Container("statistics", _HANDSHAKES, read_only=True)
_GLOBAL_STATISTICS = Container(
    "statistics",
    (
        Leaf("lsr-id", _ADDRESS), Leaf("psb-count", _UINT32), Leaf("rsb-count", _UINT32),
        Leaf("send-packet-count", _UINT32), Leaf("receive-packet-count", _UINT32), *_HANDSHAKES,
        Leaf("neighbor-counter", _UINT32),
    ),
    read_only=True,
)  # fmt: skip
_PEER_INFO = Container(
    "peer-info",
    (
        Leaf("type", one_of("node-id", "normal", "config")), Leaf("ip-address", text()),
        Leaf("local-interface-name", _INTERFACE), Leaf("psb-count", _UINT32), Leaf("rsb-count", _UINT32),
        Leaf("authentication-enable", BOOLEAN), Leaf("authentication-type", one_of("HMAC-MD5", "KEYCHAIN")),
        Leaf("keychain-name", text()), Leaf("window-size", number(1, 255)), Leaf("last-valid-sequence-h", _UINT32),
        Leaf("last-valid-sequence-l", _UINT32),
    ),
    keys=("type", "ip-address"),
)  # fmt: skip
_RSVP_GLOBAL = Container(
    "global", tuple(Leaf(leaf, number(*span), default=str(default)) for leaf, _words, default, span in _TIMERS),
    when=_RSVP,
)  # fmt: skip
_NEIGHBOR = Container(
    "neighbor", (Leaf("peer-ip-address", _ADDRESS), _authentication("md5-password")), keys=("peer-ip-address",)
)
_TE_GLOBAL = Container(
    "te",
    (
        Leaf("enable", BOOLEAN, default="false", when=_MPLS),
        Container(
            "rsvp",
            (
                Leaf("enable", BOOLEAN, default="false", when=_TE), _RSVP_GLOBAL,
                Container("neighbors", (_NEIGHBOR,), when=_RSVP), _GLOBAL_STATISTICS,
                Container("peer-infos", (_PEER_INFO,), read_only=True),
            ),
        ),
    ),
    ns=NS["mpls-te"],
)  # fmt: skip
_MPLS_GLOBAL = Container(
    "mpls",
    (
        Container(
            "common",
            (Container("global", (Leaf("mpls-enable", BOOLEAN, default="false"),)), Leaf("lsr-id", _ADDRESS)),
        ),
        _TE_GLOBAL,
    ),
    ns=NS["mpls"],
)
_RSVP_INTERFACES = Container(
    "rsvp-interfaces",
    (
        Container(
            "rsvp-interface", (Leaf("name", _INTERFACE), _authentication("md5-key"), _STATISTICS), keys=("name",),
            must=(
                (_exists, "the interface does not exist"), (_mpls_interface, "MPLS is not enabled on the interface"),
                (_te_interface, "MPLS TE is not enabled on the interface"),
            ),
        ),
    ),
    ns=NS["rsvp-interface"], when=_RSVP,
)  # fmt: skip
_MPLS_INTERFACES = Container(
    "mpls-interfaces",
    (
        Container(
            "mpls-interface", (Leaf("name", _INTERFACE),), keys=("name",),
            must=((_exists, "the interface does not exist"),),
        ),
    ),
    when=_MPLS,
)  # fmt: skip
_INSTANCE = Container(
    "instance",
    (
        Leaf("name", one_of(PUBLIC)),
        Container(
            "mpls",
            (
                Container("common", (_MPLS_INTERFACES,)),
                Container("te", (_RSVP_INTERFACES,), ns=NS["mpls-te"]),
            ),
            ns=NS["mpls"],
        ),
        Container(
            "te",
            (
                Container(
                    "interfaces",
                    (
                        Container(
                            "interface",
                            (Leaf("name", _INTERFACE), Leaf("mpls-te-enable", BOOLEAN, default="false", when=_TE)),
                            keys=("name",), must=((_mpls_interface, "MPLS is not enabled on the interface"),),
                        ),
                    ),
                    ns=NS["te-interface"],
                ),
            ),
            ns=NS["te"],
        ),
    ),
    keys=("name",),
)  # fmt: skip
_IFM = Container(
    "ifm",
    (
        Container(
            "interfaces",
            (Container("interface", (Leaf("name", _INTERFACE), Leaf("vrf-name", text(1, 31), default=PUBLIC)),
                       keys=("name",), read_only=True),),
        ),
    ),
    ns=NS["ifm"],
    read_only=True,
)  # fmt: skip
_KEYCHAINS = Container(
    "keychain",
    (Container("keychains", (Container("keychain", (Leaf("name", text(1, 47)),), keys=("name",), read_only=True),)),),
    ns=NS["keychain"],
    read_only=True,
)

MODEL = Model(
    (
        Container("network-instance", (Container("instances", (_INSTANCE,)),), ns=NS["network-instance"]),
        _IFM, _MPLS_GLOBAL, _KEYCHAINS,
    ),
    tuple(Module(f"huawei-{name}", revision, NS[name], prefix) for name, (revision, prefix) in _REVISIONS.items()),
)  # fmt: skip


# -- between the text and the data tree -------------------------------------------------------------------------------

Place = tuple[tuple[str, ...], str]  # sections from the top, and the words that the line begins with


class VrpAgent(Agent):
    """NETCONF of one VRP device."""

    model = MODEL
    private_candidates = True  # the manual: each session has its own
    basic_mode = "report-all"
    on_cli_port = True  # "snetconf server enable" serves it on port 22
    device: VrpDevice

    @property
    def capabilities(self) -> tuple[str, ...]:
        return (
            "writable-running:1.0", "candidate:1.0", "confirmed-commit:1.0", "confirmed-commit:1.1",
            "rollback-on-error:1.0", "validate:1.0", "validate:1.1", "startup:1.0",
            "with-defaults:1.0?basic-mode=report-all&also-supported=trim",
        )  # fmt: skip

    def running(self) -> VrpConfig:
        return self.device.config

    def parse(self, text: str) -> VrpConfig:
        return VrpConfig.load(text)

    def install(self, config: Any, user: str) -> None:
        self.device.commits.record(config, user, "NETCONF", "NETCONF")
        self.device.changed_by = user

    def save(self) -> None:
        self.device.save()

    def refusal(self, user: str) -> str:
        trial = self.device.commits.trial
        other = trial is not None and trial.user != user
        return "The system is in the trial configuration mode of another user." if other else ""

    def lock_holder(self) -> int | None:
        return self.device.commits.lock

    def locked(self, session: int | None) -> None:
        self.device.commits.lock = session

    # reading
    def read(self, config: Any) -> Node:
        data = Node("", "data")
        _read_instance(config, data.new("network-instance", ns=NS["network-instance"]))
        table = data.new("ifm", ns=NS["ifm"]).new("interfaces")
        for line in config.interfaces():
            table.new("interface").new("name", _name(line))
        mpls = config.section("mpls")
        top = data.new("mpls", ns=NS["mpls"])
        common = top.new("common")
        common.new("global").new("mpls-enable", _word(mpls is not None))
        lsr_id = config.tree.root.value("mpls lsr-id")
        if lsr_id is not None:
            common.new("lsr-id", lsr_id)
        if mpls is not None:
            _read_te(mpls, top.new("te", ns=NS["mpls-te"]))
        chains = config.tree.sections("keychain")
        if chains:
            listed = data.new("keychain", ns=NS["keychain"]).new("keychains")
            for line in chains:
                listed.new("keychain").new("name", line.text.split()[1].lower())
        return data

    def state(self) -> Node:
        data = Node("", "data")
        device = self.device
        node = device.rsvp_node()
        if not node.enabled:
            return data
        rsvp = device.world.protocol(Rsvp)
        below = data.new("mpls", ns=NS["mpls"]).new("te", ns=NS["mpls-te"]).new("rsvp")
        neighbors = rsvp.neighbors(device)
        _read_statistics(node, neighbors, rsvp.counters(device, None), below)
        infos = below.new("peer-infos")
        for neighbor in neighbors:
            if neighbor.heard or neighbor.address in node.peers:
                _read_peer(neighbor, infos.new("peer-info"))
        instance = data.new("network-instance", ns=NS["network-instance"]).new("instances").new("instance")
        instance.new("name", PUBLIC)
        table = instance.new("mpls", ns=NS["mpls"]).new("te", ns=NS["mpls-te"])
        table = table.new("rsvp-interfaces", ns=NS["rsvp-interface"])
        for port in node.interfaces.values():
            if port.enabled:
                entry = table.new("rsvp-interface")
                entry.new("name", port.name)
                _read_handshakes(rsvp.counters(device, port.name), entry.new("statistics"))
        return data

    # writing
    def write(self, config: Any, before: Node, after: Node) -> None:
        old, new = dict(_lines(before)), dict(_lines(after))
        if (("mpls",), "") in new and ((), "mpls lsr-id") not in new:
            raise RpcError("operation-failed", "Please configure the LSR ID first.")
        gone, changed = diff(old, new)
        for path, prefix in gone:
            _remove(config, path, prefix)
        for path, prefix in changed:
            self._put(config, path, prefix, new[path, prefix])

    def _put(self, config: VrpConfig, path: tuple[str, ...], prefix: str, words: str) -> None:
        if not prefix:
            _section(config, path)
            return
        if not path:
            for line in config.tree.sections(prefix):
                config.drop_section(line)
            config.add_section(words)
            return
        section = _section(config, path)
        if prefix == AUTH:
            self._put_key(config, section, words)
        else:
            config.put(section, "mpls" if path == ("mpls",) else "interface", prefix, words)

    def _put_key(self, config: VrpConfig, section: Line, words: str) -> None:
        form, _blank, value = words.partition(" ")
        if form == "keychain" and config.keychain(value) is None:
            raise RpcError("operation-failed", "The keychain does not exist.")
        if form == "cipher" and not looks_encrypted(value):
            value = encrypt(value, self.device.device_key)
        for other in ("cipher", "plain", "keychain"):
            if other != form:
                config.drop(section, f"{AUTH} {other}")
        config.put(section, "interface", f"{AUTH} {form}", f"{AUTH} {form} {value}")


def _word(on: bool) -> str:
    return "true" if on else "false"


def _name(line: Line) -> str:
    return line.text.split(None, 1)[1].replace(" ", "")


def _read_instance(config: VrpConfig, top: Node) -> None:
    instance = top.new("instances").new("instance")
    instance.new("name", PUBLIC)
    mpls = instance.new("mpls", ns=NS["mpls"])
    listed = mpls.new("common").new("mpls-interfaces")
    rsvp = mpls.new("te", ns=NS["mpls-te"]).new("rsvp-interfaces", ns=NS["rsvp-interface"])
    engineered = instance.new("te", ns=NS["te"]).new("interfaces", ns=NS["te-interface"])
    for line in config.interfaces():
        if line.find("mpls") is not None:
            listed.new("mpls-interface").new("name", _name(line))
        if line.find("mpls te") is not None:
            entry = engineered.new("interface")
            entry.new("name", _name(line))
            entry.new("mpls-te-enable", "true")
        if line.find(RSVP) is not None:
            entry = rsvp.new("rsvp-interface")
            entry.new("name", _name(line))
            _read_authentication(line, entry, "md5-key")


def _read_te(mpls: Line, te: Node) -> None:
    te.new("enable", _word(mpls.find("mpls te") is not None))
    rsvp = te.new("rsvp")
    rsvp.new("enable", _word(mpls.find(RSVP) is not None))
    timers = rsvp.new("global")
    for leaf, words, _default, _span in _TIMERS:
        value = mpls.value(f"{RSVP} {words}")
        if value is not None:
            timers.new(leaf, value)
    neighbors = rsvp.new("neighbors")
    for line in mpls.starting(PEER):
        entry = neighbors.new("neighbor")
        entry.new("peer-ip-address", line.text[len(PEER) :].strip())
        _read_authentication(line, entry, "md5-password")


def _read_authentication(line: Line, entry: Node, key: str) -> None:
    forms = (("cipher", "md5", key), ("plain", "md5-plain", key), ("keychain", "keychain", "keychain-name"))
    for form, kind, leaf in forms:
        value = line.value(f"{AUTH} {form}")
        if value is None:
            continue
        made = entry.new("authentication")
        made.new("enable", "true")
        made.new("type", kind)
        made.new(leaf, value if form == "cipher" else value.strip('"'))
        if line.first(f"{AUTH} lifetime") is not None:
            made.new("life-time", str(lifetime_of(line)))
        if line.first(f"{AUTH} handshake") is not None:
            made.new("handshake-enable", "true")
            size = line.value(f"{AUTH} window-size")
            if size is not None:
                made.new("window-size", size)
        return


def _read_statistics(node: RsvpNode, neighbors: list[Neighbor], counters: Counters, below: Node) -> None:
    """The same numbers as in ``display mpls rsvp-te statistics global``."""
    heard = [neighbor for neighbor in neighbors if neighbor.heard]
    made = below.new("statistics")
    if node.lsr_id:
        made.new("lsr-id", node.lsr_id)
    made.new("psb-count", str(sum(neighbor.psb for neighbor in heard) + len(node.tunnels)))
    made.new("rsb-count", str(sum(neighbor.rsb for neighbor in heard)))
    made.new("send-packet-count", str(counters.SendPacket))
    made.new("receive-packet-count", str(counters.RecPacket))
    _read_handshakes(counters, made)
    made.new("neighbor-counter", str(len(heard)))


def _read_handshakes(counters: Counters, made: Node) -> None:
    for way, field in (("send", "Send"), ("receive", "Rec")):
        for what in ("challenge", "response"):
            made.new(f"{way}-{what}-msg-count", str(getattr(counters, f"{field}{what.title()}Msg")))


def _read_peer(neighbor: Neighbor, info: Node) -> None:
    info.new("type", "normal")
    info.new("ip-address", neighbor.address)
    info.new("local-interface-name", neighbor.interface)
    info.new("psb-count", str(neighbor.psb))
    info.new("rsb-count", str(neighbor.rsb))
    info.new("authentication-enable", _word(neighbor.auth is not None))
    if neighbor.auth is not None:
        info.new("authentication-type", "KEYCHAIN" if neighbor.auth.mode == "keychain" else "HMAC-MD5")
        info.new("window-size", str(neighbor.auth.window))
    if neighbor.last_sequence is not None:
        for leaf, value in zip("hl", neighbor.last_sequence, strict=True):
            info.new(f"last-valid-sequence-{leaf}", str(value))


def _lines(data: Node) -> Iterator[tuple[Place, str]]:
    """The lines that a data tree stands for: where each goes, and its text; a section has the prefix ""."""
    lsr_id = data.value("mpls", "common", "lsr-id")
    if lsr_id is not None:
        yield ((), "mpls lsr-id"), f"mpls lsr-id {lsr_id}"
    if _is(data, "mpls", "common", "global", "mpls-enable"):
        yield (("mpls",), ""), ""
    te = data.find("mpls", "te")
    if _is(te, "enable"):
        yield (("mpls",), "mpls te"), "mpls te"
    if te is not None and _is(te, "rsvp", "enable"):
        yield (("mpls",), RSVP), RSVP
        yield from _rsvp_lines(te)
    instances = data.find("network-instance", "instances")
    for instance in instances.children if instances is not None else []:
        yield from _interface_lines(instance)


def _rsvp_lines(te: Node) -> Iterator[tuple[Place, str]]:
    for leaf, words, default, _span in _TIMERS:
        value = te.value("rsvp", "global", leaf)
        if value not in (None, str(default)):
            yield (("mpls",), f"{RSVP} {words}"), f"{RSVP} {words} {value}"
    neighbors = te.find("rsvp", "neighbors")
    for entry in neighbors.children if neighbors is not None else []:
        path = ("mpls", f"{PEER} {entry.value('peer-ip-address')}")
        yield (path, ""), ""
        yield from _authentication_lines(path, entry.find("authentication"), "md5-password")


def _interface_lines(instance: Node) -> Iterator[tuple[Place, str]]:
    tables: tuple[tuple[tuple[str, ...], str, Callable[[Node], bool]], ...] = (
        (("mpls", "common", "mpls-interfaces"), "mpls", lambda _entry: True),
        (("te", "interfaces"), "mpls te", lambda entry: _is(entry, "mpls-te-enable")),
        (("mpls", "te", "rsvp-interfaces"), RSVP, lambda _entry: True),
    )
    for where, words, wanted in tables:
        table = instance.find(*where)
        for entry in table.children if table is not None else []:
            path = (f"interface {entry.value('name')}",)
            if wanted(entry):
                yield (path, words), words
            if words == RSVP:
                yield from _authentication_lines(path, entry.find("authentication"), "md5-key")


def _authentication_lines(path: tuple[str, ...], auth: Node | None, key: str) -> Iterator[tuple[Place, str]]:
    if auth is None or not _is(auth, "enable"):
        return
    kind = auth.value("type")
    if kind == "keychain":
        yield (path, AUTH), f"keychain {auth.value('keychain-name')}"
    else:
        yield (path, AUTH), f"{'plain' if kind == 'md5-plain' else 'cipher'} {auth.value(key)}"
    seconds = int(auth.value("life-time") or DEFAULT_LIFETIME)
    if seconds != DEFAULT_LIFETIME:
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        yield (path, f"{AUTH} lifetime"), f"{AUTH} lifetime {clock}"
    if _is(auth, "handshake-enable"):
        yield (path, f"{AUTH} handshake"), f"{AUTH} handshake"
        size = auth.value("window-size")
        if size not in (None, str(DEFAULT_WINDOW)):
            yield (path, f"{AUTH} window-size"), f"{AUTH} window-size {size}"


def _section(config: VrpConfig, path: tuple[str, ...]) -> Line:
    """The section that ``path`` names, made if it is new; interfaces are there or not."""
    top = path[0]
    if top.startswith("interface "):
        found = next((line for line in config.interfaces() if _name(line) == top.split(None, 1)[1]), None)
        if found is None:
            raise RpcError("operation-failed", "The specified interface does not exist.")
        return found
    section = config.add_section(top)
    for words in path[1:]:
        if section.find(words) is None:
            config.put(section, "mpls", words, words)
        section = section.find(words) or section
    return section


def _remove(config: VrpConfig, path: tuple[str, ...], prefix: str) -> None:
    if not prefix:  # a whole section
        *above, words = path
        parent = config.section(*above)
        if above and parent is not None:
            parent.remove(lambda line: line.text == words)
        elif not above:
            _drop_lines(config, words)
    elif not path:
        for line in config.tree.sections(prefix):
            config.drop_section(line)
    elif (section := config.section(*path)) is not None:
        if prefix in ("mpls", "mpls te", RSVP):  # the longer lines have places of their own
            section.remove(lambda line: line.text == prefix)
        else:
            config.drop(section, prefix)


def _drop_lines(config: VrpConfig, words: str) -> None:
    section = config.section(words)
    if section is not None:
        config.drop_section(section)
