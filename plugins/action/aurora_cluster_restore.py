# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of module ``aurora_cluster_restore`` while it runs."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import CLUSTER_ALIASES
from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.live_progress import LiveProgressAction

# The option that names the cluster, and its aliases.
CLUSTER_OPTIONS = ("db_cluster_identifier", *CLUSTER_ALIASES)


class ActionModule(LiveProgressAction):
    """Runs the module of the same name with live progress."""

    default_interval = 60.0

    def opening_line(self, arguments: dict[str, Any]) -> str:
        """Say at once, because after an interruption nobody may be left to say it, that a restore outlives the task.

        Whether there is one to wait for is not known yet: the cluster may be finished.
        Control-C, and the cancelling of a job, can end the process that would show the module's answer.
        """
        if not self._waits_for_a_restore(arguments):
            return ""
        name = next((arguments[option] for option in CLUSTER_OPTIONS if option in arguments), "")
        return (
            "While cluster {0} is being restored, Control-C or a cancelled job ends the wait only: it goes on by "
            "itself, and the same run again takes it up.".format(name)
        )

    def reminder(self, arguments: dict[str, Any]) -> str:
        """The same in a few words: after hours the first line is far up the screen."""
        return "Control-C ends the wait only" if self._waits_for_a_restore(arguments) else ""

    def _waits_for_a_restore(self, arguments: dict[str, Any]) -> bool:
        wanted = arguments.get("state", "present") == "present" and boolean(arguments.get("wait", True), strict=False)
        return bool(wanted and not self._task.check_mode)
