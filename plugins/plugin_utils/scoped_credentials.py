# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""What the action plugins of the uploading modules have in common: their credentials are minted on the controller."""

from __future__ import annotations

import contextlib
import contextvars
import datetime
import os.path
import shlex
import threading
import time
import uuid
from typing import Any, Iterator

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._argspec import aws_argument_spec

from .live_progress import LiveProgressAction
from .side_module import is_pipelined, run_on, run_on_same_host

_MINT = "dbferry.aurora_mysql.s3_prefix_credentials"
_HAND_OVER = "dbferry.aurora_mysql.s3_credentials_handover"
# A directory of the module's, whoever it becomes.
_SOCKET = "/tmp/.dbferry-credentials-{0}/socket"  # noqa: S108 - the name is random, and the module follows no link
# Fresh ones are minted when a third of the time is left, and at the latest 15 minutes before the end.
_SHARE_LEFT = 3.0
_MOST_LEFT = 900.0
# After a failure it is tried again so often in what is left.
_TRIES = 10.0
_CALLER_ONLY = ("access_key", "secret_key", "session_token", "profile")
_OF_THE_ENDPOINT = ("endpoint_url", "region")


class ScopedCredentialsAction(LiveProgressAction):
    """Runs the module of the same name with live progress, and with credentials for its one prefix.

    Where the task has ``scoped_credentials``, its AWS options are the controller's: with them credentials are minted
    there, first and again before they expire. The module gets the first ones as options and the next ones through its
    socket.
    """

    def _run_module(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        wanted = arguments.pop("scoped_credentials", None)
        if wanted is None:
            return super()._run_module(arguments, variables)
        minter = _Minter(self, wanted, arguments, variables)
        minted = minter.mint()
        if not minted.get("failed") and minter.endpoint and not minted["region"]:
            minted = {
                "failed": True,
                "msg": "The controller finds no Region. Give region (migration_region in the roles).",
            }
        if minted.get("failed"):
            # Nothing has reached the host.
            return {**minted, "details": {**(minted.get("details") or {}), "untouched": True}}
        keys = minted["credentials"]
        left_out = _CALLER_ONLY + _OF_THE_ENDPOINT if minter.endpoint else _CALLER_ONLY
        for name in list(arguments):
            if _option_name(name) in left_out:
                del arguments[name]
        path = _SOCKET.format(uuid.uuid4().hex)
        arguments.update(
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
            session_token=keys["session_token"],
            credentials_expiration=keys["expiration"],
            credentials_socket=path,
        )
        if minter.endpoint:
            arguments.update(endpoint_url=minted["endpoint_url"], region=minted["region"], dual_stack=False)
        with self._renewing(minter, keys["expiration"], path, variables):
            result = super()._run_module(arguments, variables)
        if result.get("failed") and "error_id" not in result:
            # It may have been killed, and then nobody else removes the socket's empty directory.
            self._low_level_execute_command("rm -rf {0}".format(shlex.quote(os.path.dirname(path))))
        return result

    @contextlib.contextmanager
    def _renewing(self, minter: _Minter, expiration: str, path: str, variables: dict[str, Any]) -> Iterator[None]:
        if not is_pipelined(self):
            Display().warning(
                "Credentials are not renewed, because they would rest in a file on the host: set ansible_pipelining to "
                "true. They expire at {0}.".format(expiration)
            )
            yield
            return
        done = threading.Event()
        # The thread sees the task as this one does.
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run, args=(self._renew, minter, expiration, path, variables, done), daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            done.set()

    def _renew(
        self, minter: _Minter, expiration: str, path: str, variables: dict[str, Any], done: threading.Event
    ) -> None:
        pause = _pause(expiration)
        while not done.wait(pause):
            try:
                minted = minter.mint()
                failure = minted if minted.get("failed") else None
                if failure is None:
                    handed = run_on_same_host(
                        self, _HAND_OVER, dict(minted["credentials"], credentials_socket=path), variables
                    )
                    failure = handed if handed.get("failed") else None
                words = None if failure is None else str(failure.get("msg"))
            except Exception as error:  # pylint: disable=broad-exception-caught
                # A thread's error would be lost; this way it is told, and the next try may end well.
                words = str(error)
            if words is None:
                expiration = minted["credentials"]["expiration"]
                pause = _pause(expiration)
            elif not done.is_set():
                Display().warning("Credentials that expire at {0} were not renewed: {1}".format(expiration, words))
                pause = max(1.0, min(_left(expiration), _MOST_LEFT) / _TRIES)


class _Minter:
    """Mints credentials for one task's bucket and prefix, on the controller, with the task's own AWS options."""

    def __init__(
        self,
        action: LiveProgressAction,
        wanted: dict[str, Any],
        arguments: dict[str, Any],
        variables: dict[str, Any],
    ) -> None:
        self._action = action
        self._variables = variables
        wanted = {name: value for name, value in wanted.items() if value not in (None, "")}
        self._controller = wanted.pop("controller", "localhost")
        # Whether the controller finds the endpoint for the module, too.
        self.endpoint = boolean(wanted.pop("endpoint", False))
        self._arguments = {name: value for name, value in arguments.items() if _option_name(name)}
        self._arguments.update(bucket=arguments["bucket"], prefix=arguments["prefix"], **wanted)
        self._arguments["dual_stack"] = arguments.get("dual_stack", False)

    def mint(self) -> dict[str, Any]:
        """The module's result."""
        try:
            return run_on(self._action, self._controller, _MINT, self._arguments, self._variables)
        except AnsibleError as error:
            return {"failed": True, "msg": str(error)}


def _option_name(name: str) -> str | None:
    """The AWS option that a name or an alias means; None when it means none."""
    for option, specification in aws_argument_spec().items():
        if name == option or name in specification.get("aliases", ()):
            return option
    return None


def _left(expiration: str) -> float:
    moment = datetime.datetime.strptime(expiration, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp() - time.time()


def _pause(expiration: str) -> float:
    """Seconds until fresh credentials are minted."""
    left = _left(expiration)
    return max(0.0, left - min(left / _SHARE_LEFT, _MOST_LEFT))
