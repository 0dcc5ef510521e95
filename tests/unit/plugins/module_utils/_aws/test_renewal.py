# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh credentials for a module that is at work: the socket, what comes through it, and who sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import threading
import time
from typing import NamedTuple

import pytest

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws import renewal
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aws.renewal import (
    RenewalError,
    RenewedKeys,
    hand_over,
    listening,
    renewed_keys,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._stop import stop_on_signals


class Refused(NamedTuple):
    access_key: str
    token: str


def generation(number: int, left: float | None = 3600) -> dict[str, str]:
    expiration = None
    if left is not None:
        expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + left))
    return {
        "access_key": f"ASIA{number}",
        "secret_key": f"secret {number}",
        "session_token": f"token {number}",
        "expiration": expiration,
    }


@pytest.fixture
def path(tmp_path):
    """A socket's path of a bearable length, in a directory that is not there yet."""
    return os.path.join(os.path.relpath(tmp_path), "private", "socket")


def test_what_is_handed_over_is_what_the_next_request_gets(path):
    keys = RenewedKeys(generation(1))
    assert keys()[:3] == ("ASIA1", "secret 1", "token 1")
    with listening(path, keys):
        for number in (2, 3):
            hand_over(path, generation(number))
            assert keys()[:3] == (f"ASIA{number}", f"secret {number}", f"token {number}")
            assert 3590 < keys().expiry - time.time() <= 3600


def test_nobody_else_can_reach_the_socket_and_nothing_of_it_stays(path):
    with listening(path, RenewedKeys(generation(1))):
        assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert os.listdir(os.path.dirname(path)) == ["socket"]
    assert not os.path.exists(os.path.dirname(path))


def test_nothing_stays_when_the_work_fails(path):
    with pytest.raises(ZeroDivisionError), listening(path, RenewedKeys(generation(1))):
        raise ZeroDivisionError
    assert not os.path.exists(os.path.dirname(path))
    assert [thread.name for thread in threading.enumerate() if thread.name == "credentials"] == []


@pytest.mark.parametrize("kind", ["directory", "link"])
def test_a_directory_that_is_there_already_is_not_entered(path, kind, tmp_path):
    if kind == "directory":
        os.mkdir(os.path.dirname(path))
    else:
        os.symlink(tmp_path / "elsewhere", os.path.dirname(path))
    with pytest.raises(RenewalError) as caught, listening(path, RenewedKeys(generation(1))):
        raise AssertionError("it listened")
    assert caught.value.remedy
    assert os.path.lexists(os.path.dirname(path))


def test_a_path_that_is_too_long_for_a_socket_is_told(tmp_path):
    path = str(tmp_path / ("x" * 100) / "socket")
    with pytest.raises(RenewalError, match="107"), listening(path, RenewedKeys(generation(1))):
        raise AssertionError("it listened")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        json.dumps(dict(generation(2), session_token="")).encode(),
        json.dumps(dict(generation(2), secret_key=5)).encode(),
        json.dumps(dict(generation(2), expiration="tomorrow")).encode(),
        b"[" * 100_000,
        b" " * 200_000,
    ],
)
def test_nonsense_leaves_the_credentials_that_are_there(path, message):
    keys = RenewedKeys(generation(1))
    with listening(path, keys):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            # it hangs up on a message that is too long
            try:
                connection.sendall(message)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(100)
            except (BrokenPipeError, ConnectionResetError):
                answer = b""
        assert answer == b""
        assert keys().access_key == "ASIA1"
        hand_over(path, generation(2))
        assert keys().access_key == "ASIA2"


def test_handing_over_to_nobody_and_handing_over_nonsense_are_told_without_the_secret(path):
    with pytest.raises(RenewalError) as caught:
        hand_over(path, generation(1))
    assert "secret" not in str(caught.value)
    with pytest.raises(RenewalError) as caught:
        hand_over(path, {"access_key": "ASIA1", "secret_key": "the secret itself"})
    assert "the secret itself" not in str(caught.value)


def test_a_forked_process_sees_what_comes_after_the_fork(path):
    keys = RenewedKeys(generation(1))
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        os.write(tell, b"ready")
        second = keys(Refused("ASIA1", "token 1"))
        os.write(tell, second.access_key.encode())
        os._exit(0)
    os.close(tell)
    try:
        assert os.read(told, 5) == b"ready"
        with listening(path, keys):
            hand_over(path, generation(2))
        assert os.read(told, 100) == b"ASIA2"
    finally:
        os.close(told)
        os.waitpid(child, 0)


def test_who_was_refused_waits_for_others_and_who_was_not_does_not(path):
    keys = RenewedKeys(generation(1))
    with listening(path, keys):
        got = []
        waiting = threading.Thread(target=lambda: got.append(keys(Refused("ASIA1", "token 1"))))
        waiting.start()
        assert keys().access_key == "ASIA1"
        hand_over(path, generation(2))
        waiting.join(60)
        assert [each.access_key for each in got] == ["ASIA2"]
        # somebody else was faster
        assert keys(Refused("ASIA1", "token 1")).access_key == "ASIA2"


def test_credentials_that_are_over_are_waited_for_and_not_used(path):
    keys = RenewedKeys(generation(1, left=-1))
    with listening(path, keys):
        got = []
        waiting = threading.Thread(target=lambda: got.append(keys()))
        waiting.start()
        hand_over(path, generation(2))
        waiting.join(60)
    assert [each.access_key for each in got] == ["ASIA2"]


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(renewal, "_PATIENCE", 0.0)
    with pytest.raises(RenewalError) as caught:
        RenewedKeys(generation(1, left=-1))()
    assert caught.value.error_id == "credentials.expired"
    assert RenewedKeys(generation(1))(Refused("ASIA1", "token 1")).access_key == "ASIA1"
    assert RenewedKeys(generation(1, left=None))(Refused("ASIA1", "token 1")).expiry is None


def test_a_wish_to_stop_ends_all_waiting():
    with stop_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(RenewalError):
            RenewedKeys(generation(1, left=-1), stop)()
        assert RenewedKeys(generation(1), stop)(Refused("ASIA1", "token 1")).access_key == "ASIA1"


def test_a_module_gets_a_provider_exactly_when_it_has_a_socket(path):
    options = dict(generation(1), scoped_credentials=None, credentials_socket=None, credentials_expiration=None)
    with renewed_keys(options) as keys:
        assert keys is None
    with renewed_keys(dict(options, credentials_socket=path, credentials_expiration="2126-01-02T03:04:05Z")) as keys:
        assert os.path.exists(path)
        assert keys() == ("ASIA1", "secret 1", "token 1", 4922996645.0)
    with pytest.raises(RenewalError) as caught, renewed_keys(dict(options, scoped_credentials={})):
        raise AssertionError("nobody mints on the host")
    assert caught.value.error_id == "credentials.no_action_plugin"
