# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What all resource modules of the collection have in common."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - What shall become of the configuration that O(config) describes.
      - V(merged) lays it over what the device has.
      - V(replaced) makes every list entry that it names exactly so.
      - V(overridden) makes the whole resource exactly so, and removes what it does not name.
      - V(deleted) removes the list entries that it names; without O(config), everything of the resource.
      - V(gathered) reads the device and changes nothing.
      - V(rendered) gives the configuration text for O(config), V(parsed) the structure of O(running_config); both need
        no device.
    type: str
    choices: [merged, replaced, overridden, deleted, gathered, rendered, parsed]
    default: merged
  running_config:
    description: Configuration text of a device, for O(state=parsed).
    type: str
  verify:
    description:
      - Prove the result with show commands, whether anything was changed or not.
      - A change that does not converge in time is taken back, and the task fails.
      - Without this option the configuration is read back after a change, and nothing is claimed about the peers.
    type: dict
    suboptions:
      timeout:
        description: Seconds to wait for convergence, 1 to 43200.
        type: int
        default: 60
      interval:
        description: Seconds between two looks.
        type: int
        default: 3
      stable_for:
        description: Seconds that convergence must have held, up to 14400; they may go beyond O(verify.timeout).
        type: int
        default: 0
  confirm_timeout:
    description:
      - Seconds after which the device takes the change back by itself unless it is confirmed, on systems that can.
      - With O(verify) it is chosen longer than the time for verification, and may not be given shorter.
    type: int
  update_secrets:
    description:
      - What to do about keys that the device shows only encrypted, so that they cannot be compared.
      - V(on_create) sends them only where there was none, and warns; V(always) sends them on every run.
    type: str
    choices: [on_create, always]
    default: on_create
attributes:
  check_mode:
    support: full
    description: Reports the same commands, diff and result as a run, and sends nothing but show commands.
  diff_mode:
    support: full
    description: Shows the configuration text before and after, with secrets masked.
  idempotent:
    support: full
    description: A second run changes nothing, except for keys that O(update_secrets=always) sends again.
"""

    KEEP = r"""
options:
  save_when:
    description: When to save the running configuration so that it survives a restart.
    type: str
    choices: [changed, always, never]
    default: changed
  backup:
    description: Write a copy of the running configuration to the controller before a change.
    type: bool
    default: false
  backup_options:
    description: Where a backup goes.
    type: dict
    suboptions:
      dir_path:
        description: Folder, relative to the playbook, or for a playbook out of a collection to the current folder.
        type: str
        default: backup
      filename:
        description: File name; host and time unless given.
        type: str
      secrets:
        description: Keep the values of keys in the file; otherwise they are masked, and missing on a restore.
        type: bool
        default: false
"""

    FACTS = r"""
attributes:
  check_mode:
    support: full
    description: Changes nothing at any time.
  diff_mode:
    support: none
    description: There is nothing to compare.
  idempotent:
    support: full
    description: Changes nothing at any time.
"""
