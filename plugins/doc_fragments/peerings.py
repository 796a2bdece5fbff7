# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules that work on whole peerings have in common."""

    DOCUMENTATION = r"""
options:
  intent:
    description:
      - The peerings, each written once with all its ends; see the collection's page on peerings.
      - A list, or a dictionary with that list under C(peerings).
    type: raw
  only:
    description: Names of the peerings to work on; all of the intent unless given.
    type: list
    elements: str
  verify:
    description: How long to wait for convergence.
    type: dict
    suboptions:
      timeout:
        description: Seconds to wait for convergence.
        type: int
        default: 60
      interval:
        description: Seconds between two looks.
        type: int
        default: 3
      stable_for:
        description:
          - Seconds that convergence must have held.
          - Left out, a change must hold for as long as its kind of peering needs for a proof. IKE keepalives need one
            timeout (at most ten minutes), because nobody misses a keepalive earlier. RSVP peerings need two refresh
            periods where the lifetime is no longer than three of them. All others need no time, nor does what is only
            looked at.
        type: int
  batch:
    description: How many peerings are worked on at the same time; those that share a device wait for each other.
    type: int
    default: 20
  page:
    description:
      - File for an HTML page with the peerings as a graph and what is unmet.
      - Relative to the playbook, or for a playbook out of a collection to the current folder.
    type: str
notes:
  - Runs once for all hosts of the batch and reaches every end itself, with the variables that a task on that host would
    have. A peering of which the batch has only some ends is refused. A play on localhost alone means all peerings.
  - Do not slice a job that uses this module; a slice has only a part of the inventory, and so lacks ends.
"""
