# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of module ``mysql_verify`` while it runs."""

from __future__ import annotations

from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.live_progress import LiveProgressAction


class ActionModule(LiveProgressAction):
    """Runs the module of the same name with live progress."""
