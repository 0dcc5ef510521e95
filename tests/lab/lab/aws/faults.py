# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong in Aurora's stand-in by itself, switched while the lab runs; backups and roles have their own."""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable
from urllib.parse import parse_qs

from lab.description import Description, Faults
from lab.state import State

_FILE = "faults.json"
_THROTTLED_FILE = "throttled"
_HANG_SECONDS = 0.2
# The same calls are throttled in every run of the same calls.
_SEED = 20
_THROTTLED = (
    b'<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>Throttling</Code>'
    b"<Message>Rate exceeded</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId>"
    b"</ErrorResponse>"
)
Application = Callable[[Any, Any], Iterable[bytes]]


def control_file(state: State) -> Path:
    """The JSON document that switches faults on and off; it goes when the lab goes down."""
    return state.run / _FILE


def throttled_file(state: State) -> Path:
    """A line for each call that was throttled, its action, for tests to see that they met the fault."""
    return state.run / _THROTTLED_FILE


def current(state: State, description: Description) -> Faults:
    """The faults of this moment: those of the control file, else those of the description."""
    return dataclasses.replace(description.aurora.faults, **state.read(control_file(state)))


def hang(state: State, description: Description, status: str, gone: Callable[[], bool]) -> None:
    """Stay in a status for as long as the faults say so, or until what has the status is gone."""
    while current(state, description).hangs_in == status and not gone():
        time.sleep(_HANG_SECONDS)


class Throttling:
    """A WSGI application that answers a share of the calls of RDS with "Rate exceeded", and passes the others on."""

    def __init__(self, application: Application, state: State, description: Description):
        self._application = application
        self._state = state
        self._description = description
        self._chance = random.Random(_SEED)
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """One call."""
        share = current(self._state, self._description).throttled_share
        if share and "/rds/aws4_request" in environ.get("HTTP_AUTHORIZATION", ""):
            with self._lock:
                throttled = self._chance.random() < share
            if throttled:
                # A body that nobody reads would be taken for the connection's next request.
                body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode("utf-8")
                with self._lock, throttled_file(self._state).open("a", encoding="utf-8") as told:
                    told.write(f"{parse_qs(body).get('Action', [''])[0]}\n")
                headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(_THROTTLED)))]
                start_response("400 Bad Request", headers)
                return [_THROTTLED]
        return self._application(environ, start_response)
