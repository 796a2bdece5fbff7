# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.template import trust_as_template

from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.action import (
    PeerguardAction,
    warm_up_all,
    warm_up_xml,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.edge.plain import plain
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.configuration import (
    TextFeature,
    TextRunner,
    judge,
)
from ansible_collections.netops.peerguard.plugins.plugin_utils.engine.schema import InvalidInput

warm_up_xml()
warm_up_all()


class ActionModule(PeerguardAction):
    """Native lines or a template, on the way of a resource module."""

    def work(self, args: dict[str, t.Any]) -> dict[str, t.Any]:
        try:
            rendered = self._rendered(str(args["src"])) if args.get("src") is not None else None
            platform = self.platform()
            task = judge(platform.text, args, self.base_folder, rendered)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        runner = TextRunner(
            TextFeature(platform.name, platform.text, platform.session.show_running, platform.secrets),
            task,
            self.open_session,
            host=self.host,
            check_mode=self._task.check_mode,
            base_folder=self.base_folder,
            native_secrets=platform.secrets,
        )
        return runner.run(args)

    def _rendered(self, src: str) -> str:
        """The template, found and filled in as ansible.builtin.template does it. Raises InvalidInput."""
        try:
            path = self._find_needle("templates", src)
            text = trust_as_template(self._loader.get_text_file_contents(path))
        except (AnsibleError, OSError, UnicodeError) as problem:
            raise InvalidInput([f"src: the template {src} cannot be read: {_sentence(problem)}"]) from None
        folders = [*self._task_vars.get("ansible_search_path", []), self._loader.get_basedir(), str(Path(path).parent)]
        templar = self._templar.copy_with_new_env(
            available_variables=self._task_vars,
            searchpath=[place for folder in folders for place in (str(Path(folder, "templates")), folder)],
        )
        overrides = {"trim_blocks": True, "lstrip_blocks": True}
        try:
            return str(plain(templar.template(text, escape_backslashes=False, overrides=overrides) or ""))
        except AnsibleError as problem:
            raise InvalidInput([f"src: the template {src} cannot be filled in: {_sentence(problem)}"]) from None


def _sentence(problem: Exception) -> str:
    """The first line of what Ansible says; it never quotes the template's text."""
    return str(problem).strip().partition("\n")[0].rstrip(".") + "."
