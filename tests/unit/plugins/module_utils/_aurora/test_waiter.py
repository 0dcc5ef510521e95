# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait: never a passing fault taken for an answer, never longer than asked, stopped when asked."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.waiter import (
    Pace,
    Surroundings,
    WaitInterruptedError,
    WaitTimeoutError,
    call_patiently,
    is_passing,
    is_throttled,
    question,
    wait_for,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.errors import AwsError, aws_errors


class Time:
    """A clock that only sleeping moves."""

    def __init__(self, stop_at=None):
        self.now = 0.0
        self.pauses = []
        self.stop_at = stop_at

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def around(self, chance=0.5):
        return Surroundings(
            clock=lambda: self.now,
            sleep=self.sleep,
            stopped=lambda: self.stop_at is not None and self.now >= self.stop_at,
            chance=lambda: chance,
        )


def fault(error):
    with pytest.raises(AwsError) as caught, aws_errors("asking"):
        raise error
    return caught.value


def client_error(code, status=400):
    return fault(
        ClientError({"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Op")
    )


THROTTLED = client_error("Throttling")
UNREACHED = fault(ConnectTimeoutError(endpoint_url="x"))


def looks(*answers):
    """A look that gives these answers in turn, and the last one for ever."""
    left = list(answers)

    def look():
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (THROTTLED, True),
        (client_error("RequestLimitExceeded"), True),
        (client_error("InternalFailure", 500), True),
        (client_error("WhoKnows", 503), True),
        (fault(EndpointConnectionError(endpoint_url="x")), True),
        (fault(ReadTimeoutError(endpoint_url="x")), True),
        (fault(SSLError(endpoint_url="x", error="EOF occurred in violation of protocol (_ssl.c:1006)")), True),
        (fault(SSLError(endpoint_url="x", error="certificate verify failed: self-signed certificate")), False),
        (client_error("AccessDenied", 403), False),
        (client_error("ExpiredToken", 403), False),
        (client_error("DBClusterNotFoundFault", 404), False),
        (ValueError("x"), False),
    ],
)
def test_what_passes(error, passing):
    assert is_passing(error) is passing


def test_faults_are_not_answers():
    time = Time()
    told = []
    answer = wait_for(
        looks(None, THROTTLED, THROTTLED, client_error("InternalFailure", 500), None, "there"),
        Pace(3600, 10),
        time.around(),
        "it",
        told.append,
    )
    assert answer == "there"
    assert len(told) == 3


def test_faults_in_a_row_lengthen_the_pause_and_an_answer_ends_that():
    time = Time()
    wait_for(looks(*[THROTTLED] * 6, None, "there"), Pace(3600, 10), time.around(), "it")
    assert time.pauses == [10, 20, 40, 80, 80, 80, 10]


def test_a_single_call_outlasts_throttling_and_nothing_else():
    time = Time()
    assert call_patiently(looks(THROTTLED, THROTTLED, None), time.around(), "it") is None
    assert len(time.pauses) == 2
    assert not is_throttled(client_error("InternalFailure", 500))
    with pytest.raises(AwsError, match="InternalFailure"):
        call_patiently(looks(client_error("InternalFailure", 500)), time.around(), "it")
    assert len(time.pauses) == 2


def asked(time, *answers):
    """What a question comes to that gets these answers."""
    return call_patiently(looks(*answers), time.around(), "it", question(time.around().clock))


@pytest.mark.parametrize(
    "error",
    [
        THROTTLED,
        client_error("InternalFailure", 500),
        fault(ReadTimeoutError(endpoint_url="x")),
        fault(ConnectionClosedError(endpoint_url="x")),
        UNREACHED,
        fault(EndpointConnectionError(endpoint_url="x")),
    ],
    ids=lambda error: error.error_id,
)
def test_a_single_fault_does_not_end_a_question(error):
    time = Time()
    assert asked(time, error, "there") == "there"
    assert len(time.pauses) == 1


def test_a_question_that_reaches_nobody_is_given_up_sooner_than_one_that_aws_is_too_busy_for():
    unreached, busy = Time(), Time()
    with pytest.raises(AwsError, match="ConnectTimeoutError"):
        asked(unreached, UNREACHED)
    with pytest.raises(WaitTimeoutError, match="Throttling"):
        asked(busy, THROTTLED)
    assert 30 < unreached.now < 120 < busy.now


def test_only_the_time_in_which_nobody_is_reached_counts():
    time = Time()
    assert asked(time, *[THROTTLED] * 12, UNREACHED, UNREACHED, "there") == "there"
    assert time.now > 120
    with pytest.raises(AwsError, match="AccessDenied"):
        asked(time, UNREACHED, client_error("AccessDenied", 403))


def test_throttling_without_end_is_told():
    with pytest.raises(WaitTimeoutError, match=r"Gave up waiting for AWS .*Throttling"):
        call_patiently(looks(THROTTLED), Time().around(), "AWS")


def test_faults_are_paced_where_answers_are_not():
    time = Time()
    wait_for(looks(None, THROTTLED, THROTTLED, None, "there"), Pace(3600, 0), time.around(), "it")
    assert time.pauses == [0, 1, 2, 0]


def test_a_fault_that_stays_is_raised_at_once():
    time = Time()
    with pytest.raises(AwsError, match="AccessDenied"):
        wait_for(looks(None, client_error("AccessDenied", 403)), Pace(3600, 10), time.around(), "it")
    assert len(time.pauses) == 1


@given(st.floats(0, 0.999), st.floats(1, 600), st.floats(0, 10**6))
def test_time_out_is_kept_and_pauses_are_jittered_around_the_interval(chance, interval, timeout):
    time = Time()
    looked = []
    with pytest.raises(WaitTimeoutError):
        wait_for(lambda: looked.append(1), Pace(min(timeout, interval * 1000), interval), time.around(chance), "it")
    assert time.now == pytest.approx(min(timeout, interval * 1000))
    assert len(looked) == len(time.pauses) + 1
    assert all(0.8 * interval <= pause <= 1.2 * interval for pause in time.pauses[:-1])


def test_the_time_out_names_the_last_fault():
    with pytest.raises(WaitTimeoutError, match=r"cluster x after 1 min 00 s\. The last look failed: .*Throttling"):
        wait_for(looks(None, THROTTLED), Pace(60, 10), Time().around(), "cluster x")


def test_a_stop_ends_the_wait_without_another_look():
    time = Time(stop_at=15)
    looked = []
    with pytest.raises(WaitInterruptedError, match="20 s"):
        wait_for(lambda: looked.append(1), Pace(3600, 10), time.around(), "it")
    assert len(looked) == 2


def test_five_thousand_polls_cost_no_memory():
    time = Time()
    time.sleep = lambda seconds: setattr(time, "now", time.now + seconds)
    looked = itertools.count()
    tracemalloc.start()
    try:
        with pytest.raises(WaitTimeoutError):
            wait_for(lambda: None if next(looked) >= 0 else looked, Pace(5000 * 30, 30), time.around(), "it")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert next(looked) >= 5000
    assert peak < 200_000
