# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What the action plugins of the long modules have in common: they show a module's progress while it runs."""

from __future__ import annotations

import copy
import json
import shlex
import threading
import time
import uuid
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._progress.line import (
    Snapshot,
    parse_snapshot,
    progress_line,
)
from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.signal_forwarding import ForwardingPause

# On the host that runs the module, whoever it becomes: its login user has to be able to read the file, too.
_PROGRESS_FILE = "/tmp/.dbferry-progress-"  # noqa: S108 - its name is random, and the module follows no link
_INTERVAL_VARIABLE = "migration_progress_interval"
# Seconds between two looks. The first waits until the module's own connection has done its privilege escalation.
_LOOK_LOCAL = 1.0
_LOOK_REMOTE = 5.0


class LiveProgressAction(ActionBase):
    """Runs the module of the same name and prints its progress.

    A line appears when the phase changes, and otherwise once per ``migration_progress_interval`` seconds.
    """

    TRANSFERS_FILES = False
    default_interval = 30.0

    def opening_line(self, arguments: dict[str, Any]) -> str:
        """What to print before the module runs; "" for nothing.

        :param arguments: the task's options.
        """
        del arguments
        return ""

    def reminder(self, arguments: dict[str, Any]) -> str:
        """What each line of progress ends with; "" for nothing.

        :param arguments: the task's options.
        """
        del arguments
        return ""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module with a progress file, and read that file from a thread meanwhile."""
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = dict(self._task.args)
        path = arguments.setdefault("progress_file", "{0}{1}".format(_PROGRESS_FILE, uuid.uuid4().hex))
        opening = self.opening_line(arguments)
        if opening:
            self._print(opening)
        pauses = ForwardingPause()
        reader = threading.Thread(
            target=self._show, args=(path, self._interval(variables), self.reminder(arguments), pauses), daemon=True
        )
        reader.start()
        try:
            result.update(self._run_module(arguments, variables))
        finally:
            pauses.end()
            reader.join(timeout=2 * _LOOK_REMOTE)
            if not reader.is_alive():
                pauses.close()
        return result

    def _run_module(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module of the same name; ``arguments`` belong to this run."""
        result: dict[str, Any] = self._execute_module(module_args=arguments, task_vars=variables)
        return result

    def _interval(self, variables: dict[str, Any]) -> float:
        try:
            return float(self._templar.template(variables.get(_INTERVAL_VARIABLE)) or self.default_interval)
        except (TypeError, ValueError):
            return self.default_interval

    def _print(self, line: str) -> None:
        host = self._templar.available_variables.get("inventory_hostname", "")
        label = "{0}: {1}".format(host, self._task.action.rsplit(".", 1)[-1])
        Display().display("  [{0}] {1}".format(label, line), color=constants.COLOR_VERBOSE)

    def _show(self, path: str, interval: float, reminder: str, pauses: ForwardingPause) -> None:
        look = _LOOK_LOCAL if self._connection.transport == "local" else _LOOK_REMOTE
        started = time.monotonic()
        first: Snapshot | None = None
        shown_at = 0.0
        while not pauses.pause(look):
            current = self._read(path)
            if current is None:
                continue
            changed = first is None or first.phase != current.phase
            if changed:
                first = current
            now = time.monotonic()
            if changed or now - shown_at >= interval:
                shown_at = now
                line = progress_line(current, first, now - started)
                self._print("{0} | {1}".format(line, reminder) if reminder else line)

    def _read(self, path: str) -> Snapshot | None:
        """The newest snapshot; ``None`` while it cannot be read, because progress never fails a task."""
        try:
            if self._connection.transport == "local":
                with open(path, "rb") as stream:
                    text = stream.read()
            else:
                # A copy, so that the connection's state belongs to the module that is running over it.
                connection = copy.copy(self._connection)
                command = "/bin/sh -c {0}".format(shlex.quote("cat {0} 2>/dev/null".format(shlex.quote(path))))
                text = connection.exec_command(command, in_data=None, sudoable=False)[1]
            return parse_snapshot(json.loads(text))
        except Exception:  # pylint: disable=broad-exception-caught
            return None
