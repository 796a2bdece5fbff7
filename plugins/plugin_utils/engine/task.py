# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a resource module's task: validate, read, plan, push, verify, keep or take back, report."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import backup, states
from .change import Change, RuleBroken
from .channel import ChannelError
from .feature import Feature, form_for
from .link import Link
from .options import Options, judge
from .plan import Plan, Planner
from .schema import InvalidInput, public
from .secret import SecretBook, mask, mask_model
from .session import DeviceError, Session, Unsupported
from .verify import Outcome, Pace, settle, verdict

Result = dict[str, Any]


class Runner:
    """One task of one feature on one host."""

    def __init__(
        self,
        feature: Feature,
        planner: Planner,
        open_session: Callable[[SecretBook], Session],
        *,
        host: str,
        check_mode: bool = False,
        base_folder: Path = Path(),
        native_secrets: tuple[re.Pattern[str], ...] = (),
        pace: Pace | None = None,
    ) -> None:
        self.feature, self.planner = feature, planner
        self.host, self.check_mode, self.base_folder = host, check_mode, base_folder
        self.native_secrets, self.pace = native_secrets, pace or Pace()
        self.book = SecretBook()
        self._open = open_session

    def run(self, args: Mapping[str, Any]) -> Result:
        """The task's result. A lost or refused connection is `unreachable`, every other failure `failed`."""
        try:
            options = self.options(args)
            if options.state in states.OFFLINE:
                return self._offline(options)
        except InvalidInput as problem:
            return {"failed": True, "changed": False, "msg": str(problem), "problems": problem.problems}
        except (ValueError, Unsupported) as problem:
            return {"failed": True, "changed": False, "msg": self.book.scrub(f"running_config: {problem}")}
        link = Link(self._open, self.book)
        change = Change(
            self.feature,
            self.planner,
            link,
            options.intent,
            update_secrets=options.update_secrets,
        )
        try:
            return self._online(change, options)
        finally:
            link.close()

    def options(self, args: Mapping[str, Any]) -> Options:
        """The task's options, judged. Raises InvalidInput."""
        return judge(self.feature, args, self.base_folder)

    # -- without a device ---------------------------------------------------------------------------------------------

    def _offline(self, options: Options) -> Result:
        schema = self.feature.schema
        if options.state == "parsed":
            text = options.running_config or ""
            model = states.normal(schema, form_for(self.feature, text).parse(text))
            return {"changed": False, "parsed": mask_model(public(schema, model))}
        model = states.normal(schema, options.intent.config)
        facts = self.feature.offline_facts(options.intent)
        return {"changed": False, "rendered": mask(self.feature.render(self.book.seal_model(model), facts))}

    # -- with a device ------------------------------------------------------------------------------------------------

    def _online(self, change: Change, options: Options) -> Result:
        result: Result = {"changed": False}
        try:
            change.read()
            if options.state == "gathered":
                return result | {"gathered": change.shown(change.have), "timings": change.timings}
            result["before"] = change.shown(change.have)
            change.make_plan()
            result |= self._predicted(change)
            if not self.check_mode:
                result |= self._carry_out(change, options)
        except RuleBroken as broken:
            rules = [violation.rule for violation in broken.violations]
            result |= {"failed": True, "msg": str(broken), "rules": rules}
        except ChannelError as lost:
            result |= {"unreachable": True, "changed": False, "msg": self._words(lost)}
        except DeviceError as refused:
            result |= {"failed": True, "changed": False, "msg": self._words(refused)}
        return result | {"warnings": change.warnings, "timings": change.timings}

    def _words(self, problem: Exception | str) -> str:
        return self.book.scrub(f"{self.host}: {problem}")

    def _predicted(self, change: Change) -> Result:
        computed = self.feature.computed(change.target, change.intent)
        return {
            "changed": bool(change.plan),
            **change.plan.shown(),
            "diff": change.plan.diff(),
            "after": change.shown(change.target),
            "secrets_not_compared": change.not_compared,
            **({"computed": computed} if computed else {}),
            **({"follow_up": change.follow_up} if change.follow_up else {}),
        }

    def _carry_out(self, change: Change, options: Options) -> Result:
        result: Result = {}
        change.refuse_trial()
        if options.backup:
            result["backup_path"] = self._backed_up(change, options.backup)
        if change.plan:
            result |= self._push_and_prove(change, options)
        elif options.verify:
            result |= self._judged(change, settle(change.look, options.verify, self.pace))
            if result["convergence"] == "unmet":
                result |= {"failed": True, "msg": self._words(self._unmet_words(result["unmet"], options))}
        if not (result.get("failed") or result.get("unreachable")) and self._wants_save(change.plan, options):
            result |= self._saved(change)
        return {"saved": False, **result}

    def _backed_up(self, change: Change, settings: backup.BackupSettings) -> str:
        native = change.session.running_config()
        try:
            return str(backup.write(settings, self.host, native, self.native_secrets))
        except OSError as problem:
            raise DeviceError(f"the backup could not be written, so nothing was sent: {problem}") from None

    def _saved(self, change: Change) -> Result:
        try:
            with change.timed("save"):
                change.session.save()
        except (ChannelError, DeviceError) as problem:
            words = f"{problem}; the configuration is in place, but not saved. Run again with save_when: always"
            failure = "unreachable" if isinstance(problem, ChannelError) else "failed"
            return {failure: True, "msg": self._words(words)}
        return {"saved": True}

    @staticmethod
    def _wants_save(plan: Plan, options: Options) -> bool:
        return options.save_when == "always" or (options.save_when == "changed" and bool(plan))

    def _push_and_prove(self, change: Change, options: Options) -> Result:
        """Push and verify; on any failure take the change back and say whether that was proved."""
        try:
            if options.verify:
                change.look_before()
            change.push(options.confirm_within(change.session.can_arm))
            unmet = change.read_back()
            if unmet:
                judged = self._judged(change, Outcome(verdict(unmet), tuple(unmet), 1, 0))
                return judged | self._taken_back(change, "the device does not show the configuration it accepted")
            result: Result = {"after": change.shown(change.after)}
            if options.verify:
                result |= self._judged(change, settle(change.look, options.verify, self.pace))
                if result["convergence"] == "unmet":
                    return result | self._taken_back(change, self._unmet_words(result["unmet"], options))
            change.keep()
            return result
        except ChannelError as lost:
            return self._recovered(change, f"the session was lost ({lost})")
        except DeviceError as refused:
            return self._taken_back(change, str(refused))
        except BaseException:
            self._recovered(change, "the task was stopped")  # over a fresh session: this one may be in mid-sentence
            raise

    def _judged(self, change: Change, outcome: Outcome) -> Result:
        if outcome.verdict == "no_traffic":
            change.warnings.append(
                "Configured, but there was no traffic yet that could prove it: "
                + "; ".join(f"{entry.item}: {entry.seen}" for entry in outcome.unmet)
            )
        return {
            "converged": outcome.verdict == "converged",
            "convergence": outcome.verdict,
            "unmet": [entry.shown() for entry in outcome.unmet],
            "observed": mask_model(change.observed),
        }

    @staticmethod
    def _unmet_words(unmet: list[dict[str, str]], options: Options) -> str:
        seconds = options.verify.timeout if options.verify else 0
        items = "; ".join(f"{entry['item']}: expected {entry['expected']}, seen {entry['seen']}" for entry in unmet)
        return f"not converged within {seconds:g} s: {items}"

    def _taken_back(self, change: Change, reason: str) -> Result:
        try:
            return self._failed(change, reason, taken_back=change.take_back())
        except ChannelError as lost:
            return self._recovered(change, f"{reason}; then the session was lost ({lost})")
        except DeviceError as refused:
            return self._failed(change, f"{reason}; taking it back was refused: {refused}", taken_back=False)

    def _recovered(self, change: Change, reason: str) -> Result:
        try:
            return self._failed(change, reason, taken_back=change.recover())
        except (ChannelError, DeviceError) as problem:
            armed = change.report.armed
            hope = "the device reverts by itself when its timer runs out" if armed else "the change may be half done"
            failed = self._failed(change, f"{reason}; connecting again failed ({problem}): {hope}", taken_back=False)
            return failed | ({"failed": False, "unreachable": True} if isinstance(problem, ChannelError) else {})

    def _failed(self, change: Change, reason: str, *, taken_back: bool) -> Result:
        """`changed` stays true unless the old state was proved: half a change is a change."""
        proof = "the device is as it was before (read again)" if taken_back else "the old state was NOT proved"
        if change.left:
            left = "; ".join(self.book.scrub(line) for line in change.left)
            words = f"Something else was changed on the device meanwhile and was left as it is: {left}."
            change.warnings.append(words)
            proof = proof.replace("the device is", "what this change touched is")
        return {
            "failed": True,
            "changed": not taken_back,
            "msg": self._words(f"{reason}; {proof}"),
            "reverted": taken_back,
            "progress": {
                "sent": [self.book.scrub(line) for line in change.report.sent],
                "not_sent": [self.book.scrub(line) for line in change.report.not_sent],
            },
        }
