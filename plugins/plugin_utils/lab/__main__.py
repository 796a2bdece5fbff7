# Copyright (c) 2026 the netops.peerguard authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m ansible_collections.netops.peerguard.plugins.plugin_utils.lab``"""

from __future__ import annotations

import sys

from .serve.cli import main

if __name__ == "__main__":
    sys.exit(main())
