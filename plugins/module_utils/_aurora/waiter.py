# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection.
"""Waits for something at AWS, for hours or days, without taking a passing fault for an answer.

botocore's own waiters know a number of attempts and no time, take an error for an answer, and end with
``migration-failed`` unseen; hence this one. Clock, sleep and chance come by parameter.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Callable, NamedTuple, TypeVar

from .._aws.errors import AwsError, error_code
from .._errors import DbferryError
from .._progress.line import format_duration

T = TypeVar("T")

# AWS has done nothing of what was asked.
_THROTTLING_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_PASSING_CODES = _THROTTLING_CODES | frozenset(
    {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "HTTPClientError",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "RequestTimeout",
        "RequestTimeoutException",
        "ResponseParserError",
        "ResponseStreamingError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
# Nobody was reached: a wrong address stays wrong, so a first question is asked for so long, and not for minutes.
_UNREACHED_CODES = frozenset({"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError"})
_UNREACHED_SECONDS = 60.0
# How OpenSSL tells of a connection that was cut off while the two sides greeted each other; else TLS' refusals stay.
_CUT_OFF = "EOF occurred in violation of protocol"
_JITTER = 0.2
# A fault that passes doubles the pause, up to this many times the interval.
_MAX_BACKOFF = 8
# Also where nobody wants to pause between answers.
_LEAST_PAUSE_AFTER_FAULT = 1.0
# A single call is made so long, and so often, while AWS is busy.
_BUSY_SECONDS = 300.0
_BUSY_INTERVAL = 2.0


class WaitTimeoutError(DbferryError):
    """What was waited for did not come in time."""

    default_id = "wait.timeout"


class WaitInterruptedError(DbferryError):
    """Somebody asked the wait to stop."""

    default_id = "wait.interrupted"


class Pace(NamedTuple):
    """How long to wait, and how often to look."""

    timeout: float
    """Seconds after which the wait is given up."""
    interval: float
    """Seconds between two looks; each pause is this, a fifth more or less."""


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Surroundings(NamedTuple):
    """What a wait takes from the machine it runs on.

    :param clock: seconds that never run backwards.
    :param sleep: sleeps that many seconds, or less once a stop is asked for.
    :param stopped: whether a stop has been asked for.
    :param chance: a number from 0 up to 1.
    :param now: the time of day, UTC.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    stopped: Callable[[], bool]
    chance: Callable[[], float] = random.random
    now: Callable[[], datetime] = _utc_now


def is_passing(error: BaseException) -> bool:
    """Whether a fault says nothing but "ask again": throttling, a fault of AWS' own, a broken connection."""
    cause = error.__context__ if isinstance(error, AwsError) and error.__context__ is not None else error
    if not isinstance(cause, Exception):
        return False
    if error_code(cause) in _PASSING_CODES or (error_code(cause) == "SSLError" and _CUT_OFF in str(cause)):
        return True
    response = getattr(cause, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0) >= 500


def is_throttled(error: BaseException) -> bool:
    """Whether a fault says "too many calls": nothing was done, and the same call is welcome later."""
    return _code(error) in _THROTTLING_CODES


def question(clock: Callable[[], float]) -> Callable[[BaseException], bool]:
    """Which faults pass while something is asked for the first time: those of ``is_passing``.

    Where one after the other says that nobody was reached, they pass for a minute only.

    :param clock: as ``Surroundings.clock``.
    :returns: judges the faults of one question, in their order.
    """
    unreached_since: float | None = None

    def passes(error: BaseException) -> bool:
        nonlocal unreached_since
        if _code(error) not in _UNREACHED_CODES:
            unreached_since = None
            return is_passing(error)
        if unreached_since is None:
            unreached_since = clock()
        return clock() - unreached_since < _UNREACHED_SECONDS

    return passes


def _code(error: BaseException) -> str:
    cause = error.__context__ if isinstance(error, AwsError) and error.__context__ is not None else error
    return error_code(cause) if isinstance(cause, Exception) else ""


@contextlib.contextmanager
def told_on_break(remedy: str) -> Iterator[None]:
    """Say how to go on where a wait inside the block is given up or interrupted, unless it has been said.

    :param remedy: what is and what is not done by then, and what to do.
    """
    try:
        yield
    except (WaitTimeoutError, WaitInterruptedError) as error:
        error.remedy = error.remedy or remedy
        raise


def call_patiently(
    call: Callable[[], T],
    around: Surroundings,
    what: str,
    passing: Callable[[BaseException], bool] = is_throttled,
    on_fault: Callable[[str], None] | None = None,
) -> T:
    """What a single call returns; made again for a few minutes while AWS is too busy for it.

    :param what: what the call is for, for the messages.
    :param passing: ``question(...)`` for one that only asks, ``is_passing`` for another that may be made twice.
    :param on_fault: as in ``wait_for``.
    :raises WaitTimeoutError: the minutes have passed.
    :raises WaitInterruptedError: a stop was asked for.
    :raises AwsError: AWS refused the call, or cannot be reached.
    """
    return wait_for(lambda: (call(),), Pace(_BUSY_SECONDS, _BUSY_INTERVAL), around, what, on_fault, passing)[0]


def wait_for(
    look: Callable[[], T | None],
    pace: Pace,
    around: Surroundings,
    what: str,
    on_fault: Callable[[str], None] | None = None,
    passing: Callable[[BaseException], bool] = is_passing,
) -> T:
    """Look again and again until there is an answer.

    :param look: returns the answer, ``None`` while there is none, and raises where there will never be one.
    :param what: what is waited for, for the messages.
    :param on_fault: told about every passing fault.
    :param passing: whether a fault passes by itself; others are raised.
    :returns: what ``look`` returned.
    :raises WaitTimeoutError: ``pace.timeout`` seconds passed; a passing fault of the last look is named.
    :raises WaitInterruptedError: a stop was asked for.
    """
    began = around.clock()
    faults = 0
    while True:
        fault = ""
        try:
            answer = look()
            if answer is not None:
                return answer
            faults = 0
        except AwsError as error:
            if not passing(error):
                raise
            fault = error.message
            faults += 1
            if on_fault is not None:
                on_fault(fault)
        if around.stopped():
            raise WaitInterruptedError(
                f"The wait for {what} was interrupted after {format_duration(around.clock() - began)}."
            )
        left = pace.timeout - (around.clock() - began)
        if left <= 0:
            last = f" The last look failed: {fault}" if fault else ""
            raise WaitTimeoutError(
                f"Gave up waiting for {what} after {format_duration(around.clock() - began)}.{last}",
            )
        interval = max(pace.interval, _LEAST_PAUSE_AFTER_FAULT) if faults else pace.interval
        pause = interval * min(2 ** max(faults - 1, 0), _MAX_BACKOFF)
        around.sleep(min(pause * (1 - _JITTER + 2 * _JITTER * around.chance()), left))
        if around.stopped():
            raise WaitInterruptedError(
                f"The wait for {what} was interrupted after {format_duration(around.clock() - began)}."
            )
