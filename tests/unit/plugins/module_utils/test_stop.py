# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals become a wish, wake a sleep, and get their old handlers back."""

from __future__ import annotations

import collections
import ctypes
import functools
import os
import select
import signal
from typing import Any

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils import _stop
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_wakes_the_sleep_and_the_old_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.requested()
        assert stop.signal_name() == ""
        os.kill(os.getpid(), number)
        stop.sleep(3600)
        stop.sleep(3600)
        assert stop.requested()
        assert stop.signal_name() == number.name
    assert signal.getsignal(number) is before


def test_the_first_of_many_signals_is_named() -> None:
    with stop_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        for _count in range(1000):
            os.kill(os.getpid(), signal.SIGINT)
        assert stop.signal_name() == "SIGTERM"


def test_the_old_handlers_come_back_after_an_error_too() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="broken"), stop_on_signals():
        raise ValueError("broken")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_right_before_the_system_call_wakes_the_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line of Python runs between the signal and the call, hence no handler either."""
    answers: collections.deque[Any] = collections.deque(maxlen=1)
    kill = functools.partial(ctypes.CDLL(None).kill, os.getpid(), signal.SIGINT)
    sleep = select.select

    def interrupted_select(*arguments: Any) -> None:
        answers.extend(map(functools.partial.__call__, [kill, functools.partial(sleep, *arguments)]))

    monkeypatch.setattr(_stop.select, "select", interrupted_select)
    with stop_on_signals() as stop:
        stop.sleep(10)
        assert stop.requested()
    assert answers[0] != ([], [], [])
