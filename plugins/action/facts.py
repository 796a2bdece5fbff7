# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.vars.clean import clean_facts

from ansible_collections.netops.peerguard.plugins.plugin_utils import registry
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import (
    PeerguardAction,
    warm_up_all,
    warm_up_xml,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine import facts
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.secret import SecretBook
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.session import DeviceError

warm_up_xml()
warm_up_all()
clean_facts({})  # the expressions that Ansible's worker looks for restricted facts with, compiled once for all of them


class ActionModule(PeerguardAction):
    """What the device is, and what it holds and shows of the collection's features."""

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        platform = self.platform()
        known = registry.features_of(platform.name)
        try:
            subsets, names, observe = facts.judge(args, known)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        warnings: list[str] = []
        session = self.open_session(SecretBook())
        try:
            gathered = facts.gather(
                session,
                subsets,
                [registry.feature(name) for name in names],
                observe=observe,
                native_secrets=platform.secrets,
                warn=warnings.append,
            )
        except DeviceError as problem:
            return {"failed": True, "changed": False, "msg": f"{self.host}: {problem}"}
        finally:
            session.close()
        return {"changed": False, "ansible_facts": gathered, "warnings": warnings}
