# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Runs a module beside the one that an action plugin is running: on the same host, or on another."""

from __future__ import annotations

import copy
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase


class _SideAction(ActionBase):
    """Runs the module that its task names, and nothing around it."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        del tmp
        result: dict[str, Any] = self._execute_module(
            module_name=self._task.action, module_args=dict(self._task.args), task_vars=task_vars or {}
        )
        return result


def is_pipelined(action: ActionBase) -> bool:
    """Whether module arguments reach the action's host on standard input, and not in a file."""
    return bool(action._is_pipelining_enabled("new"))


def run_on_same_host(
    action: ActionBase, module: str, args: dict[str, Any], task_vars: dict[str, Any]
) -> dict[str, Any]:
    """Run a module where the action's own one is running, as the same user, over a connection of its own.

    The result is kept out of the log.
    """
    connection = copy.copy(action._connection)
    # What the module at work changes in these while it runs is its own.
    connection._shell = copy.copy(action._connection._shell)
    connection._shell.tmpdir = None
    if connection.become is not None:
        connection.become = copy.copy(connection.become)
    return _run(action, action._task.become, connection, module, args, task_vars)


def run_on(
    action: ActionBase, host: str, module: str, args: dict[str, Any], task_vars: dict[str, Any]
) -> dict[str, Any]:
    """Run a module on another host, as a task with ``delegate_to: host`` and ``become: false`` would.

    The result is kept out of the log.

    :raises AnsibleError: there is no such host.
    """
    if host not in task_vars["hostvars"]:
        raise AnsibleError("There is no host {0} to mint credentials on.".format(host))
    known = task_vars["hostvars"][host]
    play_context = action._play_context.copy()
    play_context.become = False
    play_context.remote_addr = known.get("ansible_host", host)
    connection = action._shared_loader_obj.connection_loader.get(
        known.get("ansible_connection", action._play_context.connection), play_context, new_stdin=None
    )
    connection.set_options(var_options=known)
    # The play's variables are not the host's; and what is told to a module here may be secret, so it rests in no file.
    connection.set_option("pipelining", True)
    connection._shell.set_options(var_options=known)
    # Those that running a module asks for; a host may have others that cannot be evaluated here.
    variables = {name: known[name] for name in known if name.startswith("ansible_") and name.endswith("_interpreter")}
    variables.update({name: known[name] for name in ("ansible_facts", "inventory_hostname") if name in known})
    return _run(action, False, connection, module, args, variables)


def _run(
    action: ActionBase, become: bool, connection: Any, module: str, args: dict[str, Any], task_vars: dict[str, Any]
) -> dict[str, Any]:
    task = action._task.copy()
    task.action = module
    task.args = args
    task.become = become
    task.no_log = True
    task.delegate_to = None
    side = _SideAction(
        task, connection, action._play_context, action._loader, action._templar, action._shared_loader_obj
    )
    try:
        return side.run(task_vars=task_vars)
    finally:
        # Who runs a task does this for its own action only.
        side.cleanup()
