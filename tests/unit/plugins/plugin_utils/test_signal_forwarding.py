# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that the kernel gave to a side thread are answered in the main thread, also while that one waits."""

from __future__ import annotations

import os
import select
import signal
import threading
import time

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.plugin_utils.signal_forwarding import ForwardingPause

SECONDS = 30.0


class Answered(Exception):
    """What the handlers of these tests raise."""


@pytest.fixture
def answers():
    """The numbers of the signals that were answered; the first of each ends what the main thread does."""
    numbers = []

    def handler(number, _frame):
        signal.signal(number, signal.SIG_IGN)
        numbers.append(signal.Signals(number))
        raise Answered

    before = {number: signal.signal(number, handler) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    yield numbers
    for number, action in before.items():
        signal.signal(number, action)


class Side:
    """A side thread that pauses, gets a signal while the main thread waits, and gives up where that one sleeps on."""

    def __init__(self, forwarding, number):
        self._forwarding = forwarding
        self._number = number
        self._reader, self._writer = os.pipe()
        self.gave_up = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        self._forwarding.pause(0.2)
        signal.pthread_kill(threading.get_ident(), self._number)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if self._forwarding.pause(0.05):
                return
        self.gave_up = True
        os.write(self._writer, b".")

    def wait(self):
        """What the main thread does: a poll that goes on after a signal that another thread got."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        poll.poll()

    def join(self):
        self._thread.join()
        os.close(self._reader)
        os.close(self._writer)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_to_the_side_thread_wakes_the_main_thread(answers, number):
    forwarding = ForwardingPause()
    side = Side(forwarding, number)
    with pytest.raises(Answered):
        side.wait()
    forwarding.end()
    side.join()
    forwarding.close()
    assert answers == [number]
    assert not side.gave_up


def test_the_main_thread_gets_time_to_answer_before_a_signal_is_forwarded_again():
    """Its handler tells of the forwarded signal, too, which comes back to the side thread at once."""
    answers = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: answers.append(number))
    forwarding = ForwardingPause()
    begun = time.monotonic()
    thread = threading.Thread(target=lambda: [forwarding.pause(SECONDS) for _pause in range(5)])
    signal.raise_signal(signal.SIGUSR1)
    thread.start()
    thread.join()
    seconds = time.monotonic() - begun
    forwarding.end()
    forwarding.close()
    signal.signal(signal.SIGUSR1, before)
    assert answers
    assert seconds >= 5 * 0.02


def test_end_ends_a_pause_at_once():
    forwarding = ForwardingPause()
    ends = []
    thread = threading.Thread(target=lambda: ends.append(forwarding.pause(SECONDS)))
    thread.start()
    forwarding.end()
    thread.join(timeout=SECONDS / 2)
    assert ends == [True]
    forwarding.close()


def test_a_pause_without_a_signal_says_that_it_goes_on():
    forwarding = ForwardingPause()
    assert forwarding.pause(0.01) is False
    forwarding.end()
    assert forwarding.pause(0.01) is True
    forwarding.close()


def test_who_was_told_of_signals_before_is_told_again():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer)
    try:
        forwarding = ForwardingPause()
        forwarding.end()
        forwarding.close()
        assert signal.set_wakeup_fd(before) == writer
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)


def test_made_in_another_thread_it_only_pauses():
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    results = []

    def run():
        forwarding = ForwardingPause()
        results.append(forwarding.pause(0.01))
        forwarding.end()
        results.append(forwarding.pause(0.01))
        forwarding.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert results == [False, True]
    assert signal.set_wakeup_fd(before) == before
